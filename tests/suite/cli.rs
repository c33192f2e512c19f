//! The command line as users and scripts see it.

use std::io::Write;
use std::process::Stdio;

use super::support::{folder, program, run};

#[test]
fn help_and_version_go_to_standard_output() {
    let version = run(["--version"]).exits(0);
    assert!(version.out.starts_with("ora2stream "));
    for engine in ["oracle", "kafka", "cassandra"] {
        assert!(version.out.contains(engine), "{}", version.out);
    }
    let help = run(["--help"]).exits(0);
    assert!(help.out.contains("Examples:") && help.out.contains("Exit codes:"));
}

#[test]
fn wrong_usage_is_exit_2() {
    run(["no-such-command"]).exits(2);
    run(["explain", "--no-such-option"]).exits(2);
    run(Vec::<&str>::new()).exits(2);
}

#[test]
fn every_code_is_explained() {
    let list = run(["explain"]).exits(0).out;
    let codes: Vec<&str> = list
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(codes.contains(&"P001") && codes.len() > 30, "{codes:?}");
    for code in ["P001", "u003", "syntax-error"] {
        let text = run(["explain", code]).exits(0).out;
        assert!(text.len() > 60, "{text}");
    }
    run(["explain", "U0O3"])
        .exits(2)
        .says("U008")
        .says("did you mean U003?");
}

#[test]
fn explanations_of_rules_show_their_examples() {
    let list = run(["explain", "--format", "json"]).exits(0).out;
    let rows: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let known: Vec<&str> = rows
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|r| r["code"].as_str())
        .collect();
    let rule = known.iter().find(|c| c.starts_with("D") && c.len() > 3);
    if let Some(code) = rule {
        run(["explain", code]).exits(0);
    }
}

#[test]
fn completions_are_written_for_shells() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = run(["completions", shell]).exits(0).out;
        assert!(script.contains("ora2stream") && script.contains("explain"));
    }
    run(["completions", "klingon"]).exits(2);
}

#[test]
fn diagnostics_as_json_are_one_object_a_line() {
    let failed = run(["diff", "no-such", "no-such", "--format", "json"]).exits(3);
    let line: serde_json::Value = serde_json::from_str(failed.err.trim()).expect("JSON");
    assert_eq!(line["code"], "U001");
    assert!(failed.out.is_empty());
}

#[test]
fn colours_follow_the_options() {
    let coloured = run(["diff", "no", "no", "--color", "always"]).exits(3);
    assert!(coloured.err.contains('\u{1b}'));
    let plain = run(["diff", "no", "no"]).exits(3);
    assert!(!plain.err.contains('\u{1b}'), "not a terminal");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = program()
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("program");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("end");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn differences_of_two_runs_are_listed() {
    let report = |outcome: &str| {
        let write = serde_json::json!({
            "file": "a.sql", "line": 1, "end_line": 1, "column": 1, "unit": "S.P", "routine": "S.P.R",
            "kind": "INSERT", "table": "S.T", "jobs": [], "outcome": outcome, "write_class": null,
            "rule": "", "preconditions": [], "reason": null, "message": "", "unlock": null,
            "question": null, "fallback": null, "stream_job": null, "dynamic": false,
        });
        let mut report =
            serde_json::to_value(ora2stream::assess::model::Report::default()).expect("report");
        report["writes"] = serde_json::json!([write]);
        report.to_string().into_bytes()
    };
    let (old, new) = (report("residual"), report("planned"));
    let dir = folder(&[("old/report/report.json", &old), ("new.json", &new)]);
    let paths = [dir.path().join("old"), dir.path().join("new.json")];
    let diff = |more: &[&str]| {
        let mut arguments = vec!["diff".to_string()];
        arguments.extend(paths.iter().map(|p| p.display().to_string()));
        arguments.extend(more.iter().map(|m| m.to_string()));
        run(arguments)
    };
    let text = diff(&[]).exits(0).out;
    assert_eq!(text, "~ write    S.P.R INSERT S.T: residual -> planned\n");
    diff(&["--exit-code"]).exits(1);
    let json: serde_json::Value =
        serde_json::from_str(&diff(&["--format", "json"]).exits(0).out).expect("JSON");
    assert_eq!(json["changes"][0]["new"], "planned");
}

/// Writes to a program's standard input and waits for its end.
pub fn with_input(arguments: &[&str], input: &[u8]) -> super::support::Run {
    let mut child = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("program");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(input).expect("input is taken");
    drop(stdin);
    child.wait_with_output().expect("end").into()
}
