//! Values of the run (read by SELECT INTO, or left by a loop) in what is written: a row of such values is a row of
//! their queries; beside the rows of a query each is a scalar subquery. One that ties a period stays a parameter.

use std::collections::BTreeMap;

use super::super::lower::RunValue;
use super::super::period::as_param;
use super::super::raw::Guard;
use super::super::tree::{any, filter, flat, is_dual, map_scalar, visit_rel};
use crate::rel::{ColumnRef, DataType, JoinKind, Named, Rel, Scalar};

/// Values of the run by the name of their placeholder.
pub(super) type Runs = BTreeMap<String, RunValue>;

/// The value that a node stands for.
fn value_of<'r>(s: &Scalar, runs: &'r Runs) -> Option<&'r RunValue> {
    runs.get(as_param(s)?)
}

/// True where some value of the run is in it.
pub(super) fn holds_runs(s: &Scalar, runs: &Runs) -> bool {
    any(s, &|n| value_of(n, runs).is_some())
}

/// Values of the run in a tree.
pub(super) fn used(rel: &Rel, runs: &Runs) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    visit_rel(rel, &mut |n| {
        if let Some(name) = as_param(n).filter(|n| runs.contains_key(*n))
            && !out.iter().any(|o| o == name)
        {
            out.push(name.to_string());
        }
    });
    out
}

/// A value that can say which period a run is for.
pub(super) fn may_be_period(value: &RunValue) -> bool {
    let plain = matches!(value.expr, Scalar::Column(_));
    plain && !matches!(value.from, Rel::Aggregate { .. })
}

/// One row of values of the run, with the conditions under which it is written: a row of their queries.
/// None where the write is no such row.
pub(super) fn as_rows(query: &Rel, guards: &[Guard], runs: &Runs) -> Option<(Rel, Vec<Guard>)> {
    let (from, conds, items) = flat(query.clone()).ok()?;
    if !is_dual(&from) {
        return None;
    }
    let (mine, rest): (Vec<_>, Vec<_>) = guards
        .iter()
        .cloned()
        .partition(|g| holds_runs(&g.condition, runs));
    let mut bound = Bound {
        runs,
        sources: Vec::new(),
    };
    let items: Vec<Named> = items
        .into_iter()
        .map(|n| Named {
            expr: bound.put(n.expr),
            name: n.name,
        })
        .collect();
    let conds: Vec<Scalar> = conds
        .into_iter()
        .chain(mine.into_iter().map(|g| g.condition))
        .map(|c| bound.put(c))
        .collect();
    let mut sources = bound.sources.into_iter();
    let (first, _) = sources.next()?;
    let from = sources.fold(first, |left, (right, _)| Rel::Join {
        kind: JoinKind::Cross,
        left: Box::new(left),
        right: Box::new(right),
        on: None,
    });
    let query = Rel::Project {
        input: Box::new(filter(from, Scalar::all(conds))),
        items,
    };
    Some((query, rest))
}

struct Bound<'r> {
    runs: &'r Runs,
    /// Queries that are read, with their undecorated form.
    sources: Vec<(Rel, Rel)>,
}

impl Bound<'_> {
    fn put(&mut self, s: Scalar) -> Scalar {
        let runs = self.runs;
        map_scalar(s, &mut |n| match value_of(&n, runs) {
            Some(value) => self.expr(value),
            None => n,
        })
    }

    fn expr(&mut self, value: &RunValue) -> Scalar {
        let at = self.sources.iter().position(|(_, own)| *own == value.from);
        let at = at.unwrap_or_else(|| {
            let alias = format!("RUN_{}", self.sources.len() + 1);
            self.sources
                .push((derived(&value.from, &alias), value.from.clone()));
            self.sources.len() - 1
        });
        let alias = format!("RUN_{}", at + 1);
        map_scalar(value.expr.clone(), &mut |n| match n {
            Scalar::Column(c) => Scalar::Column(ColumnRef {
                name: output_name(&value.from, &c),
                relation: alias.clone(),
                nullable: true,
                ..c
            }),
            other => other,
        })
    }
}

/// The query as a derived table whose columns have unique names.
fn derived(from: &Rel, alias: &str) -> Rel {
    let items = from.outputs().into_iter().map(|c| Named {
        name: output_name(from, &c),
        expr: Scalar::Column(c),
    });
    Rel::Derived {
        input: Box::new(Rel::Project {
            items: items.collect(),
            input: Box::new(from.clone()),
        }),
        alias: alias.into(),
    }
}

/// A name that tells columns of several relations apart.
fn output_name(from: &Rel, column: &ColumnRef) -> String {
    let shared = from
        .outputs()
        .iter()
        .filter(|o| o.name == column.name)
        .count();
    if shared > 1 {
        format!("{}_{}", column.relation, column.name)
    } else {
        column.name.clone()
    }
}

/// Every value of the run that is named as a subquery of its own.
pub(super) fn as_subqueries(query: Rel, names: &[String], runs: &Runs) -> Rel {
    super::super::tree::map_rel(query, &mut |s| {
        map_scalar(s, &mut |n| {
            let name = as_param(&n).filter(|n| names.iter().any(|x| x == n));
            match name.and_then(|n| runs.get(n)) {
                Some(value) => subquery(value),
                None => n,
            }
        })
    })
}

fn subquery(value: &RunValue) -> Scalar {
    let item = Named {
        name: "V".into(),
        expr: value.expr.clone(),
    };
    Scalar::ScalarQuery {
        query: Box::new(Rel::Project {
            input: Box::new(value.from.clone()),
            items: vec![item],
        }),
    }
}

/// `count > 0` of the rows that are inserted: where there are none, nothing is inserted anyway.
pub(super) fn only_when_rows(guard: &Scalar, query: &Rel, runs: &Runs) -> bool {
    let Scalar::Compare { cmp, left, right } = guard else {
        return match guard {
            Scalar::Not { operand } => only_when_none(operand, query, runs),
            _ => false,
        };
    };
    let zero =
        |s: &Scalar| matches!(s, Scalar::Literal(crate::rel::Literal::Number(n)) if n == "0");
    let positive = matches!(cmp, crate::rel::CmpOp::Gt | crate::rel::CmpOp::Ne) && zero(right);
    positive && counts_source(left, query, runs)
}

/// NOT (count = 0).
fn only_when_none(inner: &Scalar, query: &Rel, runs: &Runs) -> bool {
    let Scalar::Compare {
        cmp: crate::rel::CmpOp::Eq,
        left,
        right,
    } = inner
    else {
        return false;
    };
    let zero =
        |s: &Scalar| matches!(s, Scalar::Literal(crate::rel::Literal::Number(n)) if n == "0");
    zero(right) && counts_source(left, query, runs)
}

fn counts_source(s: &Scalar, query: &Rel, runs: &Runs) -> bool {
    let Some(value) = value_of(s, runs).filter(|v| v.counts) else {
        return false;
    };
    let read = query.scans();
    let counted = value.from.scans();
    matches!(counted.as_slice(), [one] if whole_table(&value.from) && read.iter().any(|r| r.table == one.table))
}

fn whole_table(rel: &Rel) -> bool {
    match rel {
        Rel::Aggregate { input, .. } => matches!(**input, Rel::Scan(_)),
        _ => false,
    }
}

/// The type says that a value can be a moment.
pub(super) fn is_moment(value: &RunValue) -> bool {
    matches!(
        value.expr.ty(),
        DataType::Date | DataType::Timestamp { .. } | DataType::TimestampLtz { .. }
    )
}
