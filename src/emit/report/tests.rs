//! The report's files read back, with a report whose every free text is given.

use super::*;
use crate::assess::model::*;
use crate::diag::Severity;
use crate::plan::model::{
    Cleanup, Confidence, FactStatus, Fallback, Precondition, ResidualReason, TopicRole,
};
use crate::rel::{OnDelete, WriteClass};
use crate::source::Place;

const EVIL: &str = "</script><script>alert(1)</script>\"'><img src=x onerror=y>$(rm -rf .)`{{x}}`\n\u{2028}&amp;日本";

fn place(text: &str) -> Place {
    Place {
        file: text.into(),
        line: 3,
        column: 2,
        end_line: 4,
        start: 0,
        end: 9,
    }
}

fn fact(t: &str) -> Precondition {
    Precondition {
        fact: t.into(),
        status: FactStatus::Assumed,
        note: t.into(),
        places: vec![place(t)],
    }
}

fn write(t: &str) -> WriteReport {
    let s = || t.to_string();
    WriteReport {
        file: s(),
        line: 3,
        end_line: 4,
        column: 2,
        unit: s(),
        routine: s(),
        kind: WriteKind::Insert,
        table: Some(s()),
        jobs: vec![s()],
        outcome: Outcome::Residual,
        write_class: Some(WriteClass::Upsert),
        rule: s(),
        preconditions: vec![fact(t)],
        reason: Some(ResidualReason::SelfRead),
        message: s(),
        unlock: Some(s()),
        question: Some(s()),
        fallback: Some(Fallback::MicroBatch),
        stream_job: Some(s()),
        dynamic: false,
    }
}

fn job(t: &str) -> JobReport {
    let s = || t.to_string();
    let step = |name: &str| JobStep {
        name: format!("{name}{t}"),
        routine: s(),
        after: vec![s()],
        writes: vec![s()],
        verdict: JobVerdict::Planned,
        place: Some(place(t)),
    };
    JobReport {
        name: s(),
        group: Some(s()),
        entry: s(),
        routines: vec![s()],
        source: ScheduleSource::Crontab,
        schedule: Some(s()),
        place: Some(place(t)),
        enabled: false,
        window: Some(Window {
            first: 60,
            every: None,
            last: None,
            days: s(),
        }),
        steps: vec![step("1"), step("2")],
        reads: vec![s()],
        writes: vec![s()],
        commits: CommitPattern::InLoop,
        rerun: RerunClass::Loses,
        verdict: JobVerdict::Partial,
    }
}

fn lineage(t: &str) -> Lineage {
    let s = || t.to_string();
    Lineage {
        tables: vec![TableEdge {
            from: s(),
            to: format!("{t}2"),
            via: s(),
            place: place(t),
            planned: true,
        }],
        columns: vec![ColumnEdge {
            from_table: s(),
            from_column: s(),
            to_table: s(),
            to_column: s(),
            kind: ColumnEdgeKind::Copy,
            place: place(t),
        }],
        calls: vec![CallEdge {
            from: s(),
            to: format!("{t}2"),
            count: 2,
            place: place(t),
            resolved: false,
        }],
    }
}

fn stream_job(t: &str) -> StreamJobSummary {
    let s = || t.to_string();
    StreamJobSummary {
        id: s(),
        group: s(),
        table: s(),
        routine: s(),
        write_class: WriteClass::ReplacePeriod,
        key: vec![s()],
        on_delete: OnDelete::Keep,
        period: Some(s()),
        audit_columns: vec![s()],
        reads: vec![s()],
        topic: s(),
        rule: s(),
        confidence: Confidence::Review,
        preconditions: vec![fact(t)],
        state: vec![s()],
        notes: vec![s()],
        provenance: vec![place(t)],
        sql: Some(s()),
    }
}

fn target(t: &str) -> Target {
    let s = || t.to_string();
    Target {
        sources: vec![SourceSummary {
            table: s(),
            topic: s(),
            key: vec![s()],
            rows: Some(12),
            left_out: vec![s()],
        }],
        topics: vec![TopicSummary {
            name: s(),
            role: TopicRole::Cdc,
            partitions: 3,
            cleanup: Cleanup::Compact,
            key: vec![s()],
        }],
        stream_jobs: vec![stream_job(t)],
        tables: vec![CqlTableSummary {
            name: s(),
            of: s(),
            partition: vec![s()],
            clustering: vec![s()],
            serves: vec![s()],
            why: vec![s()],
            runner_up: Some(s()),
            rows_per_partition: None,
        }],
        backfills: vec![BackfillSummary {
            table: s(),
            target: Some(s()),
            topic: Some(s()),
            purpose: s(),
            rows: Some(7),
            after: vec![s()],
        }],
    }
}

fn tables(t: &str) -> Vec<TableReport> {
    let s = || t.to_string();
    vec![TableReport {
        name: s(),
        kind: TableKind::Table,
        comment: Some(s()),
        columns: 3,
        key: vec![s()],
        rows: Some(1_234_567),
        place: Some(place(t)),
        access: vec![TableAccess {
            routine: s(),
            creates: 1,
            reads: 2,
            updates: 0,
            deletes: 1,
            batch: true,
        }],
        writer_jobs: vec![s(), s()],
        external_readers: vec![s()],
    }]
}

fn finding(t: &str) -> Finding {
    Finding {
        code: "F001".into(),
        severity: Severity::Warning,
        class: FindingClass::MustFix,
        message: t.into(),
        place: Some(place(t)),
        help: Some(t.into()),
        provenance: t.into(),
    }
}

fn left(t: &str, report: &mut Report) {
    let s = || t.to_string();
    report.waves = vec![Wave {
        number: 1,
        jobs: vec![s()],
        routines: vec![s()],
        tables: vec![s()],
        sources: vec![s()],
        reasons: vec![
            WaveReason::SharedTargets { tables: vec![s()] },
            WaveReason::OutsideReaders { readers: vec![s()] },
        ],
        rows: Some(5),
        residuals: 0,
    }];
    report.missing = vec![MissingObject {
        name: s(),
        kind: MissingKind::Table,
        places: vec![place(t)],
        why: s(),
    }];
    report.questions = vec![OpenQuestion {
        about: s(),
        text: s(),
        place: Some(place(t)),
    }];
    report.excerpts = vec![Excerpt {
        file: s(),
        line: 3,
        text: format!("{t}\n{t}\n"),
        cut: true,
    }];
    let hours = Hours { low: 1, high: 2 };
    let item = EffortItem::new(EffortKind::BuildResidual, s(), 2, hours, hours);
    report.effort = Effort::of(vec![item]);
    report.hints = vec![Hint::NoQueries];
}

/// A report that holds `t` in every free text.
fn proof(t: &str) -> ProofReport {
    let s = || t.to_string();
    let broken = |matters| BrokenAssumption {
        fact: s(),
        broken_by: s(),
        matters,
    };
    ProofReport {
        seed: 1,
        cases: 20,
        branches: 8,
        covered: 7,
        jobs: vec![JobProofReport {
            group: s(),
            job: s(),
            table: s(),
            verdict: ProofVerdict::Refuted,
            cases: 20,
            failed: 1,
            comparisons: 60,
            rows: 300,
            reason: Some(s()),
            place: Some(place(t)),
            counterexample: vec![s()],
            assumptions: [Some(true), Some(false), None].map(broken).into(),
        }],
    }
}

fn filled(t: &str) -> Report {
    let s = || t.to_string();
    let mut report = Report {
        version: REPORT_VERSION,
        project: ProjectSummary {
            name: s(),
            schemas: vec![s()],
            time_zone: s(),
            tool_version: "1.0".into(),
        },
        gate: Gate {
            writes_in: 1,
            writes_residual: 1,
            ok: true,
            ..Gate::default()
        },
        writes: vec![write(t)],
        jobs: vec![job(t)],
        findings: vec![finding(t)],
        tables: tables(t),
        lineage: lineage(t),
        target: target(t),
        proof: Some(proof(t)),
        ..Report::default()
    };
    report.files = vec![FileReport {
        path: s(),
        bytes: 10,
        lines: 4,
        encoding: Some(s()),
        units: 1,
        statements: 1,
        errors: 0,
        status: FileStatus::Parsed,
    }];
    report.units = vec![UnitReport {
        file: s(),
        line: 1,
        end_line: 4,
        kind: s(),
        name: Some(s()),
        status: UnitStatus::Wrapped,
    }];
    report.other_writes = vec![OtherWrite {
        file: s(),
        line: 1,
        end_line: 1,
        unit: s(),
        kind: WriteKind::Delete,
        table: Some(s()),
        reason: OtherReason::Trigger,
    }];
    report.uncalled = vec![UncalledRoutine {
        routine: s(),
        place: place(t),
    }];
    report.loops = vec![LoopReport {
        place: place(t),
        routine: s(),
        kind: s(),
        pattern: Some(s()),
        writes: vec![s()],
        obstacles: vec![ResidualReason::OrderDependent],
        preconditions: vec![fact(t)],
        stream_jobs: vec![s()],
    }];
    report.transactions = vec![TransactionReport {
        routine: s(),
        jobs: vec![s()],
        commits: CommitPattern::AtEnd,
        places: vec![place(t)],
        autonomous: true,
        rerun: RerunClass::Duplicates,
        causes: vec![RerunCause::Inserts],
    }];
    report.side_effects = vec![SideEffect {
        place: place(t),
        routine: s(),
        call: s(),
        kind: SideEffectKind::Mail,
    }];
    left(t, &mut report);
    report
}

fn text(files: &[GeneratedFile], path: &str) -> String {
    let file = files.iter().find(|f| f.path == path).expect(path);
    String::from_utf8(file.contents.clone()).expect("UTF-8")
}

fn rendered(report: &Report, path: &str) -> String {
    text(&render(report, Lang::En).expect("renders"), path)
}

#[test]
fn report_json_keeps_to_its_schema() {
    let files = render(&filled(EVIL), Lang::En).unwrap();
    let schema = serde_json::from_str(&text(&files, "report/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut report: serde_json::Value =
        serde_json::from_str(&text(&files, "report/report.json")).unwrap();
    assert!(validator.is_valid(&report));
    report["writes"][0]["outcome"] = "lost".into();
    assert!(!validator.is_valid(&report), "the schema must refuse");
}

#[test]
fn the_report_reads_back() {
    let report = filled(EVIL);
    let back: Report = serde_json::from_str(&rendered(&report, "report/report.json")).unwrap();
    assert_eq!(back, report);
}

/// Names of the elements in order, checking that each is closed where it must be.
fn elements(html: &str) -> Vec<String> {
    const VOID: &[&str] = &["meta", "wbr", "!DOCTYPE"];
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').expect("a tag ends") + at;
        let tag = &rest[at + 1..end];
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| !c.is_whitespace())
            .collect();
        rest = &rest[end + 1..];
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_ref(), Some(&name));
            continue;
        }
        all.push(name.clone());
        if name == "script" || name == "style" {
            let close = rest.find(&format!("</{name}>")).expect("closed");
            rest = &rest[close..];
        }
        if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    all
}

#[test]
fn nothing_of_the_users_becomes_markup() {
    let evil = elements(&rendered(&filled(EVIL), "report/index.html"));
    let plain = elements(&rendered(&filled("plain"), "report/index.html"));
    let count = |all: &[String], name: &str| all.iter().filter(|e| *e == name).count();
    assert_eq!(count(&evil, "script"), 1);
    assert_eq!(count(&evil, "img"), 0);
    // Excerpts have a line more a line break in the text, names have places to break; the rest is the same elements.
    let shape = |all: &[String]| -> String {
        let kept = all.iter().filter(|e| *e != "i" && *e != "wbr");
        kept.cloned().collect::<Vec<_>>().join(" ")
    };
    assert!(
        shape(&evil) == shape(&plain),
        "other elements than with plain names"
    );
}

#[test]
fn every_section_shows_its_data() {
    let marked = rendered(&filled("MARKER"), "report/index.html");
    let mut sections = marked.split("<section ").skip(1);
    let silent = sections.find(|s| !s.contains("MARKER"));
    assert_eq!(silent.map(|s| s.chars().take(60).collect::<String>()), None);
}

#[test]
fn the_page_loads_nothing() {
    let html = rendered(&filled("plain"), "report/index.html");
    for word in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(word), "{word}");
    }
    let links = html.matches("href=\"").count();
    assert_eq!(links, html.matches("href=\"#").count());
}

#[test]
fn a_gate_that_fails_is_said_first() {
    let mut report = filled("plain");
    assert!(rendered(&report, "report/index.html").contains("banner good"));
    report.gate.ok = false;
    let html = rendered(&report, "report/index.html");
    assert!(html.contains("banner bad") && !html.contains("banner good"));
}

#[test]
fn japanese_pages_are_japanese() {
    let files = render(&filled("plain"), Lang::Ja).unwrap();
    let html = text(&files, "report/index.html");
    assert!(html.contains("<html lang=\"ja\">"));
    for word in ["残件", "移行ウェーブ", "参照クエリを ora2stream.toml"] {
        assert!(html.contains(word), "{word}");
    }
    assert!(!html.contains("Open questions"));
    let english = render(&filled("plain"), Lang::En).unwrap();
    let same = |path: &str| text(&files, path) == text(&english, path);
    assert!(same("report/report.json") && same("report/writes.csv"));
}

#[test]
fn csv_reads_back_and_runs_no_formula() {
    let mut report = filled(EVIL);
    report.writes[0].table = Some("=HYPERLINK(1)".into());
    report.writes[0].message = "-1+1".into();
    let text = rendered(&report, "report/writes.csv");
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let field = |name: &str| {
        let at = heads.iter().position(|h| h == name).expect("a column");
        rows[0].get(at).expect("a field").to_string()
    };
    assert_eq!(rows.len(), 1);
    assert_eq!(field("routine"), EVIL);
    assert_eq!(field("table"), "'=HYPERLINK(1)");
    assert_eq!(field("message"), "'-1+1");
    assert_eq!(field("outcome"), "residual");
    for name in ["findings", "jobs", "lineage"] {
        let text = rendered(&report, &format!("report/{name}.csv"));
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert!(reader.records().all(|r| r.is_ok()), "{name}");
    }
}

#[test]
fn sarif_has_what_viewers_need() {
    let log: serde_json::Value =
        serde_json::from_str(&rendered(&filled(EVIL), "report/report.sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b);
        assert!(uri.bytes().all(legal), "{uri}");
    }
    let full = rules[0]["fullDescription"]["text"].as_str().unwrap();
    assert!(!full.is_empty());
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = filled("x");
    assert_eq!(
        render(&report, Lang::En).unwrap(),
        render(&report, Lang::En).unwrap()
    );
}
