//! runbook.md and the README of the output folder.

#[cfg(test)]
mod tests;

use super::fragment::{MarkdownText, Number};
use super::template::{Frame, render};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{
    Backfill, Capture, Fallback, JobGroup, Plan, Residual, Source, StreamJob,
};
use crate::rel::{OnDelete, WriteClass};

/// `runbook.md`, `README.md`.
pub struct Runbook;

impl Emitter for Runbook {
    fn name(&self) -> &'static str {
        "runbook"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        Ok(vec![
            GeneratedFile::text("README.md", render("runbook/README.md", &readme(plan))?),
            GeneratedFile::text("runbook.md", render("runbook/runbook.md", &runbook(plan))?),
        ])
    }
}

fn text(s: impl AsRef<str>) -> MarkdownText {
    MarkdownText::new(s.as_ref())
}

fn count(n: usize) -> Number {
    Number::new(n as i128)
}

fn runbook(plan: &Plan) -> Frame {
    let captured = plan.sources.iter().filter(|s| s.capture == Capture::Cdc);
    let jobs = plan
        .groups
        .iter()
        .flat_map(|g| g.jobs.iter().map(move |j| job(g, j)));
    Frame::new()
        .hole("project", &text(&plan.project.name))
        .hole("residual_count", &count(plan.residuals.len()))
        .hole(
            "user_env",
            &MarkdownText::code(&plan.settings.oracle.user_env),
        )
        .hole(
            "password_env",
            &MarkdownText::code(&plan.settings.oracle.password_env),
        )
        .hole("topic_count", &count(plan.topics.len()))
        .hole("table_count", &count(plan.tables.len()))
        .hole("keyspace", &text(&plan.settings.cassandra.keyspace))
        .flag("no_data", plan.settings.connect.snapshot_mode == "no_data")
        .hole(
            "snapshot_mode",
            &MarkdownText::code(&plan.settings.connect.snapshot_mode),
        )
        .list("sources", captured.map(source))
        .flag("inputs", !plan.file_inputs.is_empty())
        .list("jobs", jobs)
        .list(
            "backfills",
            in_order(&plan.backfills).into_iter().map(backfill),
        )
        .list("entries", plan.groups.iter().map(entry))
}

fn source(s: &Source) -> Frame {
    let rows = s
        .rows
        .map_or_else(|| "unknown".to_string(), |r| r.to_string());
    Frame::new()
        .hole("table", &text(s.table.to_string()))
        .hole("topic", &MarkdownText::code(&s.topic))
        .hole("key", &text(s.key.join(", ")))
        .hole("rows", &text(rows))
}

fn job(group: &JobGroup, j: &StreamJob) -> Frame {
    Frame::new()
        .hole(
            "script",
            &MarkdownText::code(&format!("flink/{}.sql", group.name)),
        )
        .hole("entry", &text(&group.entry))
        .hole("table", &text(j.write.target.to_string()))
        .hole("class", &text(class(j.write.class)))
        .hole("on_delete", &text(on_delete(j.write.on_delete)))
}

fn entry(g: &JobGroup) -> Frame {
    let schedule = g
        .schedule
        .as_ref()
        .map_or(String::new(), |s| format!(" ({s})"));
    Frame::new()
        .hole("name", &text(&g.entry))
        .hole("schedule", &text(schedule))
}

/// Parents first; loads that wait for each other keep their order of name.
fn in_order(all: &[Backfill]) -> Vec<&Backfill> {
    let mut out: Vec<&Backfill> = Vec::new();
    let mut left: Vec<&Backfill> = all.iter().collect();
    while !left.is_empty() {
        let waits = |b: &&Backfill| {
            left.iter()
                .any(|o| b.after.contains(&o.table) && o.table != b.table)
        };
        let (later, now): (Vec<_>, Vec<_>) = left.iter().partition(|b| waits(b));
        match now.is_empty() {
            true => {
                out.extend(later);
                break;
            }
            false => {
                out.extend(now);
                left = later;
            }
        }
    }
    out
}

fn backfill(b: &Backfill) -> Frame {
    let file = b
        .target
        .clone()
        .unwrap_or_else(|| b.table.name.to_lowercase());
    Frame::new()
        .hole(
            "spec",
            &MarkdownText::code(&format!("backfill/{file}.toml")),
        )
        .hole("table", &text(b.table.to_string()))
        .hole("purpose", &text(&b.purpose))
}

fn readme(plan: &Plan) -> Frame {
    let questions = plan.questions.iter().map(|q| {
        Frame::new()
            .hole("about", &text(&q.about))
            .hole("text", &text(&q.text))
    });
    Frame::new()
        .hole("project", &text(&plan.project.name))
        .hole("residual_count", &count(plan.residuals.len()))
        .list("residuals", plan.residuals.iter().map(residual))
        .list("questions", questions)
}

fn residual(r: &Residual) -> Frame {
    let statement = match &r.table {
        Some(t) => format!("{} {t}", r.statement),
        None => r.statement.clone(),
    };
    Frame::new()
        .hole("place", &text(r.place.to_string()))
        .hole("statement", &text(statement))
        .hole("reason", &text(&r.message))
        .hole("fallback", &text(fallback(r.fallback)))
}

fn fallback(f: Fallback) -> &'static str {
    match f {
        Fallback::StatefulFunction => "a keyed stateful function, written by hand",
        Fallback::MicroBatch => "a scheduled micro-batch on the engine",
        Fallback::StaysInOracle => "stays in Oracle",
    }
}

fn class(c: WriteClass) -> &'static str {
    match c {
        WriteClass::ReplaceAll => "replace all",
        WriteClass::ReplacePeriod => "replace period",
        WriteClass::Upsert => "upsert",
        WriteClass::KeepFirst => "keep first",
        WriteClass::Append => "append",
        WriteClass::Delta => "delta",
        WriteClass::Queue => "queue",
        WriteClass::Freeze => "freeze",
    }
}

fn on_delete(d: OnDelete) -> &'static str {
    match d {
        OnDelete::Delete => "the row is deleted",
        OnDelete::Keep => "the row stays",
    }
}
