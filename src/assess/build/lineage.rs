//! Edges between tables, columns and routines. Columns of lifted writes are traced through the relational tree, so
//! that copies, calculations, aggregates and conditions can be told apart.

use std::collections::{BTreeMap, BTreeSet};

use super::Cx;
use crate::assess::model::*;
use crate::catalog::resolve::Callee;
use crate::dataflow::model::{LineageEdge, Meaning, WriteStep};
use crate::rel::{ColumnRef, Rel, Scalar, TableName};
use crate::source::Place;

/// All edges.
pub(super) fn build(cx: &Cx<'_>) -> Lineage {
    let mut columns: BTreeSet<Edge> = BTreeSet::new();
    let mut tables: BTreeMap<(String, String, String), TableEdge> = BTreeMap::new();
    let mut by_step: BTreeMap<usize, Vec<&LineageEdge>> = BTreeMap::new();
    for e in &cx.on.flows.lineage {
        by_step.entry(e.step).or_default().push(e);
    }
    for (i, step) in cx.on.flows.steps.iter().enumerate() {
        let Some(to) = &step.table else { continue };
        let place = cx.place(step.span);
        let edges = by_step.get(&i).map_or(&[][..], Vec::as_slice);
        let from = column_edges(cx, edges, step, to, &place, &mut columns);
        for from in from.into_iter().filter(|f| f != to) {
            let via = cx.routine_name(step.routine);
            let planned = cx.stream_job(&place).is_some();
            let key = (from.to_string(), to.to_string(), via.clone());
            tables.entry(key).or_insert_with(|| TableEdge {
                from: from.to_string(),
                to: to.to_string(),
                via,
                place: place.clone(),
                planned,
            });
        }
    }
    Lineage {
        tables: tables.into_values().collect(),
        columns: columns.into_iter().map(Edge::report).collect(),
        calls: calls(cx),
    }
}

/// A column edge in the order in which it is reported.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    to: (String, String),
    from: (String, String),
    kind: ColumnEdgeKind,
    place: Place,
}

impl Edge {
    fn report(self) -> ColumnEdge {
        ColumnEdge {
            from_table: self.from.0,
            from_column: self.from.1,
            to_table: self.to.0,
            to_column: self.to.1,
            kind: self.kind,
            place: self.place,
        }
    }
}

/// Adds the column edges of a step, and returns the tables that it reads.
fn column_edges(
    cx: &Cx<'_>,
    edges: &[&LineageEdge],
    step: &WriteStep,
    to: &TableName,
    place: &Place,
    out: &mut BTreeSet<Edge>,
) -> Vec<TableName> {
    let mut add = |from: (String, String), column: &str, kind| {
        out.insert(Edge {
            to: (to.to_string(), column.to_string()),
            from,
            kind,
            place: place.clone(),
        });
    };
    if let Meaning::Lifted(lifted) = &step.meaning {
        let mut trace = Trace::default();
        for column in &lifted.columns {
            for (table, name, kind) in trace.output(&lifted.query, &column.name) {
                add((table.to_string(), name), &column.name, kind);
            }
        }
        for (table, name) in trace.conditions(&lifted.query) {
            add((table.to_string(), name), "*", ColumnEdgeKind::Filter);
        }
        let scans = lifted.query.scans();
        return scans.iter().map(|s| s.table.clone()).collect();
    }
    let mut tables = Vec::new();
    for e in edges {
        let from = (e.from.0.to_string(), e.from.1.clone());
        add(from, &e.to.1, ColumnEdgeKind::Computed);
        tables.push(e.from.0.clone());
    }
    if tables.is_empty() {
        // Nothing is known of its columns: whatever its routine reads may flow into it.
        let reads = &cx.bodies[step.routine.0 as usize].reads;
        tables.extend(reads.iter().map(|(t, _)| t.clone()));
    }
    tables
}

type Origin = (TableName, String, ColumnEdgeKind);

/// Follows columns down to scans. Trees come from our own lowering and are finite; its depth is that of the tree.
#[derive(Default)]
struct Trace {
    depth: u32,
}

const MAX_DEPTH: u32 = 256;

impl Trace {
    /// Origins of an output column.
    fn output(&mut self, rel: &Rel, name: &str) -> Vec<Origin> {
        let outputs = rel.outputs();
        let found = outputs.iter().find(|c| c.name == name);
        let mut out = found.map_or_else(Vec::new, |c| self.column(rel, c));
        out.sort();
        out.dedup();
        out
    }

    fn column(&mut self, rel: &Rel, c: &ColumnRef) -> Vec<Origin> {
        if self.depth >= MAX_DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let out = self.column_inside(rel, c);
        self.depth -= 1;
        out
    }

    fn column_inside(&mut self, rel: &Rel, c: &ColumnRef) -> Vec<Origin> {
        match rel {
            Rel::Scan(s) => {
                let own = s.alias == c.relation && s.columns.iter().any(|x| x.name == c.name);
                let origin = || (s.table.clone(), c.name.clone(), ColumnEdgeKind::Copy);
                own.then(origin).into_iter().collect()
            }
            Rel::Values { .. } => Vec::new(),
            Rel::Derived { input, alias } => {
                if *alias != c.relation {
                    return Vec::new();
                }
                let inner = input.outputs().into_iter().find(|o| o.name == c.name);
                inner.map_or_else(Vec::new, |o| self.column(input, &o))
            }
            Rel::Filter { input, .. } | Rel::Distinct { input } | Rel::Limit { input, .. } => {
                self.column(input, c)
            }
            Rel::Project { input, items } => {
                let item = items.iter().find(|i| i.name == c.name);
                item.map_or_else(Vec::new, |i| self.scalar(input, &i.expr))
            }
            Rel::Join { left, right, .. } => {
                let mut out = self.column(left, c);
                out.extend(self.column(right, c));
                out
            }
            Rel::SetOp { left, right, .. } => self.set_op(left, right, c),
            Rel::Aggregate { input, keys, aggs } => {
                if let Some(key) = keys.iter().find(|k| k.name == c.name) {
                    return self.scalar(input, &key.expr);
                }
                let agg = aggs.iter().find(|a| a.name == c.name);
                let arg = agg.and_then(|a| a.arg.as_ref());
                let origins = arg.map_or_else(Vec::new, |a| self.scalar(input, a));
                raise(origins, ColumnEdgeKind::Aggregate)
            }
            Rel::Window { input, calls } => match calls.iter().find(|w| w.name == c.name) {
                Some(call) => {
                    let parts = call.args.iter().chain(&call.partition_by);
                    let order = call.order_by.iter().map(|k| &k.expr);
                    let all = parts.chain(order).flat_map(|s| self.scalar(input, s));
                    raise(all.collect(), ColumnEdgeKind::Aggregate)
                }
                None => self.column(input, c),
            },
        }
    }

    /// Columns of both sides by position.
    fn set_op(&mut self, left: &Rel, right: &Rel, c: &ColumnRef) -> Vec<Origin> {
        let outputs = left.outputs();
        let position = outputs
            .iter()
            .position(|o| o.name == c.name && o.relation == c.relation);
        let mut out = self.column(left, c);
        if let Some(other) = position.and_then(|p| right.outputs().into_iter().nth(p)) {
            out.extend(self.column(right, &other));
        }
        out
    }

    fn scalar(&mut self, rel: &Rel, s: &Scalar) -> Vec<Origin> {
        if let Scalar::Column(c) = s {
            return self.column(rel, c);
        }
        let mut out = Vec::new();
        for c in columns_in(s) {
            out.extend(self.column(rel, c));
        }
        if let Scalar::ScalarQuery { query } = s {
            for o in query.outputs() {
                out.extend(self.column(query, &o));
            }
        }
        raise(out, ColumnEdgeKind::Computed)
    }

    /// Columns that decide which rows there are.
    fn conditions(&mut self, rel: &Rel) -> BTreeSet<(TableName, String)> {
        let mut out = BTreeSet::new();
        let mut todo = vec![rel];
        while let Some(r) = todo.pop() {
            let scalars: Vec<&Scalar> = match r {
                Rel::Filter { predicate, .. } => vec![predicate],
                Rel::Join { on, .. } => on.iter().collect(),
                Rel::Scan(_)
                | Rel::Values { .. }
                | Rel::Derived { .. }
                | Rel::Project { .. }
                | Rel::Aggregate { .. }
                | Rel::Window { .. }
                | Rel::Distinct { .. }
                | Rel::SetOp { .. }
                | Rel::Limit { .. } => Vec::new(),
            };
            for c in scalars.into_iter().flat_map(columns_in) {
                r.for_each_input(&mut |input| {
                    let origins = self.column(input, c);
                    out.extend(origins.into_iter().map(|(t, n, _)| (t, n)));
                });
            }
            r.for_each_input(&mut |input| todo.push(input));
        }
        out
    }
}

/// A stronger kind of dependence wins over a plain copy.
fn raise(origins: Vec<Origin>, kind: ColumnEdgeKind) -> Vec<Origin> {
    let one = |(t, n, k): Origin| (t, n, k.max(kind));
    origins.into_iter().map(one).collect()
}

/// Columns of an expression, subqueries left out.
fn columns_in(s: &Scalar) -> Vec<&ColumnRef> {
    let mut out = Vec::new();
    let mut todo = vec![s];
    while let Some(s) = todo.pop() {
        if let Scalar::Column(c) = s {
            out.push(c);
        }
        s.for_each_child(&mut |c| todo.push(c));
    }
    out
}

fn calls(cx: &Cx<'_>) -> Vec<CallEdge> {
    let mut edges: BTreeMap<(String, String), CallEdge> = BTreeMap::new();
    for (i, calls) in cx.on.catalog.calls.calls.iter().enumerate() {
        let from = cx.routine_name(crate::catalog::model::RoutineId(i as u32));
        for call in calls {
            let (to, resolved) = match &call.callee {
                Callee::Routine(id) => (cx.routine_name(*id), true),
                Callee::Unknown(_) => (call.name.clone(), false),
                Callee::Builtin(_) | Callee::Value(_) => continue,
            };
            let edge = edges
                .entry((from.clone(), to.clone()))
                .or_insert_with(|| CallEdge {
                    from: from.clone(),
                    to,
                    count: 0,
                    place: cx.place(call.span),
                    resolved,
                });
            edge.count += 1;
        }
    }
    edges.into_values().collect()
}
