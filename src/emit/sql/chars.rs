//! CHAR is blank padded in Oracle, and change events carry the blanks. Between two CHARs, or a CHAR and a
//! literal, blanks at the end do not count; against VARCHAR2 they do. So values stay as they come, and the
//! blanks go only where Oracle ignores them and where a CHAR is written.

use sqlparser::ast::Expr;

use super::build::call;
use crate::rel::{DataType, Literal, Scalar};

/// True where a comparison of these operands must ignore blanks at the end. One character cannot have any.
pub fn ignores_blanks(operands: &[&Scalar]) -> bool {
    let mut longest_char = 0;
    for operand in operands {
        match (operand, operand.ty()) {
            (Scalar::Literal(Literal::Text(_)), _) => {}
            (_, DataType::Char { length }) => longest_char = longest_char.max(length),
            _ => return false,
        }
    }
    longest_char > 1
}

/// The operand without blanks at the end; literals are trimmed here and now.
pub fn trimmed(operand: &Scalar, expr: Expr, literal: impl Fn(&str) -> Expr) -> Expr {
    match operand {
        Scalar::Literal(Literal::Text(t)) => literal(t.trim_end_matches(' ')),
        _ => call("RTRIM", vec![expr]),
    }
}
