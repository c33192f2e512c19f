//! Oracle types in Cassandra. Source: Oracle SQL Language Reference "Data Types", CQL "Data types"; each row's
//! care is a note that ends in access-paths.md.

use crate::plan::model::CqlType;
use crate::rel::DataType;

/// A type's counterpart, and what to mind.
pub struct Mapped {
    /// Type.
    pub ty: CqlType,
    /// Caveat.
    pub care: Option<&'static str>,
}

fn plain(ty: CqlType) -> Option<Mapped> {
    Some(Mapped { ty, care: None })
}

fn care(ty: CqlType, care: &'static str) -> Option<Mapped> {
    Some(Mapped {
        ty,
        care: Some(care),
    })
}

/// The counterpart; None where there is none.
pub fn cql_type(ty: &DataType) -> Option<Mapped> {
    match ty {
        DataType::Number { precision, scale } => number(*precision, *scale),
        DataType::Float { .. } => plain(CqlType::Decimal),
        DataType::BinaryFloat => plain(CqlType::Float),
        DataType::BinaryDouble => plain(CqlType::Double),
        DataType::Varchar { .. } | DataType::Clob | DataType::Document => plain(CqlType::Text),
        DataType::Char { .. } => care(
            CqlType::Text,
            "blank padding is trimmed at the right, in load and stream alike",
        ),
        DataType::Date => care(
            CqlType::Timestamp,
            "has a time of day and no zone: the project's time zone applies",
        ),
        DataType::Timestamp { precision } if *precision <= 3 => plain(CqlType::Timestamp),
        DataType::Timestamp { .. } => {
            care(CqlType::Timestamp, "digits below a millisecond are cut")
        }
        DataType::TimestampTz { .. } => {
            care(CqlType::Timestamp, "the instant is kept, the zone is not")
        }
        DataType::TimestampLtz { .. } => plain(CqlType::Timestamp),
        DataType::IntervalYm | DataType::IntervalDs => {
            care(CqlType::Duration, "cannot be part of a key")
        }
        DataType::Raw { .. } | DataType::Blob => plain(CqlType::Blob),
        DataType::Boolean => plain(CqlType::Boolean),
        DataType::Other { .. } | DataType::Unknown { .. } => None,
    }
}

/// Integers by their digits; a negative scale adds digits.
fn number(precision: Option<u8>, scale: Option<i16>) -> Option<Mapped> {
    match (precision, scale.unwrap_or(0)) {
        (Some(p), s) if s <= 0 => plain(match i32::from(p) - i32::from(s) {
            ..=2 => CqlType::TinyInt,
            3..=4 => CqlType::SmallInt,
            5..=9 => CqlType::Int,
            10..=18 => CqlType::BigInt,
            _ => CqlType::VarInt,
        }),
        (Some(_), _) => plain(CqlType::Decimal),
        (None, _) => care(
            CqlType::Decimal,
            "a bare NUMBER: profile the data for its real scale",
        ),
    }
}

/// Types that Cassandra accepts in a primary key.
pub fn keyable(ty: CqlType) -> bool {
    !matches!(ty, CqlType::Duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(precision: Option<u8>, scale: Option<i16>) -> CqlType {
        cql_type(&DataType::Number { precision, scale })
            .map(|m| m.ty)
            .unwrap_or(CqlType::Blob)
    }

    #[test]
    fn integers_take_the_smallest_type_that_holds_every_value() {
        assert_eq!(of(Some(2), Some(0)), CqlType::TinyInt);
        assert_eq!(of(Some(4), None), CqlType::SmallInt);
        assert_eq!(of(Some(9), Some(0)), CqlType::Int);
        assert_eq!(of(Some(10), Some(0)), CqlType::BigInt);
        assert_eq!(of(Some(38), Some(0)), CqlType::VarInt);
        assert_eq!(of(Some(8), Some(-2)), CqlType::BigInt);
        assert_eq!(of(Some(12), Some(2)), CqlType::Decimal);
        assert_eq!(of(None, None), CqlType::Decimal);
    }

    #[test]
    fn types_without_a_counterpart_have_none() {
        assert!(
            cql_type(&DataType::Other {
                name: "BFILE".into()
            })
            .is_none()
        );
    }
}
