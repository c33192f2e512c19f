//! Cassandra tables: one or more a result or replica, keyed by what readers ask.

use std::collections::{BTreeMap, BTreeSet};

use super::BuildInput;
use super::access::{self, Demand, Shape, Volume};
use super::cql_type::{cql_type, keyable};
use super::names::{Unique, cql_column, cql_table};
use crate::catalog::model::Table;
use crate::plan::model::{
    Capture, ColumnMap, Compaction, CqlColumn, CqlKind, CqlTable, Plan, Question, SinkFormat,
    SinkTable,
};
use crate::rel::{DataType, OnDelete, TableName, WriteClass};

/// Above this many rows a partition is called large (values, at a handful of columns a row, stay below 100,000).
const LARGE_PARTITION: u64 = 20_000;

/// What is to be stored.
struct Subject<'a> {
    table: TableName,
    columns: Vec<(String, DataType)>,
    key: Vec<String>,
    topic: String,
    format: SinkFormat,
    on_delete: OnDelete,
    known: Option<&'a Table>,
}

/// Tables that readers ask for and no job writes: they are replicated as they are.
pub fn replicas(input: &BuildInput<'_>, plan: &Plan) -> BTreeSet<TableName> {
    let written: BTreeSet<_> = plan
        .groups
        .iter()
        .flat_map(|g| &g.jobs)
        .map(|j| &j.write.target)
        .collect();
    let asked = input
        .queries
        .iter()
        .filter(|q| q.problem.is_none())
        .flat_map(|q| &q.tables);
    asked
        .filter(|t| !written.contains(t) && input.catalog.tables.contains_key(*t))
        .cloned()
        .collect()
}

/// Fills the plan's tables, sinks and questions.
pub fn build(input: &BuildInput<'_>, plan: &mut Plan) {
    let mut names = Unique::default();
    for subject in subjects(input, plan) {
        store(input, plan, &subject, &mut names);
    }
    for q in plan.queries.iter().filter(|q| q.problem.is_some()) {
        let text = format!(
            "The query cannot be used for the keys: {}",
            q.problem.as_deref().unwrap_or("")
        );
        plan.questions.push(Question {
            about: q.name.clone(),
            text,
        });
    }
}

fn subjects<'a>(input: &'a BuildInput<'_>, plan: &Plan) -> Vec<Subject<'a>> {
    let mut seen = BTreeSet::new();
    // Several jobs may write one table: they write the same columns to the same topic.
    let first = |j: &&crate::plan::model::StreamJob| seen.insert(j.write.target.clone());
    let results = plan
        .groups
        .iter()
        .flat_map(|g| &g.jobs)
        .filter(first)
        .map(|j| Subject {
            table: j.write.target.clone(),
            columns: j
                .write
                .columns
                .iter()
                .map(|c| (c.name.clone(), c.ty.clone()))
                .collect(),
            key: j.write.key.clone(),
            topic: j.topic.clone(),
            format: SinkFormat::Upsert,
            on_delete: j.write.on_delete,
            known: input.catalog.tables.get(&j.write.target),
        });
    let wanted = replicas(input, plan);
    let copies = plan
        .sources
        .iter()
        .filter(|s| s.capture == Capture::Cdc && wanted.contains(&s.table) && !s.key.is_empty())
        .map(|s| Subject {
            table: s.table.clone(),
            columns: s
                .columns
                .iter()
                .map(|c| (c.name.clone(), c.ty.clone()))
                .collect(),
            key: s.key.clone(),
            topic: s.topic.clone(),
            format: SinkFormat::Debezium,
            on_delete: OnDelete::Delete,
            known: input.catalog.tables.get(&s.table),
        });
    let mut out: Vec<Subject<'_>> = results.collect();
    out.extend(copies);
    out
}

/// The classes of the jobs that write a topic: (some keep the first value, some do not).
fn classes(plan: &Plan, topic: &str) -> (bool, bool) {
    let jobs = plan.groups.iter().flat_map(|g| &g.jobs);
    jobs.filter(|j| j.topic == topic)
        .fold((false, false), |(first, last), j| match j.write.class {
            WriteClass::KeepFirst | WriteClass::Queue => (true, last),
            WriteClass::ReplaceAll
            | WriteClass::ReplacePeriod
            | WriteClass::Upsert
            | WriteClass::Append
            | WriteClass::Delta
            | WriteClass::Freeze => (first, true),
        })
}

/// A topic of both kinds: one sink cannot hold the rows of one job and replace those of the other.
fn mixed(plan: &Plan, s: &Subject<'_>) -> Option<Question> {
    (classes(plan, &s.topic) == (true, true)).then(|| Question {
        about: s.table.to_string(),
        text: "One job writes the last value of a key, another keeps the first: the sink writes the last value for \
               both. Do rows that were written once ever change in their source?"
            .into(),
    })
}

fn store(input: &BuildInput<'_>, plan: &mut Plan, s: &Subject<'_>, names: &mut Unique) {
    let demands = access::demands(&plan.queries, &s.table);
    let volume = volume(s);
    plan.questions.extend(mixed(plan, s));
    for (i, choice) in choices(s, &demands, &volume).into_iter().enumerate() {
        let base = cql_table(&s.table.name);
        let wanted = if i == 0 {
            base
        } else {
            cql_table(&format!("{base}_by_{}", choice.shape.partition.join("_")))
        };
        let table = table(input, s, &choice, names.take(&wanted), plan);
        plan.questions.extend(concerns(s, &choice, &demands));
        plan.sinks.push(sink(s, &table));
        plan.tables.push(table);
    }
}

/// A chosen key with its reasons.
struct Choice {
    shape: Shape,
    serves: Vec<String>,
    why: Vec<String>,
    runner_up: Option<String>,
    rows_per_partition: Option<u64>,
}

/// One shape a group of demands that it serves in one read, the heaviest first; by key where nobody asks.
fn choices(s: &Subject<'_>, demands: &[Demand], volume: &Volume<'_>) -> Vec<Choice> {
    let mut shapes: BTreeMap<Shape, Vec<&Demand>> = BTreeMap::new();
    for d in demands {
        if let Some(shape) = access::shape_for(d, &s.key).filter(|shape| usable(s, shape)) {
            shapes.entry(shape).or_default().push(d);
        }
    }
    if shapes.is_empty() {
        shapes.insert(access::by_key(&s.key), Vec::new());
    }
    let mut ordered: Vec<_> = shapes.iter().collect();
    let weight = |ds: &[&Demand]| ds.iter().map(|d| d.weight).sum::<f64>();
    ordered.sort_by(|a, b| weight(b.1).total_cmp(&weight(a.1)).then(a.0.cmp(b.0)));
    ordered
        .into_iter()
        .map(|(shape, ds)| choice(s, shape, ds, volume))
        .collect()
}

fn usable(s: &Subject<'_>, shape: &Shape) -> bool {
    let ty = |c: &String| {
        s.columns
            .iter()
            .find(|(n, _)| n == c)
            .and_then(|(_, t)| cql_type(t))
    };
    shape
        .partition
        .iter()
        .chain(shape.clustering.iter().map(|(c, _)| c))
        .all(|c| ty(c).is_some_and(|m| keyable(m.ty)))
}

fn choice(s: &Subject<'_>, shape: &Shape, served: &[&Demand], volume: &Volume<'_>) -> Choice {
    let owned: Vec<Demand> = served.iter().map(|d| (*d).clone()).collect();
    let mut why = Vec::new();
    if served.is_empty() {
        why.push("no named query reads it: rows are found by their whole key".to_string());
    }
    for d in served {
        why.push(format!(
            "`{}` asks by {}: one partition a read",
            d.name,
            if d.range.is_empty() {
                d.equality.join(", ")
            } else {
                format!("{}, range of {}", d.equality.join(", "), d.range.join(", "))
            }
        ));
    }
    let other = access::by_key(&s.key);
    let runner_up = (other != *shape && !served.is_empty()).then(|| {
        let (mine, its) = (access::cost(shape, &owned, volume), access::cost(&other, &owned, volume));
        format!(
            "partition by the whole key ({}): {its:.0} partition reads for the same queries, against {mine:.0}",
            s.key.join(", ")
        )
    });
    Choice {
        serves: served.iter().map(|d| d.name.clone()).collect(),
        why,
        runner_up,
        rows_per_partition: access::rows_per_partition(shape, volume),
        shape: shape.clone(),
    }
}

fn volume<'a>(s: &'a Subject<'_>) -> Volume<'a> {
    let columns = s.known.map(|t| &t.columns);
    Volume {
        rows: s.known.and_then(|t| t.rows),
        distinct: columns
            .into_iter()
            .flat_map(|c| c.values())
            .filter_map(|c| c.distinct.map(|d| (c.name.as_str(), d)))
            .collect(),
    }
}

fn table(
    input: &BuildInput<'_>,
    s: &Subject<'_>,
    choice: &Choice,
    name: String,
    plan: &mut Plan,
) -> CqlTable {
    let mut why = choice.why.clone();
    let mut columns = Vec::new();
    let mut names = Unique::default();
    for (column, kind) in ordered_columns(s, &choice.shape) {
        let Some((_, ty)) = s.columns.iter().find(|(n, _)| *n == column) else {
            continue;
        };
        match cql_type(ty) {
            Some(mapped) => {
                why.extend(mapped.care.map(|care| format!("{column}: {care}")));
                columns.push(CqlColumn {
                    name: names.take(&cql_column(&column)),
                    ty: mapped.ty,
                    kind,
                    of: Some(column),
                    from: Some(ty.clone()),
                });
            }
            None => plan.questions.push(Question {
                about: s.table.to_string(),
                text: format!(
                    "Column {column} has no counterpart in Cassandra and is left out. Who needs it?"
                ),
            }),
        }
    }
    CqlTable {
        name,
        of: s.table.clone(),
        columns,
        compaction: Compaction::Unified,
        ttl: input.config.tables.get(&s.table).and_then(|t| t.retention),
        comment: s.known.and_then(|t| t.comment.clone()),
        serves: choice.serves.clone(),
        why,
        runner_up: choice.runner_up.clone(),
        rows_per_partition: choice.rows_per_partition,
    }
}

/// Keys first, then the others in the table's order.
fn ordered_columns(s: &Subject<'_>, shape: &Shape) -> Vec<(String, CqlKind)> {
    let mut out: Vec<(String, CqlKind)> = shape
        .partition
        .iter()
        .map(|c| (c.clone(), CqlKind::Partition))
        .collect();
    let clustering = |desc: &bool| {
        if *desc {
            CqlKind::ClusteringDesc
        } else {
            CqlKind::ClusteringAsc
        }
    };
    out.extend(
        shape
            .clustering
            .iter()
            .map(|(c, desc)| (c.clone(), clustering(desc))),
    );
    let rest: Vec<_> = s
        .columns
        .iter()
        .filter(|(n, _)| !out.iter().any(|(k, _)| k == n))
        .collect();
    out.extend(rest.into_iter().map(|(n, _)| (n.clone(), CqlKind::Regular)));
    out
}

fn sink(s: &Subject<'_>, table: &CqlTable) -> SinkTable {
    let map = |c: &CqlColumn| {
        Some(ColumnMap {
            from: c.of.clone()?,
            to: c.name.clone(),
            oracle: c.from.clone()?,
            cql: c.ty,
        })
    };
    SinkTable {
        topic: s.topic.clone(),
        format: s.format,
        table: table.name.clone(),
        on_delete: s.on_delete,
        columns: table.columns.iter().filter_map(map).collect(),
    }
}

/// What a person should look at.
fn concerns(s: &Subject<'_>, choice: &Choice, demands: &[Demand]) -> Vec<Question> {
    let about = s.table.to_string();
    let mut out = Vec::new();
    for d in demands
        .iter()
        .filter(|d| access::shape_for(d, &s.key).is_none())
    {
        out.push(Question {
            about: about.clone(),
            text: format!(
                "`{}` asks by columns outside the table's key ({}): it would read all partitions. Add them to the key, or an index?",
                d.name,
                d.equality.iter().chain(&d.range).cloned().collect::<Vec<_>>().join(", ")
            ),
        });
    }
    if let Some(rows) = choice.rows_per_partition.filter(|r| *r > LARGE_PARTITION) {
        let text =
            format!("About {rows} rows share a partition. Split it by time or by a hash bucket?");
        out.push(Question {
            about: about.clone(),
            text,
        });
    }
    if demands.is_empty() {
        let text = "Nobody's query is named for this table. Who reads it, and by what? (`[[queries]]` in ora2stream.toml)";
        out.push(Question {
            about,
            text: text.into(),
        });
    }
    out
}
