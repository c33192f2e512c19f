//! How change events carry Oracle's types, and how Flink reads them.
//!
//! NUMBER comes as a string, which a DECIMAL column reads; DATE and TIMESTAMP come as a count since 1970
//! without zone, which only a BIGINT reads, so a computed column turns it into a timestamp.

use sqlparser::ast::{BinaryOperator, DataType as SqlType, Expr, TimezoneInfo};

use super::dialect::Flink;
use crate::emit::fragment::FlinkSql;
use crate::emit::sql::{Dialect, Kind, binary, call, cast, ident, lit_number, verbatim};
use crate::rel::DataType;

/// How a source column is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// Physical type.
    pub physical: FlinkSql,
    /// Value in the engine's own type, where the physical one is only its encoding.
    pub computed: Option<Expr>,
    /// Engine type of the value.
    pub kind: Kind,
    /// What a reader of the script should know.
    pub remark: Option<String>,
}

/// Declaration of a captured column; None where change events carry the type in no usable form.
pub fn carried(name: &str, ty: &DataType) -> Option<Carried> {
    let kind = Kind::of(ty);
    let column = || Expr::Identifier(ident(&Flink, name));
    let plain = |text: String| Carried {
        physical: FlinkSql::printed(text),
        computed: None,
        kind,
        remark: None,
    };
    Some(match ty {
        DataType::Number { precision, .. } => Carried {
            remark: precision.is_none().then(bare_remark),
            ..plain(type_text(kind)?)
        },
        DataType::Float { .. } => Carried {
            remark: Some(bare_remark()),
            ..plain(type_text(kind)?)
        },
        DataType::BinaryFloat | DataType::BinaryDouble => plain("DOUBLE".into()),
        DataType::Varchar { .. } | DataType::Char { .. } | DataType::Clob | DataType::Document => {
            plain("STRING".into())
        }
        DataType::Date => epoch(millis(column()), kind, "DATE as milliseconds, no zone"),
        DataType::Timestamp { precision: 0..=3 } => {
            epoch(millis(column()), kind, "TIMESTAMP as milliseconds, no zone")
        }
        DataType::Timestamp { precision: 4..=6 } => epoch(
            fine(column(), 6),
            kind,
            "TIMESTAMP as microseconds, no zone",
        ),
        DataType::Timestamp { .. } => {
            epoch(fine(column(), 9), kind, "TIMESTAMP as nanoseconds, no zone")
        }
        DataType::TimestampLtz { .. } => Carried {
            computed: Some(iso_utc(column(), kind)?),
            remark: Some("ISO text in UTC".into()),
            ..plain("STRING".into())
        },
        DataType::TimestampTz { .. } => Carried {
            remark: Some("ISO text with its offset".into()),
            ..plain("STRING".into())
        },
        DataType::Raw { .. } | DataType::Blob => plain("BYTES".into()),
        DataType::Boolean => plain("BOOLEAN".into()),
        DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Other { .. }
        | DataType::Unknown { .. } => return None,
    })
}

/// Type of a column that has this engine type.
pub fn type_text(kind: Kind) -> Option<String> {
    Some(match kind {
        Kind::Decimal(p, s) => format!("DECIMAL({p}, {s})"),
        Kind::Integer => "BIGINT".into(),
        Kind::Double => "DOUBLE".into(),
        Kind::Text => "STRING".into(),
        Kind::Timestamp(p) => format!("TIMESTAMP({p})"),
        Kind::Boolean => "BOOLEAN".into(),
        Kind::Number | Kind::Other => return None,
    })
}

/// `yyyy-MM-dd HH:mm:ss[.f]` as a timestamp.
pub fn from_text(name: &str, kind: Kind) -> Option<Expr> {
    let Kind::Timestamp(p) = kind else {
        return None;
    };
    let column = Expr::Identifier(ident(&Flink, name));
    Some(cast(column, timestamp(p)))
}

fn bare_remark() -> String {
    "NUMBER without precision: digits beyond the 10th after the point are rounded".into()
}

fn epoch(computed: Expr, kind: Kind, remark: &str) -> Carried {
    Carried {
        physical: FlinkSql::printed("BIGINT"),
        computed: Some(computed),
        kind,
        remark: Some(remark.into()),
    }
}

fn timestamp(precision: u8) -> SqlType {
    SqlType::Timestamp(Some(precision.into()), TimezoneInfo::None)
}

fn millis(column: Expr) -> Expr {
    let ltz = call("TO_TIMESTAMP_LTZ", vec![column, lit_number("3")]);
    cast(ltz, timestamp(3))
}

/// TO_TIMESTAMP_LTZ knows seconds and milliseconds only: finer fractions are put behind the seconds as
/// text, floored so that times before 1970 come out right.
fn fine(column: Expr, digits: u8) -> Expr {
    let unit = format!("1{}", "0".repeat(digits.into()));
    let modulo = |e: Expr| call("MOD", vec![e, lit_number(&unit)]);
    let fraction = modulo(binary(
        modulo(column.clone()),
        BinaryOperator::Plus,
        lit_number(&unit),
    ));
    let whole = binary(
        binary(column, BinaryOperator::Minus, fraction.clone()),
        BinaryOperator::Divide,
        lit_number(&unit),
    );
    let seconds = call("TO_TIMESTAMP_LTZ", vec![whole, lit_number("0")]);
    let text = |s: &str| verbatim(Flink.text(s));
    let head = call("DATE_FORMAT", vec![seconds, text("yyyy-MM-dd HH:mm:ss")]);
    let tail = call(
        "LPAD",
        vec![
            cast(fraction, SqlType::String(None)),
            lit_number(&digits.to_string()),
            text("0"),
        ],
    );
    let joined = call("CONCAT", vec![head, text("."), tail]);
    cast(joined, timestamp(digits))
}

fn iso_utc(column: Expr, kind: Kind) -> Option<Expr> {
    let Kind::Timestamp(p) = kind else {
        return None;
    };
    let text = |s: &str| verbatim(Flink.text(s));
    let spaced = call("REPLACE", vec![column, text("T"), text(" ")]);
    let bare = call("REPLACE", vec![spaced, text("Z"), text("")]);
    Some(cast(bare, timestamp(p)))
}
