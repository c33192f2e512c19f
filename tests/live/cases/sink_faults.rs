//! Members that are killed, come, go and hang, systems that restart, an overloaded server, a network that stops, a clock
//! that is set back: the table is exact in the end.
//!
//! `ORA2STREAM_CAMPAIGN=200 cargo test --test live sink::faults` tries two hundred seeded runs; each has one to four
//! members, kills and departures at random moments, and the fault that its number draws. `sink::killed` does the same
//! with kills alone, on the systems that all tests share.

use super::Case;
use super::sink::{EVENTS, compare, create_events};
use crate::backfill::points;
use crate::cassandra::Node;
use crate::cassandra::node::Settings;
use crate::harness::process::Process;
use crate::harness::proxy::Proxy;
use crate::harness::{Live, ensure, failed, ports};
use crate::kafka::Broker;
use crate::sink::events::Database;
use crate::sink::{Sink, Spec, table};
use crate::stack::Stack;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

pub fn cases() -> [(&'static str, Case); 2] {
    [("sink::killed", killed), ("sink::faults", faults)]
}

/// Members that are lost are missed soon.
const SOON: &str = "[kafka.options]\n\"session.timeout.ms\" = \"900\"\n\"heartbeat.interval.ms\" = \"250\"\n\
                    \"topic.metadata.refresh.interval.ms\" = \"2000\"\n[limits]\nretry_seconds = 120";

/// The specification of members that come through the doors.
const DOORS: &str = "doors.toml";

/// The systems of a run.
struct Systems<'a> {
    broker: &'a Broker,
    node: &'a Node,
    /// Ways to both that can be stopped.
    doors: Option<&'a [Proxy; 2]>,
}

/// What happened.
#[derive(Default)]
struct Figures {
    members: usize,
    kills: usize,
    departures: usize,
    changes: usize,
}

/// A database, its topic, and a sink into a table of the same name.
struct Stage<'a> {
    systems: &'a Systems<'a>,
    db: Database,
    sink: Sink,
    table: String,
    random: fastrand::Rng,
    members: Vec<Process>,
    /// Told to go; they write and commit what they have.
    leaving: Vec<Process>,
    figures: Figures,
}

impl<'a> Stage<'a> {
    fn new(systems: &'a Systems<'a>, name: &str, seed: u64) -> Live<Self> {
        let (broker, node) = (systems.broker, systems.node);
        let topic = format!("live.S.{}", name.to_uppercase());
        let client = broker.client();
        client.create_topic(&topic, 4)?;
        client.create_topic(&format!("live-{name}.dead"), 1)?;
        create_events(node, name)?;
        let more = "on_delete = \"delete\"\nkey = [\"ID\"]";
        let mut spec = Spec {
            bootstrap: broker.bootstrap(),
            port: node.port(),
            group: &format!("live-{name}"),
            tables: &table((&topic, "debezium", name), more, &EVENTS),
            more: SOON,
        };
        let sink = Sink::new(&spec)?;
        let bootstrap;
        if let Some([kafka, cassandra]) = systems.doors {
            bootstrap = format!("127.0.0.1:{}", kafka.port());
            spec.bootstrap = &bootstrap;
            spec.port = cassandra.port();
            sink.write_as(DOORS, &spec)?;
        }
        Ok(Self {
            systems,
            db: Database::new(&topic, seed),
            sink,
            table: name.into(),
            random: fastrand::Rng::with_seed(seed),
            members: Vec::new(),
            leaving: Vec::new(),
            figures: Figures::default(),
        })
    }

    /// A member more; every other one comes through the doors.
    fn start(&mut self) -> Live<()> {
        self.figures.members += 1;
        let name = format!("member-{}", self.figures.members);
        let doors = self.systems.doors.is_some() && self.figures.members % 2 == 1;
        let file = if doors { DOORS } else { "sink.toml" };
        let more = ["--progress", "lines"];
        self.members.push(self.sink.start_on(file, &name, &more)?);
        Ok(())
    }

    fn changes(&mut self) -> Live<()> {
        let count = self.random.usize(50..400);
        self.figures.changes += count;
        self.db.changes(count);
        self.systems.broker.client().produce(&self.db.take())
    }

    fn pause(&mut self, millis: std::ops::Range<u64>) {
        std::thread::sleep(Duration::from_millis(self.random.u64(millis)));
    }

    /// Changes come while members come, are killed and go.
    fn act(&mut self, steps: usize) -> Live<()> {
        self.start()?;
        for _ in 0..steps {
            self.changes()?;
            self.pause(20..600);
            if self.members.len() < 4 && self.random.u8(..) < 140 {
                self.start()?;
            }
            if self.members.is_empty() || self.random.bool() {
                continue;
            }
            let member = self
                .members
                .swap_remove(self.random.usize(..self.members.len()));
            if self.random.u8(..) < 180 {
                drop(member); // SIGKILL
                self.figures.kills += 1;
            } else {
                let pid = member.pid()?.to_string();
                Command::new("kill").args(["-TERM", &pid]).status()?;
                self.leaving.push(member);
                self.figures.departures += 1;
            }
        }
        Ok(())
    }

    /// All members are killed; a last one ends what is left. Nothing was rejected on the way.
    fn settle(mut self) -> Live<Figures> {
        self.figures.kills += self.members.len();
        self.members.clear();
        self.leaving.clear();
        self.sink.catch_up(0)?;
        let dead = format!("live-{}.dead", self.table);
        let dead = self.systems.broker.client().read(&dead)?;
        ensure(dead.is_empty(), || {
            format!("{} dead letters, the first: {:?}", dead.len(), dead[0])
        })?;
        compare(self.systems.node, &self.table, &self.db)?;
        let drop = format!("DROP TABLE sinks.{}", self.table);
        self.systems.node.run(&drop)?;
        Ok(self.figures)
    }
}

fn killed(stack: &Stack) -> Live<()> {
    let systems = Systems {
        broker: stack.kafka()?,
        node: stack.cassandra()?,
        doors: None,
    };
    let mut kills = 0;
    for point in 0..points(3) {
        let mut stage = Stage::new(&systems, &format!("killed_{point}"), 100 + point)?;
        stage.act(3)?;
        kills += stage.settle()?.kills;
    }
    eprintln!("live: {} runs with {kills} kills, all exact", points(3));
    Ok(())
}

/// What happens to the systems while members come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Nothing.
    MembersOnly,
    /// Members behind the doors hear and say nothing for seconds, are given up, and go on.
    NetworkStalled,
    /// And their connections end.
    NetworkCut,
    /// The server has more to do than it can.
    Overload,
    /// The server stands still for seconds.
    ServerFrozen,
    /// `kill -9` and a start.
    ServerRestarted,
    /// The same for the broker.
    BrokerRestarted,
    /// The server's clock is an hour behind, and later right again.
    ClockSetBack,
}

/// By the number of the run: starts of systems take long, so they are rarer.
const FAULTS: [Fault; 20] = [
    Fault::NetworkStalled,
    Fault::ClockSetBack,
    Fault::Overload,
    Fault::BrokerRestarted,
    Fault::MembersOnly,
    Fault::NetworkCut,
    Fault::ServerFrozen,
    Fault::NetworkStalled,
    Fault::MembersOnly,
    Fault::Overload,
    Fault::NetworkStalled,
    Fault::ServerRestarted,
    Fault::NetworkCut,
    Fault::MembersOnly,
    Fault::ServerFrozen,
    Fault::Overload,
    Fault::NetworkStalled,
    Fault::MembersOnly,
    Fault::NetworkCut,
    Fault::ServerFrozen,
];

/// Systems serve so many runs; then new ones are started.
const RUNS_OF_SYSTEMS: u64 = 50;

fn faults(_: &Stack) -> Live<()> {
    let start = Instant::now();
    let (mut all, mut drawn) = (Figures::default(), BTreeMap::new());
    let runs = points(4);
    for first in (0..runs).step_by(RUNS_OF_SYSTEMS as usize) {
        let node = Node::start_with(Settings {
            sync_every_write: true,
            write_timeout: "300ms",
            ..Settings::default()
        })?;
        node.prepare_overload()?;
        let [inner] = ports::free()?;
        let doors = [Proxy::start(inner)?, Proxy::start(node.port())?];
        let broker = Broker::start_behind(inner, doors[0].port())?;
        let systems = Systems {
            broker: &broker,
            node: &node,
            doors: Some(&doors),
        };
        for run in first..runs.min(first + RUNS_OF_SYSTEMS) {
            let fault = FAULTS[(run % FAULTS.len() as u64) as usize];
            let figures = one(&systems, &doors, run, fault)
                .map_err(|e| failed(format!("run {run}, {fault:?}: {e}")))?;
            *drawn.entry(fault).or_insert(0) += 1;
            if (run + 1) % 10 == 0 {
                eprintln!("live: {} fault runs, all exact", run + 1);
            }
            all.members += figures.members;
            all.kills += figures.kills;
            all.departures += figures.departures;
            all.changes += figures.changes;
        }
    }
    eprintln!(
        "live: {runs} runs, {drawn:?}, {} members, {} kills, {} departures, {} changes, all exact, in {} s",
        all.members,
        all.kills,
        all.departures,
        all.changes,
        start.elapsed().as_secs()
    );
    Ok(())
}

fn one(systems: &Systems<'_>, doors: &[Proxy; 2], run: u64, fault: Fault) -> Live<Figures> {
    let mut stage = Stage::new(systems, &format!("faults_{run}"), 900 + run)?;
    stage.act(2)?;
    stage.start()?;
    stage.start()?;
    stage.pause(200..1_200);
    happen(fault, &mut stage, doors)?;
    stage.act(1)?;
    stage.pause(50..500);
    if fault == Fault::ClockSetBack {
        stage.systems.node.restart()?;
        stage.act(1)?;
    }
    stage.settle()
}

fn happen(fault: Fault, stage: &mut Stage<'_>, doors: &[Proxy; 2]) -> Live<()> {
    let node = stage.systems.node;
    match fault {
        Fault::MembersOnly => stage.act(2),
        Fault::NetworkStalled | Fault::NetworkCut => {
            // One of the two ways, or both.
            let which = stage.random.usize(1..4);
            let doors: Vec<&Proxy> = doors
                .iter()
                .enumerate()
                .filter(|(n, _)| which & (1 << n) != 0)
                .map(|(_, door)| door)
                .collect();
            doors.iter().for_each(|d| d.stall());
            let went = stage.changes();
            stage.pause(1_000..4_000);
            let went = went.and_then(|()| stage.changes());
            if fault == Fault::NetworkCut {
                doors.iter().for_each(|d| d.cut());
            }
            doors.iter().for_each(|d| d.go_on());
            stage.pause(100..1_000);
            went
        }
        Fault::Overload => {
            stage.changes()?;
            node.overload(48, 8);
            stage.changes()
        }
        Fault::ServerFrozen => {
            node.signal("STOP")?;
            let went = stage.changes();
            stage.pause(1_000..3_000);
            node.signal("CONT")?;
            went
        }
        Fault::ServerRestarted => {
            node.kill();
            stage.changes()?;
            node.restart()
        }
        Fault::BrokerRestarted => {
            stage.systems.broker.restart()?;
            stage.changes()
        }
        Fault::ClockSetBack => {
            node.kill();
            stage.changes()?;
            node.restart_behind(Duration::from_secs(3_600))?;
            stage.act(2)
        }
    }
}
