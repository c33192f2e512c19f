//! INSERT, UPDATE, DELETE, MERGE.

use super::*;

/// One DML statement.
#[derive(Clone, Copy, Debug)]
pub struct Dml {
    /// Where.
    pub span: TokSpan,
    /// What.
    pub kind: DmlKind,
    /// RETURNING expressions.
    pub returning: List<Expr>,
    /// RETURNING .. INTO.
    pub returning_into: Option<Id<Into>>,
    /// Tokens of LOG ERRORS; empty without.
    pub log_errors: TokSpan,
    /// LOG ERRORS.
    pub log: Option<Id<Clause>>,
}

/// Kinds of DML.
#[derive(Clone, Copy, Debug)]
pub enum DmlKind {
    /// INSERT INTO one target.
    Insert {
        /// Target and columns.
        into: InsertBranch,
        /// Rows.
        source: InsertSource,
    },
    /// INSERT ALL / FIRST.
    InsertMulti {
        /// FIRST instead of ALL.
        first: bool,
        /// INTO branches; `when` groups share their condition.
        branches: List<InsertBranch>,
        /// Rows.
        query: Id<Query>,
    },
    /// UPDATE.
    Update {
        /// Target.
        target: Id<FromItem>,
        /// SET items.
        set: List<Assign>,
        /// FROM (23ai).
        from: List<FromItem>,
        /// WHERE.
        where_: Option<Id<Expr>>,
        /// WHERE CURRENT OF cursor.
        current_of: Option<Id<Expr>>,
    },
    /// DELETE.
    Delete {
        /// Target.
        target: Id<FromItem>,
        /// FROM (23ai).
        from: List<FromItem>,
        /// WHERE.
        where_: Option<Id<Expr>>,
        /// WHERE CURRENT OF cursor.
        current_of: Option<Id<Expr>>,
    },
    /// MERGE.
    Merge {
        /// INTO.
        target: Id<FromItem>,
        /// USING.
        source: Id<FromItem>,
        /// ON.
        on: Id<Expr>,
        /// WHEN clauses.
        clauses: List<MergeClause>,
    },
    /// The statement's kind is known, its text is not understood.
    Unparsed(DmlVerb),
}

/// First word of a DML statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DmlVerb {
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// MERGE.
    Merge,
}

/// One INTO of an INSERT.
#[derive(Clone, Copy, Debug)]
pub struct InsertBranch {
    /// WHEN condition of a conditional INSERT ALL/FIRST.
    pub when: Option<Id<Expr>>,
    /// True in the ELSE branch.
    pub is_else: bool,
    /// Target.
    pub target: Id<FromItem>,
    /// Column list; empty: all columns in order.
    pub columns: List<Ident>,
    /// VALUES of a multi-table branch.
    pub values: List<Expr>,
    /// LOG ERRORS of a multi-table branch.
    pub log: Option<Id<Clause>>,
}

/// Where an INSERT's rows come from.
#[derive(Clone, Copy, Debug)]
pub enum InsertSource {
    /// VALUES (..); several rows in 23ai are `Row` expressions.
    Values(List<Expr>),
    /// VALUES record (PL/SQL, without parentheses) .
    Record(Id<Expr>),
    /// SELECT.
    Query(Id<Query>),
    /// 23ai SET syntax; each row in parentheses is one, with a `Row` of its values.
    Set(List<Assign>),
}

/// `target = value` in SET; `(a, b) = (SELECT ..)` has several targets; `ROW = rec` has none.
#[derive(Clone, Copy, Debug)]
pub struct Assign {
    /// Where.
    pub span: TokSpan,
    /// Columns, possibly qualified.
    pub targets: List<Expr>,
    /// Value.
    pub value: Id<Expr>,
}

/// WHEN of a MERGE.
#[derive(Clone, Copy, Debug)]
pub enum MergeClause {
    /// WHEN MATCHED THEN UPDATE.
    Update {
        /// SET.
        set: List<Assign>,
        /// WHERE.
        where_: Option<Id<Expr>>,
        /// DELETE WHERE.
        delete: Option<Id<Expr>>,
    },
    /// WHEN NOT MATCHED THEN INSERT.
    Insert {
        /// Columns; empty: all.
        columns: List<Ident>,
        /// VALUES.
        values: List<Expr>,
        /// WHERE.
        where_: Option<Id<Expr>>,
    },
}
