//! Where a load's rows come from, and how their text is to be read. Part of the specifications.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CqlType;
use crate::rel::{PeriodUnit, Scalar, TableName};

/// Where rows come from. A specification holds one: what a variant measures does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RowSourceSpec {
    /// Oracle, as of one SCN.
    Oracle(OracleSource),
    /// Files exported from Oracle.
    Csv(CsvSource),
}

/// Oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OracleSource {
    /// `host:port/service`.
    pub connect: String,
    /// Environment variable with the user's name.
    pub user_env: String,
    /// Environment variable with the password.
    pub password_env: String,
    /// Parallel sessions.
    pub sessions: u16,
    /// Rows a fetch.
    pub fetch: u32,
    /// How the table is divided.
    #[serde(default)]
    pub split: OracleSplit,
    /// Bytes of a LOB beyond which its row is rejected.
    #[serde(default = "lob_limit")]
    pub lob_limit: u64,
    /// Rows to read, as an expression over the table's columns; None for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Scalar>,
}

fn lob_limit() -> u64 {
    16 * 1024 * 1024
}

/// How a table is divided into chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OracleSplit {
    /// By ROWID from the extents; by key where there are none (index-organised tables, views).
    #[default]
    Auto,
    /// By ROWID.
    Rowid,
    /// By ranges of the key.
    Key,
    /// Not at all.
    Whole,
}

/// Files exported from Oracle: RFC 4180, SQL*Plus `SET MARKUP CSV`, SQLcl UNLOAD, or as these keys say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvSource {
    /// Files or patterns (`*`, `?`); `.gz` and `.zst` are read as they are.
    pub files: Vec<String>,
    /// Separator.
    pub separator: String,
    /// Quote; empty: none.
    pub quote: String,
    /// Character before a quote inside quotes; empty: the quote is doubled.
    pub escape: String,
    /// Text that stands for NULL where it is not quoted; the empty cell always does.
    pub null: String,
    /// More of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_nulls: Vec<String>,
    /// The first line of each file.
    pub header: Header,
    /// Columns in the order of the files, where no header says it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// A dictionary export (columns.csv) that says it instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dictionary: Option<String>,
    /// Lines to skip at the top of each file.
    pub skip: u32,
    /// Encoding, WHATWG or Oracle name: UTF-8, Shift_JIS, JA16SJISTILDE, EUC-JP, windows-1252, UTF-16LE ...
    pub encoding: String,
    /// Oracle's format model of DATE; empty: ISO.
    pub date_format: String,
    /// Of TIMESTAMP; empty: ISO.
    pub timestamp_format: String,
    /// Of TIMESTAMP WITH TIME ZONE; empty: ISO with an offset.
    pub timestamp_tz_format: String,
    /// Of single columns.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub formats: BTreeMap<String, String>,
    /// Offset of the session that wrote TIMESTAMP WITH LOCAL TIME ZONE, for example `+09:00`.
    pub session_offset: String,
    /// Decimal character.
    pub decimal: String,
    /// Group separator of numbers; empty: none.
    pub group: String,
    /// RAW and BLOB.
    pub binary: BinaryText,
    /// Bytes beyond which a record is not one (a quote that does not close).
    pub max_record: u64,
}

impl Default for CsvSource {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            separator: ",".into(),
            quote: "\"".into(),
            escape: String::new(),
            null: String::new(),
            more_nulls: Vec::new(),
            header: Header::Present,
            columns: Vec::new(),
            dictionary: None,
            skip: 0,
            encoding: "UTF-8".into(),
            date_format: String::new(),
            timestamp_format: String::new(),
            timestamp_tz_format: String::new(),
            formats: BTreeMap::new(),
            session_offset: "+00:00".into(),
            decimal: ".".into(),
            group: String::new(),
            binary: BinaryText::Hex,
            max_record: 64 * 1024 * 1024,
        }
    }
}

/// The first line of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// Names of the columns.
    #[default]
    Present,
    /// Data: `columns` or `dictionary` names the columns.
    Absent,
    /// Names that are not to be trusted: skipped, `columns` or `dictionary` counts.
    Ignored,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BinaryText {
    /// Hexadecimal, as Oracle shows RAW.
    #[default]
    Hex,
    /// Base64.
    Base64,
}

/// A column that is computed from others of its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DerivedColumn {
    /// Cassandra column.
    pub to: String,
    /// CQL type.
    pub cql: CqlType,
    /// How.
    pub value: Derivation,
}

/// How a derived column is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Derivation {
    /// Nanoseconds below the millisecond of a TIMESTAMP (0 to 999,999).
    Nanos {
        /// Column.
        of: String,
    },
    /// Offset or region of a TIMESTAMP WITH TIME ZONE, as text.
    Zone {
        /// Column.
        of: String,
    },
    /// CRC-32 of the columns' text, a 0x1F byte between them, modulo the number of buckets.
    HashBucket {
        /// Columns.
        of: Vec<String>,
        /// Buckets.
        buckets: u32,
    },
    /// Start of the period of a DATE: a timestamp, or as an integer yyyymmdd, yyyymm or yyyy.
    TimeBucket {
        /// Column.
        of: String,
        /// Unit.
        unit: PeriodUnit,
    },
    /// The same for every row; NULL is not written.
    Constant {
        /// Value as text: numbers with a point, times in ISO form, bytes in hexadecimal.
        value: String,
    },
    /// An expression over the row's columns, as in plan.json.
    Expression {
        /// Expression.
        expr: Scalar,
    },
}

/// Columns of another source, found by key, beside each row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinSpec {
    /// Oracle table.
    pub table: TableName,
    /// Its columns are named `<prefix>.<COLUMN>`.
    pub prefix: String,
    /// Columns of the row that hold the other's key.
    pub on: Vec<String>,
    /// The other's key; unique.
    pub key: Vec<String>,
    /// A row without partner: true rejects it, false leaves the columns NULL.
    pub required: bool,
    /// Megabytes to hold the other in; beyond, it goes to a sorted file.
    pub memory_mb: u32,
    /// Where the other's rows come from.
    pub source: RowSourceSpec,
}
