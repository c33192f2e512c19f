//! Statements and blocks.

use std::rc::Rc;

use super::super::code::{
    ArgCode, Arm, BlockCode, Cmp, CollOp, CurRef, CursorCode, Dynamic, Ex, Exc, ForallCode,
    HandlerCode, Native, OpenCode, RowSource, Slot, St, StKind,
};
use super::super::prog::Sym;
use super::super::stop::{Res, Stop, Why};
use super::super::val::Ty;
use super::decl::refusal;
use super::native::native;
use super::{Binds, Cx};
use crate::syntax::ast::{
    self, Arg, Block, CursorSource, Expr, ExprKind, ForallBounds, Handler, Id, Ident, Item,
    ItemKind, Iter, List, ObjectName, OpenSource, Stmt, StmtKind, UsingArg,
};

/// Oracle's predefined exceptions.
const PREDEFINED: &[(&str, i32)] = &[
    ("ACCESS_INTO_NULL", -6530),
    ("CASE_NOT_FOUND", -6592),
    ("COLLECTION_IS_NULL", -6531),
    ("CURSOR_ALREADY_OPEN", -6511),
    ("DUP_VAL_ON_INDEX", -1),
    ("INVALID_CURSOR", -1001),
    ("INVALID_NUMBER", -1722),
    ("NO_DATA_FOUND", 100),
    ("NO_DATA_NEEDED", -6548),
    ("PROGRAM_ERROR", -6501),
    ("ROWTYPE_MISMATCH", -6504),
    ("STORAGE_ERROR", -6500),
    ("SUBSCRIPT_BEYOND_COUNT", -6533),
    ("SUBSCRIPT_OUTSIDE_LIMIT", -6532),
    ("TIMEOUT_ON_RESOURCE", -51),
    ("TOO_MANY_ROWS", -1422),
    ("VALUE_ERROR", -6502),
    ("ZERO_DIVIDE", -1476),
];

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// A block with its declarations and handlers.
    pub(super) fn block(&mut self, id: Id<Block>, name: Option<String>) -> BlockCode {
        let b = self.view.ast()[id];
        self.enter(name);
        let inits = self.decls(b.decls);
        let body = self.stmts(b.body);
        let handlers = self.view.ast().list(b.handlers).to_vec();
        let handlers = handlers.iter().map(|h| self.handler(h)).collect();
        self.leave();
        BlockCode {
            inits,
            body,
            handlers,
        }
    }

    fn handler(&mut self, h: &Handler) -> HandlerCode {
        let span = self.span(h.span);
        let branch = self.prog.branch(span, "handler");
        let mut catches = Vec::new();
        let mut body = Vec::new();
        for name in h.names.ids() {
            match self.exception(name) {
                Ok(exc) => catches.push(exc),
                // Better to refuse than to let an error pass by a handler that might be meant for it.
                Err(stop) => {
                    catches.push(Exc::Others);
                    let kind = StKind::Refuse(refusal(stop, span));
                    body.push(St { span, kind });
                }
            }
        }
        body.extend(self.stmts(h.body));
        HandlerCode {
            catches,
            body,
            branch,
        }
    }

    fn exception(&mut self, name: Id<ObjectName>) -> Res<Exc> {
        let parts = self.parts(name);
        if let Some((Sym::Exc(exc), used)) = self.find(&parts)?
            && used == parts.len()
        {
            return Ok(exc);
        }
        let last = parts.last().map_or("", String::as_str);
        if last == "OTHERS" {
            return Ok(Exc::Others);
        }
        if parts.len() == 2 && parts[0] == "UTL_FILE" {
            return Ok(Exc::Code(-29283));
        }
        let found = PREDEFINED.iter().find(|(n, _)| *n == last);
        let code = found.map(|(_, c)| Exc::Code(*c));
        code.ok_or_else(|| Stop::missing(format!("exception {} is not declared", parts.join("."))))
    }

    pub(super) fn stmts(&mut self, list: List<Stmt>) -> Vec<St> {
        list.ids().map(|s| self.stmt(s)).collect()
    }

    /// A statement; one that cannot be bound is refused when it is reached.
    fn stmt(&mut self, id: Id<Stmt>) -> St {
        let s = self.view.ast()[id];
        let span = self.span(s.span);
        let queries = self.queries.len();
        let kind = self.deeper(|cx| cx.stmt_kind(&s));
        self.queries.truncate(queries);
        let kind = kind.unwrap_or_else(|stop| StKind::Refuse(refusal(stop, span)));
        St { span, kind }
    }

    fn stmt_kind(&mut self, s: &Stmt) -> Res<StKind> {
        let label = s.label.map(|l| self.ident(l));
        match s.kind {
            StmtKind::Assign { target, value } => {
                let lv = self.target(target)?;
                let ex = self.expr(value)?.0;
                Ok(StKind::Assign(lv, ex))
            }
            StmtKind::Call(e) => self.procedure(e),
            StmtKind::If { arms, else_ } => {
                let list = self.view.ast().list(arms).to_vec();
                let mut bound = Vec::new();
                for a in &list {
                    let cond = self.cond(a.cond)?;
                    bound.push(self.arm(cond, a.cond, a.body, "IF"));
                }
                Ok(self.with_else(s, bound, else_, false))
            }
            StmtKind::Case {
                operand,
                arms,
                else_,
            } => {
                let arms = self.case_arms(operand, arms)?;
                Ok(self.with_else(s, arms, else_, true))
            }
            StmtKind::Loop(body) => {
                let at = self.prog.fresh();
                let body = self.labelled(label, at, |cx| cx.stmts(body));
                Ok(StKind::Loop(at, body))
            }
            StmtKind::While { cond, body } => {
                let cond = self.cond(cond)?;
                let branch = self.prog.branch(self.span(s.span), "loop");
                let at = self.prog.fresh();
                let body = self.labelled(label, at, |cx| cx.stmts(body));
                Ok(StKind::While(at, cond, body, branch))
            }
            StmtKind::ForRange { .. } => self.for_range(s, label),
            StmtKind::ForCursor {
                var, source, body, ..
            } => self.for_cursor(s, label, var, source, body),
            StmtKind::Forall { .. } => self.forall(s),
            StmtKind::Block(b) => Ok(StKind::Block(Box::new(self.block(b, label)))),
            StmtKind::Exit { label, when } => {
                let at = self.loop_label(label)?;
                let when = when.map(|w| self.cond(w)).transpose()?;
                Ok(StKind::Exit(at, when))
            }
            StmtKind::Continue { label, when } => {
                let at = self.loop_label(label)?;
                let when = when.map(|w| self.cond(w)).transpose()?;
                Ok(StKind::Continue(at, when))
            }
            StmtKind::Goto(_) => Err(Stop::unsupported("GOTO")),
            StmtKind::Return(e) => Ok(StKind::Return(
                e.map(|e| self.expr(e).map(|t| t.0)).transpose()?,
            )),
            StmtKind::Raise(name) => {
                Ok(StKind::Raise(name.map(|n| self.exception(n)).transpose()?))
            }
            StmtKind::Null | StmtKind::Set(_) | StmtKind::LockTable(..) => Ok(StKind::Null),
            StmtKind::Open {
                cursor,
                source,
                using,
            } => self.open(cursor, source, using),
            StmtKind::Fetch {
                cursor,
                into,
                limit,
            } => self.fetch(cursor, into, limit),
            StmtKind::Close(c) => Ok(StKind::Close(self.cursor(c)?)),
            StmtKind::ExecuteImmediate {
                text,
                into,
                using,
                returning,
            } => self.execute(text, into, using, returning),
            StmtKind::Select(q) => self.select_into(q),
            StmtKind::Dml(d) => Ok(StKind::Dml(self.dml(d)?)),
            StmtKind::Commit => Ok(StKind::Commit),
            StmtKind::Rollback(to) => Ok(StKind::Rollback(to.map(|t| self.ident(t)))),
            StmtKind::Savepoint(name) => Ok(StKind::Savepoint(self.ident(name))),
            StmtKind::PipeRow(e) => Ok(StKind::Pipe(self.expr(e)?.0)),
            StmtKind::CondCompile { .. } => Err(Stop::unsupported("conditional compilation")),
            StmtKind::Item(item) => self.item(item),
            StmtKind::Unparsed => Err(Stop::refuse(
                Why::Syntax,
                "a statement that could not be parsed",
            )),
        }
    }

    fn arm(&mut self, cond: Ex, at: Id<Expr>, body: List<Stmt>, what: &'static str) -> Arm {
        let span = self.span(self.view.ast()[at].span);
        let branch = self.prog.branch(span, what);
        Arm {
            cond,
            body: self.stmts(body),
            branch,
        }
    }

    fn with_else(
        &mut self,
        s: &Stmt,
        arms: Vec<Arm>,
        else_: Option<List<Stmt>>,
        case: bool,
    ) -> StKind {
        let else_branch = self.prog.branch(self.span(s.span), "ELSE");
        let otherwise = else_.map(|e| self.stmts(e));
        StKind::If {
            arms,
            otherwise,
            else_branch,
            case,
        }
    }

    fn case_arms(&mut self, operand: Option<Id<Expr>>, arms: List<ast::CaseArm>) -> Res<Vec<Arm>> {
        let subject = operand.map(|o| self.expr(o)).transpose()?;
        if subject
            .as_ref()
            .is_some_and(|(x, _)| super::super::walk::uses(x).fixed)
        {
            return Err(Stop::unsupported("CASE over a call"));
        }
        let mut out = Vec::new();
        for a in self.view.ast().list(arms).to_vec() {
            let mut tests = Vec::new();
            let mut first = None;
            for w in a.whens.ids() {
                first = first.or(Some(w));
                let (c, ct) = self.expr(w)?;
                tests.push(match &subject {
                    Some((s, st)) => Ex::Cmp(
                        Cmp::Eq,
                        Box::new((s.clone(), c)),
                        st.is_char() && ct.is_char(),
                    ),
                    None => c,
                });
            }
            let Some(first) = first else { continue };
            let cond = if tests.len() == 1 {
                tests.swap_remove(0)
            } else {
                Ex::Or(tests)
            };
            out.push(self.arm(cond, first, a.body, "WHEN"));
        }
        Ok(out)
    }

    fn labelled<R>(
        &mut self,
        label: Option<String>,
        at: usize,
        f: impl FnOnce(&mut Self) -> R,
    ) -> R {
        self.labels.push((label, at));
        let result = f(self);
        self.labels.pop();
        result
    }

    fn loop_label(&self, label: Option<Ident>) -> Res<Option<usize>> {
        let Some(label) = label else {
            return match self.labels.last() {
                Some((_, at)) => Ok(Some(*at)),
                None => Err(Stop::missing("EXIT outside a loop")),
            };
        };
        let name = self.ident(label);
        let found = self
            .labels
            .iter()
            .rev()
            .find(|(l, _)| l.as_deref() == Some(name.as_str()));
        found
            .map(|(_, at)| Some(*at))
            .ok_or_else(|| Stop::missing(format!("loop {name}")))
    }

    /// Declares a loop's variable around its body.
    fn with_variable<R>(
        &mut self,
        var: Ident,
        label: Option<String>,
        ty: Ty,
        at: usize,
        f: impl FnOnce(&mut Self) -> R,
    ) -> (Slot, R) {
        let slot = self.new_slot(&ty);
        self.enter(label.clone());
        let sym = Sym::Var {
            level: self.level,
            slot,
            ty,
            constant: true,
            not_null: false,
        };
        let name = self.ident(var);
        self.declare(&name, sym);
        let result = self.labelled(label, at, f);
        self.leave();
        (slot, result)
    }

    fn for_range(&mut self, s: &Stmt, label: Option<String>) -> Res<StKind> {
        let StmtKind::ForRange {
            var,
            reverse,
            iters,
            body,
            ..
        } = s.kind
        else {
            return Err(Stop::missing("a loop"));
        };
        let [Iter::Range(low, high, step)] = self.view.ast().list(iters) else {
            return Err(Stop::unsupported("this form of FOR"));
        };
        let (low, high, step) = (*low, *high, *step);
        let low = self.expr(low)?.0;
        let high = self.expr(high)?.0;
        let step = step.map(|e| self.expr(e).map(|t| t.0)).transpose()?;
        let branch = self.prog.branch(self.span(s.span), "loop");
        let at = self.prog.fresh();
        let (slot, body) = self.with_variable(var, label, Ty::Int, at, |cx| cx.stmts(body));
        Ok(StKind::ForRange {
            label: at,
            slot,
            reverse,
            low,
            high,
            step,
            body,
            branch,
        })
    }

    fn for_cursor(
        &mut self,
        s: &Stmt,
        label: Option<String>,
        var: Ident,
        source: CursorSource,
        body: List<Stmt>,
    ) -> Res<StKind> {
        let source = match source {
            CursorSource::Query(q) => RowSource::Query(self.query(q)?),
            CursorSource::Cursor(e) => {
                let (slot, code, args) = self.declared(e)?;
                RowSource::Cursor(slot, code, args)
            }
            CursorSource::Dynamic(_) => return Err(Stop::unsupported("FOR over a dynamic query")),
        };
        let row = match &source {
            RowSource::Query(q) => q.cols.clone(),
            RowSource::Cursor(_, c, _) => c.query.cols.clone(),
        };
        let branch = self.prog.branch(self.span(s.span), "loop");
        let at = self.prog.fresh();
        let (slot, body) = self.with_variable(var, label, Ty::Rec(row), at, |cx| cx.stmts(body));
        Ok(StKind::ForQuery {
            label: at,
            slot,
            source,
            body,
            branch,
        })
    }

    /// A declared cursor with its arguments.
    fn declared(&mut self, e: Id<Expr>) -> Res<(Slot, Rc<CursorCode>, Vec<ArgCode>)> {
        let (name, args) = match self.view.ast()[e].kind {
            ExprKind::Name(n) => (n, List::empty()),
            ExprKind::Call { callee, args, .. } => match self.view.ast()[callee].kind {
                ExprKind::Name(n) => (n, args),
                _ => return Err(Stop::missing("a cursor")),
            },
            _ => return Err(Stop::missing("a cursor")),
        };
        let parts = self.parts(name);
        match self.find(&parts)? {
            Some((
                Sym::Cursor {
                    level,
                    slot,
                    code: Some(code),
                    ..
                },
                used,
            )) if used == parts.len() => {
                let args = self.cursor_args(&code, args)?;
                Ok((self.seen(slot, level), code, args))
            }
            _ => Err(Stop::missing(format!(
                "cursor {} is not declared",
                parts.join(".")
            ))),
        }
    }

    fn cursor_args(&mut self, code: &CursorCode, args: List<Arg>) -> Res<Vec<ArgCode>> {
        let list = self.view.ast().list(args).to_vec();
        let mut out: Vec<ArgCode> = code.params.iter().map(|_| ArgCode::Default).collect();
        for (i, a) in list.iter().enumerate() {
            let at = match a.name {
                Some(n) => {
                    let name = self.ident(n);
                    code.params.iter().position(|p| p.0 == name)
                }
                None => Some(i),
            };
            let ex = self.expr(a.value)?.0;
            match at.and_then(|at| out.get_mut(at)) {
                Some(place) => *place = ArgCode::In(ex),
                None => {
                    return Err(Stop::missing(
                        "an argument of a cursor that has no such parameter",
                    ));
                }
            }
        }
        Ok(out)
    }

    fn forall(&mut self, s: &Stmt) -> Res<StKind> {
        let StmtKind::Forall {
            var,
            bounds,
            save_exceptions,
            body,
        } = s.kind
        else {
            return Err(Stop::missing("FORALL"));
        };
        let bounds = match bounds {
            ForallBounds::Range(a, b) => ForallCode::Range(self.expr(a)?.0, self.expr(b)?.0),
            ForallBounds::Indices(c)
                if matches!(self.view.ast()[c].kind, ExprKind::Between { .. }) =>
            {
                return Err(Stop::unsupported("INDICES OF .. BETWEEN"));
            }
            ForallBounds::Indices(c) => ForallCode::Indices(self.expr(c)?.0),
            ForallBounds::Values(c) => ForallCode::Values(self.expr(c)?.0),
        };
        let at = self.prog.fresh();
        let (slot, body) = self.with_variable(var, None, Ty::Int, at, |cx| cx.stmt(body));
        Ok(StKind::Forall {
            slot,
            bounds,
            save: save_exceptions,
            body: Box::new(body),
        })
    }

    fn open(&mut self, cursor: Id<Expr>, source: OpenSource, using: List<UsingArg>) -> Res<StKind> {
        match source {
            OpenSource::Own => {
                let (slot, code, args) = self.declared(cursor)?;
                Ok(StKind::OpenDeclared(slot, code, args))
            }
            OpenSource::Query(q) => {
                let target = self.target(cursor)?;
                Ok(StKind::OpenFor(target, OpenCode::Query(self.query(q)?)))
            }
            OpenSource::Text(e) => {
                let target = self.target(cursor)?;
                let text = self.expr(e)?.0;
                let list = self.view.ast().list(using).to_vec();
                let binds: Res<Vec<Ex>> = list
                    .iter()
                    .map(|u| self.expr(u.value).map(|t| t.0))
                    .collect();
                Ok(StKind::OpenFor(target, OpenCode::Text(text, binds?)))
            }
        }
    }

    fn fetch(
        &mut self,
        cursor: Id<Expr>,
        into: Id<ast::Into>,
        limit: Option<Id<Expr>>,
    ) -> Res<StKind> {
        let cursor_ref = self.cursor(cursor)?;
        let count = self.view.ast()[into].targets.len();
        let into = self.into(into, count)?;
        let limit = limit.map(|l| self.expr(l).map(|t| t.0)).transpose()?;
        if cursor_ref == CurRef::Sql {
            return Err(Stop::missing("FETCH from SQL"));
        }
        Ok(StKind::Fetch(cursor_ref, into, limit))
    }

    fn execute(
        &mut self,
        text: Id<Expr>,
        into: Option<Id<ast::Into>>,
        using: List<UsingArg>,
        returning: Option<Id<ast::Into>>,
    ) -> Res<StKind> {
        let text = self.expr(text)?.0;
        let count = |cx: &Self, i: Id<ast::Into>| cx.view.ast()[i].targets.len();
        let into = into.map(|i| self.into(i, count(self, i))).transpose()?;
        let returning = returning
            .map(|i| self.into(i, count(self, i)))
            .transpose()?;
        let mut args = Vec::new();
        for u in self.view.ast().list(using).to_vec() {
            args.push(match u.out {
                true => ArgCode::InOut(self.target(u.value)?),
                false => ArgCode::In(self.expr(u.value)?.0),
            });
        }
        Ok(StKind::Execute(Box::new(Dynamic {
            text,
            into,
            using: args,
            returning,
        })))
    }

    fn select_into(&mut self, id: Id<ast::Query>) -> Res<StKind> {
        let query = self.query(id)?;
        match self.into_of(id) {
            Some(into) => {
                let into = self.into(into, query.cols.fields.len())?;
                Ok(StKind::Select(query, into))
            }
            // A dynamic SELECT without INTO: its rows are taken by whoever runs the text.
            None if !matches!(self.binds, Binds::None) => Ok(StKind::ForQuery {
                label: 0,
                slot: Slot::Local { up: 0, at: 0 },
                source: RowSource::Query(query),
                body: Vec::new(),
                branch: usize::MAX,
            }),
            None => Err(Stop::missing("SELECT without INTO")),
        }
    }

    /// A call as a statement.
    fn procedure(&mut self, e: Id<Expr>) -> Res<StKind> {
        let node = self.view.ast()[e];
        let (callee, args) = match node.kind {
            ExprKind::Call { callee, args, .. } => (callee, args),
            _ => (e, List::empty()),
        };
        match self.view.ast()[callee].kind {
            ExprKind::Name(name) => {
                if !self.view.ast()[name].link.is_empty() {
                    return self.unsupported("a call over a database link", node.span);
                }
                let parts = self.parts(name);
                self.named_procedure(&parts, args)
            }
            ExprKind::Field { base, name } => {
                let target = self.target(base)?;
                let name = self.ident(name);
                self.collection_op(target, &name, args)
            }
            _ => self.unsupported("this call", node.span),
        }
    }

    fn named_procedure(&mut self, parts: &[String], args: List<Arg>) -> Res<StKind> {
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        match self.find(parts)? {
            Some((Sym::Routines(ids), used)) if used == parts.len() => {
                let call = self.call_code(&ids, &parts[used - 1], args)?;
                return Ok(StKind::Call(Box::new(call)));
            }
            Some((Sym::Var { ty, .. }, used)) if used < parts.len() && !matches!(ty, Ty::File) => {
                let (last, front) = parts
                    .split_last()
                    .map_or(("", &[][..]), |(l, f)| (l.as_str(), f));
                let ast_target = self.named_target(front)?;
                return self.collection_op(ast_target, last, args);
            }
            _ => {}
        }
        let Some((native, _)) = native(&words) else {
            return Err(Stop::missing(format!(
                "{} is not declared",
                parts.join(".")
            )));
        };
        if matches!(native, Native::FgetLine | Native::Fclose) {
            let at = if native == Native::FgetLine { 1 } else { 0 };
            let list = self.view.ast().list(args).to_vec();
            let target = list.get(at).map(|a| self.target(a.value)).transpose()?;
            let exs: Res<Vec<Ex>> = list
                .iter()
                .map(|a| self.expr(a.value).map(|t| t.0))
                .collect();
            return Ok(StKind::Native(native, exs?, target));
        }
        let exs = self.args(args)?.into_iter().map(|t| t.0).collect();
        Ok(StKind::Native(native, exs, None))
    }

    fn collection_op(
        &mut self,
        target: super::super::code::Lv,
        name: &str,
        args: List<Arg>,
    ) -> Res<StKind> {
        let op = match name {
            "EXTEND" => CollOp::Extend,
            "TRIM" => CollOp::Trim,
            "DELETE" => CollOp::Delete,
            _ => return Err(Stop::missing(format!("component {name} is not declared"))),
        };
        if !matches!(target.ty(), Ty::Coll(_)) {
            return Err(Stop::missing(format!(
                "{name} of something that is no collection"
            )));
        }
        let exs = self.args(args)?.into_iter().map(|t| t.0).collect();
        Ok(StKind::Collection(op, target, exs))
    }

    /// SQL statements that are no DML, inside dynamic texts.
    fn item(&mut self, id: Id<Item>) -> Res<StKind> {
        let item = self.view.ast()[id];
        match item.kind {
            ItemKind::Truncate(name) => {
                let parts = self.parts(name);
                let words: Vec<&str> = parts.iter().map(String::as_str).collect();
                let table = self.prog.table(&words, &self.schema)?;
                Ok(StKind::Truncate(self.prog.stored(&table)?))
            }
            ItemKind::Dml(d) => Ok(StKind::Dml(self.dml(d)?)),
            ItemKind::Query(q) => self.select_into(q),
            ItemKind::Block(b) => Ok(StKind::Block(Box::new(self.block(b, None)))),
            ItemKind::Stmt(s) => Ok(self.stmt(s).kind),
            ItemKind::Exec(list) => {
                let block = BlockCode {
                    inits: Vec::new(),
                    body: self.stmts(list),
                    handlers: Vec::new(),
                };
                Ok(StKind::Block(Box::new(block)))
            }
            ItemKind::SqlPlus(_) | ItemKind::Grant(_) | ItemKind::Comment { .. } => {
                Ok(StKind::Null)
            }
            _ if self
                .view
                .text(item.span)
                .to_uppercase()
                .starts_with("ALTER SESSION") =>
            {
                Ok(StKind::Null)
            }
            _ => {
                let text: String = self.view.text(item.span).chars().take(40).collect();
                self.unsupported(format!("the statement {text}"), item.span)
            }
        }
    }

    /// A unit of a text as a block.
    pub(super) fn item_block(&mut self, id: Id<Item>) -> Res<BlockCode> {
        let item = self.view.ast()[id];
        if let ItemKind::Block(b) = item.kind {
            return Ok(self.block(b, None));
        }
        let kind = self.item(id)?;
        let span = self.span(item.span);
        Ok(BlockCode {
            inits: Vec::new(),
            body: vec![St { span, kind }],
            handlers: Vec::new(),
        })
    }

    /// WHEN of a trigger: NEW and OLD stand without a colon.
    pub(super) fn trigger_when(&mut self, e: Id<Expr>) -> Res<Ex> {
        let Binds::Trigger(new, old, row) = &self.binds else {
            return Err(Stop::missing("a trigger"));
        };
        let (new, old, row) = (*new, *old, row.clone());
        self.enter(None);
        for (name, slot) in [("NEW", new), ("OLD", old)] {
            let sym = Sym::Var {
                level: 0,
                slot,
                ty: Ty::Rec(row.clone()),
                constant: true,
                not_null: false,
            };
            self.declare(name, sym);
        }
        let ex = self.cond(e);
        self.leave();
        ex
    }
}
