//! Writes in routines and bodies that a later definition of the same name replaced: they never run, and are
//! still accounted for.

use std::collections::BTreeSet;

use super::Cx;
use crate::assess::model::{OtherReason, OtherWrite, WriteKind};
use crate::catalog::model::UnitRef;
use crate::syntax::ast::{DmlVerb, ItemKind};
use crate::syntax::{CensusWrite, Unit, WriteVerb, census_unit};

/// One entry a write, in order of place.
pub(super) fn writes(cx: &Cx<'_>) -> Vec<OtherWrite> {
    let used: BTreeSet<UnitRef> = cx.on.catalog.routines.iter().map(|r| r.unit).collect();
    let definitions = definitions(cx);
    let names: BTreeSet<&String> = definitions
        .iter()
        .filter(|(at, ..)| used.contains(at))
        .map(|(_, name, _)| name)
        .collect();
    definitions
        .iter()
        // What nothing replaces was lost: then the gate must fail.
        .filter(|(at, name, _)| !used.contains(at) && names.contains(name))
        .flat_map(|(_, name, unit)| {
            let writes = census_unit(unit).writes;
            writes.into_iter().map(|w| one(cx, &w, name))
        })
        .collect()
}

/// Units that define routines, with what they define.
fn definitions<'a>(cx: &Cx<'a>) -> Vec<(UnitRef, String, &'a Unit)> {
    let mut found = Vec::new();
    for (f, file) in cx.on.files.iter().enumerate() {
        for (u, unit) in file.units.iter().enumerate() {
            let at = UnitRef {
                file: f as u32,
                unit: u as u32,
            };
            found.extend(name(cx, unit).map(|name| (at, name, unit)));
        }
    }
    found
}

fn name(cx: &Cx<'_>, unit: &Unit) -> Option<String> {
    let ast = &unit.ast;
    let parts = match ast[unit.item].kind {
        ItemKind::CreatePackageBody { name, .. } | ItemKind::CreateTypeBody { name, .. } => {
            ast.parts(ast[name].parts)
        }
        ItemKind::CreateRoutine { owner, routine } => {
            let owner = owner.map(|o| ast.ident(o));
            owner
                .into_iter()
                .chain([ast.ident(ast[routine].name)])
                .collect()
        }
        _ => return None,
    };
    Some(match parts.as_slice() {
        [alone] => format!("{}.{alone}", cx.on.catalog.default_schema),
        several => several.join("."),
    })
}

fn one(cx: &Cx<'_>, write: &CensusWrite, unit: &str) -> OtherWrite {
    let place = cx.place(write.span);
    OtherWrite {
        line: place.line,
        end_line: place.end_line,
        unit: unit.to_string(),
        kind: kind(write.verb),
        table: None,
        reason: OtherReason::Replaced,
        file: place.file,
    }
}

fn kind(verb: WriteVerb) -> WriteKind {
    match verb {
        WriteVerb::Dml(DmlVerb::Insert) => WriteKind::Insert,
        WriteVerb::Dml(DmlVerb::Update) => WriteKind::Update,
        WriteVerb::Dml(DmlVerb::Delete) => WriteKind::Delete,
        WriteVerb::Dml(DmlVerb::Merge) => WriteKind::Merge,
        WriteVerb::Truncate => WriteKind::Truncate,
    }
}
