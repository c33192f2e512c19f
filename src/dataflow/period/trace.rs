//! Where a column of an operator comes from: its expression over the columns of scans. Must not know parameters.

use crate::rel::{ColumnRef, JoinKind, Rel, Scalar};

use super::tree::{any, map_scalar};

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

fn joined(kind: JoinKind, left: &Rel, right: &Rel, c: &ColumnRef) -> Option<Scalar> {
    let (null_left, null_right) = match kind {
        JoinKind::Inner | JoinKind::Cross => (false, false),
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
    };
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
