//! A user's own rows: a CSV file a table, exported from Oracle or written by hand.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::catalog::model::{Catalog, Column, DataType, Table};
use crate::cli::exit::Failure;
use crate::diag::Code;
use crate::prove::compare::Given;
use crate::value::moment::Moment;
use crate::value::{Number, Value, from_moment};

/// Reads the files of a folder that are named after tables of the catalogue.
pub fn read(dir: &Path, catalog: &Catalog) -> Result<Given, Failure> {
    let wrong = |e: &dyn std::fmt::Display| {
        Failure::new(Code::SourceUnreadable, format!("{}: {e}", dir.display()))
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
        .map_err(|e| wrong(&e))?;
    paths.sort();
    let mut out = Given::new();
    for path in paths {
        if let Some(table) = table_of(&path, catalog) {
            out.push((table.name.clone(), rows(&path, table)?));
        }
    }
    if out.is_empty() {
        let none = Failure::new(
            Code::SourceUnreadable,
            format!("{} holds no file of a known table", dir.display()),
        );
        return Err(none.help("name the files TABLE.csv or SCHEMA.TABLE.csv"));
    }
    Ok(out)
}

fn table_of<'c>(path: &Path, catalog: &'c Catalog) -> Option<&'c Table> {
    let csv = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let name = path.file_stem()?.to_str()?.to_uppercase();
    let named = |t: &&Table| t.name.name == name || t.name.to_string() == name;
    csv.then(|| catalog.tables.values().find(named)).flatten()
}

fn rows(path: &Path, table: &Table) -> Result<Vec<Vec<Value>>, Failure> {
    let wrong = |line: usize, e: &dyn std::fmt::Display| {
        let message = format!("{}, line {line}: {e}", path.display());
        Failure::new(Code::SourceUnreadable, message)
    };
    let mut reader = csv::ReaderBuilder::new()
        .from_path(path)
        .map_err(|e| wrong(1, &e))?;
    let header = reader.headers().map_err(|e| wrong(1, &e))?.clone();
    let names: Vec<String> = header
        .iter()
        .map(|h| h.trim_start_matches('\u{feff}').trim().to_uppercase())
        .collect();
    if let Some(odd) = names.iter().find(|n| !table.columns.contains_key(*n)) {
        return Err(wrong(1, &format!("{} has no column {odd}", table.name)));
    }
    let mut out = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|e| wrong(at + 2, &e))?;
        let cell = |c: &Column| {
            let place = names.iter().position(|n| *n == c.name);
            place.and_then(|p| record.get(p)).unwrap_or("")
        };
        let columns = table.columns.values();
        let row: Result<Vec<Value>, String> = columns.map(|c| value(cell(c), c)).collect();
        out.push(row.map_err(|e| wrong(at + 2, &e))?);
    }
    Ok(out)
}

/// A cell as its column holds it; an empty one is NULL.
fn value(text: &str, column: &Column) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let wrong = || format!("{}: `{text}` does not fit the column's type", column.name);
    let moment = || {
        let moment = Moment::parse_iso(text.trim().as_bytes()).ok();
        moment.and_then(|m| from_moment(&m)).ok_or_else(wrong)
    };
    match &column.ty {
        DataType::Number { .. }
        | DataType::Float { .. }
        | DataType::BinaryFloat
        | DataType::BinaryDouble => {
            let number = Number::from_str(text.trim()).map_err(|_| wrong())?;
            Ok(Value::Number(number))
        }
        DataType::Date => moment().map(Value::Date),
        DataType::Timestamp { .. } => moment().map(Value::Timestamp),
        DataType::Varchar { .. }
        | DataType::Char { .. }
        | DataType::Clob
        | DataType::Raw { .. }
        | DataType::TimestampTz { .. }
        | DataType::TimestampLtz { .. }
        | DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Blob
        | DataType::Document
        | DataType::Boolean
        | DataType::Other { .. }
        | DataType::Unknown { .. } => Ok(Value::text(text)),
    }
}
