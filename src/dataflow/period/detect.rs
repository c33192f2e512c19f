//! Finding a period predicate among the conditions of one place.

use super::anchor::Anchor;
use super::binding::BatchParam;
use super::moment::{Moment, has_column, holds, holds_any, moment};
use super::ratio::Ratio;
use super::trace::{inner, same, single_column, traces};
use super::unit::{self, period_of, within};
use crate::rel::{CmpOp, ColumnRef, DataType, PeriodUnit, Rel, Scalar};

/// A condition on the parameter alone and on columns alone, on each side.
#[derive(Clone, Debug)]
pub(super) struct Tie {
    /// Index of the condition.
    pub at: usize,
    pub operand: Scalar,
    pub side: Side,
    pub moment: Moment,
}

/// Which side the parameter bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Equal,
    /// `>=`.
    From,
    /// `>`.
    After,
    /// `<`.
    Before,
    /// `<=`.
    Until,
}

/// A period predicate at a place.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub anchor: Anchor,
    /// The key over the columns of the place.
    pub key: Scalar,
    /// What must not be NULL for the predicate to have been true.
    pub not_null: Option<Scalar>,
    /// Conditions that are it.
    pub used: Vec<usize>,
    /// What is taken for granted.
    pub assumptions: Vec<String>,
}

/// The conditions on `param` that bound something.
pub(super) fn ties(conditions: &[Scalar], param: &str) -> Vec<Tie> {
    conditions
        .iter()
        .enumerate()
        .flat_map(|(at, c)| tie(at, c, param))
        .collect()
}

fn tie(at: usize, condition: &Scalar, param: &str) -> Vec<Tie> {
    if let Scalar::Between {
        operand,
        low,
        high,
        not: false,
    } = condition
    {
        let one = |side, bound: &Scalar| bounded(at, operand, side, bound, param);
        return match (one(Side::From, low), one(Side::Until, high)) {
            (Some(a), Some(b)) => vec![a, b],
            (Some(_) | None, _) => Vec::new(),
        };
    }
    let Scalar::Compare { cmp, left, right } = condition else {
        return Vec::new();
    };
    let Some((straight, flipped)) = sides(*cmp) else {
        return Vec::new();
    };
    let found = bounded(at, left, straight, right, param)
        .or_else(|| bounded(at, right, flipped, left, param));
    found.into_iter().collect()
}

/// `x cmp p`, and what it is as `p cmp x`.
fn sides(cmp: CmpOp) -> Option<(Side, Side)> {
    match cmp {
        CmpOp::Eq => Some((Side::Equal, Side::Equal)),
        CmpOp::Ge => Some((Side::From, Side::Until)),
        CmpOp::Gt => Some((Side::After, Side::Before)),
        CmpOp::Lt => Some((Side::Before, Side::After)),
        CmpOp::Le => Some((Side::Until, Side::From)),
        CmpOp::Ne => None,
    }
}

fn bounded(at: usize, operand: &Scalar, side: Side, bound: &Scalar, param: &str) -> Option<Tie> {
    let apart =
        has_column(operand) && !holds_any(operand) && holds(bound, param) && !has_column(bound);
    let moment = apart.then(|| moment(bound)).flatten()?;
    Some(Tie {
        at,
        operand: operand.clone(),
        side,
        moment,
    })
}

/// The first period predicate.
pub(super) fn detect(rel: &Rel, conditions: &[Scalar], param: &BatchParam) -> Option<Found> {
    let ties = ties(conditions, &param.name);
    ties.iter().find_map(|t| match t.side {
        Side::Equal => equal(rel, t, param),
        Side::From => ties.iter().find_map(|u| range(rel, t, u, param)),
        Side::After | Side::Before | Side::Until => None,
    })
}

/// `TRUNC(x) = p`, `TO_CHAR(x, 'YYYYMM') = p`, `x = p`.
fn equal(rel: &Rel, tie: &Tie, param: &BatchParam) -> Option<Found> {
    let Traced {
        all,
        traced,
        source,
    } = traced(rel, &tie.operand)?;
    let mut found = Found {
        anchor: Anchor {
            param: param.name.clone(),
            source: source.clone(),
            unit: PeriodUnit::Day,
            moment: tie.moment.clone(),
            traced: traced.clone(),
            whole: param.aligned().is_some(),
        },
        key: tie.operand.clone(),
        not_null: not_null(&tie.operand, &source),
        used: vec![tie.at],
        assumptions: Vec::new(),
    };
    let coarse = |unit| {
        tie.moment
            .aligned
            .is_some_and(|a| a != unit && within(unit, a))
    };
    let named = |t: &Scalar| named_unit(t, single_column(t).unwrap_or(&source));
    if all.iter().any(|t| named(t) != named(&traced)) {
        return None;
    }
    match named(&traced) {
        Some(Some(unit)) => {
            if coarse(unit) {
                return None;
            }
            found.anchor.unit = unit;
            found.anchor.whole = param.aligned().is_some_and(|a| within(unit, a));
            as_start(&mut found, unit);
            Some(found)
        }
        // A function that names no period, `TO_CHAR(x, 'MM') = p`.
        Some(None) => None,
        None => own_column(found, &source, param),
    }
}

/// What an operand is over columns of scans; of several branches of a union, the first, nullable if one is.
struct Traced {
    all: Vec<Scalar>,
    traced: Scalar,
    source: ColumnRef,
}

fn traced(rel: &Rel, operand: &Scalar) -> Option<Traced> {
    let all = traces(rel, operand)?;
    let sources: Vec<&ColumnRef> = all.iter().map(single_column).collect::<Option<_>>()?;
    let nullable = sources.iter().any(|c| c.nullable);
    let source = ColumnRef {
        nullable,
        ..(*sources.first()?).clone()
    };
    let traced = all.first()?.clone();
    Some(Traced {
        all,
        traced,
        source,
    })
}

/// The unit of `TRUNC(x, u)` and `TO_CHAR(x, f)`; None for a column, Some(None) for what names no period.
fn named_unit(traced: &Scalar, source: &ColumnRef) -> Option<Option<PeriodUnit>> {
    if let Scalar::Column(_) = traced {
        return None;
    }
    if !source.ty.is_datetime() {
        return Some(None);
    }
    if let Scalar::PeriodOf { operand, unit } = traced {
        return Some(matches!(**operand, Scalar::Column(_)).then_some(*unit));
    }
    let Scalar::Call { function, args, .. } = traced else {
        return Some(None);
    };
    Some(match (function.as_str(), args.as_slice()) {
        ("TO_CHAR", [_, format]) => unit::text(format).and_then(unit::of_format),
        ("TO_NUMBER", [text]) => named_unit(text, source).flatten(),
        ("EXTRACT_YEAR", [_]) => Some(PeriodUnit::Year),
        _ => None,
    })
}

/// `TO_CHAR(x, f) = TO_CHAR(p, f)` says `TRUNC(x, u) = TRUNC(p, u)`.
fn as_start(found: &mut Found, unit: PeriodUnit) {
    let (Some(x), Some(traced)) = (
        format_operand(&found.key),
        format_operand(&found.anchor.traced),
    ) else {
        return;
    };
    let Some(p) = format_operand(&found.anchor.moment.base) else {
        return;
    };
    let base = Scalar::PeriodOf {
        operand: Box::new(p.0.clone()),
        unit,
    };
    if p.1 != x.1 {
        return;
    }
    let (key, traced) = (period_of(x.0, unit), period_of(traced.0, unit));
    found.key = key;
    found.anchor.traced = traced;
    found.anchor.moment = Moment {
        base,
        aligned: Some(unit),
        months: 0,
        days: Ratio::ZERO,
    };
}

/// Operand and format of a TO_CHAR.
fn format_operand(s: &Scalar) -> Option<(&Scalar, &str)> {
    let Scalar::Call { function, args, .. } = s else {
        return None;
    };
    match (function.as_str(), args.as_slice()) {
        ("TO_CHAR", [x, format]) => Some((x, unit::text(format)?)),
        _ => None,
    }
}

/// `sales_date = p`: the column itself holds the period.
fn own_column(mut found: Found, source: &ColumnRef, param: &BatchParam) -> Option<Found> {
    let date = source.ty.is_datetime();
    let hint = unit::of_name(&source.name).or_else(|| unit::of_name(&param.name));
    let bound = found.anchor.moment.aligned.or_else(|| param.aligned());
    let unit = match (bound, hint, date) {
        (Some(u), _, _) => u,
        (None, Some(u), true) => u,
        (None, None, true) => PeriodUnit::Day,
        (None, Some(u), false) => plausible(u, &source.ty)?,
        (None, None, false) => return None,
    };
    if !date && !found.anchor.moment.is_base() {
        return None;
    }
    found.anchor.unit = unit;
    found.assumptions.push(format!(
        "{} holds one value a {}: every value that occurs in it is the {} of one run",
        source.name,
        unit::word(unit),
        param.name
    ));
    Some(found)
}

/// A text or number that is named like a period and is as long as one.
fn plausible(hint: PeriodUnit, ty: &DataType) -> Option<PeriodUnit> {
    let length = match ty {
        DataType::Varchar { length } | DataType::Char { length } => *length,
        DataType::Number {
            precision: Some(p),
            scale: Some(0) | None,
        } => u32::from(*p),
        _ => return None,
    };
    let wanted = match hint {
        PeriodUnit::Year => 4..=4,
        PeriodUnit::Quarter => 5..=7,
        PeriodUnit::Month | PeriodUnit::Week => 6..=7,
        PeriodUnit::Day => 8..=10,
        PeriodUnit::Hour => 10..=13,
        PeriodUnit::Minute => 12..=16,
    };
    wanted.contains(&length).then_some(hint)
}

/// `x >= p AND x < p + 1`.
fn range(rel: &Rel, from: &Tie, to: &Tie, param: &BatchParam) -> Option<Found> {
    let closed = match to.side {
        Side::Before => false,
        Side::Until => true,
        Side::Equal | Side::From | Side::After => return None,
    };
    if !same(&from.operand, &to.operand) || from.moment.base != to.moment.base {
        return None;
    }
    let Traced {
        all,
        traced,
        source,
    } = traced(rel, &from.operand)?;
    let grains: Vec<Grain> = all
        .iter()
        .map(|t| grain(t, single_column(t)?))
        .collect::<Option<_>>()?;
    let grain = grains.into_iter().reduce(finest)?;
    let mut assumptions = Vec::new();
    let days = length(from, to, closed, grain)?;
    let unit = unit_of(to.moment.months - from.moment.months, days, &from.moment)?;
    if let Grain::Unit(g) = grain
        && !within(g, unit)
    {
        return None;
    }
    start_of(&from.moment, unit, param, &mut assumptions)?;
    if closed && grain == Grain::Fraction {
        assumptions.push(format!(
            "no {} lies within the last second of a {}: the batch would never take such a row",
            source.name,
            unit::word(unit)
        ));
    }
    Some(Found {
        anchor: Anchor {
            param: param.name.clone(),
            source: source.clone(),
            unit,
            moment: from.moment.clone(),
            traced: period_of(&traced, unit),
            whole: param.aligned().is_some_and(|a| within(unit, a)),
        },
        key: period_of(&from.operand, unit),
        not_null: not_null(&from.operand, &source),
        used: if from.at == to.at {
            vec![from.at]
        } else {
            vec![from.at, to.at]
        },
        assumptions,
    })
}

/// How fine the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grain {
    /// Starts of periods.
    Unit(PeriodUnit),
    /// DATE.
    Second,
    /// TIMESTAMP.
    Fraction,
}

/// The finer of two.
fn finest(a: Grain, b: Grain) -> Grain {
    match (a, b) {
        (Grain::Fraction, _) | (_, Grain::Fraction) => Grain::Fraction,
        (Grain::Unit(x), Grain::Unit(y)) if x == y => a,
        (Grain::Second | Grain::Unit(_), Grain::Second | Grain::Unit(_)) => Grain::Second,
    }
}

fn grain(traced: &Scalar, source: &ColumnRef) -> Option<Grain> {
    if !source.ty.is_datetime() {
        return None;
    }
    if let Scalar::PeriodOf { operand, unit } = traced {
        return matches!(**operand, Scalar::Column(_)).then_some(Grain::Unit(*unit));
    }
    let Scalar::Column(c) = traced else {
        return None;
    };
    Some(if c.ty == DataType::Date {
        Grain::Second
    } else {
        Grain::Fraction
    })
}

/// Days between the bounds, beside the months; a closed upper bound is opened by one grain.
fn length(from: &Tie, to: &Tie, closed: bool, grain: Grain) -> Option<Ratio> {
    let upper = if closed {
        opened(to.moment.days, grain)?
    } else {
        to.moment.days
    };
    upper.sub(from.moment.days)
}

fn opened(days: Ratio, grain: Grain) -> Option<Ratio> {
    match grain {
        Grain::Unit(PeriodUnit::Day) => days.add(Ratio::whole(1)),
        Grain::Unit(PeriodUnit::Hour) => days.add(Ratio::new(1, 24)?),
        Grain::Unit(PeriodUnit::Minute) => days.add(Ratio::new(1, 1440)?),
        Grain::Unit(
            PeriodUnit::Week | PeriodUnit::Month | PeriodUnit::Quarter | PeriodUnit::Year,
        ) => None,
        // A DATE plus a fraction of days is rounded to seconds.
        Grain::Second | Grain::Fraction => {
            let seconds = days.mul(Ratio::whole(86400))?.round()?;
            Ratio::new(seconds.checked_add(1)?, 86400)
        }
    }
}

fn unit_of(months: i64, days: Ratio, from: &Moment) -> Option<PeriodUnit> {
    match (months, days.num, days.den) {
        (0, 1, 1) => Some(PeriodUnit::Day),
        (0, 1, 24) => Some(PeriodUnit::Hour),
        (0, 1, 1440) => Some(PeriodUnit::Minute),
        (0, 7, 1) if from.aligned == Some(PeriodUnit::Week) => Some(PeriodUnit::Week),
        (1, 0, _) => Some(PeriodUnit::Month),
        (3, 0, _) => Some(PeriodUnit::Quarter),
        (12, 0, _) => Some(PeriodUnit::Year),
        _ => None,
    }
}

/// The lower bound is the start of a period: proved, assumed, or not.
fn start_of(
    from: &Moment,
    unit: PeriodUnit,
    param: &BatchParam,
    assumptions: &mut Vec<String>,
) -> Option<()> {
    if !super::moment::shifts_by(from, unit) {
        return None;
    }
    match from.aligned {
        Some(a) if a == unit => return Some(()),
        // Of a coarser start only some periods would ever be taken.
        Some(a) if within(unit, a) => return None,
        Some(_) | None => {}
    }
    if from.is_plain() && param.aligned().is_some_and(|a| within(unit, a)) {
        return Some(());
    }
    assumptions.push(format!(
        "{} is the start of a {}",
        param.name,
        unit::word(unit)
    ));
    Some(())
}

/// The column inside a key, where it may be NULL.
fn not_null(operand: &Scalar, source: &ColumnRef) -> Option<Scalar> {
    if !source.nullable {
        return None;
    }
    let mut innermost = operand;
    while let Some(next) = inner(innermost) {
        innermost = next;
    }
    Some(Scalar::IsNull {
        operand: Box::new(innermost.clone()),
        not: true,
    })
}
