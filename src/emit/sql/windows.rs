//! Analytic functions and ORDER BY items.

use sqlparser::ast::{Expr, OrderByExpr, OrderByOptions, OrderBySort, WindowSpec, WindowType};

use super::Compiler;
use super::build::{Node, count_star, function, unnest};
use super::decimal::Kind;
use super::env::Env;
use crate::emit::EmitError;
use std::collections::BTreeSet;

use crate::rel::{CmpOp, Literal, NamedWindow, Rel, Scalar, SortKey, WindowFunction};

impl Compiler<'_> {
    /// Translates one analytic call.
    pub(super) fn window(&self, w: &NamedWindow, env: &Env<'_>) -> Result<Node, EmitError> {
        let top_n = self.bounded.borrow().contains(&w.name);
        if let Some(why) = self.dialect.refuses_window(w, top_n) {
            return Err(self.unsupported(why));
        }
        let (name, args, kind) = self.window_call(w, env)?;
        let exprs = args.into_iter().map(|n| unnest(n.expr)).collect::<Vec<_>>();
        let mut call = if w.function == WindowFunction::Count && exprs.is_empty() {
            count_star()
        } else {
            function(name, exprs)
        };
        let partition_by = w
            .partition_by
            .iter()
            .map(|p| Ok(self.scalar(p, env)?.expr))
            .collect::<Result<Vec<Expr>, EmitError>>()?;
        call.over = Some(WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by,
            order_by: self.sort_keys(&w.order_by, env)?,
            window_frame: None,
        }));
        Ok(Node::new(Expr::Function(call), kind))
    }

    fn window_call(
        &self,
        w: &NamedWindow,
        env: &Env<'_>,
    ) -> Result<(&'static str, Vec<Node>, Kind), EmitError> {
        let mut args = w
            .args
            .iter()
            .map(|a| self.scalar(a, env))
            .collect::<Result<Vec<Node>, _>>()?;
        let first = args.first().map_or(Kind::Other, |n| n.kind);
        let (name, kind) = match w.function {
            WindowFunction::RowNumber => ("ROW_NUMBER", Kind::Integer),
            WindowFunction::Rank => ("RANK", Kind::Integer),
            WindowFunction::DenseRank => ("DENSE_RANK", Kind::Integer),
            WindowFunction::Lag => ("LAG", first),
            WindowFunction::Lead => ("LEAD", first),
            WindowFunction::FirstValue => ("FIRST_VALUE", first),
            WindowFunction::LastValue => ("LAST_VALUE", first),
            WindowFunction::Sum => self.window_total("SUM", w, &mut args, env)?,
            WindowFunction::Count => ("COUNT", Kind::Integer),
            WindowFunction::Min => ("MIN", first),
            WindowFunction::Max => ("MAX", first),
            WindowFunction::Avg => self.window_total("AVG", w, &mut args, env)?,
        };
        Ok((name, args, kind))
    }

    fn window_total(
        &self,
        name: &'static str,
        w: &NamedWindow,
        args: &mut Vec<Node>,
        env: &Env<'_>,
    ) -> Result<(&'static str, Kind), EmitError> {
        let arg = w
            .args
            .first()
            .ok_or_else(|| self.unsupported(format!("{name} OVER without an argument")))?;
        let (name, node, kind) = self.total(name, arg, env)?;
        *args = vec![node];
        Ok((name, kind))
    }

    /// ORDER BY, with NULLs where Oracle has them.
    pub(super) fn sort_keys(
        &self,
        keys: &[SortKey],
        env: &Env<'_>,
    ) -> Result<Vec<OrderByExpr>, EmitError> {
        let one = |k: &SortKey| {
            Ok(OrderByExpr {
                expr: self.scalar(&k.expr, env)?.expr,
                options: OrderByOptions {
                    sort: Some(if k.desc {
                        OrderBySort::Desc
                    } else {
                        OrderBySort::Asc
                    }),
                    nulls_first: Some(k.nulls_first),
                },
                with_fill: None,
            })
        };
        keys.iter().map(one).collect()
    }
}

/// Names of columns that a filter bounds from above by a constant, followed through renamings.
pub(super) fn bounded_names(rel: &Rel) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect_bounds(rel, &mut names);
    loop {
        let before = names.len();
        follow_names(rel, &mut names);
        if names.len() == before {
            return names;
        }
    }
}

fn collect_bounds(rel: &Rel, names: &mut BTreeSet<String>) {
    if let Rel::Filter { predicate, .. } = rel {
        let conjuncts = match predicate {
            Scalar::And { items } => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        names.extend(conjuncts.iter().filter_map(bounded_column));
    }
    rel.for_each_input(&mut |r| collect_bounds(r, names));
}

fn bounded_column(s: &Scalar) -> Option<String> {
    match s {
        Scalar::Compare {
            cmp: CmpOp::Le | CmpOp::Lt | CmpOp::Eq,
            left,
            right,
        } => match (&**left, &**right) {
            (Scalar::Column(c), Scalar::Literal(Literal::Number(_))) => Some(c.name.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn follow_names(rel: &Rel, names: &mut BTreeSet<String>) {
    if let Rel::Project { items, .. } = rel {
        for item in items {
            if let Scalar::Column(c) = &item.expr
                && names.contains(&item.name)
            {
                names.insert(c.name.clone());
            }
        }
    }
    rel.for_each_input(&mut |r| follow_names(r, names));
}
