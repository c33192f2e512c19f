//! Rows that the batch skips because they fail: what cannot be converted, what misses a value that the target wants,
//! and what one of its CHECK constraints refuses.
//! In the stream they are left out by a condition, where an error would stop the job.

use super::super::keys::date_length;
use super::super::lower::value_never_null;
use super::super::tree::{filter, visit};
use crate::catalog::model::Table;
use crate::rel::{CmpOp, DataType, Literal, Named, Rel, Scalar};

/// The query without the rows on which an INSERT fails.
pub(super) fn without_failing(
    query: Rel,
    table: &Table,
    checks: &dyn Fn(&[Named]) -> Vec<Scalar>,
) -> Rel {
    let Rel::Project { input, items } = query else {
        return query;
    };
    let mut conds = Vec::new();
    for n in &items {
        convertible(&n.expr, &mut conds);
        conds.extend(wanted(n, table));
    }
    conds.extend(checks(&items));
    if matches!(*input, Rel::Values { .. }) {
        conds.clear();
    }
    Rel::Project {
        input: Box::new(filter(*input, Scalar::all(conds))),
        items,
    }
}

fn convertible(expr: &Scalar, out: &mut Vec<Scalar>) {
    visit(expr, &mut |n| {
        let Scalar::Call { function, args, .. } = n else {
            return;
        };
        let test = match function.as_str() {
            "TO_NUMBER" if args.len() == 1 => "CAN_BE_NUMBER",
            "TO_DATE" | "TO_TIMESTAMP" if args.len() == 2 => "CAN_BE_DATE",
            _ => return,
        };
        let digits = args.first().is_some_and(|a| date_length(a).is_some());
        let test = equals_one(test, args.clone());
        if !digits && !out.contains(&test) {
            out.push(test);
        }
    });
}

fn equals_one(function: &str, args: Vec<Scalar>) -> Scalar {
    let call = Scalar::Call {
        function: function.into(),
        args,
        ty: DataType::integer(1),
    };
    Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(call),
        right: Box::new(Scalar::Literal(Literal::Number("1".into()))),
    }
}

/// The column is NOT NULL and the value may be NULL.
fn wanted(n: &Named, table: &Table) -> Option<Scalar> {
    let key = table
        .primary_key
        .as_ref()
        .is_some_and(|k| k.contains(&n.name));
    let column = table.columns.get(&n.name)?;
    let constant = matches!(n.expr, Scalar::Literal(_) | Scalar::EventTime { .. });
    if (column.nullable && !key) || value_never_null(&n.expr) || constant {
        return None;
    }
    Some(Scalar::IsNull {
        operand: Box::new(n.expr.clone()),
        not: true,
    })
}
