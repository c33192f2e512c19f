//! Facts about the rows of every operator, from those of its inputs.

use super::Given;
use super::columns::{Col, Key, Known, Set};
use crate::dataflow::tree::conjuncts;
use crate::rel::{
    CmpOp, JoinKind, Literal, Named, NamedAgg, NamedWindow, Rel, Scalar, Scan, SetOperator,
    WindowFunction,
};

/// Pairs of keys of a join that are followed.
const MAX_KEYS: usize = 16;

/// What is known of the rows of a tree.
pub(super) fn known(rel: &Rel, given: Given<'_>) -> Known {
    match rel {
        Rel::Scan(s) => scan(s, given),
        Rel::Values { rows, .. } => values(rel, rows.len()),
        Rel::Derived { input, alias } => derived(input, alias, given),
        Rel::Filter { input, predicate } => {
            let mut k = known(input, given);
            conditions(&mut k, predicate, given);
            k
        }
        Rel::Project { input, items } => project(input, items, given),
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => join(
            *kind,
            known(left, given),
            known(right, given),
            on.as_ref(),
            given,
        ),
        Rel::Aggregate {
            input,
            keys: by,
            aggs,
        } => aggregate(input, by, aggs, given),
        Rel::Window { input, calls } => window(known(input, given), calls),
        Rel::Distinct { input } => distinct(known(input, given), "DISTINCT"),
        Rel::SetOp { set, left, right } => set_op(*set, known(left, given), known(right, given)),
        Rel::Limit { input, count, .. } => {
            let mut k = known(input, given);
            if *count == 1 {
                k.keys.push(Key {
                    columns: Set::new(),
                    why: "there is one row".into(),
                });
            }
            k
        }
    }
}

fn scan(s: &Scan, given: Given<'_>) -> Known {
    let column = |n: &str| Col::Column(s.alias.clone(), n.to_string());
    let mut k = Known {
        outputs: s.columns.iter().map(|c| column(&c.name)).collect(),
        ..Known::default()
    };
    for key in (given.keys)(&s.table) {
        let columns = key.iter().map(|n| column(n)).collect();
        k.keys.push(Key {
            columns,
            why: format!("the key ({}) of {}", key.join(", "), s.table),
        });
    }
    k.keys_determine();
    k
}

fn values(rel: &Rel, rows: usize) -> Known {
    let mut k = Known {
        outputs: rel.outputs().iter().map(Col::of).collect(),
        ..Known::default()
    };
    if rows <= 1 {
        k.keys.push(Key {
            columns: Set::new(),
            why: "there is one row".into(),
        });
        k.keys_determine();
    }
    k
}

fn derived(input: &Rel, alias: &str, given: Given<'_>) -> Known {
    let mut k = known(input, given);
    let items: Vec<(Col, Scalar)> = input
        .outputs()
        .into_iter()
        .map(|c| {
            (
                Col::Column(alias.to_string(), c.name.clone()),
                Scalar::Column(c),
            )
        })
        .collect();
    k.project(&items)
}

fn project(input: &Rel, items: &[Named], given: Given<'_>) -> Known {
    let mut k = known(input, given);
    let items: Vec<(Col, Scalar)> = items
        .iter()
        .map(|i| (Col::named(&i.name), i.expr.clone()))
        .collect();
    k.project(&items)
}

/// What a condition that holds says.
fn conditions(k: &mut Known, predicate: &Scalar, given: Given<'_>) {
    for c in conjuncts(predicate.clone()) {
        let Some((left, right)) = equality(&c) else {
            continue;
        };
        match (left, right) {
            (Scalar::Literal(l), x) | (x, Scalar::Literal(l)) => {
                let x = k.column(x);
                k.constants.insert(x, Some(format!("{l:?}")));
            }
            (a, b) => {
                let pair = (k.column(a), k.column(b));
                for (side, column) in [(a, &pair.0), (b, &pair.1)] {
                    if given.fixes(side) {
                        k.constants.insert(column.clone(), None);
                    }
                }
                k.equal.push(pair);
            }
        }
    }
}

fn equality(c: &Scalar) -> Option<(&Scalar, &Scalar)> {
    match c {
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } => Some((left, right)),
        _ => None,
    }
}

fn join(
    kind: JoinKind,
    mut left: Known,
    mut right: Known,
    on: Option<&Scalar>,
    given: Given<'_>,
) -> Known {
    left.keys_determine();
    right.keys_determine();
    let (all_left, all_right) = (left.all(), right.all());
    // The optional side's constants are NULL or that value: which one depends on the other side's row.
    let loose = |side: &mut Known, by: &Set| {
        let fixed: Set = std::mem::take(&mut side.constants).into_keys().collect();
        side.determines.push((by.clone(), fixed));
    };
    if matches!(kind, JoinKind::Left | JoinKind::Full) {
        loose(&mut right, &all_left);
    }
    if matches!(kind, JoinKind::Right | JoinKind::Full) {
        loose(&mut left, &all_right);
    }
    let mut k = both(left, right);
    match kind {
        JoinKind::Inner | JoinKind::Cross => {
            on.into_iter().for_each(|on| conditions(&mut k, on, given))
        }
        JoinKind::Left => on
            .into_iter()
            .for_each(|on| optional(&mut k, on, &all_left, &all_right)),
        JoinKind::Right => on
            .into_iter()
            .for_each(|on| optional(&mut k, on, &all_right, &all_left)),
        JoinKind::Full => {}
    }
    k
}

fn both(left: Known, right: Known) -> Known {
    let mut keys = Vec::new();
    for a in &left.keys {
        for b in right.keys.iter().take(MAX_KEYS) {
            let columns = a.columns.union(&b.columns).cloned().collect();
            let why = if a.why == b.why {
                a.why.clone()
            } else {
                format!("{} and {}", a.why, b.why)
            };
            keys.push(Key { columns, why });
        }
    }
    keys.truncate(MAX_KEYS);
    Known {
        outputs: left.outputs.into_iter().chain(right.outputs).collect(),
        keys,
        determines: left
            .determines
            .into_iter()
            .chain(right.determines)
            .collect(),
        equal: left.equal.into_iter().chain(right.equal).collect(),
        constants: left.constants.into_iter().chain(right.constants).collect(),
        lengths: left.lengths.into_iter().chain(right.lengths).collect(),
    }
}

/// ON of an outer join: a row of the kept side decides what the compared columns of the other side are, its values or NULL.
fn optional(k: &mut Known, on: &Scalar, kept: &Set, other: &Set) {
    for c in conjuncts(on.clone()) {
        let Some((a, b)) = equality(&c) else { continue };
        for (x, y) in [(a, b), (b, a)] {
            let column = k.column(x);
            let fixed = matches!(y, Scalar::Literal(_)) || {
                let y = k.column(y);
                k.closure(kept).contains(&y) && !other.contains(&y)
            };
            if other.contains(&column) && fixed {
                k.determines.push((kept.clone(), Set::from([column])));
            }
        }
    }
}

fn aggregate(input: &Rel, by: &[Named], aggs: &[NamedAgg], given: Given<'_>) -> Known {
    let mut below = known(input, given);
    below.keys.clear();
    let items: Vec<(Col, Scalar)> = by
        .iter()
        .map(|n| (Col::named(&n.name), n.expr.clone()))
        .collect();
    let mut k = below.project(&items);
    let all = k.all();
    let columns = k.smallest(all.clone(), &all).unwrap_or(all);
    let why = if by.is_empty() {
        "there is one row"
    } else {
        "the keys of its groups"
    };
    k.keys = vec![Key {
        columns,
        why: why.into(),
    }];
    k.outputs.extend(aggs.iter().map(|a| Col::named(&a.name)));
    k.keys_determine();
    k
}

/// A row number and its partition are a key.
fn window(mut k: Known, calls: &[NamedWindow]) -> Known {
    for call in calls {
        k.outputs.push(Col::named(&call.name));
    }
    for call in calls {
        if call.function != WindowFunction::RowNumber {
            continue;
        }
        let mut columns: Set = call.partition_by.iter().map(|e| k.column(e)).collect();
        columns.insert(Col::named(&call.name));
        k.keys.push(Key {
            columns,
            why: "the partitions and numbers of its ranking".into(),
        });
    }
    k.keys_determine();
    k
}

fn distinct(mut k: Known, why: &str) -> Known {
    let all = k.all();
    let columns = k.smallest(all.clone(), &all).unwrap_or(all);
    k.keys.push(Key {
        columns,
        why: format!("{why} leaves no two equal rows"),
    });
    k
}

fn set_op(set: SetOperator, left: Known, right: Known) -> Known {
    match set {
        SetOperator::Intersect => distinct(left, "INTERSECT"),
        SetOperator::Minus => distinct(left, "MINUS"),
        SetOperator::Union => {
            let rows = Known {
                outputs: left.outputs,
                ..Known::default()
            };
            distinct(rows, "UNION")
        }
        SetOperator::UnionAll => union_all(left, right),
    }
}

/// Branches that write different constants to one column do not meet: with it, the keys of all branches are one.
fn union_all(left: Known, right: Known) -> Known {
    let mut k = Known {
        outputs: left.outputs.clone(),
        ..Known::default()
    };
    let differ = left.outputs.iter().zip(&right.outputs).position(|(a, b)| {
        let value = |s: &Known, c: &Col| s.constants.get(c).cloned().flatten();
        matches!((value(&left, a), value(&right, b)), (Some(x), Some(y)) if x != y && !is_null(&x) && !is_null(&y))
    });
    let Some(tag) = differ.and_then(|i| left.outputs.get(i).cloned()) else {
        return k;
    };
    for a in &left.keys {
        for b in right.keys.iter().take(MAX_KEYS) {
            let mut columns = a.columns.clone();
            let moved = b
                .columns
                .iter()
                .filter_map(|c| right.outputs.iter().position(|o| o == c));
            columns.extend(moved.filter_map(|i| left.outputs.get(i).cloned()));
            columns.insert(tag.clone());
            k.keys.push(Key {
                columns,
                why: format!("{} and {}, told apart by {}", a.why, b.why, tag.text()),
            });
        }
    }
    k.keys.truncate(MAX_KEYS);
    k
}

fn is_null(literal: &str) -> bool {
    literal == format!("{:?}", Literal::Null)
}
