//! Rows on their way into a table: defaults, types, NOT NULL, CHECK, keys, triggers.

use std::rc::Rc;

use super::super::code::Ex;
use super::super::db::{Db, OnParent};
use super::super::stop::{Res, Stop};
use super::super::val::{Row, Val};
use super::trigger::Event;
use super::{Env, Machine};
use crate::value::Value;

/// A table's expressions, bound once.
pub(super) struct StoreCode {
    defaults: Vec<Option<Ex>>,
    computed: Vec<Option<Ex>>,
    checks: Vec<Ex>,
}

impl<'e> Machine<'e> {
    fn store(&mut self, table: usize) -> Res<Rc<StoreCode>> {
        if let Some(code) = self.stores.get(&table) {
            return Ok(code.clone());
        }
        let t = &self.db.tables[table];
        let (name, cols, checks) = (t.name.clone(), t.cols.clone(), t.checks.clone());
        let mut code = StoreCode {
            defaults: Vec::new(),
            computed: Vec::new(),
            checks: Vec::new(),
        };
        for c in &cols {
            if c.identity || c.computed {
                return Err(Stop::unsupported(format!(
                    "the identity or virtual column {}.{}",
                    name, c.name
                )));
            }
            let default = c
                .default
                .as_ref()
                .map(|d| self.prog.column_expression(&name, d))
                .transpose()?;
            code.defaults.push(default);
            code.computed.push(None);
        }
        for c in &checks {
            code.checks.push(self.prog.column_expression(&name, c)?);
        }
        let code = Rc::new(code);
        self.stores.insert(table, code.clone());
        Ok(code)
    }

    /// The value that DEFAULT stands for.
    pub(super) fn default_of(&mut self, table: usize, col: usize) -> Res<Value> {
        let code = self.store(table)?;
        match code.defaults.get(col).and_then(Option::as_ref) {
            Some(ex) => self.value(ex, &Env::NONE),
            None => Ok(Value::Null),
        }
    }

    /// A new row with defaults for the columns that are not named.
    pub(super) fn new_row(
        &mut self,
        table: usize,
        columns: &[usize],
        values: Vec<Option<Value>>,
    ) -> Res<Vec<Value>> {
        let width = self.db.tables[table].cols.len();
        let mut row = vec![None; width];
        for (c, v) in columns.iter().zip(values) {
            row[*c] = v;
        }
        let mut out = Vec::with_capacity(width);
        for (i, v) in row.into_iter().enumerate() {
            out.push(match v {
                Some(v) => v,
                None => self.default_of(table, i)?,
            });
        }
        Ok(out)
    }

    /// Types, NOT NULL and CHECK of a row.
    fn fitted(&mut self, table: usize, row: Vec<Value>, insert: bool) -> Res<Vec<Value>> {
        let code = self.store(table)?;
        let cols = self.db.tables[table].cols.clone();
        let mut out = Vec::with_capacity(row.len());
        for (v, c) in row.into_iter().zip(&cols) {
            if let super::super::val::Ty::Foreign(_) = c.ty
                && !v.is_null()
            {
                return Err(Stop::unsupported(format!("values of column {}", c.name)));
            }
            let v = match self.coerce(Val::S(v), &c.ty, true)? {
                Val::S(v) => v,
                _ => return Err(Stop::unsupported(format!("values of column {}", c.name))),
            };
            out.push(v);
        }
        for (v, c) in out.iter().zip(&cols) {
            if v.is_null() && !c.nullable {
                let name = format!("\"{}\".\"{}\"", self.db.tables[table].name, c.name);
                return Err(match insert {
                    true => Stop::ora(1400, format!("cannot insert NULL into ({name})")),
                    false => Stop::ora(1407, format!("cannot update ({name}) to NULL")),
                });
            }
        }
        if !code.checks.is_empty() {
            let row: Row = out.iter().cloned().chain([Value::Null]).collect();
            let rows = [row];
            let env = Env::of(&rows, &Env::NONE);
            for check in &code.checks {
                if self.truth(check, &env)? == Some(false) {
                    let name = format!("{}", self.db.tables[table].name);
                    return Err(Stop::ora(
                        2290,
                        format!("check constraint ({name}) violated"),
                    ));
                }
            }
        }
        Ok(out)
    }

    /// Inserts a row; its ROWID.
    pub(super) fn insert_row(&mut self, table: usize, row: Vec<Value>) -> Res<usize> {
        self.burn(1)?;
        let mut row = row;
        self.fire(table, Event::Insert, true, None, Some(&mut row))?;
        let mut row = self.fitted(table, row, true)?;
        self.fits_memory(row.len() * 48)?;
        let rowid = self.db.insert(table, row.clone());
        self.fire(table, Event::Insert, false, None, Some(&mut row))?;
        Ok(rowid)
    }

    /// Changes a row.
    pub(super) fn update_row(
        &mut self,
        table: usize,
        rowid: usize,
        row: Vec<Value>,
        columns: &[usize],
    ) -> Res<()> {
        self.burn(1)?;
        let Some(old) = self.db.row(table, rowid).cloned() else {
            return Ok(());
        };
        let old = old[..old.len() - 1].to_vec();
        let mut row = row;
        let event = Event::Update(columns);
        self.fire(table, event, true, Some(&old), Some(&mut row))?;
        let mut row = self.fitted(table, row, false)?;
        self.db.update(table, rowid, row.clone());
        self.fire(table, event, false, Some(&old), Some(&mut row))
    }

    /// Removes a row.
    pub(super) fn delete_row(&mut self, table: usize, rowid: usize) -> Res<()> {
        self.burn(1)?;
        let Some(old) = self.db.row(table, rowid).cloned() else {
            return Ok(());
        };
        let old = old[..old.len() - 1].to_vec();
        self.fire(table, Event::Delete, true, Some(&old), None)?;
        self.db.delete(table, rowid);
        self.fire(table, Event::Delete, false, Some(&old), None)
    }

    /// What rows that are gone leave behind in children: cascades, or an error.
    pub(super) fn after_delete(&mut self, table: usize, olds: &[Row]) -> Res<()> {
        for (child, fk) in self.db.children(table) {
            for old in olds {
                let orphans = self.db.orphans(child, fk, old);
                if orphans.is_empty() {
                    continue;
                }
                match self.db.tables[child].fks[fk].on_parent {
                    OnParent::Restrict => {
                        let name = format!("{}_FK", self.db.tables[child].name);
                        let text =
                            format!("integrity constraint ({name}) violated - child record found");
                        return Err(Stop::ora(2292, text));
                    }
                    OnParent::Cascade => {
                        let rows: Vec<Row> = orphans
                            .iter()
                            .filter_map(|r| self.db.row(child, *r).cloned())
                            .collect();
                        for id in &orphans {
                            self.delete_row(child, *id)?;
                        }
                        self.after_delete(child, &rows)?;
                    }
                    OnParent::SetNull => self.set_null(child, fk, &orphans)?,
                }
            }
        }
        Ok(())
    }

    fn set_null(&mut self, child: usize, fk: usize, rows: &[usize]) -> Res<()> {
        let cols = self.db.tables[child].fks[fk].cols.clone();
        for id in rows {
            let Some(old) = self.db.row(child, *id).cloned() else {
                continue;
            };
            let mut row = old[..old.len() - 1].to_vec();
            for c in &cols {
                row[*c] = Value::Null;
            }
            self.update_row(child, *id, row, &cols)?;
        }
        Ok(())
    }

    /// Puts a row into a table as a loader does: types and constraints hold, triggers do not fire.
    pub fn load(&mut self, table: usize, row: Vec<Value>) -> Res<usize> {
        let row = self.fitted(table, row, true)?;
        let mark = self.db.mark();
        let rowid = self.db.insert(table, row);
        if let Err(stop) = self.db.verify(&[(table, rowid)]) {
            self.db.rollback_to(mark);
            return Err(stop);
        }
        self.db.commit();
        Ok(rowid)
    }

    /// Changes a row as the application outside does: constraints hold, triggers do not fire.
    pub fn reload(&mut self, table: usize, rowid: usize, row: Vec<Value>) -> Res<()> {
        let row = self.fitted(table, row, false)?;
        let mark = self.db.mark();
        let old = self.db.row(table, rowid).cloned();
        self.db.update(table, rowid, row);
        let checked = self.db.verify(&[(table, rowid)]);
        let checked = checked.and_then(|()| self.after_delete(table, old.as_slice()));
        self.end_load(mark, checked)
    }

    /// Removes a row as the application outside does.
    pub fn unload(&mut self, table: usize, rowid: usize) -> Res<()> {
        let mark = self.db.mark();
        let old = self.db.row(table, rowid).cloned();
        self.db.delete(table, rowid);
        let checked = self.after_delete(table, old.as_slice());
        self.end_load(mark, checked)
    }

    fn end_load(&mut self, mark: usize, checked: Res<()>) -> Res<()> {
        match checked {
            Ok(()) => {
                self.db.commit();
                Ok(())
            }
            Err(stop) => {
                self.db.rollback_to(mark);
                Err(stop)
            }
        }
    }

    /// ROWIDs of the rows that are there.
    pub fn rowids(&self, table: usize) -> Vec<usize> {
        let rows = self.db.tables[table].rows.iter().flatten();
        rows.filter_map(Db::rowid_of).collect()
    }
}
