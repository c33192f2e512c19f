//! The report of the sample estates: complete, and true to what their READMEs say.

use std::path::Path;

use ora2stream::assess::model::*;
use ora2stream::cli::config::{Overrides, resolve};
use ora2stream::cli::input::{Reading, read};
use ora2stream::diag::input_findings;
use ora2stream::emit::flink;
use ora2stream::emit::report::{Lang, render};
use ora2stream::pipeline::analyse;
use ora2stream::rules::Registry;

/// The report of a sample, with its files left in the build folder for a look.
fn report(sample: &str) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(sample);
    let text = std::fs::read_to_string(root.join("ora2stream.toml")).expect("project file");
    let config = resolve(Some(&text), Overrides::default(), sample).expect("configuration");
    let reading = Reading {
        encodings: &config.encodings,
        exclude: &config.project.exclude,
        schedule_files: &config.project.schedule_files,
        out: None,
        max_bytes: ora2stream::cli::input::MAX_READ,
    };
    let input = read(&root, reading, &|_| {}).expect("input");
    let registry = Registry::builtin().expect("rules");
    let findings = input_findings(&input);
    let mut analysis = analyse(&input, &config.project, &registry, &findings, &mut ());
    let queries = flink::queries(&analysis.built.plan);
    analysis.report.target.attach_queries(&queries);
    for lang in [Lang::En, Lang::Ja] {
        let name = format!("report-{sample}-{}", lang.tag());
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        for file in render(&analysis.report, lang).expect("renders") {
            let path = out.join(file.path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
            std::fs::write(path, file.contents).expect("written");
        }
    }
    analysis.report
}

fn job<'r>(report: &'r Report, name: &str) -> &'r JobReport {
    let found = report.jobs.iter().find(|j| j.name.contains(name));
    found.unwrap_or_else(|| panic!("no job {name}"))
}

#[test]
fn retail_is_complete_and_true() {
    let r = report("retail");
    assert!(r.gate.ok, "{:#?}", r.gate);
    let nightly = job(&r, "run_nightly");
    assert_eq!(nightly.window.as_ref().map(|w| w.first), Some(90));
    assert!(nightly.steps.len() > 8, "{:?}", nightly.steps);
    assert_eq!(nightly.commits, CommitPattern::InLoop);
    let list = r
        .transactions
        .iter()
        .find(|t| t.routine.ends_with("BUILD_MAILING_LIST"));
    assert_eq!(list.map(|t| t.commits), Some(CommitPattern::EveryNRows));
    let stock = r
        .transactions
        .iter()
        .find(|t| t.routine.ends_with("REBUILD_STOCK_LEVELS"));
    assert_eq!(stock.map(|t| t.rerun), Some(RerunClass::Idempotent));
    assert!(!job(&r, "NOON").enabled);
    assert_eq!(
        job(&r, "SHIPMENTS").window.as_ref().and_then(|w| w.every),
        Some(15)
    );
    let planned: Vec<&str> = r
        .target
        .stream_jobs
        .iter()
        .map(|j| j.table.as_str())
        .collect();
    for table in ["RETAIL.DAILY_SALES", "RETAIL.CUSTOMER_BALANCE"] {
        assert!(planned.contains(&table), "{planned:?}");
        assert!(r.lineage.columns.iter().any(|e| e.to_table == table));
    }
    assert!(r.target.stream_jobs.iter().all(|j| j.sql.is_some()));
    assert!(
        r.side_effects
            .iter()
            .any(|s| s.kind == SideEffectKind::File)
    );
    assert!(
        r.uncalled
            .iter()
            .any(|u| u.routine.contains("FIX_NEGATIVE_STOCK"))
    );
}

#[test]
fn every_write_has_its_reasons() {
    for sample in ["retail", "meter"] {
        let r = report(sample);
        assert!(r.gate.ok, "{:#?}", r.gate);
        for w in &r.writes {
            let place = format!("{}:{} {:?}", w.file, w.line, w.outcome);
            match w.outcome {
                Outcome::Planned | Outcome::Assumed => {
                    assert!(w.write_class.is_some() && w.stream_job.is_some(), "{place}");
                }
                Outcome::Residual => {
                    assert!(w.reason.is_some() && w.unlock.is_some(), "{place}");
                }
                Outcome::Control => assert!(!w.message.is_empty(), "{place}"),
                Outcome::Unparsed => {}
            }
            assert!(r.excerpt(&w.file, w.line).is_some(), "{place}");
        }
    }
}
