//! Takes period predicates out of a tree, operator by operator, from the leaves. Every operator that puts rows
//! together then does so within a period.

use super::anchor::Anchor;
use super::binding::BatchParam;
use super::detect::{Found, detect};
use super::linear::sums_over_periods;
use super::moment::{holds, holds_any};
use super::problem::PeriodProblem;
use super::rebuild::rebuild;
use super::trace::{is_query, same};
use crate::dataflow::tree::{any, conjuncts, filter, map_rel, visit_rel};
use crate::rel::{
    AggFunction, CmpOp, ColumnRef, JoinKind, Literal, Named, NamedAgg, NamedWindow, Rel, Scalar,
    SetOperator, SortKey,
};

/// What happens to the results of several periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Across {
    /// Each is a row of its own.
    Separate,
    /// They are added to one old value: sums go over all periods.
    Added,
}

/// An operator after the rewriting.
pub(super) struct Part {
    pub rel: Rel,
    pub placed: Option<Placed>,
}

/// The rows of an operator each belong to one period.
#[derive(Clone)]
pub(super) struct Placed {
    pub anchor: Anchor,
    /// The key over the operator's outputs; None where it is not among them.
    pub key: Option<Scalar>,
    /// Sums over all periods: there is no period any more.
    pub merged: bool,
}

/// The rewriting of one tree by one parameter.
pub(super) struct Placing<'p> {
    pub param: &'p BatchParam,
    pub across: Across,
    pub anchors: Vec<Anchor>,
    pub assumptions: Vec<String>,
    pub notes: Vec<String>,
    /// Rows were put together by a period that was not among the keys.
    pub grouped: bool,
}

type Placement = Result<Part, PeriodProblem>;

impl Placing<'_> {
    fn problem(&self, message: String, unlock: &str) -> PeriodProblem {
        PeriodProblem::new(&self.param.name, message, unlock)
    }

    fn name(&self) -> &str {
        &self.param.name
    }

    fn held(&self, s: &Scalar) -> bool {
        holds(s, self.name())
    }

    /// Rewrites; `want`: the key is needed above.
    pub fn visit(&mut self, rel: Rel, want: bool) -> Placement {
        match rel {
            leaf @ (Rel::Scan(_) | Rel::Values { .. }) => Ok(Part {
                rel: leaf,
                placed: None,
            }),
            Rel::Derived { input, alias } => self.derived(*input, alias, want),
            Rel::Filter { input, predicate } => self.filter(*input, predicate, want),
            Rel::Project { input, items } => self.project(*input, items, want),
            Rel::Join {
                kind,
                left,
                right,
                on,
            } => self.join(kind, *left, *right, on, want),
            Rel::Aggregate { input, keys, aggs } => self.aggregate(*input, keys, aggs),
            Rel::Window { input, calls } => self.window(*input, calls),
            Rel::Distinct { input } => self.distinct(*input),
            Rel::SetOp { set, left, right } => self.set(set, *left, *right, want),
            Rel::Limit {
                input,
                order_by,
                count,
            } => self.limit(*input, order_by, count),
        }
    }

    fn derived(&mut self, input: Rel, alias: String, want: bool) -> Placement {
        let part = self.visit(input, want)?;
        let inner = part.rel.outputs();
        let placed = part.placed.map(|p| Placed {
            key: p.key.and_then(|k| renamed(&k, &inner, &alias)),
            ..p
        });
        Ok(Part {
            rel: Rel::Derived {
                input: Box::new(part.rel),
                alias,
            },
            placed,
        })
    }

    fn filter(&mut self, input: Rel, predicate: Scalar, want: bool) -> Placement {
        let held = self.held(&predicate);
        let part = self.visit(input, want || held)?;
        if part.placed.as_ref().is_some_and(|p| p.merged) {
            return Err(self.after_sums("a condition"));
        }
        if !held {
            return Ok(Part {
                rel: filter(part.rel, Some(predicate)),
                placed: part.placed,
            });
        }
        match part.placed {
            Some(placed) => {
                let predicate = self.put(&placed, predicate);
                Ok(Part {
                    rel: filter(part.rel, Some(predicate)),
                    placed: Some(placed),
                })
            }
            None => Ok(self.anchored(part.rel, conjuncts(predicate))),
        }
    }

    /// A filter whose input is of no period: if its conditions hold a period predicate, it goes.
    fn anchored(&mut self, rel: Rel, mut conditions: Vec<Scalar>) -> Part {
        let Some(found) = detect(&rel, &conditions, self.param) else {
            return Part {
                rel: filter(rel, Scalar::all(conditions)),
                placed: None,
            };
        };
        let placed = self.take(&mut conditions, &found);
        // Further period predicates on other columns say that those are of the same period.
        while let Some(other) = detect(&rel, &conditions, self.param) {
            let Some(equal) = self.same_period(&placed, &other) else {
                break;
            };
            self.assumptions.extend(other.assumptions.iter().cloned());
            self.anchors.push(other.anchor.clone());
            remove(&mut conditions, &other.used);
            conditions.push(equal);
        }
        let conditions: Vec<Scalar> = conditions
            .into_iter()
            .map(|c| self.put(&placed, c))
            .collect();
        Part {
            rel: filter(rel, Scalar::all(conditions)),
            placed: Some(placed),
        }
    }

    fn take(&mut self, conditions: &mut Vec<Scalar>, found: &Found) -> Placed {
        remove(conditions, &found.used);
        conditions.extend(found.not_null.clone());
        self.assumptions.extend(found.assumptions.iter().cloned());
        self.anchors.push(found.anchor.clone());
        Placed {
            anchor: found.anchor.clone(),
            key: Some(found.key.clone()),
            merged: false,
        }
    }

    /// `key of the other = the same moment, said by this key`.
    fn same_period(&self, placed: &Placed, other: &Found) -> Option<Scalar> {
        let said = placed
            .anchor
            .replace(other.anchor.moment.scalar()?, placed.key.as_ref()?);
        let equal = Scalar::Compare {
            cmp: CmpOp::Eq,
            left: Box::new(other.key.clone()),
            right: Box::new(said),
        };
        (!holds_any(&equal)).then_some(equal)
    }

    /// Expresses the parameter by the key. Inside subqueries a key without a relation would mean something else.
    fn put(&self, placed: &Placed, s: Scalar) -> Scalar {
        let Some(key) = &placed.key else { return s };
        let nameless = any(
            key,
            &|n| matches!(n, Scalar::Column(c) if c.relation.is_empty()),
        );
        if nameless && any(&s, &is_query) {
            return s;
        }
        placed.anchor.replace(s, key)
    }

    fn project(&mut self, input: Rel, mut items: Vec<Named>, want: bool) -> Placement {
        let held = items.iter().any(|i| self.held(&i.expr));
        let part = self.visit(input, want || held)?;
        let Some(placed) = part.placed else {
            return Ok(Part {
                rel: Rel::Project {
                    input: Box::new(part.rel),
                    items,
                },
                placed: None,
            });
        };
        if placed.merged && !super::linear::linear(&part.rel, &items) {
            return Err(self.after_sums("an expression"));
        }
        for item in &mut items {
            item.expr = self.put(&placed, item.expr.clone());
        }
        let mut key = placed.key.as_ref().and_then(|k| rebuild(k, &items));
        if let (None, true, Some(k)) = (&key, want, &placed.key) {
            key = Some(add(&mut items, k.clone()));
        }
        Ok(Part {
            rel: Rel::Project {
                input: Box::new(part.rel),
                items,
            },
            placed: Some(Placed { key, ..placed }),
        })
    }

    fn aggregate(
        &mut self,
        input: Rel,
        mut keys: Vec<Named>,
        mut aggs: Vec<NamedAgg>,
    ) -> Placement {
        let part = self.visit(input, true)?;
        let Some(mut placed) = part.placed else {
            return Ok(Part {
                rel: Rel::Aggregate {
                    input: Box::new(part.rel),
                    keys,
                    aggs,
                },
                placed: None,
            });
        };
        if placed.merged {
            return Err(self.after_sums("another aggregate"));
        }
        for key in &mut keys {
            key.expr = self.put(&placed, key.expr.clone());
        }
        for agg in &mut aggs {
            agg.arg = agg.arg.take().map(|a| self.put(&placed, a));
            agg.order_by = self.sort(&placed, std::mem::take(&mut agg.order_by));
        }
        match placed.key.as_ref().and_then(|k| rebuild(k, &keys)) {
            Some(key) => placed.key = Some(key),
            None if self.across == Across::Added && sums_over_periods(&aggs) => {
                placed.key = None;
                placed.merged = true;
            }
            None => placed.key = self.group_by(&placed, &mut keys, &aggs)?,
        }
        Ok(Part {
            rel: Rel::Aggregate {
                input: Box::new(part.rel),
                keys,
                aggs,
            },
            placed: Some(placed),
        })
    }

    /// Groups by the period too, as every run did.
    fn group_by(
        &mut self,
        placed: &Placed,
        keys: &mut Vec<Named>,
        aggs: &[NamedAgg],
    ) -> Result<Option<Scalar>, PeriodProblem> {
        let Some(key) = placed.key.clone() else {
            return Err(self.lost("an aggregate"));
        };
        if keys.is_empty() {
            let counts = aggs
                .iter()
                .any(|a| matches!(a.function, AggFunction::Count | AggFunction::CountStar));
            self.assumptions.push(format!(
                "no {} is without rows: the batch writes a row of {} for it, the stream writes none",
                super::unit::word(placed.anchor.unit),
                if counts { "zeros" } else { "NULLs" }
            ));
        }
        self.grouped = true;
        let taken: Vec<String> = keys
            .iter()
            .map(|k| k.name.clone())
            .chain(aggs.iter().map(|a| a.name.clone()))
            .collect();
        let name = free_name(&taken);
        let column = Scalar::column("", &name, key.ty(), false);
        keys.push(Named { name, expr: key });
        Ok(Some(column))
    }

    fn sort(&self, placed: &Placed, keys: Vec<SortKey>) -> Vec<SortKey> {
        keys.into_iter()
            .map(|k| SortKey {
                expr: self.put(placed, k.expr),
                ..k
            })
            .collect()
    }

    fn window(&mut self, input: Rel, mut calls: Vec<NamedWindow>) -> Placement {
        let part = self.visit(input, true)?;
        let Some(placed) = part.placed else {
            return Ok(Part {
                rel: Rel::Window {
                    input: Box::new(part.rel),
                    calls,
                },
                placed: None,
            });
        };
        let Some(key) = placed.key.clone() else {
            return Err(self.lost("an analytic function"));
        };
        for call in &mut calls {
            let put = |s: Scalar| self.put(&placed, s);
            call.args = std::mem::take(&mut call.args)
                .into_iter()
                .map(put)
                .collect();
            call.partition_by = std::mem::take(&mut call.partition_by)
                .into_iter()
                .map(put)
                .collect();
            call.order_by = self.sort(&placed, std::mem::take(&mut call.order_by));
            let named: Vec<Named> = call
                .partition_by
                .iter()
                .map(|e| Named {
                    name: String::new(),
                    expr: e.clone(),
                })
                .collect();
            if rebuild(&key, &named).is_none() {
                call.partition_by.push(key.clone());
            }
        }
        Ok(Part {
            rel: Rel::Window {
                input: Box::new(part.rel),
                calls,
            },
            placed: Some(placed),
        })
    }

    fn distinct(&mut self, input: Rel) -> Placement {
        let before = input.outputs().len();
        let part = self.visit(input, true)?;
        if part
            .placed
            .as_ref()
            .is_some_and(|p| p.merged || p.key.is_none())
        {
            return Err(self.lost("DISTINCT"));
        }
        self.grouped |= part.placed.is_some() && part.rel.outputs().len() > before;
        Ok(Part {
            rel: Rel::Distinct {
                input: Box::new(part.rel),
            },
            placed: part.placed,
        })
    }

    fn limit(&mut self, input: Rel, order_by: Vec<SortKey>, count: u64) -> Placement {
        let part = self.visit(input, true)?;
        if part.placed.is_some() {
            return Err(self.problem(
                format!(
                    "the first {count} rows are taken of each {}'s own rows",
                    self.name()
                ),
                "number the rows by ROW_NUMBER() OVER (PARTITION BY the period ORDER BY ..)",
            ));
        }
        Ok(Part {
            rel: Rel::Limit {
                input: Box::new(part.rel),
                order_by,
                count,
            },
            placed: None,
        })
    }

    fn join(
        &mut self,
        kind: JoinKind,
        left: Rel,
        right: Rel,
        on: Option<Scalar>,
        want: bool,
    ) -> Placement {
        let held = on.as_ref().is_some_and(|o| self.held(o));
        let both = rel_holds(&left, self.name()) && rel_holds(&right, self.name());
        let want = want || held || both;
        let l = self.visit(left, want)?;
        let r = self.visit(right, want)?;
        if [&l, &r]
            .iter()
            .any(|p| p.placed.as_ref().is_some_and(|p| p.merged))
        {
            return Err(self.after_sums("a join"));
        }
        let build = |on: Option<Scalar>, l: Rel, r: Rel| {
            let kind = match (kind, &on) {
                (JoinKind::Cross, Some(_)) => JoinKind::Inner,
                (k, _) => k,
            };
            Rel::Join {
                kind,
                left: Box::new(l),
                right: Box::new(r),
                on,
            }
        };
        match (l.placed, r.placed) {
            (None, None) => Ok(Part {
                rel: build(on, l.rel, r.rel),
                placed: None,
            }),
            (Some(a), Some(b)) => {
                let equal = self.joined(kind, &a, &b)?;
                let main = if kind == JoinKind::Right { b } else { a };
                let on = on.map(|o| self.put(&main, o));
                let on = on
                    .map(conjuncts)
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|c| !is_true(c));
                let on = Scalar::all(on.chain(equal));
                Ok(Part {
                    rel: build(on, l.rel, r.rel),
                    placed: Some(main),
                })
            }
            (Some(a), None) => {
                self.one_side(kind, &[JoinKind::Left])?;
                let on = on.map(|o| self.put(&a, o));
                Ok(Part {
                    rel: build(on, l.rel, r.rel),
                    placed: Some(a),
                })
            }
            (None, Some(b)) => {
                self.one_side(kind, &[JoinKind::Right])?;
                let on = on.map(|o| self.put(&b, o));
                Ok(Part {
                    rel: build(on, l.rel, r.rel),
                    placed: Some(b),
                })
            }
        }
    }

    /// Rows of one period joined with rows that are the same in all runs: right where no row is made for a missing one.
    fn one_side(&self, kind: JoinKind, fine: &[JoinKind]) -> Result<(), PeriodProblem> {
        if matches!(kind, JoinKind::Inner | JoinKind::Cross) || fine.contains(&kind) {
            return Ok(());
        }
        Err(self.problem(
            format!("{} restricts the optional side of an outer join alone: rows without a match are written in every run", self.name()),
            "restrict the other side to the same period",
        ))
    }

    /// Both sides are of the run's period: the join is on it.
    fn joined(
        &self,
        kind: JoinKind,
        a: &Placed,
        b: &Placed,
    ) -> Result<Option<Scalar>, PeriodProblem> {
        if kind == JoinKind::Full {
            return Err(self.problem(
                format!(
                    "a full outer join of two inputs that {} restricts",
                    self.name()
                ),
                "join from a list of the keys of both",
            ));
        }
        let (Some(ka), Some(kb)) = (&a.key, &b.key) else {
            return Err(self.lost("a join"));
        };
        let (main, key, other, other_key) = if kind == JoinKind::Right {
            (b, kb, a, ka)
        } else {
            (a, ka, b, kb)
        };
        let said = other
            .anchor
            .moment
            .scalar()
            .map(|m| main.anchor.replace(m, key));
        match said {
            Some(said) if !holds_any(&said) && !same(&said, other_key) => {
                Ok(Some(Scalar::Compare {
                    cmp: CmpOp::Eq,
                    left: Box::new(said),
                    right: Box::new(other_key.clone()),
                }))
            }
            Some(said) if !holds_any(&said) => Ok(None),
            Some(_) | None => Err(self.problem(
                format!(
                    "{} restricts two inputs in ways that do not fit each other",
                    self.name()
                ),
                "restrict both by the same period",
            )),
        }
    }

    fn set(&mut self, set: SetOperator, left: Rel, right: Rel, want: bool) -> Placement {
        let rows = set == SetOperator::UnionAll;
        let before = left.outputs().len();
        let l = self.visit(left, want || !rows)?;
        let r = self.visit(right, want || !rows)?;
        let build = |l: Rel, r: Rel| Rel::SetOp {
            set,
            left: Box::new(l),
            right: Box::new(r),
        };
        let (a, b) = match (l.placed, r.placed) {
            (None, None) => {
                return Ok(Part {
                    rel: build(l.rel, r.rel),
                    placed: None,
                });
            }
            (Some(a), Some(b)) => (a, b),
            (Some(_), None) | (None, Some(_)) => {
                return Err(self.problem(
                    format!("one branch of a set operation is restricted by {}, another is not: its rows are written in every run", self.name()),
                    "restrict every branch by the period",
                ));
            }
        };
        if a.merged
            || b.merged
            || a.anchor.moment != b.anchor.moment
            || a.anchor.unit != b.anchor.unit
        {
            return Err(self.problem(
                format!(
                    "the branches of a set operation are restricted by {} in different ways",
                    self.name()
                ),
                "restrict every branch by the same period",
            ));
        }
        if !same(&a.anchor.traced, &b.anchor.traced) {
            self.notes.push(format!(
                "the period is {}.{} in one branch and {}.{} in another",
                a.anchor.source.relation,
                a.anchor.source.name,
                b.anchor.source.relation,
                b.anchor.source.name
            ));
        }
        if rows && !want {
            return Ok(Part {
                rel: build(l.rel, r.rel),
                placed: Some(Placed { key: None, ..a }),
            });
        }
        let (Some(ka), Some(kb)) = (a.key.clone(), b.key.clone()) else {
            return Err(self.lost("a set operation"));
        };
        let (l, r, key) = aligned(l.rel, r.rel, before, ka, kb);
        self.grouped |= !rows && l.outputs().len() > before;
        Ok(Part {
            rel: build(l, r),
            placed: Some(Placed {
                key: Some(key),
                ..a
            }),
        })
    }

    fn after_sums(&self, what: &str) -> PeriodProblem {
        self.problem(
            format!(
                "{what} looks at the sum of one {} before it is added to the old value",
                super::unit::word(self.unit())
            ),
            "keep the sums of periods in a table of their own",
        )
    }

    fn unit(&self) -> crate::rel::PeriodUnit {
        self.anchors
            .first()
            .map_or(crate::rel::PeriodUnit::Day, |a| a.unit)
    }

    fn lost(&self, what: &str) -> PeriodProblem {
        self.problem(
            format!("{what} puts rows together whose period is not known there any more"),
            "select the period column in every inner query",
        )
    }
}

/// Both sides with the period at the same position: the same plain column, or one more at the end.
fn aligned(l: Rel, r: Rel, before: usize, ka: Scalar, kb: Scalar) -> (Rel, Rel, Scalar) {
    let position = |rel: &Rel, key: &Scalar| {
        let Scalar::Column(k) = key else { return None };
        rel.outputs()
            .iter()
            .position(|o| o.relation == k.relation && o.name == k.name)
    };
    let (pl, pr) = (position(&l, &ka), position(&r, &kb));
    if pl.is_some() && pl == pr && l.outputs().len() == r.outputs().len() {
        return (l, r, ka);
    }
    let name = free_name(
        &l.outputs()
            .iter()
            .map(|c| c.name.clone())
            .collect::<Vec<_>>(),
    );
    let column = Scalar::column("", &name, ka.ty(), false);
    (
        widened(l, before, &name, ka),
        widened(r, before, &name, kb),
        column,
    )
}

/// The first outputs of a query, and the key.
fn widened(rel: Rel, first: usize, name: &str, key: Scalar) -> Rel {
    let mut items: Vec<Named> = rel.outputs().into_iter().take(first).map(item).collect();
    items.push(Named {
        name: name.into(),
        expr: key,
    });
    Rel::Project {
        input: Box::new(rel),
        items,
    }
}

fn item(c: ColumnRef) -> Named {
    Named {
        name: c.name.clone(),
        expr: Scalar::Column(c),
    }
}

/// Adds the key to a select list.
fn add(items: &mut Vec<Named>, key: Scalar) -> Scalar {
    let name = free_name(&items.iter().map(|i| i.name.clone()).collect::<Vec<_>>());
    let column = Scalar::column("", &name, key.ty(), false);
    items.push(Named { name, expr: key });
    column
}

/// A name for the period that no output has.
fn free_name(taken: &[String]) -> String {
    let mut names =
        std::iter::once("PERIOD".to_string()).chain((2..).map(|i| format!("PERIOD_{i}")));
    names.find(|n| !taken.contains(n)).unwrap_or_default()
}

fn remove(conditions: &mut Vec<Scalar>, used: &[usize]) {
    let mut at = 0;
    conditions.retain(|_| {
        at += 1;
        !used.contains(&(at - 1))
    });
}

/// A key as the outputs of a derived table.
fn renamed(key: &Scalar, inner: &[ColumnRef], alias: &str) -> Option<Scalar> {
    let mut lost = false;
    let out = crate::dataflow::tree::map_scalar(key.clone(), &mut |n| match n {
        Scalar::Column(c) => {
            lost |= !inner
                .iter()
                .any(|o| o.relation == c.relation && o.name == c.name);
            Scalar::Column(ColumnRef {
                relation: alias.into(),
                ..c
            })
        }
        other => other,
    });
    (!lost).then_some(out)
}

/// True where a tree holds the placeholder.
pub(super) fn rel_holds(rel: &Rel, name: &str) -> bool {
    let mut found = false;
    visit_rel(rel, &mut |n| found |= super::as_param(n) == Some(name));
    found
}

/// Puts literals in place of parameters that are constants.
pub(super) fn constants(rel: Rel, values: &[(String, Scalar)]) -> Rel {
    let value = |n: &Scalar| {
        let name = super::as_param(n)?;
        values
            .iter()
            .find(|(p, _)| p == name)
            .map(|(_, v)| v.clone())
    };
    map_rel(rel, &mut |s| crate::dataflow::tree::map_top(s, &value))
}

/// A condition that is always true.
fn is_true(s: &Scalar) -> bool {
    matches!(s, Scalar::Literal(Literal::Boolean(true)))
}
