//! Where data comes from: captured tables, shipped files, and the topics between.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rel::{DataType, TableName};

/// A captured table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Table.
    pub table: TableName,
    /// Topic that carries it; see `capture`.
    pub topic: String,
    /// How its rows arrive.
    #[serde(default)]
    pub capture: Capture,
    /// Columns in the table's order.
    pub columns: Vec<SourceColumn>,
    /// Key columns, in key order.
    pub key: Vec<String>,
    /// Where the key comes from.
    pub key_origin: KeyOrigin,
    /// Rows, from the dictionary export.
    pub rows: Option<u64>,
    /// Columns that change capture cannot carry, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// How a table's rows arrive.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// Debezium change events of the Oracle table: topic `<prefix>.<SCHEMA>.<TABLE>`.
    #[default]
    Cdc,
    /// The result topic of another planned job, which writes the table: upserts by key, null deletes.
    Result,
    /// Lines of files, shipped: a JSON object a line, inserts only.
    File,
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyOrigin {
    /// PRIMARY KEY.
    PrimaryKey,
    /// UNIQUE on NOT NULL columns.
    Unique,
    /// Named in ora2stream.toml.
    Configured,
    /// Stated by no definition: the code relies on it.
    Assumed,
    /// None known: the table cannot be a changelog source.
    None,
}

/// A column of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceColumn {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: DataType,
    /// May be NULL.
    pub nullable: bool,
    /// COMMENT ON COLUMN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A column that is not captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Column.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// Files that a batch loads (external table, SQL*Loader), shipped to a topic instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileInput {
    /// Table that the files fill.
    pub table: TableName,
    /// Topic.
    pub topic: String,
    /// Oracle directory object or folder.
    pub directory: Option<String>,
    /// File names or patterns.
    pub files: Vec<String>,
    /// Field separator, if delimited.
    pub separator: Option<String>,
    /// Enclosing quote.
    pub quote: Option<String>,
    /// Encoding (WHATWG name).
    pub encoding: String,
    /// Fields in the order of the file.
    pub fields: Vec<SourceColumn>,
    /// Header lines to skip.
    pub skip: u32,
    /// Columns that key the topic; may be empty.
    pub key: Vec<String>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Name.
    pub name: String,
    /// What it is for.
    pub role: TopicRole,
    /// Partitions.
    pub partitions: u32,
    /// Clean-up.
    pub cleanup: Cleanup,
    /// Retention; None: the broker's default; -1: for ever.
    pub retention_ms: Option<i64>,
    /// Table it carries.
    pub table: Option<TableName>,
}

/// What a topic is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TopicRole {
    /// Change events of a table.
    Cdc,
    /// Lines of files.
    File,
    /// Result of a stream job.
    Result,
    /// Rejected records.
    DeadLetter,
    /// Control events.
    Control,
    /// Debezium's schema history.
    SchemaHistory,
    /// Debezium's heartbeat.
    Heartbeat,
    /// Debezium's transaction metadata.
    Transaction,
}

/// Clean-up policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cleanup {
    /// By age.
    Delete,
    /// By key.
    Compact,
}
