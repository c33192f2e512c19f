//! One case: a database, changes to it, and the runs of the batch in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::super::data::{Maker, Random, parents_first};
use super::super::interp::{Machine, Stop};
use super::Given;
use crate::catalog::model::{Catalog, DataType, TableName};
use crate::value::{Number, Value};

/// Days, and numbers of keys, between the rows of two rounds.
const LATER: i64 = 400;

/// A change of a source between runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new row.
    Insert(TableName, Vec<Value>),
    /// This row becomes that row.
    Update(TableName, Vec<Value>, Vec<Value>),
    /// This row goes.
    Delete(TableName, Vec<Value>),
}

/// A database and what happens to it. Replaying it is exact; parts can be left out.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Case {
    /// Rows before the first run, parents first.
    pub initial: Vec<(TableName, Vec<Value>)>,
    /// Changes before each further run: one commit each.
    pub steps: Vec<Vec<Change>>,
    /// Rows are only added, later ones with larger keys: what jobs take for granted that assume final rows.
    pub only_new: bool,
}

/// Number of a table in the database.
pub fn number_of(catalog: &Catalog, table: &TableName) -> Option<usize> {
    catalog.tables.get_index_of(table)
}

/// Puts a row in; rows that break a constraint stay out.
pub fn load(
    m: &mut Machine<'_>,
    catalog: &Catalog,
    table: &TableName,
    row: &[Value],
) -> Result<bool, Stop> {
    let Some(t) = number_of(catalog, table) else {
        return Ok(false);
    };
    accepted(m.load(t, row.to_vec()).map(|_| ()))
}

fn accepted(result: Result<(), Stop>) -> Result<bool, Stop> {
    match result {
        Ok(()) => Ok(true),
        Err(Stop::Raise(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

fn find(m: &Machine<'_>, t: usize, row: &[Value]) -> Option<usize> {
    let rows = m.rowids(t).into_iter();
    rows.into_iter()
        .find(|id| m.db.row(t, *id).is_some_and(|r| r[..r.len() - 1] == *row))
}

/// Applies a change; false if a constraint or a missing row prevents it.
pub fn apply(m: &mut Machine<'_>, catalog: &Catalog, change: &Change) -> Result<bool, Stop> {
    match change {
        Change::Insert(table, row) => load(m, catalog, table, row),
        Change::Update(table, old, new) => {
            let place = number_of(catalog, table).and_then(|t| Some((t, find(m, t, old)?)));
            match place {
                Some((t, id)) => accepted(m.reload(t, id, new.clone())),
                None => Ok(false),
            }
        }
        Change::Delete(table, old) => {
            let place = number_of(catalog, table).and_then(|t| Some((t, find(m, t, old)?)));
            match place {
                Some((t, id)) => accepted(m.unload(t, id)),
                None => Ok(false),
            }
        }
    }
}

/// Makes cases.
pub struct Source<'a> {
    /// Names.
    pub catalog: &'a Catalog,
    /// Constants.
    pub hints: &'a super::super::data::Hints,
    /// Tables that get rows.
    pub fill: Vec<TableName>,
    /// Tables that planned queries read, with the parents of their rows.
    pub near: Vec<TableName>,
    /// Tables that the job reads: these change.
    pub change: Vec<TableName>,
    /// The state in which rows enter a queue, by table and column.
    pub states: BTreeMap<(TableName, usize), Value>,
    /// Dates beside the sources, such as marks of the last run, lie before all rows.
    pub early: bool,
    /// Rows of the user's own.
    pub given: Option<Arc<Given>>,
}

impl Source<'_> {
    /// The rows of a case; `m` is emptied, and holds them afterwards.
    pub fn initial(
        &self,
        m: &mut Machine<'_>,
        maker: &Maker<'_>,
        r: &mut Random,
    ) -> Result<Case, Stop> {
        if let Some(given) = &self.given {
            return self.own(m, given);
        }
        let mut case = Case::default();
        for name in parents_first(self.catalog, &self.fill) {
            let Some(table) = self.catalog.tables.get(&name) else {
                continue;
            };
            // Tables that no planned query reads are there half of the time: they only decide the batch's way.
            let aside = !self.near.contains(&name) && r.one_in(2);
            let count = if aside || r.one_in(8) {
                0
            } else {
                maker.count(r)
            };
            for _ in 0..count * 3 {
                let rows = case.initial.iter().filter(|(t, _)| *t == name).count();
                if rows == count {
                    break;
                }
                let row = self.fresh(m, maker, table, r);
                if load(m, self.catalog, &name, &row)? {
                    let stored = self.last(m, &name);
                    case.initial.push((name.clone(), stored.unwrap_or(row)));
                }
            }
        }
        Ok(case)
    }

    /// The user's rows; one that breaks a constraint is not passed over.
    fn own(&self, m: &mut Machine<'_>, given: &Given) -> Result<Case, Stop> {
        let mut case = Case::default();
        for name in parents_first(self.catalog, &self.fill) {
            let rows = given.iter().filter(|(t, _)| *t == name);
            for (at, row) in rows.flat_map(|(_, r)| r).enumerate() {
                if !load(m, self.catalog, &name, row)? {
                    let text = format!("row {} of {name} breaks a constraint", at + 1);
                    return Err(Stop::missing(text));
                }
                let stored = self.last(m, &name);
                case.initial
                    .push((name.clone(), stored.unwrap_or_else(|| row.clone())));
            }
        }
        Ok(case)
    }

    fn fresh(
        &self,
        m: &Machine<'_>,
        maker: &Maker<'_>,
        table: &crate::catalog::model::Table,
        r: &mut Random,
    ) -> Vec<Value> {
        let parents = |t: &TableName| {
            number_of(self.catalog, t)
                .map(|t| m.db.values(t))
                .unwrap_or_default()
        };
        let mut row = maker.row(table, &parents, r);
        let mark = self.early && !self.near.contains(&table.name);
        let types = table.columns.values().map(|c| &c.ty);
        for ((at, value), ty) in row.iter_mut().enumerate().zip(types) {
            if mark && matches!(ty, DataType::Date | DataType::Timestamp { .. }) {
                let long_ago = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(NaiveDate::MIN);
                *value = Value::Date(long_ago.and_time(NaiveTime::MIN));
            }
            if let Some(state) = self.states.get(&(table.name.clone(), at)) {
                value.clone_from(state);
            }
        }
        row
    }

    /// The row that was put in last, as it is stored.
    fn last(&self, m: &Machine<'_>, table: &TableName) -> Option<Vec<Value>> {
        let t = number_of(self.catalog, table)?;
        m.db.values(t).pop()
    }

    /// A new row behind all that were there: larger keys, later dates.
    fn added(
        &self,
        m: &Machine<'_>,
        maker: &Maker<'_>,
        r: &mut Random,
        round: i64,
    ) -> Option<Change> {
        let name = self.change.get(r.below(self.change.len()))?;
        let table = self.catalog.tables.get(name)?;
        let mut row = self.fresh(m, maker, table, r);
        let referring = |c: &String| table.foreign_keys.iter().any(|f| f.columns.contains(c));
        for (value, (column, _)) in row.iter_mut().zip(&table.columns) {
            let in_key = table.primary_key.iter().any(|k| k.contains(column));
            let moved = match &*value {
                Value::Date(d) => Some(Value::Date(*d + TimeDelta::days(LATER * round))),
                Value::Timestamp(d) => Some(Value::Timestamp(*d + TimeDelta::days(LATER * round))),
                Value::Number(n) if in_key && !referring(column) => {
                    n.add(&Number::from(LATER * round)).ok().map(Value::Number)
                }
                Value::Null | Value::Number(_) | Value::Text(_) | Value::Bytes(_) => None,
            };
            if let Some(moved) = moved {
                *value = moved;
            }
        }
        Some(Change::Insert(name.clone(), row))
    }

    /// One commit's changes, applied to `m` as they are made; `later` than all before in the round of this number.
    pub fn step(
        &self,
        m: &mut Machine<'_>,
        maker: &Maker<'_>,
        r: &mut Random,
        later: Option<i64>,
    ) -> Result<Vec<Change>, Stop> {
        let mut out = Vec::new();
        for _ in 0..1 + r.below(3) {
            for _ in 0..8 {
                let change = match later {
                    Some(round) => self.added(m, maker, r, round),
                    None => self.change(m, maker, r),
                };
                let Some(change) = change else {
                    continue;
                };
                if apply(m, self.catalog, &change)? {
                    out.push(change);
                    break;
                }
            }
        }
        Ok(out)
    }

    fn change(&self, m: &Machine<'_>, maker: &Maker<'_>, r: &mut Random) -> Option<Change> {
        let name = self.change.get(r.below(self.change.len()))?;
        let table = self.catalog.tables.get(name)?;
        let t = number_of(self.catalog, name)?;
        let rows = m.db.values(t);
        let kind = r.below(4);
        if kind == 0 || rows.is_empty() {
            return Some(Change::Insert(name.clone(), self.fresh(m, maker, table, r)));
        }
        let old = rows[r.below(rows.len())].clone();
        if kind == 1 {
            return Some(Change::Delete(name.clone(), old));
        }
        let mut new = old.clone();
        for _ in 0..1 + r.below(2) {
            let at = r.below(new.len());
            let of_key = table.foreign_keys.iter().any(|f| {
                f.columns
                    .iter()
                    .any(|c| table.columns.get_index_of(c) == Some(at))
            });
            if of_key {
                let other = self.fresh(m, maker, table, r);
                new[at] = other[at].clone();
            } else if let Some(v) = maker.column(table, at, r) {
                new[at] = v;
            }
        }
        (new != old).then(|| Change::Update(name.clone(), old, new))
    }
}

/// All dates in the database: they decide at which times the batch must run.
pub fn dates(m: &Machine<'_>, catalog: &Catalog, tables: &[TableName]) -> Vec<NaiveDateTime> {
    let numbers = tables.iter().filter_map(|t| number_of(catalog, t));
    let values = numbers.flat_map(|t| m.db.values(t)).flatten();
    let date = |v: Value| match v {
        Value::Date(d) | Value::Timestamp(d) => Some(d),
        Value::Null | Value::Number(_) | Value::Text(_) | Value::Bytes(_) => None,
    };
    let mut out: Vec<NaiveDateTime> = values.filter_map(date).collect();
    out.sort_unstable();
    out.dedup();
    out
}
