//! The path through `value::Value`: results of expressions, and the yardstick that the direct conversions are tested
//! against.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::cell;
use super::forms::TextForms;
use super::number;
use super::reject::{Refusal, RejectCode};
use super::times::{self, TimeReader};
use crate::plan::model::{BinaryText, CqlType};
use crate::rel::DataType;
use crate::value::moment::{Moment, ZoneText};
use crate::value::{Number, Value};

/// Reads a cell as a value of its Oracle type.
pub fn read(column: &str, ty: &DataType, forms: &TextForms, text: &[u8]) -> Result<Value, Refusal> {
    if let Some(reader) = TimeReader::new(column, ty, forms) {
        let m = reader.instant(text)?;
        return Ok(match ty {
            DataType::Date => Value::Date(naive(&m)?),
            _ => Value::Timestamp(naive(&m)?),
        });
    }
    let as_text = |t: &[u8]| {
        let t = std::str::from_utf8(t);
        t.map(Value::text)
            .map_err(|_| Refusal::new(RejectCode::Encoding, "not UTF-8"))
    };
    match ty {
        DataType::Number { .. } | DataType::Float { .. } => {
            let decimal = number::parse(text, forms.number)?;
            let number = decimal.to_number();
            number
                .map(Value::Number)
                .ok_or_else(|| Refusal::new(RejectCode::NumberRange, "beyond what a NUMBER holds"))
        }
        DataType::Raw { .. } | DataType::Blob => {
            let mut bytes = Vec::new();
            super::binary::read(text, forms.binary, &mut bytes)?;
            Ok(Value::Bytes(bytes))
        }
        DataType::Boolean => Ok(Value::Number(Number::from(i64::from(cell::boolean(text)?)))),
        // CHAR keeps its blanks in expressions, as in Oracle.
        DataType::Varchar { .. } | DataType::Char { .. } | DataType::Clob | DataType::Document => {
            as_text(text)
        }
        _ => as_text(text),
    }
}

/// A moment as the calendar type of `Value`.
pub fn naive(m: &Moment) -> Result<NaiveDateTime, Refusal> {
    let at = chrono::DateTime::from_timestamp(m.epoch_second(), m.nano);
    at.map(|t| t.naive_utc())
        .ok_or_else(|| Refusal::new(RejectCode::DateValue, "beyond the calendar"))
}

/// Back again.
pub fn moment(t: &NaiveDateTime) -> Moment {
    Moment {
        year: t.year(),
        month: t.month() as u8,
        day: t.day() as u8,
        hour: t.hour() as u8,
        minute: t.minute() as u8,
        second: t.second() as u8,
        nano: t.nanosecond(),
        zone: ZoneText::None,
    }
}

fn unfit(value: &Value, cql: CqlType) -> Refusal {
    let kind = match value {
        Value::Null => "NULL",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::Date(_) | Value::Timestamp(_) => "a time",
        Value::Bytes(_) => "bytes",
    };
    Refusal::new(
        RejectCode::Expression,
        format!("{kind} does not fit a {cql:?}"),
    )
}

/// Appends a value that is not NULL as a CQL type.
pub fn push_typed(value: &Value, cql: CqlType, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match value {
        Value::Number(n) => push_number(n, cql, out).unwrap_or_else(|| Err(unfit(value, cql))),
        Value::Text(t) => push_text(t, cql, out).unwrap_or_else(|| Err(unfit(value, cql))),
        Value::Date(t) | Value::Timestamp(t) => match cql {
            CqlType::Timestamp => {
                cell::push_i64(out, moment(t).epoch_milli());
                Ok(())
            }
            CqlType::BigInt => {
                cell::push_i64(out, times::micros(&moment(t))?);
                Ok(())
            }
            _ => Err(unfit(value, cql)),
        },
        Value::Bytes(b) => match cql {
            CqlType::Blob => {
                number::push_value(out, b);
                Ok(())
            }
            CqlType::Uuid if b.len() == 16 => {
                number::push_value(out, b);
                Ok(())
            }
            _ => Err(unfit(value, cql)),
        },
        Value::Null => Err(unfit(value, cql)),
    }
}

fn push_number(n: &Number, cql: CqlType, out: &mut Vec<u8>) -> Option<Result<(), Refusal>> {
    let decimal = number::shrink(&n.to_big()).trimmed();
    let bytes = match cql {
        CqlType::TinyInt => 1,
        CqlType::SmallInt => 2,
        CqlType::Int => 4,
        CqlType::BigInt => 8,
        CqlType::VarInt => {
            return Some(decimal.whole().map(|w| number::push_whole(out, &w)));
        }
        CqlType::Decimal => {
            number::push_decimal(out, &decimal);
            return Some(Ok(()));
        }
        CqlType::Text => {
            number::push_value(out, n.to_oracle_text().as_bytes());
            return Some(Ok(()));
        }
        CqlType::Boolean => {
            let truth = n.to_i64().filter(|v| matches!(v, 0 | 1))?;
            number::push_value(out, &[truth as u8]);
            return Some(Ok(()));
        }
        CqlType::Double => {
            let value: f64 = n.to_string().parse().ok()?;
            number::push_value(out, &value.to_bits().to_be_bytes());
            return Some(Ok(()));
        }
        CqlType::Float | CqlType::Timestamp | CqlType::Blob | CqlType::Uuid | CqlType::Duration => {
            return None;
        }
    };
    Some(decimal.whole().and_then(|w| cell::push_int(w, bytes, out)))
}

fn push_text(t: &str, cql: CqlType, out: &mut Vec<u8>) -> Option<Result<(), Refusal>> {
    match cql {
        CqlType::Text => {
            number::push_value(out, t.as_bytes());
            Some(Ok(()))
        }
        CqlType::Boolean => {
            Some(cell::boolean(t.as_bytes()).map(|b| number::push_value(out, &[u8::from(b)])))
        }
        CqlType::Blob => {
            let mut bytes = Vec::new();
            let read = super::binary::read(t.as_bytes(), BinaryText::Hex, &mut bytes);
            Some(read.map(|()| number::push_value(out, &bytes)))
        }
        _ => None,
    }
}
