//! Window functions over the default frame.

use std::cmp::Ordering;

use indexmap::IndexMap;

use super::agg::{folded, ordered};
use super::bind::Win;
use super::run::{Run, row_key};
use super::scalar::Reach;
use super::{EvalError, Row};
use crate::rel::{AggFunction, WindowFunction};
use crate::value::{Number, Value};

type Res<T> = Result<T, EvalError>;

struct Item {
    row: usize,
    keys: Row,
    args: Row,
}

impl Run<'_> {
    pub(super) fn windows(
        &mut self,
        mut rows: Vec<Row>,
        calls: &[Win],
        outer: &Reach<'_>,
    ) -> Res<Vec<Row>> {
        let mut new: Vec<Row> = vec![Vec::new(); rows.len()];
        for call in calls {
            let mut parts: IndexMap<Vec<Value>, Vec<Item>> = IndexMap::new();
            for (i, row) in rows.iter().enumerate() {
                let (id, item) = self.over(outer, row, |r, reach| {
                    let id = r.values(&call.partition, reach)?;
                    let keys = r.sort_keys(&call.order, reach)?;
                    let args = r.values(&call.args, reach)?;
                    Ok((id, Item { row: i, keys, args }))
                })?;
                parts.entry(row_key(&id)).or_default().push(item);
            }
            for mut part in parts.into_values() {
                part.sort_by(|a, b| ordered(&a.keys, &b.keys, &call.order));
                self.burn(part.len() * part.len().min(64))?;
                for i in 0..part.len() {
                    new[part[i].row].push(value(call, &part, i)?);
                }
            }
        }
        for (row, more) in rows.iter_mut().zip(new) {
            row.extend(more);
        }
        Ok(rows)
    }
}

fn value(call: &Win, part: &[Item], i: usize) -> Res<Value> {
    let number = |n: usize| Value::Number(Number::from(n as i64));
    let peer =
        |a: usize, b: usize| ordered(&part[a].keys, &part[b].keys, &call.order) == Ordering::Equal;
    // Everything up to the row and its peers; all rows without an order.
    let end = match call.order.is_empty() {
        true => part.len(),
        false => {
            (i..part.len())
                .take_while(|j| peer(*j, i))
                .last()
                .unwrap_or(i)
                + 1
        }
    };
    let arg = |j: usize| part[j].args.first().cloned().unwrap_or(Value::Null);
    let fold = |f: AggFunction| {
        let values: Vec<Value> = (0..end).map(arg).filter(|v| !v.is_null()).collect();
        folded(f, &values)
    };
    Ok(match call.function {
        WindowFunction::RowNumber => number(i + 1),
        WindowFunction::Rank => number((0..=i).find(|j| peer(*j, i)).unwrap_or(i) + 1),
        WindowFunction::DenseRank => number((1..=i).filter(|j| !peer(*j, *j - 1)).count() + 1),
        WindowFunction::Lag => offset(part, i, -1)?,
        WindowFunction::Lead => offset(part, i, 1)?,
        WindowFunction::FirstValue => arg(0),
        WindowFunction::LastValue => arg(end - 1),
        WindowFunction::Count if call.args.is_empty() => number(end),
        WindowFunction::Count => fold(AggFunction::Count)?,
        WindowFunction::Sum => fold(AggFunction::Sum)?,
        WindowFunction::Min => fold(AggFunction::Min)?,
        WindowFunction::Max => fold(AggFunction::Max)?,
        WindowFunction::Avg => fold(AggFunction::Avg)?,
    })
}

fn offset(part: &[Item], i: usize, step: i64) -> Res<Value> {
    let args = &part[i].args;
    let by = match args.get(1) {
        Some(n) => n.number()?.and_then(|n| n.to_i64()).unwrap_or(1),
        None => 1,
    };
    let at = usize::try_from(i as i64 + step * by).ok();
    let found = at
        .and_then(|j| part.get(j))
        .map(|p| p.args.first().cloned().unwrap_or(Value::Null));
    Ok(found.unwrap_or_else(|| args.get(2).cloned().unwrap_or(Value::Null)))
}
