//! The sink on a real broker and a real node: events a second from start to end of the process, its processor time and
//! memory; and the same against a server that acknowledges and writes nothing, so that it is seen who limits.
//! `cargo bench --bench sink` prints the table.
//!
//! `ORA2STREAM_BENCH_EVENTS` (500,000) and `ORA2STREAM_BENCH_ROUNDS` (3) make it shorter;
//! `ORA2STREAM_BENCH_PROGRAM` measures another build of the program.

#[path = "../../live/cassandra/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the live tests")]
mod cassandra;
#[path = "../../live/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the live tests")]
mod harness;
#[path = "../../live/kafka/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the live tests")]
mod kafka;
#[path = "../load/measure.rs"]
#[allow(dead_code, reason = "shared with the benchmark of loads")]
mod measure;
#[path = "../load/null.rs"]
#[allow(dead_code, reason = "shared with the benchmark of loads")]
mod null;
mod report;

use std::path::Path;
use std::process::{Command, ExitCode};

use cassandra::Node;
use cassandra::node::Settings;
use harness::{Live, ensure};
use kafka::{Broker, Record};
use report::Run;

fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).unwrap_or_default();
    text.replace('_', "").parse().unwrap_or(default)
}

fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it links.
    if !std::env::args().any(|a| a == "--bench") {
        return ExitCode::SUCCESS;
    }
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

/// Rows that the events are about: each is written several times.
const KEYS: u64 = 200_000;

fn key(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % KEYS
}

/// A result as Flink writes it, about 200 bytes.
fn result(topic: &str, n: u64) -> Record {
    let id = key(n);
    let note = format!("{n:0>100}");
    Record {
        topic: topic.into(),
        key: Some(format!("{{\"ID\":{id}}}")),
        value: Some(format!(
            "{{\"ID\":{id},\"GRP\":{},\"AMOUNT\":{}.{:02},\"AT\":\"2024-02-29 12:00:00\",\"NOTE\":\"{note}\"}}",
            id % 1000,
            n % 100_000,
            n % 100
        )),
    }
}

/// An update as Debezium writes it, with before and after, about 700 bytes.
fn event(topic: &str, n: u64) -> Record {
    let id = key(n);
    let image = |n: u64| {
        format!(
            "{{\"ID\":\"{id}\",\"GRP\":\"{}\",\"AMOUNT\":\"{}.{:02}\",\"AT\":1709208000000,\"NOTE\":\"{n:0>100}\"}}",
            id % 1000,
            n % 100_000,
            n % 100
        )
    };
    let scn = 1_000_000 + n / 3;
    Record {
        topic: topic.into(),
        key: Some(format!("{{\"ID\":\"{id}\"}}")),
        value: Some(format!(
            "{{\"before\":{},\"after\":{},\"source\":{{\"version\":\"3.6.1.Final\",\"connector\":\"oracle\",\"name\":\"ora\",\
             \"ts_ms\":1709208000000,\"snapshot\":\"false\",\"db\":\"P\",\"schema\":\"S\",\"table\":\"T\",\"txId\":\"06\",\
             \"scn\":\"{scn}\",\"commit_scn\":\"{scn}\",\"txSeq\":1}},\"transaction\":null,\"op\":\"u\",\"ts_ms\":1709208000000}}",
            image(n),
            image(n + 1)
        )),
    }
}

/// What is measured: its name, the format in the specification, and how an event is made.
type Kind = (&'static str, &'static str, fn(&str, u64) -> Record);

const KINDS: [Kind; 2] = [
    ("results", "upsert", result),
    ("change events", "debezium", event),
];

fn bench() -> Live<()> {
    let events = number("ORA2STREAM_BENCH_EVENTS", 500_000);
    let rounds = number("ORA2STREAM_BENCH_ROUNDS", 3);
    let node = Node::start_with(Settings {
        heap: "1g",
        quick_start: false,
        ..Settings::default()
    })?;
    node.run("CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")?;
    let broker = Broker::start()?;
    let mut table = report::HEAD.to_owned();
    for (name, format, make) in KINDS {
        let topic = format!("bench.{format}");
        broker.client().create_topic(&topic, 6)?;
        fill(&broker, &topic, events, make)?;
        node.run(&format!(
            "CREATE TABLE bench.{format} (id bigint PRIMARY KEY, grp int, amount decimal, at timestamp, note text)"
        ))?;
        let mut runs = Vec::new();
        for round in 0..=rounds {
            let run = once(&broker, &node, node.port(), (&topic, format, round), events)?;
            eprintln!("{name} round {round}: {run:?}");
            // The first run pays for the server's warming up.
            if round > 0 {
                runs.push(run);
            }
        }
        table.push_str(&report::line(name, runs));
        let server = null::Server::start(node.port())?;
        let run = once(
            &broker,
            &node,
            server.port(),
            (&topic, format, rounds + 1),
            events,
        )?;
        ensure(server.acknowledged() >= events, || {
            format!("the null server saw {} rows", server.acknowledged())
        })?;
        table.push_str(&report::line(&format!("{name}, null server"), vec![run]));
    }
    print!("{table}");
    Ok(())
}

fn fill(broker: &Broker, topic: &str, events: u64, make: fn(&str, u64) -> Record) -> Live<()> {
    let mut from = 0;
    while from < events {
        let to = (from + 50_000).min(events);
        let records: Vec<Record> = (from..to).map(|n| make(topic, n)).collect();
        broker.client().produce(&records)?;
        from = to;
    }
    Ok(())
}

/// All events of a topic into its table, by a group of its own.
fn once(
    broker: &Broker,
    node: &Node,
    port: u16,
    (topic, format, round): (&str, &str, u64),
    events: u64,
) -> Live<Run> {
    let folder = tempfile::tempdir()?;
    let group = format!("bench-{format}-{round}");
    broker.client().create_topic(&format!("{group}.dead"), 1)?;
    let file = folder.path().join("sink.toml");
    std::fs::write(&file, spec(broker, port, (&group, topic, format)))?;
    let pids = [node.process().pid()?, broker.process().pid()?];
    let servers = || pids.iter().map(|p| measure::cpu_seconds(*p)).sum::<f64>();
    let before = servers();
    let mut run = measure::run(command(&file), events)?;
    run.server_cpu = servers() - before;
    Ok(run)
}

fn command(file: &Path) -> Command {
    let program = std::env::var("ORA2STREAM_BENCH_PROGRAM");
    let mut command = Command::new(
        program
            .as_deref()
            .unwrap_or(env!("CARGO_BIN_EXE_ora2stream")),
    );
    command
        .args(["sink", "run"])
        .arg(file)
        .args(["--until-caught-up", "--progress", "none"]);
    command
}

fn spec(broker: &Broker, port: u16, (group, topic, format): (&str, &str, &str)) -> String {
    let columns = [
        (
            "ID",
            "{ type = \"number\", precision = 18, scale = 0 }",
            "bigint",
        ),
        (
            "GRP",
            "{ type = \"number\", precision = 9, scale = 0 }",
            "int",
        ),
        (
            "AMOUNT",
            "{ type = \"number\", precision = 12, scale = 2 }",
            "decimal",
        ),
        ("AT", "{ type = \"date\" }", "timestamp"),
        ("NOTE", "{ type = \"varchar\", length = 200 }", "text"),
    ];
    let columns: String = columns
        .iter()
        .map(|(name, oracle, cql)| {
            format!(
                "[[tables.columns]]\nfrom = \"{name}\"\nto = \"{}\"\noracle = {oracle}\ncql = \"{cql}\"\n",
                name.to_lowercase()
            )
        })
        .collect();
    format!(
        "version = 1\nbootstrap = \"{}\"\ngroup = \"{group}\"\ndead_letter = \"{group}.dead\"\nmax_errors = 0\n\
         contact_points = [\"127.0.0.1:{port}\"]\ndatacenter = \"datacenter1\"\nkeyspace = \"bench\"\n\
         [cassandra]\nconsistency = \"local_one\"\n\
         [[tables]]\ntopic = \"{topic}\"\nformat = \"{format}\"\ntable = \"{format}\"\non_delete = \"delete\"\nkey = [\"ID\"]\n{columns}",
        broker.bootstrap()
    )
}
