//! `backfill` at the command line, as far as it goes without a system: specifications, dry runs, files, status.

use crate::support::{folder, run};
use std::path::Path;
use tempfile::TempDir;

const SPEC: &str = r#"version = 1
table = "S.ORDERS"
purpose = "a test"
key = ["ID"]
after = []
columns = [
  { from = "ID", to = "id", oracle = { type = "number", precision = 9, scale = 0 }, cql = "int" },
  { from = "AMOUNT", to = "amount", oracle = { type = "number", precision = 10, scale = 2 }, cql = "decimal" },
  { from = "NOTE", to = "note", oracle = { type = "varchar", length = 20 }, cql = "text" },
]

[source]
kind = "csv"
files = ["orders.csv"]

[cassandra]
contact_points = ["127.0.0.1:1"]
datacenter = "dc"
keyspace = "k"
table = "orders"
batch = "auto"
max_errors = 5
"#;

const ROWS: &str = "ID,AMOUNT,NOTE\n1,12.50,first\n2,,\nx,1,bad\n4,0.01,\"a, b\"\n";

fn load() -> TempDir {
    folder(&[
        ("orders.toml", SPEC.as_bytes()),
        ("orders.csv", ROWS.as_bytes()),
    ])
}

fn at(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).display().to_string()
}

fn lines(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|e| e.expect("entry").path())
        .collect();
    files.sort();
    let text = |p: &std::path::PathBuf| std::fs::read_to_string(p).expect("text");
    files
        .iter()
        .flat_map(|p| text(p).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_dry_run_shows_rows_before_and_after_and_writes_nothing() {
    let dir = load();
    let spec = at(&dir, "orders.toml");
    let shown = run(["backfill", "run", &spec, "--dry-run", "3"]).exits(0);
    for text in [
        "12.50",
        "first",
        "amount decimal",
        "(not written)",
        "rejected: ID",
    ] {
        assert!(shown.out.contains(text), "no {text} in\n{}", shown.out);
    }
    assert!(!shown.out.contains("a, b"), "three rows only");
    assert!(!dir.path().join("orders.state").exists());
    let json = run(["backfill", "run", &spec, "--dry-run", "--format", "json"]).exits(0);
    let parsed: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(parsed["rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        parsed["rows"][1]["cells"][1]["value"],
        serde_json::Value::Null
    );
    assert_eq!(parsed["rejected"][0]["column"], "ID");
}

#[test]
fn rows_go_to_files_and_the_counts_add_up() {
    let dir = load();
    let (spec, out) = (at(&dir, "orders.toml"), at(&dir, "out"));
    let ran = run([
        "backfill",
        "run",
        &spec,
        "--to-files",
        &out,
        "--progress",
        "none",
    ])
    .exits(1);
    assert!(
        ran.out.contains("4 rows read = 3 written + 1 rejected"),
        "{}",
        ran.out
    );
    let written = lines(&dir.path().join("out"));
    assert_eq!(written.len(), 3);
    let row: serde_json::Value = serde_json::from_str(&written[2]).expect("JSON");
    assert_eq!(row["NOTE"], "a, b");
    let dead = std::fs::read_to_string(dir.path().join("orders.state/dead-letter.jsonl"));
    let dead: serde_json::Value = serde_json::from_str(&dead.expect("text")).expect("JSON");
    assert_eq!(dead["column"], "ID");
    assert_eq!(dead["position"]["line"], 4);
    assert_eq!(dead["raw"], "x,1,bad");
    assert_eq!(dead["row"]["NOTE"], "bad");

    let status = run(["backfill", "status", &spec]).exits(0);
    assert!(status.out.contains("complete"), "{}", status.out);
    assert!(status.out.contains("ID: number-form"), "{}", status.out);
    run(["backfill", "run", &spec, "--to-files", &out])
        .exits(2)
        .says("R006");
    run([
        "backfill",
        "resume",
        &spec,
        "--to-files",
        &out,
        "--progress",
        "none",
    ])
    .exits(1);
    run([
        "backfill",
        "run",
        &spec,
        "--fresh",
        "--to-files",
        &out,
        "--progress",
        "none",
    ])
    .exits(1);
}

#[test]
fn a_changed_specification_or_source_is_not_resumed() {
    let dir = load();
    let (spec, out) = (at(&dir, "orders.toml"), at(&dir, "out"));
    run([
        "backfill",
        "run",
        &spec,
        "--to-files",
        &out,
        "--progress",
        "none",
    ])
    .exits(1);
    let path = dir.path().join("orders.toml");
    std::fs::write(&path, SPEC.replace("length = 20", "length = 21")).expect("written");
    run(["backfill", "resume", &spec, "--to-files", &out])
        .exits(2)
        .says("R004");
    std::fs::write(&path, SPEC.replace("\"orders\"", "\"others\"")).expect("written");
    run(["backfill", "resume", &spec, "--to-files", &out])
        .exits(2)
        .says("R004");
    std::fs::write(&path, SPEC).expect("written");
    let more = format!("{ROWS}5,1,new\n");
    std::fs::write(dir.path().join("orders.csv"), more).expect("written");
    run(["backfill", "resume", &spec, "--to-files", &out]).exits(2);
}

#[test]
fn too_many_rejects_stop_and_say_where_to_look() {
    let dir = load();
    let (spec, out) = (at(&dir, "orders.toml"), at(&dir, "out"));
    run([
        "backfill",
        "run",
        &spec,
        "--to-files",
        &out,
        "--max-errors",
        "0",
        "--progress",
        "none",
    ])
    .exits(3)
    .says("R012")
    .says("dead-letter.jsonl");
}

#[test]
fn unknown_keys_and_missing_loads_are_refused_with_advice() {
    let dir = load();
    let spec = at(&dir, "orders.toml");
    run(["backfill", "status", &spec]).exits(2).says("R004");
    let path = dir.path().join("orders.toml");
    std::fs::write(&path, SPEC.replace("max_errors", "max_erors")).expect("written");
    run(["backfill", "run", &spec])
        .exits(2)
        .says("R001")
        .says("did you mean `max_errors`?");
    run(["backfill", "run", &at(&dir, "none.toml")]).exits(2);
}

#[test]
fn shards_load_different_chunks_of_one_plan() {
    let dir = load();
    let rows: String = (0..40_000)
        .map(|n| format!("{n},1,row number {n:>9}\n"))
        .collect();
    std::fs::write(
        dir.path().join("orders.csv"),
        format!("ID,AMOUNT,NOTE\n{rows}"),
    )
    .expect("written");
    let small = format!("{SPEC}[limits]\nchunk_mb = 1\n");
    std::fs::write(dir.path().join("orders.toml"), small).expect("written");
    let spec = at(&dir, "orders.toml");
    let base = at(&dir, "plan");
    run(["backfill", "run", &spec, "--plan-only", "--state", &base]).exits(0);
    let mut found = Vec::new();
    for shard in ["1/2", "2/2"] {
        let (state, out) = (at(&dir, &shard.replace('/', "-")), at(&dir, "out"));
        std::fs::create_dir(&state).expect("folder");
        let manifest = std::fs::read(dir.path().join("plan/manifest.jsonl")).expect("manifest");
        std::fs::write(Path::new(&state).join("manifest.jsonl"), manifest).expect("copied");
        let args = [
            "--state",
            &state,
            "--shard",
            shard,
            "--to-files",
            &out,
            "--progress",
            "none",
        ];
        run([&["backfill", "resume", &spec][..], &args[..]].concat()).exits(0);
        found = lines(&dir.path().join("out"));
        assert!(found.len() < 40_000 || shard == "2/2");
    }
    assert_eq!(found.len(), 40_000);
    let distinct: std::collections::BTreeSet<&String> = found.iter().collect();
    assert_eq!(distinct.len(), 40_000, "no row twice");
}
