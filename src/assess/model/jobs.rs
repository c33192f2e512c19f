//! Jobs: what starts when, what it reads, writes and commits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Place;

/// A scheduled job or an entry point named by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobReport {
    /// Name, as the schedule has it.
    pub name: String,
    /// Group of its stream jobs (lower snake case); None if none is planned.
    pub group: Option<String>,
    /// Routine or block that it starts.
    pub entry: String,
    /// Routines that it starts, as far as they are known.
    pub routines: Vec<String>,
    /// Where the schedule comes from.
    pub source: ScheduleSource,
    /// The schedule, as written; None for entry points without one.
    pub schedule: Option<String>,
    /// Where the schedule stands.
    pub place: Option<Place>,
    /// Whether it runs today.
    pub enabled: bool,
    /// When it runs on a day, if that could be told.
    pub window: Option<Window>,
    /// Steps in the batch's order.
    pub steps: Vec<JobStep>,
    /// Tables read.
    pub reads: Vec<String>,
    /// Tables written.
    pub writes: Vec<String>,
    /// Where it commits.
    pub commits: CommitPattern,
    /// What a rerun after a crash does.
    pub rerun: RerunClass,
    /// What becomes of it.
    pub verdict: JobVerdict,
}

/// Where a schedule comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleSource {
    /// DBMS_SCHEDULER in a script.
    DbmsScheduler,
    /// DBMS_JOB in a script.
    DbmsJob,
    /// A CSV export of the dictionary's job views.
    DictionaryExport,
    /// crontab.
    Crontab,
    /// A shell script that calls SQL*Plus.
    ShellScript,
    /// A job list of an enterprise scheduler.
    JobList,
    /// `[schedule] entry_points`.
    ProjectFile,
    /// None: a routine that nobody calls.
    Inferred,
}

/// Starts within a day, in minutes after midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// First start.
    pub first: u16,
    /// Minutes between starts; None for one start a day.
    pub every: Option<u16>,
    /// Last start, if there are several.
    pub last: Option<u16>,
    /// On which days, as text; empty for every day.
    pub days: String,
}

/// One step of a job: a call of its entry, or a step of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobStep {
    /// Name, unique in the job.
    pub name: String,
    /// Routine.
    pub routine: String,
    /// Names of the steps before it.
    pub after: Vec<String>,
    /// Tables written.
    pub writes: Vec<String>,
    /// What becomes of it.
    pub verdict: JobVerdict,
    /// Where it is called.
    pub place: Option<Place>,
}

/// Where code commits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CommitPattern {
    /// Nowhere: the caller does, or nothing is written.
    Never,
    /// Once, at the end.
    AtEnd,
    /// After each step.
    BetweenSteps,
    /// Every N rows.
    EveryNRows,
    /// Inside a loop, every turn.
    InLoop,
}

/// What a rerun after a crash does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RerunClass {
    /// The same result.
    Idempotent,
    /// Rows or amounts twice.
    Duplicates,
    /// Something is skipped.
    Loses,
    /// It depends on what is not known.
    Unknown,
}

/// What becomes of a job.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum JobVerdict {
    /// Every write planned.
    Planned,
    /// Every write planned, some under assumptions.
    Assumed,
    /// Some writes are residual.
    Partial,
    /// All writes are residual.
    Residual,
    /// Its code could not be read or is not in the input.
    Unparsed,
}

/// A routine that no schedule reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UncalledRoutine {
    /// Name.
    pub routine: String,
    /// Where.
    pub place: Place,
}

/// Commits of a routine, and what follows from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionReport {
    /// Routine.
    pub routine: String,
    /// Jobs that reach it.
    pub jobs: Vec<String>,
    /// Where it commits.
    pub commits: CommitPattern,
    /// Commits and rollbacks.
    pub places: Vec<Place>,
    /// Runs in a transaction of its own.
    pub autonomous: bool,
    /// What a rerun after a crash does.
    pub rerun: RerunClass,
    /// Why.
    pub causes: Vec<RerunCause>,
}

/// What decides the effect of a rerun.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RerunCause {
    /// It replaces what it wrote before.
    Replaces,
    /// It writes by key.
    ByKey,
    /// It only deletes, or sets columns to values that do not depend on the old ones.
    Overwrites,
    /// It inserts rows again.
    Inserts,
    /// It adds to old values.
    AddsUp,
    /// Work done is marked, so that a rerun goes on behind it.
    Marks,
    /// A handler hides errors: rows are lost in silence.
    HidesErrors,
    /// It commits before it is done: readers see half of it, and a rerun starts from there.
    PartialCommits,
    /// The statement is not understood.
    NotUnderstood,
}

/// Something that code does outside the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SideEffect {
    /// Where.
    pub place: Place,
    /// Routine.
    pub routine: String,
    /// What it calls, for example `UTL_FILE.PUT_LINE`.
    pub call: String,
    /// What it is; decides what replaces it.
    pub kind: SideEffectKind,
}

/// Kinds of side effects.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SideEffectKind {
    /// Files written or read.
    File,
    /// Mail.
    Mail,
    /// HTTP, TCP.
    Network,
    /// Locks and pauses.
    Lock,
    /// Queues and alerts.
    Message,
    /// Output for a terminal.
    Output,
    /// A database link.
    DbLink,
    /// Jobs that code submits.
    Job,
    /// Logging and tracking writes, dropped.
    Control,
    /// Any other.
    Other,
}
