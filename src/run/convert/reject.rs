//! Why a row is not written: column, stable code, and words. Bad data is a value, never an error of the load.

use std::fmt;

/// Why a cell or a row is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectCode {
    /// Not a number.
    NumberForm,
    /// More digits than the Oracle type has.
    NumberPrecision,
    /// More places than the Oracle type has.
    NumberScale,
    /// Beyond the CQL type.
    NumberRange,
    /// Not a date.
    DateForm,
    /// A date that the calendar does not have.
    DateValue,
    /// A time zone region that needs a zone table.
    ZoneRegion,
    /// Not an interval.
    IntervalForm,
    /// Not hexadecimal or base64.
    BinaryForm,
    /// Not 16 bytes.
    UuidLength,
    /// Neither true nor false.
    BooleanForm,
    /// Not UTF-8.
    Encoding,
    /// Longer than the Oracle type.
    TextLength,
    /// Longer than a Cassandra cell may be.
    CellSize,
    /// NULL in a key column.
    NullKey,
    /// An empty text as the partition key.
    EmptyKey,
    /// A key beyond 65,535 bytes.
    KeySize,
    /// An expression that fails for this row.
    Expression,
    /// The same key came with other values.
    DuplicateKey,
    /// The source could not take the record apart; the code of the bad row says more.
    Record,
}

impl RejectCode {
    /// All of them.
    pub const ALL: &'static [RejectCode] = &[
        RejectCode::NumberForm,
        RejectCode::NumberPrecision,
        RejectCode::NumberScale,
        RejectCode::NumberRange,
        RejectCode::DateForm,
        RejectCode::DateValue,
        RejectCode::ZoneRegion,
        RejectCode::IntervalForm,
        RejectCode::BinaryForm,
        RejectCode::UuidLength,
        RejectCode::BooleanForm,
        RejectCode::Encoding,
        RejectCode::TextLength,
        RejectCode::CellSize,
        RejectCode::NullKey,
        RejectCode::EmptyKey,
        RejectCode::KeySize,
        RejectCode::Expression,
        RejectCode::DuplicateKey,
        RejectCode::Record,
    ];

    /// The name in dead letters; never changed.
    pub fn as_str(self) -> &'static str {
        match self {
            RejectCode::NumberForm => "number-form",
            RejectCode::NumberPrecision => "number-precision",
            RejectCode::NumberScale => "number-scale",
            RejectCode::NumberRange => "number-range",
            RejectCode::DateForm => "date-form",
            RejectCode::DateValue => "date-value",
            RejectCode::ZoneRegion => "zone-region",
            RejectCode::IntervalForm => "interval-form",
            RejectCode::BinaryForm => "binary-form",
            RejectCode::UuidLength => "uuid-length",
            RejectCode::BooleanForm => "boolean-form",
            RejectCode::Encoding => "encoding",
            RejectCode::TextLength => "text-length",
            RejectCode::CellSize => "cell-size",
            RejectCode::NullKey => "null-key",
            RejectCode::EmptyKey => "empty-key",
            RejectCode::KeySize => "key-size",
            RejectCode::Expression => "expression",
            RejectCode::DuplicateKey => "duplicate-key",
            RejectCode::Record => "record",
        }
    }
}

impl fmt::Display for RejectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refused row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {text} [{code}]")]
pub struct Reject {
    /// Column of the source, or of the target where it is computed; empty for the whole row.
    pub column: String,
    /// Why.
    pub code: RejectCode,
    /// Why, in words.
    pub text: String,
}

/// What a converter of one cell says; the column is added by who knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: RejectCode,
    /// Why, in words.
    pub text: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: RejectCode, text: impl Into<String>) -> Refusal {
        Refusal {
            code,
            text: text.into(),
        }
    }

    /// In a column.
    pub fn at(self, column: &str) -> Reject {
        Reject {
            column: column.into(),
            code: self.code,
            text: self.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut names: Vec<_> = RejectCode::ALL.iter().map(|c| c.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RejectCode::ALL.len());
    }
}
