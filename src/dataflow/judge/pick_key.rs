//! The target's key: what is matched by an upsert, else the first that the table has, else what makes the rows unique.

use std::collections::BTreeSet;

use super::super::cx::obstacle;
use super::super::model::{Fact, Facts, Obstacle, ObstacleKind};
use super::super::unique::unique_keys;
use super::row_facts::source_keys;
use super::rows::Rows;
use super::{Estate, add, assumed, failed, inferred, proved};

/// The key.
pub(super) fn key(
    estate: &Estate<'_, '_>,
    rows: &mut Rows<'_>,
    facts: &mut Facts,
) -> Result<Vec<String>, Obstacle> {
    match rows.upsert {
        Some(u) => matched(rows, &u.on, facts),
        None => Ok(inserted(estate, rows, facts)),
    }
}

fn inserted(estate: &Estate<'_, '_>, rows: &Rows<'_>, facts: &mut Facts) -> Vec<String> {
    let span = rows.raw.span;
    if let (true, Some(k)) = (rows.own_rows, rows.keys.first()) {
        let note = format!("the key is {}", k.join(", "));
        add(facts, Fact::TargetKeyKnown, proved(note, span));
        return k.clone();
    }
    let written: BTreeSet<String> = rows.query.outputs().into_iter().map(|c| c.name).collect();
    let whole = |k: &&Vec<String>| k.iter().all(|c| written.contains(c));
    if let Some(k) = rows.keys.iter().find(whole).or(rows.keys.first()) {
        let note = format!("the key is {}", k.join(", "));
        add(facts, Fact::TargetKeyKnown, proved(note, span));
        return k.clone();
    }
    let keys = source_keys(estate);
    if let Some((key, source)) = inferred::carried_key(estate.cx.catalog(), &rows.query, &keys) {
        let note = format!(
            "no key of {} is declared; its rows carry the key of {source}, each once: {}",
            rows.table.name,
            key.join(", ")
        );
        add(facts, Fact::TargetKeyKnown, assumed(note, span));
        return key;
    }
    let of_rows = unique_keys(&rows.query, &source_keys(estate));
    match of_rows
        .into_iter()
        .filter(|k| !k.is_empty())
        .min_by_key(Vec::len)
    {
        Some(k) => {
            let names: Vec<String> = k.into_iter().map(|c| c.name).collect();
            let note = format!(
                "no key of {} is declared; ({}) makes the rows unique that are written",
                rows.table.name,
                names.join(", ")
            );
            add(facts, Fact::TargetKeyKnown, assumed(note, span));
            names
        }
        None => {
            let note = format!("no key of {} is known", rows.table.name);
            add(facts, Fact::TargetKeyKnown, failed(note, span));
            Vec::new()
        }
    }
}

fn matched(rows: &Rows<'_>, on: &[String], facts: &mut Facts) -> Result<Vec<String>, Obstacle> {
    let span = rows.raw.span;
    let sorted = |k: &[String]| {
        let mut k = k.to_vec();
        k.sort();
        k.dedup();
        k
    };
    if let Some(k) = rows.keys.iter().find(|k| sorted(k) == sorted(on)) {
        let note = format!("the key is {}", k.join(", "));
        add(facts, Fact::TargetKeyKnown, proved(note, span));
        return Ok(k.clone());
    }
    let list = on.join(", ");
    if rows.keys.is_empty() {
        let note = format!(
            "no key of {} is declared; {list} is what the statement matches by",
            rows.table.name
        );
        add(facts, Fact::TargetKeyKnown, assumed(note, span));
        return Ok(on.to_vec());
    }
    // A surrogate key beside the natural one that is matched: the match is the key of the rows.
    let written: Vec<String> = rows.query.outputs().into_iter().map(|c| c.name).collect();
    let surrogate = rows
        .keys
        .iter()
        .all(|k| k.iter().any(|c| !written.contains(c)));
    if surrogate {
        let note = format!(
            "rows are matched by {list}; the declared key of {} is a number that the batch draws",
            rows.table.name
        );
        add(facts, Fact::TargetKeyKnown, assumed(note, span));
        return Ok(on.to_vec());
    }
    Err(obstacle(
        ObstacleKind::OrderDependent,
        span,
        format!(
            "rows are matched by {list}, which is no key of {}: several rows may match one",
            rows.table.name
        ),
        "match by the key",
    ))
}
