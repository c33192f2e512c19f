//! The shape of the files under `rules/`.

use serde::Deserialize;

use crate::plan::model::Confidence;

/// Life cycle of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// New: its plans are shown for review.
    Preview,
    /// Settled.
    Stable,
    /// Kept for old plans, never chosen for new ones.
    Deprecated,
}

/// What a rule builds. The plan's write classes, and the two ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builder {
    /// Replace all.
    ReplaceAll,
    /// Replace a period.
    ReplacePeriod,
    /// Upsert.
    Upsert,
    /// Keep first.
    KeepFirst,
    /// Append.
    Append,
    /// Delta.
    Delta,
    /// Queue.
    Queue,
    /// Snapshot at a control event.
    Freeze,
    /// Dropped with a note.
    Control,
    /// For people.
    Manual,
}

/// One rule: what must hold, what is built, and why.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable code, never reused.
    pub code: String,
    /// Name in kebab case.
    pub name: String,
    /// Life cycle.
    pub status: Status,
    /// Higher wins.
    pub priority: i32,
    /// Conditions.
    #[serde(default)]
    pub when: When,
    /// What is built.
    pub builder: Builder,
    /// How sure, at best.
    pub confidence: Confidence,
    /// Why it is right.
    pub rationale: String,
    /// What to mind.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// At least one that fires and one near miss.
    pub examples: Vec<Example>,
}

/// Conditions over facts. A fact is named alone (`proved` or `assumed`), or with the status it must have:
/// `rows-unique-by-key:proved`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// All must hold.
    pub all: Vec<String>,
    /// At least one must hold, if there are any.
    pub any: Vec<String>,
    /// None may hold.
    pub none: Vec<String>,
}

/// Whether an example fires its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExampleKind {
    /// The rule decides the write.
    Fires,
    /// Looks alike, and another rule decides it.
    NearMiss,
}

/// An example: a small estate, and the write it is about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Fires or not.
    pub kind: ExampleKind,
    /// One line.
    pub title: String,
    /// DDL and PL/SQL; every public routine that nobody calls is an entry.
    pub sql: String,
    /// The write, as `VERB TABLE`; the first such write counts.
    pub write: String,
    /// For near misses: the rule that decides instead, where it is worth saying.
    #[serde(default)]
    pub instead: Option<String>,
}

/// A function's forms per engine.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionRule {
    /// Stable code.
    pub code: String,
    /// Oracle name, upper case.
    pub function: String,
    /// Arguments; None: any number.
    #[serde(default)]
    pub arity: Option<usize>,
    /// Flink SQL with holes `$1`..; None: it has none.
    #[serde(default)]
    pub flink: Option<String>,
    /// Spark SQL with holes.
    #[serde(default)]
    pub spark: Option<String>,
    /// What differs.
    #[serde(default)]
    pub caveat: Option<String>,
    /// Life cycle.
    pub status: Status,
    /// Why the form is right.
    #[serde(default)]
    pub rationale: Option<String>,
    /// Arguments and results, as Oracle gives them.
    #[serde(default)]
    pub vectors: Vec<Vector>,
}

/// A test vector; `"NULL"` is NULL.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Arguments as Oracle literals.
    pub args: Vec<String>,
    /// Result as an Oracle literal.
    pub result: String,
}

/// A file of function rows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionFile {
    /// Rows.
    pub function: Vec<FunctionRule>,
}

/// How a type is carried to the targets: what people read in `explain`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    /// Stable code.
    pub code: String,
    /// Oracle type, as written in DDL.
    pub oracle: String,
    /// Cassandra.
    #[serde(default)]
    pub cql: Option<String>,
    /// Flink.
    #[serde(default)]
    pub flink: Option<String>,
    /// Spark.
    #[serde(default)]
    pub spark: Option<String>,
    /// What to mind.
    #[serde(default)]
    pub caveat: Option<String>,
}

/// A file of type rows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeFile {
    /// Rows.
    #[serde(rename = "type")]
    pub types: Vec<TypeRule>,
}
