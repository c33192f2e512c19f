//! Loops over queries: the query's rows are the rows of everything inside.

use std::collections::BTreeSet;

use super::lookup::correlated;
use super::{Carried, Ended, Exec, LoopFrame, Own, Queried, Rows};
use crate::catalog::resolve::{Frame, NameMeaning};
use crate::dataflow::cx::{not_lowered, obstacle, unknown_name};
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::lower::{Low, Lowerer};
use crate::dataflow::model::{Obstacle, ObstacleKind};
use crate::dataflow::tree::{columns_of, flat, relations};
use crate::rel::{JoinKind, Named, Rel, Scalar, SortKey};
use crate::source::Span;
use crate::syntax::ast::{CursorSource, Expr, ExprKind, Id, List, Stmt};

impl Exec<'_, '_> {
    pub(super) fn cursor_loop(
        &mut self,
        span: Span,
        s: Id<Stmt>,
        source: CursorSource,
        body: List<Stmt>,
    ) {
        let record = VarKey::Loop(self.unit(), s);
        let body: Vec<Id<Stmt>> = body.ids().collect();
        let running = match source {
            CursorSource::Cursor(e) => self.cursor_key(e),
            CursorSource::Query(_) | CursorSource::Dynamic(_) => None,
        };
        let outer = self.running.len();
        self.running.extend(running);
        let rows = self
            .cursor_rel(span, source)
            .and_then(|q| self.enter_rows(span, q));
        self.within(Frame::Loop(s), |x| match rows {
            Ok((rows, items)) => {
                for n in items {
                    x.env.set(record.clone().field(&n.name), n.expr);
                }
                x.loop_body(Some(rows), &body, &[record]);
            }
            Err(why) => x.in_doubt(why, |x| x.loop_body(None, &body, &[record])),
        });
        self.running.truncate(outer);
    }

    /// The query of a cursor.
    pub(super) fn cursor_rel(&mut self, span: Span, source: CursorSource) -> Low<Queried> {
        match source {
            CursorSource::Query(q) => {
                let (rel, order) = self.lowerer().ordered_query(q)?;
                Ok(Queried { rel, order })
            }
            CursorSource::Cursor(e) => self.named_cursor(span, e),
            CursorSource::Dynamic(_) => Err(obstacle(
                ObstacleKind::OpaqueDynamicSql,
                span,
                "the loop runs over dynamic SQL",
                "write the query as static text",
            )),
        }
    }

    /// A declared cursor with its arguments.
    pub(super) fn named_cursor(&mut self, span: Span, e: Id<Expr>) -> Low<Queried> {
        let ast = self.view.ast();
        let (name, args) = match ast[e].kind {
            ExprKind::Call { callee, args, .. } => (callee, args),
            _ => (e, List::empty()),
        };
        let ExprKind::Name(n) = ast[name].kind else {
            return Err(not_lowered(span, "a cursor that is no plain name"));
        };
        let parts = ast.parts(ast[n].parts);
        let NameMeaning::Cursor(cursor) = self.cx.resolver.lookup_name(&self.scope, &parts).meaning
        else {
            return Err(unknown_name(
                span,
                format!("`{}` is no cursor with a known query", parts.join(".")),
            ));
        };
        let Some(query) = cursor.query else {
            return Err(unknown_name(
                span,
                format!(
                    "the query of the cursor {} is not in the input",
                    cursor.name
                ),
            ));
        };
        let mut env = self.env.clone();
        let given: Vec<_> = ast.list(args).to_vec();
        let view = self.cx.resolver.view(cursor.unit);
        for (i, p) in cursor.params.ids().enumerate() {
            let param = view.ast()[p];
            let named = |a: &&crate::syntax::ast::Arg| {
                a.name
                    .is_some_and(|n| ast.ident(n) == view.ast().ident(param.name))
            };
            let arg = given
                .iter()
                .find(named)
                .or_else(|| given.get(i).filter(|a| a.name.is_none()));
            let Some(arg) = arg else { continue };
            let value = self.expr(arg.value)?;
            env.set(VarKey::CursorParam(cursor.unit, p), value);
        }
        let scope = self.cx.resolver.cursor_scope(&cursor);
        let mut lowerer = Lowerer::new(self.cx, view, &scope, &env, &mut self.done.shared);
        let (rel, order) = lowerer.ordered_query(query)?;
        Ok(Queried { rel, order })
    }

    /// The rows inside a loop over `rel`, within the rows around it; with the loop's fields.
    pub(super) fn enter_rows(&mut self, span: Span, queried: Queried) -> Low<(Rows, Vec<Named>)> {
        let outer = self.rows.clone();
        let Queried { rel, order } = queried;
        let (from, conds, items) = match flat(rel) {
            Ok(flat) => flat,
            Err(rel) => {
                if outer.as_ref().is_some_and(|o| correlated(&rel, o)) {
                    return Err(not_lowered(
                        span,
                        "an inner loop over groups or sorted rows of the outer row",
                    ));
                }
                let alias = self.done.shared.alias("");
                let derived = Rel::Derived { input: rel, alias };
                let items = derived.outputs().into_iter().map(|c| Named {
                    name: c.name.clone(),
                    expr: Scalar::Column(c),
                });
                let items = items.collect();
                (derived, Vec::new(), items)
            }
        };
        let order = ordered_by(order, &items);
        let Some(outer) = outer else {
            let mut rows = self.new_rows(from.clone(), conds);
            rows.order = order;
            rows.own = Some(Box::new(Own {
                outer: None,
                from,
                on: Vec::new(),
            }));
            return Ok((rows, items));
        };
        let around = relations(&outer.from);
        let (on, rest): (Vec<_>, Vec<_>) = conds.into_iter().partition(|c| touches(c, &around));
        let own = Own {
            outer: Some(outer.clone()),
            from: from.clone(),
            on: on.clone(),
        };
        let on = Scalar::all(on);
        let kind = if on.is_some() {
            JoinKind::Inner
        } else {
            JoinKind::Cross
        };
        let joined = Rel::Join {
            kind,
            left: Box::new(outer.from),
            right: Box::new(from),
            on,
        };
        let mut rows = self.new_rows(joined, outer.conds.into_iter().chain(rest).collect());
        rows.evidence = outer.evidence;
        rows.notes = outer.notes;
        rows.skips = outer.skips;
        rows.order = order;
        rows.own = Some(Box::new(own));
        Ok((rows, items))
    }

    /// Runs a loop's body once, for all its rows. `own` are variables that the loop itself sets.
    pub(super) fn loop_body(&mut self, rows: Option<Rows>, body: &[Id<Stmt>], own: &[VarKey]) {
        let changed = self.changed_in(body, own);
        let first = self.done.writes.len();
        let calls = self.done.calls.len();
        let looped = rows.is_some();
        let carried = self.carry_over(&changed);
        self.loops.push(LoopFrame {
            first,
            blocked: None,
            continued: Vec::new(),
        });
        let inner = rows.or_else(|| self.rows.clone());
        let before = std::mem::replace(&mut self.rows, inner);
        let mut exit = super::Exit::Falls;
        for s in body {
            exit = self.stmt(*s);
            if exit != super::Exit::Falls {
                break;
            }
        }
        self.last_rows = std::mem::replace(&mut self.rows, before);
        let end = self.env.clone();
        let frame = self.end_loop(calls);
        self.live_out(&changed);
        let whole = looped && self.blocked.is_none() && exit == super::Exit::Falls;
        if let (true, Some(rows), Some(frame)) = (whole, self.last_rows.clone(), frame)
            && frame.blocked.is_none()
        {
            let ended = Ended {
                rows,
                env: end,
                continued: frame.continued,
            };
            self.after_loop(&carried, ended);
        }
    }

    pub(super) fn changed_in(
        &mut self,
        body: &[Id<Stmt>],
        own: &[VarKey],
    ) -> Vec<(VarKey, Span, bool)> {
        let mut out = Vec::new();
        for s in body {
            for (key, (span, adds)) in self.assigned_in(*s) {
                if !own.iter().any(|o| o == key.root()) {
                    out.push((key, span, adds));
                }
            }
        }
        out
    }

    /// At the top of the body a variable that the body changes holds what the row before left.
    fn carry_over(&mut self, changed: &[(VarKey, Span, bool)]) -> Vec<Carried> {
        let mut out = Vec::new();
        for (key, span, adds) in changed {
            let why = carried(*span, *adds);
            let value = self
                .done
                .shared
                .opaques
                .value(why, false, no_type("carried over"));
            out.push(Carried {
                key: key.clone(),
                span: *span,
                acc: value.clone(),
                before: self.env.get(key).cloned(),
            });
            self.env.set(key.clone(), value);
        }
        out
    }

    fn live_out(&mut self, changed: &[(VarKey, Span, bool)]) {
        for (key, span, adds) in changed {
            let why = if *adds {
                carried(*span, true)
            } else {
                last_row(*span)
            };
            // Outside of all loops it is a value of the run: a count of rows, the last key.
            let run_level = self.loops.is_empty();
            let value = self
                .done
                .shared
                .opaques
                .value(why, run_level, no_type("left by a loop"));
            self.env.set(key.clone(), value);
        }
    }

    fn end_loop(&mut self, calls: usize) -> Option<LoopFrame> {
        let frame = self.loops.pop()?;
        let called: BTreeSet<_> = self.done.calls[calls..].iter().map(|c| c.callee).collect();
        for write in &mut self.done.writes[frame.first..] {
            write.loop_calls.extend(called.iter().copied());
            if let Some(why) = &frame.blocked {
                write.blocked.get_or_insert_with(|| why.clone());
            }
        }
        if let (Some(why), Some(outer)) = (frame.blocked.clone(), self.loops.last_mut()) {
            outer.blocked.get_or_insert(why);
        }
        Some(frame)
    }

    /// LOOP and WHILE that are no loops over a query.
    pub(super) fn doubtful_loop(&mut self, span: Span, body: &[Id<Stmt>], what: &str) {
        let why = not_lowered(span, what);
        self.in_doubt(why, |x| x.loop_body(None, body, &[]));
    }

    pub(super) fn while_loop(&mut self, span: Span, cond: Id<Expr>, body: List<Stmt>) {
        let body: Vec<_> = body.ids().collect();
        if self.while_found(span, cond, &body) {
            return;
        }
        self.doubtful_loop(span, &body, "a WHILE loop");
    }
}

/// Sort keys over outputs as expressions over the rows; none where one is not known.
fn ordered_by(order: Vec<SortKey>, items: &[Named]) -> Vec<SortKey> {
    let one = |k: SortKey| {
        let Scalar::Column(c) = &k.expr else {
            return None;
        };
        let item = items.iter().find(|n| n.name == c.name)?;
        Some(SortKey {
            expr: item.expr.clone(),
            ..k
        })
    };
    order
        .into_iter()
        .map(one)
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}

fn touches(s: &Scalar, around: &BTreeSet<String>) -> bool {
    let mut found = false;
    columns_of(s, &mut |c| found |= around.contains(&c.relation));
    found
}

fn carried(span: Span, adds: bool) -> Obstacle {
    if adds {
        return obstacle(
            ObstacleKind::OrderDependent,
            span,
            "a value is collected from row to row in a way that is no aggregate, or is used before all rows are seen",
            "write it as an aggregate with GROUP BY",
        );
    }
    obstacle(
        ObstacleKind::OrderDependent,
        span,
        "a variable lives from row to row: the result depends on the order of the rows",
        "set the variable for every row, or order by a unique key and use an analytic function",
    )
}

pub(super) fn last_row(span: Span) -> Obstacle {
    obstacle(
        ObstacleKind::OrderDependent,
        span,
        "the value that the last row left is used after the loop",
        "compute it as an aggregate, or order the rows by a unique key and take the first",
    )
}
