//! Queries: from joined rows to outputs, sets, sorting, limits.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::super::code::{Body, Ex, OrderCode, Query, Select, SetKind};
use super::super::db::Db;
use super::super::stop::{Res, Stop};
use super::super::val::Row;
use super::super::walk::uses;
use super::{Env, Machine};
use crate::value::Value;

/// A row before its outputs: sources, group, place.
pub(super) struct Tuple {
    pub rows: Vec<Row>,
    pub keys: Vec<Value>,
    pub aggs: Vec<Value>,
    pub set: Vec<bool>,
    pub rownum: i64,
    pub level: i64,
    pub leaf: bool,
    pub prior: Option<Vec<Row>>,
    pub root: Option<Vec<Row>>,
    pub paths: Vec<String>,
}

impl Tuple {
    pub(super) fn plain(rows: &[Row], rownum: i64) -> Tuple {
        Tuple {
            rows: rows.to_vec(),
            keys: Vec::new(),
            aggs: Vec::new(),
            set: Vec::new(),
            rownum,
            level: 0,
            leaf: false,
            prior: None,
            root: None,
            paths: Vec::new(),
        }
    }

    pub(super) fn env<'a>(&'a self, wins: &'a [Value], outer: &'a Env<'a>) -> Env<'a> {
        Env {
            rows: &self.rows,
            keys: &self.keys,
            aggs: &self.aggs,
            wins,
            set: &self.set,
            rownum: self.rownum,
            level: self.level,
            leaf: self.leaf,
            prior: self.prior.as_deref(),
            root: self.root.as_deref(),
            paths: &self.paths,
            outer: Some(outer),
        }
    }
}

/// NULLs first or last, then by value; values of one output are of one kind.
pub(super) fn sorted(a: &Value, b: &Value, desc: bool, nulls_first: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, false) => {
            let o = a.compare(b).unwrap_or(Ordering::Equal);
            if desc { o.reverse() } else { o }
        }
    }
}

/// A value as it is grouped and joined: DATE and TIMESTAMP of one moment are equal.
pub(super) fn key_form(v: Value, padded: bool) -> Value {
    match v {
        Value::Timestamp(d) => Value::Date(d),
        Value::Text(t) if padded => Value::Text(t.trim_end_matches(' ').to_string()),
        other => other,
    }
}

fn row_key(row: &[Value]) -> Vec<Value> {
    row.iter().cloned().map(|v| key_form(v, false)).collect()
}

impl<'e> Machine<'e> {
    /// The rows of a query: visible outputs only.
    pub(super) fn rows(&mut self, q: &Query, env: &Env<'_>) -> Res<Vec<Row>> {
        self.fetch_all(q, env).map(|(rows, _)| rows)
    }

    /// Rows, and their ROWIDs where the query is FOR UPDATE.
    pub(super) fn fetch_all(&mut self, q: &Query, env: &Env<'_>) -> Res<(Vec<Row>, Vec<usize>)> {
        let rows = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.body(&q.body, env));
        let mut rows = rows.map_err(|s| s.at(q.span))?;
        if !q.order.is_empty() {
            rows.sort_by(|a, b| by_order(a, b, &q.order));
        }
        self.limit(q, &mut rows, env)?;
        let width = q.cols.fields.len();
        let mut rowids = Vec::new();
        if q.rowid {
            rowids = rows
                .iter()
                .filter_map(|r| {
                    if r.len() > width {
                        Db::rowid_of(r)
                    } else {
                        None
                    }
                })
                .collect();
        }
        for r in &mut rows {
            if r.len() > width {
                *r = r[..width].into();
            }
        }
        Ok((rows, rowids))
    }

    fn limit(&mut self, q: &Query, rows: &mut Vec<Row>, env: &Env<'_>) -> Res<()> {
        if let Some(offset) = &q.offset {
            let n = self.count_of(offset, env)?;
            rows.drain(..rows.len().min(n as usize));
        }
        if let Some((count, ties)) = &q.fetch {
            let n = self.count_of(count, env)? as usize;
            let mut keep = n.min(rows.len());
            while *ties
                && keep > 0
                && keep < rows.len()
                && by_order(&rows[keep - 1], &rows[keep], &q.order) == Ordering::Equal
            {
                keep += 1;
            }
            rows.truncate(keep);
        }
        Ok(())
    }

    /// True if a query has a row.
    pub(super) fn exists(&mut self, q: &Query, env: &Env<'_>) -> Res<bool> {
        if let Body::Select(s) = &q.body
            && s.group.is_none()
            && s.connect.is_none()
            && q.offset.is_none()
        {
            let mut found = false;
            let result = self.each_row(s, env, &mut |_, _, _| {
                found = true;
                Err(Stop::Enough)
            });
            return match result {
                Ok(()) | Err(Stop::Enough) => Ok(found),
                Err(stop) => Err(stop),
            };
        }
        Ok(!self.rows(q, env)?.is_empty())
    }

    fn body(&mut self, body: &Body, env: &Env<'_>) -> Res<Vec<Row>> {
        match body {
            Body::Select(s) => self.select(s, env),
            Body::Sub(q) => self.rows(q, env),
            Body::Set(kind, left, right) => {
                let left = self.body(left, env)?;
                let right = self.body(right, env)?;
                Ok(combined(*kind, left, right))
            }
            Body::Recursive(slot, anchor, step) => self.recursive(*slot, anchor, step, env),
        }
    }

    fn recursive(
        &mut self,
        slot: usize,
        anchor: &Body,
        step: &Body,
        env: &Env<'_>,
    ) -> Res<Vec<Row>> {
        let before = self.work.remove(&slot);
        let mut new = self.body(anchor, env)?;
        let mut all = new.clone();
        let mut result = Ok(());
        while !new.is_empty() {
            let bytes = all.len() * 64;
            result = self
                .fits_memory(bytes)
                .and_then(|()| self.burn(new.len() as u64));
            if result.is_err() {
                break;
            }
            self.work.insert(slot, Rc::new(new));
            match self.body(step, env) {
                Ok(rows) => new = rows,
                Err(stop) => {
                    result = Err(stop);
                    break;
                }
            }
            all.extend(new.iter().cloned());
        }
        match before {
            Some(rows) => self.work.insert(slot, rows),
            None => self.work.remove(&slot),
        };
        result.map(|()| all)
    }

    /// Rows that pass FROM, WHERE and ROWNUM.
    pub(super) fn each_row(
        &mut self,
        s: &Select,
        outer: &Env<'_>,
        sink: &mut dyn FnMut(&mut Self, &[Row], i64) -> Res<()>,
    ) -> Res<()> {
        let mut buf = s.nulls.clone();
        let mut count = 0;
        let result = self.each(&s.from, &mut buf, outer, &mut |m, rows| {
            let mut env = Env::of(rows, outer);
            env.rownum = count + 1;
            for f in &s.filters {
                if m.truth(f, &env)? != Some(true) {
                    return Ok(());
                }
            }
            if !m.passes_rownum(&s.rownum, &env)? {
                return Ok(());
            }
            count += 1;
            sink(m, rows, count)
        });
        match result {
            Err(Stop::Enough) if !s.rownum.is_empty() => Ok(()),
            other => other,
        }
    }

    /// Conditions on ROWNUM; one of constants that fails will fail for ever.
    pub(super) fn passes_rownum(&mut self, conds: &[Ex], env: &Env<'_>) -> Res<bool> {
        for c in conds {
            if self.truth(c, env)? != Some(true) {
                return if uses(c).srcs == 0 {
                    Err(Stop::Enough)
                } else {
                    Ok(false)
                };
            }
        }
        Ok(true)
    }

    fn select(&mut self, s: &Select, env: &Env<'_>) -> Res<Vec<Row>> {
        let mut out = Vec::new();
        if let Some(c) = &s.connect {
            let tuples = self.connected(s, c, env)?;
            out = self.finish(s, tuples, env)?;
        } else if let Some(g) = &s.group {
            let tuples = self.grouped(s, g, env)?;
            out = self.finish(s, tuples, env)?;
        } else if !s.wins.is_empty() {
            let mut tuples = Vec::new();
            self.each_row(s, env, &mut |m, rows, n| {
                m.room(tuples.len(), rows.len())?;
                tuples.push(Tuple::plain(rows, n));
                Ok(())
            })?;
            out = self.finish(s, tuples, env)?;
        } else {
            self.each_row(s, env, &mut |m, rows, n| {
                let mut inner = Env::of(rows, env);
                inner.rownum = n;
                let values = m.values(&s.items, &inner)?;
                m.room(out.len(), values.len())?;
                out.push(values.into());
                Ok(())
            })?;
        }
        if let Some(n) = s.distinct {
            let mut seen = HashSet::new();
            out.retain(|r: &Row| seen.insert(row_key(&r[..n.min(r.len())])));
        }
        Ok(out)
    }

    /// Refuses results that do not fit, every so many rows.
    pub(super) fn room(&self, rows: usize, width: usize) -> Res<()> {
        if rows % 1024 != 1023 {
            return Ok(());
        }
        self.fits_memory(rows * (width * std::mem::size_of::<Value>() + 32))
    }

    /// Outputs of tuples, analytic functions first.
    fn finish(&mut self, s: &Select, tuples: Vec<Tuple>, env: &Env<'_>) -> Res<Vec<Row>> {
        let wins = self.windows(&s.wins, &tuples, env)?;
        let mut out = Vec::with_capacity(tuples.len());
        for (i, t) in tuples.iter().enumerate() {
            let w: &[Value] = wins.get(i).map_or(&[], Vec::as_slice);
            let inner = t.env(w, env);
            out.push(self.values(&s.items, &inner)?.into());
        }
        Ok(out)
    }
}

fn by_order(a: &Row, b: &Row, order: &[OrderCode]) -> Ordering {
    for o in order {
        let (Some(x), Some(y)) = (a.get(o.at), b.get(o.at)) else {
            continue;
        };
        let c = sorted(x, y, o.desc, o.nulls_first);
        if c != Ordering::Equal {
            return c;
        }
    }
    Ordering::Equal
}

fn combined(kind: SetKind, mut left: Vec<Row>, right: Vec<Row>) -> Vec<Row> {
    match kind {
        SetKind::All => {
            left.extend(right);
            left
        }
        SetKind::Union => {
            left.extend(right);
            unique(left)
        }
        SetKind::Intersect => {
            let keys: HashMap<Vec<Value>, ()> = right.iter().map(|r| (row_key(r), ())).collect();
            unique(
                left.into_iter()
                    .filter(|r| keys.contains_key(&row_key(r)))
                    .collect(),
            )
        }
        SetKind::Minus => {
            let keys: HashSet<Vec<Value>> = right.iter().map(|r| row_key(r)).collect();
            unique(
                left.into_iter()
                    .filter(|r| !keys.contains(&row_key(r)))
                    .collect(),
            )
        }
    }
}

fn unique(rows: Vec<Row>) -> Vec<Row> {
    let mut seen = HashSet::new();
    rows.into_iter()
        .filter(|r| seen.insert(row_key(r)))
        .collect()
}
