//! SELECT and everything in it.

use super::*;

/// A query with its WITH, ORDER BY, row limit and FOR UPDATE.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Where.
    pub span: TokSpan,
    /// Named subqueries.
    pub with: List<Cte>,
    /// WITH FUNCTION/PROCEDURE declarations.
    pub with_decls: List<Decl>,
    /// Body.
    pub body: Id<SetExpr>,
    /// ORDER BY.
    pub order_by: List<OrderItem>,
    /// ORDER SIBLINGS BY.
    pub siblings: bool,
    /// OFFSET .. ROWS.
    pub offset: Option<Id<Expr>>,
    /// FETCH FIRST n.
    pub fetch: Option<Id<Fetch>>,
    /// FOR UPDATE ..; None without.
    pub for_update: Option<Id<ForUpdate>>,
}

/// FETCH FIRST.
#[derive(Clone, Copy, Debug)]
pub struct Fetch {
    /// Rows or percent; None means one row.
    pub count: Option<Id<Expr>>,
    /// PERCENT.
    pub percent: bool,
    /// WITH TIES.
    pub with_ties: bool,
    /// APPROX (true) or EXACT (false) of vector search.
    pub approximate: Option<bool>,
    /// PARTITIONS BY of vector search.
    pub partitions: List<Clause>,
}

/// FOR UPDATE.
#[derive(Clone, Copy, Debug)]
pub struct ForUpdate {
    /// OF columns.
    pub of: List<Expr>,
    /// SKIP LOCKED.
    pub skip_locked: bool,
    /// NOWAIT or WAIT 0.
    pub nowait: bool,
    /// Seconds of WAIT.
    pub wait: Option<Id<Expr>>,
}

/// One WITH element.
#[derive(Clone, Copy, Debug)]
pub struct Cte {
    /// Name.
    pub name: Ident,
    /// Column aliases.
    pub columns: List<Ident>,
    /// Query.
    pub query: Id<Query>,
    /// Tokens of the SEARCH and CYCLE clauses.
    pub tail: TokSpan,
    /// SEARCH and CYCLE; the measures and filters of an ANALYTIC VIEW.
    pub clauses: List<Clause>,
}

/// A set expression: equal precedence, left to right.
#[derive(Clone, Copy, Debug)]
pub enum SetExpr {
    /// SELECT.
    Select(Id<Select>),
    /// Parenthesised query.
    Query(Id<Query>),
    /// `first op second op third`, evaluated left to right.
    Chain {
        /// First operand.
        first: Id<SetExpr>,
        /// The rest.
        rest: List<SetTerm>,
    },
    /// VALUES (..), (..): rows are `Row` or `Paren` expressions.
    Values(List<Expr>),
    /// Not understood.
    Unparsed(TokSpan),
}

/// One further operand of a set chain.
#[derive(Clone, Copy, Debug)]
pub struct SetTerm {
    /// Operator.
    pub op: SetOp,
    /// ALL.
    pub all: bool,
    /// Operand.
    pub operand: Id<SetExpr>,
}

/// Set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOp {
    /// UNION.
    Union,
    /// INTERSECT.
    Intersect,
    /// MINUS or EXCEPT.
    Minus,
}

/// One SELECT block.
#[derive(Clone, Copy, Debug)]
pub struct Select {
    /// Where.
    pub span: TokSpan,
    /// DISTINCT or UNIQUE.
    pub distinct: bool,
    /// Select list.
    pub items: List<SelectItem>,
    /// [BULK COLLECT] INTO.
    pub into: Option<Id<Into>>,
    /// FROM; comma items are separate elements. Empty: no FROM (23ai).
    pub from: List<FromItem>,
    /// WHERE.
    pub where_: Option<Id<Expr>>,
    /// GROUP BY.
    pub group_by: List<GroupItem>,
    /// HAVING.
    pub having: Option<Id<Expr>>,
    /// What few have; read it through [`Ast::select_rest`].
    pub rest: Option<Id<SelectRest>>,
}

/// What few SELECT blocks have.
#[derive(Clone, Copy, Debug, Default)]
pub struct SelectRest {
    /// START WITH.
    pub start_with: Option<Id<Expr>>,
    /// CONNECT BY.
    pub connect_by: Option<Id<Expr>>,
    /// NOCYCLE.
    pub nocycle: bool,
    /// Tokens of MODEL, WINDOW and QUALIFY; empty without.
    pub tail: TokSpan,
    /// WINDOW.
    pub windows: List<NamedWindow>,
    /// MODEL and QUALIFY.
    pub clauses: List<Clause>,
}

/// One select item.
#[derive(Clone, Copy, Debug)]
pub struct SelectItem {
    /// Expression, may be `Star`.
    pub expr: Id<Expr>,
    /// Alias.
    pub alias: Option<Ident>,
}

/// `[BULK COLLECT] INTO targets`.
#[derive(Clone, Copy, Debug)]
pub struct Into {
    /// Where.
    pub span: TokSpan,
    /// BULK COLLECT.
    pub bulk: bool,
    /// Variables.
    pub targets: List<Expr>,
}

/// GROUP BY item.
#[derive(Clone, Copy, Debug)]
pub enum GroupItem {
    /// Expression; the empty group `()` is a `Row` without elements.
    Expr(Id<Expr>),
    /// ROLLUP.
    Rollup(List<Expr>),
    /// CUBE.
    Cube(List<Expr>),
    /// GROUPING SETS.
    Sets(List<GroupItem>),
    /// GROUP BY ALL (23ai): every item of the select list that is no aggregate.
    All,
}

/// One FROM element.
#[derive(Clone, Copy, Debug)]
pub struct FromItem {
    /// Where.
    pub span: TokSpan,
    /// What.
    pub kind: FromKind,
    /// Alias.
    pub alias: Option<Ident>,
    /// PARTITION, SAMPLE, AS OF, VERSIONS, HIERARCHIES; of a derived element its own clauses.
    pub clauses: List<Clause>,
}

/// Kinds of FROM elements.
#[derive(Clone, Copy, Debug)]
pub enum FromKind {
    /// Table or view; `tail` are the tokens of PARTITION(..), SAMPLE, AS OF, VERSIONS.
    Table {
        /// Name.
        name: Id<ObjectName>,
        /// Further words before the alias.
        tail: TokSpan,
    },
    /// Subquery, LATERAL too.
    Query {
        /// The query.
        query: Id<Query>,
        /// LATERAL.
        lateral: bool,
    },
    /// `TABLE(expr)`, `THE(..)`, a table function, XMLTABLE, JSON_TABLE (`tail`: their own syntax).
    Function {
        /// Call or collection expression.
        expr: Id<Expr>,
        /// Further words.
        tail: TokSpan,
    },
    /// ANSI join or APPLY.
    Join {
        /// Left.
        left: Id<FromItem>,
        /// Right.
        right: Id<FromItem>,
        /// Kind.
        kind: JoinKind,
        /// NATURAL.
        natural: bool,
        /// ON.
        on: Option<Id<Expr>>,
        /// USING.
        using: List<Ident>,
    },
    /// Parenthesised joins.
    Paren(Id<FromItem>),
    /// PIVOT, UNPIVOT, MATCH_RECOGNIZE over an element; their words in `tail`.
    Derived {
        /// Input.
        input: Id<FromItem>,
        /// PIVOT, UNPIVOT or MATCH_RECOGNIZE.
        keyword: Ident,
        /// All words of the clause.
        tail: TokSpan,
    },
    /// Not understood.
    Unparsed,
}

/// Joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// INNER.
    Inner,
    /// LEFT.
    Left,
    /// RIGHT.
    Right,
    /// FULL.
    Full,
    /// CROSS.
    Cross,
    /// CROSS APPLY.
    CrossApply,
    /// OUTER APPLY.
    OuterApply,
}
