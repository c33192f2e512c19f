//! Types of results, and type names in expressions.

use super::Lowerer;
use crate::rel::{DataType, Scalar};
use crate::syntax::ast::{Id, TypeRef};

impl Lowerer<'_, '_> {
    /// A type in CAST.
    pub(super) fn data_type(&self, ty: Id<TypeRef>) -> DataType {
        // Texts of dynamic SQL are not units of the input: the resolver cannot see into their trees.
        if std::ptr::eq(self.view.unit, self.cx.resolver.view(self.scope.unit).unit) {
            self.cx.resolver.data_type(self.scope, ty)
        } else {
            DataType::Unknown {
                reason: "a type inside dynamic SQL".into(),
            }
        }
    }
}

/// The type that values of several operands have together.
pub(super) fn common(items: &[Scalar]) -> DataType {
    let mut types = items
        .iter()
        .map(Scalar::ty)
        .filter(|t| !matches!(t, DataType::Unknown { .. }));
    let Some(first) = types.next() else {
        return DataType::Unknown {
            reason: "operands of unknown types".into(),
        };
    };
    types.fold(first, wider)
}

fn wider(a: DataType, b: DataType) -> DataType {
    match (a, b) {
        (
            DataType::Number {
                precision: p,
                scale: s,
            },
            DataType::Number {
                precision: q,
                scale: t,
            },
        ) => {
            let scale = s.zip(t).map(|(s, t)| s.max(t));
            let whole = |p: Option<u8>, s: Option<i16>| p.map(|p| i16::from(p) - s.unwrap_or(0));
            let digits = whole(p, s).zip(whole(q, t)).map(|(a, b)| a.max(b));
            match (digits, scale) {
                (Some(d), Some(s)) => DataType::Number {
                    precision: Some((d + s).clamp(1, 38) as u8),
                    scale: Some(s),
                },
                _ => DataType::number(),
            }
        }
        (DataType::Varchar { length: a }, DataType::Varchar { length: b }) => {
            DataType::Varchar { length: a.max(b) }
        }
        (DataType::Char { length: a }, DataType::Varchar { length: b })
        | (DataType::Varchar { length: a }, DataType::Char { length: b }) => {
            DataType::Varchar { length: a.max(b) }
        }
        (a, _) => a,
    }
}

/// Type of SUM: the scale of its argument, all the digits there are.
pub(super) fn sum(arg: &DataType) -> DataType {
    match arg {
        DataType::Number { scale: Some(s), .. } => DataType::Number {
            precision: Some(38),
            scale: Some(*s),
        },
        DataType::Number {
            precision: Some(_),
            scale: None,
        } => DataType::integer(38),
        DataType::BinaryDouble | DataType::BinaryFloat => DataType::BinaryDouble,
        _ => DataType::number(),
    }
}

/// Result type of a function by name; None where the name is not known.
pub(super) fn function(name: &str, args: &[Scalar]) -> Option<DataType> {
    let arg = |i: usize| args.get(i).map(Scalar::ty);
    let text = |n: u32| Some(DataType::Varchar { length: n });
    let as_text = || match arg(0) {
        Some(DataType::Varchar { length } | DataType::Char { length }) => {
            Some(DataType::Varchar { length })
        }
        Some(DataType::Clob) => Some(DataType::Clob),
        _ => text(4000),
    };
    match name {
        "NVL" | "COALESCE" | "GREATEST" | "LEAST" => Some(common(args)),
        "NULLIF" => arg(0),
        "NVL2" => Some(common(args.get(1..).unwrap_or_default())),
        "TO_CHAR" => match args.get(1) {
            Some(Scalar::Literal(crate::rel::Literal::Text(f))) => {
                text(f.chars().count() as u32 + 2)
            }
            _ => text(40),
        },
        "TO_NUMBER" | "MONTHS_BETWEEN" | "MOD" | "REMAINDER" | "POWER" | "SQRT" | "EXP" | "LN"
        | "LOG" => Some(DataType::number()),
        "TO_DATE" | "ADD_MONTHS" | "LAST_DAY" | "NEXT_DAY" => Some(DataType::Date),
        "TO_TIMESTAMP" => Some(DataType::Timestamp { precision: 9 }),
        "FLOOR" | "CEIL" | "SIGN" | "LENGTH" | "LENGTHB" | "INSTR" | "INSTRB" | "ASCII"
        | "REGEXP_INSTR" | "REGEXP_COUNT" => Some(DataType::integer(38)),
        "ROUND" | "TRUNC" => Some(rounded(arg(0), args.get(1), args.len())),
        "ABS" => arg(0),
        "UPPER" | "LOWER" | "INITCAP" | "TRIM" | "LTRIM" | "RTRIM" | "SUBSTR" | "SUBSTRB" => {
            as_text()
        }
        "REPLACE" | "TRANSLATE" | "LPAD" | "RPAD" | "REGEXP_REPLACE" | "REGEXP_SUBSTR"
        | "CONCAT" => text(4000),
        "CHR" => text(4),
        "TO_CLOB" => Some(DataType::Clob),
        "HEXTORAW" => Some(DataType::Raw { length: 2000 }),
        "RAWTOHEX" | "STANDARD_HASH" | "SOUNDEX" => text(4000),
        "REGEXP_LIKE" | "LNNVL" => Some(DataType::Boolean),
        "TO_BINARY_DOUBLE" | "SIN" | "COS" | "TAN" | "ASIN" | "ACOS" | "ATAN" | "ATAN2"
        | "SINH" | "COSH" | "TANH" => Some(DataType::number()),
        "NUMTODSINTERVAL" => Some(DataType::IntervalDs),
        "NUMTOYMINTERVAL" => Some(DataType::IntervalYm),
        "BITAND" | "ORA_HASH" | "WIDTH_BUCKET" => Some(DataType::integer(38)),
        _ => None,
    }
}

fn rounded(of: Option<DataType>, digits: Option<&Scalar>, args: usize) -> DataType {
    let digits = match digits {
        Some(Scalar::Literal(crate::rel::Literal::Number(n))) => n.parse::<i16>().ok(),
        _ if args == 1 => Some(0),
        _ => None,
    };
    match (of, digits) {
        (Some(DataType::BinaryDouble), _) => DataType::BinaryDouble,
        (_, Some(d)) => DataType::Number {
            precision: Some(38),
            scale: Some(d.max(0)),
        },
        _ => DataType::number(),
    }
}
