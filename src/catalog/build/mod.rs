//! Builds the catalogue from trees, dictionary exports and schedules. Pure: texts in, catalogue out.

mod assumed;
mod ddl;
mod dictionary;
mod external;
mod infer;
mod job;
mod names;
mod package;
mod table;
mod trigger;
mod view;

#[cfg(test)]
pub(in crate::catalog) mod tests;

use super::model::{Catalog, UnitRef};
use crate::diag::Diagnostic;
use crate::source::{SourceMap, Span};
use crate::syntax::{ParsedFile, View};

/// A file of the input that is not SQL: crontab, shell script, CSV export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuxText {
    /// Path relative to the input, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the project file says about the estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogConfig {
    /// Schemas; the first is that of unqualified names.
    pub schemas: Vec<String>,
    /// Entry points named by hand: `pkg.proc`, `schema.pkg.proc(TRUNC(SYSDATE) - 1)`.
    pub entry_points: Vec<String>,
    /// Files that hold schedules, relative to the input: read as crontab when their name does not say what they are.
    pub schedule_files: Vec<String>,
}

/// The input of all builders.
#[derive(Clone, Copy)]
struct Input<'a> {
    map: &'a SourceMap,
    files: &'a [ParsedFile],
    aux: &'a [AuxText],
    config: &'a CatalogConfig,
}

impl<'a> Input<'a> {
    /// A unit with its text.
    fn view(self, unit: UnitRef) -> View<'a> {
        let file = &self.files[unit.file as usize];
        View::new(self.map, &file.units[unit.unit as usize])
    }

    /// A unit's place.
    fn span(self, unit: UnitRef) -> Span {
        self.view(unit).unit.span
    }

    /// All units in order.
    fn units(self) -> impl Iterator<Item = (UnitRef, View<'a>)> {
        self.files.iter().enumerate().flat_map(move |(f, file)| {
            file.units.iter().enumerate().map(move |(u, unit)| {
                let unit_ref = UnitRef {
                    file: f as u32,
                    unit: u as u32,
                };
                (unit_ref, View::new(self.map, unit))
            })
        })
    }
}

/// Builds the catalogue of an estate.
pub fn build(
    map: &SourceMap,
    files: &[ParsedFile],
    aux: &[AuxText],
    config: &CatalogConfig,
) -> Catalog {
    let input = Input {
        map,
        files,
        aux,
        config,
    };
    let mut catalog = Catalog {
        default_schema: names::default_schema(input),
        unqualified: names::unqualified(input),
        ..Catalog::default()
    };
    ddl::objects(input, &mut catalog);
    package::routines(input, &mut catalog);
    trigger::triggers(input, &mut catalog);
    table::column_types(input, &mut catalog);
    dictionary::exports(input, &mut catalog);
    by_name(&mut catalog);
    let code = infer::missing(input, &mut catalog);
    if !code.is_empty() {
        view::known_columns(input, &mut catalog);
        infer::columns_and_keys(input, &mut catalog, &code);
    }
    view::columns(input, &mut catalog);
    package::parameter_types(input, &mut catalog);
    job::jobs(input, &mut catalog);
    assumed::schemas(input, &mut catalog);
    catalog
}

/// The SQL that a shell script passes to SQL*Plus itself (here-documents), if it holds statements of its own: a text
/// of the same length with everything else blank. As a source of the script's path it makes them part of the estate;
/// the script stays among the [`AuxText`]s.
pub fn embedded_sql(text: &str) -> Option<String> {
    job::embedded(text)
}

/// Indexes the tables by their name alone.
fn by_name(catalog: &mut Catalog) {
    catalog.tables_by_name.clear();
    for name in catalog.tables.keys() {
        let same = catalog.tables_by_name.entry(name.name.clone());
        same.or_default().push(name.clone());
    }
}

/// Appends a finding.
fn note(catalog: &mut Catalog, finding: Diagnostic) {
    catalog.findings.push(finding);
}
