//! The report's files, rendered from report.json's model alone: one self-contained page, tables as CSV, SARIF.
//! Knows neither the plan nor how the report was made.

mod csv;
mod html;
mod sarif;
#[cfg(test)]
mod tests;
mod words;

pub use words::Lang;

use super::{EmitError, GeneratedFile};
use crate::assess::model::{self, Report};

/// All files of `report/`.
pub fn render(report: &Report, lang: Lang) -> Result<Vec<GeneratedFile>, EmitError> {
    let schema = json(&model::schema())?;
    let lineage = json(&report.lineage)?;
    let whole = report.to_json().map_err(|e| refused(&e))?;
    let mut files = vec![
        GeneratedFile::text("report/index.html", html::page(report, lang)),
        GeneratedFile::text("report/report.json", whole),
        GeneratedFile::text("report/report.schema.json", schema),
        GeneratedFile::text("report/lineage.json", lineage),
        GeneratedFile::text("report/report.sarif", json(&sarif::log(report))?),
    ];
    files.extend(csv::tables(report)?);
    Ok(files)
}

fn json(value: &impl serde::Serialize) -> Result<String, EmitError> {
    serde_json::to_string_pretty(value)
        .map(|s| s + "\n")
        .map_err(|e| refused(&e))
}

fn refused(error: &dyn std::fmt::Display) -> EmitError {
    EmitError::Serialise {
        emitter: "report",
        message: error.to_string(),
    }
}

/// The word of a closed enum, as in report.json.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(s)) => s,
        _ => String::new(),
    }
}
