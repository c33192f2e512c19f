//! From a JSON member to the text of a cell, as the conversions of loads read it: so a change that comes through a
//! topic and a row that a load carries end up as the same bytes. Knows types, not tables.

use super::json::{Json, JsonError};
use crate::plan::model::{CqlType, SinkFormat};
use crate::rel::DataType;
use crate::run::convert::{Refusal, RejectCode};
use crate::value::moment::Moment;

/// What Debezium writes for a large value that a change did not touch.
pub const UNAVAILABLE: &str = "__debezium_unavailable_value";

/// The same where bytes travel as base64.
const UNAVAILABLE_BYTES: &str = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";

/// Microseconds of a month in Debezium's intervals: a twelfth of 365.25 days.
const MONTH: i64 = 2_629_800_000_000;

/// How members of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// NUMBER, FLOAT.
    Number,
    /// BINARY_FLOAT, BINARY_DOUBLE.
    Binary,
    /// Texts.
    Text,
    /// JSON and XML: a text, or JSON itself.
    Document,
    /// DATE and TIMESTAMP: so many units a second, where they come as numbers.
    Time(i64),
    /// TIMESTAMP WITH TIME ZONE.
    Zoned,
    /// RAW, BLOB.
    Bytes,
    /// A boolean, or what stands for one.
    Boolean,
    /// INTERVAL YEAR TO MONTH.
    Months,
    /// INTERVAL DAY TO SECOND.
    DaySecond,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// The object has no such member.
    #[default]
    Missing,
    /// null.
    Null,
    /// A value that the change did not touch and does not carry.
    Unavailable,
    /// Text, from .. to.
    Text(usize, usize),
}

impl Form {
    /// The form of a column. Types that do not convert are refused elsewhere.
    pub fn of(oracle: &DataType, cql: CqlType) -> Form {
        if cql == CqlType::Boolean {
            return Form::Boolean;
        }
        match oracle {
            DataType::Number { .. } | DataType::Float { .. } => Form::Number,
            DataType::BinaryFloat | DataType::BinaryDouble => Form::Binary,
            DataType::Date => Form::Time(1_000),
            DataType::Timestamp { precision: 0..=3 } => Form::Time(1_000),
            DataType::Timestamp { precision: 4..=6 } => Form::Time(1_000_000),
            DataType::Timestamp { precision: 7.. } => Form::Time(1_000_000_000),
            DataType::TimestampTz { .. } | DataType::TimestampLtz { .. } => Form::Zoned,
            DataType::IntervalYm => Form::Months,
            DataType::IntervalDs => Form::DaySecond,
            DataType::Raw { .. } | DataType::Blob => Form::Bytes,
            DataType::Boolean => Form::Boolean,
            DataType::Document => Form::Document,
            DataType::Varchar { .. }
            | DataType::Char { .. }
            | DataType::Clob
            | DataType::Other { .. }
            | DataType::Unknown { .. } => Form::Text,
        }
    }

    /// Appends the text of a member.
    pub fn read(
        self,
        value: Json<'_>,
        format: SinkFormat,
        out: &mut Vec<u8>,
    ) -> Result<Found, Refusal> {
        let start = out.len();
        let debezium = format == SinkFormat::Debezium;
        match (self, value) {
            (_, Json::Null) => return Ok(Found::Null),
            (Form::Text | Form::Document, Json::Text(t)) if debezium && t.is(UNAVAILABLE) => {
                return Ok(Found::Unavailable);
            }
            (Form::Bytes, Json::Text(t))
                if debezium && (t.is(UNAVAILABLE_BYTES) || t.is(UNAVAILABLE)) =>
            {
                return Ok(Found::Unavailable);
            }
            (_, Json::Text(t)) => out.extend_from_slice(t.text().map_err(refused)?.as_bytes()),
            (Form::Number | Form::Binary | Form::Boolean, Json::Number(n)) => {
                out.extend_from_slice(n.as_bytes());
            }
            (Form::Boolean, Json::Bool(b)) => out.push(if b { b'1' } else { b'0' }),
            (Form::Document, Json::Object(t) | Json::List(t)) => {
                out.extend_from_slice(t.as_bytes());
            }
            (Form::Time(units), Json::Number(n)) if debezium => {
                write_moment(whole(n)?, units, out)?;
            }
            (Form::Months, Json::Number(n)) if debezium => write_months(whole(n)?, out)?,
            (Form::DaySecond, Json::Number(n)) if debezium => write_day_second(whole(n)?, out),
            (form, other) => return Err(form.wrong(other)),
        }
        Ok(Found::Text(start, out.len()))
    }

    fn wrong(self, value: Json<'_>) -> Refusal {
        let wanted = match self {
            Form::Number | Form::Binary => "a number or the text of one",
            Form::Text | Form::Document => "a text",
            Form::Time(_) | Form::Zoned => "a time",
            Form::Bytes => "base64",
            Form::Boolean => "a boolean",
            Form::Months | Form::DaySecond => "an interval",
        };
        let code = match self {
            Form::Number | Form::Binary => RejectCode::NumberForm,
            Form::Time(_) | Form::Zoned => RejectCode::DateForm,
            Form::Bytes => RejectCode::BinaryForm,
            Form::Boolean => RejectCode::BooleanForm,
            Form::Months | Form::DaySecond => RejectCode::IntervalForm,
            Form::Text | Form::Document => RejectCode::Expression,
        };
        let advice = match (self, value) {
            (Form::Number, Json::Object(_)) => " (set decimal.handling.mode=string)",
            _ => "",
        };
        let found = value.kind();
        Refusal::new(
            code,
            format!("wrong type: {found} where {wanted} is wanted{advice}"),
        )
    }
}

fn refused(error: JsonError) -> Refusal {
    Refusal::new(RejectCode::Encoding, error.to_string())
}

fn whole(number: &str) -> Result<i64, Refusal> {
    let text = "a whole number of time units is wanted";
    number
        .parse()
        .map_err(|_| Refusal::new(RejectCode::DateForm, text))
}

/// A point in time as ISO text, without a zone.
fn write_moment(value: i64, units: i64, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let nano = value.rem_euclid(units) * (1_000_000_000 / units);
    let m = Moment::of_epoch(value.div_euclid(units), nano as u32);
    if !(-4711..=9999).contains(&m.year) {
        let text = "a year beyond -4712 to 9999: are the units of time those of the type?";
        return Err(Refusal::new(RejectCode::DateValue, text));
    }
    // Astronomical year 0 is 1 BC.
    let (sign, year) = if m.year <= 0 {
        ("-", 1 - m.year)
    } else {
        ("", m.year)
    };
    let text = format!(
        "{sign}{year:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        m.month, m.day, m.hour, m.minute, m.second
    );
    out.extend_from_slice(text.as_bytes());
    if m.nano > 0 {
        out.extend_from_slice(format!(".{:09}", m.nano).as_bytes());
    }
    Ok(())
}

fn write_months(micros: i64, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if micros % MONTH != 0 {
        let text = "not a whole number of months";
        return Err(Refusal::new(RejectCode::IntervalForm, text));
    }
    let months = (micros / MONTH).unsigned_abs();
    let sign = if micros < 0 { '-' } else { '+' };
    out.extend_from_slice(format!("{sign}{}-{}", months / 12, months % 12).as_bytes());
    Ok(())
}

fn write_day_second(micros: i64, out: &mut Vec<u8>) {
    let sign = if micros < 0 { '-' } else { '+' };
    let all = micros.unsigned_abs();
    let (seconds, fraction) = (all / 1_000_000, all % 1_000_000);
    let text = format!(
        "{sign}{} {:02}:{:02}:{:02}.{fraction:06}",
        seconds / 86_400,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60
    );
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::json::read;
    use super::*;

    fn cell(oracle: &DataType, source: &str) -> Result<String, RejectCode> {
        let mut out = Vec::new();
        let value = read(source).expect("JSON");
        let form = Form::of(oracle, CqlType::Text);
        match form.read(value, SinkFormat::Debezium, &mut out) {
            Ok(Found::Text(from, to)) => {
                Ok(String::from_utf8(out[from..to].to_vec()).expect("text"))
            }
            Ok(other) => Ok(format!("{other:?}")),
            Err(refusal) => Err(refusal.code),
        }
    }

    #[test]
    fn debeziums_times_become_texts_of_the_same_moment() {
        let date = |text| cell(&DataType::Date, text);
        assert_eq!(date("0").as_deref(), Ok("1970-01-01 00:00:00"));
        assert_eq!(date("-1000").as_deref(), Ok("1969-12-31 23:59:59"));
        assert_eq!(
            date("-62135683200000").as_deref(),
            Ok("-0001-12-31 00:00:00")
        );
        assert_eq!(date("\"2024-02-29\"").as_deref(), Ok("2024-02-29"));
        assert_eq!(date("1.5"), Err(RejectCode::DateForm));
        assert_eq!(date("9223372036854775807"), Err(RejectCode::DateValue));
        let ts = |precision, text| cell(&DataType::Timestamp { precision }, text);
        assert_eq!(ts(6, "-1").as_deref(), Ok("1969-12-31 23:59:59.999999000"));
        assert_eq!(
            ts(9, "1709251199123456789").as_deref(),
            Ok("2024-02-29 23:59:59.123456789")
        );
    }

    #[test]
    fn numbers_are_never_floats_and_structs_are_refused_with_advice() {
        let n38 = "12345678901234567890123456789012345678";
        let number = DataType::number();
        assert_eq!(cell(&number, n38).as_deref(), Ok(n38));
        assert_eq!(cell(&number, &format!("\"{n38}\"")).as_deref(), Ok(n38));
        assert_eq!(cell(&number, "true"), Err(RejectCode::NumberForm));
        let value = read("{\"scale\":1,\"value\":\"AA==\"}").expect("JSON");
        let refusal = Form::Number.read(value, SinkFormat::Debezium, &mut Vec::new());
        assert!(
            refusal
                .expect_err("a struct")
                .text
                .contains("decimal.handling.mode")
        );
    }

    #[test]
    fn the_marker_of_untouched_values_is_no_value() {
        let marker = format!("\"{UNAVAILABLE}\"");
        assert_eq!(cell(&DataType::Clob, &marker).as_deref(), Ok("Unavailable"));
        let bytes = format!("\"{UNAVAILABLE_BYTES}\"");
        assert_eq!(cell(&DataType::Blob, &bytes).as_deref(), Ok("Unavailable"));
        let form = Form::of(&DataType::Clob, CqlType::Text);
        let plain = form.read(
            read(&marker).expect("JSON"),
            SinkFormat::Upsert,
            &mut Vec::new(),
        );
        assert!(
            matches!(plain, Ok(Found::Text(..))),
            "a result may hold any text"
        );
    }

    #[test]
    fn intervals_and_wrong_types() {
        let ym = |text| cell(&DataType::IntervalYm, text);
        assert_eq!(ym("31557600000000").as_deref(), Ok("+1-0"));
        assert_eq!(ym("-2629800000000").as_deref(), Ok("-0-1"));
        assert_eq!(ym("5"), Err(RejectCode::IntervalForm));
        let ds = cell(&DataType::IntervalDs, "-90061000001");
        assert_eq!(ds.as_deref(), Ok("-1 01:01:01.000001"));
        assert!(cell(&DataType::Clob, "5").is_err());
        assert!(cell(&DataType::Blob, "{}").is_err());
    }
}
