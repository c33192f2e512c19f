//! Scalars over a row.

use std::cmp::Ordering;

use chrono::{NaiveDateTime, Timelike};

use super::bind::Ex;
use super::run::Run;
use super::{EvalError, Row};
use crate::rel::{ArithOp, CmpOp, DataType, PeriodUnit};
use crate::value::func::{Function, decode, like, regexp_like};
use crate::value::{Nls, Number, Value, add_days, days_between};

type Res<T> = Result<T, EvalError>;

fn unsupported<T>(what: impl Into<String>) -> Res<T> {
    Err(EvalError::Unsupported(what.into()))
}

fn holds(op: CmpOp, o: Ordering) -> bool {
    match op {
        CmpOp::Eq => o == Ordering::Equal,
        CmpOp::Ne => o != Ordering::Equal,
        CmpOp::Lt => o == Ordering::Less,
        CmpOp::Le => o != Ordering::Greater,
        CmpOp::Gt => o == Ordering::Greater,
        CmpOp::Ge => o != Ordering::Less,
    }
}

fn negated(b: Option<bool>, not: bool) -> Option<bool> {
    b.map(|b| b != not)
}

/// Rows in reach, the innermost query first in the list's end.
pub(super) type Reach<'r> = [&'r [Value]];

impl Run<'_> {
    /// The value of a scalar.
    pub(super) fn value(&mut self, ex: &Ex, rows: &Reach<'_>) -> Res<Value> {
        Ok(match ex {
            Ex::Col { up, at } => match rows
                .len()
                .checked_sub(1 + up)
                .and_then(|r| rows[r].get(*at))
            {
                Some(v) => v.clone(),
                None => return Err(EvalError::Missing("a column".into())),
            },
            Ex::Const(v) => v.clone(),
            Ex::Arith(op, a, b) => {
                let (a, b) = (self.value(a, rows)?, self.value(b, rows)?);
                arith(*op, &a, &b)?
            }
            Ex::Negate(x) => self
                .value(x, rows)?
                .number()?
                .map_or(Value::Null, |n| Value::Number(n.neg())),
            Ex::Concat(items) => {
                let mut out = String::new();
                for i in items {
                    out.push_str(
                        &self
                            .value(i, rows)?
                            .to_text(&self.session.nls)?
                            .unwrap_or_default(),
                    );
                }
                Value::text(out)
            }
            Ex::Case(arms, otherwise) => {
                for (when, then) in arms {
                    if self.truth(when, rows)? == Some(true) {
                        return self.value(then, rows);
                    }
                }
                match otherwise {
                    Some(e) => self.value(e, rows)?,
                    None => Value::Null,
                }
            }
            Ex::Cast(x, ty) => {
                let v = self.value(x, rows)?;
                cast(v, ty, &self.session.nls)?
            }
            Ex::Decode(args) => decode(&self.values(args, rows)?, &self.session.nls)?,
            Ex::CanBe(f, args) => {
                let can = f.call(&self.values(args, rows)?, &self.session.nls).is_ok();
                Value::Number(Number::from(i64::from(can)))
            }
            Ex::Call(f, args) => f.call(&self.values(args, rows)?, &self.session.nls)?,
            Ex::PeriodOf(x, unit) => {
                let Some(d) = self.value(x, rows)?.date(&self.session.nls)? else {
                    return Ok(Value::Null);
                };
                period(d, *unit, &self.session.nls)?
            }
            Ex::Query(node) => {
                let found = self.rows(node, rows)?;
                match found.as_slice() {
                    [] => Value::Null,
                    [row] => row.first().cloned().unwrap_or(Value::Null),
                    _ => {
                        return Err(EvalError::Ora(
                            1427,
                            "single-row subquery returns more than one row".into(),
                        ));
                    }
                }
            }
            Ex::Now(true) => Value::Date(self.session.now),
            Ex::Now(false) => Value::Timestamp(self.session.now),
            Ex::User => Value::text(self.session.user.clone()),
            Ex::Truth(_)
            | Ex::Compare(..)
            | Ex::And(_)
            | Ex::Or(_)
            | Ex::Not(_)
            | Ex::IsNull(..)
            | Ex::Between(..)
            | Ex::InList(..)
            | Ex::Like(..)
            | Ex::RegexpLike(_)
            | Ex::Exists(..)
            | Ex::InQuery(..) => return unsupported("a condition as a value"),
        })
    }

    /// Values of several scalars.
    pub(super) fn values(&mut self, list: &[Ex], rows: &Reach<'_>) -> Res<Row> {
        list.iter().map(|e| self.value(e, rows)).collect()
    }

    fn compare(
        &mut self,
        op: CmpOp,
        a: &Ex,
        b: &Ex,
        padded: bool,
        rows: &Reach<'_>,
    ) -> Res<Option<bool>> {
        let (a, b) = (self.value(a, rows)?, self.value(b, rows)?);
        let o = a.compare_converted(&b, padded, &self.session.nls)?;
        Ok(o.map(|o| holds(op, o)))
    }

    /// A condition: None is unknown.
    pub(super) fn truth(&mut self, ex: &Ex, rows: &Reach<'_>) -> Res<Option<bool>> {
        match ex {
            Ex::Truth(b) => Ok(Some(*b)),
            Ex::Compare(op, a, b, padded) => self.compare(*op, a, b, *padded, rows),
            Ex::And(items) => self.chain(items, false, rows),
            Ex::Or(items) => self.chain(items, true, rows),
            Ex::Not(x) => Ok(self.truth(x, rows)?.map(|b| !b)),
            Ex::IsNull(x, not) => Ok(Some(self.value(x, rows)?.is_null() != *not)),
            Ex::Between(three, not, padded) => {
                let [x, low, high] = &**three;
                let a = self.compare(CmpOp::Ge, x, low, *padded, rows)?;
                let b = self.compare(CmpOp::Le, x, high, *padded, rows)?;
                let both = match (a, b) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    (None, _) | (_, None) => None,
                };
                Ok(negated(both, *not))
            }
            Ex::InList(x, items, not, padded) => {
                let mut result = Some(false);
                for i in items {
                    match self.compare(CmpOp::Eq, x, i, *padded, rows)? {
                        Some(true) => return Ok(Some(!*not)),
                        Some(false) => {}
                        None => result = None,
                    }
                }
                Ok(negated(result, *not))
            }
            Ex::Like(x, pattern, escape, not) => {
                let text = self.value(x, rows)?.to_text(&self.session.nls)?;
                let pattern = self.value(pattern, rows)?.to_text(&self.session.nls)?;
                let escape = match escape {
                    Some(e) => self
                        .value(e, rows)?
                        .to_text(&self.session.nls)?
                        .and_then(|t| t.chars().next()),
                    None => None,
                };
                match (text, pattern) {
                    (Some(t), Some(p)) => Ok(Some(like(&t, &p, escape)? != *not)),
                    (Some(_) | None, _) => Ok(None),
                }
            }
            Ex::RegexpLike(args) => {
                let args = self.values(args, rows)?;
                Ok(regexp_like(&args, &self.session.nls)?)
            }
            Ex::Exists(node, not) => Ok(Some(self.rows(node, rows)?.is_empty() == *not)),
            Ex::InQuery(operands, node, not) => {
                let operands = self.values(operands, rows)?;
                let found = self.rows(node, rows)?;
                Ok(negated(among(&operands, &found, &self.session.nls)?, *not))
            }
            Ex::Col { .. }
            | Ex::Const(_)
            | Ex::Arith(..)
            | Ex::Negate(_)
            | Ex::Concat(_)
            | Ex::Case(..)
            | Ex::Cast(..)
            | Ex::Decode(_)
            | Ex::CanBe(..)
            | Ex::Call(..)
            | Ex::PeriodOf(..)
            | Ex::Query(_)
            | Ex::Now(_)
            | Ex::User => unsupported("a value as a condition"),
        }
    }

    /// AND (`decisive` false) and OR (`decisive` true).
    fn chain(&mut self, items: &[Ex], decisive: bool, rows: &Reach<'_>) -> Res<Option<bool>> {
        let mut result = Some(!decisive);
        for i in items {
            match self.truth(i, rows)? {
                Some(b) if b == decisive => return Ok(Some(decisive)),
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(result)
    }
}

fn among(operands: &[Value], rows: &[Row], nls: &Nls) -> Res<Option<bool>> {
    let mut result = Some(false);
    for row in rows {
        let mut same = Some(true);
        for (a, b) in operands.iter().zip(row) {
            match a.compare_converted(b, false, nls)? {
                Some(Ordering::Equal) => {}
                Some(_) => {
                    same = Some(false);
                    break;
                }
                None => same = None,
            }
        }
        match same {
            Some(true) => return Ok(Some(true)),
            Some(false) => {}
            None => result = None,
        }
    }
    Ok(result)
}

fn seconds(d: NaiveDateTime) -> NaiveDateTime {
    d.with_nanosecond(0).unwrap_or(d)
}

fn moved(d: NaiveDateTime, days: &Number) -> Res<Value> {
    use chrono::Datelike;
    let moved = add_days(seconds(d), days).filter(|d| (1..=9999).contains(&d.year()));
    moved
        .map(Value::Date)
        .ok_or_else(|| EvalError::Ora(1841, "year out of range".into()))
}

fn arith(op: ArithOp, a: &Value, b: &Value) -> Res<Value> {
    use Value::{Date, Null, Timestamp};
    match (op, a, b) {
        (_, Null, _) | (_, _, Null) => Ok(Null),
        (ArithOp::Sub, Date(x), Date(y)) => Ok(Value::Number(days_between(*x, *y))),
        (_, Date(_) | Timestamp(_), Date(_) | Timestamp(_)) => {
            unsupported("a difference of timestamps")
        }
        (ArithOp::Add, Date(d) | Timestamp(d), n) | (ArithOp::Add, n, Date(d) | Timestamp(d)) => {
            moved(*d, &n.number()?.unwrap_or_default())
        }
        (ArithOp::Sub, Date(d) | Timestamp(d), n) => {
            moved(*d, &n.number()?.unwrap_or_default().neg())
        }
        (op, a, b) => {
            let (x, y) = (
                a.number()?.unwrap_or_default(),
                b.number()?.unwrap_or_default(),
            );
            Ok(Value::Number(match op {
                ArithOp::Add => x.add(&y)?,
                ArithOp::Sub => x.sub(&y)?,
                ArithOp::Mul => x.mul(&y)?,
                ArithOp::Div => x.div(&y)?,
            }))
        }
    }
}

fn period(d: NaiveDateTime, unit: PeriodUnit, nls: &Nls) -> Res<Value> {
    let mask = match unit {
        PeriodUnit::Minute => "MI",
        PeriodUnit::Hour => "HH24",
        PeriodUnit::Day => "DD",
        PeriodUnit::Week => "IW",
        PeriodUnit::Month => "MM",
        PeriodUnit::Quarter => "Q",
        PeriodUnit::Year => "YYYY",
    };
    let Some(trunc) = Function::find("TRUNC") else {
        return unsupported("TRUNC");
    };
    Ok((trunc.run)(&[Value::Date(d), Value::text(mask)], nls)?)
}

/// A value as a column of the type holds it.
pub(super) fn cast(v: Value, ty: &DataType, nls: &Nls) -> Res<Value> {
    if v.is_null() {
        return Ok(v);
    }
    Ok(match ty {
        DataType::Number { precision, scale } => {
            let n = v.number()?.unwrap_or_default();
            Value::Number(fitted(n, *precision, *scale)?)
        }
        DataType::Varchar { length } => text(v, *length, false, nls)?,
        DataType::Char { length } => text(v, *length, true, nls)?,
        DataType::Clob => Value::text(v.to_text(nls)?.unwrap_or_default()),
        DataType::Date => v
            .date(nls)?
            .map_or(Value::Null, |d| Value::Date(seconds(d))),
        DataType::Timestamp { precision } => {
            let unit = 10i64.pow(9 - u32::from((*precision).min(9)));
            let rounded = |d: NaiveDateTime| {
                let nanos = i64::from(d.nanosecond());
                d + chrono::TimeDelta::nanoseconds((nanos + unit / 2) / unit * unit - nanos)
            };
            v.date(nls)?
                .map_or(Value::Null, |d| Value::Timestamp(rounded(d)))
        }
        DataType::Raw { .. }
        | DataType::Float { .. }
        | DataType::BinaryFloat
        | DataType::BinaryDouble
        | DataType::TimestampTz { .. }
        | DataType::TimestampLtz { .. }
        | DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Blob
        | DataType::Document
        | DataType::Boolean
        | DataType::Other { .. } => return unsupported(format!("values of type {ty:?}")),
        DataType::Unknown { .. } => v,
    })
}

fn fitted(n: Number, precision: Option<u8>, scale: Option<i16>) -> Res<Number> {
    let Some(scale) = scale.or(precision.map(|_| 0)) else {
        return Ok(n);
    };
    let rounded = n.round(i32::from(scale));
    let limit = match precision {
        Some(p) => Number::new(1, i32::from(scale) - i32::from(p))?,
        None => return Ok(rounded),
    };
    if rounded.abs() < limit {
        return Ok(rounded);
    }
    Err(EvalError::Ora(
        1438,
        "value larger than specified precision allowed for this column".into(),
    ))
}

fn text(v: Value, length: u32, pad: bool, nls: &Nls) -> Res<Value> {
    let text = v.to_text(nls)?.unwrap_or_default();
    let have = text.chars().count();
    if have > length as usize {
        return Err(EvalError::Ora(12899, "value too large for column".into()));
    }
    let blanks = if pad { length as usize - have } else { 0 };
    Ok(Value::text(text + &" ".repeat(blanks)))
}
