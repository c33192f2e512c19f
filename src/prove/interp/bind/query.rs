//! Queries: WITH, set operators, SELECT, ORDER BY.

use std::rc::Rc;

use super::super::code::{Body, Connect, Ex, From, Group, Leaf, OrderCode, Query, Select, SetKind};
use super::super::stop::{Res, Stop, Why};
use super::super::val::{RecTy, Ty};
use super::super::walk::{is_free, rewrite, uses};
use super::{CteSym, Cx, QScope, T};
use crate::catalog::model::TableName;
use crate::syntax::View;
use crate::syntax::ast::{self, Expr, ExprKind, Id, List, OrderItem, SetExpr, SetOp};
use crate::value::Value;

/// Outputs of a query: names and types.
type Cols = Vec<(String, Ty)>;

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// A query inside an expression or FROM.
    pub(super) fn subquery(&mut self, id: Id<ast::Query>) -> Res<Rc<Query>> {
        self.query(id)
    }

    /// A query.
    pub(super) fn query(&mut self, id: Id<ast::Query>) -> Res<Rc<Query>> {
        let mark = self.ctes.len();
        let was = std::mem::replace(&mut self.in_sql, true);
        let result = self.deeper(|cx| cx.query_parts(id));
        self.in_sql = was;
        self.ctes.truncate(mark);
        let span = self.span(self.view.ast()[id].span);
        result.map_err(|s| s.at(span))
    }

    fn query_parts(&mut self, id: Id<ast::Query>) -> Res<Rc<Query>> {
        let q = self.view.ast()[id];
        if !q.with_decls.is_empty() {
            return self.unsupported("WITH FUNCTION", q.span);
        }
        let ctes = self.view.ast().list(q.with).to_vec();
        for c in ctes {
            self.cte(c)?;
        }
        let locked = q.for_update.is_some();
        let (body, cols, order) = self.body(q.body, q.order_by, locked)?;
        let limit =
            |cx: &mut Self, e: Option<Id<Expr>>| e.map(|e| cx.expr(e).map(|t| t.0)).transpose();
        let offset = limit(self, q.offset)?;
        let fetch = match q.fetch.map(|f| self.view.ast()[f]) {
            Some(f) if f.percent => return self.unsupported("FETCH .. PERCENT", q.span),
            Some(f) => {
                let n = limit(self, f.count)?.unwrap_or(super::expr::number(1));
                Some((n, f.with_ties))
            }
            None => None,
        };
        let mut query = Query {
            span: self.span(q.span),
            body,
            order,
            offset,
            fetch,
            cols: Rc::new(RecTy { fields: cols }),
            rowid: locked,
            free: false,
        };
        query.free = is_free(&query);
        Ok(Rc::new(query))
    }

    fn cte(&mut self, c: ast::Cte) -> Res<()> {
        let name = self.ident(c.name);
        if !self.view.text(c.tail).trim().is_empty() {
            return self.unsupported("SEARCH and CYCLE", c.tail);
        }
        let names: Vec<String> = self
            .view
            .ast()
            .list(c.columns)
            .iter()
            .map(|i| self.ident(*i))
            .collect();
        // A WITH element does not see the rows of the queries around it.
        let hidden = std::mem::take(&mut self.queries);
        let span = self.view.ast()[c.query].span;
        let bound = if self.refers_to(span, &name) {
            self.recursive(&name, &names, c.query)
        } else {
            self.query(c.query).map(|q| renamed(q, &names))
        };
        self.queries = hidden;
        self.ctes.push(CteSym {
            name,
            query: Some(bound?),
            work: None,
        });
        Ok(())
    }

    fn refers_to(&self, span: ast::TokSpan, name: &str) -> bool {
        let word = |i: u32| self.view.token(i).trim_matches('"').to_uppercase() == *name;
        (span.start..span.end).any(word)
    }

    /// `first UNION ALL step over itself`.
    fn recursive(&mut self, name: &str, names: &[String], id: Id<ast::Query>) -> Res<Rc<Query>> {
        let q = self.view.ast()[id];
        let SetExpr::Chain { first, rest } = self.view.ast()[q.body] else {
            return self.query(id).map(|q| renamed(q, names));
        };
        let [step] = self.view.ast().list(rest) else {
            return self.unsupported("a recursive WITH of several branches", q.span);
        };
        let step = *step;
        if step.op != SetOp::Union || !step.all {
            return self.unsupported("a recursive WITH without UNION ALL", q.span);
        }
        let (anchor, mut cols, _) = self.body(first, List::empty(), false)?;
        for (col, name) in cols.iter_mut().zip(names) {
            col.0.clone_from(name);
        }
        let slot = self.prog.fresh();
        self.ctes.push(CteSym {
            name: name.to_string(),
            query: None,
            work: Some((slot, cols.clone())),
        });
        let (step, _, _) = self.body(step.operand, List::empty(), false)?;
        self.ctes.pop();
        Ok(Rc::new(Query {
            span: self.span(q.span),
            body: Body::Recursive(slot, Box::new(anchor), Box::new(step)),
            order: Vec::new(),
            offset: None,
            fetch: None,
            cols: Rc::new(RecTy { fields: cols }),
            rowid: false,
            free: false,
        }))
    }

    fn body(
        &mut self,
        id: Id<SetExpr>,
        order: List<OrderItem>,
        locked: bool,
    ) -> Res<(Body, Cols, Vec<OrderCode>)> {
        match self.view.ast()[id] {
            SetExpr::Select(s) => self.select(s, order, locked),
            SetExpr::Query(q) => {
                let q = self.query(q)?;
                let cols = q.cols.fields.clone();
                let order = self.order_of(order, &cols)?;
                Ok((Body::Sub(q), cols, order))
            }
            SetExpr::Chain { first, rest } => {
                let (mut body, mut cols, _) = self.body(first, List::empty(), false)?;
                let terms = self.view.ast().list(rest).to_vec();
                for t in terms {
                    let (right, other, _) = self.body(t.operand, List::empty(), false)?;
                    if other.len() != cols.len() {
                        return Err(Stop::ora(
                            1789,
                            "query block has incorrect number of result columns",
                        ));
                    }
                    for (c, o) in cols.iter_mut().zip(other) {
                        c.1 = super::expr::common(&[c.1.clone(), o.1]);
                    }
                    let kind = match (t.op, t.all) {
                        (SetOp::Union, true) => SetKind::All,
                        (SetOp::Union, false) => SetKind::Union,
                        (SetOp::Intersect, false) => SetKind::Intersect,
                        (SetOp::Minus, false) => SetKind::Minus,
                        (SetOp::Intersect | SetOp::Minus, true) => {
                            return Err(Stop::unsupported("INTERSECT ALL and MINUS ALL"));
                        }
                    };
                    body = Body::Set(kind, Box::new(body), Box::new(right));
                }
                let order = self.order_of(order, &cols)?;
                Ok((body, cols, order))
            }
            SetExpr::Values(_) => Err(Stop::unsupported("VALUES as a query")),
            SetExpr::Unparsed(_) => Err(Stop::refuse(
                Why::Syntax,
                "a query that could not be parsed",
            )),
        }
    }

    /// ORDER BY over the outputs of a set operation: by name or position.
    fn order_of(&mut self, order: List<OrderItem>, cols: &Cols) -> Res<Vec<OrderCode>> {
        let items = self.view.ast().list(order).to_vec();
        let one = |o: &OrderItem| match self.by_output(o.expr, cols) {
            Some(at) => Ok(order_code(at, o)),
            None => Err(Stop::unsupported(
                "ORDER BY an expression over a set operation",
            )),
        };
        items.iter().map(one).collect()
    }

    /// The output that an ORDER BY item names by position or alias.
    fn by_output(&self, e: Id<Expr>, cols: &Cols) -> Option<usize> {
        match self.view.ast()[e].kind {
            ExprKind::Number => {
                let n: usize = self.view.number(e)?.parse().ok()?;
                (1..=cols.len()).contains(&n).then(|| n - 1)
            }
            ExprKind::Name(name) => match self.parts(name).as_slice() {
                [alias] => cols.iter().position(|(n, _)| n == alias),
                _ => None,
            },
            ExprKind::Paren(inner) => self.by_output(inner, cols),
            _ => None,
        }
    }

    fn select(
        &mut self,
        id: Id<ast::Select>,
        order: List<OrderItem>,
        locked: bool,
    ) -> Res<(Body, Cols, Vec<OrderCode>)> {
        self.queries.push(QScope::default());
        let result = self.select_parts(id, order, locked);
        self.queries.pop();
        result
    }

    fn scope(&mut self) -> &mut QScope {
        // The caller has pushed one.
        if self.queries.is_empty() {
            self.queries.push(QScope::default());
        }
        let last = self.queries.len() - 1;
        &mut self.queries[last]
    }

    fn select_parts(
        &mut self,
        id: Id<ast::Select>,
        order: List<OrderItem>,
        locked: bool,
    ) -> Res<(Body, Cols, Vec<OrderCode>)> {
        let s = self.view.ast()[id];
        let rest = self.view.ast().select_rest(s.rest);
        if !rest.tail.is_empty() && !self.view.text(rest.tail).trim().is_empty() {
            return self.unsupported("MODEL, WINDOW or QUALIFY", rest.tail);
        }
        let items = self.from_items(s.from)?;
        let placed = self.place(items, s.where_, rest.connect_by.is_some())?;
        let (keys, sets) = self.group_by(s.group_by)?;
        self.scope().aggs = Some(Vec::new());
        self.scope().wins = Some(Vec::new());
        let (mut exs, cols) = self.select_list(s.items)?;
        let having = s.having.map(|h| self.cond(h)).transpose()?;
        let visible = exs.len();
        let mut order = self.order_by(order, &cols, &mut exs)?;
        let connect = self.connect(&s, placed.after_connect)?;
        let scope = std::mem::take(self.scope());
        let aggs = scope.aggs.unwrap_or_default();
        let mut wins = scope.wins.unwrap_or_default();
        let grouped =
            !aggs.is_empty() || !keys.is_empty() || having.is_some() || !s.group_by.is_empty();
        let group = grouped.then(|| {
            let mut having = having;
            let mut all: Vec<&mut Ex> = exs.iter_mut().chain(having.iter_mut()).collect();
            for w in &mut wins {
                all.extend(w.args.iter_mut().chain(w.partition.iter_mut()));
                all.extend(w.order.iter_mut().map(|o| &mut o.ex));
            }
            for ex in all {
                regroup(ex, &keys, &scope.grouping);
            }
            Box::new(Group {
                whole: s.group_by.is_empty(),
                keys,
                sets,
                aggs,
                having,
            })
        });
        if s.distinct {
            order.retain(|o| o.at < visible);
        }
        let srcs = scope.srcs;
        if locked && group.is_none() && !s.distinct {
            let at = srcs.iter().position(|s| s.rowid).unwrap_or(0);
            let col = srcs.get(at).map_or(0, |s| s.cols.len());
            exs.push(Ex::Col {
                up: 0,
                src: at as u16,
                col: col as u16,
            });
        }
        let nulls = srcs
            .iter()
            .map(|s| vec![Value::Null; s.cols.len() + 1].into())
            .collect();
        let select = Select {
            from: placed.from,
            nulls,
            filters: placed.filters,
            connect,
            group,
            wins,
            items: exs,
            distinct: s.distinct.then_some(visible),
            rownum: placed.rownum,
        };
        Ok((Body::Select(Box::new(select)), cols, order))
    }

    fn select_list(&mut self, items: List<ast::SelectItem>) -> Res<(Vec<Ex>, Cols)> {
        let mut exs = Vec::new();
        let mut cols = Vec::new();
        for item in self.view.ast().list(items).to_vec() {
            if let ExprKind::Star(of) = self.view.ast()[item.expr].kind {
                let of = of.map(|n| self.parts(n));
                for (ex, name, ty) in self.star(of.as_deref())? {
                    exs.push(ex);
                    cols.push((name, ty));
                }
                continue;
            }
            let (ex, ty) = self.expr(item.expr)?;
            let name = match item.alias {
                Some(a) => self.ident(a),
                None => self.implied_name(item.expr),
            };
            exs.push(ex);
            cols.push((name, ty));
        }
        Ok((exs, cols))
    }

    fn implied_name(&self, e: Id<Expr>) -> String {
        match self.view.ast()[e].kind {
            ExprKind::Name(n) => self.parts(n).pop().unwrap_or_default(),
            _ => {
                let text: String = self
                    .view
                    .text(self.view.ast()[e].span)
                    .split_whitespace()
                    .collect();
                text.to_uppercase()
            }
        }
    }

    fn star(&mut self, of: Option<&[String]>) -> Res<Vec<(Ex, String, Ty)>> {
        let alias = of.and_then(|p| p.last().cloned());
        let mut out = Vec::new();
        for (src, s) in self.scope().srcs.iter().enumerate() {
            if alias.as_ref().is_some_and(|a| *a != s.alias) {
                continue;
            }
            for (col, (name, ty)) in s.cols.iter().enumerate() {
                if alias.is_none() && s.merged.contains(name) {
                    continue;
                }
                let ex = Ex::Col {
                    up: 0,
                    src: src as u16,
                    col: col as u16,
                };
                out.push((ex, name.clone(), ty.clone()));
            }
        }
        if out.is_empty() {
            return Err(Stop::missing("`*` stands for no columns here"));
        }
        Ok(out)
    }

    /// ORDER BY: outputs by position or alias, other expressions as hidden outputs.
    fn order_by(
        &mut self,
        order: List<OrderItem>,
        cols: &Cols,
        exs: &mut Vec<Ex>,
    ) -> Res<Vec<OrderCode>> {
        let mut out = Vec::new();
        for o in self.view.ast().list(order).to_vec() {
            let at = match self.by_output(o.expr, cols) {
                Some(at) => at,
                None => {
                    let ex = self.expr(o.expr)?.0;
                    exs.iter().position(|e| *e == ex).unwrap_or_else(|| {
                        exs.push(ex);
                        exs.len() - 1
                    })
                }
            };
            out.push(order_code(at, &o));
        }
        Ok(out)
    }

    fn connect(&mut self, s: &ast::Select, filters: Vec<Ex>) -> Res<Option<Box<Connect>>> {
        let rest = self.view.ast().select_rest(s.rest);
        let Some(by) = rest.connect_by else {
            return Ok(None);
        };
        let by = self.cond(by)?;
        let start = rest.start_with.map(|e| self.cond(e)).transpose()?;
        Ok(Some(Box::new(Connect {
            start,
            by,
            nocycle: rest.nocycle,
            filters,
            paths: std::mem::take(&mut self.scope().paths),
        })))
    }

    /// A view's query, bound once.
    pub(super) fn view_query(&mut self, name: &TableName) -> Res<Rc<Query>> {
        if let Some(q) = self.prog.views.get(name) {
            return Ok(q.clone());
        }
        let table = self.prog.est.catalog.tables.get(name);
        let Some((unit, query)) = table.and_then(|t| t.view) else {
            return Err(Stop::missing(format!(
                "the query of view {name} is not known"
            )));
        };
        let names: Vec<String> = table
            .map(|t| t.columns.keys().cloned().collect())
            .unwrap_or_default();
        let view: View<'e> = self.prog.est.view(unit);
        self.prog.depth += 1;
        if self.prog.depth > 50 {
            self.prog.depth -= 1;
            return Err(Stop::unsupported("views that are made of each other"));
        }
        let mut cx = Cx::new(self.prog, view, Some(unit), &name.schema);
        let bound = cx.query(query);
        self.prog.depth -= 1;
        let bound = renamed(bound?, &names);
        self.prog.views.insert(name.clone(), bound.clone());
        Ok(bound)
    }

    /// A column of the queries around, from the inside out.
    pub(super) fn column(&mut self, parts: &[String]) -> Res<Option<T>> {
        for (up, scope) in self.queries.iter().rev().enumerate() {
            if let Some((src, col, ty)) = found_in(scope, parts)? {
                let ex = Ex::Col {
                    up: up as u16,
                    src: src as u16,
                    col: col as u16,
                };
                return Ok(Some((ex, ty)));
            }
        }
        Ok(None)
    }
}

/// Source, column and type of a name in one query.
fn found_in(scope: &QScope, parts: &[String]) -> Res<Option<(usize, usize, Ty)>> {
    let (column, qualifier) = match parts {
        [c] => (c, None),
        [q, c] => (c, Some((None, q))),
        [o, q, c] => (c, Some((Some(o), q))),
        _ => return Ok(None),
    };
    let mut hit = None;
    for (i, s) in scope.srcs.iter().enumerate() {
        let fits = match qualifier {
            None => !s.merged.contains(column),
            Some((None, q)) => s.alias == *q,
            Some((Some(o), q)) => s
                .table
                .as_ref()
                .is_some_and(|t| t.schema == *o && t.name == *q),
        };
        if !fits {
            continue;
        }
        let at = s.cols.iter().position(|(n, _)| n == column);
        let found = match at {
            Some(at) => Some((i, at, s.cols[at].1.clone())),
            None if column == "ROWID" && s.rowid => Some((i, s.cols.len(), Ty::Unknown)),
            None => None,
        };
        if found.is_some() && hit.is_some() {
            return Err(Stop::ora(918, "column ambiguously defined"));
        }
        hit = hit.or(found);
    }
    Ok(hit)
}

fn order_code(at: usize, o: &OrderItem) -> OrderCode {
    OrderCode {
        at,
        desc: o.desc,
        nulls_first: o.nulls_first.unwrap_or(o.desc),
    }
}

/// The query with other names for its outputs.
fn renamed(q: Rc<Query>, names: &[String]) -> Rc<Query> {
    if names.is_empty() || names.len() != q.cols.fields.len() {
        return q;
    }
    let fields = q
        .cols
        .fields
        .iter()
        .zip(names)
        .map(|((_, t), n)| (n.clone(), t.clone()));
    let cols = Rc::new(RecTy {
        fields: fields.collect(),
    });
    let span = q.span;
    Rc::new(Query {
        span,
        free: q.free,
        body: Body::Sub(q),
        order: Vec::new(),
        offset: None,
        fetch: None,
        cols,
        rowid: false,
    })
}

/// Expressions over groups: keys by their value, the rest over the group's first row.
fn regroup(ex: &mut Ex, keys: &[Ex], grouping: &[Ex]) {
    rewrite(ex, &mut |e| {
        if let Ex::Grouping(at) = e {
            let key = grouping.get(*at as usize)?;
            let at = keys.iter().position(|k| k == key)?;
            return Some(Ex::Grouping(at as u16));
        }
        if matches!(e, Ex::Const(_)) {
            return None;
        }
        keys.iter()
            .position(|k| k == e)
            .map(|at| Ex::Key(at as u16))
    });
}

/// DUAL.
pub(super) fn dual(src: usize) -> From {
    From::Leaf(src, Leaf::Dual, Vec::new())
}

/// True if a condition can be tested as soon as its sources are there.
pub(super) fn movable(ex: &Ex) -> bool {
    !uses(ex).fixed
}
