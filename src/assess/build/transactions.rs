//! Commits, and what a rerun after a crash does.

use super::Cx;
use super::body::CommitAt;
use crate::assess::model::*;
use crate::catalog::model::RoutineId;
use crate::dataflow::model::{Fact, Facts, Meaning, ObstacleKind, Status, Verb, WriteStep};
use crate::plan::build::{Decided, Outcome as Decision};
use crate::rel::WriteClass;

/// Every routine of batch code that writes or ends transactions, in order of the catalogue.
pub(super) fn build(cx: &Cx<'_>) -> Vec<TransactionReport> {
    let all = cx.batch.iter().filter_map(|id| routine(cx, *id));
    all.collect()
}

fn routine(cx: &Cx<'_>, id: RoutineId) -> Option<TransactionReport> {
    let body = &cx.bodies[id.0 as usize];
    let writes = cx.steps_of(id).next().is_some();
    if !writes && body.commits.is_empty() && body.rollbacks.is_empty() {
        return None;
    }
    let mut places: Vec<_> = body
        .commits
        .iter()
        .map(|c| c.span)
        .chain(body.rollbacks.iter().copied())
        .map(|s| cx.place(s))
        .collect();
    places.sort();
    let (class, causes) = rerun(cx, id);
    Some(TransactionReport {
        routine: cx.routine_name(id),
        jobs: cx.jobs_of(id),
        commits: pattern(cx, id),
        places,
        autonomous: cx.on.catalog.routines[id.0 as usize].autonomous,
        rerun: class,
        causes,
    })
}

fn pattern(cx: &Cx<'_>, id: RoutineId) -> CommitPattern {
    let commits = &cx.bodies[id.0 as usize].commits;
    let has = |at: CommitAt| commits.iter().any(|c| c.at == at);
    if has(CommitAt::EachRow) {
        CommitPattern::InLoop
    } else if has(CommitAt::SomeRows) {
        CommitPattern::EveryNRows
    } else if has(CommitAt::Between) {
        CommitPattern::BetweenSteps
    } else if has(CommitAt::End) {
        CommitPattern::AtEnd
    } else {
        CommitPattern::Never
    }
}

/// What a rerun of a routine's own writes does, and why.
pub(super) fn rerun(cx: &Cx<'_>, id: RoutineId) -> (RerunClass, Vec<RerunCause>) {
    let body = &cx.bodies[id.0 as usize];
    let mut causes: Vec<RerunCause> = Vec::new();
    for (i, step) in cx.steps_of(id) {
        causes.extend(cause(cx, step, Decided::settled(&cx.on.built.outcomes, i)));
    }
    if !body.hides_errors.is_empty() && !causes.is_empty() {
        causes.push(RerunCause::HidesErrors);
    }
    let partial = |at| matches!(at, CommitAt::EachRow | CommitAt::SomeRows);
    if body.commits.iter().any(|c| partial(c.at)) {
        causes.push(RerunCause::PartialCommits);
    }
    causes.sort_unstable();
    causes.dedup();
    let worst = causes.iter().map(|c| class_of(*c));
    let class = worst
        .max_by_key(|c| badness(*c))
        .unwrap_or(RerunClass::Idempotent);
    (class, causes)
}

/// Orders classes by how much they should worry.
pub(super) fn badness(class: RerunClass) -> u8 {
    match class {
        RerunClass::Idempotent => 0,
        RerunClass::Unknown => 1,
        RerunClass::Duplicates => 2,
        RerunClass::Loses => 3,
    }
}

fn class_of(cause: RerunCause) -> RerunClass {
    match cause {
        RerunCause::Replaces
        | RerunCause::ByKey
        | RerunCause::Overwrites
        | RerunCause::Marks
        | RerunCause::PartialCommits => RerunClass::Idempotent,
        RerunCause::Inserts | RerunCause::AddsUp => RerunClass::Duplicates,
        RerunCause::HidesErrors => RerunClass::Loses,
        RerunCause::NotUnderstood => RerunClass::Unknown,
    }
}

fn cause(cx: &Cx<'_>, step: &WriteStep, settled: &Decided) -> Option<RerunCause> {
    if let Decision::Planned { class, .. } = settled.outcome {
        return Some(match class {
            WriteClass::ReplaceAll | WriteClass::ReplacePeriod => RerunCause::Replaces,
            WriteClass::Upsert | WriteClass::KeepFirst => RerunCause::ByKey,
            WriteClass::Append | WriteClass::Freeze => RerunCause::Inserts,
            WriteClass::Delta => RerunCause::AddsUp,
            WriteClass::Queue => RerunCause::Marks,
        });
    }
    // Control writes record the run itself: a rerun is another run.
    if matches!(settled.outcome, Decision::Control(_)) {
        return None;
    }
    if matches!(step.meaning, Meaning::PartOf(_)) {
        return None;
    }
    Some(by_facts(cx, step))
}

fn by_facts(cx: &Cx<'_>, step: &WriteStep) -> RerunCause {
    let facts = &step.facts;
    let replaced =
        holds(facts, Fact::EmptiesTargetBefore) || holds(facts, Fact::DeletesPeriodBefore);
    if holds(facts, Fact::AddsToOldValue) {
        return RerunCause::AddsUp;
    }
    if matches!(&step.meaning, Meaning::Obstacle(o) if o.kind == ObstacleKind::OpaqueDynamicSql) {
        return RerunCause::NotUnderstood;
    }
    match step.verb {
        Verb::Insert if replaced => RerunCause::Replaces,
        Verb::Insert if holds(facts, Fact::InsertsMissingKeys) => RerunCause::ByKey,
        Verb::Insert => after_delete(cx, step),
        Verb::Merge => RerunCause::ByKey,
        Verb::Delete | Verb::Truncate => RerunCause::Overwrites,
        Verb::Update if holds(facts, Fact::NoSelfRead) => RerunCause::Overwrites,
        Verb::Update => RerunCause::NotUnderstood,
    }
}

fn holds(facts: &Facts, fact: Fact) -> bool {
    facts
        .get(&fact)
        .is_some_and(|e| matches!(e.status, Status::Proved | Status::Assumed))
}

/// An INSERT that was not lifted: does the routine empty the table before?
fn after_delete(cx: &Cx<'_>, insert: &WriteStep) -> RerunCause {
    let mut own = cx.steps_of(insert.routine).map(|(_, s)| s);
    let before = own.find(|s| {
        s.table == insert.table
            && s.table.is_some()
            && matches!(s.verb, Verb::Delete | Verb::Truncate)
            && s.span.start < insert.span.start
    });
    match before {
        None => RerunCause::Inserts,
        Some(s) if s.verb == Verb::Truncate => RerunCause::Replaces,
        Some(s) => {
            let text = cx.on.input.sources.text(s.span);
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            match words.any(|w| w.eq_ignore_ascii_case("where")) {
                true => RerunCause::NotUnderstood,
                false => RerunCause::Replaces,
            }
        }
    }
}
