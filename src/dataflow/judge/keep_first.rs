//! `WHERE NOT EXISTS (SELECT .. FROM target WHERE same key)`: only keys that are not there are inserted.

use super::super::tree::{bare, conjuncts, filter, flat};
use crate::rel::{CmpOp, Named, Rel, Scalar, TableName};

/// Takes the test for the key out of a query; None where there is none, or it tests something else than the key.
pub(super) fn without_test(query: &Rel, target: &TableName, keys: &[Vec<String>]) -> Option<Rel> {
    let Rel::Project { input, items } = query else {
        return None;
    };
    let Rel::Filter { input, predicate } = &**input else {
        return None;
    };
    let conditions = conjuncts(predicate.clone());
    let at = conditions
        .iter()
        .position(|c| tests_key(c, target, keys, items))?;
    let rest = conditions
        .into_iter()
        .enumerate()
        .filter(|(i, _)| *i != at)
        .map(|(_, c)| c);
    let rest: Vec<Scalar> = rest.collect();
    Some(Rel::Project {
        input: Box::new(filter((**input).clone(), Scalar::all(rest))),
        items: items.clone(),
    })
}

fn tests_key(
    condition: &Scalar,
    target: &TableName,
    keys: &[Vec<String>],
    items: &[Named],
) -> bool {
    match condition {
        Scalar::Exists { query, not: true } => not_exists(query, target, keys, items),
        Scalar::Not { operand } => match &**operand {
            Scalar::Exists { query, not: false } => not_exists(query, target, keys, items),
            _ => false,
        },
        Scalar::InQuery {
            operands,
            query,
            not: true,
        } => not_in(operands, query, target, keys, items),
        _ => false,
    }
}

fn not_exists(query: &Rel, target: &TableName, keys: &[Vec<String>], items: &[Named]) -> bool {
    let Ok((from, conds, _)) = flat(query.clone()) else {
        return false;
    };
    let Rel::Scan(scan) = &from else { return false };
    if scan.table != *target {
        return false;
    }
    let mut compared = Vec::new();
    for c in conds {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = &c
        else {
            return false;
        };
        let own = |s: &Scalar| match bare(s) {
            Scalar::Column(c) if c.relation == scan.alias => Some(c.name.clone()),
            _ => None,
        };
        let (column, value) = match (own(left), own(right)) {
            (Some(n), None) => (n, right),
            (None, Some(n)) => (n, left),
            (Some(_), Some(_)) | (None, None) => return false,
        };
        if !writes(items, &column, value) {
            return false;
        }
        compared.push(column);
    }
    is_key(compared, keys)
}

fn not_in(
    operands: &[Scalar],
    query: &Rel,
    target: &TableName,
    keys: &[Vec<String>],
    items: &[Named],
) -> bool {
    let Ok((Rel::Scan(scan), conds, outputs)) = flat(query.clone()) else {
        return false;
    };
    if scan.table != *target || !conds.is_empty() || outputs.len() != operands.len() {
        return false;
    }
    let mut compared = Vec::new();
    for (o, value) in outputs.iter().zip(operands) {
        match bare(&o.expr) {
            Scalar::Column(c) if writes(items, &c.name, value) => compared.push(c.name.clone()),
            _ => return false,
        }
    }
    is_key(compared, keys)
}

fn writes(items: &[Named], column: &str, value: &Scalar) -> bool {
    items
        .iter()
        .any(|n| n.name == column && bare(&n.expr) == bare(value))
}

fn is_key(mut compared: Vec<String>, keys: &[Vec<String>]) -> bool {
    compared.sort();
    keys.iter().any(|k| {
        let mut k = k.clone();
        k.sort();
        k == compared
    })
}
