//! A table that one routine empties and another fills: where the one runs before the other, the two are the emptying
//! and the filling of one load, as if they stood in one routine. Must not pair a table that is emptied after it was
//! read: that is a queue.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{Fact, Meaning, Verb};
use super::super::raw::RawBody;
use super::{Draft, Estate, add, assumed};
use crate::catalog::model::RoutineId;
use crate::rel::TableName;

/// Gives each lone emptying the one INSERT that fills its table.
pub(super) fn pair(estate: &Estate<'_, '_>, drafts: &mut [Draft]) {
    let mut by_table: BTreeMap<TableName, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (i, d) in drafts.iter().enumerate() {
        let Some(table) = d.step.table.clone().filter(|_| !d.step.jobs.is_empty()) else {
            continue;
        };
        let entry = by_table.entry(table).or_default();
        if empties(estate, d) {
            entry.0.push(i);
        } else if !matches!(d.step.meaning, Meaning::PartOf(_)) {
            entry.1.push(i);
        }
    }
    by_table.retain(|_, (emptyings, _)| !emptyings.is_empty());
    if by_table.is_empty() {
        return;
    }
    let callers = Callers::new(estate);
    for (table, (emptyings, others)) in by_table {
        let [filling] = others.as_slice() else {
            continue;
        };
        let ordered = emptyings
            .iter()
            .filter(|e| before(estate, &callers, drafts, **e, *filling, &table));
        let ordered: Vec<usize> = ordered.copied().collect();
        if !fills(&drafts[*filling]) || ordered.is_empty() || ordered.len() < emptyings.len() {
            continue;
        }
        join(estate, drafts, &ordered, *filling, &table);
    }
}

fn join(
    estate: &Estate<'_, '_>,
    drafts: &mut [Draft],
    emptyings: &[usize],
    filling: usize,
    table: &TableName,
) {
    let routines: BTreeSet<String> = emptyings
        .iter()
        .map(|e| estate.cx.routine(drafts[*e].routine).qualified())
        .collect();
    let names: Vec<String> = routines.into_iter().collect();
    let note = format!(
        "{table} is emptied by {} before every run that fills it",
        names.join(", ")
    );
    for e in emptyings {
        let at = drafts[filling].step.span;
        drafts[*e].step.meaning = Meaning::PartOf(filling);
        let facts = &mut drafts[*e].step.facts;
        add(facts, Fact::PairedDelete, assumed(note.clone(), at));
    }
    let at = drafts[emptyings[0]].step.span;
    let facts = &mut drafts[filling].step.facts;
    // It holds the rows of the last run, whatever earlier runs have seen.
    facts.remove(&Fact::EachRowOnce);
    facts.remove(&Fact::SourceRowsFinal);
    add(facts, Fact::EmptiesTargetBefore, assumed(note, at));
}

/// TRUNCATE, or DELETE of all rows, that nothing in its routine belongs to.
fn empties(estate: &Estate<'_, '_>, d: &Draft) -> bool {
    let raw = estate.raw(d.routine, d.raw);
    let all = matches!(
        &raw.body,
        RawBody::Delete {
            predicate: None,
            ..
        }
    );
    let lone = matches!(d.step.meaning, Meaning::Obstacle(_));
    all && lone && raw.blocked.is_none() && raw.guards.is_empty() && !raw.from_loop
}

/// Rows of a query, the same whenever it runs.
fn fills(d: &Draft) -> bool {
    let has = |f| d.step.facts.contains_key(&f);
    matches!(d.step.meaning, Meaning::Lifted(_))
        && d.step.verb == Verb::Insert
        && has(Fact::InsertsQuery)
        && has(Fact::NoPeriod)
        && !has(Fact::InsertsMissingKeys)
        && !has(Fact::QueueConsumed)
        && !has(Fact::UpdatesInPlace)
}

/// Nothing shows that the table is emptied after it is filled, or after it was read.
fn before(
    estate: &Estate<'_, '_>,
    callers: &Callers,
    drafts: &[Draft],
    emptying: usize,
    filling: usize,
    table: &TableName,
) -> bool {
    let (a, b) = (&drafts[emptying], &drafts[filling]);
    let reads = |d: &Draft| match &d.step.meaning {
        Meaning::Lifted(l) => l.query.scans().iter().any(|s| s.table == *table),
        Meaning::PartOf(_) | Meaning::Obstacle(_) => {
            let read = &estate.executed[d.routine.0 as usize].reads;
            read.contains(table)
        }
    };
    let earlier = drafts
        .iter()
        .filter(|d| d.routine == a.routine && d.step.span.start < a.step.span.start);
    if earlier.into_iter().any(reads) {
        return false;
    }
    let (to_a, to_b) = (callers.of(a.routine), callers.of(b.routine));
    let order = |r: &RoutineId| {
        let first = |of: RoutineId, own: u32, through: &BTreeSet<RoutineId>| {
            if of == *r {
                return Some(own);
            }
            let calls = estate.executed[r.0 as usize].calls.iter();
            let reach = calls.filter(|c| through.contains(&c.callee));
            reach.map(|c| c.span.start).min()
        };
        let (x, y) = (
            first(a.routine, a.step.span.start, &to_a)?,
            first(b.routine, b.step.span.start, &to_b)?,
        );
        (x != y).then_some(x < y)
    };
    to_a.intersection(&to_b).filter_map(order).all(|o| o)
}

/// Who calls whom, backwards.
struct Callers(Vec<Vec<RoutineId>>);

impl Callers {
    fn new(estate: &Estate<'_, '_>) -> Self {
        let calls = &estate.cx.catalog().calls;
        let mut all = vec![Vec::new(); estate.executed.len()];
        for id in 0..estate.executed.len() as u32 {
            for callee in calls.callees(RoutineId(id)) {
                all[callee.0 as usize].push(RoutineId(id));
            }
        }
        Callers(all)
    }

    /// The routine and all that lead to it.
    fn of(&self, routine: RoutineId) -> BTreeSet<RoutineId> {
        let mut seen = BTreeSet::from([routine]);
        let mut open = vec![routine];
        while let Some(id) = open.pop() {
            for caller in &self.0[id.0 as usize] {
                if seen.insert(*caller) {
                    open.push(*caller);
                }
            }
        }
        seen
    }
}
