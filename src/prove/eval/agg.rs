//! Aggregates and sorting.

use std::cmp::Ordering;
use std::collections::HashSet;

use indexmap::IndexMap;

use super::bind::{Agg, Ex, Sort};
use super::run::{Run, key_form, row_key};
use super::scalar::Reach;
use super::{EvalError, Row};
use crate::rel::AggFunction;
use crate::value::{Number, Value};

type Res<T> = Result<T, EvalError>;

/// NULLs first or last, then by value.
pub(super) fn ordered(a: &[Value], b: &[Value], order: &[Sort]) -> Ordering {
    for ((x, y), s) in a.iter().zip(b).zip(order) {
        let o = match (x.is_null(), y.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => {
                if s.nulls_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (false, true) => {
                if s.nulls_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, false) => {
                let o = x.compare(y).unwrap_or(Ordering::Equal);
                if s.desc { o.reverse() } else { o }
            }
        };
        if o != Ordering::Equal {
            return o;
        }
    }
    Ordering::Equal
}

impl Run<'_> {
    /// Sort keys of a row.
    pub(super) fn sort_keys(&mut self, order: &[Sort], reach: &Reach<'_>) -> Res<Row> {
        order.iter().map(|s| self.value(&s.ex, reach)).collect()
    }

    pub(super) fn sorted(
        &mut self,
        rows: Vec<Row>,
        order: &[Sort],
        outer: &Reach<'_>,
    ) -> Res<Vec<Row>> {
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            let keys = self.over(outer, &row, |r, reach| r.sort_keys(order, reach))?;
            keyed.push((keys, row));
        }
        keyed.sort_by(|a, b| ordered(&a.0, &b.0, order));
        Ok(keyed.into_iter().map(|(_, r)| r).collect())
    }

    pub(super) fn aggregate(
        &mut self,
        rows: Vec<Row>,
        keys: &[Ex],
        aggs: &[Agg],
        outer: &Reach<'_>,
    ) -> Res<Vec<Row>> {
        self.burn(rows.len())?;
        if aggs.iter().all(is_plain) {
            return self.running(&rows, keys, aggs, outer);
        }
        let mut groups: IndexMap<Vec<Value>, (Row, Vec<Row>)> = IndexMap::new();
        if keys.is_empty() {
            groups.insert(Vec::new(), (Vec::new(), Vec::new()));
        }
        for row in rows {
            let key = self.over(outer, &row, |r, reach| r.values(keys, reach))?;
            groups
                .entry(row_key(&key))
                .or_insert_with(|| (key, Vec::new()))
                .1
                .push(row);
        }
        let mut out = Vec::with_capacity(groups.len());
        for (mut key, members) in groups.into_values() {
            for a in aggs {
                let v = self.one(a, &members, outer)?;
                key.push(v);
            }
            out.push(key);
        }
        Ok(out)
    }

    /// Groups whose aggregates are kept up as the rows go by.
    fn running(
        &mut self,
        rows: &[Row],
        keys: &[Ex],
        aggs: &[Agg],
        outer: &Reach<'_>,
    ) -> Res<Vec<Row>> {
        let mut groups: IndexMap<Vec<Value>, (Row, Vec<Running>)> = IndexMap::new();
        let none = || vec![Running::default(); aggs.len()];
        if keys.is_empty() {
            groups.insert(Vec::new(), (Vec::new(), none()));
        }
        for row in rows {
            self.over(outer, row, |r, reach| {
                let key = r.values(keys, reach)?;
                let form = row_key(&key);
                let entry = groups.entry(form).or_insert_with(|| (key, none()));
                for (a, state) in aggs.iter().zip(&mut entry.1) {
                    match &a.arg {
                        Some(arg) => state.take(a.function, r.value(arg, reach)?)?,
                        None => state.count += 1,
                    }
                }
                Ok(())
            })?;
        }
        let mut out = Vec::with_capacity(groups.len());
        for (mut row, states) in groups.into_values() {
            for (a, state) in aggs.iter().zip(states) {
                row.push(state.result(a.function)?);
            }
            out.push(row);
        }
        Ok(out)
    }

    fn one(&mut self, a: &Agg, members: &[Row], outer: &Reach<'_>) -> Res<Value> {
        let Some(arg) = &a.arg else {
            return Ok(Value::Number(Number::from(members.len() as i64)));
        };
        let mut values = Vec::new();
        for row in members {
            let (v, keys) = self.over(outer, row, |r, reach| {
                Ok((r.value(arg, reach)?, r.sort_keys(&a.order, reach)?))
            })?;
            if !v.is_null() {
                values.push((v, keys));
            }
        }
        if a.distinct {
            let mut seen = HashSet::new();
            values.retain(|(v, _)| seen.insert(key_form(v, false)));
        }
        if a.function == AggFunction::Listagg {
            values.sort_by(|x, y| ordered(&x.1, &y.1, &a.order));
            let texts: Result<Vec<String>, _> = values
                .iter()
                .map(|(v, _)| v.to_text(&self.session.nls).map(Option::unwrap_or_default))
                .collect();
            return Ok(Value::text(texts?.join(&a.separator)));
        }
        let values: Vec<Value> = values.into_iter().map(|(v, _)| v).collect();
        folded(a.function, &values)
    }
}

/// True for aggregates that need no more than their state: no DISTINCT, no order.
fn is_plain(a: &Agg) -> bool {
    !a.distinct && a.function != AggFunction::Listagg
}

/// The state of an aggregate.
#[derive(Clone, Default)]
struct Running {
    count: i64,
    sum: Option<Number>,
    best: Option<Value>,
}

impl Running {
    fn take(&mut self, f: AggFunction, v: Value) -> Res<()> {
        if v.is_null() {
            return Ok(());
        }
        self.count += 1;
        match f {
            AggFunction::Sum | AggFunction::Avg => {
                let n = v.number()?.unwrap_or_default();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum.add(&n)?,
                    None => n,
                });
            }
            AggFunction::Min | AggFunction::Max => {
                let wanted = if f == AggFunction::Min {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
                let better = self.best.as_ref().map(|b| v.compare(b) == Some(wanted));
                if better.unwrap_or(true) {
                    self.best = Some(v);
                }
            }
            AggFunction::Count | AggFunction::CountStar | AggFunction::Listagg => {}
        }
        Ok(())
    }

    fn result(self, f: AggFunction) -> Res<Value> {
        Ok(match (f, self.sum) {
            (AggFunction::Count | AggFunction::CountStar, _) => {
                Value::Number(Number::from(self.count))
            }
            (AggFunction::Sum, Some(sum)) => Value::Number(sum),
            (AggFunction::Avg, Some(sum)) => Value::Number(sum.div(&Number::from(self.count))?),
            (AggFunction::Min | AggFunction::Max, _) => self.best.unwrap_or(Value::Null),
            (AggFunction::Sum | AggFunction::Avg | AggFunction::Listagg, _) => Value::Null,
        })
    }
}

/// An aggregate over values that are not NULL.
pub(super) fn folded(f: AggFunction, values: &[Value]) -> Res<Value> {
    let count = || Number::from(values.len() as i64);
    let sum = || -> Res<Option<Number>> {
        let mut total: Option<Number> = None;
        for v in values {
            let n = v.number()?.unwrap_or_default();
            total = Some(match total {
                Some(t) => t.add(&n)?,
                None => n,
            });
        }
        Ok(total)
    };
    let best = |wanted: Ordering| {
        let better = |a: &&Value, b: &Value| b.compare(a) == Some(wanted);
        let found = values.iter().fold(None::<&Value>, |best, v| match best {
            Some(b) if !better(&b, v) => Some(b),
            Some(_) | None => Some(v),
        });
        found.cloned().unwrap_or(Value::Null)
    };
    Ok(match f {
        AggFunction::Count | AggFunction::CountStar => Value::Number(count()),
        AggFunction::Sum => sum()?.map_or(Value::Null, Value::Number),
        AggFunction::Avg => match sum()? {
            Some(s) => Value::Number(s.div(&count())?),
            None => Value::Null,
        },
        AggFunction::Min => best(Ordering::Less),
        AggFunction::Max => best(Ordering::Greater),
        AggFunction::Listagg => return Err(EvalError::Unsupported("LISTAGG over a window".into())),
    })
}
