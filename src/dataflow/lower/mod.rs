//! Syntax trees to the relational IR: one file a family of statements, every match exhaustive, so that a new kind
//! of node does not compile until it has an arm. Names become columns or symbolic values; what is not translated is
//! a typed obstacle. Must not know facts, periods or which routine runs when.

mod call;
mod coerce;
mod delete;
mod expr;
mod from;
mod function;
mod insert;
mod joins;
mod literal;
mod merge;
mod names;
mod query;
mod rownum;
mod select;
mod special;
mod truncate;
mod types;
mod update;

pub(super) use call::{never_null, not_true, untyped, value_never_null};
pub(super) use coerce::{assign, compare};
pub(super) use merge::{Merged, OneRow, one_row};
pub(super) use names::{ROWID, key_of_meaning};
pub(super) use query::rename_outputs;
pub(super) use rownum::unordered_limit;
pub(super) use update::current_row;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cx::Cx;
use super::env::{Env, Opaques};
use super::model::Obstacle;
use crate::catalog::resolve::Scope;
use crate::rel::{ColumnRef, NamedAgg, NamedWindow, Rel, Scalar, TableName};
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{Expr, Id, Ident, List, Query, TokSpan};

/// Result of lowering.
pub(super) type Low<T> = Result<T, Obstacle>;

/// A FROM element in sight.
#[derive(Clone, Debug)]
pub(super) struct Visible {
    /// Name by which columns are qualified.
    pub alias: String,
    /// The table, if it is one: it may be qualified by its own name.
    pub table: Option<TableName>,
    /// Its columns, by the relation's unique alias.
    pub columns: Vec<ColumnRef>,
    /// Columns joined by USING or NATURAL: unqualified, they mean the other side's.
    pub hidden: BTreeSet<String>,
}

/// Aggregates and window calls that a select list collects.
#[derive(Debug, Default)]
struct Collected {
    aggs: Vec<NamedAgg>,
    windows: Vec<NamedWindow>,
}

/// A WITH element.
#[derive(Clone, Copy, Debug)]
struct Named {
    name: Ident,
    columns: List<Ident>,
    query: Id<Query>,
    /// Number of scopes in sight where it was defined.
    level: usize,
    /// It is being read: a reference now is a recursion.
    open: bool,
}

/// A value that is read or computed once a run: an expression over one row of a query.
#[derive(Clone, Debug)]
pub(super) struct RunValue {
    pub from: Rel,
    /// Over the outputs of `from`.
    pub expr: Scalar,
    /// It only counts rows.
    pub counts: bool,
    pub span: Span,
}

/// What lowering keeps between statements of one routine.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Values that are not known.
    pub opaques: Opaques,
    /// Aliases in use: unique within the routine, so that trees can be joined freely.
    pub aliases: BTreeSet<String>,
    /// Remarks of the statement that is being lowered.
    pub notes: Vec<String>,
    /// Calls of routines of the input that were inlined on the way.
    pub depth: u32,
    /// Where to go on looking for a free alias, by the wanted one.
    numbers: HashMap<String, u32>,
    /// Calls of functions with a lookup that nobody handles: NULL in SQL, an error in PL/SQL. Whoever lowers an
    /// expression of PL/SQL takes them.
    pub unhandled: Vec<Span>,
    /// Values of the run, by the name of their placeholder.
    pub runs: BTreeMap<String, RunValue>,
}

impl Shared {
    /// A placeholder for a value of the run.
    pub fn run_value(&mut self, wanted: &str, value: RunValue) -> Scalar {
        let free = |n: &String| !self.runs.contains_key(n);
        let name = std::iter::once(wanted.to_string())
            .chain((2..).map(|i| format!("{wanted}#{i}")))
            .find(free)
            .unwrap_or_default();
        let ty = value.expr.ty();
        self.runs.insert(name.clone(), value);
        super::period::param(&name, ty)
    }

    /// An alias nobody has.
    pub fn alias(&mut self, wanted: &str) -> String {
        let base = if wanted.is_empty() { "Q" } else { wanted };
        if self.aliases.insert(base.to_string()) {
            return base.to_string();
        }
        // Scripts of thousands of statements ask for the same alias again and again.
        let number = self.numbers.entry(base.to_string()).or_insert(1);
        loop {
            *number += 1;
            let name = format!("{base}_{number}");
            if self.aliases.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// Lowers one statement's parts.
pub(super) struct Lowerer<'l, 'a> {
    pub cx: &'l Cx<'a>,
    pub view: View<'a>,
    pub scope: &'l Scope,
    pub env: &'l Env,
    pub shared: &'l mut Shared,
    /// FROM elements in sight, outermost query first.
    scopes: Vec<Vec<Visible>>,
    ctes: Vec<Named>,
    collected: Option<Collected>,
    depth: u32,
    /// Sort keys that are no outputs become outputs.
    extend_order: bool,
    /// `ROWNUM <= 1` of the query's own block is left to the caller.
    one_row: bool,
    /// It was there.
    took_one: bool,
}

impl<'l, 'a> Lowerer<'l, 'a> {
    /// A lowerer at a place.
    pub fn new(
        cx: &'l Cx<'a>,
        view: View<'a>,
        scope: &'l Scope,
        env: &'l Env,
        shared: &'l mut Shared,
    ) -> Self {
        Self {
            cx,
            view,
            scope,
            env,
            shared,
            scopes: Vec::new(),
            ctes: Vec::new(),
            collected: None,
            depth: 0,
            extend_order: false,
            one_row: false,
            took_one: false,
        }
    }

    fn span(&self, tokens: TokSpan) -> Span {
        self.view.span(tokens)
    }

    fn expr_span(&self, e: Id<Expr>) -> Span {
        self.span(self.view.ast()[e].span)
    }
}
