//! The real SQL client, `-f script`: what a user would type. It ends with 0 even when a
//! statement fails, so its output decides.

use super::gateway;
use crate::harness::jars::Java;
use crate::harness::process;
use crate::harness::{Live, PATIENCE, failed};

/// Runs `script` in Flink's SQL client to its end.
pub fn run(script: &str) -> Live<()> {
    let (class_path, _) = gateway::class_path()?;
    let folder = tempfile::Builder::new().prefix("live-client-").tempdir()?;
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script)?;
    let mut command = Java {
        heap: "640m",
        temp: &folder.path().join("tmp"),
        class_path,
        options: gateway::configure(folder.path())?,
        main: "org.apache.flink.table.client.SqlClient",
        locks_memory: false,
    }
    .command()?;
    command
        .env("FLINK_CONF_DIR", folder.path())
        .args(["embedded", "-f"])
        .arg(&file)
        .arg("-hist")
        .arg(folder.path().join("history"));
    let done =
        process::run("Flink SQL client", command, PATIENCE)?.expect_success("Flink SQL client")?;
    let errors = ["[ERROR]", "Exception in thread"];
    if errors
        .iter()
        .any(|e| done.stdout.contains(e) || done.stderr.contains(e))
    {
        return Err(failed(format!(
            "Flink SQL client:\n{}\n{}",
            done.stdout, done.stderr
        )));
    }
    Ok(())
}
