//! Whether a written row is made of one source row: then no commit of several rows shows a state in between.

use super::columns::{Known, Set};
use super::derive::known;
use super::{Given, Keys};
use crate::dataflow::model::{Evidence, Status};
use crate::dataflow::tree::{any, conjuncts};
use crate::rel::{CmpOp, JoinKind, Rel, Scalar, SetOperator};

/// Proved: one source row and nothing else. Assumed: lookups by unique keys beside it, which might change in the same
/// commit. Failed: several rows of one table make a row.
pub fn single_source_row(rel: &Rel, keys: Keys<'_>) -> Evidence {
    let mut lookups = Vec::new();
    let (status, note) = match check(rel, keys, &mut lookups) {
        Err(reason) => (Status::Failed, reason),
        Ok(()) if lookups.is_empty() => (
            Status::Proved,
            "each row is made of one source row".to_string(),
        ),
        Ok(()) => (
            Status::Assumed,
            format!(
                "each row is made of one source row and lookups in {}, which do not change in the same commit",
                lookups.join(", ")
            ),
        ),
    };
    Evidence {
        status,
        note,
        spans: Vec::new(),
    }
}

fn check(rel: &Rel, keys: Keys<'_>, lookups: &mut Vec<String>) -> Result<(), String> {
    let mut subquery = false;
    rel.for_each_scalar(&mut |s| subquery |= any(s, &is_query));
    if subquery {
        return Err("a subquery looks at other rows".into());
    }
    match rel {
        Rel::Scan(_) | Rel::Values { .. } => Ok(()),
        Rel::Derived { input, .. } | Rel::Filter { input, .. } | Rel::Project { input, .. } => {
            check(input, keys, lookups)
        }
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => join(*kind, left, right, on.as_ref(), keys, lookups),
        Rel::Aggregate { .. } => Err("an aggregate puts several rows together".into()),
        Rel::Window { .. } => Err("an analytic function looks at other rows".into()),
        Rel::Distinct { .. } => Err("DISTINCT looks at other rows".into()),
        Rel::SetOp { .. } => Err("a set operation looks at several tables".into()),
        Rel::Limit { .. } => Err("a row limit looks at other rows".into()),
    }
}

fn join(
    kind: JoinKind,
    left: &Rel,
    right: &Rel,
    on: Option<&Scalar>,
    keys: Keys<'_>,
    lookups: &mut Vec<String>,
) -> Result<(), String> {
    let (main, other) = match kind {
        JoinKind::Inner | JoinKind::Left => (left, right),
        JoinKind::Right => (right, left),
        JoinKind::Full | JoinKind::Cross => {
            return Err("a join without a lookup key pairs several rows".into());
        }
    };
    let straight = looked_up(main, other, on, keys);
    if straight {
        return sides(main, other, keys, lookups);
    }
    if kind == JoinKind::Inner && looked_up(other, main, on, keys) {
        return sides(other, main, keys, lookups);
    }
    Err("a join pairs a row with several others".into())
}

fn sides(main: &Rel, other: &Rel, keys: Keys<'_>, lookups: &mut Vec<String>) -> Result<(), String> {
    check(main, keys, lookups)?;
    check(other, keys, lookups)?;
    for scan in other.scans() {
        let name = scan.table.to_string();
        if !lookups.contains(&name) {
            lookups.push(name);
        }
    }
    Ok(())
}

/// A row of the main side finds one row of the other at most.
fn looked_up(main: &Rel, other: &Rel, on: Option<&Scalar>, keys: Keys<'_>) -> bool {
    let Some(on) = on else { return false };
    let mut side = known(other, Given::tables(keys));
    let mine = known(main, Given::tables(keys)).all();
    let compared: Set = conjuncts(on.clone())
        .iter()
        .filter_map(|c| compared(c, &mut side, &mine))
        .collect();
    side.key_in(&compared).is_some()
}

/// The other side's column in `other.column = something of the main side`.
fn compared(c: &Scalar, side: &mut Known, main: &Set) -> Option<super::columns::Col> {
    let Scalar::Compare {
        cmp: CmpOp::Eq,
        left,
        right,
    } = c
    else {
        return None;
    };
    let all = side.all();
    for (x, y) in [(left, right), (right, left)] {
        let column = side.column(x);
        let mut of_main = true;
        crate::dataflow::tree::columns_of(y, &mut |c| {
            of_main &= main.contains(&super::columns::Col::of(c))
        });
        if all.contains(&column) && of_main {
            return Some(column);
        }
    }
    None
}

/// Whether each written row is there because of rows of the main side alone: what is looked up beside them may change
/// what is written, but no later row of any table takes a written row back or makes another of it.
pub fn rows_of_their_own(rel: &Rel) -> bool {
    let mut filters = Vec::new();
    if let Rel::Filter { predicate, .. } = rel {
        filters.push(predicate);
    }
    if let Rel::Join { on: Some(on), .. } = rel {
        filters.push(on);
    }
    if filters.iter().any(|f| any(f, &takes_back)) {
        return false;
    }
    match rel {
        Rel::Scan(_) | Rel::Values { .. } => true,
        Rel::Derived { input, .. }
        | Rel::Filter { input, .. }
        | Rel::Project { input, .. }
        | Rel::Distinct { input } => rows_of_their_own(input),
        Rel::Join {
            kind, left, right, ..
        } => match kind {
            JoinKind::Left => rows_of_their_own(left),
            JoinKind::Right => rows_of_their_own(right),
            JoinKind::Inner | JoinKind::Cross => {
                rows_of_their_own(left) && rows_of_their_own(right)
            }
            JoinKind::Full => false,
        },
        Rel::SetOp { set, left, right } => match set {
            SetOperator::UnionAll | SetOperator::Union => {
                rows_of_their_own(left) && rows_of_their_own(right)
            }
            SetOperator::Intersect | SetOperator::Minus => false,
        },
        Rel::Aggregate { .. } | Rel::Window { .. } | Rel::Limit { .. } => false,
    }
}

/// A condition that another row can make false later: there is none, there are so many.
fn takes_back(s: &Scalar) -> bool {
    match s {
        Scalar::Exists { not, .. } | Scalar::InQuery { not, .. } => *not,
        Scalar::ScalarQuery { .. } => true,
        Scalar::Not { operand } => any(operand, &is_query),
        _ => false,
    }
}

fn is_query(s: &Scalar) -> bool {
    matches!(
        s,
        Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. }
    )
}
