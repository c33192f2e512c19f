//! What the user's project file decides about the plan, resolved: pure data, no I/O, no defaults of its own
//! beyond "nothing said".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::Settings;
use crate::rel::{OnDelete, TableName, WriteClass};

/// ora2stream.toml and `--set`, resolved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectConfig {
    /// Name; the input's folder name if the user gave none.
    pub name: String,
    /// Schemas.
    pub schemas: Vec<String>,
    /// IANA time zone that DATE values are meant in; None: not said.
    pub time_zone: Option<String>,
    /// Globs of files that are left out.
    pub exclude: Vec<String>,
    /// Files that hold schedules, beyond those recognised.
    pub schedule_files: Vec<String>,
    /// Entry points, `PACKAGE.ROUTINE` or `SCHEMA.PACKAGE.ROUTINE`.
    pub entry_points: Vec<String>,
    /// What readers ask.
    pub queries: Vec<QueryConfig>,
    /// Overrides a table.
    pub tables: BTreeMap<TableName, TableConfig>,
    /// Connection settings.
    pub settings: Settings,
    /// A project file was there. Without one the report says what it would add.
    pub from_file: bool,
}

/// A reader's query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryConfig {
    /// Name.
    pub name: String,
    /// SQL.
    pub sql: String,
    /// Relative frequency.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

/// Overrides of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TableConfig {
    /// Write class instead of the derived one.
    pub write_class: Option<WriteClass>,
    /// What happens on a vanished key.
    pub on_delete: Option<OnDelete>,
    /// Key columns.
    pub key: Option<Vec<String>>,
    /// Seconds until rows expire in Cassandra.
    pub retention: Option<u32>,
}
