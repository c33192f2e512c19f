//! Writes: lowered where they stand, over the rows of the loops around.

use super::{Exec, Rows};
use crate::dataflow::cx::{not_lowered, unparsed};
use crate::dataflow::env::no_type;
use crate::dataflow::keys;
use crate::dataflow::lower::{self, Low, Merged};
use crate::dataflow::model::{Obstacle, Verb};
use crate::dataflow::raw::{RawBody, RawWrite, Source, Update, Upsert};
use crate::dataflow::tree::{
    aliases, bare, conjuncts, filter, flat, is_dual, map_scalar, relations,
};
use crate::rel::{CmpOp, JoinKind, Named, Rel, Scalar, TableName};
use crate::source::Span;
use crate::syntax::ast::{
    CompareOp, CursorAttr, Dml, DmlKind, DmlVerb, Expr, ExprKind, FromItem, Id, InsertBranch, List,
    ObjectName, Query, Stmt, StmtKind,
};

impl Exec<'_, '_> {
    pub(super) fn dml(&mut self, span: Span, dml: Id<Dml>) {
        let node = self.view.ast()[dml];
        match node.kind {
            DmlKind::Insert { into, source } => {
                let result = self.lowerer().insert(&into, source);
                let body = result.and_then(|(t, s)| Ok((t, self.over_rows(span, s)?)));
                self.push(span, Verb::Insert, into.target, body);
            }
            DmlKind::InsertMulti {
                first,
                branches,
                query,
            } => self.insert_multi(span, first, branches, query),
            DmlKind::Update {
                target,
                set,
                from,
                where_,
                current_of,
            } => {
                let result = self.lowerer().update(target, set, from, where_);
                let body = result.and_then(|(t, mut u)| {
                    u.predicate = u.predicate.map(|p| self.by_key(&t, &u.alias, p));
                    if current_of.is_some() {
                        u.predicate = Some(self.current_row(span, &t, &u.alias)?);
                    }
                    Ok((t, RawBody::Update(u)))
                });
                self.push(span, Verb::Update, target, body);
            }
            DmlKind::Delete {
                target,
                from,
                where_,
                current_of,
            } => {
                let result = if from.is_empty() {
                    self.lowerer().delete(target, where_)
                } else {
                    Err(not_lowered(span, "DELETE with a further FROM"))
                };
                let body = result.and_then(|(t, alias, mut predicate)| {
                    predicate = predicate.map(|p| self.by_key(&t, &alias, p));
                    if current_of.is_some() {
                        predicate = Some(self.current_row(span, &t, &alias)?);
                    }
                    Ok((t, RawBody::Delete { alias, predicate }))
                });
                self.push(span, Verb::Delete, target, body);
            }
            DmlKind::Merge {
                target,
                source,
                on,
                clauses,
            } => {
                let result = self.lowerer().merge(target, source, on, clauses);
                self.merged(span, target, result);
            }
            DmlKind::Unparsed(verb) => {
                let verb = match verb {
                    DmlVerb::Insert => Verb::Insert,
                    DmlVerb::Update => Verb::Update,
                    DmlVerb::Delete => Verb::Delete,
                    DmlVerb::Merge => Verb::Merge,
                };
                self.add(span, verb, None, RawBody::Obstacle(unparsed(span)));
            }
        }
        self.after_dml(span, dml);
    }

    fn merged(&mut self, span: Span, target: Id<FromItem>, result: Low<(TableName, Merged)>) {
        let mut rows = None;
        let body = result.and_then(|(t, merged)| match merged {
            Merged::Upsert(u) => Ok((t, RawBody::Upsert(self.merge_over_rows(span, u)?))),
            Merged::Update { .. } if self.rows.is_some() => Err(not_lowered(
                span,
                "a MERGE without WHEN NOT MATCHED inside a loop",
            )),
            Merged::Update { update, rows: of } => {
                rows = Some(of);
                Ok((t, RawBody::Update(update)))
            }
        });
        self.push(span, Verb::Merge, target, body);
        if let (Some(rows), Some(write)) = (rows, self.done.writes.last_mut()) {
            write.rows = Some(rows);
        }
    }

    /// WHERE CURRENT OF: the loop's own row, by the table's key.
    fn current_row(&self, span: Span, table: &TableName, alias: &str) -> Low<Scalar> {
        let refuse = || lower::current_row(span);
        let own = self
            .rows
            .as_ref()
            .and_then(|r| r.own.as_deref())
            .ok_or_else(refuse)?;
        let mut scans = own.from.scans().into_iter().filter(|s| s.table == *table);
        let (Some(scan), None) = (scans.next(), scans.next()) else {
            return Err(refuse());
        };
        let keys = self.cx.catalog().tables.get(table).map(keys::table_keys);
        let key = keys.and_then(|k| k.into_iter().next()).ok_or_else(refuse)?;
        let equal: Option<Vec<Scalar>> = key.iter().map(|k| same_column(scan, alias, k)).collect();
        equal.and_then(Scalar::all).ok_or_else(refuse)
    }

    /// `ROWID = rowid of the loop's row`: the row of the same key. Left as it is where no key is known.
    fn by_key(&self, table: &TableName, alias: &str, predicate: Scalar) -> Scalar {
        let one = |c: Scalar| self.row_of_loop(table, alias, &c).unwrap_or(c);
        let all: Vec<Scalar> = conjuncts(predicate).into_iter().map(one).collect();
        Scalar::all(all).unwrap_or(Scalar::Literal(crate::rel::Literal::Boolean(true)))
    }

    fn row_of_loop(&self, table: &TableName, alias: &str, cond: &Scalar) -> Option<Scalar> {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = cond
        else {
            return None;
        };
        let rowid = |s: &Scalar| match bare(s) {
            Scalar::Column(c) if c.name == lower::ROWID => Some(c.relation.clone()),
            _ => None,
        };
        let (a, b) = (rowid(left)?, rowid(right)?);
        let of_loop = match (a == alias, b == alias) {
            (true, false) => b,
            (false, true) => a,
            (true, true) | (false, false) => return None,
        };
        let rows = self.rows.as_ref()?;
        let scans = rows.from.scans();
        let scan = scans
            .iter()
            .find(|s| s.alias == of_loop && s.table == *table)?;
        let keys = self.cx.catalog().tables.get(table).map(keys::table_keys)?;
        let key = keys.into_iter().next()?;
        let equal: Option<Vec<Scalar>> = key.iter().map(|k| same_column(scan, alias, k)).collect();
        Scalar::all(equal?)
    }

    /// LOG ERRORS and RETURNING INTO.
    fn after_dml(&mut self, span: Span, dml: Id<Dml>) {
        let node = self.view.ast()[dml];
        if !node.log_errors.is_empty()
            && let Some(write) = self.done.writes.last_mut()
        {
            write.skips = true;
            write.notes.push("rows that fail go to an error table in the batch (LOG ERRORS); in the stream they go to a dead-letter topic".into());
        }
        let Some(into) = node.returning_into else {
            return;
        };
        let targets: Vec<_> = self.view.ast()[into].targets.ids().collect();
        for t in targets {
            if let Some(key) = self.lowerer().key_of(t) {
                let why = not_lowered(span, "a value that a write gives back (RETURNING INTO)");
                let level = self.run_level();
                let value = self
                    .done
                    .shared
                    .opaques
                    .value(why, level, no_type("returned"));
                self.env.set(key, value);
            }
        }
    }

    pub(super) fn truncate(&mut self, span: Span, name: Id<ObjectName>) {
        let result = self.lowerer().truncate(name);
        match result {
            Ok(table) => {
                let body = RawBody::Delete {
                    alias: String::new(),
                    predicate: None,
                };
                self.add(span, Verb::Truncate, Some(table), body);
            }
            Err(why) => self.add(span, Verb::Truncate, None, RawBody::Obstacle(why)),
        }
    }

    fn push(
        &mut self,
        span: Span,
        verb: Verb,
        target: Id<FromItem>,
        body: Low<(TableName, RawBody)>,
    ) {
        match body {
            Ok((table, body)) => self.add(span, verb, Some(table), body),
            Err(why) => {
                let table = self.lowerer().target(target).ok();
                self.add(span, verb, table, RawBody::Obstacle(why));
            }
        }
    }

    pub(super) fn add(&mut self, span: Span, verb: Verb, table: Option<TableName>, body: RawBody) {
        let rows = self.rows.as_ref();
        let mut notes = std::mem::take(&mut self.done.shared.notes);
        notes.extend(rows.iter().flat_map(|r| r.notes.clone()));
        let guard_tables = self.counted.values().map(|c| c.table.clone()).collect();
        self.done.writes.push(RawWrite {
            span,
            verb,
            table,
            dynamic: false,
            body,
            guards: self.guards.clone(),
            from_loop: rows.is_some(),
            blocked: self.blocked.clone(),
            part_of: None,
            by_hand: false,
            loop_calls: Vec::new(),
            rows: rows.map(|r| (r.from.clone(), r.conds.clone())),
            snapshot: rows.map_or_else(Vec::new, snapshot),
            skips: rows.is_some_and(|r| r.skips),
            in_handler: self.in_handler,
            guard_tables,
            evidence: rows.map_or_else(|| self.evidence.clone(), |r| r.evidence.clone()),
            notes,
        });
    }

    fn insert_multi(
        &mut self,
        span: Span,
        first: bool,
        branches: List<InsertBranch>,
        query: Id<Query>,
    ) {
        let list = self.view.ast().list(branches);
        let conditional = list.iter().any(|b| b.when.is_some());
        for b in list {
            let result = if first && conditional && list.len() > 1 {
                Err(not_lowered(span, "INSERT FIRST"))
            } else if self.rows.is_some() {
                Err(not_lowered(span, "INSERT ALL in a loop"))
            } else {
                self.lowerer().insert_branch(b, query)
            };
            let body = result.and_then(|(t, s)| Ok((t, self.over_rows(span, s)?)));
            let at = self.view.span(self.view.ast()[b.target].span);
            self.push(at, Verb::Insert, b.target, body);
        }
    }

    /// What an INSERT writes, for all rows of the loops around.
    fn over_rows(&mut self, span: Span, source: Source) -> Low<RawBody> {
        let query = match (source, self.rows.clone()) {
            (Source::Row(values), rows) => {
                let (from, conds) = rows.map_or((dual(), Vec::new()), |r| (r.from, r.conds));
                let items = values
                    .into_iter()
                    .map(|(name, expr)| Named { name, expr })
                    .collect();
                Rel::Project {
                    input: Box::new(filter(from, Scalar::all(conds))),
                    items,
                }
            }
            (Source::Query(query), None) => query,
            (Source::Query(query), Some(rows)) => self.query_over_rows(span, query, rows)?,
        };
        Ok(RawBody::Insert { query })
    }

    /// A query that is run once a row: joined with the row.
    fn query_over_rows(&mut self, span: Span, query: Rel, rows: Rows) -> Low<Rel> {
        let around = relations(&rows.from);
        let (from, conds, items) = flat(query)
            .map_err(|_| not_lowered(span, "INSERT .. SELECT with groups inside a loop"))?;
        let touches = |c: &Scalar| {
            let mut found = false;
            crate::dataflow::tree::columns_of(c, &mut |c| found |= around.contains(&c.relation));
            found
        };
        let (on, rest): (Vec<_>, Vec<_>) = conds.into_iter().partition(touches);
        let on = Scalar::all(on);
        let joined = if is_dual(&from) {
            filter(rows.from, on)
        } else {
            let kind = if on.is_some() {
                JoinKind::Inner
            } else {
                JoinKind::Cross
            };
            Rel::Join {
                kind,
                left: Box::new(rows.from),
                right: Box::new(from),
                on,
            }
        };
        let input = Box::new(filter(
            joined,
            Scalar::all(rows.conds.into_iter().chain(rest)),
        ));
        Ok(Rel::Project { input, items })
    }

    /// A MERGE in a loop: USING (SELECT .. FROM dual), over the rows of the loop.
    fn merge_over_rows(&mut self, span: Span, upsert: Upsert) -> Low<Upsert> {
        let Some(rows) = self.rows.clone() else {
            return Ok(upsert);
        };
        let refuse = || not_lowered(span, "a MERGE from a query inside a loop");
        let (from, conds, items) = flat(upsert.query).map_err(|_| refuse())?;
        let (alias, inner) = match from {
            Rel::Derived { input, alias } => match *input {
                Rel::Project { input, items } if is_dual(&input) => (alias, items),
                _ => return Err(refuse()),
            },
            r if is_dual(&r) => (String::new(), Vec::new()),
            _ => return Err(refuse()),
        };
        let put = |s: Scalar| {
            map_scalar(s, &mut |n| match &n {
                Scalar::Column(c) if c.relation == alias && !alias.is_empty() => inner
                    .iter()
                    .find(|i| i.name == c.name)
                    .map_or(n.clone(), |i| i.expr.clone()),
                _ => n,
            })
        };
        let items = items
            .into_iter()
            .map(|n| Named {
                expr: put(n.expr),
                name: n.name,
            })
            .collect();
        let conds = rows.conds.into_iter().chain(conds.into_iter().map(put));
        let query = Rel::Project {
            input: Box::new(filter(rows.from, Scalar::all(conds))),
            items,
        };
        Ok(Upsert { query, ..upsert })
    }

    /// `IF SQL%ROWCOUNT = 0 THEN INSERT ..` behind an UPDATE: the two are one upsert. Gives true when it was that.
    pub(super) fn insert_where_nothing_updated(
        &mut self,
        cond: Id<Expr>,
        body: List<Stmt>,
    ) -> bool {
        let Some(update_at) = self.done.writes.len().checked_sub(1) else {
            return false;
        };
        if !self.nothing_updated(cond)
            || !matches!(self.done.writes[update_at].body, RawBody::Update(_))
        {
            return false;
        }
        let ast = self.view.ast();
        let mut list = body.ids();
        let only_insert = |s: Id<Stmt>| matches!(ast[s].kind, StmtKind::Dml(d) if matches!(ast[d].kind, DmlKind::Insert { .. }));
        let (Some(first), None) = (list.next(), list.next()) else {
            return false;
        };
        if !only_insert(first) {
            return false;
        }
        self.stmt(first);
        let insert_at = self.done.writes.len() - 1;
        if insert_at != update_at {
            self.pair(update_at, insert_at);
        }
        true
    }

    fn nothing_updated(&self, cond: Id<Expr>) -> bool {
        let ast = self.view.ast();
        match ast[cond].kind {
            ExprKind::Paren(inner) => self.nothing_updated(inner),
            ExprKind::CursorAttr {
                attr: CursorAttr::NotFound,
                ..
            } => true,
            ExprKind::Compare {
                op: CompareOp::Eq,
                left,
                right,
                ..
            } => {
                matches!(
                    ast[left].kind,
                    ExprKind::CursorAttr {
                        attr: CursorAttr::RowCount,
                        ..
                    }
                ) && self.view.number(right) == Some("0")
            }
            _ => false,
        }
    }

    /// Joins an UPDATE and an INSERT into an upsert, or says why they are none.
    pub(super) fn pair(&mut self, update_at: usize, insert_at: usize) {
        let (Some(update), Some(insert)) = (
            self.done.writes.get(update_at),
            self.done.writes.get(insert_at),
        ) else {
            return;
        };
        let span = insert.span;
        let result = match (&update.body, &insert.body) {
            (RawBody::Update(u), RawBody::Insert { query }) if update.table == insert.table => {
                upsert(span, u, query.clone())
            }
            _ => Err(not_lowered(span, "this INSERT behind an UPDATE")),
        };
        let insert = &mut self.done.writes[insert_at];
        insert.by_hand = true;
        match result {
            Ok(u) => insert.body = RawBody::Upsert(u),
            // What it writes is still known; only the two together are not.
            Err(why) => insert.blocked = Some(why),
        }
        self.done.writes[update_at].part_of = Some(insert_at);
    }
}

/// A column of the target equals that of a row of the loop.
fn same_column(scan: &crate::rel::Scan, alias: &str, name: &str) -> Option<Scalar> {
    let c = scan.columns.iter().find(|c| c.name == name)?;
    let column = |relation: &str| Scalar::column(relation, name, c.ty.clone(), c.nullable);
    Some(Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(column(alias)),
        right: Box::new(column(&scan.alias)),
    })
}

/// Aliases of the loops' queries, without what the bodies joined to them.
fn snapshot(rows: &Rows) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = Some(rows);
    while let Some(own) = at.and_then(|r| r.own.as_deref()) {
        out.extend(aliases(&own.from));
        at = own.outer.as_ref();
    }
    out
}

fn dual() -> Rel {
    Rel::Values {
        columns: Vec::new(),
        rows: vec![Vec::new()],
    }
}

/// UPDATE by key and INSERT of the same row.
pub(crate) fn upsert(span: Span, update: &Update, insert: Rel) -> Result<Upsert, Obstacle> {
    let refuse = |what: &str| not_lowered(span, what);
    let Rel::Project { input, items } = insert else {
        return Err(refuse("this INSERT behind an UPDATE"));
    };
    let predicate = update
        .predicate
        .clone()
        .ok_or_else(|| refuse("an UPDATE of all rows, and an INSERT"))?;
    let mut keys = Vec::new();
    for c in conjuncts(predicate) {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = &c
        else {
            return Err(refuse("an UPDATE whose WHERE is not equality of keys"));
        };
        let own = |s: &Scalar| match bare(s) {
            Scalar::Column(c) if c.relation == update.alias => Some(c.name.clone()),
            _ => None,
        };
        match (own(left), own(right)) {
            (Some(k), None) => keys.push((k, (**right).clone())),
            (None, Some(k)) => keys.push((k, (**left).clone())),
            (Some(_), Some(_)) | (None, None) => {
                return Err(refuse("an UPDATE whose WHERE is not equality of keys"));
            }
        }
    }
    let row: Vec<(String, Scalar)> = items.into_iter().map(|n| (n.name, n.expr)).collect();
    let lower::OneRow { row, adds, kept } =
        lower::one_row(span, &update.alias, &keys, update.sets.clone(), row)?;
    let items = row
        .into_iter()
        .map(|(name, expr)| Named { name, expr })
        .collect();
    let on = keys.into_iter().map(|(k, _)| k).collect();
    Ok(Upsert {
        query: Rel::Project { input, items },
        on,
        updates: true,
        adds,
        kept,
    })
}
