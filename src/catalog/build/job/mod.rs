//! Jobs: what starts code, when, and with which values. From calls of Oracle's schedulers, exports, crontabs, shell
//! scripts and the project file; with none of them, from what nobody calls.

mod args;
mod bind;
mod chain;
mod cron;
mod export;
mod scheduler;
mod shell;
mod text;
mod uncalled;

use std::collections::{BTreeMap, BTreeSet};

use super::{Input, note};
use crate::catalog::calls::CallGraph;
use crate::catalog::model::{Catalog, Job, JobOrigin, Resolved, RoutineId, UnitRef};
use crate::catalog::resolve::Resolver;
use crate::diag::{Code, Diagnostic};
use chain::Maker;
use scheduler::{At, Scheduler};
pub(super) use shell::embedded;
use shell::{Shells, base, is_script};
use text::Texts;

/// Finds all jobs, and keeps the call graph that this takes.
pub(super) fn jobs(input: Input<'_>, catalog: &mut Catalog) {
    let (jobs, calls, unread, graph) = {
        let resolver = Resolver::new(input.map, input.files, catalog);
        let graph = CallGraph::build(&resolver);
        let mut scheduler = scheduler::from_code(&resolver, &graph);
        export::oracle(input.aux, &catalog.default_schema, &mut scheduler);
        let texts = Texts {
            resolver: &resolver,
            schema: catalog.default_schema.clone(),
        };
        let shells = Shells {
            input,
            routines: of_units(catalog),
        };
        let mut jobs = scheduled(input, &texts, &shells, &scheduler);
        // Schedules whose code is elsewhere say nothing of the code that is here.
        let known = |j: &Job| j.entries.iter().any(|e| e.routine.known().is_some());
        if !jobs.iter().any(known) {
            jobs.extend(uncalled::jobs(input, &texts, &shells, &graph));
        }
        (jobs, scheduler.calls, scheduler.unread, graph)
    };
    catalog.jobs = unique(jobs);
    catalog.job_calls = calls;
    catalog.calls = graph;
    for (message, span) in unread {
        note(
            catalog,
            Diagnostic::new(Code::ScheduleUnread, message).at(span, "here"),
        );
    }
    findings(input, catalog);
}

/// Routines that are units of a script: anonymous blocks, and what stands outside them.
fn of_units(catalog: &Catalog) -> BTreeMap<UnitRef, RoutineId> {
    let mut out = BTreeMap::new();
    for (i, r) in catalog.routines.iter().enumerate() {
        let id = RoutineId(i as u32);
        out.extend(r.items.iter().map(|u| (*u, id)));
        if r.name.starts_with("<block") {
            out.insert(r.unit, id);
        }
    }
    out
}

fn scheduled(
    input: Input<'_>,
    texts: &Texts<'_, '_>,
    shells: &Shells<'_>,
    scheduler: &Scheduler,
) -> Vec<Job> {
    let maker = Maker {
        scheduler,
        texts,
        shells,
    };
    let mut jobs = maker.jobs();
    let mut started = shells.called();
    for aux in input
        .aux
        .iter()
        .filter(|a| cron::is_crontab(a, &input.config.schedule_files))
    {
        jobs.extend(cron::jobs(aux, shells, texts));
        let names = cron::scripts(aux);
        started.extend(
            names
                .iter()
                .filter_map(|n| shells.find(n))
                .map(|a| a.path.as_str()),
        );
    }
    for (job, command) in export::lists(input.aux, shells, texts) {
        let words = shell::words(&command);
        let known = words.iter().filter_map(|n| shells.find(n));
        started.extend(known.map(|a| a.path.as_str()));
        jobs.push(job);
    }
    jobs.extend(scripts(input, shells, texts, &started));
    jobs.extend(
        input
            .config
            .entry_points
            .iter()
            .map(|e| configured(texts, e)),
    );
    jobs
}

/// Scripts that nothing else starts.
fn scripts(
    input: Input<'_>,
    shells: &Shells<'_>,
    texts: &Texts<'_, '_>,
    started: &[&str],
) -> Vec<Job> {
    let mut out = Vec::new();
    for aux in input
        .aux
        .iter()
        .filter(|a| is_script(a) && !started.contains(&a.path.as_str()))
    {
        let entries = shells.script(texts, aux);
        if entries.is_empty() {
            continue;
        }
        let file = base(&aux.path);
        let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let place = At {
            span: None,
            file: aux.path.clone(),
            line: 1,
        };
        out.push(chain::job(
            name,
            JobOrigin::Shell,
            entries,
            None,
            true,
            &place,
        ));
    }
    out
}

fn configured(texts: &Texts<'_, '_>, entry: &str) -> Job {
    let place = At {
        span: None,
        file: "ora2stream.toml".into(),
        line: 0,
    };
    let entries = texts.block_text(entry);
    let name = entry
        .split('(')
        .next()
        .unwrap_or(entry)
        .trim()
        .to_uppercase();
    chain::job(&name, JobOrigin::Configured, entries, None, true, &place)
}

/// Gives every job a name of its own.
fn unique(mut jobs: Vec<Job>) -> Vec<Job> {
    let mut seen = BTreeSet::new();
    for job in &mut jobs {
        let name = job.name.clone();
        let mut n = 2;
        while !seen.insert(job.name.clone()) {
            job.name = format!("{name}#{n}");
            n += 1;
        }
    }
    jobs
}

fn findings(input: Input<'_>, catalog: &mut Catalog) {
    let mut found = Vec::new();
    if !catalog.jobs.is_empty() && catalog.jobs.iter().all(|j| j.origin == JobOrigin::Uncalled) {
        found.push(Diagnostic::new(
            Code::NoSchedule,
            format!(
                "no schedule was found: {} routines that nobody calls are taken for jobs",
                catalog.jobs.len()
            ),
        ));
    }
    for (i, job) in catalog.jobs.iter().enumerate() {
        for entry in &job.entries {
            if let Resolved::Unknown(reason) = &entry.routine {
                let message = format!("job {} runs `{}`: {reason}", job.name, entry.text);
                found.push(placed(Diagnostic::new(Code::ScheduleTarget, message), job));
            }
        }
        if job.origin == JobOrigin::Uncalled {
            continue;
        }
        for param in bind::unbound(catalog, i) {
            let message = format!("job {} gives parameter {param} no value", job.name);
            found.push(placed(
                Diagnostic::new(Code::ParameterUnbound, message),
                job,
            ));
        }
    }
    for file in &input.config.schedule_files {
        let known = input.aux.iter().any(|a| a.path == *file)
            || input.map.iter().any(|(_, f)| f.path == *file);
        if !known {
            let message = format!("the schedule file {file} is not in the input");
            found.push(Diagnostic::new(Code::ScheduleFileMissing, message));
        }
    }
    catalog.findings.extend(found);
}

fn placed(finding: Diagnostic, job: &Job) -> Diagnostic {
    match job.span {
        Some(span) => finding.at(span, "the job"),
        None => {
            let message = format!("{} ({}:{})", finding.message, job.file, job.line);
            Diagnostic { message, ..finding }
        }
    }
}
