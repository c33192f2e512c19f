//! OPEN, FETCH, EXIT WHEN: cursor loops written by hand.

use super::{Exec, Opened, Queried};
use crate::catalog::resolve::NameMeaning;
use crate::dataflow::cx::{not_lowered, obstacle};
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::lower::key_of_meaning;
use crate::dataflow::model::ObstacleKind;
use crate::source::Span;
use crate::syntax::ast::{
    CursorAttr, Expr, ExprKind, Id, Into, List, OpenSource, Stmt, StmtKind, UsingArg,
};

/// The head of a loop that fetches.
struct Head {
    cursor: VarKey,
    into: Id<Into>,
    bulk: bool,
    limited: bool,
    /// The EXIT stands directly behind the FETCH.
    exit_first: bool,
    rest: Vec<Id<Stmt>>,
}

impl Exec<'_, '_> {
    pub(super) fn open(
        &mut self,
        span: Span,
        cursor: Id<Expr>,
        source: OpenSource,
        using: List<UsingArg>,
    ) {
        let Some(key) = self.cursor_key(cursor) else {
            return;
        };
        let opened = match source {
            OpenSource::Own => self.named_cursor(span, cursor),
            OpenSource::Query(q) if using.is_empty() => self
                .lowerer()
                .ordered_query(q)
                .map(|(rel, order)| Queried { rel, order }),
            OpenSource::Query(_) | OpenSource::Text(_) => Err(obstacle(
                ObstacleKind::OpaqueDynamicSql,
                span,
                "the cursor runs over dynamic SQL",
                "write the query as static text",
            )),
        };
        let opened = match opened {
            Ok(rel) => Opened::Rows(Box::new(rel)),
            Err(why) => Opened::Unknown(why),
        };
        self.cursors.insert(key, opened);
    }

    /// A cursor or a cursor variable.
    pub(super) fn cursor_key(&self, e: Id<Expr>) -> Option<VarKey> {
        let ast = self.view.ast();
        match ast[e].kind {
            ExprKind::Call { callee, .. } => self.cursor_key(callee),
            ExprKind::Paren(inner) => self.cursor_key(inner),
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                match self.cx.resolver.lookup_name(&self.scope, &parts).meaning {
                    NameMeaning::Cursor(c) => Some(VarKey::Decl(c.unit, c.decl)),
                    other => key_of_meaning(&other),
                }
            }
            _ => None,
        }
    }

    /// LOOP: a loop that fetches is a loop over the cursor's rows.
    pub(super) fn plain_loop(&mut self, span: Span, body: List<Stmt>) {
        let list: Vec<_> = body.ids().collect();
        let Some(head) = self.fetch_head(&list) else {
            return self.doubtful_loop(span, &list, "this LOOP");
        };
        let rel = match self.cursors.get(&head.cursor) {
            Some(Opened::Rows(rel)) => (**rel).clone(),
            Some(Opened::Unknown(why)) => {
                let why = why.clone();
                return self.in_doubt(why, |x| x.loop_body(None, &list, &[]));
            }
            None => {
                return self.doubtful_loop(
                    span,
                    &list,
                    "a FETCH from a cursor that was opened elsewhere",
                );
            }
        };
        if head.bulk {
            return self.chunks(span, &head, rel);
        }
        self.row_by_row(span, &head, rel);
    }

    /// `FETCH c; WHILE c%FOUND LOOP .. FETCH c; END LOOP`: a loop over the cursor's rows. Gives true when it was that.
    pub(super) fn while_found(&mut self, span: Span, cond: Id<Expr>, list: &[Id<Stmt>]) -> bool {
        let ast = self.view.ast();
        let ExprKind::CursorAttr {
            base: tested,
            attr: CursorAttr::Found,
        } = ast[cond].kind
        else {
            return false;
        };
        let Some((last, rest)) = list.split_last() else {
            return false;
        };
        let StmtKind::Fetch {
            cursor,
            into,
            limit: None,
        } = ast[*last].kind
        else {
            return false;
        };
        let (Some(key), Some(fetched)) = (self.cursor_key(tested), self.cursor_key(cursor)) else {
            return false;
        };
        let rel = match self.cursors.get(&key) {
            Some(Opened::Rows(rel)) if key == fetched && !ast[into].bulk => (**rel).clone(),
            Some(Opened::Rows(_) | Opened::Unknown(_)) | None => return false,
        };
        let head = Head {
            cursor: key,
            into,
            bulk: false,
            limited: false,
            exit_first: true,
            rest: rest.to_vec(),
        };
        self.row_by_row(span, &head, rel);
        true
    }

    fn fetch_head(&mut self, list: &[Id<Stmt>]) -> Option<Head> {
        let ast = self.view.ast();
        let (first, rest) = list.split_first()?;
        let StmtKind::Fetch {
            cursor,
            into,
            limit,
        } = ast[*first].kind
        else {
            return None;
        };
        let cursor = self.cursor_key(cursor)?;
        let mut rest = rest.to_vec();
        let leaves = |x: &mut Self, s: Id<Stmt>| x.is_chunk_exit(s) || x.is_not_found_exit(s);
        let exit_first = rest.first().is_some_and(|s| leaves(self, *s));
        let not_found_first = exit_first && rest.first().is_some_and(|s| !self.is_empty_exit(*s));
        if exit_first {
            rest.remove(0);
        }
        let last = rest.last().copied();
        if let Some(last) = last.filter(|s| leaves(self, *s)) {
            rest.retain(|s| *s != last);
        } else if !exit_first {
            return None;
        }
        let bulk = ast[into].bulk;
        Some(Head {
            cursor,
            into,
            bulk,
            limited: limit.is_some(),
            exit_first: not_found_first,
            rest,
        })
    }

    fn is_not_found_exit(&self, s: Id<Stmt>) -> bool {
        self.exit_condition(s).is_some_and(|when| {
            matches!(
                self.view.ast()[when].kind,
                ExprKind::CursorAttr {
                    attr: CursorAttr::NotFound,
                    ..
                }
            )
        })
    }

    /// The condition of `EXIT WHEN c` and of `IF c THEN EXIT; END IF`.
    pub(super) fn exit_condition(&self, s: Id<Stmt>) -> Option<Id<Expr>> {
        let ast = self.view.ast();
        let when = match ast[s].kind {
            StmtKind::Exit { when, label: None } => when?,
            StmtKind::If { arms, else_: None } => {
                let [arm] = ast.list(arms) else { return None };
                let mut body = arm.body.ids();
                let (Some(only), None) = (body.next(), body.next()) else {
                    return None;
                };
                let leaves = matches!(
                    ast[only].kind,
                    StmtKind::Exit {
                        when: None,
                        label: None
                    }
                );
                leaves.then_some(arm.cond)?
            }
            _ => return None,
        };
        Some(self.unwrapped(when))
    }

    fn unwrapped(&self, e: Id<Expr>) -> Id<Expr> {
        match self.view.ast()[e].kind {
            ExprKind::Paren(inner) => self.unwrapped(inner),
            _ => e,
        }
    }

    fn row_by_row(&mut self, span: Span, head: &Head, rel: Queried) {
        if !head.exit_first {
            let why = obstacle(
                ObstacleKind::OrderDependent,
                span,
                "EXIT WHEN NOTFOUND stands behind the work: the last row is processed twice",
                "put the EXIT directly behind the FETCH",
            );
            return self.in_doubt(why, |x| x.loop_body(None, &head.rest, &[]));
        }
        let targets = self.target_keys(head.into);
        match self.enter_rows(span, rel) {
            Ok((rows, items)) => {
                let own: Vec<VarKey> = targets.iter().map(|t| t.root().clone()).collect();
                let types = self.target_types(head.into);
                let items = self.as_fields(head.into, items);
                self.set_targets(span, &targets, &types, items);
                self.loop_body(Some(rows), &head.rest, &own);
                for t in targets {
                    self.lose_last(span, t);
                }
            }
            Err(why) => self.in_doubt(why, |x| x.loop_body(None, &head.rest, &[])),
        }
    }

    /// BULK COLLECT, chunk by chunk: all chunks together are all rows.
    fn chunks(&mut self, span: Span, head: &Head, rel: Queried) {
        if head.exit_first && head.limited {
            let why = obstacle(
                ObstacleKind::OrderDependent,
                span,
                "EXIT WHEN NOTFOUND stands directly behind a FETCH with LIMIT: the last, partial chunk is lost",
                "leave the loop when the collection is empty",
            );
            return self.in_doubt(why, |x| x.loop_body(None, &head.rest, &[]));
        }
        let targets = self.target_keys(head.into);
        self.fill(span, head.into, &targets, rel);
        let own: Vec<VarKey> = targets.iter().map(|t| t.root().clone()).collect();
        self.loop_body(None, &head.rest, &own);
    }

    fn target_keys(&mut self, into: Id<Into>) -> Vec<VarKey> {
        let targets: Vec<_> = self.view.ast()[into].targets.ids().collect();
        targets
            .into_iter()
            .filter_map(|t| self.lowerer().key_of(t))
            .collect()
    }

    /// A FETCH outside of a loop that is understood: one row, which one depends on the order.
    pub(super) fn stray_fetch(&mut self, span: Span, cursor: Id<Expr>, into: Id<Into>) {
        let whole = self
            .cursor_key(cursor)
            .and_then(|k| self.cursors.get(&k).cloned());
        let targets = self.target_keys(into);
        let (bulk, limit) = (self.view.ast()[into].bulk, self.loops.len());
        if let (Some(Opened::Rows(rel)), true, 0) = (whole, bulk, limit) {
            return self.fill(span, into, &targets, *rel);
        }
        for t in targets {
            let why = not_lowered(span, "a FETCH outside of a plain cursor loop");
            let level = self.run_level();
            let value = self
                .done
                .shared
                .opaques
                .value(why, level, no_type("fetched"));
            self.env.set(t, value);
        }
    }
}
