//! Copies of tables through real change events: PostgreSQL, Debezium's connector, the topics as it writes them, the sink.
//! What the copies must hold is what PostgreSQL says that its tables hold.
//!
//! `ORA2STREAM_CHANGES=100000 cargo test --test live sink::real_change_stream` plays so many random changes.

use super::Case;
use super::sink::{EVENTS, create_events, event_rows};
use crate::cassandra::Node;
use crate::connect_worker::Worker;
use crate::harness::{Live, PATIENCE, ensure, failed, poll};
use crate::kafka::Broker;
use crate::postgres::Postgres;
use crate::sink::events::{Row, UNAVAILABLE};
use crate::sink::{Sink, Spec, create, same, table};
use crate::stack::Stack;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Instant;

pub fn cases() -> [(&'static str, Case); 1] {
    [("sink::real_change_stream", real_change_stream)]
}

/// Bytes of a record: two images of a text of a megabyte, and more.
const LARGEST: &str = "10000000";

/// A table at its source, and the copy's key.
#[derive(Clone, Copy)]
struct Copied {
    name: &'static str,
    /// What the log holds of an old row: its key, or all of it.
    identity: &'static str,
    /// Whether GRP is part of the copy's key, so that an update may move the row.
    by_group: bool,
}

const TABLES: [Copied; 2] = [
    Copied {
        name: "replica",
        identity: "DEFAULT",
        by_group: false,
    },
    Copied {
        name: "moving",
        identity: "FULL",
        by_group: true,
    },
];

/// Random statements over both tables; knows which keys there are, and no more.
struct Changes {
    random: fastrand::Rng,
    keys: [BTreeSet<i64>; 2],
    key_changes: usize,
}

const TEXTS: [&str; 6] = [
    "東京都千代田区",
    "naïve \"q\" \\n",
    "😀 emoji 🚀",
    "plain",
    "タブ\tと改行\nと",
    "O''Neil",
];

impl Changes {
    fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            keys: Default::default(),
            key_changes: 0,
        }
    }

    fn maybe(&mut self, text: String) -> String {
        if self.random.u8(..) < 50 {
            "NULL".into()
        } else {
            text
        }
    }

    fn big(&mut self) -> String {
        let count = self.random.usize(1..=38);
        let digits: String = (0..count).map(|_| self.random.digit(10)).collect();
        let sign = if self.random.bool() { "-" } else { "" };
        self.maybe(format!("{sign}{digits}"))
    }

    /// Seconds from 1874 to 2065.
    fn at(&mut self) -> String {
        let seconds = self.random.i64(-3_000_000_000..3_000_000_000);
        self.maybe(format!("to_timestamp({seconds}) AT TIME ZONE 'UTC'"))
    }

    fn name(&mut self) -> String {
        let text = TEXTS[self.random.usize(..TEXTS.len())];
        self.maybe(format!("'{text}'"))
    }

    /// Every other one is stored apart from its row, and not told again unless it changes.
    fn note(&mut self) -> String {
        let count = self.random.usize(1..400);
        self.maybe(format!("repeat('長いノート', {count})"))
    }

    fn values(&mut self) -> String {
        let group = self.random.i32(0..5);
        let (big, at, name, note) = (self.big(), self.at(), self.name(), self.note());
        format!("{group}, {big}, {at}, {name}, {note}")
    }

    /// A statement that changes a row.
    fn statement(&mut self) -> String {
        let which = self.random.usize(..2);
        let table = TABLES[which].name;
        let id = self.random.i64(1..2_000);
        if !self.keys[which].contains(&id) {
            self.keys[which].insert(id);
            return format!(
                "INSERT INTO app.{table} VALUES ({id}, {});\n",
                self.values()
            );
        }
        match self.random.u8(..100) {
            0..12 => {
                self.keys[which].remove(&id);
                format!("DELETE FROM app.{table} WHERE id = {id};\n")
            }
            12..22 => self.change_key(which, id),
            22..60 => {
                // The text stays, and the event does not carry it if it is large.
                let (group, big, at, name) =
                    (self.random.i32(0..5), self.big(), self.at(), self.name());
                format!(
                    "UPDATE app.{table} SET grp = {group}, big = {big}, at = {at}, name = {name} WHERE id = {id};\n"
                )
            }
            _ => format!(
                "UPDATE app.{table} SET (grp, big, at, name, note) = ({}) WHERE id = {id};\n",
                self.values()
            ),
        }
    }

    fn change_key(&mut self, which: usize, id: i64) -> String {
        let table = TABLES[which].name;
        let other = self.random.i64(2_000..4_000);
        if !self.keys[which].insert(other) {
            self.keys[which].remove(&id);
            return format!("DELETE FROM app.{table} WHERE id = {id};\n");
        }
        self.keys[which].remove(&id);
        self.key_changes += 1;
        // A new row needs all its values: without the old image, the text has to be written too.
        let note = match TABLES[which].identity {
            "FULL" => String::new(),
            _ => format!(", note = {}", self.note()),
        };
        format!("UPDATE app.{table} SET id = {other}{note} WHERE id = {id};\n")
    }

    /// So many statements, in transactions of one to twenty.
    fn script(&mut self, count: usize) -> String {
        let mut text = String::new();
        let mut left = count;
        while left > 0 {
            let some = self.random.usize(1..=20).min(left);
            left -= some;
            text.push_str("BEGIN;\n");
            for _ in 0..some {
                text.push_str(&self.statement());
            }
            text.push_str("COMMIT;\n");
        }
        text
    }
}

/// The tables, with rows that a snapshot reads: the odd ones first.
fn prepare(pg: &Postgres, changes: &mut Changes) -> Live<()> {
    let mut script = String::from("CREATE SCHEMA app;\n");
    for (which, t) in TABLES.iter().enumerate() {
        let columns = "id bigint PRIMARY KEY, grp smallint NOT NULL, big numeric(38), at timestamp(3), \
                       name varchar(100), note text";
        let _ = write!(
            script,
            "CREATE TABLE app.{0} ({columns});\n\
             ALTER TABLE app.{0} ALTER COLUMN note SET STORAGE EXTERNAL;\n\
             ALTER TABLE app.{0} REPLICA IDENTITY {1};\n\
             INSERT INTO app.{0} VALUES (9001, 1, {2}, '1969-07-20 20:17:40', 'アポロ11号 🚀', repeat('大', 350000));\n\
             INSERT INTO app.{0} VALUES (9002, 0, NULL, NULL, NULL, NULL);\n",
            t.name,
            t.identity,
            "9".repeat(38),
        );
        for id in 1..200 {
            changes.keys[which].insert(id);
            let _ = writeln!(
                script,
                "INSERT INTO app.{} VALUES ({id}, {});",
                t.name,
                changes.values()
            );
        }
    }
    pg.run(&script)
}

fn connector(pg: &Postgres) -> Value {
    let tables: Vec<String> = TABLES.iter().map(|t| format!("app.{}", t.name)).collect();
    json!({
        "name": "pg",
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "tasks.max": "1",
        "topic.prefix": "pg",
        "database.hostname": "127.0.0.1",
        "database.port": pg.port().to_string(),
        "database.user": "postgres",
        "database.password": "",
        "database.dbname": "postgres",
        "plugin.name": "pgoutput",
        "slot.name": "dbz",
        "publication.name": "dbz",
        "publication.autocreate.mode": "filtered",
        "table.include.list": tables.join(","),
        "decimal.handling.mode": "string",
        "time.precision.mode": "adaptive",
        "snapshot.mode": "initial",
        "heartbeat.interval.ms": "500",
        "tombstones.on.delete": "true",
    })
}

/// The sink for both tables.
fn copies(broker: &Broker, node: &Node) -> Live<Sink> {
    let client = broker.client();
    let mut tables = String::new();
    for t in &TABLES {
        let topic = format!("pg.app.{}", t.name);
        client.create_large_topic_of(&topic, 4, LARGEST)?;
        if t.by_group {
            create_events(node, t.name)?;
        } else {
            let columns = "id bigint PRIMARY KEY, grp smallint, big varint, at timestamp, name text, note text";
            create(node, &format!("{} ({columns})", t.name))?;
        }
        // PostgreSQL's names are in lower case.
        let columns = EVENTS.map(|(name, oracle, cql)| (name.to_lowercase(), oracle, cql));
        let columns: Vec<_> = columns
            .iter()
            .map(|(n, o, c)| (n.as_str(), *o, *c))
            .collect();
        let more = "on_delete = \"delete\"\nkey = [\"id\"]";
        tables.push_str(&table((&topic, "debezium", t.name), more, &columns));
    }
    client.create_topic("live-real.dead", 1)?;
    // Heartbeats, and what is written into the log itself, go into topics of their own.
    client.create_topic("__debezium-heartbeat.pg", 1)?;
    client.create_topic("pg.message", 1)?;
    Sink::new(&Spec {
        bootstrap: broker.bootstrap(),
        port: node.port(),
        group: "live-real",
        tables: &tables,
        more: "",
    })
}

/// What PostgreSQL says that a table holds.
fn rows(pg: &Postgres, table: &str) -> Live<Vec<(i64, Row)>> {
    let lines = pg.query(&format!(
        "SELECT json_build_object('id', id, 'grp', grp, 'big', big::text, \
         'at', (extract(epoch FROM at) * 1000)::bigint, 'name', name, 'note', note) FROM app.{table}"
    ))?;
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let row = |line: &String| {
        let v: Value = serde_json::from_str(line)?;
        let row = Row {
            grp: v["grp"].as_i64().unwrap_or(-1) as i32,
            big: text(&v["big"]),
            at: v["at"].as_i64(),
            name: text(&v["name"]),
            note: text(&v["note"]),
        };
        Ok((v["id"].as_i64().unwrap_or(-1), row))
    };
    lines.iter().map(row).collect()
}

/// Waits until the connector has written, and noted, all that is in the log now.
fn all_told(pg: &Postgres, worker: &Worker) -> Live<()> {
    // Something behind it, so that the connector has a place to note.
    let now = pg.query("SELECT pg_current_wal_lsn()")?;
    let now = now.first().cloned().unwrap_or_default();
    poll("the connector has told everything", PATIENCE, || {
        worker.process().expect_alive()?;
        pg.process().expect_alive()?;
        pg.query("SELECT pg_logical_emit_message(true, 'live', 'on')")?;
        let told = pg.query(&format!(
            "SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn >= '{now}'"
        ))?;
        Ok((told.first().map(String::as_str) == Some("1")).then_some(()))
    })
}

fn real_change_stream(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let count = std::env::var("ORA2STREAM_CHANGES").ok();
    let count: usize = count.and_then(|n| n.parse().ok()).unwrap_or(3_000);
    let pg = Postgres::start()?;
    let mut changes = Changes::new(17);
    prepare(&pg, &mut changes)?;
    let sink = copies(broker, node)?;
    let worker = Worker::start(broker, "connect-postgres", &connector(&pg))?;
    poll("the connector follows the log", PATIENCE, || {
        worker.process().expect_alive()?;
        let active = pg.query("SELECT count(*) FROM pg_replication_slots WHERE active")?;
        Ok((active.first().map(String::as_str) == Some("1")).then_some(()))
    })?;
    let start = Instant::now();
    // Two members; one is killed in the middle.
    let first = sink.start("first", &["--progress", "lines"])?;
    let _second = sink.start("second", &["--progress", "lines"])?;
    pg.run(&changes.script(count / 2))?;
    drop(first);
    pg.run(&changes.script(count - count / 2))?;
    // The odd rows change too; their texts of a megabyte do not.
    for t in &TABLES {
        pg.run(&format!(
            "UPDATE app.{0} SET name = '更新 🎌', at = '1582-10-15 00:00:00' WHERE id = 9001;\n\
             UPDATE app.{0} SET big = -1 WHERE id = 9002;",
            t.name
        ))?;
    }
    all_told(&pg, &worker)?;
    sink.catch_up(0)?;
    for t in &TABLES {
        let wanted = rows(&pg, t.name)?;
        ensure(wanted.len() > 100, || format!("{} rows", wanted.len()))?;
        same(t.name, &event_rows(node, t.name)?, &wanted)?;
    }
    let dead = broker.client().read("live-real.dead")?;
    ensure(dead.is_empty(), || format!("dead letters: {:?}", dead[0]))?;
    let events = told(broker, count)?;
    eprintln!(
        "live: {count} changes, {} of a key, {events} events, both copies equal, in {:.0} s",
        changes.key_changes,
        start.elapsed().as_secs_f32()
    );
    Ok(())
}

/// The topics did hold what this is about: values that are not carried among them. How many events there were.
fn told(broker: &Broker, count: usize) -> Live<usize> {
    let (mut events, mut markers) = (0, 0);
    for t in &TABLES {
        for record in broker.client().read(&format!("pg.app.{}", t.name))? {
            let value = record.value.unwrap_or_default();
            events += usize::from(!value.is_empty());
            markers += usize::from(value.contains(UNAVAILABLE));
        }
    }
    ensure(events >= count && markers > count / 50, || {
        format!("{events} events, {markers} with the marker")
    })
    .map_err(|e| failed(format!("the topics prove little: {e}")))?;
    Ok(events)
}
