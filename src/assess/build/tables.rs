//! Tables with what every routine does to them: the CRUD matrix.

use std::collections::{BTreeMap, BTreeSet};

use super::Cx;
use crate::assess::model::*;
use crate::catalog::model::{RoutineId, Table, TableKind as Kind};
use crate::dataflow::model::Verb;
use crate::rel::TableName;

type Accesses = BTreeMap<TableName, BTreeMap<RoutineId, TableAccess>>;

/// Every table that is created or used, in order of name.
pub(super) fn build(cx: &Cx<'_>) -> Vec<TableReport> {
    let accesses = accesses(cx);
    let known = cx.on.catalog.tables.keys().cloned();
    let names: BTreeSet<TableName> = known.chain(accesses.keys().cloned()).collect();
    let none = BTreeMap::new();
    let writers = writers(cx);
    names
        .iter()
        .map(|n| report(cx, n, accesses.get(n).unwrap_or(&none), &writers))
        .collect()
}

fn accesses(cx: &Cx<'_>) -> Accesses {
    let mut all = Accesses::new();
    let entry = |all: &mut Accesses, table: &TableName, id: RoutineId, f: fn(&mut TableAccess)| {
        let access = all
            .entry(table.clone())
            .or_default()
            .entry(id)
            .or_insert_with(|| TableAccess {
                routine: cx.routine_name(id),
                batch: cx.batch.contains(&id),
                ..TableAccess::default()
            });
        f(access);
    };
    for (i, body) in cx.bodies.iter().enumerate() {
        for (table, _) in &body.reads {
            entry(&mut all, table, RoutineId(i as u32), |a| a.reads += 1);
        }
    }
    for step in &cx.on.flows.steps {
        if let Some(table) = &step.table {
            entry(&mut all, table, step.routine, count(step.verb));
        }
    }
    all
}

fn count(verb: Verb) -> fn(&mut TableAccess) {
    match verb {
        Verb::Insert => |a| a.creates += 1,
        Verb::Update => |a| a.updates += 1,
        Verb::Delete | Verb::Truncate => |a| a.deletes += 1,
        Verb::Merge => |a| {
            a.creates += 1;
            a.updates += 1;
        },
    }
}

fn report(
    cx: &Cx<'_>,
    name: &TableName,
    accesses: &BTreeMap<RoutineId, TableAccess>,
    writers: &Writers<'_>,
) -> TableReport {
    let table = cx.on.catalog.tables.get(name);
    TableReport {
        name: name.to_string(),
        kind: table.map_or(TableKind::Unknown, |t| kind(t.kind)),
        comment: table.and_then(|t| t.comment.clone()),
        columns: table.map_or(0, |t| t.columns.len() as u32),
        key: table.map(key).unwrap_or_default(),
        rows: table.and_then(|t| t.rows),
        place: table.and_then(|t| t.span).map(|s| cx.place(s)),
        access: accesses.values().cloned().collect(),
        writer_jobs: writer_jobs(cx, name, writers),
        external_readers: external_readers(cx, name, accesses),
    }
}

fn kind(kind: Kind) -> TableKind {
    match kind {
        Kind::Table => TableKind::Table,
        Kind::Temporary => TableKind::Temporary,
        Kind::External => TableKind::External,
        Kind::View | Kind::MaterializedView => TableKind::View,
    }
}

fn key(table: &Table) -> Vec<String> {
    let unique = || table.uniques.first().cloned();
    table
        .primary_key
        .clone()
        .or_else(unique)
        .unwrap_or_default()
}

/// Jobs that write each table.
type Writers<'a> = BTreeMap<&'a TableName, BTreeSet<usize>>;

fn writers<'a>(cx: &Cx<'a>) -> Writers<'a> {
    let mut out = Writers::new();
    for step in &cx.on.flows.steps {
        if let Some(table) = &step.table {
            let jobs = step.jobs.iter().copied();
            out.entry(table).or_default().extend(jobs);
        }
    }
    out
}

fn writer_jobs(cx: &Cx<'_>, name: &TableName, writers: &Writers<'_>) -> Vec<String> {
    let jobs = writers.get(name).into_iter().flatten();
    jobs.filter_map(|j| cx.on.catalog.jobs.get(*j))
        .map(|j| j.name.clone())
        .collect()
}

/// Routines outside the batch that read it, and reader queries of the project file.
fn external_readers(
    cx: &Cx<'_>,
    name: &TableName,
    accesses: &BTreeMap<RoutineId, TableAccess>,
) -> Vec<String> {
    let routines = accesses.values().filter(|a| !a.batch && a.reads > 0);
    let mut out: Vec<String> = routines.map(|a| a.routine.clone()).collect();
    let queries = cx.on.built.plan.queries.iter();
    out.extend(
        queries
            .filter(|q| q.tables.contains(name))
            .map(|q| q.name.clone()),
    );
    out
}
