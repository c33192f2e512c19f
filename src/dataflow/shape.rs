//! Trees in the form that people would have written: views inlined where that changes nothing, scans narrowed to the
//! columns that are used.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::table_keys;
use super::tree::{filter, map_scalar, visit_rel};
use crate::catalog::model::Catalog;
use crate::rel::{ColumnRef, Named, Rel, Scalar, ScanColumn};

/// `SELECT f(s.x) FROM (SELECT g(t.y) AS x FROM t) s` becomes `SELECT f(g(t.y)) FROM t`, at the top of a tree.
pub(super) fn inline_views(rel: Rel) -> Rel {
    let Rel::Project { input, items } = rel else {
        return rel;
    };
    match *input {
        Rel::Derived { input, alias } => match *input {
            Rel::Project {
                input,
                items: inner,
            } => {
                let items = substituted(items, &alias, &inner);
                inline_views(Rel::Project { input, items })
            }
            other => Rel::Project {
                input: Box::new(Rel::Derived {
                    input: Box::new(other),
                    alias,
                }),
                items,
            },
        },
        Rel::Filter { input, predicate } => inline_filtered(*input, predicate, items),
        other => Rel::Project {
            input: Box::new(other),
            items,
        },
    }
}

fn inline_filtered(input: Rel, predicate: Scalar, items: Vec<Named>) -> Rel {
    let keep = |input: Rel, predicate, items| Rel::Project {
        input: Box::new(Rel::Filter {
            input: Box::new(input),
            predicate,
        }),
        items,
    };
    let Rel::Derived { input, alias } = input else {
        return keep(input, predicate, items);
    };
    match *input {
        Rel::Project {
            input,
            items: inner,
        } if rows_only(&input) => {
            let items = substituted(items, &alias, &inner);
            let predicate = substitute(predicate, &alias, &inner);
            inline_views(Rel::Project {
                input: Box::new(filter(*input, Some(predicate))),
                items,
            })
        }
        other => keep(
            Rel::Derived {
                input: Box::new(other),
                alias,
            },
            predicate,
            items,
        ),
    }
}

/// Rows of joins: a condition on top of them is one of WHERE.
fn rows_only(rel: &Rel) -> bool {
    match rel {
        Rel::Scan(_) | Rel::Derived { .. } | Rel::Join { .. } => true,
        Rel::Filter { input, .. } => rows_only(input),
        Rel::Values { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => false,
    }
}

fn substituted(items: Vec<Named>, alias: &str, inner: &[Named]) -> Vec<Named> {
    items
        .into_iter()
        .map(|n| Named {
            expr: substitute(n.expr, alias, inner),
            name: n.name,
        })
        .collect()
}

fn substitute(s: Scalar, alias: &str, inner: &[Named]) -> Scalar {
    map_scalar(s, &mut |n| match &n {
        Scalar::Column(c) if c.relation == alias => inner
            .iter()
            .find(|i| i.name == c.name)
            .map_or(n.clone(), |i| i.expr.clone()),
        _ => n,
    })
}

/// Scans give only the columns that something uses, in the table's order; their keys always.
pub(super) fn narrow(catalog: &Catalog, rel: Rel) -> Rel {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    visit_rel(&rel, &mut |s| {
        if let Scalar::Column(ColumnRef { relation, name, .. }) = s {
            used.entry(relation.clone())
                .or_default()
                .insert(name.clone());
        }
    });
    narrowed(catalog, rel, &used)
}

fn narrowed(catalog: &Catalog, rel: Rel, used: &BTreeMap<String, BTreeSet<String>>) -> Rel {
    let go = |r: Box<Rel>| Box::new(narrowed(catalog, *r, used));
    let inside = |s: Scalar| narrow_subqueries(catalog, s, used);
    match rel {
        Rel::Scan(mut scan) => {
            let keys: BTreeSet<String> = catalog
                .tables
                .get(&scan.table)
                .and_then(|t| table_keys(t).into_iter().next())
                .into_iter()
                .flatten()
                .collect();
            let mine = used.get(&scan.alias);
            let wanted = |c: &ScanColumn| {
                mine.is_some_and(|m| m.contains(&c.name)) || keys.contains(&c.name)
            };
            if scan.columns.iter().any(wanted) {
                scan.columns.retain(wanted);
            } else {
                scan.columns.truncate(1);
            }
            Rel::Scan(scan)
        }
        v @ Rel::Values { .. } => v,
        Rel::Derived { input, alias } => Rel::Derived {
            input: go(input),
            alias,
        },
        Rel::Filter { input, predicate } => Rel::Filter {
            input: go(input),
            predicate: inside(predicate),
        },
        Rel::Project { input, items } => Rel::Project {
            input: go(input),
            items: items
                .into_iter()
                .map(|n| Named {
                    expr: inside(n.expr),
                    name: n.name,
                })
                .collect(),
        },
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => Rel::Join {
            kind,
            left: go(left),
            right: go(right),
            on: on.map(inside),
        },
        Rel::Aggregate { input, keys, aggs } => Rel::Aggregate {
            input: go(input),
            keys,
            aggs,
        },
        Rel::Window { input, calls } => Rel::Window {
            input: go(input),
            calls,
        },
        Rel::Distinct { input } => Rel::Distinct { input: go(input) },
        Rel::SetOp { set, left, right } => Rel::SetOp {
            set,
            left: go(left),
            right: go(right),
        },
        Rel::Limit {
            input,
            order_by,
            count,
        } => Rel::Limit {
            input: go(input),
            order_by,
            count,
        },
    }
}

fn narrow_subqueries(
    catalog: &Catalog,
    s: Scalar,
    used: &BTreeMap<String, BTreeSet<String>>,
) -> Scalar {
    let go = |r: Box<Rel>| Box::new(narrowed(catalog, *r, used));
    map_scalar(s, &mut |n| match n {
        Scalar::Exists { query, not } => Scalar::Exists {
            query: go(query),
            not,
        },
        Scalar::InQuery {
            operands,
            query,
            not,
        } => Scalar::InQuery {
            operands,
            query: go(query),
            not,
        },
        Scalar::ScalarQuery { query } => Scalar::ScalarQuery { query: go(query) },
        other => other,
    })
}
