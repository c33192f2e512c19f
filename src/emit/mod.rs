//! Plan -> files. Each emitter is a pure function of the plan alone and lives in its own folder; this file
//! holds the table of all of them. Knows nothing of syntax, catalogue, dataflow or rules, and does no I/O.

pub mod backfill;
pub mod compose;
pub mod cql;
pub mod debezium;
pub mod flink;
pub mod fluentd;
pub mod fragment;
pub mod kafka;
pub mod report;
pub mod runbook;
pub mod spark;
pub mod sql;
pub mod template;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod zeppelin;

use crate::plan::model::Plan;
use crate::rel::TableName;

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path relative to the output folder, with `/`.
    pub path: String,
    /// Bytes, complete.
    pub contents: Vec<u8>,
    /// To be marked executable where the system knows that.
    pub executable: bool,
}

impl GeneratedFile {
    /// A text file.
    pub fn text(path: impl Into<String>, contents: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            contents: contents.into().into_bytes(),
            executable: false,
        }
    }

    /// A script to run.
    pub fn script(path: impl Into<String>, contents: impl Into<String>) -> Self {
        Self {
            executable: true,
            ..Self::text(path, contents)
        }
    }
}

/// Why a plan could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// The emitter met something that its target cannot say; the planner should have made it a residual.
    #[error(
        "{emitter}: `{item}` cannot be generated: {what}; make it a residual in the plan, or choose another engine"
    )]
    Unsupported {
        /// Emitter.
        emitter: &'static str,
        /// Job, table or file.
        item: String,
        /// What is not supported, in words.
        what: String,
    },
    /// The plan contradicts itself, for example names a topic that it does not hold.
    #[error(
        "{emitter}: the plan is inconsistent at `{item}`: {what}; correct plan.json or plan again"
    )]
    Inconsistent {
        /// Emitter.
        emitter: &'static str,
        /// Job, table or file.
        item: String,
        /// What contradicts.
        what: String,
    },
    /// A template does not fit its data: a defect of ours.
    #[error("template `{name}`: {message}; this is a defect of ora2stream")]
    Template {
        /// Template.
        name: String,
        /// What the engine says.
        message: String,
    },
    /// `--only` names an emitter that does not exist.
    #[error("there is no emitter `{name}`; there are: {known}")]
    UnknownEmitter {
        /// As given.
        name: String,
        /// Names of all emitters.
        known: String,
    },
    /// Two emitters wrote the same path: a defect of ours.
    #[error("`{path}` is written twice; this is a defect of ora2stream")]
    Duplicate {
        /// Path.
        path: String,
    },
    /// A serialiser refused: a defect of ours.
    #[error("{emitter}: {message}; this is a defect of ora2stream")]
    Serialise {
        /// Emitter.
        emitter: &'static str,
        /// What the serialiser says.
        message: String,
    },
}

/// One target: a folder of the output, or part of one.
pub trait Emitter: Sync {
    /// What `generate --only` takes.
    fn name(&self) -> &'static str;
    /// Files for the plan, in a fixed order.
    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError>;
}

/// All emitters, in the order in which their files are listed. One line each.
pub static EMITTERS: &[&dyn Emitter] = &[
    &runbook::Runbook,
    &debezium::Debezium,
    &kafka::Kafka,
    &flink::FlinkEmitter,
    &spark::SparkEmitter,
    &spark::Loads,
    &cql::Cassandra,
    &backfill::Specs,
    &fluentd::Fluentd,
    &zeppelin::Zeppelin,
    &compose::Compose,
];

/// Files of all emitters, or of the named ones.
pub fn emit_all(plan: &Plan, only: Option<&[String]>) -> Result<Vec<GeneratedFile>, EmitError> {
    let mut files: Vec<GeneratedFile> = Vec::new();
    for emitter in chosen(only)? {
        for file in emitter.emit(plan)? {
            if files.iter().any(|f| f.path == file.path) {
                return Err(EmitError::Duplicate { path: file.path });
            }
            files.push(file);
        }
    }
    Ok(files)
}

/// A job that the engine cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Job, by [`StreamJob::id`](crate::plan::model::StreamJob::id).
    pub job: String,
    /// What it writes.
    pub target: TableName,
    /// Why, in words.
    pub what: String,
}

/// Jobs of the plan that the default engine cannot run. A plan without any is generated in full.
pub fn refusals(plan: &Plan) -> Vec<Refusal> {
    let mut out = Vec::new();
    for group in &plan.groups {
        for job in &group.jobs {
            if let Some(what) = flink::refusal(plan, group, job) {
                out.push(Refusal {
                    job: job.id.clone(),
                    target: job.write.target.clone(),
                    what,
                });
            }
        }
    }
    out
}

fn chosen(only: Option<&[String]>) -> Result<Vec<&'static dyn Emitter>, EmitError> {
    let Some(only) = only else {
        return Ok(EMITTERS.to_vec());
    };
    for name in only {
        if !EMITTERS.iter().any(|e| e.name() == name) {
            let known: Vec<&str> = EMITTERS.iter().map(|e| e.name()).collect();
            return Err(EmitError::UnknownEmitter {
                name: name.clone(),
                known: known.join(", "),
            });
        }
    }
    let wanted = EMITTERS
        .iter()
        .filter(|e| only.iter().any(|n| n == e.name()));
    Ok(wanted.copied().collect())
}
