//! Columns of views and of CREATE TABLE AS, from their queries. Views over views are done in rounds: a view's turn
//! comes when all that it reads is known; those that are left refer to each other in a ring.

use std::collections::BTreeSet;

use super::table::column;
use super::{Input, note};
use crate::catalog::model::{Catalog, Resolved, TableKind, UnitRef};
use crate::catalog::resolve::{OutColumn, Resolver, Scope};
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::diag::{Code, Diagnostic};
use crate::rel::{DataType, TableName};
use crate::syntax::ast::{FromKind, Id, Query};

type Waiting = (TableName, UnitRef, Id<Query>, BTreeSet<TableName>);

/// Gives columns to every view and CREATE TABLE AS.
pub(super) fn columns(input: Input<'_>, catalog: &mut Catalog) {
    let left = derive_all(input, catalog);
    ring(catalog, left);
    // A table made by AS SELECT is no view: its query was run once.
    for t in catalog.tables.values_mut() {
        if !matches!(t.kind, TableKind::View | TableKind::MaterializedView) {
            t.view = None;
        }
    }
}

/// The same as far as it goes while tables are still missing.
pub(super) fn known_columns(input: Input<'_>, catalog: &mut Catalog) {
    derive_all(input, catalog);
}

/// Gives columns in rounds; what is left refers to itself.
fn derive_all(input: Input<'_>, catalog: &mut Catalog) -> Vec<Waiting> {
    let mut waiting = all(input, catalog);
    loop {
        let names: BTreeSet<_> = waiting.iter().map(|w| w.0.clone()).collect();
        let (ready, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|w| w.3.is_disjoint(&names));
        if ready.is_empty() {
            return later;
        }
        for (name, columns) in derive(input, catalog, &ready) {
            fill(catalog, &name, columns);
        }
        waiting = later;
    }
}

fn all(input: Input<'_>, catalog: &Catalog) -> Vec<Waiting> {
    let resolver = Resolver::new(input.map, input.files, catalog);
    let queries = catalog
        .tables
        .values()
        .filter_map(|t| t.view.map(|(unit, q)| (t.name.clone(), unit, q)));
    queries
        .map(|(name, unit, query)| {
            let scope = scope_of(&resolver, &name, unit);
            let mut reads = Reads {
                resolver: &resolver,
                tables: BTreeSet::new(),
            };
            Walk::new(resolver.view(unit), scope, &mut reads).query(query);
            (name, unit, query, reads.tables)
        })
        .collect()
}

fn scope_of(resolver: &Resolver<'_>, name: &TableName, unit: UnitRef) -> Scope {
    let mut scope = resolver.unit_scope(unit);
    scope.schema.clone_from(&name.schema);
    scope
}

struct Reads<'r, 'a> {
    resolver: &'r Resolver<'a>,
    tables: BTreeSet<TableName>,
}

impl Visitor for Reads<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        if let Node::From(item) = node
            && let FromKind::Table { name, .. } = at.view.ast()[item].kind
            && let Resolved::Known(table) = self.resolver.table(&at.scope, name)
        {
            self.tables.insert(table);
        }
        true
    }
}

fn derive(
    input: Input<'_>,
    catalog: &Catalog,
    ready: &[Waiting],
) -> Vec<(TableName, Vec<OutColumn>)> {
    let resolver = Resolver::new(input.map, input.files, catalog);
    let columns = |(name, unit, query, _): &Waiting| {
        let scope = scope_of(&resolver, name, *unit);
        (name.clone(), resolver.query_columns(&scope, *query))
    };
    ready.iter().map(columns).collect()
}

/// Columns under the names that CREATE VIEW lists, if it does. A type that a dictionary export gave is kept where the
/// query does not show one; whether a column may be NULL is not derived, because an outer join can make it so.
fn fill(catalog: &mut Catalog, name: &TableName, derived: Vec<OutColumn>) {
    let Some(table) = catalog.tables.get_mut(name) else {
        return;
    };
    let listed: Vec<String> = table.columns.keys().cloned().collect();
    for (i, out) in derived.into_iter().enumerate() {
        let name = listed.get(i).unwrap_or(&out.name);
        let known = table.columns.get(name).cloned();
        let mut new = known.unwrap_or_else(|| column(name, out.ty.clone()));
        let is_unknown = |t: &DataType| matches!(t, DataType::Unknown { .. });
        if is_unknown(&new.ty) || !is_unknown(&out.ty) {
            new.ty = out.ty;
        }
        table.columns.insert(name.clone(), new);
    }
}

fn ring(catalog: &mut Catalog, left: Vec<Waiting>) {
    for (name, ..) in left {
        let message = format!("the view {name} is defined by way of itself");
        let mut finding = Diagnostic::new(Code::CyclicDefinition, message.clone());
        if let Some(span) = catalog.tables.get(&name).and_then(|t| t.span) {
            finding = finding.at(span, "");
        }
        note(catalog, finding);
        let unknown = DataType::Unknown { reason: message };
        if let Some(t) = catalog.tables.get_mut(&name) {
            for c in t.columns.values_mut() {
                c.ty = unknown.clone();
            }
        }
    }
}
