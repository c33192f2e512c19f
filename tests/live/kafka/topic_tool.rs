//! `kafka-topics.sh` for generated scripts: a script of that name on the search path which
//! hands its arguments to Kafka's own TopicCommand.

use super::Broker;
use crate::harness::jars::{self, Java};
use crate::harness::process::{self, Finished, Process};
use crate::harness::{Live, PATIENCE, failed, poll, ports};
use std::net::TcpStream;
use std::path::Path;
use tempfile::TempDir;

/// The tool, ready to be called by scripts.
pub struct TopicTool {
    _process: Process,
    folder: TempDir,
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
        write_executable(&bin.join("kafka-topics.sh"), &shim(port))?;
        Ok(Self {
            _process: process,
            folder,
        })
    }

    /// Runs a shell script that expects `kafka-topics.sh` on its search path.
    pub fn run_script(&self, script: &Path) -> Live<Finished> {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let bin = self.folder.path().join("bin");
        let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&old)))
            .map_err(|e| failed(format!("search path: {e}")))?;
        let mut command = process::command("bash", false);
        command.arg(script).env("PATH", path);
        process::run(&script.display().to_string(), command, PATIENCE)
    }
}

fn write_executable(path: &Path, text: &str) -> Live<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}
