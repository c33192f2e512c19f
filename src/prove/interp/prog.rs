//! The program: what has been bound so far. Packages are bound when they are first used, routines when they are first
//! called, so that what a job never reaches cannot stop it.

use std::collections::HashMap;
use std::rc::Rc;

use super::code::{BlockCode, CursorCode, Exc, Init, RoutineCode, Slot};
use super::stop::{Res, Stop, in_input};
use super::val::{RecTy, Ty};
use crate::catalog::model::{Catalog, TableKind, TableName, UnitRef};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Id, ParamMode, Routine};
use crate::syntax::{ParsedFile, View};

/// The estate that is run.
#[derive(Clone, Copy)]
pub struct Estate<'e> {
    /// Texts.
    pub map: &'e SourceMap,
    /// Trees.
    pub files: &'e [ParsedFile],
    /// Names.
    pub catalog: &'e Catalog,
}

impl<'e> Estate<'e> {
    /// A unit with its text.
    pub fn view(self, unit: UnitRef) -> View<'e> {
        let file = &self.files[unit.file as usize];
        View::new(self.map, &file.units[unit.unit as usize])
    }
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Sym {
    /// A variable or constant: level of its frame, position or package slot.
    Var {
        /// Static level; ignored for globals.
        level: u16,
        /// Place as seen from its own level.
        slot: Slot,
        /// Type.
        ty: Ty,
        /// CONSTANT.
        constant: bool,
        /// NOT NULL.
        not_null: bool,
    },
    /// A cursor.
    Cursor {
        /// Static level.
        level: u16,
        /// Holds its state.
        slot: Slot,
        /// Bound query; None in a specification.
        code: Option<Rc<CursorCode>>,
        /// Row type.
        row: Rc<RecTy>,
    },
    /// A type.
    Type(Ty),
    /// An exception.
    Exc(Exc),
    /// Routines of one name.
    Routines(Vec<usize>),
}

/// A parameter as calls see it.
#[derive(Clone, Debug)]
pub struct ParamSym {
    /// Name.
    pub name: String,
    /// Direction.
    pub mode: ParamMode,
    /// Type.
    pub ty: Ty,
    /// Has a default.
    pub default: bool,
}

/// A routine, bound or not.
#[derive(Debug)]
pub struct RoutineSym {
    /// Name.
    pub name: String,
    /// Schema.
    pub schema: String,
    /// Package.
    pub package: Option<u32>,
    /// Static level of its declaration; None: not nested.
    pub nested_in: Option<u16>,
    /// Parameters.
    pub params: Rc<[ParamSym]>,
    /// Result.
    pub returns: Option<Ty>,
    /// Where its body is.
    pub source: Option<(UnitRef, Id<Routine>)>,
    /// PIPELINED.
    pub pipelined: bool,
    /// Bound code.
    pub code: Option<Rc<RoutineCode>>,
}

/// A package.
#[derive(Debug)]
pub struct Package {
    /// Name.
    pub name: TableName,
    /// Names declared in it.
    pub syms: HashMap<String, Sym>,
    /// Variables in order of declaration.
    pub inits: Rc<[Init]>,
    /// Initialiser.
    pub init: Option<Rc<BlockCode>>,
    /// Slots of the initialiser's own frame.
    pub slots: usize,
}

/// Something that runs or does not: counted for coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Where.
    pub span: Span,
    /// What it is: `IF`, `ELSE`, `loop`, `handler`, `routine`.
    pub what: &'static str,
}

/// What has been bound.
pub struct Prog<'e> {
    /// Input.
    pub est: Estate<'e>,
    /// Packages.
    pub packages: Vec<Package>,
    /// Packages by name.
    pub by_package: HashMap<TableName, u32>,
    /// Types of all package variables.
    pub globals: Vec<Ty>,
    /// Routines.
    pub routines: Vec<RoutineSym>,
    /// Standalone routines by name.
    pub standalone: HashMap<TableName, Vec<usize>>,
    /// Sequences by name.
    pub sequences: Vec<TableName>,
    /// Branches.
    pub branches: Vec<Branch>,
    /// Numbers given to user exceptions, loops and recursive queries.
    pub counter: usize,
    /// Types made by CREATE TYPE.
    pub types: HashMap<TableName, Ty>,
    /// Bound views.
    pub views: HashMap<TableName, Rc<super::code::Query>>,
    /// Depth of binding views in views.
    pub depth: u32,
}

impl<'e> Prog<'e> {
    /// Nothing bound yet.
    pub fn new(est: Estate<'e>) -> Self {
        Prog {
            est,
            packages: Vec::new(),
            by_package: HashMap::new(),
            globals: Vec::new(),
            routines: Vec::new(),
            standalone: HashMap::new(),
            sequences: est.catalog.sequences.keys().cloned().collect(),
            branches: Vec::new(),
            counter: 0,
            types: HashMap::new(),
            views: HashMap::new(),
            depth: 0,
        }
    }

    /// A number that is used once.
    pub fn fresh(&mut self) -> usize {
        self.counter += 1;
        self.counter
    }

    /// A new branch.
    pub fn branch(&mut self, span: Span, what: &'static str) -> usize {
        if !in_input(&span) {
            return usize::MAX;
        }
        if let Some(at) = self
            .branches
            .iter()
            .position(|b| b.span == span && b.what == what)
        {
            return at;
        }
        self.branches.push(Branch { span, what });
        self.branches.len() - 1
    }

    /// A table by the parts of its name, synonyms followed; `schema` is that of the code.
    pub fn table(&self, parts: &[&str], schema: &str) -> Res<TableName> {
        let catalog = self.est.catalog;
        let name = match parts {
            [name] => TableName::new(schema, *name),
            [owner, name] => TableName::new(*owner, *name),
            _ => {
                return Err(Stop::missing(format!(
                    "table {} does not exist",
                    parts.join(".")
                )));
            }
        };
        if catalog.tables.contains_key(&name) {
            return Ok(name);
        }
        if let Some(target) = self.synonym(&name, parts.len() == 1) {
            return Ok(target);
        }
        let alone = catalog.tables_by_name.get(&name.name);
        match alone.map(Vec::as_slice) {
            Some([only]) if parts.len() == 1 => Ok(only.clone()),
            _ => Err(Stop::missing(format!(
                "table or view {name} does not exist"
            ))),
        }
    }

    fn synonym(&self, name: &TableName, public: bool) -> Option<TableName> {
        let catalog = self.est.catalog;
        let mut at = name.clone();
        for _ in 0..16 {
            let everyone = TableName::new("PUBLIC", &at.name);
            let found = catalog.synonyms.get(&at).or(if public {
                catalog.synonyms.get(&everyone)
            } else {
                None
            })?;
            if found.link.is_some() {
                return None;
            }
            at = found.target.clone();
            if catalog.tables.contains_key(&at) {
                return Some(at);
            }
        }
        None
    }

    /// The object that a synonym of this name stands for, or the name itself.
    pub fn object(&self, name: &TableName) -> TableName {
        let catalog = self.est.catalog;
        let everyone = TableName::new("PUBLIC", &name.name);
        let found = catalog
            .synonyms
            .get(name)
            .or_else(|| catalog.synonyms.get(&everyone));
        found
            .filter(|s| s.link.is_none())
            .map_or_else(|| name.clone(), |s| s.target.clone())
    }

    /// Position of a stored table in the catalogue, which is its number in the database.
    pub fn stored(&self, name: &TableName) -> Res<usize> {
        let catalog = self.est.catalog;
        let Some((at, _, table)) = catalog.tables.get_full(name) else {
            return Err(Stop::missing(format!("table {name} does not exist")));
        };
        match table.kind {
            TableKind::Table | TableKind::Temporary | TableKind::External => Ok(at),
            TableKind::View | TableKind::MaterializedView => {
                Err(Stop::unsupported(format!("changing the view {name}")))
            }
        }
    }

    /// Names and types of a table's columns.
    pub fn row_type(&self, name: &TableName) -> RecTy {
        let table = self.est.catalog.tables.get(name);
        let columns = table.into_iter().flat_map(|t| t.columns.values());
        RecTy {
            fields: columns
                .map(|c| (c.name.clone(), Ty::of_column(&c.ty)))
                .collect(),
        }
    }

    /// Number of a sequence.
    pub fn sequence(&self, parts: &[&str], schema: &str) -> Option<u32> {
        let name = match parts {
            [name] => TableName::new(schema, *name),
            [owner, name] => TableName::new(*owner, *name),
            _ => return None,
        };
        let target = self.object(&name);
        let exact = self
            .sequences
            .iter()
            .position(|s| *s == name || *s == target);
        let alone = || {
            let mut same = self
                .sequences
                .iter()
                .enumerate()
                .filter(|(_, s)| s.name == name.name);
            let first = same.next().map(|(i, _)| i);
            first.filter(|_| parts.len() == 1 && same.next().is_none())
        };
        exact.or_else(alone).map(|i| i as u32)
    }
}
