//! Folds: what a variable holds after a loop whose every row changed it. The variable's value at the end of the body,
//! over its value at the top, says which aggregate it is. Order dependence that no ORDER BY settles is no fold.

use crate::dataflow::lower::{never_null, value_never_null};
use crate::dataflow::tree::{any, bare};
use crate::rel::{ArithOp, CaseWhen, CmpOp, DataType, Literal, Scalar};

/// What one pass through the body does to a variable.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fold {
    /// Nothing.
    Keep,
    /// Adds a value.
    Sum(Scalar),
    /// Adds a value to the old one, NULL counting as zero.
    SumFromNull(Scalar),
    /// Keeps the larger or smaller; `from_null`: a NULL is replaced by the first value.
    Pick {
        max: bool,
        value: Scalar,
        from_null: bool,
    },
    /// Sets a value where the marker is not NULL.
    Set { marker: Scalar, value: Scalar },
}

impl Fold {
    /// What is put together.
    pub fn scalars(&self) -> Vec<Scalar> {
        match self {
            Fold::Keep => Vec::new(),
            Fold::Sum(s) | Fold::SumFromNull(s) => vec![s.clone()],
            Fold::Pick { value, .. } => vec![value.clone()],
            Fold::Set { marker, value } => vec![marker.clone(), value.clone()],
        }
    }
}

/// The fold that `end` is over the old value `acc`; None where it is none.
pub(super) fn fold_of(end: &Scalar, acc: &Scalar) -> Option<Fold> {
    if end == acc {
        return Some(Fold::Keep);
    }
    if !mentions(end, acc) {
        return Some(Fold::Set {
            marker: one(),
            value: end.clone(),
        });
    }
    match end {
        Scalar::Cast { operand, to } => cast(fold_of(operand, acc)?, to),
        Scalar::Arith { arith, left, right } => sum(*arith, left, right, acc),
        Scalar::Call { function, args, .. } => greatest(function, args, acc),
        Scalar::Case { whens, otherwise } => case(whens, otherwise.as_deref(), acc),
        _ => None,
    }
}

fn mentions(s: &Scalar, acc: &Scalar) -> bool {
    any(s, &|n| n == acc)
}

/// A cast at every step is one at the end where no step loses digits; else the added value is cast before.
fn cast(inner: Fold, to: &DataType) -> Option<Fold> {
    let fitted = |s: Scalar| {
        if keeps_scale(&s.ty(), to) {
            s
        } else {
            Scalar::Cast {
                operand: Box::new(s),
                to: to.clone(),
            }
        }
    };
    Some(match inner {
        Fold::Keep => Fold::Keep,
        Fold::Sum(s) if keeps_scale(&s.ty(), to) => Fold::Sum(s),
        Fold::SumFromNull(s) if keeps_scale(&s.ty(), to) => Fold::SumFromNull(s),
        // Rounded sums of values of both signs are no sum of rounded values.
        Fold::Sum(_) | Fold::SumFromNull(_) => return None,
        Fold::Pick {
            max,
            value,
            from_null,
        } => Fold::Pick {
            max,
            value: fitted(value),
            from_null,
        },
        Fold::Set { marker, value } => Fold::Set {
            marker,
            value: fitted(value),
        },
    })
}

fn keeps_scale(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (
            DataType::Number { scale: a, .. },
            DataType::Number {
                scale: b,
                precision,
            },
        ) => match (a, b) {
            (_, None) if precision.is_none() => true,
            (Some(a), Some(b)) => a <= b,
            (Some(a), None) => *a <= 0,
            (None, _) => false,
        },
        (a, b) => a == b,
    }
}

fn sum(op: ArithOp, left: &Scalar, right: &Scalar, acc: &Scalar) -> Option<Fold> {
    let (old, added) = match (op, mentions(left, acc), mentions(right, acc)) {
        (ArithOp::Add, true, false) => (left, right.clone()),
        (ArithOp::Add, false, true) => (right, left.clone()),
        (ArithOp::Sub, true, false) => (
            left,
            Scalar::Negate {
                operand: Box::new(right.clone()),
            },
        ),
        (ArithOp::Add | ArithOp::Sub | ArithOp::Mul | ArithOp::Div, _, _) => return None,
    };
    if added.ty().is_datetime() {
        return None;
    }
    if nvl_zero(old, acc) {
        return Some(Fold::SumFromNull(added));
    }
    match fold_of(old, acc)? {
        Fold::Keep => Some(Fold::Sum(added)),
        Fold::Sum(s) => Some(Fold::Sum(plus(s, added))),
        Fold::SumFromNull(s) => Some(Fold::SumFromNull(plus(s, added))),
        Fold::Pick { .. } | Fold::Set { .. } => None,
    }
}

fn plus(a: Scalar, b: Scalar) -> Scalar {
    Scalar::Arith {
        arith: ArithOp::Add,
        left: Box::new(a),
        right: Box::new(b),
    }
}

/// `NVL(acc, 0)`.
fn nvl_zero(s: &Scalar, acc: &Scalar) -> bool {
    match bare(s) {
        Scalar::Call { function, args, .. } if function == "NVL" || function == "COALESCE" => {
            matches!(args.as_slice(), [a, Scalar::Literal(Literal::Number(n))] if a == acc && n == "0")
        }
        _ => false,
    }
}

/// `GREATEST(acc, x)` of a value that is never NULL.
fn greatest(function: &str, args: &[Scalar], acc: &Scalar) -> Option<Fold> {
    let max = match function {
        "GREATEST" => true,
        "LEAST" => false,
        _ => return None,
    };
    let [a, b] = args else { return None };
    let value = match (a == acc, b == acc) {
        (true, false) => b,
        (false, true) => a,
        (true, true) | (false, false) => return None,
    };
    (!mentions(value, acc) && value_never_null(value)).then(|| Fold::Pick {
        max,
        value: value.clone(),
        from_null: false,
    })
}

fn case(whens: &[CaseWhen], otherwise: Option<&Scalar>, acc: &Scalar) -> Option<Fold> {
    if let ([w], Some(otherwise)) = (whens, otherwise)
        && otherwise == acc
        && mentions(&w.when, acc)
    {
        return picked(&w.when, &w.then, acc);
    }
    if whens.iter().any(|w| mentions(&w.when, acc)) {
        return None;
    }
    let mut folds = Vec::new();
    for w in whens {
        folds.push((Some(&w.when), fold_of(&w.then, acc)?));
    }
    let last = match otherwise {
        Some(o) => fold_of(o, acc)?,
        None => Fold::Set {
            marker: one(),
            value: null(),
        },
    };
    folds.push((None, last));
    mixed(&folds)
}

type Ways<'w> = [(Option<&'w Scalar>, Fold)];

fn mixed(folds: &Ways<'_>) -> Option<Fold> {
    let all = |f: &dyn Fn(&Fold) -> bool| folds.iter().all(|(_, x)| *x == Fold::Keep || f(x));
    if all(&|f| matches!(f, Fold::Sum(_))) {
        return Some(Fold::Sum(choose(folds, &|f| match f {
            Fold::Sum(s) => s.clone(),
            Fold::Keep | Fold::SumFromNull(_) | Fold::Pick { .. } | Fold::Set { .. } => zero(),
        })));
    }
    if all(&|f| matches!(f, Fold::SumFromNull(_))) {
        return Some(Fold::SumFromNull(choose(folds, &|f| match f {
            Fold::SumFromNull(s) => s.clone(),
            Fold::Keep | Fold::Sum(_) | Fold::Pick { .. } | Fold::Set { .. } => zero(),
        })));
    }
    if all(&|f| matches!(f, Fold::Set { .. })) {
        let marker = choose(folds, &|f| match f {
            Fold::Set { marker, .. } => marker.clone(),
            Fold::Keep | Fold::Sum(_) | Fold::SumFromNull(_) | Fold::Pick { .. } => null(),
        });
        let value = choose(folds, &|f| match f {
            Fold::Set { value, .. } => value.clone(),
            Fold::Keep | Fold::Sum(_) | Fold::SumFromNull(_) | Fold::Pick { .. } => null(),
        });
        let mut values = folds.iter().filter_map(|(_, f)| match f {
            Fold::Set { value, .. } => Some(value),
            Fold::Keep | Fold::Sum(_) | Fold::SumFromNull(_) | Fold::Pick { .. } => None,
        });
        let first = values.next().cloned();
        let value = match first {
            Some(one) if matches!(one, Scalar::Literal(_)) && values.all(|v| *v == one) => one,
            Some(_) | None => value,
        };
        return Some(Fold::Set { marker, value });
    }
    same_picks(folds)
}

fn same_picks(folds: &Ways<'_>) -> Option<Fold> {
    let kinds: Vec<(bool, bool)> = folds
        .iter()
        .filter_map(|(_, f)| match f {
            Fold::Pick { max, from_null, .. } => Some((*max, *from_null)),
            Fold::Keep | Fold::Sum(_) | Fold::SumFromNull(_) | Fold::Set { .. } => None,
        })
        .collect();
    let others = folds
        .iter()
        .filter(|(_, f)| *f != Fold::Keep && !matches!(f, Fold::Pick { .. }))
        .count();
    let (max, from_null) = *kinds.first()?;
    if others > 0 || kinds.iter().any(|k| *k != (max, from_null)) {
        return None;
    }
    let value = choose(folds, &|f| match f {
        Fold::Pick { value, .. } => value.clone(),
        Fold::Keep | Fold::Sum(_) | Fold::SumFromNull(_) | Fold::Set { .. } => null(),
    });
    Some(Fold::Pick {
        max,
        value,
        from_null,
    })
}

/// A CASE over the conditions, each way with what `f` makes of it.
fn choose(folds: &Ways<'_>, f: &dyn Fn(&Fold) -> Scalar) -> Scalar {
    let mut whens = Vec::new();
    let mut otherwise = None;
    for (cond, fold) in folds {
        match cond {
            Some(c) => whens.push(CaseWhen {
                when: (*c).clone(),
                then: f(fold),
            }),
            None => otherwise = Some(Box::new(f(fold))),
        }
    }
    if whens.is_empty() {
        return otherwise.map_or_else(null, |o| *o);
    }
    Scalar::Case { whens, otherwise }
}

/// `CASE WHEN acc IS NULL OR x > acc THEN x ELSE acc`, with further conditions beside it.
fn picked(when: &Scalar, then: &Scalar, acc: &Scalar) -> Option<Fold> {
    let parts = crate::dataflow::tree::conjuncts(when.clone());
    let (test, rest): (Vec<Scalar>, Vec<Scalar>) =
        parts.into_iter().partition(|c| mentions(c, acc));
    let [test] = test.as_slice() else { return None };
    if mentions(then, acc) {
        return None;
    }
    let (from_null, compared) = match test {
        Scalar::Or { items } => {
            let [a, b] = items.as_slice() else {
                return None;
            };
            match (is_null_of(a, acc), is_null_of(b, acc)) {
                (true, false) => (true, b),
                (false, true) => (true, a),
                (true, true) | (false, false) => return None,
            }
        }
        other => (false, other),
    };
    let max = larger(compared, then, acc)?;
    let value = match Scalar::all(rest) {
        None => then.clone(),
        Some(cond) => Scalar::Case {
            whens: vec![CaseWhen {
                when: cond,
                then: then.clone(),
            }],
            otherwise: Some(Box::new(null())),
        },
    };
    Some(Fold::Pick {
        max,
        value,
        from_null,
    })
}

fn is_null_of(s: &Scalar, acc: &Scalar) -> bool {
    matches!(s, Scalar::IsNull { operand, not: false } if **operand == *acc)
}

/// `then > acc`: true for the larger, false for the smaller.
fn larger(test: &Scalar, then: &Scalar, acc: &Scalar) -> Option<bool> {
    let Scalar::Compare { cmp, left, right } = test else {
        return None;
    };
    let straight = bare(left) == bare(then) && **right == *acc;
    let flipped = bare(right) == bare(then) && **left == *acc;
    match (cmp, straight, flipped) {
        (CmpOp::Gt | CmpOp::Ge, true, _) | (CmpOp::Lt | CmpOp::Le, _, true) => Some(true),
        (CmpOp::Lt | CmpOp::Le, true, _) | (CmpOp::Gt | CmpOp::Ge, _, true) => Some(false),
        (CmpOp::Eq | CmpOp::Ne, ..)
        | (CmpOp::Gt | CmpOp::Ge | CmpOp::Lt | CmpOp::Le, false, false) => None,
    }
}

/// A condition on a marker that holds for every row.
pub(super) fn always(marker: &Scalar) -> bool {
    *marker == one()
}

pub(super) fn one() -> Scalar {
    Scalar::Literal(Literal::Number("1".into()))
}

pub(super) fn zero() -> Scalar {
    Scalar::Literal(Literal::Number("0".into()))
}

pub(super) fn null() -> Scalar {
    Scalar::Literal(Literal::Null)
}

/// Whether a value may be NULL in some row; a CASE may where one of its ways may.
pub(super) fn may_be_null(s: &Scalar) -> bool {
    match s {
        Scalar::Case { whens, otherwise } => {
            whens.iter().any(|w| may_be_null(&w.then))
                || otherwise.as_deref().is_none_or(may_be_null)
        }
        Scalar::Call { function, args, .. } if function == "NVL" || function == "COALESCE" => {
            args.iter().all(may_be_null)
        }
        Scalar::Call { function, args, .. }
            if matches!(
                function.as_str(),
                "FLOOR" | "CEIL" | "ROUND" | "TRUNC" | "ABS" | "MOD" | "SIGN"
            ) =>
        {
            args.iter().any(may_be_null)
        }
        Scalar::Arith { left, right, .. } => may_be_null(left) || may_be_null(right),
        Scalar::Negate { operand } | Scalar::Cast { operand, .. } => may_be_null(operand),
        other => !(value_never_null(other) || never_null(other) && other.ty() == DataType::Boolean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn col(name: &str) -> Scalar {
        Scalar::column(
            "R",
            name,
            DataType::Number {
                precision: Some(9),
                scale: Some(2),
            },
            false,
        )
    }

    fn when(cond: Scalar, then: Scalar, otherwise: Scalar) -> Scalar {
        Scalar::Case {
            whens: vec![CaseWhen { when: cond, then }],
            otherwise: Some(Box::new(otherwise)),
        }
    }

    fn compare(cmp: CmpOp, l: Scalar, r: Scalar) -> Scalar {
        Scalar::Compare {
            cmp,
            left: Box::new(l),
            right: Box::new(r),
        }
    }

    #[test]
    fn conditional_additions_are_one_sum() {
        let acc = col("ACC");
        let cond = compare(CmpOp::Gt, col("X"), zero());
        let end = when(cond.clone(), plus(acc.clone(), col("X")), acc.clone());
        let Some(Fold::Sum(value)) = fold_of(&end, &acc) else {
            panic!("{end:?}")
        };
        assert_eq!(value, when(cond, col("X"), zero()));
    }

    #[test]
    fn a_running_maximum_is_one_whether_it_starts_from_null_or_not() {
        let acc = col("ACC");
        let greater = compare(CmpOp::Gt, col("X"), acc.clone());
        let null = Scalar::IsNull {
            operand: Box::new(acc.clone()),
            not: false,
        };
        let pick = |from_null| {
            Some(Fold::Pick {
                max: true,
                value: col("X"),
                from_null,
            })
        };
        assert_eq!(
            fold_of(&when(greater.clone(), col("X"), acc.clone()), &acc),
            pick(false)
        );
        let either = Scalar::Or {
            items: vec![null, greater],
        };
        assert_eq!(
            fold_of(&when(either, col("X"), acc.clone()), &acc),
            pick(true)
        );
    }

    #[test]
    fn products_and_rounded_sums_are_no_folds() {
        let acc = col("ACC");
        let product = Scalar::Arith {
            arith: ArithOp::Mul,
            left: Box::new(acc.clone()),
            right: Box::new(col("X")),
        };
        assert_eq!(fold_of(&product, &acc), None);
        let rounded = Scalar::Cast {
            operand: Box::new(plus(acc.clone(), col("X"))),
            to: DataType::integer(9),
        };
        assert_eq!(fold_of(&rounded, &acc), None);
    }
}
