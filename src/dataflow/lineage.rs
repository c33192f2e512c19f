//! Which source columns a target column's value comes from, through all operators of the lifted query.

use std::collections::BTreeSet;

use super::model::{LineageEdge, Meaning, WriteStep};
use super::tree::columns_of;
use crate::rel::{ColumnRef, Rel, Scalar, TableName};

/// A column of a table.
type Source = (TableName, String);

/// Lineage of all lifted writes.
pub(super) fn build(steps: &[WriteStep]) -> Vec<LineageEdge> {
    let mut out = BTreeSet::new();
    for (step, s) in steps.iter().enumerate() {
        let (Meaning::Lifted(lifted), Some(table)) = (&s.meaning, &s.table) else {
            continue;
        };
        for output in lifted.query.outputs() {
            let mut sources = BTreeSet::new();
            column(&lifted.query, &output, &mut sources);
            let to = (table.clone(), output.name.clone());
            out.extend(sources.into_iter().map(|from| LineageEdge {
                from,
                to: to.clone(),
                step,
            }));
        }
    }
    out.into_iter().collect()
}

/// Sources of an output of a tree.
fn column(rel: &Rel, c: &ColumnRef, out: &mut BTreeSet<Source>) {
    match rel {
        Rel::Scan(s) => {
            if s.alias == c.relation {
                out.insert((s.table.clone(), c.name.clone()));
            }
        }
        Rel::Values { .. } => {}
        Rel::Derived { input, alias } => {
            if *alias == c.relation
                && let Some(inner) = input.outputs().into_iter().find(|o| o.name == c.name)
            {
                column(input, &inner, out);
            }
        }
        Rel::Filter { input, .. } | Rel::Distinct { input } | Rel::Limit { input, .. } => {
            column(input, c, out)
        }
        Rel::Project { input, items } => {
            if let Some(n) = items
                .iter()
                .find(|n| n.name == c.name && c.relation.is_empty())
            {
                scalar(input, &n.expr, out);
            }
        }
        Rel::Join { left, right, .. } => {
            column(left, c, out);
            column(right, c, out);
        }
        Rel::Aggregate { input, keys, aggs } => {
            if let Some(n) = keys.iter().find(|n| n.name == c.name) {
                scalar(input, &n.expr, out);
            }
            if let Some(arg) = aggs
                .iter()
                .find(|a| a.name == c.name)
                .and_then(|a| a.arg.as_ref())
            {
                scalar(input, arg, out);
            }
        }
        Rel::Window { input, calls } => {
            match calls
                .iter()
                .find(|w| w.name == c.name && c.relation.is_empty())
            {
                Some(w) => w
                    .args
                    .iter()
                    .chain(w.order_by.iter().map(|k| &k.expr))
                    .for_each(|s| scalar(input, s, out)),
                None => column(input, c, out),
            }
        }
        Rel::SetOp { left, right, .. } => {
            column(left, c, out);
            let at = left.outputs().iter().position(|o| o.name == c.name);
            if let Some(other) = at.and_then(|i| right.outputs().into_iter().nth(i)) {
                column(right, &other, out);
            }
        }
    }
}

/// Sources of an expression over the outputs of a tree.
fn scalar(rel: &Rel, s: &Scalar, out: &mut BTreeSet<Source>) {
    columns_of(s, &mut |c| column(rel, c, out));
    if let Scalar::ScalarQuery { query } = s {
        for o in query.outputs() {
            column(query, &o, out);
        }
    }
    s.for_each_child(&mut |c| {
        if let Scalar::ScalarQuery { .. } = c {
            scalar(rel, c, out);
        }
    });
}
