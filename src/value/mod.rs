//! Oracle's values and their arithmetic, once for proofs, constant folding and loads. Sees nothing of the project.

pub mod func;
pub mod function;
pub mod mask;
pub mod moment;
mod nls;
mod number;
mod round;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use chrono::{NaiveDateTime, TimeDelta};

pub use nls::{Nls, date_text, from_moment, text_date, to_moment};
pub use number::{Number, NumberError};

/// One value of a column or expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// NULL, also the empty string.
    Null,
    /// NUMBER.
    Number(Number),
    /// VARCHAR2 and CHAR, never empty.
    Text(String),
    /// DATE: to the second, without a zone.
    Date(NaiveDateTime),
    /// TIMESTAMP, without a zone.
    Timestamp(NaiveDateTime),
    /// RAW.
    Bytes(Vec<u8>),
}

impl Value {
    /// A text; the empty one is NULL.
    pub fn text(text: impl Into<String>) -> Value {
        let text = text.into();
        if text.is_empty() {
            Value::Null
        } else {
            Value::Text(text)
        }
    }

    /// True for NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Comparison as `=` and `<` see it: None if either side is NULL or the kinds do not compare.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        use Value::{Bytes, Date, Null, Number, Text, Timestamp};
        match (self, other) {
            (Number(a), Number(b)) => Some(a.cmp(b)),
            (Text(a), Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Date(a) | Timestamp(a), Date(b) | Timestamp(b)) => Some(a.cmp(b)),
            (Bytes(a), Bytes(b)) => Some(a.cmp(b)),
            (Null | Number(_) | Text(_) | Date(_) | Timestamp(_) | Bytes(_), _) => None,
        }
    }

    /// Comparison of CHAR values: the shorter one is padded with blanks.
    pub fn compare_padded(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => {
                let (a, b) = (a.trim_end_matches(' '), b.trim_end_matches(' '));
                Some(a.as_bytes().cmp(b.as_bytes()))
            }
            (
                Value::Null
                | Value::Number(_)
                | Value::Text(_)
                | Value::Date(_)
                | Value::Timestamp(_)
                | Value::Bytes(_),
                _,
            ) => self.compare(other),
        }
    }
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// DATE plus a number of days, to the nearest second, as Oracle does it. None beyond the calendar.
pub fn add_days(date: NaiveDateTime, days: &Number) -> Option<NaiveDateTime> {
    let seconds = days.mul(&Number::from(DAY)).ok()?.round(0).to_i64()?;
    date.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

/// Days between two DATEs, with the fraction.
pub fn days_between(later: NaiveDateTime, earlier: NaiveDateTime) -> Number {
    let seconds = Number::from((later - earlier).num_seconds());
    // A day is not zero: the division cannot fail.
    seconds.div(&Number::from(DAY)).unwrap_or_default()
}
