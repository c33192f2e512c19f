//! Walking the tree: every child of every node, in source order, without a wildcard arm, so that
//! a new node cannot be forgotten. Recursion goes through one guard that grows the stack.

mod code;
mod unit;

pub use code::{walk_block, walk_decl, walk_dml, walk_routine, walk_stmt};
pub use unit::walk_item;

use super::ast::*;

/// Hooks on the way down. Each does by default what its `walk_*` function does: visit the
/// children. A hook that does not call it prunes the subtree.
pub trait Visit<'a> {
    /// The tree that is walked.
    fn ast(&self) -> &'a Ast;
    /// Said before each child: what the child is to its parent.
    fn role(&mut self, _role: &'static str) {}
    /// A unit.
    fn item(&mut self, id: Id<Item>) {
        walk_item(self, id);
    }
    /// A statement.
    fn stmt(&mut self, id: Id<Stmt>) {
        walk_stmt(self, id);
    }
    /// A DML statement.
    fn dml(&mut self, id: Id<Dml>) {
        walk_dml(self, id);
    }
    /// An expression.
    fn expr(&mut self, id: Id<Expr>) {
        walk_expr(self, id);
    }
    /// A query.
    fn query(&mut self, id: Id<Query>) {
        walk_query(self, id);
    }
    /// A set expression.
    fn set_expr(&mut self, id: Id<SetExpr>) {
        walk_set_expr(self, id);
    }
    /// A SELECT block.
    fn select(&mut self, id: Id<Select>) {
        walk_select(self, id);
    }
    /// A FROM element or DML target.
    fn from_item(&mut self, id: Id<FromItem>) {
        walk_from_item(self, id);
    }
    /// A declaration.
    fn decl(&mut self, id: Id<Decl>) {
        walk_decl(self, id);
    }
    /// A routine.
    fn routine(&mut self, id: Id<Routine>) {
        walk_routine(self, id);
    }
    /// A block.
    fn block(&mut self, id: Id<Block>) {
        walk_block(self, id);
    }
    /// A clause.
    fn clause(&mut self, id: Id<Clause>) {
        walk_clause(self, id);
    }
    /// A type reference.
    fn type_ref(&mut self, _id: Id<TypeRef>) {}
    /// A dotted name, wherever one stands.
    fn name(&mut self, _id: Id<ObjectName>) {}
}

/// Runs `f` with enough stack for one more level.
fn guarded(f: impl FnOnce()) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, f);
}

fn exprs<'a, V: Visit<'a> + ?Sized>(v: &mut V, role: &'static str, list: List<Expr>) {
    for id in list.ids() {
        v.role(role);
        v.expr(id);
    }
}

fn expr<'a, V: Visit<'a> + ?Sized>(
    v: &mut V,
    role: &'static str,
    id: impl std::convert::Into<Option<Id<Expr>>>,
) {
    if let Some(id) = id.into() {
        v.role(role);
        v.expr(id);
    }
}

fn name<'a, V: Visit<'a> + ?Sized>(
    v: &mut V,
    role: &'static str,
    id: impl std::convert::Into<Option<Id<ObjectName>>>,
) {
    if let Some(id) = id.into() {
        v.role(role);
        v.name(id);
    }
}

fn type_ref<'a, V: Visit<'a> + ?Sized>(
    v: &mut V,
    role: &'static str,
    id: impl std::convert::Into<Option<Id<TypeRef>>>,
) {
    if let Some(id) = id.into() {
        v.role(role);
        v.type_ref(id);
    }
}

fn query<'a, V: Visit<'a> + ?Sized>(
    v: &mut V,
    role: &'static str,
    id: impl std::convert::Into<Option<Id<Query>>>,
) {
    if let Some(id) = id.into() {
        v.role(role);
        v.query(id);
    }
}

fn stmts<'a, V: Visit<'a> + ?Sized>(v: &mut V, role: &'static str, list: List<Stmt>) {
    for id in list.ids() {
        v.role(role);
        v.stmt(id);
    }
}

fn decls<'a, V: Visit<'a> + ?Sized>(v: &mut V, role: &'static str, list: List<Decl>) {
    for id in list.ids() {
        v.role(role);
        v.decl(id);
    }
}

fn from_items<'a, V: Visit<'a> + ?Sized>(v: &mut V, role: &'static str, list: List<FromItem>) {
    for id in list.ids() {
        v.role(role);
        v.from_item(id);
    }
}

fn args<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<Arg>) {
    let ast = v.ast();
    for arg in ast.list(list) {
        expr(v, "arg", arg.value);
    }
}

fn order<'a, V: Visit<'a> + ?Sized>(v: &mut V, role: &'static str, list: List<OrderItem>) {
    let ast = v.ast();
    for item in ast.list(list) {
        expr(v, role, item.expr);
    }
}

fn into<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Option<Id<Into>>) {
    if let Some(id) = id {
        exprs(v, "into", v.ast()[id].targets);
    }
}

fn assigns<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<Assign>) {
    let ast = v.ast();
    for a in ast.list(list) {
        exprs(v, "column", a.targets);
        expr(v, "value", a.value);
    }
}

fn clauses<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<Clause>) {
    for id in list.ids() {
        v.role("");
        v.clause(id);
    }
}

fn clause<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Option<Id<Clause>>) {
    if let Some(id) = id {
        v.role("");
        v.clause(id);
    }
}

/// The children of a clause.
pub fn walk_clause<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Clause>) {
    guarded(|| {
        let ast = v.ast();
        let c = ast[id];
        name(v, "object", c.object);
        type_ref(v, "type", c.ty);
        exprs(v, "value", c.values);
        query(v, "query", c.query);
        order(v, "order by", c.order);
        clauses(v, c.inner);
    });
}

/// The children of a query.
pub fn walk_query<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Query>) {
    guarded(|| {
        let ast = v.ast();
        let q = &ast[id];
        decls(v, "with", q.with_decls);
        for cte in ast.list(q.with) {
            query(v, "with", cte.query);
            clauses(v, cte.clauses);
        }
        v.role("body");
        v.set_expr(q.body);
        order(v, "order by", q.order_by);
        expr(v, "offset", q.offset);
        if let Some(f) = q.fetch {
            clauses(v, f.partitions);
            expr(v, "fetch", f.count);
        }
        if let Some(f) = q.for_update {
            exprs(v, "for update of", f.of);
            expr(v, "wait", f.wait);
        }
    });
}

/// The children of a set expression.
pub fn walk_set_expr<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<SetExpr>) {
    let ast = v.ast();
    match ast[id] {
        SetExpr::Select(s) => {
            v.role("select");
            v.select(s);
        }
        SetExpr::Query(q) => query(v, "query", q),
        SetExpr::Chain { first, rest } => {
            v.role("first");
            v.set_expr(first);
            for term in ast.list(rest) {
                v.role("then");
                v.set_expr(term.operand);
            }
        }
        SetExpr::Values(list) => exprs(v, "row", list),
        SetExpr::Unparsed(_) => {}
    }
}

/// The children of a SELECT block.
pub fn walk_select<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Select>) {
    let ast = v.ast();
    let s = &ast[id];
    for item in ast.list(s.items) {
        expr(v, "item", item.expr);
    }
    into(v, s.into);
    from_items(v, "from", s.from);
    expr(v, "where", s.where_);
    expr(v, "start with", s.start_with);
    expr(v, "connect by", s.connect_by);
    for g in s.group_by.ids() {
        walk_group(v, g);
    }
    expr(v, "having", s.having);
    for w in ast.list(s.windows) {
        window(v, w.spec);
    }
    clauses(v, s.clauses);
}

fn window<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<WindowSpec>) {
    let w = v.ast()[id];
    exprs(v, "partition by", w.partition_by);
    order(v, "window order", w.order_by);
    clause(v, w.bounds);
}

fn walk_group<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<GroupItem>) {
    let ast = v.ast();
    match ast[id] {
        GroupItem::Expr(e) => expr(v, "group by", e),
        GroupItem::Rollup(list) | GroupItem::Cube(list) => exprs(v, "group by", list),
        GroupItem::Sets(list) => guarded(|| {
            for g in list.ids() {
                walk_group(v, g);
            }
        }),
        GroupItem::All => {}
    }
}

/// The children of a FROM element.
pub fn walk_from_item<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<FromItem>) {
    guarded(|| {
        let ast = v.ast();
        match ast[id].kind {
            FromKind::Table { name: n, tail: _ } => name(v, "table", n),
            FromKind::Query {
                query: q,
                lateral: _,
            } => query(v, "query", q),
            FromKind::Function { expr: e, tail: _ } => expr(v, "function", e),
            FromKind::Join {
                left,
                right,
                on,
                kind: _,
                natural: _,
                using: _,
            } => {
                v.role("left");
                v.from_item(left);
                v.role("right");
                v.from_item(right);
                expr(v, "on", on);
            }
            FromKind::Paren(inner) => {
                v.role("inner");
                v.from_item(inner);
            }
            FromKind::Derived {
                input,
                keyword: _,
                tail: _,
            } => {
                v.role("input");
                v.from_item(input);
            }
            FromKind::Unparsed => {}
        }
        clauses(v, ast[id].clauses);
    });
}

/// The children of an expression.
pub fn walk_expr<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Expr>) {
    guarded(|| expr_children(v, id));
}

fn expr_children<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Expr>) {
    let ast = v.ast();
    match ast[id].kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number
        | ExprKind::String
        | ExprKind::DateLit
        | ExprKind::TimestampLit
        | ExprKind::IntervalLit
        | ExprKind::Bind(_)
        | ExprKind::Subst
        | ExprKind::Inquiry(_)
        | ExprKind::Unparsed => {}
        ExprKind::Name(n) => name(v, "name", n),
        ExprKind::Star(n) => name(v, "of", n),
        ExprKind::CursorAttr { base, attr: _ } => expr(v, "of", base),
        ExprKind::Call {
            callee,
            args: list,
            within,
            keep,
            over,
            clauses: list_of,
            distinct: _,
            tail: _,
        } => {
            expr(v, "callee", callee);
            args(v, list);
            clauses(v, list_of);
            order(v, "within order", within);
            if let Some(k) = keep {
                order(v, "keep order", ast[k].order_by);
            }
            if let Some(w) = over {
                window(v, w);
            }
        }
        ExprKind::Field { base, name: _ } => expr(v, "of", base),
        ExprKind::Unary { operand, op: _ } => expr(v, "operand", operand),
        ExprKind::Binary { left, right, op: _ }
        | ExprKind::Compare {
            left,
            right,
            op: _,
            quantifier: _,
        }
        | ExprKind::Multiset { left, right, op: _ } => {
            expr(v, "left", left);
            expr(v, "right", right);
        }
        ExprKind::Chain { items, op: _ } => exprs(v, "operand", items),
        ExprKind::Between {
            operand,
            low,
            high,
            not: _,
        } => {
            expr(v, "operand", operand);
            expr(v, "low", low);
            expr(v, "high", high);
        }
        ExprKind::InList {
            operand,
            items,
            not: _,
        } => {
            expr(v, "operand", operand);
            exprs(v, "candidate", items);
        }
        ExprKind::InQuery {
            operand,
            query: q,
            not: _,
        } => {
            expr(v, "operand", operand);
            query(v, "candidates", q);
        }
        ExprKind::Like {
            operand,
            pattern,
            escape,
            not: _,
        } => {
            expr(v, "operand", operand);
            expr(v, "pattern", pattern);
            expr(v, "escape", escape);
        }
        ExprKind::IsNull { operand, not: _ } => expr(v, "operand", operand),
        ExprKind::Is {
            operand,
            types,
            property: _,
            not: _,
            what: _,
        } => {
            expr(v, "operand", operand);
            for ty in types.ids() {
                type_ref(v, "type", ty);
            }
        }
        ExprKind::Exists(q) | ExprKind::Subquery(q) | ExprKind::CursorQuery(q) => {
            query(v, "query", q)
        }
        ExprKind::Case {
            operand,
            whens,
            else_,
        } => {
            expr(v, "operand", operand);
            for w in ast.list(whens) {
                expr(v, "when", w.when);
                expr(v, "then", w.then);
            }
            expr(v, "else", else_);
        }
        ExprKind::Cast {
            operand,
            ty,
            clauses: list,
            treat: _,
            tail: _,
        } => {
            expr(v, "operand", operand);
            type_ref(v, "as", ty);
            clauses(v, list);
        }
        ExprKind::Extract { operand, field: _ } => expr(v, "from", operand),
        ExprKind::Row(list) => exprs(v, "element", list),
        ExprKind::Paren(e) | ExprKind::Outer(e) => expr(v, "inner", e),
        ExprKind::AtTimeZone { operand, zone } => {
            expr(v, "operand", operand);
            expr(v, "zone", zone);
        }
        ExprKind::Special {
            args: list,
            clauses: more,
            name: _,
        } => {
            args(v, list);
            clauses(v, more);
        }
        ExprKind::Type(t) => type_ref(v, "type", t),
    }
}

/// Calls `f` for every statement of a unit, outermost first.
pub fn for_each_stmt(ast: &Ast, root: Id<Item>, f: &mut dyn FnMut(Id<Stmt>)) {
    struct All<'a, 'f>(&'a Ast, &'f mut dyn FnMut(Id<Stmt>));
    impl<'a> Visit<'a> for All<'a, '_> {
        fn ast(&self) -> &'a Ast {
            self.0
        }
        fn stmt(&mut self, id: Id<Stmt>) {
            (self.1)(id);
            walk_stmt(self, id);
        }
    }
    All(ast, f).item(root);
}

/// Calls `f` for every expression below a unit, outermost first.
pub fn for_each_expr(ast: &Ast, root: Id<Item>, f: &mut dyn FnMut(Id<Expr>)) {
    Exprs(ast, f).item(root);
}

/// Calls `f` for an expression and every expression below it, subqueries included.
pub fn for_each_expr_in(ast: &Ast, root: Id<Expr>, f: &mut dyn FnMut(Id<Expr>)) {
    Exprs(ast, f).expr(root);
}

/// Calls `f` for every expression below a query.
pub fn for_each_expr_in_query(ast: &Ast, root: Id<Query>, f: &mut dyn FnMut(Id<Expr>)) {
    Exprs(ast, f).query(root);
}

struct Exprs<'a, 'f>(&'a Ast, &'f mut dyn FnMut(Id<Expr>));
impl<'a> Visit<'a> for Exprs<'a, '_> {
    fn ast(&self) -> &'a Ast {
        self.0
    }
    fn expr(&mut self, id: Id<Expr>) {
        (self.1)(id);
        walk_expr(self, id);
    }
}

/// Calls `f` for every query below a unit, outermost first.
pub fn for_each_query(ast: &Ast, root: Id<Item>, f: &mut dyn FnMut(Id<Query>)) {
    struct All<'a, 'f>(&'a Ast, &'f mut dyn FnMut(Id<Query>));
    impl<'a> Visit<'a> for All<'a, '_> {
        fn ast(&self) -> &'a Ast {
            self.0
        }
        fn query(&mut self, id: Id<Query>) {
            (self.1)(id);
            walk_query(self, id);
        }
    }
    All(ast, f).item(root);
}
