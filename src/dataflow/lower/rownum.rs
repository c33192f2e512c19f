//! ROWNUM as a row limit: over an order it is one; without, it takes any rows.

use super::super::cx::obstacle;
use super::{Low, Lowerer};
use crate::dataflow::model::{Obstacle, ObstacleKind};
use crate::rel::Rel;
use crate::source::Span;
use crate::syntax::ast::{ChainOp, CompareOp, Expr, ExprKind, FromItem, FromKind, Id, List};

impl Lowerer<'_, '_> {
    /// Conditions of WHERE; `ROWNUM <= n` apart, true for `<`.
    pub(super) fn split_rownum(
        &self,
        where_: Option<Id<Expr>>,
    ) -> (Option<(Id<Expr>, bool)>, Vec<Id<Expr>>) {
        let mut limit = None;
        let mut rest = Vec::new();
        let mut all = Vec::new();
        where_.into_iter().for_each(|w| self.conjuncts(w, &mut all));
        for e in all {
            match self.rownum_limit(e) {
                Some(l) if limit.is_none() => limit = Some(l),
                _ => rest.push(e),
            }
        }
        (limit, rest)
    }

    pub(super) fn conjuncts(&self, e: Id<Expr>, out: &mut Vec<Id<Expr>>) {
        match self.view.ast()[e].kind {
            ExprKind::Chain {
                op: ChainOp::And,
                items,
            } => items.ids().for_each(|i| self.conjuncts(i, out)),
            ExprKind::Paren(inner) => self.conjuncts(inner, out),
            _ => out.push(e),
        }
    }

    pub(super) fn rownum_limit(&self, e: Id<Expr>) -> Option<(Id<Expr>, bool)> {
        let ast = self.view.ast();
        let ExprKind::Compare {
            op,
            quantifier: None,
            left,
            right,
        } = ast[e].kind
        else {
            return None;
        };
        let ExprKind::Name(n) = ast[left].kind else {
            return None;
        };
        if ast.parts(ast[n].parts) != ["ROWNUM"] {
            return None;
        }
        match op {
            CompareOp::Le => Some((right, false)),
            CompareOp::Lt => Some((right, true)),
            CompareOp::Eq if self.view.number(right) == Some("1") => Some((right, false)),
            CompareOp::Eq | CompareOp::Ne | CompareOp::Gt | CompareOp::Ge => None,
        }
    }

    /// FROM is one query with an order.
    pub(super) fn limits_sorted(&self, from: List<FromItem>) -> bool {
        let ast = self.view.ast();
        let mut items = from.ids();
        let (Some(only), None) = (items.next(), items.next()) else {
            return false;
        };
        matches!(ast[only].kind, FromKind::Query { query, .. } if !ast[query].order_by.is_empty())
    }

    /// `SELECT .. FROM (SELECT .. ORDER BY ..) WHERE ROWNUM <= n`.
    pub(super) fn limited(
        &mut self,
        from: List<FromItem>,
        where_: &[Id<Expr>],
        count: u64,
    ) -> Low<Rel> {
        let items: Vec<_> = from.ids().collect();
        let ast = self.view.ast();
        let at = where_.first().map(|e| self.expr_span(*e));
        let [item] = items.as_slice() else {
            return Err(unordered_limit(
                at.unwrap_or_else(|| self.span(Default::default())),
            ));
        };
        let span = self.span(ast[*item].span);
        let FromKind::Query {
            query,
            lateral: false,
        } = ast[*item].kind
        else {
            return Err(unordered_limit(span));
        };
        let node = ast[query];
        if node.order_by.is_empty() || node.fetch.is_some() || !where_.is_empty() {
            return Err(unordered_limit(span));
        }
        let (rel, order_by) = self.ordered(query)?;
        let rel = Rel::Limit {
            input: Box::new(rel),
            order_by,
            count,
        };
        let alias = ast[*item]
            .alias
            .map(|a| ast.ident(a).to_string())
            .unwrap_or_default();
        Ok(self.derived(rel, &alias))
    }
}

/// A row limit without an order takes any rows.
pub(crate) fn unordered_limit(span: Span) -> Obstacle {
    obstacle(
        ObstacleKind::NonDeterministic,
        span,
        "a row limit without an order takes any rows",
        "order the rows by a unique key before the limit",
    )
}
