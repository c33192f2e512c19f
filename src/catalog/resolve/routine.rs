//! Calls: which routine, built-in, collection or type a call means.

use super::super::builtin::{is_builtin_function, is_builtin_package, is_collection_method};
use super::super::model::{Resolved, RoutineId};
use super::name::{Found, NameMeaning};
use super::overload::{ArgRef, Arguments};
use super::table::PUBLIC;
use super::types::unknown;
use super::{MAX_DEPTH, Resolver, Scope, Source, ValueType};
use crate::rel::{DataType, TableName};
use crate::syntax::ast::{Arg, Expr, ExprKind, Id, List};

/// What a call calls.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A routine of the input.
    Routine(RoutineId),
    /// A function of SQL or STANDARD, or a member of a package of Oracle's, as written in canonical spelling.
    Builtin(String),
    /// No call: an element of a collection, a method of one, a cursor with arguments, a constructor.
    Value(Found),
    /// Not known, with the reason.
    Unknown(String),
}

impl Callee {
    /// The routine, or why there is none.
    pub fn routine(&self) -> Resolved<RoutineId> {
        match self {
            Callee::Routine(id) => Resolved::Known(*id),
            Callee::Builtin(name) => Resolved::Unknown(format!("`{name}` is Oracle's own")),
            Callee::Value(_) => Resolved::Unknown("it is a value, not a call".into()),
            Callee::Unknown(reason) => Resolved::Unknown(reason.clone()),
        }
    }
}

/// Arguments as far as they choose an overload.
struct Given<'g> {
    positional: Vec<Id<Expr>>,
    named: Vec<(&'g str, Id<Expr>)>,
    scope: &'g Scope,
    levels: &'g [Vec<Source>],
}

impl Resolver<'_> {
    /// What a call statement or call expression in PL/SQL calls; a name alone is a call without arguments.
    pub fn call(&self, scope: &Scope, expr: Id<Expr>) -> Callee {
        self.call_in(scope, &[], expr)
    }

    /// The same inside SQL: `levels` are the FROM elements in sight, for the types of arguments.
    pub fn call_in(&self, scope: &Scope, levels: &[Vec<Source>], expr: Id<Expr>) -> Callee {
        let ast = self.view(scope.unit).ast();
        match ast[expr].kind {
            ExprKind::Name(_) => self.callee(scope, levels, expr, List::empty()),
            ExprKind::Call { callee, args, .. } => self.callee(scope, levels, callee, args),
            ExprKind::Paren(inner) => self.call_in(scope, levels, inner),
            _ => Callee::Unknown("the call is made through an expression".into()),
        }
    }

    fn callee(
        &self,
        scope: &Scope,
        levels: &[Vec<Source>],
        callee: Id<Expr>,
        args: List<Arg>,
    ) -> Callee {
        let ast = self.view(scope.unit).ast();
        let ExprKind::Name(name) = ast[callee].kind else {
            return Callee::Unknown("the call is made through an expression".into());
        };
        let object = ast[name];
        let parts = ast.parts(object.parts);
        if !object.link.is_empty() {
            let link = ast.link(object.link).join(".");
            let dotted = parts.join(".");
            return Callee::Unknown(format!("`{dotted}` is called over database link {link}"));
        }
        let args = ast.list(args);
        let named = |a: &Arg| a.name.map(|n| (ast.ident(n), a.value));
        let given = Given {
            positional: args
                .iter()
                .filter(|a| a.name.is_none())
                .map(|a| a.value)
                .collect(),
            named: args.iter().filter_map(named).collect(),
            scope,
            levels,
        };
        self.callee_named(scope, &parts, &given)
    }

    /// What a dotted name calls with arguments of these types, for calls that stand in no tree of the input.
    pub fn callee_by_name(
        &self,
        scope: &Scope,
        parts: &[&str],
        positional: &[DataType],
        named: &[(&str, DataType)],
    ) -> Callee {
        let candidates = self.candidates(scope, parts);
        if candidates.is_empty() {
            return self.no_routine(scope, parts);
        }
        let names: Vec<_> = named.iter().map(|n| n.0).collect();
        let ty = |arg: ArgRef<'_>| {
            let found = match arg {
                ArgRef::At(i) => positional.get(i),
                ArgRef::Named(name) => named.iter().find(|(n, _)| *n == name).map(|(_, t)| t),
            };
            ValueType::Scalar(
                found
                    .cloned()
                    .unwrap_or_else(|| unknown("no such argument")),
            )
        };
        let arguments = Arguments {
            positional: positional.len(),
            named: &names,
            ty: &ty,
        };
        self.choose(&candidates, parts, &arguments)
    }

    /// All routines that a call by this name may mean: its overloads.
    pub fn possible(&self, scope: &Scope, parts: &[&str]) -> Vec<RoutineId> {
        self.candidates(scope, parts)
    }

    fn callee_named(&self, scope: &Scope, parts: &[&str], given: &Given<'_>) -> Callee {
        let candidates = self.candidates(scope, parts);
        if candidates.is_empty() {
            return self.no_routine(scope, parts);
        }
        let names: Vec<_> = given.named.iter().map(|n| n.0).collect();
        let ty = |arg: ArgRef<'_>| {
            let found = match arg {
                ArgRef::At(i) => given.positional.get(i).copied(),
                ArgRef::Named(name) => given.named.iter().find(|(n, _)| *n == name).map(|n| n.1),
            };
            match found {
                Some(e) => self.expr_value_type(given.scope, given.levels, e),
                None => ValueType::unknown("no such argument"),
            }
        };
        let arguments = Arguments {
            positional: given.positional.len(),
            named: &names,
            ty: &ty,
        };
        self.choose(&candidates, parts, &arguments)
    }

    fn no_routine(&self, scope: &Scope, parts: &[&str]) -> Callee {
        let plain = parts.strip_prefix(&["SYS"]).unwrap_or(parts);
        let plain = plain.strip_prefix(&["STANDARD"]).unwrap_or(plain);
        let found = self.lookup_name(scope, parts);
        match &found.meaning {
            NameMeaning::Unknown(reason) => {
                let first = plain.first().copied().unwrap_or("");
                let oracles = match plain {
                    [_] => is_builtin_function(first),
                    _ => is_builtin_package(first),
                };
                if oracles {
                    Callee::Builtin(plain.join("."))
                } else {
                    Callee::Unknown(reason.clone())
                }
            }
            NameMeaning::Builtin(_) => Callee::Builtin(plain.join(".")),
            NameMeaning::Routine(id) => Callee::Routine(*id),
            NameMeaning::Variable(_)
            | NameMeaning::Parameter(..)
            | NameMeaning::CursorParameter(..)
            | NameMeaning::Cursor(_)
            | NameMeaning::LoopIndex(..)
            | NameMeaning::LoopRecord(..)
            | NameMeaning::Type(..)
            | NameMeaning::Exception(_)
            | NameMeaning::Sequence(_)
            | NameMeaning::SchemaType(_) => Callee::Value(found),
        }
    }

    /// All overloads in the nearest scope that has the name; empty where something else has it.
    fn candidates(&self, scope: &Scope, parts: &[&str]) -> Vec<RoutineId> {
        if let [_, .., method] = parts
            && is_collection_method(method)
            && !matches!(
                self.lookup_name(scope, &parts[..parts.len() - 1]).meaning,
                NameMeaning::Unknown(_)
            )
        {
            return Vec::new();
        }
        let [name] = parts else {
            return self.qualified(scope, parts);
        };
        if let Some(near) = self.nearby(scope, name) {
            return near;
        }
        if is_builtin_function(name) {
            return Vec::new();
        }
        self.in_schema_routines(&scope.schema, parts, 0)
    }

    /// Nested routines and package members; Some(empty) if a variable of the name stands in front.
    fn nearby(&self, scope: &Scope, name: &str) -> Option<Vec<RoutineId>> {
        let mut current = scope.routine;
        while let Some(id) = current {
            let r = &self.catalog.routines[id.0 as usize];
            let named = |n: &&RoutineId| self.catalog.routines[n.0 as usize].name == name;
            let nested: Vec<_> = self.nested(id).iter().filter(named).copied().collect();
            if !nested.is_empty() {
                return Some(nested);
            }
            current = r.parent;
        }
        let package = scope.package.as_ref();
        let members = package.and_then(|p| self.index.packages.get(p)?.routines.get(name));
        if let NameMeaning::Routine(_) | NameMeaning::Unknown(_) | NameMeaning::Builtin(_) =
            self.lookup_name(scope, &[name]).meaning
        {
            return members.cloned();
        }
        Some(Vec::new())
    }

    fn qualified(&self, scope: &Scope, parts: &[&str]) -> Vec<RoutineId> {
        let [first, rest @ ..] = parts else {
            return Vec::new();
        };
        // `package.member` (in a type `SELF.member`) from inside the package, `routine.nested` from inside the routine.
        let own_package = scope.package.as_ref().filter(|p| {
            p.name == **first || (*first == "SELF" && self.catalog.types.contains_key(*p))
        });
        if let (Some(package), [member]) = (own_package, rest) {
            let members = self.index.packages.get(package);
            if let Some(found) = members.and_then(|m| m.routines.get(*member)) {
                return found.clone();
            }
        }
        let own = scope
            .routine
            .filter(|r| self.catalog.routines[r.0 as usize].name == **first);
        if let (Some(_), [member]) = (own, rest)
            && let Some(found) = self.nearby(scope, member).filter(|f| !f.is_empty())
        {
            return found;
        }
        self.in_schema_routines(&scope.schema, parts, 0)
    }

    fn in_schema_routines(&self, schema: &str, parts: &[&str], depth: u32) -> Vec<RoutineId> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        for (owner, rest) in [(schema, parts), (parts[0], &parts[1..])] {
            let found = match rest {
                [name] => self.index.standalone.get(&TableName::new(owner, *name)),
                [package, name] => {
                    let members = self.index.packages.get(&TableName::new(owner, *package));
                    members.and_then(|m| m.routines.get(*name))
                }
                _ => None,
            };
            let visible = |r: &RoutineId| self.catalog.routines[r.0 as usize].public;
            let found: Vec<_> = found
                .into_iter()
                .flatten()
                .copied()
                .filter(visible)
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        let synonym = [(schema, parts), (PUBLIC, parts), (parts[0], &parts[1..])]
            .into_iter()
            .find_map(|(owner, rest)| {
                let name = TableName::new(owner, *rest.first()?);
                let s = self.catalog.synonyms.get(&name)?;
                s.link.is_none().then_some((s, &rest[1..]))
            });
        let Some((synonym, rest)) = synonym else {
            return match self.without_schema(schema, parts) {
                Some(rest) => {
                    self.in_schema_routines(&self.catalog.default_schema, rest, MAX_DEPTH)
                }
                None => Vec::new(),
            };
        };
        let mut target = vec![synonym.target.schema.as_str(), synonym.target.name.as_str()];
        target.extend(rest);
        self.in_schema_routines(&synonym.target.schema, &target, depth + 1)
    }
}
