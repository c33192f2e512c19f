//! A table as rows by key, the way a result topic holds it, and comparison of two.

use crate::exact::Json;
use crate::harness::{Live, failed};
use crate::kafka::Record;
use std::collections::BTreeMap;

/// Rows by key; key and row are JSON objects by column name.
pub type Table = BTreeMap<Json, Json>;

/// What a sink does with a tombstone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// Deletes the row.
    Delete,
    /// Keeps the row as it was last.
    Keep,
}

/// The state that a sink would hold after all of `records`, in their order.
pub fn latest(records: &[Record], on_delete: OnDelete) -> Live<Table> {
    let mut table = Table::new();
    for record in records {
        let parse = |text: &str| {
            Json::parse(text).map_err(|e| failed(format!("topic {}: {e}", record.topic)))
        };
        let key = record
            .key
            .as_deref()
            .ok_or_else(|| failed(format!("topic {}: a record without key", record.topic)))?;
        let key = parse(key)?;
        match &record.value {
            Some(value) => {
                table.insert(key, parse(value)?);
            }
            None if on_delete == OnDelete::Delete => {
                table.remove(&key);
            }
            None => {}
        }
    }
    Ok(table)
}

/// `table` without the columns that cannot be equal (written from the clock or the session).
pub fn without(table: &Table, columns: &[&str]) -> Table {
    let strip = |row: &Json| match row {
        Json::Object(members) => {
            let kept = members
                .iter()
                .filter(|(n, _)| !columns.contains(&n.as_str()));
            Json::Object(kept.map(|(n, v)| (n.clone(), v.clone())).collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => row.clone(),
    };
    table.iter().map(|(k, v)| (k.clone(), strip(v))).collect()
}

/// What differs, one line a key; nothing when the tables are equal.
pub fn difference(expected: &Table, actual: &Table) -> Option<String> {
    let mut lines = Vec::new();
    for (key, row) in expected {
        match actual.get(key) {
            Some(found) if found == row => {}
            Some(found) => lines.push(format!("{key}: expected {row}\n    found    {found}")),
            None => lines.push(format!("{key}: expected {row}\n    not there")),
        }
    }
    for (key, row) in actual
        .iter()
        .filter(|(key, _)| !expected.contains_key(*key))
    {
        lines.push(format!("{key}: not expected: {row}"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
