//! Names that Oracle's rules do not lead to, but that were taken to mean an object of the input: each a finding, so
//! that nobody relies on it unseen.

use std::collections::BTreeMap;

use super::{Input, note};
use crate::catalog::model::{Catalog, Resolved, RoutineId};
use crate::catalog::resolve::{Callee, Resolver};
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::diag::{Code, Diagnostic};
use crate::rel::TableName;
use crate::source::Span;
use crate::syntax::ast::{FromKind, ItemKind};

/// What was written and what it was taken for, with the first place.
type Assumed = BTreeMap<(String, String), Span>;

/// Finds all such names in code and views.
pub(super) fn schemas(input: Input<'_>, catalog: &mut Catalog) {
    let mut found = Assumed::new();
    {
        let resolver = Resolver::new(input.map, input.files, catalog);
        tables(&resolver, &mut found);
        routines(&resolver, &mut found);
    }
    for ((written, taken), span) in found {
        let message =
            format!("`{written}` is taken to be {taken}, which Oracle would not find by that name");
        let finding = Diagnostic::new(Code::SchemaAssumed, message)
            .at(span, "first used here")
            .help("Add the missing synonym, or name the schema in the CREATE.");
        note(catalog, finding);
    }
}

fn tables(resolver: &Resolver<'_>, found: &mut Assumed) {
    let mut uses = Uses { resolver, found };
    let catalog = resolver.catalog;
    for (i, r) in catalog.routines.iter().enumerate() {
        let mut scope = resolver.routine_scope(RoutineId(i as u32));
        scope.frames.clear();
        if let Some(body) = r.body {
            Walk::new(resolver.view(r.unit), scope, &mut uses).block(body);
        }
        for unit in &r.items {
            let view = resolver.view(*unit);
            if let ItemKind::Dml(dml) = view.ast()[view.unit.item].kind {
                Walk::new(view, resolver.unit_scope(*unit), &mut uses).dml(dml);
            }
        }
    }
    for t in catalog.tables.values() {
        if let Some((unit, query)) = t.view {
            let mut scope = resolver.unit_scope(unit);
            scope.schema.clone_from(&t.name.schema);
            Walk::new(resolver.view(unit), scope, &mut uses).query(query);
        }
    }
}

struct Uses<'u, 'r, 'a> {
    resolver: &'r Resolver<'a>,
    found: &'u mut Assumed,
}

impl Visitor for Uses<'_, '_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        let ast = at.view.ast();
        if let Node::From(item) = node
            && let FromKind::Table { name, .. } = ast[item].kind
            && let Resolved::Known(table) = self.resolver.table(&at.scope, name)
        {
            let parts = ast.parts(ast[name].parts);
            let span = at.view.span(ast.name_span(name));
            note_use(
                self.resolver.catalog,
                self.found,
                &at.scope.schema,
                &parts,
                &table,
                span,
            );
        }
        true
    }
}

fn routines(resolver: &Resolver<'_>, found: &mut Assumed) {
    let catalog = resolver.catalog;
    for (caller, calls) in catalog.routines.iter().zip(&catalog.calls.calls) {
        for call in calls {
            let Callee::Routine(id) = &call.callee else {
                continue;
            };
            let callee = &catalog.routines[id.0 as usize];
            if callee.parent.is_some() || callee.unit == caller.unit {
                continue;
            }
            let object = callee.package.as_ref().unwrap_or(&callee.name);
            let target = TableName::new(&callee.schema, object);
            let parts: Vec<_> = call.name.split('.').collect();
            let owner = if callee.package.is_some() {
                parts.len() - 1
            } else {
                parts.len()
            };
            let parts = &parts[..owner];
            if !parts.is_empty() {
                note_use(catalog, found, &caller.schema, parts, &target, call.span);
            }
        }
    }
}

/// Notes a use if neither the schema nor a synonym leads from the name to the object.
fn note_use(
    catalog: &Catalog,
    found: &mut Assumed,
    schema: &str,
    parts: &[&str],
    object: &TableName,
    span: Span,
) {
    let written = match parts {
        [name] => TableName::new(schema, *name),
        [owner, name] => TableName::new(*owner, *name),
        _ => return,
    };
    let synonym = |owner: &str| {
        catalog
            .synonyms
            .contains_key(&TableName::new(owner, &written.name))
    };
    let led =
        written == *object || synonym(&written.schema) || (parts.len() == 1 && synonym("PUBLIC"));
    if !led {
        found
            .entry((parts.join("."), object.to_string()))
            .or_insert(span);
    }
}
