//! Bad input: each with a coded error, the right exit code, and nothing half-written.

use std::fs;

use super::support::{folder, run, snapshot};

#[test]
fn plans_that_are_not_ours_are_refused_without_a_trace() {
    let cases: [(&str, &[u8], i32, &str); 5] = [
        (
            "newer.json",
            b"{\"version\": 2, \"project\": {}, \"more\": [1]}",
            2,
            "U006",
        ),
        ("cut.json", b"{\"version\": 1, \"project\": {", 2, "U007"),
        ("other.json", b"[1, 2, 3]", 2, "U007"),
        ("bytes.json", b"\xff\xfe\x00", 2, "U007"),
        ("typo.json", b"{\"version\": 1, \"projct\": {}}", 2, "U007"),
    ];
    let files: Vec<(&str, &[u8])> = cases.iter().map(|c| (c.0, c.1)).collect();
    let dir = folder(&files);
    let out = dir.path().join("out");
    for (name, _, exit, code) in cases {
        let plan = dir.path().join(name);
        let arguments = [
            "generate",
            plan.to_str().expect("path"),
            "--out",
            out.to_str().expect("path"),
        ];
        run(arguments).exits(exit).says(code);
        assert!(!out.exists(), "{name} left something behind");
    }
    run([
        "generate",
        "no-such-plan.json",
        "--out",
        out.to_str().expect("path"),
    ])
    .exits(3)
    .says("U001");
}

#[test]
fn rules_with_unknown_facts_are_refused() {
    let rule = b"code = \"X001\"\nname = \"mine\"\n[when]\nall = [\"the_moon_is_full\"]\n";
    let dir = folder(&[("rules/dml/x.toml", rule), ("bad/dml/x.toml", b"code = ")]);
    let with = |name: &str| {
        let rules = dir.path().join(name);
        run(["explain", "P001", "--rules", rules.to_str().expect("path")])
    };
    let refused = with("rules").exits(2);
    assert!(refused.err.contains("error[L00"), "{}", refused.err);
    with("bad").exits(2).says("L002");
    with("missing").exits(2).says("L002");
}

#[test]
fn a_full_standard_output_is_exit_5() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return; // only where there is such a device
    };
    let status = super::support::program()
        .args(["completions", "bash"])
        .stdout(full)
        .status()
        .expect("program");
    assert_eq!(status.code(), Some(5));
}

#[test]
fn a_refused_run_touches_nothing() {
    let dir = folder(&[("plan.json", b"{}"), ("out/mine.txt", b"mine")]);
    let before = snapshot(dir.path());
    let (plan, out) = (dir.path().join("plan.json"), dir.path().join("out"));
    run([
        "generate",
        plan.to_str().expect("path"),
        "--out",
        out.to_str().expect("path"),
    ])
    .exits(2);
    assert_eq!(snapshot(dir.path()), before);
}
