//! The sink on a real broker and a real node: events a second from start to end of the process, its processor time and
//! memory; the same against a server that acknowledges and writes nothing, so that it is seen who limits; and beside
//! it a Spark Structured Streaming job that writes the same topic into the same table. The rows of the table are
//! counted after every run. `cargo bench --bench sink` prints the table.
//!
//! `ORA2STREAM_BENCH_EVENTS` (500,000) and `ORA2STREAM_BENCH_ROUNDS` (3) make it shorter; `ORA2STREAM_BENCH_SPARK=off`
//! leaves Spark out; `ORA2STREAM_BENCH_PROGRAM` measures another build of the program.

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
#[path = "../../live/spark.rs"]
#[allow(dead_code, reason = "shared with the live tests")]
mod spark;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, ExitCode};

use cassandra::Node;
use cassandra::node::Settings;
use harness::{Live, ensure, failed};
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

/// The systems, and what is read from the one into the other.
struct Bench {
    broker: Broker,
    node: Node,
    events: u64,
    rounds: u64,
}

fn bench() -> Live<()> {
    let node = Node::start_with(Settings {
        heap: "1g",
        quick_start: false,
        ..Settings::default()
    })?;
    node.run("CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")?;
    let bench = Bench {
        broker: Broker::start()?,
        node,
        events: number("ORA2STREAM_BENCH_EVENTS", 500_000),
        rounds: number("ORA2STREAM_BENCH_ROUNDS", 3).max(1),
    };
    let mut table = report::HEAD.to_owned();
    for kind in KINDS {
        table.push_str(&bench.kind(kind)?);
    }
    print!("{table}");
    println!("{}", report::FOOT);
    Ok(())
}

impl Bench {
    /// The lines of one kind of events.
    fn kind(&self, (name, format, make): Kind) -> Live<String> {
        let topic = format!("bench.{format}");
        self.broker.client().create_topic(&topic, 6)?;
        fill(&self.broker, &topic, self.events, make)?;
        self.node.run(&format!(
            "CREATE TABLE bench.{format} (id bigint PRIMARY KEY, grp int, amount decimal, at timestamp, note text)"
        ))?;
        let keys = (0..self.events).map(key).collect::<BTreeSet<_>>().len();
        let mut lines = String::new();
        let mut runs = Vec::new();
        for round in 0..=self.rounds {
            let run = self.sink(self.node.port(), (&topic, format, round))?;
            eprintln!("{name} round {round}: {run:?}");
            self.count(format, keys)?;
            // The first run pays for the server's warming up.
            if round > 0 {
                runs.push(run);
            }
        }
        lines.push_str(&report::line(name, runs));
        if std::env::var("ORA2STREAM_BENCH_SPARK").as_deref() != Ok("off") {
            let mut runs = Vec::new();
            for round in 0..self.rounds {
                let run = self.spark(&topic, format)?;
                eprintln!("{name}, Spark, round {round}: {run:?}");
                self.count(format, keys)?;
                runs.push(run);
            }
            lines.push_str(&report::line(&format!("{name}, Spark"), runs));
        }
        let server = null::Server::start(self.node.port())?;
        let run = self.sink(server.port(), (&topic, format, self.rounds + 1))?;
        let acknowledged = server.acknowledged();
        ensure(acknowledged >= self.events, || {
            format!("the null server saw {acknowledged} rows")
        })?;
        lines.push_str(&report::line(&format!("{name}, null server"), vec![run]));
        Ok(lines)
    }

    /// Every key has its row; then the table is emptied.
    fn count(&self, table: &str, wanted: usize) -> Live<()> {
        let rows: Vec<(i64,)> = self.node.rows(&format!("SELECT id FROM bench.{table}"))?;
        ensure(rows.len() == wanted, || {
            format!("{} rows in {table}, wanted {wanted}", rows.len())
        })?;
        self.node.run(&format!("TRUNCATE bench.{table}"))
    }

    /// Processor seconds of Cassandra and Kafka so far.
    fn servers(&self) -> Live<f64> {
        let pids = [self.node.process().pid()?, self.broker.process().pid()?];
        Ok(pids.iter().map(|p| measure::cpu_seconds(*p)).sum())
    }

    /// All events of a topic into its table, by a group of its own.
    fn sink(&self, port: u16, (topic, format, round): (&str, &str, u64)) -> Live<Run> {
        let folder = tempfile::tempdir()?;
        let group = format!("bench-{format}-{round}");
        let client = self.broker.client();
        client.create_topic(&format!("{group}.dead"), 1)?;
        let file = folder.path().join("sink.toml");
        std::fs::write(&file, spec(&self.broker, port, (&group, topic, format)))?;
        let before = self.servers()?;
        let mut run = measure::run(command(&file), self.events)?;
        run.server_cpu = self.servers()? - before;
        Ok(run)
    }

    /// The same by Spark; the session's start does not count as time, but as processor time.
    fn spark(&self, topic: &str, format: &str) -> Live<Run> {
        let folder = tempfile::tempdir()?;
        let figures = folder.path().join("figures.json");
        let arguments = [
            self.broker.bootstrap().to_owned(),
            topic.to_owned(),
            format.to_owned(),
            format!("127.0.0.1:{}", self.node.port()),
            folder.path().join("checkpoint").display().to_string(),
            figures.display().to_string(),
        ];
        let session = spark::Session {
            systems: true,
            quick_start: false,
            memory: "2g",
        };
        let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/sink/stream.py");
        let command = spark::command(&job, &arguments, folder.path(), session)?;
        let before = self.servers()?;
        let mut run = measure::run(command, self.events)?;
        run.server_cpu = self.servers()? - before;
        let told: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&figures)?)?;
        run.wall = told["seconds"]
            .as_f64()
            .ok_or_else(|| failed("the Spark job tells no time"))?;
        Ok(run)
    }
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
