//! Oracle's implicit conversions, made explicit: what a target engine does by itself is never relied upon.

use super::super::cx::not_lowered;
use super::Low;
use crate::rel::{ArithOp, CmpOp, DataType, Literal, Scalar};
use crate::source::Span;

/// Arithmetic; text operands become numbers.
pub(super) fn arith(arith: ArithOp, left: Scalar, right: Scalar) -> Scalar {
    Scalar::Arith {
        arith,
        left: Box::new(number(left)),
        right: Box::new(number(right)),
    }
}

fn number(s: Scalar) -> Scalar {
    if s.ty().is_text() && !matches!(s, Scalar::Literal(Literal::Null)) {
        return to_number(s);
    }
    s
}

fn to_number(s: Scalar) -> Scalar {
    Scalar::Call {
        function: "TO_NUMBER".into(),
        args: vec![s],
        ty: DataType::number(),
    }
}

/// An operand of `||`.
pub(super) fn text(span: Span, s: Scalar) -> Low<Scalar> {
    let ty = s.ty();
    if ty.is_numeric() {
        return Ok(Scalar::Call {
            function: "TO_CHAR".into(),
            args: vec![s],
            ty: DataType::Varchar { length: 40 },
        });
    }
    if ty.is_datetime() {
        return Err(not_lowered(
            span,
            "a date as text without a format (it depends on NLS settings)",
        ));
    }
    Ok(s)
}

/// A comparison of two values.
pub(crate) fn compare(span: Span, cmp: CmpOp, left: Scalar, right: Scalar) -> Low<Scalar> {
    let (left, right) = operands(span, left, right)?;
    Ok(Scalar::Compare {
        cmp,
        left: Box::new(left),
        right: Box::new(right),
    })
}

pub(super) fn between(
    span: Span,
    operand: Scalar,
    low: Scalar,
    high: Scalar,
    not: bool,
) -> Low<Scalar> {
    let (_, low) = operands(span, operand.clone(), low)?;
    let (operand, high) = operands(span, operand, high)?;
    Ok(Scalar::Between {
        operand: Box::new(operand),
        low: Box::new(low),
        high: Box::new(high),
        not,
    })
}

pub(super) fn in_list(span: Span, operand: Scalar, items: Vec<Scalar>, not: bool) -> Low<Scalar> {
    let mut out = Vec::new();
    let mut tested = operand.clone();
    for item in items {
        let (o, i) = operands(span, operand.clone(), item)?;
        tested = o;
        out.push(i);
    }
    Ok(Scalar::InList {
        operand: Box::new(tested),
        items: out,
        not,
    })
}

/// Both sides of a comparison in one type: text against number compares numbers; CHAR against a literal or CHAR
/// compares with padding.
fn operands(span: Span, left: Scalar, right: Scalar) -> Low<(Scalar, Scalar)> {
    let (l, r) = (left.ty(), right.ty());
    if (l.is_datetime() && r.is_text()) || (l.is_text() && r.is_datetime()) {
        return Err(not_lowered(
            span,
            "a date compared with text (it depends on NLS settings)",
        ));
    }
    if l.is_text() && r.is_numeric() {
        return Ok((to_number(left), right));
    }
    if l.is_numeric() && r.is_text() {
        return Ok((left, to_number(right)));
    }
    Ok(match (&l, &r) {
        (DataType::Char { length }, _) => {
            let right = padded(right, *length);
            (left, right)
        }
        (_, DataType::Char { length }) => {
            let left = padded(left, *length);
            (left, right)
        }
        _ => (left, right),
    })
}

/// A literal compared with a CHAR column is padded; so is a CHAR of another length.
fn padded(s: Scalar, length: u32) -> Scalar {
    match s {
        Scalar::Literal(Literal::Text(t)) => {
            let missing = (length as usize).saturating_sub(t.chars().count());
            Scalar::Literal(Literal::Text(format!("{t}{}", " ".repeat(missing))))
        }
        other => match other.ty() {
            DataType::Char { length: own } if own < length => Scalar::Cast {
                operand: Box::new(other),
                to: DataType::Char { length },
            },
            _ => other,
        },
    }
}

/// A value written into a column of type `to`: rounded, padded, converted as an assignment does.
pub(crate) fn assign(span: Span, value: Scalar, to: &DataType) -> Low<Scalar> {
    let from = value.ty();
    if from == *to || matches!(to, DataType::Unknown { .. } | DataType::Other { .. }) {
        return Ok(value);
    }
    if let Scalar::EventTime { .. } = value {
        return Ok(Scalar::EventTime { ty: to.clone() });
    }
    if (from.is_text() && to.is_datetime()) || (from.is_datetime() && to.is_text()) {
        return Err(not_lowered(
            span,
            "a conversion between text and date without a format",
        ));
    }
    let value = match (
        from.is_text(),
        to.is_numeric(),
        from.is_numeric(),
        to.is_text(),
    ) {
        (true, true, _, _) => to_number(value),
        (_, _, true, true) => text(span, value)?,
        _ => value,
    };
    Ok(if keeps(&value, to) {
        value
    } else {
        Scalar::Cast {
            operand: Box::new(value),
            to: to.clone(),
        }
    })
}

/// The assignment cannot change the value.
fn keeps(value: &Scalar, to: &DataType) -> bool {
    match (value.ty(), to) {
        (
            DataType::Number { precision, scale },
            DataType::Number {
                precision: p,
                scale: s,
            },
        ) => fits(precision, scale, *p, *s),
        (DataType::Varchar { .. }, DataType::Varchar { .. } | DataType::Clob) => true,
        (DataType::Char { .. } | DataType::Clob, DataType::Varchar { .. } | DataType::Clob) => true,
        (DataType::Char { length: a }, DataType::Char { length: b }) => a == *b,
        (DataType::Timestamp { precision: a }, DataType::Timestamp { precision: b }) => a <= *b,
        (a, b) => a == *b,
    }
}

/// A wider precision alone does not matter: a value that is too large stops the batch.
fn fits(_p1: Option<u8>, s1: Option<i16>, p2: Option<u8>, s2: Option<i16>) -> bool {
    match (s1, p2, s2) {
        (_, None, None) => true,
        (Some(from), _, Some(to)) => from <= to,
        (Some(from), Some(_), None) => from <= 0,
        (None, _, _) => false,
    }
}
