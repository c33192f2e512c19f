//! A small evaluator, for comparing a batch run for every day with the debatched query. Dates are seconds.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::dataflow::period::as_param;
use crate::rel::{
    AggFunction, ArithOp, CmpOp, ColumnRef, JoinKind, Literal, PeriodUnit, Rel, Scalar,
    SetOperator, WindowFunction,
};

pub const DAY: i64 = 86_400;

/// None is NULL; numbers are scaled by 86400, so that days and seconds are exact.
pub type Value = Option<i64>;
pub type Row = Vec<Value>;
pub type Tables = BTreeMap<String, Vec<Row>>;

pub struct Eval<'t> {
    pub tables: &'t Tables,
    /// Value of the parameter.
    pub param: i64,
}

/// Columns in sight with their values, innermost first.
type Scope<'s> = Vec<(&'s [ColumnRef], &'s [Value])>;

impl Eval<'_> {
    pub fn rows(&self, rel: &Rel) -> Vec<Row> {
        self.rel(rel, &Vec::new())
    }

    fn rel(&self, rel: &Rel, outer: &Scope<'_>) -> Vec<Row> {
        match rel {
            Rel::Scan(s) => self.tables[&s.table.name].clone(),
            Rel::Derived { input, .. } => self.rel(input, outer),
            Rel::Filter { input, predicate } => {
                let columns = input.outputs();
                let mut rows = self.rel(input, outer);
                rows.retain(|r| self.holds(predicate, &with(&columns, r, outer)));
                rows
            }
            Rel::Project { input, items } => {
                let columns = input.outputs();
                let one = |r: &Row| {
                    items
                        .iter()
                        .map(|i| self.scalar(&i.expr, &with(&columns, r, outer)))
                        .collect()
                };
                self.rel(input, outer).iter().map(one).collect()
            }
            Rel::Join {
                kind,
                left,
                right,
                on,
            } => self.join(*kind, left, right, on.as_ref(), outer),
            Rel::Aggregate { input, keys, aggs } => {
                let columns = input.outputs();
                let mut groups: BTreeMap<Row, Vec<Row>> = BTreeMap::new();
                if keys.is_empty() {
                    groups.insert(Vec::new(), Vec::new());
                }
                for r in self.rel(input, outer) {
                    let key = keys
                        .iter()
                        .map(|k| self.scalar(&k.expr, &with(&columns, &r, outer)))
                        .collect();
                    groups.entry(key).or_default().push(r);
                }
                let mut out = Vec::new();
                for (key, rows) in groups {
                    let mut row = key.clone();
                    for a in aggs {
                        let arg = |r: &Row| {
                            a.arg
                                .as_ref()
                                .map_or(Some(1), |x| self.scalar(x, &with(&columns, r, outer)))
                        };
                        let values: Vec<i64> = rows.iter().filter_map(arg).collect();
                        row.push(match a.function {
                            AggFunction::Sum => (!values.is_empty()).then(|| values.iter().sum()),
                            AggFunction::Max => values.iter().max().copied(),
                            AggFunction::CountStar | AggFunction::Count => {
                                Some(values.len() as i64 * DAY)
                            }
                            other => panic!("{other:?}"),
                        });
                    }
                    out.push(row);
                }
                out
            }
            Rel::Window { input, calls } => {
                let columns = input.outputs();
                let rows = self.rel(input, outer);
                let mut out = rows.clone();
                for c in calls {
                    assert_eq!(c.function, WindowFunction::RowNumber);
                    let part = |r: &Row| -> Row {
                        c.partition_by
                            .iter()
                            .map(|p| self.scalar(p, &with(&columns, r, outer)))
                            .collect()
                    };
                    let sort = |r: &Row| -> (Row, Row) {
                        let keys = c
                            .order_by
                            .iter()
                            .map(|o| self.scalar(&o.expr, &with(&columns, r, outer)));
                        (keys.collect(), r.clone())
                    };
                    for (i, r) in rows.iter().enumerate() {
                        let before = rows
                            .iter()
                            .filter(|o| part(o) == part(r) && sort(o) < sort(r))
                            .count();
                        out[i].push(Some((before as i64 + 1) * DAY));
                    }
                }
                out
            }
            Rel::Distinct { input } => distinct(self.rel(input, outer)),
            Rel::SetOp { set, left, right } => {
                let (mut l, r) = (self.rel(left, outer), self.rel(right, outer));
                match set {
                    SetOperator::UnionAll => l.extend(r),
                    SetOperator::Union => {
                        l.extend(r);
                        l = distinct(l);
                    }
                    SetOperator::Minus => {
                        l.retain(|x| !r.contains(x));
                        l = distinct(l);
                    }
                    SetOperator::Intersect => {
                        l.retain(|x| r.contains(x));
                        l = distinct(l);
                    }
                }
                l
            }
            Rel::Values { .. } | Rel::Limit { .. } => panic!("not used"),
        }
    }

    fn join(
        &self,
        kind: JoinKind,
        left: &Rel,
        right: &Rel,
        on: Option<&Scalar>,
        outer: &Scope<'_>,
    ) -> Vec<Row> {
        let (lc, rc) = (left.outputs(), right.outputs());
        let (ls, rs) = (self.rel(left, outer), self.rel(right, outer));
        let columns: Vec<ColumnRef> = lc.iter().chain(&rc).cloned().collect();
        let mut out = Vec::new();
        let mut right_matched = vec![false; rs.len()];
        for l in &ls {
            let mut matched = false;
            for (i, r) in rs.iter().enumerate() {
                let row: Row = l.iter().chain(r).copied().collect();
                if on.is_none_or(|on| self.holds(on, &with(&columns, &row, outer))) {
                    matched = true;
                    right_matched[i] = true;
                    out.push(row);
                }
            }
            if !matched && matches!(kind, JoinKind::Left | JoinKind::Full) {
                out.push(l.iter().copied().chain(rc.iter().map(|_| None)).collect());
            }
        }
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            for (r, _) in rs.iter().zip(&right_matched).filter(|(_, m)| !**m) {
                out.push(lc.iter().map(|_| None).chain(r.iter().copied()).collect());
            }
        }
        out
    }

    fn holds(&self, s: &Scalar, scope: &Scope<'_>) -> bool {
        self.truth(s, scope) == Some(true)
    }

    fn truth(&self, s: &Scalar, scope: &Scope<'_>) -> Option<bool> {
        match s {
            Scalar::And { items } => {
                let all: Vec<Option<bool>> = items.iter().map(|i| self.truth(i, scope)).collect();
                if all.contains(&Some(false)) {
                    Some(false)
                } else if all.contains(&None) {
                    None
                } else {
                    Some(true)
                }
            }
            Scalar::Or { items } => {
                let all: Vec<Option<bool>> = items.iter().map(|i| self.truth(i, scope)).collect();
                if all.contains(&Some(true)) {
                    Some(true)
                } else if all.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Scalar::Not { operand } => self.truth(operand, scope).map(|b| !b),
            Scalar::IsNull { operand, not } => Some(self.scalar(operand, scope).is_none() != *not),
            Scalar::Literal(Literal::Boolean(b)) => Some(*b),
            Scalar::Between {
                operand,
                low,
                high,
                not,
            } => {
                let x = self.scalar(operand, scope)?;
                Some((self.scalar(low, scope)? <= x && x <= self.scalar(high, scope)?) != *not)
            }
            Scalar::Compare { cmp, left, right } => {
                let o = self.scalar(left, scope)?.cmp(&self.scalar(right, scope)?);
                Some(match cmp {
                    CmpOp::Eq => o == Ordering::Equal,
                    CmpOp::Ne => o != Ordering::Equal,
                    CmpOp::Lt => o == Ordering::Less,
                    CmpOp::Le => o != Ordering::Greater,
                    CmpOp::Gt => o == Ordering::Greater,
                    CmpOp::Ge => o != Ordering::Less,
                })
            }
            Scalar::Exists { query, not } => Some(self.rel(query, scope).is_empty() == *not),
            other => panic!("{other:?}"),
        }
    }

    fn scalar(&self, s: &Scalar, scope: &Scope<'_>) -> Value {
        if as_param(s).is_some() {
            return Some(self.param);
        }
        match s {
            Scalar::Column(c) => {
                let find = |(columns, values): &(&[ColumnRef], &[Value])| {
                    columns
                        .iter()
                        .position(|o| o.relation == c.relation && o.name == c.name)
                        .map(|i| values[i])
                };
                scope
                    .iter()
                    .find_map(find)
                    .unwrap_or_else(|| panic!("no column {}.{}", c.relation, c.name))
            }
            Scalar::Literal(Literal::Number(n)) => {
                Some((n.parse::<f64>().unwrap() * DAY as f64).round() as i64)
            }
            Scalar::Literal(Literal::Null) => None,
            Scalar::Arith { arith, left, right } => {
                let (l, r) = (self.scalar(left, scope)?, self.scalar(right, scope)?);
                Some(match arith {
                    ArithOp::Add => l + r,
                    ArithOp::Sub => l - r,
                    ArithOp::Mul => l * r / DAY,
                    ArithOp::Div => l * DAY / r,
                })
            }
            Scalar::PeriodOf {
                operand,
                unit: PeriodUnit::Day,
            } => self.scalar(operand, scope).map(|x| x.div_euclid(DAY) * DAY),
            Scalar::Case { whens, otherwise } => {
                let hit = whens.iter().find(|w| self.holds(&w.when, scope));
                match hit {
                    Some(w) => self.scalar(&w.then, scope),
                    None => otherwise.as_ref().and_then(|o| self.scalar(o, scope)),
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

fn with<'s>(columns: &'s [ColumnRef], row: &'s [Value], outer: &Scope<'s>) -> Scope<'s> {
    let mut scope = vec![(columns, row)];
    scope.extend(outer.iter().copied());
    scope
}

fn distinct(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows.dedup();
    rows
}
