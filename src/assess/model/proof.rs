//! What `prove` found, when it ran: a verdict a stream job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Place;

/// Proofs of the plan's jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofReport {
    /// Seed of the random databases.
    pub seed: u64,
    /// Databases a job.
    pub cases: u64,
    /// Branches of the interpreted code.
    pub branches: u64,
    /// Those that ran.
    pub covered: u64,
    /// Jobs in the plan's order.
    pub jobs: Vec<JobProofReport>,
}

/// The proof of one stream job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobProofReport {
    /// Group.
    pub group: String,
    /// Stream job.
    pub job: String,
    /// Result table.
    pub table: String,
    /// Verdict.
    pub verdict: ProofVerdict,
    /// Databases on which the batch ran to its end.
    pub cases: u64,
    /// Databases on which the batch itself fails.
    pub failed: u64,
    /// Comparisons.
    pub comparisons: u64,
    /// Result rows compared.
    pub rows: u64,
    /// Why it is not provable.
    pub reason: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// The smallest database that shows the difference, a line each.
    pub counterexample: Vec<String>,
    /// Assumptions, each broken on purpose.
    pub assumptions: Vec<BrokenAssumption>,
}

/// Verdicts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProofVerdict {
    /// Equal on all databases.
    Proved,
    /// Different on one.
    Refuted,
    /// The interpreter or the evaluator lacks something.
    NotProvable,
}

/// An assumption and what breaking it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenAssumption {
    /// Fact.
    pub fact: String,
    /// What was done.
    pub broken_by: String,
    /// Whether a difference showed; None: data cannot break it.
    pub matters: Option<bool>,
}
