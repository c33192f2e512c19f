//! An estate's tables as its own files describe them: columns from the dictionary export,
//! keys from the text of the DDL, rows from CSV. Read here by the simplest means, and by none
//! of the library's.

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
        let keys = primary_keys(&folder.join("ddl"))?;
        let mut tables: BTreeMap<String, TableDef> = BTreeMap::new();
        for line in csv_rows(&folder.join("dictionary").join("columns.csv"))? {
            let of = |column: &str| line.get(column).map(String::as_str).unwrap_or_default();
            let table = tables
                .entry(of("TABLE_NAME").to_owned())
                .or_insert_with(|| {
                    let key: Vec<&str> = keys
                        .get(of("TABLE_NAME"))
                        .map(|k| k.iter().map(String::as_str).collect())
                        .unwrap_or_default();
                    TableDef::new(of("OWNER"), of("TABLE_NAME"), &key, &[])
                });
            table
                .columns
                .push((of("COLUMN_NAME").to_owned(), kind(of("DATA_TYPE"))));
        }
        Ok(Self { folder, tables })
    }

    /// The shape of a table.
    pub fn table(&self, name: &str) -> Live<&TableDef> {
        self.tables
            .get(name)
            .ok_or_else(|| failed(format!("the dictionary export lacks {name}")))
    }

    /// The shapes of all tables.
    pub fn tables(&self) -> impl Iterator<Item = &TableDef> {
        self.tables.values()
    }

    /// The rows of a table's CSV file.
    pub fn rows(&self, name: &str) -> Live<Vec<Row>> {
        let def = self.table(name)?;
        let file = self.folder.join("data").join(format!("{name}.csv"));
        let rows = csv_rows(&file)?;
        Ok(rows.into_iter().map(|line| typed(def, &line)).collect())
    }
}

fn typed(def: &TableDef, line: &BTreeMap<String, String>) -> Row {
    let value = |column: &str, kind: Kind| {
        let field = line.get(column).map(String::as_str).unwrap_or_default();
        match kind {
            Kind::Number => number(field),
            Kind::Text => text(field),
            Kind::Date | Kind::Timestamp(_) => date(field),
        }
    };
    let columns = def.columns.iter();
    columns
        .map(|(name, kind)| (name.clone(), value(name, *kind)))
        .collect()
}

/// `DATA_TYPE` of the dictionary: `NUMBER`, `DATE`, `TIMESTAMP(6)`, character types.
fn kind(data_type: &str) -> Kind {
    if let Some(rest) = data_type.strip_prefix("TIMESTAMP(") {
        let digits = rest
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>();
        return Kind::Timestamp(digits.parse().unwrap_or(6));
    }
    match data_type {
        "NUMBER" | "FLOAT" => Kind::Number,
        "DATE" => Kind::Date,
        _ => Kind::Text,
    }
}

/// Lines of a CSV file by column name. The empty field is NULL.
fn csv_rows(file: &Path) -> Live<Vec<BTreeMap<String, String>>> {
    let wrong = |e: csv::Error| failed(format!("{}: {e}", file.display()));
    let mut reader = csv::Reader::from_path(file).map_err(wrong)?;
    let names = reader.headers().map_err(wrong)?.clone();
    let mut rows = Vec::new();
    for line in reader.records() {
        let line = line.map_err(wrong)?;
        let fields = names.iter().zip(line.iter());
        rows.push(fields.map(|(n, v)| (n.to_owned(), v.to_owned())).collect());
    }
    Ok(rows)
}

/// Key columns by table, upper case: the text between `PRIMARY KEY (` and `)` in each
/// `CREATE TABLE`.
fn primary_keys(folder: &Path) -> Live<BTreeMap<String, Vec<String>>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .collect();
    files.sort();
    let mut keys = BTreeMap::new();
    for file in files {
        let ddl = std::fs::read_to_string(&file)?.to_uppercase();
        for table in ddl.split("CREATE TABLE ").skip(1) {
            let name = table.split([' ', '(', '\n']).next().unwrap_or_default();
            let name = name.rsplit('.').next().unwrap_or_default();
            let columns = table
                .split_once("PRIMARY KEY (")
                .and_then(|(_, rest)| rest.split_once(')'))
                .map(|(columns, _)| columns.split(',').map(|c| c.trim().to_owned()).collect());
            keys.insert(name.to_owned(), columns.unwrap_or_default());
        }
    }
    Ok(keys)
}

/// A row as result topics write it: key object and value object.
pub fn result_row(def: &TableDef, row: &Row) -> (crate::exact::Json, crate::exact::Json) {
    let object = |columns: &mut dyn Iterator<Item = &String>| {
        crate::exact::Json::Object(
            columns
                .map(|c| (c.clone(), super::json(row.get(c).unwrap_or(&Value::Null))))
                .collect(),
        )
    };
    (
        object(&mut def.key.iter()),
        object(&mut def.columns.iter().map(|(name, _)| name)),
    )
}
