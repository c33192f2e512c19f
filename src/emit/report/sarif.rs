//! Findings as SARIF 2.1.0, for editors and code scanning.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::word;
use crate::assess::model::{Finding, Report};
use crate::diag::{Code, Severity};
use crate::source::Place;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log of one run.
pub(super) fn log(report: &Report) -> Value {
    let codes: BTreeSet<&str> = report.findings.iter().map(|f| f.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let rules: Vec<Value> = codes.iter().map(|c| rule(c)).collect();
    let results: Vec<Value> = report.findings.iter().map(|f| result(f, &codes)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ora2stream",
                "version": report.project.tool_version,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"INPUT": {"description": {"text": "The folder that was analysed."}}},
            "results": results,
        }],
    })
}

fn rule(code: &str) -> Value {
    match Code::find(code) {
        Some(found) => {
            let info = found.info();
            json!({
                "id": code,
                "name": info.name,
                "shortDescription": {"text": info.name},
                "fullDescription": {"text": info.doc},
                "defaultConfiguration": {"level": level(info.severity)},
            })
        }
        None => json!({"id": code}),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn result(f: &Finding, codes: &[&str]) -> Value {
    let text = match &f.help {
        Some(help) => format!("{} {help}", f.message),
        None => f.message.clone(),
    };
    let locations: Vec<Value> = f.place.iter().map(location).collect();
    json!({
        "ruleId": f.code,
        "ruleIndex": codes.iter().position(|c| *c == f.code),
        "level": level(f.severity),
        "message": {"text": text},
        "locations": locations,
        "properties": {"class": word(&f.class), "provenance": f.provenance},
    })
}

fn location(place: &Place) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&place.file), "uriBaseId": "INPUT"},
        "region": {
            "startLine": place.line.max(1),
            "startColumn": place.column.max(1),
            "endLine": place.end_line.max(place.line).max(1),
        },
    }})
}

/// A relative URI: everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for b in path.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(b));
            }
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
