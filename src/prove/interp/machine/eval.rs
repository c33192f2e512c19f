//! Expressions and conditions.

use std::cmp::Ordering;

use super::super::code::{Cmp, Ex, Slot, Special};
use super::super::stop::{Res, Stop};
use super::super::val::{Row, Val};
use super::{Env, Machine};
use crate::value::func::{decode, like, regexp_like};
use crate::value::{Number, Value};

fn holds(op: Cmp, o: Ordering) -> bool {
    match op {
        Cmp::Eq => o == Ordering::Equal,
        Cmp::Ne => o != Ordering::Equal,
        Cmp::Lt => o == Ordering::Less,
        Cmp::Le => o != Ordering::Greater,
        Cmp::Gt => o == Ordering::Greater,
        Cmp::Ge => o != Ordering::Less,
    }
}

/// The other truth value; unknown stays unknown.
fn negated(b: Option<bool>, not: bool) -> Option<bool> {
    b.map(|b| b != not)
}

fn at_level<'a>(env: &'a Env<'a>, up: u16) -> Option<&'a Env<'a>> {
    let mut at = env;
    for _ in 0..up {
        at = at.outer?;
    }
    Some(at)
}

impl<'e> Machine<'e> {
    /// The frame and position of a local slot.
    pub(super) fn frame_of(&self, up: u16) -> usize {
        let mut frame = self.cur;
        for _ in 0..up {
            frame = self.frames[frame].parent;
        }
        frame
    }

    /// A variable's value in place; None for package variables that are not initialised yet.
    pub(super) fn slot(&self, slot: Slot) -> Option<&Val> {
        match slot {
            Slot::Local { up, at } => self.frames.get(self.frame_of(up))?.slots.get(at as usize),
            Slot::Global { package, at } => {
                let ready = self.ready.get(package as usize) == Some(&true);
                if ready {
                    self.globals.get(at as usize)
                } else {
                    None
                }
            }
        }
    }

    /// A scalar that can be looked at without computing.
    fn peek<'x>(&'x self, ex: &'x Ex, env: &'x Env<'x>) -> Option<&'x Value> {
        match ex {
            Ex::Const(Val::S(v)) => Some(v),
            Ex::Col { up, src, col } => {
                let rows = at_level(env, *up)?.rows;
                rows.get(*src as usize)?.get(*col as usize)
            }
            Ex::Var(slot) => match self.slot(*slot)? {
                Val::S(v) => Some(v),
                _ => None,
            },
            Ex::Field(base, at) => match &**base {
                Ex::Var(slot) => match self.slot(*slot)? {
                    Val::Rec(fields) => match fields.get(*at)? {
                        Val::S(v) => Some(v),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            },
            Ex::Key(i) => env.keys.get(*i as usize),
            Ex::Agg(i) => env.aggs.get(*i as usize),
            Ex::Win(i) => env.wins.get(*i as usize),
            _ => None,
        }
    }

    /// The scalar value of an expression.
    pub(super) fn value(&mut self, ex: &Ex, env: &Env<'_>) -> Res<Value> {
        if let Some(v) = self.peek(ex, env) {
            return Ok(v.clone());
        }
        match self.eval(ex, env)? {
            Val::S(v) => Ok(v),
            Val::Bool(_) => Err(Stop::unsupported("a BOOLEAN as a value of SQL")),
            Val::Ym(_) | Val::Ds(_) => Err(Stop::unsupported("an interval as a value of SQL")),
            Val::Rec(_) | Val::Coll(_) | Val::Cursor(_) | Val::File(_) => Err(Stop::ora(
                6502,
                "PL/SQL: numeric or value error: a scalar was expected",
            )),
        }
    }

    /// Values of several expressions.
    pub(super) fn values(&mut self, list: &[Ex], env: &Env<'_>) -> Res<Vec<Value>> {
        list.iter().map(|e| self.value(e, env)).collect()
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, ex: &Ex, env: &Env<'_>) -> Res<Val> {
        if let Some(v) = self.peek(ex, env) {
            return Ok(Val::S(v.clone()));
        }
        match ex {
            Ex::Const(v) => Ok(v.clone()),
            Ex::Var(slot) => self.variable(*slot),
            Ex::Field(base, at) => self.field(base, *at, env),
            Ex::Elem(base, index) => self.element(base, index, env),
            Ex::Col { .. } | Ex::Key(_) | Ex::Agg(_) | Ex::Win(_) => {
                Err(Stop::unsupported("a column outside its query"))
            }
            Ex::Rownum => Ok(Val::from(env.rownum)),
            Ex::Level => Ok(Val::from(env.level)),
            Ex::Leaf => Ok(Val::from(i64::from(env.leaf))),
            Ex::Prior(x) => self.over(x, env.prior, env),
            Ex::Root(x) => self.over(x, env.root, env),
            Ex::Path(i) => Ok(Val::S(
                env.paths.get(*i as usize).map_or(Value::Null, Value::text),
            )),
            Ex::Grouping(i) => Ok(Val::from(i64::from(
                env.set.get(*i as usize) == Some(&false),
            ))),
            Ex::Arith(op, pair) => {
                let a = self.eval(&pair.0, env)?;
                let b = self.eval(&pair.1, env)?;
                self.arith(*op, a, b)
            }
            Ex::Neg(x) => {
                let v = self.eval(x, env)?;
                self.negate(v)
            }
            Ex::Concat(items) => self.concat(items, env),
            Ex::Cmp(..)
            | Ex::And(_)
            | Ex::Or(_)
            | Ex::Not(_)
            | Ex::IsNull(..)
            | Ex::Between(..)
            | Ex::InList(..)
            | Ex::InQuery(..)
            | Ex::Quantified(..)
            | Ex::Exists(_)
            | Ex::Like(..)
            | Ex::RegexpLike(_) => Ok(Val::from(self.truth(ex, env)?)),
            Ex::Scalar(q) => self.scalar(q, env),
            Ex::Case(whens, otherwise) => {
                for (when, then) in whens {
                    if self.truth(when, env)? == Some(true) {
                        return self.eval(then, env);
                    }
                }
                match otherwise {
                    Some(e) => self.eval(e, env),
                    None => Ok(Val::NULL),
                }
            }
            Ex::Decode(args) => {
                let args = self.values(args, env)?;
                Ok(Val::S(decode(&args, &self.nls)?))
            }
            Ex::Cast(x, ty) => {
                let v = self.eval(x, env)?;
                self.cast(v, ty)
            }
            Ex::Call(f, args) => {
                let args = self.arguments(args, env)?;
                self.burn(1)?;
                Ok(Val::S(f.call(&args, &self.nls)?))
            }
            Ex::Routine(call) => self.call(call, env),
            Ex::Method(m, base, args) => self.method(*m, base, args, env),
            Ex::Make(ty, args) => self.make(ty, args, env),
            Ex::Seq(seq, next) => self.sequence(*seq as usize, *next),
            Ex::Special(s) => Ok(self.special(*s)),
            Ex::Native(n, args) => self.native(*n, args, env),
            Ex::Attr(cursor, attr) => self.attribute(cursor, *attr, env),
            Ex::BulkRowCount(i) => {
                let at = self.index(i, env)?;
                let count = usize::try_from(at - 1)
                    .ok()
                    .and_then(|i| self.sql.bulk.get(i));
                Ok(count.map_or(Val::NULL, |n| Val::from(*n)))
            }
            Ex::BulkErrors => Ok(Val::from(self.sql.errors.len() as i64)),
            Ex::BulkError(i, index) => {
                let at = self.index(i, env)?;
                let e = usize::try_from(at - 1)
                    .ok()
                    .and_then(|i| self.sql.errors.get(i));
                let pick = |e: &(i64, i64)| Val::from(if *index { e.0 } else { e.1 });
                Ok(e.map_or(Val::NULL, pick))
            }
            Ex::Refuse(r) => Err(Stop::Refuse(Box::new((**r).clone()))),
        }
    }

    /// Arguments of a function of the language; TO_CHAR of an interval and the like are refused.
    fn arguments(&mut self, args: &[Ex], env: &Env<'_>) -> Res<Vec<Value>> {
        args.iter().map(|a| self.value(a, env)).collect()
    }

    /// A whole number, for indexes.
    pub(super) fn index(&mut self, ex: &Ex, env: &Env<'_>) -> Res<i64> {
        let n = self.value(ex, env)?.number()?;
        let n = n.ok_or_else(|| {
            Stop::ora(
                6502,
                "PL/SQL: numeric or value error: NULL index table key value",
            )
        })?;
        n.round(0)
            .to_i64()
            .ok_or_else(|| Stop::ora(1426, "numeric overflow"))
    }

    fn over(&mut self, ex: &Ex, rows: Option<&[Row]>, env: &Env<'_>) -> Res<Val> {
        match rows {
            Some(rows) => {
                let inner = Env { rows, ..*env };
                self.eval(ex, &inner)
            }
            None => Ok(Val::NULL),
        }
    }

    fn variable(&mut self, slot: Slot) -> Res<Val> {
        if let Slot::Global { package, .. } = slot {
            self.initialise(package)?;
        }
        let v = self.slot(slot).cloned();
        v.ok_or_else(|| Stop::unsupported("a variable without a value"))
    }

    fn field(&mut self, base: &Ex, at: usize, env: &Env<'_>) -> Res<Val> {
        if let Some(v) = self.place(base, env)? {
            return match v {
                Val::Rec(fields) => Ok(fields.get(at).cloned().unwrap_or(Val::NULL)),
                _ => Ok(Val::NULL),
            };
        }
        match self.eval(base, env)? {
            Val::Rec(mut fields) if at < fields.len() => Ok(fields.swap_remove(at)),
            _ => Ok(Val::NULL),
        }
    }

    fn special(&mut self, s: Special) -> Val {
        match s {
            Special::Sysdate => Val::S(Value::Date(self.clock)),
            Special::Systimestamp => Val::S(Value::Timestamp(self.clock)),
            Special::User => Val::S(Value::text(self.user.clone())),
            Special::Sqlcode => Val::from(self.errors.last().map_or(0, |e| i64::from(e.code))),
            Special::Sqlerrm => {
                let text = self
                    .errors
                    .last()
                    .map_or("ORA-0000: normal, successful completion", |e| &e.message);
                Val::S(Value::text(text))
            }
        }
    }

    fn concat(&mut self, items: &[Ex], env: &Env<'_>) -> Res<Val> {
        let mut out = String::new();
        for i in items {
            let v = self.value(i, env)?;
            match &v {
                Value::Text(t) => out.push_str(t),
                _ => out.push_str(&v.to_text(&self.nls)?.unwrap_or_default()),
            }
        }
        self.burn(1 + out.len() as u64 / 1024)?;
        self.fits_memory(out.len())?;
        Ok(Val::S(Value::text(out)))
    }

    fn sequence(&mut self, seq: usize, next: bool) -> Res<Val> {
        let Some(at) = self.db.sequences.get_mut(seq) else {
            return Err(Stop::missing("a sequence"));
        };
        if next {
            *at += 1;
        }
        Ok(Val::from(*at - 1))
    }

    /// A condition: None is unknown.
    pub(super) fn truth(&mut self, ex: &Ex, env: &Env<'_>) -> Res<Option<bool>> {
        match ex {
            Ex::Cmp(op, pair, padded) => self.compare(*op, &pair.0, &pair.1, *padded, env),
            Ex::And(items) => self.all(items, env),
            Ex::Or(items) => self.any(items, env),
            Ex::Not(x) => Ok(self.truth(x, env)?.map(|b| !b)),
            Ex::IsNull(x, not) => {
                let null = match self.peek(x, env) {
                    Some(v) => v.is_null(),
                    None => self.eval(x, env)?.is_null(),
                };
                Ok(Some(null != *not))
            }
            Ex::Between(three, not, padded) => {
                let low = self.compare(Cmp::Ge, &three.0, &three.1, *padded, env)?;
                let high = self.compare(Cmp::Le, &three.0, &three.2, *padded, env)?;
                let both = match (low, high) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    (None, _) | (_, None) => None,
                };
                Ok(negated(both, *not))
            }
            Ex::InList(x, items, not, padded) => {
                let mut found = Some(false);
                for i in items {
                    match self.compare(Cmp::Eq, x, i, *padded, env)? {
                        Some(true) => return Ok(Some(!*not)),
                        Some(false) => {}
                        None => found = None,
                    }
                }
                Ok(negated(found, *not))
            }
            Ex::InQuery(operands, q, not, padded) => {
                let operands = self.values(operands, env)?;
                let rows = self.rows(q, env)?;
                Ok(negated(self.among(&operands, &rows, *padded)?, *not))
            }
            Ex::Quantified(op, x, q, all, padded) => {
                let x = self.value(x, env)?;
                let rows = self.rows(q, env)?;
                self.quantified(*op, &x, &rows, *all, *padded)
            }
            Ex::Exists(q) => self.exists(q, env).map(Some),
            Ex::Like(parts, not) => {
                let (x, p) = (self.value(&parts.0, env)?, self.value(&parts.1, env)?);
                let escape = match &parts.2 {
                    Some(e) => self
                        .value(e, env)?
                        .to_text(&self.nls)?
                        .and_then(|t| t.chars().next()),
                    None => None,
                };
                let (Some(x), Some(p)) = (x.to_text(&self.nls)?, p.to_text(&self.nls)?) else {
                    return Ok(None);
                };
                Ok(Some(like(&x, &p, escape)? != *not))
            }
            Ex::RegexpLike(args) => {
                let args = self.values(args, env)?;
                Ok(regexp_like(&args, &self.nls)?)
            }
            _ => match self.eval(ex, env)? {
                Val::Bool(b) => Ok(Some(b)),
                Val::S(Value::Null) => Ok(None),
                _ => Err(Stop::unsupported("a condition that is no BOOLEAN")),
            },
        }
    }

    fn all(&mut self, items: &[Ex], env: &Env<'_>) -> Res<Option<bool>> {
        let mut result = Some(true);
        for i in items {
            match self.truth(i, env)? {
                Some(false) => return Ok(Some(false)),
                Some(true) => {}
                None => result = None,
            }
        }
        Ok(result)
    }

    fn any(&mut self, items: &[Ex], env: &Env<'_>) -> Res<Option<bool>> {
        let mut result = Some(false);
        for i in items {
            match self.truth(i, env)? {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => result = None,
            }
        }
        Ok(result)
    }

    fn compare(
        &mut self,
        op: Cmp,
        a: &Ex,
        b: &Ex,
        padded: bool,
        env: &Env<'_>,
    ) -> Res<Option<bool>> {
        if let (Some(x), Some(y)) = (self.peek(a, env), self.peek(b, env)) {
            let o = x.compare_converted(y, padded, &self.nls)?;
            return Ok(o.map(|o| holds(op, o)));
        }
        let (x, y) = (self.eval(a, env)?, self.eval(b, env)?);
        self.compare_vals(op, &x, &y, padded)
    }

    fn compare_vals(&self, op: Cmp, x: &Val, y: &Val, padded: bool) -> Res<Option<bool>> {
        let order = match (x, y) {
            (Val::S(a), Val::S(b)) => a.compare_converted(b, padded, &self.nls)?,
            (Val::S(Value::Null), _) | (_, Val::S(Value::Null)) => None,
            (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            (Val::Ym(a), Val::Ym(b)) | (Val::Ds(a), Val::Ds(b)) => Some(a.cmp(b)),
            (Val::Coll(a), Val::Coll(b)) if matches!(op, Cmp::Eq | Cmp::Ne) => {
                let same = a == b;
                return Ok(Some(same == (op == Cmp::Eq)));
            }
            _ => return Err(Stop::unsupported("a comparison of values of these kinds")),
        };
        Ok(order.map(|o| holds(op, o)))
    }

    /// IN over rows.
    fn among(&self, operands: &[Value], rows: &[Row], padded: bool) -> Res<Option<bool>> {
        let mut result = Some(false);
        for row in rows {
            let mut same = Some(true);
            for (a, b) in operands.iter().zip(row.iter()) {
                match a.compare_converted(b, padded, &self.nls)? {
                    Some(Ordering::Equal) => {}
                    Some(_) => {
                        same = Some(false);
                        break;
                    }
                    None => same = None,
                }
            }
            match same {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => result = None,
            }
        }
        Ok(result)
    }

    fn quantified(
        &self,
        op: Cmp,
        x: &Value,
        rows: &[Row],
        all: bool,
        padded: bool,
    ) -> Res<Option<bool>> {
        let mut result = Some(all);
        for row in rows {
            let Some(y) = row.first() else { continue };
            let o = x.compare_converted(y, padded, &self.nls)?;
            match o.map(|o| holds(op, o)) {
                Some(b) if b != all => return Ok(Some(!all)),
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(result)
    }

    /// A number that SQL counts with.
    pub(super) fn count_of(&mut self, ex: &Ex, env: &Env<'_>) -> Res<u64> {
        let n = self
            .value(ex, env)?
            .number()?
            .unwrap_or_else(|| Number::from(0));
        Ok(n.trunc(0).to_i64().map_or(0, |n| n.max(0) as u64))
    }
}
