//! A period predicate that was found: the equation `moment(parameter) = key(row)`, and its use to express everything
//! that is made of the parameter by the row instead.

use super::as_param;
use super::moment::{Moment, holds, moment, text_format};
use super::ratio::Ratio;
use super::unit::{self, period_of, within};
use crate::dataflow::tree::map_children;
use crate::rel::{ArithOp, ColumnRef, DataType, Literal, PeriodUnit, Scalar};

/// A period predicate.
#[derive(Clone, Debug)]
pub(super) struct Anchor {
    /// Parameter.
    pub param: String,
    /// Column of the scan.
    pub source: ColumnRef,
    pub unit: PeriodUnit,
    /// What of the parameter the key is equal to.
    pub moment: Moment,
    /// The key over columns of scans.
    pub traced: Scalar,
    /// The parameter itself is certain to be the start of a period.
    pub whole: bool,
}

impl Anchor {
    /// A scalar in which everything made of the parameter is expressed by the key. What cannot be stays.
    pub fn replace(&self, s: Scalar, key: &Scalar) -> Scalar {
        if !holds(&s, &self.param) {
            return s;
        }
        if let Some(solved) = self.solve(&s, key) {
            return solved;
        }
        simplify(map_children(s, &mut |c| self.replace(c, key)))
    }

    /// A function of the parameter alone.
    fn solve(&self, s: &Scalar, key: &Scalar) -> Option<Scalar> {
        let m = moment(s)?;
        if m.base == self.moment.base {
            return self.shift(&m, key);
        }
        if as_param(s).is_some() {
            return self.bare(s, key);
        }
        self.coarser(&m, key)
    }

    /// `ADD_MONTHS(base, m) + d` where the key is `ADD_MONTHS(base, n) + e`.
    fn shift(&self, m: &Moment, key: &Scalar) -> Option<Scalar> {
        let months = m.months - self.moment.months;
        if months == 0 {
            return plus(key.clone(), m.days.sub(self.moment.days)?);
        }
        // Months add up only from a day that every month has.
        let starts = matches!(
            self.unit,
            PeriodUnit::Month | PeriodUnit::Quarter | PeriodUnit::Year
        );
        let sound = self.moment.days.is_zero() && (starts || self.moment.months == 0);
        sound
            .then(|| plus(add_months(key.clone(), months), m.days))
            .flatten()
    }

    /// The parameter itself, where the key is a function of it.
    fn bare(&self, s: &Scalar, key: &Scalar) -> Option<Scalar> {
        let base = self.shift(
            &Moment {
                months: 0,
                days: Ratio::ZERO,
                ..self.moment.clone()
            },
            key,
        )?;
        if let Some(format) = text_format(&self.moment.base) {
            return Some(to_char(base, &format, s.ty()));
        }
        let start = matches!(&self.moment.base, Scalar::PeriodOf { .. });
        (start && self.whole).then_some(base)
    }

    /// `TRUNC(p, 'YYYY')` or `TO_CHAR(p, 'YYYYMM')` where the base is `TRUNC(p)`.
    fn coarser(&self, m: &Moment, key: &Scalar) -> Option<Scalar> {
        let Scalar::PeriodOf { operand, unit: own } = &self.moment.base else {
            return None;
        };
        as_param(operand)?;
        let base = self.shift(
            &Moment {
                months: 0,
                days: Ratio::ZERO,
                ..self.moment.clone()
            },
            key,
        )?;
        if !m.aligned.is_some_and(|u| within(*own, u)) {
            return None;
        }
        if let Scalar::PeriodOf { operand, unit } = &m.base {
            as_param(operand)?;
            return plus(add_months(period_of(&base, *unit), m.months), m.days);
        }
        let Scalar::Call { function, args, ty } = &m.base else {
            return None;
        };
        match (function.as_str(), args.as_slice()) {
            ("TO_CHAR", [p, format]) if as_param(p).is_some() && m.is_base() => {
                Some(to_char(base, unit::text(format)?, ty.clone()))
            }
            _ => None,
        }
    }
}

impl Moment {
    /// The expression that it was read from, in a canonical form.
    pub fn scalar(&self) -> Option<Scalar> {
        plus(add_months(self.base.clone(), self.months), self.days)
    }
}

/// `s + days`.
pub(super) fn plus(s: Scalar, days: Ratio) -> Option<Scalar> {
    if days.is_zero() {
        return Some(s);
    }
    let (arith, amount) = if days.num < 0 {
        (ArithOp::Sub, days.neg())
    } else {
        (ArithOp::Add, days)
    };
    Some(Scalar::Arith {
        arith,
        left: Box::new(s),
        right: Box::new(amount.scalar()),
    })
}

fn add_months(s: Scalar, months: i64) -> Scalar {
    if months == 0 {
        return s;
    }
    let n = Scalar::Literal(Literal::Number(months.to_string()));
    Scalar::Call {
        function: "ADD_MONTHS".into(),
        args: vec![s, n],
        ty: DataType::Date,
    }
}

fn to_char(s: Scalar, format: &str, ty: DataType) -> Scalar {
    let format = Scalar::Literal(Literal::Text(format.into()));
    Scalar::Call {
        function: "TO_CHAR".into(),
        args: vec![s, format],
        ty,
    }
}

/// Takes out what truncates twice, and a text that is read back by the format it was written in.
pub(super) fn simplify(s: Scalar) -> Scalar {
    if let Scalar::PeriodOf { operand, unit } = &s {
        return period_of(operand, *unit);
    }
    let Scalar::Call { function, args, .. } = &s else {
        return s;
    };
    let ("TO_DATE", [text, format]) = (function.as_str(), args.as_slice()) else {
        return s;
    };
    let Scalar::Call { function, args, .. } = text else {
        return s;
    };
    let ("TO_CHAR", [date, written]) = (function.as_str(), args.as_slice()) else {
        return s;
    };
    let unit = unit::text(format).and_then(unit::of_format);
    match unit {
        Some(u @ (PeriodUnit::Month | PeriodUnit::Day | PeriodUnit::Hour | PeriodUnit::Minute))
            if written == format && date.ty().is_datetime() =>
        {
            period_of(date, u)
        }
        Some(_) | None => s,
    }
}
