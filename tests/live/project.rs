//! What a user gets: the output of `ora2stream migrate` for a sample, generated with the
//! settings of this run's systems, so that the very files run.

use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, failed};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A generated project.
pub struct Project {
    folder: TempDir,
    plan: Value,
}

/// A topic that the plan wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTopic {
    /// Name.
    pub name: String,
    /// `cdc`, `result`, ...
    pub role: String,
    /// `compact` or `delete`.
    pub cleanup: String,
    /// Partitions.
    pub partitions: u64,
}

impl Project {
    /// Runs `migrate` on `samples/<sample>` with `--set` for each of `settings`.
    pub fn migrate(sample: &str, settings: &[(&str, &str)]) -> Live<Self> {
        let folder = tempfile::Builder::new().prefix("live-project-").tempdir()?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        run_migrate(&root.join("samples").join(sample), folder.path(), settings)?
            .expect_success(&format!("ora2stream migrate samples/{sample}"))?;
        let text = std::fs::read_to_string(folder.path().join("plan.json"))?;
        Ok(Self {
            folder,
            plan: serde_json::from_str(&text)?,
        })
    }

    /// A file of the project.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// The text of a file of the project.
    pub fn read(&self, relative: &str) -> Live<String> {
        std::fs::read_to_string(self.path(relative)).map_err(|e| failed(format!("{relative}: {e}")))
    }

    /// The files with this extension in a folder of the project, by name; at least one.
    pub fn files(&self, folder: &str, extension: &str) -> Live<Vec<PathBuf>> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.path(folder))
            .map_err(|e| failed(format!("{folder}/: {e}")))?
            .filter_map(Result::ok)
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == extension))
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(failed(format!("{folder}/ holds no .{extension} file")));
        }
        Ok(files)
    }

    /// The topics of the plan.
    pub fn topics(&self) -> Live<Vec<PlannedTopic>> {
        let topics = self.list("/topics")?.iter().map(|t| {
            Ok(PlannedTopic {
                name: text(t, "name")?,
                role: text(t, "role")?,
                cleanup: text(t, "cleanup")?,
                partitions: t["partitions"].as_u64().unwrap_or_default(),
            })
        });
        topics.collect()
    }

    /// The Flink scripts and the result topics that each fills.
    pub fn scripts(&self) -> Live<Vec<Script>> {
        let mut scripts = Vec::new();
        for group in self.list("/groups")? {
            let file = format!("flink/{}.sql", text(group, "name")?);
            let jobs = group["jobs"].as_array().cloned().unwrap_or_default();
            if jobs.is_empty() {
                continue;
            }
            let topics = jobs.iter().map(|job| text(job, "topic"));
            let keys = jobs.iter().map(|job| key(&job["write"]));
            let keeps = jobs.iter().map(|job| job["write"]["on_delete"] == "keep");
            scripts.push(Script {
                sql: self.read(&file)?,
                topics: topics.collect::<Live<_>>()?,
                keys: keys.collect::<Live<_>>()?,
                keeps: keeps.collect(),
                file,
            });
        }
        if scripts.is_empty() {
            return Err(failed("the plan holds no stream job"));
        }
        Ok(scripts)
    }

    /// The script that fills all of these topics.
    pub fn script_for(&self, topics: &[String]) -> Live<Script> {
        self.scripts()?
            .into_iter()
            .find(|s| topics.iter().all(|t| s.topics.contains(t)))
            .ok_or_else(|| failed(format!("no Flink script fills all of {topics:?}")))
    }

    /// The facts on which the job that fills `table` depends.
    pub fn preconditions(&self, table: &str) -> Live<Vec<String>> {
        let end = format!(".{table}");
        let jobs = self
            .list("/groups")?
            .iter()
            .filter_map(|g| g["jobs"].as_array());
        jobs.flatten()
            .filter(|job| job["topic"].as_str().is_some_and(|t| t.ends_with(&end)))
            .filter_map(|job| job["preconditions"].as_array())
            .flatten()
            .map(|p| text(p, "fact"))
            .collect()
    }

    /// The names of the planned Cassandra tables.
    pub fn cassandra_tables(&self) -> Live<Vec<String>> {
        self.list("/tables")?
            .iter()
            .map(|t| text(t, "name"))
            .collect()
    }

    /// The keyspace of the plan.
    pub fn keyspace(&self) -> Live<String> {
        let settings = self.plan.pointer("/settings/cassandra");
        text(settings.unwrap_or(&Value::Null), "keyspace")
    }

    fn list(&self, pointer: &str) -> Live<&Vec<Value>> {
        self.plan
            .pointer(pointer)
            .and_then(Value::as_array)
            .ok_or_else(|| failed(format!("plan.json has no {pointer}")))
    }
}

/// One generated Flink script.
pub struct Script {
    /// Its path within the project.
    pub file: String,
    /// Its text.
    pub sql: String,
    /// The result topics that it fills.
    pub topics: Vec<String>,
    /// The key columns of each of them.
    pub keys: Vec<Vec<String>>,
    /// Whether rows stay that the query does not have any more.
    pub keeps: Vec<bool>,
}

fn key(write: &Value) -> Live<Vec<String>> {
    let columns = write["key"].as_array().into_iter().flatten();
    let names: Option<Vec<String>> = columns.map(|c| c.as_str().map(str::to_owned)).collect();
    names
        .filter(|n| !n.is_empty())
        .ok_or_else(|| failed(format!("plan.json: no key in {write}")))
}

fn text(value: &Value, member: &str) -> Live<String> {
    value[member]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| failed(format!("plan.json: no {member} in {value}")))
}

/// The command itself, for inputs that need not be a sample.
pub fn run_migrate(input: &Path, out: &Path, settings: &[(&str, &str)]) -> Live<Finished> {
    let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
    command.arg("migrate").arg(input).arg("--out").arg(out);
    for (key, value) in settings {
        command.arg("--set").arg(format!("{key}={value}"));
    }
    process::run("ora2stream migrate", command, PATIENCE)
}
