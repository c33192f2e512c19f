//! The catalogue's types. Nodes of syntax trees are addressed by [`UnitRef`] and arena ids.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::calls::CallGraph;
use crate::diag::Diagnostic;
pub use crate::rel::{DataType, TableName};
use crate::source::Span;
use crate::syntax::ast::{Block, Expr, Id, Query, Routine as RoutineNode};

/// A unit of the input: file and unit index, as `syntax::parse_all` returned them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitRef {
    /// Index into the parsed files.
    pub file: u32,
    /// Index into the file's units.
    pub unit: u32,
}

/// A name's meaning, or why it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved<T> {
    /// Known.
    Known(T),
    /// Not known, with the reason as a sentence.
    Unknown(String),
}

impl<T> Resolved<T> {
    /// The value, if known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Resolved::Known(t) => Some(t),
            Resolved::Unknown(_) => None,
        }
    }
}

/// The whole estate.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Tables and views by name; in order of definition.
    pub tables: IndexMap<TableName, Table>,
    /// Synonyms: (schema or `PUBLIC`, name) to the target.
    pub synonyms: IndexMap<TableName, SynonymTarget>,
    /// CREATE TYPE, by name: the unit of the type.
    pub types: IndexMap<TableName, UnitRef>,
    /// Sequences.
    pub sequences: IndexMap<TableName, Span>,
    /// All routines: standalone, packaged, nested, initialisers, anonymous blocks. Indexed by [`RoutineId`].
    pub routines: Vec<Routine>,
    /// Packages by name.
    pub packages: IndexMap<TableName, Package>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// Jobs, in order of discovery.
    pub jobs: Vec<Job>,
    /// How many calls that make a job were read, whatever became of them.
    pub job_calls: u64,
    /// Names of objects whose CREATE names no schema: they are taken to be in the default schema, and a name that is
    /// found nowhere else may mean them.
    pub unqualified: BTreeSet<String>,
    /// Tables by their name alone.
    pub tables_by_name: BTreeMap<String, Vec<TableName>>,
    /// Routines and packages whose text is wrapped: known by name alone.
    pub wrapped: IndexMap<TableName, Span>,
    /// Who calls whom.
    pub calls: CallGraph,
    /// Database links.
    pub db_links: Vec<String>,
    /// The schema of unqualified names.
    pub default_schema: String,
    /// Findings.
    pub findings: Vec<Diagnostic>,
}

/// What a synonym stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynonymTarget {
    /// Object.
    pub target: TableName,
    /// Over a database link.
    pub link: Option<String>,
    /// Where.
    pub span: Span,
}

/// What shows something that no definition states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// One sentence: from what it was taken.
    pub note: String,
    /// The first places that show it.
    pub spans: Vec<Span>,
}

/// Columns that are taken to identify a row although no definition says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedKey {
    /// Columns.
    pub columns: Vec<String>,
    /// From what it was taken.
    pub evidence: Inferred,
}

/// Table or view.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name.
    pub name: TableName,
    /// What it is.
    pub kind: TableKind,
    /// Columns in order.
    pub columns: IndexMap<String, Column>,
    /// PRIMARY KEY columns.
    pub primary_key: Option<Vec<String>>,
    /// UNIQUE constraints and unique indexes.
    pub uniques: Vec<Vec<String>>,
    /// Keys that the code relies on and no definition states, the most plausible first.
    pub assumed_keys: Vec<AssumedKey>,
    /// It has no definition in the input: what is known of it was taken from the code that uses it.
    pub inferred: Option<Inferred>,
    /// All columns are known, in the table's order. False for a table whose columns were taken from their uses.
    pub complete: bool,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK texts, as written.
    pub checks: Vec<String>,
    /// COMMENT ON TABLE.
    pub comment: Option<String>,
    /// PARTITION BY columns.
    pub partition_by: Vec<String>,
    /// Statistics.
    pub rows: Option<u64>,
    /// Average row length in bytes.
    pub avg_row_len: Option<u64>,
    /// Where it is defined; None when known from a dictionary export alone.
    pub span: Option<Span>,
    /// A view's query.
    pub view: Option<(UnitRef, Id<Query>)>,
    /// Files behind an external table or control file.
    pub external: Option<ExternalFile>,
}

/// Kinds of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// Heap or index-organised.
    Table,
    /// GLOBAL/PRIVATE TEMPORARY.
    Temporary,
    /// ORGANIZATION EXTERNAL.
    External,
    /// View.
    View,
    /// Materialised view.
    MaterializedView,
}

impl Table {
    /// It is identified by what a definition says.
    pub fn has_declared_key(&self) -> bool {
        let never_null = |u: &Vec<String>| {
            u.iter()
                .all(|c| self.columns.get(c).is_some_and(|c| !c.nullable))
        };
        self.primary_key.is_some() || self.uniques.iter().any(never_null)
    }
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: DataType,
    /// May be NULL.
    pub nullable: bool,
    /// Has a DEFAULT.
    pub default: bool,
    /// DEFAULT text as written.
    pub default_text: Option<String>,
    /// Virtual: computed from others.
    pub is_virtual: bool,
    /// GENERATED AS IDENTITY.
    pub identity: bool,
    /// COMMENT ON COLUMN.
    pub comment: Option<String>,
    /// NUM_DISTINCT.
    pub distinct: Option<u64>,
    /// NUM_NULLS.
    pub nulls: Option<u64>,
    /// It stands in no definition: taken from the code that uses it.
    pub inferred: Option<Inferred>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Own columns.
    pub columns: Vec<String>,
    /// Parent.
    pub parent: TableName,
    /// Parent's columns; empty: its primary key.
    pub parent_columns: Vec<String>,
}

/// Files behind a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalFile {
    /// Directory object.
    pub directory: Option<String>,
    /// File names.
    pub files: Vec<String>,
    /// Field separator.
    pub separator: Option<String>,
    /// Enclosing quote.
    pub quote: Option<String>,
    /// CHARACTERSET as written.
    pub charset: Option<String>,
    /// Header lines.
    pub skip: u32,
    /// Field names in file order; empty: the table's columns.
    pub fields: Vec<String>,
}

/// Index into [`Catalog::routines`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutineId(pub u32);

/// A routine or block that can run.
#[derive(Clone, Debug)]
pub struct Routine {
    /// Schema.
    pub schema: String,
    /// Package, for packaged routines and initialisers.
    pub package: Option<String>,
    /// Name; `<init>` for package initialisers, `<block N>` for anonymous blocks, `<trigger NAME>` for triggers,
    /// `<statements of PATH>` for what stands in a script outside any block.
    pub name: String,
    /// The routine that this one is nested in.
    pub parent: Option<RoutineId>,
    /// Blocks of the parent that hold its declaration, outermost first; empty without a parent.
    pub within: Vec<Id<Block>>,
    /// Unit that holds its body.
    pub unit: UnitRef,
    /// A script's own statements, in order: units outside any routine and block. Empty for routines proper.
    pub items: Vec<UnitRef>,
    /// Its node; None for blocks and initialisers.
    pub node: Option<Id<RoutineNode>>,
    /// Its body; None for bodies that are not in the input (external, wrapped, specification only).
    pub body: Option<Id<Block>>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Function.
    pub function: bool,
    /// Type of a function's result, with %TYPE followed.
    pub returns: Option<DataType>,
    /// PRAGMA AUTONOMOUS_TRANSACTION.
    pub autonomous: bool,
    /// Declared in a package specification, or standalone: callable from outside.
    pub public: bool,
    /// A later definition of the same name is used instead: nothing calls this one. It is kept, so that what it does
    /// is reported.
    pub replaced: bool,
    /// Whole text.
    pub span: Span,
}

impl Routine {
    /// `SCHEMA.PACKAGE.NAME`, without parts that are absent.
    pub fn qualified(&self) -> String {
        match &self.package {
            Some(p) => format!("{}.{}.{}", self.schema, p, self.name),
            None => format!("{}.{}", self.schema, self.name),
        }
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Name.
    pub name: String,
    /// Type, with %TYPE followed.
    pub ty: DataType,
    /// OUT or IN OUT.
    pub out: bool,
    /// Default value.
    pub default: Option<Id<Expr>>,
}

/// A package.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Specification.
    pub spec: Option<UnitRef>,
    /// Body.
    pub body: Option<UnitRef>,
    /// Names declared in the specification.
    pub public: Vec<String>,
    /// Variables (not constants) at package level: state.
    pub state: Vec<String>,
}

/// A trigger.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Name.
    pub name: TableName,
    /// Table or view.
    pub table: Option<TableName>,
    /// Body as a routine.
    pub routines: Vec<RoutineId>,
    /// FOR EACH ROW.
    pub each_row: bool,
    /// Events.
    pub on_insert: bool,
    /// Events.
    pub on_update: bool,
    /// Events.
    pub on_delete: bool,
}

/// A job: something that starts code.
#[derive(Clone, Debug)]
pub struct Job {
    /// Name as the schedule has it.
    pub name: String,
    /// Where it comes from.
    pub origin: JobOrigin,
    /// What it starts, in order.
    pub entries: Vec<Entry>,
    /// When, as written (calendaring text, cron fields); None for manual.
    pub schedule: Option<String>,
    /// Chain steps that must end before, by job name.
    pub after: Vec<String>,
    /// Enabled.
    pub enabled: bool,
    /// Where; None for entries of ora2stream.toml and CSV exports.
    pub span: Option<Span>,
    /// File it stands in, relative to the input.
    pub file: String,
    /// Line, from 1; 0 if unknown.
    pub line: u32,
}

/// Where a job comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobOrigin {
    /// DBMS_SCHEDULER.
    Scheduler,
    /// A step of a DBMS_SCHEDULER chain.
    ChainStep,
    /// DBMS_JOB.
    DbmsJob,
    /// crontab.
    Crontab,
    /// Shell script that calls sqlplus.
    Shell,
    /// CSV export of a scheduler.
    Export,
    /// entry_points in ora2stream.toml.
    Configured,
    /// No schedule was found: a public routine that nobody calls.
    Uncalled,
}

/// One start of code by a job.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Code, or why it is not known.
    pub routine: Resolved<RoutineId>,
    /// The call as written.
    pub text: String,
    /// Values that the schedule binds to parameters, by parameter name.
    pub bindings: Vec<Binding>,
    /// It stands under a condition, in a loop or in a handler of the job's text: not every run makes it once.
    pub conditional: bool,
}

/// A bound parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Parameter.
    pub param: String,
    /// What it is bound to.
    pub value: Bound,
}

/// What a schedule binds to a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The start of a period relative to the day of the run, as written (`TRUNC(SYSDATE) - 1`): every run another, each once.
    RunDate(String),
    /// A constant, as a literal is written: strings with their quotes.
    Constant(String),
    /// Not understood.
    Unknown(String),
}
