//! Writes that only record a run: their values come from variables, the clock and the session, and no planned query
//! reads the table.

use std::collections::BTreeMap;

use super::super::env::{OPAQUE, Opaques};
use super::super::model::{Fact, Meaning, Obstacle, ObstacleKind, Verb};
use super::super::period::as_param;
use super::super::raw::{RawBody, RawWrite};
use super::super::tree::any;
use super::runs::Runs;
use super::{Draft, Estate, add, assumed, proved};
use crate::rel::{Rel, Scalar, TableName};

/// Marks all writes of tables that only record runs.
pub(super) fn mark(estate: &Estate<'_, '_>, drafts: &mut [Draft]) {
    let tables = tables(estate, drafts);
    for d in drafts.iter_mut() {
        let Some(table) = d.step.table.clone() else {
            continue;
        };
        let Some(by_name) = tables.get(&table).copied() else {
            continue;
        };
        let autonomous = estate.cx.routine(d.routine).autonomous;
        let own = if autonomous {
            ", in a transaction of its own"
        } else {
            ""
        };
        let raw = estate.raw(d.routine, d.raw);
        let failed = raw.in_handler && raw.verb == Verb::Insert;
        let note = if failed {
            format!(
                "rows that failed are written to {table} after an error; in the stream they go to the dead-letter topic"
            )
        } else if d.step.facts.contains_key(&Fact::Retention) {
            format!(
                "rows of {table} are deleted by their age: the topics' and logs' own retention replaces it"
            )
        } else if by_name {
            format!(
                "{table} is taken to be a log: by its name, and because every row holds the moment of the run or a number of its own{own}; no planned query reads it"
            )
        } else {
            format!(
                "{table} gets values of variables, the clock and the session only{own}, and no planned query reads it"
            )
        };
        d.step
            .facts
            .retain(|f, _| *f == Fact::AutonomousTransaction || *f == Fact::DynamicTextKnown);
        add(
            &mut d.step.facts,
            if failed {
                Fact::ErrorRows
            } else {
                Fact::ControlTable
            },
            if by_name {
                assumed(note.clone(), d.step.span)
            } else {
                proved(note.clone(), d.step.span)
            },
        );
        d.step.meaning = Meaning::Obstacle(Obstacle {
            kind: ObstacleKind::NotLowered,
            message: format!("it records the run: {note}"),
            spans: vec![d.step.span],
            unlock: "nothing to do: the engine's own metrics and logs replace it".into(),
        });
    }
}

/// What the writes of a table have in common.
#[derive(Clone, Copy)]
struct Found {
    /// All record a run.
    own: bool,
    /// Some says when or how often.
    mark: bool,
    /// Some holds values of rows, and is a log by its name.
    by_name: bool,
}

/// Tables that only record runs; true where the name says so.
fn tables(estate: &Estate<'_, '_>, drafts: &[Draft]) -> BTreeMap<TableName, bool> {
    let mut found: BTreeMap<TableName, Found> = BTreeMap::new();
    for d in drafts {
        let Some(table) = &d.step.table else { continue };
        let raw = estate.raw(d.routine, d.raw);
        let opaques = &estate.executed[d.routine.0 as usize].shared.opaques;
        let runs = &estate.executed[d.routine.0 as usize].shared.runs;
        let failed = raw.in_handler && raw.verb == Verb::Insert;
        let certain =
            run_only(raw, opaques, runs) || failed || d.step.facts.contains_key(&Fact::Retention);
        let by_name = !certain && is_log(raw, table, opaques, runs);
        let own = certain || by_name;
        let mark = estate.cx.routine(d.routine).autonomous || tracks(raw, opaques, runs) || failed;
        let entry = found.entry(table.clone()).or_insert(Found {
            own: true,
            mark: false,
            by_name: false,
        });
        entry.own &= own;
        entry.by_name |= by_name;
        entry.mark |= own && mark && raw.verb != Verb::Delete && raw.verb != Verb::Truncate;
    }
    let mut tables: BTreeMap<TableName, bool> = found
        .into_iter()
        .filter(|(_, f)| f.own && f.mark)
        .map(|(t, f)| (t, f.by_name))
        .collect();
    for d in drafts {
        if let (Meaning::Lifted(l), Some(target)) = (&d.step.meaning, &d.step.table)
            && !tables.contains_key(target)
        {
            for scan in l.query.scans() {
                tables.remove(&scan.table);
            }
        }
    }
    tables
}

/// A row of a log, with values of rows in its message: a helper writes one row of what it is given, the table is called
/// a log, and the row says when it was written.
fn is_log(raw: &RawWrite, table: &TableName, opaques: &Opaques, runs: &Runs) -> bool {
    let words = ["LOG", "LOGS", "ERR", "ERROR", "ERRORS", "TRACE", "DEBUG"];
    let called = table.name.split('_').any(|w| words.contains(&w));
    let one_row = matches!(&raw.body, RawBody::Insert { query } if query.scans().is_empty());
    called && one_row && raw.verb == Verb::Insert && tracks(raw, opaques, runs)
}

/// The values are the same for all rows of a run.
fn run_only(raw: &RawWrite, opaques: &Opaques, runs: &Runs) -> bool {
    let run = |s: &Scalar, own: &str| {
        !any(s, &|n| match n {
            // Sums and values that are read are data; only counts of rows record a run.
            Scalar::Call { .. } => as_param(n)
                .and_then(|p| runs.get(p))
                .is_some_and(|v| !v.counts && matches!(v.from, Rel::Aggregate { .. })),
            Scalar::Column(c) if c.relation == OPAQUE => opaques.of(c).is_none_or(|o| !o.run_level),
            Scalar::Column(c) => own.is_empty() || c.relation != own,
            Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. } => true,
            _ => false,
        })
    };
    match &raw.body {
        RawBody::Insert { query } => values(query).is_some_and(|v| v.iter().all(|s| run(s, ""))),
        RawBody::Upsert(u) => values(&u.query).is_some_and(|v| v.iter().all(|s| run(s, ""))),
        RawBody::Delete { alias, predicate } => predicate.as_ref().is_none_or(|p| run(p, alias)),
        RawBody::Update(u) => {
            u.sets.iter().all(|(_, v)| run(v, &u.alias))
                && u.predicate.as_ref().is_some_and(|p| run(p, &u.alias))
        }
        RawBody::Obstacle(_) => false,
    }
}

fn values(query: &Rel) -> Option<Vec<&Scalar>> {
    match query {
        Rel::Project { items, .. } => Some(items.iter().map(|n| &n.expr).collect()),
        _ => None,
    }
}

/// A value is the clock, the session, a sequence number, a row count.
fn tracks(raw: &RawWrite, opaques: &Opaques, runs: &Runs) -> bool {
    let mark = |s: &Scalar| {
        any(s, &|n| match n {
            Scalar::Call { .. } => as_param(n)
                .and_then(|p| runs.get(p))
                .is_some_and(|v| v.counts),
            Scalar::EventTime { .. } | Scalar::EventUser => true,
            Scalar::Column(c) => opaques.of(c).is_some_and(|o| o.run_level),
            _ => false,
        })
    };
    match &raw.body {
        RawBody::Insert { query } => values(query).is_some_and(|v| v.iter().any(|s| mark(s))),
        RawBody::Upsert(u) => values(&u.query).is_some_and(|v| v.iter().any(|s| mark(s))),
        RawBody::Update(u) => u.sets.iter().any(|(_, v)| mark(v)),
        RawBody::Delete { .. } | RawBody::Obstacle(_) => false,
    }
}
