//! One SELECT block: FROM, WHERE, GROUP BY, HAVING, analytic functions, select list, DISTINCT.

use std::collections::BTreeSet;

use super::super::cx::{not_lowered, unknown_name, unsupported};
use super::super::env::no_type;
use super::super::tree::{any, filter, map_top};
use super::joins::Condition;
use super::{Collected, Low, Lowerer, Visible};
use crate::rel::{Literal, Named, NamedWindow, Rel, Scalar, SortKey, TableName};
use crate::source::Span;
use crate::syntax::ast::{
    Expr, ExprKind, FromItem, GroupItem, Id, List, OrderItem, Select, SelectItem,
};

/// Group keys: what they are, and what their outputs are called.
type Keys = Vec<(Scalar, String)>;

/// The pieces of a block before they are put together.
struct Block {
    rel: Rel,
    items: Vec<Named>,
    having: Option<Scalar>,
    order: Vec<SortKey>,
    keys: Option<Vec<Scalar>>,
    collected: Collected,
}

impl Lowerer<'_, '_> {
    /// A block, and the sort keys of the ORDER BY around it as columns of its outputs.
    pub(super) fn select(
        &mut self,
        s: Id<Select>,
        order: List<OrderItem>,
    ) -> Low<(Rel, Vec<SortKey>)> {
        let node = self.view.ast()[s];
        let span = self.span(node.span);
        let extend = std::mem::take(&mut self.extend_order) && !node.distinct;
        let one_row = std::mem::take(&mut self.one_row);
        let rest = self.view.ast().select_rest(node.rest);
        if rest.connect_by.is_some() || rest.start_with.is_some() {
            return Err(unsupported(span, "CONNECT BY"));
        }
        if !rest.tail.is_empty() {
            return Err(unsupported(span, self.view.text(rest.tail)));
        }
        let mark = self.scopes.len();
        let block = self.block(s, order, one_row);
        let visible: BTreeSet<String> = self
            .scopes
            .drain(mark..)
            .flatten()
            .map(|v| relation(&v))
            .collect();
        let block = block?;
        let (rel, order) = assemble(span, block, &visible, extend)?;
        Ok((
            if node.distinct {
                Rel::Distinct {
                    input: Box::new(rel),
                }
            } else {
                rel
            },
            order,
        ))
    }

    fn block(&mut self, s: Id<Select>, order: List<OrderItem>, one_row: bool) -> Low<Block> {
        let node = self.view.ast()[s];
        let (limit, where_) = self.split_rownum(node.where_);
        let limit = limit
            .map(|l| {
                self.whole_number(l.0)
                    .map(|n| if l.1 { n.saturating_sub(1) } else { n })
            })
            .transpose()?;
        let sorted = self.limits_sorted(node.from);
        let limit = limit.filter(|n| {
            let left_out = one_row && *n == 1 && !sorted;
            self.took_one |= left_out;
            !left_out
        });
        let rel = match limit {
            None => self.from_where(node.from, &where_)?,
            Some(count) => self.limited(node.from, &where_, count)?,
        };
        let keys = self.group_keys(s, node.group_by)?;
        self.collected = Some(Collected::default());
        let items = self.items(node.items)?;
        let having = node.having.map(|h| self.expr(h)).transpose()?;
        let order = self.order(order, &items)?;
        let collected = self.collected.take().unwrap_or_default();
        Ok(Block {
            rel,
            items,
            having,
            order,
            keys,
            collected,
        })
    }

    fn group_keys(&mut self, s: Id<Select>, groups: List<GroupItem>) -> Low<Option<Vec<Scalar>>> {
        if groups.is_empty() {
            return Ok(None);
        }
        let span = self.span(self.view.ast()[s].span);
        let mut keys = Vec::new();
        for item in self.view.ast().list(groups) {
            match *item {
                GroupItem::Expr(e) => {
                    let key = self.group_key(s, e)?;
                    // A constant groups nothing.
                    if !matches!(key, Scalar::Literal(_)) && !keys.contains(&key) {
                        keys.push(key);
                    }
                }
                GroupItem::Rollup(_) | GroupItem::Cube(_) | GroupItem::Sets(_) => {
                    return Err(not_lowered(span, "ROLLUP, CUBE or GROUPING SETS"));
                }
                GroupItem::All => return Err(not_lowered(span, "GROUP BY ALL")),
            }
        }
        if keys.is_empty() {
            return Err(not_lowered(span, "GROUP BY constants alone"));
        }
        Ok(Some(keys))
    }

    /// An expression, or the alias of a select item.
    fn group_key(&mut self, s: Id<Select>, e: Id<Expr>) -> Low<Scalar> {
        let ast = self.view.ast();
        if let ExprKind::Name(n) = ast[e].kind
            && let [single] = ast.parts(ast[n].parts).as_slice()
            && self.column(self.expr_span(e), &[single])?.is_none()
        {
            let aliased = |i: &&SelectItem| i.alias.is_some_and(|a| ast.ident(a) == *single);
            if let Some(item) = ast.list(ast[s].items).iter().find(aliased) {
                return self.expr(item.expr);
            }
        }
        self.expr(e)
    }

    fn items(&mut self, items: List<SelectItem>) -> Low<Vec<Named>> {
        let mut out: Vec<Named> = Vec::new();
        for item in self.view.ast().list(items) {
            if let ExprKind::Star(of) = self.view.ast()[item.expr].kind {
                self.star(item.expr, of, &mut out)?;
                continue;
            }
            let expr = self.expr(item.expr)?;
            let name = self.output_name(item, &expr, out.len());
            push(&mut out, name, expr);
        }
        Ok(out)
    }

    fn output_name(&self, item: &SelectItem, expr: &Scalar, index: usize) -> String {
        let ast = self.view.ast();
        match (item.alias, expr) {
            (Some(alias), _) => ast.ident(alias).to_string(),
            (None, _) => match ast[item.expr].kind {
                ExprKind::Name(n) => ast
                    .parts(ast[n].parts)
                    .last()
                    .map_or(String::new(), |p| p.to_string()),
                _ => format!("C{}", index + 1),
            },
        }
    }

    fn star(
        &mut self,
        e: Id<Expr>,
        of: Option<Id<crate::syntax::ast::ObjectName>>,
        out: &mut Vec<Named>,
    ) -> Low<()> {
        let ast = self.view.ast();
        let wanted = of.map(|n| {
            ast.parts(ast[n].parts)
                .last()
                .map_or(String::new(), |p| p.to_string())
        });
        let Some(level) = self.scopes.last() else {
            return Err(not_lowered(self.expr_span(e), "`*` without FROM"));
        };
        let mut found = false;
        let mut open = None;
        for v in level
            .iter()
            .filter(|v| wanted.as_ref().is_none_or(|w| v.alias == *w))
        {
            found = true;
            let shown = v
                .columns
                .iter()
                .filter(|c| wanted.is_some() || !v.hidden.contains(&c.name));
            for c in shown {
                push(out, c.name.clone(), Scalar::Column(c.clone()));
            }
            if open.is_none() {
                open = self.incomplete(v);
            }
        }
        if let Some(table) = open {
            // Named fields can be used; whoever takes the columns by their order meets this one.
            let rest = self.rest_of(e, &table);
            push(out, "*".into(), rest);
        }
        if found {
            Ok(())
        } else {
            Err(not_lowered(self.expr_span(e), "`*` of an unknown table"))
        }
    }

    /// A table of which only those columns are known that the code names.
    fn incomplete(&self, v: &Visible) -> Option<TableName> {
        let table = self.cx.catalog().tables.get(v.table.as_ref()?)?;
        (!table.complete).then(|| table.name.clone())
    }

    fn rest_of(&mut self, e: Id<Expr>, table: &TableName) -> Scalar {
        let why = unknown_name(
            self.expr_span(e),
            format!("`*` takes all columns of {table}, which has no definition in the input"),
        );
        let ty = no_type("columns that are not known");
        self.shared.opaques.value(why, false, ty)
    }

    /// Sort keys as expressions of the block: aliases and positions become what they stand for.
    fn order(&mut self, order: List<OrderItem>, items: &[Named]) -> Low<Vec<SortKey>> {
        let mut keys = Vec::new();
        for item in self.view.ast().list(order) {
            let text = self
                .view
                .text(self.view.ast()[item.expr].span)
                .to_uppercase();
            let output = match text.parse::<usize>() {
                Ok(n) => n.checked_sub(1).and_then(|i| items.get(i)),
                Err(_) => items.iter().find(|n| n.name == text),
            };
            let expr = match output {
                Some(n) => n.expr.clone(),
                None => self.expr(item.expr)?,
            };
            keys.push(SortKey {
                expr,
                desc: item.desc,
                nulls_first: item.nulls_first.unwrap_or(item.desc),
            });
        }
        Ok(keys)
    }

    /// FROM and WHERE: joins with their conditions, the rest as a filter.
    pub(super) fn from_where(&mut self, from: List<FromItem>, where_: &[Id<Expr>]) -> Low<Rel> {
        let rels = self.from_list(from)?;
        let mut conditions = Vec::new();
        for e in where_ {
            let outer = self.outer_side(*e)?;
            let scalar = self.expr(*e)?;
            conditions.push(Condition::new(scalar, outer));
        }
        let (rel, rest) = super::joins::join(rels, conditions);
        Ok(filter(rel, Scalar::all(rest)))
    }
}

fn push(out: &mut Vec<Named>, wanted: String, expr: Scalar) {
    let free = |n: &String| !out.iter().any(|o| o.name == *n);
    let name = std::iter::once(wanted.clone())
        .chain((2..).map(|i| format!("{wanted}_{i}")))
        .find(free)
        .unwrap_or(wanted);
    out.push(Named { name, expr });
}

fn relation(v: &super::Visible) -> String {
    v.columns
        .first()
        .map_or(v.alias.clone(), |c| c.relation.clone())
}

/// Puts a block together: aggregate, HAVING, windows, select list.
fn assemble(
    span: Span,
    block: Block,
    visible: &BTreeSet<String>,
    extend: bool,
) -> Low<(Rel, Vec<SortKey>)> {
    let Block {
        mut rel,
        mut items,
        mut having,
        mut order,
        keys,
        mut collected,
    } = block;
    let grouped = keys.is_some() || !collected.aggs.is_empty() || having.is_some();
    if grouped {
        let keys = name_keys(keys.unwrap_or_default(), &items);
        name_aggs(&mut collected, &mut items, &mut having, &mut order, &keys);
        let over = |s: Scalar| regroup(s, &keys);
        items = items
            .into_iter()
            .map(|n| Named {
                expr: over(n.expr),
                name: n.name,
            })
            .collect();
        having = having.map(over);
        order = order
            .into_iter()
            .map(|k| SortKey {
                expr: over(k.expr),
                ..k
            })
            .collect();
        collected.windows = collected
            .windows
            .into_iter()
            .map(|w| window_over(w, &over))
            .collect();
        let all = items
            .iter()
            .map(|n| &n.expr)
            .chain(&having)
            .chain(order.iter().map(|k| &k.expr));
        check_grouped(span, all, visible)?;
        rel = Rel::Aggregate {
            input: Box::new(rel),
            keys: keys
                .into_iter()
                .map(|(expr, name)| Named { name, expr })
                .collect(),
            aggs: collected.aggs,
        };
        rel = filter(rel, having);
    }
    if !collected.windows.is_empty() {
        rel = Rel::Window {
            input: Box::new(rel),
            calls: collected.windows,
        };
    }
    let order = order
        .into_iter()
        .map(|k| output_key(span, k, &mut items, extend))
        .collect::<Low<Vec<_>>>()?;
    Ok((
        Rel::Project {
            input: Box::new(rel),
            items,
        },
        order,
    ))
}

fn output_key(span: Span, key: SortKey, items: &mut Vec<Named>, extend: bool) -> Low<SortKey> {
    if extend && !items.iter().any(|n| n.expr == key.expr) {
        push(items, "ORDER_KEY".into(), key.expr.clone());
    }
    let found = items.iter().find(|n| n.expr == key.expr);
    let Some(n) = found else {
        return Err(not_lowered(
            span,
            "a sort key that is not in the select list, under a row limit",
        ));
    };
    Ok(SortKey {
        expr: Scalar::column("", &n.name, n.expr.ty(), true),
        ..key
    })
}

/// Keys are called as the select list calls them, or after their column.
fn name_keys(keys: Vec<Scalar>, items: &[Named]) -> Keys {
    let mut out: Keys = Vec::new();
    for (i, key) in keys.into_iter().enumerate() {
        let listed = items.iter().find(|n| n.expr == key).map(|n| n.name.clone());
        let own = match &key {
            Scalar::Column(c) => Some(c.name.clone()),
            _ => None,
        };
        let wanted = listed.or(own).unwrap_or_else(|| format!("K{}", i + 1));
        let taken = |n: &str| out.iter().any(|(_, o)| o == n);
        let name = if taken(&wanted) {
            format!("K{}", i + 1)
        } else {
            wanted
        };
        out.push((key, name));
    }
    out
}

/// Aggregates that stand alone in the select list are called as it calls them.
fn name_aggs(
    collected: &mut Collected,
    items: &mut [Named],
    having: &mut Option<Scalar>,
    order: &mut [SortKey],
    keys: &Keys,
) {
    let mut renames: Vec<(String, String)> = Vec::new();
    for agg in &mut collected.aggs {
        let alone = |n: &&Named| matches!(&n.expr, Scalar::Column(c) if c.relation.is_empty() && c.name == agg.name);
        let Some(wanted) = items.iter().find(alone).map(|n| n.name.clone()) else {
            continue;
        };
        let taken =
            keys.iter().any(|(_, k)| *k == wanted) || renames.iter().any(|(_, n)| *n == wanted);
        if !taken {
            renames.push((agg.name.clone(), wanted.clone()));
            agg.name = wanted;
        }
    }
    let rename = |s: &mut Scalar| {
        let old = std::mem::replace(s, Scalar::Literal(Literal::Null));
        *s = map_top(old, &|node| match node {
            Scalar::Column(c) if c.relation.is_empty() => {
                let new = renames.iter().find(|(from, _)| *from == c.name)?;
                Some(Scalar::Column(crate::rel::ColumnRef {
                    name: new.1.clone(),
                    ..c.clone()
                }))
            }
            _ => None,
        });
    };
    items.iter_mut().for_each(|n| rename(&mut n.expr));
    having.iter_mut().for_each(&rename);
    order.iter_mut().for_each(|k| rename(&mut k.expr));
    for w in &mut collected.windows {
        w.args.iter_mut().for_each(&rename);
        w.partition_by.iter_mut().for_each(&rename);
        w.order_by.iter_mut().for_each(|k| rename(&mut k.expr));
    }
}

/// Group keys inside an expression become columns of the aggregate.
fn regroup(s: Scalar, keys: &Keys) -> Scalar {
    map_top(s, &|node| {
        let (key, name) = keys.iter().find(|(k, _)| k == node)?;
        let nullable = !matches!(key, Scalar::Column(c) if !c.nullable);
        Some(Scalar::column("", name, key.ty(), nullable))
    })
}

fn window_over(w: NamedWindow, over: &dyn Fn(Scalar) -> Scalar) -> NamedWindow {
    NamedWindow {
        args: w.args.into_iter().map(over).collect(),
        partition_by: w.partition_by.into_iter().map(over).collect(),
        order_by: w
            .order_by
            .into_iter()
            .map(|k| SortKey {
                expr: over(k.expr),
                ..k
            })
            .collect(),
        ..w
    }
}

/// After grouping nothing may refer to single rows; a subquery may not refer to groups (its own outputs have the same relation).
fn check_grouped<'a>(
    span: Span,
    all: impl Iterator<Item = &'a Scalar>,
    visible: &BTreeSet<String>,
) -> Low<()> {
    for s in all {
        if any(
            s,
            &|n| matches!(n, Scalar::Column(c) if visible.contains(&c.relation)),
        ) {
            return Err(not_lowered(
                span,
                "a column that is neither grouped nor aggregated",
            ));
        }
        let subquery = |n: &Scalar| {
            matches!(
                n,
                Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. }
            )
        };
        if any(s, &subquery) {
            return Err(not_lowered(span, "a subquery over groups"));
        }
    }
    Ok(())
}
