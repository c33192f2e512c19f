//! Writes of one routine that belong together: an UPDATE and an INSERT that test for the row, several INSERTs into one
//! table, rows that are flagged or removed once they have been processed.

use std::collections::BTreeMap;

use super::super::exec::upsert_of;
use super::super::model::{Fact, Verb};
use super::super::raw::{RawBody, RawWrite};
use super::super::tree::{aliases, bare, conjuncts, filter, flat, map_scalar, rename_aliases};
use super::exists::{self, Equalities};
use super::{Estate, consumed, dimension, proved};
use crate::catalog::model::{RoutineId, Table};
use crate::rel::{CmpOp, DataType, Literal, Named, Rel, Scalar, SetOperator, TableName};

/// The writes of a routine as they are judged.
pub(super) struct Prepared {
    pub writes: Vec<RawWrite>,
    /// Statements that only mark or remove rows that another one has processed.
    pub consumers: BTreeMap<usize, usize>,
}

/// Puts the writes of a routine together.
pub(super) fn prepare(estate: &Estate<'_, '_>, routine: RoutineId) -> Prepared {
    let mut writes = estate.executed[routine.0 as usize].writes.clone();
    let keys = |t: &TableName| keys_of(estate, t);
    let known = Known {
        estate,
        keys: &keys,
    };
    upserts(&mut writes, &known);
    dimension::upserts(estate, routine, &mut writes);
    replaced_by_key(&mut writes, &keys);
    unions(&mut writes);
    let consumers = consumed::find(&mut writes, &keys);
    Prepared { writes, consumers }
}

/// Keys of a table, with those that the user names.
pub(super) fn keys_of(estate: &Estate<'_, '_>, name: &TableName) -> Vec<Vec<String>> {
    let configured = estate.options.keys.get(name).cloned();
    let table = estate.cx.catalog().tables.get(name);
    let own = table
        .map(super::super::keys::table_keys)
        .unwrap_or_default();
    configured.into_iter().chain(own).collect()
}

/// Rows of a loop: joined relations and conditions.
pub(super) type LoopRows = (Rel, Vec<Scalar>);

/// Tables and keys.
struct Known<'k, 'e, 'a> {
    estate: &'k Estate<'e, 'a>,
    keys: &'k dyn Fn(&TableName) -> Vec<Vec<String>>,
}

impl<'e> Known<'_, 'e, '_> {
    fn table(&self, name: &TableName) -> Option<&'e Table> {
        self.estate.cx.catalog().tables.get(name)
    }
}

/// `IF there is none THEN INSERT ELSE UPDATE`, in one loop, by one key.
fn upserts(writes: &mut [RawWrite], known: &Known<'_, '_, '_>) {
    for i in 0..writes.len() {
        let Some((rows, query)) = insert_of_missing(&writes[i], known) else {
            continue;
        };
        let found = (0..writes.len()).find(|u| {
            *u != i
                && free(&writes[*u])
                && update_of_found(&writes[*u], &writes[i].table, known) == Some(rows.clone())
        });
        let Some(u) = found else { continue };
        let RawBody::Update(update) = &writes[u].body else {
            continue;
        };
        let span = writes[i].span;
        writes[i].by_hand = true;
        match upsert_of(span, update, query) {
            Ok(upsert) => {
                writes[i].body = RawBody::Upsert(upsert);
                writes[i].guards.clear();
            }
            Err(why) => writes[i].blocked = Some(why),
        }
        writes[u].part_of = Some(i);
    }
}

pub(super) fn free(w: &RawWrite) -> bool {
    w.part_of.is_none() && w.blocked.is_none()
}

/// An INSERT of rows whose key is not there: its rows without the test, and its query over them.
fn insert_of_missing(w: &RawWrite, known: &Known<'_, '_, '_>) -> Option<(LoopRows, Rel)> {
    let (RawBody::Insert { query }, Some(table), true) = (&w.body, &w.table, free(w)) else {
        return None;
    };
    let (from, conds, items) = flat(query.clone()).ok()?;
    let values: Vec<&Scalar> = items.iter().map(|n| &n.expr).collect();
    let tested = exists::without_test(&from, &conds, &values, known.table(table)?)?;
    let keys = (known.keys)(table);
    let by_key = exists::is_key(&tested.test.key, &keys) || keys.is_empty();
    if tested.test.exists || !by_key || !writes_key(&items, &tested.test.key) {
        return None;
    }
    let query = Rel::Project {
        input: Box::new(filter(
            tested.from.clone(),
            Scalar::all(tested.conds.clone()),
        )),
        items: items.clone(),
    };
    Some(((tested.from, tested.conds), query))
}

pub(super) fn writes_key(items: &[Named], key: &Equalities) -> bool {
    key.iter().all(|(column, value)| {
        items
            .iter()
            .any(|n| n.name == *column && bare(&n.expr) == bare(value))
    })
}

/// An UPDATE in a loop, for rows that are there or for all: the loop's rows without the test.
fn update_of_found(
    w: &RawWrite,
    table: &Option<TableName>,
    known: &Known<'_, '_, '_>,
) -> Option<LoopRows> {
    let (RawBody::Update(u), Some((from, conds)), Some(own)) = (&w.body, &w.rows, &w.table) else {
        return None;
    };
    if w.table != *table {
        return None;
    }
    let values: Vec<&Scalar> = u.sets.iter().map(|(_, v)| v).chain(&u.predicate).collect();
    match exists::without_test(from, conds, &values, known.table(own)?) {
        Some(t) if t.test.exists => Some((t.from, t.conds)),
        Some(_) => None,
        None => Some((from.clone(), conds.clone())),
    }
}

/// `DELETE .. WHERE key = r.key` and an INSERT of the same key, once a row: the row is replaced.
fn replaced_by_key(writes: &mut [RawWrite], keys: &dyn Fn(&TableName) -> Vec<Vec<String>>) {
    for i in 0..writes.len() {
        let (RawBody::Insert { query }, Some(table), true) =
            (&writes[i].body, writes[i].table.clone(), free(&writes[i]))
        else {
            continue;
        };
        let Ok((from, conds, items)) = flat(query.clone()) else {
            continue;
        };
        let same = |d: &usize| {
            let w = &writes[*d];
            let rows = w.rows.as_ref().is_some_and(|r| r.0 == from && r.1 == conds);
            w.table.as_ref() == Some(&table) && free(w) && rows
        };
        let Some(d) = (0..i).find(same) else { continue };
        let Some(key) = deleted_key(&writes[d]) else {
            continue;
        };
        let known = keys(&table);
        let by_key = exists::is_key(&key, &known) || (known.is_empty() && !key.is_empty());
        if !by_key || !writes_key(&items, &key) {
            continue;
        }
        let on = key.into_iter().map(|(k, _)| k).collect();
        let query = query.clone();
        writes[i].body = RawBody::Upsert(super::super::raw::Upsert {
            query,
            on,
            updates: true,
            adds: Vec::new(),
            kept: Vec::new(),
        });
        writes[i].by_hand = true;
        writes[d].part_of = Some(i);
    }
}

fn deleted_key(w: &RawWrite) -> Option<Equalities> {
    let RawBody::Delete {
        alias,
        predicate: Some(p),
    } = &w.body
    else {
        return None;
    };
    let one = |c: Scalar| {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = c
        else {
            return None;
        };
        let own = |s: &Scalar| match bare(s) {
            Scalar::Column(c) if c.relation == *alias => Some(c.name.clone()),
            _ => None,
        };
        match (own(&left), own(&right)) {
            (Some(k), None) => Some((k, *right)),
            (None, Some(k)) => Some((k, *left)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    };
    conjuncts(p.clone()).into_iter().map(one).collect()
}

/// Several INSERTs of one routine into one table, in the same runs: their rows together.
fn unions(writes: &mut [RawWrite]) {
    for i in 0..writes.len() {
        if !plain_insert(&writes[i]) {
            continue;
        }
        let mine: Vec<usize> = (i + 1..writes.len())
            .filter(|j| {
                plain_insert(&writes[*j])
                    && writes[*j].table == writes[i].table
                    && same_guards(&writes[i], &writes[*j])
                    && !cleared_between(writes, i, *j)
            })
            .collect();
        for j in mine {
            let RawBody::Insert { query: next } = writes[j].body.clone() else {
                continue;
            };
            let RawBody::Insert { query } = &mut writes[i].body else {
                continue;
            };
            if let Some(both) = union(query, &next, j) {
                *query = both;
                let more = writes[j].evidence.clone();
                writes[i].evidence.extend(more);
                writes[i].evidence.push((
                    Fact::OtherWriters,
                    proved(
                        "several INSERTs of the routine fill the table: their rows are put together",
                        writes[j].span,
                    ),
                ));
                writes[j].part_of = Some(i);
            }
        }
    }
}

fn plain_insert(w: &RawWrite) -> bool {
    let rows = match &w.body {
        RawBody::Insert { query } => {
            !query.scans().is_empty() && matches!(query, Rel::Project { .. })
        }
        RawBody::Upsert(_) | RawBody::Delete { .. } | RawBody::Update(_) | RawBody::Obstacle(_) => {
            false
        }
    };
    rows && w.verb == Verb::Insert && free(w) && w.table.is_some() && !w.in_handler && !w.dynamic
}

fn same_guards(a: &RawWrite, b: &RawWrite) -> bool {
    a.guards.len() == b.guards.len()
        && a.guards
            .iter()
            .zip(&b.guards)
            .all(|(x, y)| x.condition == y.condition)
}

fn cleared_between(writes: &[RawWrite], i: usize, j: usize) -> bool {
    writes[i + 1..j]
        .iter()
        .any(|w| w.table == writes[i].table && matches!(w.body, RawBody::Delete { .. }))
}

/// UNION ALL of two queries; a column that one does not write is NULL there.
fn union(a: &Rel, b: &Rel, tag: usize) -> Option<Rel> {
    let mut names: Vec<(String, DataType)> = Vec::new();
    for c in a.outputs().into_iter().chain(b.outputs()) {
        if !names.iter().any(|(n, _)| *n == c.name) {
            names.push((c.name, c.ty));
        }
    }
    // Aliases are unique in the routine; the second copy of a query (INSERT ALL) gets its own.
    let taken = aliases(a);
    let renamed = aliases(b)
        .into_iter()
        .filter(|n| taken.contains(n))
        .map(|n| (n.clone(), format!("{n}_U{tag}")));
    let b = rename_aliases(b.clone(), &renamed.collect());
    Some(Rel::SetOp {
        set: SetOperator::UnionAll,
        left: Box::new(widened(a.clone(), &names)?),
        right: Box::new(widened(b, &names)?),
    })
}

fn widened(rel: Rel, names: &[(String, DataType)]) -> Option<Rel> {
    match rel {
        Rel::SetOp { set, left, right } => Some(Rel::SetOp {
            set,
            left: Box::new(widened(*left, names)?),
            right: Box::new(widened(*right, names)?),
        }),
        Rel::Project { input, items } => {
            let item = |(name, ty): &(String, DataType)| {
                let own = items.iter().find(|n| n.name == *name);
                Named {
                    name: name.clone(),
                    expr: own.map_or_else(|| null_of(ty), |n| n.expr.clone()),
                }
            };
            Some(Rel::Project {
                items: names.iter().map(item).collect(),
                input,
            })
        }
        Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Filter { .. }
        | Rel::Join { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::Limit { .. } => None,
    }
}

fn null_of(ty: &DataType) -> Scalar {
    let null = Scalar::Literal(Literal::Null);
    match ty {
        DataType::Unknown { .. } => null,
        ty => Scalar::Cast {
            operand: Box::new(null),
            to: ty.clone(),
        },
    }
}

/// Replaces columns of one relation by those of another.
pub(super) fn readdress(s: Scalar, from: &str, to: &str) -> Scalar {
    map_scalar(s, &mut |n| match n {
        Scalar::Column(c) if c.relation == from => Scalar::Column(crate::rel::ColumnRef {
            relation: to.into(),
            ..c
        }),
        other => other,
    })
}
