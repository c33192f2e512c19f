//! `samples/patterns`: every file says in its header what becomes of its writes, and that is what becomes of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::support::run;

/// The header of a file: lines that begin with `--!`, as TOML.
#[derive(Deserialize)]
struct Header {
    pattern: String,
    #[serde(default)]
    write: Vec<Expected>,
}

/// What is expected of one write.
#[derive(Deserialize)]
struct Expected {
    /// Verb and table; `?` for a table that is not known.
    statement: String,
    outcome: String,
    class: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    key: Vec<String>,
    /// Assumptions that must be among those that are shown.
    #[serde(default)]
    assumes: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/patterns")
}

fn headers() -> BTreeMap<String, Header> {
    let mut out = BTreeMap::new();
    for part in ["plsql", "near"] {
        for entry in std::fs::read_dir(folder().join(part)).expect("the folder is there") {
            let path = entry.expect("entry").path();
            let text = std::fs::read_to_string(&path).expect("text");
            let lines: Vec<&str> = text
                .lines()
                .filter_map(|l| l.strip_prefix("--! "))
                .collect();
            let name = format!("{part}/{}", path.file_name().unwrap().to_string_lossy());
            let header = toml::from_str(&lines.join("\n"));
            out.insert(
                name.clone(),
                header.unwrap_or_else(|e| panic!("{name}: {e}")),
            );
        }
    }
    out
}

/// The estate, planned once.
struct Planned {
    report: serde_json::Value,
    plan: serde_json::Value,
}

fn planned() -> Planned {
    let out = tempfile::tempdir().expect("folder");
    let dir = out.path().join("out");
    run([
        "migrate",
        &folder().to_string_lossy(),
        "--out",
        &dir.to_string_lossy(),
    ])
    .exits(0);
    let read = |name: &str| {
        let text = std::fs::read_to_string(dir.join(name)).expect("written");
        serde_json::from_str(&text).expect("JSON")
    };
    Planned {
        report: read("report/report.json"),
        plan: read("plan.json"),
    }
}

fn text<'v>(value: &'v serde_json::Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("")
}

fn assumed(write: &serde_json::Value) -> Vec<&str> {
    let all = write["preconditions"].as_array().into_iter().flatten();
    all.filter(|p| text(p, "status") == "assumed")
        .map(|p| text(p, "fact"))
        .collect()
}

/// Keys by which planned jobs write a table.
fn keys(plan: &serde_json::Value, table: &str) -> Vec<Vec<String>> {
    let groups = plan["groups"].as_array().into_iter().flatten();
    let jobs = groups.flat_map(|g| g["jobs"].as_array().into_iter().flatten());
    jobs.filter(|j| text(&j["write"], "target").ends_with(&format!(".{table}")))
        .map(|j| {
            let key = j["write"]["key"].as_array().into_iter().flatten();
            key.map(|k| k.as_str().unwrap_or("").to_string()).collect()
        })
        .collect()
}

fn differences(planned: &Planned, name: &str, header: &Header, wrong: &mut Vec<String>) {
    let all = planned.report["writes"].as_array().expect("writes");
    let mut mine: Vec<&serde_json::Value> =
        all.iter().filter(|w| text(w, "file") == name).collect();
    for e in &header.write {
        let (verb, table) = e.statement.split_once(' ').expect("VERB TABLE");
        let same = |w: &&serde_json::Value| {
            let own = text(w, "table").rsplit('.').next().unwrap_or("");
            text(w, "kind") == verb && (own == table || table == "?")
        };
        let Some(at) = mine.iter().position(same) else {
            wrong.push(format!("{name}: there is no {}", e.statement));
            continue;
        };
        let w = mine.remove(at);
        let mut differ = |what: &str, found: &str, wanted: &str| {
            if found != wanted {
                wrong.push(format!(
                    "{name}: {}: {what} is {found}, not {wanted}",
                    e.statement
                ));
            }
        };
        differ("outcome", text(w, "outcome"), &e.outcome);
        if let Some(class) = &e.class {
            differ("class", text(w, "write_class"), class);
        }
        if let Some(reason) = &e.reason {
            differ("reason", text(w, "reason"), reason);
        }
        let deletes = matches!(verb, "DELETE" | "TRUNCATE");
        for fact in e.assumes.iter().filter(|_| !deletes) {
            if !assumed(w).contains(&fact.as_str()) {
                wrong.push(format!(
                    "{name}: {}: {fact} is not assumed: {:?}",
                    e.statement,
                    assumed(w)
                ));
            }
        }
        let found = keys(&planned.plan, table);
        if !e.key.is_empty() && !found.is_empty() && !found.contains(&e.key) {
            wrong.push(format!("{name}: {}: the key is {found:?}", e.statement));
        }
    }
    for w in mine {
        wrong.push(format!(
            "{name}: {} {} is not expected",
            text(w, "kind"),
            text(w, "table")
        ));
    }
}

#[test]
fn every_pattern_has_the_outcome_that_its_header_says() {
    let headers = headers();
    let planned = planned();
    let mut wrong = Vec::new();
    for (name, header) in &headers {
        assert!(!header.pattern.is_empty(), "{name} names no pattern");
        differences(&planned, name, header, &mut wrong);
    }
    let near = headers.keys().filter(|n| n.starts_with("near/")).count();
    assert!(
        headers.len() - near >= 80,
        "{} patterns",
        headers.len() - near
    );
    assert!(near >= 40, "{near} near misses");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn near_misses_are_refused_with_a_reason() {
    for (name, header) in headers() {
        if name.starts_with("near/") {
            for e in &header.write {
                assert_eq!(e.outcome, "residual", "{name}");
                assert!(e.reason.is_some(), "{name} gives no reason");
            }
        }
    }
}

/// Rows `| STATEMENT | \`reason\` |` of a README.
fn named_residuals(sample: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("samples/{sample}/README.md"));
    let text = std::fs::read_to_string(path).expect("README");
    let mut out: Vec<(String, String)> = text
        .lines()
        .filter_map(|l| {
            let cells: Vec<&str> = l.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                [statement, reason] if reason.starts_with('`') => {
                    Some((statement.to_string(), reason.trim_matches('`').to_string()))
                }
                _ => None,
            }
        })
        .collect();
    out.sort();
    out
}

#[test]
fn the_readmes_name_the_residuals_that_the_report_has() {
    for sample in ["retail", "meter"] {
        let out = tempfile::tempdir().expect("folder");
        let dir = out.path().join("out");
        let input = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples")
            .join(sample);
        run([
            "migrate",
            &input.to_string_lossy(),
            "--out",
            &dir.to_string_lossy(),
        ])
        .exits(0);
        let report = std::fs::read_to_string(dir.join("report/report.json")).expect("written");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let mut found: Vec<(String, String)> = report["writes"]
            .as_array()
            .expect("writes")
            .iter()
            .filter(|w| text(w, "outcome") == "residual")
            .map(|w| {
                let table = text(w, "table").rsplit('.').next().unwrap_or("");
                let table = if table.is_empty() { "?" } else { table };
                (
                    format!("{} {table}", text(w, "kind")),
                    text(w, "reason").to_string(),
                )
            })
            .collect();
        found.sort();
        assert_eq!(found, named_residuals(sample), "{sample}");
    }
}
