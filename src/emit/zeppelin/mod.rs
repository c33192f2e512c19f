//! Zeppelin notes over the generated tables: one a job group. Notes use `%md`, `%cassandra` and `%spark.pyspark`;
//! Zeppelin's own Flink interpreter ends before the versions that the jobs need.

#[cfg(test)]
mod tests;

use serde::Serialize;

use super::fragment::{Cql, MarkdownText, PythonLit};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{CqlKind, CqlTable, CqlType, JobGroup, Plan};

/// `zeppelin/`.
pub struct Zeppelin;

impl Emitter for Zeppelin {
    fn name(&self) -> &'static str {
        "zeppelin"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        plan.groups.iter().map(|g| file(plan, g)).collect()
    }
}

/// A note, in the fields that Zeppelin's reader needs.
#[derive(Serialize)]
struct Note {
    id: String,
    name: String,
    paragraphs: Vec<Paragraph>,
    config: serde_json::Map<String, serde_json::Value>,
    info: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Paragraph {
    id: String,
    title: String,
    text: String,
}

fn file(plan: &Plan, group: &JobGroup) -> Result<GeneratedFile, EmitError> {
    let id = note_id(&format!("{}/{}", plan.project.name, group.name));
    let mut paragraphs = vec![Paragraph {
        id: "p0".into(),
        title: "About".into(),
        text: about(group),
    }];
    for table in tables(plan, group) {
        for (title, text) in [
            ("Rows", cassandra(plan, table)),
            ("Chart", pyspark(plan, table)),
        ] {
            paragraphs.push(Paragraph {
                id: format!("p{}", paragraphs.len()),
                title: format!("{title} of {}", table.name),
                text,
            });
        }
    }
    let note = Note {
        name: group.name.clone(),
        paragraphs,
        config: serde_json::Map::new(),
        info: serde_json::Map::new(),
        id: id.clone(),
    };
    let text = serde_json::to_string_pretty(&note).map_err(|e| EmitError::Serialise {
        emitter: "zeppelin",
        message: e.to_string(),
    })?;
    Ok(GeneratedFile::text(
        format!("zeppelin/{}_{id}.zpln", group.name),
        text + "\n",
    ))
}

fn tables<'a>(plan: &'a Plan, group: &'a JobGroup) -> impl Iterator<Item = &'a CqlTable> {
    let targets = group.jobs.iter().map(|j| &j.write.target);
    targets.flat_map(|t| plan.tables.iter().filter(move |c| c.of == *t))
}

/// Zeppelin's ids: `2` and eight of `[0-9A-Z]`; the same for the same name.
fn note_id(name: &str) -> String {
    let mut hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut out = String::from("2");
    for _ in 0..8 {
        let digit = (hash % 36) as u32;
        out.extend(char::from_digit(digit, 36).map(|c| c.to_ascii_uppercase()));
        hash /= 36;
    }
    out
}

fn about(group: &JobGroup) -> String {
    let mut out = format!(
        "%md\n# {}\n\nResults of the stream jobs that replace {}.\n",
        MarkdownText::new(&group.name),
        MarkdownText::new(&group.entry)
    );
    for job in &group.jobs {
        let from: Vec<String> = job.provenance.iter().map(ToString::to_string).collect();
        out.push_str(&format!(
            "\n- {}: written in the batch by {} ({})",
            MarkdownText::new(&job.write.target.to_string()),
            MarkdownText::new(&job.routine),
            MarkdownText::new(&from.join(", "))
        ));
    }
    out
}

fn qualified(plan: &Plan, table: &CqlTable) -> String {
    format!(
        "{}.{}",
        Cql::ident(&plan.settings.cassandra.keyspace),
        Cql::ident(&table.name)
    )
}

fn cassandra(plan: &Plan, table: &CqlTable) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|c| Cql::ident(&c.name).to_string())
        .collect();
    format!(
        "%cassandra\nSELECT {} FROM {} LIMIT 100;",
        columns.join(", "),
        qualified(plan, table)
    )
}

/// Sums of the numeric columns by the first key column, as Zeppelin shows them.
fn pyspark(plan: &Plan, table: &CqlTable) -> String {
    let key = table
        .columns
        .iter()
        .find(|c| c.kind == CqlKind::Partition)
        .map_or("", |c| c.name.as_str());
    let numeric = table
        .columns
        .iter()
        .filter(|c| c.kind == CqlKind::Regular && is_number(c.ty));
    let sums: Vec<String> = numeric
        .map(|c| format!("F.sum({0}).alias({0})", column(&c.name)))
        .collect();
    let what = if sums.is_empty() {
        "F.count(F.lit(1)).alias(\"rows\")".to_string()
    } else {
        sums.join(", ")
    };
    format!(
        "%spark.pyspark\nfrom pyspark.sql import functions as F\n\
         rows = (spark.read.format(\"org.apache.spark.sql.cassandra\")\n        \
         .options(keyspace={}, table={}).load())\n\
         z.show(rows.groupBy({}).agg({what}).orderBy({}))",
        PythonLit::string(&plan.settings.cassandra.keyspace),
        PythonLit::string(&table.name),
        PythonLit::string(key),
        PythonLit::string(key),
    )
}

fn column(name: &str) -> PythonLit {
    PythonLit::string(name)
}

fn is_number(ty: CqlType) -> bool {
    match ty {
        CqlType::TinyInt
        | CqlType::SmallInt
        | CqlType::Int
        | CqlType::BigInt
        | CqlType::VarInt
        | CqlType::Decimal
        | CqlType::Float
        | CqlType::Double => true,
        CqlType::Text
        | CqlType::Timestamp
        | CqlType::Boolean
        | CqlType::Blob
        | CqlType::Uuid
        | CqlType::Duration => false,
    }
}
