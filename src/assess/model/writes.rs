//! Writes: every INSERT, UPDATE, DELETE, MERGE and TRUNCATE, and loops around them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::model::{Fallback, Precondition, ResidualReason};
use crate::rel::WriteClass;
use crate::source::Place;

/// One write of batch code. A dynamic statement with several possible texts has one a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WriteReport {
    /// Path relative to the input.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// First column, from 1.
    pub column: u32,
    /// Compilation unit, for example `RETAIL.SALES_PKG`.
    pub unit: String,
    /// Routine, for example `RETAIL.SALES_PKG.LOAD_DAILY_SALES`.
    pub routine: String,
    /// Statement.
    pub kind: WriteKind,
    /// Table, where known.
    pub table: Option<String>,
    /// Jobs that reach it.
    pub jobs: Vec<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What the table must always hold; None unless planned or assumed.
    pub write_class: Option<WriteClass>,
    /// Code of the rule that decided.
    pub rule: String,
    /// What must hold, and why it does.
    pub preconditions: Vec<Precondition>,
    /// Why it is not a stream; None unless residual.
    pub reason: Option<ResidualReason>,
    /// The reason or the remark in a sentence; empty if there is nothing to say.
    pub message: String,
    /// What would unlock it.
    pub unlock: Option<String>,
    /// Question for the owner.
    pub question: Option<String>,
    /// What to do meanwhile.
    pub fallback: Option<Fallback>,
    /// Stream job that stands for it.
    pub stream_job: Option<String>,
    /// Whether its text was resolved from dynamic SQL.
    pub dynamic: bool,
}

/// Kinds of writes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum WriteKind {
    /// INSERT, also of INSERT ALL (one a target).
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// MERGE.
    Merge,
    /// TRUNCATE TABLE.
    Truncate,
    /// Dynamic SQL whose text is not known.
    Dynamic,
}

impl WriteKind {
    /// As in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            WriteKind::Insert => "INSERT",
            WriteKind::Update => "UPDATE",
            WriteKind::Delete => "DELETE",
            WriteKind::Merge => "MERGE",
            WriteKind::Truncate => "TRUNCATE",
            WriteKind::Dynamic => "DYNAMIC",
        }
    }
}

/// What became of a write: exactly one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A stream job stands for it, all preconditions proved.
    Planned,
    /// A stream job stands for it, under assumptions that are shown.
    Assumed,
    /// A logging or tracking write, dropped with a note.
    Control,
    /// Left to people.
    Residual,
    /// Its text could not be read.
    Unparsed,
}

/// A write that is not batch code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherWrite {
    /// Path relative to the input.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// Compilation unit.
    pub unit: String,
    /// Statement.
    pub kind: WriteKind,
    /// Table, where known.
    pub table: Option<String>,
    /// Why it does not count as batch code.
    pub reason: OtherReason,
}

/// Why a write does not count as batch code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OtherReason {
    /// No job reaches the routine.
    Unreached,
    /// It stands in a trigger.
    Trigger,
    /// It stands in a script or an anonymous block that no job runs.
    Script,
    /// It stands in a body that a later definition of the same name replaces.
    Replaced,
}

/// A loop in batch code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoopReport {
    /// Where.
    pub place: Place,
    /// Routine.
    pub routine: String,
    /// For example `cursor FOR`, `FORALL`, `WHILE`.
    pub kind: String,
    /// Pattern it was recognised as; None if none.
    pub pattern: Option<String>,
    /// Tables written in its body.
    pub writes: Vec<String>,
    /// What keeps it from becoming a stream; empty if nothing.
    pub obstacles: Vec<ResidualReason>,
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// Stream jobs that stand for it.
    pub stream_jobs: Vec<String>,
}
