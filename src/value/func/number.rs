//! Numeric functions.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode};

use super::super::{Nls, Number, Value};
use super::{Fault, number_format};

pub(super) fn one(
    args: &[Value],
    f: impl Fn(&Number) -> Result<Number, Fault>,
) -> Result<Value, Fault> {
    match args[0].number()? {
        Some(n) => Ok(Value::Number(f(&n)?)),
        None => Ok(Value::Null),
    }
}

fn two(
    args: &[Value],
    f: impl Fn(&Number, &Number) -> Result<Number, Fault>,
) -> Result<Value, Fault> {
    match (args[0].number()?, args[1].number()?) {
        (Some(a), Some(b)) => Ok(Value::Number(f(&a, &b)?)),
        (Some(_) | None, _) => Ok(Value::Null),
    }
}

/// A whole number argument; fractions are cut off.
pub(super) fn whole(v: &Value) -> Result<Option<i64>, Fault> {
    let Some(n) = v.number()? else {
        return Ok(None);
    };
    match n.trunc(0).to_i64() {
        Some(i) => Ok(Some(i)),
        None => Err(Fault::ora(1426, "numeric overflow")),
    }
}

pub(super) fn abs(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    one(args, |n| Ok(n.abs()))
}

pub(super) fn ceil(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    one(args, |n| Ok(n.ceil()))
}

pub(super) fn floor(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    one(args, |n| Ok(n.floor()))
}

pub(super) fn sign(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    one(args, |n| Ok(Number::from(i64::from(n.signum()))))
}

pub(super) fn modulo(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    two(args, |a, b| Ok(a.modulo(b)?))
}

/// REMAINDER: like MOD, but the quotient is rounded to the nearest whole number, halves to the even one.
pub(super) fn remainder(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    two(args, |a, b| {
        if b.is_zero() {
            return Err(Fault::ora(1476, "divisor is equal to zero"));
        }
        let quotient = a.to_big() / b.to_big();
        let nearest = quotient.with_scale_round(0, RoundingMode::HalfEven);
        Ok(Number::from_big(&(a.to_big() - nearest * b.to_big()))?)
    })
}

/// BITAND of non-negative whole numbers.
pub(super) fn bitand(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    match (whole(&args[0])?, whole(&args[1])?) {
        (Some(a), Some(b)) => Ok(Value::Number(Number::from(a & b))),
        (Some(_) | None, _) => Ok(Value::Null),
    }
}

/// POWER with a whole exponent, exact before rounding; others are refused.
pub(super) fn power(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    two(args, |base, exponent| {
        let Some(e) = exponent.to_i64() else {
            return Err(Fault::unsupported("POWER with a fractional exponent"));
        };
        if base.is_zero() && e < 0 {
            return Err(Fault::ora(1428, "argument '0' is out of range"));
        }
        let mut result = Number::from(1);
        let mut square = base.clone();
        let mut left = e.unsigned_abs();
        while left > 0 {
            if left & 1 == 1 {
                result = result.mul(&square)?;
            }
            left >>= 1;
            if left > 0 {
                square = square.mul(&square)?;
            }
        }
        if e < 0 {
            return Ok(Number::from(1).div(&result)?);
        }
        Ok(result)
    })
}

pub(super) fn sqrt(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    one(args, |n| {
        if n.signum() < 0 {
            let message = format!("argument '{}' is out of range", n.to_oracle_text());
            return Err(Fault::ora(1428, message));
        }
        let root = n.to_big().sqrt();
        let root = root.ok_or_else(|| Fault::unsupported("SQRT of this value"))?;
        Ok(Number::from_big(&root)?)
    })
}

/// WIDTH_BUCKET over equal buckets.
pub(super) fn width_bucket(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    let n: Vec<Option<Number>> = args.iter().map(Value::number).collect::<Result<_, _>>()?;
    let (Some(x), Some(low), Some(high), Some(count)) = (&n[0], &n[1], &n[2], &n[3]) else {
        return Ok(Value::Null);
    };
    let Some(count) = count.to_i64().filter(|c| *c > 0) else {
        return Err(Fault::ora(
            30494,
            "width_bucket count must be a positive whole number",
        ));
    };
    if low >= high {
        return Err(Fault::unsupported(
            "WIDTH_BUCKET with descending or equal bounds",
        ));
    }
    let bucket = if x < low {
        0
    } else if x >= high {
        count + 1
    } else {
        let share = x
            .sub(low)?
            .mul(&Number::from(count))?
            .div(&high.sub(low)?)?;
        share.floor().to_i64().unwrap_or(0) + 1
    };
    Ok(Value::Number(Number::from(bucket)))
}

/// TO_NUMBER(text [, format]).
pub(super) fn to_number(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    if args.len() > 2 {
        return Err(Fault::unsupported("TO_NUMBER with NLS parameters"));
    }
    match (&args[0], args.get(1)) {
        (Value::Text(t), Some(Value::Text(format))) => {
            Ok(Value::Number(number_format::read(t, format)?))
        }
        (_, Some(Value::Null)) => Ok(Value::Null),
        (v, _) => Ok(v.number()?.map_or(Value::Null, Value::Number)),
    }
}

/// ROUND and TRUNC of a number.
pub(super) fn at_places(v: &Value, places: Option<&Value>, round: bool) -> Result<Value, Fault> {
    let places = match places {
        Some(p) => match whole(p)? {
            Some(p) => p,
            None => return Ok(Value::Null),
        },
        None => 0,
    };
    let places = places.clamp(-130, 130) as i32;
    let shift = |n: &Number| {
        if round {
            n.round(places)
        } else {
            n.trunc(places)
        }
    };
    one(std::slice::from_ref(v), |n| Ok(shift(n)))
}

/// A big whole number's decimal digits at a scale: the text of `n` rounded to `places`.
pub(super) fn fixed(n: &Number, places: usize) -> (bool, String, String) {
    let rounded = n
        .to_big()
        .with_scale_round(places as i64, RoundingMode::HalfUp);
    let (mantissa, scale) = rounded.into_bigint_and_exponent();
    let negative = mantissa < BigInt::from(0);
    let mut digits = mantissa.magnitude().to_string();
    let scale = scale.max(0) as usize;
    while digits.len() <= scale {
        digits.insert(0, '0');
    }
    let split = digits.len() - scale;
    let (whole, fraction) = digits.split_at(split);
    (negative, whole.to_string(), fraction.to_string())
}

/// The exact value of a text of digits.
pub(super) fn of_digits(whole: &str, fraction: &str, negative: bool) -> Result<Number, Fault> {
    let text = format!("{}{whole}.{fraction}0", if negative { "-" } else { "" });
    let big: BigDecimal = text
        .parse()
        .map_err(|_| Fault::ora(1722, "invalid number"))?;
    Ok(Number::from_big(&big)?)
}
