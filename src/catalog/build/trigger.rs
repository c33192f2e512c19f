//! Triggers: who fires on what, and their bodies as routines.

use indexmap::IndexMap;

use super::names::object;
use super::package::{from_block, nested};
use super::{Input, note};
use crate::catalog::model::{Catalog, RoutineId, Trigger, UnitRef};
use crate::diag::{Code, Diagnostic};
use crate::rel::TableName;
use crate::syntax::View;
use crate::syntax::ast::{Id, ItemKind, TriggerDef};

/// Reads all triggers; of several of one name the last.
pub(super) fn triggers(input: Input<'_>, catalog: &mut Catalog) {
    let first = catalog.routines.len();
    let mut found = IndexMap::new();
    for (unit, view) in input.units() {
        if let ItemKind::CreateTrigger(def) = view.ast()[view.unit.item].kind {
            trigger(catalog, &mut found, unit, view, def);
        }
    }
    catalog.triggers = found.into_values().collect();
    nested(input, catalog, first);
}

fn trigger(
    catalog: &mut Catalog,
    found: &mut IndexMap<TableName, Trigger>,
    unit: UnitRef,
    view: View<'_>,
    id: Id<TriggerDef>,
) {
    let ast = view.ast();
    let def = ast[id];
    let name = object(view, def.name, &catalog.default_schema);
    let routine_name = format!("<trigger {}>", name.name);
    let mut routines = Vec::new();
    for body in def.bodies.ids() {
        routines.push(RoutineId(catalog.routines.len() as u32));
        let routine = from_block(view, unit, body, routine_name.clone(), &name.schema);
        catalog.routines.push(routine);
    }
    let new = Trigger {
        table: def.on.map(|on| object(view, on, &name.schema)),
        routines,
        each_row: def.each_row,
        on_insert: def.on_insert,
        on_update: def.on_update,
        on_delete: def.on_delete,
        name: name.clone(),
    };
    if let Some(old) = found.insert(name.clone(), new) {
        for id in old.routines {
            catalog.routines[id.0 as usize].replaced = true;
        }
        let message =
            format!("trigger {name} is created more than once; the last definition is used");
        let finding = Diagnostic::new(Code::DuplicateObject, message);
        note(catalog, finding.at(view.unit.span, "used"));
    }
}
