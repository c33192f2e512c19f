//! Calls of routines, packages, and the way in from outside.

use super::super::code::{ArgCode, Call, Lv, RoutineCode};
use super::super::stop::{NO_FILE, Res, Stop, Why};
use super::super::val::{Coll, CollKind, Val};
use super::{Env, Flow, Frame, Machine};
use crate::syntax::parse_statement;

impl<'e> Machine<'e> {
    /// Runs a package's initialisation, once a session.
    pub(super) fn initialise(&mut self, package: u32) -> Res<()> {
        let at = package as usize;
        if self.ready.get(at) == Some(&true) {
            self.grow_globals();
            return Ok(());
        }
        if self.ready.len() <= at {
            self.ready.resize(at + 1, false);
        }
        self.grow_globals();
        // Set first: the initialiser reads the package's own variables.
        self.ready[at] = true;
        let inits = self.prog.packages[at].inits.clone();
        for init in inits.iter() {
            self.in_frame(0, usize::MAX, |m| m.init(init))?;
        }
        if let Some(code) = self.prog.packages[at].init.clone() {
            let slots = self.prog.packages[at].slots;
            self.in_frame(slots, usize::MAX, |m| m.block(&code))?;
        }
        Ok(())
    }

    fn grow_globals(&mut self) {
        for ty in &self.prog.globals[self.globals.len().min(self.prog.globals.len())..] {
            self.globals.push(ty.empty());
        }
    }

    /// Runs `f` in a new frame.
    pub(super) fn in_frame<R>(
        &mut self,
        slots: usize,
        parent: usize,
        f: impl FnOnce(&mut Self) -> Res<R>,
    ) -> Res<R> {
        let before = self.cur;
        self.frames.push(Frame {
            slots: vec![Val::NULL; slots],
            parent,
            piped: Vec::new(),
        });
        self.cur = self.frames.len() - 1;
        let result = f(self);
        self.frames.pop();
        self.cur = before;
        result
    }

    /// Calls a routine; a procedure gives NULL.
    pub(super) fn call(&mut self, call: &Call, env: &Env<'_>) -> Res<Val> {
        let code = self.prog.code(call.routine)?;
        if let Some(p) = code.package {
            self.initialise(p)?;
        }
        if self.depth >= self.limits.depth {
            let message = format!("calls are nested more than {} deep", self.limits.depth);
            return Err(Stop::refuse(Why::Depth, message));
        }
        let mut args = Vec::with_capacity(call.args.len());
        for a in &call.args {
            args.push(match a {
                ArgCode::In(ex) => Some(self.eval(ex, env)?),
                ArgCode::InOut(lv) => Some(self.place_mut(lv, env)?.clone()),
                ArgCode::Out(_) | ArgCode::Default => None,
            });
        }
        let parent = call.up.map_or(usize::MAX, |up| self.frame_of(up));
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || {
            self.in_frame(code.slots, parent, |m| m.called(&code, call, args))
        });
        self.depth -= 1;
        let (value, outs) = result?;
        let targets = call.args.iter().filter_map(|a| match a {
            ArgCode::Out(lv) | ArgCode::InOut(lv) => Some(lv),
            ArgCode::In(_) | ArgCode::Default => None,
        });
        let targets: Vec<&Lv> = targets.collect();
        for (lv, v) in targets.into_iter().zip(outs) {
            self.assign(lv, v, env)?;
        }
        Ok(value)
    }

    fn called(
        &mut self,
        code: &RoutineCode,
        call: &Call,
        args: Vec<Option<Val>>,
    ) -> Res<(Val, Vec<Val>)> {
        self.cover(code.branch);
        for ((p, a), v) in code.params.iter().zip(&call.args).zip(args) {
            let v = match (a, v) {
                (ArgCode::Default, _) => match &p.default {
                    Some(d) => self.eval(d, &Env::NONE)?,
                    None => {
                        return Err(Stop::unsupported(
                            "a default that only the specification has",
                        ));
                    }
                },
                (_, Some(v)) => v,
                (_, None) => p.ty.empty(),
            };
            let v = self.coerce(v, &p.ty, false)?;
            let cur = self.cur;
            self.frames[cur].slots[p.at as usize] = v;
        }
        self.returned = None;
        let ended = if code.autonomous {
            self.autonomous(code)
        } else {
            self.block(&code.body)
        };
        let ended = ended?;
        let cur = self.cur;
        let value = match (&code.returns, self.returned.take()) {
            _ if code.pipelined => {
                let items = std::mem::take(&mut self.frames[cur].piped);
                Val::Coll(Box::new(Coll::of(CollKind::Nested, items)))
            }
            (Some(ty), Some(v)) if ended == Flow::Return => self.coerce(v, ty, false)?,
            (Some(_), _) => return Err(Stop::ora(6503, "PL/SQL: Function returned without value")),
            (None, _) => Val::NULL,
        };
        let outs = code
            .params
            .iter()
            .zip(&call.args)
            .filter(|(_, a)| matches!(a, ArgCode::Out(_) | ArgCode::InOut(_)));
        let outs = outs
            .map(|(p, _)| self.frames[cur].slots[p.at as usize].clone())
            .collect();
        Ok((value, outs))
    }

    /// A transaction of its own.
    fn autonomous(&mut self, code: &RoutineCode) -> Res<Flow> {
        let (suspended, dirty) = self.db.suspend();
        self.hidden.push(dirty);
        let result = self.block(&code.body);
        self.hidden.pop();
        let pending = self.db.resume(suspended);
        match result {
            Ok(_) if pending => Err(Stop::ora(
                6519,
                "active autonomous transaction detected and rolled back",
            )),
            other => other,
        }
    }

    /// Refused: an autonomous transaction that reads what the one around it has not committed.
    pub(super) fn visible(&self, table: usize) -> Res<()> {
        if self.hidden.iter().any(|h| h.contains(&table)) {
            let name = &self.db.tables[table].name;
            return Err(Stop::unsupported(format!(
                "an autonomous transaction that reads uncommitted changes of {name}"
            )));
        }
        Ok(())
    }

    /// Runs a text as a client does: a block or statement with the session's end. An error undoes what the call left
    /// uncommitted; success commits, as a job does.
    pub fn run_text(&mut self, text: &str, schema: &str) -> Res<()> {
        let units = parse_statement(text, NO_FILE);
        for unit in &units {
            if !unit.errors.is_empty() {
                return Err(Stop::refuse(
                    Why::Syntax,
                    format!("`{text}` could not be parsed"),
                ));
            }
            let bound = self.prog.text(unit, text, schema)?;
            let result = self.in_frame(bound.slots, usize::MAX, |m| m.block(&bound.body));
            self.end_call(result)?;
        }
        Ok(())
    }

    fn end_call(&mut self, result: Res<Flow>) -> Res<()> {
        match result {
            Ok(_) => {
                self.db.commit();
                Ok(())
            }
            Err(stop) => {
                self.db.rollback();
                self.frames.clear();
                self.cur = 0;
                self.depth = 0;
                Err(stop)
            }
        }
    }
}
