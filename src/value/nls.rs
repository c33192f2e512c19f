//! Session settings that decide conversions, and Oracle's implicit conversions between kinds of values.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use super::func::Fault;
use super::mask::{Mask, MaskError};
use super::moment::{Moment, ZoneText};
use super::{Number, Value};

/// NLS settings of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nls {
    /// NLS_DATE_FORMAT.
    pub date_format: String,
    /// NLS_TIMESTAMP_FORMAT.
    pub timestamp_format: String,
}

impl Default for Nls {
    /// Oracle's own defaults (territory America).
    fn default() -> Self {
        Nls {
            date_format: "DD-MON-RR".into(),
            timestamp_format: "DD-MON-RR HH.MI.SSXFF AM".into(),
        }
    }
}

/// A date as the masks know it.
pub fn to_moment(d: NaiveDateTime) -> Moment {
    Moment {
        year: d.year(),
        month: d.month() as u8,
        day: d.day() as u8,
        hour: d.hour() as u8,
        minute: d.minute() as u8,
        second: d.second() as u8,
        nano: d.nanosecond(),
        zone: ZoneText::None,
    }
}

/// A moment without a zone as a date; None beyond the calendar or with a zone.
pub fn from_moment(m: &Moment) -> Option<NaiveDateTime> {
    if m.zone != ZoneText::None {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(m.year, u32::from(m.month), u32::from(m.day))?;
    day.and_hms_nano_opt(
        u32::from(m.hour),
        u32::from(m.minute),
        u32::from(m.second),
        m.nano,
    )
}

fn mask_fault(e: &MaskError) -> Fault {
    match e {
        MaskError::Unknown(_) => Fault::ora(1821, "date format not recognized"),
        MaskError::OutputOnly(_) => {
            Fault::ora(1820, "format code cannot appear in date input format")
        }
        MaskError::Incomplete(_) => Fault::unsupported(e.to_string()),
    }
}

/// TO_CHAR of a date with a mask.
pub fn date_text(d: NaiveDateTime, mask: &str) -> Result<String, Fault> {
    let mask = Mask::compile(mask).map_err(|e| mask_fault(&e))?;
    Ok(mask.format(&to_moment(d)))
}

/// TO_DATE and TO_TIMESTAMP of a text with a mask.
pub fn text_date(text: &str, mask: &str) -> Result<NaiveDateTime, Fault> {
    let compiled = Mask::for_reading(mask).map_err(|e| mask_fault(&e))?;
    let moment = compiled
        .parse(text.as_bytes())
        .map_err(|e| date_fault(&e, text))?;
    from_moment(&moment)
        .ok_or_else(|| Fault::unsupported("a date before year 1 or with a time zone".to_string()))
}

fn date_fault(e: &super::moment::MomentError, text: &str) -> Fault {
    use super::moment::MomentError as E;
    let blank = text.trim().is_empty();
    match e {
        E::Form if blank => Fault::ora(1840, "input value not long enough for date format"),
        E::Form => Fault::ora(1861, "literal does not match format string"),
        E::Range => Fault::ora(1843, "not a valid month"),
        E::Day | E::JulianOnly => Fault::ora(1839, "date not valid for month specified"),
        E::Year => Fault::ora(
            1841,
            "(full) year must be between -4713 and +9999, and not be 0",
        ),
        E::Trailing => Fault::ora(
            1830,
            "date format picture ends before converting entire input string",
        ),
    }
}

impl Value {
    /// As a NUMBER: texts are read; None is NULL.
    pub fn number(&self) -> Result<Option<Number>, Fault> {
        match self {
            Value::Null => Ok(None),
            Value::Number(n) => Ok(Some(n.clone())),
            Value::Text(t) => Number::from_str(t)
                .map(Some)
                .map_err(|_| Fault::ora(1722, "invalid number")),
            Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
                Err(wrong_kind("NUMBER", self))
            }
        }
    }

    /// As a text, by the session's settings; None is NULL.
    pub fn to_text(&self, nls: &Nls) -> Result<Option<String>, Fault> {
        Ok(Some(match self {
            Value::Null => return Ok(None),
            Value::Text(t) => t.clone(),
            Value::Number(n) => n.to_oracle_text(),
            Value::Date(d) => date_text(*d, &nls.date_format)?,
            Value::Timestamp(d) => date_text(*d, &nls.timestamp_format)?,
            Value::Bytes(b) => hex(b),
        }))
    }

    /// As a DATE or TIMESTAMP; None is NULL.
    pub fn date(&self, nls: &Nls) -> Result<Option<NaiveDateTime>, Fault> {
        match self {
            Value::Null => Ok(None),
            Value::Date(d) | Value::Timestamp(d) => Ok(Some(*d)),
            Value::Text(t) => text_date(t, &nls.date_format).map(Some),
            Value::Number(_) | Value::Bytes(_) => Err(wrong_kind("DATE", self)),
        }
    }

    /// The name of the kind, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Number(_) => "NUMBER",
            Value::Text(_) => "VARCHAR2",
            Value::Date(_) => "DATE",
            Value::Timestamp(_) => "TIMESTAMP",
            Value::Bytes(_) => "RAW",
        }
    }

    /// `=` and `<` with implicit conversion: a text beside a number becomes a number, beside a date a date.
    pub fn compare_converted(
        &self,
        other: &Value,
        padded: bool,
        nls: &Nls,
    ) -> Result<Option<std::cmp::Ordering>, Fault> {
        use Value::{Bytes, Date, Null, Number, Text, Timestamp};
        Ok(match (self, other) {
            (Null, _) | (_, Null) => None,
            (Text(_), Text(_)) if padded => self.compare_padded(other),
            (Number(_), Text(_)) | (Text(_), Number(_)) => {
                self.number()?.partial_cmp(&other.number()?)
            }
            (Date(_) | Timestamp(_), Text(_)) | (Text(_), Date(_) | Timestamp(_)) => {
                self.date(nls)?.partial_cmp(&other.date(nls)?)
            }
            (Number(_), Number(_))
            | (Text(_), Text(_))
            | (Bytes(_), Bytes(_))
            | (Date(_) | Timestamp(_), Date(_) | Timestamp(_)) => self.compare(other),
            (Number(_) | Text(_) | Date(_) | Timestamp(_) | Bytes(_), _) => {
                return Err(wrong_kind(self.kind(), other));
            }
        })
    }
}

fn wrong_kind(wanted: &str, found: &Value) -> Fault {
    let message = format!(
        "inconsistent datatypes: expected {wanted} got {}",
        found.kind()
    );
    Fault::ora(932, message)
}

/// Upper-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}
