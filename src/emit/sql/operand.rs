//! Operands made comparable: text against numbers as Oracle converts them, CHAR without its blanks.

use sqlparser::ast::Expr;

use super::build::{Node, cast, verbatim};
use super::decimal::{BARE_SCALE, Kind};
use super::env::Env;
use super::{Compiler, chars};
use crate::emit::EmitError;
use crate::rel::Scalar;

impl Compiler<'_> {
    /// Translates operands of one comparison so that the engine compares what Oracle would.
    pub(super) fn comparable(
        &self,
        operands: &[&Scalar],
        env: &Env<'_>,
    ) -> Result<Vec<Expr>, EmitError> {
        let nodes = operands
            .iter()
            .map(|o| self.scalar(o, env))
            .collect::<Result<Vec<Node>, _>>()?;
        let numbers = nodes.iter().any(|n| n.kind.is_number());
        let dates = nodes.iter().any(|n| matches!(n.kind, Kind::Timestamp(_)));
        let texts = nodes.iter().any(|n| n.kind == Kind::Text);
        if dates && (texts || numbers) {
            return Err(self.unsupported(
                "a date is compared with text or a number, which depends on the session's NLS settings; convert explicitly",
            ));
        }
        let blanks = texts && !numbers && chars::ignores_blanks(operands);
        let fit = |(operand, node): (&&Scalar, Node)| {
            if numbers && node.kind == Kind::Text {
                return cast(node.expr, self.dialect.decimal(38, BARE_SCALE));
            }
            if blanks {
                let literal = |t: &str| verbatim(self.dialect.text(t));
                return chars::trimmed(operand, node.expr, literal);
            }
            node.expr
        };
        Ok(operands.iter().zip(nodes).map(fit).collect())
    }

    /// A number, by Oracle's implicit conversion where it is text.
    pub(super) fn numeric(&self, scalar: &Scalar, env: &Env<'_>) -> Result<Node, EmitError> {
        let node = self.scalar(scalar, env)?;
        if node.kind == Kind::Text {
            let expr = cast(node.expr, self.dialect.decimal(38, BARE_SCALE));
            return Ok(Node::new(expr, Kind::Decimal(38, BARE_SCALE)));
        }
        if matches!(node.kind, Kind::Timestamp(_) | Kind::Boolean) {
            return Err(self.unsupported("a number is wanted where a date or a truth value stands"));
        }
        Ok(node)
    }

    /// Text, by Oracle's implicit conversion where that is the same everywhere: integers only.
    pub(super) fn textual(&self, scalar: &Scalar, env: &Env<'_>) -> Result<Expr, EmitError> {
        let node = self.scalar(scalar, env)?;
        match node.kind {
            Kind::Text | Kind::Other => Ok(node.expr),
            Kind::Integer | Kind::Decimal(_, 0) => {
                Ok(cast(node.expr, self.dialect.text_type()))
            }
            Kind::Decimal(..) | Kind::Number | Kind::Double => Err(self.unsupported(
                "a number with a fraction is turned into text implicitly; use TO_CHAR with a format",
            )),
            Kind::Timestamp(_) => Err(self.unsupported(
                "a date is turned into text implicitly, which depends on NLS_DATE_FORMAT; use TO_CHAR with a format",
            )),
            Kind::Boolean => Err(self.unsupported("a truth value is turned into text")),
        }
    }
}
