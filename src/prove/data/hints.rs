//! Constants that code compares columns with: by the column's name, from all texts of the estate.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::source::SourceMap;
use crate::syntax::ast::{Expr, ExprKind, Id};
use crate::syntax::{ParsedFile, View, for_each_expr};
use crate::value::{Number, Value};

/// Constants by column name.
#[derive(Debug, Default)]
pub struct Hints {
    by_name: BTreeMap<String, Vec<Value>>,
    /// Two-digit texts: days and months that code asks the clock for.
    pub days: Vec<u32>,
}

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
        for_each_expr(view.ast(), unit.item, &mut |e| compared(view, e, &mut out));
    }
    out.days.sort_unstable();
    out.days.dedup();
    out
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
    let name = match ast[name].kind {
        ExprKind::Name(n) => ast.parts(ast[n].parts).last().map(|p| (*p).to_string()),
        ExprKind::Field { name, .. } => Some(ast.ident(name).to_string()),
        ExprKind::Paren(inner) => return pair(view, inner, literal, out),
        _ => None,
    };
    let Some(name) = name else { return };
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
