//! Arithmetic of numbers, dates and intervals; conversions to a type.

use chrono::{Months, NaiveDateTime, TimeDelta, Timelike};

use super::super::code::Arith;
use super::super::interval::DAY;
use super::super::stop::{Res, Stop};
use super::super::val::{Ty, Val};
use super::Machine;
use crate::value::func::Function;
use crate::value::{Number, Value, add_days, days_between};

fn beyond() -> Stop {
    Stop::ora(
        1841,
        "(full) year must be between -4713 and +9999, and not be 0",
    )
}

fn within(d: Option<NaiveDateTime>) -> Res<NaiveDateTime> {
    use chrono::Datelike;
    d.filter(|d| (1..=9999).contains(&d.year()))
        .ok_or_else(beyond)
}

fn wrong() -> Stop {
    Stop::ora(932, "inconsistent datatypes")
}

/// A date moved by months; a day that the month does not have is an error.
fn add_months(d: NaiveDateTime, months: i64) -> Res<NaiveDateTime> {
    use chrono::Datelike;
    let count = u32::try_from(months.unsigned_abs()).map_err(|_| beyond())?;
    let moved = match months < 0 {
        true => d.checked_sub_months(Months::new(count)),
        false => d.checked_add_months(Months::new(count)),
    };
    let moved = within(moved)?;
    if moved.day() == d.day() {
        Ok(moved)
    } else {
        Err(Stop::ora(1839, "date not valid for month specified"))
    }
}

fn nanos_between(a: NaiveDateTime, b: NaiveDateTime) -> Res<i64> {
    (a - b)
        .num_nanoseconds()
        .ok_or_else(|| Stop::ora(1873, "the leading precision of the interval is too small"))
}

impl Machine<'_> {
    pub(super) fn arith(&mut self, op: Arith, a: Val, b: Val) -> Res<Val> {
        match (a, b) {
            (Val::S(Value::Number(a)), Val::S(Value::Number(b))) => numbers(op, &a, &b),
            (Val::S(a), Val::S(b)) => self.scalars(op, &a, &b),
            (Val::S(Value::Null), Val::Ds(_) | Val::Ym(_))
            | (Val::Ds(_) | Val::Ym(_), Val::S(Value::Null)) => Ok(Val::NULL),
            (Val::S(d), i @ (Val::Ds(_) | Val::Ym(_))) => with_interval(op, &d, &i),
            (i @ (Val::Ds(_) | Val::Ym(_)), Val::S(d)) => match (op, &d) {
                (Arith::Add, Value::Date(_) | Value::Timestamp(_)) => with_interval(op, &d, &i),
                (Arith::Mul | Arith::Div, Value::Number(n)) => scaled(op, &i, n),
                _ => Err(wrong()),
            },
            (Val::Ds(a), Val::Ds(b)) => sums(op, a, b).map(Val::Ds),
            (Val::Ym(a), Val::Ym(b)) => sums(op, a, b).map(Val::Ym),
            _ => Err(wrong()),
        }
    }

    fn scalars(&self, op: Arith, a: &Value, b: &Value) -> Res<Val> {
        use Value::{Date, Null, Timestamp};
        Ok(Val::S(match (op, a, b) {
            (_, Null, _) | (_, _, Null) => Null,
            (Arith::Sub, Date(x), Date(y)) => Value::Number(days_between(*x, *y)),
            (Arith::Sub, Date(x) | Timestamp(x), Date(y) | Timestamp(y)) => {
                return nanos_between(*x, *y).map(Val::Ds);
            }
            (Arith::Add | Arith::Sub, Date(d) | Timestamp(d), n) => {
                let n = n.number()?.unwrap_or_default();
                let n = if op == Arith::Sub { n.neg() } else { n };
                let d = d.with_nanosecond(0).unwrap_or(*d);
                Date(within(add_days(d, &n))?)
            }
            (Arith::Add, n, Date(d) | Timestamp(d)) => {
                let d = d.with_nanosecond(0).unwrap_or(*d);
                Date(within(add_days(d, &n.number()?.unwrap_or_default()))?)
            }
            _ => {
                let (x, y) = (
                    a.number()?.unwrap_or_default(),
                    b.number()?.unwrap_or_default(),
                );
                return numbers(op, &x, &y);
            }
        }))
    }

    pub(super) fn negate(&self, v: Val) -> Res<Val> {
        match v {
            Val::Ds(n) => Ok(Val::Ds(-n)),
            Val::Ym(n) => Ok(Val::Ym(-n)),
            Val::S(s) => Ok(Val::S(
                s.number()?.map_or(Value::Null, |n| Value::Number(n.neg())),
            )),
            _ => Err(wrong()),
        }
    }

    /// CAST: like an assignment, with SQL's errors.
    pub(super) fn cast(&mut self, v: Val, ty: &Ty) -> Res<Val> {
        if let (Ty::Text { max: Some(n), .. }, Val::S(s)) = (ty, &v)
            && let Some(text) = s.to_text(&self.nls)?
        {
            // CAST cuts texts off.
            return Ok(Val::S(Value::text(
                text.chars().take(*n as usize).collect::<String>(),
            )));
        }
        self.coerce(v, ty, true)
    }

    /// A value as a variable or column of a type holds it. `sql`: with the errors of SQL instead of PL/SQL's.
    pub(super) fn coerce(&self, v: Val, ty: &Ty, sql: bool) -> Res<Val> {
        match (ty, v) {
            (Ty::Foreign(name), v) if !v.is_null() => {
                Err(Stop::unsupported(format!("values of type {name}")))
            }
            (Ty::Unknown | Ty::Foreign(_), v) => Ok(v),
            (Ty::Rec(r), Val::Rec(fields)) => {
                if fields.len() != r.fields.len() {
                    return Err(Stop::ora(
                        6504,
                        "PL/SQL: return types of result set variables do not match",
                    ));
                }
                let pairs = fields.into_iter().zip(&r.fields);
                let fields: Res<Vec<Val>> =
                    pairs.map(|(v, (_, t))| self.coerce(v, t, sql)).collect();
                Ok(Val::Rec(fields?))
            }
            (Ty::Rec(_) | Ty::Coll(_), Val::S(Value::Null)) => Ok(ty.empty()),
            (Ty::Coll(_), v @ Val::Coll(_)) => Ok(v),
            (Ty::Cursor(_), v @ (Val::Cursor(_) | Val::S(Value::Null))) => Ok(v),
            (Ty::File, v @ (Val::File(_) | Val::S(Value::Null))) => Ok(v),
            (Ty::Bool, v @ (Val::Bool(_) | Val::S(Value::Null))) => Ok(v),
            (Ty::Ds, v @ (Val::Ds(_) | Val::S(Value::Null))) => Ok(v),
            (Ty::Ym, v @ (Val::Ym(_) | Val::S(Value::Null))) => Ok(v),
            (_, Val::S(v)) => self
                .scalar_as(v, ty, sql)
                .map(Val::S)
                .map_err(|s| plsql_error(s, sql)),
            _ => Err(Stop::ora(6502, "PL/SQL: numeric or value error")),
        }
    }

    fn scalar_as(&self, v: Value, ty: &Ty, sql: bool) -> Res<Value> {
        if v.is_null() {
            return Ok(v);
        }
        Ok(match ty {
            Ty::Number { precision, scale } => {
                let n = v.number()?.unwrap_or_default();
                Value::Number(fitted(&n, *precision, *scale, sql)?)
            }
            Ty::Int => {
                let n = v.number()?.unwrap_or_default().round(0);
                if n.abs() > Number::from(2_147_483_647) {
                    return Err(Stop::ora(1426, "numeric overflow"));
                }
                Value::Number(n)
            }
            Ty::Text { max, chars } => {
                let text = self.text_of(v)?;
                match max {
                    Some(max) if length(&text, *chars || sql) > *max as usize => {
                        return Err(too_long(sql));
                    }
                    Some(_) => Value::text(text),
                    None if text.len() > 32_767 && !sql => return Err(too_long(sql)),
                    None => Value::text(text),
                }
            }
            Ty::Char { len, chars } => {
                let text = self.text_of(v)?;
                let have = length(&text, *chars || sql);
                if have > *len as usize {
                    return Err(too_long(sql));
                }
                Value::text(text + &" ".repeat(*len as usize - have))
            }
            Ty::Clob => {
                let text = self.text_of(v)?;
                self.fits_memory(text.len())?;
                Value::text(text)
            }
            Ty::Date => {
                let d = v.date(&self.nls)?;
                d.map_or(Value::Null, |d| {
                    Value::Date(d.with_nanosecond(0).unwrap_or(d))
                })
            }
            Ty::Ts(p) => {
                let d = v.date(&self.nls)?;
                d.map_or(Ok(Value::Null), |d| rounded(d, *p).map(Value::Timestamp))?
            }
            Ty::Raw => match v {
                Value::Bytes(_) => v,
                other => {
                    let f = Function::find("HEXTORAW").ok_or_else(wrong)?;
                    f.call(&[other], &self.nls)?
                }
            },
            Ty::Bool | Ty::Ym | Ty::Ds | Ty::Rec(_) | Ty::Coll(_) | Ty::Cursor(_) | Ty::File => {
                return Err(Stop::ora(6502, "PL/SQL: numeric or value error"));
            }
            Ty::Unknown | Ty::Foreign(_) => v,
        })
    }

    fn text_of(&self, v: Value) -> Res<String> {
        match v {
            Value::Text(t) => Ok(t),
            other => Ok(other.to_text(&self.nls)?.unwrap_or_default()),
        }
    }
}

/// Conversions that fail raise VALUE_ERROR in PL/SQL.
fn plsql_error(stop: Stop, sql: bool) -> Stop {
    match &stop {
        Stop::Raise(e) if !sql && e.code == -1722 => Stop::ora(
            6502,
            "PL/SQL: numeric or value error: character to number conversion error",
        ),
        Stop::Raise(_) | Stop::Refuse(_) | Stop::Enough => stop,
    }
}

fn length(text: &str, chars: bool) -> usize {
    if chars {
        text.chars().count()
    } else {
        text.len()
    }
}

fn too_long(sql: bool) -> Stop {
    if sql {
        Stop::ora(12899, "value too large for column")
    } else {
        Stop::ora(
            6502,
            "PL/SQL: numeric or value error: character string buffer too small",
        )
    }
}

/// Rounded to a precision and scale.
fn fitted(n: &Number, precision: Option<u8>, scale: Option<i16>, sql: bool) -> Res<Number> {
    let Some(scale) = scale.or(precision.map(|_| 0)) else {
        return Ok(n.clone());
    };
    let rounded = n.round(i32::from(scale));
    let Some(precision) = precision else {
        return Ok(rounded);
    };
    let limit = Number::new(1, i32::from(scale) - i32::from(precision))?;
    if rounded.abs() < limit {
        return Ok(rounded);
    }
    Err(if sql {
        Stop::ora(
            1438,
            "value larger than specified precision allowed for this column",
        )
    } else {
        Stop::ora(
            6502,
            "PL/SQL: numeric or value error: number precision too large",
        )
    })
}

/// A timestamp rounded to its fractional digits.
fn rounded(d: NaiveDateTime, digits: u8) -> Res<NaiveDateTime> {
    let unit = 10i64.pow(9 - u32::from(digits.min(9)));
    let nanos = i64::from(d.nanosecond());
    let up = (nanos + unit / 2) / unit * unit - nanos;
    within(d.checked_add_signed(TimeDelta::nanoseconds(up)))
}

fn numbers(op: Arith, a: &Number, b: &Number) -> Res<Val> {
    let n = match op {
        Arith::Add => a.add(b)?,
        Arith::Sub => a.sub(b)?,
        Arith::Mul => a.mul(b)?,
        Arith::Div => a.div(b)?,
        Arith::Power => {
            let f = Function::find("POWER").ok_or_else(wrong)?;
            let args = [Value::Number(a.clone()), Value::Number(b.clone())];
            return Ok(Val::S((f.run)(&args, &crate::value::Nls::default())?));
        }
    };
    Ok(Val::S(Value::Number(n)))
}

fn sums(op: Arith, a: i64, b: i64) -> Res<i64> {
    let sum = match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul | Arith::Div | Arith::Power => return Err(wrong()),
    };
    sum.ok_or_else(|| Stop::ora(1873, "the leading precision of the interval is too small"))
}

fn scaled(op: Arith, i: &Val, n: &Number) -> Res<Val> {
    let (Val::Ds(x) | Val::Ym(x)) = i else {
        return Err(wrong());
    };
    let x = Number::from(*x);
    let y = if op == Arith::Mul {
        x.mul(n)?
    } else {
        x.div(n)?
    };
    let y = y.trunc(0).to_i64().ok_or_else(beyond)?;
    Ok(if matches!(i, Val::Ds(_)) {
        Val::Ds(y)
    } else {
        Val::Ym(y)
    })
}

fn with_interval(op: Arith, d: &Value, i: &Val) -> Res<Val> {
    let sign = match op {
        Arith::Add => 1,
        Arith::Sub => -1,
        Arith::Mul | Arith::Div | Arith::Power => return Err(wrong()),
    };
    let (Value::Date(x) | Value::Timestamp(x)) = d else {
        return Err(wrong());
    };
    let moved = match i {
        Val::Ym(m) => add_months(*x, sign * m)?,
        Val::Ds(n) => within(x.checked_add_signed(TimeDelta::nanoseconds(sign * n)))?,
        _ => return Err(wrong()),
    };
    let fraction = matches!(i, Val::Ds(n) if n % DAY != 0 && n % 1_000_000_000 != 0);
    Ok(Val::S(match d {
        Value::Date(_) if !fraction => Value::Date(moved),
        _ => Value::Timestamp(moved),
    }))
}
