//! What a proof says of a job.

use serde::Serialize;

use crate::plan::model::StreamJob;
use crate::source::Place;
use crate::value::Value;

/// The verdict on one stream job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Equal on all databases.
    Proved,
    /// Different on one.
    Refuted {
        /// The smallest database that was found to show it.
        counterexample: Box<Counterexample>,
    },
    /// The interpreter or the evaluator lacks something, or no run of the batch succeeded.
    NotProvable {
        /// What lacks.
        reason: String,
        /// Where.
        place: Option<Place>,
    },
}

/// A row of a table, shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownRow {
    /// Table.
    pub table: String,
    /// Columns and values, as SQL shows them; NULLs left out.
    pub values: Vec<(String, String)>,
}

/// The smallest database that shows a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counterexample {
    /// Seed of the case.
    pub case: u64,
    /// Rows before the first run.
    pub rows: Vec<ShownRow>,
    /// Changes between runs, in words.
    pub changes: Vec<String>,
    /// Clock times at which the batch ran after the last change.
    pub clocks: Vec<String>,
    /// What differs.
    pub difference: String,
    /// What the plan gives for the key; None: no row.
    pub plan: Option<ShownRow>,
    /// What the batch left for the key; None: no row.
    pub batch: Option<ShownRow>,
    /// Lines of the batch.
    pub places: Vec<Place>,
}

/// One assumption, broken on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssumptionCheck {
    /// Fact.
    pub fact: String,
    /// What was done to break it.
    pub broken_by: String,
    /// Whether a difference was seen; None: it cannot be broken by data.
    pub matters: Option<bool>,
}

/// The proof of one stream job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobProof {
    /// Group.
    pub group: String,
    /// Stream job.
    pub job: String,
    /// Table that is compared.
    pub table: String,
    /// Verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Databases on which the batch ran to its end.
    pub cases: u64,
    /// Databases on which the batch itself fails: nothing to compare.
    pub failed: u64,
    /// Comparisons: one a run of the batch.
    pub comparisons: u64,
    /// Result rows compared.
    pub rows: u64,
    /// Assumptions.
    pub assumptions: Vec<AssumptionCheck>,
}

/// Branches of the code that has run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// All branches of the code that was reached.
    pub branches: u64,
    /// Those that ran at least once.
    pub covered: u64,
    /// Where those are that did not, and what they are.
    pub missed: Vec<(String, Place)>,
}

/// The proof of an estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Seed.
    pub seed: u64,
    /// Databases a job.
    pub cases: u64,
    /// Jobs.
    pub jobs: Vec<JobProof>,
    /// Coverage of the code.
    pub coverage: Coverage,
}

/// A value as SQL shows it.
pub(super) fn shown(v: &Value) -> String {
    match v {
        Value::Null => "NULL".into(),
        Value::Number(n) => n.to_oracle_text(),
        Value::Text(t) => format!("'{}'", t.replace('\'', "''")),
        Value::Date(d) => d.format("%Y-%m-%d %H:%M:%S").to_string(),
        Value::Timestamp(d) => d.format("%Y-%m-%d %H:%M:%S%.f").to_string(),
        Value::Bytes(b) => b.iter().map(|b| format!("{b:02X}")).collect(),
    }
}

/// A row with its columns' names.
pub(super) fn shown_row(table: &str, columns: &[String], row: &[Value]) -> ShownRow {
    let pairs = columns.iter().zip(row).filter(|(_, v)| !v.is_null());
    ShownRow {
        table: table.into(),
        values: pairs.map(|(c, v)| (c.clone(), shown(v))).collect(),
    }
}

/// Places of a job's code.
pub(super) fn places(job: &StreamJob) -> Vec<Place> {
    job.provenance.clone()
}
