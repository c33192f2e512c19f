//! Files that the runtime reads: backfill, sink and verify specifications, TOML, versioned like the plan.
//! Secrets are named by environment variable, never held.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnMap, DerivedColumn, JoinSpec, RowSourceSpec, SinkFormat};
use crate::rel::{DataType, OnDelete, TableName};

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
    /// Rates and sizes.
    #[serde(default, skip_serializing_if = "Limits::is_default")]
    pub limits: Limits,
    /// Columns.
    pub columns: Vec<ColumnMap>,
    /// Columns that are computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<DerivedColumn>,
    /// What a NULL in a key column is written as, by Oracle column; without it the row is rejected.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub null_as: BTreeMap<String, String>,
    /// Other tables that the same rows go to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<AlsoTable>,
    /// Columns of other sources, found by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<JoinSpec>,
}

/// Rates and sizes of a load. Everything has a default that suits most machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Rows a second, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_second: Option<u64>,
    /// Bytes a second, at most, as they go to the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
    /// Memory for rows under way, in MiB.
    pub memory_mb: u32,
    /// Requests under way: the least.
    pub in_flight_min: u32,
    /// Requests under way: the most.
    pub in_flight_max: u32,
    /// Latency that 99 of 100 requests should keep; beyond it fewer are sent at a time.
    pub latency_ms: u32,
    /// Size of a chunk of a file, in MiB: what is done again after a crash.
    pub chunk_mb: u32,
    /// Threads that read and convert; 0: one a session of a database, and of files one, and further ones, up to
    /// one a processor and four in all, while the target takes more than the first can give.
    pub readers: u32,
    /// How long a request is tried again before the load stops, in seconds.
    pub retry_seconds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows_per_second: None,
            bytes_per_second: None,
            memory_mb: 16,
            in_flight_min: 16,
            in_flight_max: 128,
            latency_ms: 250,
            chunk_mb: 8,
            readers: 0,
            retry_seconds: 300,
        }
    }
}

impl Limits {
    /// Nothing was set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A further table for the same rows, in the same keyspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlsoTable {
    /// Table.
    pub table: String,
    /// Columns.
    pub columns: Vec<ColumnMap>,
    /// Columns that are computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<DerivedColumn>,
    /// What a NULL in a key column is written as, by Oracle column; without it the row is rejected.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub null_as: BTreeMap<String, String>,
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
    /// Acknowledgement that a write waits for.
    #[serde(default)]
    pub consistency: WriteConsistency,
    /// Environment variable with the user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_env: Option<String>,
    /// Environment variable with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// File with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    /// PEM file with the authorities to trust; set, it turns TLS on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

/// How many replicas must have acknowledged a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteConsistency {
    /// One of the local data centre.
    LocalOne,
    /// A majority of the local data centre.
    #[default]
    LocalQuorum,
    /// A majority in every data centre.
    EachQuorum,
    /// All.
    All,
}

/// A topic to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KafkaTarget {
    /// `host:port,..`.
    pub bootstrap: String,
    /// Topic.
    pub topic: String,
    /// Environment variable with the user's name, for SASL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_env: Option<String>,
    /// Environment variable with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// File with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    /// Further settings of librdkafka, such as `security.protocol`; none that holds a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Columns of the table, in its order; the key is the specification's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<TopicColumn>,
}

/// A column of a topic's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicColumn {
    /// Name.
    pub name: String,
    /// Oracle type.
    pub oracle: DataType,
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
    /// Bytes of the largest record that is taken; a larger one is rejected.
    #[serde(default = "max_record", skip_serializing_if = "is_max_record")]
    pub max_record: u64,
    /// How Kafka is logged on to.
    #[serde(default, skip_serializing_if = "KafkaAccess::is_default")]
    pub kafka: KafkaAccess,
    /// How Cassandra is logged on to and written.
    #[serde(default, skip_serializing_if = "CassandraAccess::is_default")]
    pub cassandra: CassandraAccess,
    /// Rates and sizes; `chunk_mb` and `readers` mean nothing here.
    #[serde(default, skip_serializing_if = "Limits::is_default")]
    pub limits: Limits,
    /// Topics into tables.
    pub tables: Vec<SinkTableSpec>,
}

/// A 1 MB CLOB fits with all around it, and what a broker takes by default too.
const MAX_RECORD: u64 = 4 * 1024 * 1024;

fn max_record() -> u64 {
    MAX_RECORD
}

fn is_max_record(bytes: &u64) -> bool {
    *bytes == MAX_RECORD
}

/// How Kafka is logged on to: names of secrets, never secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KafkaAccess {
    /// Environment variable with the user's name, for SASL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_env: Option<String>,
    /// Environment variable with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// File with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    /// Further settings of librdkafka, such as `security.protocol`; none that holds a secret.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

impl KafkaAccess {
    /// Nothing was set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How Cassandra is logged on to and written: names of secrets, never secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CassandraAccess {
    /// Batches.
    pub batch: BatchMode,
    /// Acknowledgement that a write waits for.
    pub consistency: WriteConsistency,
    /// Environment variable with the user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_env: Option<String>,
    /// Environment variable with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// File with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
    /// PEM file with the authorities to trust; set, it turns TLS on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

impl CassandraAccess {
    /// Nothing was set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl SinkSpec {
    /// The cluster that is written, as loads name it; the table is the caller's.
    pub fn target(&self) -> CassandraTarget {
        let access = self.cassandra.clone();
        CassandraTarget {
            contact_points: self.contact_points.clone(),
            datacenter: self.datacenter.clone(),
            keyspace: self.keyspace.clone(),
            table: String::new(),
            batch: access.batch,
            max_errors: self.max_errors,
            consistency: access.consistency,
            user_env: access.user_env,
            password_env: access.password_env,
            password_file: access.password_file,
            ca_file: access.ca_file,
        }
    }
}

/// What becomes of a row that is there when another of its key comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SinkWrite {
    /// The new row takes its place, whole.
    #[default]
    Replace,
    /// The first row stays, and is never deleted.
    KeepFirst,
}

impl SinkWrite {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The load that filled a table before its changes came: so that a loaded row never beats a later change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBefore {
    /// SCN that it was read at (S1).
    pub scn: i64,
    /// Write time of its rows, microseconds since 1970 (T0).
    pub write_time: i64,
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
    /// Rows that are there already.
    #[serde(default, skip_serializing_if = "SinkWrite::is_default")]
    pub write: SinkWrite,
    /// Columns of the record's key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Columns of the topic that the table does not have; any other that comes is an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// The load that filled the table before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadBefore>,
    /// Columns.
    pub columns: Vec<ColumnMap>,
    /// Columns that are computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<DerivedColumn>,
    /// What a NULL in a key column is written as, by Oracle column; without it the row is rejected.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub null_as: BTreeMap<String, String>,
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
    /// Columns that are computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<DerivedColumn>,
    /// What a NULL in a key column is written as, by Oracle column; without it the row is rejected.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub null_as: BTreeMap<String, String>,
    /// Columns of other sources, found by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<JoinSpec>,
}
