//! Data types as written.

use std::rc::Rc;

use super::super::prog::Sym;
use super::super::stop::{Res, Stop};
use super::super::val::{CollKind, CollTy, RecTy, Ty};
use super::Cx;
use crate::catalog::model::TableName;
use crate::syntax::ast::{
    FieldDef, Id, ItemKind, List, ObjectName, TimeZoneKind, TypeKind, TypeRef,
};

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// A type reference.
    pub(super) fn ty(&mut self, id: Id<TypeRef>) -> Res<Ty> {
        let t = self.view.ast()[id];
        match t.kind {
            TypeKind::Named {
                name,
                precision,
                scale,
                char_semantics,
                zone,
                ..
            } => {
                let parts = self.parts(name);
                let words: Vec<&str> = parts.iter().map(String::as_str).collect();
                if zone != TimeZoneKind::None {
                    return Ok(Ty::Foreign("TIMESTAMP WITH TIME ZONE".into()));
                }
                if let Some(ty) = built_in(&words, precision, scale, char_semantics) {
                    return Ok(ty);
                }
                self.user_type(&parts, t.span)
            }
            TypeKind::IntervalYearToMonth => Ok(Ty::Ym),
            TypeKind::IntervalDayToSecond => Ok(Ty::Ds),
            TypeKind::OfColumn(name) => self.type_of(name),
            TypeKind::OfRow(name) => self.row_of(name).map(Ty::Rec),
            TypeKind::Other => {
                self.unsupported(format!("the type {}", self.view.text(t.span)), t.span)
            }
        }
    }

    /// Parts of a dotted name.
    pub(super) fn parts(&self, name: Id<ObjectName>) -> Vec<String> {
        let ast = self.view.ast();
        ast.parts(ast[name].parts)
            .into_iter()
            .map(str::to_string)
            .collect()
    }

    fn user_type(&mut self, parts: &[String], span: crate::syntax::ast::TokSpan) -> Res<Ty> {
        if parts.len() == 2 && parts[0] == "UTL_FILE" && parts[1] == "FILE_TYPE" {
            return Ok(Ty::File);
        }
        if parts.len() == 2 && parts[0] == "DBMS_OUTPUT" {
            return self.unsupported("DBMS_OUTPUT's types", span);
        }
        match self.find(parts)? {
            Some((Sym::Type(t), n)) if n == parts.len() => Ok(t),
            _ => match self.schema_type(parts)? {
                Some(t) => Ok(t),
                None => Ok(Ty::Foreign(parts.join(".").into())),
            },
        }
    }

    /// A type made by CREATE TYPE.
    pub(super) fn schema_type(&mut self, parts: &[String]) -> Res<Option<Ty>> {
        let name = match parts {
            [name] => TableName::new(&self.schema, name),
            [owner, name] => TableName::new(owner, name),
            _ => return Ok(None),
        };
        if let Some(t) = self.prog.types.get(&name) {
            return Ok(Some(t.clone()));
        }
        let Some(unit) = self.prog.est.catalog.types.get(&name).copied() else {
            return Ok(None);
        };
        let view = self.prog.est.view(unit);
        let ItemKind::CreateType {
            attributes,
            collection_of,
            ..
        } = view.ast()[view.unit.item].kind
        else {
            return Ok(None);
        };
        self.prog.depth += 1;
        if self.prog.depth > 50 {
            self.prog.depth -= 1;
            return Err(Stop::unsupported("types that are made of each other"));
        }
        let mut cx = Cx::new(self.prog, view, Some(unit), &name.schema);
        let ty = match collection_of {
            Some(of) => cx.ty(of).map(|elem| {
                Ty::Coll(Rc::new(CollTy {
                    kind: CollKind::Nested,
                    elem,
                    limit: None,
                }))
            }),
            None => cx.fields(attributes).map(|r| Ty::Rec(Rc::new(r))),
        };
        self.prog.depth -= 1;
        let ty = ty?;
        self.prog.types.insert(name, ty.clone());
        Ok(Some(ty))
    }

    /// Fields of a record.
    pub(super) fn fields(&mut self, list: List<FieldDef>) -> Res<RecTy> {
        let mut fields = Vec::new();
        for f in self.view.ast().list(list) {
            let ty = self.ty(f.ty)?;
            fields.push((self.ident(f.name), ty));
        }
        Ok(RecTy { fields })
    }

    /// `name%TYPE`.
    fn type_of(&mut self, name: Id<ObjectName>) -> Res<Ty> {
        let parts = self.parts(name);
        if let Some((Sym::Var { ty, .. }, used)) = self.find(&parts)?
            && let Some(t) = member(&ty, &parts[used..])
        {
            return Ok(t);
        }
        if let Some((Sym::Cursor { row, .. }, used)) = self.find(&parts)?
            && let Some(t) = member(&Ty::Rec(row), &parts[used..])
        {
            return Ok(t);
        }
        let Some((column, table)) = parts.split_last() else {
            return Err(Stop::missing("an empty name"));
        };
        let table: Vec<&str> = table.iter().map(String::as_str).collect();
        let owner = self
            .prog
            .table(&table, &self.schema)
            .map_err(|s| s.at(self.span(self.view.ast().name_span(name))))?;
        let row = self.prog.row_type(&owner);
        match row.field(column) {
            Some((_, t)) => Ok(t.clone()),
            None => Err(Stop::missing(format!(
                "column {} does not exist",
                parts.join(".")
            ))),
        }
    }

    /// `name%ROWTYPE`.
    pub(super) fn row_of(&mut self, name: Id<ObjectName>) -> Res<Rc<RecTy>> {
        let parts = self.parts(name);
        match self.find(&parts)? {
            Some((Sym::Cursor { row, .. }, used)) if used == parts.len() => return Ok(row),
            Some((
                Sym::Var {
                    ty: Ty::Cursor(Some(row)),
                    ..
                },
                used,
            )) if used == parts.len() => return Ok(row),
            _ => {}
        }
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        let owner = self.prog.table(&words, &self.schema)?;
        if self
            .prog
            .est
            .catalog
            .tables
            .get(&owner)
            .is_some_and(|t| t.view.is_some())
        {
            let query = self.view_query(&owner)?;
            return Ok(query.cols.clone());
        }
        Ok(Rc::new(self.prog.row_type(&owner)))
    }
}

/// The type of a field of a field.
pub(super) fn member(ty: &Ty, parts: &[String]) -> Option<Ty> {
    let Some((first, rest)) = parts.split_first() else {
        return Some(ty.clone());
    };
    match ty {
        Ty::Rec(r) => member(r.field(first)?.1, rest),
        _ => None,
    }
}

fn built_in(
    words: &[&str],
    precision: Option<u32>,
    scale: Option<i32>,
    chars: Option<bool>,
) -> Option<Ty> {
    let number = |p: Option<u8>, s: Option<i16>| Ty::Number {
        precision: p,
        scale: s,
    };
    // BYTE lengths only matter for texts beyond ASCII; CHAR is said where it is meant.
    let in_chars = chars.unwrap_or(false);
    Some(match words {
        ["NUMBER" | "NUMERIC" | "DECIMAL" | "DEC"] => number(
            precision.map(|p| p.min(38) as u8),
            scale.map(|s| s as i16).or(precision.map(|_| 0)),
        ),
        ["INTEGER" | "INT" | "SMALLINT"] => number(Some(38), Some(0)),
        [
            "PLS_INTEGER" | "BINARY_INTEGER" | "NATURAL" | "NATURALN" | "POSITIVE" | "POSITIVEN"
            | "SIGNTYPE" | "SIMPLE_INTEGER",
        ] => Ty::Int,
        ["FLOAT"] if precision.is_none() => Ty::NUMBER,
        ["DOUBLE", "PRECISION"] => Ty::NUMBER,
        ["VARCHAR2" | "VARCHAR" | "NVARCHAR2" | "STRING"] => Ty::Text {
            max: precision,
            chars: in_chars || words[0] == "NVARCHAR2",
        },
        ["CHAR" | "NCHAR" | "CHARACTER"] => Ty::Char {
            len: precision.unwrap_or(1),
            chars: in_chars || words[0] == "NCHAR",
        },
        ["DATE"] => Ty::Date,
        ["TIMESTAMP" | "TIMESTAMP_UNCONSTRAINED"] => {
            Ty::Ts(precision.map_or(6, |p| p.min(9) as u8))
        }
        ["CLOB" | "NCLOB" | "LONG"] => Ty::Clob,
        ["RAW"] => Ty::Raw,
        ["BOOLEAN"] => Ty::Bool,
        ["SYS_REFCURSOR"] => Ty::Cursor(None),
        ["ROWID" | "UROWID"] => Ty::Unknown,
        _ => return None,
    })
}
