//! Stream jobs, and what is not a stream job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Confidence;
use crate::rel::{TableName, Write};
use crate::source::Place;

/// The stream jobs of one entry job: one Flink script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobGroup {
    /// Lower snake case; names the files.
    pub name: String,
    /// The job as the schedule names it.
    pub entry: String,
    /// When the batch ran, as text; None for entry points without a schedule.
    pub schedule: Option<String>,
    /// Jobs in the batch's order.
    pub jobs: Vec<StreamJob>,
}

/// One planned write as a continuous query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamJob {
    /// Unique, lower snake case.
    pub id: String,
    /// What is written.
    pub write: Write,
    /// Result topic, `<prefix>.result.<SCHEMA>.<TABLE>`.
    pub topic: String,
    /// Code of the rule that decided.
    pub rule: String,
    /// How sure.
    pub confidence: Confidence,
    /// What must hold, and why it does.
    pub preconditions: Vec<Precondition>,
    /// Lines of the batch that this job stands for.
    pub provenance: Vec<Place>,
    /// Routine that wrote.
    pub routine: String,
    /// Remarks for the reader of the script.
    pub notes: Vec<String>,
    /// Tables read, in order of name.
    pub reads: Vec<TableName>,
    /// State that grows with the data, in words.
    pub state: Vec<String>,
    /// The aggregate shape: Spark's weighted sums can run it.
    pub spark: bool,
}

/// A named fact that a plan rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Precondition {
    /// Name from the fact vocabulary.
    pub fact: String,
    /// Whether it holds.
    pub status: FactStatus,
    /// Evidence or what is assumed, one sentence.
    pub note: String,
    /// Where.
    pub places: Vec<Place>,
}

/// Whether a fact holds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FactStatus {
    /// Shown from the text.
    Proved,
    /// Taken to hold, shown to the owner.
    Assumed,
    /// Does not hold.
    Failed,
}

/// Why something is not a stream: a closed set.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ResidualReason {
    /// The result depends on the order of rows.
    OrderDependent,
    /// Reads the table that it writes.
    SelfRead,
    /// Readers rely on states in between.
    CommitVisibleIntermediate,
    /// The text of the statement is not known.
    OpaqueDynamicSql,
    /// Calls code that is not in the input.
    UnknownCallee,
    /// Leaves the loop early.
    EarlyExit,
    /// Runs in a transaction of its own.
    AutonomousTransaction,
    /// Reads or writes through a database link.
    DbLink,
    /// Uses a UTL_ package or another side effect.
    SideEffect,
    /// Depends on package state.
    PackageState,
    /// RANDOM, ROWNUM without order and the like.
    NonDeterministic,
    /// The source is wrapped.
    WrappedSource,
    /// No engine can run it.
    UnsupportedByEngine,
    /// A snapshot on purpose.
    FreezeOnPurpose,
    /// The period logic is not understood.
    PeriodNotUnderstood,
    /// The target has no key.
    NoKey,
    /// A construct that is not lowered yet.
    NotLowered,
    /// A table or column is not known.
    UnknownObject,
    /// Not reached from any job.
    Unreachable,
}

/// What remains for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// Group that it belongs to; None for code that no job reaches.
    pub group: Option<String>,
    /// Routine.
    pub routine: String,
    /// Statement kind: INSERT, UPDATE, DELETE, MERGE, TRUNCATE, or a loop.
    pub statement: String,
    /// Table, where known.
    pub table: Option<String>,
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: ResidualReason,
    /// Why, in a sentence.
    pub message: String,
    /// The precondition that failed.
    pub failed: Option<String>,
    /// What would unlock it.
    pub unlock: String,
    /// Question for the owner.
    pub question: String,
    /// What to do meanwhile.
    pub fallback: Fallback,
    /// Rule that decided.
    pub rule: String,
}

/// What to do with a residual meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// A keyed stateful function, written by hand.
    StatefulFunction,
    /// A scheduled micro-batch on the engine.
    MicroBatch,
    /// Stays in Oracle.
    StaysInOracle,
}

/// A control or tracking write, dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlWrite {
    /// Routine.
    pub routine: String,
    /// Table.
    pub table: Option<String>,
    /// Where.
    pub place: Place,
    /// Why it is control, and what replaces it.
    pub note: String,
    /// Rule that decided.
    pub rule: String,
}
