//! Spark's own ways in queries.

use sqlparser::ast::{DataType as SqlType, Expr, Ident, TimezoneInfo};

use crate::emit::fragment::SparkSql;
use crate::emit::sql::{AddUnit, Dialect, Kind, call, cast, verbatim};
use crate::plan::model::FunctionForm;
use crate::rel::{DataType, NamedWindow, PeriodUnit};

/// Spark SQL, in ANSI mode and with UTC as the session's time zone.
pub struct Spark;

impl Dialect for Spark {
    fn name(&self) -> &'static str {
        "spark"
    }

    fn quote(&self, name: &str) -> String {
        SparkSql::ident(name).to_string()
    }

    fn text(&self, text: &str) -> String {
        SparkSql::string(text).to_string()
    }

    fn form<'a>(&self, form: &'a FunctionForm) -> Option<&'a str> {
        form.spark.as_deref()
    }

    fn cast_type(&self, ty: &DataType) -> Option<SqlType> {
        match Kind::of(ty) {
            Kind::Decimal(p, s) => Some(self.decimal(p, s)),
            Kind::Integer => Some(SqlType::BigInt(None)),
            Kind::Double => Some(SqlType::Double(sqlparser::ast::ExactNumberInfo::None)),
            Kind::Text => Some(self.text_type()),
            Kind::Timestamp(0..=6) => Some(SqlType::Timestamp(None, TimezoneInfo::None)),
            Kind::Boolean => Some(SqlType::Boolean),
            Kind::Timestamp(_) | Kind::Number | Kind::Other => None,
        }
    }

    fn text_type(&self) -> SqlType {
        SqlType::String(None)
    }

    fn period(&self, date: Expr, unit: PeriodUnit) -> Expr {
        // weeks start on Monday here
        let unit = match unit {
            PeriodUnit::Minute => "MINUTE",
            PeriodUnit::Hour => "HOUR",
            PeriodUnit::Day => "DAY",
            PeriodUnit::Week => "WEEK",
            PeriodUnit::Month => "MONTH",
            PeriodUnit::Quarter => "QUARTER",
            PeriodUnit::Year => "YEAR",
        };
        call("DATE_TRUNC", vec![verbatim(self.text(unit)), date])
    }

    fn to_second(&self, timestamp: Expr) -> Expr {
        call("DATE_TRUNC", vec![verbatim(self.text("SECOND")), timestamp])
    }

    fn add_units(&self, unit: AddUnit, date: Expr, n: Expr) -> Expr {
        let unit = match unit {
            AddUnit::Day => "DAY",
            AddUnit::Second => "SECOND",
        };
        let n = match n {
            n @ Expr::Value(_) => n,
            other => cast(other, SqlType::Int(None)),
        };
        call("TIMESTAMPADD", vec![keyword(unit), n, date])
    }

    fn seconds_between(&self, start: Expr, end: Expr) -> Expr {
        call("TIMESTAMPDIFF", vec![keyword("SECOND"), start, end])
    }

    fn now(&self, ty: &DataType) -> Option<Expr> {
        let now = call("CURRENT_TIMESTAMP", vec![]);
        match ty {
            DataType::Date => Some(self.to_second(now)),
            DataType::Timestamp { .. } | DataType::TimestampLtz { .. } => Some(now),
            _ => None,
        }
    }

    fn like_escape(&self) -> Option<char> {
        Some('\\')
    }

    fn refuses_window(&self, _: &NamedWindow, _: bool) -> Option<&'static str> {
        None // results are computed as a batch
    }

    fn listagg(&self, _: Expr, _: &str) -> Option<Expr> {
        None
    }
}

fn keyword(word: &str) -> Expr {
    Expr::Identifier(Ident::new(word))
}
