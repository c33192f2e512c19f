//! An estate's tables as its own files describe them: columns and keys from the text of the
//! DDL, rows from CSV. Read here by the simplest means, and by none of the library's: one
//! column a line, as the samples are written.

use crate::exact::Json;
use crate::harness::{Live, failed};
use crate::oracle::{Kind, Row, TableDef, Value, date, number, text};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The tables of one sample.
pub struct Sample {
    folder: PathBuf,
    tables: BTreeMap<String, TableDef>,
}

impl Sample {
    /// Reads the shapes of `samples/<name>`.
    pub fn read(name: &str) -> Live<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples")
            .join(name);
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("ddl"))?
            .filter_map(Result::ok)
            .map(|e| e.path())
            .collect();
        files.sort();
        let mut tables = BTreeMap::new();
        for file in files {
            let ddl = decoded(&file)?;
            for statement in ddl.split("CREATE TABLE ").skip(1) {
                let def = table(statement);
                tables.insert(def.name.clone(), def);
            }
        }
        Ok(Self { folder, tables })
    }

    /// The shape of a table.
    pub fn table(&self, name: &str) -> Live<&TableDef> {
        self.tables
            .get(name)
            .ok_or_else(|| failed(format!("the sample's DDL lacks {name}")))
    }

    /// The shapes of all tables.
    pub fn tables(&self) -> impl Iterator<Item = &TableDef> {
        self.tables.values()
    }

    /// The rows of a table's CSV file; none when there is no such file.
    pub fn rows(&self, name: &str) -> Live<Vec<Row>> {
        let def = self.table(name)?;
        let file = self.folder.join("data").join(format!("{name}.csv"));
        if !file.is_file() {
            return Ok(Vec::new());
        }
        let rows = csv_rows(&decoded(&file)?).map_err(|e| failed(format!("{name}.csv: {e}")))?;
        Ok(rows.into_iter().map(|line| typed(def, &line)).collect())
    }
}

/// A text file in UTF-8 or, when it is not that, in the code page of Japanese Windows.
fn decoded(file: &Path) -> Live<String> {
    let bytes = std::fs::read(file)?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|e| encoding_rs::SHIFT_JIS.decode(e.as_bytes()).0.into_owned()))
}

/// The table whose `CREATE TABLE` goes on with `statement`: a line `NAME TYPE ...` each
/// column, up to the line that closes the bracket.
fn table(statement: &str) -> TableDef {
    let (name, body) = statement.split_once('(').unwrap_or((statement, ""));
    let (schema, name) = name.trim().split_once('.').unwrap_or(("", name.trim()));
    let mut def = TableDef::new(&identifier(schema), &identifier(name), &[], &[]);
    for line in body.lines().take_while(|l| !l.starts_with(')')) {
        let mut words = line.split_whitespace();
        let (Some(first), Some(second)) = (words.next(), words.next()) else {
            continue;
        };
        if let Some((_, rest)) = line.split_once("PRIMARY KEY (") {
            let columns = rest.split_once(')').map_or("", |(columns, _)| columns);
            def.key = columns.split(',').map(|c| identifier(c.trim())).collect();
        } else if first != "CONSTRAINT" && !first.starts_with("--") {
            def.columns.push((identifier(first), kind(second)));
        }
    }
    def
}

/// A name as the dictionary holds it: quoted as written, else in capitals.
fn identifier(name: &str) -> String {
    match name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => name.to_uppercase(),
    }
}

fn typed(def: &TableDef, line: &BTreeMap<String, String>) -> Row {
    let value = |column: &str, kind: Kind| {
        let field = line.get(column).map(String::as_str).unwrap_or_default();
        match kind {
            Kind::Number => number(field),
            Kind::Text | Kind::Char => text(field),
            Kind::Date | Kind::Timestamp(_) => date(field),
        }
    };
    let columns = def.columns.iter();
    columns
        .map(|(name, kind)| (name.clone(), value(name, *kind)))
        .collect()
}

/// The beginning of a type: `NUMBER(10,4)`, `DATE`, `TIMESTAMP(6)`, character types.
fn kind(data_type: &str) -> Kind {
    if let Some(rest) = data_type.strip_prefix("TIMESTAMP(") {
        let digits = rest
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>();
        return Kind::Timestamp(digits.parse().unwrap_or(6));
    }
    if data_type.starts_with("NUMBER") {
        Kind::Number
    } else if data_type.starts_with("DATE") {
        Kind::Date
    } else if data_type.starts_with("CHAR") {
        Kind::Char
    } else {
        Kind::Text
    }
}

/// Lines of a CSV text by column name. The empty field is NULL.
fn csv_rows(content: &str) -> Result<Vec<BTreeMap<String, String>>, csv::Error> {
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let names = reader.headers()?.clone();
    let mut rows = Vec::new();
    for line in reader.records() {
        let line = line?;
        let fields = names.iter().zip(line.iter());
        rows.push(fields.map(|(n, v)| (n.to_owned(), v.to_owned())).collect());
    }
    Ok(rows)
}

/// A row as result topics write it: key object and value object.
pub fn result_row(def: &TableDef, row: &Row) -> (Json, Json) {
    let member = |(name, kind): &(String, Kind)| {
        let value = row.get(name).unwrap_or(&Value::Null);
        let value = match (kind, value) {
            (Kind::Char, Value::Text(padded)) => text(padded.trim_end_matches(' ')),
            _ => value.clone(),
        };
        (name.clone(), super::json(&value))
    };
    let key = def
        .columns
        .iter()
        .filter(|(name, _)| def.key.contains(name));
    (
        Json::Object(key.map(member).collect()),
        Json::Object(def.columns.iter().map(member).collect()),
    )
}
