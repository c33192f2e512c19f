//! The table of emitters against the contract.

use super::testing::sample_plan;
use super::*;
use std::collections::BTreeSet;

/// What a plan with a bit of everything must give: `(emitter, file or start of its path)`.
const CONTRACT: &[(&str, &str)] = &[
    ("runbook", "README.md"),
    ("runbook", "runbook.md"),
    ("debezium", "cdc/retail.json"),
    ("debezium", "cdc/supplemental-logging.sql"),
    ("debezium", "cdc/grants.sql"),
    ("kafka", "kafka/topics.sh"),
    ("kafka", "kafka/topics.strimzi.yaml"),
    ("kafka", "kafka/topics.tf"),
    ("flink", "flink/nightly_run.sql"),
    ("spark", "spark/nightly_run.py"),
    ("spark-load", "backfill/daily_sales.py"),
    ("cql", "cassandra/schema.cql"),
    ("cql", "cassandra/access-paths.md"),
    ("backfill", "backfill/daily_sales.toml"),
    ("backfill", "sink/ora2stream.toml"),
    ("backfill", "verify/daily_sales.toml"),
    ("fluentd", "fluentd/"),
    ("zeppelin", "zeppelin/"),
    ("compose", "compose/"),
];

fn paths(only: Option<&[String]>) -> BTreeSet<String> {
    let files = emit_all(&sample_plan(), only).unwrap();
    files.into_iter().map(|f| f.path).collect()
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = EMITTERS.iter().map(|e| e.name()).collect();
    assert_eq!(names.len(), EMITTERS.len());
}

#[test]
fn every_file_of_the_contract_comes_from_its_emitter() {
    let wanted: BTreeSet<&str> = CONTRACT.iter().map(|(e, _)| *e).collect();
    let there: BTreeSet<&str> = EMITTERS.iter().map(|e| e.name()).collect();
    assert_eq!(there, wanted);
    for (emitter, path) in CONTRACT {
        let files = paths(Some(&[(*emitter).to_string()]));
        assert!(
            files.iter().any(|f| f.starts_with(path)),
            "{emitter}: {path} in {files:?}"
        );
    }
}

#[test]
fn all_together_is_the_union_of_each() {
    let each: BTreeSet<String> = EMITTERS
        .iter()
        .flat_map(|e| paths(Some(&[e.name().to_string()])))
        .collect();
    assert_eq!(paths(None), each);
}

#[test]
fn paths_stay_inside_the_folder() {
    for path in paths(None) {
        assert!(
            !path.starts_with('/') && !path.contains("..") && !path.contains('\\'),
            "{path}"
        );
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    assert_eq!(
        emit_all(&sample_plan(), None).unwrap(),
        emit_all(&sample_plan(), None).unwrap()
    );
}

#[test]
fn an_unknown_emitter_is_told_with_the_known_ones() {
    let error = emit_all(&sample_plan(), Some(&["flnk".into()]))
        .unwrap_err()
        .to_string();
    assert!(error.contains("flnk") && error.contains("flink"), "{error}");
}

#[test]
fn a_plan_without_anything_still_writes_files_that_are_whole() {
    let files = emit_all(&testing::empty_plan(), None).unwrap();
    assert!(files.iter().all(|f| !f.contents.is_empty()));
}
