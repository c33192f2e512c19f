//! Files that the runtime reads: backfill, sink and verify specifications, TOML, versioned like the plan.
//! Secrets are named by environment variable, never held.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnMap, SinkFormat};
use crate::rel::{OnDelete, TableName};

/// Version of all specifications.
pub const SPEC_VERSION: u32 = 1;

/// `backfill/<table>.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackfillSpec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// Oracle table.
    pub table: TableName,
    /// Why.
    pub purpose: String,
    /// Key columns.
    pub key: Vec<String>,
    /// Rows that the statistics promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Tables to be loaded before.
    pub after: Vec<TableName>,
    /// Where rows come from.
    pub source: RowSourceSpec,
    /// Cassandra.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cassandra: Option<CassandraTarget>,
    /// Kafka.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka: Option<KafkaTarget>,
    /// Columns.
    pub columns: Vec<ColumnMap>,
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RowSourceSpec {
    /// Oracle, as of one SCN.
    Oracle {
        /// `host:port/service`.
        connect: String,
        /// Environment variable with the user's name.
        user_env: String,
        /// Environment variable with the password.
        password_env: String,
        /// Parallel sessions.
        sessions: u16,
        /// Rows a fetch.
        fetch: u32,
    },
    /// Files exported from Oracle.
    Csv {
        /// Files or patterns.
        files: Vec<String>,
        /// Separator.
        separator: String,
        /// Text that stands for NULL.
        null: String,
    },
}

/// How rows are grouped into requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchMode {
    /// By partition, or by replica set where partitions have few rows.
    #[default]
    Auto,
    /// Rows of one partition.
    Partition,
    /// Partitions of the same replicas.
    ReplicaSet,
    /// Single rows.
    Off,
}

/// A Cassandra table to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CassandraTarget {
    /// `host:port`.
    pub contact_points: Vec<String>,
    /// Data centre.
    pub datacenter: String,
    /// Keyspace.
    pub keyspace: String,
    /// Table.
    pub table: String,
    /// Batches.
    pub batch: BatchMode,
    /// Rejected rows before it stops.
    pub max_errors: u64,
}

/// A topic to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KafkaTarget {
    /// `host:port,..`.
    pub bootstrap: String,
    /// Topic.
    pub topic: String,
}

/// `sink/<keyspace>.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SinkSpec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// `host:port,..`.
    pub bootstrap: String,
    /// Consumer group.
    pub group: String,
    /// Topic for rejected records.
    pub dead_letter: String,
    /// Rejected records before it stops.
    pub max_errors: u64,
    /// `host:port`.
    pub contact_points: Vec<String>,
    /// Data centre.
    pub datacenter: String,
    /// Keyspace.
    pub keyspace: String,
    /// Topics into tables.
    pub tables: Vec<SinkTableSpec>,
}

/// One topic into one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SinkTableSpec {
    /// Topic.
    pub topic: String,
    /// Records.
    pub format: SinkFormat,
    /// Table.
    pub table: String,
    /// Tombstones.
    pub on_delete: OnDelete,
    /// Columns.
    pub columns: Vec<ColumnMap>,
}

/// `verify/<table>.toml`: the batch's own output against the stream's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifySpec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// Oracle table that the batch writes.
    pub table: TableName,
    /// Key columns.
    pub key: Vec<String>,
    /// Compare only rows of closed periods: the column that holds the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_periods_of: Option<String>,
    /// Columns that cannot be equal.
    pub left_out: Vec<String>,
    /// Where the batch's rows come from.
    pub source: RowSourceSpec,
    /// Cassandra table.
    pub cassandra: CassandraTarget,
    /// Compared columns.
    pub columns: Vec<ColumnMap>,
}
