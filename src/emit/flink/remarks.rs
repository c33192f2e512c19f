//! Comments of a script: which batch code a job stands for, on what it rests, what state it keeps.

use crate::plan::model::{Confidence, FactStatus, JobGroup, Plan, Precondition, StreamJob};
use crate::rel::{OnDelete, Period, WriteClass};
use crate::source::Place;

/// Head of the script.
pub fn group(plan: &Plan, group: &JobGroup) -> Vec<String> {
    let mut lines = vec![
        format!("Stream jobs for the batch {}.", group.entry),
        match &group.schedule {
            Some(s) => format!("The batch ran: {s}. The stream runs all the time."),
            None => "The batch has no schedule in the input. The stream runs all the time.".into(),
        },
        "Run with: sql-client.sh -f <this file>. Topics must exist: kafka/topics.sh makes them."
            .into(),
        format!(
            "DATE and TIMESTAMP carry no zone; they are meant in {}.",
            plan.project.time_zone
        ),
    ];
    if plan.settings.flink.bounded {
        lines.push(
            "Bounded: reads to the end of the topics as they are at the start, then ends.".into(),
        );
    }
    lines
}

/// Remarks above a job's INSERT.
pub fn job(job: &StreamJob) -> Vec<String> {
    let write = &job.write;
    let mut lines = vec![
        format!("{}: {} from {}", job.id, write.target, job.routine),
        format!("stands for {}", places(&job.provenance)),
        format!("rule {}, {}", job.rule, confidence(job.confidence)),
        format!(
            "{}; key {}; {}",
            class(write.class),
            write.key.join(", "),
            on_delete(write.on_delete)
        ),
    ];
    lines.extend(write.period.iter().map(period));
    lines.extend(job.preconditions.iter().map(precondition));
    lines.extend(job.state.iter().map(|s| format!("state: {s}")));
    lines.extend(job.notes.iter().map(|n| format!("note: {n}")));
    lines
}

fn places(places: &[Place]) -> String {
    let list: Vec<String> = places.iter().map(place).collect();
    list.join(", ")
}

fn place(p: &Place) -> String {
    if p.end_line > p.line {
        return format!("{}:{}-{}", p.file, p.line, p.end_line);
    }
    format!("{}:{}", p.file, p.line)
}

fn period(p: &Period) -> String {
    format!(
        "period: {} was tied to {} by {:?}; the stream holds every period",
        p.parameter, p.source.name, p.unit
    )
}

fn precondition(p: &Precondition) -> String {
    let status = match p.status {
        FactStatus::Proved => "proved",
        FactStatus::Assumed => "ASSUMED",
        FactStatus::Failed => "DOES NOT HOLD",
    };
    format!("{} ({status}): {}", p.fact, p.note)
}

fn confidence(c: Confidence) -> &'static str {
    match c {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Review => "to be reviewed",
        Confidence::Manual => "needs a person",
    }
}

fn class(c: WriteClass) -> &'static str {
    match c {
        WriteClass::ReplaceAll => "replaces the whole table",
        WriteClass::ReplacePeriod => "replaces periods",
        WriteClass::Upsert => "upsert: the last value of each key",
        WriteClass::KeepFirst => "keeps the first value of each key",
        WriteClass::Append => "appends",
        WriteClass::Delta => "adds up, written as absolute values",
        WriteClass::Queue => "work queue: each row once",
        WriteClass::Freeze => "snapshot at a control event",
    }
}

fn on_delete(o: OnDelete) -> &'static str {
    match o {
        OnDelete::Delete => "a vanished key is deleted",
        OnDelete::Keep => "a vanished key stays (the sink ignores tombstones)",
    }
}
