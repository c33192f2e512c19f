//! The catalogues of the samples, from their files.

use std::path::{Path, PathBuf};

use ora2stream::catalog::build::{AuxText, CatalogConfig, build};
use ora2stream::catalog::model::{Bound, Catalog, Job, JobOrigin, Resolved, TableKind};
use ora2stream::diag::Code;
use ora2stream::rel::TableName;
use ora2stream::source::{SourceFile, SourceMap};
use ora2stream::syntax::{ParsedFile, parse_all};

struct Estate {
    map: SourceMap,
    files: Vec<ParsedFile>,
    catalog: Catalog,
}

fn files_below(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|e| e.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// Reads a sample: everything with a SQL ending is source, the rest auxiliary.
fn sample(
    name: &str,
    config: CatalogConfig,
    encoding: impl Fn(&str) -> &'static encoding_rs::Encoding,
) -> Estate {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name);
    let mut paths = Vec::new();
    files_below(&root, &mut paths);
    let (mut map, mut aux) = (SourceMap::default(), Vec::new());
    for path in paths {
        let relative = path
            .strip_prefix(&root)
            .expect("below")
            .to_string_lossy()
            .replace('\\', "/");
        if relative.ends_with(".png") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("readable");
        if relative.ends_with(".png") {
            continue;
        }
        let (text, _, broken) = encoding(&relative).decode(&bytes);
        assert!(!broken, "{relative}");
        let is_source = [".sql", ".pks", ".pkb", ".ctl"]
            .iter()
            .any(|e| relative.ends_with(e));
        if is_source {
            map.add(SourceFile::from_text(relative, text));
        } else if ![".md", ".toml"].iter().any(|e| relative.ends_with(e)) {
            aux.push(AuxText {
                path: relative,
                text: text.into_owned(),
            });
        }
    }
    let files = parse_all(&map);
    let catalog = build(&map, &files, &aux, &config);
    Estate {
        map,
        files,
        catalog,
    }
}

fn retail() -> Estate {
    let config = CatalogConfig {
        schemas: vec!["RETAIL".into()],
        entry_points: Vec::new(),
        schedule_files: [
            "schedule/scheduler.sql",
            "schedule/crontab",
            "schedule/run_nightly.sh",
        ]
        .map(String::from)
        .to_vec(),
    };
    sample("retail", config, |_| encoding_rs::UTF_8)
}

fn meter() -> Estate {
    let config = CatalogConfig {
        schemas: vec!["METER".into()],
        entry_points: Vec::new(),
        schedule_files: ["schedule/jobs.sql", "schedule/crontab", "load/load_gas.sh"]
            .map(String::from)
            .to_vec(),
    };
    sample("meter", config, |path| {
        if path.starts_with("schedule/") && path.ends_with(".sql") || path.ends_with(".md") {
            encoding_rs::UTF_8
        } else {
            encoding_rs::SHIFT_JIS
        }
    })
}

fn entries<'e>(estate: &'e Estate, job: &'e Job) -> Vec<String> {
    let name = |e: &ora2stream::catalog::model::Entry| match &e.routine {
        Resolved::Known(id) => estate.catalog.routines[id.0 as usize].qualified(),
        Resolved::Unknown(reason) => format!("? {reason}"),
    };
    job.entries.iter().map(name).collect()
}

#[test]
fn the_tables_of_retail_have_types_and_keys() {
    let estate = retail();
    let c = &estate.catalog;
    assert_eq!(c.default_schema, "RETAIL");
    let tables: Vec<_> = c
        .tables
        .values()
        .filter(|t| t.kind == TableKind::Table)
        .collect();
    assert!(tables.len() >= 20, "{}", tables.len());
    for t in &tables {
        assert!(!t.columns.is_empty(), "{}", t.name);
        for column in t.columns.values() {
            let unknown = matches!(column.ty, ora2stream::rel::DataType::Unknown { .. });
            assert!(!unknown, "{}.{}", t.name, column.name);
        }
    }
    let without_key: Vec<_> = tables
        .iter()
        .filter(|t| t.primary_key.is_none())
        .map(|t| t.name.name.as_str())
        .collect();
    assert!(without_key.is_empty(), "{without_key:?}");
    let orders = &c.tables[&TableName::new("RETAIL", "ORDERS")];
    assert_eq!(orders.partition_by, ["ORDERED_AT"]);
    assert!(orders.rows.is_some() && orders.comment.is_some());
    assert_eq!(c.triggers.len(), 2);
    assert_eq!(c.sequences.len(), 4);
    let overview = &c.tables[&TableName::new("RETAIL", "V_CUSTOMER_OVERVIEW")];
    assert!(
        overview
            .columns
            .values()
            .all(|c| !matches!(c.ty, ora2stream::rel::DataType::Unknown { .. }))
    );
}

#[test]
fn the_jobs_of_retail_are_resolved_and_bound() {
    let estate = retail();
    let c = &estate.catalog;
    let names: Vec<_> = c
        .jobs
        .iter()
        .map(|j| (j.name.as_str(), j.origin, j.enabled))
        .collect();
    assert_eq!(
        names,
        [
            ("RETAIL.MORNING_JOB", JobOrigin::Scheduler, true),
            (
                "RETAIL.MORNING_CHAIN.STEP_SALES",
                JobOrigin::ChainStep,
                true
            ),
            (
                "RETAIL.MORNING_CHAIN.STEP_BALANCE",
                JobOrigin::ChainStep,
                true
            ),
            ("RETAIL.MORNING_CHAIN.STEP_TOP", JobOrigin::ChainStep, true),
            (
                "RETAIL.MORNING_CHAIN.STEP_LOYALTY",
                JobOrigin::ChainStep,
                true
            ),
            ("RETAIL.SHIPMENTS_JOB", JobOrigin::Scheduler, true),
            ("RETAIL.NOON_COSTS_JOB", JobOrigin::Scheduler, false),
            ("run_nightly", JobOrigin::Crontab, true),
        ]
    );
    for job in &c.jobs {
        assert!(
            job.entries.iter().all(|e| e.routine.known().is_some()),
            "{}: {:?}",
            job.name,
            entries(&estate, job)
        );
    }
    let run_date = Bound::RunDate("TRUNC(SYSDATE) - 1".into());
    for job in [1, 6] {
        let binding = &c.jobs[job].entries[0].bindings[0];
        assert_eq!(
            (binding.param.as_str(), &binding.value),
            ("P_DATE", &run_date)
        );
    }
    assert_eq!(entries(&estate, &c.jobs[0]).len(), 4);
    assert_eq!(
        c.jobs[4].after,
        [
            "RETAIL.MORNING_CHAIN.STEP_BALANCE",
            "RETAIL.MORNING_CHAIN.STEP_TOP"
        ]
    );
    assert_eq!(
        c.jobs[1].schedule.as_deref(),
        Some("FREQ=DAILY;BYHOUR=5;BYMINUTE=30;BYSECOND=0")
    );
    assert_eq!(entries(&estate, &c.jobs[7]), ["RETAIL.NIGHTLY.RUN"]);
    assert_eq!(
        (c.jobs[7].file.as_str(), c.jobs[7].schedule.as_deref()),
        ("schedule/crontab", Some("30 1 * * *"))
    );
}

#[test]
fn the_night_reaches_every_batch_but_what_is_run_by_hand() {
    let estate = retail();
    let c = &estate.catalog;
    let night = c.calls.reachable_from(c, 7);
    let outside: Vec<_> = c
        .routines
        .iter()
        .enumerate()
        .filter(|(i, _)| !night.contains(&ora2stream::catalog::model::RoutineId(*i as u32)))
        .map(|(_, r)| r.name.as_str())
        .filter(|n| !n.starts_with('<'))
        .collect();
    assert_eq!(outside, ["FIX_NEGATIVE_STOCK"]);
    let unknown: Vec<_> = c
        .calls
        .calls
        .iter()
        .flatten()
        .filter(|call| {
            matches!(
                call.callee,
                ora2stream::catalog::resolve::Callee::Unknown(_)
            )
        })
        .map(|call| (call.name.as_str(), estate.map.place(call.span).to_string()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(estate.files.len(), estate.map.len());
}

#[test]
fn retail_has_no_findings_of_trouble() {
    let estate = retail();
    let trouble: Vec<_> = estate
        .catalog
        .findings
        .iter()
        .map(|f| (f.code.as_str(), f.message.as_str()))
        .collect();
    assert!(trouble.is_empty(), "{trouble:#?}");
}

#[test]
fn meter_has_its_japanese_names_files_and_jobs() {
    let estate = meter();
    let c = &estate.catalog;
    let area = &c.tables[&TableName::new("METER", "地区")];
    assert_eq!(area.primary_key, Some(vec!["地区コード".to_string()]));
    assert_eq!(area.comment.as_deref(), Some("地区マスタ"));
    let external = c.tables[&TableName::new("METER", "EXT_READINGS")]
        .external
        .clone()
        .expect("files");
    assert_eq!(external.files, ["readings.csv"]);
    assert_eq!(external.charset.as_deref(), Some("JA16SJISTILDE"));
    assert_eq!(
        external.fields,
        ["METER_ID", "READ_AT", "USAGE_QTY", "QUALITY", "DEVICE_NOTE"]
    );
    let loaded = c.tables[&TableName::new("METER", "STG_GAS_READINGS")]
        .external
        .clone()
        .expect("files");
    assert_eq!((loaded.skip, loaded.separator.as_deref()), (1, Some(",")));
    assert_eq!(
        loaded.fields,
        ["METER_ID", "READ_ON", "USAGE_M3", "READER_NAME"]
    );
    let jobs: Vec<_> = c
        .jobs
        .iter()
        .map(|j| (j.name.as_str(), entries(&estate, j)))
        .collect();
    assert_eq!(
        jobs,
        [
            ("METER.HOURLY_JOB", vec!["METER.HOURLY_RUN".to_string()]),
            ("METER.DAILY_JOB", vec!["METER.DAILY_RUN".to_string()]),
            ("load_gas", vec!["METER.LOAD_PKG.LOAD_GAS".to_string()]),
        ]
    );
    assert!(
        c.findings.iter().all(|f| f.code != Code::UnknownTable),
        "{:#?}",
        c.findings
    );
}
