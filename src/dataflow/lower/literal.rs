//! Literals.

use std::str::FromStr;

use bigdecimal::BigDecimal;

use super::super::cx::not_lowered;
use super::{Low, Lowerer, coerce};
use crate::rel::{ArithOp, DataType, Literal, Scalar};
use crate::syntax::ast::{Expr, Id};

/// A number.
pub(super) fn number(n: i64) -> Scalar {
    Scalar::Literal(Literal::Number(n.to_string()))
}

impl Lowerer<'_, '_> {
    pub(super) fn number(&mut self, e: Id<Expr>) -> Low<Scalar> {
        let span = self.expr_span(e);
        let text = self.view.number(e).unwrap_or_default();
        let digits = text.trim_end_matches(['f', 'F', 'd', 'D']);
        let value = BigDecimal::from_str(digits)
            .map_err(|_| not_lowered(span, format!("the number `{text}`")))?;
        let literal = Scalar::Literal(Literal::Number(value.normalized().to_plain_string()));
        if digits.len() == text.len() {
            return Ok(literal);
        }
        Ok(Scalar::Cast {
            operand: Box::new(literal),
            to: DataType::BinaryDouble,
        })
    }

    pub(super) fn text_literal(&self, e: Id<Expr>) -> Scalar {
        let text = self.view.string(e).unwrap_or_default();
        Scalar::Literal(if text.is_empty() {
            Literal::Null
        } else {
            Literal::Text(text)
        })
    }

    /// `DATE 'yyyy-mm-dd'` has midnight as its time of day.
    pub(super) fn date_literal(&self, e: Id<Expr>) -> Low<Scalar> {
        let text = self.view.string(e).unwrap_or_default();
        let bad = || not_lowered(self.expr_span(e), format!("the date `{text}`"));
        let date = chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| bad())?;
        Ok(Scalar::Literal(Literal::Date(format!(
            "{} 00:00:00",
            date.format("%Y-%m-%d")
        ))))
    }

    pub(super) fn timestamp_literal(&self, e: Id<Expr>) -> Low<Scalar> {
        let text = self.view.string(e).unwrap_or_default();
        let bad = || not_lowered(self.expr_span(e), format!("the timestamp `{text}`"));
        let full = if text.trim().len() <= 10 {
            format!("{} 00:00:00", text.trim())
        } else {
            text.trim().to_string()
        };
        let at = chrono::NaiveDateTime::parse_from_str(&full, "%Y-%m-%d %H:%M:%S%.f")
            .map_err(|_| bad())?;
        Ok(Scalar::Literal(Literal::Timestamp(
            at.format("%Y-%m-%d %H:%M:%S%.f").to_string(),
        )))
    }

    /// Whole days, hours, minutes and seconds become the number of days that they are for a DATE.
    pub(super) fn interval(&self, e: Id<Expr>) -> Low<Scalar> {
        let span = self.expr_span(e);
        let text = self.view.text(self.view.ast()[e].span).to_ascii_uppercase();
        let other = || not_lowered(span, "this interval");
        let mut parts = text.split('\'');
        let (_, amount, unit) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
        let amount: i64 = amount
            .and_then(|a| a.trim().parse().ok())
            .ok_or_else(other)?;
        let unit = unit.split('(').next().unwrap_or_default().trim();
        let per_day = match unit {
            "DAY" => return Ok(number(amount)),
            "HOUR" => 24,
            "MINUTE" => 1440,
            "SECOND" => 86400,
            _ => return Err(other()),
        };
        Ok(coerce::arith(ArithOp::Div, number(amount), number(per_day)))
    }
}
