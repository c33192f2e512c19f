//! The sink for the live tests: a specification, the program on it, and a model of what the tables must hold.

pub mod events;

use crate::cassandra::Node;
use crate::harness::process::{self, Finished, Process};
use crate::harness::{Live, PATIENCE, ensure, failed};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A sink in a folder of its own.
pub struct Sink {
    folder: TempDir,
}

/// What a specification is made of.
pub struct Spec<'a> {
    /// `host:port` of the broker.
    pub bootstrap: &'a str,
    /// Port of the node.
    pub port: u16,
    /// Consumer group; dead letters go to a topic of this name with `.dead` behind it.
    pub group: &'a str,
    /// `[[tables]]`.
    pub tables: &'a str,
    /// More keys, before the tables.
    pub more: &'a str,
}

impl Sink {
    /// Writes the specification.
    pub fn new(spec: &Spec<'_>) -> Live<Self> {
        let sink = Self {
            folder: tempfile::Builder::new().prefix("live-sink-").tempdir()?,
        };
        sink.write(spec)?;
        Ok(sink)
    }

    /// Writes another specification in its place.
    pub fn write(&self, spec: &Spec<'_>) -> Live<()> {
        self.write_as("sink.toml", spec)
    }

    /// Writes another specification beside it.
    pub fn write_as(&self, file: &str, spec: &Spec<'_>) -> Live<()> {
        let text = format!(
            "version = 1\nbootstrap = \"{}\"\ngroup = \"{}\"\ndead_letter = \"{}.dead\"\nmax_errors = 100\n\
             contact_points = [\"127.0.0.1:{}\"]\ndatacenter = \"datacenter1\"\nkeyspace = \"sinks\"\n{}\n{}",
            spec.bootstrap, spec.group, spec.group, spec.port, spec.more, spec.tables
        );
        Ok(std::fs::write(self.path(file), text)?)
    }

    /// The specification.
    pub fn spec(&self) -> PathBuf {
        self.path("sink.toml")
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `ora2stream sink <verb> sink.toml <more>`, not yet started.
    pub fn command(&self, verb: &str, more: &[&str]) -> Command {
        self.command_on("sink.toml", verb, more)
    }

    fn command_on(&self, file: &str, verb: &str, more: &[&str]) -> Command {
        let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
        command
            .args(["sink", verb])
            .arg(self.path(file))
            .args(more)
            .env("NO_COLOR", "1");
        command
    }

    /// Runs it to its end.
    pub fn run(&self, verb: &str, more: &[&str]) -> Live<Finished> {
        process::run("ora2stream sink", self.command(verb, more), PATIENCE)
    }

    /// Runs it to its end, which must be this exit code.
    pub fn expect(&self, verb: &str, more: &[&str], code: i32) -> Live<Finished> {
        let done = self.run(verb, more)?;
        ensure(done.status.code() == Some(code), || {
            format!(
                "sink {verb} {more:?} ended with {}, not {code}\n{}\n{}",
                done.status, done.stdout, done.stderr
            )
        })?;
        Ok(done)
    }

    /// Writes all that is in the topics now.
    pub fn catch_up(&self, code: i32) -> Live<Finished> {
        self.expect("run", &["--until-caught-up", "--progress", "lines"], code)
    }

    /// Starts a member; its output goes to `name` in the folder. It dies with its handle.
    pub fn start(&self, name: &str, more: &[&str]) -> Live<Process> {
        self.start_on("sink.toml", name, more)
    }

    /// The same on another of its specifications.
    pub fn start_on(&self, file: &str, name: &str, more: &[&str]) -> Live<Process> {
        Process::start(
            "ora2stream sink",
            self.command_on(file, "run", more),
            &self.path(name),
        )
    }
}

/// Sends a signal to a member and waits for its end.
pub fn signal(member: &Process, name: &str) -> Live<()> {
    let pid = member.pid()?.to_string();
    Command::new("kill").args([name, &pid]).status()?;
    let start = Instant::now();
    while member.expect_alive().is_ok() {
        ensure(start.elapsed() < PATIENCE, || {
            "the sink does not end".into()
        })?;
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Creates the keyspace and a table.
pub fn create(node: &Node, table: &str) -> Live<()> {
    node.run("CREATE KEYSPACE IF NOT EXISTS sinks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")?;
    node.run(&format!("CREATE TABLE sinks.{table}"))
}

/// A `[[tables]]` with columns `(name, Oracle type as TOML, CQL type)`; columns of the table are in lower case.
pub fn table(
    (topic, format, table): (&str, &str, &str),
    more: &str,
    columns: &[(&str, &str, &str)],
) -> String {
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
        "[[tables]]\ntopic = \"{topic}\"\nformat = \"{format}\"\ntable = \"{table}\"\n{more}\n{columns}"
    )
}

/// Two lists of rows are the same, or the first difference is told.
pub fn same<R: Ord + Clone + std::fmt::Debug>(what: &str, found: &[R], wanted: &[R]) -> Live<()> {
    let sorted = |rows: &[R]| {
        let mut rows = rows.to_vec();
        rows.sort();
        rows
    };
    let (found, wanted) = (sorted(found), sorted(wanted));
    if found == wanted {
        return Ok(());
    }
    let short = |row: Option<&R>| {
        let text = format!("{row:?}");
        text.chars().take(400).collect::<String>()
    };
    let missing = wanted.iter().find(|r| found.binary_search(r).is_err());
    let extra = found.iter().find(|r| wanted.binary_search(r).is_err());
    Err(failed(format!(
        "{what}: {} rows, wanted {}\n  missing: {}\n  extra:   {}",
        found.len(),
        wanted.len(),
        short(missing),
        short(extra)
    )))
}
