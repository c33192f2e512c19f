//! Blocks: declarations, body, exception handlers.

use super::branch::Way;
use super::{Exec, Exit};
use crate::catalog::resolve::Frame;
use crate::dataflow::cx::obstacle;
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::lower::not_true;
use crate::dataflow::model::{Evidence, Fact, ObstacleKind, Status};
use crate::source::Span;
use crate::syntax::ast::{Block, Decl, DeclKind, Handler, Id, List, Stmt, StmtKind};

/// What a block's handlers do with a missing row.
enum Missing {
    /// No handler: the run stops.
    Stops,
    Handled(List<Stmt>),
}

impl Exec<'_, '_> {
    pub(super) fn block(&mut self, block: Id<Block>) -> Exit {
        self.within(Frame::Block(block), |x| {
            let node = x.view.ast()[block];
            x.declarations(node.decls);
            match x.lookup_of(block) {
                Some((lookup, rest)) => x.lookup_block(block, lookup, rest),
                None => x.guarded_block(block),
            }
        })
    }

    fn declarations(&mut self, decls: List<Decl>) {
        for d in decls.ids() {
            match self.view.ast()[d].kind {
                DeclKind::Var { default, ty, .. } => {
                    let key = VarKey::Decl(self.unit(), d);
                    self.env.forget(&key);
                    match default {
                        Some(value) => {
                            let result = self.expr(value);
                            let value = self.or_opaque(result, no_type("initial value"));
                            let ty = self.declared_type(ty);
                            let span = self.view.span(self.view.ast()[d].span);
                            let value = self.as_declared(span, value, &ty);
                            self.env.set(key, value);
                        }
                        None => self
                            .env
                            .set(key, crate::rel::Scalar::Literal(crate::rel::Literal::Null)),
                    }
                }
                DeclKind::CondCompile(inner) => self.declarations(inner),
                DeclKind::Cursor { .. }
                | DeclKind::Record { .. }
                | DeclKind::Collection { .. }
                | DeclKind::RefCursor(_, _)
                | DeclKind::Subtype { .. }
                | DeclKind::Exception(_)
                | DeclKind::Pragma(_, _)
                | DeclKind::Routine(_)
                | DeclKind::OtherType(_)
                | DeclKind::Unparsed => {}
            }
        }
    }

    /// A block in a loop that begins with SELECT INTO and handles the missing row.
    fn lookup_of(&self, block: Id<Block>) -> Option<(Id<Stmt>, Vec<Id<Stmt>>)> {
        self.rows.as_ref()?;
        let ast = self.view.ast();
        if ast[block].handlers.is_empty() {
            return None;
        }
        let mut statements = ast[block].body.ids();
        let first = statements.next()?;
        matches!(ast[first].kind, StmtKind::Select(_)).then(|| (first, statements.collect()))
    }

    fn missing_row(&self, handlers: List<Handler>) -> Missing {
        let ast = self.view.ast();
        let named = |h: &&Handler, wanted: &str| {
            ast.list(h.names)
                .iter()
                .any(|n| ast.parts(n.parts).last() == Some(&wanted))
        };
        let list = ast.list(handlers);
        let found = list
            .iter()
            .find(|h| named(h, "NO_DATA_FOUND"))
            .or_else(|| list.iter().find(|h| named(h, "OTHERS")));
        found.map_or(Missing::Stops, |h| Missing::Handled(h.body))
    }

    /// A lookup with a handler: the rows that match go one way, the others the handler's.
    fn lookup_block(&mut self, block: Id<Block>, lookup: Id<Stmt>, rest: Vec<Id<Stmt>>) -> Exit {
        let span = self.stmt_span(lookup);
        let handlers = self.view.ast()[block].handlers;
        let StmtKind::Select(query) = self.view.ast()[lookup].kind else {
            return self.guarded_block(block);
        };
        let Missing::Handled(handler) = self.missing_row(handlers) else {
            return self.guarded_block(block);
        };
        let before = self.env.clone();
        let matched = match self.lookup(span, query, true) {
            Ok(matched) => matched,
            Err(why) => {
                self.lose_into(span, query, why);
                return self.run_list(&rest);
            }
        };
        let mark = self.mark();
        self.assume(matched.clone(), span);
        let exit = self.run_list(&rest);
        let found = Way {
            cond: Some(matched.clone()),
            env: std::mem::replace(&mut self.env, before),
            exit,
        };
        self.back_to(mark);
        self.assume(not_true(matched), span);
        let exit = self.stmts(handler);
        let missing = Way {
            cond: None,
            env: std::mem::take(&mut self.env),
            exit,
        };
        self.back_to(mark);
        self.join_ways(vec![found, missing], Some(span))
    }

    fn run_list(&mut self, list: &[Id<Stmt>]) -> Exit {
        for s in list {
            let exit = self.stmt(*s);
            if exit != Exit::Falls {
                return exit;
            }
        }
        Exit::Falls
    }

    /// A block with its handlers: they run only after an error.
    fn guarded_block(&mut self, block: Id<Block>) -> Exit {
        let node = self.view.ast()[block];
        let first = self.done.writes.len();
        let first_call = self.done.calls.len();
        let exit = self.stmts(node.body);
        if node.handlers.is_empty() {
            return exit;
        }
        let last = self.done.writes.len();
        let last_call = self.done.calls.len();
        let env = self.env.clone();
        for handler in self.view.ast().list(node.handlers) {
            let calls = first_call..last_call;
            self.handler(handler, first..last, calls);
            self.env = env.clone();
        }
        exit
    }

    fn handler(
        &mut self,
        handler: &Handler,
        guarded: std::ops::Range<usize>,
        calls: std::ops::Range<usize>,
    ) {
        let span = self.view.span(handler.span);
        let names: Vec<String> = {
            let ast = self.view.ast();
            let last = |n: &crate::syntax::ast::ObjectName| {
                ast.parts(n.parts).last().map(|p| p.to_string())
            };
            ast.list(handler.names).iter().filter_map(last).collect()
        };
        let why = obstacle(
            ObstacleKind::NotLowered,
            span,
            format!("it runs only after an error ({})", names.join(", ")),
            "decide what a stream does with rows that fail: a dead-letter topic, or stop",
        );
        if names == ["DUP_VAL_ON_INDEX"] && self.update_of_duplicates(handler.body, guarded.clone())
        {
            return;
        }
        let data = |n: &String| {
            matches!(
                n.as_str(),
                "NO_DATA_FOUND" | "DUP_VAL_ON_INDEX" | "TOO_MANY_ROWS"
            )
        };
        let errors = !names.iter().any(data);
        let before = self.in_handler;
        self.in_handler |= errors;
        let loops = std::mem::take(&mut self.loops);
        self.in_doubt(why, |x| x.stmts(handler.body));
        self.loops = loops;
        self.in_handler = before;
        if self.rows.is_some() {
            self.skips_rows(span, &names, handler.body, guarded);
            self.skips_called(span, &names, handler.body, calls);
        }
    }

    /// INSERT, and UPDATE of the same row where the key is there already: an upsert. Gives true when it was that.
    fn update_of_duplicates(&mut self, body: List<Stmt>, guarded: std::ops::Range<usize>) -> bool {
        let ast = self.view.ast();
        let mut statements = body.ids();
        let (Some(first), None) = (statements.next(), statements.next()) else {
            return false;
        };
        let update = matches!(ast[first].kind, StmtKind::Dml(d) if matches!(ast[d].kind, crate::syntax::ast::DmlKind::Update { .. }));
        let inserts: Vec<usize> = guarded
            .filter(|i| self.done.writes[*i].verb == crate::dataflow::model::Verb::Insert)
            .collect();
        let (true, [insert]) = (update, inserts.as_slice()) else {
            return false;
        };
        let at = self.done.writes.len();
        self.stmt(first);
        let same = self
            .done
            .writes
            .get(at)
            .is_some_and(|w| w.table == self.done.writes[*insert].table);
        if same {
            self.pair(at, *insert);
        }
        true
    }

    fn raises(&self, body: List<Stmt>) -> bool {
        body.ids()
            .any(|s| matches!(self.view.ast()[s].kind, StmtKind::Raise(_)))
    }

    /// What is called for a row that fails writes nothing for it either. Of keys that are there already the callee's
    /// own writes would have to know.
    fn skips_called(
        &mut self,
        span: Span,
        names: &[String],
        body: List<Stmt>,
        calls: std::ops::Range<usize>,
    ) {
        if self.raises(body) {
            return;
        }
        let duplicate = names.iter().any(|n| n == "DUP_VAL_ON_INDEX");
        for call in &mut self.done.calls[calls] {
            if duplicate {
                call.rows = None;
            }
            let Some(rows) = &mut call.rows else { continue };
            rows.skips = true;
            let note = format!(
                "rows that raise an error ({}) are skipped by the batch: those that cannot be converted or miss a value are left out, and of other errors it is assumed that there are none",
                names.join(", ")
            );
            rows.evidence.push((
                Fact::LoopIndependent,
                Evidence {
                    status: Status::Assumed,
                    note,
                    spans: vec![span],
                },
            ));
        }
    }

    /// A handler inside a loop that goes on with the next row.
    fn skips_rows(
        &mut self,
        span: Span,
        names: &[String],
        body: List<Stmt>,
        guarded: std::ops::Range<usize>,
    ) {
        if self.raises(body) {
            return;
        }
        let duplicate = names.iter().any(|n| n == "DUP_VAL_ON_INDEX");
        let writes = body
            .ids()
            .any(|s| matches!(self.view.ast()[s].kind, StmtKind::Dml(_)));
        for write in &mut self.done.writes[guarded] {
            if duplicate && !writes {
                let note =
                    "a key that is there already is left as it is (DUP_VAL_ON_INDEX)".to_string();
                write
                    .evidence
                    .push((Fact::InsertsMissingKeys, proved(note, span)));
            } else {
                write.skips = true;
                let note = format!(
                    "rows that raise an error ({}) are skipped by the batch: those that cannot be converted or miss a value are left out, and of other errors it is assumed that there are none",
                    names.join(", ")
                );
                write.evidence.push((
                    Fact::LoopIndependent,
                    Evidence {
                        status: Status::Assumed,
                        note,
                        spans: vec![span],
                    },
                ));
            }
        }
    }
}

fn proved(note: String, span: Span) -> Evidence {
    Evidence {
        status: Status::Proved,
        note,
        spans: vec![span],
    }
}
