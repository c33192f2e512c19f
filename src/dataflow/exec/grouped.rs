//! The rows of an inner loop, put together for each row of the loop around: by the columns that they are compared
//! with, or by a key of the outer rows where they use more of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Exec, Own, Rows};
use crate::dataflow::keys::table_keys;
use crate::dataflow::tree::{columns_of, filter, map_scalar, relations, rename_aliases};
use crate::dataflow::unique::{rows_unique_by, unique_keys};
use crate::rel::{CmpOp, ColumnRef, JoinKind, Named, Rel, Scalar};

/// Inner rows with the keys by which they belong to outer ones.
pub(super) struct Grouped {
    pub input: Rel,
    /// What groups, over the input, and what it equals, over the outer rows.
    pub keys: Vec<(Scalar, Scalar)>,
    /// No more than one row a group.
    pub single: bool,
    /// Relations of the loop as the input calls them.
    renamed: BTreeMap<String, String>,
}

impl Grouped {
    /// An expression over the loop's rows, over the input.
    pub fn of(&self, s: &Scalar) -> Scalar {
        map_scalar(s.clone(), &mut |n| match n {
            Scalar::Column(c) => Scalar::Column(ColumnRef {
                relation: self.renamed.get(&c.relation).cloned().unwrap_or(c.relation),
                ..c
            }),
            other => other,
        })
    }

    pub fn key_name(&self, index: usize) -> String {
        format!("K{}", index + 1)
    }

    pub fn named_keys(&self) -> Vec<Named> {
        let one = |(i, (expr, _)): (usize, &(Scalar, Scalar))| Named {
            name: self.key_name(i),
            expr: expr.clone(),
        };
        self.keys.iter().enumerate().map(one).collect()
    }
}

impl Exec<'_, '_> {
    /// The rows at the end of a loop, grouped by the rows around; None where they cannot be.
    /// `uses` are the expressions that will be put together.
    pub(super) fn grouped(&mut self, rows: &Rows, uses: &[Scalar]) -> Option<Grouped> {
        let own = rows.own.as_deref()?;
        let mut grouped = match &own.outer {
            None => Grouped {
                input: filter(rows.from.clone(), Scalar::all(rows.conds.clone())),
                keys: Vec::new(),
                single: false,
                renamed: BTreeMap::new(),
            },
            Some(outer) => match alone(rows, own, outer, uses) {
                Some(g) => g,
                None => self.by_outer_key(rows, outer)?,
            },
        };
        grouped.single = self.is_single(&grouped);
        Some(grouped)
    }

    fn keys_of(&self) -> impl Fn(&crate::rel::TableName) -> Vec<Vec<String>> + '_ {
        let catalog = self.cx.catalog();
        move |name| catalog.tables.get(name).map(table_keys).unwrap_or_default()
    }

    fn is_single(&self, g: &Grouped) -> bool {
        let names: Vec<String> = (0..g.keys.len()).map(|i| g.key_name(i)).collect();
        let keyed = Rel::Project {
            input: Box::new(g.input.clone()),
            items: g.named_keys(),
        };
        rows_unique_by(&keyed, &names, &self.keys_of()).is_ok()
    }

    /// A second copy of the rows around, told apart by their key.
    fn by_outer_key(&mut self, rows: &Rows, outer: &Rows) -> Option<Grouped> {
        let around = filter(outer.from.clone(), Scalar::all(outer.conds.clone()));
        let key = unique_keys(&around, &self.keys_of()).into_iter().next()?;
        let mut aliases = BTreeMap::new();
        for alias in crate::dataflow::tree::aliases(&rows.from) {
            let new = self.done.shared.alias(&alias);
            aliases.insert(alias, new);
        }
        let whole = filter(rows.from.clone(), Scalar::all(rows.conds.clone()));
        let input = rename_aliases(whole, &aliases);
        let renamed = aliases;
        let keys = key.into_iter().map(|c| {
            let copy = ColumnRef {
                relation: renamed.get(&c.relation).cloned().unwrap_or_default(),
                ..c.clone()
            };
            (Scalar::Column(copy), Scalar::Column(c))
        });
        Some(Grouped {
            input,
            keys: keys.collect(),
            single: false,
            renamed: renamed.clone(),
        })
    }
}

/// The inner rows without the outer ones, where only equalities tie them together.
fn alone(rows: &Rows, own: &Own, outer: &Rows, uses: &[Scalar]) -> Option<Grouped> {
    let around = relations(&outer.from);
    if uses.iter().any(|s| touches(s, &around)) {
        return None;
    }
    let from = without_outer(&rows.from, own)?;
    let mut keys = Vec::new();
    let mut rest = Vec::new();
    let added = rows.conds.get(outer.conds.len()..).unwrap_or_default();
    for cond in own.on.iter().chain(added) {
        if !touches(cond, &around) {
            rest.push(cond.clone());
            continue;
        }
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = cond
        else {
            return None;
        };
        match (only(left, &around), only(right, &around)) {
            (true, false) if !touches(right, &around) => {
                keys.push(((**right).clone(), (**left).clone()));
            }
            (false, true) if !touches(left, &around) => {
                keys.push(((**left).clone(), (**right).clone()));
            }
            (_, _) => return None,
        }
    }
    if joins_touch(&from, &around) {
        return None;
    }
    Some(Grouped {
        input: filter(from, Scalar::all(rest)),
        keys,
        single: false,
        renamed: BTreeMap::new(),
    })
}

/// The tree of joins with the inner rows in place of outer and inner together.
fn without_outer(from: &Rel, own: &Own) -> Option<Rel> {
    let Rel::Join {
        kind,
        left,
        right,
        on,
    } = from
    else {
        return None;
    };
    if **right == own.from && matches!(kind, JoinKind::Inner | JoinKind::Cross) {
        return Some(own.from.clone());
    }
    Some(Rel::Join {
        kind: *kind,
        left: Box::new(without_outer(left, own)?),
        right: right.clone(),
        on: on.clone(),
    })
}

pub(super) fn touches(s: &Scalar, around: &BTreeSet<String>) -> bool {
    let mut found = false;
    columns_of(s, &mut |c| found |= around.contains(&c.relation));
    found
}

/// Made of columns of the outer rows, and of at least one.
pub(super) fn only(s: &Scalar, around: &BTreeSet<String>) -> bool {
    let (mut any, mut all) = (false, true);
    columns_of(s, &mut |c| {
        any = true;
        all &= around.contains(&c.relation);
    });
    any && all
}

fn joins_touch(rel: &Rel, around: &BTreeSet<String>) -> bool {
    crate::dataflow::tree::mentions(rel, around)
}
