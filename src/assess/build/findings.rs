//! Findings: those of every room, and what the plan itself has to say, in order of place.

use super::Cx;
use crate::assess::model::*;
use crate::diag::{Code, Diagnostic, Severity};
use crate::plan::model::{FactStatus, StreamJob};
use crate::rel::{ColumnRole, OnDelete, WriteClass};
use crate::source::Place;

/// All findings.
pub(super) fn build(cx: &Cx<'_>, writes: &[WriteReport]) -> Vec<Finding> {
    let of_units = cx
        .on
        .files
        .iter()
        .flat_map(|p| &p.units)
        .flat_map(|u| &u.errors);
    let mut out: Vec<Finding> = of_units
        .chain(&cx.on.catalog.findings)
        .chain(cx.on.findings)
        .map(|d| diagnostic(cx, d))
        .collect();
    out.extend(writes.iter().filter_map(residual));
    for group in &cx.on.built.plan.groups {
        for job in &group.jobs {
            planned(job, &mut out);
        }
    }
    hidden_errors(cx, &mut out);
    out.sort_by(|a, b| (&a.place, &a.code, &a.message).cmp(&(&b.place, &b.code, &b.message)));
    out.dedup();
    out
}

fn diagnostic(cx: &Cx<'_>, d: &Diagnostic) -> Finding {
    Finding {
        code: d.code.as_str().into(),
        severity: d.severity,
        class: class(d.severity),
        message: d.message.clone(),
        place: d.labels.first().map(|l| cx.place(l.span)),
        help: d.help.clone(),
        provenance: room(d.code).into(),
    }
}

fn class(severity: Severity) -> FindingClass {
    match severity {
        Severity::Error | Severity::Warning => FindingClass::MustFix,
        Severity::Info => FindingClass::OutOfScope,
    }
}

/// The room that finds findings of a code, by its first letter.
fn room(code: Code) -> &'static str {
    match code.as_str().chars().next() {
        Some('S') => "source",
        Some('P') => "syntax",
        Some('C') => "catalog",
        Some('F') => "dataflow",
        Some('L') => "rules",
        Some('G') => "plan",
        _ => "project",
    }
}

fn finding(
    code: Code,
    class: FindingClass,
    message: String,
    place: Option<Place>,
    rule: &str,
) -> Finding {
    Finding {
        code: code.as_str().into(),
        severity: code.info().severity,
        class,
        message,
        place,
        help: None,
        provenance: rule.into(),
    }
}

fn residual(w: &WriteReport) -> Option<Finding> {
    match w.outcome {
        Outcome::Residual | Outcome::Unparsed => {}
        Outcome::Planned | Outcome::Assumed | Outcome::Control => return None,
    }
    let table = w.table.as_deref().unwrap_or("?");
    let message = format!("{} of {table}: {}", w.kind.as_str(), w.message);
    let place = Place {
        file: w.file.clone(),
        line: w.line,
        column: w.column,
        end_line: w.end_line,
        start: 0,
        end: 0,
    };
    let mut found = finding(
        Code::Residual,
        FindingClass::MustFix,
        message,
        Some(place),
        &w.rule,
    );
    found.help = w.unlock.clone();
    Some(found)
}

/// Assumptions, growing state, and where the stream differs from the batch on purpose.
fn planned(job: &StreamJob, out: &mut Vec<Finding>) {
    let place = || job.provenance.first().cloned();
    let target = &job.write.target;
    for p in &job.preconditions {
        if p.status == FactStatus::Assumed {
            let message = format!("{target}: {} ({})", p.note, p.fact);
            let at = p.places.first().cloned().or_else(place);
            out.push(finding(
                Code::Assumption,
                FindingClass::BehavesDifferently,
                message,
                at,
                &job.rule,
            ));
        }
    }
    for text in differences(job) {
        out.push(finding(
            Code::BehavesDifferently,
            FindingClass::BehavesDifferently,
            format!("{target}: {text}"),
            place(),
            &job.rule,
        ));
    }
    if !job.state.is_empty() {
        let message = format!("{target}: state grows: {}", job.state.join("; "));
        out.push(finding(
            Code::StateGrows,
            FindingClass::Performance,
            message,
            place(),
            &job.rule,
        ));
    }
}

fn differences(job: &StreamJob) -> Vec<String> {
    let mut out = Vec::new();
    if job.write.class == WriteClass::ReplacePeriod {
        out.push(
            "late and corrected rows change periods long past; the batch would not have looked again"
                .into(),
        );
    }
    if job.write.on_delete == OnDelete::Keep {
        out.push("a row whose source vanished stays, as with the batch".into());
    }
    let audit: Vec<&str> = job
        .write
        .columns
        .iter()
        .filter(|c| c.role == ColumnRole::Audit)
        .map(|c| c.name.as_str())
        .collect();
    if !audit.is_empty() {
        let names = audit.join(", ");
        out.push(format!(
            "{names} hold the event's time or user, not the batch's: left out of comparisons"
        ));
    }
    out
}

fn hidden_errors(cx: &Cx<'_>, out: &mut Vec<Finding>) {
    for id in &cx.batch {
        for span in &cx.bodies[id.0 as usize].hides_errors {
            let message = format!(
                "{}: a handler hides every error; rows that fail are lost in silence",
                cx.routine_name(*id)
            );
            out.push(finding(
                Code::HiddenErrors,
                FindingClass::BehavesDifferently,
                message,
                Some(cx.place(*span)),
                "dataflow",
            ));
        }
    }
}
