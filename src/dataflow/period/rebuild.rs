//! A period's key from the outputs of a select list or the keys of a group.

use super::trace::same;
use super::unit::{self, period_of, within};
use crate::rel::{DataType, Literal, Named, PeriodUnit, Scalar};

/// The key over the outputs, where they determine it.
pub(super) fn rebuild(key: &Scalar, items: &[Named]) -> Option<Scalar> {
    if let Some(item) = items.iter().find(|i| same(&i.expr, key)) {
        return Some(column(item));
    }
    if let Scalar::PeriodOf { operand, unit } = key {
        return truncated(operand, *unit, items);
    }
    let Scalar::Call { function, args, ty } = key else {
        return None;
    };
    match (function.as_str(), args.as_slice()) {
        ("TO_CHAR", [x, format]) => {
            let unit = unit::text(format).and_then(unit::of_format)?;
            let x = rebuild(x, items).or_else(|| finer(x, unit, items))?;
            Some(Scalar::Call {
                function: function.clone(),
                args: vec![x, format.clone()],
                ty: ty.clone(),
            })
        }
        ("TO_NUMBER", [x]) => Some(Scalar::Call {
            function: function.clone(),
            args: vec![rebuild(x, items)?],
            ty: ty.clone(),
        }),
        _ => None,
    }
}

fn truncated(x: &Scalar, unit: PeriodUnit, items: &[Named]) -> Option<Scalar> {
    let date = rebuild(x, items)
        .or_else(|| finer(x, unit, items))
        .or_else(|| written(x, unit, items))?;
    Some(period_of(&date, unit))
}

/// An output that is the start of a part of the period.
fn finer(x: &Scalar, unit: PeriodUnit, items: &[Named]) -> Option<Scalar> {
    let fits = |i: &&Named| match &i.expr {
        Scalar::PeriodOf { operand, unit: own } => within(*own, unit) && same(operand, x),
        _ => false,
    };
    items.iter().find(fits).map(column)
}

/// An output that is the period as text, in a format from which the date can be read back.
fn written(x: &Scalar, unit: PeriodUnit, items: &[Named]) -> Option<Scalar> {
    for item in items {
        let Scalar::Call { function, args, .. } = &item.expr else {
            continue;
        };
        let ("TO_CHAR", [operand, format]) = (function.as_str(), args.as_slice()) else {
            continue;
        };
        let own = unit::text(format).and_then(unit::of_format);
        let readable = matches!(own, Some(PeriodUnit::Day | PeriodUnit::Month));
        let base = if let Scalar::PeriodOf { operand, .. } = operand {
            operand
        } else {
            operand
        };
        if readable && own.is_some_and(|o| within(o, unit)) && (same(operand, x) || same(base, x)) {
            let args = vec![column(item), format.clone()];
            return Some(Scalar::Call {
                function: "TO_DATE".into(),
                args,
                ty: DataType::Date,
            });
        }
    }
    None
}

/// The output; a period is never NULL where its rows are.
fn column(item: &Named) -> Scalar {
    debug_assert!(!matches!(item.expr, Scalar::Literal(Literal::Null)));
    let nullable = !matches!(&item.expr, Scalar::Column(c) if !c.nullable);
    Scalar::column("", &item.name, item.expr.ty(), nullable)
}
