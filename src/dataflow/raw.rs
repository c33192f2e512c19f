//! A write as its statement says it, before periods are removed and facts are gathered.

use super::model::{Evidence, Fact, Obstacle, Verb};
use crate::catalog::model::RoutineId;
use crate::rel::{Rel, Scalar, TableName};
use crate::source::Span;

/// One write found in a routine.
#[derive(Clone, Debug)]
pub(super) struct RawWrite {
    pub span: Span,
    pub verb: Verb,
    pub table: Option<TableName>,
    pub dynamic: bool,
    pub body: RawBody,
    /// Conditions on the run under which the statement is reached.
    pub guards: Vec<Guard>,
    /// A loop was lifted into it.
    pub from_loop: bool,
    /// What stands before it, whatever it writes.
    pub blocked: Option<Obstacle>,
    /// The write that it is a part of, by index.
    pub part_of: Option<usize>,
    /// An upsert made of two statements.
    pub by_hand: bool,
    /// Routines that are called in the loops around.
    pub loop_calls: Vec<RoutineId>,
    /// Rows of the loops around, for statements that are no query: joined relations and conditions.
    pub rows: Option<(Rel, Vec<Scalar>)>,
    /// Relations of the loops' own queries: what they read was read before the loop began.
    pub snapshot: Vec<String>,
    /// Rows on which it fails are skipped, and the batch goes on.
    pub skips: bool,
    /// It runs only after an error that is not part of the plan.
    pub in_handler: bool,
    /// Tables whose rows are counted by the guards around.
    pub guard_tables: Vec<TableName>,
    pub evidence: Vec<(Fact, Evidence)>,
    pub notes: Vec<String>,
}

/// A condition on the run.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub condition: Scalar,
    pub span: Span,
}

/// What a write does.
#[derive(Clone, Debug)]
pub(super) enum RawBody {
    /// Inserts rows; outputs are named as the target's columns.
    Insert { query: Rel },
    /// Sets rows by key.
    Upsert(Upsert),
    /// Deletes rows; None: all.
    Delete {
        alias: String,
        predicate: Option<Scalar>,
    },
    /// Changes rows in place.
    Update(Update),
    /// Not lowered.
    Obstacle(Obstacle),
}

/// A MERGE, or UPDATE and INSERT by hand.
#[derive(Clone, Debug)]
pub(super) struct Upsert {
    /// Rows; outputs are named as the target's columns.
    pub query: Rel,
    /// Target columns that are compared.
    pub on: Vec<String>,
    /// Rows that are there are updated.
    pub updates: bool,
    /// The update adds to the old value of these columns.
    pub adds: Vec<String>,
    /// Columns that only one of the branches sets, with what that means.
    pub kept: Vec<String>,
}

/// An UPDATE.
#[derive(Clone, Debug)]
pub(super) struct Update {
    /// Relation of the target's own columns.
    pub alias: String,
    pub sets: Vec<(String, Scalar)>,
    pub predicate: Option<Scalar>,
}

/// What an INSERT writes: one row of values where it stands, or the rows of a query.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Row(Vec<(String, Scalar)>),
    Query(Rel),
}
