//! Only keys that are not there are inserted: the test for the key taken out of the query.

use super::super::tree::{bare, filter, flat};
use super::exists;
use crate::catalog::model::Table;
use crate::rel::{Rel, Scalar};

/// Takes the test for the key out of a query; None where there is none, or it tests something else than the key.
pub(super) fn without_test(query: &Rel, target: &Table, keys: &[Vec<String>]) -> Option<Rel> {
    let (from, conds, items) = flat(query.clone()).ok()?;
    let values: Vec<&Scalar> = items.iter().map(|n| &n.expr).collect();
    let tested = exists::without_test(&from, &conds, &values, target)?;
    let writes = |(column, value): &(String, Scalar)| {
        items
            .iter()
            .any(|n| n.name == *column && bare(&n.expr) == bare(value))
    };
    let key = &tested.test.key;
    let known = exists::is_key(key, keys) || (keys.is_empty() && !key.is_empty());
    if tested.test.exists || !known || !key.iter().all(writes) {
        return None;
    }
    Some(Rel::Project {
        input: Box::new(filter(tested.from, Scalar::all(tested.conds))),
        items,
    })
}
