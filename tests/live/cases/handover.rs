//! The hand-over from load to change capture, played whole: capture runs first, the load reads one SCN, changes go on
//! all the while. Whoever writes first, the table ends as the database.

use super::Case;
use super::sink::{EVENTS, compare, create_events};
use crate::backfill::{Load, wait};
use crate::cassandra::Node;
use crate::harness::{Live, ensure, failed};
use crate::kafka::Broker;
use crate::sink::events::{Database, Row};
use crate::sink::{Sink, Spec, table};
use crate::stack::Stack;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub fn cases() -> [(&'static str, Case); 3] {
    [
        ("handover::load_then_sink", load_then_sink),
        ("handover::sink_before_load", sink_before_load),
        ("handover::both_at_once", both_at_once),
    ]
}

/// T0 of a load that begins now: the source's clock less five seconds, in microseconds.
fn write_time() -> Live<i64> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(now.as_micros() as i64 - 5_000_000)
}

/// A cell of a CSV file in which an empty cell is NULL.
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The rows as an export of one SCN writes them.
fn export(rows: &[(i64, Row)]) -> Live<String> {
    let mut csv = String::from("ID,GRP,BIG,AT,NAME,NOTE\n");
    for (id, row) in rows {
        let at = match row.at {
            Some(millis) => chrono::DateTime::from_timestamp_millis(millis)
                .ok_or_else(|| failed("a date beyond all calendars"))?
                .format("%Y-%m-%d %H:%M:%S")
                .to_string(),
            None => String::new(),
        };
        let text = |value: &Option<String>| value.as_deref().map(cell).unwrap_or_default();
        let (big, name, note) = (
            row.big.clone().unwrap_or_default(),
            text(&row.name),
            text(&row.note),
        );
        csv.push_str(&format!("{id},{},{big},{at},{name},{note}\n", row.grp));
    }
    Ok(csv)
}

/// The specification of the load of that export.
fn specification(load: &Load, node: &Node, table: &str) -> String {
    let columns: String = EVENTS
        .iter()
        .map(|(name, oracle, cql)| {
            let to = name.to_lowercase();
            format!("[[columns]]\nfrom = \"{name}\"\nto = \"{to}\"\noracle = {oracle}\ncql = \"{cql}\"\n")
        })
        .collect();
    format!(
        "version = 1\ntable = \"S.EVENTS\"\npurpose = \"a test\"\nkey = [\"GRP\", \"ID\"]\nafter = []\n\
         [source]\nkind = \"csv\"\nfiles = [\"{}\"]\n\
         [cassandra]\ncontact_points = [\"127.0.0.1:{}\"]\ndatacenter = \"datacenter1\"\nkeyspace = \"sinks\"\n\
         table = \"{table}\"\nbatch = \"auto\"\nmax_errors = 0\n{columns}",
        load.path("rows.csv").display(),
        node.port()
    )
}

/// A database whose changes are captured, and the load of what it held at S1.
struct Stage<'a> {
    node: &'a Node,
    broker: &'a Broker,
    db: Database,
    load: Load,
    sink: Sink,
    table: String,
    write_time: String,
}

impl<'a> Stage<'a> {
    /// Steps 1 to 3 of the runbook: rows that nobody captured, capture, changes, S1, the export as of S1, changes.
    fn new(stack: &'a Stack, name: &str, seed: u64) -> Live<Self> {
        let (broker, node) = (stack.kafka()?, stack.cassandra()?);
        let topic = format!("live.S.{}", name.to_uppercase());
        let client = broker.client();
        client.create_topic(&topic, 4)?;
        client.create_topic(&format!("live-{name}.dead"), 1)?;
        create_events(node, name)?;
        let mut db = Database::new(&topic, seed);
        db.changes(800);
        drop(db.take());
        db.changes(300);
        let scn = db.scn();
        let csv = export(&db.rows())?;
        let time = write_time()?;
        let load = Load::of_csv(
            &csv,
            crate::backfill::Target::Cassandra {
                port: node.port(),
                table: name,
                more: "",
            },
            "",
        )?;
        std::fs::write(load.spec(), specification(&load, node, name))?;
        let more = format!(
            "on_delete = \"delete\"\nkey = [\"ID\"]\nload = {{ scn = {scn}, write_time = {time} }}"
        );
        let sink = Sink::new(&Spec {
            bootstrap: broker.bootstrap(),
            port: node.port(),
            group: &format!("live-{name}"),
            tables: &table((&topic, "debezium", name), &more, &EVENTS),
            more: "",
        })?;
        let mut stage = Self {
            node,
            broker,
            db,
            load,
            sink,
            table: name.into(),
            write_time: time.to_string(),
        };
        stage.changes(400)?;
        Ok(stage)
    }

    /// Changes, captured at once.
    fn changes(&mut self, count: usize) -> Live<()> {
        self.db.changes(count);
        self.broker.client().produce(&self.db.take())
    }

    fn run(&self, more: &[&str]) -> Live<()> {
        let mut all = vec!["--write-time", &self.write_time, "--progress", "none"];
        all.extend(more);
        self.load.expect("run", &all, 0)?;
        Ok(())
    }

    fn equal(&self) -> Live<()> {
        self.sink.catch_up(0)?;
        compare(self.node, &self.table, &self.db)
    }
}

/// The order of the runbook: load, verify, sink; then changes; then the load once more, which changes nothing.
fn load_then_sink(stack: &Stack) -> Live<()> {
    let mut stage = Stage::new(stack, "handover_after", 31)?;
    stage.run(&[])?;
    stage.load.expect("verify", &[], 0)?;
    stage.equal()?;
    stage.changes(300)?;
    stage.equal()?;
    stage.run(&["--fresh"])?;
    compare(stage.node, &stage.table, &stage.db)
}

/// The sink was there first: no loaded row beats a change, and no deleted row comes back.
fn sink_before_load(stack: &Stack) -> Live<()> {
    let stage = Stage::new(stack, "handover_before", 32)?;
    stage.sink.catch_up(0)?;
    stage.run(&[])?;
    compare(stage.node, &stage.table, &stage.db)
}

/// A member writes while the load runs, is killed, and goes on, and changes come all the time.
fn both_at_once(stack: &Stack) -> Live<()> {
    let mut stage = Stage::new(stack, "handover_both", 33)?;
    let member = stage.sink.start("member", &["--progress", "lines"])?;
    let slowly = [
        "--write-time",
        &stage.write_time,
        "--rows-per-second",
        "10",
        "--progress",
        "none",
    ];
    let mut child = stage.load.start("run", &slowly)?;
    for _ in 0..6 {
        stage.changes(60)?;
        std::thread::sleep(Duration::from_millis(200));
    }
    child.kill()?;
    child.wait()?;
    let before = stage.load.status()?.ok_or_else(|| failed("no manifest"))?;
    ensure(before["complete"] == false, || {
        format!("the load was over: {before}")
    })?;
    let mut child = stage.load.start("resume", &["--progress", "none"])?;
    for _ in 0..4 {
        stage.changes(60)?;
        std::thread::sleep(Duration::from_millis(100));
    }
    ensure(wait(&mut child)? == 0, || {
        "the load did not end well".into()
    })?;
    drop(member);
    stage.equal()
}
