//! Sums of periods that are added to an old value: the sum over all periods is the same, as long as nothing but
//! addition happens to it.

use crate::rel::{AggFunction, ArithOp, ColumnRef, Literal, Named, NamedAgg, Rel, Scalar};

/// The aggregates of several groups together are the sums of theirs.
pub(super) fn sums_over_periods(aggs: &[NamedAgg]) -> bool {
    aggs.iter().all(|a| match a.function {
        AggFunction::Sum | AggFunction::Count => !a.distinct,
        AggFunction::CountStar => true,
        AggFunction::Min | AggFunction::Max | AggFunction::Avg | AggFunction::Listagg => false,
    })
}

/// Every output is made of group keys alone, or is a sum of aggregates.
pub(super) fn linear(input: &Rel, items: &[Named]) -> bool {
    let sums = sums(input);
    items
        .iter()
        .all(|i| free_of(&i.expr, &sums) || additive(&i.expr, &sums))
}

/// The columns that are sums, through the operators above the aggregate.
fn sums(rel: &Rel) -> Vec<ColumnRef> {
    match rel {
        Rel::Aggregate { aggs, .. } => {
            let names: Vec<&str> = aggs.iter().map(|a| a.name.as_str()).collect();
            rel.outputs()
                .into_iter()
                .filter(|c| names.contains(&c.name.as_str()))
                .collect()
        }
        Rel::Project { input, items } => {
            let below = sums(input);
            let mine = |c: &ColumnRef| {
                items
                    .iter()
                    .any(|i| i.name == c.name && !free_of(&i.expr, &below))
            };
            rel.outputs().into_iter().filter(mine).collect()
        }
        Rel::Derived { input, alias } => sums(input)
            .into_iter()
            .map(|c| ColumnRef {
                relation: alias.clone(),
                ..c
            })
            .collect(),
        Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Filter { .. }
        | Rel::Join { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => Vec::new(),
    }
}

fn is_sum(c: &ColumnRef, sums: &[ColumnRef]) -> bool {
    sums.iter()
        .any(|s| s.relation == c.relation && s.name == c.name)
}

fn free_of(s: &Scalar, sums: &[ColumnRef]) -> bool {
    !crate::dataflow::tree::any(s, &|n| matches!(n, Scalar::Column(c) if is_sum(c, sums)))
}

fn additive(s: &Scalar, sums: &[ColumnRef]) -> bool {
    if let Scalar::Column(c) = s {
        return is_sum(c, sums);
    }
    if let Scalar::Negate { operand } | Scalar::Cast { operand, .. } = s {
        // A cast may round, unless it only names the type that the sum has.
        let plain = !matches!(s, Scalar::Cast { to, .. } if *to != operand.ty());
        return plain && additive(operand, sums);
    }
    if let Scalar::Call { function, args, .. } = s {
        let zero = |x: &Scalar| matches!(x, Scalar::Literal(Literal::Number(n)) if n == "0");
        return matches!((function.as_str(), args.as_slice()), ("NVL" | "COALESCE", [x, z]) if zero(z) && additive(x, sums));
    }
    let Scalar::Arith { arith, left, right } = s else {
        return false;
    };
    let constant = |x: &Scalar| super::ratio::ratio(x).is_some();
    match arith {
        ArithOp::Add | ArithOp::Sub => additive(left, sums) && additive(right, sums),
        ArithOp::Mul => {
            (constant(left) && additive(right, sums)) || (additive(left, sums) && constant(right))
        }
        ArithOp::Div => false,
    }
}
