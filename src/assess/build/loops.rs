//! Loops of batch code: what they write, and what keeps them from becoming streams.

use std::collections::BTreeSet;

use super::Cx;
use super::body::LoopSite;
use crate::assess::model::LoopReport;
use crate::catalog::model::RoutineId;
use crate::dataflow::model::WriteStep;
use crate::plan::build::{Decided, Outcome};
use crate::plan::model::{Precondition, ResidualReason};
use crate::source::Span;

/// Outermost loops, in order of the catalogue's routines.
pub(super) fn build(cx: &Cx<'_>) -> Vec<LoopReport> {
    let sites = cx
        .batch
        .iter()
        .flat_map(|id| cx.bodies[id.0 as usize].loops.iter().map(|l| (*id, l)));
    let mut out: Vec<LoopReport> = sites.map(|(id, site)| report(cx, id, site)).collect();
    out.sort_by(|a, b| a.place.cmp(&b.place));
    out.dedup_by(|a, b| a.place == b.place);
    out
}

fn inside(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

fn report(cx: &Cx<'_>, id: RoutineId, site: &LoopSite) -> LoopReport {
    let steps = cx.on.flows.steps.iter().enumerate();
    let held: Vec<(usize, &WriteStep)> = steps.filter(|(_, s)| inside(site.span, s.span)).collect();
    let mut preconditions: Vec<Precondition> = Vec::new();
    let mut stream_jobs = Vec::new();
    for (_, step) in &held {
        if let Some(job) = cx.stream_job(&cx.place(step.span))
            && !stream_jobs.contains(&job.id)
        {
            stream_jobs.push(job.id.clone());
            preconditions.extend(job.preconditions.iter().cloned());
        }
    }
    LoopReport {
        place: cx.place(site.span),
        routine: cx.routine_name(id),
        kind: site.kind.into(),
        pattern: pattern(cx, &held),
        writes: written(&held),
        obstacles: obstacles(cx, &held),
        preconditions,
        stream_jobs,
    }
}

/// The rule that lifted it.
fn pattern(cx: &Cx<'_>, held: &[(usize, &WriteStep)]) -> Option<String> {
    let mut settled = held
        .iter()
        .map(|(i, _)| Decided::settled(&cx.on.built.outcomes, *i));
    settled
        .find(|d| matches!(d.outcome, Outcome::Planned { .. }))
        .map(|d| d.rule.clone())
}

fn written(held: &[(usize, &WriteStep)]) -> Vec<String> {
    let tables = held
        .iter()
        .filter_map(|(_, s)| s.table.as_ref().map(ToString::to_string));
    tables.collect::<BTreeSet<_>>().into_iter().collect()
}

fn obstacles(cx: &Cx<'_>, held: &[(usize, &WriteStep)]) -> Vec<ResidualReason> {
    let reasons = held.iter().filter_map(|(i, _)| {
        match &Decided::settled(&cx.on.built.outcomes, *i).outcome {
            Outcome::Residual(refusal) => Some(refusal.reason),
            Outcome::Planned { .. }
            | Outcome::PartOf(_)
            | Outcome::Control(_)
            | Outcome::Elsewhere => None,
        }
    });
    reasons.collect::<BTreeSet<_>>().into_iter().collect()
}
