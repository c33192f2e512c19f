//! Walking and rewriting relational trees.

use crate::rel::{CaseWhen, ColumnRef, Named, NamedAgg, NamedWindow, Rel, Scalar, SortKey};

/// Function over scalars.
type Map<'f> = &'f mut dyn FnMut(Scalar) -> Scalar;

/// Applies `f` to every direct operand; of subqueries, to every scalar of every operator.
pub(super) fn map_children(s: Scalar, f: Map<'_>) -> Scalar {
    match s {
        s @ (Scalar::Column(_)
        | Scalar::Literal(_)
        | Scalar::EventTime { .. }
        | Scalar::EventUser) => s,
        Scalar::Arith { arith, left, right } => Scalar::Arith {
            arith,
            left: boxed(left, f),
            right: boxed(right, f),
        },
        Scalar::Negate { operand } => Scalar::Negate {
            operand: boxed(operand, f),
        },
        Scalar::Concat { items } => Scalar::Concat {
            items: map_all(items, f),
        },
        Scalar::Compare { cmp, left, right } => Scalar::Compare {
            cmp,
            left: boxed(left, f),
            right: boxed(right, f),
        },
        Scalar::And { items } => Scalar::And {
            items: map_all(items, f),
        },
        Scalar::Or { items } => Scalar::Or {
            items: map_all(items, f),
        },
        Scalar::Not { operand } => Scalar::Not {
            operand: boxed(operand, f),
        },
        Scalar::IsNull { operand, not } => Scalar::IsNull {
            operand: boxed(operand, f),
            not,
        },
        Scalar::Between {
            operand,
            low,
            high,
            not,
        } => Scalar::Between {
            operand: boxed(operand, f),
            low: boxed(low, f),
            high: boxed(high, f),
            not,
        },
        Scalar::InList {
            operand,
            items,
            not,
        } => Scalar::InList {
            operand: boxed(operand, f),
            items: map_all(items, f),
            not,
        },
        Scalar::Like {
            operand,
            pattern,
            escape,
            not,
        } => Scalar::Like {
            operand: boxed(operand, f),
            pattern: boxed(pattern, f),
            escape: escape.map(|e| boxed(e, f)),
            not,
        },
        Scalar::Case { whens, otherwise } => Scalar::Case {
            whens: whens
                .into_iter()
                .map(|w| CaseWhen {
                    when: f(w.when),
                    then: f(w.then),
                })
                .collect(),
            otherwise: otherwise.map(|e| boxed(e, f)),
        },
        Scalar::Cast { operand, to } => Scalar::Cast {
            operand: boxed(operand, f),
            to,
        },
        Scalar::Call { function, args, ty } => Scalar::Call {
            function,
            args: map_all(args, f),
            ty,
        },
        Scalar::PeriodOf { operand, unit } => Scalar::PeriodOf {
            operand: boxed(operand, f),
            unit,
        },
        Scalar::Exists { query, not } => Scalar::Exists {
            query: Box::new(map_rel(*query, f)),
            not,
        },
        Scalar::InQuery {
            operands,
            query,
            not,
        } => Scalar::InQuery {
            operands: map_all(operands, f),
            query: Box::new(map_rel(*query, f)),
            not,
        },
        Scalar::ScalarQuery { query } => Scalar::ScalarQuery {
            query: Box::new(map_rel(*query, f)),
        },
    }
}

/// Rewrites a scalar from the leaves: `f` may replace any node. Subqueries are entered.
pub(super) fn map_scalar(s: Scalar, f: Map<'_>) -> Scalar {
    let s = map_children(s, &mut |c| map_scalar(c, f));
    f(s)
}

/// Rewrites a scalar from the top: where `f` answers, its answer stays; else the operands are asked.
pub(super) fn map_top(s: Scalar, f: &dyn Fn(&Scalar) -> Option<Scalar>) -> Scalar {
    match f(&s) {
        Some(new) => new,
        None => map_children(s, &mut |c| map_top(c, f)),
    }
}

fn boxed(s: Box<Scalar>, f: Map<'_>) -> Box<Scalar> {
    Box::new(f(*s))
}

fn map_all(items: Vec<Scalar>, f: Map<'_>) -> Vec<Scalar> {
    items.into_iter().map(f).collect()
}

fn map_keys(keys: Vec<SortKey>, f: Map<'_>) -> Vec<SortKey> {
    keys.into_iter()
        .map(|k| SortKey {
            expr: f(k.expr),
            ..k
        })
        .collect()
}

/// Applies `f` to every scalar of every operator of a tree; `f` decides whether to go into them.
pub(super) fn map_rel(rel: Rel, f: Map<'_>) -> Rel {
    match rel {
        r @ (Rel::Scan(_) | Rel::Values { .. }) => r,
        Rel::Derived { input, alias } => Rel::Derived {
            input: input_of(input, f),
            alias,
        },
        Rel::Filter { input, predicate } => Rel::Filter {
            input: input_of(input, f),
            predicate: f(predicate),
        },
        Rel::Project { input, items } => Rel::Project {
            input: input_of(input, f),
            items: items
                .into_iter()
                .map(|n| Named {
                    expr: f(n.expr),
                    name: n.name,
                })
                .collect(),
        },
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => Rel::Join {
            kind,
            left: input_of(left, f),
            right: input_of(right, f),
            on: on.map(f),
        },
        Rel::Aggregate { input, keys, aggs } => Rel::Aggregate {
            input: input_of(input, f),
            keys: keys
                .into_iter()
                .map(|n| Named {
                    expr: f(n.expr),
                    name: n.name,
                })
                .collect(),
            aggs: aggs.into_iter().map(|a| map_agg(a, f)).collect(),
        },
        Rel::Window { input, calls } => Rel::Window {
            input: input_of(input, f),
            calls: calls.into_iter().map(|c| map_window(c, f)).collect(),
        },
        Rel::Distinct { input } => Rel::Distinct {
            input: input_of(input, f),
        },
        Rel::SetOp { set, left, right } => Rel::SetOp {
            set,
            left: input_of(left, f),
            right: input_of(right, f),
        },
        Rel::Limit {
            input,
            order_by,
            count,
        } => Rel::Limit {
            input: input_of(input, f),
            order_by: map_keys(order_by, f),
            count,
        },
    }
}

fn input_of(input: Box<Rel>, f: Map<'_>) -> Box<Rel> {
    Box::new(map_rel(*input, f))
}

fn map_agg(a: NamedAgg, f: Map<'_>) -> NamedAgg {
    NamedAgg {
        arg: a.arg.map(&mut *f),
        order_by: map_keys(a.order_by, f),
        ..a
    }
}

fn map_window(c: NamedWindow, f: Map<'_>) -> NamedWindow {
    NamedWindow {
        args: map_all(c.args, f),
        partition_by: map_all(c.partition_by, f),
        order_by: map_keys(c.order_by, f),
        ..c
    }
}

/// Calls `f` on every column of a scalar, subqueries included.
pub(super) fn columns_of<'a>(s: &'a Scalar, f: &mut dyn FnMut(&'a ColumnRef)) {
    visit(s, &mut |node| {
        if let Scalar::Column(c) = node {
            f(c);
        }
    });
}

/// Calls `f` on every node of a scalar, subqueries included.
pub(super) fn visit<'a>(s: &'a Scalar, f: &mut dyn FnMut(&'a Scalar)) {
    f(s);
    if let Scalar::Exists { query, .. }
    | Scalar::InQuery { query, .. }
    | Scalar::ScalarQuery { query } = s
    {
        visit_rel(query, f);
    }
    s.for_each_child(&mut |c| visit(c, f));
}

/// Calls `f` on every scalar node of a tree.
pub(super) fn visit_rel<'a>(rel: &'a Rel, f: &mut dyn FnMut(&'a Scalar)) {
    rel.for_each_scalar(&mut |s| visit(s, f));
    rel.for_each_input(&mut |r| visit_rel(r, f));
}

/// True when `f` holds for some node, subqueries included.
pub(super) fn any(s: &Scalar, f: &dyn Fn(&Scalar) -> bool) -> bool {
    let mut found = false;
    visit(s, &mut |n| found |= f(n));
    found
}

/// The clock or the session.
pub(super) fn reads_clock(s: &Scalar) -> bool {
    any(s, &|n| {
        matches!(n, Scalar::EventTime { .. } | Scalar::EventUser)
    })
}

/// The clock alone, or in place of a value that is missing: `NVL(x, SYSDATE)`, `CASE WHEN x IS NULL THEN SYSDATE ELSE x
/// END`. Data that is compared or computed with the clock is not that.
pub(super) fn picks_clock(s: &Scalar) -> bool {
    let other = |n: &Scalar| {
        matches!(
            n,
            Scalar::Column(_)
                | Scalar::Case { .. }
                | Scalar::Exists { .. }
                | Scalar::InQuery { .. }
                | Scalar::ScalarQuery { .. }
        )
    };
    if !reads_clock(s) || !any(s, &other) {
        return true;
    }
    match bare(s) {
        Scalar::Call { function, args, .. } if function == "NVL" || function == "COALESCE" => {
            args.iter().all(picks_clock)
        }
        Scalar::Case { whens, otherwise } => {
            whens
                .iter()
                .all(|w| !reads_clock(&w.when) && picks_clock(&w.then))
                && otherwise.as_deref().is_none_or(picks_clock)
        }
        _ => false,
    }
}

/// Without casts around it.
pub(super) fn bare(s: &Scalar) -> &Scalar {
    match s {
        Scalar::Cast { operand, .. } => bare(operand),
        other => other,
    }
}

/// Conditions of a conjunction.
pub(super) fn conjuncts(s: Scalar) -> Vec<Scalar> {
    match s {
        Scalar::And { items } => items.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// Adds a condition on top, merged with a filter that is there already.
pub(super) fn filter(input: Rel, predicate: Option<Scalar>) -> Rel {
    let Some(predicate) = predicate else {
        return input;
    };
    match input {
        Rel::Filter {
            input,
            predicate: before,
        } => Rel::Filter {
            input,
            predicate: Scalar::all(conjuncts(before).into_iter().chain(conjuncts(predicate)))
                .unwrap_or(Scalar::Literal(crate::rel::Literal::Boolean(true))),
        },
        other => Rel::Filter {
            input: Box::new(other),
            predicate,
        },
    }
}

/// A query taken apart: joined relations, conditions, outputs.
pub(super) type Flat = (Rel, Vec<Scalar>, Vec<Named>);

/// Takes a query apart where it only joins, filters and projects; else gives it back.
pub(super) fn flat(rel: Rel) -> Result<Flat, Box<Rel>> {
    match rel {
        Rel::Project { input, items } if joins_only(&input) => Ok(match *input {
            Rel::Filter { input, predicate } => (*input, conjuncts(predicate), items),
            other => (other, Vec::new(), items),
        }),
        other => Err(Box::new(other)),
    }
}

fn joins_only(rel: &Rel) -> bool {
    match rel {
        Rel::Filter { input, .. } => joined(input),
        other => joined(other),
    }
}

fn joined(rel: &Rel) -> bool {
    match rel {
        Rel::Scan(_) | Rel::Derived { .. } => true,
        Rel::Values { columns, .. } => columns.is_empty(),
        Rel::Join { left, right, .. } => joined(left) && joined(right),
        Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => false,
    }
}

/// True for the one row without columns.
pub(super) fn is_dual(rel: &Rel) -> bool {
    matches!(rel, Rel::Values { columns, rows } if columns.is_empty() && rows.len() == 1)
}

/// Relations that a tree of joins has in sight.
pub(super) fn relations(rel: &Rel) -> std::collections::BTreeSet<String> {
    rel.outputs().into_iter().map(|c| c.relation).collect()
}

/// True when a tree refers to one of the relations from outside.
pub(super) fn mentions(rel: &Rel, relations: &std::collections::BTreeSet<String>) -> bool {
    let mut found = false;
    visit_rel(rel, &mut |s| {
        if let Scalar::Column(c) = s {
            found |= relations.contains(&c.relation);
        }
    });
    found
}

/// Aliases that a tree gives its relations, those inside derived tables included; subqueries have their own.
pub(super) fn aliases(rel: &Rel) -> std::collections::BTreeSet<String> {
    let mut out = std::collections::BTreeSet::new();
    collect_aliases(rel, &mut out);
    out
}

fn collect_aliases(rel: &Rel, out: &mut std::collections::BTreeSet<String>) {
    match rel {
        Rel::Scan(s) => {
            out.insert(s.alias.clone());
        }
        Rel::Derived { alias, .. } => {
            out.insert(alias.clone());
        }
        Rel::Values { .. }
        | Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Join { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => {}
    }
    rel.for_each_input(&mut |r| collect_aliases(r, out));
}

/// The same tree with other aliases.
pub(super) fn rename_aliases(rel: Rel, names: &std::collections::BTreeMap<String, String>) -> Rel {
    map_rel(rename_relations(rel, names), &mut |s| {
        map_scalar(s, &mut |n| match n {
            Scalar::Column(c) => Scalar::Column(ColumnRef {
                relation: names.get(&c.relation).cloned().unwrap_or(c.relation),
                ..c
            }),
            other => other,
        })
    })
}

/// Aliases without the columns that refer to them.
fn rename_relations(rel: Rel, names: &std::collections::BTreeMap<String, String>) -> Rel {
    let of = |n: String| names.get(&n).cloned().unwrap_or(n);
    let rel = map_inputs(rel, &mut |r| rename_relations(r, names));
    match rel {
        Rel::Scan(mut s) => {
            s.alias = of(s.alias);
            Rel::Scan(s)
        }
        Rel::Derived { input, alias } => Rel::Derived {
            input,
            alias: of(alias),
        },
        other => other,
    }
}

/// Applies `f` to the direct inputs.
pub(super) fn map_inputs(rel: Rel, f: &mut dyn FnMut(Rel) -> Rel) -> Rel {
    let mut go = |r: Box<Rel>| Box::new(f(*r));
    match rel {
        r @ (Rel::Scan(_) | Rel::Values { .. }) => r,
        Rel::Derived { input, alias } => Rel::Derived {
            input: go(input),
            alias,
        },
        Rel::Filter { input, predicate } => Rel::Filter {
            input: go(input),
            predicate,
        },
        Rel::Project { input, items } => Rel::Project {
            input: go(input),
            items,
        },
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => Rel::Join {
            kind,
            left: go(left),
            right: go(right),
            on,
        },
        Rel::Aggregate { input, keys, aggs } => Rel::Aggregate {
            input: go(input),
            keys,
            aggs,
        },
        Rel::Window { input, calls } => Rel::Window {
            input: go(input),
            calls,
        },
        Rel::Distinct { input } => Rel::Distinct { input: go(input) },
        Rel::SetOp { set, left, right } => Rel::SetOp {
            set,
            left: go(left),
            right: go(right),
        },
        Rel::Limit {
            input,
            order_by,
            count,
        } => Rel::Limit {
            input: go(input),
            order_by,
            count,
        },
    }
}
