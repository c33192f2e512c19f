//! `kafka-topics.sh` for generated scripts: a script of that name on the search path which
//! hands its arguments to Kafka's own TopicCommand.

use super::Broker;
use crate::harness::jars::{self, Java};
use crate::harness::process::{Finished, Process};
use crate::harness::{Live, PATIENCE, poll, ports, shell};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The tool, ready to be called by scripts.
pub struct TopicTool {
    _process: Process,
    bin: PathBuf,
    _folder: TempDir,
}

/// Talks to `java/TopicTool.java`; the port is the only hole.
fn shim(port: u16) -> String {
    format!(
        r#"#!/bin/bash
set -euo pipefail
exec 3<>/dev/tcp/127.0.0.1/{port}
{{ echo "$#"; for word in "$@"; do printf '%s' "$word" | base64 -w0; echo; done; }} >&3
answer=$(cat <&3)
printf '%s\n' "$answer" | sed '$d'
exit "$(printf '%s\n' "$answer" | tail -n 1)"
"#
    )
}

impl TopicTool {
    /// Starts the tool beside `broker`.
    pub fn start(broker: &Broker) -> Live<Self> {
        let kafka = jars::all_in(broker.jars());
        let classes = jars::compile("topic-tool", "TopicTool.java", &kafka)?;
        let folder = tempfile::Builder::new().prefix("live-topics-").tempdir()?;
        let [port] = ports::free()?;
        let mut command = Java {
            heap: "128m",
            temp: &folder.path().join("tmp"),
            class_path: jars::class_path([classes.into_os_string(), kafka]),
            options: vec![],
            main: "TopicTool",
            locks_memory: false,
        }
        .command()?;
        command.arg(port.to_string());
        let process = Process::start("topic tool", command, &folder.path().join("tool.log"))?;
        poll("the topic tool listens", PATIENCE, || {
            process.expect_alive()?;
            Ok(TcpStream::connect(("127.0.0.1", port)).ok())
        })?;
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin)?;
        shell::write_program(&bin.join("kafka-topics.sh"), &shim(port))?;
        Ok(Self {
            _process: process,
            bin,
            _folder: folder,
        })
    }

    /// The folder that holds `kafka-topics.sh`.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// Runs a shell script that expects `kafka-topics.sh` on its search path.
    pub fn run_script(&self, script: &Path) -> Live<Finished> {
        shell::run(script, &[], &[&self.bin])
    }
}
