//! report.json, versioned, with the JSON Schema that is published beside it. Plain data: names, counts, places and
//! closed enums; words for people are the renderer's, except messages that a rule or a person wrote.
//! Sees `plan::model`, `rel`, `diag` and `source::Place`; knows nothing of syntax, catalogue or dataflow.

mod gate;
mod jobs;
mod lineage;
mod proof;
mod target;
mod work;
mod writes;

pub use gate::*;
pub use jobs::*;
pub use lineage::*;
pub use proof::*;
pub use target::*;
pub use work::*;
pub use writes::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::Severity;
use crate::source::Place;

/// Version of the report's format.
pub const REPORT_VERSION: u32 = 1;

/// The whole assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// What was assessed.
    pub project: ProjectSummary,
    /// Whether everything that was read is reported.
    pub gate: Gate,
    /// Input files, in order of path.
    pub files: Vec<FileReport>,
    /// Compilation units, in order of place.
    pub units: Vec<UnitReport>,
    /// Writes in batch code.
    pub writes: Vec<WriteReport>,
    /// Writes that no job reaches, with the reason.
    pub other_writes: Vec<OtherWrite>,
    /// Jobs and entry points.
    pub jobs: Vec<JobReport>,
    /// Routines that nobody schedules or calls.
    pub uncalled: Vec<UncalledRoutine>,
    /// Findings, in order of place.
    pub findings: Vec<Finding>,
    /// Tables with their readers and writers.
    pub tables: Vec<TableReport>,
    /// Edges between tables, columns and routines.
    pub lineage: Lineage,
    /// Loops in batch code.
    pub loops: Vec<LoopReport>,
    /// Commits and what a rerun does.
    pub transactions: Vec<TransactionReport>,
    /// What code does outside the database, and what replaces it.
    pub side_effects: Vec<SideEffect>,
    /// The new system.
    pub target: Target,
    /// Price of what is left, as a range.
    pub effort: Effort,
    /// Order of migration.
    pub waves: Vec<Wave>,
    /// What the code uses and the input does not hold.
    pub missing: Vec<MissingObject>,
    /// Questions for owners.
    pub questions: Vec<OpenQuestion>,
    /// What a project file would add.
    pub hints: Vec<Hint>,
    /// What `prove` found; None where it did not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofReport>,
    /// Source text of the places that the report shows, each once, in order of file and line.
    pub excerpts: Vec<Excerpt>,
}

/// What was assessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectSummary {
    /// Name.
    pub name: String,
    /// Schemas.
    pub schemas: Vec<String>,
    /// Time zone of DATE values (IANA name).
    pub time_zone: String,
    /// Version of ora2stream.
    pub tool_version: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code, printed by `ora2stream explain CODE`.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// What it means for the migration.
    pub class: FindingClass,
    /// One sentence.
    pub message: String,
    /// Where; None for findings about the whole input.
    pub place: Option<Place>,
    /// What to do next.
    pub help: Option<String>,
    /// Room or rule that found it.
    pub provenance: String,
}

/// What a finding means for the migration.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingClass {
    /// Before the migration can be complete.
    MustFix,
    /// The new system behaves differently here, on purpose or by assumption.
    BehavesDifferently,
    /// Cost of running it.
    Performance,
    /// Not part of what is migrated.
    OutOfScope,
}

/// Source text around a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// Path relative to the input.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Whole lines, cut after a limit.
    pub text: String,
    /// Whether lines were cut.
    pub cut: bool,
}

impl Report {
    /// The source text that begins at a line of a file.
    pub fn excerpt(&self, file: &str, line: u32) -> Option<&Excerpt> {
        let wanted = (file, line);
        let found = self
            .excerpts
            .binary_search_by(|e| (e.file.as_str(), e.line).cmp(&wanted));
        found.ok().map(|i| &self.excerpts[i])
    }

    /// report.json: indented, with a final newline.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|s| s + "\n")
    }
}

/// JSON Schema of [`Report`].
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}

#[cfg(test)]
mod tests;
