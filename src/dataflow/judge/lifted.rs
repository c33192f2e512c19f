//! The lifted write: columns with their types and roles, and where the clock may stand.

use super::super::cx::obstacle;
use super::super::model::{Lifted, LiftedColumn, Obstacle, ObstacleKind};
use super::super::period::Debatched;
use super::super::shape::narrow;
use super::super::tree::{any, visit, visit_rel};
use super::Estate;
use super::rows::Rows;
use crate::rel::{ColumnRole, DataType, Rel, Scalar};
use crate::source::Span;

/// The clock may stand alone in an output; anywhere else the result depends on when it is asked.
pub(super) fn clock_outside(query: &Rel, span: Span) -> Result<(), Obstacle> {
    let clock = |s: &Scalar| {
        any(s, &|n| {
            matches!(n, Scalar::EventTime { .. } | Scalar::EventUser)
        })
    };
    let bad = Err(obstacle(
        ObstacleKind::NonDeterministic,
        span,
        "the result depends on the time at which it is asked (SYSDATE compared or combined with data)",
        "write the moment to a column and compare with that, or compute it where the result is read",
    ));
    let Rel::Project { input, items } = query else {
        let mut found = false;
        visit_rel(query, &mut |s| found |= clock(s));
        return if found { bad } else { Ok(()) };
    };
    let mut found = false;
    visit_rel(input, &mut |s| found |= clock(s));
    for n in items.iter().filter(|n| clock(&n.expr)) {
        let mut data = false;
        visit(&n.expr, &mut |s| {
            data |= matches!(s, Scalar::Column(_) | Scalar::Case { .. })
        });
        found |= data;
    }
    if found { bad } else { Ok(()) }
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
            role: match (in_key, audit) {
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
    item.is_some_and(|n| {
        any(&n.expr, &|s| {
            matches!(s, Scalar::EventTime { .. } | Scalar::EventUser)
        })
    })
}
