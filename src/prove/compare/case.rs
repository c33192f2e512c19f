//! One case: a database, changes to it, and the runs of the batch in between.

use chrono::NaiveDateTime;

use super::super::data::{Maker, Random, parents_first};
use super::super::interp::{Machine, Stop};
use crate::catalog::model::{Catalog, TableName};
use crate::value::Value;

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
}

impl Source<'_> {
    /// The rows of a case; `m` is emptied, and holds them afterwards.
    pub fn initial(
        &self,
        m: &mut Machine<'_>,
        maker: &Maker<'_>,
        r: &mut Random,
    ) -> Result<Case, Stop> {
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
        maker.row(table, &parents, r)
    }

    /// The row that was put in last, as it is stored.
    fn last(&self, m: &Machine<'_>, table: &TableName) -> Option<Vec<Value>> {
        let t = number_of(self.catalog, table)?;
        m.db.values(t).pop()
    }

    /// One commit's changes, applied to `m` as they are made.
    pub fn step(
        &self,
        m: &mut Machine<'_>,
        maker: &Maker<'_>,
        r: &mut Random,
    ) -> Result<Vec<Change>, Stop> {
        let mut out = Vec::new();
        for _ in 0..1 + r.below(3) {
            for _ in 0..8 {
                let Some(change) = self.change(m, maker, r) else {
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
