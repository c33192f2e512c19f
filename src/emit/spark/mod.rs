//! `spark/<group>.py`: the second engine, for jobs of the aggregate shape. Results are recomputed from copies of
//! the source tables and the difference is written, so that joins with changing parents, MIN, MAX and COUNT
//! DISTINCT come out right too; jobs that it cannot run are named in the file with the reason.

mod dialect;
mod load;
mod shape;
mod sources;

#[cfg(test)]
mod tests;

pub use dialect::Spark;
pub use load::Loads;

use self::sources::{View, Views};
use super::fragment::{CommentLine, Number, PythonLit, SparkSql};
use super::sql::{Compiled, Compiler, Forms, Kind};
use super::template::{Frame, render};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{CqlKind, CqlType, JobGroup, Plan, SinkTable, StreamJob};
use crate::rel::{ColumnRole, OnDelete, Rel, WriteClass};

/// The emitter.
pub struct SparkEmitter;

impl Emitter for SparkEmitter {
    fn name(&self) -> &'static str {
        "spark"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        let forms = Forms::of(&Spark, &plan.functions)?;
        let mut files = Vec::new();
        for group in &plan.groups {
            files.extend(file(plan, group, &forms)?);
        }
        Ok(files)
    }
}

/// A job that Spark runs.
struct Runnable<'p> {
    job: &'p StreamJob,
    query: Compiled,
}

fn file(plan: &Plan, group: &JobGroup, forms: &Forms) -> Result<Option<GeneratedFile>, EmitError> {
    let mut views = Views::default();
    let mut jobs = Vec::new();
    let mut left_out = Vec::new();
    for job in &group.jobs {
        match runnable(plan, job, forms, &views) {
            Ok((query, grown)) => {
                views = grown;
                jobs.push(Runnable { job, query });
            }
            Err(EmitError::Unsupported { what, .. }) => {
                left_out.push(format!("{}: {what}", job.id))
            }
            Err(other) => return Err(other),
        }
    }
    if jobs.is_empty() {
        return Ok(None);
    }
    let name = format!("{}.py", group.name);
    let frame = frame(plan, group, &name, &views, &jobs, left_out);
    let text = render("spark/job.py", &frame)?;
    Ok(Some(GeneratedFile::text(format!("spark/{name}"), text)))
}

fn runnable(
    plan: &Plan,
    job: &StreamJob,
    forms: &Forms,
    views: &Views,
) -> Result<(Compiled, Views), EmitError> {
    let refuse = |what: &str| EmitError::Unsupported {
        emitter: "spark",
        item: job.id.clone(),
        what: what.into(),
    };
    match job.write.class {
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Upsert
        | WriteClass::Append
        | WriteClass::Delta => {}
        WriteClass::KeepFirst | WriteClass::Queue | WriteClass::Freeze => {
            return Err(refuse(
                "its result depends on the moment, which a recomputation does not know",
            ));
        }
    }
    if !has_aggregate(&job.write.query) {
        return Err(refuse("it is no aggregate"));
    }
    let mut views = views.clone();
    views.add(plan, job)?;
    let compiler = Compiler::new(&Spark, forms, &views, &job.id);
    let query = compiler.compile(&job.write.query, &mut |name, node, _| {
        let column = job.write.columns.iter().find(|c| c.name == name);
        let column = column.ok_or_else(|| refuse("an output is not written"))?;
        shape::fit(&compiler, job, column, node)
    })?;
    Ok((query, views))
}

fn has_aggregate(rel: &Rel) -> bool {
    let mut found = matches!(rel, Rel::Aggregate { .. });
    rel.for_each_input(&mut |r| found |= has_aggregate(r));
    found
}

fn frame(
    plan: &Plan,
    group: &JobGroup,
    file: &str,
    views: &Views,
    jobs: &[Runnable<'_>],
    left_out: Vec<String>,
) -> Frame {
    let s = &plan.settings;
    Frame::new()
        .hole("entry", &CommentLine::new(&group.entry))
        .hole("file", &CommentLine::new(file))
        .hole("group", &PythonLit::string(&group.name))
        .hole("bootstrap", &PythonLit::string(&s.kafka.bootstrap))
        .hole("state", &PythonLit::string(&s.spark.checkpoint_dir))
        .hole(
            "shuffle_partitions",
            &Number::new(s.spark.shuffle_partitions),
        )
        .hole("keyspace", &PythonLit::string(&s.cassandra.keyspace))
        .hole(
            "contact_points",
            &PythonLit::strings(&s.cassandra.contact_points),
        )
        .hole("datacenter", &PythonLit::string(&s.cassandra.datacenter))
        .list("sources", views.views.values().map(source))
        .list("jobs", jobs.iter().map(|r| job(plan, r)))
        .fragments("left_out", left_out.iter().map(|l| CommentLine::new(l)))
}

fn source(view: &View) -> Frame {
    Frame::new()
        .hole("view", &PythonLit::string(&view.name))
        .hole("topic", &PythonLit::string(&view.topic))
        .hole("key", &PythonLit::strings(&view.key))
        .hole(
            "fields",
            &PythonLit::strings(view.columns.iter().map(|c| &c.name)),
        )
        .hole(
            "types",
            &PythonLit::strings(view.columns.iter().map(|c| c.json)),
        )
        .hole(
            "values",
            &PythonLit::strings(view.columns.iter().map(|c| c.value.to_string())),
        )
}

fn job(plan: &Plan, r: &Runnable<'_>) -> Frame {
    let write = &r.job.write;
    let sink = plan.sinks.iter().find(|s| s.topic == r.job.topic);
    let names: Vec<&String> = write.columns.iter().map(|c| &c.name).collect();
    let audit = write.columns.iter().filter(|c| c.role == ColumnRole::Audit);
    let times = names
        .iter()
        .zip(&r.query.kinds)
        .filter(|(_, k)| matches!(k, Kind::Timestamp(_)))
        .map(|(n, _)| n.as_str());
    let column = |n: &&String| sink.and_then(|s| s.columns.iter().find(|m| m.from == **n));
    let writable = |n: &&String| column(n).filter(|m| can_write(m.cql));
    let targets = names.iter().map(|n| writable(n).map(|m| m.to.as_str()));
    let casts = names
        .iter()
        .map(|n| writable(n).and_then(|m| narrower(m.cql)));
    let text = SparkSql::printed(r.query.text());
    Frame::new()
        .hole(
            "about",
            &CommentLine::new(&format!("{}: {}", r.job.id, write.target)),
        )
        .hole("id", &PythonLit::string(&r.job.id))
        .hole("topic", &PythonLit::string(&r.job.topic))
        .hole("key", &PythonLit::strings(&write.key))
        .hole("columns", &PythonLit::strings(&names))
        .hole("audit", &PythonLit::strings(audit.map(|c| &c.name)))
        .hole("times", &PythonLit::strings(times))
        .hole("keep", &PythonLit::boolean(keeps(r.job, sink)))
        .hole("table", &PythonLit::maybe(sink.map(|s| s.table.as_str())))
        .hole("targets", &PythonLit::maybes(targets))
        .hole("casts", &PythonLit::maybes(casts))
        .hole("primary", &PythonLit::strings(primary(plan, sink)))
        .fragments("lines", PythonLit::lines(&text.to_string()))
}

/// The key of the table in its own order: partition, then clustering.
fn primary<'p>(plan: &'p Plan, sink: Option<&SinkTable>) -> Vec<&'p str> {
    let table = sink.and_then(|s| plan.tables.iter().find(|t| t.name == s.table));
    let columns = table.map_or(&[][..], |t| &t.columns[..]);
    let (partition, rest): (Vec<_>, Vec<_>) = columns
        .iter()
        .filter(|c| c.kind.is_key())
        .partition(|c| c.kind == CqlKind::Partition);
    let all = partition.into_iter().chain(rest);
    all.map(|c| c.name.as_str()).collect()
}

fn keeps(job: &StreamJob, sink: Option<&SinkTable>) -> bool {
    sink.map_or(job.write.on_delete, |s| s.on_delete) == OnDelete::Keep
}

/// Whether the connector takes a value of ours for the type.
fn can_write(ty: CqlType) -> bool {
    !matches!(ty, CqlType::Blob | CqlType::Uuid | CqlType::Duration)
}

/// Spark's type for a CQL type that is narrower than ours; None where the value goes as it is.
fn narrower(ty: CqlType) -> Option<&'static str> {
    match ty {
        CqlType::TinyInt => Some("tinyint"),
        CqlType::SmallInt => Some("smallint"),
        CqlType::Int => Some("int"),
        CqlType::BigInt => Some("bigint"),
        CqlType::VarInt => Some("decimal(38,0)"),
        CqlType::Float => Some("float"),
        CqlType::Double => Some("double"),
        CqlType::Decimal
        | CqlType::Text
        | CqlType::Timestamp
        | CqlType::Boolean
        | CqlType::Blob
        | CqlType::Uuid
        | CqlType::Duration => None,
    }
}
