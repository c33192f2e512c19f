//! Numbers drawn from a sequence: in the stream a row needs a number that is the same whenever it is written. It is
//! the natural key itself where that is a number, else a number of the source that no two rows share, else it is left
//! out; the rows are known by their natural key.

use super::super::env::OPAQUE;
use super::super::model::{Fact, Facts, Obstacle};
use super::super::tree::any;
use super::super::unique::{rows_unique_by, unique_keys};
use super::row_facts::source_keys;
use super::rows::Rows;
use super::{Estate, add, assumed};
use crate::catalog::model::RoutineId;
use crate::rel::{Named, Rel, Scalar};

/// Takes drawn numbers out of the rows.
pub(super) fn put(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    rows: &mut Rows<'_>,
    facts: &mut Facts,
) -> Result<(), Obstacle> {
    let opaques = &estate.executed[routine.0 as usize].shared.opaques;
    let drawn = |s: &Scalar| match super::super::tree::bare(s) {
        Scalar::Column(c) if c.relation == OPAQUE => opaques.of(c).is_some_and(|o| o.drawn),
        _ => false,
    };
    let Rel::Project { input, items } = &rows.query else {
        return Ok(());
    };
    let columns: Vec<String> = items
        .iter()
        .filter(|n| drawn(&n.expr))
        .map(|n| n.name.clone())
        .collect();
    if columns.is_empty() {
        return Ok(());
    }
    let kept: Vec<Named> = items.iter().filter(|n| !drawn(&n.expr)).cloned().collect();
    let opaque = |s: &Scalar| {
        any(
            s,
            &|n| matches!(n, Scalar::Column(c) if c.relation == OPAQUE),
        )
    };
    if kept.iter().any(|n| opaque(&n.expr)) {
        return Ok(());
    }
    let rest = Rel::Project {
        input: input.clone(),
        items: kept,
    };
    let natural = natural_key(estate, rows, &rest, &columns);
    let Some(natural) = natural else {
        return Ok(());
    };
    let mut items = match &rest {
        Rel::Project { items, .. } => items.clone(),
        _ => Vec::new(),
    };
    // A natural key that is one number stands for the drawn one.
    let number = match natural.as_slice() {
        [one] => items
            .iter()
            .find(|n| n.name == *one)
            .map(|n| n.expr.clone())
            .filter(|e| e.ty().is_numeric()),
        _ => None,
    };
    let number = number.or_else(|| own_number(estate, input));
    let instead = match number {
        Some(_) => "the stream writes a number of the source in its place",
        None => "who else reads the number must read that",
    };
    let note = format!(
        "{} is drawn from a sequence; the rows are known by ({}), and {instead}",
        columns.join(", "),
        natural.join(", ")
    );
    add(facts, Fact::SurrogateKey, assumed(note, rows.raw.span));
    if let Some(expr) = number {
        rows.drawn.clone_from(&columns);
        for name in &columns {
            items.push(Named {
                name: name.clone(),
                expr: expr.clone(),
            });
        }
    }
    rows.query = Rel::Project {
        input: input.clone(),
        items,
    };
    rows.keys.retain(|k| !k.iter().any(|c| columns.contains(c)));
    if rows.keys.is_empty() {
        rows.keys.push(natural);
    }
    Ok(())
}

/// A number of the source that no two rows share.
fn own_number(estate: &Estate<'_, '_>, rows: &Rel) -> Option<Scalar> {
    let keys = source_keys(estate);
    for column in rows.outputs() {
        let scans = rows.scans();
        let scan = scans.iter().find(|s| s.alias == column.relation);
        let is_key = |k: &Vec<String>| k.as_slice() == [column.name.clone()];
        let own = scan.is_some_and(|s| keys(&s.table).iter().any(is_key));
        if !own || column.nullable || !column.ty.is_numeric() {
            continue;
        }
        let name = column.name.clone();
        let alone = Rel::Project {
            input: Box::new(rows.clone()),
            items: vec![Named {
                name: name.clone(),
                expr: Scalar::Column(column.clone()),
            }],
        };
        if rows_unique_by(&alone, &[name], &keys).is_ok() {
            return Some(Scalar::Column(column));
        }
    }
    None
}

/// What is matched, another key of the target, or what makes the rows unique.
fn natural_key(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    rest: &Rel,
    drawn: &[String],
) -> Option<Vec<String>> {
    if let Some(u) = rows.upsert {
        return Some(u.on.clone());
    }
    if let Some(k) = rows
        .keys
        .iter()
        .find(|k| !k.iter().any(|c| drawn.contains(c)))
    {
        return Some(k.clone());
    }
    unique_keys(rest, &source_keys(estate))
        .into_iter()
        .filter(|k| !k.is_empty())
        .min_by_key(Vec::len)
        .map(|k| k.into_iter().map(|c| c.name).collect())
}
