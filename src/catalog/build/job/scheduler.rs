//! Objects of Oracle's schedulers, from calls in the code and from exports alike: programs, schedules, chains, jobs.

use indexmap::IndexMap;

use super::args::Args;
use super::bind::Values;
use crate::catalog::calls::CallGraph;
use crate::catalog::model::{Bound, JobOrigin, RoutineId};
use crate::catalog::resolve::{Callee, Resolver};
use crate::source::Span;

/// Everything that schedules speak of, by name in upper case.
#[derive(Debug, Default)]
pub(super) struct Scheduler {
    pub programs: IndexMap<String, Program>,
    pub schedules: IndexMap<String, String>,
    pub chains: IndexMap<String, Chain>,
    pub jobs: IndexMap<String, JobDef>,
    /// Calls that make a job.
    pub calls: u64,
    /// Calls that could not be read: the sentence and the place.
    pub unread: Vec<(String, Span)>,
}

/// What is run.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    /// PLSQL_BLOCK, STORED_PROCEDURE, CHAIN, EXECUTABLE, ..
    pub kind: String,
    pub action: String,
    /// Arguments by position (from 1) or name.
    pub args: Vec<(String, Bound)>,
}

/// A chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// Step and program.
    pub steps: IndexMap<String, String>,
    /// Condition and action.
    pub rules: Vec<(String, String)>,
    pub place: At,
}

/// A job.
#[derive(Clone, Debug)]
pub(super) struct JobDef {
    pub origin: JobOrigin,
    pub program: Program,
    /// Name of the program, when it is an object of its own.
    pub program_name: Option<String>,
    pub schedule_name: Option<String>,
    pub repeat: Option<String>,
    pub enabled: bool,
    pub place: At,
}

/// Where something stands.
#[derive(Clone, Debug, Default)]
pub(super) struct At {
    pub span: Option<Span>,
    pub file: String,
    pub line: u32,
}

const JOB: &[&str] = &[
    "JOB_NAME",
    "JOB_TYPE",
    "JOB_ACTION",
    "NUMBER_OF_ARGUMENTS",
    "START_DATE",
    "REPEAT_INTERVAL",
    "END_DATE",
    "JOB_CLASS",
    "ENABLED",
    "AUTO_DROP",
    "COMMENTS",
];
const JOB_WITH_SCHEDULE: &[&str] = &[
    "JOB_NAME",
    "SCHEDULE_NAME",
    "JOB_TYPE",
    "JOB_ACTION",
    "NUMBER_OF_ARGUMENTS",
    "JOB_CLASS",
    "ENABLED",
    "AUTO_DROP",
    "COMMENTS",
];
const JOB_WITH_PROGRAM: &[&str] = &[
    "JOB_NAME",
    "PROGRAM_NAME",
    "SCHEDULE_NAME",
    "JOB_CLASS",
    "ENABLED",
    "AUTO_DROP",
    "COMMENTS",
];
const PROGRAM: &[&str] = &[
    "PROGRAM_NAME",
    "PROGRAM_TYPE",
    "PROGRAM_ACTION",
    "NUMBER_OF_ARGUMENTS",
    "ENABLED",
    "COMMENTS",
];
const SCHEDULE: &[&str] = &[
    "SCHEDULE_NAME",
    "START_DATE",
    "REPEAT_INTERVAL",
    "END_DATE",
    "COMMENTS",
];
const STEP: &[&str] = &["CHAIN_NAME", "STEP_NAME", "PROGRAM_NAME"];
const RULE: &[&str] = &["CHAIN_NAME", "CONDITION", "ACTION", "RULE_NAME", "COMMENTS"];
const JOB_ARGUMENT: &[&str] = &["JOB_NAME", "ARGUMENT_POSITION", "ARGUMENT_VALUE"];
const PROGRAM_ARGUMENT: &[&str] = &[
    "PROGRAM_NAME",
    "ARGUMENT_POSITION",
    "ARGUMENT_NAME",
    "ARGUMENT_TYPE",
    "DEFAULT_VALUE",
];
const SUBMIT: &[&str] = &["JOB", "WHAT", "NEXT_DATE", "INTERVAL", "NO_PARSE"];

/// Types of jobs that stand in the second place of CREATE_JOB.
const KINDS: &[&str] = &[
    "PLSQL_BLOCK",
    "STORED_PROCEDURE",
    "CHAIN",
    "EXECUTABLE",
    "SQL_SCRIPT",
    "EXTERNAL_SCRIPT",
    "BACKUP_SCRIPT",
];

/// A scheduler's name in the form it is compared in: upper case unless quoted, with its schema.
pub(super) fn key(name: &str, schema: &str) -> String {
    let part = |p: &str| match p.strip_prefix('"').and_then(|p| p.strip_suffix('"')) {
        Some(quoted) => quoted.to_string(),
        None => p.to_uppercase(),
    };
    match name.trim().split_once('.') {
        Some((owner, name)) => format!("{}.{}", part(owner.trim()), part(name.trim())),
        None => format!("{schema}.{}", part(name.trim())),
    }
}

/// Reads all calls of DBMS_SCHEDULER and DBMS_JOB in the code.
pub(super) fn from_code(resolver: &Resolver<'_>, graph: &CallGraph) -> Scheduler {
    let mut scheduler = Scheduler::default();
    for (i, calls) in graph.calls.iter().enumerate() {
        for call in calls {
            let Callee::Builtin(name) = &call.callee else {
                continue;
            };
            let plain = name.strip_prefix("SYS.").unwrap_or(name);
            let Some((package, member)) = plain.split_once('.') else {
                continue;
            };
            if !matches!(package, "DBMS_SCHEDULER" | "DBMS_JOB") {
                continue;
            }
            let scope = resolver.routine_scope(RoutineId(i as u32));
            let mut reader = Reader {
                args: Args::of(resolver, scope, call.expr),
                place: at(resolver, call.span),
                span: call.span,
                out: &mut scheduler,
            };
            reader.read(package, member);
        }
    }
    scheduler
}

fn at(resolver: &Resolver<'_>, span: Span) -> At {
    let place = resolver.map.place(span);
    At {
        span: Some(span),
        file: place.file,
        line: place.line,
    }
}

struct Reader<'s, 'r, 'a> {
    args: Args<'r, 'a>,
    place: At,
    span: Span,
    out: &'s mut Scheduler,
}

impl Reader<'_, '_, '_> {
    fn read(&mut self, package: &str, member: &str) {
        match (package, member) {
            ("DBMS_SCHEDULER", "CREATE_JOB") => {
                self.out.calls += 1;
                self.create_job();
            }
            ("DBMS_SCHEDULER", "CREATE_PROGRAM") => self.create_program(),
            ("DBMS_SCHEDULER", "CREATE_SCHEDULE") => self.create_schedule(),
            ("DBMS_SCHEDULER", "CREATE_CHAIN") => self.create_chain(),
            ("DBMS_SCHEDULER", "DEFINE_CHAIN_STEP") => self.chain_step(),
            ("DBMS_SCHEDULER", "DEFINE_CHAIN_RULE") => self.chain_rule(),
            ("DBMS_SCHEDULER", "SET_JOB_ARGUMENT_VALUE") => self.job_argument(),
            ("DBMS_SCHEDULER", "DEFINE_PROGRAM_ARGUMENT") => self.program_argument(),
            ("DBMS_SCHEDULER", "SET_ATTRIBUTE") => self.attribute(),
            ("DBMS_SCHEDULER", "ENABLE") => self.enable(true),
            ("DBMS_SCHEDULER", "DISABLE") => self.enable(false),
            ("DBMS_JOB", "SUBMIT" | "ISUBMIT") => {
                self.out.calls += 1;
                self.submit();
            }
            // Others run, stop, drop or describe what these create.
            _ => {}
        }
    }

    fn schema(&self) -> &str {
        &self.args.scope.schema
    }

    /// A name argument, as key; a finding if it is no constant.
    fn name(&mut self, what: &str, order: &[&str]) -> Option<String> {
        match self.args.text(what, order) {
            Some(text) => Some(key(&text, self.schema())),
            None => {
                let written = self.args.written(what, order).unwrap_or_default();
                let sentence =
                    format!("{what} of a scheduler's object is not a constant: `{written}`");
                self.out.unread.push((sentence, self.span));
                None
            }
        }
    }

    fn create_job(&mut self) {
        let second = self.args.positional.get(1).is_some();
        let kind_at = |args: &Args<'_, '_>, i: usize| {
            let e = args.positional.get(i).copied();
            e.and_then(|e| super::args::text(args.resolver, &args.scope, e, 0))
                .is_some_and(|t| KINDS.contains(&t.to_uppercase().as_str()))
        };
        let order = match second {
            true if kind_at(&self.args, 1) => JOB,
            true if kind_at(&self.args, 2) => JOB_WITH_SCHEDULE,
            true => JOB_WITH_PROGRAM,
            false => JOB,
        };
        // A job whose name is made at run time is still a job: it is named by its text.
        let name = match self.args.text("JOB_NAME", order) {
            Some(text) => key(&text, self.schema()),
            None => self
                .args
                .written("JOB_NAME", order)
                .unwrap_or_else(|| "?".into()),
        };
        let object = |args: &Args<'_, '_>, what: &str| {
            args.text(what, order).map(|t| key(&t, &args.scope.schema))
        };
        let action = self.args.text("JOB_ACTION", order);
        if action.is_none() && self.args.get("JOB_ACTION", order).is_some() {
            let sentence = format!("the action of job {name} is not a constant");
            self.out.unread.push((sentence, self.span));
        }
        let job = JobDef {
            origin: JobOrigin::Scheduler,
            program: Program {
                kind: self
                    .args
                    .text("JOB_TYPE", order)
                    .unwrap_or_default()
                    .to_uppercase(),
                action: action.unwrap_or_default(),
                args: Vec::new(),
            },
            program_name: object(&self.args, "PROGRAM_NAME"),
            schedule_name: object(&self.args, "SCHEDULE_NAME"),
            repeat: self
                .args
                .text("REPEAT_INTERVAL", order)
                .filter(|t| !t.is_empty()),
            enabled: self.args.flag("ENABLED", order).unwrap_or(false),
            place: self.place.clone(),
        };
        self.out.add_job(name, job);
    }

    fn create_program(&mut self) {
        let Some(name) = self.name("PROGRAM_NAME", PROGRAM) else {
            return;
        };
        let program = Program {
            kind: self
                .args
                .text("PROGRAM_TYPE", PROGRAM)
                .unwrap_or_default()
                .to_uppercase(),
            action: self
                .args
                .text("PROGRAM_ACTION", PROGRAM)
                .unwrap_or_default(),
            args: Vec::new(),
        };
        self.out.programs.insert(name, program);
    }

    fn create_schedule(&mut self) {
        let name = self.name("SCHEDULE_NAME", SCHEDULE);
        let repeat = self.args.text("REPEAT_INTERVAL", SCHEDULE);
        if let (Some(name), Some(repeat)) = (name, repeat) {
            self.out.schedules.insert(name, repeat);
        }
    }

    fn create_chain(&mut self) {
        if let Some(name) = self.name("CHAIN_NAME", &["CHAIN_NAME"]) {
            self.out.chains.entry(name).or_default().place = self.place.clone();
        }
    }

    fn chain_step(&mut self) {
        let names = (
            self.name("CHAIN_NAME", STEP),
            self.args.text("STEP_NAME", STEP),
        );
        let program = self.name("PROGRAM_NAME", STEP);
        if let ((Some(chain), Some(step)), Some(program)) = (names, program) {
            let chain = self.out.chains.entry(chain).or_default();
            chain
                .steps
                .insert(step.trim_matches('"').to_uppercase(), program);
        }
    }

    fn chain_rule(&mut self) {
        let chain = self.name("CHAIN_NAME", RULE);
        let condition = self.args.text("CONDITION", RULE);
        let action = self.args.text("ACTION", RULE);
        if let (Some(chain), Some(condition), Some(action)) = (chain, condition, action) {
            self.out
                .chains
                .entry(chain)
                .or_default()
                .rules
                .push((condition, action));
        }
    }

    /// A value as it is bound: the expression was evaluated once, when the job was made.
    fn bound(&self, what: &str, order: &[&str]) -> Option<Bound> {
        let expr = self.args.get(what, order)?;
        let values = Values {
            view: self.args.resolver.view(self.args.scope.unit),
            names: &|_| None,
        };
        Some(match values.bound(expr) {
            Bound::RunDate(text) => {
                Bound::Unknown(format!("{text}, as it was when the job was made"))
            }
            other => other,
        })
    }

    fn job_argument(&mut self) {
        let order = JOB_ARGUMENT;
        let Some(name) = self.name("JOB_NAME", order) else {
            return;
        };
        let which = self.args.text("ARGUMENT_NAME", order);
        let which = which.or_else(|| self.args.text("ARGUMENT_POSITION", order));
        let value = self.bound("ARGUMENT_VALUE", order);
        if let (Some(which), Some(value), Some(job)) = (which, value, self.out.jobs.get_mut(&name))
        {
            job.program.args.push((which.to_uppercase(), value));
        }
    }

    fn program_argument(&mut self) {
        let order = PROGRAM_ARGUMENT;
        let Some(name) = self.name("PROGRAM_NAME", order) else {
            return;
        };
        let which = self.args.text("ARGUMENT_POSITION", order);
        let value = self.bound("DEFAULT_VALUE", order);
        let program = self.out.programs.get_mut(&name);
        if let (Some(which), Some(value), Some(program)) = (which, value, program) {
            program.args.push((which, value));
        }
    }

    fn attribute(&mut self) {
        let order = &["NAME", "ATTRIBUTE", "VALUE"];
        let (Some(name), Some(attribute)) = (
            self.args.text("NAME", order),
            self.args.text("ATTRIBUTE", order),
        ) else {
            return;
        };
        let schema = self.schema().to_string();
        let value = self.args.text("VALUE", order);
        let (Some(job), Some(value)) = (self.out.jobs.get_mut(&key(&name, &schema)), value) else {
            return;
        };
        match attribute.to_uppercase().as_str() {
            "REPEAT_INTERVAL" => job.repeat = Some(value),
            "SCHEDULE_NAME" => job.schedule_name = Some(key(&value, &schema)),
            "PROGRAM_NAME" => job.program_name = Some(key(&value, &schema)),
            "JOB_ACTION" => job.program.action = value,
            "JOB_TYPE" => job.program.kind = value.to_uppercase(),
            _ => {}
        }
    }

    fn enable(&mut self, enabled: bool) {
        let Some(names) = self.args.text("NAME", &["NAME"]) else {
            return;
        };
        let schema = self.schema().to_string();
        for name in names.split(',') {
            if let Some(job) = self.out.jobs.get_mut(&key(name, &schema)) {
                job.enabled = enabled;
            }
        }
    }

    fn submit(&mut self) {
        let number = self.args.text("JOB", SUBMIT);
        let n = self
            .out
            .jobs
            .values()
            .filter(|j| j.origin == JobOrigin::DbmsJob)
            .count()
            + 1;
        let name = format!("DBMS_JOB_{}", number.unwrap_or_else(|| n.to_string()));
        let action = self.args.text("WHAT", SUBMIT);
        if action.is_none() {
            let sentence = format!("what {name} runs is not a constant");
            self.out.unread.push((sentence, self.span));
        }
        let job = JobDef {
            origin: JobOrigin::DbmsJob,
            program: Program {
                kind: "PLSQL_BLOCK".into(),
                action: action.unwrap_or_default(),
                args: Vec::new(),
            },
            program_name: None,
            schedule_name: None,
            repeat: self.args.text("INTERVAL", SUBMIT).filter(|t| !t.is_empty()),
            enabled: true,
            place: self.place.clone(),
        };
        self.out.add_job(name, job);
    }
}

impl Scheduler {
    /// Adds a job; a second of the name is counted beside the first.
    pub(super) fn add_job(&mut self, name: String, job: JobDef) {
        let mut unique = name.clone();
        let mut n = 2;
        while self.jobs.contains_key(&unique) {
            unique = format!("{name}#{n}");
            n += 1;
        }
        self.jobs.insert(unique, job);
    }
}
