//! FROM and WHERE: sources, the order of joins, and where each condition is tested.

use super::super::code::{Cmp, Ex, From, Join, Kind, Leaf};
use super::super::stop::{Res, Stop, Why};
use super::super::val::{Ty, Val};
use super::super::walk::uses;
use super::query::{dual, movable};
use super::{Cx, Src};
use crate::catalog::model::TableKind;
use crate::syntax::ast::{
    self, ChainOp, Expr, ExprKind, FromItem, FromKind, Id, Ident, JoinKind, List,
};
use crate::value::Value;
use crate::value::func::Gives;

/// A source tree with the sources in it.
pub(super) struct Item {
    pub from: From,
    pub srcs: Vec<usize>,
    pub lateral: bool,
}

/// FROM and WHERE, ready to run.
pub(super) struct Placed {
    pub from: From,
    pub filters: Vec<Ex>,
    pub rownum: Vec<Ex>,
    pub after_connect: Vec<Ex>,
}

fn mask(srcs: &[usize]) -> u64 {
    srcs.iter().fold(0, |m, s| m | 1 << s)
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    fn add_src(&mut self, src: Src) -> Res<usize> {
        let Some(scope) = self.queries.last_mut() else {
            return Err(Stop::missing("a source outside a query"));
        };
        if scope.srcs.len() == 64 {
            return Err(Stop::unsupported("a query of more than 64 sources"));
        }
        scope.srcs.push(src);
        Ok(scope.srcs.len() - 1)
    }

    /// The elements of FROM; DUAL without any.
    pub(super) fn from_items(&mut self, list: List<FromItem>) -> Res<Vec<Item>> {
        let mut items = Vec::new();
        for id in list.ids() {
            items.push(self.from_item(id)?);
        }
        if items.is_empty() {
            let src = self.add_src(unnamed())?;
            items.push(Item {
                from: dual(src),
                srcs: vec![src],
                lateral: false,
            });
        }
        Ok(items)
    }

    pub(super) fn from_item(&mut self, id: Id<FromItem>) -> Res<Item> {
        let f = self.view.ast()[id];
        let alias = f.alias.map(|a| self.ident(a));
        match f.kind {
            FromKind::Table { name, tail } => {
                let words = self.view.text(tail).trim();
                if !words.is_empty() && !words.starts_with("/*") && !words.starts_with("--") {
                    return self.unsupported(format!("{words} in FROM"), tail);
                }
                if !self.view.ast()[name].link.is_empty() {
                    return self.unsupported("a database link", f.span);
                }
                self.table_item(&self.parts(name), alias)
                    .map_err(|s| s.at(self.span(f.span)))
            }
            FromKind::Query { query, lateral } => self.query_item(query, alias, lateral),
            FromKind::Function { expr, tail } => {
                if !self.view.text(tail).trim().is_empty() {
                    return self.unsupported("XMLTABLE, JSON_TABLE and the like", f.span);
                }
                self.function_item(expr, alias)
            }
            FromKind::Join {
                left,
                right,
                kind,
                natural,
                on,
                using,
            } => self.join_item(left, right, kind, natural, on, using),
            FromKind::Paren(inner) => self.from_item(inner),
            FromKind::Derived {
                input,
                keyword,
                tail,
            } => self.pivot(input, keyword, tail, alias),
            FromKind::Unparsed => Err(Stop::refuse(Why::Syntax, "FROM could not be parsed")),
        }
    }

    fn leaf(&mut self, src: Src, leaf: Leaf, lateral: bool) -> Res<Item> {
        let at = self.add_src(src)?;
        Ok(Item {
            from: From::Leaf(at, leaf, Vec::new()),
            srcs: vec![at],
            lateral,
        })
    }

    fn table_item(&mut self, parts: &[String], alias: Option<String>) -> Res<Item> {
        let last = parts.last().cloned().unwrap_or_default();
        let alias = alias.unwrap_or_else(|| last.clone());
        let src = |cols, table, rowid| Src {
            alias: alias.clone(),
            table,
            cols,
            merged: Vec::new(),
            rowid,
        };
        if let [name] = parts
            && let Some(c) = self.ctes.iter().rev().find(|c| c.name == *name).cloned()
        {
            return match (c.query, c.work) {
                (Some(q), _) => self.leaf(
                    src(q.cols.fields.clone(), None, false),
                    Leaf::Query(q),
                    false,
                ),
                (None, Some((slot, cols))) => {
                    self.leaf(src(cols, None, false), Leaf::Work(slot), false)
                }
                (None, None) => Err(Stop::missing(format!("{name} is not defined yet"))),
            };
        }
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        if matches!(words.as_slice(), ["DUAL"] | ["SYS", "DUAL"]) {
            let cols = vec![(
                "DUMMY".to_string(),
                Ty::Char {
                    len: 1,
                    chars: true,
                },
            )];
            return self.leaf(src(cols, None, false), Leaf::Dual, false);
        }
        let name = self.prog.table(&words, &self.schema)?;
        let kind = self.prog.est.catalog.tables.get(&name).map(|t| t.kind);
        if matches!(kind, Some(TableKind::View | TableKind::MaterializedView)) {
            let q = self.view_query(&name)?;
            return self.leaf(
                src(q.cols.fields.clone(), Some(name), false),
                Leaf::Query(q),
                false,
            );
        }
        let at = self.prog.stored(&name)?;
        let cols = self.prog.row_type(&name).fields;
        self.leaf(src(cols, Some(name), true), Leaf::Table(at), false)
    }

    fn query_item(
        &mut self,
        query: Id<ast::Query>,
        alias: Option<String>,
        lateral: bool,
    ) -> Res<Item> {
        // Only a lateral subquery sees the sources beside it.
        let mut hidden = None;
        if !lateral && let Some(scope) = self.queries.last_mut() {
            hidden = Some(std::mem::take(&mut scope.srcs));
        }
        let bound = self.subquery(query);
        if let (Some(srcs), Some(scope)) = (hidden, self.queries.last_mut()) {
            scope.srcs = srcs;
        }
        let q = bound?;
        let src = Src {
            alias: alias.unwrap_or_default(),
            table: None,
            cols: q.cols.fields.clone(),
            merged: Vec::new(),
            rowid: false,
        };
        self.leaf(src, Leaf::Query(q), lateral)
    }

    fn function_item(&mut self, expr: Id<Expr>, alias: Option<String>) -> Res<Item> {
        let mut inner = expr;
        if let ExprKind::Call { callee, args, .. } = self.view.ast()[expr].kind
            && let ExprKind::Name(n) = self.view.ast()[callee].kind
            && matches!(self.parts(n).as_slice(), [t] if t == "TABLE" || t == "THE")
            && let [only] = self.view.ast().list(args)
        {
            inner = only.value;
        }
        let (ex, ty) = self.expr(inner)?;
        let Ty::Coll(c) = ty else {
            return Err(Stop::unsupported(
                "TABLE() of something that is no collection",
            ));
        };
        let (cols, records) = match &c.elem {
            Ty::Rec(r) => (r.fields.clone(), true),
            elem => (vec![("COLUMN_VALUE".to_string(), elem.clone())], false),
        };
        let lateral = uses(&ex).srcs != 0;
        let src = Src {
            alias: alias.unwrap_or_default(),
            table: None,
            cols,
            merged: Vec::new(),
            rowid: false,
        };
        self.leaf(src, Leaf::Collection(ex, records), lateral)
    }

    fn join_item(
        &mut self,
        left: Id<FromItem>,
        right: Id<FromItem>,
        kind: JoinKind,
        natural: bool,
        on: Option<Id<Expr>>,
        using: List<Ident>,
    ) -> Res<Item> {
        let left = self.deeper(|cx| cx.from_item(left))?;
        let mut right = self.deeper(|cx| cx.from_item(right))?;
        let names: Vec<String> = self
            .view
            .ast()
            .list(using)
            .iter()
            .map(|i| self.ident(*i))
            .collect();
        let mut conds = match on {
            Some(on) => self.conjuncts(on)?.into_iter().map(|(e, _)| e).collect(),
            None => Vec::new(),
        };
        conds.extend(self.merged_columns(&left, &right, names, natural, kind)?);
        let kind = match kind {
            JoinKind::Inner | JoinKind::Cross => Kind::Inner,
            JoinKind::Left => Kind::Left,
            JoinKind::Right => Kind::Right,
            JoinKind::Full => Kind::Full,
            JoinKind::CrossApply => {
                right.lateral = true;
                Kind::Inner
            }
            JoinKind::OuterApply => {
                right.lateral = true;
                Kind::Left
            }
        };
        Ok(self.join(kind, left, right, conds))
    }

    /// Equalities of USING and NATURAL; the right column is then hidden.
    fn merged_columns(
        &mut self,
        left: &Item,
        right: &Item,
        names: Vec<String>,
        natural: bool,
        kind: JoinKind,
    ) -> Res<Vec<Ex>> {
        let Some(scope) = self.queries.last_mut() else {
            return Ok(Vec::new());
        };
        let place = |srcs: &[usize], name: &str, all: &[Src]| {
            srcs.iter().find_map(|s| {
                let at = all[*s].cols.iter().position(|(n, _)| n == name)?;
                (!all[*s].merged.iter().any(|m| m == name)).then_some((*s, at))
            })
        };
        let mut names = names;
        if natural {
            let of_right = right.srcs.iter().flat_map(|s| scope.srcs[*s].cols.iter());
            names = of_right
                .map(|(n, _)| n.clone())
                .filter(|n| place(&left.srcs, n, &scope.srcs).is_some())
                .collect();
        }
        if !names.is_empty() && matches!(kind, JoinKind::Right | JoinKind::Full) {
            return Err(Stop::unsupported("USING with RIGHT or FULL"));
        }
        let mut out = Vec::new();
        for name in names {
            let (a, b) = (
                place(&left.srcs, &name, &scope.srcs),
                place(&right.srcs, &name, &scope.srcs),
            );
            let (Some((s, c)), Some((t, d))) = (a, b) else {
                return Err(Stop::missing(format!("column {name} of USING")));
            };
            let padded = scope.srcs[s].cols[c].1.is_char() && scope.srcs[t].cols[d].1.is_char();
            let col = |src: usize, col: usize| Ex::Col {
                up: 0,
                src: src as u16,
                col: col as u16,
            };
            out.push(Ex::Cmp(Cmp::Eq, Box::new((col(s, c), col(t, d))), padded));
            scope.srcs[t].merged.push(name);
        }
        Ok(out)
    }

    /// The conditions of an AND, each with the sources that it marks with `(+)`.
    pub(super) fn conjuncts(&mut self, id: Id<Expr>) -> Res<Vec<(Ex, u64)>> {
        match self.view.ast()[id].kind {
            ExprKind::Chain {
                op: ChainOp::And,
                items,
            } => {
                let mut out = Vec::new();
                for i in items.ids() {
                    out.extend(self.deeper(|cx| cx.conjuncts(i))?);
                }
                Ok(out)
            }
            ExprKind::Paren(inner) => self.deeper(|cx| cx.conjuncts(inner)),
            _ => {
                if let Some(s) = self.queries.last_mut() {
                    s.optional = 0;
                }
                let ex = self.cond(id)?;
                let optional = self.queries.last().map_or(0, |s| s.optional);
                Ok(vec![(ex, optional)])
            }
        }
    }

    /// Chooses the order of joins and places the conditions of WHERE.
    pub(super) fn place(
        &mut self,
        mut items: Vec<Item>,
        where_: Option<Id<Expr>>,
        connect: bool,
    ) -> Res<Placed> {
        let conds = match where_ {
            Some(w) => self.conjuncts(w)?,
            None => Vec::new(),
        };
        let (rownum, conds): (Vec<_>, Vec<_>) = conds.into_iter().partition(|(e, _)| has_rownum(e));
        let rownum = rownum.into_iter().map(|(e, _)| e).collect();
        let (outer, inner): (Vec<_>, Vec<_>) = conds.into_iter().partition(|(_, o)| *o != 0);
        let mut after_connect = Vec::new();
        let mut pool: Vec<Ex> = inner.into_iter().map(|(e, _)| e).collect();
        if connect {
            // Joins come before CONNECT BY, other conditions after it.
            let (joins, rest): (Vec<Ex>, Vec<Ex>) = pool
                .into_iter()
                .partition(|e| movable(e) && uses(e).srcs.count_ones() > 1);
            pool = joins;
            after_connect = rest;
        }
        let optional: u64 = outer.iter().fold(0, |m, (_, o)| m | o);
        let mut late = Vec::new();
        let mut at = 0;
        while at < items.len() {
            if items.len() > 1 && mask(&items[at].srcs) & optional != 0 {
                late.push(items.remove(at));
            } else {
                at += 1;
            }
        }
        if items.is_empty() {
            return Err(Stop::unsupported("outer joins in a ring"));
        }
        let mut tree = items.remove(0);
        tree.from = self.with_pre(tree.from, &tree.srcs, &mut pool);
        while !items.is_empty() {
            let next = self.next_item(&tree, &items, &pool);
            let mut item = items.remove(next);
            item.from = self.with_pre(item.from, &item.srcs, &mut pool);
            let conds = take_applicable(&mut pool, mask(&tree.srcs) | mask(&item.srcs));
            tree = self.join(Kind::Inner, tree, item, conds);
        }
        tree = self.outer_joins(tree, late, outer)?;
        let filters = pool;
        Ok(Placed {
            from: tree.from,
            filters,
            rownum,
            after_connect,
        })
    }

    /// Left joins of the sources marked with `(+)`.
    fn outer_joins(
        &mut self,
        mut tree: Item,
        mut late: Vec<Item>,
        mut conds: Vec<(Ex, u64)>,
    ) -> Res<Item> {
        while !late.is_empty() {
            let have = mask(&tree.srcs);
            let ready = |item: &Item| {
                let own = mask(&item.srcs);
                let mine = conds.iter().filter(|(_, o)| o & own != 0);
                mine.clone().count() > 0
                    && mine.clone().all(|(e, _)| uses(e).srcs & !(have | own) == 0)
            };
            let Some(next) = late.iter().position(ready) else {
                return Err(Stop::unsupported("outer joins in a ring"));
            };
            let item = late.remove(next);
            let own = mask(&item.srcs);
            let (mine, rest): (Vec<_>, Vec<_>) = conds.into_iter().partition(|(_, o)| o & own != 0);
            conds = rest;
            tree = self.join(
                Kind::Left,
                tree,
                item,
                mine.into_iter().map(|(e, _)| e).collect(),
            );
        }
        Ok(tree)
    }

    /// The next source: one that an equality ties to what is joined already.
    fn next_item(&self, tree: &Item, items: &[Item], pool: &[Ex]) -> usize {
        let have = mask(&tree.srcs);
        let tied = |item: &Item| {
            let own = mask(&item.srcs);
            pool.iter().any(|e| {
                let u = uses(e);
                let both = u.srcs & have != 0 && u.srcs & own != 0 && u.srcs & !(have | own) == 0;
                both && !u.fixed && matches!(e, Ex::Cmp(Cmp::Eq, ..))
            })
        };
        if items.iter().any(|i| i.lateral) {
            return 0;
        }
        items.iter().position(tied).unwrap_or(0)
    }

    /// Conditions on one source alone are tested as its rows are read.
    fn with_pre(&self, from: From, srcs: &[usize], pool: &mut Vec<Ex>) -> From {
        match from {
            From::Leaf(src, leaf, mut pre) => {
                let own = mask(srcs);
                let (mine, rest): (Vec<Ex>, Vec<Ex>) = std::mem::take(pool)
                    .into_iter()
                    .partition(|e| movable(e) && uses(e).srcs == own);
                pre.extend(mine);
                *pool = rest;
                From::Leaf(src, leaf, pre)
            }
            From::Join(j) => From::Join(j),
        }
    }

    pub(super) fn join(&mut self, kind: Kind, left: Item, mut right: Item, conds: Vec<Ex>) -> Item {
        let (l, r) = (mask(&left.srcs), mask(&right.srcs));
        let mut conds = conds;
        if matches!(kind, Kind::Inner | Kind::Left) {
            right.from = self.with_pre(right.from, &right.srcs, &mut conds);
        }
        let mut hash = Vec::new();
        let mut on = Vec::new();
        for c in conds {
            match self.hashable(c, l, r) {
                Ok(pair) => hash.push(pair),
                Err(c) => on.push(c),
            }
        }
        let mut srcs = left.srcs.clone();
        srcs.extend(&right.srcs);
        let join = Join {
            kind,
            left_srcs: left.srcs,
            right_srcs: right.srcs,
            left: left.from,
            right: right.from,
            hash: if right.lateral {
                Vec::new()
            } else {
                hash.clone()
            },
            on: if right.lateral {
                rejoined(hash, on)
            } else {
                on
            },
            lateral: right.lateral,
        };
        Item {
            from: From::Join(Box::new(join)),
            srcs,
            lateral: left.lateral,
        }
    }

    /// An equality between both sides whose values are of one kind; else the condition itself.
    fn hashable(&self, cond: Ex, l: u64, r: u64) -> Result<(Ex, Ex, bool), Ex> {
        let Ex::Cmp(Cmp::Eq, pair, padded) = &cond else {
            return Err(cond);
        };
        let (a, b) = (uses(&pair.0), uses(&pair.1));
        let same = self.class(&pair.0).is_some() && self.class(&pair.0) == self.class(&pair.1);
        if a.fixed || b.fixed || !same {
            return Err(cond);
        }
        let within = |u: u64, side: u64| u != 0 && u & !side == 0;
        if within(a.srcs, l) && within(b.srcs, r) {
            return Ok((pair.0.clone(), pair.1.clone(), *padded));
        }
        if within(a.srcs, r) && within(b.srcs, l) {
            return Ok((pair.1.clone(), pair.0.clone(), *padded));
        }
        Err(cond)
    }

    /// Kind of values of a plain expression: number, text, date.
    fn class(&self, ex: &Ex) -> Option<u8> {
        let of_type = |t: &Ty| match t {
            Ty::Number { .. } | Ty::Int => Some(0),
            Ty::Text { .. } | Ty::Char { .. } | Ty::Clob => Some(1),
            Ty::Date | Ty::Ts(_) => Some(2),
            _ => None,
        };
        match ex {
            Ex::Col { up: 0, src, col } => {
                let src = self.queries.last()?.srcs.get(*src as usize)?;
                of_type(&src.cols.get(*col as usize)?.1)
            }
            Ex::Const(Val::S(Value::Number(_))) | Ex::Arith(..) => None,
            Ex::Const(Val::S(Value::Text(_))) | Ex::Concat(_) => Some(1),
            Ex::Call(f, args) => match f.gives {
                Gives::Number => Some(0),
                Gives::Text => Some(1),
                Gives::Date | Gives::Timestamp => Some(2),
                Gives::First => self.class(args.first()?),
                Gives::Second => self.class(args.get(1)?),
                Gives::Raw => None,
            },
            _ => None,
        }
    }
}

fn rejoined(hash: Vec<(Ex, Ex, bool)>, mut on: Vec<Ex>) -> Vec<Ex> {
    on.extend(
        hash.into_iter()
            .map(|(a, b, p)| Ex::Cmp(Cmp::Eq, Box::new((a, b)), p)),
    );
    on
}

/// Takes the conditions that these sources suffice for.
fn take_applicable(pool: &mut Vec<Ex>, have: u64) -> Vec<Ex> {
    let (take, keep) = std::mem::take(pool)
        .into_iter()
        .partition(|e| movable(e) && uses(e).srcs & !have == 0 && uses(e).srcs != 0);
    *pool = keep;
    take
}

fn has_rownum(ex: &Ex) -> bool {
    let mut found = *ex == Ex::Rownum;
    super::super::walk::for_each_child(ex, &mut |c| found |= has_rownum(c));
    found
}

/// The source of a query without FROM.
pub(super) fn unnamed() -> Src {
    Src {
        alias: String::new(),
        table: None,
        cols: Vec::new(),
        merged: Vec::new(),
        rowid: false,
    }
}
