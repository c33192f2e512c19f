//! What determines what: functional dependencies over a tree, from keys, equalities, groups and row numbers. Answers
//! whether a lookup finds one row. Keys of query results are in `unique`.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{any, columns_of, conjuncts, map_scalar};
use crate::catalog::model::{Catalog, Table};
use crate::rel::{
    CmpOp, ColumnRef, DataType, JoinKind, Literal, Named, Rel, Scalar, Scan, SetOperator,
    WindowFunction,
};

/// A value of a row: a column, an expression, or the identity of a row.
type Attr = u32;

/// Outputs of a tree, and what identifies its rows.
#[derive(Default)]
struct Info {
    outs: Vec<((String, String), Attr)>,
    rows: BTreeSet<Attr>,
}

struct Deps<'c> {
    catalog: &'c Catalog,
    outer: BTreeSet<String>,
    deps: Vec<(BTreeSet<Attr>, Attr)>,
    exprs: BTreeMap<String, Attr>,
    next: Attr,
}

/// True when there is at most one row for given values of `fixed`; columns of `outer` are given too.
pub(super) fn single_row(
    catalog: &Catalog,
    rel: &Rel,
    fixed: &[ColumnRef],
    outer: &BTreeSet<String>,
) -> bool {
    let mut deps = Deps::new(catalog, outer.clone());
    let info = deps.of(rel);
    let given = fixed.iter().filter_map(|c| info.attr(c)).collect();
    let closure = deps.closure(given);
    info.rows.is_subset(&closure)
}

/// Key of a table that is certain to identify its rows: PRIMARY KEY, or UNIQUE over columns that are never NULL.
pub(super) fn table_keys(table: &Table) -> Vec<Vec<String>> {
    let never_null = |u: &&Vec<String>| {
        u.iter()
            .all(|c| table.columns.get(c).is_some_and(|c| !c.nullable))
    };
    let uniques = table.uniques.iter().filter(never_null).cloned();
    table.primary_key.iter().cloned().chain(uniques).collect()
}

impl Info {
    fn attr(&self, c: &ColumnRef) -> Option<Attr> {
        self.outs
            .iter()
            .find(|((r, n), _)| *r == c.relation && *n == c.name)
            .map(|(_, a)| *a)
    }
}

impl<'c> Deps<'c> {
    fn new(catalog: &'c Catalog, outer: BTreeSet<String>) -> Self {
        Self {
            catalog,
            outer,
            deps: Vec::new(),
            exprs: BTreeMap::new(),
            next: 0,
        }
    }

    fn fresh(&mut self) -> Attr {
        self.next += 1;
        self.next
    }

    fn dep(&mut self, from: impl IntoIterator<Item = Attr>, to: Attr) {
        self.deps.push((from.into_iter().collect(), to));
    }

    fn closure(&self, mut known: BTreeSet<Attr>) -> BTreeSet<Attr> {
        loop {
            let before = known.len();
            for (from, to) in &self.deps {
                if !known.contains(to) && from.is_subset(&known) {
                    known.insert(*to);
                }
            }
            if known.len() == before {
                return known;
            }
        }
    }

    fn of(&mut self, rel: &Rel) -> Info {
        match rel {
            Rel::Scan(scan) => self.scan(scan),
            Rel::Values { columns, rows } => {
                let row = self.fresh();
                if rows.len() <= 1 {
                    self.dep([], row);
                }
                let outs = columns
                    .iter()
                    .map(|c| ((String::new(), c.name.clone()), row))
                    .collect();
                Info {
                    outs,
                    rows: BTreeSet::from([row]),
                }
            }
            Rel::Derived { input, alias } => {
                let info = self.of(input);
                let outs = info
                    .outs
                    .into_iter()
                    .map(|((_, n), a)| ((alias.clone(), n), a))
                    .collect();
                Info { outs, ..info }
            }
            Rel::Filter { input, predicate } => {
                let info = self.of(input);
                self.equalities(predicate, &info);
                info
            }
            Rel::Project { input, items } => {
                let info = self.of(input);
                let outs = self.named(items, &info);
                Info { outs, ..info }
            }
            Rel::Join {
                kind,
                left,
                right,
                on,
            } => self.join(*kind, left, right, on.as_ref()),
            Rel::Aggregate { input, keys, aggs } => {
                let info = self.of(input);
                let mut outs = self.named(keys, &info);
                let row = self.fresh();
                self.dep(outs.iter().map(|(_, a)| *a).collect::<Vec<_>>(), row);
                for agg in aggs {
                    let attr = self.fresh();
                    outs.push(((String::new(), agg.name.clone()), attr));
                }
                for (_, a) in &outs {
                    self.dep([row], *a);
                }
                Info {
                    outs,
                    rows: BTreeSet::from([row]),
                }
            }
            Rel::Window { input, calls } => {
                let mut info = self.of(input);
                for call in calls {
                    let out = self.fresh();
                    self.dep(info.rows.clone(), out);
                    if call.function == WindowFunction::RowNumber {
                        let mut from: BTreeSet<Attr> = call
                            .partition_by
                            .iter()
                            .map(|p| self.scalar(p, &info))
                            .collect();
                        from.insert(out);
                        for row in info.rows.clone() {
                            self.dep(from.clone(), row);
                        }
                    }
                    info.outs.push(((String::new(), call.name.clone()), out));
                }
                info
            }
            Rel::Distinct { input } => {
                let info = self.of(input);
                self.distinct(info.outs)
            }
            Rel::SetOp { set, left, right } => {
                let names = self.of(left).outs;
                self.of(right);
                let outs: Vec<_> = names.into_iter().map(|(n, _)| (n, self.fresh())).collect();
                match set {
                    SetOperator::UnionAll => {
                        let row = self.fresh();
                        for (_, a) in &outs {
                            self.dep([row], *a);
                        }
                        Info {
                            outs,
                            rows: BTreeSet::from([row]),
                        }
                    }
                    SetOperator::Union | SetOperator::Intersect | SetOperator::Minus => {
                        self.distinct(outs)
                    }
                }
            }
            Rel::Limit { input, count, .. } => {
                let info = self.of(input);
                if *count <= 1 {
                    for row in info.rows.clone() {
                        self.dep([], row);
                    }
                }
                info
            }
        }
    }

    fn distinct(&mut self, outs: Vec<((String, String), Attr)>) -> Info {
        let row = self.fresh();
        self.dep(outs.iter().map(|(_, a)| *a).collect::<Vec<_>>(), row);
        for (_, a) in &outs {
            self.dep([row], *a);
        }
        Info {
            outs,
            rows: BTreeSet::from([row]),
        }
    }

    fn scan(&mut self, scan: &Scan) -> Info {
        let row = self.fresh();
        let outs: Vec<_> = scan
            .columns
            .iter()
            .map(|c| ((scan.alias.clone(), c.name.clone()), self.fresh()))
            .collect();
        for (_, a) in &outs {
            self.dep([row], *a);
        }
        let keys = self
            .catalog
            .tables
            .get(&scan.table)
            .map(table_keys)
            .unwrap_or_default();
        for key in keys {
            let attr = |n: &String| outs.iter().find(|((_, c), _)| c == n).map(|(_, a)| *a);
            if let Some(attrs) = key.iter().map(attr).collect::<Option<BTreeSet<_>>>() {
                self.dep(attrs, row);
            }
        }
        Info {
            outs,
            rows: BTreeSet::from([row]),
        }
    }

    fn named(&mut self, items: &[Named], info: &Info) -> Vec<((String, String), Attr)> {
        items
            .iter()
            .map(|n| ((String::new(), n.name.clone()), self.scalar(&n.expr, info)))
            .collect()
    }

    fn join(&mut self, kind: JoinKind, left: &Rel, right: &Rel, on: Option<&Scalar>) -> Info {
        let l = self.of(left);
        let r = self.of(right);
        let both = Info {
            outs: l.outs.iter().chain(&r.outs).cloned().collect(),
            rows: l.rows.union(&r.rows).copied().collect(),
        };
        match (kind, on) {
            (JoinKind::Inner, Some(on)) => self.equalities(on, &both),
            (JoinKind::Left, Some(on)) => self.outer_join(on, &l, &r, &both),
            (JoinKind::Right, Some(on)) => self.outer_join(on, &r, &l, &both),
            (JoinKind::Full | JoinKind::Cross, _)
            | (JoinKind::Inner | JoinKind::Left | JoinKind::Right, None) => {}
        }
        both
    }

    /// The row of the outer side is determined by the columns that the condition compares, where it is one row at most.
    fn outer_join(&mut self, on: &Scalar, kept: &Info, optional: &Info, both: &Info) {
        let mut given = BTreeSet::new();
        columns_of(on, &mut |c| given.extend(kept.attr(c)));
        let before = self.deps.len();
        self.equalities(on, both);
        let closure = self.closure(given.clone());
        let one = optional.rows.is_subset(&closure);
        // The equalities do not hold for rows without a partner.
        self.deps.truncate(before);
        if one {
            let determined: Vec<Attr> = optional
                .rows
                .iter()
                .copied()
                .chain(optional.outs.iter().map(|(_, a)| *a))
                .collect();
            for a in determined {
                self.dep(given.clone(), a);
            }
        }
    }

    fn equalities(&mut self, predicate: &Scalar, info: &Info) {
        for c in conjuncts(predicate.clone()) {
            let Scalar::Compare {
                cmp: CmpOp::Eq,
                left,
                right,
            } = &c
            else {
                continue;
            };
            let (a, b) = (self.scalar(left, info), self.scalar(right, info));
            self.dep([a], b);
            self.dep([b], a);
        }
    }

    /// The attribute of an expression; equal expressions over equal attributes share one.
    fn scalar(&mut self, s: &Scalar, info: &Info) -> Attr {
        match s {
            Scalar::Column(c) => return self.column(c, info),
            Scalar::Cast { operand, to } if lossless(&operand.ty(), to) => {
                return self.scalar(operand, info);
            }
            _ => {}
        }
        let subquery = |n: &Scalar| {
            matches!(
                n,
                Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. }
            )
        };
        let mut from = BTreeSet::new();
        columns_of(s, &mut |c| {
            from.extend(info.attr(c));
        });
        if any(s, &subquery) {
            return self.fresh();
        }
        let canonical = map_scalar(s.clone(), &mut |n| match n {
            Scalar::Column(c) => {
                let attr = info
                    .attr(&c)
                    .map_or(format!("{}.{}", c.relation, c.name), |a| a.to_string());
                Scalar::column("#", &attr, DataType::Boolean, true)
            }
            other => other,
        });
        let key = format!("{canonical:?}");
        if let Some(a) = self.exprs.get(&key) {
            return *a;
        }
        let attr = self.fresh();
        self.exprs.insert(key, attr);
        // Literals and values of the outer query are given.
        if !matches!(s, Scalar::Literal(Literal::Null)) {
            self.dep(from, attr);
        }
        attr
    }

    fn column(&mut self, c: &ColumnRef, info: &Info) -> Attr {
        if let Some(a) = info.attr(c) {
            return a;
        }
        let key = format!("outer {}.{}", c.relation, c.name);
        if let Some(a) = self.exprs.get(&key) {
            return *a;
        }
        let attr = self.fresh();
        self.exprs.insert(key, attr);
        if self.outer.contains(&c.relation) {
            self.dep([], attr);
        }
        attr
    }
}

/// A conversion that keeps different values different.
pub(super) fn lossless(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (
            DataType::Varchar { .. } | DataType::Char { .. },
            DataType::Char { .. } | DataType::Varchar { .. },
        ) => true,
        (DataType::Number { scale: Some(a), .. }, DataType::Number { scale: Some(b), .. }) => {
            a <= b
        }
        (DataType::Date, DataType::Timestamp { .. }) => true,
        (a, b) => a == b,
    }
}
