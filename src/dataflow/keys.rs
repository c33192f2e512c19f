//! Keys of tables, and the conversions that keep keys apart. Keys of query results are in `unique`.

use std::collections::BTreeSet;

use super::tree::columns_of;
use super::unique;
use crate::catalog::model::{Catalog, Table};
use crate::rel::{CmpOp, ColumnRef, DataType, Literal, Rel, Scalar};

/// True when there is at most one row for given values of `fixed`; columns of `outer` are given too.
pub(super) fn single_row(
    catalog: &Catalog,
    rel: &Rel,
    fixed: &[ColumnRef],
    outer: &BTreeSet<String>,
) -> bool {
    let keys =
        |name: &crate::rel::TableName| catalog.tables.get(name).map(table_keys).unwrap_or_default();
    unique::single_row(rel, fixed, outer, &keys)
}

/// Columns of the looked-up side that are compared with the row of the loop, or with constants.
pub(super) fn fixed_columns(conds: &[Scalar], outer: &BTreeSet<String>) -> Vec<ColumnRef> {
    let from_row = |s: &Scalar| {
        let mut only = true;
        columns_of(s, &mut |c| only &= outer.contains(&c.relation));
        only
    };
    let mut out = Vec::new();
    for c in conds {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = c
        else {
            continue;
        };
        for (a, b) in [(left, right), (right, left)] {
            if let Scalar::Column(col) = &**a
                && !outer.contains(&col.relation)
                && from_row(b)
            {
                out.push(col.clone());
            }
        }
    }
    out
}

/// Keys of a table: those that a definition states, then those that the code relies on. Whoever uses one of the latter
/// shows it: see `judge::inferred`.
pub(super) fn table_keys(table: &Table) -> Vec<Vec<String>> {
    let assumed = table.assumed_keys.iter().map(|k| k.columns.clone());
    declared_keys(table).into_iter().chain(assumed).collect()
}

/// Keys that are certain to identify a table's rows: PRIMARY KEY, or UNIQUE over columns that are never NULL.
pub(super) fn declared_keys(table: &Table) -> Vec<Vec<String>> {
    let never_null = |u: &&Vec<String>| {
        u.iter()
            .all(|c| table.columns.get(c).is_some_and(|c| !c.nullable))
    };
    let uniques = table.uniques.iter().filter(never_null).cloned();
    table.primary_key.iter().cloned().chain(uniques).collect()
}

/// A conversion that keeps different values different. An explicit CAST cuts texts off, and CHAR pads them.
pub(super) fn lossless(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (
            DataType::Varchar { length: a } | DataType::Char { length: a },
            DataType::Varchar { length: b },
        )
        | (DataType::Char { length: a }, DataType::Char { length: b }) => a <= b,
        (DataType::Number { scale: Some(a), .. }, DataType::Number { scale: Some(b), .. }) => {
            a <= b
        }
        (DataType::Date, DataType::Timestamp { .. }) => true,
        (a, b) => a == b,
    }
}

/// Length of a date written in digits: the same for all dates.
pub(super) fn date_length(s: &Scalar) -> Option<u32> {
    let Scalar::Call { function, args, .. } = s else {
        return None;
    };
    let ("TO_CHAR", [date, Scalar::Literal(Literal::Text(format))]) =
        (function.as_str(), args.as_slice())
    else {
        return None;
    };
    if !date.ty().is_datetime() {
        return None;
    }
    let mut rest = format.to_ascii_uppercase();
    let mut length = 0;
    for (element, digits) in [
        ("YYYY", 4),
        ("HH24", 2),
        ("MM", 2),
        ("DD", 2),
        ("MI", 2),
        ("SS", 2),
    ] {
        length += digits * rest.matches(element).count();
        rest = rest.replace(element, "");
    }
    let plain = rest
        .chars()
        .all(|c| matches!(c, '-' | '/' | '.' | ':' | ' '));
    plain.then_some((length + rest.len()) as u32)
}
