//! Exports of schedulers as CSV, recognised by their headers: DBA_SCHEDULER_* and DBA_JOBS of Oracle, job lists of
//! Control-M, JP1 and the like (a name and a command line).

use super::chain::job;
use super::scheduler::{At, JobDef, Program, Scheduler, key};
use super::shell::Shells;
use super::text::Texts;
use crate::catalog::build::AuxText;
use crate::catalog::build::dictionary::{Export, Row};
use crate::catalog::model::{Bound, Job, JobOrigin};

/// Reads Oracle's own exports into the scheduler's objects.
pub(super) fn oracle(aux: &[AuxText], schema: &str, out: &mut Scheduler) {
    for text in aux
        .iter()
        .filter(|a| a.path.to_ascii_lowercase().ends_with(".csv"))
    {
        let read = |needed: &[&str]| Export::read(&text.path, &text.text, needed);
        if let Some(e) = read(&["PROGRAM_NAME", "PROGRAM_ACTION"]) {
            e.rows().for_each(|r| program(r, schema, out));
        } else if let Some(e) = read(&["CHAIN_NAME", "STEP_NAME"]) {
            e.rows().for_each(|r| step(r, schema, out));
        } else if let Some(e) = read(&["CHAIN_NAME", "CONDITION", "ACTION"]) {
            e.rows().for_each(|r| rule(r, schema, out));
        } else if let Some(e) = read(&["JOB_NAME", "ARGUMENT_POSITION", "VALUE"]) {
            e.rows().for_each(|r| argument(r, schema, out));
        } else if let Some(e) = read(&["JOB_NAME", "JOB_ACTION"]) {
            e.rows().for_each(|r| scheduler_job(r, schema, out));
        } else if let Some(e) = read(&["SCHEDULE_NAME", "REPEAT_INTERVAL"]) {
            e.rows().for_each(|r| schedule(r, schema, out));
        } else if let Some(e) = read(&["JOB", "WHAT"]) {
            e.rows().for_each(|r| dbms_job(r, out));
        }
    }
}

fn owned(row: Row<'_>, owner: &str, name: &str, schema: &str) -> Option<String> {
    let owner = row.get(owner).unwrap_or(schema);
    row.get(name).map(|n| key(n, owner))
}

fn place(row: Row<'_>) -> At {
    At {
        span: None,
        file: row.path().to_string(),
        line: row.line as u32,
    }
}

fn program(row: Row<'_>, schema: &str, out: &mut Scheduler) {
    if let Some(name) = owned(row, "OWNER", "PROGRAM_NAME", schema) {
        let program = Program {
            kind: row
                .get("PROGRAM_TYPE")
                .unwrap_or("PLSQL_BLOCK")
                .to_uppercase(),
            action: row.get("PROGRAM_ACTION").unwrap_or("").to_string(),
            args: Vec::new(),
        };
        out.programs.entry(name).or_insert(program);
    }
}

fn step(row: Row<'_>, schema: &str, out: &mut Scheduler) {
    let chain = owned(row, "OWNER", "CHAIN_NAME", schema);
    let program = owned(row, "PROGRAM_OWNER", "PROGRAM_NAME", schema);
    if let (Some(chain), Some(step), Some(program)) = (chain, row.get("STEP_NAME"), program) {
        let chain = out.chains.entry(chain).or_default();
        if chain.place.file.is_empty() {
            chain.place = place(row);
        }
        chain.steps.entry(step.to_uppercase()).or_insert(program);
    }
}

fn rule(row: Row<'_>, schema: &str, out: &mut Scheduler) {
    let chain = owned(row, "OWNER", "CHAIN_NAME", schema);
    if let (Some(chain), Some(c), Some(a)) = (chain, row.get("CONDITION"), row.get("ACTION")) {
        let rules = &mut out.chains.entry(chain).or_default().rules;
        let rule = (c.to_string(), a.to_string());
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
}

fn argument(row: Row<'_>, schema: &str, out: &mut Scheduler) {
    let name = owned(row, "OWNER", "JOB_NAME", schema);
    let (Some(name), Some(value)) = (name, row.get("VALUE")) else {
        return;
    };
    let which = row
        .get("ARGUMENT_NAME")
        .or_else(|| row.get("ARGUMENT_POSITION"));
    if let (Some(which), Some(job)) = (which, out.jobs.get_mut(&name)) {
        let literal = format!("'{}'", value.replace('\'', "''"));
        job.program
            .args
            .push((which.to_uppercase(), Bound::Constant(literal)));
    }
}

fn schedule(row: Row<'_>, schema: &str, out: &mut Scheduler) {
    let name = owned(row, "OWNER", "SCHEDULE_NAME", schema);
    if let (Some(name), Some(repeat)) = (name, row.get("REPEAT_INTERVAL")) {
        out.schedules
            .entry(name)
            .or_insert_with(|| repeat.to_string());
    }
}

/// DBA_SCHEDULER_JOBS; a job that the code creates too is the same job.
fn scheduler_job(row: Row<'_>, schema: &str, out: &mut Scheduler) {
    let Some(name) = owned(row, "OWNER", "JOB_NAME", schema) else {
        return;
    };
    let enabled = row
        .get("ENABLED")
        .is_none_or(|e| e.eq_ignore_ascii_case("TRUE"));
    if let Some(known) = out.jobs.get_mut(&name) {
        known.enabled = enabled;
        return;
    }
    let job = JobDef {
        origin: JobOrigin::Export,
        program: Program {
            kind: row.get("JOB_TYPE").unwrap_or("").to_uppercase(),
            action: row.get("JOB_ACTION").unwrap_or("").to_string(),
            args: Vec::new(),
        },
        program_name: owned(row, "PROGRAM_OWNER", "PROGRAM_NAME", schema),
        schedule_name: owned(row, "SCHEDULE_OWNER", "SCHEDULE_NAME", schema),
        repeat: row.get("REPEAT_INTERVAL").map(String::from),
        enabled,
        place: place(row),
    };
    out.add_job(name, job);
}

/// DBA_JOBS.
fn dbms_job(row: Row<'_>, out: &mut Scheduler) {
    let (Some(number), Some(what)) = (row.get("JOB"), row.get("WHAT")) else {
        return;
    };
    let job = JobDef {
        origin: JobOrigin::Export,
        program: Program {
            kind: "PLSQL_BLOCK".into(),
            action: what.to_string(),
            args: Vec::new(),
        },
        program_name: None,
        schedule_name: None,
        repeat: row.get("INTERVAL").map(String::from),
        enabled: row
            .get("BROKEN")
            .is_none_or(|b| !b.eq_ignore_ascii_case("Y")),
        place: place(row),
    };
    out.add_job(format!("DBMS_JOB_{number}"), job);
}

const NAMES: &[&str] = &[
    "JOBNAME",
    "JOB_NAME",
    "JOB",
    "UNIT_NAME",
    "UNIT",
    "ジョブ名",
    "ユニット名",
];
const COMMANDS: &[&str] = &[
    "COMMAND",
    "CMDLINE",
    "CMD_LINE",
    "COMMAND_LINE",
    "SCRIPT",
    "コマンド",
    "スクリプト",
];
const TIMES: &[&str] = &[
    "SCHEDULE",
    "CALENDAR",
    "DAYS",
    "TIME_FROM",
    "TIME",
    "START_TIME",
    "スケジュール",
    "開始時刻",
];
const BEFORE: &[&str] = &[
    "PREDECESSOR",
    "PREDECESSORS",
    "IN_COND",
    "AFTER",
    "先行ジョブ",
];

/// Job lists of other schedulers: jobs and their command lines.
pub(super) fn lists(
    aux: &[AuxText],
    shells: &Shells<'_>,
    texts: &Texts<'_, '_>,
) -> Vec<(Job, String)> {
    let mut out = Vec::new();
    for text in aux
        .iter()
        .filter(|a| a.path.to_ascii_lowercase().ends_with(".csv"))
    {
        let named =
            |header: &[String], names: &[&str]| header.iter().any(|h| names.contains(&h.as_str()));
        let accept = |header: &[String]| named(header, NAMES) && named(header, COMMANDS);
        let Some(export) = Export::read_if(&text.path, &text.text, &accept) else {
            continue;
        };
        let column = |names: &[&'static str]| names.iter().copied().find(|n| export.has(n));
        let (Some(name), Some(command)) = (column(NAMES), column(COMMANDS)) else {
            continue;
        };
        for row in export.rows() {
            let (Some(name), Some(command)) = (row.get(name), row.get(command)) else {
                continue;
            };
            let times: Vec<_> = TIMES.iter().filter_map(|t| row.get(t)).collect();
            let schedule = Some(times.join(" ")).filter(|t| !t.is_empty());
            let entries = shells.command(texts, command);
            let mut new = job(
                name,
                JobOrigin::Export,
                entries,
                schedule,
                true,
                &place(row),
            );
            let before = BEFORE.iter().filter_map(|b| row.get(b));
            let names = before.flat_map(|b| b.split([',', ';', ' ', '|']));
            new.after = names.filter(|n| !n.is_empty()).map(String::from).collect();
            out.push((new, command.to_string()));
        }
    }
    out
}
