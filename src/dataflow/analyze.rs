//! The analysis of an estate: every routine run once, its writes gathered, then judged together.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::context::{self, Context};
use super::cx::{Cx, not_lowered, obstacle};
use super::exec::{self, CallSite, Executed};
use super::judge::{self, Estate, Options};
use super::lower::Shared;
use super::model::{Flows, Meaning, ObstacleKind, WriteStep};
use super::{lineage, schedule, summary};
use crate::catalog::model::{Catalog, RoutineId};
use crate::catalog::resolve::Resolver;
use crate::rel::PeriodUnit;
use crate::source::SourceMap;
use crate::syntax::ParsedFile;

/// Analyses a whole estate. `files` are what `catalog` was built from.
pub fn analyze(map: &SourceMap, files: &[ParsedFile], catalog: &Catalog) -> Flows {
    analyze_with(map, files, catalog, &Options::default())
}

/// The same, with what the user says about tables.
pub fn analyze_with(
    map: &SourceMap,
    files: &[ParsedFile],
    catalog: &Catalog,
    options: &Options,
) -> Flows {
    let cx = Cx {
        resolver: Resolver::new(map, files, catalog),
    };
    let batch = context::batch(catalog);
    let reached: BTreeSet<RoutineId> = batch.iter().flatten().copied().collect();
    let mut contexts = context::initial(catalog);
    let mut executed: Vec<Executed> = catalog
        .routines
        .iter()
        .map(|_| Executed::default())
        .collect();
    for group in context::groups(catalog) {
        let done: Vec<Executed> = group
            .par_iter()
            .map(|id| run(&cx, *id, &contexts[id.0 as usize]))
            .collect();
        for (id, mut done) in group.into_iter().zip(done) {
            if reached.contains(&id) || reached.is_empty() {
                done.calls
                    .iter()
                    .for_each(|c| contexts[c.callee.0 as usize].add_call(c, id, &done.shared));
            }
            // The callees have them: nobody else asks for the rows of a call.
            done.calls.iter_mut().for_each(CallSite::forget_rows);
            executed[id.0 as usize] = done;
        }
    }
    let summaries = summary::build(&cx, &executed);
    let estate = Estate {
        cx: &cx,
        options,
        contexts: &contexts,
        executed: &executed,
        summaries: &summaries,
        jobs: &judge::jobs_by_routine(catalog.routines.len(), &batch),
    };
    let mut steps = judge::steps(&estate);
    for step in &mut steps {
        if let Some(unit) = period_unit(step) {
            schedule::check(catalog, step, unit);
        }
    }
    let lineage = lineage::build(&steps);
    Flows {
        steps,
        summaries,
        lineage,
    }
}

fn period_unit(step: &WriteStep) -> Option<PeriodUnit> {
    match &step.meaning {
        Meaning::Lifted(lifted) => lifted.period.as_ref().map(|p| p.unit),
        Meaning::PartOf(_) | Meaning::Obstacle(_) => None,
    }
}

fn run(cx: &Cx<'_>, id: RoutineId, context: &Context) -> Executed {
    let routine = cx.routine(id);
    if routine.body.is_none() {
        return exec::run_statements(cx, id);
    }
    let mut shared = Shared::default();
    let mut env = context.env(cx, id, &mut shared);
    let in_handler = context.after_errors();
    let rows = context
        .rows_of_call(cx, id)
        .filter(|_| !routine.autonomous && !in_handler)
        .map(|site| {
            shared.aliases.extend(site.aliases.iter().cloned());
            site.bind(cx, id, &mut env, &mut shared);
            site.rows.clone()
        });
    let once_a_row = (context.in_rows && !routine.autonomous && rows.is_none()).then(|| {
        not_lowered(
            routine.span,
            format!(
                "{} is called once a row: its writes for all rows together",
                routine.qualified()
            ),
        )
    });
    let after_errors = in_handler.then(|| {
        obstacle(
            ObstacleKind::NotLowered,
            routine.span,
            format!("{} runs only after an error", routine.qualified()),
            "decide what a stream does with rows that fail: a dead-letter topic, or stop",
        )
    });
    let start = exec::Start {
        env,
        shared,
        guards: context.guards().to_vec(),
        blocked: after_errors.or(once_a_row),
        rows,
        in_handler,
    };
    exec::run(cx, id, start)
}
