//! Flink's own ways in queries.

use sqlparser::ast::{
    CeilFloorKind, DataType as SqlType, DateTimeField, Expr, Ident, TimezoneInfo,
};

use crate::emit::fragment::FlinkSql;
use crate::emit::sql::{AddUnit, Dialect, Kind, call, cast, lit_number, minus, verbatim};
use crate::plan::model::FunctionForm;
use crate::rel::{DataType, NamedWindow, PeriodUnit, WindowFunction};

/// The time at which a query is asked, in Flink's words.
pub(super) const CLOCK: &str = "CURRENT_TIMESTAMP";

/// Flink SQL.
pub struct Flink;

impl Dialect for Flink {
    fn name(&self) -> &'static str {
        "flink"
    }

    fn quote(&self, name: &str) -> String {
        FlinkSql::ident(name).to_string()
    }

    fn text(&self, text: &str) -> String {
        FlinkSql::string(text).to_string()
    }

    fn form<'a>(&self, form: &'a FunctionForm) -> Option<&'a str> {
        form.flink.as_deref()
    }

    fn cast_type(&self, ty: &DataType) -> Option<SqlType> {
        match Kind::of(ty) {
            Kind::Decimal(p, s) => Some(self.decimal(p, s)),
            Kind::Integer => Some(SqlType::BigInt(None)),
            Kind::Double => Some(SqlType::Double(sqlparser::ast::ExactNumberInfo::None)),
            Kind::Text => Some(self.text_type()),
            Kind::Timestamp(p) => Some(SqlType::Timestamp(Some(p.into()), TimezoneInfo::None)),
            Kind::Boolean => Some(SqlType::Boolean),
            Kind::Number | Kind::Other => None,
        }
    }

    fn text_type(&self) -> SqlType {
        SqlType::String(None)
    }

    fn period(&self, date: Expr, unit: PeriodUnit) -> Expr {
        let field = match unit {
            PeriodUnit::Minute => DateTimeField::Minute,
            PeriodUnit::Hour => DateTimeField::Hour,
            PeriodUnit::Day => DateTimeField::Day,
            PeriodUnit::Week => return iso_week(self, date),
            PeriodUnit::Month => DateTimeField::Month,
            PeriodUnit::Quarter => DateTimeField::Quarter,
            PeriodUnit::Year => DateTimeField::Year,
        };
        floor(date, field)
    }

    fn to_second(&self, timestamp: Expr) -> Expr {
        let second = floor(timestamp, DateTimeField::Second);
        cast(second, SqlType::Timestamp(Some(3), TimezoneInfo::None))
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
        let now = verbatim(CLOCK);
        match ty {
            // table.local-time-zone is UTC: so are audit times
            DataType::Date => Some(cast(now, SqlType::Timestamp(Some(0), TimezoneInfo::None))),
            DataType::Timestamp { .. } | DataType::TimestampLtz { .. } => {
                Some(cast(now, SqlType::Timestamp(Some(3), TimezoneInfo::None)))
            }
            _ => None,
        }
    }

    fn like_escape(&self) -> Option<char> {
        None
    }

    fn refuses_window(&self, call: &NamedWindow, top_n: bool) -> Option<&'static str> {
        match call.function {
            WindowFunction::RowNumber if top_n => return None,
            WindowFunction::Rank | WindowFunction::DenseRank if top_n => {
                return Some("a top-N by RANK or DENSE_RANK: only ROW_NUMBER has one");
            }
            WindowFunction::Lead => return Some("LEAD over a stream"),
            WindowFunction::Lag if call.args.len() > 1 => return Some("LAG with an offset"),
            WindowFunction::RowNumber
            | WindowFunction::Rank
            | WindowFunction::DenseRank
            | WindowFunction::Lag
            | WindowFunction::FirstValue
            | WindowFunction::LastValue
            | WindowFunction::Sum
            | WindowFunction::Count
            | WindowFunction::Min
            | WindowFunction::Max
            | WindowFunction::Avg => {}
        }
        match call.order_by.as_slice() {
            [one] if !one.desc => None,
            [_] => Some("an analytic function with a descending order"),
            [] => Some("an analytic function without ORDER BY"),
            _ => Some("an analytic function with more than one ORDER BY item"),
        }
    }

    fn listagg(&self, arg: Expr, separator: &str) -> Option<Expr> {
        Some(call("LISTAGG", vec![arg, verbatim(self.text(separator))]))
    }
}

fn keyword(word: &str) -> Expr {
    Expr::Identifier(Ident::new(word))
}

fn floor(date: Expr, field: DateTimeField) -> Expr {
    Expr::Floor {
        expr: Box::new(date),
        field: CeilFloorKind::DateTimeField(field),
    }
}

/// FLOOR(.. TO WEEK) starts weeks on Sunday, and DAYOFWEEK is wrong before 1970: count days from a Monday.
fn iso_week(dialect: &Flink, date: Expr) -> Expr {
    let day = floor(date, DateTimeField::Day);
    let monday = verbatim("TIMESTAMP '0001-01-01 00:00:00'");
    let days = call("TIMESTAMPDIFF", vec![keyword("DAY"), monday, day.clone()]);
    let since_monday = call("MOD", vec![days, lit_number("7")]);
    dialect.add_units(AddUnit::Day, day, minus(since_monday))
}
