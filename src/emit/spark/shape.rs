//! Outputs of a query in the types of the target: rounded as Oracle rounds on insert, CHAR without its blanks.

use sqlparser::ast::{Expr, Value};

use super::dialect::Spark;
use crate::emit::EmitError;
use crate::emit::sql::{Compiler, Dialect, Kind, Node, call, cast, null_of};
use crate::plan::model::StreamJob;
use crate::rel::{DataType, WriteColumn};

/// The output as the target has it.
pub fn fit(
    c: &Compiler<'_>,
    job: &StreamJob,
    column: &WriteColumn,
    node: Node,
) -> Result<Node, EmitError> {
    let bad = || EmitError::Unsupported {
        emitter: "spark",
        item: job.id.clone(),
        what: format!(
            "column {} of type {:?} from {:?}",
            column.name, column.ty, node.kind
        ),
    };
    if node.expr == Expr::value(Value::Null) {
        let ty = Spark.cast_type(&column.ty).ok_or_else(bad)?;
        return Ok(Node::new(null_of(ty), Kind::of(&column.ty)));
    }
    match (&column.ty, node.kind) {
        (
            DataType::Number {
                precision: None,
                scale: None,
            }
            | DataType::Float { .. },
            k,
        ) if k.is_number() => Ok(node),
        (ty @ DataType::Number { .. }, k) if k.is_number() => match Kind::of(ty) {
            Kind::Decimal(_, s) => Ok(c.rounded(node, ty, s)),
            _ => Err(bad()),
        },
        (ty @ (DataType::BinaryFloat | DataType::BinaryDouble), k) if k.is_number() => {
            let ty = Spark.cast_type(ty).ok_or_else(bad)?;
            Ok(Node::new(cast(node.expr, ty), Kind::Double))
        }
        (DataType::Char { .. }, Kind::Text) => {
            Ok(Node::new(call("RTRIM", vec![node.expr]), Kind::Text))
        }
        (DataType::Varchar { .. } | DataType::Clob | DataType::Document, Kind::Text) => Ok(node),
        (DataType::Varchar { .. } | DataType::Clob, Kind::Integer | Kind::Decimal(_, 0)) => {
            Ok(Node::new(cast(node.expr, Spark.text_type()), Kind::Text))
        }
        (DataType::Date, Kind::Timestamp(0..=3)) => Ok(node),
        (DataType::Date, Kind::Timestamp(_)) => {
            Ok(Node::new(Spark.to_second(node.expr), Kind::Timestamp(3)))
        }
        (DataType::Timestamp { .. } | DataType::TimestampLtz { .. }, Kind::Timestamp(_)) => {
            Ok(node)
        }
        (DataType::Boolean, Kind::Boolean) => Ok(node),
        _ => Err(bad()),
    }
}
