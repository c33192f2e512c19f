//! Captured tables: everything that planned jobs or replicas read, with key and columns.

use std::collections::BTreeSet;

use super::BuildInput;
use super::names::topic_part;
use crate::catalog::model::{Table, TableKind};
use crate::plan::model::{KeyOrigin, LeftOut, Plan, Source, SourceColumn};
use crate::rel::{DataType, TableName};

/// Tables that planned jobs read.
pub fn read_by_jobs(plan: &Plan) -> BTreeSet<TableName> {
    plan.groups.iter().flat_map(|g| &g.jobs).flat_map(|j| j.reads.iter().cloned()).collect()
}

/// One source a table that is read and not filled from files, in order of name.
pub fn build(input: &BuildInput<'_>, plan: &Plan) -> Vec<Source> {
    let mut tables = read_by_jobs(plan);
    tables.extend(super::tables::replicas(input, plan));
    let from_files: BTreeSet<_> = plan.file_inputs.iter().map(|f| &f.table).collect();
    let known = tables.iter().filter(|t| !from_files.contains(t)).filter_map(|t| input.catalog.tables.get(t));
    known.filter(|t| captured(t.kind)).map(|t| source(input, t)).collect()
}

/// Views are expanded before; external tables arrive as files.
fn captured(kind: TableKind) -> bool {
    match kind {
        TableKind::Table | TableKind::MaterializedView => true,
        TableKind::Temporary | TableKind::External | TableKind::View => false,
    }
}

fn source(input: &BuildInput<'_>, table: &Table) -> Source {
    let prefix = &input.config.settings.kafka.prefix;
    let (key, key_origin) = key(input, table);
    let (columns, left_out) = columns(table);
    Source {
        table: table.name.clone(),
        topic: format!("{prefix}.{}.{}", topic_part(&table.name.schema), topic_part(&table.name.name)),
        columns,
        key,
        key_origin,
        rows: table.rows,
        left_out,
    }
}

/// The user's key, the primary key, or a unique key of columns that are never NULL.
pub fn key(input: &BuildInput<'_>, table: &Table) -> (Vec<String>, KeyOrigin) {
    let configured = input.config.tables.get(&table.name).and_then(|t| t.key.clone());
    if let Some(key) = configured {
        return (key, KeyOrigin::Configured);
    }
    if let Some(key) = &table.primary_key {
        return (key.clone(), KeyOrigin::PrimaryKey);
    }
    let never_null = |u: &&Vec<String>| u.iter().all(|c| table.columns.get(c).is_some_and(|c| !c.nullable));
    match table.uniques.iter().find(never_null) {
        Some(key) => (key.clone(), KeyOrigin::Unique),
        None => (Vec::new(), KeyOrigin::None),
    }
}

/// Columns that change capture carries, and those it does not with the reason.
fn columns(table: &Table) -> (Vec<SourceColumn>, Vec<LeftOut>) {
    let (mut columns, mut left_out) = (Vec::new(), Vec::new());
    for c in table.columns.values() {
        match capture_problem(&c.ty, c.is_virtual) {
            Some(reason) => left_out.push(LeftOut { column: c.name.clone(), reason }),
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
