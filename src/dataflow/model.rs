//! The result of the analysis: every write with its outcome, facts with evidence.

use std::collections::BTreeMap;

use crate::catalog::model::RoutineId;
use crate::rel::{ColumnRole, DataType, Period, Rel, TableName};
use crate::source::Span;

/// The verb of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// INSERT (one branch of INSERT ALL).
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// MERGE.
    Merge,
    /// TRUNCATE.
    Truncate,
}

impl Verb {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Insert => "INSERT",
            Verb::Update => "UPDATE",
            Verb::Delete => "DELETE",
            Verb::Merge => "MERGE",
            Verb::Truncate => "TRUNCATE",
        }
    }
}

/// The closed vocabulary of facts that rules decide on. Names in rule files are the kebab-case forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// The write inserts rows of a query (or of a lifted loop).
    InsertsQuery,
    /// The write is a MERGE, or UPDATE-else-INSERT by hand: upsert by key.
    UpsertsByKey,
    /// The MERGE or INSERT only adds keys that are not there.
    InsertsMissingKeys,
    /// It updates columns by adding to their old value.
    AddsToOldValue,
    /// The same routine empties the whole target before (TRUNCATE, DELETE without WHERE).
    EmptiesTargetBefore,
    /// The same routine deletes exactly the period of the target before.
    DeletesPeriodBefore,
    /// This statement is the emptying or period delete that belongs to an insert after it.
    PairedDelete,
    /// The target's key is known.
    TargetKeyKnown,
    /// The query's rows are unique by the target's key (group keys, source key, join on keys).
    RowsUniqueByKey,
    /// The query does not read the target.
    NoSelfRead,
    /// No random, no ROWNUM without order, no sequence in a data column.
    Deterministic,
    /// A period parameter was found and removed.
    PeriodRemoved,
    /// There is no period parameter: the query does not depend on the run.
    NoPeriod,
    /// Every row belongs to exactly one period.
    PeriodPartitions,
    /// The schedule runs the job once for every period.
    EveryPeriodRuns,
    /// The row written depends on one source row, and on lookups that cannot change in the same commit.
    CommitAtomicity,
    /// All source tables have keys.
    SourceKeysKnown,
    /// All tables and columns are resolved.
    NamesResolved,
    /// All functions have a known meaning.
    FunctionsKnown,
    /// The loop's body reads no target and carries no state from row to row.
    LoopIndependent,
    /// A row-wise lookup uses a unique key, its missing row is handled as seen.
    LookupUnique,
    /// The write records a run (start, stop, row counts, last run): logging or tracking.
    ControlTable,
    /// It runs in an autonomous transaction.
    AutonomousTransaction,
    /// The result is a snapshot on purpose (month close, statements that were sent).
    FreezesOnPurpose,
    /// The text came from dynamic SQL and is known.
    DynamicTextKnown,
    /// A trigger on the target does further writes.
    TargetHasTriggers,
    /// Other writers of the same target exist in batch code.
    OtherWriters,
    /// A table that is read or written has no definition in the input: its columns are taken from the code.
    TableInferred,
    /// A key that no definition states is taken from the code.
    KeyAssumed,
    /// Every source row is processed by exactly one run.
    EachRowOnce,
    /// Rows are flagged or removed by the batch once they have been processed.
    QueueConsumed,
    /// A source row, with its lookups, does not change once it has been processed.
    SourceRowsFinal,
    /// What the target held before the first captured row is known.
    OpeningBalance,
    /// Columns of rows that are there are set.
    UpdatesInPlace,
    /// A number from a sequence is replaced by the natural key.
    SurrogateKey,
    /// Values that the batch reads once a run are followed as they are now.
    RunValuesFollowed,
    /// Rows that failed are written, after an error.
    ErrorRows,
    /// Rows are deleted by their age.
    Retention,
    /// Lines of a file are written for the rows.
    FilesOut,
    /// The writers of one table write different rows.
    DisjointWriters,
}

/// Status of a fact, with evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whether it holds.
    pub status: Status,
    /// One sentence: what shows it, or what is assumed.
    pub note: String,
    /// Where.
    pub spans: Vec<Span>,
}

/// Whether a fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Shown from the text.
    Proved,
    /// Not shown, nothing against it: may be assumed, and is said.
    Assumed,
    /// Does not hold.
    Failed,
}

/// Facts of one write; a fact that is absent does not apply.
pub type Facts = BTreeMap<Fact, Evidence>;

/// One write found in batch code.
#[derive(Clone, Debug)]
pub struct WriteStep {
    /// Routine that holds it.
    pub routine: RoutineId,
    /// The statement.
    pub span: Span,
    /// Verb.
    pub verb: Verb,
    /// Target, where known.
    pub table: Option<TableName>,
    /// Entry jobs that reach it, by index into the catalogue's jobs; empty: not batch code.
    pub jobs: Vec<usize>,
    /// Found in dynamic SQL: the statement that executes it is `span`.
    pub dynamic: bool,
    /// Everything known about it.
    pub facts: Facts,
    /// What it computes, or why that is not known.
    pub meaning: Meaning,
}

/// What a write computes.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// Lifted.
    Lifted(Box<Lifted>),
    /// Belongs to another write: a delete before an insert, the UPDATE of an update-else-insert. Index into the steps.
    PartOf(usize),
    /// Not lifted.
    Obstacle(Obstacle),
}

/// A lifted write: query outputs are named as the target's columns, in the order of `columns`.
#[derive(Clone, Debug)]
pub struct Lifted {
    /// Written columns.
    pub columns: Vec<LiftedColumn>,
    /// Key of the target, in key order; empty if unknown.
    pub key: Vec<String>,
    /// What is written.
    pub query: Rel,
    /// Removed period.
    pub period: Option<Period>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// A written column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiftedColumn {
    /// Target column.
    pub name: String,
    /// Its type.
    pub ty: DataType,
    /// May be NULL.
    pub nullable: bool,
    /// Key, value or audit.
    pub role: ColumnRole,
}

/// Why a write is not lifted. `kind` is closed; the plan's residual reasons are made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Kind.
    pub kind: ObstacleKind,
    /// One sentence.
    pub message: String,
    /// What stands in the way.
    pub spans: Vec<Span>,
    /// What would unlock it.
    pub unlock: String,
}

/// Closed set of obstacles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObstacleKind {
    /// Result depends on row order.
    OrderDependent,
    /// Reads its own target.
    SelfRead,
    /// States in between are visible and used.
    CommitVisible,
    /// Text not known.
    OpaqueDynamicSql,
    /// Callee not known.
    UnknownCallee,
    /// EXIT, RETURN, RAISE, GOTO.
    EarlyExit,
    /// Autonomous transaction.
    Autonomous,
    /// Database link.
    DbLink,
    /// UTL_ package, mail, lock.
    SideEffect,
    /// Package state.
    PackageState,
    /// Random, ROWNUM, ...
    NonDeterministic,
    /// Wrapped.
    Wrapped,
    /// A construct that no engine runs.
    Unsupported,
    /// Snapshot on purpose.
    Freeze,
    /// Period logic not understood.
    Period,
    /// No key.
    NoKey,
    /// Construct not lowered yet.
    NotLowered,
    /// Unknown table, column, variable.
    UnknownName,
    /// Not parsed.
    Unparsed,
}

/// What one routine does, callees included.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Tables read.
    pub reads: Vec<TableName>,
    /// Tables written.
    pub writes: Vec<TableName>,
    /// COMMITs, with whether each is inside a loop.
    pub commits: Vec<(Span, bool)>,
    /// ROLLBACKs.
    pub rollbacks: Vec<Span>,
    /// Calls: known routines.
    pub calls: Vec<(RoutineId, Span)>,
    /// Calls that are not resolved, by name as written.
    pub unknown_calls: Vec<(String, Span)>,
    /// UTL_FILE, UTL_MAIL, DBMS_LOCK, ...: package and span.
    pub side_effects: Vec<(String, Span)>,
}

/// One column-level lineage edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineageEdge {
    /// From.
    pub from: (TableName, String),
    /// To.
    pub to: (TableName, String),
    /// Index into the steps.
    pub step: usize,
}

/// The whole analysis.
#[derive(Debug, Default)]
pub struct Flows {
    /// Every write in batch code and elsewhere, in order of place.
    pub steps: Vec<WriteStep>,
    /// One a routine, indexed like the catalogue's routines.
    pub summaries: Vec<Summary>,
    /// Lineage.
    pub lineage: Vec<LineageEdge>,
}
