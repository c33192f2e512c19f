//! Every write with what became of it.

use super::{Cx, replaced};
use crate::assess::model::*;
use crate::dataflow::model::{Fact, Meaning, ObstacleKind, Verb, WriteStep};
use crate::plan::build::{Decided, Outcome as Decision};
use crate::plan::model::Residual;
use crate::source::Place;

/// Writes of batch code, and the others, in order of place.
pub(super) fn build(cx: &Cx<'_>) -> (Vec<WriteReport>, Vec<OtherWrite>) {
    let mut batch = Vec::new();
    let mut other = Vec::new();
    for (i, step) in cx.on.flows.steps.iter().enumerate() {
        if step.jobs.is_empty() {
            other.push(other_write(cx, step));
        } else {
            batch.push(write(cx, i, step));
        }
    }
    other.extend(replaced::writes(cx));
    batch.sort_by(|a: &WriteReport, b| {
        (&a.file, a.line, a.column, &a.table).cmp(&(&b.file, b.line, b.column, &b.table))
    });
    other.sort_by(|a: &OtherWrite, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    (batch, other)
}

fn write(cx: &Cx<'_>, index: usize, step: &WriteStep) -> WriteReport {
    let place = cx.place(step.span);
    let settled = Decided::settled(&cx.on.built.outcomes, index);
    let job = cx.stream_job(&place);
    let residual = residual_at(cx, &place, step);
    let (outcome, message) = outcome(step, settled);
    WriteReport {
        line: place.line,
        end_line: place.end_line,
        column: place.column,
        unit: unit(cx, step),
        routine: cx.routine_name(step.routine),
        kind: kind(step),
        table: step.table.as_ref().map(ToString::to_string),
        jobs: job_names(cx, step),
        outcome,
        write_class: match &settled.outcome {
            Decision::Planned { class, .. } => Some(*class),
            Decision::PartOf(_)
            | Decision::Control(_)
            | Decision::Residual(_)
            | Decision::Elsewhere => None,
        },
        rule: settled.rule.clone(),
        preconditions: job.map(|j| j.preconditions.clone()).unwrap_or_default(),
        reason: residual.map(|r| r.reason),
        message,
        unlock: residual.map(|r| r.unlock.clone()),
        question: residual.map(|r| r.question.clone()),
        fallback: residual.map(|r| r.fallback),
        stream_job: job.map(|j| j.id.clone()),
        dynamic: step.dynamic,
        file: place.file,
    }
}

fn residual_at<'a>(cx: &Cx<'a>, place: &Place, step: &WriteStep) -> Option<&'a Residual> {
    let table = step.table.as_ref().map(ToString::to_string);
    cx.residuals.get(&(place.clone(), table)).copied()
}

fn outcome(step: &WriteStep, settled: &Decided) -> (Outcome, String) {
    match &settled.outcome {
        Decision::Planned { assumed: false, .. } => (Outcome::Planned, String::new()),
        Decision::Planned { assumed: true, .. } => (Outcome::Assumed, String::new()),
        Decision::Control(note) => (Outcome::Control, note.clone()),
        Decision::Residual(refusal) if is_unparsed(step) => {
            (Outcome::Unparsed, refusal.message.clone())
        }
        Decision::Residual(refusal) => (Outcome::Residual, refusal.message.clone()),
        // A part without an owner, or a batch write that counts as elsewhere, is a defect: it is shown, not hidden.
        Decision::PartOf(_) | Decision::Elsewhere => (
            Outcome::Unparsed,
            "the outcome of this write was not settled".into(),
        ),
    }
}

fn is_unparsed(step: &WriteStep) -> bool {
    matches!(&step.meaning, Meaning::Obstacle(o) if o.kind == ObstacleKind::Unparsed)
}

fn kind(step: &WriteStep) -> WriteKind {
    let unknown_text =
        matches!(&step.meaning, Meaning::Obstacle(o) if o.kind == ObstacleKind::OpaqueDynamicSql);
    if step.dynamic && unknown_text && !step.facts.contains_key(&Fact::DynamicTextKnown) {
        return WriteKind::Dynamic;
    }
    match step.verb {
        Verb::Insert => WriteKind::Insert,
        Verb::Update => WriteKind::Update,
        Verb::Delete => WriteKind::Delete,
        Verb::Merge => WriteKind::Merge,
        Verb::Truncate => WriteKind::Truncate,
    }
}

fn job_names(cx: &Cx<'_>, step: &WriteStep) -> Vec<String> {
    let jobs = step.jobs.iter().filter_map(|j| cx.on.catalog.jobs.get(*j));
    jobs.map(|j| j.name.clone()).collect()
}

/// `SCHEMA.PACKAGE`, or the routine itself where it stands alone.
fn unit(cx: &Cx<'_>, step: &WriteStep) -> String {
    let routine = cx.on.catalog.routines.get(step.routine.0 as usize);
    routine.map_or_else(String::new, |r| match &r.package {
        Some(package) => format!("{}.{package}", r.schema),
        None => r.qualified(),
    })
}

fn other_write(cx: &Cx<'_>, step: &WriteStep) -> OtherWrite {
    let place = cx.place(step.span);
    OtherWrite {
        line: place.line,
        end_line: place.end_line,
        unit: unit(cx, step),
        kind: kind(step),
        table: step.table.as_ref().map(ToString::to_string),
        reason: other_reason(cx, step),
        file: place.file,
    }
}

fn other_reason(cx: &Cx<'_>, step: &WriteStep) -> OtherReason {
    let routine = cx.on.catalog.routines.get(step.routine.0 as usize);
    match routine {
        Some(r) if r.name.starts_with("<trigger") => OtherReason::Trigger,
        Some(r) if r.name.starts_with("<block") || !r.items.is_empty() => OtherReason::Script,
        Some(_) => OtherReason::Unreached,
        None => OtherReason::Script,
    }
}
