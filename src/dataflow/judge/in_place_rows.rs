//! UPDATE once a row of a loop: the rows joined to the target by what WHERE compares, added to it or set.

use super::super::cx::obstacle;
use super::super::model::{Fact, Facts, Obstacle, ObstacleKind};
use super::super::raw::{RawWrite, Update};
use super::super::tree::{any, bare, conjuncts, filter, visit_rel};
use super::super::unique::rows_unique_by;
use super::in_place::{Joins, Made, is_clock, is_set, items, scan, self_read, zero};
use super::{Estate, add, failed, row_facts};
use crate::catalog::model::Table;
use crate::rel::{
    AggFunction, ArithOp, CaseWhen, CmpOp, DataType, JoinKind, Literal, Named, NamedAgg, Rel,
    Scalar,
};

/// Relation of the loop's rows.
const ROWS: &str = "NEWER";

/// An UPDATE once a row of a loop: the rows joined to the target by what WHERE compares.
pub(super) fn of_loop(
    estate: &Estate<'_, '_>,
    raw: &RawWrite,
    update: &Update,
    table: &Table,
    from: &Rel,
    conds: &[Scalar],
    facts: &mut Facts,
) -> Result<Made, Obstacle> {
    let compared = compared(raw, update)?;
    let own = |s: &Scalar| {
        any(
            s,
            &|n| matches!(n, Scalar::Column(c) if c.relation == update.alias),
        )
    };
    let mut adds = Vec::new();
    let mut values: Vec<(String, Scalar)> = Vec::new();
    for (name, v) in update.sets.iter().filter(|(_, v)| !is_clock(v)) {
        match added(v, &update.alias, name) {
            Some(f) if !own(&f) => {
                adds.push(name.clone());
                values.push((name.clone(), f));
            }
            Some(_) | None if own(v) => {
                return Err(self_read(raw, "the new value is made from the old row"));
            }
            Some(_) | None => values.push((name.clone(), v.clone())),
        }
    }
    let rows = filter(from.clone(), Scalar::all(conds.to_vec()));
    if reads_changed(&rows, update, &values, table) {
        return Err(self_read(raw, "the loop reads what it changes"));
    }
    let keys: Vec<Named> = compared
        .iter()
        .enumerate()
        .map(|(i, (_, v))| Named {
            name: format!("K{}", i + 1),
            expr: v.clone(),
        })
        .collect();
    if !adds.is_empty() && adds.len() != values.len() {
        return Err(self_read(
            raw,
            "columns are set beside those that are added to",
        ));
    }
    let newer = if adds.is_empty() {
        let mut items = keys.clone();
        items.extend(values.iter().map(|(n, v)| Named {
            name: format!("NEW_{n}"),
            expr: v.clone(),
        }));
        items.push(Named {
            name: "FOUND".into(),
            expr: Scalar::Literal(Literal::Number("1".into())),
        });
        Rel::Project {
            input: Box::new(rows),
            items,
        }
    } else {
        summed(rows, keys.clone(), &values)
    };
    let names: Vec<String> = keys.iter().map(|k| k.name.clone()).collect();
    if let Err(why) = rows_unique_by(&newer, &names, &row_facts::source_keys(estate)) {
        let note = format!(
            "several rows of the loop may change the same row, and the last one decides: {why}"
        );
        add(facts, Fact::RowsUniqueByKey, failed(note.clone(), raw.span));
        return Err(obstacle(
            ObstacleKind::OrderDependent,
            raw.span,
            note,
            "change each row once: group the loop's query by the key, or order it by a unique key and take the last",
        ));
    }
    if adds.is_empty() {
        return Ok(Made {
            query: joined(table, update, newer, &compared, &adds),
            adds,
            joins: None,
        });
    }
    let joins = Joins {
        update: update.clone(),
        compared,
        adds: adds.clone(),
    };
    Ok(Made {
        query: newer,
        adds,
        joins: Some(joins),
    })
}

/// The rows of the loop, or the values made of them, depend on columns of the target that are set.
fn reads_changed(rows: &Rel, update: &Update, values: &[(String, Scalar)], table: &Table) -> bool {
    let own: Vec<&str> = rows
        .scans()
        .iter()
        .filter(|s| s.table == table.name)
        .map(|s| s.alias.as_str())
        .collect();
    let changed = |s: &Scalar| matches!(s, Scalar::Column(c) if own.contains(&c.relation.as_str()) && is_set(update, &c.name));
    let mut found = values.iter().any(|(_, v)| any(v, &changed));
    visit_rel(rows, &mut |s| found |= changed(s));
    found
}

/// Columns of the target with the values of the row that WHERE compares them with.
fn compared(raw: &RawWrite, update: &Update) -> Result<Vec<(String, Scalar)>, Obstacle> {
    let mut out = Vec::new();
    for c in update.predicate.clone().into_iter().flat_map(conjuncts) {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = &c
        else {
            return Err(self_read(
                raw,
                "its WHERE is more than equality with the row of the loop",
            ));
        };
        let own = |s: &Scalar| match bare(s) {
            Scalar::Column(c) if c.relation == update.alias => Some(c.name.clone()),
            _ => None,
        };
        match (own(left), own(right)) {
            (Some(k), None) => out.push((k, (**right).clone())),
            (None, Some(k)) => out.push((k, (**left).clone())),
            (Some(_), Some(_)) | (None, None) => {
                return Err(self_read(
                    raw,
                    "its WHERE is more than equality with the row of the loop",
                ));
            }
        }
    }
    let set = out
        .iter()
        .any(|(k, _)| update.sets.iter().any(|(n, _)| n == k));
    if out.is_empty() || set {
        return Err(self_read(raw, "every row of the loop changes all rows"));
    }
    Ok(out)
}

/// f of `x + f` and `x - f`.
fn added(value: &Scalar, alias: &str, name: &str) -> Option<Scalar> {
    let Scalar::Arith { arith, left, right } = bare(value) else {
        return None;
    };
    let old = |s: &Scalar| old_value(s, alias, name);
    match arith {
        ArithOp::Add if old(left) => Some((**right).clone()),
        ArithOp::Add if old(right) => Some((**left).clone()),
        ArithOp::Sub if old(left) => Some(Scalar::Negate {
            operand: right.clone(),
        }),
        ArithOp::Add | ArithOp::Sub | ArithOp::Mul | ArithOp::Div => None,
    }
}

/// The column itself, NULL as zero or not.
fn old_value(s: &Scalar, alias: &str, name: &str) -> bool {
    match bare(s) {
        Scalar::Column(c) => c.relation == alias && c.name == name,
        Scalar::Call { function, args, .. } if function == "NVL" || function == "COALESCE" => {
            matches!(args.as_slice(), [x, Scalar::Literal(_)] if old_value(x, alias, name))
        }
        _ => false,
    }
}

fn summed(rows: Rel, keys: Vec<Named>, values: &[(String, Scalar)]) -> Rel {
    let aggs = values.iter().map(|(n, v)| NamedAgg {
        name: format!("NEW_{n}"),
        function: AggFunction::Sum,
        distinct: false,
        arg: Some(v.clone()),
        separator: None,
        order_by: Vec::new(),
        ty: match v.ty() {
            DataType::Number { scale: Some(s), .. } => DataType::Number {
                precision: Some(38),
                scale: Some(s),
            },
            _ => DataType::number(),
        },
    });
    let aggregate = Rel::Aggregate {
        input: Box::new(rows),
        keys,
        aggs: aggs.collect(),
    };
    let items = aggregate.outputs().into_iter().map(|c| Named {
        name: c.name.clone(),
        expr: Scalar::Column(c),
    });
    Rel::Project {
        items: items.collect(),
        input: Box::new(aggregate),
    }
}

pub(super) fn joined(
    table: &Table,
    update: &Update,
    newer: Rel,
    compared: &[(String, Scalar)],
    adds: &[String],
) -> Rel {
    let types = newer.outputs();
    let new = |name: &str| {
        let ty = types.iter().find(|c| c.name == name).map(|c| c.ty.clone());
        Scalar::column(ROWS, name, ty.unwrap_or_else(DataType::number), true)
    };
    let on = compared.iter().enumerate().map(|(i, (column, _))| {
        let c = table.columns.get(column);
        let own = Scalar::column(
            &update.alias,
            column,
            c.map_or_else(DataType::number, |c| c.ty.clone()),
            c.is_none_or(|c| c.nullable),
        );
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left: Box::new(own),
            right: Box::new(new(&format!("K{}", i + 1))),
        }
    });
    let value = |name: &str, _: &Scalar, own: Scalar| {
        let new_value = new(&format!("NEW_{name}"));
        if adds.iter().any(|a| a == name) {
            let or_zero = |s: Scalar| Scalar::Call {
                ty: s.ty(),
                function: "NVL".into(),
                args: vec![s, zero()],
            };
            return Scalar::Arith {
                arith: ArithOp::Add,
                left: Box::new(or_zero(own)),
                right: Box::new(or_zero(new_value)),
            };
        }
        let found = Scalar::IsNull {
            operand: Box::new(new("FOUND")),
            not: true,
        };
        Scalar::Case {
            whens: vec![CaseWhen {
                when: found,
                then: new_value,
            }],
            otherwise: Some(Box::new(own)),
        }
    };
    let items = items(table, update, &value);
    Rel::Project {
        input: Box::new(Rel::Join {
            kind: JoinKind::Left,
            left: Box::new(scan(table, &update.alias)),
            right: Box::new(Rel::Derived {
                input: Box::new(newer),
                alias: ROWS.into(),
            }),
            on: Scalar::all(on),
        }),
        items,
    }
}
