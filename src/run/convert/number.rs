//! Numbers from text to CQL bytes without a value between: a 128-bit mantissa where 38 digits suffice, a big integer
//! beyond. Equal to the path through `value::Number` (tested). Every form that an export writes is read: `.5`, `1E+20`,
//! decimal commas, group separators.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, Signed, ToPrimitive, Zero};

use super::reject::{Refusal, RejectCode};
use crate::value::{Number, NumberError};

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberForm {
    /// Decimal character.
    pub decimal: u8,
    /// Group separator.
    pub group: Option<u8>,
}

/// `.` and no groups.
pub const PLAIN: NumberForm = NumberForm {
    decimal: b'.',
    group: None,
};

/// An exact decimal: `mantissa * 10^-scale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// At most 38 digits.
    Small(i128, i32),
    /// More.
    Big(BigInt, i64),
}

fn no_number() -> Refusal {
    Refusal::new(RejectCode::NumberForm, "not a number")
}

/// Most digits that fit any i128.
const DIGITS: u32 = 38;

/// Reads a number.
pub fn parse(text: &[u8], form: NumberForm) -> Result<Decimal, Refusal> {
    let text = text.trim_ascii();
    let (negative, body) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let mut mantissa: i128 = 0;
    let mut low: u64 = 0;
    let (mut digits, mut held, mut places, mut any) = (0u32, 0u32, 0i32, false);
    let mut point = false;
    for (i, b) in body.iter().enumerate() {
        let d = b.wrapping_sub(b'0');
        if d <= 9 {
            any = true;
            places += i32::from(point);
            if digits == 0 && d == 0 {
                continue;
            }
            digits += 1;
            if digits > DIGITS {
                return slow(text, form);
            }
            low = low * 10 + u64::from(d);
            held += 1;
            if held == 18 {
                mantissa = mantissa * POWERS[18] + i128::from(low);
                (low, held) = (0, 0);
            }
        } else if *b == form.decimal && !point {
            point = true;
        } else if i > 0 && (Some(*b) == form.group || *b | 0x20 == b'e') {
            return slow(text, form);
        } else {
            return Err(no_number());
        }
    }
    if !any {
        return Err(no_number());
    }
    let mantissa = mantissa * POWERS[held as usize] + i128::from(low);
    Ok(Decimal::Small(
        if negative { -mantissa } else { mantissa },
        places,
    ))
}

/// 10^0 to 10^38.
static POWERS: [i128; 39] = powers();

const fn powers() -> [i128; 39] {
    let mut all = [1i128; 39];
    let mut i = 1;
    while i < 39 {
        all[i] = all[i - 1] * 10;
        i += 1;
    }
    all
}

/// Groups, exponents and more than 38 digits: through `value::Number`'s own reader of forms, exact.
fn slow(text: &[u8], form: NumberForm) -> Result<Decimal, Refusal> {
    let text = std::str::from_utf8(text).map_err(|_| no_number())?;
    let plain = ungroup(text, form).ok_or_else(no_number)?;
    let oracle: Result<Number, NumberError> = plain.parse();
    oracle.map_err(|e| match e {
        NumberError::Invalid => no_number(),
        NumberError::Overflow | NumberError::DivideByZero => {
            Refusal::new(RejectCode::NumberRange, "beyond what a NUMBER holds")
        }
    })?;
    let exact: BigDecimal = plain.parse().map_err(|_| no_number())?;
    Ok(shrink(&exact))
}

/// The smallest form of an exact value, never with a negative scale.
pub fn shrink(exact: &BigDecimal) -> Decimal {
    let (mantissa, scale) = exact.as_bigint_and_exponent();
    let (mantissa, scale) = if scale < 0 {
        let lift = u32::try_from(-scale).unwrap_or(u32::MAX).min(200);
        (mantissa * BigInt::from(10).pow(lift), 0)
    } else {
        (mantissa, scale)
    };
    match (mantissa.to_i128(), i32::try_from(scale)) {
        (Some(m), Ok(s)) if m.unsigned_abs() < POWERS[38].unsigned_abs() => Decimal::Small(m, s),
        (Some(_) | None, _) => Decimal::Big(mantissa, scale),
    }
}

/// Groups of three before the point; None if they are not.
fn ungroup(text: &str, form: NumberForm) -> Option<String> {
    let point = form.decimal as char;
    let (whole, rest) = match text.find(point) {
        Some(at) => (&text[..at], &text[at..]),
        None => match text.find(['e', 'E']) {
            Some(at) => (&text[..at], &text[at..]),
            None => (text, ""),
        },
    };
    let mut plain = match form.group {
        Some(group) if whole.contains(group as char) => {
            let mut parts = whole.split(group as char);
            let first = parts.next()?.trim_start_matches(['+', '-']);
            let fits = (1..=3).contains(&first.len()) && parts.all(|p| p.len() == 3);
            fits.then(|| whole.replace(group as char, ""))?
        }
        Some(_) | None => whole.to_string(),
    };
    plain.push_str(&rest.replacen(point, ".", 1));
    Some(plain)
}

/// A mantissa and its scale without the zeros at the end of the fraction.
fn without_zeros<M>(mut m: M, mut s: i32) -> (M, i32)
where
    M: Copy + PartialEq + From<i8> + std::ops::Rem<Output = M> + std::ops::Div<Output = M>,
{
    let (zero, ten) = (M::from(0), M::from(10));
    while s > 0 && m % ten == zero {
        m = m / ten;
        s -= 1;
    }
    (m, s)
}

impl Decimal {
    /// Without zeros at the end of the fraction.
    pub fn trimmed(self) -> Decimal {
        match self {
            Decimal::Small(0, _) => Decimal::Small(0, 0),
            // Divisions of 128 bits are calls; few numbers need them.
            Decimal::Small(m, s) => match i64::try_from(m) {
                Ok(m) => {
                    let (m, s) = without_zeros(m, s);
                    Decimal::Small(m.into(), s)
                }
                Err(_) => {
                    let (m, s) = without_zeros(m, s);
                    Decimal::Small(m, s)
                }
            },
            Decimal::Big(m, s) => {
                let ten = BigInt::from(10);
                let (mut m, mut s) = (m, s);
                while s > 0 && (&m % &ten).is_zero() {
                    m /= &ten;
                    s -= 1;
                }
                Decimal::Big(m, s)
            }
        }
    }

    /// Checks digits and places of NUMBER(p,s), and gives exactly `s` places where s > 0.
    pub fn fit(self, precision: u8, scale: i16) -> Result<Decimal, Refusal> {
        let scale = i32::from(scale);
        // Zeros at the end do no harm where there is room for them.
        let trimmed = match self {
            Decimal::Small(_, s) if s <= scale => self,
            Decimal::Small(..) | Decimal::Big(..) => self.trimmed(),
        };
        let places = trimmed.scale();
        if places > i64::from(scale.max(0)) || !trimmed.is_multiple(scale) {
            let text = format!("more places than NUMBER({precision},{scale}) has");
            return Err(Refusal::new(RejectCode::NumberScale, text));
        }
        if trimmed.whole_digits() > i64::from(precision) - i64::from(scale) {
            let text = format!("more digits than NUMBER({precision},{scale}) has");
            return Err(Refusal::new(RejectCode::NumberPrecision, text));
        }
        Ok(trimmed.at_scale(scale.max(0)))
    }

    fn scale(&self) -> i64 {
        match self {
            Decimal::Small(_, s) => i64::from(*s),
            Decimal::Big(_, s) => *s,
        }
    }

    /// A negative scale rounds before the point.
    fn is_multiple(&self, scale: i32) -> bool {
        if scale >= 0 {
            return true;
        }
        let power = (-scale) as usize;
        match self {
            Decimal::Small(m, _) => POWERS.get(power).is_some_and(|p| m % p == 0) || *m == 0,
            Decimal::Big(m, _) => (m % BigInt::from(10).pow(power as u32)).is_zero(),
        }
    }

    /// Digits before the point; negative for leading zeros behind it.
    fn whole_digits(&self) -> i64 {
        match self {
            Decimal::Small(0, _) => i64::MIN,
            Decimal::Small(m, s) => {
                let m = m.unsigned_abs();
                let log = u64::try_from(m).map_or_else(|_| m.ilog10(), u64::ilog10);
                i64::from(log) + 1 - i64::from(*s)
            }
            Decimal::Big(m, s) => m.magnitude().to_string().len() as i64 - s,
        }
    }

    /// At a scale that is not smaller than its own.
    fn at_scale(self, scale: i32) -> Decimal {
        match self {
            Decimal::Small(..) if self.scale() >= i64::from(scale) => self,
            Decimal::Small(m, s) => {
                let lift = (scale - s).max(0);
                let lifted = POWERS.get(lift as usize).and_then(|p| m.checked_mul(*p));
                match lifted {
                    Some(lifted) => Decimal::Small(lifted, scale.max(s)),
                    None => Decimal::Big(BigInt::from(m), i64::from(s)).at_scale(scale),
                }
            }
            Decimal::Big(m, s) => {
                let lift = u32::try_from(i64::from(scale) - s).unwrap_or(0);
                Decimal::Big(m * BigInt::from(10).pow(lift), s + i64::from(lift))
            }
        }
    }

    /// The value if it is whole.
    pub fn whole(self) -> Result<BigOrSmall, Refusal> {
        let trimmed = match self {
            Decimal::Small(_, 0) => self,
            Decimal::Small(..) | Decimal::Big(..) => self.trimmed(),
        };
        match trimmed {
            Decimal::Small(m, 0) => Ok(BigOrSmall::Small(m)),
            Decimal::Big(m, 0) => Ok(BigOrSmall::Big(m)),
            Decimal::Small(..) | Decimal::Big(..) => Err(Refusal::new(
                RejectCode::NumberScale,
                "a whole number is wanted",
            )),
        }
    }

    /// As `value::Number`.
    pub fn to_number(&self) -> Option<Number> {
        match self {
            Decimal::Small(m, s) => Number::new(*m, *s).ok(),
            Decimal::Big(m, s) => Number::from_big(&BigDecimal::new(m.clone(), *s)).ok(),
        }
    }

    /// Plain text, as JSON and Debezium have it.
    pub fn write_plain(&self, out: &mut Vec<u8>) {
        let (negative, digits, scale) = match self {
            Decimal::Small(m, s) => (*m < 0, m.unsigned_abs().to_string(), *s as usize),
            Decimal::Big(m, s) => (m.is_negative(), m.magnitude().to_string(), *s as usize),
        };
        if negative {
            out.push(b'-');
        }
        if scale == 0 {
            out.extend_from_slice(digits.as_bytes());
            return;
        }
        let missing = (scale + 1).saturating_sub(digits.len());
        let digits = format!("{}{digits}", "0".repeat(missing));
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        out.extend_from_slice(whole.as_bytes());
        out.push(b'.');
        out.extend_from_slice(fraction.as_bytes());
    }
}

/// A whole number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BigOrSmall {
    /// Fits.
    Small(i128),
    /// Does not.
    Big(BigInt),
}

/// Appends the shortest two's complement.
pub fn push_varint(out: &mut Vec<u8>, value: i128) {
    let bytes = value.to_be_bytes();
    let fill = if value < 0 { 0xff } else { 0 };
    let mut skip = bytes.iter().take_while(|b| **b == fill).count().min(15);
    // The first bit is the sign.
    if skip > 0 && (bytes[skip] ^ fill) & 0x80 != 0 {
        skip -= 1;
    }
    out.extend_from_slice(&bytes[skip..]);
}

/// Appends a CQL value: length, then bytes.
pub fn push_value(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A varint with its length.
pub fn push_whole(out: &mut Vec<u8>, value: &BigOrSmall) {
    match value {
        BigOrSmall::Small(v) => with_length(out, |out| push_varint(out, *v)),
        BigOrSmall::Big(v) => push_value(out, &v.to_signed_bytes_be()),
    }
}

/// A decimal with its length.
pub fn push_decimal(out: &mut Vec<u8>, value: &Decimal) {
    with_length(out, |out| match value {
        Decimal::Small(m, s) => {
            out.extend_from_slice(&s.to_be_bytes());
            push_varint(out, *m);
        }
        Decimal::Big(m, s) => {
            out.extend_from_slice(&(*s as i32).to_be_bytes());
            out.extend_from_slice(&m.to_signed_bytes_be());
        }
    });
}

/// Writes a value, then its length before it.
pub fn with_length(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let len = (out.len() - start - 4) as i32;
    out[start..start + 4].copy_from_slice(&len.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> Result<String, RejectCode> {
        let mut out = Vec::new();
        let decimal = parse(text.as_bytes(), PLAIN).map_err(|r| r.code)?;
        decimal.trimmed().write_plain(&mut out);
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn every_written_form_is_read() {
        for (text, wanted) in [
            ("0", "0"),
            ("-0.00", "0"),
            (".5", "0.5"),
            ("-.05", "-0.05"),
            ("+5", "5"),
            ("1.", "1"),
            ("  12.340 ", "12.34"),
            ("1E+3", "1000"),
            ("1.5e-3", "0.0015"),
            ("00000000000000000000000000000000000000000001", "1"),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
            ),
        ] {
            assert_eq!(plain(text).as_deref(), Ok(wanted), "{text}");
        }
        for text in [
            "", "-", ".", "1..2", "1,5", "abc", "1e", "0x1", "١", "--1", "NaN",
        ] {
            assert_eq!(plain(text), Err(RejectCode::NumberForm), "{text}");
        }
        assert_eq!(plain("1e200"), Err(RejectCode::NumberRange));
    }

    #[test]
    fn commas_and_groups() {
        let form = NumberForm {
            decimal: b',',
            group: Some(b'.'),
        };
        assert_eq!(
            parse(b"1.234.567,89", form),
            Ok(Decimal::Small(123_456_789, 2))
        );
        assert_eq!(parse(b"1,5", form), Ok(Decimal::Small(15, 1)));
        assert!(parse(b"1.23.4", form).is_err());
    }

    #[test]
    fn types_bound_digits_and_places() {
        let fit = |text: &str, p, s| {
            let d = parse(text.as_bytes(), PLAIN).expect("a number");
            d.fit(p, s).map_err(|r| r.code)
        };
        assert_eq!(fit("1.5", 10, 2), Ok(Decimal::Small(150, 2)));
        assert_eq!(fit("1.500", 10, 2), Ok(Decimal::Small(150, 2)));
        assert_eq!(fit("1.555", 10, 2), Err(RejectCode::NumberScale));
        assert_eq!(fit("1000", 5, 2), Err(RejectCode::NumberPrecision));
        assert_eq!(fit("0.0012", 2, 4), Ok(Decimal::Small(12, 4)));
        assert_eq!(fit("0.0123", 2, 4), Err(RejectCode::NumberPrecision));
        assert_eq!(fit("12300", 3, -2), Ok(Decimal::Small(12300, 0)));
        assert_eq!(fit("12350", 3, -2), Err(RejectCode::NumberScale));
        assert_eq!(fit("0", 3, -2), Ok(Decimal::Small(0, 0)));
    }

    #[test]
    fn varints_are_as_short_as_javas() {
        for v in [
            0i128,
            1,
            -1,
            127,
            128,
            -128,
            -129,
            255,
            256,
            i128::MAX,
            i128::MIN,
        ] {
            let mut out = Vec::new();
            push_varint(&mut out, v);
            assert_eq!(out, BigInt::from(v).to_signed_bytes_be(), "{v}");
        }
    }

    proptest! {
        #[test]
        fn equal_to_the_path_through_number(mantissa in any::<i128>(), scale in 0usize..40) {
            let mantissa = mantissa % POWERS[38];
            let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let text = format!("{}{whole}.{fraction}", if mantissa < 0 { "-" } else { "" });
            let direct = parse(text.as_bytes(), PLAIN).expect("a number");
            let number: Number = text.parse().expect("a number");
            prop_assert_eq!(direct.to_number(), Some(number.clone()));
            let through = shrink(&number.to_big());
            let (mut a, mut b) = (Vec::new(), Vec::new());
            push_decimal(&mut a, &direct.trimmed());
            push_decimal(&mut b, &through.trimmed());
            prop_assert_eq!(a, b);
        }
    }
}
