//! Function calls: through the forms of the plan, after what depends on the arguments is settled.

use sqlparser::ast::Expr;

use super::build::{Node, atom, cast, verbatim};
use super::decimal::{BARE_SCALE, Kind, common};
use super::env::Env;
use super::scalars::is_null;
use super::{Compiler, formats};
use crate::emit::EmitError;
use crate::rel::{DataType, Literal, Scalar};

type Out = Result<Node, EmitError>;

impl Compiler<'_> {
    /// Translates a call of an Oracle function.
    pub(super) fn function(
        &self,
        function: &str,
        args: &[Scalar],
        ty: &DataType,
        env: &Env<'_>,
    ) -> Out {
        match (function, args) {
            ("TO_CHAR", [x]) => self.to_char(x, env),
            ("TO_NUMBER", [x]) => self.to_number(x, env),
            ("TO_CHAR", [x, model]) => {
                let n = self.scalar(x, env)?;
                if !matches!(n.kind, Kind::Timestamp(_)) {
                    return Err(self.unsupported("TO_CHAR of a number with a format model"));
                }
                let pattern = self.pattern(function, model)?;
                self.formed(function, &[n.expr, pattern], Kind::Text)
            }
            ("TO_DATE" | "TO_TIMESTAMP", [x, model]) => {
                let whole =
                    matches!(model, Scalar::Literal(Literal::Text(t)) if formats::names_a_day(t));
                if !whole {
                    return Err(self.unsupported(format!(
                        "{function} with a format model that does not name a whole day"
                    )));
                }
                let pattern = self.pattern(function, model)?;
                let text = self.textual(x, env)?;
                self.formed(function, &[text, pattern], Kind::Timestamp(3))
            }
            ("CAN_BE_DATE", [x, model]) => {
                let pattern = self.pattern(function, model)?;
                let text = self.textual(x, env)?;
                self.formed(function, &[text, pattern], Kind::Integer)
            }
            ("CAN_BE_NUMBER", [x]) => {
                let text = self.textual(x, env)?;
                self.formed(function, &[text], Kind::Integer)
            }
            _ => self.plain(function, args, ty, env),
        }
    }

    fn plain(&self, function: &str, args: &[Scalar], ty: &DataType, env: &Env<'_>) -> Out {
        let mut exprs = Vec::new();
        let mut kinds = Vec::new();
        for a in args {
            let n = self.scalar(a, env)?;
            exprs.push(n.expr);
            if !is_null(a) {
                kinds.push(n.kind);
            }
        }
        self.formed(function, &exprs, result(function, &kinds, ty))
    }

    fn formed(&self, function: &str, args: &[Expr], kind: Kind) -> Out {
        let (expr, caveat) = self.forms.apply(function, args).ok_or_else(|| {
            self.unsupported(format!(
                "function {function} with {} arguments has no form for this engine in rules/functions",
                args.len()
            ))
        })?;
        if let Some(caveat) = caveat {
            self.note(format!("{function}: {caveat}"));
        }
        let closed = matches!(
            expr,
            Expr::Function(_) | Expr::Case { .. } | Expr::Cast { .. }
        );
        let expr = if closed { expr } else { atom(expr) };
        Ok(Node::new(expr, kind))
    }

    /// Without a format: integers are cast, decimals written as Oracle does, dates depend on the session.
    fn to_char(&self, x: &Scalar, env: &Env<'_>) -> Out {
        let n = self.scalar(x, env)?;
        match n.kind {
            Kind::Text => Ok(n),
            Kind::Integer | Kind::Decimal(_, 0) => Ok(Node::new(
                cast(n.expr, self.dialect.text_type()),
                Kind::Text,
            )),
            Kind::Decimal(..) | Kind::Number => self.formed("TO_CHAR", &[n.expr], Kind::Text),
            Kind::Double | Kind::Timestamp(_) | Kind::Boolean | Kind::Other => {
                Err(self.unsupported("TO_CHAR without a format, of a date or a binary float"))
            }
        }
    }

    fn to_number(&self, x: &Scalar, env: &Env<'_>) -> Out {
        let n = self.scalar(x, env)?;
        if n.kind.is_number() {
            return Ok(n);
        }
        self.formed("TO_NUMBER", &[n.expr], Kind::Decimal(38, BARE_SCALE))
    }

    fn pattern(&self, function: &str, model: &Scalar) -> Result<Expr, EmitError> {
        let Scalar::Literal(Literal::Text(model)) = model else {
            return Err(self.unsupported(format!(
                "{function} with a format model that is no constant"
            )));
        };
        let pattern = formats::java(model).ok_or_else(|| {
            self.unsupported(format!("{function} with the format model `{model}`"))
        })?;
        Ok(verbatim(self.dialect.text(&pattern)))
    }
}

/// Engine type of the result, where the function tells.
fn result(function: &str, kinds: &[Kind], ty: &DataType) -> Kind {
    let first = kinds.first().copied().unwrap_or(Kind::Other);
    match function {
        "NVL" | "COALESCE" | "GREATEST" | "LEAST" => {
            kinds.iter().copied().reduce(common).unwrap_or(Kind::Other)
        }
        "NVL2" => kinds
            .iter()
            .skip(1)
            .copied()
            .reduce(common)
            .unwrap_or(Kind::Other),
        "ABS" | "NULLIF" => first,
        "LENGTH" | "INSTR" | "SIGN" | "ASCII" => Kind::Integer,
        name if name.starts_with("EXTRACT_") => Kind::Integer,
        "CEIL" | "FLOOR" | "ROUND" | "TRUNC" => match (first, Kind::of(ty)) {
            (Kind::Integer, _) => Kind::Integer,
            (Kind::Decimal(..), Kind::Decimal(_, s)) => Kind::Decimal(38, s),
            _ => Kind::of_result(ty),
        },
        "MONTHS_BETWEEN" => Kind::Decimal(38, BARE_SCALE),
        "POWER" | "SQRT" => Kind::Double,
        _ => Kind::of_result(ty),
    }
}
