//! Debezium's Oracle connector: its configuration, supplemental logging, user and grants.
//! Source: Debezium 3.6 documentation, "Debezium connector for Oracle".

mod config;
mod lint;
mod sql;
#[cfg(test)]
mod tests;

pub use config::name as connector_name;

use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{Capture, Plan, Source};

/// `cdc/`.
pub struct Debezium;

impl Emitter for Debezium {
    fn name(&self) -> &'static str {
        "debezium"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        let tables = captured(plan);
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let config = config::connector(plan, &tables);
        lint::check(&config)?;
        let text = serde_json::to_string_pretty(&config).map_err(|e| EmitError::Serialise {
            emitter: "debezium",
            message: e.to_string(),
        })?;
        let file = format!("cdc/{}.json", config::name(plan));
        Ok(vec![
            GeneratedFile::text(file, text + "\n"),
            GeneratedFile::text(
                "cdc/supplemental-logging.sql",
                sql::supplemental_logging(plan, &tables)?,
            ),
            GeneratedFile::text("cdc/grants.sql", sql::grants(plan, &tables)?),
        ])
    }
}

/// Tables that the connector captures.
fn captured(plan: &Plan) -> Vec<&Source> {
    plan.sources
        .iter()
        .filter(|s| s.capture == Capture::Cdc)
        .collect()
}
