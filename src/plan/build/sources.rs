//! Captured tables: everything that planned jobs or replicas read, with key and columns.

use std::collections::BTreeSet;

use super::BuildInput;
use super::names::topic_part;
use crate::catalog::model::{Table, TableKind};
use crate::plan::model::{Capture, KeyOrigin, LeftOut, Plan, Source, SourceColumn, StreamJob};
use crate::rel::{DataType, TableName};

/// Tables that planned jobs read.
pub fn read_by_jobs(plan: &Plan) -> BTreeSet<TableName> {
    plan.groups
        .iter()
        .flat_map(|g| &g.jobs)
        .flat_map(|j| j.reads.iter().cloned())
        .collect()
}

/// One source a table that is read, in order of name. A table that a planned job writes arrives by that job's
/// result topic, one behind files by the shipped topic, all others by change capture.
pub fn build(input: &BuildInput<'_>, plan: &Plan) -> Vec<Source> {
    let mut tables = read_by_jobs(plan);
    tables.extend(super::tables::replicas(input, plan));
    let known = tables.iter().filter_map(|t| input.catalog.tables.get(t));
    known
        .filter_map(|t| {
            capture(plan, t).map(|(capture, topic)| source(input, plan, t, capture, topic))
        })
        .collect()
}

/// Views are expanded before, and temporary tables are gone with their session.
fn capture(plan: &Plan, table: &Table) -> Option<(Capture, String)> {
    let written = writer(plan, table);
    let file = plan.file_inputs.iter().find(|f| f.table == table.name);
    match (written, file, table.kind) {
        (Some(job), _, _) => Some((Capture::Result, job.topic.clone())),
        (None, Some(file), _) => Some((Capture::File, file.topic.clone())),
        (None, None, TableKind::Table | TableKind::MaterializedView) => {
            let prefix = &plan.settings.kafka.prefix;
            let (schema, name) = (topic_part(&table.name.schema), topic_part(&table.name.name));
            Some((Capture::Cdc, format!("{prefix}.{schema}.{name}")))
        }
        (None, None, TableKind::Temporary | TableKind::External | TableKind::View) => None,
    }
}

/// The job whose result the table is.
fn writer<'p>(plan: &'p Plan, table: &Table) -> Option<&'p StreamJob> {
    let mut jobs = plan.groups.iter().flat_map(|g| &g.jobs);
    jobs.find(|j| j.write.target == table.name && !j.reads.contains(&table.name))
}

fn source(
    input: &BuildInput<'_>,
    plan: &Plan,
    table: &Table,
    capture: Capture,
    topic: String,
) -> Source {
    let (mut key, mut key_origin) = key(input, table);
    // A result topic is keyed as it is written: by the natural key, where the table's own is a drawn number.
    if let (Capture::Result, Some(job)) = (capture, writer(plan, table))
        && key != job.write.key
    {
        key.clone_from(&job.write.key);
        key_origin = KeyOrigin::Assumed;
    }
    let (columns, left_out) = columns(table);
    Source {
        table: table.name.clone(),
        topic,
        capture,
        columns,
        key,
        key_origin,
        rows: table.rows,
        left_out,
    }
}

/// The user's key, the primary key, or a unique key of columns that are never NULL.
pub fn key(input: &BuildInput<'_>, table: &Table) -> (Vec<String>, KeyOrigin) {
    let configured = input
        .config
        .tables
        .get(&table.name)
        .and_then(|t| t.key.clone());
    if let Some(key) = configured {
        return (key, KeyOrigin::Configured);
    }
    if let Some(key) = &table.primary_key {
        return (key.clone(), KeyOrigin::PrimaryKey);
    }
    let never_null = |u: &&Vec<String>| {
        u.iter()
            .all(|c| table.columns.get(c).is_some_and(|c| !c.nullable))
    };
    match table.uniques.iter().find(never_null) {
        Some(key) => (key.clone(), KeyOrigin::Unique),
        None => match table.assumed_keys.first() {
            Some(key) => (key.columns.clone(), KeyOrigin::Assumed),
            None => (Vec::new(), KeyOrigin::None),
        },
    }
}

/// Columns that change capture carries, and those it does not with the reason.
fn columns(table: &Table) -> (Vec<SourceColumn>, Vec<LeftOut>) {
    let (mut columns, mut left_out) = (Vec::new(), Vec::new());
    for c in table.columns.values() {
        match capture_problem(&c.ty, c.is_virtual) {
            Some(reason) => left_out.push(LeftOut {
                column: c.name.clone(),
                reason,
            }),
            None => columns.push(SourceColumn {
                name: c.name.clone(),
                ty: c.ty.clone(),
                nullable: c.nullable,
                comment: c.comment.clone(),
            }),
        }
    }
    (columns, left_out)
}

fn capture_problem(ty: &DataType, is_virtual: bool) -> Option<String> {
    match ty {
        _ if is_virtual => Some("a virtual column is not in the redo log".into()),
        DataType::Other { name } => Some(format!("{name} is not supported by the connector")),
        DataType::Unknown { reason } => Some(format!("its type is not known: {reason}")),
        DataType::Number { .. }
        | DataType::Float { .. }
        | DataType::BinaryFloat
        | DataType::BinaryDouble
        | DataType::Varchar { .. }
        | DataType::Char { .. }
        | DataType::Date
        | DataType::Timestamp { .. }
        | DataType::TimestampTz { .. }
        | DataType::TimestampLtz { .. }
        | DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Raw { .. }
        | DataType::Clob
        | DataType::Blob
        | DataType::Document
        | DataType::Boolean => None,
    }
}
