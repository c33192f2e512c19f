//! `migrate`, `analyze`, `plan` and `generate` on the samples: complete, the same at every run, read back.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{Run, folder, run, snapshot};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("path")
}

/// `command INPUT --out OUT more..`.
fn written(command: &str, input: &Path, out: &Path, more: &[&str]) -> Run {
    let base = [command, text(input), "--out", text(out)];
    run(base.iter().chain(more))
}

fn json(path: PathBuf) -> Value {
    let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// All files but the one that says how long it took.
fn stable(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = snapshot(dir);
    files.retain(|(name, _)| name != "report/timing.json");
    files
}

#[test]
fn both_samples_pass_with_a_gate_that_adds_up() {
    for name in ["retail", "meter"] {
        let tmp = folder(&[]);
        written("migrate", &sample(name), tmp.path(), &[]).exits(0);
        let report = json(tmp.path().join("report/report.json"));
        let gate = &report["gate"];
        assert_eq!(gate["ok"], true, "{gate}");
        let count = |key: &str| {
            gate[key]
                .as_u64()
                .unwrap_or_else(|| panic!("{key} in {gate}"))
        };
        for what in ["files", "bytes", "units", "statements", "jobs"] {
            assert_eq!(
                count(&format!("{what}_in")),
                count(&format!("{what}_reported")),
                "{what}"
            );
            assert!(count(&format!("{what}_in")) > 0, "{what}");
        }
        let outcomes = ["planned", "assumed", "control", "residual", "unparsed"];
        let sum: u64 = outcomes.iter().map(|o| count(&format!("writes_{o}"))).sum();
        assert_eq!(count("writes_in"), sum);
        assert_eq!(
            report["writes"].as_array().map(Vec::len),
            Some(sum as usize)
        );
        // Everything in meter reads what a file brought, whose history has to be there: an assumption.
        let planned = count("writes_planned") + count("writes_assumed");
        let data = count("writes_in") - count("writes_control");
        assert!(planned * 10 >= data * 8, "{gate}");
    }
}

#[test]
fn runs_are_the_same_byte_for_byte_wherever_they_are_made() {
    let tmp = folder(&[]);
    for name in ["retail", "meter"] {
        let first = tmp.path().join(name);
        written("migrate", &sample(name), &first, &[]).exits(0);
        let one = stable(&first);
        written("migrate", &sample(name), &first, &[]).exits(0);
        assert_eq!(stable(&first), one, "a second run into the same folder");
        let elsewhere = tmp.path().join("a b/日本").join(name);
        copy(&sample(name), &elsewhere);
        let other = tmp.path().join("elsewhere").join(name);
        written("migrate", &elsewhere, &other, &[]).exits(0);
        assert_eq!(stable(&other), one, "from another absolute path");
    }
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in snapshot(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
    }
}

#[test]
fn every_file_of_the_contract_is_there_and_is_read_back() {
    let tmp = folder(&[]);
    let (retail, meter) = (tmp.path().join("retail"), tmp.path().join("meter"));
    written("migrate", &sample("retail"), &retail, &[]).exits(0);
    written("migrate", &sample("meter"), &meter, &[]).exits(0);
    let files = [
        "README.md",
        "plan.json",
        "plan.schema.json",
        "start.sh",
        "runbook.md",
        "report/index.html",
        "report/report.json",
        "report/report.schema.json",
        "report/findings.csv",
        "report/writes.csv",
        "report/jobs.csv",
        "report/lineage.csv",
        "report/report.sarif",
        "report/lineage.json",
        "report/timing.json",
        "cdc/supplemental-logging.sql",
        "cdc/grants.sql",
        "kafka/topics.sh",
        "kafka/topics.strimzi.yaml",
        "kafka/topics.tf",
        "cassandra/schema.cql",
        "cassandra/access-paths.md",
        ".ora2stream/manifest.json",
    ];
    for file in files {
        assert!(retail.join(file).is_file(), "retail has no {file}");
        assert!(meter.join(file).is_file(), "meter has no {file}");
    }
    for part in [
        "cdc", "flink", "spark", "backfill", "sink", "verify", "zeppelin", "compose",
    ] {
        assert!(
            fs::read_dir(retail.join(part)).is_ok_and(|mut d| d.next().is_some()),
            "{part}/"
        );
    }
    assert!(
        fs::read_dir(meter.join("fluentd")).is_ok_and(|mut d| d.next().is_some()),
        "fluentd/"
    );
    for dir in [&retail, &meter] {
        snapshot(dir)
            .iter()
            .for_each(|(name, bytes)| read_back(name, bytes));
        valid(
            &dir.join("report/report.json"),
            &dir.join("report/report.schema.json"),
        );
        valid(&dir.join("plan.json"), &dir.join("plan.schema.json"));
    }
}

/// Parses a generated file by its kind.
fn read_back(name: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    let extension = name.rsplit('.').next().unwrap_or("");
    match extension {
        "json" | "sarif" | "zpln" => {
            serde_json::from_str::<Value>(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "toml" => {
            toml::from_str::<toml::Table>(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "yaml" | "yml" => {
            serde_saphyr::from_multiple::<Value>(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        "csv" => {
            let mut reader = csv::Reader::from_reader(bytes);
            reader
                .records()
                .for_each(|r| drop(r.unwrap_or_else(|e| panic!("{name}: {e}"))));
        }
        "html" => assert!(
            text.starts_with("<!doctype html>") || text.starts_with("<!DOCTYPE html>"),
            "{name}"
        ),
        _ => {}
    }
    let path = env!("CARGO_MANIFEST_DIR");
    assert!(
        !text.contains(path),
        "{name} holds the path of this checkout"
    );
}

fn valid(document: &Path, schema: &Path) {
    let schema = json(schema.to_path_buf());
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let document_json = json(document.to_path_buf());
    let errors: Vec<String> = validator
        .iter_errors(&document_json)
        .map(|e| e.to_string())
        .take(5)
        .collect();
    assert!(errors.is_empty(), "{}: {errors:?}", document.display());
}

#[test]
fn a_plan_generates_what_migrate_writes() {
    let tmp = folder(&[]);
    let (whole, half) = (tmp.path().join("whole"), tmp.path().join("half"));
    let plan = tmp.path().join("my.plan.json");
    written("migrate", &sample("retail"), &whole, &[]).exits(0);
    written("plan", &sample("retail"), &plan, &[]).exits(0);
    written("generate", &plan, &half, &[]).exits(0);
    let but_report = |dir: &Path| {
        let mut files = snapshot(dir);
        files.retain(|(n, _)| !n.starts_with("report/") && !n.starts_with(".ora2stream/"));
        files
    };
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&but_report(&half)), names(&but_report(&whole)));
    for (one, two) in but_report(&half).iter().zip(&but_report(&whole)) {
        assert!(one == two, "{} differs", one.0);
    }
}

#[test]
fn an_edited_plan_generates_what_it_says() {
    let tmp = folder(&[]);
    let out = tmp.path().join("out");
    written("migrate", &sample("retail"), &out, &[]).exits(0);
    let plan = out.join("plan.json");
    let edited = fs::read_to_string(&plan)
        .expect("plan")
        .replace("\"keyspace\": \"retail\"", "\"keyspace\": \"shop\"");
    fs::write(&plan, &edited).expect("edit");
    written("generate", &plan, &out, &[]).exits(0);
    let schema = fs::read_to_string(out.join("cassandra/schema.cql")).expect("schema");
    assert!(
        schema.contains("EXISTS shop.") && !schema.contains("EXISTS retail."),
        "{schema}"
    );
    assert_eq!(
        fs::read_to_string(&plan).expect("plan"),
        edited,
        "the edit stays"
    );
    let elsewhere = tmp.path().join("elsewhere");
    written(
        "generate",
        &plan,
        &elsewhere,
        &["--set", "kafka.bootstrap=broker:9"],
    )
    .exits(0);
    let settings = json(elsewhere.join("plan.json"));
    assert_eq!(settings["settings"]["kafka"]["bootstrap"], "broker:9");
}

#[test]
fn parts_and_engines_can_be_chosen() {
    let tmp = folder(&[]);
    let plan = tmp.path().join("plan.json");
    written("plan", &sample("retail"), &plan, &[]).exits(0);
    let only = tmp.path().join("only");
    written("generate", &plan, &only, &["--only", "kafka"]).exits(0);
    let names: Vec<String> = snapshot(&only).into_iter().map(|f| f.0).collect();
    assert!(
        names
            .iter()
            .all(|n| n.starts_with("kafka/") || n.starts_with(".ora2stream/")),
        "{names:?}"
    );
    let flink = tmp.path().join("flink");
    written("generate", &plan, &flink, &["--engine", "flink"]).exits(0);
    assert!(flink.join("flink").is_dir() && !flink.join("spark").exists());
    written(
        "generate",
        &plan,
        &tmp.path().join("x"),
        &["--only", "kafak"],
    )
    .exits(2)
    .says("kafka");
}

#[test]
fn analyze_writes_the_report_alone() {
    let tmp = folder(&[]);
    written("analyze", &sample("meter"), tmp.path(), &["--lang", "ja"]).exits(0);
    let names: Vec<String> = snapshot(tmp.path()).into_iter().map(|f| f.0).collect();
    assert!(
        names
            .iter()
            .all(|n| n.starts_with("report/") || n.starts_with(".ora2stream/")),
        "{names:?}"
    );
    let page = fs::read_to_string(tmp.path().join("report/index.html")).expect("page");
    assert!(page.contains("lang=\"ja\""), "the page says its language");
}

#[test]
fn what_to_fail_on_is_the_users_choice() {
    let tmp = folder(&[
        ("clean/a.sql", b"SELECT 1 FROM dual;\n"),
        ("broken/a.sql", b"BEGIN\n x := ;\nEND;\n/\n"),
    ]);
    let retail = |list: &str| {
        written(
            "migrate",
            &sample("retail"),
            &tmp.path().join("r"),
            &["--fail-on", list],
        )
    };
    retail("residual").exits(1);
    retail("unparsed,parse-error,unreadable").exits(0);
    let (clean, broken) = (tmp.path().join("clean"), tmp.path().join("broken"));
    written(
        "analyze",
        &clean,
        &tmp.path().join("c"),
        &["--fail-on", "parse-error"],
    )
    .exits(0);
    written("analyze", &broken, &tmp.path().join("b"), &[]).exits(0);
    written(
        "analyze",
        &broken,
        &tmp.path().join("b"),
        &["--fail-on", "parse-error"],
    )
    .exits(1);
}

#[test]
fn edits_are_kept_and_foreign_files_are_refused() {
    let tmp = folder(&[]);
    let out = tmp.path().join("out");
    written("migrate", &sample("meter"), &out, &[]).exits(0);
    fs::write(out.join("runbook.md"), "ours now").expect("edit");
    written("migrate", &sample("meter"), &out, &[])
        .exits(2)
        .says("U010");
    assert_eq!(
        fs::read_to_string(out.join("runbook.md")).expect("file"),
        "ours now"
    );
    assert!(out.join("runbook.md.new").is_file());
    written("migrate", &sample("meter"), &out, &["--force"]).exits(0);
    assert_eq!(
        fs::read_to_string(out.join("runbook.md")).expect("file"),
        "ours now"
    );
    fs::write(out.join("notes.txt"), "mine").expect("file");
    let before = snapshot(&out);
    written("migrate", &sample("meter"), &out, &[])
        .exits(2)
        .says("U004")
        .says("notes.txt");
    assert_eq!(snapshot(&out), before);
    written("migrate", &sample("meter"), &out, &["--force"]).exits(0);
    assert!(out.join("notes.txt").is_file());
}

#[test]
fn summaries_are_for_people_or_for_programs() {
    let tmp = folder(&[]);
    let people = written("analyze", &sample("meter"), tmp.path(), &[]).exits(0);
    assert!(
        people.out.contains("writes:") && people.out.contains("index.html"),
        "{}",
        people.out
    );
    let program = written(
        "analyze",
        &sample("meter"),
        tmp.path(),
        &["--format", "json"],
    )
    .exits(0);
    let document: Value = serde_json::from_str(&program.out).expect("one JSON document");
    assert_eq!(document["gate"]["ok"], true);
    let quiet = written("analyze", &sample("meter"), tmp.path(), &["--quiet"]).exits(0);
    assert!(quiet.err.is_empty(), "{}", quiet.err);
}

#[test]
fn an_estate_without_a_project_file_is_told_what_one_would_add() {
    let tmp = folder(&[("in/t.sql", b"CREATE TABLE t (a NUMBER PRIMARY KEY);\n")]);
    let out = tmp.path().join("out");
    written("migrate", &tmp.path().join("in"), &out, &[]).exits(0);
    let report = json(out.join("report/report.json"));
    assert!(report["hints"].as_array().is_some_and(|h| !h.is_empty()));
    assert_eq!(report["project"]["name"], "in");
    // A single file is an input too; the output may lie inside the input.
    written(
        "migrate",
        &tmp.path().join("in/t.sql"),
        &tmp.path().join("one"),
        &[],
    )
    .exits(0);
    let inside = tmp.path().join("in/out");
    written("migrate", &tmp.path().join("in"), &inside, &[]).exits(0);
    let first = stable(&inside);
    written("migrate", &tmp.path().join("in"), &inside, &[]).exits(0);
    assert_eq!(stable(&inside), first, "the output is not read as input");
}
