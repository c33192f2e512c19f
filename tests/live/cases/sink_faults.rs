//! Sinks that are killed, members that come and go, systems that restart: the table is exact in the end.
//!
//! `ORA2STREAM_CAMPAIGN=200 cargo test --test live sink::killed` tries two hundred seeded runs, each with one to four
//! members and kills at random moments; `sink::systems_restarted` does the same while broker and server are killed.

use super::Case;
use super::sink::{EVENTS, compare, create_events};
use crate::backfill::points;
use crate::cassandra::Node;
use crate::cassandra::node::Settings;
use crate::harness::process::Process;
use crate::harness::{Live, ensure};
use crate::kafka::Broker;
use crate::sink::events::Database;
use crate::sink::{Sink, Spec, table};
use crate::stack::Stack;
use std::time::{Duration, Instant};

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("sink::killed", killed),
        ("sink::systems_restarted", systems_restarted),
    ]
}

/// Members that are lost are missed soon.
const SOON: &str = "[kafka.options]\n\"session.timeout.ms\" = \"900\"\n\"heartbeat.interval.ms\" = \"250\"\n\
                    \"topic.metadata.refresh.interval.ms\" = \"2000\"\n[limits]\nretry_seconds = 120";

/// A database, its topic, and a sink into a table of the same name.
struct Stage<'a> {
    broker: &'a Broker,
    node: &'a Node,
    db: Database,
    sink: Sink,
    table: String,
    random: fastrand::Rng,
    members: Vec<Process>,
    started: usize,
    kills: usize,
}

impl<'a> Stage<'a> {
    fn new(broker: &'a Broker, node: &'a Node, name: &str, seed: u64) -> Live<Self> {
        let topic = format!("live.S.{}", name.to_uppercase());
        let client = broker.client();
        client.create_topic(&topic, 4)?;
        client.create_topic(&format!("live-{name}.dead"), 1)?;
        create_events(node, name)?;
        let more = "on_delete = \"delete\"\nkey = [\"ID\"]";
        let sink = Sink::new(&Spec {
            bootstrap: broker.bootstrap(),
            port: node.port(),
            group: &format!("live-{name}"),
            tables: &table((&topic, "debezium", name), more, &EVENTS),
            more: SOON,
        })?;
        Ok(Self {
            broker,
            node,
            db: Database::new(&topic, seed),
            sink,
            table: name.into(),
            random: fastrand::Rng::with_seed(seed),
            members: Vec::new(),
            started: 0,
            kills: 0,
        })
    }

    fn start(&mut self) -> Live<()> {
        self.started += 1;
        let name = format!("member-{}", self.started);
        self.members
            .push(self.sink.start(&name, &["--progress", "lines"])?);
        Ok(())
    }

    /// Changes come while members come and are killed.
    fn act(&mut self, steps: usize) -> Live<()> {
        self.start()?;
        for _ in 0..steps {
            let changes = self.random.usize(50..400);
            self.db.changes(changes);
            self.broker.client().produce(&self.db.take())?;
            let pause = Duration::from_millis(self.random.u64(20..600));
            std::thread::sleep(pause);
            if self.members.len() < 4 && self.random.u8(..) < 140 {
                self.start()?;
            }
            if !self.members.is_empty() && self.random.bool() {
                // SIGKILL
                let at = self.random.usize(..self.members.len());
                drop(self.members.remove(at));
                self.kills += 1;
            }
        }
        Ok(())
    }

    /// All members are killed; a last one ends what is left.
    fn settle(&mut self) -> Live<()> {
        self.kills += self.members.len();
        self.members.clear();
        self.sink.catch_up(0)?;
        compare(self.node, &self.table, &self.db)
    }
}

fn killed(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let start = Instant::now();
    let mut kills = 0;
    for point in 0..points(6) {
        let mut stage = Stage::new(broker, node, &format!("killed_{point}"), 100 + point)?;
        stage.act(3)?;
        stage.settle()?;
        kills += stage.kills;
        node.run(&format!("DROP TABLE sinks.killed_{point}"))?;
    }
    eprintln!(
        "live: {} runs with {kills} kills, all exact, in {} s",
        points(6),
        start.elapsed().as_secs()
    );
    Ok(())
}

/// The broker and the server are killed in turns while the sink runs; it waits for them and goes on.
fn systems_restarted(_: &Stack) -> Live<()> {
    let node = Node::start_with(Settings {
        sync_every_write: true,
        ..Settings::default()
    })?;
    let mut broker = Broker::start()?;
    let rounds = points(1).min(20);
    for round in 0..rounds {
        let mut stage = Stage::new(&broker, &node, &format!("restarted_{round}"), 900 + round)?;
        stage.act(2)?;
        stage.start()?;
        std::thread::sleep(Duration::from_millis(700));
        node.kill();
        stage.db.changes(300);
        broker.client().produce(&stage.db.take())?;
        node.restart()?;
        stage.act(1)?;
        // The stage borrows the broker; what it needs of it goes on behind the same address.
        let Stage {
            mut db,
            sink,
            members,
            table,
            ..
        } = stage;
        broker.restart()?;
        db.changes(300);
        broker.client().produce(&db.take())?;
        drop(members);
        sink.catch_up(0)?;
        let dead = broker.client().read(&format!("live-{table}.dead"))?;
        ensure(dead.is_empty(), || {
            format!("{} dead letters, the first: {:?}", dead.len(), dead[0])
        })?;
        compare(&node, &table, &db)?;
    }
    Ok(())
}
