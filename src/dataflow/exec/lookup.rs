//! SELECT INTO: once a run it is a value that only steers the code; once a row it is a join with the looked-up table.

use std::collections::BTreeSet;

use super::any_row::Looked;
use super::{Counted, Exec, Rows};
use crate::dataflow::cx::{not_lowered, obstacle};
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::keys;
use crate::dataflow::lower::{Low, RunValue, unordered_limit};
use crate::dataflow::model::{Evidence, Fact, Obstacle, ObstacleKind, Status};
use crate::dataflow::tree::{filter, flat, is_dual, map_scalar, mentions, relations};
use crate::rel::{ColumnRef, DataType, JoinKind, Literal, Named, Rel, Scalar};
use crate::source::Span;
use crate::syntax::ast::{Expr, Id, Query};

impl Exec<'_, '_> {
    /// A SELECT statement.
    pub(super) fn select_into(&mut self, span: Span, query: Id<Query>) {
        let Some(into) = self.into_of(query) else {
            return;
        };
        let bulk = self.view.ast()[into].bulk;
        if bulk {
            return self.bulk_select(span, query);
        }
        if self.rows.is_none() {
            return self.run_select(span, query);
        }
        match self.lookup(span, query, false) {
            Ok(_) => {}
            Err(why) => self.lose_into(span, query, why),
        }
    }

    pub(super) fn into_keys(&mut self, query: Id<Query>) -> Vec<VarKey> {
        let Some(into) = self.into_of(query) else {
            return Vec::new();
        };
        let targets: Vec<Id<Expr>> = self.view.ast()[into].targets.ids().collect();
        targets
            .into_iter()
            .filter_map(|t| self.lowerer().key_of(t))
            .collect()
    }

    /// The targets have values that are not known.
    pub(super) fn lose_into(&mut self, _span: Span, query: Id<Query>, why: Obstacle) {
        let run_level = self.run_level();
        for key in self.into_keys(query) {
            let value =
                self.done
                    .shared
                    .opaques
                    .value(why.clone(), run_level, no_type("looked up"));
            self.env.forget(&key);
            self.env.set(key, value);
        }
    }

    /// Outside of loops over rows: an expression over DUAL is its value; anything else depends on when it runs.
    fn run_select(&mut self, span: Span, query: Id<Query>) {
        let keys = self.into_keys(query);
        let rel = match self.lowerer().query(query) {
            Ok(rel) => rel,
            Err(why) => return self.lose_into(span, query, why),
        };
        if let Ok((from, conds, items)) = flat(rel.clone())
            && is_dual(&from)
            && conds.is_empty()
            && items.len() == keys.len()
        {
            for (key, item) in keys.into_iter().zip(items) {
                self.env.set(key, item.expr);
            }
            return;
        }
        let tables: Vec<_> = rel.scans().iter().map(|s| s.table.clone()).collect();
        self.done.reads.extend(tables.iter().cloned());
        self.run_values(span, query, &keys, &rel);
        if let ([key], [table], true) = (keys.as_slice(), tables.as_slice(), counts(&rel)) {
            self.counted.insert(
                key.clone(),
                Counted {
                    table: table.clone(),
                },
            );
        }
    }

    /// Outputs called as the fields that they are read into.
    fn read_into(&self, query: Id<Query>, items: Vec<Named>) -> Vec<Named> {
        match self.into_of(query) {
            Some(into) => self.as_fields(into, items),
            None => items,
        }
    }

    /// Values that a query gives once a run.
    fn run_values(&mut self, span: Span, query: Id<Query>, keys: &[VarKey], rel: &Rel) {
        let counts = counts(rel);
        let (from, items) = match rel {
            Rel::Project { input, items } => ((**input).clone(), items.clone()),
            other => {
                let item = |c: ColumnRef| Named {
                    name: c.name.clone(),
                    expr: Scalar::Column(c),
                };
                (
                    other.clone(),
                    other.outputs().into_iter().map(item).collect(),
                )
            }
        };
        let items = self.read_into(query, items);
        let one = |expr: Scalar| RunValue {
            from: from.clone(),
            expr,
            counts,
            span,
        };
        match keys {
            [record] if items.len() > 1 => {
                self.env.forget(record);
                for n in items {
                    let key = record.clone().field(&n.name);
                    let value = self.run_value(&key, one(n.expr));
                    self.env.set(key, value);
                }
            }
            several => {
                for (key, n) in several.iter().zip(items) {
                    let value = self.run_value(key, one(n.expr));
                    self.env.forget(key);
                    self.set(span, key.clone(), value);
                }
            }
        }
    }

    /// Once a row: joins the looked-up rows. Gives back the condition that a row was found.
    pub(super) fn lookup(&mut self, span: Span, query: Id<Query>, handled: bool) -> Low<Scalar> {
        let targets = self.into_keys(query);
        let types = self
            .into_of(query)
            .map(|i| self.target_types(i))
            .unwrap_or_default();
        let (rel, one) = self.lowerer().one_row_query(query)?;
        let Some(rows) = self.rows.clone() else {
            return Err(not_lowered(span, "a lookup outside of a loop"));
        };
        if let Some(items) = one_row(&rel).filter(|_| !one) {
            return self.scalar_lookup(span, &targets, &types, rel, items);
        }
        let outer = relations(&rows.from);
        let (from, conds, items) = flat(rel).map_err(|_| match one {
            true => unordered_limit(span),
            false => not_lowered(span, "a lookup that groups, sorts or unites"),
        })?;
        let items = self.read_into(query, items);
        if is_dual(&from) && conds.is_empty() {
            self.set_targets(span, &targets, &types, items);
            return Ok(Scalar::Literal(Literal::Boolean(true)));
        }
        let looked = Looked { from, conds, items };
        let (looked, found, unique) = if one {
            self.any_row(span, looked, &outer)?
        } else {
            let unique = self.lookup_unique(span, &looked, &outer)?;
            let found = found_column(&looked, &outer)
                .ok_or_else(|| not_lowered(span, "a lookup without a key"))?;
            (looked, found, unique)
        };
        let Looked { from, conds, items } = looked;
        let optional = handled || rows.conds.len() > rows.base;
        let kind = if optional {
            JoinKind::Left
        } else {
            JoinKind::Inner
        };
        let joined = Rel::Join {
            kind,
            left: Box::new(rows.from),
            right: Box::new(from),
            on: Scalar::all(conds),
        };
        if let Some(r) = &mut self.rows {
            r.from = joined;
            r.evidence.push((Fact::LookupUnique, unique));
            if !handled {
                let note = "every lookup finds its row; where it does not the batch stops, and the stream leaves the row out until it is there".to_string();
                let spans = vec![span];
                let evidence = Evidence {
                    status: Status::Assumed,
                    note,
                    spans,
                };
                r.evidence.push((Fact::LookupUnique, evidence));
            }
        }
        let items = if optional {
            items.into_iter().map(nullable).collect()
        } else {
            items
        };
        self.set_targets(span, &targets, &types, items);
        Ok(if optional {
            not_null(found)
        } else {
            Scalar::Literal(Literal::Boolean(true))
        })
    }

    /// An aggregate without groups gives one row for every row of the loop.
    fn scalar_lookup(
        &mut self,
        span: Span,
        targets: &[VarKey],
        types: &[DataType],
        rel: Rel,
        items: usize,
    ) -> Low<Scalar> {
        if items != targets.len() {
            return Err(not_lowered(span, "a lookup into a record"));
        }
        for (i, key) in targets.iter().enumerate() {
            let output = rel.outputs().into_iter().nth(i);
            let Some(column) = output else { continue };
            let one = Rel::Project {
                input: Box::new(rel.clone()),
                items: vec![Named {
                    name: column.name.clone(),
                    expr: Scalar::Column(column),
                }],
            };
            let value = if items == 1 { rel.clone() } else { one };
            let value = Scalar::ScalarQuery {
                query: Box::new(value),
            };
            let value = match types.get(i) {
                Some(ty) => self.as_declared(span, value, ty),
                None => value,
            };
            self.env.set(key.clone(), value);
        }
        Ok(Scalar::Literal(Literal::Boolean(true)))
    }

    pub(super) fn set_targets(
        &mut self,
        span: Span,
        targets: &[VarKey],
        types: &[DataType],
        items: Vec<Named>,
    ) {
        match targets {
            [record] if items.len() > 1 => {
                self.env.forget(record);
                for n in items {
                    self.env.set(record.clone().field(&n.name), n.expr);
                }
            }
            several => {
                for ((i, key), n) in several.iter().enumerate().zip(items) {
                    let value = match types.get(i) {
                        Some(ty) => self.as_declared(span, n.expr, ty),
                        None => n.expr,
                    };
                    self.set(span, key.clone(), value);
                }
            }
        }
    }

    /// `ROWNUM <= 1`: by a key it says nothing; without a declared one any row is as good; a declared key that is not
    /// compared says that there are several.
    fn any_row(
        &mut self,
        span: Span,
        looked: Looked,
        outer: &BTreeSet<String>,
    ) -> Low<(Looked, ColumnRef, Evidence)> {
        if self.is_one_row(&looked, outer)
            && let Some(found) = found_column(&looked, outer)
        {
            return Ok((looked, found, by_key(span)));
        }
        if self.keyed(&looked) {
            return Err(unordered_limit(span));
        }
        let tables: Vec<String> = looked
            .from
            .scans()
            .iter()
            .map(|s| s.table.to_string())
            .collect();
        let first = self.first_of(span, looked, outer)?;
        let note = format!(
            "of several rows of {} the batch takes any; the stream takes the first in the order of ({})",
            tables.join(", "),
            first.order
        );
        let evidence = Evidence {
            status: Status::Assumed,
            note,
            spans: vec![span],
        };
        Ok((first.looked, first.found, evidence))
    }

    /// At most one row is found by a key that is known.
    fn is_one_row(&self, looked: &Looked, outer: &BTreeSet<String>) -> bool {
        let tree = filter(looked.from.clone(), Scalar::all(looked.conds.clone()));
        let fixed = keys::fixed_columns(&looked.conds, outer);
        keys::single_row(self.cx.catalog(), &tree, &fixed, outer)
    }

    /// Some looked-up table declares a key.
    fn keyed(&self, looked: &Looked) -> bool {
        let declares =
            |t: &crate::catalog::model::Table| t.primary_key.is_some() || !t.uniques.is_empty();
        let scans = looked.from.scans();
        scans
            .iter()
            .any(|s| self.cx.catalog().tables.get(&s.table).is_some_and(declares))
    }

    /// At most one row is found: by a key, or because the batch would have stopped.
    fn lookup_unique(
        &self,
        span: Span,
        looked: &Looked,
        outer: &BTreeSet<String>,
    ) -> Low<Evidence> {
        if self.is_one_row(looked, outer) {
            return Ok(by_key(span));
        }
        if self.keyed(looked) {
            return Err(obstacle(
                ObstacleKind::OrderDependent,
                span,
                "the lookup is not by a unique key: it may find several rows",
                "compare all columns of a unique key, or declare the key that the lookup relies on",
            ));
        }
        let note =
            "no key of the looked-up table is known; the batch would stop on several rows".into();
        Ok(Evidence {
            status: Status::Assumed,
            note,
            spans: vec![span],
        })
    }

    pub(super) fn new_rows(&self, from: Rel, conds: Vec<Scalar>) -> Rows {
        let base = conds.len();
        Rows {
            from,
            conds,
            base,
            evidence: Vec::new(),
            notes: Vec::new(),
            skips: false,
            order: Vec::new(),
            own: None,
        }
    }
}

fn by_key(span: Span) -> Evidence {
    Evidence {
        status: Status::Proved,
        note: "the row that is looked up is found by a unique key".into(),
        spans: vec![span],
    }
}

/// `SELECT COUNT(*)` or EXISTS-like counts of one table.
fn counts(rel: &Rel) -> bool {
    let Rel::Project { input, items } = rel else {
        return false;
    };
    items.len() == 1
        && matches!(&**input, Rel::Aggregate { keys, aggs, .. } if keys.is_empty()
            && aggs.iter().all(|a| matches!(a.function, crate::rel::AggFunction::Count | crate::rel::AggFunction::CountStar)))
}

/// Number of outputs of an aggregate without groups.
fn one_row(rel: &Rel) -> Option<usize> {
    match rel {
        Rel::Project { input, items } => match &**input {
            Rel::Aggregate { keys, .. } if keys.is_empty() => Some(items.len()),
            _ => None,
        },
        _ => None,
    }
}

/// A column of the looked-up side that is not NULL in a row that was found.
fn found_column(looked: &Looked, outer: &BTreeSet<String>) -> Option<ColumnRef> {
    let fixed = keys::fixed_columns(&looked.conds, outer).into_iter().next();
    fixed.or_else(|| looked.from.outputs().into_iter().find(|c| !c.nullable))
}

fn not_null(c: ColumnRef) -> Scalar {
    Scalar::IsNull {
        operand: Box::new(Scalar::Column(ColumnRef {
            nullable: true,
            ..c
        })),
        not: true,
    }
}

/// Behind an outer join every column may be NULL.
fn nullable(n: Named) -> Named {
    let expr = map_scalar(n.expr, &mut |s| match s {
        Scalar::Column(c) => Scalar::Column(ColumnRef {
            nullable: true,
            ..c
        }),
        other => other,
    });
    Named { expr, ..n }
}

/// True when a tree refers to the rows of the loop.
pub(super) fn correlated(rel: &Rel, rows: &Rows) -> bool {
    mentions(rel, &relations(&rows.from))
}
