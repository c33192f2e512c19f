//! Triggers of tables.

use std::rc::Rc;

use super::super::bind::Bound;
use super::super::code::Ex;
use super::super::stop::{Res, Stop};
use super::super::val::Val;
use super::{Env, Machine};
use crate::catalog::model::TableName;
use crate::syntax::View;
use crate::syntax::ast::ItemKind;
use crate::value::Value;

/// What happens to a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event<'a> {
    Insert,
    /// These columns are set.
    Update(&'a [usize]),
    Delete,
}

/// A bound trigger.
pub(super) struct Trigger {
    before: bool,
    each_row: bool,
    on_insert: bool,
    on_update: bool,
    on_delete: bool,
    /// UPDATE OF: these columns only.
    of: Option<Vec<usize>>,
    when: Option<Ex>,
    code: Bound,
}

impl<'e> Machine<'e> {
    fn triggers_of(&mut self, table: usize) -> Res<Rc<Vec<Trigger>>> {
        if let Some(t) = self.triggers.get(&table) {
            return Ok(t.clone());
        }
        let name = self.db.tables[table].name.clone();
        let est = self.prog.est;
        let mut out = Vec::new();
        for t in est
            .catalog
            .triggers
            .iter()
            .filter(|t| t.table.as_ref() == Some(&name))
        {
            let Some(routine) = t
                .routines
                .first()
                .map(|r| &est.catalog.routines[r.0 as usize])
            else {
                continue;
            };
            let view = est.view(routine.unit);
            out.push(self.bind_trigger(&name, view, routine.unit, &routine.schema)?);
        }
        let out = Rc::new(out);
        self.triggers.insert(table, out.clone());
        Ok(out)
    }

    fn bind_trigger(
        &mut self,
        table: &TableName,
        view: View<'e>,
        unit: crate::catalog::model::UnitRef,
        schema: &str,
    ) -> Res<Trigger> {
        let ItemKind::CreateTrigger(def) = view.ast()[view.unit.item].kind else {
            return Err(Stop::unsupported("a trigger of this form"));
        };
        let def = view.ast()[def];
        let mut bodies = def.bodies.ids();
        let (Some(body), None) = (bodies.next(), bodies.next()) else {
            return Err(Stop::unsupported("a compound trigger"));
        };
        let part = super::super::bind::TriggerPart {
            when: def.when,
            body,
        };
        let (code, when) = self.prog.trigger(unit, schema, table, part)?;
        Ok(Trigger {
            before: def.before,
            each_row: def.each_row,
            on_insert: def.on_insert,
            on_update: def.on_update,
            on_delete: def.on_delete,
            of: self.update_of(table, view),
            when,
            code,
        })
    }

    /// The columns of UPDATE OF, which the tree does not keep.
    fn update_of(&self, table: &TableName, view: View<'_>) -> Option<Vec<usize>> {
        let tape = &view.unit.tape;
        let words: Vec<String> = (0..tape.len() as u32)
            .filter(|i| !tape.kinds.get(*i as usize).is_some_and(|k| k.is_trivia()))
            .map(|i| view.token(i).trim_matches('"').to_uppercase())
            .collect();
        let on = words.iter().position(|w| w == "ON")?;
        let at = words[..on]
            .windows(2)
            .position(|w| w[0] == "UPDATE" && w[1] == "OF")?;
        let columns = &self.prog.est.catalog.tables.get(table)?.columns;
        let names = words[at + 2..on]
            .iter()
            .take_while(|w| *w != "OR")
            .filter(|w| *w != ",");
        Some(names.filter_map(|n| columns.get_index_of(n)).collect())
    }

    /// Fires the row triggers of an event; BEFORE triggers may change the new row.
    pub(super) fn fire(
        &mut self,
        table: usize,
        event: Event<'_>,
        before: bool,
        old: Option<&[Value]>,
        new: Option<&mut Vec<Value>>,
    ) -> Res<()> {
        if self.prog.est.catalog.triggers.is_empty() {
            return Ok(());
        }
        let triggers = self.triggers_of(table)?;
        if triggers.is_empty() {
            return Ok(());
        }
        let width = self.db.tables[table].cols.len();
        let record = |row: Option<&[Value]>| match row {
            Some(r) => Val::Rec(r.iter().cloned().map(Val::S).collect()),
            None => Val::Rec(vec![Val::NULL; width]),
        };
        let mut new = new;
        for t in triggers
            .iter()
            .filter(|t| t.before == before && t.applies(event))
        {
            if !t.each_row {
                return Err(Stop::unsupported("a statement trigger"));
            }
            let new_row = record(new.as_deref().map(Vec::as_slice));
            let old_row = record(old);
            let changed = self.in_frame(t.code.slots.max(2), usize::MAX, |m| {
                m.one(t, new_row, old_row)
            })?;
            if let (true, Some(row), Some(Val::Rec(fields))) = (before, new.as_deref_mut(), changed)
            {
                for (place, v) in row.iter_mut().zip(fields) {
                    if let Val::S(v) = v {
                        *place = v;
                    }
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, t: &Trigger, new: Val, old: Val) -> Res<Option<Val>> {
        let cur = self.cur;
        self.frames[cur].slots[0] = new;
        self.frames[cur].slots[1] = old;
        if let Some(when) = &t.when
            && self.truth(when, &Env::NONE)? != Some(true)
        {
            return Ok(None);
        }
        // A trigger's own statements do not show in the attributes of the statement that fired it.
        let rowcount = self.sql.rowcount;
        self.block(&t.code.body)?;
        self.sql.rowcount = rowcount;
        Ok(Some(self.frames[cur].slots[0].clone()))
    }
}

impl Trigger {
    fn applies(&self, event: Event<'_>) -> bool {
        match event {
            Event::Insert => self.on_insert,
            Event::Delete => self.on_delete,
            Event::Update(set) => {
                let named = self
                    .of
                    .as_ref()
                    .is_none_or(|of| of.iter().any(|c| set.contains(c)));
                self.on_update && named
            }
        }
    }
}
