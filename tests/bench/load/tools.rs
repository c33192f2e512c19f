//! The tools and how they are called: each with the settings that were found best for it.

use std::path::Path;
use std::process::Command;

use crate::data::{COLUMNS, Shape};
use crate::harness::{Live, jars, process, python};

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Ours.
    Ora2stream,
    /// DataStax Bulk Loader 1.10.
    Dsbulk,
    /// cqlsh's COPY FROM.
    Cqlsh,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 3] = [Tool::Ora2stream, Tool::Dsbulk, Tool::Cqlsh];

    /// Name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Ora2stream => "ora2stream",
            Tool::Dsbulk => "dsbulk",
            Tool::Cqlsh => "cqlsh",
        }
    }
}

/// The command that loads a file into a table.
pub fn command(tool: Tool, port: u16, shape: Shape, file: &Path, table: &str) -> Live<Command> {
    match tool {
        Tool::Ora2stream => ora2stream(port, file, table),
        Tool::Dsbulk => dsbulk(port, shape, file, table),
        Tool::Cqlsh => cqlsh(port, file, table),
    }
}

fn ora2stream(port: u16, file: &Path, table: &str) -> Live<Command> {
    let spec = file.with_file_name(format!("{table}.toml"));
    let columns: String = COLUMNS
        .iter()
        .map(|(name, oracle, cql)| {
            let to = name.to_lowercase();
            format!(
                "\n[[columns]]\nfrom = \"{name}\"\nto = \"{to}\"\noracle = {oracle}\ncql = \"{cql}\"\n"
            )
        })
        .collect();
    let text = format!(
        r#"version = 1
table = "BENCH.T"
purpose = "benchmark"
key = ["PK", "CK"]
after = []
[source]
kind = "csv"
files = ["{}"]
[cassandra]
contact_points = ["127.0.0.1:{port}"]
datacenter = "datacenter1"
keyspace = "bench"
table = "{table}"
batch = "auto"
max_errors = 0
consistency = "local_one"
{columns}"#,
        file.display()
    );
    std::fs::write(&spec, text)?;
    let built = env!("CARGO_BIN_EXE_ora2stream").into();
    let program = std::env::var_os("ORA2STREAM_BENCH_PROGRAM").unwrap_or(built);
    let mut command = Command::new(program);
    command
        .args(["backfill", "run", "--fresh", "--progress", "none"])
        .arg(&spec);
    Ok(command)
}

/// Partitions of one row go by replica set, which is nearly twice as fast here as DSBulk's default.
fn dsbulk(port: u16, shape: Shape, file: &Path, table: &str) -> Live<Command> {
    let lib = jars::fetch("dsbulk")?.join("lib");
    let mode = match shape {
        Shape::Thirty => "PARTITION_KEY",
        Shape::One | Shape::Shuffled => "REPLICA_SET",
    };
    let field = |c: &(&str, &str, &str)| format!("{}={}", c.0, c.0.to_lowercase());
    let mapping: Vec<String> = COLUMNS.iter().map(field).collect();
    let mut command = process::command("java", false);
    command
        .arg("-Xmx512m")
        .arg("-cp")
        .arg(jars::all_in(&lib))
        .arg("com.datastax.oss.dsbulk.runner.DataStaxBulkLoader")
        .args(["load", "-h", "127.0.0.1", "-port", &port.to_string()])
        .arg("-url")
        .arg(file)
        .args(["-header", "true", "-k", "bench", "-t", table])
        .args(["-m", &mapping.join(",")])
        .args(["--codec.timestamp", "yyyy-MM-dd HH:mm:ss"])
        .args(["--batch.mode", mode])
        .args([
            "--log.verbosity",
            "quiet",
            "--log.checkpoint.enabled",
            "false",
        ])
        .args(["--driver.advanced.connection.pool.local.size", "1"])
        .arg("--log.directory")
        .arg(file.with_file_name("dsbulk-logs"));
    Ok(command)
}

fn cqlsh(port: u16, file: &Path, table: &str) -> Live<Command> {
    let python = python::with("cqlsh", &["cqlsh==6.2.2"])?;
    let columns: Vec<String> = COLUMNS.iter().map(|c| c.0.to_lowercase()).collect();
    let copy = format!(
        "COPY bench.{table} ({}) FROM '{}' WITH HEADER=TRUE AND NUMPROCESSES=2 AND CHUNKSIZE=5000 \
         AND MAXBATCHSIZE=30 AND MINBATCHSIZE=2 AND INGESTRATE=1000000 AND DATETIMEFORMAT='%Y-%m-%d %H:%M:%S'",
        columns.join(", "),
        file.display()
    );
    let mut command = process::command(python, false);
    // It leaves the rows that it could not load where it is started.
    if let Some(folder) = file.parent() {
        command.current_dir(folder);
    }
    command
        .args([
            "-m",
            "cqlshlib",
            "--no-color",
            "127.0.0.1",
            &port.to_string(),
        ])
        .args(["-e", &copy]);
    Ok(command)
}
