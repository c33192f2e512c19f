//! Flink 2.2 by a small program of our own: its gateway and client are not published.

use super::{gateway, script};
use crate::harness::jars::{self, Java};
use crate::harness::process;
use crate::harness::{Live, PATIENCE};

/// Between statements in the file that the Java side reads; never part of SQL.
const SEPARATOR: &str = "\u{1e}";

/// Runs a script with bounded sources to its end on Flink 2.2.
pub fn run(script: &str) -> Live<()> {
    let flink = jars::all_in(&jars::fetch("flink22")?.join("lib"));
    let classes = jars::compile("flink-runner", "FlinkRunner.java", &flink)?;
    let folder = tempfile::Builder::new().prefix("live-flink22-").tempdir()?;
    let file = folder.path().join("statements");
    std::fs::write(&file, script::split(script).join(SEPARATOR))?;
    let mut command = Java {
        heap: "640m",
        temp: &folder.path().join("tmp"),
        class_path: jars::class_path([classes.into_os_string(), flink]),
        options: gateway::configure(folder.path())?,
        main: "FlinkRunner",
        locks_memory: false,
    }
    .command()?;
    command.arg(&file);
    process::run("Flink 2.2", command, PATIENCE)?.expect_success("Flink 2.2")?;
    Ok(())
}
