//! `prove --data` and `migrate --prove` as a user calls them.

use crate::support::{folder, run};
use serde_json::Value;

/// Jobs of a JSON proof with their verdicts.
fn verdicts(proof: &Value) -> Vec<(String, String)> {
    let text = |j: &Value, key: &str| j[key].as_str().unwrap_or_default().to_owned();
    let jobs = proof["jobs"].as_array().into_iter().flatten();
    jobs.map(|j| (text(j, "job"), text(j, "verdict"))).collect()
}

#[test]
fn the_samples_own_rows_prove_all_jobs() {
    let done = run([
        "prove",
        "samples/retail",
        "--data",
        "samples/retail/data",
        "--cases",
        "2",
        "--format",
        "json",
    ])
    .exits(0);
    let proof: Value = serde_json::from_str(&done.out).expect("JSON");
    let found = verdicts(&proof);
    assert_eq!(found.len(), 10, "{found:?}");
    // The queue holds rows that were handled, and the result what they became: a load leaves them as they are.
    assert!(found.iter().all(|(_, v)| v == "proved"), "{found:?}");
}

#[test]
fn data_that_cannot_be_used_are_refused_with_their_place() {
    let dir = folder(&[("ORDERS.csv", b"ORDER_ID,NO_SUCH\n1,2\n")]);
    let at = dir.path().display().to_string();
    run(["prove", "samples/retail", "--data", &at])
        .exits(3)
        .says("ORDERS.csv, line 1")
        .says("NO_SUCH");
    let dir = folder(&[("notes.txt", b"nothing")]);
    let at = dir.path().display().to_string();
    run(["prove", "samples/retail", "--data", &at])
        .exits(3)
        .says("no file of a known table");
    run(["prove", "samples/retail", "--cases", "0"]).exits(2);
}

#[test]
fn migrate_with_proofs_has_a_section_of_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let to = out.display().to_string();
    run([
        "migrate",
        "samples/meter",
        "--out",
        &to,
        "--prove",
        "--cases",
        "3",
    ])
    .exits(0);
    let text = std::fs::read_to_string(out.join("report/report.json")).expect("a report");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let found = verdicts(&report["proof"]);
    assert_eq!(found.len(), 7, "{found:?}");
    assert!(found.iter().all(|(_, v)| v != "refuted"), "{found:?}");
    let page = std::fs::read_to_string(out.join("report/index.html")).expect("a page");
    assert!(found.iter().all(|(job, _)| page.contains(job.as_str())));
}
