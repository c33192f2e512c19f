//! Brings period predicates down to the side of a join that they restrict, so that each side says by itself which
//! period its rows are of. Only whole predicates move, and only where that changes no row.

use super::binding::BatchParam;
use super::detect::detect;
use crate::dataflow::tree::{columns_of, conjuncts, filter};
use crate::rel::{JoinKind, Rel, Scalar};

/// The tree with its period predicates as deep as joins allow.
pub(super) fn push_down(rel: Rel, param: &BatchParam) -> Rel {
    match rel {
        Rel::Filter { input, predicate } => {
            let input = push_down(*input, param);
            let (input, rest) = sink(input, conjuncts(predicate), param);
            filter(input, Scalar::all(rest))
        }
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => {
            let (left, right) = (push_down(*left, param), push_down(*right, param));
            join(kind, left, right, on, param)
        }
        Rel::Derived { input, alias } => Rel::Derived {
            input: down(input, param),
            alias,
        },
        Rel::Project { input, items } => Rel::Project {
            input: down(input, param),
            items,
        },
        Rel::Aggregate { input, keys, aggs } => Rel::Aggregate {
            input: down(input, param),
            keys,
            aggs,
        },
        Rel::Window { input, calls } => Rel::Window {
            input: down(input, param),
            calls,
        },
        Rel::Distinct { input } => Rel::Distinct {
            input: down(input, param),
        },
        Rel::SetOp { set, left, right } => Rel::SetOp {
            set,
            left: down(left, param),
            right: down(right, param),
        },
        Rel::Limit {
            input,
            order_by,
            count,
        } => Rel::Limit {
            input: down(input, param),
            order_by,
            count,
        },
        leaf @ (Rel::Scan(_) | Rel::Values { .. }) => leaf,
    }
}

fn down(rel: Box<Rel>, param: &BatchParam) -> Box<Rel> {
    Box::new(push_down(*rel, param))
}

/// A join's own conditions: those of an inner join on both sides, those of an outer join on the optional side.
fn join(kind: JoinKind, left: Rel, right: Rel, on: Option<Scalar>, param: &BatchParam) -> Rel {
    let Some(on) = on else {
        return Rel::Join {
            kind,
            left: Box::new(left),
            right: Box::new(right),
            on: None,
        };
    };
    let conditions = conjuncts(on);
    let (into_left, into_right) = match kind {
        JoinKind::Inner => (true, true),
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full | JoinKind::Cross => (false, false),
    };
    let (left, conditions) = if into_left {
        side(left, conditions, param)
    } else {
        (left, conditions)
    };
    let (right, conditions) = if into_right {
        side(right, conditions, param)
    } else {
        (right, conditions)
    };
    let on = Scalar::all(conditions);
    let kind = if on.is_none() && kind == JoinKind::Inner {
        JoinKind::Cross
    } else {
        kind
    };
    // An outer join without a condition keeps a true one.
    let on = match (kind, on) {
        (JoinKind::Left | JoinKind::Right | JoinKind::Full, None) => {
            Some(Scalar::Literal(crate::rel::Literal::Boolean(true)))
        }
        (_, on) => on,
    };
    Rel::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        on,
    }
}

/// Moves a period predicate that speaks of one side alone onto that side.
fn side(rel: Rel, conditions: Vec<Scalar>, param: &BatchParam) -> (Rel, Vec<Scalar>) {
    let mine: Vec<usize> = (0..conditions.len())
        .filter(|i| speaks_of(&conditions[*i], &rel))
        .collect();
    let own: Vec<Scalar> = mine.iter().map(|i| conditions[*i].clone()).collect();
    let Some(found) = detect(&rel, &own, param) else {
        return (rel, conditions);
    };
    let moved: Vec<usize> = found.used.iter().map(|u| mine[*u]).collect();
    let taken = moved.iter().map(|i| conditions[*i].clone()).collect();
    let rest = conditions
        .into_iter()
        .enumerate()
        .filter(|(i, _)| !moved.contains(i))
        .map(|(_, c)| c)
        .collect();
    let (rel, left_over) = sink(rel, taken, param);
    (filter(rel, Scalar::all(left_over)), rest)
}

/// Moves conditions of a filter into the joins below it.
fn sink(rel: Rel, conditions: Vec<Scalar>, param: &BatchParam) -> (Rel, Vec<Scalar>) {
    match rel {
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => {
            let (into_left, into_right) = match kind {
                JoinKind::Inner | JoinKind::Cross => (true, true),
                JoinKind::Left => (true, false),
                JoinKind::Right => (false, true),
                JoinKind::Full => (false, false),
            };
            let (left, conditions) = if into_left {
                side(*left, conditions, param)
            } else {
                (*left, conditions)
            };
            let (right, conditions) = if into_right {
                side(*right, conditions, param)
            } else {
                (*right, conditions)
            };
            (
                Rel::Join {
                    kind,
                    left: Box::new(left),
                    right: Box::new(right),
                    on,
                },
                conditions,
            )
        }
        other @ (Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. }) => (other, conditions),
    }
}

fn speaks_of(condition: &Scalar, rel: &Rel) -> bool {
    let outputs = rel.outputs();
    let mut all = true;
    let mut any = false;
    columns_of(condition, &mut |c| {
        any = true;
        all &= outputs
            .iter()
            .any(|o| o.relation == c.relation && o.name == c.name);
    });
    any && all
}
