//! The binder: trees into code, names into slots. It looks names up as Oracle does, and knows nothing of how the
//! lifting understands them.

mod agg;
mod call;
mod decl;
mod dml;
mod expr;
mod from;
mod names;
mod native;
mod pivot;
mod query;
mod routine;
mod stmt;
mod types;

use std::collections::HashMap;
use std::rc::Rc;

use super::code::{AggCode, Ex, Slot, WinCode};
use super::prog::{Prog, Sym};
use super::stop::{Res, Stop};
use super::val::Ty;
use crate::catalog::model::{TableName, UnitRef};
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{Ident, TokSpan};

pub use routine::{Bound, TriggerPart};

/// A bound expression and its type.
pub(super) type T = (Ex, Ty);

/// Names of one block or routine.
pub(super) struct Scope {
    /// Label or routine name, for qualified names.
    name: Option<String>,
    syms: HashMap<String, Sym>,
}

/// A source of a query.
pub(super) struct Src {
    alias: String,
    table: Option<TableName>,
    cols: Vec<(String, Ty)>,
    /// Columns that USING or NATURAL merged into an earlier source.
    merged: Vec<String>,
    rowid: bool,
}

/// One query's names.
#[derive(Default)]
pub(super) struct QScope {
    srcs: Vec<Src>,
    /// Aggregates met; None where none may stand.
    aggs: Option<Vec<AggCode>>,
    /// Analytic functions met; None where none may stand.
    wins: Option<Vec<WinCode>>,
    paths: Vec<(Ex, String)>,
    grouping: Vec<Ex>,
    inside_agg: bool,
    /// Sources that the condition being bound marks with `(+)`.
    optional: u64,
}

/// A WITH element in reach.
#[derive(Clone)]
pub(super) struct CteSym {
    name: String,
    query: Option<Rc<super::code::Query>>,
    /// While a recursive element is bound: its work slot and columns.
    work: Option<(usize, Vec<(String, Ty)>)>,
}

/// How binds of dynamic texts are numbered.
pub(super) enum Binds {
    /// There are none.
    None,
    /// One a place, in order: SQL.
    Positional(u32),
    /// One a name: PL/SQL blocks.
    Named(Vec<String>),
    /// A trigger's rows: slots of NEW and OLD.
    Trigger(Slot, Slot, Rc<super::val::RecTy>),
}

/// A place where code is bound.
pub struct Cx<'p, 'e, 'u> {
    pub(super) prog: &'p mut Prog<'e>,
    pub(super) view: View<'u>,
    pub(super) unit: Option<UnitRef>,
    pub(super) schema: String,
    pub(super) package: Option<u32>,
    pub(super) scopes: Vec<Scope>,
    pub(super) level: u16,
    pub(super) slots: Vec<u32>,
    pub(super) labels: Vec<(Option<String>, usize)>,
    pub(super) queries: Vec<QScope>,
    pub(super) ctes: Vec<CteSym>,
    pub(super) binds: Binds,
    pub(super) depth: u32,
    /// Variables of a package being declared go here.
    pub(super) declaring: Option<u32>,
    pub(super) in_sql: bool,
}

/// How deep expressions, queries and blocks may be nested.
const DEEPEST: u32 = 400;

impl<'p, 'e, 'u> Cx<'p, 'e, 'u> {
    /// A place outside any routine.
    pub fn new(
        prog: &'p mut Prog<'e>,
        view: View<'u>,
        unit: Option<UnitRef>,
        schema: &str,
    ) -> Self {
        Cx {
            prog,
            view,
            unit,
            schema: schema.to_string(),
            package: None,
            scopes: Vec::new(),
            level: 0,
            slots: vec![0],
            labels: Vec::new(),
            queries: Vec::new(),
            ctes: Vec::new(),
            binds: Binds::None,
            depth: 0,
            declaring: None,
            in_sql: false,
        }
    }

    /// Runs `f` one level deeper, on a stack that is large enough.
    pub(super) fn deeper<R>(&mut self, f: impl FnOnce(&mut Self) -> Res<R>) -> Res<R> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.depth -= 1;
            return Err(Stop::refuse(
                super::stop::Why::Depth,
                "code is nested too deeply to be run",
            ));
        }
        let result = stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    pub(super) fn span(&self, t: TokSpan) -> Span {
        self.view.span(t)
    }

    pub(super) fn ident(&self, i: Ident) -> String {
        self.view.ast().ident(i).to_string()
    }

    pub(super) fn unsupported<R>(&self, what: impl Into<String>, t: TokSpan) -> Res<R> {
        Err(Stop::unsupported(what).at(self.span(t)))
    }

    /// A new variable of the current level or of the package that is declared.
    pub(super) fn new_slot(&mut self, ty: &Ty) -> Slot {
        if let Some(package) = self.declaring {
            self.prog.globals.push(ty.clone());
            let at = self.prog.globals.len() as u32 - 1;
            return Slot::Global { package, at };
        }
        let next = &mut self.slots[self.level as usize];
        *next += 1;
        Slot::Local {
            up: 0,
            at: *next - 1,
        }
    }

    /// Opens a scope of names.
    pub(super) fn enter(&mut self, name: Option<String>) {
        self.scopes.push(Scope {
            name,
            syms: HashMap::new(),
        });
    }

    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    /// Declares a name in the innermost scope, or in the package.
    pub(super) fn declare(&mut self, name: &str, sym: Sym) {
        let syms = match (self.declaring, self.scopes.last_mut()) {
            (Some(p), _) => &mut self.prog.packages[p as usize].syms,
            (None, Some(scope)) => &mut scope.syms,
            (None, None) => return,
        };
        if let (Some(Sym::Routines(known)), Sym::Routines(new)) = (syms.get_mut(name), &sym) {
            known.extend(new);
            return;
        }
        syms.insert(name.to_string(), sym);
    }

    /// A slot of another level seen from here.
    pub(super) fn seen(&self, slot: Slot, level: u16) -> Slot {
        match slot {
            Slot::Local { at, .. } => Slot::Local {
                up: self.level - level,
                at,
            },
            Slot::Global { package, at } => Slot::Global { package, at },
        }
    }
}
