//! Debezium's Oracle connector, asked what it thinks of a configuration.

use crate::harness::jars::{self, Java};
use crate::harness::{Live, PATIENCE, failed, process};
use std::path::Path;

/// One thing that the connector, or a look at its sources, says about a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `error`, `unknown`, `unresolved` or `connection`.
    pub kind: String,
    /// The key in question.
    pub key: String,
    /// What is wrong.
    pub text: String,
}

/// Checks configuration files; `secrets` are environment variables that they refer to.
pub fn check(file: &Path, secrets: &[(&str, &str)]) -> Live<Vec<Finding>> {
    let home = jars::fetch("connect")?;
    // The connector brings its own, older Kafka client: Connect's comes first.
    let system = jars::class_path([
        jars::all_in(&home.join("lib")),
        jars::all_in(&home.join("plugins").join("debezium-connector-oracle")),
    ]);
    let classes = jars::compile("connector-check", "ConnectorCheck.java", &system)?;
    let folder = tempfile::tempdir()?;
    let quiet = folder.path().join("log4j2.properties");
    std::fs::write(&quiet, "status = off\nrootLogger.level = off\n")?;
    let mut command = Java {
        heap: "256m",
        temp: folder.path(),
        class_path: jars::class_path([classes.into_os_string(), system]),
        options: vec![format!("-Dlog4j2.configurationFile={}", quiet.display())],
        main: "ConnectorCheck",
        locks_memory: false,
    }
    .command()?;
    command.envs(secrets.iter().copied()).arg(file);
    let done =
        process::run("connector check", command, PATIENCE)?.expect_success("connector check")?;
    done.stdout.lines().map(finding).collect()
}

fn finding(line: &str) -> Live<Finding> {
    let parts: Vec<&str> = line.splitn(4, '\t').collect();
    let [_, kind, key, text] = parts[..] else {
        return Err(failed(format!("connector check says {line}")));
    };
    Ok(Finding {
        kind: kind.to_owned(),
        key: key.to_owned(),
        text: text.to_owned(),
    })
}

/// Fails unless the only problem is that there is no database.
pub fn expect_only_connection(findings: &[Finding]) -> Live<()> {
    let connection = findings.iter().filter(|f| f.kind == "connection").count();
    if connection == findings.len() && connection > 0 {
        return Ok(());
    }
    Err(failed(format!("the connector objects: {findings:#?}")))
}
