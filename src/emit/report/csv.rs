//! The tables of the report as CSV: RFC 4180, UTF-8, a header, one record a row. A field that a spreadsheet would
//! take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) is preceded by an apostrophe.

use super::{EmitError, GeneratedFile, refused, word};
use crate::assess::model::*;
use crate::plan::model::Precondition;

/// findings, writes, jobs, lineage.
pub(super) fn tables(report: &Report) -> Result<Vec<GeneratedFile>, EmitError> {
    Ok(vec![
        file("findings", FINDINGS, report.findings.iter().map(finding))?,
        file("writes", WRITES, report.writes.iter().map(write))?,
        file("jobs", JOBS, report.jobs.iter().map(job))?,
        file("lineage", LINEAGE, lineage(&report.lineage))?,
    ])
}

fn file<const N: usize>(
    name: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<GeneratedFile, EmitError> {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    out.write_record(head).map_err(|e| refused(&e))?;
    for row in rows {
        out.write_record(row.iter().map(|f| guarded(f)))
            .map_err(|e| refused(&e))?;
    }
    Ok(GeneratedFile {
        path: format!("report/{name}.csv"),
        contents: out.into_inner().map_err(|e| refused(&e))?,
        executable: false,
    })
}

/// Keeps a spreadsheet from running a field.
fn guarded(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_string()
    }
}

const FINDINGS: [&str; 10] = [
    "code",
    "severity",
    "class",
    "file",
    "line",
    "column",
    "end_line",
    "message",
    "help",
    "provenance",
];

fn finding(f: &Finding) -> [String; 10] {
    let place = f.place.as_ref();
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    [
        f.code.clone(),
        word(&f.severity),
        word(&f.class),
        place.map(|p| p.file.clone()).unwrap_or_default(),
        number(place.map(|p| p.line)),
        number(place.map(|p| p.column)),
        number(place.map(|p| p.end_line)),
        f.message.clone(),
        f.help.clone().unwrap_or_default(),
        f.provenance.clone(),
    ]
}

const WRITES: [&str; 19] = [
    "file",
    "line",
    "end_line",
    "unit",
    "routine",
    "kind",
    "table",
    "jobs",
    "outcome",
    "write_class",
    "rule",
    "preconditions",
    "reason",
    "message",
    "unlock",
    "question",
    "fallback",
    "stream_job",
    "dynamic",
];

fn write(w: &WriteReport) -> [String; 19] {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let fact = |p: &Precondition| format!("{} {}", p.fact, word(&p.status));
    let facts: Vec<String> = w.preconditions.iter().map(fact).collect();
    [
        w.file.clone(),
        w.line.to_string(),
        w.end_line.to_string(),
        w.unit.clone(),
        w.routine.clone(),
        w.kind.as_str().into(),
        text(&w.table),
        w.jobs.join("; "),
        word(&w.outcome),
        w.write_class.map(|c| word(&c)).unwrap_or_default(),
        w.rule.clone(),
        facts.join("; "),
        w.reason.map(|r| word(&r)).unwrap_or_default(),
        w.message.clone(),
        text(&w.unlock),
        text(&w.question),
        w.fallback.map(|f| word(&f)).unwrap_or_default(),
        text(&w.stream_job),
        w.dynamic.to_string(),
    ]
}

const JOBS: [&str; 11] = [
    "name", "group", "entry", "source", "schedule", "enabled", "reads", "writes", "commits",
    "rerun", "verdict",
];

fn job(j: &JobReport) -> [String; 11] {
    [
        j.name.clone(),
        j.group.clone().unwrap_or_default(),
        j.entry.clone(),
        word(&j.source),
        j.schedule.clone().unwrap_or_default(),
        j.enabled.to_string(),
        j.reads.join("; "),
        j.writes.join("; "),
        word(&j.commits),
        word(&j.rerun),
        word(&j.verdict),
    ]
}

const LINEAGE: [&str; 10] = [
    "level",
    "from",
    "from_column",
    "to",
    "to_column",
    "kind",
    "via",
    "file",
    "line",
    "planned",
];

fn lineage(l: &Lineage) -> Vec<[String; 10]> {
    let none = String::new;
    let tables = l.tables.iter().map(|e| {
        [
            "table".into(),
            e.from.clone(),
            none(),
            e.to.clone(),
            none(),
            none(),
            e.via.clone(),
            e.place.file.clone(),
            e.place.line.to_string(),
            e.planned.to_string(),
        ]
    });
    let columns = l.columns.iter().map(|e| {
        [
            "column".into(),
            e.from_table.clone(),
            e.from_column.clone(),
            e.to_table.clone(),
            e.to_column.clone(),
            word(&e.kind),
            none(),
            e.place.file.clone(),
            e.place.line.to_string(),
            none(),
        ]
    });
    let calls = l.calls.iter().map(|e| {
        [
            "call".into(),
            e.from.clone(),
            none(),
            e.to.clone(),
            none(),
            none(),
            none(),
            e.place.file.clone(),
            e.place.line.to_string(),
            none(),
        ]
    });
    tables.chain(columns).chain(calls).collect()
}
