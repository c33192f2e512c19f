//! Section 4: lineage of tables and columns, and the call graph.

use std::collections::{BTreeMap, BTreeSet};

use super::Page;
use super::graph::{self, Edge, Node};
use super::jobs::{place, verdict_tone};
use super::markup::{Html, fill, grouped};
use super::table::{Cell, Tone};
use crate::assess::model::*;
use crate::emit::report::words::Ui;

/// Nodes that can still be read.
const NODES: usize = 120;

/// Edges by name, with title and whether they are drawn full.
type Named = BTreeMap<(String, String), (bool, String)>;

impl Page<'_> {
    pub(super) fn lineage(&self, h: &mut Html) {
        self.caption(h, Ui::LineageCaption);
        self.table_graph(h);
        self.sub(h, Ui::ColumnLineage);
        let heads = [Ui::From, Ui::To, Ui::How, Ui::PlaceWord];
        let rows = self.report.lineage.columns.iter().map(|e| {
            [
                Cell::Code(format!("{}.{}", e.from_table, e.from_column)),
                Cell::Code(format!("{}.{}", e.to_table, e.to_column)),
                Cell::Text(self.ws(e.kind)),
                place(&e.place.to_string()),
            ]
        });
        h.el("details", &[], |h| {
            let count = grouped(self.report.lineage.columns.len() as u64);
            h.leaf("summary", &[], &count);
            self.table(h, heads, rows);
        });
        self.caption(h, Ui::CallsCaption);
        self.call_graph(h);
    }

    fn table_graph(&self, h: &mut Html) {
        let mut edges = Named::new();
        for e in &self.report.lineage.tables {
            let key = (e.from.clone(), e.to.clone());
            let word = if e.planned {
                Ui::Planned
            } else {
                Ui::NotPlanned
            };
            let title = format!("{} ({}) {}", e.via, e.place, self.w(word));
            let entry = edges.entry(key).or_insert((false, String::new()));
            entry.0 |= e.planned;
            if !entry.1.is_empty() {
                entry.1.push('\n');
            }
            entry.1.push_str(&title);
        }
        let written: BTreeSet<&String> = self.report.lineage.tables.iter().map(|e| &e.to).collect();
        let streamed: BTreeSet<&String> = self
            .report
            .target
            .stream_jobs
            .iter()
            .map(|j| &j.table)
            .collect();
        let node = |name: &String| {
            let tone = match (written.contains(name), streamed.contains(name)) {
                (_, true) => Tone::Good,
                (true, false) => Tone::Bad,
                (false, false) => Tone::Quiet,
            };
            let table = self.report.tables.iter().find(|t| t.name == *name);
            let comment = table.and_then(|t| t.comment.clone()).unwrap_or_default();
            Node {
                name: name
                    .split_once('.')
                    .map_or(name.as_str(), |(_, n)| n)
                    .into(),
                tone,
                title: format!("{name} {comment}"),
            }
        };
        self.graph(h, &edges, &node);
    }

    fn call_graph(&self, h: &mut Html) {
        let jobs: BTreeMap<String, &JobReport> = self
            .report
            .jobs
            .iter()
            .map(|j| (format!("\u{25b6} {}", j.name), j))
            .collect();
        let mut edges = Named::new();
        let mut reached: BTreeSet<String> = BTreeSet::new();
        for (label, job) in &jobs {
            for target in job.routines.iter().cloned() {
                reached.insert(target.clone());
                edges.insert((label.clone(), target), (true, job.entry.clone()));
            }
        }
        self.reach(&mut reached);
        for e in self
            .report
            .lineage
            .calls
            .iter()
            .filter(|e| reached.contains(&e.from))
        {
            let title = format!("{} x{} ({})", e.to, e.count, e.place);
            edges.insert((e.from.clone(), e.to.clone()), (e.resolved, title));
        }
        let unresolved: BTreeSet<&String> = self
            .report
            .lineage
            .calls
            .iter()
            .filter(|e| !e.resolved)
            .map(|e| &e.to)
            .collect();
        let node = |name: &String| Node {
            name: name
                .split_once('.')
                .map_or(name.as_str(), |(_, n)| n)
                .into(),
            tone: match jobs.get(name) {
                Some(job) => verdict_tone(job.verdict),
                None if unresolved.contains(name) => Tone::Bad,
                None => Tone::Quiet,
            },
            title: name.clone(),
        };
        self.graph(h, &edges, &node);
    }

    fn reach(&self, reached: &mut BTreeSet<String>) {
        let mut next: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
        for e in &self.report.lineage.calls {
            next.entry(&e.from).or_default().push(&e.to);
        }
        let mut todo: Vec<String> = reached.iter().cloned().collect();
        while let Some(name) = todo.pop() {
            for to in next.get(&name).into_iter().flatten() {
                if reached.insert((*to).clone()) {
                    todo.push((*to).clone());
                }
            }
        }
    }

    fn graph(&self, h: &mut Html, edges: &Named, node: &dyn Fn(&String) -> Node) {
        let names: BTreeSet<&String> = edges.keys().flat_map(|(a, b)| [a, b]).collect();
        let all = names.len();
        let names: Vec<&String> = names.into_iter().take(NODES).collect();
        if names.is_empty() {
            h.leaf("p", &[("class", "none")], self.w(Ui::None));
            return;
        }
        if all > NODES {
            let numbers = [grouped(all as u64), grouped(NODES as u64)];
            let text = fill(self.w(Ui::GraphTooLarge), &[&numbers[0], &numbers[1]]);
            h.leaf("p", &[("class", "note")], &text);
        }
        let index: BTreeMap<&String, usize> =
            names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        let drawn: Vec<Edge> = edges
            .iter()
            .filter_map(|((from, to), (strong, title))| {
                Some(Edge {
                    from: *index.get(from)?,
                    to: *index.get(to)?,
                    strong: *strong,
                    title: title.clone(),
                })
            })
            .collect();
        let nodes: Vec<Node> = names.iter().map(|n| node(n)).collect();
        h.el("div", &[("class", "scroll")], |h| {
            graph::draw(h, &nodes, &drawn)
        });
    }
}
