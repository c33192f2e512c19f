//! Grouping and aggregates.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::super::code::{AggCode, AggKind, Group, Select, SortCode};
use super::super::stop::{Res, Stop};
use super::super::val::Row;
use super::query::{Tuple, key_form, sorted};
use super::{Env, Machine};
use crate::value::{Number, Value};

/// What an aggregate has seen so far.
#[derive(Clone)]
pub(super) struct Acc {
    count: i64,
    sum: Option<Number>,
    best: Option<Value>,
    list: Vec<(Vec<Value>, Value)>,
    seen: Option<HashSet<Value>>,
    rank: Option<Vec<Value>>,
}

impl Acc {
    pub(super) fn new(distinct: bool) -> Acc {
        Acc {
            count: 0,
            sum: None,
            best: None,
            list: Vec::new(),
            seen: distinct.then(HashSet::new),
            rank: None,
        }
    }

    fn reset(&mut self) {
        let distinct = self.seen.is_some();
        let rank = self.rank.take();
        *self = Acc::new(distinct);
        self.rank = rank;
    }

    /// One more value.
    pub(super) fn add(&mut self, kind: AggKind, v: Value, order: Vec<Value>) -> Res<()> {
        if kind == AggKind::CountAll {
            self.count += 1;
            return Ok(());
        }
        if v.is_null() {
            return Ok(());
        }
        if let Some(seen) = &mut self.seen
            && !seen.insert(key_form(v.clone(), false))
        {
            return Ok(());
        }
        self.count += 1;
        match kind {
            AggKind::Count | AggKind::CountAll => {}
            AggKind::Sum | AggKind::Avg => {
                let n = v.number()?.unwrap_or_default();
                self.sum = Some(match &self.sum {
                    Some(s) => s.add(&n)?,
                    None => n,
                });
            }
            AggKind::Min | AggKind::Max => {
                let wanted = if kind == AggKind::Min {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                };
                let better = self
                    .best
                    .as_ref()
                    .is_none_or(|b| v.compare(b) == Some(wanted));
                if better {
                    self.best = Some(v);
                }
            }
            AggKind::Listagg | AggKind::Median | AggKind::Variance | AggKind::Stddev => {
                self.list.push((order, v))
            }
        }
        Ok(())
    }

    /// The result.
    pub(super) fn result(
        &self,
        code: &AggCode,
        separator: &str,
        nls: &crate::value::Nls,
    ) -> Res<Value> {
        let number = Value::Number;
        Ok(match code.kind {
            AggKind::CountAll | AggKind::Count => number(Number::from(self.count)),
            AggKind::Sum => self.sum.clone().map_or(Value::Null, number),
            AggKind::Avg => match &self.sum {
                Some(s) => number(s.div(&Number::from(self.count))?),
                None => Value::Null,
            },
            AggKind::Min | AggKind::Max => self.best.clone().unwrap_or(Value::Null),
            AggKind::Listagg => self.joined(&code.order, separator, nls)?,
            AggKind::Median => self.median()?,
            AggKind::Variance | AggKind::Stddev => self.spread(code.kind)?,
        })
    }

    fn joined(&self, order: &[SortCode], separator: &str, nls: &crate::value::Nls) -> Res<Value> {
        let mut list = self.list.clone();
        list.sort_by(|a, b| compare_keys(&a.0, &b.0, order));
        let texts: Result<Vec<String>, _> = list
            .iter()
            .map(|(_, v)| v.to_text(nls).map(Option::unwrap_or_default))
            .collect();
        let text = texts?.join(separator);
        if text.len() > 4000 {
            return Err(Stop::ora(
                1489,
                "result of string concatenation is too long",
            ));
        }
        Ok(Value::text(text))
    }

    fn numbers(&self) -> Res<Vec<Number>> {
        let all: Result<Vec<Option<Number>>, _> =
            self.list.iter().map(|(_, v)| v.number()).collect();
        Ok(all?.into_iter().flatten().collect())
    }

    fn median(&self) -> Res<Value> {
        let mut all = self.numbers()?;
        all.sort();
        let n = all.len();
        Ok(match n {
            0 => Value::Null,
            _ if n % 2 == 1 => Value::Number(all[n / 2].clone()),
            _ => Value::Number(all[n / 2 - 1].add(&all[n / 2])?.div(&Number::from(2))?),
        })
    }

    fn spread(&self, kind: AggKind) -> Res<Value> {
        let all = self.numbers()?;
        if all.is_empty() {
            return Ok(Value::Null);
        }
        let n = Number::from(all.len() as i64);
        if all.len() == 1 {
            return Ok(Value::Number(Number::from(0)));
        }
        let mut sum = Number::from(0);
        let mut squares = Number::from(0);
        for x in &all {
            sum = sum.add(x)?;
            squares = squares.add(&x.mul(x)?)?;
        }
        let variance = squares
            .sub(&sum.mul(&sum)?.div(&n)?)?
            .div(&n.sub(&Number::from(1))?)?;
        if kind == AggKind::Variance {
            return Ok(Value::Number(variance));
        }
        let root =
            crate::value::func::Function::find("SQRT").ok_or_else(|| Stop::missing("SQRT"))?;
        Ok((root.run)(
            &[Value::Number(variance)],
            &crate::value::Nls::default(),
        )?)
    }
}

/// Compares sort keys.
pub(super) fn compare_keys(a: &[Value], b: &[Value], order: &[SortCode]) -> std::cmp::Ordering {
    for ((x, y), o) in a.iter().zip(b).zip(order) {
        let c = sorted(x, y, o.desc, o.nulls_first);
        if c != std::cmp::Ordering::Equal {
            return c;
        }
    }
    std::cmp::Ordering::Equal
}

struct Bucket {
    first: Vec<Row>,
    keys: Vec<Value>,
    set: usize,
    accs: Vec<Acc>,
}

impl<'e> Machine<'e> {
    /// Groups the rows of a SELECT.
    pub(super) fn grouped(&mut self, s: &Select, g: &Group, outer: &Env<'_>) -> Res<Vec<Tuple>> {
        let mut buckets: IndexMap<Vec<Value>, Bucket> = IndexMap::new();
        self.each_row(s, outer, &mut |m, rows, n| {
            let mut env = Env::of(rows, outer);
            env.rownum = n;
            m.bucket(g, &env, rows, &mut buckets)
        })?;
        // A grand total stands even over nothing.
        for (i, set) in g.sets.iter().enumerate() {
            let total = g.whole || (g.sets.len() > 1 && !set.contains(&true));
            let none = !buckets.values().any(|b| b.set == i);
            if total && none && (g.whole || buckets.is_empty()) {
                let key = vec![Machine::number(i as i64), Value::Null];
                buckets.insert(
                    key,
                    new_bucket(g, s.nulls.clone(), vec![Value::Null; g.keys.len()], i),
                );
            }
        }
        self.results(g, buckets, outer)
    }

    fn bucket(
        &mut self,
        g: &Group,
        env: &Env<'_>,
        rows: &[Row],
        buckets: &mut IndexMap<Vec<Value>, Bucket>,
    ) -> Res<()> {
        let keys = self.values(&g.keys, env)?;
        let mut args = Vec::with_capacity(g.aggs.len());
        for a in &g.aggs {
            args.push(self.aggregate_input(a, env)?);
        }
        for (i, set) in g.sets.iter().enumerate() {
            let masked = keys
                .iter()
                .zip(set)
                .map(|(k, on)| if *on { k.clone() } else { Value::Null });
            let masked: Vec<Value> = masked.collect();
            let mut id: Vec<Value> = masked.iter().cloned().map(|v| key_form(v, false)).collect();
            if g.sets.len() > 1 {
                id.push(Machine::number(i as i64));
            }
            if !buckets.contains_key(&id) {
                self.room(buckets.len(), rows.len() + g.aggs.len())?;
                buckets.insert(id.clone(), new_bucket(g, rows.to_vec(), masked, i));
            }
            let Some(b) = buckets.get_mut(&id) else {
                continue;
            };
            for ((acc, a), (v, order, rank)) in b.accs.iter_mut().zip(&g.aggs).zip(&args) {
                if let Some((last, sort)) = &a.keep
                    && !keeps(acc, rank, *last, sort)
                {
                    continue;
                }
                acc.add(a.kind, v.clone(), order.clone())?;
            }
        }
        Ok(())
    }

    #[allow(clippy::type_complexity)]
    fn aggregate_input(
        &mut self,
        a: &AggCode,
        env: &Env<'_>,
    ) -> Res<(Value, Vec<Value>, Vec<Value>)> {
        let v = match &a.arg {
            Some(ex) => self.value(ex, env)?,
            None => Value::Null,
        };
        let mut order = Vec::new();
        for o in &a.order {
            order.push(self.value(&o.ex, env)?);
        }
        let mut rank = Vec::new();
        if let Some((_, sort)) = &a.keep {
            for o in sort {
                rank.push(self.value(&o.ex, env)?);
            }
        }
        Ok((v, order, rank))
    }

    fn results(
        &mut self,
        g: &Group,
        buckets: IndexMap<Vec<Value>, Bucket>,
        outer: &Env<'_>,
    ) -> Res<Vec<Tuple>> {
        let mut out = Vec::with_capacity(buckets.len());
        for b in buckets.into_values() {
            let mut aggs = Vec::with_capacity(g.aggs.len());
            for (acc, a) in b.accs.iter().zip(&g.aggs) {
                let separator = match &a.separator {
                    Some(s) => self
                        .value(s, outer)?
                        .to_text(&self.nls)?
                        .unwrap_or_default(),
                    None => String::new(),
                };
                aggs.push(acc.result(a, &separator, &self.nls)?);
            }
            let mut t = Tuple::plain(&b.first, 0);
            t.keys = b.keys;
            t.aggs = aggs;
            t.set.clone_from(&g.sets[b.set]);
            let passes = match &g.having {
                Some(h) => self.truth(h, &t.env(&[], outer))? == Some(true),
                None => true,
            };
            if passes {
                out.push(t);
            }
        }
        Ok(out)
    }
}

fn new_bucket(g: &Group, first: Vec<Row>, keys: Vec<Value>, set: usize) -> Bucket {
    Bucket {
        first,
        keys,
        set,
        accs: g.aggs.iter().map(|a| Acc::new(a.distinct)).collect(),
    }
}

/// KEEP: whether a row counts; a better rank starts anew.
fn keeps(acc: &mut Acc, rank: &[Value], last: bool, sort: &[SortCode]) -> bool {
    let order = match &acc.rank {
        Some(best) => compare_keys(rank, best, sort),
        None => {
            acc.rank = Some(rank.to_vec());
            return true;
        }
    };
    let better = if last {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Less
    };
    if order == better {
        acc.reset();
        acc.rank = Some(rank.to_vec());
        return true;
    }
    order == std::cmp::Ordering::Equal
}
