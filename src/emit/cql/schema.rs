//! schema.cql. Source: Apache Cassandra 5.0, "Data definition (DDL)".

use crate::emit::EmitError;
use crate::emit::fragment::{CommentLine, Cql, Number};
use crate::emit::template::{Frame, render};
use crate::plan::model::{Compaction, CqlColumn, CqlKind, CqlTable, CqlType, Plan};

/// Longest name that is safe everywhere; Cassandra itself checks only keyspaces.
const NAME_MAX: usize = 48;

/// The whole schema.
pub fn schema(plan: &Plan) -> Result<String, EmitError> {
    let c = &plan.settings.cassandra;
    check_name(&c.keyspace)?;
    let tables = plan
        .tables
        .iter()
        .map(table)
        .collect::<Result<Vec<_>, _>>()?;
    let frame = Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .hole("keyspace", &Cql::ident(&c.keyspace))
        .hole("datacenter", &Cql::string(&c.datacenter))
        .hole("replication", &Number::new(c.replication))
        .list("tables", tables);
    render("cql/schema.cql", &frame)
}

/// Keyspaces and tables: `[A-Za-z0-9_]`, at most 48 characters.
fn check_name(name: &str) -> Result<(), EmitError> {
    let legal = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if legal && !name.is_empty() && name.len() <= NAME_MAX {
        return Ok(());
    }
    let what =
        "names of keyspaces and tables are letters, digits and `_`, at most 48 of them".into();
    Err(EmitError::Unsupported {
        emitter: "cql",
        item: name.into(),
        what,
    })
}

fn table(t: &CqlTable) -> Result<Frame, EmitError> {
    check_name(&t.name)?;
    if !t.columns.iter().any(|c| c.kind == CqlKind::Partition) {
        let what = "has no partition key".into();
        return Err(EmitError::Inconsistent {
            emitter: "cql",
            item: t.name.clone(),
            what,
        });
    }
    let column = |c: &CqlColumn| {
        let suffix = if c.kind == CqlKind::Static {
            " static"
        } else {
            ""
        };
        let ty = Cql::printed(format!("{}{suffix}", type_name(c.ty)));
        Frame::new()
            .hole("name", &Cql::ident(&c.name))
            .hole("type", &ty)
    };
    let of = |kinds: &[CqlKind]| {
        t.columns
            .iter()
            .filter(|c| kinds.contains(&c.kind))
            .map(|c| Cql::ident(&c.name))
            .collect::<Vec<_>>()
    };
    let comment = t.comment.clone().unwrap_or_else(|| t.of.to_string());
    let frame = Frame::new()
        .hole("of", &CommentLine::new(&t.of.to_string()))
        .hole("name", &Cql::ident(&t.name))
        .list("columns", t.columns.iter().map(column))
        .hole("partition", &joined(&of(&[CqlKind::Partition])))
        .fragments(
            "clustering",
            of(&[CqlKind::ClusteringAsc, CqlKind::ClusteringDesc]),
        )
        .maybe("order", order(t).as_ref())
        .hole("compaction", &compaction(t.compaction))
        .maybe("ttl", t.ttl.map(Number::new).as_ref())
        .hole("comment", &Cql::string(&one_line(&comment)));
    Ok(frame)
}

/// A literal may hold line ends; a statement splitter of somebody else may not like them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn joined(items: &[Cql]) -> Cql {
    let parts: Vec<String> = items.iter().map(ToString::to_string).collect();
    Cql::printed(parts.join(", "))
}

/// Only where a column descends: ascending is the default.
fn order(t: &CqlTable) -> Option<Cql> {
    let direction = |c: &CqlColumn| match c.kind {
        CqlKind::ClusteringAsc => Some(format!("{} ASC", Cql::ident(&c.name))),
        CqlKind::ClusteringDesc => Some(format!("{} DESC", Cql::ident(&c.name))),
        CqlKind::Partition | CqlKind::Static | CqlKind::Regular => None,
    };
    let descends = t.columns.iter().any(|c| c.kind == CqlKind::ClusteringDesc);
    let parts: Vec<String> = t.columns.iter().filter_map(direction).collect();
    descends.then(|| Cql::printed(parts.join(", ")))
}

fn compaction(c: Compaction) -> Cql {
    Cql::printed(match c {
        Compaction::Unified => "{'class': 'UnifiedCompactionStrategy'}",
        Compaction::TimeWindow => {
            "{'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': '1'}"
        }
    })
}

/// CQL's word for a type.
pub fn type_name(ty: CqlType) -> &'static str {
    match ty {
        CqlType::TinyInt => "tinyint",
        CqlType::SmallInt => "smallint",
        CqlType::Int => "int",
        CqlType::BigInt => "bigint",
        CqlType::VarInt => "varint",
        CqlType::Decimal => "decimal",
        CqlType::Float => "float",
        CqlType::Double => "double",
        CqlType::Text => "text",
        CqlType::Timestamp => "timestamp",
        CqlType::Boolean => "boolean",
        CqlType::Blob => "blob",
        CqlType::Uuid => "uuid",
        CqlType::Duration => "duration",
    }
}
