//! Statements that the run did not come to: behind a RETURN, or nested too deeply. Their writes are kept all the
//! same, with the reason, so that every write of the text has its outcome.

use std::collections::BTreeSet;

use super::Exec;
use crate::dataflow::cx::obstacle;
use crate::dataflow::model::{ObstacleKind, Verb};
use crate::dataflow::raw::RawBody;
use crate::source::Span;
use crate::syntax::ast::{
    Ast, Block, Dml, DmlKind, DmlVerb, FromItem, Id, ItemKind, Routine, Stmt, StmtKind,
};
use crate::syntax::{View, Visit, walk_block, walk_stmt};

/// A write of the text.
struct Found {
    span: Span,
    verb: Verb,
    target: Option<Id<FromItem>>,
}

/// Adds the writes of `body` that are not among those of the run.
pub(super) fn sweep(exec: &mut Exec<'_, '_>, body: Id<Block>) {
    let mut all = All {
        view: exec.view,
        found: Vec::new(),
    };
    walk_block(&mut all, body);
    let place = |s: Span| (s.file, s.start);
    let seen: BTreeSet<_> = exec.done.writes.iter().map(|w| place(w.span)).collect();
    for write in all.found {
        if seen.contains(&place(write.span)) {
            continue;
        }
        let why = obstacle(
            ObstacleKind::NotLowered,
            write.span,
            "the statement is not followed: it stands behind the end of the routine, or is nested too deeply",
            "remove it if it can never run, or take it out into a routine of its own",
        );
        let table = write.target.and_then(|t| exec.lowerer().target(t).ok());
        exec.add(write.span, write.verb, table, RawBody::Obstacle(why));
    }
}

/// All writes of a body but those of routines inside it, which run by themselves.
struct All<'a> {
    view: View<'a>,
    found: Vec<Found>,
}

impl All<'_> {
    fn add(&mut self, span: Span, verb: Verb, target: Option<Id<FromItem>>) {
        self.found.push(Found { span, verb, target });
    }

    fn write(&mut self, span: Span, dml: Id<Dml>) {
        let ast = self.view.ast();
        match ast[dml].kind {
            DmlKind::Insert { into, .. } => self.add(span, Verb::Insert, Some(into.target)),
            DmlKind::InsertMulti { branches, .. } => {
                for branch in ast.list(branches) {
                    let at = self.view.span(ast[branch.target].span);
                    self.add(at, Verb::Insert, Some(branch.target));
                }
            }
            DmlKind::Update { target, .. } => self.add(span, Verb::Update, Some(target)),
            DmlKind::Delete { target, .. } => self.add(span, Verb::Delete, Some(target)),
            DmlKind::Merge { target, .. } => self.add(span, Verb::Merge, Some(target)),
            DmlKind::Unparsed(verb) => self.add(span, verb_of(verb), None),
        }
    }
}

fn verb_of(verb: DmlVerb) -> Verb {
    match verb {
        DmlVerb::Insert => Verb::Insert,
        DmlVerb::Update => Verb::Update,
        DmlVerb::Delete => Verb::Delete,
        DmlVerb::Merge => Verb::Merge,
    }
}

impl<'a> Visit<'a> for All<'a> {
    fn ast(&self) -> &'a Ast {
        self.view.ast()
    }

    fn routine(&mut self, _id: Id<Routine>) {}

    fn stmt(&mut self, id: Id<Stmt>) {
        let stmt = self.ast()[id];
        let span = self.view.span(stmt.span);
        if let StmtKind::Dml(dml) = stmt.kind {
            self.write(span, dml);
        }
        if let StmtKind::Item(item) = stmt.kind
            && let ItemKind::Truncate(_) = self.ast()[item].kind
        {
            self.add(self.view.span(self.ast()[item].span), Verb::Truncate, None);
        }
        walk_stmt(self, id);
    }
}
