//! Column values and how Debezium writes them (`decimal.handling.mode=string`, adaptive
//! time precision, no schemas).

use bigdecimal::BigDecimal;
use chrono::NaiveDateTime;
use std::collections::BTreeMap;
use std::str::FromStr;

/// A column's type, as far as it decides the JSON form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// NUMBER: a JSON string.
    Number,
    /// Character types.
    Text,
    /// CHAR: change events carry its blanks, results do not.
    Char,
    /// DATE: milliseconds, as if the wall clock were UTC.
    Date,
    /// TIMESTAMP with so many digits: milli-, micro- or nanoseconds.
    Timestamp(u8),
}

/// A column's value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// NULL, which the empty string is too.
    Null,
    /// NUMBER.
    Number(BigDecimal),
    /// Text, never empty.
    Text(String),
    /// DATE or TIMESTAMP.
    Time(NaiveDateTime),
}

/// Values by column name.
pub type Row = BTreeMap<String, Value>;

/// A row of literals.
pub fn row(columns: &[(&str, Value)]) -> Row {
    columns
        .iter()
        .map(|(n, v)| ((*n).to_owned(), v.clone()))
        .collect()
}

/// A number; the tests' own literals are numbers.
pub fn number(digits: &str) -> Value {
    BigDecimal::from_str(digits).map_or(Value::Null, Value::Number)
}

/// A text; the empty one is NULL.
pub fn text(value: &str) -> Value {
    if value.is_empty() {
        Value::Null
    } else {
        Value::Text(value.to_owned())
    }
}

/// `yyyy-mm-dd hh:mm:ss`, with or without fraction.
pub fn date(value: &str) -> Value {
    NaiveDateTime::parse_from_str(value, "%Y-%m-%d %H:%M:%S%.f").map_or(Value::Null, Value::Time)
}

impl Value {
    /// The number, when it is one.
    pub fn as_number(&self) -> Option<&BigDecimal> {
        if let Self::Number(n) = self {
            Some(n)
        } else {
            None
        }
    }

    /// The date or time stamp, when it is one.
    pub fn as_time(&self) -> Option<NaiveDateTime> {
        if let Self::Time(t) = self {
            Some(*t)
        } else {
            None
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(t) = self {
            Some(t)
        } else {
            None
        }
    }

    /// The form in which Debezium writes a column of `kind`.
    pub fn to_debezium(&self, kind: Kind) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Number(n) => n.to_plain_string().into(),
            Self::Text(t) => t.as_str().into(),
            Self::Time(t) => {
                let utc = t.and_utc();
                match kind {
                    Kind::Timestamp(7..) => utc.timestamp_nanos_opt().into(),
                    Kind::Timestamp(4..=6) => utc.timestamp_micros().into(),
                    Kind::Timestamp(0..=3)
                    | Kind::Date
                    | Kind::Number
                    | Kind::Text
                    | Kind::Char => utc.timestamp_millis().into(),
                }
            }
        }
    }
}
