//! PIVOT, rewritten as grouping: `PIVOT (agg(x) FOR col IN (values))` is one CASE a value inside the aggregate.

use super::super::code::{AggCode, AggKind, Body, Cmp, Ex, Group, Leaf, Query, Select};
use super::super::stop::{Res, Stop};
use super::super::val::{RecTy, Ty, Val};
use super::from::Item;
use super::{Cx, QScope, Src};
use crate::syntax::ast::{FromItem, Id, Ident, TokSpan};
use crate::value::{Number, Value};
use std::rc::Rc;
use std::str::FromStr;

/// One aggregate of a PIVOT.
struct Part {
    kind: AggKind,
    column: Option<String>,
    alias: Option<String>,
}

struct Spec {
    parts: Vec<Part>,
    column: String,
    values: Vec<(Value, String)>,
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// PIVOT over one source; UNPIVOT and MATCH_RECOGNIZE are refused.
    pub(super) fn pivot(
        &mut self,
        input: Id<FromItem>,
        keyword: Ident,
        tail: TokSpan,
        alias: Option<String>,
    ) -> Res<Item> {
        let word = self.ident(keyword);
        if word != "PIVOT" {
            return self.unsupported(word, tail);
        }
        let words: Vec<String> = (tail.start..tail.end)
            .filter(|i| {
                !self
                    .view
                    .unit
                    .tape
                    .kinds
                    .get(*i as usize)
                    .is_some_and(|k| k.is_trivia())
            })
            .map(|i| self.view.token(i).to_string())
            .collect();
        let Some(spec) = read(&words) else {
            return self.unsupported("this form of PIVOT", tail);
        };
        self.queries.push(QScope::default());
        let built = self
            .from_item(input)
            .and_then(|item| self.pivot_query(item, &spec, tail));
        self.queries.pop();
        let q = Rc::new(built?);
        let src = Src {
            alias: alias.unwrap_or_default(),
            table: None,
            cols: q.cols.fields.clone(),
            merged: Vec::new(),
            rowid: false,
        };
        self.pivot_leaf(src, q)
    }

    fn pivot_leaf(&mut self, src: Src, q: Rc<Query>) -> Res<Item> {
        let Some(scope) = self.queries.last_mut() else {
            return Err(Stop::missing("PIVOT outside a query"));
        };
        scope.srcs.push(src);
        let at = scope.srcs.len() - 1;
        Ok(Item {
            from: super::super::code::From::Leaf(at, Leaf::Query(q), Vec::new()),
            srcs: vec![at],
            lateral: false,
        })
    }

    fn pivot_query(&mut self, item: Item, spec: &Spec, tail: TokSpan) -> Res<Query> {
        let srcs = self.queries.pop().map(|s| s.srcs).unwrap_or_default();
        self.queries.push(QScope::default());
        let col_of = |name: &str| {
            srcs.iter().enumerate().find_map(|(s, src)| {
                let at = src.cols.iter().position(|(n, _)| n == name)?;
                let ex = Ex::Col {
                    up: 0,
                    src: s as u16,
                    col: at as u16,
                };
                Some((ex, src.cols[at].1.clone()))
            })
        };
        let missing = |name: &str| Stop::missing(format!("column {name} of PIVOT"));
        let (on, on_ty) = col_of(&spec.column).ok_or_else(|| missing(&spec.column))?;
        let used =
            |n: &str| n == spec.column || spec.parts.iter().any(|p| p.column.as_deref() == Some(n));
        let mut keys = Vec::new();
        let mut cols = Vec::new();
        for (s, src) in srcs.iter().enumerate() {
            for (c, (name, ty)) in src.cols.iter().enumerate().filter(|(_, (n, _))| !used(n)) {
                keys.push(Ex::Col {
                    up: 0,
                    src: s as u16,
                    col: c as u16,
                });
                cols.push((name.clone(), ty.clone()));
            }
        }
        let mut aggs = Vec::new();
        for (value, name) in &spec.values {
            for p in &spec.parts {
                let (arg, ty) = match &p.column {
                    Some(c) => col_of(c).ok_or_else(|| missing(c))?,
                    None => (super::expr::number(1), Ty::NUMBER),
                };
                let test = Ex::Cmp(
                    Cmp::Eq,
                    Box::new((on.clone(), Ex::Const(Val::S(value.clone())))),
                    on_ty.is_char(),
                );
                aggs.push(AggCode {
                    kind: p.kind,
                    distinct: false,
                    arg: Some(Ex::Case(vec![(test, arg)], None)),
                    separator: None,
                    order: Vec::new(),
                    keep: None,
                });
                let name = p
                    .alias
                    .as_ref()
                    .map_or(name.clone(), |a| format!("{name}_{a}"));
                cols.push((
                    name,
                    if p.kind == AggKind::Count {
                        Ty::NUMBER
                    } else {
                        ty
                    },
                ));
            }
        }
        let all = vec![true; keys.len()];
        let items = (0..keys.len()).map(|k| Ex::Key(k as u16));
        let items = items
            .chain((0..aggs.len()).map(|a| Ex::Agg(a as u16)))
            .collect();
        let select = Select {
            from: item.from,
            nulls: srcs
                .iter()
                .map(|s| vec![Value::Null; s.cols.len() + 1].into())
                .collect(),
            filters: Vec::new(),
            connect: None,
            group: Some(Box::new(Group {
                whole: keys.is_empty(),
                sets: vec![all],
                keys,
                aggs,
                having: None,
            })),
            wins: Vec::new(),
            items,
            distinct: None,
            rownum: Vec::new(),
        };
        Ok(Query {
            span: self.span(tail),
            body: Body::Select(Box::new(select)),
            order: Vec::new(),
            offset: None,
            fetch: None,
            cols: Rc::new(RecTy { fields: cols }),
            rowid: false,
            free: false,
        })
    }
}

fn name(word: &str) -> String {
    match word.strip_prefix('"') {
        Some(q) => q.trim_end_matches('"').to_string(),
        None => word.to_uppercase(),
    }
}

/// `PIVOT ( agg ( col ) [AS a] , .. FOR col IN ( value [AS a] , .. ) )`.
fn read(words: &[String]) -> Option<Spec> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let open = words.iter().position(|w| *w == "(")?;
    let for_ = words.iter().position(|w| w.eq_ignore_ascii_case("FOR"))?;
    let mut parts = Vec::new();
    for piece in words[open + 1..for_].split(|w| *w == ",") {
        let (kind, column, rest) = match piece {
            [f, "(", c, ")", rest @ ..] => (f.to_uppercase(), *c, rest),
            _ => return None,
        };
        let kind = match kind.as_str() {
            "SUM" => AggKind::Sum,
            "COUNT" => AggKind::Count,
            "MIN" => AggKind::Min,
            "MAX" => AggKind::Max,
            "AVG" => AggKind::Avg,
            _ => return None,
        };
        parts.push(Part {
            kind,
            column: (column != "*").then(|| name(column)),
            alias: alias(rest)?,
        });
    }
    let column = name(words.get(for_ + 1)?);
    let in_ = words.get(for_ + 2).filter(|w| w.eq_ignore_ascii_case("IN"));
    in_?;
    let close = words
        .iter()
        .rposition(|w| *w == ")")
        .filter(|c| *c > for_ + 4)?;
    let inner = words.get(for_ + 4..close - 1)?;
    let mut values = Vec::new();
    for piece in inner.split(|w| *w == ",") {
        let (first, rest) = piece.split_first()?;
        let value = if first.starts_with('\'') {
            Value::text(crate::syntax::string_value(first))
        } else {
            Value::Number(Number::from_str(first).ok()?)
        };
        let shown = match first.starts_with('\'') {
            true => (*first).to_string(),
            false => (*first).to_uppercase(),
        };
        values.push((value, alias(rest)?.unwrap_or(shown)));
    }
    Some(Spec {
        parts,
        column,
        values,
    })
}

/// An alias; the outer None is a form that is not understood.
fn alias(rest: &[&str]) -> Option<Option<String>> {
    match rest {
        [] => Some(None),
        [a, n] if a.eq_ignore_ascii_case("AS") => Some(Some(name(n))),
        [n] => Some(Some(name(n))),
        _ => None,
    }
}
