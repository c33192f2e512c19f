//! The completeness gate, and the files and units that it counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts of what was read (by a census of the token tape) against what is reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)] // the names are the documentation
pub struct Gate {
    pub files_in: u64,
    pub files_reported: u64,
    pub bytes_in: u64,
    pub bytes_reported: u64,
    pub units_in: u64,
    pub units_reported: u64,
    pub statements_in: u64,
    pub statements_reported: u64,
    pub writes_in: u64,
    pub writes_planned: u64,
    pub writes_assumed: u64,
    pub writes_control: u64,
    pub writes_residual: u64,
    pub writes_unparsed: u64,
    pub jobs_in: u64,
    pub jobs_reported: u64,
    /// Whether all of it adds up; see [`Gate::adds_up`].
    pub ok: bool,
}

impl Gate {
    /// Writes that ended in an outcome.
    pub fn writes_reported(&self) -> u64 {
        self.writes_planned
            + self.writes_assumed
            + self.writes_control
            + self.writes_residual
            + self.writes_unparsed
    }

    /// Whether every count in equals its count out.
    pub fn adds_up(&self) -> bool {
        self.files_in == self.files_reported
            && self.bytes_in == self.bytes_reported
            && self.units_in == self.units_reported
            && self.statements_in == self.statements_reported
            && self.writes_in == self.writes_reported()
            && self.jobs_in == self.jobs_reported
    }

    /// Planned or assumed writes among those that are not control, in per mille; None without any.
    pub fn share_per_mille(&self) -> Option<u64> {
        let all = self.writes_in.checked_sub(self.writes_control)?;
        ((self.writes_planned + self.writes_assumed) * 1000).checked_div(all)
    }
}

/// One input file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileReport {
    /// Path relative to the input.
    pub path: String,
    /// Size of the original.
    pub bytes: u64,
    /// Lines of the text.
    pub lines: u64,
    /// Encoding it was read in; None if it was not read.
    pub encoding: Option<String>,
    /// Units in it.
    pub units: u64,
    /// Statements in it, at any depth.
    pub statements: u64,
    /// Syntax errors in it.
    pub errors: u64,
    /// What it was taken for.
    pub status: FileStatus,
}

/// What became of a file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Read as SQL.
    Parsed,
    /// Read as SQL, with errors.
    PartlyParsed,
    /// A schedule, a dictionary export or data.
    Companion,
    /// Not text, or not SQL.
    Skipped,
    /// Could not be read.
    Unreadable,
}

/// One compilation unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitReport {
    /// Path relative to the input.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// For example `package body`, `table`, `anonymous block`.
    pub kind: String,
    /// Name; None for anonymous blocks and statements.
    pub name: Option<String>,
    /// What became of it.
    pub status: UnitStatus,
}

/// What became of a unit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum UnitStatus {
    /// Read completely.
    Parsed,
    /// Read with errors inside.
    PartlyParsed,
    /// Kept as balanced tokens.
    Opaque,
    /// Obfuscated by Oracle's wrap utility.
    Wrapped,
    /// Not read.
    Unparsed,
}
