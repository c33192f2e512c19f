//! Types of expressions, as far as declarations need them: views, cursors, CREATE TABLE AS, overloads. What an
//! expression is worth is not asked here.

use super::resolve::{Resolver, Scope, ValueType};
use crate::rel::DataType;
use crate::syntax::ast::{
    BinaryOp, ChainOp, Expr, ExprKind, Id, List, Query, Special, UnaryOp, When,
};

/// One question of a type.
pub(super) struct Typing<'r, 'a> {
    /// Names.
    pub resolver: &'r Resolver<'a>,
    /// Where the expression stands.
    pub scope: &'r Scope,
    /// Type of a dotted name.
    pub name: &'r dyn Fn(&[&str]) -> DataType,
    /// Type of a scalar subquery.
    pub query: &'r dyn Fn(Id<Query>) -> DataType,
}

fn unknown(reason: impl Into<String>) -> DataType {
    DataType::Unknown {
        reason: reason.into(),
    }
}

impl Typing<'_, '_> {
    /// The type of `expr`.
    pub(super) fn of(&self, expr: Id<Expr>, depth: u32) -> DataType {
        if depth > 64 {
            return unknown("the expression is nested too deeply");
        }
        let view = self.resolver.view(self.scope.unit);
        let ast = view.ast();
        let next = |e| self.of(e, depth + 1);
        match ast[expr].kind {
            ExprKind::Null => unknown("NULL has no type of its own"),
            ExprKind::Bool(_)
            | ExprKind::Compare { .. }
            | ExprKind::Between { .. }
            | ExprKind::InList { .. }
            | ExprKind::InQuery { .. }
            | ExprKind::Like { .. }
            | ExprKind::IsNull { .. }
            | ExprKind::Is { .. }
            | ExprKind::Exists(_) => DataType::Boolean,
            ExprKind::Number => DataType::number(),
            ExprKind::String => DataType::Varchar {
                length: view.string(expr).map_or(0, |s| s.chars().count() as u32),
            },
            ExprKind::DateLit => DataType::Date,
            ExprKind::TimestampLit => DataType::Timestamp { precision: 9 },
            ExprKind::IntervalLit => interval(view.text(ast[expr].span)),
            ExprKind::Name(n) => (self.name)(&ast.parts(ast[n].parts)),
            ExprKind::CursorAttr { attr, .. } => match attr {
                crate::syntax::ast::CursorAttr::RowCount
                | crate::syntax::ast::CursorAttr::BulkRowCount => DataType::integer(10),
                crate::syntax::ast::CursorAttr::Found
                | crate::syntax::ast::CursorAttr::NotFound
                | crate::syntax::ast::CursorAttr::IsOpen => DataType::Boolean,
                crate::syntax::ast::CursorAttr::BulkExceptions => {
                    unknown("SQL%BULK_EXCEPTIONS is a collection")
                }
            },
            ExprKind::Call { callee, args, .. } => {
                let args = ast.list(args).iter().map(|a| a.value).collect::<Vec<_>>();
                self.call(callee, &args, depth)
            }
            ExprKind::Special(id) => {
                let Special { name, args, .. } = ast[id];
                let args = ast.list(args).iter().map(|a| a.value).collect::<Vec<_>>();
                self.builtin(ast.ident(name), &args, depth)
                    .unwrap_or_else(|| unknown(format!("type of {}", ast.ident(name))))
            }
            ExprKind::Field { .. } => self.value(expr, depth).scalar(),
            ExprKind::Unary { op, operand } => match op {
                UnaryOp::Not => DataType::Boolean,
                UnaryOp::Plus
                | UnaryOp::Minus
                | UnaryOp::Prior
                | UnaryOp::ConnectByRoot
                | UnaryOp::New
                | UnaryOp::Distinct
                | UnaryOp::Old => next(operand),
            },
            ExprKind::Binary { op, left, right } => match op {
                BinaryOp::Sub => difference(next(left), next(right)),
                BinaryOp::Div | BinaryOp::Power | BinaryOp::Mod => DataType::number(),
                BinaryOp::Range | BinaryOp::Pair => unknown("a range is no value"),
            },
            ExprKind::Chain { op, items } => self.chain(op, items, depth),
            ExprKind::Case { whens, else_, .. } => self.case(whens, else_, depth),
            ExprKind::Cast { ty, .. } => self.resolver.data_type(self.scope, ty),
            ExprKind::Extract { .. } => DataType::number(),
            ExprKind::Subquery(q) => (self.query)(q),
            ExprKind::Paren(e) | ExprKind::Outer(e) => next(e),
            ExprKind::AtTimeZone { .. } => DataType::TimestampTz { precision: 9 },
            ExprKind::Bind(_)
            | ExprKind::Subst
            | ExprKind::Star(_)
            | ExprKind::CursorQuery(_)
            | ExprKind::Row(_)
            | ExprKind::Multiset { .. }
            | ExprKind::Inquiry(_)
            | ExprKind::Type(_)
            | ExprKind::Unparsed => {
                let text: String = view.text(ast[expr].span).chars().take(40).collect();
                unknown(format!("`{text}` has no type that the text shows"))
            }
        }
    }

    /// The type of a value that may be a record: `f(x).y`, `t(i).col`.
    pub(super) fn value(&self, expr: Id<Expr>, depth: u32) -> ValueType {
        if depth > 64 {
            return ValueType::unknown("the expression is nested too deeply");
        }
        let ast = self.resolver.view(self.scope.unit).ast();
        match ast[expr].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                self.resolver.type_of_name(self.scope, &parts)
            }
            ExprKind::Field { base, name } => self.value(base, depth + 1).field(ast.ident(name)),
            ExprKind::Paren(e) => self.value(e, depth + 1),
            ExprKind::Call { callee, .. } => match self.value(callee, depth + 1) {
                ValueType::Collection(element) => *element,
                t @ (ValueType::Scalar(_) | ValueType::Record(_) | ValueType::RefCursor) => t,
            },
            _ => ValueType::Scalar(self.of(expr, depth + 1)),
        }
    }

    fn chain(&self, op: ChainOp, items: List<Expr>, depth: u32) -> DataType {
        let next = |e| self.of(e, depth + 1);
        match op {
            ChainOp::And | ChainOp::Or => DataType::Boolean,
            ChainOp::Concat => DataType::Varchar { length: 4000 },
            ChainOp::Mul => DataType::number(),
            // DATE + number is a DATE.
            ChainOp::Add => items
                .ids()
                .map(next)
                .find(|t| !t.is_numeric())
                .filter(|t| t.is_datetime() || matches!(t, DataType::Unknown { .. }))
                .unwrap_or_else(DataType::number),
        }
    }

    fn case(&self, whens: List<When>, else_: Option<Id<Expr>>, depth: u32) -> DataType {
        let ast = self.resolver.view(self.scope.unit).ast();
        let results = ast.list(whens).iter().map(|w| w.then).chain(else_);
        self.widest(results, depth)
    }

    /// The first known type; of texts the longest.
    fn widest(&self, items: impl Iterator<Item = Id<Expr>>, depth: u32) -> DataType {
        let mut best = unknown("no branch shows a type");
        for t in items.map(|e| self.of(e, depth + 1)) {
            best = match (&best, &t) {
                (_, DataType::Unknown { .. }) => best,
                (DataType::Unknown { .. }, _) => t,
                (DataType::Varchar { length: a }, DataType::Varchar { length: b }) => {
                    DataType::Varchar { length: *a.max(b) }
                }
                (a, b) if a.is_numeric() && b.is_numeric() && a != b => DataType::number(),
                _ => best,
            };
        }
        best
    }

    fn call(&self, callee: Id<Expr>, args: &[Id<Expr>], depth: u32) -> DataType {
        let ast = self.resolver.view(self.scope.unit).ast();
        if let ExprKind::Name(n) = ast[callee].kind {
            let parts = ast.parts(ast[n].parts);
            if let [single] = parts.as_slice()
                && let Some(t) = self.builtin(single, args, depth)
            {
                return t;
            }
        }
        match self.value(callee, depth + 1) {
            ValueType::Collection(element) => element.scalar(),
            t @ (ValueType::Scalar(_) | ValueType::Record(_) | ValueType::RefCursor) => t.scalar(),
        }
    }

    /// The result of a function of Oracle's.
    fn builtin(&self, name: &str, args: &[Id<Expr>], depth: u32) -> Option<DataType> {
        let first = || args.first().map(|a| self.of(*a, depth + 1));
        Some(match name {
            "COUNT" | "SUM" | "AVG" | "ROW_NUMBER" | "RANK" | "DENSE_RANK" | "LENGTH"
            | "LENGTHB" | "INSTR" | "INSTRB" | "MONTHS_BETWEEN" | "MOD" | "SIGN" | "POWER"
            | "SQRT" | "TO_NUMBER" | "ASCII" | "NTILE" | "STDDEV" | "VARIANCE" | "MEDIAN"
            | "RATIO_TO_REPORT" | "CEIL" | "FLOOR" | "ABS" | "LN" | "EXP" | "LOG"
            | "PERCENT_RANK" | "CUME_DIST" | "REGEXP_COUNT" | "REGEXP_INSTR" | "GROUPING"
            | "GROUPING_ID" | "ORA_HASH" | "BITAND" | "VSIZE" | "REMAINDER" => DataType::number(),
            "TO_CHAR" | "SUBSTR" | "SUBSTRB" | "UPPER" | "LOWER" | "INITCAP" | "TRIM" | "LTRIM"
            | "RTRIM" | "LPAD" | "RPAD" | "REPLACE" | "TRANSLATE" | "CONCAT" | "LISTAGG"
            | "CHR" | "REGEXP_REPLACE" | "REGEXP_SUBSTR" | "SYS_CONTEXT" | "RAWTOHEX"
            | "JSON_VALUE" | "SQLERRM" => DataType::Varchar { length: 4000 },
            "TO_DATE" | "ADD_MONTHS" | "LAST_DAY" | "NEXT_DAY" | "SYSDATE" => DataType::Date,
            "TO_TIMESTAMP" => DataType::Timestamp { precision: 9 },
            "TO_TIMESTAMP_TZ" | "FROM_TZ" => DataType::TimestampTz { precision: 9 },
            "TO_CLOB" => DataType::Clob,
            "NUMTODSINTERVAL" | "TO_DSINTERVAL" => DataType::IntervalDs,
            "NUMTOYMINTERVAL" | "TO_YMINTERVAL" => DataType::IntervalYm,
            "HEXTORAW" | "STANDARD_HASH" => DataType::Raw { length: 2000 },
            "TRUNC" | "ROUND" => match first()? {
                t if t.is_datetime() => DataType::Date,
                t if t.is_numeric() => DataType::number(),
                t => t,
            },
            "MIN" | "MAX" | "LAG" | "LEAD" | "FIRST_VALUE" | "LAST_VALUE" | "NTH_VALUE"
            | "NULLIF" | "ANY_VALUE" => first()?,
            "NVL" | "COALESCE" | "GREATEST" | "LEAST" => self.widest(args.iter().copied(), depth),
            "NVL2" => self.widest(args.iter().copied().skip(1), depth),
            "DECODE" => self.widest(decode_results(args).into_iter(), depth),
            _ => return None,
        })
    }
}

/// Results of DECODE(x, s1, r1, s2, r2, .., default).
fn decode_results(args: &[Id<Expr>]) -> Vec<Id<Expr>> {
    let rest = args.get(1..).unwrap_or(&[]);
    let mut out: Vec<_> = rest.chunks_exact(2).map(|pair| pair[1]).collect();
    out.extend(rest.chunks_exact(2).remainder());
    out
}

fn difference(left: DataType, right: DataType) -> DataType {
    match (&left, &right) {
        (DataType::Date, DataType::Date) => DataType::number(),
        (l, r) if l.is_datetime() && r.is_datetime() => DataType::IntervalDs,
        (l, _) if l.is_datetime() => left,
        (DataType::Unknown { .. }, _) => left,
        _ => DataType::number(),
    }
}

fn interval(text: &str) -> DataType {
    let upper = text.to_ascii_uppercase();
    if upper.contains("YEAR") || upper.contains("MONTH") {
        DataType::IntervalYm
    } else {
        DataType::IntervalDs
    }
}
