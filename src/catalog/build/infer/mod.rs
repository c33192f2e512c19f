//! Tables that no definition states, taken from the code that uses them: names first, then columns, types and keys, each
//! with the places that show it. Also columns that a definition lacks, and keys that the code relies on. What is found
//! here is an assumption: whoever plans with it has to show it. Must not know what is planned.

mod bodies;
mod choose;
mod columns;
mod keys;
mod missing;
mod sight;
mod types;

#[cfg(test)]
mod tests;

use bodies::Body;

use super::{Input, by_name, note};
use crate::catalog::model::{Catalog, Inferred};
use crate::catalog::resolve::Resolver;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// More places than these are not kept.
const MAX_PLACES: usize = 6;

/// Adds the tables that no definition states, without columns. Gives the code to look at.
pub(super) fn missing(input: Input<'_>, catalog: &mut Catalog) -> Vec<Body> {
    let bodies = missing::add(input, catalog);
    by_name(catalog);
    bodies
}

/// Adds inferred columns and keys to a catalogue whose definitions and exports are read.
pub(super) fn columns_and_keys(input: Input<'_>, catalog: &mut Catalog, bodies: &[Body]) {
    let found = {
        let resolver = Resolver::new(input.map, input.files, catalog);
        bodies::each(&resolver, bodies, columns::of_body)
    };
    columns::apply(input, catalog, found);
    let (types, keys) = {
        let resolver = Resolver::new(input.map, input.files, catalog);
        let all = bodies::each(&resolver, bodies, |r, b| {
            (types::of_body(r, b), keys::of_body(r, b))
        });
        all.into_iter().unzip::<_, _, Vec<_>, Vec<_>>()
    };
    choose::types(catalog, types);
    keys::choose(catalog, keys);
    report(catalog);
}

/// One finding a table.
fn report(catalog: &mut Catalog) {
    let mut findings = Vec::new();
    for t in catalog.tables.values() {
        let Some(inferred) = &t.inferred else {
            continue;
        };
        let columns: Vec<&str> = t.columns.keys().map(String::as_str).collect();
        let message = format!(
            "{} has no definition in the input; its columns are taken from the code: {}",
            t.name,
            if columns.is_empty() {
                "none is named".to_string()
            } else {
                columns.join(", ")
            }
        );
        let mut finding = Diagnostic::new(Code::TableInferred, message).help(
            "Add its DDL, or an export of ALL_TAB_COLUMNS and of its constraints: that confirms or corrects columns, types and key.",
        );
        if let Some(first) = inferred.spans.first() {
            finding = finding.at(*first, "used here");
        }
        findings.push(finding);
    }
    for f in findings {
        note(catalog, f);
    }
}

/// Evidence with its first places.
fn inferred(note: impl Into<String>, spans: impl IntoIterator<Item = Span>) -> Inferred {
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort_by_key(|s| (s.file, s.start, s.end));
    spans.dedup();
    spans.truncate(MAX_PLACES);
    Inferred {
        note: note.into(),
        spans,
    }
}
