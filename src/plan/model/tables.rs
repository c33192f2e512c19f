//! Where data goes: Cassandra tables, sinks, backfills, and the queries that justify them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rel::{DataType, OnDelete, TableName};

/// A Cassandra table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CqlTable {
    /// Name, lower case, at most 48 characters, unique in the keyspace.
    pub name: String,
    /// Oracle table it holds.
    pub of: TableName,
    /// Columns in order: keys first.
    pub columns: Vec<CqlColumn>,
    /// Compaction.
    pub compaction: Compaction,
    /// Seconds until rows expire; None: never.
    pub ttl: Option<u32>,
    /// COMMENT ON TABLE.
    pub comment: Option<String>,
    /// Names of the queries that it serves.
    pub serves: Vec<String>,
    /// Why the key is so, in sentences.
    pub why: Vec<String>,
    /// The second-best key and what it would cost.
    pub runner_up: Option<String>,
    /// Estimated rows a partition, from the statistics.
    pub rows_per_partition: Option<u64>,
}

/// A column of a Cassandra table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CqlColumn {
    /// Name, lower case, not quoted.
    pub name: String,
    /// Type.
    pub ty: CqlType,
    /// Role in the primary key.
    pub kind: CqlKind,
    /// Oracle column; None for companions such as `_ns`.
    pub of: Option<String>,
    /// Oracle type.
    pub from: Option<DataType>,
}

/// Role of a column.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CqlKind {
    /// Partition key.
    Partition,
    /// Clustering, ascending.
    ClusteringAsc,
    /// Clustering, descending.
    ClusteringDesc,
    /// Static.
    Static,
    /// Regular.
    Regular,
}

impl CqlKind {
    /// Part of the primary key.
    pub fn is_key(self) -> bool {
        match self {
            CqlKind::Partition | CqlKind::ClusteringAsc | CqlKind::ClusteringDesc => true,
            CqlKind::Static | CqlKind::Regular => false,
        }
    }
}

/// CQL types in use.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum CqlType {
    /// tinyint.
    TinyInt,
    /// smallint.
    SmallInt,
    /// int.
    Int,
    /// bigint.
    BigInt,
    /// varint.
    VarInt,
    /// decimal.
    Decimal,
    /// float.
    Float,
    /// double.
    Double,
    /// text.
    Text,
    /// timestamp (milliseconds).
    Timestamp,
    /// boolean.
    Boolean,
    /// blob.
    Blob,
    /// uuid.
    Uuid,
    /// duration.
    Duration,
}

/// Compaction strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compaction {
    /// UnifiedCompactionStrategy.
    Unified,
    /// TimeWindowCompactionStrategy.
    TimeWindow,
}

/// One topic into one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SinkTable {
    /// Topic.
    pub topic: String,
    /// What its records look like.
    pub format: SinkFormat,
    /// Cassandra table.
    pub table: String,
    /// Tombstones.
    pub on_delete: OnDelete,
    /// JSON member -> column, in the table's order.
    pub columns: Vec<ColumnMap>,
}

/// Record formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SinkFormat {
    /// Key object, value object, null = deleted.
    Upsert,
    /// Debezium envelope.
    Debezium,
}

/// Source member to target column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// Oracle column, JSON member.
    pub from: String,
    /// Cassandra column.
    pub to: String,
    /// Oracle type.
    pub oracle: DataType,
    /// CQL type.
    pub cql: CqlType,
}

/// One one-shot load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backfill {
    /// Oracle table.
    pub table: TableName,
    /// Cassandra table; None when it only feeds the CDC topic.
    pub target: Option<String>,
    /// Topic to fill with `r` envelopes; None for Cassandra alone.
    pub topic: Option<String>,
    /// Why it is needed: replica, opening balance.
    pub purpose: String,
    /// Columns.
    pub columns: Vec<ColumnMap>,
    /// Key columns.
    pub key: Vec<String>,
    /// Rows, from the statistics.
    pub rows: Option<u64>,
    /// Tables that must be loaded before (foreign keys).
    pub after: Vec<TableName>,
}

/// What a reader asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReaderQuery {
    /// Name.
    pub name: String,
    /// SQL, as the user wrote it.
    pub sql: String,
    /// Relative frequency, as text of a decimal.
    pub weight: String,
    /// Tables that it reads.
    pub tables: Vec<TableName>,
    /// Columns compared with `=` or IN, by table.
    pub equality: Vec<QueryColumn>,
    /// Columns compared otherwise.
    pub range: Vec<QueryColumn>,
    /// ORDER BY.
    pub order: Vec<QueryColumn>,
    /// Why it could not be analysed; None when it was.
    pub problem: Option<String>,
}

/// A column of a reader's query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryColumn {
    /// Table.
    pub table: TableName,
    /// Column.
    pub column: String,
    /// Descending, for ORDER BY.
    pub desc: bool,
}
