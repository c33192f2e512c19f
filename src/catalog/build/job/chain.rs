//! From the scheduler's objects to jobs: programs and schedules looked up, chains taken apart into steps.

use super::scheduler::{At, Chain, JobDef, Program, Scheduler, key};
use super::shell::Shells;
use super::text::{Texts, unknown};
use crate::catalog::model::{Bound, Entry, Job, JobOrigin};
use crate::rel::DataType;

/// Makes jobs of the scheduler's objects.
pub(super) struct Maker<'m, 'r, 'a> {
    pub scheduler: &'m Scheduler,
    pub texts: &'m Texts<'r, 'a>,
    pub shells: &'m Shells<'m>,
}

impl Maker<'_, '_, '_> {
    /// All jobs in order of definition, each chain's steps after the first job that runs it.
    pub(super) fn jobs(&self) -> Vec<Job> {
        let mut out = Vec::new();
        let mut done: Vec<String> = Vec::new();
        for (name, def) in &self.scheduler.jobs {
            let program = self.program(def);
            let schedule = self.schedule(def);
            let entries = match &program {
                Some(p) => self.entries(p, 0),
                None => vec![self.no_program(def)],
            };
            out.push(job(
                name,
                def.origin,
                entries,
                schedule.clone(),
                def.enabled,
                &def.place,
            ));
            let chain = program
                .filter(|p| p.kind == "CHAIN")
                .map(|p| key(&p.action, &self.texts.schema));
            if let Some(chain) = chain.filter(|c| !done.contains(c)) {
                out.extend(self.steps(&chain, schedule, def.enabled));
                done.push(chain);
            }
        }
        for name in self.scheduler.chains.keys().filter(|c| !done.contains(c)) {
            out.extend(self.steps(name, None, false));
        }
        out
    }

    fn schedule(&self, def: &JobDef) -> Option<String> {
        let named = def.schedule_name.as_ref();
        let found = named.map(|n| self.scheduler.schedules.get(n).unwrap_or(n).clone());
        def.repeat.clone().or(found)
    }

    fn program(&self, def: &JobDef) -> Option<Program> {
        let Some(name) = &def.program_name else {
            return Some(def.program.clone());
        };
        let mut program = self.scheduler.programs.get(name)?.clone();
        // The job's own values go before the program's defaults.
        for (which, value) in &def.program.args {
            program.args.retain(|(w, _)| w != which);
            program.args.push((which.clone(), value.clone()));
        }
        Some(program)
    }

    fn no_program(&self, def: &JobDef) -> Entry {
        let name = def.program_name.as_deref().unwrap_or("?");
        unknown(name, &format!("program {name} is not in the input"))
    }

    fn entries(&self, program: &Program, depth: u32) -> Vec<Entry> {
        if program.action.is_empty() {
            return vec![unknown("", "the action is not a constant")];
        }
        match program.kind.as_str() {
            "STORED_PROCEDURE" => self.procedure(program),
            "CHAIN" => self.chain_entries(&key(&program.action, &self.texts.schema), depth),
            "EXECUTABLE" => self.shells.command(self.texts, &program.action),
            "EXTERNAL_SCRIPT" => self.shells.text(self.texts, &program.action),
            "SQL_SCRIPT" | "BACKUP_SCRIPT" => self.shells.sql(self.texts, &program.action),
            _ => self.texts.block_text(&program.action),
        }
    }

    fn procedure(&self, program: &Program) -> Vec<Entry> {
        let canonical = |p: &str| match p.trim().strip_prefix('"').and_then(|p| p.strip_suffix('"'))
        {
            Some(quoted) => quoted.to_string(),
            None => p.trim().to_uppercase(),
        };
        let parts: Vec<_> = program.action.split('.').map(canonical).collect();
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        let (positions, named): (Vec<_>, Vec<_>) = program
            .args
            .iter()
            .cloned()
            .partition(|(which, _)| which.parse::<usize>().is_ok());
        let at = |i: usize| {
            positions
                .iter()
                .find(|(w, _)| w.parse() == Ok(i))
                .map(|(_, b)| b.clone())
        };
        let count = positions
            .iter()
            .filter_map(|(w, _)| w.parse().ok())
            .max()
            .unwrap_or(0);
        let untyped = |b: Bound| {
            let reason = "the scheduler converts it".to_string();
            (b, DataType::Unknown { reason })
        };
        let hole = || Bound::Unknown("the job gives no value for this argument".into());
        let positional: Vec<_> = (1..=count)
            .map(|i| untyped(at(i).unwrap_or_else(hole)))
            .collect();
        let named: Vec<_> = named.into_iter().map(|(n, b)| (n, untyped(b))).collect();
        let entry = self
            .texts
            .entry(&parts, program.action.clone(), &positional, &named);
        vec![entry.unwrap_or_else(|| unknown(&program.action, "it is Oracle's own"))]
    }

    fn chain_entries(&self, name: &str, depth: u32) -> Vec<Entry> {
        let Some(chain) = self.scheduler.chains.get(name).filter(|_| depth < 16) else {
            return vec![unknown(name, &format!("chain {name} is not in the input"))];
        };
        let steps = in_order(chain);
        steps
            .iter()
            .flat_map(|s| self.step_entries(&chain.steps[*s], depth))
            .collect()
    }

    fn step_entries(&self, program: &str, depth: u32) -> Vec<Entry> {
        if let Some(p) = self.scheduler.programs.get(program) {
            return self.entries(p, depth + 1);
        }
        if self.scheduler.chains.contains_key(program) {
            return self.chain_entries(program, depth + 1);
        }
        vec![unknown(
            program,
            &format!("program {program} is not in the input"),
        )]
    }

    /// The steps of a chain as jobs of their own.
    fn steps(&self, name: &str, schedule: Option<String>, enabled: bool) -> Vec<Job> {
        let Some(chain) = self.scheduler.chains.get(name) else {
            return Vec::new();
        };
        let step = |s: &&String| {
            let entries = self.step_entries(&chain.steps[*s], 0);
            let full = format!("{name}.{s}");
            let place = &chain.place;
            let mut job = job(
                &full,
                JobOrigin::ChainStep,
                entries,
                schedule.clone(),
                enabled,
                place,
            );
            job.after = predecessors(chain, s)
                .iter()
                .map(|p| format!("{name}.{p}"))
                .collect();
            job
        };
        in_order(chain).iter().map(step).collect()
    }
}

/// A job at its place.
pub(super) fn job(
    name: &str,
    origin: JobOrigin,
    entries: Vec<Entry>,
    schedule: Option<String>,
    enabled: bool,
    place: &At,
) -> Job {
    Job {
        name: name.to_string(),
        origin,
        entries,
        schedule,
        after: Vec::new(),
        enabled,
        span: place.span,
        file: place.file.clone(),
        line: place.line,
    }
}

/// Words of a rule in upper case.
fn words(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#');
    text.split(|c| !is_name(c))
        .filter(|w| !w.is_empty())
        .map(str::to_uppercase)
        .collect()
}

/// Steps that a rule's condition waits for before its action starts `step`.
fn predecessors<'c>(chain: &'c Chain, step: &str) -> Vec<&'c String> {
    let mut wanted: Vec<String> = Vec::new();
    for (condition, action) in &chain.rules {
        let action = words(action);
        let starts = action.iter().position(|w| w == "START");
        if starts.is_some_and(|at| action[at..].iter().any(|w| w == step)) {
            wanted.extend(words(condition));
        }
    }
    chain
        .steps
        .keys()
        .filter(|s| *s != step && wanted.contains(s))
        .collect()
}

/// Steps so that each comes after those it waits for; in a ring, the order of definition.
fn in_order(chain: &Chain) -> Vec<&String> {
    let mut left: Vec<_> = chain.steps.keys().collect();
    let mut out: Vec<&String> = Vec::new();
    while !left.is_empty() {
        let free = |s: &&String| predecessors(chain, s).iter().all(|p| out.contains(p));
        let next = left.iter().position(free).unwrap_or(0);
        out.push(left.remove(next));
    }
    out
}
