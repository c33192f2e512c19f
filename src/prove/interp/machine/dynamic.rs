//! EXECUTE IMMEDIATE and OPEN FOR text: bound once a text, binds in the first slots of a frame of their own.

use std::rc::Rc;

use super::super::bind::Bound;
use super::super::code::{ArgCode, Dynamic, Ex, IntoCode};
use super::super::stop::{NO_FILE, Res, Stop, Why};
use super::super::val::{Row, Val};
use super::{Env, Machine};
use crate::syntax::parse_statement;

impl<'e> Machine<'e> {
    fn text_code(&mut self, text: &str) -> Res<Rc<Bound>> {
        if let Some(b) = self.texts.get(text) {
            return Ok(b.clone());
        }
        let units = parse_statement(text, NO_FILE);
        let [unit] = units.as_slice() else {
            return Err(Stop::refuse(
                Why::Syntax,
                format!("the dynamic text `{text}` is not one statement"),
            ));
        };
        if !unit.errors.is_empty() {
            return Err(Stop::refuse(
                Why::Syntax,
                format!("the dynamic text `{text}` could not be parsed"),
            ));
        }
        let schema = self.user_schema();
        let bound = Rc::new(self.prog.text(unit, text, &schema).map_err(not_there)?);
        self.texts.insert(text.to_string(), bound.clone());
        Ok(bound)
    }

    /// Schema of the names in a dynamic text.
    fn user_schema(&self) -> String {
        self.prog.est.catalog.default_schema.clone()
    }

    /// Runs a text; the values of the binds afterwards, by slot.
    fn run_dynamic(&mut self, text: &str, values: Vec<Val>) -> Res<Vec<Val>> {
        let code = self.text_code(text)?;
        let wanted = if code.names.is_empty() {
            values.len()
        } else {
            code.names.len()
        };
        if wanted > values.len() {
            return Err(Stop::ora(1008, "not all variables bound"));
        }
        if wanted < values.len() {
            return Err(Stop::ora(1006, "bind variable does not exist"));
        }
        self.dynamic_rows = None;
        let slots = code.slots.max(values.len()).max(1);
        self.in_frame(slots, usize::MAX, |m| {
            let cur = m.cur;
            for (i, v) in values.into_iter().enumerate() {
                m.frames[cur].slots[i] = v;
            }
            m.block(&code.body)?;
            Ok(m.frames[cur].slots.clone())
        })
    }

    fn text_of_ex(&mut self, ex: &Ex) -> Res<String> {
        let text = self.value(ex, &Env::NONE)?.to_text(&self.nls)?;
        let text = text.ok_or_else(|| {
            Stop::ora(
                6535,
                "statement string in EXECUTE IMMEDIATE is NULL or 0 length",
            )
        })?;
        Ok(text.trim_end().trim_end_matches('\0').to_string())
    }

    /// The rows of a dynamic query.
    pub(super) fn dynamic_query(&mut self, text: &Ex, binds: &[Ex]) -> Res<Vec<Row>> {
        let text = self.text_of_ex(text)?;
        let mut values = Vec::new();
        for b in binds {
            values.push(self.eval(b, &Env::NONE)?);
        }
        self.run_dynamic(&text, values)?;
        self.dynamic_rows
            .take()
            .ok_or_else(|| Stop::unsupported("OPEN FOR a text that is no query"))
    }

    pub(super) fn execute(&mut self, d: &Dynamic) -> Res<()> {
        let text = self.text_of_ex(&d.text)?;
        if d.returning.is_some() {
            return Err(Stop::unsupported("RETURNING of a dynamic statement"));
        }
        let mut values = Vec::new();
        for u in &d.using {
            values.push(match u {
                ArgCode::In(ex) => self.eval(ex, &Env::NONE)?,
                ArgCode::InOut(lv) => self.place_mut(lv, &Env::NONE)?.clone(),
                ArgCode::Out(_) | ArgCode::Default => Val::NULL,
            });
        }
        let after = self.run_dynamic(&text, values)?;
        for (u, v) in d.using.iter().zip(after) {
            if let ArgCode::InOut(lv) = u {
                self.assign(lv, v, &Env::NONE)?;
            }
        }
        let rows = self.dynamic_rows.take();
        let Some(into) = &d.into else {
            return Ok(());
        };
        let rows =
            rows.ok_or_else(|| Stop::unsupported("INTO of a dynamic text that is no query"))?;
        self.dynamic_into(into, &rows)
    }

    fn dynamic_into(&mut self, into: &IntoCode, rows: &[Row]) -> Res<()> {
        if matches!(into, IntoCode::BulkEach(_) | IntoCode::BulkRecord(_)) {
            self.sql.rowcount = Some(rows.len() as i64);
            return self.into_bulk(into, rows, &Env::NONE);
        }
        match rows {
            [] => Err(Stop::ora(1403, "no data found")),
            [row] => {
                self.sql.rowcount = Some(1);
                self.into_row(into, row, &Env::NONE)
            }
            _ => Err(Stop::ora(
                1422,
                "exact fetch returns more than requested number of rows",
            )),
        }
    }
}

/// A dynamic text that names what does not exist fails when it is run.
fn not_there(stop: Stop) -> Stop {
    match stop {
        Stop::Refuse(r) if r.why == Why::Missing && r.message.starts_with("table") => {
            Stop::ora(942, "table or view does not exist")
        }
        Stop::Refuse(r) if r.why == Why::Missing => {
            Stop::ora(904, format!("invalid identifier: {}", r.message))
        }
        Stop::Refuse(_) | Stop::Raise(_) | Stop::Enough => stop,
    }
}
