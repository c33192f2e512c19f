//! Loads of dimensions: the target is joined to the rows by a natural key; where it has no row, one is inserted with a
//! number from a sequence, else the row is found again by its number and updated. Together an upsert by the natural key;
//! without the UPDATE, the first row of a natural key stays.

use super::super::env::{OPAQUE, Opaques};
use super::super::exec::upsert_of;
use super::super::model::{Fact, Verb};
use super::super::raw::{RawBody, RawWrite, Update, Upsert};
use super::super::tree::{bare, conjuncts, filter, flat};
use super::exists::{self, Equalities, Looked};
use super::prepare::{LoopRows, free, keys_of, writes_key};
use super::{Estate, assumed};
use crate::catalog::model::{RoutineId, Table};
use crate::rel::{CmpOp, Named, Rel, Scalar};

/// An INSERT of rows whose natural key is not there yet.
struct New {
    rows: LoopRows,
    key: Equalities,
    query: Rel,
    /// The target was read before the loop began: rows of the loop do not see each other.
    snapshot: bool,
}

/// Puts INSERTs and UPDATEs of dimensions together.
pub(super) fn upserts(estate: &Estate<'_, '_>, routine: RoutineId, writes: &mut [RawWrite]) {
    let opaques = &estate.executed[routine.0 as usize].shared.opaques;
    for i in 0..writes.len() {
        let table = writes[i].table.as_ref();
        let Some(table) = table.and_then(|t| estate.cx.catalog().tables.get(t)) else {
            continue;
        };
        let keys = keys_of(estate, &table.name);
        let Some(new) = insert_of_new(&writes[i], table, &keys, opaques) else {
            continue;
        };
        let found = (0..writes.len()).filter(|u| *u != i && free(&writes[*u]));
        let found = found
            .filter_map(|u| Some((u, update_of_known(&writes[u], table, &new)?)))
            .next();
        let touched = (0..writes.len()).any(|u| {
            u != i && writes[u].table == writes[i].table && writes[u].verb == Verb::Update
        });
        if let Some((u, update)) = found {
            combine(writes, i, u, &update, new);
        } else if !touched {
            let on = new.key.iter().map(|(k, _)| k.clone()).collect();
            said(&mut writes[i], &new);
            writes[i].body = RawBody::Upsert(Upsert {
                query: new.query,
                on,
                updates: false,
                adds: Vec::new(),
                kept: Vec::new(),
            });
        }
    }
}

fn combine(writes: &mut [RawWrite], insert: usize, update: usize, changed: &Update, new: New) {
    let span = writes[insert].span;
    match upsert_of(span, changed, new.query.clone()) {
        Ok(upsert) => {
            said(&mut writes[insert], &new);
            writes[insert].body = RawBody::Upsert(upsert);
            writes[insert].guards.clear();
        }
        Err(why) => writes[insert].blocked = Some(why),
    }
    writes[insert].by_hand = true;
    writes[update].part_of = Some(insert);
}

/// Two rows of one run with the same natural key: both would have been inserted.
fn said(write: &mut RawWrite, new: &New) {
    if !new.snapshot {
        return;
    }
    let columns: Vec<&str> = new.key.iter().map(|(k, _)| k.as_str()).collect();
    let note = format!(
        "the source gives one row for each ({}): on two the batch would have inserted both",
        columns.join(", ")
    );
    let evidence = assumed(note, write.span);
    write.evidence.push((Fact::RowsUniqueByKey, evidence));
}

fn insert_of_new(
    w: &RawWrite,
    table: &Table,
    keys: &[Vec<String>],
    opaques: &Opaques,
) -> Option<New> {
    let (RawBody::Insert { query }, true) = (&w.body, free(w)) else {
        return None;
    };
    let (from, conds, items) = flat(query.clone()).ok()?;
    let values: Vec<&Scalar> = items.iter().map(|n| &n.expr).collect();
    let tested = exists::without_test(&from, &conds, &values, table)?;
    let key = tested.test.key;
    if tested.test.exists || key.is_empty() || exists::is_key(&key, keys) {
        return None;
    }
    let numbered = |k: &Vec<String>| k.iter().any(|c| is_number(c, &items, opaques));
    if keys.is_empty() || !keys.iter().all(numbered) || !writes_key(&items, &key) {
        return None;
    }
    let query = Rel::Project {
        input: Box::new(filter(
            tested.from.clone(),
            Scalar::all(tested.conds.clone()),
        )),
        items,
    };
    let before = from.scans();
    let snapshot = before
        .iter()
        .filter(|s| s.table == table.name)
        .all(|s| w.snapshot.contains(&s.alias));
    Some(New {
        rows: (tested.from, tested.conds),
        key,
        query,
        snapshot,
    })
}

/// A key column that gets a number from a sequence, or none at all: identity, or a trigger.
fn is_number(column: &str, items: &[Named], opaques: &Opaques) -> bool {
    match items.iter().find(|n| n.name == column) {
        None => true,
        Some(n) => match bare(&n.expr) {
            Scalar::Column(c) if c.relation == OPAQUE => opaques.of(c).is_some_and(|o| o.drawn),
            _ => false,
        },
    }
}

/// An UPDATE of the row that was joined, by whatever column of it: said by the natural key.
fn update_of_known(w: &RawWrite, table: &Table, new: &New) -> Option<Update> {
    let (RawBody::Update(u), Some((from, conds))) = (&w.body, &w.rows) else {
        return None;
    };
    if w.table.as_ref() != Some(&table.name) {
        return None;
    }
    for (at, cond) in conds.iter().enumerate() {
        let Some((true, looked)) = exists::looked_up(from, cond, table) else {
            continue;
        };
        let rest = exists::others_of(conds, at);
        let same = looked.from == new.rows.0 && rest == new.rows.1 && looked.key == new.key;
        let used =
            rest.iter().any(|c| looked.is_used(c)) || u.sets.iter().any(|(_, v)| looked.is_used(v));
        if same && !used && finds_it_again(u, &looked) {
            return Some(by_natural_key(u, table, new));
        }
    }
    None
}

/// WHERE compares columns of the target with the same columns of the joined row.
fn finds_it_again(u: &Update, looked: &Looked) -> bool {
    let Some(predicate) = &u.predicate else {
        return false;
    };
    let again = |a: &Scalar, b: &Scalar| match (bare(a), bare(b)) {
        (Scalar::Column(own), Scalar::Column(of_row)) => {
            own.relation == u.alias && looked.column(of_row) == Some(own.name.as_str())
        }
        _ => false,
    };
    conjuncts(predicate.clone()).iter().all(|c| match c {
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } => again(left, right) || again(right, left),
        _ => false,
    })
}

fn by_natural_key(u: &Update, table: &Table, new: &New) -> Update {
    let equal = new.key.iter().filter_map(|(column, value)| {
        let c = table.columns.get(column)?;
        Some(Scalar::Compare {
            cmp: CmpOp::Eq,
            left: Box::new(Scalar::column(&u.alias, column, c.ty.clone(), c.nullable)),
            right: Box::new(value.clone()),
        })
    });
    // What the row is known by is written either way.
    let sets = u.sets.iter().filter(|(n, v)| {
        let same = |(k, value): &(String, Scalar)| k == n && bare(value) == bare(v);
        !new.key.iter().any(same)
    });
    Update {
        alias: u.alias.clone(),
        sets: sets.cloned().collect(),
        predicate: Scalar::all(equal),
    }
}
