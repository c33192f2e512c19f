//! The pieces of code that are looked at: bodies of routines, statements of scripts, declarations of packages, queries
//! of views.

use rayon::prelude::*;

use crate::catalog::model::{Catalog, RoutineId, UnitRef};
use crate::catalog::resolve::{Resolver, Scope};
use crate::catalog::walk::{Visitor, Walk};
use crate::rel::TableName;
use crate::syntax::ast::{Decl, Id, ItemKind, List, Query};

/// A piece of code.
#[derive(Clone, Debug)]
pub(in crate::catalog::build) enum Body {
    /// A routine: its declarations and statements, or the statements of a script.
    Routine(RoutineId),
    /// What a package declares outside its routines.
    Package(TableName, UnitRef, List<Decl>),
    /// A view's query.
    View(TableName, UnitRef, Id<Query>),
}

/// All pieces, in order.
pub(super) fn all(resolver: &Resolver<'_>) -> Vec<Body> {
    let catalog = resolver.catalog;
    let routines = (0..catalog.routines.len() as u32).map(|i| Body::Routine(RoutineId(i)));
    routines
        .chain(packages(resolver))
        .chain(views(catalog))
        .collect()
}

fn packages<'r>(resolver: &'r Resolver<'_>) -> impl Iterator<Item = Body> + 'r {
    let units = |name: &TableName, units: [Option<UnitRef>; 2]| {
        let found = units.into_iter().flatten().filter_map(|unit| {
            let view = resolver.view(unit);
            match view.ast()[view.unit.item].kind {
                ItemKind::CreatePackage { decls, .. }
                | ItemKind::CreatePackageBody { decls, .. } => {
                    Some(Body::Package(name.clone(), unit, decls))
                }
                _ => None,
            }
        });
        found.collect::<Vec<_>>()
    };
    let packages = resolver.catalog.packages.iter();
    packages.flat_map(move |(name, p)| units(name, [p.spec, p.body]))
}

fn views(catalog: &Catalog) -> impl Iterator<Item = Body> + '_ {
    let query = |t: &crate::catalog::model::Table| {
        t.view.map(|(unit, q)| Body::View(t.name.clone(), unit, q))
    };
    catalog.tables.values().filter_map(query)
}

/// Walks a piece.
pub(super) fn walk<V: Visitor>(resolver: &Resolver<'_>, body: &Body, visitor: &mut V) {
    match body {
        Body::Routine(id) => {
            let routine = &resolver.catalog.routines[id.0 as usize];
            if let Some(block) = routine.body {
                let mut scope = resolver.routine_scope(*id);
                scope.frames.clear();
                Walk::new(resolver.view(routine.unit), scope, visitor).block(block);
            }
            for unit in &routine.items {
                let view = resolver.view(*unit);
                if let ItemKind::Dml(dml) = view.ast()[view.unit.item].kind {
                    Walk::new(view, resolver.unit_scope(*unit), visitor).dml(dml);
                }
            }
        }
        Body::Package(name, unit, decls) => {
            let scope = resolver.package_scope(name, *unit);
            Walk::new(resolver.view(*unit), scope, visitor).decls(*decls);
        }
        Body::View(name, unit, query) => {
            let scope = Scope {
                schema: name.schema.clone(),
                ..resolver.unit_scope(*unit)
            };
            Walk::new(resolver.view(*unit), scope, visitor).query(*query);
        }
    }
}

/// One result a piece, in order.
pub(super) fn each<T: Send>(
    resolver: &Resolver<'_>,
    bodies: &[Body],
    f: impl Fn(&Resolver<'_>, &Body) -> T + Sync,
) -> Vec<T> {
    bodies.par_iter().map(|b| f(resolver, b)).collect()
}
