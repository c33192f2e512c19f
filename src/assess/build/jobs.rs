//! Jobs: schedule, steps, what they read and write, where they commit, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use super::body::CommitAt;
use super::{Cx, transactions, window};
use crate::assess::model::*;
use crate::catalog::model::{Entry, Job, JobOrigin, Resolved, RoutineId};
use crate::plan::build::names::snake;
use crate::source::Place;

/// Writes by the name of their routine.
pub(super) type ByRoutine<'w> = BTreeMap<&'w str, Vec<&'w WriteReport>>;

pub(super) fn by_routine(writes: &[WriteReport]) -> ByRoutine<'_> {
    let mut out = ByRoutine::new();
    for w in writes {
        out.entry(w.routine.as_str()).or_default().push(w);
    }
    out
}

/// One a job of the catalogue, in its order.
pub(super) fn build(cx: &Cx<'_>, writes: &[WriteReport]) -> Vec<JobReport> {
    let writes = &by_routine(writes);
    let jobs = cx.on.catalog.jobs.iter().enumerate();
    jobs.map(|(i, job)| report(cx, i, job, writes)).collect()
}

fn report(cx: &Cx<'_>, index: usize, job: &Job, writes: &ByRoutine<'_>) -> JobReport {
    let routines = &cx.by_job[index];
    let name = snake(&job.name);
    let grouped = cx.on.built.plan.groups.iter().any(|g| g.name == name);
    JobReport {
        name: job.name.clone(),
        group: grouped.then_some(name),
        entry: entry_text(job),
        routines: started(cx, job),
        source: source(job.origin),
        schedule: job.schedule.clone(),
        place: place(cx, job),
        enabled: job.enabled,
        window: job
            .schedule
            .as_deref()
            .and_then(|s| window::of(job.origin, s)),
        steps: steps(cx, job, writes),
        reads: reads(cx, routines),
        writes: written(cx, routines),
        commits: commits(cx, routines),
        rerun: rerun(cx, routines),
        verdict: verdict(cx, job, routines, writes),
    }
}

fn entry_text(job: &Job) -> String {
    let texts: Vec<&str> = job.entries.iter().map(|e| e.text.trim()).collect();
    texts.join("; ")
}

fn started(cx: &Cx<'_>, job: &Job) -> Vec<String> {
    let known = job.entries.iter().filter_map(|e| e.routine.known());
    known.map(|r| cx.routine_name(*r)).collect()
}

fn source(origin: JobOrigin) -> ScheduleSource {
    match origin {
        JobOrigin::Scheduler | JobOrigin::ChainStep => ScheduleSource::DbmsScheduler,
        JobOrigin::DbmsJob => ScheduleSource::DbmsJob,
        JobOrigin::Crontab => ScheduleSource::Crontab,
        JobOrigin::Shell => ScheduleSource::ShellScript,
        JobOrigin::Export => ScheduleSource::DictionaryExport,
        JobOrigin::Configured => ScheduleSource::ProjectFile,
        JobOrigin::Uncalled => ScheduleSource::Inferred,
    }
}

fn place(cx: &Cx<'_>, job: &Job) -> Option<Place> {
    if let Some(span) = job.span {
        return Some(cx.place(span));
    }
    (job.line > 0).then(|| Place {
        file: job.file.clone(),
        line: job.line,
        column: 1,
        end_line: job.line,
        start: 0,
        end: 0,
    })
}

/// The entries; where there is one, what it calls directly that writes, in order.
fn steps(cx: &Cx<'_>, job: &Job, writes: &ByRoutine<'_>) -> Vec<JobStep> {
    let entries: Vec<&Entry> = job.entries.iter().collect();
    let direct = match entries.as_slice() {
        // A driver that writes itself is one step: its own writes cannot be told from those it calls.
        [one] => one
            .routine
            .known()
            .filter(|r| of_writes(cx, &BTreeSet::from([**r]), writes).is_none())
            .map(|r| called_writers(cx, *r, writes)),
        _ => None,
    };
    let sites: Vec<(RoutineId, Option<Place>)> = match direct {
        Some(calls) if calls.len() > 1 => calls,
        _ => entries
            .iter()
            .filter_map(|e| e.routine.known().map(|r| (*r, None)))
            .collect(),
    };
    let mut out: Vec<JobStep> = Vec::new();
    for (routine, place) in sites {
        let after: Vec<String> = match out.last() {
            Some(last) => vec![last.name.clone()],
            None => job.after.clone(),
        };
        out.push(step(cx, routine, place, after, writes, out.len() + 1));
    }
    out
}

/// Routines that the entry calls itself and that write more than control tables, in order of the calls.
fn called_writers(
    cx: &Cx<'_>,
    entry: RoutineId,
    writes: &ByRoutine<'_>,
) -> Vec<(RoutineId, Option<Place>)> {
    let Some(calls) = cx.on.catalog.calls.calls.get(entry.0 as usize) else {
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    calls
        .iter()
        .filter_map(|c| Some((*c.callee.routine().known()?, c.span)))
        .filter(|(id, _)| of_writes(cx, &reach(cx, *id), writes).is_some() && seen.insert(*id))
        .map(|(id, span)| (id, Some(cx.place(span))))
        .collect()
}

fn reach(cx: &Cx<'_>, id: RoutineId) -> BTreeSet<RoutineId> {
    cx.on.catalog.calls.reachable([id])
}

fn step(
    cx: &Cx<'_>,
    id: RoutineId,
    place: Option<Place>,
    after: Vec<String>,
    writes: &ByRoutine<'_>,
    number: usize,
) -> JobStep {
    let routines = reach(cx, id);
    JobStep {
        name: format!("{number} {}", short(cx, id)),
        routine: cx.routine_name(id),
        after,
        writes: written(cx, &routines),
        verdict: of_writes(cx, &routines, writes).unwrap_or(JobVerdict::Planned),
        place,
    }
}

fn short(cx: &Cx<'_>, id: RoutineId) -> String {
    let routine = cx.on.catalog.routines.get(id.0 as usize);
    routine.map_or_else(String::new, |r| r.name.clone())
}

fn reads(cx: &Cx<'_>, routines: &BTreeSet<RoutineId>) -> Vec<String> {
    let all = routines.iter().flat_map(|r| &cx.bodies[r.0 as usize].reads);
    let names: BTreeSet<String> = all.map(|(t, _)| t.to_string()).collect();
    names.into_iter().collect()
}

fn written(cx: &Cx<'_>, routines: &BTreeSet<RoutineId>) -> Vec<String> {
    let own = routines.iter().flat_map(|r| cx.steps_of(*r));
    let names: BTreeSet<String> = own
        .filter_map(|(_, s)| s.table.as_ref().map(ToString::to_string))
        .collect();
    names.into_iter().collect()
}

/// The pattern that lets readers see most of what is unfinished.
fn commits(cx: &Cx<'_>, routines: &BTreeSet<RoutineId>) -> CommitPattern {
    let own: Vec<RoutineId> = routines
        .iter()
        .copied()
        .filter(|r| !cx.on.catalog.routines[r.0 as usize].autonomous)
        .collect();
    let sites = || own.iter().flat_map(|r| &cx.bodies[r.0 as usize].commits);
    let routines_that_commit = own
        .iter()
        .filter(|r| !cx.bodies[r.0 as usize].commits.is_empty())
        .count();
    if sites().any(|c| c.at == CommitAt::EachRow) {
        CommitPattern::InLoop
    } else if sites().any(|c| c.at == CommitAt::SomeRows) {
        CommitPattern::EveryNRows
    } else if routines_that_commit > 1 || sites().any(|c| c.at == CommitAt::Between) {
        CommitPattern::BetweenSteps
    } else if routines_that_commit == 1 {
        CommitPattern::AtEnd
    } else {
        CommitPattern::Never
    }
}

fn rerun(cx: &Cx<'_>, routines: &BTreeSet<RoutineId>) -> RerunClass {
    let classes = routines.iter().map(|r| cx.reruns[r.0 as usize]);
    classes
        .max_by_key(|c| transactions::badness(*c))
        .unwrap_or(RerunClass::Idempotent)
}

fn verdict(
    cx: &Cx<'_>,
    job: &Job,
    routines: &BTreeSet<RoutineId>,
    writes: &ByRoutine<'_>,
) -> JobVerdict {
    let unknown = job
        .entries
        .iter()
        .any(|e| matches!(e.routine, Resolved::Unknown(_)));
    match of_writes(cx, routines, writes) {
        None if unknown || job.entries.is_empty() => JobVerdict::Unparsed,
        None => JobVerdict::Planned,
        Some(JobVerdict::Planned | JobVerdict::Assumed) if unknown => JobVerdict::Partial,
        Some(verdict) => verdict,
    }
}

/// Verdict of the writes in routines; None without any that counts.
fn of_writes(
    cx: &Cx<'_>,
    routines: &BTreeSet<RoutineId>,
    writes: &ByRoutine<'_>,
) -> Option<JobVerdict> {
    let names: BTreeSet<String> = routines.iter().map(|r| cx.routine_name(*r)).collect();
    let own = names
        .iter()
        .filter_map(|n| writes.get(n.as_str()))
        .flatten()
        .filter(|w| w.outcome != Outcome::Control);
    let outcomes: Vec<Outcome> = own.map(|w| w.outcome).collect();
    let has = |o: Outcome| outcomes.contains(&o);
    let done = has(Outcome::Planned) || has(Outcome::Assumed);
    let left = has(Outcome::Residual) || has(Outcome::Unparsed);
    match (done, left) {
        _ if outcomes.is_empty() => None,
        (true, true) => Some(JobVerdict::Partial),
        (false, _) if !has(Outcome::Residual) => Some(JobVerdict::Unparsed),
        (false, _) => Some(JobVerdict::Residual),
        (true, false) if has(Outcome::Assumed) => Some(JobVerdict::Assumed),
        (true, false) => Some(JobVerdict::Planned),
    }
}

/// Routines that no job reaches and nobody calls, in order of place.
pub(super) fn uncalled(cx: &Cx<'_>) -> Vec<UncalledRoutine> {
    let catalog = cx.on.catalog;
    let ids = catalog.calls.uncalled().into_iter();
    let mut out: Vec<UncalledRoutine> = ids
        .filter(|id| !cx.batch.contains(id))
        .filter_map(|id| {
            let r = catalog.routines.get(id.0 as usize)?;
            let named = !r.name.starts_with('<') && r.body.is_some();
            named.then(|| UncalledRoutine {
                routine: r.qualified(),
                place: cx.place(r.span),
            })
        })
        .collect();
    out.sort_by(|a, b| a.place.cmp(&b.place));
    out
}
