//! `backfill/<table>.py`: the one-shot load as a PySpark job, for tables that have outgrown one machine. The same
//! columns, types and write time as the specification of the load; what Spark's connector cannot write as it says
//! is named in the file, and the job refuses to run.

use crate::emit::backfill::backfill;
use crate::emit::fragment::{CommentLine, PythonLit};
use crate::emit::template::{Frame, render};
use crate::emit::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{BackfillSpec, CassandraTarget, ColumnMap, CqlType, Plan};
use crate::rel::DataType;

/// How a column is read.
struct Reading {
    kind: &'static str,
    /// A regular expression that its text must match.
    form: String,
}

/// The emitter.
pub struct Loads;

impl Emitter for Loads {
    fn name(&self) -> &'static str {
        "spark-load"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        let mut files = Vec::new();
        for b in &plan.backfills {
            let spec = backfill(plan, b);
            if let Some(target) = &spec.cassandra {
                files.push(file(plan, &spec, target)?);
            }
        }
        Ok(files)
    }
}

fn file(
    plan: &Plan,
    spec: &BackfillSpec,
    target: &CassandraTarget,
) -> Result<GeneratedFile, EmitError> {
    let name = format!("{}.py", target.table);
    let own = (target.table.as_str(), spec.columns.as_slice());
    let also = spec
        .also
        .iter()
        .map(|a| (a.table.as_str(), a.columns.as_slice()));
    let tables: Vec<_> = std::iter::once(own).chain(also).collect();
    let columns = tables.iter().flat_map(|t| t.1);
    let left_out = columns
        .filter(|c| reading(c).is_none())
        .map(|c| format!("{} as {:?}", c.from, c.cql));
    let frame = Frame::new()
        .hole("about", &CommentLine::new(&spec.table.to_string()))
        .hole(
            "spec",
            &CommentLine::new(&format!("backfill/{}.toml", target.table)),
        )
        .hole("file", &CommentLine::new(&name))
        .hole("schema", &PythonLit::string(&spec.table.schema))
        .hole("table", &PythonLit::string(&spec.table.name))
        .hole("key", &PythonLit::strings(&spec.key))
        .hole("keyspace", &PythonLit::string(&target.keyspace))
        .hole(
            "contact_points",
            &PythonLit::strings(&target.contact_points),
        )
        .hole("datacenter", &PythonLit::string(&target.datacenter))
        .hole(
            "user_env",
            &PythonLit::string(&plan.settings.oracle.user_env),
        )
        .hole(
            "password_env",
            &PythonLit::string(&plan.settings.oracle.password_env),
        )
        .hole(
            "left_out",
            &PythonLit::strings(left_out.collect::<Vec<_>>()),
        )
        .list(
            "tables",
            tables.iter().map(|(name, columns)| table(name, columns)),
        );
    let text = render("spark/load.py", &frame)?;
    Ok(GeneratedFile::text(format!("backfill/{name}"), text))
}

fn table(name: &str, columns: &[ColumnMap]) -> Frame {
    let read: Vec<_> = columns
        .iter()
        .filter_map(|c| Some((c, reading(c)?)))
        .collect();
    Frame::new()
        .hole("table", &PythonLit::string(name))
        .hole(
            "from",
            &PythonLit::strings(read.iter().map(|(c, _)| &c.from)),
        )
        .hole("to", &PythonLit::strings(read.iter().map(|(c, _)| &c.to)))
        .hole(
            "kind",
            &PythonLit::strings(read.iter().map(|(_, r)| r.kind)),
        )
        .hole(
            "form",
            &PythonLit::strings(read.iter().map(|(_, r)| &r.form)),
        )
}

/// None: the connector has no way from this type to that one.
fn reading(column: &ColumnMap) -> Option<Reading> {
    let read = |kind, form: String| Some(Reading { kind, form });
    match &column.oracle {
        DataType::Number { precision, scale } => {
            let bound = precision.map(|p| (i16::from(p), scale.unwrap_or(0)));
            match column.cql {
                CqlType::TinyInt
                | CqlType::SmallInt
                | CqlType::Int
                | CqlType::BigInt
                | CqlType::VarInt => read("number", whole(bound)),
                CqlType::Decimal | CqlType::Text => read("number", decimal(bound)),
                CqlType::Float
                | CqlType::Double
                | CqlType::Timestamp
                | CqlType::Boolean
                | CqlType::Blob
                | CqlType::Uuid
                | CqlType::Duration => None,
            }
        }
        DataType::Float { .. } => matches!(column.cql, CqlType::Decimal).then(|| Reading {
            kind: "number",
            form: decimal(None),
        }),
        DataType::BinaryFloat | DataType::BinaryDouble => {
            let floats = matches!(column.cql, CqlType::Float | CqlType::Double);
            floats.then(|| Reading {
                kind: "number",
                form: decimal(None),
            })
        }
        DataType::Varchar { .. } | DataType::Clob => {
            (column.cql == CqlType::Text).then(|| Reading {
                kind: "text",
                form: "(?s)^.*$".into(),
            })
        }
        DataType::Char { .. } => (column.cql == CqlType::Text).then(|| Reading {
            kind: "char",
            form: "(?s)^.*$".into(),
        }),
        DataType::Date | DataType::Timestamp { .. } => {
            (column.cql == CqlType::Timestamp).then(|| Reading {
                kind: "time",
                form: TIME.into(),
            })
        }
        DataType::TimestampTz { .. } => (column.cql == CqlType::Timestamp).then(|| Reading {
            kind: "time",
            form: ZONED.into(),
        }),
        DataType::Raw { .. } | DataType::Blob => (column.cql == CqlType::Blob).then(|| Reading {
            kind: "bytes",
            form: "^([0-9A-Fa-f]{2})+$".into(),
        }),
        DataType::Boolean => (column.cql == CqlType::Boolean).then(|| Reading {
            kind: "boolean",
            form: BOOLEAN.into(),
        }),
        DataType::TimestampLtz { .. }
        | DataType::Document
        | DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Other { .. }
        | DataType::Unknown { .. } => None,
    }
}

const TIME: &str = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,9})?)?$";
const ZONED: &str = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})? ?(Z|[+-]\d\d:\d\d)$";
const BOOLEAN: &str = "(?i)^(true|t|yes|y|on|1|false|f|no|n|off|0)$";

/// Whole numbers of so many digits; zeros behind the point are none.
fn whole(bound: Option<(i16, i16)>) -> String {
    let digits = bound.map_or(38, |(p, s)| (p - s.min(0)).max(1));
    format!(r"^[+-]?0*\d{{1,{digits}}}(\.0*)?$")
}

/// Numbers of so many digits before and behind the point.
fn decimal(bound: Option<(i16, i16)>) -> String {
    match bound {
        Some((precision, scale)) => {
            let before = (precision - scale).max(0);
            let scale = scale.max(0);
            format!(r"^[+-]?(0*\d{{0,{before}}})(\.\d{{0,{scale}}}0*)?$")
        }
        None => r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$".into(),
    }
}
