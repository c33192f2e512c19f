//! Constants that code compares columns with: by the column's name, from all texts of the estate.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::source::SourceMap;
use crate::syntax::ast::{Expr, ExprKind, Id, Item, SetExpr};
use crate::syntax::{ParsedFile, View, for_each_expr, for_each_query};
use crate::value::{Number, Value};

/// Constants by column name.
#[derive(Debug, Default)]
pub struct Hints {
    by_name: BTreeMap<String, Vec<Value>>,
    /// Texts that code converts.
    pub forms: BTreeMap<String, Form>,
    /// Columns that are compared with each other.
    pub joined: Vec<(String, String)>,
    /// Two-digit texts: days and months that code asks the clock for.
    pub days: Vec<u32>,
    /// Numbers of rows that code compares a count or a rank with, in order: a database with fewer rows never gets there.
    pub sizes: Vec<usize>,
}

/// What code converts a text to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// TO_NUMBER.
    Number,
    /// TO_DATE or TO_TIMESTAMP, with the mask.
    Date(String),
}

/// More rows than this are not made for the sake of one comparison.
const MANY: usize = 40;

/// Functions whose result is a number of rows.
const COUNTING: &[&str] = &["ROW_NUMBER", "RANK", "DENSE_RANK", "COUNT"];

impl Hints {
    /// Constants of a column.
    pub fn of(&self, column: &str) -> &[Value] {
        self.by_name.get(column).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, column: String, v: Value) {
        let known = self.by_name.entry(column).or_default();
        if !v.is_null() && !known.contains(&v) {
            known.push(v);
        }
    }
}

/// Collects them.
pub fn hints(map: &SourceMap, files: &[ParsedFile]) -> Hints {
    let mut out = Hints::default();
    for unit in files.iter().flat_map(|f| &f.units) {
        let view = View::new(map, unit);
        let counted = counted(view, unit.item);
        for_each_expr(view.ast(), unit.item, &mut |e| {
            compared(view, e, &mut out);
            converted(view, e, &mut out);
            sized(view, e, &counted, &mut out);
        });
        for_each_query(view.ast(), unit.item, &mut |q| {
            let first = view.ast()[q].fetch.and_then(|f| view.ast()[f].count);
            out.sizes.extend(first.and_then(|n| rows(view, n)));
        });
    }
    out.joined.sort_unstable();
    out.joined.dedup();
    out.sizes.sort_unstable();
    out.sizes.dedup();
    out.days.sort_unstable();
    out.days.dedup();
    out
}

/// Aliases of counts and ranks in the unit's queries.
fn counted(view: View<'_>, unit: Id<Item>) -> BTreeSet<String> {
    let ast = view.ast();
    let mut out = BTreeSet::new();
    for_each_query(ast, unit, &mut |q| {
        if let SetExpr::Select(s) = ast[ast[q].body] {
            let items = ast.list(ast[s].items).iter();
            let counts = items.filter(|i| counting(view, i.expr));
            out.extend(counts.filter_map(|i| Some(ast.ident(i.alias?).to_string())));
        }
    });
    out
}

fn counting(view: View<'_>, e: Id<Expr>) -> bool {
    match view.ast()[e].kind {
        ExprKind::Call { callee, .. } => {
            last_name(view, callee).is_some_and(|n| COUNTING.contains(&n.as_str()))
        }
        ExprKind::Paren(inner) => counting(view, inner),
        _ => false,
    }
}

/// A comparison of a count or a rank with a number of rows.
fn sized(view: View<'_>, e: Id<Expr>, counted: &BTreeSet<String>, out: &mut Hints) {
    let is_count = |e: Id<Expr>| {
        let named = last_name(view, e).is_some_and(|n| n == "ROWNUM" || counted.contains(&n));
        named || counting(view, e)
    };
    match view.ast()[e].kind {
        ExprKind::Compare { left, right, .. } if is_count(left) => {
            out.sizes.extend(rows(view, right));
        }
        ExprKind::Compare { left, right, .. } if is_count(right) => {
            out.sizes.extend(rows(view, left));
        }
        ExprKind::Between {
            operand, low, high, ..
        } if is_count(operand) => {
            out.sizes.extend(rows(view, low));
            out.sizes.extend(rows(view, high));
        }
        _ => {}
    }
}

/// A literal that a number of rows can reach.
fn rows(view: View<'_>, literal: Id<Expr>) -> Option<usize> {
    let n = view.number(literal)?.parse::<usize>().ok()?;
    (2..=MANY).contains(&n).then_some(n)
}

/// The last part of a dotted name.
fn last_name(view: View<'_>, e: Id<Expr>) -> Option<String> {
    let ast = view.ast();
    match ast[e].kind {
        ExprKind::Name(n) => ast.parts(ast[n].parts).last().map(|p| (*p).to_string()),
        ExprKind::Field { name, .. } => Some(ast.ident(name).to_string()),
        _ => None,
    }
}

/// A conversion of a column's text.
fn converted(view: View<'_>, e: Id<Expr>, out: &mut Hints) {
    let ast = view.ast();
    let ExprKind::Call { callee, args, .. } = ast[e].kind else {
        return;
    };
    let args = ast.list(args);
    let Some(column) = args.first().and_then(|a| last_name(view, a.value)) else {
        return;
    };
    let form = match (last_name(view, callee).as_deref(), args.get(1)) {
        (Some("TO_NUMBER"), None) => Form::Number,
        (Some("TO_DATE" | "TO_TIMESTAMP"), Some(mask)) => match view.string(mask.value) {
            Some(mask) => Form::Date(mask),
            None => return,
        },
        _ => return,
    };
    out.forms.insert(column, form);
}

fn compared(view: View<'_>, e: Id<Expr>, out: &mut Hints) {
    let ast = view.ast();
    match ast[e].kind {
        ExprKind::Compare { left, right, .. } => {
            pair(view, left, right, out);
            pair(view, right, left, out);
            if let Some(text) = view.string(right).or_else(|| view.string(left)) {
                let day = text
                    .parse::<u32>()
                    .ok()
                    .filter(|d| text.len() == 2 && (1..=31).contains(d));
                out.days.extend(day);
            }
        }
        ExprKind::InList { operand, items, .. } => {
            for item in items.ids() {
                pair(view, operand, item, out);
            }
        }
        ExprKind::Between {
            operand, low, high, ..
        } => {
            pair(view, operand, low, out);
            pair(view, operand, high, out);
        }
        ExprKind::Case {
            operand: Some(operand),
            whens,
            ..
        } => {
            for w in ast.list(whens) {
                pair(view, operand, w.when, out);
            }
        }
        _ => {}
    }
}

/// A name beside a literal.
fn pair(view: View<'_>, name: Id<Expr>, literal: Id<Expr>, out: &mut Hints) {
    let ast = view.ast();
    if let ExprKind::Paren(inner) = ast[name].kind {
        return pair(view, inner, literal, out);
    }
    let Some(name) = last_name(view, name) else {
        return;
    };
    if let Some(other) = last_name(view, literal) {
        out.joined.push((name.clone(), other));
    }
    let value = match ast[literal].kind {
        ExprKind::Number => view
            .number(literal)
            .and_then(|n| Number::from_str(n).ok())
            .map(Value::Number),
        ExprKind::String => view.string(literal).map(Value::text),
        _ => None,
    };
    if let Some(v) = value {
        out.add(name, v);
    }
}
