//! ora2stream.toml as written: every section and key, all optional.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::config::{QueryConfig, TableConfig};
use crate::plan::model::{
    CassandraSettings, ConnectSettings, FlinkSettings, KafkaSettings, OracleSettings, SinkSettings,
    SparkSettings,
};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// What is migrated.
    pub project: ProjectSection,
    /// When it runs.
    pub schedule: ScheduleSection,
    /// Kafka.
    pub kafka: KafkaSettings,
    /// Cassandra.
    pub cassandra: CassandraSettings,
    /// Flink.
    pub flink: FlinkSettings,
    /// Spark.
    pub spark: SparkSettings,
    /// Kafka Connect and Debezium.
    pub connect: ConnectSettings,
    /// Oracle.
    pub oracle: OracleSettings,
    /// The sink.
    pub sink: SinkSettings,
    /// What readers ask.
    pub queries: Vec<QueryConfig>,
    /// Overrides by table, `"SCHEMA.TABLE"`.
    pub tables: BTreeMap<String, TableConfig>,
    /// Encodings by path pattern.
    pub encodings: BTreeMap<String, String>,
}

/// `[project]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectSection {
    /// Name.
    pub name: Option<String>,
    /// Schemas.
    pub schemas: Vec<String>,
    /// Encoding of all files that `[encodings]` does not name.
    pub encoding: Option<String>,
    /// IANA time zone of DATE values.
    pub time_zone: Option<String>,
    /// Path patterns that are left out.
    pub exclude: Vec<String>,
}

/// `[schedule]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleSection {
    /// Files that hold schedules, relative to the input.
    pub files: Vec<String>,
    /// Entry points that no schedule names.
    pub entry_points: Vec<String>,
}
