//! Packages and routines.

use std::rc::Rc;

use super::super::code::{BlockCode, ParamCode, RoutineCode};
use super::super::prog::{Package, Prog, RoutineSym, Sym};
use super::super::stop::{Res, Stop};
use super::super::val::Ty;
use super::{Binds, Cx};
use crate::catalog::model::{TableName, UnitRef};
use crate::syntax::ast::{Block, Decl, Id, ItemKind, List, Routine};
use crate::syntax::{Unit, View};

/// Code of a text of its own, with the slots of its frame.
#[derive(Debug)]
pub struct Bound {
    /// Slots.
    pub slots: usize,
    /// Binds: for blocks one a name, in order of appearance.
    pub names: Vec<String>,
    /// Code.
    pub body: BlockCode,
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// Binds a package's declarations, if that has not been done.
    pub(super) fn load_package(&mut self, name: &TableName) -> Res<u32> {
        if let Some(id) = self.prog.by_package.get(name) {
            return Ok(*id);
        }
        let catalog = self.prog.est.catalog;
        let Some(package) = catalog.packages.get(name) else {
            return Err(Stop::missing(format!("package {name} does not exist")));
        };
        let id = self.prog.packages.len() as u32;
        self.prog.packages.push(Package {
            name: name.clone(),
            syms: std::collections::HashMap::new(),
            inits: Rc::new([]),
            init: None,
            slots: 0,
        });
        self.prog.by_package.insert(name.clone(), id);
        let mut inits = Vec::new();
        for unit in [package.spec, package.body].into_iter().flatten() {
            let view: View<'e> = self.prog.est.view(unit);
            let (decls, init) = match view.ast()[view.unit.item].kind {
                ItemKind::CreatePackage { decls, .. } => (decls, None),
                ItemKind::CreatePackageBody { decls, init, .. } => (decls, init),
                _ => continue,
            };
            let mut cx = Cx::new(self.prog, view, Some(unit), &name.schema);
            cx.package = Some(id);
            inits.extend(cx.package_part(id, decls, init));
        }
        self.prog.packages[id as usize].inits = inits.into();
        Ok(id)
    }

    fn package_part(
        &mut self,
        id: u32,
        decls: List<Decl>,
        init: Option<Id<Block>>,
    ) -> Vec<super::super::code::Init> {
        self.declaring = Some(id);
        let inits = self.decls(decls);
        self.declaring = None;
        if let Some(block) = init {
            let code = self.block(block, None);
            let slots = self.slots[0] as usize;
            let package = &mut self.prog.packages[id as usize];
            package.init = Some(Rc::new(code));
            package.slots = slots;
        }
        inits
    }

    /// Registers a routine's declaration or definition; the body of a nested one is bound by the caller.
    pub(super) fn routine_decl(&mut self, node: Id<Routine>) -> Res<usize> {
        let r = self.view.ast()[node];
        let name = self.ident(r.name);
        let params = self.params(r.params)?;
        let returns = r.returns.map(|t| self.ty(t)).transpose()?;
        let source = r.body.and(self.unit).map(|u| (u, node));
        let same = |cx: &Self, id: usize| {
            let known = &cx.prog.routines[id];
            let alike = known.params.len() == params.len()
                && known
                    .params
                    .iter()
                    .zip(params.iter())
                    .all(|(a, b)| a.name == b.name && a.ty == b.ty);
            known.source.is_none() && known.code.is_none() && alike
        };
        let known = match self.find(std::slice::from_ref(&name))? {
            Some((Sym::Routines(ids), 1)) => ids.into_iter().find(|id| same(self, *id)),
            _ => None,
        };
        if let Some(id) = known
            && r.body.is_some()
        {
            self.prog.routines[id].source = source;
            return Ok(id);
        }
        let pipelined = self.has_word(r.options, "PIPELINED");
        self.prog.routines.push(RoutineSym {
            name: name.clone(),
            schema: self.schema.clone(),
            package: self.package,
            nested_in: if self.declaring.is_some() {
                None
            } else {
                Some(self.level)
            },
            params,
            returns,
            source,
            pipelined,
            code: None,
        });
        let id = self.prog.routines.len() - 1;
        self.declare(&name, Sym::Routines(vec![id]));
        Ok(id)
    }

    /// Binds the body of a routine whose names are in reach.
    pub(super) fn routine_body(
        &mut self,
        id: usize,
        node: Id<Routine>,
        nested: bool,
    ) -> Res<Rc<RoutineCode>> {
        let r = self.view.ast()[node];
        let Some(body) = r.body else {
            let why = if r.external {
                "is written in another language"
            } else {
                "has no body in the input"
            };
            return Err(
                Stop::missing(format!("{} {why}", self.ident(r.name))).at(self.span(r.span))
            );
        };
        if nested {
            self.level += 1;
            self.slots.truncate(self.level as usize);
            self.slots.push(0);
        }
        let labels = std::mem::take(&mut self.labels);
        self.enter(Some(self.ident(r.name)));
        let code = self.routine_parts(id, r, body);
        self.leave();
        self.labels = labels;
        if nested {
            self.level -= 1;
        }
        code
    }

    fn routine_parts(&mut self, id: usize, r: Routine, body: Id<Block>) -> Res<Rc<RoutineCode>> {
        let syms = self.prog.routines[id].params.clone();
        let mut params = Vec::new();
        for (p, sym) in self.view.ast().list(r.params).iter().zip(syms.iter()) {
            let default = p.default.map(|d| self.converted(d, &sym.ty)).transpose()?;
            let slot = self.new_slot(&sym.ty);
            let at = match slot {
                super::Slot::Local { at, .. } | super::Slot::Global { at, .. } => at,
            };
            let ty = unlimited(&sym.ty);
            params.push(ParamCode {
                at,
                ty: ty.clone(),
                default,
            });
            let constant = p.mode == crate::syntax::ast::ParamMode::In;
            let sym = Sym::Var {
                level: self.level,
                slot,
                ty,
                constant,
                not_null: false,
            };
            self.declare(&self.ident(p.name), sym);
        }
        let branch = self.prog.branch(self.span(r.span), "routine");
        let body = self.block(body, Some(self.ident(r.name)));
        let routine = &self.prog.routines[id];
        Ok(Rc::new(RoutineCode {
            name: routine.name.clone(),
            package: routine.package,
            slots: self.slots[self.level as usize] as usize,
            params,
            returns: routine.returns.as_ref().map(unlimited),
            body,
            autonomous: r.autonomous,
            pipelined: routine.pipelined,
            branch,
        }))
    }
}

/// Parameters and results have no length and no precision of their own.
fn unlimited(ty: &Ty) -> Ty {
    match ty {
        Ty::Number { .. } => Ty::NUMBER,
        Ty::Text { .. } => Ty::TEXT,
        Ty::Unknown
        | Ty::Int
        | Ty::Char { .. }
        | Ty::Date
        | Ty::Ts(_)
        | Ty::Raw
        | Ty::Clob
        | Ty::Bool
        | Ty::Ym
        | Ty::Ds
        | Ty::Rec(_)
        | Ty::Coll(_)
        | Ty::Cursor(_)
        | Ty::File
        | Ty::Foreign(_) => ty.clone(),
    }
}

impl<'e> Prog<'e> {
    /// The code of a routine, bound now if it has not been.
    pub fn code(&mut self, id: usize) -> Res<Rc<RoutineCode>> {
        if let Some(code) = &self.routines[id].code {
            return Ok(code.clone());
        }
        let sym = &self.routines[id];
        let Some((unit, node)) = sym.source else {
            return Err(Stop::missing(format!(
                "{}.{} has no body in the input",
                sym.schema, sym.name
            )));
        };
        let (schema, package) = (sym.schema.clone(), sym.package);
        let view: View<'e> = self.est.view(unit);
        let mut cx = Cx::new(self, view, Some(unit), &schema);
        cx.package = package;
        let code = cx.routine_body(id, node, false)?;
        self.routines[id].code = Some(code.clone());
        Ok(code)
    }

    /// Binds a block of the input: an anonymous block, a trigger's body.
    pub fn block(&mut self, unit: UnitRef, schema: &str, block: Id<Block>) -> Bound {
        let view: View<'e> = self.est.view(unit);
        let mut cx = Cx::new(self, view, Some(unit), schema);
        let body = cx.block(block, None);
        let slots = cx.slots[0] as usize;
        Bound {
            slots,
            names: Vec::new(),
            body,
        }
    }

    /// Binds a row trigger's body: slots 0 and 1 hold the new and the old row.
    pub fn trigger(
        &mut self,
        unit: UnitRef,
        schema: &str,
        table: &TableName,
        part: TriggerPart,
    ) -> Res<(Bound, Option<super::Ex>)> {
        let view: View<'e> = self.est.view(unit);
        let row = Rc::new(self.row_type(table));
        let mut cx = Cx::new(self, view, Some(unit), schema);
        let ty = Ty::Rec(row.clone());
        let (new, old) = (cx.new_slot(&ty), cx.new_slot(&ty));
        cx.binds = Binds::Trigger(new, old, row);
        let when = match part.when {
            Some(w) => Some(cx.trigger_when(w)?),
            None => None,
        };
        let body = cx.block(part.body, None);
        let slots = cx.slots[0] as usize;
        let bound = Bound {
            slots,
            names: Vec::new(),
            body,
        };
        Ok((bound, when))
    }

    /// Binds a text that is not part of the input, for example EXECUTE IMMEDIATE's or a schedule's.
    pub fn text<'t>(&mut self, unit: &'t Unit, src: &'t str, schema: &str) -> Res<Bound> {
        let view = View { unit, src };
        let item = view.ast()[unit.item];
        let mut cx = Cx::new(self, view, None, schema);
        let block = matches!(item.kind, ItemKind::Block(_));
        cx.binds = if block {
            Binds::Named(Vec::new())
        } else {
            Binds::Positional(0)
        };
        // Binds take the first slots: their number is counted before.
        let binds = cx.count_binds();
        cx.slots[0] = binds as u32;
        let body = cx.item_block(unit.item)?;
        let names = match std::mem::replace(&mut cx.binds, Binds::None) {
            Binds::Named(names) => names,
            Binds::None | Binds::Positional(_) | Binds::Trigger(..) => Vec::new(),
        };
        Ok(Bound {
            slots: cx.slots[0] as usize,
            names,
            body,
        })
    }
}

/// The parts of a trigger.
pub struct TriggerPart {
    /// WHEN.
    pub when: Option<Id<crate::syntax::ast::Expr>>,
    /// Body.
    pub body: Id<Block>,
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// Number of bind places in the text.
    fn count_binds(&self) -> usize {
        let kinds = &self.view.unit.tape.kinds;
        kinds
            .iter()
            .filter(|k| **k == crate::syntax::TokKind::Bind)
            .count()
    }
}
