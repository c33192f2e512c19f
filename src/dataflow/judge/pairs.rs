//! A DELETE or TRUNCATE and the INSERT that fills the table again.

use std::collections::BTreeMap;

use super::super::model::Verb;
use super::super::raw::{RawBody, RawWrite};

/// For each insert the statement that clears its table before it, in the same routine under the same conditions.
pub(super) fn find(writes: &[RawWrite]) -> BTreeMap<usize, usize> {
    let mut out = BTreeMap::new();
    for (i, insert) in writes.iter().enumerate() {
        if insert.verb != Verb::Insert || insert.table.is_none() {
            continue;
        }
        let same = |w: &RawWrite| w.table == insert.table;
        let clears = writes[..i].iter().rposition(|w| same(w) && clearing(w));
        if let Some(d) =
            clears.filter(|d| same_run(&writes[*d], insert) && !out.values().any(|used| used == d))
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
