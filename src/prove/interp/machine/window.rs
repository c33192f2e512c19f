//! Analytic functions.

use std::cmp::Ordering;

use indexmap::IndexMap;

use super::super::code::{AggCode, AggKind, Bound, WinCode, WinKind};
use super::super::stop::{Res, Stop};
use super::agg::{Acc, compare_keys};
use super::query::{Tuple, key_form};
use super::{Env, Machine};
use crate::value::{Number, Value};

/// A partition in its order: tuple, sort keys, arguments.
struct Item {
    tuple: usize,
    keys: Vec<Value>,
    args: Vec<Value>,
}

impl<'e> Machine<'e> {
    /// The values of all analytic functions, a list a tuple.
    pub(super) fn windows(
        &mut self,
        codes: &[WinCode],
        tuples: &[Tuple],
        outer: &Env<'_>,
    ) -> Res<Vec<Vec<Value>>> {
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let mut out = vec![vec![Value::Null; codes.len()]; tuples.len()];
        for (w, code) in codes.iter().enumerate() {
            for part in self.partitions(code, tuples, outer)? {
                self.burn(part.len() as u64)?;
                for (i, item) in part.iter().enumerate() {
                    out[item.tuple][w] = self.window_value(code, &part, i)?;
                }
            }
        }
        Ok(out)
    }

    fn partitions(
        &mut self,
        code: &WinCode,
        tuples: &[Tuple],
        outer: &Env<'_>,
    ) -> Res<Vec<Vec<Item>>> {
        let mut parts: IndexMap<Vec<Value>, Vec<Item>> = IndexMap::new();
        for (tuple, t) in tuples.iter().enumerate() {
            let env = t.env(&[], outer);
            let id = self.values(&code.partition, &env)?;
            let id = id.into_iter().map(|v| key_form(v, false)).collect();
            let mut keys = Vec::new();
            for o in &code.order {
                keys.push(self.value(&o.ex, &env)?);
            }
            let args = self.values(&code.args, &env)?;
            parts
                .entry(id)
                .or_default()
                .push(Item { tuple, keys, args });
        }
        let mut out: Vec<Vec<Item>> = parts.into_values().collect();
        for p in &mut out {
            p.sort_by(|a, b| compare_keys(&a.keys, &b.keys, &code.order));
        }
        Ok(out)
    }

    fn window_value(&mut self, code: &WinCode, part: &[Item], i: usize) -> Res<Value> {
        let number = |n: usize| Value::Number(Number::from(n as i64));
        let peer = |a: usize, b: usize| {
            compare_keys(&part[a].keys, &part[b].keys, &code.order) == Ordering::Equal
        };
        let first_peer = || (0..=i).find(|j| peer(*j, i)).unwrap_or(i);
        Ok(match code.kind {
            WinKind::RowNumber => number(i + 1),
            WinKind::Rank => number(first_peer() + 1),
            WinKind::DenseRank => number((1..=i).filter(|j| !peer(*j, *j - 1)).count() + 1),
            WinKind::Ntile => ntile(part, i)?,
            WinKind::Lag | WinKind::Lead => offset(code, part, i)?,
            WinKind::FirstValue | WinKind::LastValue => {
                let frame = self.frame(code, part, i);
                let mut values =
                    frame.map(|j| part[j].args.first().cloned().unwrap_or(Value::Null));
                let keep = |v: &Value| !code.ignore_nulls || !v.is_null();
                let found = match code.kind {
                    WinKind::FirstValue => values.find(keep),
                    _ => values.rfind(keep),
                };
                found.unwrap_or(Value::Null)
            }
            WinKind::Ratio => {
                let mut acc = Acc::new(false);
                for item in part {
                    acc.add(AggKind::Sum, item.args[0].clone(), Vec::new())?;
                }
                let total = acc.result(&plain(AggKind::Sum), "", &self.nls)?.number()?;
                match (part[i].args[0].number()?, total) {
                    (Some(a), Some(b)) if !b.is_zero() => Value::Number(a.div(&b)?),
                    (Some(_) | None, _) => Value::Null,
                }
            }
            WinKind::Agg(kind) => {
                let mut acc = Acc::new(code.distinct);
                let frame = self.frame(code, part, i);
                self.burn(frame.len() as u64)?;
                for j in frame {
                    acc.add(
                        kind,
                        part[j].args.first().cloned().unwrap_or(Value::Null),
                        Vec::new(),
                    )?;
                }
                acc.result(&plain(kind), "", &self.nls)?
            }
        })
    }

    /// The rows of the frame around row `i`.
    fn frame(&self, code: &WinCode, part: &[Item], i: usize) -> std::ops::Range<usize> {
        let n = part.len() as i64;
        let peer = |j: i64| {
            compare_keys(&part[j as usize].keys, &part[i].keys, &code.order) == Ordering::Equal
        };
        let at = i as i64;
        let low = match code.frame.low {
            Bound::First => 0,
            Bound::Last => n,
            Bound::Current if code.frame.rows => at,
            Bound::Current => (0..=at).find(|j| peer(*j)).unwrap_or(at),
            Bound::By(d) => at + d,
        };
        let high = match code.frame.high {
            Bound::First => 0,
            Bound::Last => n,
            Bound::Current if code.frame.rows => at + 1,
            Bound::Current => (at..n).take_while(|j| peer(*j)).last().unwrap_or(at) + 1,
            Bound::By(d) => at + d + 1,
        };
        let low = low.clamp(0, n);
        low as usize..high.clamp(low, n) as usize
    }
}

fn plain(kind: AggKind) -> AggCode {
    AggCode {
        kind,
        distinct: false,
        arg: None,
        separator: None,
        order: Vec::new(),
        keep: None,
    }
}

fn ntile(part: &[Item], i: usize) -> Res<Value> {
    let n = part[i]
        .args
        .first()
        .map(Value::number)
        .transpose()?
        .flatten();
    let Some(n) = n.and_then(|n| n.trunc(0).to_i64()).filter(|n| *n > 0) else {
        return Err(Stop::ora(30488, "argument should be a positive number"));
    };
    let (rows, at) = (part.len() as i64, i as i64);
    let (small, more) = (rows / n, rows % n);
    let wide = more * (small + 1);
    let bucket = if at < wide {
        at / (small + 1)
    } else {
        more + (at - wide) / small.max(1)
    };
    Ok(Value::Number(Number::from(bucket + 1)))
}

/// LAG and LEAD: offset and default.
fn offset(code: &WinCode, part: &[Item], i: usize) -> Res<Value> {
    let by = match part[i].args.get(1) {
        Some(n) => n.number()?.and_then(|n| n.trunc(0).to_i64()).unwrap_or(1),
        None => 1,
    };
    let default = part[i].args.get(2).cloned().unwrap_or(Value::Null);
    let step: i64 = if code.kind == WinKind::Lag { -1 } else { 1 };
    let value = |j: i64| {
        let item = usize::try_from(j).ok().and_then(|j| part.get(j));
        item.map(|item| item.args.first().cloned().unwrap_or(Value::Null))
    };
    if !code.ignore_nulls {
        return Ok(value(i as i64 + step * by).unwrap_or(default));
    }
    let mut left = by;
    let mut at = i as i64;
    while left > 0 {
        at += step;
        match value(at) {
            None => return Ok(default),
            Some(v) if !v.is_null() => {
                left -= 1;
                if left == 0 {
                    return Ok(v);
                }
            }
            Some(_) => {}
        }
    }
    Ok(value(at).unwrap_or(default))
}
