//! Sources and joins, pushed row by row: nested loops, hashed where equalities allow.

use std::collections::HashMap;

use super::super::code::{From, Join, Kind, Leaf};
use super::super::stop::{Res, Stop};
use super::super::val::{Row, Val};
use super::query::key_form;
use super::{Env, Machine};
use crate::value::Value;

/// What is done with each combination of rows.
type Sink<'s, 'e> = &'s mut dyn FnMut(&mut Machine<'e>, &mut Vec<Row>) -> Res<()>;

/// The right side of a join, read once.
struct Side {
    tuples: Vec<Vec<Row>>,
    index: HashMap<Vec<Value>, Vec<usize>>,
    matched: Vec<bool>,
}

impl<'e> Machine<'e> {
    /// Calls `sink` with every combination of rows; `buf` holds one row a source.
    pub(super) fn each(
        &mut self,
        from: &From,
        buf: &mut Vec<Row>,
        outer: &Env<'_>,
        sink: Sink<'_, 'e>,
    ) -> Res<()> {
        match from {
            From::Leaf(src, leaf, pre) => {
                let mut test = |m: &mut Self, buf: &mut Vec<Row>, row: Row| {
                    m.burn(1)?;
                    buf[*src] = row;
                    for p in pre {
                        let env = Env::of(buf, outer);
                        if m.truth(p, &env)? != Some(true) {
                            return Ok(());
                        }
                    }
                    sink(m, buf)
                };
                self.leaf(leaf, buf, outer, &mut test)
            }
            From::Join(j) => self.join(j, buf, outer, sink),
        }
    }

    fn leaf(
        &mut self,
        leaf: &Leaf,
        buf: &mut Vec<Row>,
        outer: &Env<'_>,
        f: &mut dyn FnMut(&mut Self, &mut Vec<Row>, Row) -> Res<()>,
    ) -> Res<()> {
        match leaf {
            Leaf::Table(t) => {
                self.visible(*t)?;
                let rows = self.db.tables[*t].rows.clone();
                for row in rows.iter().flatten() {
                    f(self, buf, row.clone())?;
                }
                Ok(())
            }
            Leaf::Dual => f(self, buf, vec![Value::Text("X".into()), Value::Null].into()),
            Leaf::Query(q) => {
                let before = buf.clone();
                let env = Env::of(&before, outer);
                let rows = self.rows(q, &env)?;
                for row in rows {
                    f(self, buf, row)?;
                }
                Ok(())
            }
            Leaf::Collection(ex, records) => {
                let before = buf.clone();
                let env = Env::of(&before, outer);
                let Val::Coll(c) = self.eval(ex, &env)? else {
                    return Ok(());
                };
                for v in c.by_int.into_values().chain(c.by_text.into_values()) {
                    let row = row_of(v, *records)?;
                    f(self, buf, row)?;
                }
                Ok(())
            }
            Leaf::Work(slot) => {
                let rows = self.work.get(slot).cloned().unwrap_or_default();
                for row in rows.iter() {
                    f(self, buf, row.clone())?;
                }
                Ok(())
            }
        }
    }

    fn join(
        &mut self,
        j: &Join,
        buf: &mut Vec<Row>,
        outer: &Env<'_>,
        sink: Sink<'_, 'e>,
    ) -> Res<()> {
        let nulls: Vec<Row> = j.right_srcs.iter().map(|s| null_row(&buf[*s])).collect();
        let left_nulls: Vec<Row> = j.left_srcs.iter().map(|s| null_row(&buf[*s])).collect();
        if j.lateral {
            return self.lateral(j, &nulls, buf, outer, sink);
        }
        let mut side = self.side(j, buf, outer)?;
        let keep_left = matches!(j.kind, Kind::Left | Kind::Full);
        self.each(&j.left, buf, outer, &mut |m, buf| {
            let mut hit = false;
            let candidates = m.candidates(j, &side, buf, outer)?;
            for c in candidates.iter() {
                m.burn(1)?;
                fill(buf, &j.right_srcs, &side.tuples[c]);
                if m.holds_all(j, buf, outer)? {
                    hit = true;
                    side.matched[c] = true;
                    sink(m, buf)?;
                }
            }
            if !hit && keep_left {
                fill(buf, &j.right_srcs, &nulls);
                sink(m, buf)?;
            }
            Ok(())
        })?;
        if matches!(j.kind, Kind::Right | Kind::Full) {
            fill(buf, &j.left_srcs, &left_nulls);
            for (i, t) in side.tuples.iter().enumerate() {
                if !side.matched[i] {
                    fill(buf, &j.right_srcs, t);
                    sink(self, buf)?;
                }
            }
        }
        Ok(())
    }

    fn lateral(
        &mut self,
        j: &Join,
        nulls: &[Row],
        buf: &mut Vec<Row>,
        outer: &Env<'_>,
        sink: Sink<'_, 'e>,
    ) -> Res<()> {
        self.each(&j.left, buf, outer, &mut |m, buf| {
            let mut hit = false;
            m.each(&j.right, buf, outer, &mut |m, buf| {
                if m.holds_all(j, buf, outer)? {
                    hit = true;
                    sink(m, buf)?;
                }
                Ok(())
            })?;
            if !hit && j.kind == Kind::Left {
                fill(buf, &j.right_srcs, nulls);
                sink(m, buf)?;
            }
            Ok(())
        })
    }

    fn side(&mut self, j: &Join, buf: &mut Vec<Row>, outer: &Env<'_>) -> Res<Side> {
        let mut side = Side {
            tuples: Vec::new(),
            index: HashMap::new(),
            matched: Vec::new(),
        };
        self.each(&j.right, buf, outer, &mut |m, buf| {
            let at = side.tuples.len();
            if !j.hash.is_empty() {
                let env = Env::of(buf, outer);
                let mut key = Vec::with_capacity(j.hash.len());
                for (_, right, padded) in &j.hash {
                    key.push(key_form(m.value(right, &env)?, *padded));
                }
                if !key.iter().any(Value::is_null) {
                    side.index.entry(key).or_default().push(at);
                }
            }
            m.room(at, j.right_srcs.len())?;
            side.tuples
                .push(j.right_srcs.iter().map(|s| buf[*s].clone()).collect());
            Ok(())
        })?;
        side.matched = vec![false; side.tuples.len()];
        Ok(side)
    }

    /// The tuples of the right side that may match.
    fn candidates(
        &mut self,
        j: &Join,
        side: &Side,
        buf: &[Row],
        outer: &Env<'_>,
    ) -> Res<Candidates> {
        if j.hash.is_empty() {
            return Ok(Candidates::All(side.tuples.len()));
        }
        let env = Env::of(buf, outer);
        let mut key = Vec::with_capacity(j.hash.len());
        for (left, _, padded) in &j.hash {
            let v = key_form(self.value(left, &env)?, *padded);
            if v.is_null() {
                return Ok(Candidates::All(0));
            }
            key.push(v);
        }
        Ok(Candidates::Some(
            side.index.get(&key).cloned().unwrap_or_default(),
        ))
    }

    fn holds_all(&mut self, j: &Join, buf: &[Row], outer: &Env<'_>) -> Res<bool> {
        let env = Env::of(buf, outer);
        for c in &j.on {
            if self.truth(c, &env)? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

enum Candidates {
    All(usize),
    Some(Vec<usize>),
}

impl Candidates {
    fn iter(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Candidates::All(n) => Box::new(0..*n),
            Candidates::Some(v) => Box::new(v.iter().copied()),
        }
    }
}

fn null_row(like: &Row) -> Row {
    vec![Value::Null; like.len()].into()
}

fn fill(buf: &mut [Row], srcs: &[usize], rows: &[Row]) {
    for (s, r) in srcs.iter().zip(rows) {
        buf[*s] = r.clone();
    }
}

/// An element of a collection as a row.
fn row_of(v: Val, record: bool) -> Res<Row> {
    let scalar = |v: Val| match v {
        Val::S(v) => Ok(v),
        _ => Err(Stop::unsupported("TABLE() of a collection of this type")),
    };
    match v {
        Val::Rec(fields) if record => {
            let values: Res<Vec<Value>> = fields.into_iter().map(scalar).collect();
            values.map(Into::into)
        }
        other => Ok(vec![scalar(other)?].into()),
    }
}
