//! One cell from text to CQL bytes. Which pairs of types convert is decided here, once, before the first row; per row
//! there is nothing left to decide. No value is built where the text leads straight to the bytes.

use super::forms::TextForms;
use super::number::{self, BigOrSmall, Decimal, NumberForm};
use super::reject::{Refusal, RejectCode};
use super::times::{self, TimeReader};
use super::{ConvertError, binary};
use crate::plan::model::{BinaryText, CqlType};
use crate::rel::DataType;

/// A compiled conversion.
#[derive(Clone, Debug)]
pub enum Convert {
    /// Whole numbers of so many bytes.
    Whole {
        form: NumberForm,
        bound: Bound,
        bytes: usize,
    },
    /// varint.
    Varint { form: NumberForm, bound: Bound },
    /// decimal.
    Decimal { form: NumberForm, bound: Bound },
    /// A number as text.
    NumberText { form: NumberForm, bound: Bound },
    /// float.
    Float { form: NumberForm },
    /// double.
    Double { form: NumberForm },
    /// text.
    Text { trim: bool, most: Option<usize> },
    /// timestamp.
    Millis(TimeReader),
    /// bigint of microseconds.
    Micros(TimeReader),
    /// bigint of nanoseconds.
    Nanos(TimeReader),
    /// boolean.
    Boolean,
    /// blob.
    Blob(BinaryText),
    /// uuid.
    Uuid(BinaryText),
    /// duration from INTERVAL YEAR TO MONTH.
    DurationYm,
    /// duration from INTERVAL DAY TO SECOND.
    DurationDs,
    /// int of months.
    Months,
    /// bigint of nanoseconds.
    IntervalNanos,
}

/// Digits and places that a type allows; None: any.
pub type Bound = Option<(u8, i16)>;

impl Convert {
    /// The conversion of a column.
    pub fn new(
        column: &str,
        oracle: &DataType,
        cql: CqlType,
        forms: &TextForms,
    ) -> Result<Convert, ConvertError> {
        let found = match oracle {
            DataType::Number { precision, scale } => {
                let bound = precision.map(|p| (p, scale.unwrap_or(0)));
                of_number(bound, cql, forms.number)
            }
            DataType::Float { .. } => of_number(None, cql, forms.number),
            DataType::BinaryFloat | DataType::BinaryDouble => of_double(cql, forms.number),
            DataType::Varchar { .. }
            | DataType::Char { .. }
            | DataType::Clob
            | DataType::Document => of_text(oracle, cql),
            DataType::Date
            | DataType::Timestamp { .. }
            | DataType::TimestampTz { .. }
            | DataType::TimestampLtz { .. } => {
                TimeReader::new(column, oracle, forms).and_then(|r| of_time(r, oracle, cql))
            }
            DataType::IntervalYm => match cql {
                CqlType::Duration => Some(Convert::DurationYm),
                CqlType::Int => Some(Convert::Months),
                _ => None,
            },
            DataType::IntervalDs => match cql {
                CqlType::Duration => Some(Convert::DurationDs),
                CqlType::BigInt => Some(Convert::IntervalNanos),
                _ => None,
            },
            DataType::Raw { .. } | DataType::Blob => match cql {
                CqlType::Blob => Some(Convert::Blob(forms.binary)),
                CqlType::Uuid => Some(Convert::Uuid(forms.binary)),
                _ => None,
            },
            DataType::Boolean => (cql == CqlType::Boolean).then_some(Convert::Boolean),
            DataType::Other { .. } | DataType::Unknown { .. } => None,
        };
        found.ok_or_else(|| ConvertError::Types {
            column: column.into(),
            oracle: oracle.clone(),
            cql,
        })
    }

    /// Appends length and bytes. None: the text is NULL after all (a CHAR of blanks), and nothing was written.
    pub fn push(&self, text: &[u8], out: &mut Vec<u8>) -> Result<Option<()>, Refusal> {
        match self {
            Convert::Whole { form, bound, bytes } => {
                push_int(whole(text, *form, *bound)?, *bytes, out)?;
            }
            Convert::Varint { form, bound } => {
                number::push_whole(out, &whole(text, *form, *bound)?);
            }
            Convert::Decimal { form, bound } => {
                number::push_decimal(out, &decimal(text, *form, *bound)?);
            }
            Convert::NumberText { form, bound } => {
                let value = decimal(text, *form, *bound)?;
                number::with_length(out, |out| value.write_plain(out));
            }
            Convert::Float { form } => push_float(text, *form, out)?,
            Convert::Double { form } => push_double(text, *form, out)?,
            Convert::Text { trim, most } => return push_text(text, *trim, *most, out),
            Convert::Millis(reader) => push_i64(out, reader.instant(text)?.epoch_milli()),
            Convert::Micros(reader) => push_i64(out, times::micros(&reader.instant(text)?)?),
            Convert::Nanos(reader) => push_i64(out, times::nanos(&reader.instant(text)?)?),
            Convert::Boolean => number::push_value(out, &[u8::from(boolean(text)?)]),
            Convert::Blob(form) => push_blob(text, *form, out)?,
            Convert::Uuid(form) => push_uuid(text, *form, out)?,
            Convert::DurationYm => push_duration(out, times::months(text)?, 0, 0),
            Convert::DurationDs => {
                let (days, nanos) = times::days_and_nanos(text)?;
                push_duration(out, 0, days, nanos);
            }
            Convert::Months => number::push_value(out, &times::months(text)?.to_be_bytes()),
            Convert::IntervalNanos => {
                let (days, nanos) = times::days_and_nanos(text)?;
                let whole = i128::from(days) * 86_400_000_000_000 + i128::from(nanos);
                push_i64(out, i64::try_from(whole).map_err(|_| out_of_range())?);
            }
        }
        Ok(Some(()))
    }
}

fn of_number(bound: Bound, cql: CqlType, form: NumberForm) -> Option<Convert> {
    let whole = |bytes| Some(Convert::Whole { form, bound, bytes });
    match cql {
        CqlType::TinyInt => whole(1),
        CqlType::SmallInt => whole(2),
        CqlType::Int => whole(4),
        CqlType::BigInt => whole(8),
        CqlType::VarInt => Some(Convert::Varint { form, bound }),
        CqlType::Decimal => Some(Convert::Decimal { form, bound }),
        CqlType::Text => Some(Convert::NumberText { form, bound }),
        CqlType::Boolean => Some(Convert::Boolean),
        CqlType::Double => Some(Convert::Double { form }),
        CqlType::Float | CqlType::Timestamp | CqlType::Blob | CqlType::Uuid | CqlType::Duration => {
            None
        }
    }
}

fn of_double(cql: CqlType, form: NumberForm) -> Option<Convert> {
    match cql {
        CqlType::Float => Some(Convert::Float { form }),
        CqlType::Double => Some(Convert::Double { form }),
        _ => None,
    }
}

fn of_text(oracle: &DataType, cql: CqlType) -> Option<Convert> {
    let (trim, most) = match oracle {
        DataType::Char { length } => (true, Some(*length as usize)),
        DataType::Varchar { length } => (false, Some(*length as usize)),
        _ => (false, None),
    };
    match cql {
        CqlType::Text => Some(Convert::Text { trim, most }),
        CqlType::Boolean => Some(Convert::Boolean),
        _ => None,
    }
}

fn of_time(reader: TimeReader, oracle: &DataType, cql: CqlType) -> Option<Convert> {
    let fine = match oracle {
        DataType::Timestamp { precision }
        | DataType::TimestampTz { precision }
        | DataType::TimestampLtz { precision } => *precision > 6,
        _ => false,
    };
    match (cql, fine) {
        (CqlType::Timestamp, _) => Some(Convert::Millis(reader)),
        (CqlType::BigInt, false) => Some(Convert::Micros(reader)),
        (CqlType::BigInt, true) => Some(Convert::Nanos(reader)),
        _ => None,
    }
}

fn decimal(text: &[u8], form: NumberForm, bound: Bound) -> Result<Decimal, Refusal> {
    let value = number::parse(text, form)?;
    match bound {
        Some((precision, scale)) => value.fit(precision, scale),
        None => Ok(value.trimmed()),
    }
}

fn whole(text: &[u8], form: NumberForm, bound: Bound) -> Result<BigOrSmall, Refusal> {
    decimal(text, form, bound)?.whole()
}

fn out_of_range() -> Refusal {
    Refusal::new(RejectCode::NumberRange, "beyond the range of the CQL type")
}

/// Appends an integer of a fixed width.
pub(super) fn push_int(value: BigOrSmall, bytes: usize, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let BigOrSmall::Small(value) = value else {
        return Err(out_of_range());
    };
    let value = i64::try_from(value).map_err(|_| out_of_range())?;
    let bits = 8 * bytes as u32;
    let kept = value << (64 - bits) >> (64 - bits);
    if kept != value {
        return Err(out_of_range());
    }
    number::push_value(out, &value.to_be_bytes()[8 - bytes..]);
    Ok(())
}

pub(super) fn push_i64(out: &mut Vec<u8>, value: i64) {
    number::push_value(out, &value.to_be_bytes());
}

/// NaN and the infinities in the spellings that Oracle's tools use.
fn special(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().trim_start_matches('+') {
        "nan" => Some(f64::NAN),
        "inf" | "infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A text that Rust's parser of floats reads; Oracle has no negative zero and one NaN.
fn float_text(text: &[u8], form: NumberForm) -> Result<String, Refusal> {
    let refused = || Refusal::new(RejectCode::NumberForm, "not a number");
    let text = std::str::from_utf8(text).map_err(|_| refused())?.trim();
    let digits = |c: char| c.is_ascii_digit() || "+-eE.".contains(c) || c == form.decimal as char;
    if !text.chars().all(digits) {
        return Err(refused());
    }
    Ok(text.replace(form.decimal as char, "."))
}

/// Reads a BINARY_DOUBLE.
pub fn double(text: &[u8], form: NumberForm) -> Result<f64, Refusal> {
    if let Some(value) = std::str::from_utf8(text)
        .ok()
        .and_then(|t| special(t.trim()))
    {
        return Ok(value);
    }
    let plain = float_text(text, form)?;
    let value: f64 = plain
        .parse()
        .map_err(|_| Refusal::new(RejectCode::NumberForm, "not a number"))?;
    if value.is_infinite() {
        return Err(Refusal::new(
            RejectCode::NumberRange,
            "beyond a BINARY_DOUBLE",
        ));
    }
    Ok(value + 0.0)
}

/// Reads a BINARY_FLOAT; from the text, so that it is rounded once.
pub fn float(text: &[u8], form: NumberForm) -> Result<f32, Refusal> {
    if let Some(value) = std::str::from_utf8(text)
        .ok()
        .and_then(|t| special(t.trim()))
    {
        return Ok(value as f32);
    }
    let plain = float_text(text, form)?;
    let value: f32 = plain
        .parse()
        .map_err(|_| Refusal::new(RejectCode::NumberForm, "not a number"))?;
    if value.is_infinite() {
        return Err(Refusal::new(
            RejectCode::NumberRange,
            "beyond a BINARY_FLOAT",
        ));
    }
    Ok(value + 0.0)
}

fn push_double(text: &[u8], form: NumberForm, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let value = double(text, form)?;
    let bits = if value.is_nan() {
        f64::NAN.to_bits() & !(1 << 63)
    } else {
        value.to_bits()
    };
    number::push_value(out, &bits.to_be_bytes());
    Ok(())
}

fn push_float(text: &[u8], form: NumberForm, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let value = float(text, form)?;
    let bits = if value.is_nan() {
        f32::NAN.to_bits() & !(1 << 31)
    } else {
        value.to_bits()
    };
    number::push_value(out, &bits.to_be_bytes());
    Ok(())
}

/// CHAR is trimmed at the right; blanks alone are NULL then, since the empty text is never written.
fn push_text(
    text: &[u8],
    trim: bool,
    most: Option<usize>,
    out: &mut Vec<u8>,
) -> Result<Option<()>, Refusal> {
    let kept = if trim { trim_blanks(text) } else { text };
    if kept.is_empty() {
        return Ok(None);
    }
    if most.is_some_and(|most| kept.len() > most && characters(kept) > most) {
        let text = format!(
            "longer than the {} characters of its type",
            most.unwrap_or(0)
        );
        return Err(Refusal::new(RejectCode::TextLength, text));
    }
    number::push_value(out, kept);
    Ok(Some(()))
}

/// Without blanks at the right; other white space stays.
pub fn trim_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| *b != b' ').map_or(0, |p| p + 1);
    &text[..end]
}

fn characters(text: &[u8]) -> usize {
    text.iter().filter(|b| (**b & 0xc0) != 0x80).count()
}

/// Y and N, 1 and 0, TRUE and FALSE, T and F.
pub fn boolean(text: &[u8]) -> Result<bool, Refusal> {
    let text = text.trim_ascii();
    let is = |words: [&str; 4]| {
        words
            .iter()
            .any(|w| text.eq_ignore_ascii_case(w.as_bytes()))
    };
    if is(["Y", "1", "TRUE", "T"]) {
        Ok(true)
    } else if is(["N", "0", "FALSE", "F"]) {
        Ok(false)
    } else {
        Err(Refusal::new(
            RejectCode::BooleanForm,
            "neither true (Y, 1, TRUE, T) nor false (N, 0, FALSE, F)",
        ))
    }
}

fn push_blob(text: &[u8], form: BinaryText, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut done = Ok(());
    number::with_length(out, |out| done = binary::read(text, form, out));
    done
}

fn push_uuid(text: &[u8], form: BinaryText, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let start = out.len();
    let hyphens = form == BinaryText::Hex && text.len() == 36;
    if hyphens {
        let plain: Vec<u8> = text.iter().copied().filter(|b| *b != b'-').collect();
        push_blob(&plain, form, out)?;
    } else {
        push_blob(text, form, out)?;
    }
    let bytes = out.len() - start - 4;
    if bytes != 16 {
        let text = format!("{bytes} bytes, and a uuid has 16");
        return Err(Refusal::new(RejectCode::UuidLength, text));
    }
    Ok(())
}

/// A duration: three signed vints.
pub fn push_duration(out: &mut Vec<u8>, months: i32, days: i32, nanos: i64) {
    number::with_length(out, |out| {
        for part in [i64::from(months), i64::from(days), nanos] {
            push_vint(out, ((part << 1) ^ (part >> 63)) as u64);
        }
    });
}

/// Cassandra's unsigned vint: the number of further bytes as leading ones of the first.
fn push_vint(out: &mut Vec<u8>, value: u64) {
    let magnitude = 64 - (value | 1).leading_zeros() as usize;
    let extra = (magnitude - 1) / 7;
    if extra >= 8 {
        out.push(0xff);
        out.extend_from_slice(&value.to_be_bytes());
        return;
    }
    let bytes = value.to_be_bytes();
    let first = out.len();
    out.extend_from_slice(&bytes[7 - extra..]);
    out[first] |= !(0xffu8 >> extra);
}
