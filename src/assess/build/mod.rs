//! Makes the report from the catalogue, the flows and the plan. Counts what is reported against a census that it
//! did not make; must not know how a report looks, nor what a target engine is.

mod body;
mod effects;
mod effort;
mod excerpts;
mod findings;
mod inventory;
mod jobs;
mod lineage;
mod loops;
mod missing;
mod replaced;
mod tables;
mod target;
#[cfg(test)]
mod tests;
mod transactions;
mod waves;
mod window;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::model::*;
use crate::catalog::model::{Catalog, JobOrigin, RoutineId};
use crate::catalog::resolve::Resolver;
use crate::dataflow::model::{Flows, WriteStep};
use crate::diag::Diagnostic;
use crate::plan::build::Built;
use crate::source::{Input, Place, Span};
use crate::syntax::ParsedFile;
use body::Body;

/// What was read, counted without catalogue and dataflow: from the folder, the token tape and the schedules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Files found.
    pub files: u64,
    /// Their original bytes.
    pub bytes: u64,
    /// Compilation units.
    pub units: u64,
    /// Statements at any depth.
    pub statements: u64,
    /// INSERT, UPDATE, DELETE, MERGE and TRUNCATE in static text, batch code or not.
    pub writes: u64,
    /// Calls that make a job.
    pub jobs: u64,
}

/// What a report is made from.
pub struct AssessInput<'a> {
    /// All files.
    pub input: &'a Input,
    /// Trees of the SQL files, in the order of `input.sources`.
    pub files: &'a [ParsedFile],
    /// Counts in.
    pub census: Census,
    /// The estate.
    pub catalog: &'a Catalog,
    /// What the batches mean.
    pub flows: &'a Flows,
    /// The plan, with the outcome of every step.
    pub built: &'a Built,
    /// Findings of the other rooms: reading, project file, rules. Those of trees and catalogue are taken from there.
    pub findings: &'a [Diagnostic],
}

/// The input together with what several sections need.
struct Cx<'a> {
    on: &'a AssessInput<'a>,
    /// What every routine's own body does, indexed like the catalogue's routines.
    bodies: Vec<Body>,
    /// Routines of batch code, one set a job.
    by_job: Vec<BTreeSet<RoutineId>>,
    /// All of them.
    batch: BTreeSet<RoutineId>,
    /// Steps of every routine, indexed like the catalogue's routines.
    steps: Vec<Vec<usize>>,
    /// What a rerun of every routine's own writes does.
    reruns: Vec<RerunClass>,
    /// Routines by qualified name.
    named: BTreeMap<String, Vec<RoutineId>>,
    /// Jobs that reach every routine, indexed like the catalogue's routines.
    reached_by: Vec<Vec<usize>>,
    /// Stream jobs by the statements that they stand for.
    streams: BTreeMap<Place, &'a crate::plan::model::StreamJob>,
    /// Residuals by place and table.
    residuals: BTreeMap<(Place, Option<String>), &'a crate::plan::model::Residual>,
}

impl<'a> Cx<'a> {
    fn new(on: &'a AssessInput<'a>) -> Self {
        let resolver = Resolver::new(&on.input.sources, on.files, on.catalog);
        let ids = (0..on.catalog.routines.len()).map(|i| RoutineId(i as u32));
        let by_job = on.catalog.calls.batch_routines(on.catalog);
        let mut cx = Self {
            on,
            bodies: {
                let ids: Vec<RoutineId> = ids.clone().collect();
                ids.par_iter().map(|id| body::of(&resolver, *id)).collect()
            },
            batch: by_job.iter().flatten().copied().collect(),
            by_job,
            steps: vec![Vec::new(); on.catalog.routines.len()],
            reruns: Vec::new(),
            named: BTreeMap::new(),
            reached_by: vec![Vec::new(); on.catalog.routines.len()],
            streams: BTreeMap::new(),
            residuals: BTreeMap::new(),
        };
        for r in &on.built.plan.residuals {
            let key = (r.place.clone(), r.table.clone());
            cx.residuals.entry(key).or_insert(r);
        }
        for (job, set) in cx.by_job.iter().enumerate() {
            for id in set {
                cx.reached_by[id.0 as usize].push(job);
            }
        }
        for job in on.built.plan.groups.iter().flat_map(|g| &g.jobs) {
            for place in &job.provenance {
                cx.streams.entry(place.clone()).or_insert(job);
            }
        }
        for (i, step) in on.flows.steps.iter().enumerate() {
            if let Some(list) = cx.steps.get_mut(step.routine.0 as usize) {
                list.push(i);
            }
        }
        for id in ids.clone() {
            let name = cx.routine_name(id);
            cx.named.entry(name).or_default().push(id);
        }
        cx.reruns = ids.map(|id| transactions::rerun(&cx, id).0).collect();
        cx
    }

    /// A routine's own writes, with their indices.
    fn steps_of(&self, id: RoutineId) -> impl Iterator<Item = (usize, &'a WriteStep)> {
        let list = self.steps.get(id.0 as usize).into_iter().flatten();
        list.map(|i| (*i, &self.on.flows.steps[*i]))
    }

    fn place(&self, span: Span) -> Place {
        self.on.input.sources.place(span)
    }

    fn routine_name(&self, id: RoutineId) -> String {
        let routine = self.on.catalog.routines.get(id.0 as usize);
        routine.map_or_else(String::new, |r| r.qualified())
    }

    /// Names of the jobs that reach a routine.
    fn jobs_of(&self, id: RoutineId) -> Vec<String> {
        let jobs = self.reached_by[id.0 as usize].iter();
        jobs.map(|j| self.on.catalog.jobs[*j].name.clone())
            .collect()
    }

    /// The stream job that holds a statement.
    fn stream_job(&self, place: &Place) -> Option<&'a crate::plan::model::StreamJob> {
        self.streams.get(place).copied()
    }
}

/// Builds the report.
pub fn build(input: &AssessInput<'_>) -> Report {
    let cx = Cx::new(input);
    let plan = &input.built.plan;
    let (writes, other_writes) = writes::build(&cx);
    let jobs = jobs::build(&cx, &writes);
    let (files, units) = (inventory::files(input), inventory::units(input));
    let loops = loops::build(&cx);
    let tables = tables::build(&cx);
    let mut report = Report {
        version: REPORT_VERSION,
        project: ProjectSummary {
            name: plan.project.name.clone(),
            schemas: plan.project.schemas.clone(),
            time_zone: plan.project.time_zone.clone(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
        },
        gate: inventory::gate(input, &files, &units, &writes, &other_writes, &jobs),
        findings: findings::build(&cx, &writes),
        lineage: lineage::build(&cx),
        transactions: transactions::build(&cx),
        side_effects: effects::build(&cx),
        target: target::build(plan),
        waves: waves::build(&cx, &jobs, &tables, &writes),
        missing: missing::build(&cx),
        questions: missing::questions(&cx),
        hints: hints(input),
        uncalled: jobs::uncalled(&cx),
        effort: effort::build(&writes, &jobs, &units, plan),
        proof: None,
        excerpts: excerpts::build(&cx, &writes, &loops),
        files,
        units,
        writes,
        other_writes,
        jobs,
        loops,
        tables,
    };
    report.gate.ok = report.gate.adds_up();
    report
}

fn hints(input: &AssessInput<'_>) -> Vec<Hint> {
    let catalog = input.catalog;
    let no_queries = input.built.plan.queries.is_empty();
    let no_rows = catalog.tables.values().all(|t| t.rows.is_none());
    let no_schedule = catalog.jobs.iter().all(|j| j.origin == JobOrigin::Uncalled);
    let all = [
        (no_queries, Hint::NoQueries),
        (no_rows, Hint::NoStatistics),
        (no_schedule, Hint::NoSchedule),
    ];
    all.into_iter()
        .filter(|(missing, _)| *missing)
        .map(|(_, hint)| hint)
        .collect()
}
