//! access-paths.md.

use crate::emit::EmitError;
use crate::emit::fragment::{MarkdownText, Number, OracleSql};
use crate::emit::template::{Frame, render};
use crate::plan::model::{CqlKind, CqlTable, Plan, QueryColumn, ReaderQuery};

/// The whole page.
pub fn paths(plan: &Plan) -> Result<String, EmitError> {
    let frame = Frame::new()
        .hole("project", &MarkdownText::new(&plan.project.name))
        .list("queries", plan.queries.iter().map(query))
        .list("tables", plan.tables.iter().map(table));
    render("cql/access-paths.md", &frame)
}

fn query(q: &ReaderQuery) -> Frame {
    let list = |items: Vec<String>| MarkdownText::new(&items.join(", "));
    let names = |cs: &[QueryColumn]| cs.iter().map(|c| c.column.clone()).collect::<Vec<_>>();
    let order = q
        .order
        .iter()
        .map(|c| format!("{}{}", c.column, if c.desc { " DESC" } else { "" }))
        .collect();
    let tables = match &q.problem {
        Some(problem) => format!("not used: {problem}"),
        None => q
            .tables
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    };
    Frame::new()
        .hole("name", &MarkdownText::new(&q.name))
        .hole("weight", &MarkdownText::new(&q.weight))
        .hole("tables", &MarkdownText::new(&tables))
        .hole("equality", &list(names(&q.equality)))
        .hole("range", &list(names(&q.range)))
        .hole("order", &list(order))
}

fn table(t: &CqlTable) -> Frame {
    let keys = |kinds: &[CqlKind]| {
        t.columns
            .iter()
            .filter(|c| kinds.contains(&c.kind))
            .map(|c| c.name.clone())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let clustering = keys(&[CqlKind::ClusteringAsc, CqlKind::ClusteringDesc]);
    let key = match clustering.as_str() {
        "" => format!("partition ({})", keys(&[CqlKind::Partition])),
        c => format!(
            "partition ({}), clustering ({c})",
            keys(&[CqlKind::Partition])
        ),
    };
    Frame::new()
        .hole("name", &MarkdownText::code(&t.name))
        .hole("of", &MarkdownText::new(&t.of.to_string()))
        .hole("key", &MarkdownText::new(&key))
        .fragments("why", t.why.iter().map(|w| MarkdownText::new(w)))
        .maybe(
            "rows",
            t.rows_per_partition
                .map(|r| Number::new(i128::from(r)))
                .as_ref(),
        )
        .hole("probe", &probe(t))
        .maybe(
            "runner_up",
            t.runner_up.as_deref().map(MarkdownText::new).as_ref(),
        )
}

/// A query on Oracle for the largest partition.
fn probe(t: &CqlTable) -> MarkdownText {
    let partition = t
        .columns
        .iter()
        .filter(|c| c.kind == CqlKind::Partition)
        .filter_map(|c| c.of.as_deref());
    let columns: Vec<String> = partition.map(|c| OracleSql::ident(c).to_string()).collect();
    let sql = format!(
        "SELECT MAX(COUNT(*)) FROM {}.{} GROUP BY {}",
        OracleSql::ident(&t.of.schema),
        OracleSql::ident(&t.of.name),
        columns.join(", ")
    );
    MarkdownText::code(&sql)
}
