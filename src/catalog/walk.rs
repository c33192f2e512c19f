//! One walk over everything that a body holds: statements, expressions, queries, declarations, with the scope of each
//! place. Bodies of nested routines are not entered: they are routines of their own. Depth is bounded by the parser.

use super::resolve::{Frame, Scope};
use crate::syntax::View;
use crate::syntax::ast::*;

/// A node on the way.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// A block, before its declarations.
    Block(Id<Block>),
    /// A declaration.
    Decl(Id<Decl>),
    /// A statement.
    Stmt(Id<Stmt>),
    /// An expression.
    Expr(Id<Expr>),
    /// A query.
    Query(Id<Query>),
    /// A SELECT of a query.
    Select(Id<Query>, Id<Select>),
    /// A FROM element, or the target of DML.
    From(Id<FromItem>),
    /// A DML statement.
    Dml(Id<Dml>),
}

/// What is done on the way.
pub trait Visitor {
    /// Before a node's children; false leaves them out.
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool;
    /// After a node's children, also when they were left out.
    fn leave(&mut self, _at: &Place<'_>, _node: Node) {}
}

/// Where the walk is.
pub struct Place<'a> {
    /// Tree and text.
    pub view: View<'a>,
    /// Scope of names.
    pub scope: Scope,
    /// How many SQL statements and queries are around it.
    pub sql: u32,
    /// How many loops are around it.
    pub loops: u32,
    /// Innermost statement around it.
    pub statement: Option<Id<Stmt>>,
    query: Option<Id<Query>>,
}

/// Walks a tree for a visitor.
pub struct Walk<'a, 'v, V: Visitor> {
    at: Place<'a>,
    visitor: &'v mut V,
}

impl<'a, 'v, V: Visitor> Walk<'a, 'v, V> {
    /// A walk that starts in `scope`. For a block, `scope` is that around it.
    pub fn new(view: View<'a>, scope: Scope, visitor: &'v mut V) -> Self {
        let at = Place {
            view,
            scope,
            sql: 0,
            loops: 0,
            statement: None,
            query: None,
        };
        Self { at, visitor }
    }

    fn node(&mut self, node: Node, inside: impl FnOnce(&mut Self)) {
        if self.visitor.enter(&self.at, node) {
            // The parser lets trees be deeper than a thread's stack.
            stacker::maybe_grow(64 * 1024, 1024 * 1024, || inside(self));
        }
        self.visitor.leave(&self.at, node);
    }

    fn framed(&mut self, frame: Frame, inside: impl FnOnce(&mut Self)) {
        self.at.scope.enter(frame);
        inside(self);
        self.at.scope.leave();
    }

    fn in_sql(&mut self, inside: impl FnOnce(&mut Self)) {
        self.at.sql += 1;
        inside(self);
        self.at.sql -= 1;
    }

    fn in_loop(&mut self, inside: impl FnOnce(&mut Self)) {
        self.at.loops += 1;
        inside(self);
        self.at.loops -= 1;
    }

    /// A block.
    pub fn block(&mut self, id: Id<Block>) {
        let block = self.at.view.ast()[id];
        self.framed(Frame::Block(id), |w| {
            w.node(Node::Block(id), |w| {
                w.decls(block.decls);
                w.stmts(block.body);
                for h in w.at.view.ast().list(block.handlers) {
                    w.stmts(h.body);
                }
            });
        });
    }

    /// Declarations.
    pub fn decls(&mut self, list: List<Decl>) {
        for id in list.ids() {
            self.node(Node::Decl(id), |w| w.decl(id));
        }
    }

    fn decl(&mut self, id: Id<Decl>) {
        match self.at.view.ast()[id].kind {
            DeclKind::Var { default, .. } => self.maybe(default),
            DeclKind::Cursor { query, params, .. } => {
                for p in self.at.view.ast().list(params) {
                    self.maybe(p.default);
                }
                if let Some(q) = query {
                    self.framed(Frame::Cursor(id), |w| w.query(q));
                }
            }
            DeclKind::Record { fields, .. } => {
                for f in self.at.view.ast().list(fields) {
                    self.maybe(f.default);
                }
            }
            DeclKind::CondCompile(inner) => self.decls(inner),
            DeclKind::Collection { .. }
            | DeclKind::RefCursor(_, _)
            | DeclKind::Subtype { .. }
            | DeclKind::Exception(_)
            | DeclKind::Pragma(_, _)
            | DeclKind::Routine(_)
            | DeclKind::OtherType(_)
            | DeclKind::Unparsed => {}
        }
    }

    /// Statements.
    pub fn stmts(&mut self, list: List<Stmt>) {
        for id in list.ids() {
            self.stmt(id);
        }
    }

    /// A statement.
    pub fn stmt(&mut self, id: Id<Stmt>) {
        let outer = self.at.statement.replace(id);
        self.node(Node::Stmt(id), |w| w.stmt_inside(id));
        self.at.statement = outer;
    }

    fn stmt_inside(&mut self, id: Id<Stmt>) {
        match self.at.view.ast()[id].kind {
            StmtKind::Assign { target, value } => self.both(target, value),
            StmtKind::Call(e) | StmtKind::Close(e) | StmtKind::PipeRow(e) => self.expr(e),
            StmtKind::If { arms, else_ } | StmtKind::CondCompile { arms, else_ } => {
                self.if_arms(arms);
                self.stmts(else_.unwrap_or_default());
            }
            StmtKind::Case {
                operand,
                arms,
                else_,
            } => {
                self.maybe(operand);
                for arm in self.at.view.ast().list(arms) {
                    self.exprs(arm.whens);
                    self.stmts(arm.body);
                }
                self.stmts(else_.unwrap_or_default());
            }
            StmtKind::Loop(body) => self.in_loop(|w| w.stmts(body)),
            StmtKind::While { cond, body } => self.in_loop(|w| {
                w.expr(cond);
                w.stmts(body);
            }),
            StmtKind::ForRange { iters, body, .. } => {
                self.iters(iters);
                self.in_loop(|w| w.framed(Frame::Loop(id), |w| w.stmts(body)));
            }
            StmtKind::ForCursor { source, body, .. } => {
                match source {
                    CursorSource::Query(q) => self.query(q),
                    CursorSource::Cursor(e) | CursorSource::Dynamic(e) => self.expr(e),
                }
                self.in_loop(|w| w.framed(Frame::Loop(id), |w| w.stmts(body)));
            }
            StmtKind::Forall { bounds, body, .. } => {
                match bounds {
                    ForallBounds::Range(a, b) => self.both(a, b),
                    ForallBounds::Indices(e) | ForallBounds::Values(e) => self.expr(e),
                }
                self.in_loop(|w| w.framed(Frame::Loop(id), |w| w.stmt(body)));
            }
            StmtKind::Block(b) => self.block(b),
            StmtKind::Exit { when, .. } | StmtKind::Continue { when, .. } => self.maybe(when),
            StmtKind::Return(e) => self.maybe(e),
            StmtKind::Open {
                cursor,
                source,
                using,
            } => {
                self.expr(cursor);
                match source {
                    OpenSource::Own => {}
                    OpenSource::Query(q) => self.query(q),
                    OpenSource::Text(e) => self.expr(e),
                }
                self.usings(using);
            }
            StmtKind::Fetch {
                cursor,
                into,
                limit,
            } => {
                self.expr(cursor);
                self.into(into);
                self.maybe(limit);
            }
            StmtKind::ExecuteImmediate {
                text,
                into,
                using,
                returning,
            } => {
                self.expr(text);
                self.usings(using);
                into.into_iter().chain(returning).for_each(|i| self.into(i));
            }
            StmtKind::Select(q) => self.query(q),
            StmtKind::Dml(d) => self.dml(d),
            StmtKind::LockTable(items, _) => self.sources(items),
            StmtKind::Goto(_)
            | StmtKind::Raise(_)
            | StmtKind::Null
            | StmtKind::Commit
            | StmtKind::Rollback(_)
            | StmtKind::Savepoint(_)
            | StmtKind::Set(_)
            | StmtKind::Item(_)
            | StmtKind::Unparsed => {}
        }
    }

    fn if_arms(&mut self, arms: List<IfArm>) {
        for arm in self.at.view.ast().list(arms) {
            self.expr(arm.cond);
            self.stmts(arm.body);
        }
    }

    fn iters(&mut self, iters: List<Iter>) {
        for iter in self.at.view.ast().list(iters) {
            match *iter {
                Iter::Range(a, b, step) => {
                    self.both(a, b);
                    self.maybe(step);
                }
                Iter::Expr(e) => self.expr(e),
            }
        }
    }

    fn usings(&mut self, list: List<UsingArg>) {
        for u in self.at.view.ast().list(list) {
            self.expr(u.value);
        }
    }

    fn into(&mut self, id: Id<Into>) {
        self.exprs(self.at.view.ast()[id].targets);
    }

    fn maybe(&mut self, e: Option<Id<Expr>>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn both(&mut self, a: Id<Expr>, b: Id<Expr>) {
        self.expr(a);
        self.expr(b);
    }

    fn exprs(&mut self, list: List<Expr>) {
        list.ids().for_each(|e| self.expr(e));
    }

    fn order(&mut self, list: List<OrderItem>) {
        for o in self.at.view.ast().list(list) {
            self.expr(o.expr);
        }
    }

    /// An expression.
    pub fn expr(&mut self, id: Id<Expr>) {
        self.node(Node::Expr(id), |w| w.expr_inside(id));
    }

    fn expr_inside(&mut self, id: Id<Expr>) {
        match self.at.view.ast()[id].kind {
            ExprKind::Call {
                callee, args, rest, ..
            } => {
                let CallRest {
                    within, keep, over, ..
                } = self.at.view.ast().rest(rest);
                self.call(callee, args, within, keep, over)
            }
            ExprKind::CursorAttr { base: e, .. }
            | ExprKind::Field { base: e, .. }
            | ExprKind::Unary { operand: e, .. }
            | ExprKind::IsNull { operand: e, .. }
            | ExprKind::Is { operand: e, .. }
            | ExprKind::Cast { operand: e, .. }
            | ExprKind::Extract { operand: e, .. }
            | ExprKind::Paren(e)
            | ExprKind::Outer(e) => self.expr(e),
            ExprKind::Binary { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::Multiset { left, right, .. } => self.both(left, right),
            ExprKind::Chain { items, .. } | ExprKind::Row(items) => self.exprs(items),
            ExprKind::Between {
                operand, low, high, ..
            } => {
                self.expr(operand);
                self.both(low, high);
            }
            ExprKind::InList { operand, items, .. } => {
                self.expr(operand);
                self.exprs(items);
            }
            ExprKind::InQuery { operand, query, .. } => {
                self.expr(operand);
                self.query(query);
            }
            ExprKind::Like {
                operand,
                pattern,
                escape,
                ..
            } => {
                self.both(operand, pattern);
                self.maybe(escape);
            }
            ExprKind::Exists(q) | ExprKind::Subquery(q) | ExprKind::CursorQuery(q) => self.query(q),
            ExprKind::Case {
                operand,
                whens,
                else_,
            } => {
                self.maybe(operand);
                for w in self.at.view.ast().list(whens) {
                    self.both(w.when, w.then);
                }
                self.maybe(else_);
            }
            ExprKind::AtTimeZone { operand, zone } => {
                self.expr(operand);
                self.maybe(zone);
            }
            ExprKind::Special(id) => {
                let Special { args, clauses, .. } = self.at.view.ast()[id];
                self.args(args);
                self.clauses(clauses);
            }
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number
            | ExprKind::String
            | ExprKind::DateLit
            | ExprKind::TimestampLit
            | ExprKind::IntervalLit
            | ExprKind::Name(_)
            | ExprKind::Bind(_)
            | ExprKind::Subst
            | ExprKind::Star(_)
            | ExprKind::Inquiry(_)
            | ExprKind::Type(_)
            | ExprKind::Unparsed => {}
        }
    }

    fn call(
        &mut self,
        callee: Id<Expr>,
        args: List<Arg>,
        within: List<OrderItem>,
        keep: Option<Id<Keep>>,
        over: Option<Id<WindowSpec>>,
    ) {
        let ast = self.at.view.ast();
        // The callee's name is part of the call, not a name of its own.
        if !matches!(ast[callee].kind, ExprKind::Name(_)) {
            self.expr(callee);
        }
        self.args(args);
        self.order(within);
        if let Some(k) = keep {
            self.order(ast[k].order_by);
        }
        if let Some(o) = over {
            self.window(o);
        }
    }

    fn window(&mut self, id: Id<WindowSpec>) {
        let w = self.at.view.ast()[id];
        self.exprs(w.partition_by);
        self.order(w.order_by);
    }

    fn clauses(&mut self, list: List<Clause>) {
        for c in self.at.view.ast().list(list) {
            self.exprs(c.values);
            self.order(c.order);
            c.query.into_iter().for_each(|q| self.query(q));
            self.clauses(c.inner);
        }
    }

    fn args(&mut self, args: List<Arg>) {
        for a in self.at.view.ast().list(args) {
            self.expr(a.value);
        }
    }

    /// A query.
    pub fn query(&mut self, id: Id<Query>) {
        let outer = self.at.query.replace(id);
        self.in_sql(|w| w.node(Node::Query(id), |w| w.query_inside(id)));
        self.at.query = outer;
    }

    fn query_inside(&mut self, id: Id<Query>) {
        let ast = self.at.view.ast();
        let q = ast[id];
        for cte in ast.list(q.with) {
            self.query(cte.query);
        }
        self.set_expr(q.body);
        self.order(q.order_by);
        self.maybe(q.offset);
        self.maybe(q.fetch.and_then(|f| self.at.view.ast()[f].count));
    }

    fn set_expr(&mut self, id: Id<SetExpr>) {
        let ast = self.at.view.ast();
        match ast[id] {
            SetExpr::Select(s) => self.select(s),
            SetExpr::Query(q) => self.query(q),
            SetExpr::Chain { first, rest } => {
                self.set_expr(first);
                for term in ast.list(rest) {
                    self.set_expr(term.operand);
                }
            }
            SetExpr::Values(rows) => self.exprs(rows),
            SetExpr::Unparsed(_) => {}
        }
    }

    fn select(&mut self, id: Id<Select>) {
        let Some(query) = self.at.query else { return };
        self.node(Node::Select(query, id), |w| {
            let ast = w.at.view.ast();
            let s = ast[id];
            w.sources(s.from);
            for item in ast.list(s.items) {
                w.expr(item.expr);
            }
            s.into.into_iter().for_each(|i| w.into(i));
            let rest = ast.select_rest(s.rest);
            for e in [s.where_, rest.start_with, rest.connect_by, s.having] {
                w.maybe(e);
            }
            w.groups(s.group_by);
            for named in ast.list(rest.windows) {
                w.window(named.spec);
            }
            w.clauses(rest.clauses);
        });
    }

    fn groups(&mut self, list: List<GroupItem>) {
        for g in self.at.view.ast().list(list) {
            match *g {
                GroupItem::Expr(e) => self.expr(e),
                GroupItem::Rollup(items) | GroupItem::Cube(items) => self.exprs(items),
                GroupItem::Sets(sets) => self.groups(sets),
                GroupItem::All => {}
            }
        }
    }

    fn sources(&mut self, list: List<FromItem>) {
        list.ids().for_each(|f| self.from(f));
    }

    fn from(&mut self, id: Id<FromItem>) {
        self.node(Node::From(id), |w| w.from_inside(id));
    }

    fn from_inside(&mut self, id: Id<FromItem>) {
        let w = self;
        match w.at.view.ast()[id].kind {
            FromKind::Query { query, .. } => w.query(query),
            FromKind::Function { expr, .. } => w.expr(expr),
            FromKind::Join {
                left, right, on, ..
            } => {
                w.from(left);
                w.from(right);
                w.maybe(on);
            }
            FromKind::Paren(inner) | FromKind::Derived { input: inner, .. } => w.from(inner),
            FromKind::Table { .. } | FromKind::Unparsed => {}
        }
        w.clauses(w.at.view.ast()[id].clauses);
    }

    /// A DML statement.
    pub fn dml(&mut self, id: Id<Dml>) {
        self.in_sql(|w| w.node(Node::Dml(id), |w| w.dml_inside(id)));
    }

    fn dml_inside(&mut self, id: Id<Dml>) {
        let ast = self.at.view.ast();
        let dml = ast[id];
        match dml.kind {
            DmlKind::Insert { into, source } => {
                self.from(into.target);
                match source {
                    InsertSource::Values(rows) => self.exprs(rows),
                    InsertSource::Record(e) => self.expr(e),
                    InsertSource::Query(q) => self.query(q),
                    InsertSource::Set(set) => self.assigns(set),
                }
            }
            DmlKind::InsertMulti {
                branches, query, ..
            } => {
                self.query(query);
                for b in ast.list(branches) {
                    self.from(b.target);
                    self.maybe(b.when);
                    self.exprs(b.values);
                }
            }
            DmlKind::Update {
                target,
                set,
                from,
                where_,
                current_of,
            } => {
                self.from(target);
                self.sources(from);
                self.assigns(set);
                self.maybe(where_);
                self.maybe(current_of);
            }
            DmlKind::Delete {
                target,
                from,
                where_,
                current_of,
            } => {
                self.from(target);
                self.sources(from);
                self.maybe(where_);
                self.maybe(current_of);
            }
            DmlKind::Merge {
                target,
                source,
                on,
                clauses,
            } => {
                self.from(target);
                self.from(source);
                self.expr(on);
                self.merge_clauses(clauses);
            }
            DmlKind::Unparsed(_) => {}
        }
        self.exprs(dml.returning);
        dml.returning_into.into_iter().for_each(|i| self.into(i));
    }

    fn merge_clauses(&mut self, clauses: List<MergeClause>) {
        for clause in self.at.view.ast().list(clauses) {
            match *clause {
                MergeClause::Update {
                    set,
                    where_,
                    delete,
                } => {
                    self.assigns(set);
                    self.maybe(where_);
                    self.maybe(delete);
                }
                MergeClause::Insert { values, where_, .. } => {
                    self.exprs(values);
                    self.maybe(where_);
                }
            }
        }
    }

    fn assigns(&mut self, set: List<Assign>) {
        for a in self.at.view.ast().list(set) {
            self.expr(a.value);
        }
    }
}
