//! Tables in memory. Each change answers the records that it leaves in the change topics.

use super::envelope::{self, Change, Position};
use super::value::{Kind, Row, Value};
use crate::harness::{Live, failed};
use crate::kafka::Record;
use std::collections::BTreeMap;

/// A table's shape.
#[derive(Clone, Debug)]
pub struct TableDef {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Primary key columns.
    pub key: Vec<String>,
    /// Columns in their order.
    pub columns: Vec<(String, Kind)>,
}

impl TableDef {
    /// A shape from literals; `key` columns are those so named.
    pub fn new(schema: &str, name: &str, key: &[&str], columns: &[(&str, Kind)]) -> Self {
        Self {
            schema: schema.to_owned(),
            name: name.to_owned(),
            key: key.iter().map(|k| (*k).to_owned()).collect(),
            columns: columns.iter().map(|(n, k)| ((*n).to_owned(), *k)).collect(),
        }
    }

    /// The change topic of this table: Debezium puts `_` for what a topic name cannot hold.
    pub fn topic(&self, prefix: &str) -> String {
        let name = format!("{prefix}.{}.{}", self.schema, self.name);
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        name.chars()
            .map(|c| if allowed(c) { c } else { '_' })
            .collect()
    }

    /// The values of the key columns; of all columns where there is no key.
    pub fn key_of(&self, row: &Row) -> Vec<Value> {
        let all = || self.columns.iter().map(|(name, _)| name).collect();
        let key: Vec<&String> = if self.key.is_empty() {
            all()
        } else {
            self.key.iter().collect()
        };
        key.into_iter()
            .map(|k| row.get(k).cloned().unwrap_or(Value::Null))
            .collect()
    }
}

/// Rows of one table by key.
struct Contents {
    def: TableDef,
    rows: BTreeMap<Vec<Value>, Row>,
}

/// The database.
pub struct Database {
    prefix: String,
    tables: BTreeMap<String, Contents>,
    scn: u64,
}

impl Database {
    /// Empty tables of these shapes; `prefix` is the topics' prefix.
    pub fn new(prefix: &str, tables: impl IntoIterator<Item = TableDef>) -> Self {
        let contents = |def: TableDef| {
            (
                def.name.clone(),
                Contents {
                    def,
                    rows: BTreeMap::new(),
                },
            )
        };
        Self {
            prefix: prefix.to_owned(),
            tables: tables.into_iter().map(contents).collect(),
            scn: 1_000,
        }
    }

    /// The prefix of the topics.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The present rows of a table.
    pub fn rows(&self, table: &str) -> impl Iterator<Item = &Row> {
        self.tables
            .get(table)
            .into_iter()
            .flat_map(|t| t.rows.values())
    }

    /// The row with this key.
    pub fn get(&self, table: &str, key: &[Value]) -> Option<&Row> {
        self.tables.get(table)?.rows.get(key)
    }

    /// A row that was there before the connector started.
    pub fn snapshot(&mut self, table: &str, row: Row) -> Live<Vec<Record>> {
        self.add(table, row, true)
    }

    /// INSERT.
    pub fn insert(&mut self, table: &str, row: Row) -> Live<Vec<Record>> {
        self.add(table, row, false)
    }

    fn add(&mut self, table: &str, row: Row, snapshot: bool) -> Live<Vec<Record>> {
        let at = self.next_position();
        let prefix = self.prefix.clone();
        let contents = self.contents(table)?;
        let key = contents.def.key_of(&row);
        let change = if snapshot {
            Change::Read(&row)
        } else {
            Change::Create(&row)
        };
        let records = envelope::records(&prefix, &contents.def, change, at);
        if contents.rows.insert(key.clone(), row).is_some() {
            return Err(failed(format!("{table}: key {key:?} is there already")));
        }
        Ok(records)
    }

    /// UPDATE of the row with this key; a changed key column is a change of key.
    pub fn update(&mut self, table: &str, key: &[Value], changes: &Row) -> Live<Vec<Record>> {
        let at = self.next_position();
        let prefix = self.prefix.clone();
        let contents = self.contents(table)?;
        let old = contents
            .rows
            .remove(key)
            .ok_or_else(|| failed(format!("{table}: no row {key:?}")))?;
        let mut new = old.clone();
        new.extend(changes.clone());
        let records = envelope::records(&prefix, &contents.def, Change::Update(&old, &new), at);
        contents.rows.insert(contents.def.key_of(&new), new);
        Ok(records)
    }

    /// DELETE of the row with this key.
    pub fn delete(&mut self, table: &str, key: &[Value]) -> Live<Vec<Record>> {
        let at = self.next_position();
        let prefix = self.prefix.clone();
        let contents = self.contents(table)?;
        let old = contents
            .rows
            .remove(key)
            .ok_or_else(|| failed(format!("{table}: no row {key:?}")))?;
        Ok(envelope::records(
            &prefix,
            &contents.def,
            Change::Delete(&old),
            at,
        ))
    }

    fn contents(&mut self, table: &str) -> Live<&mut Contents> {
        self.tables
            .get_mut(table)
            .ok_or_else(|| failed(format!("no table {table}")))
    }

    /// Every change is a commit of its own here.
    fn next_position(&mut self) -> Position {
        self.scn += 2;
        Position {
            scn: self.scn,
            millis: 1_700_000_000_000 + self.scn as i64 * 1_000,
        }
    }
}
