//! Loads for the live tests: a file of rows, its specification, and the program on them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::cassandra::Node;
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, ensure, failed};

/// A row: partition, number in it, text.
pub type Row = (i64, i32, String);

/// Where a load goes.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A table of the keyspace `loads`.
    Cassandra {
        /// Port of the node.
        port: u16,
        /// Table.
        table: &'a str,
        /// More lines of `[cassandra]`.
        more: &'a str,
    },
    /// A topic.
    Kafka {
        /// `host:port`.
        bootstrap: &'a str,
        /// Topic.
        topic: &'a str,
    },
}

/// A load in a folder of its own.
pub struct Load {
    folder: TempDir,
}

/// The rows that a file of `rows` rows holds: 20 a partition, about 200 bytes each.
pub fn rows(rows: u64) -> Vec<Row> {
    let mut random = fastrand::Rng::with_seed(rows);
    (0..rows)
        .map(|n| {
            let text: String = (0..180).map(|_| random.lowercase()).collect();
            ((n / 20) as i64, (n % 20) as i32, text)
        })
        .collect()
}

/// Seed and number of the random points of a crash test: a few, or as many as `ORA2STREAM_CAMPAIGN` says.
pub fn points(few: u64) -> u64 {
    std::env::var("ORA2STREAM_CAMPAIGN")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(few)
}

impl Load {
    /// Writes the file and the specification.
    pub fn new(rows: &[Row], target: Target<'_>, limits: &str) -> Live<Self> {
        let mut csv = String::from("PK,CK,NOTE\n");
        for (pk, ck, note) in rows {
            csv.push_str(&format!("{pk},{ck},{note}\n"));
        }
        Self::of_csv(&csv, target, limits)
    }

    /// Writes this text as the file, and the specification.
    pub fn of_csv(csv: &str, target: Target<'_>, limits: &str) -> Live<Self> {
        let load = Self {
            folder: tempfile::Builder::new().prefix("live-load-").tempdir()?,
        };
        std::fs::write(load.path("rows.csv"), csv)?;
        std::fs::write(load.spec(), spec(&load.path("rows.csv"), target, limits))?;
        Ok(load)
    }

    /// A file of the load.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The specification.
    pub fn spec(&self) -> PathBuf {
        self.path("load.toml")
    }

    /// The state folder.
    pub fn state(&self) -> PathBuf {
        self.path("load.state")
    }

    /// `ora2stream backfill <verb> load.toml <more>`, not yet started.
    pub fn command(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
        command
            .args(["backfill", verb])
            .arg(self.spec())
            .args(more)
            .env("NO_COLOR", "1");
        command
    }

    /// Runs it to its end.
    pub fn run(&self, verb: &str, more: &[&str]) -> Live<Finished> {
        process::run("ora2stream backfill", self.command(verb, more), PATIENCE)
    }

    /// Runs it to its end, which must be this exit code.
    pub fn expect(&self, verb: &str, more: &[&str], code: i32) -> Live<Finished> {
        let done = self.run(verb, more)?;
        ensure(done.status.code() == Some(code), || {
            format!(
                "backfill {verb} {more:?} ended with {}, not {code}\n{}\n{}",
                done.status, done.stdout, done.stderr
            )
        })?;
        Ok(done)
    }

    /// Starts it; output goes to `out` and `err` in the folder.
    pub fn start(&self, verb: &str, more: &[&str]) -> Live<Child> {
        let file = |name| std::fs::File::create(self.path(name));
        let mut command = self.command(verb, more);
        command
            .stdin(Stdio::null())
            .stdout(file("out")?)
            .stderr(file("err")?);
        Ok(command.spawn()?)
    }

    /// What the manifest says; None where there is none yet.
    pub fn status(&self) -> Live<Option<Value>> {
        if !self.state().join("manifest.jsonl").exists() {
            return Ok(None);
        }
        let done = self.expect("status", &["--format", "json"], 0)?;
        Ok(Some(serde_json::from_str(&done.stdout)?))
    }

    /// Starts a load, kills it after `pause` (SIGKILL), and goes on until it is complete. Answers the rows that
    /// the manifest knew of when it was killed.
    pub fn killed_after(&self, pause: Duration) -> Live<u64> {
        let mut child = self.start("run", &["--progress", "none"])?;
        std::thread::sleep(pause);
        child.kill()?;
        child.wait()?;
        let Some(before) = self.status()? else {
            self.expect("run", &["--progress", "none"], 0)?;
            return Ok(0);
        };
        let (read, chunks) = (number(&before, "read")?, number(&before, "chunks")?);
        let done = self.expect("resume", &["--progress", "json"], 0)?;
        let after = self
            .status()?
            .ok_or_else(|| failed("the manifest is gone"))?;
        let all = number(&after, "read")?;
        ensure(number(&after, "done")? == chunks, || {
            format!("not complete: {after}")
        })?;
        // What was done is not done again: the second run reads only what was not known to be written.
        let last = done.stderr.lines().rfind(|l| l.contains("\"end\""));
        if let Some(last) = last {
            let again = number(&serde_json::from_str(last)?, "read")?;
            ensure(again == all - read, || {
                format!("{read} of {all} rows were done, and {again} were read again")
            })?;
        }
        Ok(read)
    }
}

/// A number of a JSON object.
pub fn number(object: &Value, key: &str) -> Live<u64> {
    object
        .get(key)
        .and_then(Value::as_u64)
        .ok_or_else(|| failed(format!("no {key} in {object}")))
}

fn spec(csv: &Path, target: Target<'_>, limits: &str) -> String {
    let target = match target {
        Target::Cassandra { port, table, more } => format!(
            "[cassandra]\ncontact_points = [\"127.0.0.1:{port}\"]\ndatacenter = \"datacenter1\"\nkeyspace = \"loads\"\ntable = \"{table}\"\nbatch = \"auto\"\nmax_errors = 1000\n{more}\n"
        ),
        Target::Kafka { bootstrap, topic } => {
            format!("[kafka]\nbootstrap = \"{bootstrap}\"\ntopic = \"{topic}\"\n")
        }
    };
    format!(
        r#"version = 1
table = "LOADS.ROWS"
purpose = "a test"
key = ["PK", "CK"]
after = []
[source]
kind = "csv"
files = ["{}"]
[limits]
chunk_mb = 1
{limits}
{target}
[[columns]]
from = "PK"
to = "pk"
oracle = {{ type = "number", precision = 18, scale = 0 }}
cql = "bigint"
[[columns]]
from = "CK"
to = "ck"
oracle = {{ type = "number", precision = 9, scale = 0 }}
cql = "int"
[[columns]]
from = "NOTE"
to = "note"
oracle = {{ type = "varchar", length = 400 }}
cql = "text"
"#,
        csv.display()
    )
}

/// Creates a table for rows; the keyspace too.
pub fn create(node: &Node, table: &str) -> Live<()> {
    node.run("CREATE KEYSPACE IF NOT EXISTS loads WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")?;
    node.run(&format!(
        "CREATE TABLE loads.{table} (pk bigint, ck int, note text, PRIMARY KEY (pk, ck))"
    ))
}

/// The table holds exactly these rows.
pub fn expect_rows(node: &Node, table: &str, rows: &[Row]) -> Live<()> {
    let found: Vec<Row> = node.rows(&format!("SELECT pk, ck, note FROM loads.{table}"))?;
    let index = |rows: &[Row]| -> BTreeMap<(i64, i32), String> {
        rows.iter().map(|(p, c, n)| ((*p, *c), n.clone())).collect()
    };
    let (found, wanted) = (index(&found), index(rows));
    let missing = wanted.keys().filter(|k| !found.contains_key(k)).count();
    let different = wanted
        .iter()
        .filter(|(k, v)| found.get(k).is_some_and(|f| f != *v))
        .count();
    let extra = found.keys().filter(|k| !wanted.contains_key(k)).count();
    ensure(missing + different + extra == 0, || {
        format!("{table}: {missing} rows missing, {different} different, {extra} too many")
    })
}

/// Waits for a child, at most for as long as a test may take.
pub fn wait(child: &mut Child) -> Live<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return status.code().ok_or_else(|| failed("ended by a signal"));
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            return Err(failed("the load does not end"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
