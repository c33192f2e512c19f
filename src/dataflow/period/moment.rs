//! An expression over the parameter alone, as a shift from a base: `ADD_MONTHS(TRUNC(p, 'MM'), -1)` is one month
//! before the base `TRUNC(p, 'MM')`.

use super::ratio::{Ratio, ratio};
use super::unit;
use super::{PARAM, as_param};
use crate::dataflow::tree::any;
use crate::rel::{ArithOp, DataType, Literal, PeriodUnit, Scalar};

/// `ADD_MONTHS(base, months) + days`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The parameter, or a function that takes it to the start of a period.
    pub base: Scalar,
    /// The base is certain to be the start of such a period.
    pub aligned: Option<PeriodUnit>,
    pub months: i64,
    pub days: Ratio,
}

impl Moment {
    fn base(base: Scalar, aligned: Option<PeriodUnit>) -> Moment {
        Moment {
            base,
            aligned,
            months: 0,
            days: Ratio::ZERO,
        }
    }

    fn plus(mut self, days: Ratio) -> Option<Moment> {
        self.days = self.days.add(days)?;
        Some(self)
    }

    /// The base is the parameter itself.
    pub fn is_plain(&self) -> bool {
        as_param(&self.base).is_some()
    }

    pub fn is_base(&self) -> bool {
        self.months == 0 && self.days.is_zero()
    }
}

/// Reads an expression. None: it depends on more than the parameter, or not in a way that is understood.
pub(super) fn moment(s: &Scalar) -> Option<Moment> {
    if as_param(s).is_some() {
        return Some(Moment::base(s.clone(), None));
    }
    if let Scalar::PeriodOf { operand, unit } = s {
        return truncated(s, operand, *unit);
    }
    if let Scalar::Cast { operand, to } = s {
        return same_kind(&operand.ty(), to)
            .then(|| moment(operand))
            .flatten();
    }
    if let Scalar::Arith { arith, left, right } = s {
        return shifted(*arith, left, right);
    }
    if let Scalar::Call { function, args, .. } = s {
        return call(s, function, args);
    }
    None
}

fn shifted(arith: ArithOp, left: &Scalar, right: &Scalar) -> Option<Moment> {
    match arith {
        ArithOp::Add => match (ratio(left), ratio(right)) {
            (None, Some(days)) => moment(left)?.plus(days),
            (Some(days), None) => moment(right)?.plus(days),
            (Some(_), Some(_)) | (None, None) => None,
        },
        ArithOp::Sub => moment(left)?.plus(ratio(right)?.neg()),
        ArithOp::Mul | ArithOp::Div => None,
    }
}

fn same_kind(from: &DataType, to: &DataType) -> bool {
    (*to == DataType::Date && *from == DataType::Date) || (from.is_text() && to.is_text())
}

/// `TRUNC(m, unit)`: a shift by whole units may be taken out of it.
fn truncated(whole: &Scalar, operand: &Scalar, unit: PeriodUnit) -> Option<Moment> {
    let inner = moment(operand)?;
    if inner.aligned.is_some_and(|a| unit::within(unit, a)) && shifts_by(&inner, unit) {
        return Some(inner);
    }
    if inner.is_base() {
        return Some(Moment::base(whole.clone(), Some(unit)));
    }
    if !inner.is_plain() || !shifts_by(&inner, unit) {
        return None;
    }
    let base = Scalar::PeriodOf {
        operand: Box::new(inner.base),
        unit,
    };
    Some(Moment {
        base,
        aligned: Some(unit),
        ..inner
    })
}

/// The shift is a whole number of units, whatever the base is.
pub(super) fn shifts_by(m: &Moment, unit: PeriodUnit) -> bool {
    let days = |per_day: i64| {
        m.months == 0
            && m.days
                .mul(Ratio::whole(per_day))
                .is_some_and(|n| n.integer().is_some())
    };
    let months = |n: i64| m.days.is_zero() && m.months % n == 0;
    match unit {
        PeriodUnit::Minute => days(1440),
        PeriodUnit::Hour => days(24),
        PeriodUnit::Day => days(1),
        PeriodUnit::Week => m.months == 0 && m.days.integer().is_some_and(|d| d % 7 == 0),
        PeriodUnit::Month => months(1),
        PeriodUnit::Quarter => months(3),
        PeriodUnit::Year => months(12),
    }
}

fn call(whole: &Scalar, function: &str, args: &[Scalar]) -> Option<Moment> {
    match (function, args) {
        ("ADD_MONTHS", [m, n]) => {
            let mut m = moment(m)?;
            if !m.days.is_zero() {
                return None;
            }
            m.months = m.months.checked_add(ratio(n)?.integer()?)?;
            Some(m)
        }
        ("LAST_DAY", [m]) => last_day(moment(m)?),
        ("TO_DATE", [text, format]) => from_text(whole, text, unit::text(format)?),
        ("TO_CHAR", [m, format]) => {
            let m = moment(m)?;
            let unit = unit::of_format(unit::text(format)?)?;
            (m.is_plain() && m.is_base()).then(|| Moment::base(whole.clone(), Some(unit)))
        }
        ("TO_NUMBER", [inner]) => {
            let m = moment(inner)?;
            m.is_base().then(|| Moment::base(whole.clone(), m.aligned))
        }
        _ => None,
    }
}

/// The last day of the month that starts at the moment: right where the base is the first of a month.
fn last_day(m: Moment) -> Option<Moment> {
    if !m.days.is_zero() {
        return None;
    }
    let months = m.months.checked_add(1)?;
    Moment { months, ..m }.plus(Ratio::whole(-1))
}

/// `TO_DATE(p, 'YYYYMM')` and `TO_DATE(p || '01', 'YYYYMMDD')`.
fn from_text(whole: &Scalar, text: &Scalar, format: &str) -> Option<Moment> {
    let unit = unit::of_format(format)?;
    if as_param(text).is_some() {
        // TO_DATE of a year alone takes the current month.
        let complete = matches!(
            unit,
            PeriodUnit::Month | PeriodUnit::Day | PeriodUnit::Hour | PeriodUnit::Minute
        );
        return complete.then(|| Moment::base(whole.clone(), Some(unit)));
    }
    first_of_month(text, format).map(|_| Moment::base(whole.clone(), Some(PeriodUnit::Month)))
}

/// The parameter in `p || '01'` read as a day.
fn first_of_month<'s>(text: &'s Scalar, format: &str) -> Option<&'s Scalar> {
    let Scalar::Concat { items } = text else {
        return None;
    };
    let [p, Scalar::Literal(Literal::Text(day))] = items.as_slice() else {
        return None;
    };
    (as_param(p).is_some() && day == "01" && format.eq_ignore_ascii_case("YYYYMMDD")).then_some(p)
}

/// For a base `TO_DATE(p, format)`: the format by which TO_CHAR gives the parameter back.
pub(super) fn text_format(base: &Scalar) -> Option<String> {
    let Scalar::Call { function, args, .. } = base else {
        return None;
    };
    let ("TO_DATE", [text, format]) = (function.as_str(), args.as_slice()) else {
        return None;
    };
    let format = unit::text(format)?;
    if as_param(text).is_some() {
        return Some(format.to_string());
    }
    first_of_month(text, format).map(|_| "YYYYMM".to_string())
}

/// True where the scalar holds the placeholder of `name`, in subqueries too.
pub(super) fn holds(s: &Scalar, name: &str) -> bool {
    any(s, &|n| as_param(n) == Some(name))
}

/// True where the scalar holds any placeholder.
pub(super) fn holds_any(s: &Scalar) -> bool {
    any(
        s,
        &|n| matches!(n, Scalar::Call { function, .. } if function == PARAM),
    )
}

/// True where the scalar holds a column, in subqueries too.
pub(super) fn has_column(s: &Scalar) -> bool {
    any(s, &|n| matches!(n, Scalar::Column(_)))
}
