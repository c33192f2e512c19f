//! Calls: which routine, built-in, collection or type a call means; overloads by number, names and types of arguments.

use super::super::builtin::{is_builtin_function, is_builtin_package, is_collection_method};
use super::super::model::{Param, Resolved, RoutineId};
use super::name::{Found, NameMeaning};
use super::table::PUBLIC;
use super::{MAX_DEPTH, Resolver, Scope, Source};
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
            let link = ast.parts(object.link).join(".");
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
        let types = |name: usize, params: &[Param]| match positional.get(name) {
            Some(t) => Some(t.clone()),
            None => {
                let wanted = &params.get(name)?.name;
                named
                    .iter()
                    .find(|(n, _)| n == wanted)
                    .map(|(_, t)| t.clone())
            }
        };
        self.choose(&candidates, parts, positional.len(), &names, &types)
    }

    fn callee_named(&self, scope: &Scope, parts: &[&str], given: &Given<'_>) -> Callee {
        let candidates = self.candidates(scope, parts);
        if candidates.is_empty() {
            return self.no_routine(scope, parts);
        }
        let names: Vec<_> = given.named.iter().map(|n| n.0).collect();
        let types = |i: usize, params: &[Param]| {
            let by_name = || {
                let wanted = &params.get(i)?.name;
                given
                    .named
                    .iter()
                    .find(|(n, _)| n == wanted)
                    .map(|(_, e)| *e)
            };
            let arg = given.positional.get(i).copied().or_else(by_name)?;
            Some(self.expr_type(given.scope, given.levels, arg))
        };
        self.choose(&candidates, parts, given.positional.len(), &names, &types)
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
        // `package.member` from inside the package, and `routine.nested` from inside the routine.
        let own_package = scope.package.as_ref().filter(|p| p.name == **first);
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
            return Vec::new();
        };
        let mut target = vec![synonym.target.schema.as_str(), synonym.target.name.as_str()];
        target.extend(rest);
        self.in_schema_routines(&synonym.target.schema, &target, depth + 1)
    }

    /// The overload that takes the arguments; `types` gives the type of the argument for a parameter, if it has one.
    fn choose(
        &self,
        candidates: &[RoutineId],
        parts: &[&str],
        positional: usize,
        named: &[&str],
        types: &dyn Fn(usize, &[Param]) -> Option<DataType>,
    ) -> Callee {
        let params = |id: &RoutineId| self.catalog.routines[id.0 as usize].params.as_slice();
        let mut fitting: Vec<_> = candidates
            .iter()
            .filter(|id| takes(params(id), positional, named))
            .collect();
        if fitting.len() > 1 {
            fitting.retain(|id| types_fit(params(id), types));
        }
        match (fitting.as_slice(), candidates) {
            ([one], _) => Callee::Routine(**one),
            ([], [one]) => {
                let r = &self.catalog.routines[one.0 as usize];
                Callee::Unknown(format!(
                    "{} does not take these arguments ({} parameters)",
                    r.qualified(),
                    r.params.len()
                ))
            }
            ([], _) => Callee::Unknown(format!(
                "no overload of `{}` takes these arguments",
                parts.join(".")
            )),
            _ => Callee::Unknown(ambiguous(parts)),
        }
    }
}

fn types_fit(params: &[Param], types: &dyn Fn(usize, &[Param]) -> Option<DataType>) -> bool {
    params.iter().enumerate().all(|(i, param)| {
        let given = types(i, params);
        match (family(&param.ty), given.as_ref().and_then(family)) {
            (Some(p), Some(a)) => p == a,
            _ => true,
        }
    })
}

fn ambiguous(parts: &[&str]) -> String {
    let dotted = parts.join(".");
    format!("several overloads of `{dotted}` take these arguments")
}

/// Whether a call with these arguments gives every parameter a value, and none twice.
fn takes(params: &[Param], positional: usize, named: &[&str]) -> bool {
    let rest = params.get(positional..);
    let Some(rest) = rest else { return false };
    let known = |n: &str| rest.iter().any(|p| p.name == n);
    let filled = |p: &Param| p.default.is_some() || named.contains(&p.name.as_str());
    named.iter().all(|n| known(n)) && rest.iter().all(filled)
}

/// Types that Oracle tells apart between overloads.
#[derive(PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Time,
    Boolean,
    Binary,
    Lob,
}

fn family(ty: &DataType) -> Option<Family> {
    match ty {
        DataType::Number { .. }
        | DataType::Float { .. }
        | DataType::BinaryFloat
        | DataType::BinaryDouble => Some(Family::Number),
        DataType::Varchar { .. } | DataType::Char { .. } => Some(Family::Text),
        DataType::Clob => Some(Family::Lob),
        DataType::Date
        | DataType::Timestamp { .. }
        | DataType::TimestampTz { .. }
        | DataType::TimestampLtz { .. } => Some(Family::Time),
        DataType::Boolean => Some(Family::Boolean),
        DataType::Raw { .. } => Some(Family::Binary),
        DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Blob
        | DataType::Document
        | DataType::Other { .. }
        | DataType::Unknown { .. } => None,
    }
}
