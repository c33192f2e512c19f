//! What a write owes to tables and keys that no definition states: said, so that nothing planned rests on it unseen.

use super::super::keys::declared_keys;
use super::super::model::{Evidence, Fact, Facts, Lifted, Status};
use super::super::unique::rows_unique_by;
use super::{Estate, add};
use crate::catalog::model::{Catalog, Inferred, Table};
use crate::rel::{Named, Rel, Scalar, TableName};
use crate::source::Span;

/// Adds the assumptions of a lifted write to its facts.
pub(super) fn facts(
    estate: &Estate<'_, '_>,
    target: &Table,
    lifted: &Lifted,
    span: Span,
    facts: &mut Facts,
) {
    let catalog = estate.cx.catalog();
    let mut names: Vec<TableName> = lifted
        .query
        .scans()
        .iter()
        .map(|s| s.table.clone())
        .collect();
    names.push(target.name.clone());
    names.sort();
    names.dedup();
    let used: Vec<&Table> = names.iter().filter_map(|n| catalog.tables.get(n)).collect();
    let mut columns = Vec::new();
    for t in &used {
        columns.extend(columns_of(t, lifted, t.name == target.name));
    }
    say(facts, Fact::TableInferred, columns, span);
    let mut keys = Vec::new();
    for t in used {
        let own = (t.name == target.name).then_some(lifted.key.as_slice());
        let configured = estate.options.keys.contains_key(&t.name);
        keys.extend(key_of(t, own).filter(|_| !configured));
    }
    say(facts, Fact::KeyAssumed, keys, span);
}

fn say(facts: &mut Facts, fact: Fact, all: Vec<(String, Inferred)>, span: Span) {
    if all.is_empty() {
        return;
    }
    let notes: Vec<&str> = all.iter().map(|(n, _)| n.as_str()).collect();
    let mut spans: Vec<Span> = all.iter().flat_map(|(_, e)| e.spans.clone()).collect();
    spans.insert(0, span);
    let evidence = Evidence {
        status: Status::Assumed,
        note: notes.join("; "),
        spans,
    };
    add(facts, fact, evidence);
}

/// A table without a definition, or columns that its definition lacks.
fn columns_of(table: &Table, lifted: &Lifted, is_target: bool) -> Option<(String, Inferred)> {
    let mut used: Vec<String> = if is_target {
        lifted.columns.iter().map(|c| c.name.clone()).collect()
    } else {
        let scans = lifted.query.scans();
        let own = scans.iter().filter(|s| s.table == table.name);
        own.flat_map(|s| s.columns.iter().map(|c| c.name.clone()))
            .collect()
    };
    used.sort();
    used.dedup();
    let inferred: Vec<&str> = used
        .iter()
        .filter_map(|c| table.columns.get(c))
        .filter(|c| c.inferred.is_some())
        .map(|c| c.name.as_str())
        .collect();
    let first = used
        .iter()
        .filter_map(|c| table.columns.get(c)?.inferred.clone())
        .next();
    if inferred.is_empty() && table.inferred.is_none() {
        return None;
    }
    let message = if table.inferred.is_some() {
        format!(
            "{} has no definition in the input: its columns are those that the code names; an export of ALL_TAB_COLUMNS confirms it",
            table.name
        )
    } else {
        format!(
            "the definition of {} lacks {}, which the code uses",
            table.name,
            inferred.join(", ")
        )
    };
    let evidence = table.inferred.clone().or(first)?;
    Some((message, evidence))
}

/// A key that no definition states. For the target it is the key that is written by.
fn key_of(table: &Table, written: Option<&[String]>) -> Option<(String, Inferred)> {
    let same = |a: &[String], b: &[String]| {
        let sorted = |k: &[String]| {
            let mut k = k.to_vec();
            k.sort();
            k
        };
        sorted(a) == sorted(b)
    };
    let declared = declared_keys(table);
    let assumed = match written {
        Some(key) if declared.iter().any(|d| same(d, key)) => return None,
        Some(key) => table.assumed_keys.iter().find(|k| same(&k.columns, key))?,
        None if !declared.is_empty() => return None,
        None => table.assumed_keys.first()?,
    };
    let columns = assumed.columns.join(", ");
    let message = format!(
        "{columns} is taken to be the key of {}: {}; a constraint, or a count of {columns} that finds no two rows, confirms it",
        table.name, assumed.evidence.note
    );
    Some((message, assumed.evidence.clone()))
}

/// Outputs that carry the key of a source and keep the rows of a query apart: the key of a target that declares none.
pub(super) fn carried_key(
    catalog: &Catalog,
    query: &Rel,
    keys: &impl Fn(&TableName) -> Vec<Vec<String>>,
) -> Option<(Vec<String>, TableName)> {
    let Rel::Project { items, .. } = query else {
        return None;
    };
    let output = |alias: &str, column: &str| {
        let carries = |n: &&Named| matches!(&n.expr, Scalar::Column(c) if c.relation == alias && c.name == column);
        items.iter().find(carries).map(|n| n.name.clone())
    };
    for scan in query.scans() {
        if !catalog.tables.contains_key(&scan.table) {
            continue;
        }
        for key in keys(&scan.table) {
            let carried: Option<Vec<String>> = key.iter().map(|c| output(&scan.alias, c)).collect();
            if let Some(outputs) = carried
                && rows_unique_by(query, &outputs, keys).is_ok()
            {
                return Some((outputs, scan.table.clone()));
            }
        }
    }
    None
}
