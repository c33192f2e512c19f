//! What the schedule says about a parameter.

use crate::catalog::model::Bound;
use crate::rel::{DataType, Literal, PeriodUnit, Scalar};
use crate::source::Span;

use super::unit;

/// A parameter of the batch: something that is fixed during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchParam {
    /// Name, as in the placeholders.
    pub name: String,
    /// Type.
    pub ty: DataType,
    /// How the schedule binds it; None: nothing is known.
    pub bound: Option<Bound>,
    /// Where it is declared.
    pub span: Option<Span>,
}

impl BatchParam {
    /// The literal that it always is, if the schedule binds a constant of its type.
    pub(super) fn constant(&self) -> Option<Scalar> {
        let Some(Bound::Constant(text)) = &self.bound else {
            return None;
        };
        let literal = literal(text)?;
        let fits = match &literal {
            Literal::Null => true,
            Literal::Number(_) => self.ty.is_numeric(),
            Literal::Text(_) => self.ty.is_text(),
            Literal::Date(_) => self.ty == DataType::Date,
            Literal::Timestamp(_) => false,
            Literal::Boolean(_) => self.ty == DataType::Boolean,
        };
        fits.then_some(Scalar::Literal(literal))
    }

    /// The text of a date that is another one in every run.
    pub(super) fn run_date(&self) -> Option<&str> {
        match &self.bound {
            Some(Bound::RunDate(text)) => Some(text),
            Some(Bound::Constant(_) | Bound::Unknown(_)) | None => None,
        }
    }

    /// The unit that every value is the start of, by the schedule.
    pub(super) fn aligned(&self) -> Option<PeriodUnit> {
        unit::of_run_date(self.run_date()?)
    }
}

/// A literal as a schedule writes it.
fn literal(text: &str) -> Option<Literal> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    if upper == "NULL" || text == "''" {
        return Some(Literal::Null);
    }
    if upper == "TRUE" || upper == "FALSE" {
        return Some(Literal::Boolean(upper == "TRUE"));
    }
    if let Some(rest) = upper.strip_prefix("DATE") {
        let day = quoted(rest.trim())?;
        return is_day(&day).then(|| Literal::Date(format!("{day} 00:00:00")));
    }
    if let Some(value) = quoted(text) {
        return Some(Literal::Text(value));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.matches('.').count() <= 1;
    plain.then(|| Literal::Number(text.to_string()))
}

fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let value = inner.replace("''", "\u{0}");
    (!value.contains('\'')).then(|| value.replace('\u{0}', "'"))
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |p: &str, n: usize| p.len() == n && p.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.as_slice(), [y, m, d] if digits(y, 4) && digits(m, 2) && digits(d, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_schedules() {
        assert_eq!(literal("'O''Neill'"), Some(Literal::Text("O'Neill".into())));
        assert_eq!(
            literal("date '2024-02-29'"),
            Some(Literal::Date("2024-02-29 00:00:00".into()))
        );
        assert_eq!(literal("-1.5"), Some(Literal::Number("-1.5".into())));
        assert_eq!(literal("''"), Some(Literal::Null));
        assert_eq!(literal("'a' || 'b'"), None);
        assert_eq!(literal("TRUNC(SYSDATE)"), None);
    }

    #[test]
    fn a_constant_of_another_type_is_none() {
        let p = |ty, text: &str| BatchParam {
            name: "P".into(),
            ty,
            bound: Some(Bound::Constant(text.into())),
            span: None,
        };
        assert!(p(DataType::Date, "'2024-01-01'").constant().is_none());
        assert!(
            p(DataType::Varchar { length: 3 }, "'x'")
                .constant()
                .is_some()
        );
    }
}
