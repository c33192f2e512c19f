//! Which variables a list of statements may change.

use std::collections::BTreeMap;

use super::Exec;
use crate::dataflow::env::VarKey;
use crate::dataflow::walk::{Part, operands};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Id, IfArm, Into, List, Query, SetExpr, Stmt, StmtKind};

/// Variables with the place of an assignment; true where a new value is made from the old one.
pub(super) type Assigned = BTreeMap<VarKey, (Span, bool)>;

impl Exec<'_, '_> {
    pub(super) fn assigned_in(&mut self, s: Id<Stmt>) -> Assigned {
        let mut out = Assigned::new();
        self.collect(s, &mut out, 0);
        out
    }

    fn collect_list(&mut self, list: List<Stmt>, out: &mut Assigned, depth: u32) {
        if depth > 500 {
            return;
        }
        for s in list.ids() {
            self.collect(s, out, depth + 1);
        }
    }

    fn collect(&mut self, s: Id<Stmt>, out: &mut Assigned, depth: u32) {
        let ast = self.view.ast();
        let span = self.stmt_span(s);
        match ast[s].kind {
            StmtKind::Assign { target, value } => self.note(span, target, Some(value), out),
            StmtKind::Call(call) => self.out_arguments(span, call, out),
            StmtKind::If { arms, else_ } | StmtKind::CondCompile { arms, else_ } => {
                self.collect_arms(arms, else_, out, depth);
            }
            StmtKind::Case { arms, else_, .. } => {
                for arm in ast.list(arms) {
                    self.collect_list(arm.body, out, depth);
                }
                else_
                    .into_iter()
                    .for_each(|l| self.collect_list(l, out, depth));
            }
            StmtKind::Loop(body)
            | StmtKind::While { body, .. }
            | StmtKind::ForRange { body, .. }
            | StmtKind::ForCursor { body, .. } => self.collect_list(body, out, depth),
            StmtKind::Forall { body, .. } => self.collect(body, out, depth),
            StmtKind::Block(block) => {
                self.collect_list(ast[block].body, out, depth);
                for h in ast.list(ast[block].handlers) {
                    self.collect_list(h.body, out, depth);
                }
            }
            StmtKind::Fetch { into, .. } => self.into_targets(span, into, out),
            StmtKind::ExecuteImmediate {
                into, returning, ..
            } => {
                into.into_iter()
                    .chain(returning)
                    .for_each(|i| self.into_targets(span, i, out));
            }
            StmtKind::Select(query) => {
                if let Some(into) = self.into_of(query) {
                    self.into_targets(span, into, out);
                }
            }
            StmtKind::Dml(dml) => {
                if let Some(into) = ast[dml].returning_into {
                    self.into_targets(span, into, out);
                }
            }
            StmtKind::Exit { .. }
            | StmtKind::Continue { .. }
            | StmtKind::Goto(_)
            | StmtKind::Return(_)
            | StmtKind::Raise(_)
            | StmtKind::Null
            | StmtKind::Open { .. }
            | StmtKind::Close(_)
            | StmtKind::LockTable(..)
            | StmtKind::Commit
            | StmtKind::Rollback(_)
            | StmtKind::Savepoint(_)
            | StmtKind::Set(_)
            | StmtKind::PipeRow(_)
            | StmtKind::Item(_)
            | StmtKind::Unparsed => {}
        }
    }

    fn collect_arms(
        &mut self,
        arms: List<IfArm>,
        else_: Option<List<Stmt>>,
        out: &mut Assigned,
        depth: u32,
    ) {
        for arm in self.view.ast().list(arms) {
            self.collect_list(arm.body, out, depth);
        }
        else_
            .into_iter()
            .for_each(|l| self.collect_list(l, out, depth));
    }

    fn note(&mut self, span: Span, target: Id<Expr>, value: Option<Id<Expr>>, out: &mut Assigned) {
        let Some(key) = self.lowerer().key_of(target) else {
            return;
        };
        let own = value.is_some_and(|v| self.mentions(v, &key, 0));
        let entry = out.entry(key).or_insert((span, own));
        entry.1 |= own;
    }

    fn mentions(&mut self, e: Id<Expr>, key: &VarKey, depth: u32) -> bool {
        if depth > 200 {
            return true;
        }
        if matches!(self.view.ast()[e].kind, ExprKind::Name(_)) {
            return self.lowerer().key_of(e).as_ref() == Some(key);
        }
        let mut parts = Vec::new();
        operands(self.view.ast(), e, &mut |p| parts.push(p));
        parts.into_iter().any(|p| match p {
            Part::Expr(e) => self.mentions(e, key, depth + 1),
            Part::Query(_) => false,
        })
    }

    /// OUT arguments, of routines that are known; of others every variable that is passed plainly.
    fn out_arguments(&mut self, span: Span, call: Id<Expr>, out: &mut Assigned) {
        for (value, is_out) in self.call_arguments(call) {
            if is_out {
                self.note(span, value, None, out);
            }
        }
    }

    fn into_targets(&mut self, span: Span, into: Id<Into>, out: &mut Assigned) {
        for t in self.view.ast()[into].targets.ids() {
            self.note(span, t, None, out);
        }
    }

    /// The INTO of a SELECT.
    pub(super) fn into_of(&self, query: Id<Query>) -> Option<Id<Into>> {
        let ast = self.view.ast();
        match ast[ast[query].body] {
            SetExpr::Select(s) => ast[s].into,
            SetExpr::Query(q) => self.into_of(q),
            SetExpr::Chain { first, .. } => match ast[first] {
                SetExpr::Select(s) => ast[s].into,
                SetExpr::Query(_)
                | SetExpr::Chain { .. }
                | SetExpr::Values(_)
                | SetExpr::Unparsed(_) => None,
            },
            SetExpr::Values(_) | SetExpr::Unparsed(_) => None,
        }
    }
}
