//! Write nodes: what a batch writes, and what "the same result" means for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnRef, DataType, PeriodUnit, Rel, TableName};

/// How a batch writes a table; decides what the stream's table must always hold.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WriteClass {
    /// TRUNCATE or DELETE, then INSERT: Q(S now).
    ReplaceAll,
    /// DELETE of a period, then INSERT: for every period Q(S now, p).
    ReplacePeriod,
    /// MERGE; UPDATE else INSERT: per key the value of the last run.
    Upsert,
    /// INSERT WHERE NOT EXISTS: per key the first value.
    KeepFirst,
    /// INSERT only, each period run once.
    Append,
    /// `x = x + f(row)`, emitted as absolute values.
    Delta,
    /// Rows in a state are processed once.
    Queue,
    /// A snapshot at a control event, on purpose.
    Freeze,
}

/// What happens in the target when a key vanishes from the query's result.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// The row goes.
    Delete,
    /// The row stays, carried out by the sink: tombstones are ignored.
    Keep,
}

/// What a target column is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// Part of the key.
    Key,
    /// Data.
    Value,
    /// SYSDATE, USER and the like: cannot be equal, left out of comparisons.
    Audit,
}

/// One written column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct WriteColumn {
    /// Target column; the query has an output of the same name.
    pub name: String,
    /// Type of the target column.
    pub ty: DataType,
    /// Role.
    pub role: ColumnRole,
    /// May be NULL.
    pub nullable: bool,
}

/// The period that debatching found and removed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// The batch's parameter, as written.
    pub parameter: String,
    /// Source column that the period predicate ties to it.
    pub source: ColumnRef,
    /// Unit.
    pub unit: PeriodUnit,
    /// Target column that holds the period, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_column: Option<String>,
}

/// A write as the stream performs it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Write {
    /// Target.
    pub target: TableName,
    /// Written columns; the query's outputs have the same names in the same order.
    pub columns: Vec<WriteColumn>,
    /// Class.
    pub class: WriteClass,
    /// Key columns, in key order.
    pub key: Vec<String>,
    /// On a vanished key.
    pub on_delete: OnDelete,
    /// Removed period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What is written.
    pub query: Rel,
}
