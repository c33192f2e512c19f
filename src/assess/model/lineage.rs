//! Tables with their readers and writers, and the edges between tables, columns and routines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Place;

/// A table or view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableReport {
    /// `SCHEMA.NAME`.
    pub name: String,
    /// Table, view, or used and not known.
    pub kind: TableKind,
    /// COMMENT ON TABLE.
    pub comment: Option<String>,
    /// Columns; 0 if not known.
    pub columns: u32,
    /// Key columns, in key order.
    pub key: Vec<String>,
    /// Rows, from the dictionary export.
    pub rows: Option<u64>,
    /// Where it is created.
    pub place: Option<Place>,
    /// What each routine does with it.
    pub access: Vec<TableAccess>,
    /// Jobs that write it; more than one is a decision to make.
    pub writer_jobs: Vec<String>,
    /// Routines outside the batch, queries and views that read it.
    pub external_readers: Vec<String>,
}

/// What kind of table.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Table.
    Table,
    /// External table.
    External,
    /// View or materialised view.
    View,
    /// Global temporary table.
    Temporary,
    /// Used, and neither created in the input nor in an export.
    Unknown,
}

/// What one routine does with one table: numbers of statements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableAccess {
    /// Routine.
    pub routine: String,
    /// INSERT, MERGE.
    pub creates: u32,
    /// SELECT, and reads inside writes.
    pub reads: u32,
    /// UPDATE, MERGE.
    pub updates: u32,
    /// DELETE, TRUNCATE.
    pub deletes: u32,
    /// Whether a job reaches the routine.
    pub batch: bool,
}

/// Edges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lineage {
    /// Between tables.
    pub tables: Vec<TableEdge>,
    /// Between columns.
    pub columns: Vec<ColumnEdge>,
    /// Between routines.
    pub calls: Vec<CallEdge>,
}

/// Data flows from one table into another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableEdge {
    /// Read.
    pub from: String,
    /// Written.
    pub to: String,
    /// Routine that does it.
    pub via: String,
    /// Where.
    pub place: Place,
    /// Whether a stream job stands for it.
    pub planned: bool,
}

/// A column's value comes from, or depends on, another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnEdge {
    /// Table read.
    pub from_table: String,
    /// Column read.
    pub from_column: String,
    /// Table written.
    pub to_table: String,
    /// Column written; `*` where the whole row depends on it.
    pub to_column: String,
    /// How.
    pub kind: ColumnEdgeKind,
    /// Where.
    pub place: Place,
}

/// How a column depends on another.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ColumnEdgeKind {
    /// The value itself.
    Copy,
    /// A calculation of one row.
    Computed,
    /// An aggregate.
    Aggregate,
    /// Which rows: a condition or a join.
    Filter,
}

/// One routine calls another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallEdge {
    /// Caller.
    pub from: String,
    /// Called.
    pub to: String,
    /// Calls.
    pub count: u32,
    /// Where, the first.
    pub place: Place,
    /// Whether the called routine is in the input.
    pub resolved: bool,
}
