//! What a relational tree shows about its rows: unique keys, reads of the target, whether the same input gives the
//! same rows, whether a row depends on one source row. Must not know syntax trees, rules or plans.

mod atomic;
mod closure;
mod columns;
mod derive;
mod determinism;
#[cfg(test)]
mod tests;

pub use atomic::{rows_of_their_own, single_source_row};
pub use determinism::deterministic;

use std::collections::BTreeSet;

use crate::rel::{ColumnRef, Rel, Scalar, TableName};

use columns::{Col, Set};

/// Keys of a table: columns that are NOT NULL and unique together. Nullable columns make no key.
pub type Keys<'k> = &'k dyn Fn(&TableName) -> Vec<Vec<String>>;

/// What facts are derived from.
#[derive(Clone, Copy)]
struct Given<'k> {
    keys: Keys<'k>,
    /// Relations of a query around this one, whose row is fixed.
    outer: Option<&'k BTreeSet<String>>,
}

impl<'k> Given<'k> {
    fn tables(keys: Keys<'k>) -> Self {
        Self { keys, outer: None }
    }

    /// A value of the outer row alone.
    fn fixes(&self, s: &Scalar) -> bool {
        let Some(outer) = self.outer else {
            return false;
        };
        let (mut any, mut all) = (false, true);
        crate::dataflow::tree::columns_of(s, &mut |c| {
            any = true;
            all &= outer.contains(&c.relation);
        });
        any && all
    }
}

/// Whether there is at most one row for given values of some outputs and one row of the relations around.
pub fn single_row(
    rel: &Rel,
    fixed: &[ColumnRef],
    outer: &BTreeSet<String>,
    keys: Keys<'_>,
) -> bool {
    let known = derive::known(
        rel,
        Given {
            keys,
            outer: Some(outer),
        },
    );
    let fixed: Set = fixed.iter().map(Col::of).collect();
    known.key_in(&fixed).is_some()
}

/// Sets of outputs that no two rows share, smallest needed; an empty set says that there is one row at most.
pub fn unique_keys(rel: &Rel, keys: Keys<'_>) -> Vec<Vec<ColumnRef>> {
    let known = derive::known(rel, Given::tables(keys));
    let outputs = rel.outputs();
    let all = known.all();
    let mut out: Vec<Vec<ColumnRef>> = Vec::new();
    for key in &known.keys {
        let Some(columns) = known.smallest(all.clone(), &key.columns) else {
            continue;
        };
        let found: Vec<ColumnRef> = outputs
            .iter()
            .filter(|o| columns.contains(&Col::of(o)))
            .cloned()
            .collect();
        if found.len() == columns.len() && !out.contains(&found) {
            out.push(found);
        }
    }
    out
}

/// Whether no two rows have the same values in these outputs: the sentence that shows it, or what is missing.
pub fn rows_unique_by(rel: &Rel, names: &[String], keys: Keys<'_>) -> Result<String, String> {
    let known = derive::known(rel, Given::tables(keys));
    let outputs = rel.outputs();
    let mut wanted = Set::new();
    for name in names {
        match outputs.iter().find(|o| o.name == *name) {
            Some(o) => wanted.insert(Col::of(o)),
            None => return Err(format!("{name} is not written")),
        };
    }
    let list = names.join(", ");
    let direct = known.keys.iter().find(|k| k.columns.is_subset(&wanted));
    if let Some(key) = direct.or_else(|| known.key_in(&wanted)) {
        return Ok(format!("one row for each ({list}), by {}", key.why));
    }
    let all = known.closure(&wanted);
    let nearest = known
        .keys
        .iter()
        .min_by_key(|k| k.columns.difference(&all).count());
    Err(match nearest {
        Some(key) => {
            let missing: Vec<String> = key.columns.difference(&all).map(Col::text).collect();
            format!(
                "several rows may have the same ({list}): their key, by {}, has {} too",
                key.why,
                missing.join(", ")
            )
        }
        None => {
            format!("nothing shows that ({list}) is unique: no key of the rows is written or known")
        }
    })
}

/// The query reads the table that it is written to, subqueries included.
pub fn self_reads(rel: &Rel, target: &TableName) -> bool {
    rel.scans().iter().any(|s| s.table == *target)
}

/// Tables that are read and have no key, in order of appearance.
pub fn source_tables_without_key(rel: &Rel, keys: Keys<'_>) -> Vec<TableName> {
    let mut out: Vec<TableName> = Vec::new();
    for scan in rel.scans() {
        if keys(&scan.table).is_empty() && !out.contains(&scan.table) {
            out.push(scan.table.clone());
        }
    }
    out
}
