//! From the text of a cell to the bytes of a CQL value or a JSON member: one set of conversions for loads, the sink and
//! the comparison, so that they cannot disagree. Compiled once a table; bad data is a [`Reject`], never an error.
//! Knows no driver: what it writes is the native protocol's own form of values.

pub(crate) mod binary;
pub(crate) mod cell;
pub(crate) mod derived;
pub(crate) mod encoder;
pub(crate) mod expr;
pub(crate) mod forms;
pub mod json;
pub(crate) mod number;
pub(crate) mod reject;
pub(crate) mod target;
pub(crate) mod through;
pub(crate) mod times;

#[cfg(test)]
mod tests;

pub use encoder::{Encoder, MAX_KEY, Recipe, UNSET, nth, values};
pub use forms::{MAX_CELL, TextForms};
pub use json::JsonEncoder;
pub use reject::{Refusal, Reject, RejectCode};
pub use target::{TargetColumn, TargetTable};

use crate::diag::Code;
use crate::plan::model::CqlType;
use crate::rel::DataType;
use crate::value::mask::MaskError;

/// Why rows of a table cannot be converted at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// Types that do not convert.
    #[error("column {column}: there is no conversion from {oracle:?} to {cql:?}")]
    Types {
        /// Column.
        column: String,
        /// From.
        oracle: DataType,
        /// To.
        cql: CqlType,
    },
    /// A column that the source does not have.
    #[error("the source has no column {column}{}", .nearest.as_ref().map_or(String::new(), |n| format!("; is {n} meant?")))]
    NotInSource {
        /// Column.
        column: String,
        /// A similar one.
        nearest: Option<String>,
    },
    /// A column that the table does not have.
    #[error("table {table} has no column {column}")]
    NotInTarget {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// A column of the table that nothing is planned for.
    #[error("table {table}: nothing is planned for column {column}")]
    NotPlanned {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// A type that no key may have.
    #[error("column {column}: a duration cannot be part of a key")]
    KeyType {
        /// Column.
        column: String,
    },
    /// A derived column that cannot be computed.
    #[error("derived column {column}: {text}")]
    Derived {
        /// Column.
        column: String,
        /// Why.
        text: String,
    },
    /// An expression that cannot be evaluated outside Oracle.
    #[error("derived column {column}: {what} cannot be evaluated outside Oracle")]
    Expression {
        /// Column.
        column: String,
        /// What.
        what: String,
    },
    /// A format model.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// An option.
    #[error("`{key}`: {text}")]
    Option {
        /// Key.
        key: String,
        /// What is wrong.
        text: String,
    },
}

impl ConvertError {
    /// The diagnostic code that it is shown with.
    pub fn code(&self) -> Code {
        match self {
            ConvertError::Types { .. }
            | ConvertError::KeyType { .. }
            | ConvertError::Expression { .. } => Code::ConversionUnknown,
            ConvertError::NotInSource { .. }
            | ConvertError::NotInTarget { .. }
            | ConvertError::NotPlanned { .. }
            | ConvertError::Derived { .. }
            | ConvertError::Mask(_)
            | ConvertError::Option { .. } => Code::SpecMismatch,
        }
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            ConvertError::Types { .. } => {
                "change the column's CQL type in table and specification, or leave it out"
            }
            ConvertError::NotInSource { .. } => {
                "check `columns`, `header` and `join` of the specification"
            }
            ConvertError::NotInTarget { .. } => {
                "create the table from cassandra/schema.cql, or plan again"
            }
            ConvertError::NotPlanned { .. } => {
                "add the column to the specification, or use another table"
            }
            ConvertError::KeyType { .. } => {
                "keep intervals of keys as int (months) or bigint (nanoseconds)"
            }
            ConvertError::Derived { .. } | ConvertError::Expression { .. } => {
                "let Oracle compute it in the export, or leave the column out"
            }
            ConvertError::Mask(_) => {
                "write the format model as in TO_DATE, for example YYYY-MM-DD HH24:MI:SS"
            }
            ConvertError::Option { .. } => "correct the specification",
        }
    }
}
