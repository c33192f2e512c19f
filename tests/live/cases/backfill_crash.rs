//! Loads that are killed, and servers that are: whatever the moment, the table is exact in the end.
//!
//! `ORA2STREAM_CAMPAIGN=100 cargo test --test live backfill::killed_into_cassandra` tries a hundred points.

use super::Case;
use crate::backfill::{self, Load, Target, create, expect_rows, points, rows, wait};
use crate::cassandra::Node;
use crate::cassandra::node::Settings;
use crate::harness::{Live, ensure};
use crate::kafka::Record;
use crate::stack::Stack;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub fn cases() -> [(&'static str, Case); 4] {
    [
        ("backfill::killed_into_cassandra", killed_into_cassandra),
        ("backfill::killed_into_kafka", killed_into_kafka),
        ("backfill::server_killed", server_killed),
        ("backfill::server_loses_rows", server_loses_rows),
    ]
}

/// Random moments between the start of the program and the end of the load, as long as it takes on this machine.
struct Moments {
    random: fastrand::Rng,
    longest: Duration,
}

impl Moments {
    fn new(load: &Load) -> Live<Self> {
        let start = Instant::now();
        load.expect("run", &["--progress", "none"], 0)?;
        Ok(Self {
            random: fastrand::Rng::with_seed(7),
            longest: start.elapsed(),
        })
    }

    fn next(&mut self) -> Duration {
        self.longest.mul_f64(self.random.f64())
    }
}

fn killed_into_cassandra(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    let rows = rows(30_000);
    let load = |table: &str| {
        create(node, table)?;
        let target = Target::Cassandra {
            port: node.port(),
            table,
            more: "",
        };
        Load::new(&rows, target, "")
    };
    let mut moments = Moments::new(&load("whole")?)?;
    expect_rows(node, "whole", &rows)?;
    let mut midway = 0;
    for point in 0..points(6) {
        let table = format!("killed_{point}");
        let known = load(&table)?.killed_after(moments.next())?;
        expect_rows(node, &table, &rows)?;
        node.run(&format!("DROP TABLE loads.{table}"))?;
        midway += u64::from(known > 0);
    }
    eprintln!(
        "live: killed at {} points, {midway} with chunks done",
        points(6)
    );
    Ok(())
}

fn killed_into_kafka(stack: &Stack) -> Live<()> {
    let broker = stack.kafka()?;
    murmur2_is_javas()?;
    let client = broker.client();
    let rows = rows(12_000);
    let load = |topic: &str| {
        client.create_topic(topic, 6)?;
        let bootstrap = broker.bootstrap();
        Load::new(&rows, Target::Kafka { bootstrap, topic }, "")
    };
    let mut moments = Moments::new(&load("loads.whole")?)?;
    let whole = client.read_partitions("loads.whole")?;
    for (partition, record) in &whole {
        let key = record.key.as_deref().unwrap_or_default();
        ensure(*partition == java_partition(key.as_bytes(), 6), || {
            format!("{key} is in partition {partition}")
        })?;
    }
    let whole: Vec<Record> = whole.into_iter().map(|(_, r)| r).collect();
    expect_records(&whole, &rows, true)?;
    for point in 0..points(3) {
        let topic = format!("loads.killed-{point}");
        load(&topic)?.killed_after(moments.next())?;
        expect_records(&client.read(&topic)?, &rows, false)?;
    }
    Ok(())
}

/// The partition that Kafka's Java client, and so Debezium, puts a key into: murmur2, without the sign.
fn java_partition(key: &[u8], partitions: u32) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let mut h = 0x9747_b28c ^ key.len() as u32;
    let words = key.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k = (k ^ (k >> 24)).wrapping_mul(M);
        h = h.wrapping_mul(M) ^ k;
    }
    if !rest.is_empty() {
        let bytes = rest
            .iter()
            .rev()
            .fold(0u32, |k, b| (k << 8) | u32::from(*b));
        h = (h ^ bytes).wrapping_mul(M);
    }
    h = (h ^ (h >> 13)).wrapping_mul(M);
    ((h ^ (h >> 15)) & 0x7fff_ffff).rem_euclid(partitions) as i32
}

/// Kafka's own examples of the hash.
fn murmur2_is_javas() -> Live<()> {
    let known = [
        ("21", -973_932_308i32),
        ("foobar", -790_332_482),
        ("abc", 479_470_107),
    ];
    for (key, hash) in known {
        let positive = (hash as u32) & 0x7fff_ffff;
        ensure(
            java_partition(key.as_bytes(), 1 << 30) as u32 == positive % (1 << 30),
            || format!("murmur2 of {key}"),
        )?;
    }
    Ok(())
}

/// Every row is there under its key; a chunk that was loaded twice may repeat records, and all of a key are equal.
fn expect_records(records: &[Record], rows: &[backfill::Row], once: bool) -> Live<()> {
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for record in records {
        let (Some(key), Some(value)) = (&record.key, &record.value) else {
            return Err(crate::harness::failed("a record without key or value"));
        };
        let value: Value = serde_json::from_str(value)?;
        ensure(value["op"] == "r" && value["before"].is_null(), || {
            format!("not a snapshot's envelope: {value}")
        })?;
        let after = value["after"].clone();
        let before = found.insert(key.clone(), after.clone());
        ensure(before.is_none_or(|b| b == after), || {
            format!("two different records of {key}")
        })?;
    }
    ensure(!once || records.len() == rows.len(), || {
        format!("{} records of {} rows", records.len(), rows.len())
    })?;
    ensure(found.len() == rows.len(), || {
        format!("{} keys of {} rows", found.len(), rows.len())
    })?;
    for (pk, ck, note) in rows {
        let key = format!("{{\"PK\":{pk},\"CK\":{ck}}}");
        let after = found.get(&key);
        ensure(after.is_some_and(|a| a["NOTE"] == note.as_str()), || {
            format!("{key}: {after:?}")
        })?;
    }
    Ok(())
}

/// `kill -9` of the server in mid-load. With `commitlog_sync: batch` what it acknowledged is there afterwards.
fn server_killed(_: &Stack) -> Live<()> {
    let node = Node::start_with(Settings {
        sync_every_write: true,
        ..Settings::default()
    })?;
    let rows = rows(40_000);
    create(&node, "survives")?;
    let target = Target::Cassandra {
        port: node.port(),
        table: "survives",
        more: "",
    };
    let load = Load::new(&rows, target, "rows_per_second = 10000")?;
    let mut child = load.start("run", &["--progress", "json"])?;
    std::thread::sleep(Duration::from_millis(1500));
    node.kill();
    node.restart()?;
    let code = wait(&mut child)?;
    let said = std::fs::read_to_string(load.path("err"))?;
    ensure(code == 0, || format!("ended with {code}\n{said}"))?;
    ensure(said.contains("\"trouble\":\""), || {
        "the load did not notice that the server was gone".into()
    })?;
    expect_rows(&node, "survives", &rows)
}

/// With `commitlog_sync: periodic`, Cassandra's default, a server that is killed forgets what it acknowledged last.
/// `verify` finds it and `resume` brings it back.
fn server_loses_rows(_: &Stack) -> Live<()> {
    let node = Node::start_with(Settings::default())?;
    let rows = rows(40_000);
    create(&node, "forgotten")?;
    let target = Target::Cassandra {
        port: node.port(),
        table: "forgotten",
        more: "",
    };
    let load = Load::new(&rows, target, "")?;
    load.expect("run", &["--progress", "none"], 0)?;
    node.kill();
    node.restart()?;
    let lost = lost(&node, "forgotten", rows.len())?;
    // Whether the server forgets anything is up to its clock; a table that lost everything is the worst of it.
    if lost == 0 {
        node.run("TRUNCATE loads.forgotten")?;
    }
    eprintln!(
        "live: the server forgot {lost} of {} acknowledged rows",
        rows.len()
    );
    let wanted = if lost == 0 { rows.len() } else { lost };
    let verify = |more: &[&str], code| -> Live<Value> {
        let more: Vec<&str> = ["--format", "json"].iter().chain(more).copied().collect();
        let done = load.expect("verify", &more, code)?;
        Ok(serde_json::from_str(&done.stdout)?)
    };
    let found = verify(&["--reopen"], 1)?;
    let missing = backfill::number(&found, "missing")? as usize;
    let unread = backfill::number(&found, "buckets_not_read")?;
    ensure(missing == wanted || unread > 0, || {
        format!("{wanted} rows are lost: {missing} found")
    })?;
    load.expect("resume", &["--progress", "none"], 0)?;
    verify(&[], 0)?;
    expect_rows(&node, "forgotten", &rows)
}

fn lost(node: &Node, table: &str, rows: usize) -> Live<usize> {
    let found: Vec<(i64,)> = node.rows(&format!("SELECT pk FROM loads.{table}"))?;
    Ok(rows - found.len())
}
