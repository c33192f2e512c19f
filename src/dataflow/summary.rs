//! What each routine does: tables read and written, commits, calls, effects. Its own doing only: whoever wants the
//! callees' as well follows the calls.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::cx::Cx;
use super::exec::Executed;
use super::model::Summary;
use crate::catalog::model::{Resolved, RoutineId};
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::rel::TableName;
use crate::syntax::ast::{Dml, DmlKind, FromItem, FromKind, Id};

/// One a routine.
pub(super) fn build(cx: &Cx<'_>, executed: &[Executed]) -> Vec<Summary> {
    let one = |(i, e): (usize, &Executed)| summary(cx, RoutineId(i as u32), e);
    executed.par_iter().enumerate().map(one).collect()
}

fn summary(cx: &Cx<'_>, id: RoutineId, done: &Executed) -> Summary {
    let mut reads: BTreeSet<TableName> = tables_read(cx, id).into_iter().collect();
    reads.extend(done.reads.iter().cloned());
    let writes: BTreeSet<TableName> = done.writes.iter().filter_map(|w| w.table.clone()).collect();
    let mut calls: Vec<_> = done.calls.iter().map(|c| (c.callee, c.span)).collect();
    let known: BTreeSet<RoutineId> = calls.iter().map(|c| c.0).collect();
    // Functions called inside expressions.
    for call in &cx.catalog().calls.calls[id.0 as usize] {
        if let Resolved::Known(callee) = call.callee.routine()
            && !known.contains(&callee)
        {
            calls.push((callee, call.span));
        }
    }
    Summary {
        reads: reads.into_iter().collect(),
        writes: writes.into_iter().collect(),
        commits: done.commits.clone(),
        rollbacks: done.rollbacks.clone(),
        calls,
        unknown_calls: done.unknown_calls.clone(),
        side_effects: done.side_effects.clone(),
    }
}

fn tables_read(cx: &Cx<'_>, id: RoutineId) -> Vec<TableName> {
    let routine = cx.routine(id);
    let Some(body) = routine.body else {
        return Vec::new();
    };
    let mut scope = cx.resolver.routine_scope(id);
    scope.leave();
    let mut found = Reads {
        cx,
        targets: BTreeSet::new(),
        tables: Vec::new(),
    };
    Walk::new(cx.resolver.view(routine.unit), scope, &mut found).block(body);
    found.tables
}

struct Reads<'r, 'a> {
    cx: &'r Cx<'a>,
    /// FROM elements that are targets of DML.
    targets: BTreeSet<Id<FromItem>>,
    tables: Vec<TableName>,
}

impl Visitor for Reads<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        match node {
            Node::Dml(d) => self.targets(at, d),
            Node::From(f) if !self.targets.contains(&f) => {
                if let FromKind::Table { name, .. } = at.view.ast()[f].kind
                    && let Resolved::Known(t) = self.cx.resolver.table(&at.scope, name)
                {
                    self.tables.push(t);
                }
            }
            Node::Block(_)
            | Node::Decl(_)
            | Node::Stmt(_)
            | Node::Expr(_)
            | Node::Query(_)
            | Node::Select(..)
            | Node::From(_) => {}
        }
        true
    }
}

impl Reads<'_, '_> {
    fn targets(&mut self, at: &Place<'_>, dml: Id<Dml>) {
        let ast = at.view.ast();
        match ast[dml].kind {
            DmlKind::Insert { into, .. } => {
                self.targets.insert(into.target);
            }
            DmlKind::InsertMulti { branches, .. } => {
                self.targets
                    .extend(ast.list(branches).iter().map(|b| b.target));
            }
            DmlKind::Update { target, .. }
            | DmlKind::Delete { target, .. }
            | DmlKind::Merge { target, .. } => {
                self.targets.insert(target);
            }
            DmlKind::Unparsed(_) => {}
        }
    }
}
