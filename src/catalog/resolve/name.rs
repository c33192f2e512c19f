//! Names of PL/SQL: variables, parameters, cursors, loop variables, package members.

use super::super::builtin::{is_builtin_exception, is_builtin_function, is_builtin_package};
use super::super::model::{RoutineId, UnitRef};
use super::index::find_decl;
use super::table::PUBLIC;
use super::{Frame, MAX_DEPTH, Resolver, Scope};
use crate::rel::TableName;
use crate::source::Span;
use crate::syntax::ast::{
    Ast, CursorSource, Decl, DeclKind, Expr, Id, List, Param, Query, Stmt, StmtKind, TypeRef,
};

/// A dotted name's meaning: the first `used` parts name it, the rest are fields or methods of it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What is named.
    pub meaning: NameMeaning,
    /// How many parts name it.
    pub used: usize,
}

/// What a name in PL/SQL stands for. In SQL, columns of the tables in sight come first: see [`super::SqlName`].
#[derive(Clone, Debug)]
pub enum NameMeaning {
    /// A variable or constant, of a block or a package.
    Variable(Variable),
    /// A parameter of a routine around the place: the routine and the parameter's position.
    Parameter(RoutineId, usize),
    /// A parameter of a cursor, and the scope of the cursor.
    CursorParameter(Box<Scope>, Id<Param>),
    /// A cursor.
    Cursor(CursorDecl),
    /// The number of a FOR loop or the index of a FORALL: the scope around the loop, and the loop.
    LoopIndex(Box<Scope>, Id<Stmt>),
    /// The record of a cursor FOR loop: the scope around the loop, the loop, and what it runs over.
    LoopRecord(Box<Scope>, Id<Stmt>, CursorSource),
    /// A type declared in a block or package, and its scope.
    Type(Box<Scope>, Id<Decl>),
    /// An exception, declared or predefined.
    Exception(String),
    /// A routine: a function called without arguments.
    Routine(RoutineId),
    /// A sequence; NEXTVAL and CURRVAL follow.
    Sequence(TableName),
    /// A type of the schema.
    SchemaType(TableName),
    /// SYSDATE, ROWNUM, SQLERRM, a member of a package of Oracle's.
    Builtin(String),
    /// Not known, with the reason.
    Unknown(String),
}

/// A variable or constant.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Name.
    pub name: String,
    /// Who declares it.
    pub owner: Owner,
    /// Unit of its declaration.
    pub unit: UnitRef,
    /// Declaration.
    pub decl: Id<Decl>,
    /// Type as written: see [`Resolver::type_of`].
    pub type_ref: Id<TypeRef>,
    /// CONSTANT.
    pub constant: bool,
    /// Initial value, in the tree of `unit`.
    pub default: Option<Id<Expr>>,
    /// Blocks around the declaration, its own last; empty in a package.
    pub frames: Vec<Frame>,
    /// Declaration's place.
    pub span: Span,
}

/// Who declares a variable or cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A block of a routine (or of an anonymous block).
    Routine(Option<RoutineId>),
    /// A package, and whether its specification does.
    Package(TableName, bool),
}

/// A cursor.
#[derive(Clone, Debug)]
pub struct CursorDecl {
    /// Name.
    pub name: String,
    /// Who declares it.
    pub owner: Owner,
    /// Unit that holds parameters and query.
    pub unit: UnitRef,
    /// Declaration.
    pub decl: Id<Decl>,
    /// Parameters.
    pub params: List<Param>,
    /// Query; None for a specification without its body.
    pub query: Option<Id<Query>>,
    /// Blocks around the declaration, its own last; empty in a package.
    pub frames: Vec<Frame>,
    /// Declaration's place.
    pub span: Span,
}

impl Resolver<'_> {
    /// The meaning of a dotted name in PL/SQL (or of one in SQL that is no column).
    pub fn lookup_name(&self, scope: &Scope, parts: &[&str]) -> Found {
        let Some(first) = parts.first() else {
            return unknown("an empty name".into(), 0);
        };
        if let Some(meaning) = self.local(scope, first) {
            return Found { meaning, used: 1 };
        }
        if let Some(found) = self.through_owner(scope, parts) {
            return found;
        }
        if let Some(meaning) = self.own_package(scope, first) {
            return Found { meaning, used: 1 };
        }
        if is_builtin_function(first) && parts.len() == 1 {
            return builtin(first, 1);
        }
        if is_builtin_exception(first) {
            let meaning = NameMeaning::Exception((*first).to_string());
            return Found { meaning, used: 1 };
        }
        self.schema_level(&scope.schema, parts, 0)
    }

    /// Blocks, loops, parameters and nested routines around the place, innermost first.
    fn local(&self, scope: &Scope, name: &str) -> Option<NameMeaning> {
        if let Some(found) = self.in_frames(scope, &scope.frames, scope.routine, name) {
            return Some(found);
        }
        let mut current = scope.routine;
        while let Some(id) = current {
            let r = &self.catalog.routines[id.0 as usize];
            if let Some(i) = r.params.iter().position(|p| p.name == name) {
                return Some(NameMeaning::Parameter(id, i));
            }
            let nested = self.nested(id).iter();
            let by_name = |n: &&RoutineId| self.catalog.routines[n.0 as usize].name == name;
            if let Some(n) = nested.copied().find(|n| by_name(&n)) {
                return Some(NameMeaning::Routine(n));
            }
            let frames: Vec<_> = r.within.iter().map(|b| Frame::Block(*b)).collect();
            if let Some(found) = self.in_frames(scope, &frames, r.parent, name) {
                return Some(found);
            }
            current = r.parent;
        }
        None
    }

    fn in_frames(
        &self,
        scope: &Scope,
        frames: &[Frame],
        routine: Option<RoutineId>,
        name: &str,
    ) -> Option<NameMeaning> {
        if frames.is_empty() {
            return None;
        }
        let ast = self.view(scope.unit).ast();
        let around = |frames: &[Frame]| Scope {
            routine,
            frames: frames.to_vec(),
            ..scope.clone()
        };
        let mut inward = frames.iter().enumerate().rev();
        inward.find_map(|(i, frame)| match *frame {
            Frame::Loop(stmt) => loop_variable(ast, stmt, name).map(|source| match source {
                None => NameMeaning::LoopIndex(Box::new(around(&frames[..i])), stmt),
                Some(s) => NameMeaning::LoopRecord(Box::new(around(&frames[..i])), stmt, s),
            }),
            Frame::Cursor(decl) => cursor_parameter(ast, decl, name)
                .map(|p| NameMeaning::CursorParameter(Box::new(around(&frames[..i])), p)),
            Frame::Block(block) => find_decl(ast, ast[block].decls, name)
                .and_then(|d| self.declared(around(&frames[..=i]), d, Owner::Routine(routine))),
        })
    }

    /// A declaration as a meaning; `scope` is where it stands.
    fn declared(&self, scope: Scope, decl: Id<Decl>, owner: Owner) -> Option<NameMeaning> {
        let unit = scope.unit;
        let view = self.view(unit);
        let ast = view.ast();
        let span = view.span(ast[decl].span);
        match ast[decl].kind {
            DeclKind::Var {
                name,
                ty,
                constant,
                default,
                ..
            } => Some(NameMeaning::Variable(Variable {
                name: ast.ident(name).to_string(),
                owner,
                unit,
                decl,
                type_ref: ty,
                constant,
                default,
                frames: scope.frames,
                span,
            })),
            DeclKind::Cursor {
                name,
                params,
                query,
                ..
            } => Some(NameMeaning::Cursor(CursorDecl {
                name: ast.ident(name).to_string(),
                owner,
                unit,
                decl,
                params,
                query,
                frames: scope.frames,
                span,
            })),
            DeclKind::Record { .. }
            | DeclKind::Collection { .. }
            | DeclKind::RefCursor(_, _)
            | DeclKind::Subtype { .. }
            | DeclKind::OtherType(_) => Some(NameMeaning::Type(Box::new(scope), decl)),
            DeclKind::Exception(name) => Some(NameMeaning::Exception(ast.ident(name).to_string())),
            DeclKind::Pragma(_, _)
            | DeclKind::Routine(_)
            | DeclKind::CondCompile(_)
            | DeclKind::Unparsed => None,
        }
    }

    /// `routine.name`, `label.name`, `package.name` for something around the place.
    fn through_owner(&self, scope: &Scope, parts: &[&str]) -> Option<Found> {
        let [owner, member, ..] = parts else {
            return None;
        };
        let mut current = scope.routine;
        while let Some(id) = current {
            let r = &self.catalog.routines[id.0 as usize];
            if r.name == **owner {
                let outer = Scope {
                    frames: r.body.map(Frame::Block).into_iter().collect(),
                    routine: Some(id),
                    ..scope.clone()
                };
                let meaning = self.local(&outer, member)?;
                return Some(Found { meaning, used: 2 });
            }
            current = r.parent;
        }
        let package = scope.package.as_ref()?;
        if package.name != **owner {
            return None;
        }
        let meaning = self.own_package(scope, member)?;
        Some(Found { meaning, used: 2 })
    }

    fn own_package(&self, scope: &Scope, name: &str) -> Option<NameMeaning> {
        self.member(scope.package.as_ref()?, name, true)
    }

    /// A member of a package; `inside` sees the body's as well.
    pub(super) fn member(
        &self,
        package: &TableName,
        name: &str,
        inside: bool,
    ) -> Option<NameMeaning> {
        let members = self.index.packages.get(package)?;
        if let Some(d) = members.decls.get(name).filter(|d| inside || d.public) {
            let owner = Owner::Package(package.clone(), d.public);
            let meaning = self.declared(self.package_scope(package, d.unit), d.decl, owner)?;
            return Some(self.with_body(package, name, meaning));
        }
        let routines = members.routines.get(name)?;
        let visible = |r: &&RoutineId| inside || self.catalog.routines[r.0 as usize].public;
        let id = routines.iter().find(visible)?;
        Some(NameMeaning::Routine(*id))
    }

    /// A cursor that the specification declares without its query takes it from the body.
    fn with_body(&self, package: &TableName, name: &str, meaning: NameMeaning) -> NameMeaning {
        let NameMeaning::Cursor(cursor) = &meaning else {
            return meaning;
        };
        let body = self.catalog.packages.get(package).and_then(|p| p.body);
        let (None, Some(unit)) = (cursor.query, body) else {
            return meaning;
        };
        let ast = self.view(unit).ast();
        let crate::syntax::ast::ItemKind::CreatePackageBody { decls, .. } =
            ast[self.view(unit).unit.item].kind
        else {
            return meaning;
        };
        find_decl(ast, decls, name)
            .and_then(|decl| {
                self.declared(
                    self.package_scope(package, unit),
                    decl,
                    cursor.owner.clone(),
                )
            })
            .unwrap_or(meaning)
    }

    /// Packages, standalone functions, sequences, types of the schema; synonyms of them.
    fn schema_level(&self, schema: &str, parts: &[&str], depth: u32) -> Found {
        let dotted = parts.join(".");
        if depth > MAX_DEPTH {
            return unknown(format!("synonym `{dotted}` leads to itself"), parts.len());
        }
        if let Some(found) = self.in_schema(schema, parts, 0) {
            return found;
        }
        if let [owner, rest @ ..] = parts
            && let Some(found) = self.in_schema(owner, rest, 1)
        {
            return found;
        }
        let plain = parts.strip_prefix(&["SYS"]).unwrap_or(parts);
        if plain.first().is_some_and(|p| is_builtin_package(p)) {
            return builtin(&dotted, parts.len());
        }
        let elsewhere = || {
            let rest = self.without_schema(schema, parts)?;
            let found =
                self.in_schema(&self.catalog.default_schema, rest, parts.len() - rest.len());
            found.filter(|f| !matches!(f.meaning, NameMeaning::Unknown(_)))
        };
        self.through_synonym(schema, parts, depth)
            .or_else(elsewhere)
            .unwrap_or_else(|| {
                let reason = match self.wrapped(schema, parts) {
                    Some(name) => format!("the text of {name} is wrapped, only its name is known"),
                    None => format!("`{dotted}` is declared nowhere in the input"),
                };
                unknown(reason, parts.len())
            })
    }

    /// The name as it would be in the default schema, where it may mean an object whose CREATE names no schema.
    pub(super) fn without_schema<'p, 's>(
        &self,
        schema: &str,
        parts: &'p [&'s str],
    ) -> Option<&'p [&'s str]> {
        let free = |n: &&str| self.catalog.unqualified.contains(*n);
        match parts {
            [first, ..] if free(first) && schema != self.catalog.default_schema => Some(parts),
            [_, second, ..] if free(second) => Some(&parts[1..]),
            _ => None,
        }
    }

    fn wrapped(&self, schema: &str, parts: &[&str]) -> Option<&TableName> {
        let own = TableName::new(schema, *parts.first()?);
        let other = parts.get(1).map(|n| TableName::new(parts[0], *n));
        let found = |n: &TableName| self.catalog.wrapped.get_key_value(n).map(|(n, _)| n);
        found(&own).or_else(|| found(&other?))
    }

    fn in_schema(&self, schema: &str, parts: &[&str], before: usize) -> Option<Found> {
        let [first, rest @ ..] = parts else {
            return None;
        };
        let name = TableName::new(schema, *first);
        let found = |meaning, used| Some(Found { meaning, used });
        if let (true, [member, ..]) = (self.index.packages.contains_key(&name), rest) {
            let meaning = self.member(&name, member, false).unwrap_or_else(|| {
                NameMeaning::Unknown(format!("package {name} declares no public `{member}`"))
            });
            return found(meaning, before + 2);
        }
        if let Some(id) = self.index.standalone.get(&name).and_then(|r| r.first()) {
            return found(NameMeaning::Routine(*id), before + 1);
        }
        if self.catalog.sequences.contains_key(&name) {
            return found(NameMeaning::Sequence(name), before + 1);
        }
        if self.catalog.types.contains_key(&name) {
            return found(NameMeaning::SchemaType(name), before + 1);
        }
        None
    }

    fn through_synonym(&self, schema: &str, parts: &[&str], depth: u32) -> Option<Found> {
        for (owner, used) in [(schema, 0), (PUBLIC, 0), (parts[0], 1)] {
            let Some(name) = parts.get(used) else {
                continue;
            };
            let Some(s) = self.catalog.synonyms.get(&TableName::new(owner, *name)) else {
                continue;
            };
            if let Some(link) = &s.link {
                let reason = format!("`{name}` leads over database link {link}");
                return Some(unknown(reason, parts.len()));
            }
            let mut target = vec![s.target.schema.as_str(), s.target.name.as_str()];
            let longer = target.len() - 1 - used;
            target.extend(&parts[used + 1..]);
            let mut found = self.schema_level(&s.target.schema, &target, depth + 1);
            found.used = found.used.saturating_sub(longer).min(parts.len());
            return Some(found);
        }
        None
    }

    /// The scope in which a variable's initial value and type are read.
    pub fn variable_scope(&self, variable: &Variable) -> Scope {
        self.owner_scope(&variable.owner, variable.unit, &variable.frames)
    }

    /// The scope in which a cursor's query is read: its parameters are in sight.
    pub fn cursor_scope(&self, cursor: &CursorDecl) -> Scope {
        self.owner_scope(&cursor.owner, cursor.unit, &cursor.frames)
            .within(Frame::Cursor(cursor.decl))
    }

    fn owner_scope(&self, owner: &Owner, unit: UnitRef, frames: &[Frame]) -> Scope {
        let scope = match owner {
            Owner::Package(name, _) => self.package_scope(name, unit),
            Owner::Routine(Some(id)) => self.routine_scope(*id),
            Owner::Routine(None) => self.unit_scope(unit),
        };
        Scope {
            frames: frames.to_vec(),
            ..scope
        }
    }
}

/// The variable of a loop, if it has that name: a number (None) or the record of a cursor.
fn loop_variable(ast: &Ast, stmt: Id<Stmt>, name: &str) -> Option<Option<CursorSource>> {
    match ast[stmt].kind {
        StmtKind::ForRange { var, .. } | StmtKind::Forall { var, .. } => {
            (ast.ident(var) == name).then_some(None)
        }
        StmtKind::ForCursor { var, source, .. } => (ast.ident(var) == name).then_some(Some(source)),
        _ => None,
    }
}

fn cursor_parameter(ast: &Ast, decl: Id<Decl>, name: &str) -> Option<Id<Param>> {
    let DeclKind::Cursor { params, .. } = ast[decl].kind else {
        return None;
    };
    params.ids().find(|p| ast.ident(ast[*p].name) == name)
}

fn unknown(reason: String, used: usize) -> Found {
    Found {
        meaning: NameMeaning::Unknown(reason),
        used,
    }
}

fn builtin(name: &str, used: usize) -> Found {
    Found {
        meaning: NameMeaning::Builtin(name.to_string()),
        used,
    }
}
