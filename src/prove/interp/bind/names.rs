//! What a name means in PL/SQL: blocks from the inside out, the package, other packages, the schema.

use std::rc::Rc;

use super::super::prog::{ParamSym, RoutineSym, Sym};
use super::super::stop::Res;
use super::Cx;
use crate::catalog::model::{RoutineId, TableName};
use crate::syntax::View;

impl<'e, 'u> Cx<'_, 'e, 'u> {
    fn local(&self, name: &str) -> Option<Sym> {
        let in_scope = self.scopes.iter().rev().find_map(|s| s.syms.get(name));
        let of_package = |p: u32| self.prog.packages[p as usize].syms.get(name);
        in_scope.or_else(|| of_package(self.package?)).cloned()
    }

    /// `label.x`, `routine.x`, `package.x` from inside.
    fn qualified(&self, parts: &[String]) -> Option<Sym> {
        let [first, second, ..] = parts else {
            return None;
        };
        let named = |s: &&super::Scope| s.name.as_deref() == Some(first.as_str());
        let in_scope = self
            .scopes
            .iter()
            .rev()
            .filter(named)
            .find_map(|s| s.syms.get(second));
        let own = || {
            let p = &self.prog.packages[self.package? as usize];
            if p.name.name == *first {
                p.syms.get(second)
            } else {
                None
            }
        };
        in_scope.or_else(own).cloned()
    }

    /// The meaning of the first parts of a name, and how many they are.
    pub(super) fn find(&mut self, parts: &[String]) -> Res<Option<(Sym, usize)>> {
        let Some(first) = parts.first() else {
            return Ok(None);
        };
        if let Some(sym) = self.local(first) {
            return Ok(Some((sym, 1)));
        }
        if let Some(sym) = self.qualified(parts) {
            return Ok(Some((sym, 2)));
        }
        if parts.len() >= 2
            && let Some(sym) = self.in_package(&self.schema.clone(), first, &parts[1])?
        {
            return Ok(Some((sym, 2)));
        }
        if parts.len() >= 3
            && let Some(sym) = self.in_package(first, &parts[1], &parts[2])?
        {
            return Ok(Some((sym, 3)));
        }
        if let Some(sym) = self.standalone(&TableName::new(&self.schema, first))? {
            return Ok(Some((sym, 1)));
        }
        if parts.len() >= 2
            && let Some(sym) = self.standalone(&TableName::new(first, &parts[1]))?
        {
            return Ok(Some((sym, 2)));
        }
        Ok(None)
    }

    fn in_package(&mut self, schema: &str, package: &str, name: &str) -> Res<Option<Sym>> {
        let wanted = TableName::new(schema, package);
        let packages = &self.prog.est.catalog.packages;
        let target = self.prog.object(&wanted);
        let key = if packages.contains_key(&wanted) {
            wanted
        } else if packages.contains_key(&target) {
            target
        } else {
            let mut same = packages.keys().filter(|k| k.name == package);
            match (same.next(), same.next()) {
                (Some(only), None) if schema == self.schema => only.clone(),
                _ => return Ok(None),
            }
        };
        let id = self.load_package(&key)?;
        Ok(self.prog.packages[id as usize].syms.get(name).cloned())
    }

    /// A standalone routine.
    fn standalone(&mut self, name: &TableName) -> Res<Option<Sym>> {
        let target = self.prog.object(name);
        for name in [name, &target] {
            if let Some(known) = self.prog.standalone.get(name) {
                return Ok(Some(Sym::Routines(known.clone())));
            }
            let routines = &self.prog.est.catalog.routines;
            let fits = |r: &&crate::catalog::model::Routine| {
                let alone =
                    r.package.is_none() && r.parent.is_none() && r.node.is_some() && !r.replaced;
                alone && r.name == name.name && r.schema == name.schema
            };
            let found = routines.iter().position(|r| fits(&r));
            if let Some(at) = found {
                let id = self.routine_of(RoutineId(at as u32))?;
                self.prog.standalone.insert(name.clone(), vec![id]);
                return Ok(Some(Sym::Routines(vec![id])));
            }
        }
        Ok(None)
    }

    /// Registers a standalone routine of the catalogue.
    pub(super) fn routine_of(&mut self, id: RoutineId) -> Res<usize> {
        let r = &self.prog.est.catalog.routines[id.0 as usize];
        let view: View<'e> = self.prog.est.view(r.unit);
        let Some(node) = r.node else {
            return Err(super::super::stop::Stop::missing(format!(
                "{} has no text",
                r.name
            )));
        };
        let (unit, schema, name) = (r.unit, r.schema.clone(), r.name.clone());
        let mut cx = Cx::new(self.prog, view, Some(unit), &schema);
        let routine = view.ast()[node];
        let params = cx.params(routine.params)?;
        let returns = routine.returns.map(|t| cx.ty(t)).transpose()?;
        let pipelined = cx.has_word(routine.options, "PIPELINED");
        self.prog.routines.push(RoutineSym {
            name,
            schema,
            package: None,
            nested_in: None,
            params,
            returns,
            source: Some((unit, node)),
            pipelined,
            code: None,
        });
        Ok(self.prog.routines.len() - 1)
    }

    /// Parameters as calls see them.
    pub(super) fn params(
        &mut self,
        list: crate::syntax::ast::List<crate::syntax::ast::Param>,
    ) -> Res<Rc<[ParamSym]>> {
        let mut out = Vec::new();
        for p in self.view.ast().list(list) {
            let ty = self.ty(p.ty)?;
            out.push(ParamSym {
                name: self.ident(p.name),
                mode: p.mode,
                ty,
                default: p.default.is_some(),
            });
        }
        Ok(out.into())
    }

    /// True if one of the tokens is this word.
    pub(super) fn has_word(&self, span: crate::syntax::ast::TokSpan, word: &str) -> bool {
        (span.start..span.end).any(|i| self.view.token(i).eq_ignore_ascii_case(word))
    }
}
