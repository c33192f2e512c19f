//! Where a column of an operator comes from: its expression over the columns of scans. Must not know parameters.

use crate::rel::{ColumnRef, JoinKind, Named, Rel, Scalar, SetOperator};

use crate::dataflow::tree::{any, columns_of, conjuncts, map_scalar};

/// An expression over the outputs of `rel`, over columns of its scans instead. None where an aggregate, an analytic
/// function, a constant row or a subquery stands between. Of a set operation, the left side speaks.
pub(super) fn trace(rel: &Rel, s: &Scalar) -> Option<Scalar> {
    if any(s, &is_query) {
        return None;
    }
    let mut lost = false;
    let out = map_scalar(s.clone(), &mut |n| match n {
        Scalar::Column(c) => column(rel, &c).unwrap_or_else(|| {
            lost = true;
            Scalar::Column(c)
        }),
        other => other,
    });
    (!lost).then_some(out)
}

pub(super) fn is_query(s: &Scalar) -> bool {
    matches!(
        s,
        Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. }
    )
}

/// Trees that are followed for one with unions.
const MAX_VARIANTS: usize = 16;

/// What an expression is over columns of scans, once for every branch of the unions below. None where one of them
/// cannot be traced.
pub(super) fn traces(rel: &Rel, s: &Scalar) -> Option<Vec<Scalar>> {
    variants(rel)?.iter().map(|v| trace(v, s)).collect()
}

/// The tree with one branch of every union chosen, for all choices. None where there are too many.
pub(super) fn variants(rel: &Rel) -> Option<Vec<Rel>> {
    let all = match rel {
        Rel::Scan(_) | Rel::Values { .. } => vec![rel.clone()],
        Rel::SetOp { set, left, right } => {
            let mut all = variants(left)?;
            if matches!(set, SetOperator::Union | SetOperator::UnionAll) {
                all.extend(variants(right)?.into_iter().map(|r| named_like(left, r)));
            }
            all
        }
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => {
            let (ls, rs) = (variants(left)?, variants(right)?);
            let pair = |l: &Rel, r: &Rel| Rel::Join {
                kind: *kind,
                left: Box::new(l.clone()),
                right: Box::new(r.clone()),
                on: on.clone(),
            };
            ls.iter()
                .flat_map(|l| rs.iter().map(move |r| pair(l, r)))
                .collect()
        }
        Rel::Derived { input, .. }
        | Rel::Filter { input, .. }
        | Rel::Project { input, .. }
        | Rel::Aggregate { input, .. }
        | Rel::Window { input, .. }
        | Rel::Distinct { input }
        | Rel::Limit { input, .. } => variants(input)?.into_iter().map(|i| over(rel, i)).collect(),
    };
    (all.len() <= MAX_VARIANTS).then_some(all)
}

/// A branch with the outputs of the first one.
fn named_like(first: &Rel, branch: Rel) -> Rel {
    let names = first.outputs().into_iter().map(|c| c.name);
    let items = names
        .zip(branch.outputs())
        .map(|(name, c)| Named {
            name,
            expr: Scalar::Column(c),
        })
        .collect();
    Rel::Project {
        input: Box::new(branch),
        items,
    }
}

/// The same operator over another input.
fn over(rel: &Rel, input: Rel) -> Rel {
    let mut out = rel.clone();
    match &mut out {
        Rel::Derived { input: i, .. }
        | Rel::Filter { input: i, .. }
        | Rel::Project { input: i, .. }
        | Rel::Aggregate { input: i, .. }
        | Rel::Window { input: i, .. }
        | Rel::Distinct { input: i }
        | Rel::Limit { input: i, .. } => **i = input,
        Rel::Scan(_) | Rel::Values { .. } | Rel::Join { .. } | Rel::SetOp { .. } => {}
    }
    out
}

fn column(rel: &Rel, c: &ColumnRef) -> Option<Scalar> {
    match rel {
        Rel::Scan(_) => output(rel, c).map(Scalar::Column),
        Rel::Values { .. } => None,
        Rel::Derived { input, alias } => {
            if *alias != c.relation {
                return None;
            }
            let inner = input.outputs().into_iter().find(|o| o.name == c.name)?;
            column(input, &inner)
        }
        Rel::Filter { input, .. } | Rel::Distinct { input } | Rel::Limit { input, .. } => {
            column(input, c)
        }
        Rel::Window { input, calls } => {
            let call = c.relation.is_empty() && calls.iter().any(|w| w.name == c.name);
            (!call).then(|| column(input, c)).flatten()
        }
        Rel::Project { input, items } => {
            let item = items
                .iter()
                .find(|i| c.relation.is_empty() && i.name == c.name)?;
            trace(input, &item.expr)
        }
        Rel::Aggregate { input, keys, .. } => {
            let key = keys
                .iter()
                .find(|k| c.relation.is_empty() && k.name == c.name)?;
            trace(input, &key.expr)
        }
        Rel::Join {
            kind, left, right, ..
        } => joined(*kind, left, right, c),
        Rel::SetOp {
            left,
            right: _,
            set: _,
        } => column(left, c),
    }
}

/// Which sides of a join may be missing.
fn optional_sides(kind: JoinKind) -> (bool, bool) {
    match kind {
        JoinKind::Inner | JoinKind::Cross => (false, false),
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
    }
}

fn joined(kind: JoinKind, left: &Rel, right: &Rel, c: &ColumnRef) -> Option<Scalar> {
    let (null_left, null_right) = optional_sides(kind);
    match (output(left, c), output(right, c)) {
        (Some(_), _) => column(left, c).map(|s| optional(s, null_left)),
        (None, Some(_)) => column(right, c).map(|s| optional(s, null_right)),
        (None, None) => None,
    }
}

/// The columns of the side of an outer join that may be missing may be NULL.
fn optional(s: Scalar, outer: bool) -> Scalar {
    if !outer {
        return s;
    }
    map_scalar(s, &mut |n| match n {
        Scalar::Column(c) => Scalar::Column(ColumnRef {
            nullable: true,
            ..c
        }),
        other => other,
    })
}

/// The output that a reference means.
pub(super) fn output(rel: &Rel, c: &ColumnRef) -> Option<ColumnRef> {
    rel.outputs()
        .into_iter()
        .find(|o| o.relation == c.relation && o.name == c.name)
}

/// Equal but for what is known of NULLs.
pub(super) fn same(a: &Scalar, b: &Scalar) -> bool {
    a == b || plain(a) == plain(b)
}

fn plain(s: &Scalar) -> Scalar {
    map_scalar(s.clone(), &mut |n| match n {
        Scalar::Column(c) => Scalar::Column(ColumnRef {
            nullable: true,
            ..c
        }),
        other => other,
    })
}

/// The one column in an expression of one operand: `x`, `TRUNC(x)`, `TO_CHAR(x, f)`, `TO_NUMBER(TO_CHAR(x, f))`.
pub(super) fn single_column(s: &Scalar) -> Option<&ColumnRef> {
    if let Scalar::Column(c) = s {
        return Some(c);
    }
    single_column(inner(s)?)
}

/// The operand of a function that only names a period.
pub(super) fn inner(s: &Scalar) -> Option<&Scalar> {
    if let Scalar::PeriodOf { operand, .. } = s {
        return Some(operand);
    }
    let Scalar::Call { function, args, .. } = s else {
        return None;
    };
    match (function.as_str(), args.as_slice()) {
        ("TO_CHAR", [x, Scalar::Literal(_)]) | ("TO_NUMBER" | "EXTRACT_YEAR", [x]) => Some(x),
        _ => None,
    }
}

/// True where the output may be NULL because its side of an outer join had no row.
pub(super) fn may_be_missing(rel: &Rel, c: &ColumnRef) -> bool {
    match rel {
        Rel::Scan(_) | Rel::Values { .. } => false,
        Rel::Derived { input, .. } => input
            .outputs()
            .iter()
            .find(|o| o.name == c.name)
            .is_some_and(|inner| may_be_missing(input, inner)),
        Rel::Filter { input, predicate } => {
            !excludes_null(predicate, c) && may_be_missing(input, c)
        }
        Rel::Distinct { input } | Rel::Limit { input, .. } | Rel::Window { input, .. } => {
            may_be_missing(input, c)
        }
        Rel::Project { input, items } => named_missing(input, items, c),
        Rel::Aggregate { input, keys, .. } => named_missing(input, keys, c),
        Rel::Join {
            kind, left, right, ..
        } => {
            let (null_left, null_right) = optional_sides(*kind);
            match (output(left, c), output(right, c)) {
                (Some(_), _) => null_left || may_be_missing(left, c),
                (None, Some(_)) => null_right || may_be_missing(right, c),
                (None, None) => false,
            }
        }
        Rel::SetOp { left, right, .. } => {
            let at = left.outputs().iter().position(|o| o.name == c.name);
            let other = at.and_then(|i| right.outputs().into_iter().nth(i));
            may_be_missing(left, c) || other.is_some_and(|o| may_be_missing(right, &o))
        }
    }
}

fn named_missing(input: &Rel, items: &[Named], c: &ColumnRef) -> bool {
    let item = items.iter().find(|i| i.name == c.name);
    let mut missing = false;
    if let Some(item) = item {
        columns_of(&item.expr, &mut |inner| {
            missing |= may_be_missing(input, inner)
        });
    }
    missing
}

/// A condition that no row with NULL there meets.
fn excludes_null(predicate: &Scalar, c: &ColumnRef) -> bool {
    conjuncts(predicate.clone()).iter().any(|p| {
        matches!(p, Scalar::IsNull { operand, not: true }
            if matches!(&**operand, Scalar::Column(o) if o.relation == c.relation && o.name == c.name))
    })
}
