//! CHECK constraints of a target as conditions on the rows: what the constraint refuses, an INSERT that skips failing
//! rows leaves out.

use super::super::env::Env;
use super::super::lower::{Lowerer, Shared, value_never_null};
use super::super::tree::map_top;
use super::Estate;
use crate::catalog::model::{RoutineId, Table};
use crate::rel::{CaseWhen, CmpOp, DataType, Literal, Named, Rel, Scalar};
use crate::source::{SourceFile, SourceMap};
use crate::syntax::View;
use crate::syntax::ast::ItemKind;

/// Conditions that a row must meet, said of the query's outputs; a constraint that is not understood gives none.
pub(super) fn conditions(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    table: &Table,
    items: &[Named],
) -> Vec<Scalar> {
    let understood = table.checks.iter().filter_map(|text| {
        let condition = lowered(estate, routine, table, text)?;
        said_of_outputs(condition, table, items)
    });
    understood.map(unless_false).collect()
}

/// The condition, of the table's own columns.
fn lowered(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    table: &Table,
    check: &str,
) -> Option<Scalar> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', ""));
    let (schema, name) = (quoted(&table.name.schema), quoted(&table.name.name));
    let text = format!("SELECT 1 FROM {schema}.{name} WHERE ({check})");
    let mut map = SourceMap::default();
    let id = map.add(SourceFile::from_text("check", text));
    let parsed = crate::syntax::parse_file(&map, id);
    let [unit] = parsed.units.as_slice() else {
        return None;
    };
    let view = View::new(&map, unit);
    let ItemKind::Query(query) = view.ast()[unit.item].kind else {
        return None;
    };
    let scope = estate.cx.resolver.routine_scope(routine);
    let (env, mut shared) = (Env::default(), Shared::default());
    let rel = Lowerer::new(estate.cx, view, &scope, &env, &mut shared).query(query);
    match rel.ok()? {
        Rel::Project { input, .. } => match *input {
            Rel::Filter { input, predicate } => matches!(*input, Rel::Scan(_)).then_some(predicate),
            _ => None,
        },
        _ => None,
    }
}

/// With the values that are written in place of the columns; None where one is not written.
fn said_of_outputs(condition: Scalar, table: &Table, items: &[Named]) -> Option<Scalar> {
    let mut whole = true;
    super::super::tree::columns_of(&condition, &mut |c| {
        whole &= items.iter().any(|n| n.name == c.name);
    });
    let stored = |s: &Scalar| match s {
        Scalar::Column(c) => {
            let item = items.iter().find(|n| n.name == c.name)?;
            Some(rounded(item.expr.clone(), table, &c.name))
        }
        _ => None,
    };
    whole.then(|| map_top(condition, &stored))
}

/// A number as the column stores it.
fn rounded(value: Scalar, table: &Table, column: &str) -> Scalar {
    let ty = table.columns.get(column).map(|c| c.ty.clone());
    match ty {
        Some(DataType::Number {
            precision: Some(_),
            scale,
        }) if Some(value.ty()) != ty && !matches!(value, Scalar::Literal(_)) => Scalar::Call {
            function: "ROUND".into(),
            args: vec![
                value,
                Scalar::Literal(Literal::Number(scale.unwrap_or(0).to_string())),
            ],
            ty: table.columns[column].ty.clone(),
        },
        _ => value,
    }
}

/// A constraint refuses a row only where it is false: unknown passes.
fn unless_false(condition: Scalar) -> Scalar {
    if never_unknown(&condition) {
        return condition;
    }
    let number = |n: &str| Scalar::Literal(Literal::Number(n.into()));
    Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(Scalar::Case {
            whens: vec![CaseWhen {
                when: Scalar::Not {
                    operand: Box::new(condition),
                },
                then: number("0"),
            }],
            otherwise: Some(Box::new(number("1"))),
        }),
        right: Box::new(number("1")),
    }
}

fn never_unknown(condition: &Scalar) -> bool {
    match condition {
        Scalar::Compare { left, right, .. } => value_never_null(left) && value_never_null(right),
        Scalar::And { items } | Scalar::Or { items } => items.iter().all(never_unknown),
        Scalar::IsNull { .. } => true,
        _ => false,
    }
}
