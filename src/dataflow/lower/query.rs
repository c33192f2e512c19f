//! Queries: WITH, set operators, ORDER BY with a row limit, subqueries.

use super::super::cx::{MAX_DEPTH, not_lowered, too_deep, unparsed};
use super::{Low, Lowerer, Named as WithElement};
use crate::rel::{Literal, Named, Rel, Scalar, SetOperator, SortKey};
use crate::syntax::ast::{Fetch, Id, List, OrderItem, Query, SetExpr, SetOp, SetTerm};

impl Lowerer<'_, '_> {
    /// A query. Its outputs have unique names, of the empty relation.
    pub fn query(&mut self, q: Id<Query>) -> Low<Rel> {
        let span = self.span(self.view.ast()[q].span);
        if self.depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.depth += 1;
        let ctes = self.ctes.len();
        let collected = self.collected.take();
        let out = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.query_inner(q));
        self.collected = collected;
        self.ctes.truncate(ctes);
        self.depth -= 1;
        out
    }

    /// A query without its `ROWNUM <= 1`; true where it had one.
    pub fn one_row_query(&mut self, q: Id<Query>) -> Low<(Rel, bool)> {
        self.one_row = matches!(self.view.ast()[self.view.ast()[q].body], SetExpr::Select(_));
        self.took_one = false;
        let rel = self.query(q);
        self.one_row = false;
        Ok((rel?, self.took_one))
    }

    /// A query with its ORDER BY, as keys over its outputs: a key that is no output is added to them. No order where
    /// it cannot be said that way.
    pub fn ordered_query(&mut self, q: Id<Query>) -> Low<(Rel, Vec<SortKey>)> {
        let node = self.view.ast()[q];
        let plain = matches!(self.view.ast()[node.body], SetExpr::Select(_))
            && node.with.is_empty()
            && node.with_decls.is_empty()
            && node.fetch.is_none()
            && node.offset.is_none();
        if node.order_by.is_empty() || !plain {
            return Ok((self.query(q)?, Vec::new()));
        }
        let SetExpr::Select(s) = self.view.ast()[node.body] else {
            return Ok((self.query(q)?, Vec::new()));
        };
        self.extend_order = true;
        let out = self.select(s, node.order_by);
        self.extend_order = false;
        match out {
            Ok(found) => Ok(found),
            Err(_) => Ok((self.query(q)?, Vec::new())),
        }
    }

    /// A subquery of an expression: sees the FROM elements around it.
    pub(super) fn subquery(&mut self, q: Id<Query>) -> Low<Rel> {
        self.query(q)
    }

    fn query_inner(&mut self, q: Id<Query>) -> Low<Rel> {
        let node = self.view.ast()[q];
        let span = self.span(node.span);
        if !node.with_decls.is_empty() {
            return Err(not_lowered(span, "WITH FUNCTION"));
        }
        for cte in self.view.ast().list(node.with) {
            if !cte.tail.is_empty() {
                return Err(not_lowered(span, "a recursive WITH"));
            }
            let level = self.scopes.len();
            self.ctes.push(WithElement {
                name: cte.name,
                columns: cte.columns,
                query: cte.query,
                level,
                open: false,
            });
        }
        if node.offset.is_some() {
            return Err(not_lowered(span, "OFFSET"));
        }
        let wanted = if node.fetch.is_some() {
            node.order_by
        } else {
            List::empty()
        };
        let (rel, order_by) = self.set(node.body, wanted)?;
        match node.fetch.map(|f| self.view.ast()[f]) {
            None => Ok(rel),
            Some(fetch) => {
                let count = self.fetch_count(q, fetch)?;
                if order_by.is_empty() {
                    return Err(super::unordered_limit(span));
                }
                Ok(Rel::Limit {
                    input: Box::new(rel),
                    order_by,
                    count,
                })
            }
        }
    }

    fn fetch_count(&mut self, q: Id<Query>, fetch: Fetch) -> Low<u64> {
        let span = self.span(self.view.ast()[q].span);
        if fetch.percent || fetch.with_ties {
            return Err(not_lowered(span, "FETCH FIRST with PERCENT or WITH TIES"));
        }
        let Some(count) = fetch.count else {
            return Ok(1);
        };
        self.whole_number(count)
    }

    pub(super) fn whole_number(&mut self, e: Id<crate::syntax::ast::Expr>) -> Low<u64> {
        let span = self.expr_span(e);
        match self.expr(e)? {
            Scalar::Literal(Literal::Number(n)) => n
                .parse()
                .map_err(|_| not_lowered(span, "a row limit that is no whole number")),
            _ => Err(not_lowered(span, "a row limit that is no constant")),
        }
    }

    /// A set expression with the sort keys of an ORDER BY around it, as columns of its outputs.
    fn set(&mut self, s: Id<SetExpr>, order: List<OrderItem>) -> Low<(Rel, Vec<SortKey>)> {
        match self.view.ast()[s] {
            SetExpr::Select(select) => self.select(select, order),
            SetExpr::Query(q) if order.is_empty() => Ok((self.query(q)?, Vec::new())),
            SetExpr::Query(q) => Err(not_lowered(
                self.span(self.view.ast()[q].span),
                "ORDER BY over parentheses",
            )),
            SetExpr::Chain { first, rest } => {
                let (mut rel, _) = self.set(first, List::empty())?;
                for term in self.view.ast().list(rest) {
                    rel = self.term(rel, *term)?;
                }
                let keys = self.output_keys(&rel, order)?;
                Ok((rel, keys))
            }
            SetExpr::Values(rows) => {
                let first = rows.ids().next();
                let span = first.map(|e| self.expr_span(e));
                Err(not_lowered(
                    span.unwrap_or_else(|| self.span(Default::default())),
                    "VALUES as a query",
                ))
            }
            SetExpr::Unparsed(t) => Err(unparsed(self.span(t))),
        }
    }

    fn term(&mut self, left: Rel, term: SetTerm) -> Low<Rel> {
        let (right, _) = self.set(term.operand, List::empty())?;
        let set = match (term.op, term.all) {
            (SetOp::Union, true) => SetOperator::UnionAll,
            (SetOp::Union, false) => SetOperator::Union,
            (SetOp::Intersect, false) => SetOperator::Intersect,
            (SetOp::Minus, false) => SetOperator::Minus,
            (SetOp::Intersect | SetOp::Minus, true) => {
                return Err(not_lowered(
                    self.span(Default::default()),
                    "INTERSECT ALL or MINUS ALL",
                ));
            }
        };
        Ok(Rel::SetOp {
            set,
            left: Box::new(left),
            right: Box::new(right),
        })
    }

    /// Sort keys that name outputs: by position or by name.
    fn output_keys(&mut self, rel: &Rel, order: List<OrderItem>) -> Low<Vec<SortKey>> {
        let outputs = rel.outputs();
        let mut keys = Vec::new();
        for item in self.view.ast().list(order) {
            let text = self
                .view
                .text(self.view.ast()[item.expr].span)
                .to_uppercase();
            let found = match text.parse::<usize>() {
                Ok(n) => n.checked_sub(1).and_then(|i| outputs.get(i)),
                Err(_) => outputs.iter().find(|c| c.name == text),
            };
            let Some(column) = found else {
                return Err(not_lowered(self.expr_span(item.expr), "this sort key"));
            };
            keys.push(SortKey {
                expr: Scalar::Column(column.clone()),
                desc: item.desc,
                nulls_first: item.nulls_first.unwrap_or(item.desc),
            });
        }
        Ok(keys)
    }
}

/// Renames the outputs of a query, by position. None where there are not as many.
pub(crate) fn rename_outputs(rel: Rel, names: &[String]) -> Option<Rel> {
    if rel.outputs().len() != names.len() {
        return None;
    }
    Some(match rel {
        Rel::Project { input, items } => Rel::Project {
            input,
            items: items
                .into_iter()
                .zip(names)
                .map(|(n, name)| Named {
                    name: name.clone(),
                    ..n
                })
                .collect(),
        },
        Rel::Distinct { input } => Rel::Distinct {
            input: Box::new(rename_outputs(*input, names)?),
        },
        Rel::SetOp { set, left, right } => Rel::SetOp {
            set,
            left: Box::new(rename_outputs(*left, names)?),
            right: Box::new(rename_outputs(*right, names)?),
        },
        other @ (Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Filter { .. }
        | Rel::Join { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Limit { .. }) => {
            let items = other.outputs().into_iter().zip(names);
            let items = items
                .map(|(c, name)| Named {
                    name: name.clone(),
                    expr: Scalar::Column(c),
                })
                .collect();
            Rel::Project {
                input: Box::new(other),
                items,
            }
        }
    })
}
