//! Names of objects: schema of unqualified ones, the default schema of an estate.

use std::collections::{BTreeMap, BTreeSet};

use super::Input;
use crate::rel::TableName;
use crate::syntax::View;
use crate::syntax::ast::{Id, ItemKind, ObjectName};

/// The schema of unqualified names: the project's first, else the one most used in qualified CREATEs, else `APP`.
pub(super) fn default_schema(input: Input<'_>) -> String {
    if let Some(first) = input.config.schemas.first() {
        return match first.strip_prefix('"').and_then(|f| f.strip_suffix('"')) {
            Some(quoted) => quoted.to_string(),
            None => first.to_uppercase(),
        };
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, view) in input.units() {
        if let Some(owner) = created_in(view).filter(|o| !ORACLES.contains(&o.as_str())) {
            *counts.entry(owner).or_default() += 1;
        }
    }
    // The most used; of equals the first in the alphabet.
    let best = counts.into_iter().rev().max_by_key(|(_, n)| *n);
    best.map_or_else(|| "APP".to_string(), |(name, _)| name)
}

/// Schemas that hold no estate.
const ORACLES: &[&str] = &["SYS", "SYSTEM", "PUBLIC"];

/// The schema that a CREATE names.
fn created_in(view: View<'_>) -> Option<String> {
    created(view)?.0
}

/// Names of objects whose CREATE names no schema.
pub(super) fn unqualified(input: Input<'_>) -> BTreeSet<String> {
    let all = input.units().filter_map(|(_, view)| created(view));
    all.filter(|(owner, _)| owner.is_none())
        .map(|(_, name)| name)
        .collect()
}

/// Schema and name of what a unit creates.
fn created(view: View<'_>) -> Option<(Option<String>, String)> {
    let ast = view.ast();
    let name = match ast[view.unit.item].kind {
        ItemKind::CreateTable(t) => ast[t].name,
        ItemKind::CreateTrigger(t) => ast[t].name,
        ItemKind::CreateView { name, .. }
        | ItemKind::CreateSequence(name, _)
        | ItemKind::CreatePackage { name, .. }
        | ItemKind::CreatePackageBody { name, .. }
        | ItemKind::CreateType { name, .. } => name,
        ItemKind::CreateRoutine { owner, routine } => {
            let owner = owner.map(|o| ast.ident(o).to_string());
            return Some((owner, ast.ident(ast[routine].name).to_string()));
        }
        _ => return None,
    };
    match ast.parts(ast[name].parts).as_slice() {
        [owner, name] => Some((Some((*owner).to_string()), (*name).to_string())),
        [name] => Some((None, (*name).to_string())),
        _ => None,
    }
}

/// An object's full name; the last part alone if there are more than two.
pub(super) fn object(view: View<'_>, name: Id<ObjectName>, schema: &str) -> TableName {
    let ast = view.ast();
    match ast.parts(ast[name].parts).as_slice() {
        [owner, name] | [owner, name, ..] => TableName::new(*owner, *name),
        [name] => TableName::new(schema, *name),
        [] => TableName::new(schema, "?"),
    }
}

/// The name of a wrapped unit: the words after `CREATE [OR REPLACE] PACKAGE BODY` and the like.
pub(super) fn wrapped(view: View<'_>, schema: &str) -> Option<TableName> {
    const KINDS: &[&str] = &["PACKAGE", "PROCEDURE", "FUNCTION", "TYPE", "TRIGGER"];
    let kinds = view.unit.tape.kinds.iter().enumerate();
    let mut words = kinds
        .filter(|(_, k)| !k.is_trivia())
        .map(|(i, _)| view.token(i as u32))
        .take(16)
        .skip_while(|w| !KINDS.contains(&w.to_uppercase().as_str()))
        .skip(1)
        .skip_while(|w| w.eq_ignore_ascii_case("BODY"));
    let canonical = |w: &str| match w.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
        Some(quoted) => quoted.to_string(),
        None => w.to_uppercase(),
    };
    let first = canonical(words.next()?);
    match words.next() {
        Some(".") => Some(TableName::new(first, canonical(words.next()?))),
        _ => Some(TableName::new(schema, first)),
    }
}
