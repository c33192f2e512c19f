//! Waves: what moves together, and in which order. A step of a job moves for itself: the driver is thinned out step
//! by step. Two writers of one table move together, and so do steps that read each other's results. Readers move
//! before writers: a batch that is switched off leaves its tables standing still, so nobody on the old side may
//! still read them. At the same depth, steps without residuals go first.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Cx;
use super::jobs::{ByRoutine, by_routine};
use crate::assess::model::*;

/// A step with all that it runs.
struct Unit {
    routine: String,
    jobs: Vec<String>,
    reads: BTreeSet<String>,
    writes: BTreeSet<String>,
    residuals: u64,
}

/// Waves in order of migration.
pub(super) fn build(
    cx: &Cx<'_>,
    jobs: &[JobReport],
    tables: &[TableReport],
    writes: &[WriteReport],
) -> Vec<Wave> {
    let units = units(cx, jobs, writes);
    let components = components(&units);
    let depths = depths(&units, &components);
    let mut by_wave: BTreeMap<(usize, bool), Vec<usize>> = BTreeMap::new();
    for (members, depth) in components.iter().zip(depths) {
        let left = members.iter().any(|u| units[*u].residuals > 0);
        by_wave.entry((depth, left)).or_default().extend(members);
    }
    let mut out: Vec<Wave> = Vec::new();
    for mut members in by_wave.into_values() {
        members.sort_unstable();
        if members.iter().any(|u| !units[*u].writes.is_empty()) {
            let number = out.len() as u32 + 1;
            out.push(wave(cx, number, &members, &out, &units, tables));
        }
    }
    out
}

/// Steps of all jobs, each routine once, in order of jobs and steps.
fn units(cx: &Cx<'_>, jobs: &[JobReport], writes: &[WriteReport]) -> Vec<Unit> {
    let control: BTreeSet<&String> = control_tables(writes);
    let writes = by_routine(writes);
    let mut out: Vec<Unit> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for job in jobs {
        for step in &job.steps {
            match known.get(step.routine.as_str()) {
                Some(i) => out[*i].jobs.push(job.name.clone()),
                None => {
                    known.insert(&step.routine, out.len());
                    out.push(unit(cx, step, &job.name, &writes, &control));
                }
            }
        }
    }
    out
}

/// Tables that only logging and tracking write.
fn control_tables(writes: &[WriteReport]) -> BTreeSet<&String> {
    let with = |control: bool| -> BTreeSet<&String> {
        writes
            .iter()
            .filter(|w| (w.outcome == Outcome::Control) == control)
            .filter_map(|w| w.table.as_ref())
            .collect()
    };
    let data = with(false);
    with(true)
        .into_iter()
        .filter(|t| !data.contains(t))
        .collect()
}

fn unit(
    cx: &Cx<'_>,
    step: &JobStep,
    job: &str,
    writes: &ByRoutine<'_>,
    control: &BTreeSet<&String>,
) -> Unit {
    let own = cx.named.get(&step.routine).into_iter().flatten().copied();
    let all = cx.on.catalog.calls.reachable(own);
    let names: BTreeSet<String> = all.iter().map(|r| cx.routine_name(*r)).collect();
    let reads = all.iter().flat_map(|r| &cx.bodies[r.0 as usize].reads);
    let own = names.iter().filter_map(|n| writes.get(n.as_str()));
    let left = own
        .flatten()
        .filter(|w| matches!(w.outcome, Outcome::Residual | Outcome::Unparsed));
    Unit {
        routine: step.routine.clone(),
        jobs: vec![job.to_string()],
        reads: reads.map(|(t, _)| t.to_string()).collect(),
        writes: step
            .writes
            .iter()
            .filter(|t| !control.contains(t))
            .cloned()
            .collect(),
        residuals: left.count() as u64,
    }
}

/// Units by the tables that they read or write.
type ByTable<'u> = BTreeMap<&'u str, Vec<usize>>;

fn by_table<'u>(
    units: &'u [Unit],
    tables: impl Fn(&'u Unit) -> &'u BTreeSet<String>,
) -> ByTable<'u> {
    let mut out = ByTable::new();
    for (i, unit) in units.iter().enumerate() {
        for t in tables(unit) {
            out.entry(t.as_str()).or_default().push(i);
        }
    }
    out
}

/// Steps that cannot be apart; readers' components stand before their writers'.
fn components(units: &[Unit]) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..units.len()).map(|i| graph.add_node(i)).collect();
    let readers = by_table(units, |u| &u.reads);
    for (table, writers) in by_table(units, |u| &u.writes) {
        for writer in &writers {
            let others = readers.get(table).into_iter().flatten();
            for reader in others.filter(|r| *r != writer) {
                graph.add_edge(nodes[*writer], nodes[*reader], ());
            }
        }
        // Writers of one table hang together: a ring of them does.
        for pair in writers.windows(2) {
            graph.add_edge(nodes[pair[0]], nodes[pair[1]], ());
            graph.add_edge(nodes[pair[1]], nodes[pair[0]], ());
        }
    }
    // tarjan_scc yields a component after all those that it points to.
    let sorted = |c: Vec<NodeIndex>| {
        let mut members: Vec<usize> = c.into_iter().map(|n| graph[n]).collect();
        members.sort_unstable();
        members
    };
    tarjan_scc(&graph).into_iter().map(sorted).collect()
}

/// How many components must move before each one.
fn depths(units: &[Unit], components: &[Vec<usize>]) -> Vec<usize> {
    let by_table = by_table(units, |u| &u.reads);
    let mut depth_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for members in components {
        let written = members.iter().flat_map(|m| &units[*m].writes);
        let readers = written
            .filter_map(|t| by_table.get(t.as_str()))
            .flatten()
            .filter(|u| members.binary_search(u).is_err());
        let depth = readers
            .filter_map(|u| depth_of.get(u))
            .map(|d| d + 1)
            .max()
            .unwrap_or(0);
        members.iter().for_each(|m| {
            depth_of.insert(*m, depth);
        });
        out.push(depth);
    }
    out
}

fn union<'a>(sets: impl Iterator<Item = &'a BTreeSet<String>>) -> BTreeSet<String> {
    sets.flatten().cloned().collect()
}

fn wave(
    cx: &Cx<'_>,
    number: u32,
    members: &[usize],
    earlier: &[Wave],
    units: &[Unit],
    tables: &[TableReport],
) -> Wave {
    let own: Vec<&Unit> = members.iter().map(|u| &units[*u]).collect();
    let written = union(own.iter().map(|u| &u.writes));
    let groups = cx.on.built.plan.groups.iter();
    let sources: BTreeSet<String> = groups
        .flat_map(|g| &g.jobs)
        .filter(|j| written.contains(&j.write.target.to_string()))
        .flat_map(|j| &j.reads)
        .map(ToString::to_string)
        .collect();
    let mut jobs: Vec<String> = Vec::new();
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    for job in own.iter().flat_map(|u| &u.jobs) {
        if seen.insert(job) {
            jobs.push(job.clone());
        }
    }
    Wave {
        number,
        jobs,
        routines: own.iter().map(|u| u.routine.clone()).collect(),
        reasons: reasons(&own, &written, earlier, units, tables),
        rows: rows(&sources, tables),
        residuals: own.iter().map(|u| u.residuals).sum(),
        tables: written.into_iter().collect(),
        sources: sources.into_iter().collect(),
    }
}

fn rows(sources: &BTreeSet<String>, tables: &[TableReport]) -> Option<u64> {
    let known = tables.iter().filter(|t| sources.contains(&t.name));
    let known: Vec<u64> = known.filter_map(|t| t.rows).collect();
    (!known.is_empty()).then(|| known.iter().sum())
}

fn reasons(
    own: &[&Unit],
    written: &BTreeSet<String>,
    earlier: &[Wave],
    units: &[Unit],
    tables: &[TableReport],
) -> Vec<WaveReason> {
    let mut out = Vec::new();
    let writers = |t: &&String| own.iter().filter(|u| u.writes.contains(*t)).count() > 1;
    let read_inside = |t: &&String| {
        own.iter()
            .any(|u| u.reads.contains(*t) && !u.writes.contains(*t))
    };
    let shared: Vec<String> = written.iter().filter(writers).cloned().collect();
    let ring: Vec<String> = written.iter().filter(read_inside).cloned().collect();
    if own.iter().all(|u| u.residuals == 0) {
        out.push(WaveReason::NothingLeft);
    }
    if !shared.is_empty() {
        out.push(WaveReason::SharedTargets { tables: shared });
    }
    if !ring.is_empty() {
        out.push(WaveReason::Ring { tables: ring });
    }
    let inside = |u: &&Unit| own.iter().any(|o| o.routine == u.routine);
    let readers: Vec<&Unit> = units
        .iter()
        .filter(|u| !inside(u) && !u.reads.is_disjoint(written))
        .collect();
    if readers.is_empty() {
        out.push(WaveReason::NoReaders);
    } else {
        let moved = |u: &&&Unit| earlier.iter().any(|w| w.routines.contains(&u.routine));
        let routines = readers.iter().filter(moved).map(|u| u.routine.clone());
        out.push(WaveReason::ReadersFirst {
            routines: routines.collect(),
        });
    }
    let outside: BTreeSet<String> = tables
        .iter()
        .filter(|t| written.contains(&t.name))
        .flat_map(|t| t.external_readers.iter().cloned())
        .collect();
    if !outside.is_empty() {
        let readers = outside.into_iter().collect();
        out.push(WaveReason::OutsideReaders { readers });
    }
    out
}
