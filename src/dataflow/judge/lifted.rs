//! The lifted write: columns with their types and roles, and where the clock may stand.

use super::super::cx::obstacle;
use super::super::model::{Lifted, LiftedColumn, Obstacle, ObstacleKind};
use super::super::period::Debatched;
use super::super::shape::narrow;
use super::super::tree::{any, picks_clock, reads_clock, visit_rel};
use super::Estate;
use super::rows::Rows;
use crate::rel::{ColumnRole, DataType, Rel, Scalar};
use crate::source::Span;

/// The clock may stand in an output alone, or for a value that is missing; anywhere else the result depends on when it
/// is asked. A row that is written `once` keeps no moment, so that it may not be mixed with data.
pub(super) fn clock_outside(query: &Rel, span: Span, once: bool) -> Result<(), Obstacle> {
    let bad = Err(obstacle(
        ObstacleKind::NonDeterministic,
        span,
        "the result depends on the time at which it is asked (SYSDATE compared or combined with data)",
        "write the moment to a column and compare with that, or compute it where the result is read",
    ));
    let Rel::Project { input, items } = query else {
        let mut found = false;
        visit_rel(query, &mut |s| found |= reads_clock(s));
        return if found { bad } else { Ok(()) };
    };
    let mut found = false;
    visit_rel(input, &mut |s| found |= reads_clock(s));
    found |= items
        .iter()
        .any(|n| !picks_clock(&n.expr) || (once && mixed(&n.expr)));
    if found { bad } else { Ok(()) }
}

/// Data, and the clock where it is missing.
fn mixed(s: &Scalar) -> bool {
    reads_clock(s) && any(s, &|n| matches!(n, Scalar::Column(_)))
}

/// Columns that hold the moment of the run where the source has no value.
fn moments(query: &Rel) -> Option<String> {
    let Rel::Project { items, .. } = query else {
        return None;
    };
    let names: Vec<&str> = items
        .iter()
        .filter(|n| mixed(&n.expr))
        .map(|n| n.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} hold the moment of the run where the source has no value: they are left out of comparisons",
            names.join(", ")
        )
    })
}

/// Puts the parts together.
pub(super) fn lifted(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    key: Vec<String>,
    done: Debatched,
) -> Result<Lifted, Obstacle> {
    let span = rows.raw.span;
    let query = narrow(estate.cx.catalog(), done.query);
    let mut columns = Vec::new();
    for c in query.outputs() {
        let Some(target) = rows.table.columns.get(&c.name) else {
            continue;
        };
        let audit = is_audit(&query, &c.name);
        let in_key = key.contains(&c.name);
        if audit && in_key {
            return Err(obstacle(
                ObstacleKind::NonDeterministic,
                span,
                format!("the clock is part of the key ({})", c.name),
                "take a column of the source as the key",
            ));
        }
        columns.push(LiftedColumn {
            name: c.name,
            ty: known(&target.ty, &c.ty),
            nullable: target.nullable && !in_key,
            role: match (in_key, audit || rows.drawn.contains(&target.name)) {
                (true, _) => ColumnRole::Key,
                (false, true) => ColumnRole::Audit,
                (false, false) => ColumnRole::Value,
            },
        });
    }
    if let Some(missing) = key.iter().find(|k| !columns.iter().any(|c| c.name == **k)) {
        return Err(obstacle(
            ObstacleKind::NoKey,
            span,
            format!("the key column {missing} is not written"),
            "write all columns of the key",
        ));
    }
    let mut notes = rows.raw.notes.clone();
    notes.extend(done.notes);
    notes.extend(moments(&query));
    notes.dedup();
    Ok(Lifted {
        columns,
        key,
        query,
        period: done.period,
        notes,
    })
}

fn known(target: &DataType, own: &DataType) -> DataType {
    match target {
        DataType::Unknown { .. } => own.clone(),
        other => other.clone(),
    }
}

fn is_audit(query: &Rel, name: &str) -> bool {
    let Rel::Project { items, .. } = query else {
        return false;
    };
    let item = items.iter().find(|n| n.name == name);
    item.is_some_and(|n| reads_clock(&n.expr))
}
