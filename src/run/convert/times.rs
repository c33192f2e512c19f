//! DATE, TIMESTAMP and INTERVAL from text. DATE and TIMESTAMP have no zone: their wall clock is taken as if it were
//! UTC, as Debezium does, so that load and stream agree; zoned ones become the instant.

use super::forms::TextForms;
use super::reject::{Refusal, RejectCode};
use crate::rel::DataType;
use crate::value::mask::Mask;
use crate::value::moment::{Moment, MomentError, ZoneText};

/// Reads the times of one column.
#[derive(Clone, Debug)]
pub struct TimeReader {
    mask: Option<Mask>,
    zone: ZoneRule,
    /// The fraction is a multiple of this many nanoseconds.
    grain: u32,
}

/// What a column's type says about zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ZoneRule {
    Without,
    Wanted,
    Session(i16),
}

impl TimeReader {
    /// The reader of a column; None where its type is no time.
    pub fn new(column: &str, ty: &DataType, forms: &TextForms) -> Option<TimeReader> {
        let (mask, zone, digits) = match ty {
            DataType::Date => (&forms.date, ZoneRule::Without, 0),
            DataType::Timestamp { precision } => (&forms.timestamp, ZoneRule::Without, *precision),
            DataType::TimestampTz { precision } => {
                (&forms.timestamp_tz, ZoneRule::Wanted, *precision)
            }
            DataType::TimestampLtz { precision } => (
                &forms.timestamp,
                ZoneRule::Session(forms.session_offset),
                *precision,
            ),
            DataType::Number { .. }
            | DataType::Float { .. }
            | DataType::BinaryFloat
            | DataType::BinaryDouble
            | DataType::Varchar { .. }
            | DataType::Char { .. }
            | DataType::IntervalYm
            | DataType::IntervalDs
            | DataType::Raw { .. }
            | DataType::Clob
            | DataType::Blob
            | DataType::Document
            | DataType::Boolean
            | DataType::Other { .. }
            | DataType::Unknown { .. } => return None,
        };
        Some(TimeReader {
            mask: forms.columns.get(column).or(mask.as_ref()).cloned(),
            zone,
            grain: 10u32.pow(9 - u32::from(digits.min(9))),
        })
    }

    /// The wall clock as written, with its zone; a region stays a region.
    pub fn wall(&self, text: &[u8]) -> Result<Moment, Refusal> {
        let read = match &self.mask {
            Some(mask) => mask.parse(text),
            None => Moment::parse_iso(text),
        };
        let mut m = read.map_err(refusal)?;
        match (self.zone, m.zone) {
            (ZoneRule::Without, ZoneText::None) | (ZoneRule::Wanted, ZoneText::Offset(_)) => {}
            (ZoneRule::Without, ZoneText::Offset(_) | ZoneText::Region(..)) => {
                return Err(Refusal::new(
                    RejectCode::DateForm,
                    "a time zone in a column that has none",
                ));
            }
            (ZoneRule::Wanted, ZoneText::None) => {
                return Err(Refusal::new(
                    RejectCode::DateForm,
                    "the time zone is missing",
                ));
            }
            (ZoneRule::Session(minutes), ZoneText::None) => m.zone = ZoneText::Offset(minutes),
            (ZoneRule::Session(_), ZoneText::Offset(_) | ZoneText::Region(..))
            | (ZoneRule::Wanted, ZoneText::Region(..)) => {}
        }
        if m.nano % self.grain != 0 {
            let text = "more fractional digits than the column's type has";
            return Err(Refusal::new(RejectCode::DateForm, text));
        }
        Ok(m)
    }

    /// The instant: regions are refused, since they need a table of zones.
    pub fn instant(&self, text: &[u8]) -> Result<Moment, Refusal> {
        let m = self.wall(text)?;
        match m.zone {
            ZoneText::None | ZoneText::Offset(_) => Ok(m),
            ZoneText::Region(..) => Err(Refusal::new(
                RejectCode::ZoneRegion,
                "a zone region: export the column with TZH:TZM or as SYS_EXTRACT_UTC",
            )),
        }
    }
}

fn refusal(error: MomentError) -> Refusal {
    let code = match error {
        MomentError::Form | MomentError::Trailing => RejectCode::DateForm,
        MomentError::Range | MomentError::Day | MomentError::Year | MomentError::JulianOnly => {
            RejectCode::DateValue
        }
    };
    Refusal::new(code, error.to_string())
}

/// Microseconds since 1970; the fraction below is refused.
pub fn micros(m: &Moment) -> Result<i64, Refusal> {
    if !m.nano.is_multiple_of(1000) {
        return Err(beyond("digits below a microsecond"));
    }
    let whole = m.epoch_second().checked_mul(1_000_000);
    whole
        .and_then(|w| w.checked_add(i64::from(m.nano / 1000)))
        .ok_or_else(|| beyond("beyond 64 bits of microseconds"))
}

/// Nanoseconds since 1970.
pub fn nanos(m: &Moment) -> Result<i64, Refusal> {
    let whole = i128::from(m.epoch_second()) * 1_000_000_000 + i128::from(m.nano);
    i64::try_from(whole).map_err(|_| beyond("beyond 64 bits of nanoseconds (1677 to 2262)"))
}

fn beyond(text: &str) -> Refusal {
    Refusal::new(RejectCode::DateValue, text)
}

fn no_interval() -> Refusal {
    Refusal::new(RejectCode::IntervalForm, "not an interval")
}

/// INTERVAL YEAR TO MONTH, `[+-]y-m`, as months.
pub fn months(text: &[u8]) -> Result<i32, Refusal> {
    let (negative, body) = sign(text);
    let mut parts = body.split(|b| *b == b'-');
    let (Some(years), Some(months), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(no_interval());
    };
    let (years, months) = (digits(years, 9)?, digits(months, 2)?);
    if months > 11 {
        return Err(no_interval());
    }
    let total = years * 12 + months;
    let total = if negative { -total } else { total };
    i32::try_from(total).map_err(|_| no_interval())
}

/// INTERVAL DAY TO SECOND, `[+-]d hh:mi:ss[.f]`, as days and nanoseconds of the same sign.
pub fn days_and_nanos(text: &[u8]) -> Result<(i32, i64), Refusal> {
    let (negative, body) = sign(text);
    let at = body
        .iter()
        .position(|b| *b == b' ')
        .ok_or_else(no_interval)?;
    let days = digits(&body[..at], 9)?;
    let mut parts = body[at + 1..].trim_ascii().split(|b| *b == b':');
    let (Some(h), Some(m), Some(s), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(no_interval());
    };
    let (whole, fraction) = match s.iter().position(|b| *b == b'.' || *b == b',') {
        Some(p) => (&s[..p], &s[p + 1..]),
        None => (s, &b""[..]),
    };
    let (h, m, whole) = (digits(h, 2)?, digits(m, 2)?, digits(whole, 2)?);
    if h > 23 || m > 59 || whole > 59 || fraction.len() > 9 {
        return Err(no_interval());
    }
    let nano = if fraction.is_empty() {
        0
    } else {
        digits(fraction, 9)? * 10i64.pow(9 - fraction.len() as u32)
    };
    let nanos = ((h * 60 + m) * 60 + whole) * 1_000_000_000 + nano;
    let days = i32::try_from(days).map_err(|_| no_interval())?;
    Ok(if negative {
        (-days, -nanos)
    } else {
        (days, nanos)
    })
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    let text = text.trim_ascii();
    match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn digits(text: &[u8], most: usize) -> Result<i64, Refusal> {
    let fine = !text.is_empty() && text.len() <= most && text.iter().all(u8::is_ascii_digit);
    if !fine {
        return Err(no_interval());
    }
    Ok(text.iter().fold(0, |v, b| v * 10 + i64::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read() {
        assert_eq!(months(b"+02-11"), Ok(35));
        assert_eq!(months(b"-00-01"), Ok(-1));
        assert!(months(b"+02-12").is_err());
        assert_eq!(
            days_and_nanos(b"+05 10:20:30.5"),
            Ok((5, 37_230_500_000_000))
        );
        assert_eq!(days_and_nanos(b"-00 00:00:00.000001"), Ok((0, -1000)));
        assert!(days_and_nanos(b"+05 24:00:00").is_err());
        assert!(days_and_nanos(b"5").is_err());
    }

    #[test]
    fn zones_belong_where_the_type_has_them() {
        let forms = TextForms {
            session_offset: 540,
            ..TextForms::default()
        };
        let read = |ty: DataType, text: &str| {
            let reader = TimeReader::new("C", &ty, &forms).expect("a time");
            reader
                .instant(text.as_bytes())
                .map(|m| m.epoch_milli())
                .map_err(|r| r.code)
        };
        let tz = || DataType::TimestampTz { precision: 6 };
        let ltz = || DataType::TimestampLtz { precision: 6 };
        assert_eq!(read(DataType::Date, "1970-01-01 00:00:00"), Ok(0));
        assert_eq!(
            read(DataType::Date, "1970-01-01 00:00:00 +01:00"),
            Err(RejectCode::DateForm)
        );
        assert_eq!(
            read(DataType::Date, "1970-01-01 00:00:00.5"),
            Err(RejectCode::DateForm)
        );
        assert_eq!(read(tz(), "1970-01-01 09:00:00 +09:00"), Ok(0));
        assert_eq!(read(tz(), "1970-01-01 09:00:00"), Err(RejectCode::DateForm));
        assert_eq!(
            read(tz(), "1970-01-01 09:00:00 Asia/Tokyo"),
            Err(RejectCode::ZoneRegion)
        );
        assert_eq!(read(ltz(), "1970-01-01 09:00:00"), Ok(0));
    }
}
