//! Oracle's NUMBER, exact: an i128 mantissa with a decimal scale, spilling to a big decimal where 38 digits do not
//! suffice (Oracle keeps up to 40). Every result goes through [`super::round`], the one place that rounds.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, ToPrimitive, Zero};

use super::round::to_oracle;

/// A NUMBER. Equal values have one representation, so that equality and hashing are structural.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    /// `mantissa * 10^-scale`, without trailing zeros in the mantissa; zero has scale 0.
    Small { mantissa: i128, scale: i32 },
    /// The same where the mantissa does not fit.
    Big(Box<(BigInt, i64)>),
}

/// Why a result is not a NUMBER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// ORA-01426.
    #[error("numeric overflow")]
    Overflow,
    /// ORA-01476.
    #[error("divisor is equal to zero")]
    DivideByZero,
    /// ORA-01722.
    #[error("invalid number")]
    Invalid,
}

impl Default for Number {
    fn default() -> Self {
        Number::small(0, 0)
    }
}

impl Number {
    fn small(mut mantissa: i128, mut scale: i32) -> Number {
        if mantissa == 0 {
            scale = 0;
        }
        // Division of 64 bits is many times faster than of 128, and nearly all numbers fit.
        if let Ok(mut short) = i64::try_from(mantissa) {
            while short != 0 && short % 10 == 0 {
                short /= 10;
                scale -= 1;
            }
            let mantissa = i128::from(short);
            return Number(Repr::Small { mantissa, scale });
        }
        while mantissa != 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Number(Repr::Small { mantissa, scale })
    }

    /// Rounds to Oracle's precision and takes the smallest representation.
    fn of(exact: &BigDecimal) -> Result<Number, NumberError> {
        let (mantissa, scale) = to_oracle(exact)?.normalized().into_bigint_and_exponent();
        if mantissa.is_zero() {
            return Ok(Number::default());
        }
        Ok(match (mantissa.to_i128(), i32::try_from(scale)) {
            (Some(mantissa), Ok(scale)) => Number::small(mantissa, scale),
            (Some(_) | None, _) => Number(Repr::Big(Box::new((mantissa, scale)))),
        })
    }

    /// A small result that surely needs no rounding: at most 38 digits, within the range of exponents.
    fn exact(mantissa: i128, scale: i32) -> Result<Number, NumberError> {
        const DIGITS_38: u128 = 10u128.pow(38);
        let plain = mantissa.unsigned_abs() < DIGITS_38 && (-80..=80).contains(&scale);
        if plain {
            Ok(Number::small(mantissa, scale))
        } else {
            Number::of(&BigDecimal::new(BigInt::from(mantissa), i64::from(scale)))
        }
    }

    /// `mantissa * 10^-scale`.
    pub fn new(mantissa: i128, scale: i32) -> Result<Number, NumberError> {
        Number::exact(mantissa, scale)
    }

    /// The exact value.
    pub fn to_big(&self) -> BigDecimal {
        match &self.0 {
            Repr::Small { mantissa, scale } => {
                BigDecimal::new(BigInt::from(*mantissa), i64::from(*scale))
            }
            Repr::Big(big) => BigDecimal::new(big.0.clone(), big.1),
        }
    }

    /// From a big decimal, rounded to Oracle's precision.
    pub fn from_big(value: &BigDecimal) -> Result<Number, NumberError> {
        Number::of(value)
    }

    /// Sum.
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        let small = self.aligned(other);
        let small = small.and_then(|(a, b, scale)| Some((a.checked_add(b)?, scale)));
        if let Some((sum, scale)) = small {
            return Number::exact(sum, scale);
        }
        Number::of(&(self.to_big() + other.to_big()))
    }

    /// Difference.
    pub fn sub(&self, other: &Number) -> Result<Number, NumberError> {
        self.add(&other.neg())
    }

    /// Product.
    pub fn mul(&self, other: &Number) -> Result<Number, NumberError> {
        if let (
            Repr::Small {
                mantissa: a,
                scale: s,
            },
            Repr::Small {
                mantissa: b,
                scale: t,
            },
        ) = (&self.0, &other.0)
            && let (Some(product), Some(scale)) = (a.checked_mul(*b), s.checked_add(*t))
        {
            return Number::exact(product, scale);
        }
        Number::of(&(self.to_big() * other.to_big()))
    }

    /// Quotient, rounded to Oracle's precision.
    pub fn div(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivideByZero);
        }
        // More digits than Oracle keeps; what is cut off cannot turn a half into less than a half.
        const EXTRA: i64 = 50;
        let (n, n_scale) = self.to_big().into_bigint_and_exponent();
        let (d, d_scale) = other.to_big().into_bigint_and_exponent();
        let lift = EXTRA + (digits(&d) - digits(&n)).max(0);
        let lifted = n * BigInt::from(10).pow(u32::try_from(lift).unwrap_or(u32::MAX));
        Number::of(&BigDecimal::new(lifted / d, n_scale - d_scale + lift))
    }

    /// Negation.
    pub fn neg(&self) -> Number {
        match &self.0 {
            // 38 digits are far from i128::MIN.
            Repr::Small { mantissa, scale } => Number::small(-*mantissa, *scale),
            Repr::Big(big) => Number(Repr::Big(Box::new((-big.0.clone(), big.1)))),
        }
    }

    /// Magnitude.
    pub fn abs(&self) -> Number {
        if self.signum() < 0 {
            self.neg()
        } else {
            self.clone()
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Small { mantissa, .. } => mantissa.signum() as i32,
            Repr::Big(big) => match big.0.sign() {
                Sign::Minus => -1,
                Sign::NoSign => 0,
                Sign::Plus => 1,
            },
        }
    }

    /// True for zero.
    pub fn is_zero(&self) -> bool {
        self.signum() == 0
    }

    /// ROUND(x, places): half away from zero.
    pub fn round(&self, places: i32) -> Number {
        self.at_scale(places, bigdecimal::RoundingMode::HalfUp)
    }

    /// TRUNC(x, places).
    pub fn trunc(&self, places: i32) -> Number {
        self.at_scale(places, bigdecimal::RoundingMode::Down)
    }

    /// FLOOR(x).
    pub fn floor(&self) -> Number {
        self.at_scale(0, bigdecimal::RoundingMode::Floor)
    }

    /// CEIL(x).
    pub fn ceil(&self) -> Number {
        self.at_scale(0, bigdecimal::RoundingMode::Ceiling)
    }

    /// MOD(x, y): with the sign of x; x itself if y is 0.
    pub fn modulo(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        Number::of(&(self.to_big() % other.to_big()))
    }

    fn at_scale(&self, places: i32, mode: bigdecimal::RoundingMode) -> Number {
        let rounded = self.to_big().with_scale_round(i64::from(places), mode);
        // Rounding can only overflow at the very end of the range; the value itself is the best answer there.
        Number::of(&rounded).unwrap_or_else(|_| self.clone())
    }

    /// The value if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small { mantissa, scale } if *scale <= 0 => {
                let factor = 10i128.checked_pow(scale.unsigned_abs())?;
                i64::try_from(mantissa.checked_mul(factor)?).ok()
            }
            Repr::Small { .. } | Repr::Big(_) => None,
        }
    }

    /// Both mantissas at one scale, if that fits.
    fn aligned(&self, other: &Number) -> Option<(i128, i128, i32)> {
        match (&self.0, &other.0) {
            (
                Repr::Small {
                    mantissa: a,
                    scale: s,
                },
                Repr::Small {
                    mantissa: b,
                    scale: t,
                },
            ) => {
                let scale = *s.max(t);
                Some((
                    lift(*a, scale.checked_sub(*s)?)?,
                    lift(*b, scale.checked_sub(*t)?)?,
                    scale,
                ))
            }
            (Repr::Small { .. } | Repr::Big(_), _) => None,
        }
    }

    /// The text of TO_CHAR without a format: no zero before the point, E notation beyond 40 characters.
    pub fn to_oracle_text(&self) -> String {
        let plain = self.to_string();
        let short = match plain.strip_prefix("-0.") {
            Some(rest) => format!("-.{rest}"),
            None => match plain.strip_prefix("0.") {
                Some(rest) => format!(".{rest}"),
                None => plain,
            },
        };
        // 40 digits fit, whether or not there is a point among them.
        if short.bytes().filter(u8::is_ascii_digit).count() <= 40 {
            return short;
        }
        self.scientific()
    }

    fn scientific(&self) -> String {
        let (mantissa, scale) = self.to_big().into_bigint_and_exponent();
        let digits = mantissa.magnitude().to_string();
        let exponent = digits.len() as i64 - 1 - scale;
        let sign = if mantissa.sign() == Sign::Minus {
            "-"
        } else {
            ""
        };
        let width = 34usize;
        let mut shown: String = digits[1..].chars().take(width).collect();
        while shown.len() < width {
            shown.push('0');
        }
        let direction = if exponent < 0 { '-' } else { '+' };
        format!(
            "{sign}{}.{shown}E{direction}{:02}",
            &digits[..1],
            exponent.abs()
        )
    }
}

fn lift(mantissa: i128, places: i32) -> Option<i128> {
    mantissa.checked_mul(10i128.checked_pow(u32::try_from(places).ok()?)?)
}

fn digits(n: &BigInt) -> i64 {
    n.magnitude().to_string().len() as i64
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number::small(i128::from(value), 0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.to_big().cmp(&other.to_big()),
        }
    }
}

/// Plain decimal notation, as JSON has it: `-0.5`, never an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_big().to_plain_string())
    }
}

/// Oracle's number literals: digits, one point, an exponent; blanks around are allowed.
impl FromStr for Number {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let text = text.trim_matches(' ');
        let (body, exponent) = match text.split_once(['e', 'E']) {
            Some((body, exponent)) => (body, exponent),
            None => (text, "0"),
        };
        let unsigned = body.strip_prefix(['+', '-']).unwrap_or(body);
        let figures = unsigned.bytes().filter(u8::is_ascii_digit).count();
        let points = unsigned.bytes().filter(|b| *b == b'.').count();
        let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let exponent_plain = !exponent_digits.is_empty()
            && exponent_digits.len() <= 6
            && exponent_digits.bytes().all(|b| b.is_ascii_digit());
        let plain = figures + points == unsigned.len() && figures > 0 && points <= 1;
        if !plain || !exponent_plain || figures > 10_000 {
            return Err(NumberError::Invalid);
        }
        let exact = format!("{body}e{exponent}");
        Number::of(&BigDecimal::from_str(&exact).map_err(|_| NumberError::Invalid)?)
    }
}
