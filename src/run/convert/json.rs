//! Rows as the JSON that Debezium's Oracle connector writes with `decimal.handling.mode=string` and
//! `time.precision.mode=adaptive`, without schemas: whole numbers of up to 18 digits as JSON numbers, other NUMBERs as
//! text, DATE and TIMESTAMP as counts of their own precision, zoned ones as ISO text, RAW as base64. The bytes of a key
//! are those of Kafka's JsonConverter, so that a row of the load and a later change of it share a partition.

use super::ConvertError;
use super::cell;
use super::encoder::nearest;
use super::forms::TextForms;
use super::number::{self, Decimal, NumberForm};
use super::reject::{Refusal, Reject, RejectCode};
use super::times::{self, TimeReader};
use super::{binary, forms};
use crate::plan::model::{BinaryText, TopicColumn};
use crate::rel::DataType;
use crate::run::row::RowBatch;
use crate::run::source::SourceColumn;
use crate::value::moment::{Moment, ZoneText};

/// Rows of a topic.
#[derive(Clone, Debug)]
pub struct JsonEncoder {
    members: Vec<Member>,
    key: Vec<usize>,
    max_cell: usize,
}

#[derive(Clone, Debug)]
struct Member {
    column: String,
    /// `"NAME":`, escaped once.
    name: Vec<u8>,
    index: usize,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Whole(NumberForm, cell::Bound),
    Decimal(NumberForm, cell::Bound),
    Float(NumberForm),
    Double(NumberForm),
    Text(Option<usize>),
    Millis(TimeReader),
    Micros(TimeReader),
    Nanos(TimeReader),
    Zoned(TimeReader),
    Months,
    DaySecond,
    Bytes(BinaryText),
    Boolean,
}

/// What an envelope says of its origin.
#[derive(Clone, Debug)]
pub struct EnvelopeSource {
    /// `topic.prefix`.
    pub name: String,
    /// Database.
    pub db: String,
    /// Owner.
    pub schema: String,
    /// Table.
    pub table: String,
    /// As of.
    pub scn: Option<u64>,
    /// When that was, milliseconds.
    pub millis: i64,
}

impl JsonEncoder {
    /// Compiles the rows of a topic; the key's members come in the order of the columns, as Debezium has them.
    pub fn new(
        source: &[SourceColumn],
        columns: &[TopicColumn],
        key: &[String],
        text: &TextForms,
    ) -> Result<JsonEncoder, ConvertError> {
        let missing = |name: &str| ConvertError::NotInSource {
            column: name.into(),
            nearest: nearest(name, source),
        };
        for name in key {
            if !columns.iter().any(|c| c.name == *name) {
                return Err(missing(name));
            }
        }
        let members = columns.iter().map(|c| {
            let index = source.iter().position(|s| s.name == c.name);
            let mut name = Vec::new();
            write_text(&c.name, &mut name);
            name.push(b':');
            Ok(Member {
                index: index.ok_or_else(|| missing(&c.name))?,
                form: Form::of(c, text)?,
                column: c.name.clone(),
                name,
            })
        });
        let keyed = (0..columns.len()).filter(|i| key.contains(&columns[*i].name));
        Ok(JsonEncoder {
            members: members.collect::<Result<_, ConvertError>>()?,
            key: keyed.collect(),
            max_cell: text.max_cell.min(forms::MAX_CELL),
        })
    }

    /// Rows have a key.
    pub fn keyed(&self) -> bool {
        !self.key.is_empty()
    }

    /// Appends the key object. A NULL in it is refused.
    pub fn key(&self, batch: &RowBatch, row: usize, out: &mut Vec<u8>) -> Result<(), Reject> {
        let missing = self.key.iter().map(|i| &self.members[*i]);
        for member in missing {
            if batch.cell(row, member.index).is_none() {
                let refusal = Refusal::new(RejectCode::NullKey, "NULL in a key column");
                return Err(refusal.at(&member.column));
            }
        }
        self.object(self.key.iter().map(|i| &self.members[*i]), batch, row, out)
    }

    /// Appends the row's object.
    pub fn row(&self, batch: &RowBatch, row: usize, out: &mut Vec<u8>) -> Result<(), Reject> {
        self.object(self.members.iter(), batch, row, out)
    }

    /// Appends the envelope of a row that a snapshot read (`op` is `r`). A refused row leaves `out` as it was.
    pub fn envelope(
        &self,
        batch: &RowBatch,
        row: usize,
        from: &EnvelopeSource,
        out: &mut Vec<u8>,
    ) -> Result<(), Reject> {
        let start = out.len();
        out.extend_from_slice(b"{\"before\":null,\"after\":");
        let written = self.row(batch, row, out);
        if written.is_err() {
            out.truncate(start);
            return written;
        }
        out.extend_from_slice(b",\"source\":");
        from.write(out);
        out.extend_from_slice(b",\"transaction\":null,\"op\":\"r\",\"ts_ms\":");
        push_display(from.millis, out);
        out.push(b'}');
        Ok(())
    }

    fn object<'a>(
        &self,
        members: impl Iterator<Item = &'a Member>,
        batch: &RowBatch,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Reject> {
        let start = out.len();
        out.push(b'{');
        for (i, member) in members.enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(&member.name);
            let written = match batch.cell(row, member.index) {
                None => {
                    out.extend_from_slice(b"null");
                    Ok(())
                }
                Some(text) if text.len() > self.max_cell => {
                    let text = format!("{} bytes in one cell", text.len());
                    Err(Refusal::new(RejectCode::CellSize, text))
                }
                Some(text) => member.form.write(text, out),
            };
            if let Err(refusal) = written {
                out.truncate(start);
                return Err(refusal.at(&member.column));
            }
        }
        out.push(b'}');
        Ok(())
    }
}

impl EnvelopeSource {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"version\":\"");
        out.extend_from_slice(env!("CARGO_PKG_VERSION").as_bytes());
        out.extend_from_slice(b"\",\"connector\":\"oracle\",\"name\":");
        write_text(&self.name, out);
        out.extend_from_slice(b",\"ts_ms\":");
        push_display(self.millis, out);
        out.extend_from_slice(b",\"snapshot\":\"true\",\"db\":");
        write_text(&self.db, out);
        out.extend_from_slice(b",\"schema\":");
        write_text(&self.schema, out);
        out.extend_from_slice(b",\"table\":");
        write_text(&self.table, out);
        out.extend_from_slice(b",\"scn\":");
        match self.scn {
            Some(scn) => write_text(&scn.to_string(), out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"commit_scn\":null}");
    }
}

impl Form {
    fn of(column: &TopicColumn, text: &TextForms) -> Result<Form, ConvertError> {
        if let Some(reader) = TimeReader::new(&column.name, &column.oracle, text) {
            return Ok(Form::of_time(reader, &column.oracle));
        }
        Ok(match &column.oracle {
            DataType::Number { precision, scale } => {
                let bound = precision.map(|p| (p, scale.unwrap_or(0)));
                match bound {
                    Some((p, s)) if s <= 0 && i32::from(p) - i32::from(s) < 19 => {
                        Form::Whole(text.number, bound)
                    }
                    Some(_) | None => Form::Decimal(text.number, bound),
                }
            }
            DataType::Float { .. } => Form::Decimal(text.number, None),
            DataType::BinaryFloat => Form::Float(text.number),
            DataType::BinaryDouble => Form::Double(text.number),
            // Change events carry the blanks of a CHAR.
            DataType::Varchar { length } | DataType::Char { length } => {
                Form::Text(Some(*length as usize))
            }
            DataType::Clob | DataType::Document => Form::Text(None),
            DataType::IntervalYm => Form::Months,
            DataType::IntervalDs => Form::DaySecond,
            DataType::Raw { .. } | DataType::Blob => Form::Bytes(text.binary),
            DataType::Boolean => Form::Boolean,
            DataType::Date
            | DataType::Timestamp { .. }
            | DataType::TimestampTz { .. }
            | DataType::TimestampLtz { .. }
            | DataType::Other { .. }
            | DataType::Unknown { .. } => {
                return Err(ConvertError::Expression {
                    column: column.name.clone(),
                    what: format!("the type {:?}", column.oracle),
                });
            }
        })
    }

    fn of_time(reader: TimeReader, ty: &DataType) -> Form {
        match ty {
            DataType::Timestamp { precision: 4..=6 } => Form::Micros(reader),
            DataType::Timestamp { precision: 7.. } => Form::Nanos(reader),
            DataType::TimestampTz { .. } | DataType::TimestampLtz { .. } => Form::Zoned(reader),
            _ => Form::Millis(reader),
        }
    }

    fn write(&self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        match self {
            Form::Whole(form, bound) => fitted(text, *form, *bound)?.write_plain(out),
            Form::Decimal(form, bound) => {
                out.push(b'"');
                fitted(text, *form, *bound)?.write_plain(out);
                out.push(b'"');
            }
            Form::Float(form) => {
                let value = cell::float(text, *form)?;
                write_float(&format!("{value:e}"), value.is_finite(), out)?;
            }
            Form::Double(form) => {
                let value = cell::double(text, *form)?;
                write_float(&format!("{value:e}"), value.is_finite(), out)?;
            }
            Form::Text(most) => write_checked(text, *most, out)?,
            Form::Millis(reader) => push_display(reader.instant(text)?.epoch_milli(), out),
            Form::Micros(reader) => push_display(times::micros(&reader.instant(text)?)?, out),
            Form::Nanos(reader) => push_display(times::nanos(&reader.instant(text)?)?, out),
            Form::Zoned(reader) => write_text(&zoned(&reader.instant(text)?), out),
            // A month is a twelfth of 365.25 days, as in Debezium.
            Form::Months => {
                push_display(i64::from(times::months(text)?) * 2_629_800_000_000, out);
            }
            Form::DaySecond => {
                let (days, nanos) = times::days_and_nanos(text)?;
                push_display(i64::from(days) * 86_400_000_000 + nanos / 1000, out);
            }
            Form::Bytes(form) => {
                let mut bytes = Vec::new();
                binary::read(text, *form, &mut bytes)?;
                out.push(b'"');
                binary::write_base64(&bytes, out);
                out.push(b'"');
            }
            Form::Boolean => {
                let word: &[u8] = if cell::boolean(text)? {
                    b"true"
                } else {
                    b"false"
                };
                out.extend_from_slice(word);
            }
        }
        Ok(())
    }
}

fn fitted(text: &[u8], form: NumberForm, bound: cell::Bound) -> Result<Decimal, Refusal> {
    let value = number::parse(text, form)?;
    match bound {
        Some((precision, scale)) => value.fit(precision, scale),
        None => Ok(value.trimmed()),
    }
}

/// A float as Java's `Double.toString` lays it out: plain between 1E-3 and 1E7, else with an exponent.
fn write_float(scientific: &str, finite: bool, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if !finite {
        let text = "NaN and the infinities have no form in JSON";
        return Err(Refusal::new(RejectCode::NumberRange, text));
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let negative = mantissa.starts_with('-');
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if negative {
        out.push(b'-');
    }
    let shown = if digits == "0" {
        "0.0".to_string()
    } else if (-3..7).contains(&exponent) {
        plain_float(&digits, exponent)
    } else {
        let rest = if digits.len() > 1 { &digits[1..] } else { "0" };
        format!("{}.{rest}E{exponent}", &digits[..1])
    };
    out.extend_from_slice(shown.as_bytes());
    Ok(())
}

fn plain_float(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = "0".repeat((-exponent - 1) as usize);
        return format!("0.{zeros}{digits}");
    }
    let whole = exponent as usize + 1;
    let padded = format!("{digits:0<whole$}");
    let (whole, rest) = padded.split_at(whole);
    format!("{whole}.{}", if rest.is_empty() { "0" } else { rest })
}

/// ISO 8601 with offset, the fraction without zeros at its end.
fn zoned(m: &Moment) -> String {
    let offset = match m.zone {
        ZoneText::Offset(minutes) if minutes != 0 => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
        ZoneText::Offset(_) | ZoneText::None | ZoneText::Region(..) => "Z".into(),
    };
    let fraction = if m.nano == 0 {
        String::new()
    } else {
        format!(".{:09}", m.nano).trim_end_matches('0').to_string()
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}{offset}",
        m.year, m.month, m.day, m.hour, m.minute, m.second
    )
}

fn push_display(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(value.to_string().as_bytes());
}

fn write_checked(text: &[u8], most: Option<usize>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let text =
        std::str::from_utf8(text).map_err(|_| Refusal::new(RejectCode::Encoding, "not UTF-8"))?;
    if most.is_some_and(|most| text.len() > most && text.chars().count() > most) {
        return Err(Refusal::new(RejectCode::TextLength, "longer than its type"));
    }
    write_text(text, out);
    Ok(())
}

/// A JSON string as Jackson escapes it: short forms, and `\u` with upper case digits; nothing else.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for b in text.bytes() {
        match b {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0..0x20 => out.extend_from_slice(format!("\\u{b:04X}").as_bytes()),
            b => out.push(b),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::row::Origin;

    fn columns() -> Vec<TopicColumn> {
        let number = |precision, scale| DataType::Number {
            precision: Some(precision),
            scale: Some(scale),
        };
        [
            ("ID", number(10, 0)),
            ("AMOUNT", number(12, 2)),
            ("BIG", number(38, 0)),
            ("AT", DataType::Date),
            ("TS", DataType::Timestamp { precision: 6 }),
            ("TZ", DataType::TimestampTz { precision: 6 }),
            ("NAME", DataType::Varchar { length: 20 }),
            ("R", DataType::Raw { length: 4 }),
            ("D", DataType::BinaryDouble),
            ("YM", DataType::IntervalYm),
        ]
        .into_iter()
        .map(|(name, oracle)| TopicColumn {
            name: name.into(),
            oracle,
        })
        .collect()
    }

    fn row(cells: &[&str]) -> RowBatch {
        let mut batch = RowBatch::new();
        batch.reset(cells.len(), Origin::Numbered);
        for c in cells {
            batch.push_cell(Some(c.as_bytes()));
        }
        batch.end_row(0, None);
        batch
    }

    fn encoder() -> JsonEncoder {
        let source: Vec<_> = columns()
            .into_iter()
            .map(|c| SourceColumn {
                name: c.name,
                ty: Some(c.oracle),
            })
            .collect();
        JsonEncoder::new(
            &source,
            &columns(),
            &["NAME".into(), "ID".into()],
            &TextForms::default(),
        )
        .expect("compiles")
    }

    #[test]
    fn members_have_debeziums_forms() {
        let batch = row(&[
            "7",
            "1.5",
            "12345678901234567890",
            "1970-01-02 00:00:00",
            "1970-01-01 00:00:00.000001",
            "2024-01-01 09:00:00.5 +09:00",
            "a\"\u{1}\n日",
            "00ff",
            "1e21",
            "+01-00",
        ]);
        let mut out = Vec::new();
        encoder().row(&batch, 0, &mut out).expect("writes");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "{\"ID\":7,\"AMOUNT\":\"1.50\",\"BIG\":\"12345678901234567890\",\"AT\":86400000,\"TS\":1,\
             \"TZ\":\"2024-01-01T09:00:00.5+09:00\",\"NAME\":\"a\\\"\\u0001\\n日\",\"R\":\"AP8=\",\
             \"D\":1.0E21,\"YM\":31557600000000}"
        );
        out.clear();
        encoder().key(&batch, 0, &mut out).expect("writes");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "{\"ID\":7,\"NAME\":\"a\\\"\\u0001\\n日\"}"
        );
    }

    #[test]
    fn an_envelope_is_json_and_a_refused_row_leaves_nothing() {
        let from = EnvelopeSource {
            name: "ora".into(),
            db: "P".into(),
            schema: "R".into(),
            table: "T".into(),
            scn: Some(5),
            millis: 9,
        };
        let mut out = Vec::new();
        let good = row(&["7", "1", "", "", "", "", "x", "", "0.001", ""]);
        encoder()
            .envelope(&good, 0, &from, &mut out)
            .expect("writes");
        let json: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(json["op"], "r");
        assert_eq!(json["after"]["BIG"], serde_json::Value::Null);
        assert_eq!(json["source"]["scn"], "5");
        out.clear();
        let bad = row(&["7", "x", "", "", "", "", "x", "", "1", ""]);
        let reject = encoder()
            .envelope(&bad, 0, &from, &mut out)
            .expect_err("refused");
        assert_eq!(
            (reject.column.as_str(), reject.code),
            ("AMOUNT", RejectCode::NumberForm)
        );
        assert!(out.is_empty());
        let null = row(&["", "1", "", "", "", "", "x", "", "1", ""]);
        assert_eq!(
            encoder().key(&null, 0, &mut out).expect_err("refused").code,
            RejectCode::NullKey
        );
    }

    #[test]
    fn floats_are_laid_out_as_java_does() {
        let shown = |v: f64| {
            let mut out = Vec::new();
            write_float(&format!("{v:e}"), true, &mut out).expect("finite");
            String::from_utf8(out).expect("text")
        };
        for (value, wanted) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (1234567.0, "1234567.0"),
            (1e7, "1.0E7"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (123.456, "123.456"),
        ] {
            assert_eq!(shown(value), wanted);
        }
    }
}
