//! Cursors: declared, variables, loops. A cursor's rows are those of the moment it is opened, as Oracle guarantees.

use super::super::code::{ArgCode, Attr, CurRef, CursorCode, Ex, IntoCode, Lv, OpenCode, Slot};
use super::super::stop::{Res, Stop};
use super::super::val::{Row, Val};
use super::{Cursor, Env, Machine};
use crate::value::Value;

impl<'e> Machine<'e> {
    /// Evaluates a declared cursor in the frame that declares it.
    pub(super) fn cursor_rows(
        &mut self,
        slot: Slot,
        code: &CursorCode,
        args: &[ArgCode],
    ) -> Res<(Vec<Row>, Vec<usize>)> {
        let mut values = Vec::new();
        for a in args {
            values.push(match a {
                ArgCode::In(ex) => Some(self.eval(ex, &Env::NONE)?),
                ArgCode::Out(_) | ArgCode::InOut(_) | ArgCode::Default => None,
            });
        }
        let before = self.cur;
        if let Slot::Local { up, .. } = slot {
            self.cur = self.frame_of(up);
        }
        let rows = self.with_params(code, values);
        self.cur = before;
        rows
    }

    fn with_params(
        &mut self,
        code: &CursorCode,
        values: Vec<Option<Val>>,
    ) -> Res<(Vec<Row>, Vec<usize>)> {
        for ((name, slot, ty, default), v) in code.params.iter().zip(values) {
            let v = match (v, default) {
                (Some(v), _) => v,
                (None, Some(d)) => self.eval(d, &Env::NONE)?,
                (None, None) => {
                    return Err(Stop::missing(format!(
                        "the cursor's parameter {name} has no value"
                    )));
                }
            };
            let v = self.coerce(v, ty, false)?;
            self.set_slot(*slot, v)?;
        }
        self.fetch_all(&code.query, &Env::NONE)
    }

    fn new_cursor(&mut self, rows: Vec<Row>, rowids: Vec<usize>) -> usize {
        self.cursors.push(Some(Cursor {
            rows,
            rowids,
            at: 0,
            fetched: 0,
            found: None,
        }));
        self.cursors.len() - 1
    }

    pub(super) fn open_declared(
        &mut self,
        slot: Slot,
        code: &CursorCode,
        args: &[ArgCode],
    ) -> Res<()> {
        if let Some(Val::Cursor(id)) = self.slot(slot)
            && self.cursors.get(*id).is_some_and(Option::is_some)
        {
            return Err(Stop::ora(6511, "PL/SQL: cursor already open"));
        }
        let (rows, rowids) = self.cursor_rows(slot, code, args)?;
        let id = self.new_cursor(rows, rowids);
        self.set_slot(slot, Val::Cursor(id))
    }

    /// The state of a declared cursor while a loop runs over it.
    pub(super) fn loop_cursor(
        &mut self,
        slot: Slot,
        rows: &[Row],
        rowids: Vec<usize>,
    ) -> Res<usize> {
        if let Some(Val::Cursor(id)) = self.slot(slot)
            && self.cursors.get(*id).is_some_and(Option::is_some)
        {
            return Err(Stop::ora(6511, "PL/SQL: cursor already open"));
        }
        let id = self.new_cursor(rows.to_vec(), rowids);
        self.set_slot(slot, Val::Cursor(id))?;
        Ok(id)
    }

    pub(super) fn advance(&mut self, id: usize, at: usize) {
        if let Some(Some(c)) = self.cursors.get_mut(id) {
            c.at = at;
            c.fetched = at as i64;
            c.found = Some(true);
        }
    }

    pub(super) fn end_loop_cursor(&mut self, id: Option<usize>) {
        if let Some(place) = id.and_then(|id| self.cursors.get_mut(id)) {
            *place = None;
        }
    }

    pub(super) fn open_for(&mut self, lv: &Lv, code: &OpenCode) -> Res<()> {
        let (rows, rowids) = match code {
            OpenCode::Query(q) => self.fetch_all(q, &Env::NONE)?,
            OpenCode::Text(text, binds) => (self.dynamic_query(text, binds)?, Vec::new()),
        };
        let id = self.new_cursor(rows, rowids);
        self.assign(lv, Val::Cursor(id), &Env::NONE)
    }

    fn cursor_id(&mut self, c: &CurRef) -> Res<Option<usize>> {
        let v = match c {
            CurRef::Sql => return Ok(None),
            CurRef::Declared(slot) => {
                if let Slot::Global { package, .. } = slot {
                    self.initialise(*package)?;
                }
                self.slot(*slot).cloned().unwrap_or(Val::NULL)
            }
            CurRef::Variable(ex) => self.eval(ex, &Env::NONE)?,
        };
        Ok(match v {
            Val::Cursor(id) => Some(id),
            _ => None,
        })
    }

    fn open_cursor(&mut self, c: &CurRef) -> Res<&mut Cursor> {
        let id = self.cursor_id(c)?;
        let cursor = id
            .and_then(|id| self.cursors.get_mut(id))
            .and_then(Option::as_mut);
        cursor.ok_or_else(|| Stop::ora(1001, "invalid cursor"))
    }

    pub(super) fn fetch(&mut self, c: &CurRef, into: &IntoCode, limit: Option<&Ex>) -> Res<()> {
        let bulk = matches!(into, IntoCode::BulkEach(_) | IntoCode::BulkRecord(_));
        let most = match limit {
            Some(l) => {
                let n = self.index(l, &Env::NONE)?;
                if n <= 0 {
                    return Err(Stop::ora(
                        6502,
                        "PL/SQL: numeric or value error: invalid LIMIT",
                    ));
                }
                n as usize
            }
            None => usize::MAX,
        };
        let cursor = self.open_cursor(c)?;
        let left = cursor.rows.len() - cursor.at;
        let take = if bulk { left.min(most) } else { left.min(1) };
        let rows: Vec<Row> = cursor.rows[cursor.at..cursor.at + take].to_vec();
        cursor.at += take;
        cursor.fetched += take as i64;
        // With BULK COLLECT a batch that is not full is the end.
        cursor.found = Some(if bulk && limit.is_some() {
            take == most
        } else {
            take > 0
        });
        self.burn(1 + rows.len() as u64)?;
        if bulk {
            return self.into_bulk(into, &rows, &Env::NONE);
        }
        match rows.first() {
            Some(row) => self.into_row(into, row, &Env::NONE),
            None => Ok(()),
        }
    }

    pub(super) fn close(&mut self, c: &CurRef) -> Res<()> {
        self.open_cursor(c)?;
        if let Some(place) = self.cursor_id(c)?.and_then(|id| self.cursors.get_mut(id)) {
            *place = None;
        }
        Ok(())
    }

    /// The row that WHERE CURRENT OF means.
    pub(super) fn current_of(&mut self, c: &CurRef) -> Res<usize> {
        let cursor = self.open_cursor(c)?;
        let id = cursor
            .at
            .checked_sub(1)
            .and_then(|i| cursor.rowids.get(i))
            .copied();
        id.ok_or_else(|| {
            Stop::ora(
                1410,
                "invalid ROWID: the cursor is not FOR UPDATE or not on a row",
            )
        })
    }

    pub(super) fn attribute(&mut self, c: &CurRef, attr: Attr, _env: &Env<'_>) -> Res<Val> {
        if *c == CurRef::Sql {
            let rows = self.sql.rowcount;
            return Ok(match attr {
                Attr::Found => Val::from(rows.map(|n| n > 0)),
                Attr::NotFound => Val::from(rows.map(|n| n == 0)),
                Attr::IsOpen => Val::Bool(false),
                Attr::RowCount => rows.map_or(Val::NULL, Val::from),
            });
        }
        let id = self.cursor_id(c)?;
        let cursor = id
            .and_then(|id| self.cursors.get(id))
            .and_then(Option::as_ref);
        match (attr, cursor) {
            (Attr::IsOpen, c) => Ok(Val::Bool(c.is_some())),
            (_, None) => Err(Stop::ora(1001, "invalid cursor")),
            (Attr::Found, Some(c)) => Ok(Val::from(c.found)),
            (Attr::NotFound, Some(c)) => Ok(Val::from(c.found.map(|f| !f))),
            (Attr::RowCount, Some(c)) => Ok(Val::S(Value::Number(c.fetched.into()))),
        }
    }
}
