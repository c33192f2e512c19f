//! What one routine's own body does, seen from its tree: tables read, loops, commits, handlers that hide errors.
//! Callees and nested routines are routines of their own.

use crate::catalog::model::{Resolved, RoutineId};
use crate::catalog::resolve::Resolver;
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::rel::TableName;
use crate::source::Span;
use crate::syntax::ast::{
    Ast, Block, Dml, DmlKind, FromItem, FromKind, Handler, Id, ObjectName, Stmt, StmtKind,
};

/// What a body does.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    /// Reads of tables, one a place.
    pub reads: Vec<(TableName, Span)>,
    /// Tables that are not known: name as written, reason.
    pub unknown: Vec<(String, String, Span)>,
    /// Uses of database links.
    pub links: Vec<(String, Span)>,
    /// Outermost loops.
    pub loops: Vec<LoopSite>,
    /// COMMITs.
    pub commits: Vec<CommitSite>,
    /// ROLLBACKs.
    pub rollbacks: Vec<Span>,
    /// `WHEN OTHERS THEN NULL` and the like.
    pub hides_errors: Vec<Span>,
}

/// A loop.
#[derive(Clone, Debug)]
pub(super) struct LoopSite {
    pub span: Span,
    pub kind: &'static str,
}

/// A COMMIT.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommitSite {
    pub span: Span,
    pub at: CommitAt,
}

/// Where a COMMIT stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitAt {
    /// Outside loops, with statements after it.
    Between,
    /// The last statement of its block, outside loops.
    End,
    /// In a loop, every time.
    EachRow,
    /// In a loop, under a condition or once a fetched batch.
    SomeRows,
}

/// Looks at a routine's own body.
pub(super) fn of(resolver: &Resolver<'_>, id: RoutineId) -> Body {
    let routine = &resolver.catalog.routines[id.0 as usize];
    let mut looker = Looker {
        resolver,
        body: Body::default(),
        stack: Vec::new(),
        targets: Vec::new(),
        named: Vec::new(),
    };
    if let Some(block) = routine.body {
        let mut scope = resolver.routine_scope(id);
        scope.leave();
        Walk::new(resolver.view(routine.unit), scope, &mut looker).block(block);
    }
    looker.body
}

struct Looker<'r, 'a> {
    resolver: &'r Resolver<'a>,
    body: Body,
    /// Statements around the place, outermost first.
    stack: Vec<Id<Stmt>>,
    /// Targets of the DML statement at hand: written, not read.
    targets: Vec<Id<FromItem>>,
    /// Names of WITH queries around the place.
    named: Vec<Vec<String>>,
}

impl Visitor for Looker<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        match node {
            Node::Stmt(s) => {
                self.statement(at, s);
                self.stack.push(s);
            }
            Node::Block(b) => self.block(at, b),
            Node::Query(q) => {
                let ast = at.view.ast();
                let ctes = ast.list(ast[q].with).iter();
                self.named
                    .push(ctes.map(|c| ast.ident(c.name).to_string()).collect());
            }
            Node::Dml(d) => self.targets = targets(at.view.ast(), d),
            Node::From(f) => self.from(at, f),
            Node::Decl(_) | Node::Expr(_) | Node::Select(..) => {}
        }
        true
    }

    fn leave(&mut self, _at: &Place<'_>, node: Node) {
        match node {
            Node::Stmt(_) => {
                self.stack.pop();
            }
            Node::Query(_) => {
                self.named.pop();
            }
            Node::Block(_)
            | Node::Dml(_)
            | Node::From(_)
            | Node::Decl(_)
            | Node::Expr(_)
            | Node::Select(..) => {}
        }
    }
}

impl Looker<'_, '_> {
    fn statement(&mut self, at: &Place<'_>, id: Id<Stmt>) {
        let ast = at.view.ast();
        let span = at.view.span(ast[id].span);
        if let Some(kind) = loop_kind(&ast[id].kind) {
            if at.loops == 0 {
                self.body.loops.push(LoopSite { span, kind });
            }
        } else if matches!(ast[id].kind, StmtKind::Commit) {
            let at = self.commit(at, id);
            self.body.commits.push(CommitSite { span, at });
        } else if matches!(ast[id].kind, StmtKind::Rollback(None)) {
            self.body.rollbacks.push(span);
        }
    }

    fn commit(&self, at: &Place<'_>, id: Id<Stmt>) -> CommitAt {
        let ast = at.view.ast();
        let innermost = self
            .stack
            .iter()
            .rposition(|s| loop_kind(&ast[*s].kind).is_some());
        let Some(around) = innermost else {
            return if self.is_last(ast, at, id) {
                CommitAt::End
            } else {
                CommitAt::Between
            };
        };
        let under_if = self.stack[around..]
            .iter()
            .any(|s| matches!(ast[*s].kind, StmtKind::If { .. } | StmtKind::Case { .. }));
        let batch = fetches_batches(ast, self.stack[around]);
        if under_if || batch {
            CommitAt::SomeRows
        } else {
            CommitAt::EachRow
        }
    }

    /// Nothing but RETURN and NULL stands after it in the routine's outermost block.
    fn is_last(&self, ast: &Ast, at: &Place<'_>, id: Id<Stmt>) -> bool {
        let routine = at
            .scope
            .routine
            .and_then(|r| self.resolver.catalog.routines.get(r.0 as usize));
        let Some(block) = routine.and_then(|r| r.body) else {
            return true;
        };
        let mut after = ast[block].body.ids().skip_while(|s| *s != id);
        after.next().is_none()
            || after.all(|s| matches!(ast[s].kind, StmtKind::Return(_) | StmtKind::Null))
    }

    fn block(&mut self, at: &Place<'_>, id: Id<Block>) {
        let ast = at.view.ast();
        for handler in ast.list(ast[id].handlers) {
            if hides(ast, handler) {
                self.body.hides_errors.push(at.view.span(handler.span));
            }
        }
    }

    fn from(&mut self, at: &Place<'_>, id: Id<FromItem>) {
        let ast = at.view.ast();
        let FromKind::Table { name, .. } = ast[id].kind else {
            return;
        };
        let span = at.view.span(ast[id].span);
        self.link(at, name, span);
        if self.targets.contains(&id) || self.is_named(ast, name) {
            return;
        }
        match self.resolver.table(&at.scope, name) {
            Resolved::Known(table) => self.body.reads.push((table, span)),
            Resolved::Unknown(why) => {
                let written = ast.parts(ast[name].parts).join(".");
                self.body.unknown.push((written, why, span));
            }
        }
    }

    fn link(&mut self, at: &Place<'_>, name: Id<ObjectName>, span: Span) {
        let ast = at.view.ast();
        let object = ast[name];
        if !object.link.is_empty() {
            let text = format!(
                "{}@{}",
                ast.parts(object.parts).join("."),
                ast.link(object.link).join(".")
            );
            self.body.links.push((text, span));
        }
    }

    fn is_named(&self, ast: &Ast, name: Id<ObjectName>) -> bool {
        match ast.parts(ast[name].parts).as_slice() {
            [single] => self.named.iter().flatten().any(|n| n == single),
            _ => false,
        }
    }
}

fn targets(ast: &Ast, dml: Id<Dml>) -> Vec<Id<FromItem>> {
    match ast[dml].kind {
        DmlKind::Insert { into, .. } => vec![into.target],
        DmlKind::InsertMulti { branches, .. } => {
            ast.list(branches).iter().map(|b| b.target).collect()
        }
        DmlKind::Update { target, .. }
        | DmlKind::Delete { target, .. }
        | DmlKind::Merge { target, .. } => vec![target],
        DmlKind::Unparsed(_) => Vec::new(),
    }
}

fn loop_kind(kind: &StmtKind) -> Option<&'static str> {
    match kind {
        StmtKind::Loop(_) => Some("LOOP"),
        StmtKind::While { .. } => Some("WHILE"),
        StmtKind::ForRange { .. } => Some("FOR"),
        StmtKind::ForCursor { .. } => Some("cursor FOR"),
        StmtKind::Forall { .. } => Some("FORALL"),
        _ => None,
    }
}

/// A loop whose body fetches with LIMIT: one turn is one batch of rows.
fn fetches_batches(ast: &Ast, id: Id<Stmt>) -> bool {
    let (StmtKind::Loop(body) | StmtKind::While { body, .. }) = ast[id].kind else {
        return false;
    };
    ast.list(body)
        .iter()
        .any(|s| matches!(s.kind, StmtKind::Fetch { limit: Some(_), .. }))
}

/// OTHERS, and nothing in its body that raises, calls, or writes.
fn hides(ast: &Ast, handler: &Handler) -> bool {
    let others = ast
        .list(handler.names)
        .iter()
        .any(|n| ast.parts(n.parts) == ["OTHERS"]);
    others
        && ast
            .list(handler.body)
            .iter()
            .all(|s| matches!(s.kind, StmtKind::Null))
}
