//! `x = x + f(row)`: the sum of f over all rows that ever were in scope, on top of what the target held before the
//! first of them. Emitted as absolute values, so that nothing is counted twice by a replay.

use super::super::cx::obstacle;
use super::super::model::{Fact, Facts, Obstacle, ObstacleKind};
use super::super::period::Debatched;
use super::super::unique::rows_unique_by;
use super::row_facts::source_keys;
use super::rows::Rows;
use super::{Estate, add, assumed, proved};
use crate::rel::{
    AggFunction, CmpOp, DataType, JoinKind, Literal, Named, NamedAgg, Rel, Scalar, Scan, ScanColumn,
};

/// Relation of the rows' sums.
const SUMS: &str = "DELTA";
/// Relation of the target as it stands in Oracle.
const OPENING: &str = "OPENING";

/// One row a key, with the sums of what is added.
pub(super) fn sums(
    estate: &Estate<'_, '_>,
    rows: &mut Rows<'_>,
    key: &[String],
    facts: &mut Facts,
) -> Result<(), Obstacle> {
    let span = rows.raw.span;
    let note = format!("{} grow by values of the rows", rows.adds.join(", "));
    add(facts, Fact::AddsToOldValue, proved(note, span));
    let unique = rows_unique_by(&rows.query, key, &source_keys(estate)).is_ok();
    if rows.own_rows || unique {
        return Ok(());
    }
    let Rel::Project { input, items } = rows.query.clone() else {
        return Err(refused(rows, "the rows are no plain list"));
    };
    let mut keys = Vec::new();
    let mut aggs = Vec::new();
    let mut outside = Vec::new();
    for n in items {
        if rows.adds.contains(&n.name) {
            let ty = match n.expr.ty() {
                DataType::Number { scale: Some(s), .. } => DataType::Number {
                    precision: Some(38),
                    scale: Some(s),
                },
                _ => DataType::number(),
            };
            aggs.push(NamedAgg {
                name: n.name.clone(),
                function: AggFunction::Sum,
                distinct: false,
                arg: Some(n.expr),
                separator: None,
                order_by: Vec::new(),
                ty: ty.clone(),
            });
            outside.push(Named {
                expr: Scalar::column("", &n.name, ty, true),
                name: n.name,
            });
        } else if key.contains(&n.name) {
            outside.push(Named {
                expr: Scalar::column("", &n.name, n.expr.ty(), true),
                name: n.name.clone(),
            });
            keys.push(n);
        } else if matches!(
            super::super::tree::bare(&n.expr),
            Scalar::Literal(_) | Scalar::EventTime { .. } | Scalar::EventUser
        ) {
            outside.push(n);
        } else {
            return Err(refused(
                rows,
                &format!(
                    "{} is set beside the sums, by the last row that comes",
                    n.name
                ),
            ));
        }
    }
    rows.query = Rel::Project {
        input: Box::new(Rel::Aggregate { input, keys, aggs }),
        items: outside,
    };
    Ok(())
}

fn refused(rows: &Rows<'_>, why: &str) -> Obstacle {
    obstacle(
        ObstacleKind::OrderDependent,
        rows.raw.span,
        format!(
            "{} are added to their old values, and {why}",
            rows.adds.join(", ")
        ),
        "keep the sums in a table of their own",
    )
}

/// The sums on top of what the target holds in Oracle.
pub(super) fn opened(
    rows: &Rows<'_>,
    key: &[String],
    done: Debatched,
    facts: &mut Facts,
) -> Debatched {
    if rows.adds.is_empty() {
        return done;
    }
    let note = format!(
        "{} holds in Oracle what was added before the first row that is captured, and the batch adds no more to it",
        rows.table.name
    );
    add(facts, Fact::OpeningBalance, assumed(note, rows.raw.span));
    if rows.own_rows || key.is_empty() {
        return done;
    }
    let mut done = done;
    done.query = on_top(rows, key, done.query);
    done
}

fn on_top(rows: &Rows<'_>, key: &[String], sums: Rel) -> Rel {
    let columns = rows
        .table
        .columns
        .values()
        .filter(|c| key.contains(&c.name) || rows.adds.contains(&c.name))
        .map(|c| ScanColumn {
            name: c.name.clone(),
            ty: c.ty.clone(),
            nullable: c.nullable,
        });
    let opening = Rel::Scan(Scan {
        table: rows.table.name.clone(),
        alias: OPENING.into(),
        columns: columns.collect(),
    });
    let outputs = sums.outputs();
    let derived = Rel::Derived {
        input: Box::new(sums),
        alias: SUMS.into(),
    };
    let column = |relation: &str, name: &str| {
        let ty = outputs
            .iter()
            .find(|c| c.name == name)
            .map(|c| c.ty.clone());
        let own = rows.table.columns.get(name).map(|c| c.ty.clone());
        let ty = if relation == OPENING {
            own.or(ty)
        } else {
            ty.or(own)
        };
        Scalar::column(relation, name, ty.unwrap_or_else(DataType::number), true)
    };
    let on = key.iter().map(|k| Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(column(SUMS, k)),
        right: Box::new(column(OPENING, k)),
    });
    let items = outputs.iter().map(|c| {
        let own = column(SUMS, &c.name);
        let expr = if rows.adds.contains(&c.name) {
            Scalar::Arith {
                arith: crate::rel::ArithOp::Add,
                left: Box::new(or_zero(column(OPENING, &c.name))),
                right: Box::new(own),
            }
        } else {
            own
        };
        Named {
            name: c.name.clone(),
            expr,
        }
    });
    Rel::Project {
        items: items.collect(),
        input: Box::new(Rel::Join {
            kind: JoinKind::Left,
            left: Box::new(derived),
            right: Box::new(opening),
            on: Scalar::all(on),
        }),
    }
}

fn or_zero(s: Scalar) -> Scalar {
    let ty = s.ty();
    Scalar::Call {
        function: "NVL".into(),
        args: vec![s, Scalar::Literal(Literal::Number("0".into()))],
        ty,
    }
}
