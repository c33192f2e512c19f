//! The one place that rounds to Oracle's precision. A NUMBER holds 20 digits of base 100: 40 decimal digits where
//! the first of them has two figures, else 39; values below 1E-130 are 0, values from 1E126 on overflow.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, Zero};

use super::number::NumberError;

/// Values of a greater power of ten overflow.
const MAX_POWER: i64 = 125;
/// Values of a smaller power of ten are zero.
const MIN_POWER: i64 = -130;

/// The nearest value that a NUMBER can hold, half away from zero.
pub(super) fn to_oracle(value: &BigDecimal) -> Result<BigDecimal, NumberError> {
    if value.is_zero() {
        return Ok(BigDecimal::zero());
    }
    let places = digits_kept(power(value)) - 1 - power(value);
    let rounded = if value.fractional_digit_count() > places {
        value.with_scale_round(places, RoundingMode::HalfUp)
    } else {
        value.clone()
    };
    match power(&rounded) {
        p if p > MAX_POWER => Err(NumberError::Overflow),
        p if p < MIN_POWER => Ok(BigDecimal::from(BigInt::zero())),
        _ => Ok(rounded),
    }
}

/// The power of ten of the first digit: 0 for 1 to 9.
fn power(value: &BigDecimal) -> i64 {
    let (mantissa, scale) = value.as_bigint_and_exponent();
    mantissa.magnitude().to_string().len() as i64 - 1 - scale
}

/// Pairs of figures are aligned to the point: an odd power begins a full pair.
fn digits_kept(power: i64) -> i64 {
    if power.rem_euclid(2) == 1 { 40 } else { 39 }
}
