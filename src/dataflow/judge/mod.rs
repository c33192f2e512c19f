//! From raw writes to steps: which delete belongs to which insert, whether the period can be removed, every
//! precondition as a fact with its evidence, and an honest obstacle where one fails. Must not know rules.

mod after;
mod checks;
mod consumed;
mod control;
mod delta;
mod dimension;
mod emptied;
mod exists;
mod in_place;
mod in_place_rows;
mod inferred;
mod keep_first;
mod lifted;
mod pairs;
mod period_facts;
mod pick_key;
mod prepare;
mod removed;
mod row_facts;
mod rows;
mod runs;
mod skipped;
mod surrogate;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::context::Context;
use super::cx::{Cx, obstacle};
use super::exec::Executed;
use super::model::{
    Evidence, Fact, Facts, Meaning, Obstacle, ObstacleKind, Status, Summary, Verb, WriteStep,
};
use super::raw::{RawBody, RawWrite};
use super::tree::any;
use crate::catalog::model::RoutineId;
use crate::rel::{Scalar, TableName};
use crate::source::Span;

/// What the user says about tables.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Keys of tables, instead of or beside those of the DDL.
    pub keys: BTreeMap<TableName, Vec<String>>,
}

/// Everything that is known when writes are judged.
pub(super) struct Estate<'e, 'a> {
    pub cx: &'e Cx<'a>,
    pub options: &'e Options,
    pub contexts: &'e [Context],
    pub executed: &'e [Executed],
    pub summaries: &'e [Summary],
    /// Jobs that reach each routine.
    pub jobs: &'e [Vec<usize>],
}

impl Estate<'_, '_> {
    pub fn raw(&self, routine: RoutineId, index: usize) -> &RawWrite {
        &self.executed[routine.0 as usize].writes[index]
    }

    fn jobs(&self, routine: RoutineId) -> Vec<usize> {
        self.jobs[routine.0 as usize].clone()
    }
}

/// Jobs that reach each routine, from the routines that each job reaches.
pub(super) fn jobs_by_routine(routines: usize, batch: &[BTreeSet<RoutineId>]) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); routines];
    for (job, set) in batch.iter().enumerate() {
        for id in set {
            out[id.0 as usize].push(job);
        }
    }
    out
}

/// A step with where it came from.
pub(super) struct Draft {
    pub routine: RoutineId,
    pub raw: usize,
    pub step: WriteStep,
}

/// All writes of the estate, in order of place.
pub(super) fn steps(estate: &Estate<'_, '_>) -> Vec<WriteStep> {
    let mut offset = 0;
    let mut offsets = Vec::with_capacity(estate.executed.len());
    for done in estate.executed {
        offsets.push(offset);
        offset += done.writes.len();
    }
    let mut drafts: Vec<Draft> = offsets
        .into_par_iter()
        .enumerate()
        .flat_map_iter(|(i, offset)| of_routine(estate, RoutineId(i as u32), offset))
        .collect();
    emptied::pair(estate, &mut drafts);
    after::shared_rows(estate, &mut drafts);
    control::mark(estate, &mut drafts);
    after::other_writers(&mut drafts);
    in_order(drafts)
}

fn of_routine(estate: &Estate<'_, '_>, routine: RoutineId, offset: usize) -> Vec<Draft> {
    let prepare::Prepared { writes, consumers } = prepare::prepare(estate, routine);
    let writes = &writes;
    let mut pairs = pairs::find(writes);
    pairs.retain(|_, d| !consumers.contains_key(d));
    let mut drafts: Vec<Draft> = Vec::new();
    let mut cleared: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, raw) in writes.iter().enumerate() {
        let delete = pairs.get(&i).map(|d| &writes[*d]);
        let (meaning, facts, replaces) = rows::judge(estate, routine, raw, delete);
        if let (true, Some(d)) = (replaces, pairs.get(&i)) {
            cleared.insert(*d, i);
        }
        let step = WriteStep {
            routine,
            span: raw.span,
            verb: raw.verb,
            table: raw.table.clone(),
            jobs: estate.jobs(routine),
            dynamic: raw.dynamic,
            facts,
            meaning: match raw.part_of {
                Some(owner) => Meaning::PartOf(owner + offset),
                None => meaning,
            },
        };
        drafts.push(Draft {
            routine,
            raw: i,
            step,
        });
    }
    for (d, i) in consumers {
        let step = &mut drafts[d].step;
        step.meaning = Meaning::PartOf(i + offset);
        let note = "it marks or removes the rows that another statement has processed: the flag steers nothing any more".to_string();
        step.facts
            .insert(Fact::QueueConsumed, proved(note, writes[i].span));
    }
    for (d, i) in cleared {
        let step = &mut drafts[d].step;
        step.meaning = Meaning::PartOf(i + offset);
        let note = "it clears what an INSERT of the same routine writes again".to_string();
        step.facts
            .insert(Fact::PairedDelete, proved(note, writes[i].span));
    }
    drafts
}

/// Sorted by place, references adjusted.
fn in_order(drafts: Vec<Draft>) -> Vec<WriteStep> {
    let mut index: Vec<usize> = (0..drafts.len()).collect();
    index.sort_by_key(|i| (drafts[*i].step.span.file, drafts[*i].step.span.start, *i));
    let mut position = vec![0; drafts.len()];
    for (new, old) in index.iter().enumerate() {
        position[*old] = new;
    }
    let mut slots: Vec<Option<WriteStep>> = drafts.into_iter().map(|d| Some(d.step)).collect();
    let mut out = Vec::with_capacity(slots.len());
    for old in index {
        if let Some(mut step) = slots[old].take() {
            if let Meaning::PartOf(owner) = &mut step.meaning {
                *owner = position.get(*owner).copied().unwrap_or(*owner);
            }
            out.push(step);
        }
    }
    out
}

/// A fact that the text shows.
pub(super) fn proved(note: impl Into<String>, span: Span) -> Evidence {
    Evidence {
        status: Status::Proved,
        note: note.into(),
        spans: vec![span],
    }
}

/// A fact that is taken to hold.
pub(super) fn assumed(note: impl Into<String>, span: Span) -> Evidence {
    Evidence {
        status: Status::Assumed,
        note: note.into(),
        spans: vec![span],
    }
}

/// A fact that does not hold.
pub(super) fn failed(note: impl Into<String>, span: Span) -> Evidence {
    Evidence {
        status: Status::Failed,
        note: note.into(),
        spans: vec![span],
    }
}

/// Adds a fact; of two about the same, the weaker stands.
pub(super) fn add(facts: &mut Facts, fact: Fact, evidence: Evidence) {
    match facts.get(&fact) {
        Some(there) if there.status >= evidence.status => {}
        Some(_) | None => {
            facts.insert(fact, evidence);
        }
    }
}

/// The obstacle of a statement that changes or removes rows on its own.
pub(super) fn in_place(raw: &RawWrite) -> Obstacle {
    let table = raw
        .table
        .as_ref()
        .map_or("a table".to_string(), ToString::to_string);
    match (&raw.body, raw.verb) {
        (
            RawBody::Delete {
                predicate: Some(p), ..
            },
            _,
        ) if by_age(p) => obstacle(
            ObstacleKind::Unsupported,
            raw.span,
            format!(
                "rows of {table} are deleted by their age: retention, which is a time to live and no stream"
            ),
            "set `retention` for the table in ora2stream.toml",
        ),
        (
            RawBody::Delete {
                predicate: None, ..
            },
            _,
        ) => obstacle(
            ObstacleKind::NotLowered,
            raw.span,
            format!("{table} is emptied, and nothing in the same routine fills it again"),
            "name what fills it, or drop the statement",
        ),
        (_, Verb::Update) => obstacle(
            ObstacleKind::SelfRead,
            raw.span,
            format!(
                "rows of {table} are changed in place: what they become depends on what they were"
            ),
            "compute the column from its sources in the statement that inserts the row",
        ),
        _ => obstacle(
            ObstacleKind::SelfRead,
            raw.span,
            format!(
                "rows of {table} are removed by a condition, and not written again by the same routine"
            ),
            "make the condition a part of the query that fills the table",
        ),
    }
}

/// Age alone decides: a column is compared with the clock and constants.
pub(super) fn only_by_age(predicate: &Scalar) -> bool {
    let queries = |n: &Scalar| {
        matches!(
            n,
            Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. }
        )
    };
    let older = |c: &Scalar| {
        let Scalar::Compare { cmp, left, right } = c else {
            return false;
        };
        let column = |s: &Scalar| any(s, &|n| matches!(n, Scalar::Column(_)));
        use crate::rel::CmpOp;
        let (old, limit) = match cmp {
            CmpOp::Lt | CmpOp::Le => (left, right),
            CmpOp::Gt | CmpOp::Ge => (right, left),
            CmpOp::Eq | CmpOp::Ne => return false,
        };
        column(old) && !column(limit) && by_age(limit)
    };
    !any(predicate, &queries) && super::tree::conjuncts(predicate.clone()).iter().all(older)
}

/// A condition that compares a column with the clock.
fn by_age(predicate: &Scalar) -> bool {
    any(predicate, &|n| matches!(n, Scalar::EventTime { .. }))
}
