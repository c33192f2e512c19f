//! What only shows when all writes are known: rows that the same routine consumes, callees that meddle, other writers.

use std::collections::{BTreeMap, BTreeSet};

use super::super::cx::obstacle;
use super::super::exec::effect;
use super::super::model::{Fact, Meaning, Obstacle, ObstacleKind};
use super::{Draft, Estate, add, assumed, proved};
use crate::catalog::model::RoutineId;
use crate::rel::TableName;
use crate::source::Span;

/// Lifted writes whose source rows the batch itself changes on the way become obstacles.
pub(super) fn shared_rows(estate: &Estate<'_, '_>, drafts: &mut [Draft]) {
    // An obstacle may make another write's source uncertain: until nothing changes.
    loop {
        let found: Vec<(usize, Obstacle)> = (0..drafts.len())
            .filter_map(|i| {
                Some((
                    i,
                    meddled(estate, drafts, i).or_else(|| called(estate, drafts, i))?,
                ))
            })
            .collect();
        if found.is_empty() {
            return;
        }
        for (i, why) in found {
            drafts[i].step.meaning = Meaning::Obstacle(why);
        }
    }
}

fn scans(d: &Draft) -> Option<BTreeSet<TableName>> {
    match &d.step.meaning {
        Meaning::Lifted(l) => Some(l.query.scans().iter().map(|s| s.table.clone()).collect()),
        Meaning::PartOf(_) | Meaning::Obstacle(_) => None,
    }
}

/// The routine changes rows that this write reads, by a statement that is not planned itself.
fn meddled(estate: &Estate<'_, '_>, drafts: &[Draft], i: usize) -> Option<Obstacle> {
    let read = scans(&drafts[i])?;
    let routine = drafts[i].routine;
    let planned = |d: &Draft| match &d.step.meaning {
        Meaning::Lifted(_) => true,
        Meaning::PartOf(owner) => drafts
            .get(*owner)
            .is_some_and(|o| matches!(o.step.meaning, Meaning::Lifted(_))),
        Meaning::Obstacle(_) => false,
    };
    // Drafts stand in the order of routines.
    let first = drafts.partition_point(|d| d.routine < routine);
    let own = drafts[first..].iter().take_while(|d| d.routine == routine);
    // A routine that is called once a row runs over the caller's rows: what the caller changes it meets as well.
    let caller = estate.contexts[routine.0 as usize]
        .rows_of_call(estate.cx, routine)
        .map(|s| s.caller);
    let of_caller = caller.into_iter().flat_map(|c| {
        let first = drafts.partition_point(|d| d.routine < c);
        drafts[first..].iter().take_while(move |d| d.routine == c)
    });
    let other = own
        .chain(of_caller)
        .find(|d| !planned(d) && d.step.table.as_ref().is_some_and(|t| read.contains(t)))?;
    let table = other.step.table.as_ref()?;
    Some(obstacle(
        ObstacleKind::OrderDependent,
        other.step.span,
        format!(
            "the same routine changes {table}, which the statement reads, in a way that is not planned: rows are consumed or made on the way"
        ),
        "plan the other statement, or treat the table as a work queue",
    ))
}

/// A routine that is called in the loop has effects, is not known inside, or writes what the loop reads.
fn called(estate: &Estate<'_, '_>, drafts: &[Draft], i: usize) -> Option<Obstacle> {
    let read = scans(&drafts[i])?;
    let raw = estate.raw(drafts[i].routine, drafts[i].raw);
    let callees: BTreeSet<RoutineId> = raw.loop_calls.iter().copied().collect();
    if callees.is_empty() {
        return None;
    }
    for id in estate.cx.catalog().calls.reachable(callees) {
        let s = &estate.summaries[id.0 as usize];
        let name = estate.cx.routine(id).qualified();
        if let Some((what, span)) = s
            .side_effects
            .iter()
            .find(|(w, _)| !w.starts_with("UTL_FILE"))
        {
            return Some(effect(*span, what));
        }
        if let Some((what, span)) = s.unknown_calls.first() {
            return Some(unknown(*span, &name, what));
        }
        if let Some(table) = s.writes.iter().find(|t| read.contains(t)) {
            return Some(obstacle(
                ObstacleKind::OrderDependent,
                raw.span,
                format!("{name} is called once a row and writes {table}, which the loop reads"),
                "write the table in a statement of its own",
            ));
        }
    }
    None
}

fn unknown(span: Span, routine: &str, what: &str) -> Obstacle {
    obstacle(
        ObstacleKind::UnknownCallee,
        span,
        format!("{routine} is called once a row and runs `{what}`, which is not known"),
        "add its source to the input",
    )
}

/// Targets that several statements of batch code write.
pub(super) fn other_writers(drafts: &mut [Draft]) {
    let mut writers: BTreeMap<TableName, Vec<Span>> = BTreeMap::new();
    for d in drafts.iter() {
        let counts = !matches!(d.step.meaning, Meaning::PartOf(_))
            && !d.step.facts.contains_key(&Fact::ControlTable);
        if let (true, false, Some(t)) = (counts, d.step.jobs.is_empty(), &d.step.table) {
            writers.entry(t.clone()).or_default().push(d.step.span);
        }
    }
    for d in drafts.iter_mut() {
        let Some(spans) = d.step.table.as_ref().and_then(|t| writers.get(t)) else {
            continue;
        };
        let control = d.step.facts.contains_key(&Fact::ControlTable);
        if let Some(other) = spans.iter().find(|s| **s != d.step.span)
            && matches!(d.step.meaning, Meaning::Lifted(_))
            && !control
        {
            let note = "another statement of the batches writes the same table".to_string();
            add(&mut d.step.facts, Fact::OtherWriters, proved(note, *other));
            let note = "the statements that write the table write different keys; where two write one, the last change decides, in the batch the last run".to_string();
            add(
                &mut d.step.facts,
                Fact::DisjointWriters,
                assumed(note, *other),
            );
        }
    }
}
