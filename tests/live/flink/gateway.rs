//! Flink's SQL gateway: one virtual machine for all tests, one session a script.

use super::script;
use crate::harness::jars::{self, Java};
use crate::harness::process::Process;
use crate::harness::{Live, PATIENCE, failed, poll, ports};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// `execution.target: local` runs each job in the gateway's own virtual machine, and
/// `dml-sync` ties a job to the operation that started it: cancelling one ends the other.
pub const CONFIG: &str = "\
execution.target: local
rest.port: 0
parallelism.default: 1
taskmanager.numberOfTaskSlots: 4
table.local-time-zone: UTC
table.dml-sync: true
sql-client.execution.result-mode: tableau
";

/// The jars of Flink and, before them, our stand-in for the Python support.
pub fn class_path() -> Live<(std::ffi::OsString, PathBuf)> {
    let jars = jars::fetch("flink")?.join("lib");
    let flink = jars::all_in(&jars);
    let stub = jars::compile("flink-python-stub", "PythonDependencyUtils.java", &flink)?;
    Ok((jars::class_path([stub.into_os_string(), flink]), jars))
}

/// Writes the configuration that gateway and client read; answers the options naming it.
pub fn configure(folder: &Path) -> Live<Vec<String>> {
    std::fs::write(folder.join("config.yaml"), CONFIG)?;
    std::fs::write(
        folder.join("log4j2.properties"),
        jars::log_to_stderr("error"),
    )?;
    Ok(vec![format!(
        "-Dlog4j2.configurationFile={}",
        folder.join("log4j2.properties").display()
    )])
}

/// A running gateway.
pub struct Gateway {
    process: Process,
    agent: ureq::Agent,
    base: String,
    _folder: TempDir,
}

/// Jobs that a script started and that go on until cancelled.
pub struct Running<'a> {
    gateway: &'a Gateway,
    session: String,
    /// Operation and the statement that it runs.
    operations: Vec<(String, String)>,
}

impl Gateway {
    /// Starts the gateway and waits until it answers.
    pub fn start() -> Live<Self> {
        let (class_path, _) = class_path()?;
        let folder = tempfile::Builder::new().prefix("live-flink-").tempdir()?;
        let [port] = ports::free()?;
        let mut command = Java {
            heap: "768m",
            temp: &folder.path().join("tmp"),
            class_path,
            options: configure(folder.path())?,
            main: "org.apache.flink.table.gateway.SqlGateway",
            locks_memory: false,
        }
        .command()?;
        command.env("FLINK_CONF_DIR", folder.path());
        for (key, value) in [
            ("address", "127.0.0.1"),
            ("bind-address", "127.0.0.1"),
            ("port", &port.to_string()),
        ] {
            command.arg(format!("-Dsql-gateway.endpoint.rest.{key}={value}"));
        }
        let process = Process::start("Flink", command, &folder.path().join("gateway.log"))?;
        let gateway = Self {
            process,
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(Duration::from_secs(60)))
                .build()
                .into(),
            base: format!("http://127.0.0.1:{port}/v1"),
            _folder: folder,
        };
        poll("the Flink SQL gateway answers", PATIENCE, || {
            gateway.process.expect_alive()?;
            Ok(gateway.call("GET", "/info", None).ok())
        })?;
        Ok(gateway)
    }

    /// The running process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Runs a script and leaves its jobs running.
    pub fn run_streaming(&self, script: &str) -> Live<Running<'_>> {
        self.begin(script, &[])
    }

    /// The same with checkpoints in a folder, kept when the jobs are cancelled; goes on from the last one, if asked to.
    pub fn run_from_checkpoint(
        &self,
        script: &str,
        folder: &Path,
        go_on: bool,
    ) -> Live<Running<'_>> {
        let uri = |path: &Path| format!("file://{}", path.display());
        let mut properties = vec![
            ("execution.checkpointing.dir", uri(folder)),
            (
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION".to_owned(),
            ),
        ];
        if go_on {
            properties.push((
                "execution.state-recovery.path",
                uri(&last_checkpoint(folder)?),
            ));
        }
        self.begin(script, &properties)
    }

    fn begin(&self, script: &str, properties: &[(&str, String)]) -> Live<Running<'_>> {
        let session = self.open_session(properties)?;
        let mut running = Running {
            gateway: self,
            session,
            operations: Vec::new(),
        };
        for statement in script::split(script) {
            let operation = running.submit(&statement)?;
            if starts_job(&statement) {
                running.operations.push((operation, statement));
            } else {
                running.wait(&operation, &statement)?;
            }
        }
        Ok(running)
    }

    fn open_session(&self, more: &[(&str, String)]) -> Live<String> {
        let mut properties = json!({"table.dml-sync": "true"});
        for (key, value) in more {
            properties[*key] = value.as_str().into();
        }
        let body = json!({ "properties": properties });
        text(
            &self.call("POST", "/sessions", Some(&body))?,
            "sessionHandle",
        )
    }

    /// One REST call; anything but success is an error with the server's own words.
    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Live<Value> {
        let url = format!("{}{path}", self.base);
        let mut response = match (method, body) {
            ("POST", body) => self
                .agent
                .post(&url)
                .header("Content-Type", "application/json")
                .send(body.map(Value::to_string).unwrap_or_default())?,
            ("DELETE", _) => self.agent.delete(&url).call()?,
            _ => self.agent.get(&url).call()?,
        };
        let status = response.status();
        let answer = response.body_mut().read_to_string()?;
        if !status.is_success() {
            return Err(failed(causes(&answer)));
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

/// The last checkpoint of the job whose folder of checkpoints this is: `<job>/chk-<n>`, once it is whole.
pub fn last_checkpoint(folder: &Path) -> Live<PathBuf> {
    let mut found = Vec::new();
    for job in std::fs::read_dir(folder)?.flatten() {
        for checkpoint in std::fs::read_dir(job.path())?.flatten() {
            let name = checkpoint.file_name().to_string_lossy().into_owned();
            let number = name
                .strip_prefix("chk-")
                .and_then(|n| n.parse::<u64>().ok());
            if let Some(number) = number
                && checkpoint.path().join("_metadata").is_file()
            {
                found.push((
                    checkpoint.metadata()?.modified()?,
                    number,
                    checkpoint.path(),
                ));
            }
        }
    }
    found.sort();
    found
        .pop()
        .map(|(_, _, path)| path)
        .ok_or_else(|| failed(format!("no checkpoint in {}", folder.display())))
}

/// The lines of a Java stack trace that say something, out of a JSON answer.
fn causes(answer: &str) -> String {
    let trace = serde_json::from_str::<Value>(answer)
        .ok()
        .and_then(|v| Some(v.get("errors")?.as_array()?.last()?.as_str()?.to_owned()))
        .unwrap_or_else(|| answer.to_owned());
    let lines: Vec<&str> = trace
        .lines()
        .filter(|l| !l.trim_start().starts_with("at ") && !l.trim_start().starts_with("... "))
        .take(40)
        .collect();
    lines.join("\n")
}

fn text(answer: &Value, member: &str) -> Live<String> {
    answer
        .get(member)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| failed(format!("Flink gateway: no {member} in {answer}")))
}

/// Where comments were, there is nothing to see.
fn without_blank_lines(statement: &str) -> String {
    let lines: Vec<&str> = statement.lines().filter(|l| !l.trim().is_empty()).collect();
    lines.join("\n")
}

fn starts_job(statement: &str) -> bool {
    let first = statement.split_whitespace().next().unwrap_or_default();
    first.eq_ignore_ascii_case("INSERT") || first.eq_ignore_ascii_case("EXECUTE")
}

impl Running<'_> {
    fn submit(&self, statement: &str) -> Live<String> {
        let path = format!("/sessions/{}/statements", self.session);
        let answer = self
            .gateway
            .call("POST", &path, Some(&json!({ "statement": statement })))?;
        text(&answer, "operationHandle")
    }

    fn status(&self, operation: &str) -> Live<String> {
        let path = format!("/sessions/{}/operations/{operation}/status", self.session);
        text(&self.gateway.call("GET", &path, None)?, "status")
    }

    fn wait(&self, operation: &str, statement: &str) -> Live<()> {
        poll(statement, PATIENCE, || {
            self.gateway.process.expect_alive()?;
            Ok(self.ended(operation, statement)?.then_some(()))
        })
    }

    /// Has the operation ended well? An error shows the statement and Flink's reasons.
    fn ended(&self, operation: &str, statement: &str) -> Live<bool> {
        let status = self.status(operation)?;
        if status == "FINISHED" {
            return Ok(true);
        }
        if status != "ERROR" && status != "CANCELED" && status != "TIMEOUT" && status != "CLOSED" {
            return Ok(false);
        }
        let path = format!("/sessions/{}/operations/{operation}/result/0", self.session);
        let why = match self.gateway.call("GET", &path, None) {
            Ok(answer) => answer.to_string(),
            Err(e) => e.to_string(),
        };
        Err(failed(format!(
            "Flink refuses ({status}):\n{}\n--- because ---\n{why}",
            without_blank_lines(statement)
        )))
    }

    /// Fails when one of the jobs has ended: a streaming job never does.
    pub fn expect_running(&self) -> Live<()> {
        for (operation, statement) in &self.operations {
            if self.ended(operation, statement)? {
                return Err(failed(format!("a streaming job ended:\n{statement}")));
            }
        }
        Ok(())
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        for (operation, _) in &self.operations {
            let path = format!("/sessions/{}/operations/{operation}/cancel", self.session);
            let _ = self.gateway.call("POST", &path, None);
        }
        let path = format!("/sessions/{}", self.session);
        let _ = self.gateway.call("DELETE", &path, None);
    }
}
