//! Waves: jobs that must move together, and their order. Two writers of one table move together, and so do jobs that
//! read each other's results. Readers move before writers: a batch that is switched off leaves its tables standing
//! still, so nobody on the old side may still read them.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::assess::model::*;
use crate::plan::model::Plan;

/// Waves in order of migration.
pub(super) fn build(
    jobs: &[JobReport],
    tables: &[TableReport],
    writes: &[WriteReport],
    plan: &Plan,
) -> Vec<Wave> {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..jobs.len()).map(|i| graph.add_node(i)).collect();
    for (a, writer) in jobs.iter().enumerate() {
        for (b, reader) in jobs.iter().enumerate() {
            if a == b {
                continue;
            }
            if shares(&writer.writes, &reader.reads) {
                graph.update_edge(nodes[a], nodes[b], ());
            }
            if shares(&writer.writes, &reader.writes) {
                graph.update_edge(nodes[a], nodes[b], ());
                graph.update_edge(nodes[b], nodes[a], ());
            }
        }
    }
    // tarjan_scc yields a component after all those that it points to: readers come first.
    let components: Vec<Vec<usize>> = tarjan_scc(&graph)
        .into_iter()
        .map(|c| {
            let mut members: Vec<usize> = c.into_iter().map(|n| graph[n]).collect();
            members.sort_unstable();
            members
        })
        .collect();
    let order = layered(&components, jobs);
    let mut out: Vec<Wave> = Vec::new();
    for members in order {
        if members.iter().all(|j| jobs[*j].writes.is_empty()) {
            continue;
        }
        let number = out.len() as u32 + 1;
        out.push(wave(number, &members, &out, jobs, tables, writes, plan));
    }
    out
}

fn shares(a: &[String], b: &[String]) -> bool {
    a.iter().any(|t| b.contains(t))
}

/// Readers before writers; within that, the simplest first: few residuals say nothing about data, so order of jobs.
fn layered(components: &[Vec<usize>], jobs: &[JobReport]) -> Vec<Vec<usize>> {
    let mut layer: BTreeMap<usize, usize> = BTreeMap::new();
    let mut keyed: Vec<(usize, usize, Vec<usize>)> = Vec::new();
    for members in components {
        let readers = jobs.iter().enumerate().filter(|(i, r)| {
            !members.contains(i) && members.iter().any(|m| shares(&jobs[*m].writes, &r.reads))
        });
        let depth = readers
            .filter_map(|(i, _)| layer.get(&i))
            .map(|d| d + 1)
            .max()
            .unwrap_or(0);
        for m in members {
            layer.insert(*m, depth);
        }
        let first = members.first().copied().unwrap_or(0);
        keyed.push((depth, first, members.clone()));
    }
    keyed.sort();
    keyed.into_iter().map(|(_, _, members)| members).collect()
}

fn wave(
    number: u32,
    members: &[usize],
    earlier: &[Wave],
    jobs: &[JobReport],
    tables: &[TableReport],
    writes: &[WriteReport],
    plan: &Plan,
) -> Wave {
    let own: Vec<&JobReport> = members.iter().map(|i| &jobs[*i]).collect();
    let names: Vec<String> = own.iter().map(|j| j.name.clone()).collect();
    let written: BTreeSet<String> = own.iter().flat_map(|j| j.writes.iter().cloned()).collect();
    let groups = plan
        .groups
        .iter()
        .filter(|g| own.iter().any(|j| j.group.as_ref() == Some(&g.name)));
    let sources: BTreeSet<String> = groups
        .flat_map(|g| &g.jobs)
        .flat_map(|j| &j.reads)
        .map(ToString::to_string)
        .collect();
    let residuals = writes.iter().filter(|w| {
        let counts = matches!(w.outcome, Outcome::Residual | Outcome::Unparsed);
        counts && w.jobs.iter().any(|j| names.contains(j))
    });
    Wave {
        number,
        reasons: reasons(&own, &names, &written, earlier, jobs, tables),
        rows: rows(&sources, tables),
        residuals: residuals.count() as u64,
        jobs: names,
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
    own: &[&JobReport],
    names: &[String],
    written: &BTreeSet<String>,
    earlier: &[Wave],
    jobs: &[JobReport],
    tables: &[TableReport],
) -> Vec<WaveReason> {
    let mut out = Vec::new();
    let writers = |t: &String| own.iter().filter(|j| j.writes.contains(t)).count();
    let shared: Vec<String> = written.iter().filter(|t| writers(t) > 1).cloned().collect();
    if !shared.is_empty() {
        out.push(WaveReason::SharedTargets { tables: shared });
    }
    let ring: Vec<String> = written
        .iter()
        .filter(|t| {
            let mut readers = own
                .iter()
                .filter(|j| j.reads.contains(t) && !j.writes.contains(t));
            own.len() > 1 && readers.next().is_some()
        })
        .cloned()
        .collect();
    if !ring.is_empty() {
        out.push(WaveReason::Ring { tables: ring });
    }
    let readers: Vec<String> = jobs
        .iter()
        .filter(|j| !names.contains(&j.name) && j.reads.iter().any(|t| written.contains(t)))
        .map(|j| j.name.clone())
        .collect();
    let moved = |j: &String| earlier.iter().any(|w| w.jobs.contains(j));
    if readers.is_empty() {
        out.push(WaveReason::NoReaders);
    } else {
        let jobs = readers.into_iter().filter(moved).collect();
        out.push(WaveReason::ReadersFirst { jobs });
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
