//! Names of tables and Oracle's data types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table or view, in Oracle's canonical spelling.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct TableName {
    /// Owner.
    pub schema: String,
    /// Name.
    pub name: String,
}

impl TableName {
    /// A name of canonical parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

impl From<TableName> for String {
    fn from(t: TableName) -> String {
        t.to_string()
    }
}

impl TryFrom<String> for TableName {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        match s.split_once('.') {
            Some((a, b)) if !a.is_empty() && !b.is_empty() => Ok(Self::new(a, b)),
            _ => Err(format!("`{s}` is not of the form SCHEMA.TABLE")),
        }
    }
}

/// Oracle's types, as far as they decide a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DataType {
    /// NUMBER(p,s); both None for a bare NUMBER; scale 0 for INTEGER and NUMBER(p).
    Number {
        /// Total digits, 1..=38.
        precision: Option<u8>,
        /// Digits after the point; negative rounds before it.
        scale: Option<i16>,
    },
    /// FLOAT(b): decimal, b binary digits.
    Float {
        /// Binary digits.
        bits: u8,
    },
    /// BINARY_FLOAT.
    BinaryFloat,
    /// BINARY_DOUBLE.
    BinaryDouble,
    /// VARCHAR2, NVARCHAR2.
    Varchar {
        /// Length.
        length: u32,
    },
    /// CHAR, NCHAR: blank padded.
    Char {
        /// Length.
        length: u32,
    },
    /// DATE: with a time of day, no zone.
    Date,
    /// TIMESTAMP(p).
    Timestamp {
        /// Digits of fractional seconds.
        precision: u8,
    },
    /// TIMESTAMP(p) WITH TIME ZONE.
    TimestampTz {
        /// Digits of fractional seconds.
        precision: u8,
    },
    /// TIMESTAMP(p) WITH LOCAL TIME ZONE.
    TimestampLtz {
        /// Digits of fractional seconds.
        precision: u8,
    },
    /// INTERVAL YEAR TO MONTH.
    IntervalYm,
    /// INTERVAL DAY TO SECOND.
    IntervalDs,
    /// RAW(n).
    Raw {
        /// Length.
        length: u32,
    },
    /// CLOB, NCLOB, LONG.
    Clob,
    /// BLOB, LONG RAW.
    Blob,
    /// XMLTYPE or JSON: serialised text.
    Document,
    /// BOOLEAN (23ai, PL/SQL).
    Boolean,
    /// Known and without a counterpart: BFILE, ROWID, UROWID, user types.
    Other {
        /// As written.
        name: String,
    },
    /// Not known, with the reason.
    Unknown {
        /// Why.
        reason: String,
    },
}

impl DataType {
    /// A bare NUMBER.
    pub fn number() -> Self {
        DataType::Number {
            precision: None,
            scale: None,
        }
    }
    /// An integer of `digits` digits.
    pub fn integer(digits: u8) -> Self {
        DataType::Number {
            precision: Some(digits),
            scale: Some(0),
        }
    }
    /// NUMBER, FLOAT and the binary floats.
    pub fn is_numeric(&self) -> bool {
        matches!(
            self,
            DataType::Number { .. }
                | DataType::Float { .. }
                | DataType::BinaryFloat
                | DataType::BinaryDouble
        )
    }
    /// DATE and the timestamps.
    pub fn is_datetime(&self) -> bool {
        matches!(
            self,
            DataType::Date
                | DataType::Timestamp { .. }
                | DataType::TimestampTz { .. }
                | DataType::TimestampLtz { .. }
        )
    }
    /// VARCHAR2, CHAR, CLOB.
    pub fn is_text(&self) -> bool {
        matches!(
            self,
            DataType::Varchar { .. } | DataType::Char { .. } | DataType::Clob
        )
    }
}
