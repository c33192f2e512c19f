//! Statements, blocks, exceptions.

use super::super::code::{
    Arm, BlockCode, Exc, ForallCode, Init, Query, RowSource, Slot, St, StKind,
};
use super::super::stop::{OraError, Res, Stop};
use super::super::val::{Row, Val};
use super::assign::record_of;
use super::{Env, Flow, Machine};
use crate::value::{Number, Value};

fn matches(exc: Exc, e: &OraError) -> bool {
    match exc {
        Exc::Others => true,
        Exc::User(id) => e.user == Some(id),
        Exc::Code(code) => e.user.is_none() && e.code == code,
    }
}

impl<'e> Machine<'e> {
    /// A block: declarations, statements, handlers.
    pub(super) fn block(&mut self, b: &BlockCode) -> Res<Flow> {
        for init in &b.inits {
            self.init(init)?;
        }
        let stop = match self.stmts(&b.body) {
            Err(Stop::Raise(e)) if !b.handlers.is_empty() => e,
            other => return other,
        };
        let handler = b
            .handlers
            .iter()
            .find(|h| h.catches.iter().any(|c| matches(*c, &stop)));
        let Some(handler) = handler else {
            return Err(Stop::Raise(stop));
        };
        self.cover(handler.branch);
        self.errors.push(*stop);
        let result = self.stmts(&handler.body);
        self.errors.pop();
        result
    }

    /// A declared variable.
    pub(super) fn init(&mut self, init: &Init) -> Res<()> {
        let v = match &init.value {
            Some(ex) => {
                let v = self.eval(ex, &Env::NONE).map_err(|s| s.at(init.span))?;
                self.coerce(v, &init.ty, false)
                    .map_err(|s| s.at(init.span))?
            }
            None => init.ty.empty(),
        };
        if init.not_null && v.is_null() {
            return Err(Stop::ora(6502, "PL/SQL: numeric or value error").at(init.span));
        }
        match init.slot {
            Slot::Global { at, .. } => {
                // During a package's own initialisation.
                if let Some(place) = self.globals.get_mut(at as usize) {
                    *place = v;
                }
                Ok(())
            }
            slot @ Slot::Local { .. } => self.set_slot(slot, v),
        }
    }

    /// Statements in order.
    pub(super) fn stmts(&mut self, list: &[St]) -> Res<Flow> {
        for s in list {
            self.burn(1)?;
            match self.stmt(s).map_err(|stop| stop.at(s.span))? {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    fn stmt(&mut self, s: &St) -> Res<Flow> {
        let none = Env::NONE;
        match &s.kind {
            StKind::Assign(lv, ex) => {
                let v = self.eval(ex, &none)?;
                if let Val::S(Value::Text(t)) = &v {
                    self.burn(t.len() as u64 / 1024)?;
                }
                self.assign(lv, v, &none)?;
            }
            StKind::Call(call) => {
                self.call(call, &none)?;
            }
            StKind::Native(n, args, target) => self.native_procedure(*n, args, target.as_ref())?,
            StKind::Collection(op, lv, args) => self.collection(*op, lv, args, &none)?,
            StKind::If {
                arms,
                otherwise,
                else_branch,
                case,
            } => return self.branches(arms, otherwise.as_deref(), *else_branch, *case),
            StKind::Loop(label, body) => return self.endless(*label, body),
            StKind::While(label, cond, body, branch) => {
                while self.truth(cond, &none)? == Some(true) {
                    self.cover(*branch);
                    if let Some(flow) = self.iteration(*label, body)? {
                        return Ok(flow);
                    }
                    self.burn(1)?;
                }
            }
            StKind::ForRange { .. } => return self.for_range(&s.kind),
            StKind::ForQuery {
                label,
                slot,
                source,
                body,
                branch,
            } => return self.for_query(*label, *slot, source, body, *branch),
            StKind::Forall {
                slot,
                bounds,
                save,
                body,
            } => self.forall(*slot, bounds, *save, body)?,
            StKind::Block(b) => return self.block(b),
            StKind::Exit(label, when) => {
                if self.holds_or_none(when.as_ref())? {
                    return Ok(Flow::Exit(*label));
                }
            }
            StKind::Continue(label, when) => {
                if self.holds_or_none(when.as_ref())? {
                    return Ok(Flow::Continue(*label));
                }
            }
            StKind::Return(ex) => {
                self.returned = ex.as_ref().map(|e| self.eval(e, &none)).transpose()?;
                return Ok(Flow::Return);
            }
            StKind::Raise(exc) => return Err(self.raise(*exc)),
            StKind::Null => {}
            StKind::OpenDeclared(slot, code, args) => self.open_declared(*slot, code, args)?,
            StKind::OpenFor(lv, code) => self.open_for(lv, code)?,
            StKind::Fetch(cursor, into, limit) => self.fetch(cursor, into, limit.as_ref())?,
            StKind::Close(cursor) => self.close(cursor)?,
            StKind::Execute(d) => self.execute(d)?,
            StKind::Select(q, into) => self.select_into(q, into)?,
            StKind::Dml(d) => self.dml(d)?,
            StKind::Commit => self.db.commit(),
            StKind::Rollback(None) => self.db.rollback(),
            StKind::Rollback(Some(name)) => self.db.rollback_to_savepoint(name)?,
            StKind::Savepoint(name) => self.db.savepoint(name),
            StKind::Truncate(table) => {
                self.db.commit();
                self.db.truncate(*table);
            }
            StKind::Pipe(ex) => {
                let v = self.eval(ex, &none)?;
                let cur = self.cur;
                if let Some(f) = self.frames.get_mut(cur) {
                    f.piped.push(v);
                }
            }
            StKind::Refuse(r) => return Err(Stop::Refuse(Box::new((**r).clone()))),
        }
        Ok(Flow::Next)
    }

    fn raise(&mut self, exc: Option<Exc>) -> Stop {
        match exc {
            None => match self.errors.last() {
                Some(e) => Stop::Raise(Box::new(e.clone())),
                None => Stop::missing("RAISE outside a handler"),
            },
            Some(Exc::User(id)) => Stop::Raise(Box::new(OraError {
                code: 1,
                user: Some(id),
                message: "User-Defined Exception".into(),
                span: None,
            })),
            Some(Exc::Code(code)) => {
                let number = if code == 100 {
                    1403
                } else {
                    code.unsigned_abs()
                };
                Stop::ora(number, super::native::message(code))
            }
            Some(Exc::Others) => Stop::missing("RAISE OTHERS"),
        }
    }

    fn holds_or_none(&mut self, when: Option<&super::super::code::Ex>) -> Res<bool> {
        match when {
            Some(w) => Ok(self.truth(w, &Env::NONE)? == Some(true)),
            None => Ok(true),
        }
    }

    fn branches(
        &mut self,
        arms: &[Arm],
        otherwise: Option<&[St]>,
        else_branch: usize,
        case: bool,
    ) -> Res<Flow> {
        for arm in arms {
            if self.truth(&arm.cond, &Env::NONE)? == Some(true) {
                self.cover(arm.branch);
                return self.stmts(&arm.body);
            }
        }
        self.cover(else_branch);
        match otherwise {
            Some(body) => self.stmts(body),
            None if case => Err(Stop::ora(
                6592,
                "CASE not found while executing CASE statement",
            )),
            None => Ok(Flow::Next),
        }
    }

    /// One run of a loop's body; Some: the loop ends so.
    fn iteration(&mut self, label: usize, body: &[St]) -> Res<Option<Flow>> {
        Ok(match self.stmts(body)? {
            Flow::Next => None,
            Flow::Exit(l) if l.is_none_or(|l| l == label) => Some(Flow::Next),
            Flow::Continue(l) if l.is_none_or(|l| l == label) => None,
            other => Some(other),
        })
    }

    fn endless(&mut self, label: usize, body: &[St]) -> Res<Flow> {
        loop {
            if let Some(flow) = self.iteration(label, body)? {
                return Ok(flow);
            }
            self.burn(1)?;
        }
    }

    fn for_range(&mut self, kind: &StKind) -> Res<Flow> {
        let StKind::ForRange {
            label,
            slot,
            reverse,
            low,
            high,
            step,
            body,
            branch,
        } = kind
        else {
            return Ok(Flow::Next);
        };
        let low = self.index(low, &Env::NONE)?;
        let high = self.index(high, &Env::NONE)?;
        let step = match step {
            Some(s) => self.index(s, &Env::NONE)?.max(1),
            None => 1,
        };
        let mut at = if *reverse { high } else { low };
        while (low..=high).contains(&at) {
            self.cover(*branch);
            self.burn(1)?;
            self.set_slot(*slot, Val::from(at))?;
            if let Some(flow) = self.iteration(*label, body)? {
                return Ok(flow);
            }
            at = if *reverse { at - step } else { at + step };
        }
        Ok(Flow::Next)
    }

    fn for_query(
        &mut self,
        label: usize,
        slot: Slot,
        source: &RowSource,
        body: &[St],
        branch: usize,
    ) -> Res<Flow> {
        let (rows, rowids, query): (Vec<Row>, Vec<usize>, &Query) = match source {
            RowSource::Query(q) => {
                let (rows, ids) = self.fetch_all(q, &Env::NONE)?;
                (rows, ids, q)
            }
            RowSource::Cursor(at, code, args) => {
                let (rows, ids) = self.cursor_rows(*at, code, args)?;
                (rows, ids, &code.query)
            }
        };
        if label == 0 {
            // The rows of a dynamic SELECT: the caller takes them.
            self.dynamic_cols = query.cols.fields.len();
            self.dynamic_rows = Some(rows);
            return Ok(Flow::Next);
        }
        let ty = super::super::val::Ty::Rec(query.cols.clone());
        let state = match source {
            RowSource::Cursor(at, ..) => Some(self.loop_cursor(*at, &rows, rowids)?),
            RowSource::Query(_) => None,
        };
        for (i, row) in rows.iter().enumerate() {
            self.cover(branch);
            self.burn(1)?;
            if let Some(id) = state {
                self.advance(id, i + 1);
            }
            let v = record_of(row, &ty)?;
            self.set_slot(slot, v)?;
            if let Some(flow) = self.iteration(label, body)? {
                self.end_loop_cursor(state);
                return Ok(flow);
            }
        }
        self.end_loop_cursor(state);
        Ok(Flow::Next)
    }

    fn forall(&mut self, slot: Slot, bounds: &ForallCode, save: bool, body: &St) -> Res<()> {
        let indexes = self.forall_indexes(bounds)?;
        self.sql.bulk.clear();
        self.sql.errors.clear();
        let mut bulk = Vec::new();
        let mut errors = Vec::new();
        let mut total = 0;
        for (i, at) in indexes.iter().enumerate() {
            self.burn(1)?;
            self.set_slot(slot, Val::from(*at))?;
            match self.stmt(body) {
                Ok(_) => {
                    let rows = self.sql.rowcount.unwrap_or(0);
                    total += rows;
                    bulk.push(rows);
                }
                Err(Stop::Raise(e)) if save => {
                    bulk.push(0);
                    errors.push((i as i64 + 1, i64::from(e.code.unsigned_abs())));
                }
                Err(stop) => {
                    self.sql.bulk = bulk;
                    return Err(stop);
                }
            }
        }
        self.sql.rowcount = Some(total);
        self.sql.bulk = bulk;
        let failed = !errors.is_empty();
        self.sql.errors = errors;
        if failed {
            return Err(Stop::ora(24381, "error(s) in array DML"));
        }
        Ok(())
    }

    fn forall_indexes(&mut self, bounds: &ForallCode) -> Res<Vec<i64>> {
        let none = Env::NONE;
        match bounds {
            ForallCode::Range(low, high) => {
                let null = |v: &Value| v.is_null();
                let (a, b) = (self.value(low, &none)?, self.value(high, &none)?);
                if null(&a) || null(&b) {
                    return Err(Stop::ora(6502, "PL/SQL: numeric or value error"));
                }
                let (a, b) = (self.index(low, &none)?, self.index(high, &none)?);
                self.fits_memory(
                    usize::try_from(b.saturating_sub(a))
                        .unwrap_or(0)
                        .saturating_mul(8),
                )?;
                Ok((a..=b).collect())
            }
            ForallCode::Indices(c) => match self.eval(c, &none)? {
                Val::Coll(c) => Ok(c.by_int.keys().copied().collect()),
                _ => Ok(Vec::new()),
            },
            ForallCode::Values(c) => match self.eval(c, &none)? {
                Val::Coll(c) => {
                    let number = |v: &Val| match v {
                        Val::S(Value::Number(n)) => n.to_i64(),
                        _ => None,
                    };
                    Ok(c.by_int.values().filter_map(number).collect())
                }
                _ => Ok(Vec::new()),
            },
        }
    }

    fn select_into(&mut self, q: &Query, into: &super::super::code::IntoCode) -> Res<()> {
        use super::super::code::IntoCode;
        let rows = self.rows(q, &Env::NONE)?;
        let none = Env::NONE;
        match into {
            IntoCode::BulkEach(_) | IntoCode::BulkRecord(_) => {
                self.sql.rowcount = Some(rows.len() as i64);
                self.into_bulk(into, &rows, &none)
            }
            IntoCode::Each(_) | IntoCode::Record(_) => match rows.as_slice() {
                [] => {
                    self.sql.rowcount = Some(0);
                    Err(Stop::ora(1403, "no data found"))
                }
                [row] => {
                    self.sql.rowcount = Some(1);
                    self.into_row(into, row, &none)
                }
                _ => {
                    self.sql.rowcount = Some(1);
                    Err(Stop::ora(
                        1422,
                        "exact fetch returns more than requested number of rows",
                    ))
                }
            },
        }
    }

    /// A scalar subquery.
    pub(super) fn scalar(&mut self, q: &Query, env: &Env<'_>) -> Res<Val> {
        let rows = self.rows(q, env)?;
        match rows.as_slice() {
            [] => Ok(Val::NULL),
            [row] => Ok(Val::S(row.first().cloned().unwrap_or(Value::Null))),
            _ => Err(Stop::ora(
                1427,
                "single-row subquery returns more than one row",
            )),
        }
    }

    /// A number as a value.
    pub(super) fn number(n: i64) -> Value {
        Value::Number(Number::from(n))
    }
}
