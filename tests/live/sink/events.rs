//! A table of an Oracle database in change events: random changes, what Debezium writes of them, and what the table
//! holds in the end. Independent of the sink's own reading.

use crate::kafka::Record;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a change does not carry.
pub const UNAVAILABLE: &str = "__debezium_unavailable_value";

/// A row; the key is (GRP, ID) in Cassandra and ID in Oracle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Group: a partition of the table, and a column that changes.
    pub grp: i32,
    /// NUMBER(38), as text.
    pub big: Option<String>,
    /// DATE, milliseconds.
    pub at: Option<i64>,
    /// Text.
    pub name: Option<String>,
    /// CLOB.
    pub note: Option<String>,
}

/// The database and what was written of it.
pub struct Database {
    topic: String,
    rows: BTreeMap<i64, Row>,
    scn: u64,
    random: fastrand::Rng,
    /// Records that were not taken yet.
    records: Vec<Record>,
}

const NAMES: [&str; 6] = [
    "東京都",
    "naïve \"q\"\\n",
    "😀 emoji",
    "plain",
    "タブ\t",
    "Ω",
];

impl Database {
    /// An empty table.
    pub fn new(topic: &str, seed: u64) -> Self {
        Self {
            topic: topic.into(),
            rows: BTreeMap::new(),
            scn: 5_000_000,
            random: fastrand::Rng::with_seed(seed),
            records: Vec::new(),
        }
    }

    /// What the table holds.
    pub fn rows(&self) -> Vec<(i64, Row)> {
        self.rows
            .iter()
            .map(|(id, row)| (*id, row.clone()))
            .collect()
    }

    /// The SCN of the last change; the next one has a greater one.
    pub fn scn(&self) -> u64 {
        self.scn
    }

    /// Records since this was asked last.
    pub fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// So many random changes, some of them several in one transaction.
    pub fn changes(&mut self, count: usize) {
        let mut place = 0;
        self.scn += 1;
        for _ in 0..count {
            if place > 12 || self.random.u8(..) < 160 {
                self.scn += self.random.u64(1..4);
                place = 0;
            }
            place += 1;
            self.change();
        }
        self.scn += 1;
    }

    fn change(&mut self) {
        let id = self.random.i64(0..200);
        match (self.rows.get(&id).cloned(), self.random.u8(..100)) {
            (None, _) => {
                let row = self.random_row();
                self.insert(id, row);
            }
            (Some(old), 0..20) => self.delete(id, &old),
            (Some(old), 20..25) => {
                let other = self.random.i64(200..400);
                if !self.rows.contains_key(&other) {
                    self.delete(id, &old);
                    self.insert(other, old);
                }
            }
            (Some(old), _) => self.update(id, &old),
        }
    }

    fn random_row(&mut self) -> Row {
        let random = &mut self.random;
        let maybe = |random: &mut fastrand::Rng| random.u8(..) > 60;
        Row {
            grp: random.i32(0..5),
            big: maybe(random).then(|| {
                let digits: String = (0..38).map(|_| random.digit(10)).collect();
                let digits = digits.trim_start_matches('0');
                format!("{}{digits}", if random.bool() { "-" } else { "" })
            }),
            at: maybe(random).then(|| random.i64(-3_000_000_000..3_000_000_000) * 1000),
            name: maybe(random).then(|| NAMES[random.usize(..NAMES.len())].to_owned()),
            note: maybe(random).then(|| "長いノート ".repeat(random.usize(1..40))),
        }
    }

    /// Inserts a row.
    pub fn insert(&mut self, id: i64, row: Row) {
        let after = image(id, &row);
        self.push("c", id, &Value::Null, &after);
        self.rows.insert(id, row);
    }

    fn update(&mut self, id: i64, old: &Row) {
        let mut new = self.random_row();
        let untouched = self.random.bool() && old.note.is_some() && old.grp == new.grp;
        if untouched {
            new.note.clone_from(&old.note);
        }
        let (mut before, mut after) = (image(id, old), image(id, &new));
        if untouched {
            before["NOTE"] = UNAVAILABLE.into();
            after["NOTE"] = UNAVAILABLE.into();
        }
        self.push("u", id, &before, &after);
        self.rows.insert(id, new);
    }

    fn delete(&mut self, id: i64, old: &Row) {
        let before = image(id, old);
        self.push("d", id, &before, &Value::Null);
        let key = key(id);
        self.records.push(Record {
            topic: self.topic.clone(),
            key: Some(key),
            value: None,
        });
        self.rows.remove(&id);
    }

    fn push(&mut self, op: &str, id: i64, before: &Value, after: &Value) {
        let value = json!({
            "before": before,
            "after": after,
            "source": {
                "version": "3.6.1.Final", "connector": "oracle", "schema": "S", "table": "EVENTS",
                "scn": (self.scn - 1).to_string(), "commit_scn": self.scn.to_string(), "txSeq": 1,
            },
            "transaction": null,
            "op": op,
            "ts_ms": 1_700_000_000_000u64,
        });
        // Every other event as converters with schemas write it.
        let wrapped = self.scn.is_multiple_of(2);
        let value = match wrapped {
            true => {
                json!({"schema": {"type": "struct", "name": "ora.S.EVENTS.Envelope", "version": 1}, "payload": value})
            }
            false => value,
        };
        self.records.push(Record {
            topic: self.topic.clone(),
            key: Some(key(id)),
            value: Some(value.to_string()),
        });
    }
}

fn key(id: i64) -> String {
    json!({"ID": id.to_string()}).to_string()
}

fn image(id: i64, row: &Row) -> Value {
    let mut members = Map::new();
    members.insert("ID".into(), id.to_string().into());
    members.insert("GRP".into(), row.grp.to_string().into());
    members.insert("BIG".into(), row.big.clone().into());
    members.insert("AT".into(), row.at.into());
    members.insert("NAME".into(), row.name.clone().into());
    members.insert("NOTE".into(), row.note.clone().into());
    Value::Object(members)
}
