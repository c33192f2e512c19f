//! Look-up tables over a catalogue. Hash maps are only asked by key, never walked: output order cannot depend on them.

use std::collections::HashMap;

use super::super::model::{Catalog, RoutineId, UnitRef};
use crate::rel::TableName;
use crate::source::SourceMap;
use crate::syntax::ParsedFile;
use crate::syntax::ast::{Ast, Decl, DeclKind, Id, ItemKind, List};

/// A declaration of a package.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackageDecl {
    pub unit: UnitRef,
    pub decl: Id<Decl>,
    pub public: bool,
}

/// What a package or type body declares.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// Variables, cursors, types, exceptions.
    pub decls: HashMap<String, PackageDecl>,
    pub routines: HashMap<String, Vec<RoutineId>>,
}

/// All look-up tables.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub packages: HashMap<TableName, Members>,
    pub standalone: HashMap<TableName, Vec<RoutineId>>,
    pub nested: HashMap<RoutineId, Vec<RoutineId>>,
}

impl Index {
    pub(super) fn new(_map: &SourceMap, files: &[ParsedFile], catalog: &Catalog) -> Self {
        let mut index = Index::default();
        for (name, package) in &catalog.packages {
            let members = index.packages.entry(name.clone()).or_default();
            // The body first: a name that both declare is the specification's, which then replaces it.
            for (unit, public) in [(package.body, false), (package.spec, true)] {
                let Some(unit) = unit else { continue };
                let u = &files[unit.file as usize].units[unit.unit as usize];
                let decls = match u.ast[u.item].kind {
                    ItemKind::CreatePackage { decls, .. }
                    | ItemKind::CreatePackageBody { decls, .. }
                    | ItemKind::CreateTypeBody { decls, .. } => decls,
                    _ => continue,
                };
                members.add(&u.ast, unit, decls, public);
            }
        }
        for (i, r) in catalog.routines.iter().enumerate() {
            let id = RoutineId(i as u32);
            if r.replaced {
                continue;
            }
            if let Some(parent) = r.parent {
                index.nested.entry(parent).or_default().push(id);
            } else if let Some(p) = &r.package {
                let members = index
                    .packages
                    .entry(TableName::new(&r.schema, p))
                    .or_default();
                members.routines.entry(r.name.clone()).or_default().push(id);
            } else {
                let name = TableName::new(&r.schema, &r.name);
                index.standalone.entry(name).or_default().push(id);
            }
        }
        index
    }
}

impl Members {
    fn add(&mut self, ast: &Ast, unit: UnitRef, decls: List<Decl>, public: bool) {
        for decl in decls.ids() {
            if let DeclKind::CondCompile(inner) = ast[decl].kind {
                self.add(ast, unit, inner, public);
            } else if let Some(name) = decl_name(ast, decl) {
                let entry = PackageDecl { unit, decl, public };
                self.decls.insert(name.to_string(), entry);
            }
        }
    }
}

/// The name that a declaration introduces; None for routines, pragmas and what was not understood.
pub(super) fn decl_name(ast: &Ast, decl: Id<Decl>) -> Option<&str> {
    match ast[decl].kind {
        DeclKind::Var { name, .. }
        | DeclKind::Cursor { name, .. }
        | DeclKind::Record { name, .. }
        | DeclKind::Collection { name, .. }
        | DeclKind::RefCursor(name, _)
        | DeclKind::Subtype { name, .. }
        | DeclKind::Exception(name)
        | DeclKind::OtherType(name) => Some(ast.ident(name)),
        DeclKind::Pragma(_, _)
        | DeclKind::Routine(_)
        | DeclKind::CondCompile(_)
        | DeclKind::Unparsed => None,
    }
}

/// Finds a declaration by name in a list, into conditional compilation.
pub(super) fn find_decl(ast: &Ast, decls: List<Decl>, wanted: &str) -> Option<Id<Decl>> {
    decls.ids().find_map(|d| match ast[d].kind {
        DeclKind::CondCompile(inner) => find_decl(ast, inner, wanted),
        _ => (decl_name(ast, d) == Some(wanted)).then_some(d),
    })
}
