//! DML: the rows to change are found first, then changed, then checked; an error undoes the whole statement.

use super::super::code::{
    CurRef, Dml, DmlCode, Ex, InsertCode, IntoCode, Merge, Query, SetCode, SetValue,
};
use super::super::db::Db;
use super::super::stop::{Res, Stop};
use super::super::val::{Row, Val};
use super::{Env, Machine};
use crate::value::Value;

impl DmlCode {
    /// True for INSERT.
    pub fn inserts(&self) -> bool {
        match self {
            DmlCode::Values(_)
            | DmlCode::Record(..)
            | DmlCode::Query(..)
            | DmlCode::Multi { .. } => true,
            DmlCode::Update { .. } | DmlCode::Delete { .. } | DmlCode::Merge(_) => false,
        }
    }
}

/// What a statement has done.
#[derive(Default)]
struct Done {
    count: i64,
    touched: Vec<(usize, usize)>,
    gone: Vec<(usize, Row)>,
    returned: Vec<Row>,
}

impl<'e> Machine<'e> {
    /// Runs a DML statement.
    pub(super) fn dml(&mut self, d: &Dml) -> Res<()> {
        let mark = self.db.mark();
        let before = std::mem::replace(&mut self.logging, d.log_errors);
        let result = self.changed(d).and_then(|done| self.checked(done));
        self.logging = before;
        match result {
            Ok(done) => {
                self.sql.rowcount = Some(done.count);
                self.returning(d, &done)
            }
            Err(stop) => {
                self.db.rollback_to(mark);
                self.sql.rowcount = Some(0);
                Err(stop.at(d.span))
            }
        }
    }

    fn checked(&mut self, done: Done) -> Res<Done> {
        for (table, row) in &done.gone {
            self.after_delete(*table, std::slice::from_ref(row))?;
        }
        self.db.verify(&done.touched)?;
        Ok(done)
    }

    fn returning(&mut self, d: &Dml, done: &Done) -> Res<()> {
        let Some(into) = &d.into else {
            return Ok(());
        };
        let mut rows: Vec<Row> = Vec::new();
        for row in &done.returned {
            let rows_of = [row.clone()];
            let env = Env::of(&rows_of, &Env::NONE);
            rows.push(self.values(&d.returning, &env)?.into());
        }
        match into {
            IntoCode::BulkEach(_) | IntoCode::BulkRecord(_) => {
                self.into_bulk(into, &rows, &Env::NONE)
            }
            IntoCode::Each(_) | IntoCode::Record(_) => match rows.as_slice() {
                [] => Ok(()),
                [row] => self.into_row(into, row, &Env::NONE),
                _ => Err(Stop::ora(
                    1422,
                    "exact fetch returns more than requested number of rows",
                )),
            },
        }
    }

    fn changed(&mut self, d: &Dml) -> Res<Done> {
        let mut done = Done::default();
        match &d.kind {
            DmlCode::Values(code) => {
                let row = self.insert_values(code, &Env::NONE)?;
                self.add(code.table, row, &mut done)?;
            }
            DmlCode::Record(table, columns, ex) => {
                let Val::Rec(fields) = self.eval(ex, &Env::NONE)? else {
                    return Err(Stop::missing("a record was expected"));
                };
                let values: Res<Vec<Option<Value>>> =
                    fields.into_iter().map(|v| scalar(v).map(Some)).collect();
                let row = self.new_row(*table, columns, values?)?;
                self.add(*table, row, &mut done)?;
            }
            DmlCode::Query(table, columns, q) => {
                self.insert_query(*table, columns, q, &mut done)?
            }
            DmlCode::Multi {
                first,
                branches,
                query,
            } => self.insert_multi(*first, branches, query, &mut done)?,
            DmlCode::Update {
                table,
                set,
                filter,
                current,
            } => self.update(*table, set, filter, current.as_ref(), &mut done)?,
            DmlCode::Delete {
                table,
                filter,
                current,
            } => {
                for row in self.matching(*table, filter, current.as_ref())? {
                    self.remove(*table, &row, &mut done)?;
                }
            }
            DmlCode::Merge(m) => self.merge(m, &mut done)?,
        }
        Ok(done)
    }

    fn add(&mut self, table: usize, row: Vec<Value>, done: &mut Done) -> Res<()> {
        let id = match self.logging {
            false => self.insert_row(table, row)?,
            true => match self.insert_or_log(table, row)? {
                Some(id) => id,
                None => return Ok(()),
            },
        };
        done.count += 1;
        done.touched.push((table, id));
        done.returned.extend(self.db.row(table, id).cloned());
        Ok(())
    }

    /// LOG ERRORS: a row that breaks a constraint stays out. The table of errors itself is not kept.
    fn insert_or_log(&mut self, table: usize, row: Vec<Value>) -> Res<Option<usize>> {
        let mark = self.db.mark();
        let made = self.insert_row(table, row);
        let checked = made.and_then(|id| self.db.verify(&[(table, id)]).map(|()| id));
        match checked {
            Ok(id) => Ok(Some(id)),
            Err(Stop::Raise(_)) => {
                self.db.rollback_to(mark);
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    fn remove(&mut self, table: usize, row: &Row, done: &mut Done) -> Res<()> {
        let Some(id) = Db::rowid_of(row) else {
            return Ok(());
        };
        self.delete_row(table, id)?;
        done.count += 1;
        done.gone.push((table, row.clone()));
        done.returned.push(row.clone());
        Ok(())
    }

    fn insert_values(&mut self, code: &InsertCode, env: &Env<'_>) -> Res<Vec<Value>> {
        let mut values = Vec::with_capacity(code.values.len());
        for v in &code.values {
            values.push(match v {
                Some(ex) => Some(self.value(ex, env)?),
                None => None,
            });
        }
        self.new_row(code.table, &code.columns, values)
    }

    fn insert_query(
        &mut self,
        table: usize,
        columns: &[usize],
        q: &Query,
        done: &mut Done,
    ) -> Res<()> {
        let rows = self.rows(q, &Env::NONE)?;
        for r in rows {
            let row = self.new_row(table, columns, r.iter().cloned().map(Some).collect())?;
            self.add(table, row, done)?;
        }
        Ok(())
    }

    fn insert_multi(
        &mut self,
        first: bool,
        branches: &[InsertCode],
        q: &Query,
        done: &mut Done,
    ) -> Res<()> {
        let rows = self.rows(q, &Env::NONE)?;
        for r in rows {
            let rows_of = [r];
            let env = Env::of(&rows_of, &Env::NONE);
            let mut any = false;
            let mut when_before: Option<(&Ex, bool)> = None;
            for b in branches {
                let fits = match &b.when {
                    _ if b.is_else => !any,
                    None => true,
                    // Branches of one WHEN share its condition.
                    Some(w) => match when_before {
                        Some((same, result)) if same == w => result,
                        Some(_) | None if first && any => false,
                        Some(_) | None => self.truth(w, &env)? == Some(true),
                    },
                };
                if let Some(w) = &b.when {
                    when_before = Some((w, fits));
                }
                if fits {
                    any = any || b.when.is_some();
                    let row = self.insert_values(b, &env)?;
                    self.add(b.table, row, done)?;
                }
            }
        }
        Ok(())
    }

    /// The rows of a table that a condition holds for.
    fn matching(&mut self, table: usize, filter: &[Ex], current: Option<&CurRef>) -> Res<Vec<Row>> {
        if let Some(c) = current {
            let id = self.current_of(c)?;
            return Ok(self.db.row(table, id).cloned().into_iter().collect());
        }
        self.visible(table)?;
        let rows = self.db.tables[table].rows.clone();
        let mut out = Vec::new();
        let mut buf = [Row::from(Vec::new())];
        'rows: for row in rows.iter().flatten() {
            self.burn(1)?;
            buf[0] = row.clone();
            let mut env = Env::of(&buf, &Env::NONE);
            // ROWNUM counts the rows that have passed.
            env.rownum = out.len() as i64 + 1;
            for f in filter {
                if self.truth(f, &env)? != Some(true) {
                    continue 'rows;
                }
            }
            out.push(row.clone());
        }
        Ok(out)
    }

    fn update(
        &mut self,
        table: usize,
        set: &[SetCode],
        filter: &[Ex],
        current: Option<&CurRef>,
        done: &mut Done,
    ) -> Res<()> {
        let rows = self.matching(table, filter, current)?;
        let mut news = Vec::with_capacity(rows.len());
        for row in rows {
            let rows_of = [row];
            let env = Env::of(&rows_of, &Env::NONE);
            let new = self.set_values(table, set, &rows_of[0], &env)?;
            let [row] = rows_of;
            news.push((row, new));
        }
        let columns: Vec<usize> = set.iter().flat_map(|s| s.columns.iter().copied()).collect();
        for (old, new) in news {
            self.replace(table, old, new, &columns, done)?;
        }
        Ok(())
    }

    fn replace(
        &mut self,
        table: usize,
        old: Row,
        new: Vec<Value>,
        columns: &[usize],
        done: &mut Done,
    ) -> Res<()> {
        let Some(id) = Db::rowid_of(&old) else {
            return Ok(());
        };
        self.update_row(table, id, new, columns)?;
        done.count += 1;
        done.touched.push((table, id));
        done.returned.extend(self.db.row(table, id).cloned());
        done.gone.push((table, old));
        Ok(())
    }

    /// The row with SET applied.
    fn set_values(
        &mut self,
        table: usize,
        set: &[SetCode],
        old: &Row,
        env: &Env<'_>,
    ) -> Res<Vec<Value>> {
        let mut new = old[..old.len() - 1].to_vec();
        for s in set {
            match &s.value {
                SetValue::One(ex) => {
                    let v = self.value(ex, env)?;
                    for c in &s.columns {
                        new[*c] = v.clone();
                    }
                }
                SetValue::Default => {
                    for c in &s.columns {
                        new[*c] = self.default_of(table, *c)?;
                    }
                }
                SetValue::Query(q) => {
                    let rows = self.rows(q, env)?;
                    if rows.len() > 1 {
                        return Err(Stop::ora(
                            1427,
                            "single-row subquery returns more than one row",
                        ));
                    }
                    for (i, c) in s.columns.iter().enumerate() {
                        new[*c] = rows
                            .first()
                            .and_then(|r| r.get(i).cloned())
                            .unwrap_or(Value::Null);
                    }
                }
                SetValue::Record(ex) => {
                    let Val::Rec(fields) = self.eval(ex, env)? else {
                        return Err(Stop::missing("a record was expected"));
                    };
                    for (c, v) in s.columns.iter().zip(fields) {
                        new[*c] = scalar(v)?;
                    }
                }
            }
        }
        Ok(new)
    }

    fn merge(&mut self, m: &Merge, done: &mut Done) -> Res<()> {
        self.visible(m.table)?;
        let mut pairs: Vec<Vec<Row>> = Vec::new();
        let mut buf = m.nulls.clone();
        let none = Env::NONE;
        self.each(&m.join, &mut buf, &none, &mut |m, rows| {
            m.room(pairs.len(), rows.len())?;
            pairs.push(rows.clone());
            Ok(())
        })?;
        let mut seen = std::collections::HashSet::new();
        let mut updates = Vec::new();
        let mut inserts = Vec::new();
        for rows in &pairs {
            let env = Env::of(rows, &none);
            match (Db::rowid_of(&rows[0]), &m.update, &m.insert) {
                (Some(id), Some((set, filter, delete)), _) => {
                    if !self.holds(filter.as_ref(), &env)? {
                        continue;
                    }
                    if !seen.insert(id) {
                        return Err(Stop::ora(
                            30926,
                            "unable to get a stable set of rows in the source tables",
                        ));
                    }
                    let new = self.set_values(m.table, set, &rows[0], &env)?;
                    updates.push((rows, new, set, delete));
                }
                (None, _, Some((code, filter))) if self.holds(filter.as_ref(), &env)? => {
                    inserts.push((code.table, self.insert_values(code, &env)?));
                }
                _ => {}
            }
        }
        for (rows, new, set, delete) in updates {
            let columns: Vec<usize> = set.iter().flat_map(|s| s.columns.iter().copied()).collect();
            let old = rows[0].clone();
            self.replace(m.table, old.clone(), new, &columns, done)?;
            let Some(delete) = delete else { continue };
            // DELETE WHERE sees the row as it has become.
            let id = Db::rowid_of(&old);
            let now = id.and_then(|id| self.db.row(m.table, id).cloned());
            if let Some(now) = now {
                let mut after = rows.clone();
                after[0] = now.clone();
                let gone = self.truth(delete, &Env::of(&after, &none))? == Some(true);
                if gone {
                    self.remove(m.table, &now, done)?;
                    done.count -= 1;
                }
            }
        }
        for (table, row) in inserts {
            self.add(table, row, done)?;
        }
        Ok(())
    }

    fn holds(&mut self, cond: Option<&Ex>, env: &Env<'_>) -> Res<bool> {
        match cond {
            Some(c) => Ok(self.truth(c, env)? == Some(true)),
            None => Ok(true),
        }
    }
}

fn scalar(v: Val) -> Res<Value> {
    match v {
        Val::S(v) => Ok(v),
        _ => Err(Stop::unsupported("a field of this type in a table")),
    }
}
