//! Debezium's envelope: what one change of one row looks like as Kafka records.

use super::database::TableDef;
use super::value::Row;
use crate::kafka::Record;
use serde_json::{Map, Value as Json, json};

/// Where a change stands in the redo stream.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// System change number of the change; its commit has the next one.
    pub scn: u64,
    /// Wall clock of the change, milliseconds.
    pub millis: i64,
}

/// A change of one row.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Read by the snapshot.
    Read(&'a Row),
    /// INSERT.
    Create(&'a Row),
    /// UPDATE: before and after.
    Update(&'a Row, &'a Row),
    /// DELETE.
    Delete(&'a Row),
}

/// The records for one change. A delete is followed by a tombstone; a changed key is a
/// delete, its tombstone and a create.
pub fn records(prefix: &str, table: &TableDef, change: Change<'_>, at: Position) -> Vec<Record> {
    let event = |op: &str, key_of: &Row, before: Option<&Row>, after: Option<&Row>| Record {
        topic: table.topic(prefix),
        key: (!table.key.is_empty()).then(|| image(table, key_of, true).to_string()),
        value: Some(value(prefix, table, op, before, after, at).to_string()),
    };
    let gone = |row: &Row| {
        let mut tombstone = event("d", row, Some(row), None);
        let delete = tombstone.clone();
        tombstone.value = None;
        vec![delete, tombstone]
    };
    match change {
        Change::Read(row) => vec![event("r", row, None, Some(row))],
        Change::Create(row) => vec![event("c", row, None, Some(row))],
        Change::Delete(row) => gone(row),
        Change::Update(old, new) if table.key_of(old) == table.key_of(new) => {
            vec![event("u", new, Some(old), Some(new))]
        }
        Change::Update(old, new) => {
            let mut all = gone(old);
            all.push(event("c", new, None, Some(new)));
            all
        }
    }
}

/// The columns of a row, all or those of the key, in the order of the table.
fn image(table: &TableDef, row: &Row, key_only: bool) -> Json {
    let mut members = Map::new();
    for (name, kind) in &table.columns {
        if !key_only || table.key.contains(name) {
            let value = row.get(name).map_or(Json::Null, |v| v.to_debezium(*kind));
            members.insert(name.clone(), value);
        }
    }
    Json::Object(members)
}

fn value(
    prefix: &str,
    table: &TableDef,
    op: &str,
    before: Option<&Row>,
    after: Option<&Row>,
    at: Position,
) -> Json {
    let side = |row: Option<&Row>| row.map_or(Json::Null, |r| image(table, r, false));
    json!({
        "before": side(before),
        "after": side(after),
        "source": {
            "version": "3.6.1.Final",
            "connector": "oracle",
            "name": prefix,
            "ts_ms": at.millis,
            "snapshot": if op == "r" { "true" } else { "false" },
            "db": "ORCLPDB1",
            "sequence": null,
            "ts_us": at.millis * 1_000,
            "ts_ns": at.millis * 1_000_000,
            "schema": table.schema,
            "table": table.name,
            "txId": format!("{:016x}", at.scn),
            "scn": at.scn.to_string(),
            "commit_scn": (at.scn + 1).to_string(),
            "lcr_position": null,
            "rs_id": " 0x000001.00000002.0003 ",
            "ssn": 0,
            "redo_thread": 1,
            "user_name": table.schema,
            "redo_sql": null,
            "row_id": "AAASmYAAHAAAAFvAAA",
            "commit_ts_ms": at.millis,
            "start_scn": at.scn.to_string(),
            "start_ts_ms": at.millis,
            "txSeq": 1
        },
        "transaction": null,
        "op": op,
        "ts_ms": at.millis,
        "ts_us": at.millis * 1_000,
        "ts_ns": at.millis * 1_000_000
    })
}
