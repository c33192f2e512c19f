//! Columns that are computed from others of the row: companions, buckets, constants, expressions.

use super::ConvertError;
use super::cell::{self, Convert};
use super::expr::Program;
use super::forms::TextForms;
use super::number;
use super::reject::{Refusal, RejectCode};
use super::through::push_typed;
use super::times::TimeReader;
use crate::plan::model::{CqlType, Derivation, DerivedColumn};
use crate::rel::{DataType, PeriodUnit};
use crate::run::row::RowBatch;
use crate::value::Value;
use crate::value::moment::{Moment, ZoneText};

/// A compiled derivation.
#[derive(Clone, Debug)]
pub enum Derive {
    /// Nanoseconds below the millisecond.
    Nanos { of: usize, reader: TimeReader },
    /// Offset or region.
    Zone { of: usize, reader: TimeReader },
    /// Hash bucket.
    Hash {
        of: Vec<usize>,
        buckets: u32,
        bytes: usize,
    },
    /// Start of a period.
    Period {
        of: usize,
        reader: TimeReader,
        unit: PeriodUnit,
        cql: CqlType,
    },
    /// The bytes of a constant, with their length.
    Constant(Vec<u8>),
    /// An expression.
    Expression { program: Box<Program>, cql: CqlType },
}

/// Finds a source column and its type by name.
pub type Find<'a> = dyn Fn(&str) -> Result<(usize, DataType), ConvertError> + 'a;

fn wrong(column: &str, text: &str) -> ConvertError {
    ConvertError::Derived {
        column: column.into(),
        text: text.into(),
    }
}

impl Derive {
    /// Compiles a derivation.
    pub fn new(
        d: &DerivedColumn,
        find: &Find<'_>,
        forms: &TextForms,
    ) -> Result<Self, ConvertError> {
        let time = |of: &str| {
            let (index, ty) = find(of)?;
            let reader = TimeReader::new(of, &ty, forms)
                .ok_or_else(|| wrong(&d.to, &format!("{of} is no DATE and no TIMESTAMP")))?;
            Ok::<_, ConvertError>((index, reader))
        };
        let typed = |fits: bool| {
            let text = "the derivation does not give this CQL type";
            if fits {
                Ok(())
            } else {
                Err(wrong(&d.to, text))
            }
        };
        match &d.value {
            Derivation::Nanos { of } => {
                typed(d.cql == CqlType::Int)?;
                let (of, reader) = time(of)?;
                Ok(Derive::Nanos { of, reader })
            }
            Derivation::Zone { of } => {
                typed(d.cql == CqlType::Text)?;
                let (of, reader) = time(of)?;
                Ok(Derive::Zone { of, reader })
            }
            Derivation::HashBucket { of, buckets } => {
                if *buckets == 0 || of.is_empty() {
                    return Err(wrong(
                        &d.to,
                        "a bucket needs columns and at least one bucket",
                    ));
                }
                let bytes = bucket_bytes(d.cql, *buckets);
                let bytes =
                    bytes.ok_or_else(|| wrong(&d.to, "the buckets do not fit the CQL type"))?;
                let of: Result<Vec<usize>, ConvertError> =
                    of.iter().map(|c| find(c).map(|f| f.0)).collect();
                Ok(Derive::Hash {
                    of: of?,
                    buckets: *buckets,
                    bytes,
                })
            }
            Derivation::TimeBucket { of, unit } => {
                typed(period_fits(d.cql, *unit))?;
                let (of, reader) = time(of)?;
                Ok(Derive::Period {
                    of,
                    reader,
                    unit: *unit,
                    cql: d.cql,
                })
            }
            Derivation::Constant { value } => constant(d, value, forms),
            Derivation::Expression { expr } => Ok(Derive::Expression {
                program: Box::new(Program::compile(&d.to, expr, find, forms)?),
                cql: d.cql,
            }),
        }
    }

    /// Appends length and bytes; None for NULL.
    pub fn push(&self, b: &RowBatch, row: usize, out: &mut Vec<u8>) -> Result<Option<()>, Refusal> {
        match self {
            Derive::Nanos { of, reader } => {
                let Some(text) = b.cell(row, *of) else {
                    return Ok(None);
                };
                let nanos = (reader.wall(text)?.nano % 1_000_000) as i32;
                number::push_value(out, &nanos.to_be_bytes());
            }
            Derive::Zone { of, reader } => {
                let Some(text) = b.cell(row, *of) else {
                    return Ok(None);
                };
                return Ok(push_zone(text, reader.wall(text)?, out));
            }
            Derive::Hash { of, buckets, bytes } => {
                let bucket = i64::from(hash(b, row, of) % *buckets);
                number::push_value(out, &bucket.to_be_bytes()[8 - bytes..]);
            }
            Derive::Period {
                of,
                reader,
                unit,
                cql,
            } => {
                let Some(text) = b.cell(row, *of) else {
                    return Ok(None);
                };
                push_period(start_of(reader.instant(text)?, *unit), *unit, *cql, out);
            }
            Derive::Constant(bytes) if bytes.is_empty() => return Ok(None),
            Derive::Constant(bytes) => out.extend_from_slice(bytes),
            Derive::Expression { program, cql } => match program.run(b, row)? {
                Value::Null => return Ok(None),
                value => push_typed(&value, *cql, out)?,
            },
        }
        Ok(Some(()))
    }
}

fn bucket_bytes(cql: CqlType, buckets: u32) -> Option<usize> {
    let (bytes, most) = match cql {
        CqlType::TinyInt => (1, 128),
        CqlType::SmallInt => (2, 32_768),
        CqlType::Int => (4, 1 << 31),
        CqlType::BigInt => (8, u32::MAX),
        _ => return None,
    };
    (buckets <= most).then_some(bytes)
}

/// A type that holds every constant of its kind: the text is read as an Oracle value of the widest sort.
fn constant(d: &DerivedColumn, value: &str, forms: &TextForms) -> Result<Derive, ConvertError> {
    let plain = TextForms {
        max_cell: forms.max_cell,
        ..TextForms::default()
    };
    let oracle = match d.cql {
        CqlType::TinyInt
        | CqlType::SmallInt
        | CqlType::Int
        | CqlType::BigInt
        | CqlType::VarInt
        | CqlType::Decimal => DataType::number(),
        CqlType::Float => DataType::BinaryFloat,
        CqlType::Double => DataType::BinaryDouble,
        CqlType::Text => DataType::Clob,
        CqlType::Timestamp => DataType::Timestamp { precision: 9 },
        CqlType::Boolean => DataType::Boolean,
        CqlType::Blob | CqlType::Uuid => DataType::Blob,
        CqlType::Duration => DataType::IntervalDs,
    };
    let convert = Convert::new(&d.to, &oracle, d.cql, &plain)?;
    let mut bytes = Vec::new();
    if !value.is_empty() {
        convert
            .push(value.as_bytes(), &mut bytes)
            .map_err(|r| wrong(&d.to, &format!("the constant is refused: {}", r.text)))?;
    }
    Ok(Derive::Constant(bytes))
}

/// `+09:00`, or the region as it was written.
fn push_zone(text: &[u8], m: Moment, out: &mut Vec<u8>) -> Option<()> {
    match m.zone {
        ZoneText::None => return None,
        ZoneText::Offset(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let shown = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            number::push_value(out, shown.as_bytes());
        }
        ZoneText::Region(from, to) => {
            let name = text
                .get(usize::from(from)..usize::from(to))
                .unwrap_or_default();
            number::push_value(out, name);
        }
    }
    Some(())
}

/// CRC-32 of the texts with 0x1F between; NULL is the empty text. The same in every language's library.
fn hash(b: &RowBatch, row: usize, of: &[usize]) -> u32 {
    let mut crc = flate2::Crc::new();
    for (i, column) in of.iter().enumerate() {
        if i > 0 {
            crc.update(&[0x1f]);
        }
        crc.update(b.cell(row, *column).unwrap_or_default());
    }
    crc.sum()
}

fn period_fits(cql: CqlType, unit: PeriodUnit) -> bool {
    match cql {
        CqlType::Timestamp => true,
        CqlType::Int | CqlType::BigInt => {
            matches!(unit, PeriodUnit::Day | PeriodUnit::Month | PeriodUnit::Year)
        }
        _ => false,
    }
}

/// The start of the period that a moment falls in; in UTC where it has a zone.
pub fn start_of(m: Moment, unit: PeriodUnit) -> Moment {
    let m = Moment::of_epoch(m.epoch_second(), 0);
    let day = Moment::day(m.year, m.month, m.day);
    match unit {
        PeriodUnit::Minute => Moment { second: 0, ..m },
        PeriodUnit::Hour => Moment {
            second: 0,
            minute: 0,
            ..m
        },
        PeriodUnit::Day => day,
        PeriodUnit::Week => {
            Moment::of_epoch_day(day.epoch_day() - (day.epoch_day() + 3).rem_euclid(7))
        }
        PeriodUnit::Month => Moment::day(m.year, m.month, 1),
        PeriodUnit::Quarter => Moment::day(m.year, (m.month - 1) / 3 * 3 + 1, 1),
        PeriodUnit::Year => Moment::day(m.year, 1, 1),
    }
}

fn push_period(m: Moment, unit: PeriodUnit, cql: CqlType, out: &mut Vec<u8>) {
    let (month, day) = (i64::from(m.month), i64::from(m.day));
    let year = i64::from(m.year);
    let number = match unit {
        PeriodUnit::Year => year,
        PeriodUnit::Month => year * 100 + month,
        PeriodUnit::Minute
        | PeriodUnit::Hour
        | PeriodUnit::Day
        | PeriodUnit::Week
        | PeriodUnit::Quarter => year * 10_000 + month * 100 + day,
    };
    match cql {
        CqlType::Int => number::push_value(out, &(number as i32).to_be_bytes()),
        CqlType::BigInt => cell::push_i64(out, number),
        _ => cell::push_i64(out, m.epoch_milli()),
    }
}

/// The refusal of an expression that fails for a row.
pub(super) fn failed(text: impl Into<String>) -> Refusal {
    Refusal::new(RejectCode::Expression, text)
}
