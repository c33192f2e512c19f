//! Collections: filled by BULK COLLECT with the rows of a query, written by FORALL or a loop over their elements.

use super::{Exec, Queried, Rows};
use crate::catalog::resolve::{Frame, NameMeaning};
use crate::dataflow::cx::not_lowered;
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::model::{Evidence, Fact, Status};
use crate::rel::Named;
use crate::source::Span;
use crate::syntax::ast::{
    CompareOp, Expr, ExprKind, ForallBounds, Id, Into, Iter, List, Query, Stmt,
};

impl Exec<'_, '_> {
    /// `SELECT .. BULK COLLECT INTO tab`.
    pub(super) fn bulk_select(&mut self, span: Span, query: Id<Query>) {
        let Some(into) = self.into_of(query) else {
            return;
        };
        let targets = self.into_keys(query);
        if !self.run_level() {
            return self.lose_into(
                span,
                query,
                not_lowered(span, "a collection that is filled once a row"),
            );
        }
        match self.lowerer().ordered_query(query) {
            Ok((rel, order)) => self.fill(span, into, &targets, Queried { rel, order }),
            Err(why) => self.lose_into(span, query, why),
        }
    }

    /// Collections hold the rows of a query; their elements are its outputs.
    pub(super) fn fill(&mut self, span: Span, into: Id<Into>, targets: &[VarKey], rel: Queried) {
        let outer = self.rows.take();
        let entered = self.enter_rows(span, rel);
        self.rows = outer;
        let (rows, items) = match entered {
            Ok(r) => r,
            Err(why) => {
                for t in targets {
                    let value =
                        self.done
                            .shared
                            .opaques
                            .value(why.clone(), false, no_type("collection"));
                    self.env.set(t.clone(), value);
                }
                return;
            }
        };
        let items = self.as_fields(into, items);
        for t in targets {
            self.env.forget(t);
            self.collections.insert(t.clone(), rows.clone());
        }
        match targets {
            [one] if items.len() > 1 => self.set_elements(one, items),
            [one] => {
                // A collection of records of one field, and a collection of scalars, look alike here.
                for n in &items {
                    self.env.set(one.clone().field("()"), n.expr.clone());
                }
                self.set_elements(one, items);
            }
            several => {
                for (t, n) in several.iter().zip(items) {
                    self.env.set(t.clone().field("()"), n.expr);
                }
            }
        }
    }

    fn set_elements(&mut self, collection: &VarKey, items: Vec<Named>) {
        for n in items {
            self.env
                .set(collection.clone().field("()").field(&n.name), n.expr);
        }
    }

    /// FORALL: its statement once an element.
    pub(super) fn forall(
        &mut self,
        span: Span,
        s: Id<Stmt>,
        bounds: ForallBounds,
        save: bool,
        body: Id<Stmt>,
    ) {
        let collection = match bounds {
            ForallBounds::Range(_, high) => self.collection_bound(high),
            ForallBounds::Indices(e) => self.lowerer().key_of(e),
            ForallBounds::Values(_) => None,
        };
        let rows = collection.and_then(|c| self.collections.get(&c).cloned());
        self.within(Frame::Loop(s), |x| match rows {
            Some(mut rows) => {
                if save {
                    let note = "rows that raise an error are collected and skipped (SAVE EXCEPTIONS); rows that cannot be converted, miss a value or break a CHECK constraint are left out, and of other errors it is assumed that there are none".to_string();
                    rows.skips = true;
                    rows.evidence.push((
                        Fact::LoopIndependent,
                        Evidence { status: Status::Assumed, note, spans: vec![span] },
                    ));
                }
                x.loop_body(Some(rows), &[body], &[]);
            }
            None => x.doubtful_loop(span, &[body], "a FORALL over a collection that is not filled by one query"),
        });
    }

    /// `FOR i IN 1 .. tab.COUNT`.
    pub(super) fn range_loop(
        &mut self,
        span: Span,
        s: Id<Stmt>,
        iters: List<Iter>,
        body: List<Stmt>,
    ) {
        let body: Vec<_> = body.ids().collect();
        let list = self.view.ast().list(iters);
        let collection = match list {
            [Iter::Range(_, high, None)] => self.collection_bound(*high),
            _ => None,
        };
        let rows = collection.and_then(|c| self.collections.get(&c).cloned());
        self.within(Frame::Loop(s), |x| match rows {
            Some(rows) => x.element_loop(rows, &body),
            None => x.doubtful_loop(span, &body, "a loop over numbers"),
        });
    }

    /// A loop over the elements; elements that it completes stay completed for a FORALL afterwards.
    fn element_loop(&mut self, rows: Rows, body: &[Id<Stmt>]) {
        let collections: Vec<VarKey> = self.collections.keys().cloned().collect();
        let own: Vec<VarKey> = collections.iter().map(|c| c.root().clone()).collect();
        self.loop_body(Some(rows.clone()), body, &own);
        self.keep_lookups(&rows, &collections);
    }

    /// Joins that the loop added are joins of the collection from now on.
    fn keep_lookups(&mut self, before: &Rows, collections: &[VarKey]) {
        let Some(after) = self.last_rows.take() else {
            return;
        };
        if after.from == before.from || after.conds.len() != before.conds.len() {
            return;
        }
        for c in collections {
            if self
                .collections
                .get(c)
                .is_some_and(|r| r.from == before.from)
            {
                self.collections.insert(c.clone(), after.clone());
            }
        }
    }

    /// The collection of `tab.COUNT`, `tab.LAST`.
    pub(super) fn collection_bound(&mut self, e: Id<Expr>) -> Option<VarKey> {
        let ast = self.view.ast();
        match ast[e].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                let (last, base) = parts.split_last()?;
                if !matches!(*last, "COUNT" | "LAST") || base.is_empty() {
                    return None;
                }
                let found = self.cx.resolver.lookup_name(&self.scope, base);
                match found.meaning {
                    NameMeaning::Variable(_) | NameMeaning::Parameter(..) => {
                        let key = crate::dataflow::lower::key_of_meaning(&found.meaning)?;
                        Some(
                            base[found.used.min(base.len())..]
                                .iter()
                                .fold(key, |k, f| k.field(f)),
                        )
                    }
                    _ => None,
                }
            }
            ExprKind::Call { callee, .. } => self.collection_bound(callee),
            ExprKind::Paren(inner) => self.collection_bound(inner),
            _ => None,
        }
    }

    /// True for an EXIT WHEN that ends a loop over chunks: `tab.COUNT = 0`, `tab.COUNT < limit`.
    pub(super) fn is_chunk_exit(&mut self, s: Id<Stmt>) -> bool {
        let Some(when) = self.exit_condition(s) else {
            return false;
        };
        match self.view.ast()[when].kind {
            ExprKind::Compare { left, .. } => self.collection_bound(left).is_some(),
            _ => false,
        }
    }

    /// True where the loop is left only when the chunk is empty: no rows are lost.
    pub(super) fn is_empty_exit(&mut self, s: Id<Stmt>) -> bool {
        let Some(when) = self.exit_condition(s).filter(|_| self.is_chunk_exit(s)) else {
            return false;
        };
        let ExprKind::Compare { op, right, .. } = self.view.ast()[when].kind else {
            return false;
        };
        match (op, self.view.number(right)) {
            (CompareOp::Eq | CompareOp::Le, Some("0")) | (CompareOp::Lt, Some("1")) => true,
            (
                CompareOp::Eq
                | CompareOp::Le
                | CompareOp::Lt
                | CompareOp::Ne
                | CompareOp::Gt
                | CompareOp::Ge,
                _,
            ) => false,
        }
    }
}
