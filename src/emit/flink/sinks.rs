//! Sink tables: outputs in the types of the target, never narrowed. Flink turns a decimal that does not fit
//! into NULL, so results are rounded to the target's scale, as Oracle does on insert, and declared wide.

use std::cell::RefCell;

use sqlparser::ast::{DataType as SqlType, Expr, Ident, ObjectName, Value};

use super::dialect::{self, Flink};
use super::frame::{Column, CreateTable, Definition};
use super::options;
use super::types::type_text;
use crate::emit::EmitError;
use crate::emit::fragment::FlinkSql;
use crate::emit::sql::{Compiled, Compiler, Dialect, Kind, Node, call, cast, null_of};
use crate::plan::model::{Plan, StreamJob};
use crate::rel::{ColumnRole, DataType, WriteClass, WriteColumn};

/// Digits after the point of a result whose scale neither side bounds.
const OPEN_SCALE: u8 = 10;

/// A job's sink table and its query.
pub struct Sink {
    /// Table.
    pub create: CreateTable,
    /// Query.
    pub query: Compiled,
}

/// Compiles the job's query into the sink table `name`.
pub fn sink(
    plan: &Plan,
    job: &StreamJob,
    name: String,
    c: &Compiler<'_>,
) -> Result<Sink, EmitError> {
    check(plan, job)?;
    let declared: RefCell<Vec<Column>> = RefCell::default();
    let mut shape = |output: &str, node: Node, ty: &DataType| {
        let column = target(job, output)?;
        let (node, sink_type) = fit(c, job, column, node, ty)?;
        declared.borrow_mut().push(Column {
            name: output.into(),
            definition: Definition::Physical {
                ty: FlinkSql::printed(sink_type),
                not_null: job.write.key.iter().any(|k| k == output),
            },
            remark: None,
        });
        Ok(node)
    };
    let query = c.compile(&job.write.query, &mut shape)?;
    let create = CreateTable {
        name,
        columns: declared.into_inner(),
        primary_key: job.write.key.clone(),
        options: options::upsert_sink(plan, &job.topic),
    };
    Ok(Sink { create, query })
}

fn inconsistent(job: &StreamJob, what: String) -> EmitError {
    EmitError::Inconsistent {
        emitter: "flink",
        item: job.id.clone(),
        what,
    }
}

fn check(plan: &Plan, job: &StreamJob) -> Result<(), EmitError> {
    if !options::is_result_topic(plan, &job.topic) {
        return Err(inconsistent(
            job,
            format!("topic {} is no result topic of the plan", job.topic),
        ));
    }
    if job.write.key.is_empty() {
        return Err(inconsistent(job, "the write has no key".into()));
    }
    let outputs = job.write.query.outputs();
    let same = outputs.len() == job.write.columns.len()
        && outputs
            .iter()
            .zip(&job.write.columns)
            .all(|(o, c)| o.name == c.name);
    if !same {
        return Err(inconsistent(
            job,
            "the query's outputs are not the written columns".into(),
        ));
    }
    let missing = job
        .write
        .key
        .iter()
        .find(|k| !job.write.columns.iter().any(|c| c.name == **k));
    match missing {
        Some(k) => Err(inconsistent(job, format!("key column {k} is not written"))),
        None => Ok(()),
    }
}

fn target<'j>(job: &'j StreamJob, output: &str) -> Result<&'j WriteColumn, EmitError> {
    job.write
        .columns
        .iter()
        .find(|c| c.name == output)
        .ok_or_else(|| inconsistent(job, format!("output {output} is not written")))
}

/// The output as the target has it, and the sink column's type.
fn fit(
    c: &Compiler<'_>,
    job: &StreamJob,
    column: &WriteColumn,
    node: Node,
    from: &DataType,
) -> Result<(Node, String), EmitError> {
    let is_key = job.write.key.contains(&column.name);
    let bad = |what: &str| EmitError::Unsupported {
        emitter: "flink",
        item: job.id.clone(),
        what: format!("column {}: {what}", column.name),
    };
    if node.expr == Expr::value(Value::Null) {
        return null(column).ok_or_else(|| bad("NULL of this type"));
    }
    if moment_of_the_first(job, column, &node) {
        c.note(format!(
            "{} stays empty: it was the moment of the run, which only the first result of a key has",
            column.name
        ));
        return null(column).ok_or_else(|| bad("the clock in this type"));
    }
    match &column.ty {
        DataType::Number { .. } | DataType::Float { .. } => {
            number(c, column, node, is_key).ok_or_else(|| bad("a number is wanted"))
        }
        DataType::BinaryFloat | DataType::BinaryDouble => Ok((
            Node::new(cast(node.expr, double()), Kind::Double),
            "DOUBLE".into(),
        )),
        DataType::Varchar { .. } | DataType::Clob | DataType::Document => Ok((
            text(node).ok_or_else(|| bad("text is wanted; use TO_CHAR with a format"))?,
            "STRING".into(),
        )),
        DataType::Char { .. } => {
            let node =
                text(node).ok_or_else(|| bad("text is wanted; use TO_CHAR with a format"))?;
            Ok((trimmed(node), "STRING".into()))
        }
        DataType::Date | DataType::Timestamp { .. } => datetime(column, node, from)
            .ok_or_else(|| bad("a date is wanted; use TO_DATE with a format")),
        DataType::TimestampLtz { .. } => zoned(node).ok_or_else(|| bad("a timestamp is wanted")),
        DataType::TimestampTz { .. } if node.kind == Kind::Other => Ok((node, "STRING".into())),
        DataType::Raw { .. } | DataType::Blob if node.kind == Kind::Other => {
            Ok((node, "BYTES".into()))
        }
        DataType::Boolean if node.kind == Kind::Boolean => Ok((node, "BOOLEAN".into())),
        DataType::TimestampTz { .. }
        | DataType::Raw { .. }
        | DataType::Blob
        | DataType::Boolean
        | DataType::IntervalYm
        | DataType::IntervalDs
        | DataType::Other { .. }
        | DataType::Unknown { .. } => Err(bad("its type cannot be written by this engine")),
    }
}

/// The clock in a row that is written once: the query would give another moment each time the row comes again, and
/// the planner refuses to take back a value that it cannot repeat.
fn moment_of_the_first(job: &StreamJob, column: &WriteColumn, node: &Node) -> bool {
    let once = match job.write.class {
        WriteClass::KeepFirst | WriteClass::Queue => true,
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Upsert
        | WriteClass::Append
        | WriteClass::Delta
        | WriteClass::Freeze => false,
    };
    // An audit column is the clock, the user, or a text made of them: nothing else can hold the word.
    once && column.role == ColumnRole::Audit && node.expr.to_string().contains(dialect::CLOCK)
}

fn null(column: &WriteColumn) -> Option<(Node, String)> {
    let kind = match Kind::of(&column.ty) {
        Kind::Decimal(_, s) => Kind::Decimal(38, s),
        other => other,
    };
    let ty = Flink.cast_type(&column.ty)?;
    Some((Node::new(null_of(ty), kind), type_text(kind)?))
}

fn number(
    c: &Compiler<'_>,
    column: &WriteColumn,
    node: Node,
    is_key: bool,
) -> Option<(Node, String)> {
    let node = match node.kind {
        Kind::Text => Node::new(
            cast(node.expr, Flink.decimal(38, OPEN_SCALE)),
            Kind::Decimal(38, OPEN_SCALE),
        ),
        k if k.is_number() => node,
        _ => return None,
    };
    let bounded = !matches!(
        column.ty,
        DataType::Number {
            scale: None,
            precision: None
        } | DataType::Float { .. }
    );
    let node = match Kind::of(&column.ty) {
        Kind::Decimal(_, s) if bounded => c.rounded(node, &column.ty, s),
        _ => node,
    };
    let kind = match node.kind {
        // keys keep the source's exact type, so that Flink sees that the key is the same
        Kind::Decimal(p, s) if is_key => Kind::Decimal(p, s),
        Kind::Decimal(_, s) => Kind::Decimal(38, s),
        Kind::Integer => Kind::Integer,
        Kind::Double => Kind::Double,
        _ => Kind::Decimal(38, OPEN_SCALE),
    };
    Some((node, type_text(kind)?))
}

fn text(node: Node) -> Option<Node> {
    match node.kind {
        Kind::Text | Kind::Other => Some(node),
        Kind::Integer | Kind::Decimal(_, 0) => Some(Node::new(
            cast(node.expr, SqlType::String(None)),
            Kind::Text,
        )),
        Kind::Decimal(..) | Kind::Number | Kind::Double | Kind::Timestamp(_) | Kind::Boolean => {
            None
        }
    }
}

/// CHAR is written without its blanks, by the stream and by the backfill alike.
fn trimmed(node: Node) -> Node {
    match &node.expr {
        Expr::Value(v) if !v.to_string().ends_with(" '") => node,
        _ => Node::new(call("RTRIM", vec![node.expr]), Kind::Text),
    }
}

fn datetime(column: &WriteColumn, node: Node, from: &DataType) -> Option<(Node, String)> {
    let Kind::Timestamp(p) = node.kind else {
        return None;
    };
    if column.ty != DataType::Date {
        return Some((node, type_text(Kind::Timestamp(p))?));
    }
    let node = if *from == DataType::Date {
        node
    } else {
        Node::new(Flink.to_second(node.expr), Kind::Timestamp(3))
    };
    Some((node, "TIMESTAMP(3)".into()))
}

fn zoned(node: Node) -> Option<(Node, String)> {
    let Kind::Timestamp(p) = node.kind else {
        return None;
    };
    let ty = format!("TIMESTAMP_LTZ({p})");
    let name = ObjectName::from(vec![Ident::new(&ty)]);
    let expr = cast(node.expr, SqlType::Custom(name, Vec::new()));
    Some((Node::new(expr, Kind::Timestamp(p)), ty))
}

fn double() -> SqlType {
    SqlType::Double(sqlparser::ast::ExactNumberInfo::None)
}
