//! What a name means at a place, as Oracle looks it up: block, enclosing routine, package, STANDARD, schema, synonym,
//! public synonym. Every answer is known or unknown with a reason; cycles of synonyms, views and types end.
//!
//! A [`Resolver`] is made once from the finished catalogue; a [`Scope`] says where the name stands and is kept by
//! whoever walks the code: [`Scope::enter`] on the way into a block or loop, [`Scope::leave`] on the way out.

mod index;
mod name;
mod overload;
mod query;
mod routine;
mod table;
mod types;

#[cfg(test)]
mod tests;

pub use name::{CursorDecl, Found, NameMeaning, Owner, Variable};
pub use query::{OutColumn, Source, SqlName};
pub use routine::Callee;
pub use table::table_parts;
pub use types::{OPEN, ValueType};
pub(in crate::catalog) use types::{TypeArgs, named_type, written_type};

use super::model::{Catalog, RoutineId, UnitRef};
use crate::rel::TableName;
use crate::source::SourceMap;
use crate::syntax::ast::{Block, Decl, Id, Stmt};
use crate::syntax::{ParsedFile, View};
use index::Index;

/// How far chains of synonyms, types, views and subqueries are followed.
const MAX_DEPTH: u32 = 64;

/// Answers what names mean.
pub struct Resolver<'a> {
    /// Texts.
    pub map: &'a SourceMap,
    /// Trees.
    pub files: &'a [ParsedFile],
    /// The catalogue.
    pub catalog: &'a Catalog,
    index: Index,
}

/// A place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Unit whose tree is read.
    pub unit: UnitRef,
    /// Schema of unqualified names.
    pub schema: String,
    /// Package, or type with a body.
    pub package: Option<TableName>,
    /// Innermost routine.
    pub routine: Option<RoutineId>,
    /// Blocks and loops of that routine around the place, outermost first.
    pub frames: Vec<Frame>,
}

/// Something that declares names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A block: its declarations.
    Block(Id<Block>),
    /// A FOR loop or FORALL: its variable.
    Loop(Id<Stmt>),
    /// A cursor's declaration: its parameters, inside its query.
    Cursor(Id<Decl>),
}

impl Scope {
    /// Goes into a block or loop.
    pub fn enter(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    /// Goes out of the innermost block or loop.
    pub fn leave(&mut self) {
        self.frames.pop();
    }

    /// The same place, inside `frame`.
    pub fn within(&self, frame: Frame) -> Scope {
        let mut scope = self.clone();
        scope.enter(frame);
        scope
    }
}

impl<'a> Resolver<'a> {
    /// Indexes the catalogue. `map` and `files` are those that it was built from.
    pub fn new(map: &'a SourceMap, files: &'a [ParsedFile], catalog: &'a Catalog) -> Self {
        Self {
            map,
            files,
            catalog,
            index: Index::new(map, files, catalog),
        }
    }

    /// A unit with its text.
    pub fn view(&self, unit: UnitRef) -> View<'a> {
        let file = &self.files[unit.file as usize];
        View::new(self.map, &file.units[unit.unit as usize])
    }

    /// The scope of a routine's body: its outermost block is entered already.
    pub fn routine_scope(&self, id: RoutineId) -> Scope {
        let r = &self.catalog.routines[id.0 as usize];
        Scope {
            unit: r.unit,
            schema: r.schema.clone(),
            package: r.package.as_ref().map(|p| TableName::new(&r.schema, p)),
            routine: Some(id),
            frames: r.body.map(Frame::Block).into_iter().collect(),
        }
    }

    /// The scope of a unit outside all routines: top-level statements, views, table definitions.
    pub fn unit_scope(&self, unit: UnitRef) -> Scope {
        Scope {
            unit,
            schema: self.catalog.default_schema.clone(),
            package: None,
            routine: None,
            frames: Vec::new(),
        }
    }

    /// The scope of a package's own declarations.
    pub fn package_scope(&self, package: &TableName, unit: UnitRef) -> Scope {
        Scope {
            unit,
            schema: package.schema.clone(),
            package: Some(package.clone()),
            routine: None,
            frames: Vec::new(),
        }
    }

    /// Routines declared directly inside a routine.
    pub fn nested(&self, id: RoutineId) -> &[RoutineId] {
        self.index.nested.get(&id).map_or(&[], Vec::as_slice)
    }
}
