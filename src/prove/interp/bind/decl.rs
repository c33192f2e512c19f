//! Declarations.

use std::rc::Rc;

use super::super::code::{CursorCode, Ex, Exc, Init};
use super::super::prog::Sym;
use super::super::stop::{Refusal, Res, Stop, Why};
use super::super::val::{CollKind, CollTy, Ty};
use super::Cx;
use crate::syntax::ast::{Decl, DeclKind, Id, Ident, List, Param, Query, Routine, TypeRef};

/// A refusal as something that can stand in code.
pub(super) fn refusal(stop: Stop, span: crate::source::Span) -> Rc<Refusal> {
    Rc::new(match stop.at(span) {
        Stop::Refuse(r) => *r,
        Stop::Raise(e) => Refusal {
            why: Why::Unsupported,
            message: e.message,
            span: e.span,
        },
        Stop::Enough => Refusal {
            why: Why::Unsupported,
            message: "a row limit outside a query".into(),
            span: Some(span),
        },
    })
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// Declarations in order; what cannot be bound is refused when its initialisation is reached.
    pub(super) fn decls(&mut self, list: List<Decl>) -> Vec<Init> {
        let mut inits = Vec::new();
        let mut nested = Vec::new();
        for d in self.view.ast().list(list) {
            self.decl(d, &mut inits, &mut nested);
        }
        for (id, node) in nested {
            match self.routine_body(id, node, true) {
                Ok(code) => self.prog.routines[id].code = Some(code),
                Err(stop) => {
                    let span = self.span(self.view.ast()[node].span);
                    inits.push(self.refused(stop, span));
                }
            }
        }
        inits
    }

    fn refused(&mut self, stop: Stop, span: crate::source::Span) -> Init {
        let ty = Ty::Unknown;
        Init {
            slot: self.new_slot(&ty),
            ty,
            not_null: false,
            value: Some(Ex::Refuse(refusal(stop, span))),
            span,
        }
    }

    fn decl(&mut self, d: &Decl, inits: &mut Vec<Init>, nested: &mut Vec<(usize, Id<Routine>)>) {
        let span = self.span(d.span);
        let done = match d.kind {
            DeclKind::Routine(node) => self.routine_decl(node).map(|id| {
                if self.declaring.is_none() && self.view.ast()[node].body.is_some() {
                    nested.push((id, node));
                }
            }),
            DeclKind::CondCompile(inner) => {
                for d in self.view.ast().list(inner) {
                    self.decl(d, inits, nested);
                }
                Ok(())
            }
            _ => self.deeper(|cx| cx.simple_decl(d, inits)),
        };
        if let Err(stop) = done {
            let init = self.refused(stop, span);
            inits.push(init);
        }
    }

    fn simple_decl(&mut self, d: &Decl, inits: &mut Vec<Init>) -> Res<()> {
        match d.kind {
            DeclKind::Var { .. } => self.variable(d, inits),
            DeclKind::Cursor {
                name,
                params,
                query,
                ..
            } => self.cursor_decl(d, name, params, query, inits),
            DeclKind::Record { name, fields } => {
                let row = self.fields(fields)?;
                self.declare_type(name, Ty::Rec(Rc::new(row)));
                Ok(())
            }
            DeclKind::Collection {
                name, of, index_by, ..
            } => {
                let ty = self.collection(of, index_by, d)?;
                self.declare_type(name, ty);
                Ok(())
            }
            DeclKind::RefCursor(name, _) => {
                self.declare_type(name, Ty::Cursor(None));
                Ok(())
            }
            DeclKind::Subtype { name, ty, .. } => {
                let ty = self.ty(ty)?;
                self.declare_type(name, ty);
                Ok(())
            }
            DeclKind::Exception(name) => {
                let exc = Exc::User(self.prog.fresh());
                self.declare(&self.ident(name), Sym::Exc(exc));
                Ok(())
            }
            DeclKind::Pragma(name, _) => self.pragma(d, name),
            DeclKind::OtherType(name) => {
                let text = format!("the type {}", self.ident(name));
                self.declare_type(name, Ty::Foreign(text.as_str().into()));
                Ok(())
            }
            DeclKind::Routine(_) | DeclKind::CondCompile(_) => Ok(()),
            DeclKind::Unparsed => Err(Stop::refuse(
                Why::Syntax,
                "a declaration that could not be parsed",
            )),
        }
    }

    fn declare_type(&mut self, name: Ident, ty: Ty) {
        self.declare(&self.ident(name), Sym::Type(ty));
    }

    fn variable(&mut self, d: &Decl, inits: &mut Vec<Init>) -> Res<()> {
        let DeclKind::Var {
            name,
            ty,
            constant,
            not_null,
            default,
        } = d.kind
        else {
            return Ok(());
        };
        let ty = self.ty(ty)?;
        // The initial value cannot refer to the variable itself.
        let value = default.map(|e| self.converted(e, &ty));
        let slot = self.new_slot(&ty);
        let span = self.span(d.span);
        self.declare(
            &self.ident(name),
            Sym::Var {
                level: self.level,
                slot,
                ty: ty.clone(),
                constant,
                not_null,
            },
        );
        let value = value.map(|v| v.unwrap_or_else(|stop| Ex::Refuse(refusal(stop, span))));
        inits.push(Init {
            slot,
            ty,
            not_null,
            value,
            span,
        });
        Ok(())
    }

    fn collection(&mut self, of: Id<TypeRef>, index_by: Option<Id<TypeRef>>, d: &Decl) -> Res<Ty> {
        let elem = self.ty(of)?;
        let (kind, limit) = match index_by {
            Some(t) => match self.ty(t)? {
                Ty::Text { max, .. } => (CollKind::ByText, max),
                Ty::Char { len, .. } => (CollKind::ByText, Some(len)),
                Ty::Clob => (CollKind::ByText, None),
                _ => (CollKind::ByInt, None),
            },
            None if self.has_word(d.span, "VARRAY") || self.has_word(d.span, "VARYING") => {
                (CollKind::Varray, self.varray_limit(d))
            }
            None => (CollKind::Nested, None),
        };
        Ok(Ty::Coll(Rc::new(CollTy { kind, elem, limit })))
    }

    fn varray_limit(&self, d: &Decl) -> Option<u32> {
        let words = (d.span.start..d.span.end).map(|i| self.view.token(i));
        words.filter_map(|w| w.parse().ok()).next()
    }

    fn cursor_decl(
        &mut self,
        d: &Decl,
        name: Ident,
        params: List<Param>,
        query: Option<Id<Query>>,
        inits: &mut Vec<Init>,
    ) -> Res<()> {
        let Some(query) = query else {
            return Ok(());
        };
        self.enter(None);
        let code = self.cursor_code(params, query);
        self.leave();
        let code = code?;
        let ty = Ty::Cursor(None);
        let slot = self.new_slot(&ty);
        let row = code.query.cols.clone();
        inits.push(Init {
            slot,
            ty,
            not_null: false,
            value: None,
            span: self.span(d.span),
        });
        self.declare(
            &self.ident(name),
            Sym::Cursor {
                level: self.level,
                slot,
                code: Some(Rc::new(code)),
                row,
            },
        );
        Ok(())
    }

    fn cursor_code(&mut self, params: List<Param>, query: Id<Query>) -> Res<CursorCode> {
        let declaring = self.declaring;
        let mut bound = Vec::new();
        for p in self.view.ast().list(params) {
            let ty = self.ty(p.ty)?;
            let default = p.default.map(|e| self.converted(e, &ty)).transpose()?;
            let slot = self.new_slot(&ty);
            let name = self.ident(p.name);
            // Parameters are names of the cursor alone, also in a package.
            self.declaring = None;
            self.declare(
                &name,
                Sym::Var {
                    level: self.level,
                    slot,
                    ty: ty.clone(),
                    constant: true,
                    not_null: false,
                },
            );
            self.declaring = declaring;
            bound.push((name, slot, ty, default));
        }
        let query = self.query(query)?;
        Ok(CursorCode {
            params: bound,
            query,
        })
    }

    fn pragma(&mut self, d: &Decl, name: Ident) -> Res<()> {
        if self.ident(name) != "EXCEPTION_INIT" {
            return Ok(());
        }
        let words: Vec<&str> = (d.span.start..d.span.end)
            .map(|i| self.view.token(i))
            .filter(|w| !w.trim().is_empty())
            .collect();
        let open = words.iter().position(|w| *w == "(");
        let inside: String = words[open.map_or(words.len(), |o| o + 1)..].concat();
        let mut parts = inside.trim_end_matches([';', ')']).split(',');
        let (Some(exc), Some(code)) = (parts.next(), parts.next()) else {
            return Err(Stop::refuse(
                Why::Syntax,
                "PRAGMA EXCEPTION_INIT is not understood",
            ));
        };
        let code: i32 = code
            .trim_end_matches(')')
            .parse()
            .map_err(|_| Stop::refuse(Why::Syntax, "PRAGMA EXCEPTION_INIT without a number"))?;
        let code = if code == 100 { 100 } else { -code.abs() };
        self.declare(
            &exc.trim_matches('"').to_uppercase(),
            Sym::Exc(Exc::Code(code)),
        );
        Ok(())
    }
}
