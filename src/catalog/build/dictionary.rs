//! Exports of the data dictionary as CSV: statistics of tables and columns, tables that no DDL creates. Recognised by
//! their header, whatever the file is called; the DDL goes first where both speak, and a contradiction is a finding.

use super::table::{column, exported};
use super::{Input, note};
use crate::catalog::model::{Catalog, Column, Table, TableKind};
use crate::catalog::resolve::{TypeArgs, named_type};
use crate::diag::{Code, Diagnostic};
use crate::rel::{DataType, TableName};
use crate::syntax::ast::TimeZoneKind;

/// A CSV export with a header.
pub(super) struct Export {
    pub path: String,
    header: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
    /// Lines that are not CSV.
    pub broken: Vec<u64>,
}

/// A row by column names.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    export: &'a Export,
    /// Line in the file, from 1.
    pub line: u64,
    record: &'a csv::StringRecord,
}

impl Export {
    /// Reads a text whose header names all of `needed`; None for other texts.
    pub(super) fn read(path: &str, text: &str, needed: &[&str]) -> Option<Export> {
        let all = |header: &[String]| needed.iter().all(|n| header.iter().any(|h| h == n));
        Export::read_if(path, text, &all)
    }

    /// Reads a text whose header is accepted; the rows of others are not looked at.
    pub(super) fn read_if(
        path: &str,
        text: &str,
        accept: &dyn Fn(&[String]) -> bool,
    ) -> Option<Export> {
        let first = text.trim_start_matches('\u{feff}').lines().next()?;
        let delimiter = [b',', b';', b'\t', b'|']
            .into_iter()
            .max_by_key(|d| first.bytes().filter(|b| b == d).count())?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::Headers)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let header: Vec<String> = reader
            .headers()
            .ok()?
            .iter()
            .map(|h| h.to_ascii_uppercase())
            .collect();
        if !accept(&header) {
            return None;
        }
        let (mut rows, mut broken) = (Vec::new(), Vec::new());
        for record in reader.records() {
            match record {
                Ok(r) => rows.push((r.position().map_or(0, csv::Position::line), r)),
                Err(e) => broken.push(e.position().map_or(0, csv::Position::line)),
            }
        }
        Some(Export {
            path: path.to_string(),
            header,
            rows,
            broken,
        })
    }

    /// Rows in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row {
            export: self,
            line: *line,
            record,
        })
    }

    /// A column is there.
    pub(super) fn has(&self, column: &str) -> bool {
        self.header.iter().any(|h| h == column)
    }
}

impl<'a> Row<'a> {
    /// The file.
    pub(super) fn path(self) -> &'a str {
        &self.export.path
    }

    /// A value; None if empty or absent.
    pub(super) fn get(self, column: &str) -> Option<&'a str> {
        let i = self.export.header.iter().position(|h| h == column)?;
        self.record.get(i).map(str::trim).filter(|v| !v.is_empty())
    }

    fn number<T: std::str::FromStr>(self, column: &str) -> Option<T> {
        self.get(column)?.parse().ok()
    }

    /// A finding about this row.
    pub(super) fn problem(self, code: Code, message: &str) -> Diagnostic {
        Diagnostic::new(
            code,
            format!("{}:{}: {message}", self.export.path, self.line),
        )
    }
}

/// Reads all exports: columns first, so that statistics find the tables that only an export knows.
pub(super) fn exports(input: Input<'_>, catalog: &mut Catalog) {
    let read = |needed: &[&str]| -> Vec<Export> {
        let texts = input.aux.iter();
        texts
            .filter_map(|a| Export::read(&a.path, &a.text, needed))
            .collect()
    };
    for export in read(&["OWNER", "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE"]) {
        columns(catalog, &export);
    }
    for export in read(&["OWNER", "TABLE_NAME", "NUM_ROWS"]) {
        if !export.has("COLUMN_NAME") {
            tables(catalog, &export);
        }
    }
}

fn broken(catalog: &mut Catalog, export: &Export) {
    for line in &export.broken {
        let message = format!("{}:{line}: not a row of CSV", export.path);
        note(catalog, Diagnostic::new(Code::DictionaryRow, message));
    }
}

fn tables(catalog: &mut Catalog, export: &Export) {
    broken(catalog, export);
    for row in export.rows() {
        let (Some(owner), Some(name)) = (row.get("OWNER"), row.get("TABLE_NAME")) else {
            note(
                catalog,
                row.problem(Code::DictionaryRow, "the row names no table"),
            );
            continue;
        };
        let name = TableName::new(owner, name);
        let table = catalog
            .tables
            .entry(name.clone())
            .or_insert_with(|| exported(name));
        table.rows = row.number("NUM_ROWS");
        table.avg_row_len = row.number("AVG_ROW_LEN");
    }
}

/// Rows of one table in the order of COLUMN_ID.
type TableRows<'a> = indexmap::IndexMap<TableName, Vec<(u32, Row<'a>)>>;

fn columns(catalog: &mut Catalog, export: &Export) {
    broken(catalog, export);
    let mut by_table = TableRows::new();
    for (i, row) in export.rows().enumerate() {
        match (
            row.get("OWNER"),
            row.get("TABLE_NAME"),
            row.get("COLUMN_NAME"),
        ) {
            (Some(owner), Some(table), Some(_)) => {
                let id = row.number("COLUMN_ID").unwrap_or(i as u32);
                let name = TableName::new(owner, table);
                by_table.entry(name).or_default().push((id, row));
            }
            _ => note(
                catalog,
                row.problem(Code::DictionaryRow, "the row names no column"),
            ),
        }
    }
    for (name, mut rows) in by_table {
        rows.sort_by_key(|(id, row)| (*id, row.line));
        let mut findings = Vec::new();
        let table = catalog
            .tables
            .entry(name.clone())
            .or_insert_with(|| exported(name));
        // Without columns of its own (from an export alone, a view, AS SELECT) the export's are taken.
        let bare = table.columns.is_empty() || is_view(table);
        for (_, row) in rows.iter().copied() {
            one_column(table, row, bare, &mut findings);
        }
        if !bare {
            missing(table, &rows, &mut findings);
        }
        catalog.findings.extend(findings);
    }
}

fn is_view(table: &Table) -> bool {
    matches!(table.kind, TableKind::View | TableKind::MaterializedView)
}

fn one_column(table: &mut Table, row: Row<'_>, bare: bool, findings: &mut Vec<Diagnostic>) {
    let Some(name) = row.get("COLUMN_NAME") else {
        return;
    };
    let ty = exported_type(row);
    let nullable = row.get("NULLABLE") != Some("N");
    if bare && !table.columns.contains_key(name) {
        let new = Column {
            nullable,
            ..column(name, ty.clone())
        };
        table.columns.insert(name.to_string(), new);
    }
    let Some(c) = table.columns.get_mut(name) else {
        let message = format!(
            "the export has column {name} of {}, the DDL does not; the DDL is used",
            table.name
        );
        return findings.push(contradiction(table.span, row, &message));
    };
    c.distinct = row.number("NUM_DISTINCT");
    c.nulls = row.number("NUM_NULLS");
    if matches!(c.ty, DataType::Unknown { .. }) {
        c.ty = ty;
        return;
    }
    let place = format!("{}.{name}", table.name);
    if !agree(&c.ty, &ty) {
        let message = format!(
            "{place} is {:?} in the DDL and {:?} in the export; the DDL is used",
            c.ty, ty
        );
        findings.push(contradiction(table.span, row, &message));
    }
    if c.nullable != nullable && row.get("NULLABLE").is_some() && !bare {
        let (ddl, other) = if nullable {
            ("NOT NULL", "nullable")
        } else {
            ("nullable", "NOT NULL")
        };
        let message =
            format!("{place} is {ddl} in the DDL and {other} in the export; the DDL is used");
        findings.push(contradiction(table.span, row, &message));
    }
}

fn missing(table: &Table, rows: &[(u32, Row<'_>)], findings: &mut Vec<Diagnostic>) {
    let Some((_, first)) = rows.first() else {
        return;
    };
    for c in table.columns.values() {
        let listed = rows
            .iter()
            .any(|(_, r)| r.get("COLUMN_NAME") == Some(&c.name));
        if !listed && !c.is_virtual {
            let message = format!(
                "the DDL has column {} of {}, the export does not; the DDL is used",
                c.name, table.name
            );
            findings.push(contradiction(table.span, *first, &message));
        }
    }
}

fn contradiction(span: Option<crate::source::Span>, row: Row<'_>, message: &str) -> Diagnostic {
    let finding = row.problem(Code::Contradiction, message);
    match span {
        Some(s) => finding.at(s, "the definition"),
        None => finding,
    }
}

/// DATA_TYPE with length, precision and scale.
fn exported_type(row: Row<'_>) -> DataType {
    let written = row.get("DATA_TYPE").unwrap_or("").to_ascii_uppercase();
    if written.starts_with("INTERVAL YEAR") {
        return DataType::IntervalYm;
    }
    if written.starts_with("INTERVAL DAY") {
        return DataType::IntervalDs;
    }
    let zone = if written.contains("LOCAL TIME ZONE") {
        TimeZoneKind::Local
    } else if written.contains("TIME ZONE") {
        TimeZoneKind::Zone
    } else {
        TimeZoneKind::None
    };
    let (name, in_parentheses) = match written.split_once('(') {
        Some((name, rest)) => (name, rest.split(')').next().and_then(|p| p.parse().ok())),
        None => (written.as_str(), None),
    };
    let scale = row.number("DATA_SCALE");
    let length = row
        .number("CHAR_LENGTH")
        .filter(|l| *l > 0)
        .or_else(|| row.number("DATA_LENGTH"));
    let precision = match name {
        "NUMBER" | "FLOAT" => row.number("DATA_PRECISION"),
        "TIMESTAMP" => in_parentheses,
        _ => length,
    };
    let args = TypeArgs {
        precision,
        // A NUMBER with a scale and without a precision is NUMBER(*, s).
        star: precision.is_none() && scale.is_some(),
        scale,
        zone,
    };
    named_type(name, &args).unwrap_or(DataType::Other { name: written })
}

/// The same type as far as both say: lengths of texts are bytes in the one and characters in the other.
fn agree(ddl: &DataType, export: &DataType) -> bool {
    match (ddl, export) {
        (DataType::Varchar { .. }, DataType::Varchar { .. })
        | (DataType::Char { .. }, DataType::Char { .. })
        | (DataType::Raw { .. }, DataType::Raw { .. })
        | (DataType::Other { .. }, _)
        | (_, DataType::Other { .. } | DataType::Unknown { .. })
        | (DataType::Document, _) => true,
        (
            DataType::Number { .. },
            DataType::Number {
                scale: Some(0),
                precision: None | Some(38),
            },
        ) => {
            // INTEGER is exported as NUMBER with scale 0.
            matches!(ddl, DataType::Number { scale: Some(0), .. })
        }
        (a, b) => a == b,
    }
}
