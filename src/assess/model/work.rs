//! What is left to do: effort, waves, missing objects, questions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Place;

/// Price of what is left, in person hours, as a range. Every item is
/// `first + (count - 1) * repeat`: repeats of one pattern cost less.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effort {
    /// Sum of the low ends.
    pub low_hours: u64,
    /// Sum of the high ends.
    pub high_hours: u64,
    /// Items.
    pub items: Vec<EffortItem>,
}

/// One kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffortItem {
    /// What it is.
    pub work: EffortKind,
    /// Pattern that repeats, for example a residual reason; empty if the kind says it all.
    pub pattern: String,
    /// How often.
    pub count: u64,
    /// Hours of the first.
    pub first: Hours,
    /// Hours of each further one.
    pub repeat: Hours,
    /// All of them.
    pub total: Hours,
}

/// A range of hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hours {
    /// Low end.
    pub low: u64,
    /// High end.
    pub high: u64,
}

/// Kinds of work.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EffortKind {
    /// Read and accept a planned job.
    ReviewPlanned,
    /// Confirm an assumption with its owner.
    ConfirmAssumption,
    /// Build what stays for people.
    BuildResidual,
    /// Repair or supply what could not be read.
    RepairInput,
    /// Load and verify a table.
    LoadTable,
    /// Parallel run and cutover of a job.
    Cutover,
}

impl EffortItem {
    /// An item with its total.
    pub fn new(
        work: EffortKind,
        pattern: String,
        count: u64,
        first: Hours,
        repeat: Hours,
    ) -> EffortItem {
        let more = count.saturating_sub(1);
        let once = count.min(1);
        let total = Hours {
            low: first.low * once + repeat.low * more,
            high: first.high * once + repeat.high * more,
        };
        EffortItem {
            work,
            pattern,
            count,
            first,
            repeat,
            total,
        }
    }
}

impl Effort {
    /// The sum of items.
    pub fn of(items: Vec<EffortItem>) -> Effort {
        Effort {
            low_hours: items.iter().map(|i| i.total.low).sum(),
            high_hours: items.iter().map(|i| i.total.high).sum(),
            items,
        }
    }
}

/// Jobs that move together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wave {
    /// From 1.
    pub number: u32,
    /// Jobs that run its routines.
    pub jobs: Vec<String>,
    /// Routines: a step of a job moves for itself, the job's driver is thinned out.
    pub routines: Vec<String>,
    /// Tables that they write.
    pub tables: Vec<String>,
    /// Captured tables that must be ready.
    pub sources: Vec<String>,
    /// Why these move together, and why now.
    pub reasons: Vec<WaveReason>,
    /// Rows to load, as far as known.
    pub rows: Option<u64>,
    /// Writes of it that stay for people: until they are settled its batch cannot be switched off.
    pub residuals: u64,
}

/// Why jobs form a wave, and why at its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum WaveReason {
    /// Routines in it write the same tables: two writers of one table cannot be apart.
    SharedTargets {
        /// Tables.
        tables: Vec<String>,
    },
    /// Routines in it read what the others write, in a ring.
    Ring {
        /// Tables that close the ring.
        tables: Vec<String>,
    },
    /// Routines of earlier waves read its results: readers move first, else they would read a table that stands still.
    ReadersFirst {
        /// Readers.
        routines: Vec<String>,
    },
    /// All its writes are planned.
    NothingLeft,
    /// No routine of a job reads its results: nothing waits for it.
    NoReaders,
    /// Code or queries outside the batch read its tables, and have to be pointed at the new ones.
    OutsideReaders {
        /// Readers.
        readers: Vec<String>,
    },
}

/// What the code uses and the input does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingObject {
    /// Name, as used.
    pub name: String,
    /// What it should be.
    pub kind: MissingKind,
    /// Uses.
    pub places: Vec<Place>,
    /// Why it is not known, in a sentence.
    pub why: String,
}

/// Kinds of missing objects.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MissingKind {
    /// Table or view.
    Table,
    /// Procedure or function.
    Routine,
    /// What a job starts.
    JobTarget,
}

/// What a project file or an export would add.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// No reader queries: tables are keyed as in Oracle.
    NoQueries,
    /// No row counts: loads and partitions are not sized.
    NoStatistics,
    /// No schedule: jobs were inferred.
    NoSchedule,
}

/// A question for an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenQuestion {
    /// Table, job or query that it is about.
    pub about: String,
    /// The question.
    pub text: String,
    /// Where it comes from.
    pub place: Option<Place>,
}
