//! Operators over rows in memory.

use std::collections::{HashMap, HashSet};

use super::bind::{Ex, Node};
use super::scalar::Reach;
use super::{EvalError, Row, Session, Tables};
use crate::rel::{JoinKind, SetOperator};
use crate::value::Value;

type Res<T> = Result<T, EvalError>;

/// One evaluation.
pub(super) struct Run<'t> {
    pub tables: &'t Tables,
    pub session: &'t Session,
    left: u64,
}

/// A value as it is grouped and joined.
pub(super) fn key_form(v: &Value, padded: bool) -> Value {
    match v {
        Value::Timestamp(d) => Value::Date(*d),
        Value::Text(t) if padded => Value::Text(t.trim_end_matches(' ').to_string()),
        other => other.clone(),
    }
}

pub(super) fn row_key(row: &[Value]) -> Vec<Value> {
    row.iter().map(|v| key_form(v, false)).collect()
}

impl<'t> Run<'t> {
    pub(super) fn new(tables: &'t Tables, session: &'t Session) -> Self {
        Run {
            tables,
            session,
            left: session.fuel,
        }
    }

    pub(super) fn burn(&mut self, steps: usize) -> Res<()> {
        match self.left.checked_sub(steps as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(EvalError::Fuel(self.session.fuel)),
        }
    }

    /// The rows of a relation; `outer` are the rows of the queries around it.
    pub(super) fn rows(&mut self, node: &Node, outer: &Reach<'_>) -> Res<Vec<Row>> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.node(node, outer))
    }

    fn node(&mut self, node: &Node, outer: &Reach<'_>) -> Res<Vec<Row>> {
        match node {
            Node::Scan(table, columns) => self.scan(table, columns),
            Node::Values(rows) => Ok(rows.clone()),
            Node::Filter(input, predicate) => {
                let mut rows = self.rows(input, outer)?;
                self.burn(rows.len())?;
                let mut kept = Vec::new();
                for row in rows.drain(..) {
                    if self.over(outer, &row, |r, reach| r.truth(predicate, reach))? == Some(true) {
                        kept.push(row);
                    }
                }
                Ok(kept)
            }
            Node::Project(input, items) => {
                let rows = self.rows(input, outer)?;
                self.burn(rows.len())?;
                rows.iter()
                    .map(|row| self.over(outer, row, |r, reach| r.values(items, reach)))
                    .collect()
            }
            Node::Join { .. } => self.join(node, outer),
            Node::Aggregate { input, keys, aggs } => {
                let rows = self.rows(input, outer)?;
                self.aggregate(rows, keys, aggs, outer)
            }
            Node::Window(input, calls) => {
                let rows = self.rows(input, outer)?;
                self.windows(rows, calls, outer)
            }
            Node::Distinct(input) => Ok(unique(self.rows(input, outer)?)),
            Node::Set(op, left, right) => {
                let (left, right) = (self.rows(left, outer)?, self.rows(right, outer)?);
                Ok(combined(*op, left, right))
            }
            Node::Limit(input, order, count) => {
                let rows = self.rows(input, outer)?;
                let mut rows = self.sorted(rows, order, outer)?;
                rows.truncate(usize::try_from(*count).unwrap_or(usize::MAX));
                Ok(rows)
            }
        }
    }

    /// Runs `f` with a row on top of those around.
    pub(super) fn over<T>(
        &mut self,
        outer: &Reach<'_>,
        row: &[Value],
        f: impl FnOnce(&mut Self, &Reach<'_>) -> Res<T>,
    ) -> Res<T> {
        if outer.is_empty() {
            return f(self, &[row]);
        }
        let mut reach: Vec<&[Value]> = outer.to_vec();
        reach.push(row);
        f(self, &reach)
    }

    fn scan(&mut self, table: &crate::rel::TableName, columns: &[String]) -> Res<Vec<Row>> {
        let Some(t) = self.tables.get(table) else {
            return Err(EvalError::Missing(format!("table {table}")));
        };
        let place = |c: &String| {
            let at = t.columns.iter().position(|n| n == c);
            at.ok_or_else(|| EvalError::Missing(format!("column {table}.{c}")))
        };
        let at: Vec<usize> = columns.iter().map(place).collect::<Res<_>>()?;
        self.burn(t.rows.len())?;
        Ok(t.rows
            .iter()
            .map(|r| at.iter().map(|i| r[*i].clone()).collect())
            .collect())
    }

    fn join(&mut self, node: &Node, outer: &Reach<'_>) -> Res<Vec<Row>> {
        let Node::Join {
            kind,
            left,
            right,
            widths,
            hash,
            on,
        } = node
        else {
            return Ok(Vec::new());
        };
        let left = self.rows(left, outer)?;
        let right = self.rows(right, outer)?;
        let mut index: HashMap<Vec<Value>, Vec<usize>> = HashMap::new();
        if !hash.is_empty() {
            for (i, r) in right.iter().enumerate() {
                let key: Vec<Value> = hash
                    .iter()
                    .map(|(_, at, p)| key_form(&r[*at], *p))
                    .collect();
                if !key.iter().any(Value::is_null) {
                    index.entry(key).or_default().push(i);
                }
            }
        }
        let all: Vec<usize> = (0..right.len()).collect();
        let mut matched = vec![false; right.len()];
        let mut out = Vec::new();
        for l in &left {
            let candidates = if hash.is_empty() {
                all.as_slice()
            } else {
                let key: Vec<Value> = hash
                    .iter()
                    .map(|(at, _, p)| key_form(&l[*at], *p))
                    .collect();
                index.get(&key).map_or(&[][..], Vec::as_slice)
            };
            self.burn(1 + candidates.len())?;
            let mut hit = false;
            for i in candidates {
                let row: Row = l.iter().chain(&right[*i]).cloned().collect();
                if self.holds(on, &row, outer)? {
                    hit = true;
                    matched[*i] = true;
                    out.push(row);
                }
            }
            if !hit && matches!(kind, JoinKind::Left | JoinKind::Full) {
                out.push(
                    l.iter()
                        .cloned()
                        .chain(vec![Value::Null; widths.1])
                        .collect(),
                );
            }
        }
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            for (r, _) in right.iter().zip(&matched).filter(|(_, m)| !**m) {
                out.push(
                    vec![Value::Null; widths.0]
                        .into_iter()
                        .chain(r.iter().cloned())
                        .collect(),
                );
            }
        }
        Ok(out)
    }

    fn holds(&mut self, conds: &[Ex], row: &[Value], outer: &Reach<'_>) -> Res<bool> {
        for c in conds {
            if self.over(outer, row, |r, reach| r.truth(c, reach))? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn unique(rows: Vec<Row>) -> Vec<Row> {
    let mut seen = HashSet::new();
    rows.into_iter()
        .filter(|r| seen.insert(row_key(r)))
        .collect()
}

fn combined(op: SetOperator, mut left: Vec<Row>, right: Vec<Row>) -> Vec<Row> {
    let keys = |rows: &[Row]| rows.iter().map(|r| row_key(r)).collect::<HashSet<_>>();
    match op {
        SetOperator::UnionAll => {
            left.extend(right);
            left
        }
        SetOperator::Union => {
            left.extend(right);
            unique(left)
        }
        SetOperator::Intersect => {
            let right = keys(&right);
            unique(
                left.into_iter()
                    .filter(|r| right.contains(&row_key(r)))
                    .collect(),
            )
        }
        SetOperator::Minus => {
            let right = keys(&right);
            unique(
                left.into_iter()
                    .filter(|r| !right.contains(&row_key(r)))
                    .collect(),
            )
        }
    }
}
