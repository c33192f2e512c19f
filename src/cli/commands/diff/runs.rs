//! A former run as far as it is compared: report.json for writes and jobs, plan.json for streams and residuals.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::assess::model::Report;
use crate::cli::exit::Failure;
use crate::diag::Code;
use crate::plan::model::Plan;

/// What a run said, by key. Keys hold no line numbers: code moves.
pub type Thing = BTreeMap<String, String>;

/// A former run; None for what its files do not say.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Writes and their outcomes.
    pub writes: Option<Thing>,
    /// Jobs and their verdicts.
    pub jobs: Option<Thing>,
    /// Planned streams.
    pub streams: Option<Thing>,
    /// Residuals and their reasons.
    pub residuals: Option<Thing>,
}

impl Run {
    /// Reads an output folder, a report.json or a plan.json.
    pub fn read(path: &Path) -> Result<Run, Failure> {
        if !path.exists() {
            let message = format!("{} does not exist", path.display());
            return Err(Failure::new(Code::NoSuchPath, message));
        }
        let mut run = Run::default();
        if path.is_dir() {
            let files = [path.join("report/report.json"), path.join("plan.json")];
            let present: Vec<_> = files.iter().filter(|f| f.is_file()).collect();
            if present.is_empty() {
                let message = format!("{} holds neither report nor plan", path.display());
                return Err(Failure::new(Code::NothingToRead, message)
                    .help("give the output folder of a run, its report.json or its plan.json"));
            }
            for file in present {
                run.add_file(file)?;
            }
        } else {
            run.add_file(path)?;
        }
        Ok(run)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let invalid =
            |why: String| Failure::new(Code::PlanInvalid, format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| invalid(e.to_string()))?;
        let json: Value = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        if json.get("gate").is_some() {
            let report = serde_json::from_value(json).map_err(|e| invalid(e.to_string()))?;
            self.add_report(&report);
        } else if json.get("groups").is_some() {
            let plan = serde_json::from_value(json).map_err(|e| invalid(e.to_string()))?;
            self.add_plan(&plan);
        } else {
            return Err(invalid("neither a report nor a plan".into()));
        }
        Ok(())
    }

    /// Takes writes and jobs from a report.
    pub fn add_report(&mut self, report: &Report) {
        let mut writes = Thing::new();
        for write in &report.writes {
            let table = write.table.as_deref().unwrap_or("?");
            let key = format!("{} {} {table}", write.routine, write.kind.as_str());
            let class = write.write_class.map(|c| word(&c)).unwrap_or_default();
            let reason = write.reason.map(|r| word(&r)).unwrap_or_default();
            let said = [word(&write.outcome), class, reason, write.rule.clone()];
            add(&mut writes, key, joined(&said));
        }
        self.writes = Some(writes);
        let jobs = report
            .jobs
            .iter()
            .map(|j| (j.name.clone(), word(&j.verdict)));
        self.jobs = Some(jobs.collect());
    }

    /// Takes streams and residuals from a plan.
    pub fn add_plan(&mut self, plan: &Plan) {
        let mut streams = Thing::new();
        for job in plan.groups.iter().flat_map(|g| &g.jobs) {
            let write = &job.write;
            let query = serde_json::to_vec(&write.query).unwrap_or_default();
            let said = format!(
                "{} by {} on delete {}, query {:016x}",
                word(&write.class),
                write.key.join(", "),
                word(&write.on_delete),
                fingerprint(&query),
            );
            add(
                &mut streams,
                format!("{} -> {}", job.id, write.target),
                said,
            );
        }
        self.streams = Some(streams);
        let mut residuals = Thing::new();
        for residual in &plan.residuals {
            let table = residual.table.as_deref().unwrap_or("?");
            let key = format!("{} {} {table}", residual.routine, residual.statement);
            add(&mut residuals, key, word(&residual.reason));
        }
        self.residuals = Some(residuals);
    }
}

/// Adds under the key, numbered if it is taken: the same statement may stand twice in a routine.
fn add(thing: &mut Thing, key: String, said: String) {
    let mut n = 1;
    let mut free = key.clone();
    while thing.contains_key(&free) {
        n += 1;
        free = format!("{key} #{n}");
    }
    thing.insert(free, said);
}

/// The word by which a closed enum goes in JSON.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

fn joined(parts: &[String]) -> String {
    let said: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    said.join(", ")
}

/// FNV-1a: enough to see that two queries differ.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| {
        (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
