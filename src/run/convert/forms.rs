//! How the text of cells is to be read: masks compiled once, decimal characters, NULL aside (the source knows it).
//! Built from a specification's source; Oracle's sessions are set so that the ISO forms hold.

use std::collections::BTreeMap;

use super::ConvertError;
use super::number::{NumberForm, PLAIN};
use crate::plan::model::{BinaryText, CsvSource, RowSourceSpec};
use crate::value::mask::Mask;
use crate::value::moment::{Moment, ZoneText};

/// A cell beyond this is rejected: a frame of the native protocol holds 16 MiB with all around it.
pub const MAX_CELL: usize = 16 * 1024 * 1024 - 64 * 1024;

/// How cells are to be read.
#[derive(Clone, Debug)]
pub struct TextForms {
    /// Numbers.
    pub number: NumberForm,
    /// DATE; None: ISO.
    pub date: Option<Mask>,
    /// TIMESTAMP.
    pub timestamp: Option<Mask>,
    /// TIMESTAMP WITH TIME ZONE.
    pub timestamp_tz: Option<Mask>,
    /// Single columns.
    pub columns: BTreeMap<String, Mask>,
    /// Minutes east of Greenwich of the session that wrote TIMESTAMP WITH LOCAL TIME ZONE.
    pub session_offset: i16,
    /// RAW and BLOB.
    pub binary: BinaryText,
    /// Bytes of the longest cell.
    pub max_cell: usize,
}

impl Default for TextForms {
    fn default() -> Self {
        TextForms {
            number: PLAIN,
            date: None,
            timestamp: None,
            timestamp_tz: None,
            columns: BTreeMap::new(),
            session_offset: 0,
            binary: BinaryText::Hex,
            max_cell: MAX_CELL,
        }
    }
}

impl TextForms {
    /// The forms of a source.
    pub fn of(source: &RowSourceSpec) -> Result<TextForms, ConvertError> {
        match source {
            RowSourceSpec::Oracle(_) => Ok(TextForms::default()),
            RowSourceSpec::Csv(csv) => TextForms::of_csv(csv),
        }
    }

    fn of_csv(csv: &CsvSource) -> Result<TextForms, ConvertError> {
        let columns = csv.formats.iter().map(|(c, f)| {
            let mask = mask(f)?.ok_or_else(|| ConvertError::Option {
                key: format!("formats.{c}"),
                text: "an empty format model".into(),
            })?;
            Ok((c.clone(), mask))
        });
        Ok(TextForms {
            number: number_form(csv)?,
            date: mask(&csv.date_format)?,
            timestamp: mask(&csv.timestamp_format)?,
            timestamp_tz: mask(&csv.timestamp_tz_format)?,
            columns: columns.collect::<Result<_, ConvertError>>()?,
            session_offset: offset(&csv.session_offset)?,
            binary: csv.binary,
            max_cell: MAX_CELL,
        })
    }
}

fn mask(text: &str) -> Result<Option<Mask>, ConvertError> {
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(Mask::for_reading(text)?))
}

fn number_form(csv: &CsvSource) -> Result<NumberForm, ConvertError> {
    let one = |key: &str, text: &str| match text.as_bytes() {
        [] => Ok(None),
        [b] if b.is_ascii_punctuation() || *b == b' ' => Ok(Some(*b)),
        _ => Err(ConvertError::Option {
            key: key.into(),
            text: "one punctuation character is wanted".into(),
        }),
    };
    let decimal = one("decimal", &csv.decimal)?.unwrap_or(b'.');
    let group = one("group", &csv.group)?;
    if group == Some(decimal) {
        return Err(ConvertError::Option {
            key: "group".into(),
            text: "the same character as `decimal`".into(),
        });
    }
    Ok(NumberForm { decimal, group })
}

fn offset(text: &str) -> Result<i16, ConvertError> {
    let sample = format!("2000-01-01 00:00:00 {text}");
    match Moment::parse_iso(sample.as_bytes()).map(|m| m.zone) {
        Ok(ZoneText::Offset(minutes)) => Ok(minutes),
        Ok(ZoneText::None | ZoneText::Region(..)) | Err(_) => Err(ConvertError::Option {
            key: "session_offset".into(),
            text: "an offset such as +09:00 is wanted".into(),
        }),
    }
}
