//! Engine types, as far as they decide what must be cast or rounded. Both engines bound decimals to 38
//! digits by one rule: the integer digits stay, the scale shrinks, though not below 6.

use crate::rel::{ArithOp, DataType};

/// Digits after the point of a bare NUMBER.
pub const BARE_SCALE: u8 = 10;

/// Type of an expression in the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DECIMAL(p,s).
    Decimal(u8, u8),
    /// INT or BIGINT.
    Integer,
    /// A number whose engine type is not known.
    Number,
    /// FLOAT or DOUBLE.
    Double,
    /// Text.
    Text,
    /// Timestamp without zone, with so many digits after the second.
    Timestamp(u8),
    /// Truth value.
    Boolean,
    /// Anything else.
    Other,
}

impl Kind {
    /// The engine type that stands for an Oracle type.
    pub fn of(ty: &DataType) -> Kind {
        match ty {
            DataType::Number { precision, scale } => number(*precision, *scale),
            DataType::Float { .. } => Kind::Decimal(38, BARE_SCALE),
            DataType::BinaryFloat | DataType::BinaryDouble => Kind::Double,
            DataType::Varchar { .. }
            | DataType::Char { .. }
            | DataType::Clob
            | DataType::Document => Kind::Text,
            DataType::Date => Kind::Timestamp(3),
            DataType::Timestamp { precision } => Kind::Timestamp((*precision).max(3)),
            DataType::TimestampLtz { precision } => Kind::Timestamp((*precision).max(3)),
            DataType::Boolean => Kind::Boolean,
            DataType::TimestampTz { .. }
            | DataType::IntervalYm
            | DataType::IntervalDs
            | DataType::Raw { .. }
            | DataType::Blob
            | DataType::Other { .. }
            | DataType::Unknown { .. } => Kind::Other,
        }
    }

    /// What is known about the result of a function, from its Oracle type alone.
    pub fn of_result(ty: &DataType) -> Kind {
        match Kind::of(ty) {
            Kind::Decimal(..) => Kind::Number,
            other => other,
        }
    }

    /// Digits after the point of a decimal.
    pub fn scale(self) -> Option<u8> {
        match self {
            Kind::Decimal(_, s) => Some(s),
            Kind::Integer
            | Kind::Number
            | Kind::Double
            | Kind::Text
            | Kind::Timestamp(_)
            | Kind::Boolean
            | Kind::Other => None,
        }
    }

    /// Any number.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Kind::Decimal(..) | Kind::Integer | Kind::Number | Kind::Double
        )
    }

    fn digits(self) -> Option<(u8, u8)> {
        match self {
            Kind::Decimal(p, s) => Some((p, s)),
            Kind::Integer => Some((19, 0)),
            Kind::Number
            | Kind::Double
            | Kind::Text
            | Kind::Timestamp(_)
            | Kind::Boolean
            | Kind::Other => None,
        }
    }
}

fn number(precision: Option<u8>, scale: Option<i16>) -> Kind {
    let Some(p) = precision else {
        return match scale {
            Some(0) => Kind::Decimal(38, 0),
            _ => Kind::Decimal(38, BARE_SCALE),
        };
    };
    let s = scale.unwrap_or(0);
    if s < 0 {
        let digits = i16::from(p) - s;
        return Kind::Decimal(digits.clamp(1, 38) as u8, 0);
    }
    let s = s.min(38) as u8;
    Kind::Decimal(p.max(s).clamp(1, 38), s)
}

/// Result of an operator, and the digits after the point that the exact result would have had.
pub fn arith(op: ArithOp, left: Kind, right: Kind) -> (Kind, Option<(u8, u8)>) {
    if left == Kind::Double || right == Kind::Double {
        return (Kind::Double, None);
    }
    if left == Kind::Integer && right == Kind::Integer && op != ArithOp::Div {
        return (Kind::Integer, None);
    }
    let (Some((p1, s1)), Some((p2, s2))) = (left.digits(), right.digits()) else {
        return (Kind::Number, None);
    };
    let (p1, s1, p2, s2) = (u16::from(p1), u16::from(s1), u16::from(p2), u16::from(s2));
    let (p, s) = match op {
        ArithOp::Add | ArithOp::Sub => {
            let s = s1.max(s2);
            ((p1 - s1).max(p2 - s2) + s + 1, s)
        }
        ArithOp::Mul => (p1 + p2 + 1, s1 + s2),
        ArithOp::Div => {
            let s = (s1 + p2 + 1).max(6);
            (p1 - s1 + s2 + s, s)
        }
    };
    let (q, t) = bounded(p, s);
    let lost = (u16::from(t) < s && op != ArithOp::Div).then_some((s as u8, t));
    (Kind::Decimal(q, t), lost)
}

fn bounded(p: u16, s: u16) -> (u8, u8) {
    if p <= 38 {
        return (p as u8, s as u8);
    }
    let integer = p - s;
    let scale = 38u16.saturating_sub(integer).max(s.min(6));
    (38, scale as u8)
}

/// The type that CASE, COALESCE and set operations give for two branches.
pub fn common(left: Kind, right: Kind) -> Kind {
    match (left, right) {
        (a, b) if a == b => a,
        (Kind::Double, b) if b.is_number() => Kind::Double,
        (a, Kind::Double) if a.is_number() => Kind::Double,
        (Kind::Timestamp(a), Kind::Timestamp(b)) => Kind::Timestamp(a.max(b)),
        (a, b) => match (a.digits(), b.digits()) {
            (Some((p1, s1)), Some((p2, s2))) => {
                let s = s1.max(s2);
                let p = u16::from((p1 - s1).max(p2 - s2)) + u16::from(s);
                let (p, s) = bounded(p, u16::from(s));
                Kind::Decimal(p, s)
            }
            _ if a.is_number() && b.is_number() => Kind::Number,
            _ => Kind::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oracle_numbers_have_room() {
        let n = |p, s| {
            Kind::of(&DataType::Number {
                precision: p,
                scale: s,
            })
        };
        assert_eq!(n(Some(12), Some(2)), Kind::Decimal(12, 2));
        assert_eq!(n(Some(5), Some(-2)), Kind::Decimal(7, 0));
        assert_eq!(n(Some(2), Some(5)), Kind::Decimal(5, 5));
        assert_eq!(n(None, None), Kind::Decimal(38, 10));
    }

    #[test]
    fn products_keep_their_scale_while_they_fit() {
        let (kind, lost) = arith(ArithOp::Mul, Kind::Decimal(9, 3), Kind::Decimal(12, 2));
        assert_eq!((kind, lost), (Kind::Decimal(22, 5), None));
    }

    #[test]
    fn a_lost_scale_is_told() {
        let (kind, lost) = arith(ArithOp::Mul, Kind::Decimal(38, 10), Kind::Decimal(38, 10));
        assert_eq!((kind, lost), (Kind::Decimal(38, 6), Some((20, 6))));
    }
}
