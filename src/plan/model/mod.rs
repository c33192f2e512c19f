//! plan.json, versioned. Written to disk, edited by a person and read back, it generates the same files.
//! Sees `rel`, `source::Place`; knows nothing of syntax, catalogue or dataflow.

mod jobs;
mod row_source;
mod settings;
mod sources;
mod spec;
mod tables;

pub use jobs::*;
pub use row_source::*;
pub use settings::*;
pub use sources::*;
pub use spec::*;
pub use tables::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the plan's format. A plan of another version is refused.
pub const PLAN_VERSION: u32 = 1;

/// The whole plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// What is migrated.
    pub project: Project,
    /// Connection settings and defaults.
    pub settings: Settings,
    /// Tables whose changes are captured, in order of name.
    pub sources: Vec<Source>,
    /// Files that become topics through a shipper.
    pub file_inputs: Vec<FileInput>,
    /// All topics, in order of name.
    pub topics: Vec<Topic>,
    /// Stream jobs by group.
    pub groups: Vec<JobGroup>,
    /// Cassandra tables.
    pub tables: Vec<CqlTable>,
    /// Result and replica topics into Cassandra.
    pub sinks: Vec<SinkTable>,
    /// One-shot loads.
    pub backfills: Vec<Backfill>,
    /// What readers ask.
    pub queries: Vec<ReaderQuery>,
    /// Writes that stay for people.
    pub residuals: Vec<Residual>,
    /// Control and tracking writes that are dropped, with the reason.
    pub controls: Vec<ControlWrite>,
    /// Questions that owners must answer; each names what depends on it.
    pub questions: Vec<Question>,
    /// The rows of rules/functions that the queries use.
    pub functions: Vec<FunctionForm>,
}

/// What is migrated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Name.
    pub name: String,
    /// Schemas.
    pub schemas: Vec<String>,
    /// Time zone that DATE values are meant in (IANA name).
    pub time_zone: String,
}

/// How sure a planned thing is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Every precondition is proved.
    Certain,
    /// Assumptions that nearly always hold.
    Likely,
    /// Assumptions that a person should confirm.
    Review,
    /// Needs a person.
    Manual,
}

/// A question for the owner of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Table, job or query that it is about.
    pub about: String,
    /// The question.
    pub text: String,
}

/// A target form of an Oracle function, copied from rules/functions so that `--rules` survives into `generate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionForm {
    /// Oracle name, upper case.
    pub function: String,
    /// Number of arguments the form is for; None for any.
    pub arity: Option<usize>,
    /// Flink SQL expression with holes `$1`, `$2`, ...; None where there is none.
    pub flink: Option<String>,
    /// Spark SQL expression with holes.
    pub spark: Option<String>,
    /// What differs from Oracle.
    pub caveat: Option<String>,
    /// Rule that says so.
    pub rule: String,
}
