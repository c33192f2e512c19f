//! A DELETE or TRUNCATE and the INSERT that fills the table again.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::Verb;
use super::super::raw::{RawBody, RawWrite};
use crate::rel::TableName;

/// For each insert the statement that clears its table before it, in the same routine under the same conditions.
pub(super) fn find(writes: &[RawWrite]) -> BTreeMap<usize, usize> {
    let mut out = BTreeMap::new();
    let mut cleared: BTreeMap<&TableName, usize> = BTreeMap::new();
    let mut used = BTreeSet::new();
    for (i, w) in writes.iter().enumerate() {
        let Some(table) = &w.table else { continue };
        if clearing(w) {
            cleared.insert(table, i);
        } else if w.verb == Verb::Insert
            && let Some(d) = cleared.get(table).copied()
            && same_run(&writes[d], w)
            && used.insert(d)
        {
            out.insert(i, d);
        }
    }
    out
}

fn clearing(w: &RawWrite) -> bool {
    matches!(w.body, RawBody::Delete { .. }) && !w.from_loop && w.blocked.is_none()
}

/// Reached in the same runs.
fn same_run(delete: &RawWrite, insert: &RawWrite) -> bool {
    delete.guards.len() == insert.guards.len()
        && delete
            .guards
            .iter()
            .zip(&insert.guards)
            .all(|(a, b)| a.condition == b.condition)
}
