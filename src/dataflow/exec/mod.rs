//! Runs a routine's statements on symbolic values, once: variables hold expressions over parameters, the clock and
//! the rows of the loops around; loops over queries become relations, conditions become filters, lookups become joins.
//! What comes out is every write of the routine with what it writes, or with the obstacle that stands before it.
//! Must not know facts, rules or schedules.

mod after;
mod any_row;
mod assigned;
mod block;
mod branch;
mod bulk;
mod calls;
mod dml;
mod dynamic;
mod fetch;
mod fold;
mod grouped;
mod lookup;
mod loops;
mod sweep;
mod value;

pub(super) use calls::effect;
pub(super) use dml::upsert as upsert_of;

use std::collections::BTreeMap;

use super::cx::{Cx, MAX_DEPTH, not_lowered, obstacle, too_deep, unparsed};
use super::env::{Env, VarKey};
use super::lower::{Low, Lowerer, Shared};
use super::model::{Evidence, Fact, Obstacle, ObstacleKind};
use super::raw::{Guard, RawWrite};
use crate::catalog::model::{RoutineId, UnitRef};
use crate::catalog::resolve::{Frame, Scope};
use crate::rel::{Rel, Scalar, SortKey, TableName};
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{CursorAttr, Expr, ExprKind, Id, ItemKind, List, Stmt, StmtKind};
use after::{Carried, Ended};

/// A call of a routine of the input.
#[derive(Clone, Debug)]
pub(super) struct CallSite {
    pub callee: RoutineId,
    pub span: Span,
    /// Values of the arguments by the callee's parameter; absent: default or unknown.
    pub args: BTreeMap<usize, Scalar>,
    /// Conditions on the run around the call.
    pub guards: Vec<Guard>,
    /// It is called once a row.
    pub in_rows: bool,
    /// The rows, where they are known.
    pub rows: Option<Rows>,
    /// Fields of records that are passed, by the callee's parameter.
    pub fields: Vec<(usize, Vec<String>, Scalar)>,
    /// It is called after an error only.
    pub in_handler: bool,
}

impl CallSite {
    /// Lets the rows go: they are large.
    pub fn forget_rows(&mut self) {
        self.rows = None;
        self.fields = Vec::new();
    }
}

/// What a routine is started with.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub env: Env,
    pub shared: Shared,
    /// Conditions on every call of it.
    pub guards: Vec<Guard>,
    pub blocked: Option<Obstacle>,
    /// Rows of the loop that calls it.
    pub rows: Option<Rows>,
    /// It runs after errors only.
    pub in_handler: bool,
}

/// What a routine does.
#[derive(Debug, Default)]
pub(super) struct Executed {
    pub writes: Vec<RawWrite>,
    pub calls: Vec<CallSite>,
    pub unknown_calls: Vec<(String, Span)>,
    pub side_effects: Vec<(String, Span)>,
    pub commits: Vec<(Span, bool)>,
    pub rollbacks: Vec<Span>,
    /// Tables that are read by queries whose results only steer the code.
    pub reads: Vec<TableName>,
    pub shared: Shared,
}

/// The rows of the loops around a statement.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Joined relations.
    pub from: Rel,
    /// Conditions on them.
    pub conds: Vec<Scalar>,
    /// Number of conditions at the top of the loop's body.
    pub base: usize,
    pub evidence: Vec<(Fact, Evidence)>,
    pub notes: Vec<String>,
    /// Rows that fail are skipped (SAVE EXCEPTIONS).
    pub skips: bool,
    /// Order of the innermost loop; empty: none, or none that can be said.
    pub order: Vec<SortKey>,
    /// What the innermost loop brought.
    pub own: Option<Box<Own>>,
}

/// The rows of one loop apart from those around it.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub outer: Option<Rows>,
    pub from: Rel,
    /// Conditions that compare them with the rows around.
    pub on: Vec<Scalar>,
}

/// A query with its order.
#[derive(Clone, Debug)]
pub(super) struct Queried {
    pub rel: Rel,
    pub order: Vec<SortKey>,
}

/// A loop around the statement.
struct LoopFrame {
    /// Number of writes before it.
    first: usize,
    blocked: Option<Obstacle>,
    /// Values where a row was left for the next one.
    continued: Vec<Env>,
}

/// How a list of statements ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// The next statement follows.
    Falls,
    /// The next row follows.
    Continues,
    /// The routine, the loop or the block is left.
    Leaves,
    /// The run stops with an error.
    Raises,
}

/// A cursor that was opened.
#[derive(Clone, Debug)]
enum Opened {
    Rows(Box<Queried>),
    Unknown(Obstacle),
}

/// A count of rows of a table, kept in a variable: what guards against a second run.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub table: TableName,
}

/// The state of the run.
pub(super) struct Exec<'x, 'a> {
    cx: &'x Cx<'a>,
    view: View<'a>,
    scope: Scope,
    env: Env,
    rows: Option<Rows>,
    guards: Vec<Guard>,
    /// Nothing here can be lifted, and why.
    blocked: Option<Obstacle>,
    loops: Vec<LoopFrame>,
    cursors: BTreeMap<VarKey, Opened>,
    /// Cursors of the FOR loops around: while one runs it has a row.
    running: Vec<VarKey>,
    collections: BTreeMap<VarKey, Rows>,
    counted: BTreeMap<VarKey, Counted>,
    /// Inside a handler of errors that are not part of the plan.
    in_handler: bool,
    /// What is taken for granted outside of loops.
    evidence: Vec<(Fact, Evidence)>,
    /// Rows at the end of the loop that was left last, with the joins that it added.
    last_rows: Option<Rows>,
    depth: u32,
    done: Executed,
}

/// Runs a routine.
pub(super) fn run(cx: &Cx<'_>, id: RoutineId, start: Start) -> Executed {
    let routine = cx.routine(id);
    let Some(body) = routine.body else {
        return Executed::default();
    };
    let mut scope = cx.resolver.routine_scope(id);
    scope.frames.clear();
    let mut exec = Exec::new(cx, cx.resolver.view(routine.unit), scope, start.env);
    exec.done.shared = start.shared;
    exec.guards = start.guards;
    exec.blocked = start.blocked;
    exec.rows = start.rows;
    exec.in_handler = start.in_handler;
    exec.block(body);
    sweep::sweep(&mut exec, body);
    exec.done
}

/// Runs the statements that stand in a script outside any block, if the routine is made of them.
pub(super) fn run_statements(cx: &Cx<'_>, id: RoutineId) -> Executed {
    let routine = cx.routine(id);
    let Some(first) = routine.items.first() else {
        return Executed::default();
    };
    let scope = cx.resolver.unit_scope(*first);
    let mut exec = Exec::new(cx, cx.resolver.view(*first), scope, Env::default());
    for unit in &routine.items {
        exec.view = cx.resolver.view(*unit);
        exec.scope = cx.resolver.unit_scope(*unit);
        exec.item(exec.view.unit.item);
    }
    exec.done
}

impl<'x, 'a> Exec<'x, 'a> {
    fn new(cx: &'x Cx<'a>, view: View<'a>, scope: Scope, env: Env) -> Self {
        Self {
            cx,
            view,
            scope,
            env,
            rows: None,
            guards: Vec::new(),
            blocked: None,
            loops: Vec::new(),
            cursors: BTreeMap::new(),
            running: Vec::new(),
            collections: BTreeMap::new(),
            counted: BTreeMap::new(),
            in_handler: false,
            evidence: Vec::new(),
            last_rows: None,
            depth: 0,
            done: Executed::default(),
        }
    }

    fn lowerer(&mut self) -> Lowerer<'_, 'a> {
        Lowerer::new(
            self.cx,
            self.view,
            &self.scope,
            &self.env,
            &mut self.done.shared,
        )
    }

    fn stmt_span(&self, s: Id<Stmt>) -> Span {
        self.view.span(self.view.ast()[s].span)
    }

    fn unit(&self) -> UnitRef {
        self.scope.unit
    }

    /// A script-level item that is a statement.
    fn item(&mut self, item: Id<crate::syntax::ast::Item>) -> Exit {
        let ast = self.view.ast();
        let span = self.view.span(ast[item].span);
        match ast[item].kind {
            ItemKind::Dml(dml) => self.dml(span, dml),
            ItemKind::Truncate(name) => self.truncate(span, name),
            ItemKind::Stmt(s) => return self.stmt(s),
            ItemKind::Exec(list) => return self.stmts(list),
            ItemKind::Block(block) => return self.block(block),
            ItemKind::Query(_)
            | ItemKind::CreateTable(_)
            | ItemKind::CreateView { .. }
            | ItemKind::CreateIndex { .. }
            | ItemKind::CreateSequence(_, _)
            | ItemKind::CreateSynonym { .. }
            | ItemKind::CreateTrigger(_)
            | ItemKind::CreateRoutine { .. }
            | ItemKind::CreatePackage { .. }
            | ItemKind::CreatePackageBody { .. }
            | ItemKind::CreateType { .. }
            | ItemKind::CreateTypeBody { .. }
            | ItemKind::CreateDbLink(_, _)
            | ItemKind::AlterTable { .. }
            | ItemKind::Comment { .. }
            | ItemKind::Grant(_)
            | ItemKind::Drop { .. }
            | ItemKind::SqlPlus(_)
            | ItemKind::ControlFile(_)
            | ItemKind::Ddl(_)
            | ItemKind::Opaque
            | ItemKind::Wrapped
            | ItemKind::Unparsed => {}
        }
        Exit::Falls
    }

    fn stmts(&mut self, list: List<Stmt>) -> Exit {
        for s in list.ids() {
            let exit = self.stmt(s);
            if exit != Exit::Falls {
                return exit;
            }
        }
        Exit::Falls
    }

    fn stmt(&mut self, s: Id<Stmt>) -> Exit {
        if self.depth > MAX_DEPTH {
            let span = self.stmt_span(s);
            self.block_loop(too_deep(span));
            return Exit::Falls;
        }
        self.depth += 1;
        let exit = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.kind(s));
        self.depth -= 1;
        exit
    }

    /// One arm a kind of statement: a new kind does not compile until it is decided here.
    fn kind(&mut self, s: Id<Stmt>) -> Exit {
        let span = self.stmt_span(s);
        match self.view.ast()[s].kind {
            StmtKind::Assign { target, value } => self.assign(target, value),
            StmtKind::Call(call) => return self.call_statement(span, call),
            StmtKind::If { arms, else_ } => return self.if_(arms, else_),
            StmtKind::Case {
                operand,
                arms,
                else_,
            } => return self.case(operand, arms, else_),
            StmtKind::Loop(body) => self.plain_loop(span, body),
            StmtKind::While { cond, body } => self.while_loop(span, cond, body),
            StmtKind::ForRange { iters, body, .. } => self.range_loop(span, s, iters, body),
            StmtKind::ForCursor { source, body, .. } => self.cursor_loop(span, s, source, body),
            StmtKind::Forall {
                bounds,
                body,
                save_exceptions,
                ..
            } => {
                self.forall(span, s, bounds, save_exceptions, body);
            }
            StmtKind::Block(block) => return self.block(block),
            StmtKind::Exit { when, .. } => return self.leave(span, when, "EXIT"),
            StmtKind::Continue { when, .. } => return self.continue_(when),
            StmtKind::Goto(_) => return self.leave(span, None, "GOTO"),
            StmtKind::Return(_) => return self.leave(span, None, "RETURN"),
            StmtKind::Raise(_) => return self.stops(span),
            StmtKind::Null => {}
            StmtKind::Open {
                cursor,
                source,
                using,
            } => self.open(span, cursor, source, using),
            StmtKind::Fetch { cursor, into, .. } => self.stray_fetch(span, cursor, into),
            StmtKind::Close(_) => {}
            StmtKind::ExecuteImmediate {
                text, into, using, ..
            } => self.execute(span, text, into, using),
            StmtKind::Select(query) => self.select_into(span, query),
            StmtKind::Dml(dml) => self.dml(span, dml),
            StmtKind::LockTable(..) | StmtKind::Savepoint(_) | StmtKind::Set(_) => {}
            StmtKind::Commit => self.done.commits.push((span, !self.loops.is_empty())),
            StmtKind::Rollback(_) => self.done.rollbacks.push(span),
            StmtKind::PipeRow(_) => self.block_loop(not_lowered(span, "PIPE ROW")),
            StmtKind::CondCompile { arms, else_ } => return self.if_(arms, else_),
            StmtKind::Item(item) => return self.item(item),
            StmtKind::Unparsed => {
                self.block_loop(unparsed(span));
            }
        }
        Exit::Falls
    }

    /// Everything in the loops around is in doubt.
    fn block_loop(&mut self, why: Obstacle) {
        if let Some(frame) = self.loops.last_mut() {
            frame.blocked.get_or_insert(why);
        }
    }

    /// EXIT, RETURN, RAISE, GOTO.
    fn leave(&mut self, span: Span, when: Option<Id<Expr>>, word: &str) -> Exit {
        if when.is_some_and(|w| self.never(w)) {
            return Exit::Falls;
        }
        let why = obstacle(
            ObstacleKind::EarlyExit,
            span,
            format!(
                "{word} leaves the loop before all rows are seen: which rows were written depends on their order"
            ),
            "say in the query which rows are wanted",
        );
        self.block_loop(why);
        let Some(when) = when else {
            return Exit::Leaves;
        };
        let cond = self.condition(when);
        self.assume(super::lower::not_true(cond), span);
        Exit::Falls
    }

    /// `c%NOTFOUND` inside a FOR loop over `c`.
    fn never(&self, cond: Id<Expr>) -> bool {
        match self.view.ast()[cond].kind {
            ExprKind::Paren(inner) => self.never(inner),
            ExprKind::CursorAttr {
                base,
                attr: CursorAttr::NotFound,
            } => self
                .cursor_key(base)
                .is_some_and(|k| self.running.contains(&k)),
            _ => false,
        }
    }

    /// RAISE: no row, or no run, comes here without the batch stopping.
    fn stops(&mut self, span: Span) -> Exit {
        let note = "no row makes the batch stop with an error here; where one does the batch writes nothing, and the stream leaves the row out".to_string();
        self.assume_fact(Fact::LoopIndependent, note, span);
        Exit::Raises
    }

    /// Something is taken for granted from here on.
    fn assume_fact(&mut self, fact: Fact, note: String, span: Span) {
        let evidence = Evidence {
            status: super::model::Status::Assumed,
            note,
            spans: vec![span],
        };
        let list = match &mut self.rows {
            Some(rows) => &mut rows.evidence,
            None => &mut self.evidence,
        };
        if !list.contains(&(fact, evidence.clone())) {
            list.push((fact, evidence));
        }
    }

    /// CONTINUE: the rest of the body is for the other rows.
    fn continue_(&mut self, when: Option<Id<Expr>>) -> Exit {
        let Some(when) = when else {
            return Exit::Continues;
        };
        self.left_for_next(self.env.clone());
        let span = self.view.span(self.view.ast()[when].span);
        let cond = self.condition(when);
        self.assume(super::lower::not_true(cond), span);
        Exit::Falls
    }

    fn left_for_next(&mut self, env: Env) {
        if let Some(frame) = self.loops.last_mut() {
            frame.continued.push(env);
        }
    }

    /// From here on a condition holds: of the row, or of the run.
    fn assume(&mut self, condition: Scalar, span: Span) {
        match &mut self.rows {
            Some(rows) => rows.conds.push(condition),
            None => self.guards.push(Guard { condition, span }),
        }
    }

    /// True where a value is the same for the whole run.
    fn run_level(&self) -> bool {
        self.rows.is_none() && self.loops.is_empty()
    }

    /// Number of conditions, to go back to.
    fn mark(&self) -> usize {
        self.rows
            .as_ref()
            .map_or(self.guards.len(), |r| r.conds.len())
    }

    fn back_to(&mut self, mark: usize) {
        match &mut self.rows {
            Some(rows) => rows.conds.truncate(mark),
            None => self.guards.truncate(mark),
        }
    }

    /// An expression of PL/SQL, where a lookup in a called function that finds no row is an error; in SQL it is NULL.
    fn expr(&mut self, e: Id<Expr>) -> Low<Scalar> {
        self.done.shared.unhandled.clear();
        let value = self.lowerer().expr(e);
        for span in std::mem::take(&mut self.done.shared.unhandled) {
            let note = "the lookup in the called function finds its row; where it does not the batch stops or goes to a handler, and the stream has NULL".to_string();
            self.assume_fact(Fact::LookupUnique, note, span);
        }
        value
    }

    /// A condition; what cannot be lowered is a condition that is not known.
    fn condition(&mut self, e: Id<Expr>) -> Scalar {
        let result = self.expr(e);
        self.or_opaque(result, crate::rel::DataType::Boolean)
    }

    fn or_opaque(&mut self, result: Low<Scalar>, ty: crate::rel::DataType) -> Scalar {
        match result {
            Ok(s) => s,
            Err(o) => self.done.shared.opaques.value(o, false, ty),
        }
    }

    /// Runs `f` where nothing can be lifted.
    fn in_doubt<T>(&mut self, why: Obstacle, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.blocked.clone();
        self.blocked.get_or_insert(why);
        let out = f(self);
        self.blocked = before;
        out
    }

    fn within<T>(&mut self, frame: Frame, f: impl FnOnce(&mut Self) -> T) -> T {
        self.scope.enter(frame);
        let out = f(self);
        self.scope.leave();
        out
    }
}
