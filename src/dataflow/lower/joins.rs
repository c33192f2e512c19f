//! Comma joins: the conditions of WHERE are given to the joins that they connect; `(+)` makes a left join.

use std::collections::BTreeSet;

use super::super::tree::{any, columns_of};
use super::from::dual;
use crate::rel::{JoinKind, Rel, Scalar};

/// A condition of WHERE.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    scalar: Scalar,
    /// Relation marked with `(+)`.
    outer: Option<String>,
    relations: BTreeSet<String>,
    /// Holds a subquery: stays a filter.
    subquery: bool,
}

impl Condition {
    pub fn new(scalar: Scalar, outer: Option<String>) -> Self {
        let mut relations = BTreeSet::new();
        columns_of(&scalar, &mut |c| {
            relations.insert(c.relation.clone());
        });
        let is_query = |n: &Scalar| {
            matches!(
                n,
                Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. }
            )
        };
        let subquery = any(&scalar, &is_query);
        Self {
            scalar,
            outer,
            relations,
            subquery,
        }
    }
}

/// Relations that a tree brings in sight.
fn relations(rel: &Rel) -> BTreeSet<String> {
    match rel {
        Rel::Scan(s) => BTreeSet::from([s.alias.clone()]),
        Rel::Derived { alias, .. } => BTreeSet::from([alias.clone()]),
        Rel::Join { left, right, .. } => relations(left)
            .into_iter()
            .chain(relations(right))
            .collect(),
        Rel::Values { .. }
        | Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => BTreeSet::new(),
    }
}

/// Joins all elements from left to right, connected ones first. Gives back the conditions that remain a filter.
pub(super) fn join(rels: Vec<Rel>, mut conditions: Vec<Condition>) -> (Rel, Vec<Scalar>) {
    let mut rest: Vec<(Rel, BTreeSet<String>)> = rels
        .into_iter()
        .map(|r| (relations(&r), r))
        .map(|(s, r)| (r, s))
        .collect();
    if rest.is_empty() {
        return (dual(), conditions.into_iter().map(|c| c.scalar).collect());
    }
    let start = rest
        .iter()
        .position(|(_, s)| !is_outer(s, &conditions))
        .unwrap_or(0);
    let (mut acc, mut have) = rest.remove(start);
    while !rest.is_empty() {
        let next = rest
            .iter()
            .position(|(_, s)| connected(&have, s, &conditions));
        let next = next
            .or_else(|| rest.iter().position(|(_, s)| !is_outer(s, &conditions)))
            .unwrap_or(0);
        let (right, own) = rest.remove(next);
        let outer = is_outer(&own, &conditions);
        let all: BTreeSet<String> = have.union(&own).cloned().collect();
        let on = take(&mut conditions, &own, &all, outer);
        acc = pair(acc, right, Scalar::all(on), outer);
        have = all;
    }
    (acc, conditions.into_iter().map(|c| c.scalar).collect())
}

fn is_outer(own: &BTreeSet<String>, conditions: &[Condition]) -> bool {
    conditions
        .iter()
        .any(|c| c.outer.as_ref().is_some_and(|o| own.contains(o)))
}

/// Some condition ties the element to what is joined already, and all its other relations are there.
fn connected(have: &BTreeSet<String>, own: &BTreeSet<String>, conditions: &[Condition]) -> bool {
    let touches = |c: &Condition| {
        c.relations.iter().any(|r| own.contains(r)) && c.relations.iter().any(|r| have.contains(r))
    };
    let ready = |c: &Condition| {
        c.relations
            .iter()
            .all(|r| own.contains(r) || have.contains(r))
    };
    let outer = is_outer(own, conditions);
    let mine = |c: &&Condition| !outer || c.outer.as_ref().is_some_and(|o| own.contains(o));
    let mut tying = conditions
        .iter()
        .filter(|c| !c.subquery && touches(c))
        .filter(mine)
        .peekable();
    tying.peek().is_some()
        && (if outer {
            tying.all(ready)
        } else {
            tying.any(ready)
        })
}

/// Takes the conditions that belong to the join of `own`.
fn take(
    conditions: &mut Vec<Condition>,
    own: &BTreeSet<String>,
    all: &BTreeSet<String>,
    outer: bool,
) -> Vec<Scalar> {
    let mut taken = Vec::new();
    conditions.retain(|c| {
        let marked = c.outer.as_ref().is_some_and(|o| own.contains(o));
        let joins = c.relations.len() > 1
            && c.relations.iter().any(|r| own.contains(r))
            && c.relations.iter().all(|r| all.contains(r));
        let mine = if outer {
            marked
        } else {
            joins && !c.subquery && c.outer.is_none()
        };
        if mine {
            taken.push(c.scalar.clone());
        }
        !mine
    });
    taken
}

fn pair(left: Rel, right: Rel, on: Option<Scalar>, outer: bool) -> Rel {
    let kind = match (outer, on.is_some()) {
        (true, _) => JoinKind::Left,
        (false, true) => JoinKind::Inner,
        (false, false) => JoinKind::Cross,
    };
    Rel::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        on,
    }
}
