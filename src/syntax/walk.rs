//! Walking the tree: every child of every node, in source order, without a wildcard arm, so that
//! a new node cannot be forgotten. Recursion goes through one guard that grows the stack.

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

/// The children of a unit.
pub fn walk_item<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Item>) {
    let ast = v.ast();
    match ast[id].kind {
        ItemKind::CreateTable(t) | ItemKind::ControlFile(t) => walk_table(v, &ast[t]),
        ItemKind::CreateView {
            name: n,
            query: q,
            clauses: list,
            columns: _,
            materialized: _,
        } => {
            name(v, "name", n);
            clauses(v, list);
            query(v, "query", q);
        }
        ItemKind::CreateIndex {
            name: n,
            table,
            columns,
            clauses: list,
            unique: _,
        } => {
            name(v, "name", n);
            name(v, "table", table);
            exprs(v, "column", columns);
            clauses(v, list);
        }
        ItemKind::CreateSequence(n, list) | ItemKind::CreateDbLink(n, list) => {
            name(v, "name", n);
            clauses(v, list);
        }
        ItemKind::Truncate(n) => name(v, "name", n),
        ItemKind::CreateSynonym {
            name: n,
            target,
            public: _,
        } => {
            name(v, "name", n);
            name(v, "for", target);
        }
        ItemKind::CreateTrigger(t) => {
            let t = &ast[t];
            name(v, "name", t.name);
            name(v, "on", t.on);
            clauses(v, t.clauses);
            expr(v, "when", t.when);
            for b in t.bodies.ids() {
                v.role("body");
                v.block(b);
            }
        }
        ItemKind::CreateRoutine { routine, owner: _ } => {
            v.role("routine");
            v.routine(routine);
        }
        ItemKind::CreatePackage {
            name: n,
            decls: list,
        }
        | ItemKind::CreateTypeBody {
            name: n,
            decls: list,
        } => {
            name(v, "name", n);
            decls(v, "decl", list);
        }
        ItemKind::CreatePackageBody {
            name: n,
            decls: list,
            init,
        } => {
            name(v, "name", n);
            decls(v, "decl", list);
            if let Some(init) = init {
                v.role("init");
                v.block(init);
            }
        }
        ItemKind::CreateType {
            name: n,
            attributes,
            collection_of,
            methods,
            clauses: list,
        } => {
            name(v, "name", n);
            clauses(v, list);
            fields(v, attributes);
            type_ref(v, "of", collection_of);
            decls(v, "method", methods);
        }
        ItemKind::AlterTable { name: n, actions } => {
            name(v, "name", n);
            for a in ast.list(actions) {
                walk_alter(v, a);
            }
        }
        ItemKind::Comment {
            name: n,
            text,
            column: _,
        } => {
            name(v, "on", n);
            expr(v, "text", text);
        }
        ItemKind::Grant(g) => name(v, "on", ast[g].object),
        ItemKind::Drop { name: n, table: _ } => name(v, "name", n),
        ItemKind::Block(b) => {
            v.role("block");
            v.block(b);
        }
        ItemKind::Query(q) => query(v, "query", q),
        ItemKind::Dml(d) => {
            v.role("dml");
            v.dml(d);
        }
        ItemKind::Stmt(s) => {
            v.role("stmt");
            v.stmt(s);
        }
        ItemKind::Exec(list) => stmts(v, "stmt", list),
        ItemKind::Ddl(d) => {
            let d = ast[d];
            name(v, "name", d.name);
            clauses(v, d.clauses);
            if let Some(inner) = d.statement {
                v.role("statement");
                v.item(inner);
            }
        }
        ItemKind::SqlPlus(_) | ItemKind::Opaque | ItemKind::Wrapped | ItemKind::Unparsed => {}
    }
}

fn fields<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<FieldDef>) {
    let ast = v.ast();
    for f in ast.list(list) {
        type_ref(v, "field type", f.ty);
        expr(v, "default", f.default);
    }
}

fn walk_table<'a, V: Visit<'a> + ?Sized>(v: &mut V, t: &TableDef) {
    let ast = v.ast();
    name(v, "name", t.name);
    for c in ast.list(t.columns) {
        walk_column(v, c);
    }
    for c in ast.list(t.constraints) {
        walk_constraint(v, c);
    }
    if let Some(e) = t.external {
        exprs(v, "location", e.locations);
    }
    clauses(v, t.clauses);
    query(v, "query", t.query);
}

fn walk_column<'a, V: Visit<'a> + ?Sized>(v: &mut V, c: &ColumnDef) {
    let ast = v.ast();
    type_ref(v, "column type", c.ty);
    expr(v, "default", c.default);
    expr(v, "virtual", c.virtual_);
    for k in ast.list(c.constraints) {
        walk_constraint(v, k);
    }
}

fn walk_constraint<'a, V: Visit<'a> + ?Sized>(v: &mut V, c: &Constraint) {
    match c.kind {
        ConstraintKind::NotNull
        | ConstraintKind::Null
        | ConstraintKind::PrimaryKey
        | ConstraintKind::Unique => {}
        ConstraintKind::References { table, columns: _ } => name(v, "references", table),
        ConstraintKind::Check(e) => expr(v, "check", e),
    }
}

fn walk_alter<'a, V: Visit<'a> + ?Sized>(v: &mut V, a: &AlterAction) {
    let ast = v.ast();
    match a {
        AlterAction::AddColumns(list) | AlterAction::ModifyColumns(list) => {
            for c in ast.list(*list) {
                walk_column(v, c);
            }
        }
        AlterAction::AddConstraint(c) => walk_constraint(v, &ast[*c]),
        AlterAction::Other(c) => clause(v, Some(*c)),
        AlterAction::DropColumns(_) | AlterAction::RenameColumn(_, _) => {}
    }
}

/// The children of a block.
pub fn walk_block<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Block>) {
    let ast = v.ast();
    let b = &ast[id];
    decls(v, "decl", b.decls);
    stmts(v, "body", b.body);
    for h in ast.list(b.handlers) {
        stmts(v, "handler", h.body);
    }
}

/// The children of a routine.
pub fn walk_routine<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Routine>) {
    let ast = v.ast();
    let r = &ast[id];
    params(v, r.params);
    type_ref(v, "returns", r.returns);
    clauses(v, r.clauses);
    if let Some(b) = r.body {
        v.role("body");
        v.block(b);
    }
}

fn params<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<Param>) {
    let ast = v.ast();
    for p in ast.list(list) {
        type_ref(v, "param type", p.ty);
        expr(v, "default", p.default);
    }
}

/// The children of a declaration.
pub fn walk_decl<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Decl>) {
    let ast = v.ast();
    match ast[id].kind {
        DeclKind::Var {
            ty,
            default,
            name: _,
            constant: _,
            not_null: _,
        } => {
            type_ref(v, "type", ty);
            expr(v, "default", default);
        }
        DeclKind::Cursor {
            params: p,
            returns,
            query: q,
            name: _,
        } => {
            params(v, p);
            type_ref(v, "returns", returns);
            query(v, "query", q);
        }
        DeclKind::Record { fields: f, name: _ } => fields(v, f),
        DeclKind::Collection {
            of,
            index_by,
            limit,
            name: _,
        } => {
            expr(v, "limit", limit);
            type_ref(v, "of", of);
            type_ref(v, "index by", index_by);
        }
        DeclKind::Subtype {
            ty,
            range,
            name: _,
            not_null: _,
        } => {
            type_ref(v, "type", ty);
            expr(v, "range", range);
        }
        DeclKind::RefCursor(_, returns) => type_ref(v, "returns", returns),
        DeclKind::Pragma(_, list) => args(v, list),
        DeclKind::Routine(r) => {
            v.role("routine");
            v.routine(r);
        }
        DeclKind::CondCompile(list) => guarded(|| decls(v, "decl", list)),
        DeclKind::Exception(_) | DeclKind::OtherType(_) | DeclKind::Unparsed => {}
    }
}

fn arms<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<IfArm>, else_: Option<List<Stmt>>) {
    let ast = v.ast();
    for arm in ast.list(list) {
        expr(v, "if", arm.cond);
        stmts(v, "then", arm.body);
    }
    if let Some(body) = else_ {
        stmts(v, "else", body);
    }
}

fn usings<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<UsingArg>) {
    let ast = v.ast();
    for u in ast.list(list) {
        expr(v, "using", u.value);
    }
}

/// The children of a statement.
pub fn walk_stmt<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Stmt>) {
    guarded(|| stmt_children(v, id));
}

fn stmt_children<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Stmt>) {
    let ast = v.ast();
    match ast[id].kind {
        StmtKind::Assign { target, value } => {
            expr(v, "target", target);
            expr(v, "value", value);
        }
        StmtKind::Call(e) => expr(v, "call", e),
        StmtKind::If { arms: a, else_ } | StmtKind::CondCompile { arms: a, else_ } => {
            arms(v, a, else_)
        }
        StmtKind::Case {
            operand,
            arms: list,
            else_,
        } => {
            expr(v, "operand", operand);
            for arm in ast.list(list) {
                exprs(v, "when", arm.whens);
                stmts(v, "then", arm.body);
            }
            if let Some(body) = else_ {
                stmts(v, "else", body);
            }
        }
        StmtKind::Loop(body) => stmts(v, "body", body),
        StmtKind::While { cond, body } => {
            expr(v, "while", cond);
            stmts(v, "body", body);
        }
        StmtKind::ForRange {
            iters,
            rest,
            body,
            var: _,
            reverse: _,
        } => {
            clauses(v, ast.for_rest(rest).iterands);
            for iter in ast.list(iters) {
                match *iter {
                    Iter::Range(low, high, step) => {
                        expr(v, "low", low);
                        expr(v, "high", high);
                        expr(v, "step", step);
                    }
                    Iter::Expr(e) => expr(v, "in", e),
                }
            }
            stmts(v, "body", body);
        }
        StmtKind::ForCursor {
            source,
            rest,
            body,
            var: _,
        } => {
            let rest = ast.for_rest(rest);
            clauses(v, rest.iterands);
            match source {
                CursorSource::Query(q) => query(v, "in", q),
                CursorSource::Cursor(e) | CursorSource::Dynamic(e) => expr(v, "in", e),
            }
            usings(v, rest.using);
            stmts(v, "body", body);
        }
        StmtKind::Forall {
            bounds,
            body,
            var: _,
            save_exceptions: _,
        } => {
            match bounds {
                ForallBounds::Range(low, high) => {
                    expr(v, "low", low);
                    expr(v, "high", high);
                }
                ForallBounds::Indices(e) | ForallBounds::Values(e) => expr(v, "in", e),
            }
            v.role("body");
            v.stmt(body);
        }
        StmtKind::Block(b) => {
            v.role("block");
            v.block(b);
        }
        StmtKind::Exit { when, label: _ } | StmtKind::Continue { when, label: _ } => {
            expr(v, "when", when)
        }
        StmtKind::Return(e) => expr(v, "value", e),
        StmtKind::Raise(n) => name(v, "exception", n),
        StmtKind::Open {
            cursor,
            source,
            using,
        } => {
            expr(v, "cursor", cursor);
            match source {
                OpenSource::Own => {}
                OpenSource::Query(q) => query(v, "for", q),
                OpenSource::Text(e) => expr(v, "for", e),
            }
            usings(v, using);
        }
        StmtKind::Fetch {
            cursor,
            into: targets,
            limit,
        } => {
            expr(v, "cursor", cursor);
            into(v, Some(targets));
            expr(v, "limit", limit);
        }
        StmtKind::Close(e) => expr(v, "cursor", e),
        StmtKind::ExecuteImmediate {
            text,
            into: targets,
            using,
            returning,
        } => {
            expr(v, "text", text);
            into(v, targets);
            usings(v, using);
            into(v, returning);
        }
        StmtKind::Select(q) => query(v, "query", q),
        StmtKind::Dml(d) => {
            v.role("dml");
            v.dml(d);
        }
        StmtKind::LockTable(list, mode) => {
            from_items(v, "table", list);
            clause(v, Some(mode));
        }
        StmtKind::Set(c) => clause(v, Some(c)),
        StmtKind::PipeRow(e) => expr(v, "row", e),
        StmtKind::Item(i) => {
            v.role("item");
            v.item(i);
        }
        StmtKind::Goto(_)
        | StmtKind::Null
        | StmtKind::Commit
        | StmtKind::Rollback(_)
        | StmtKind::Savepoint(_)
        | StmtKind::Unparsed => {}
    }
}

/// The children of a DML statement.
pub fn walk_dml<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Dml>) {
    let ast = v.ast();
    let d = &ast[id];
    match d.kind {
        DmlKind::Insert { into, source } => {
            insert_branch(v, &into);
            match source {
                InsertSource::Values(list) => exprs(v, "value", list),
                InsertSource::Record(e) => expr(v, "record", e),
                InsertSource::Query(q) => query(v, "query", q),
                InsertSource::Set(list) => assigns(v, list),
            }
        }
        DmlKind::InsertMulti {
            branches,
            query: q,
            first: _,
        } => {
            for b in ast.list(branches) {
                insert_branch(v, b);
            }
            query(v, "query", q);
        }
        DmlKind::Update {
            target,
            set,
            from,
            where_,
            current_of,
        } => {
            v.role("target");
            v.from_item(target);
            assigns(v, set);
            from_items(v, "from", from);
            expr(v, "where", where_);
            expr(v, "current of", current_of);
        }
        DmlKind::Delete {
            target,
            from,
            where_,
            current_of,
        } => {
            v.role("target");
            v.from_item(target);
            from_items(v, "from", from);
            expr(v, "where", where_);
            expr(v, "current of", current_of);
        }
        DmlKind::Merge {
            target,
            source,
            on,
            clauses,
        } => {
            v.role("target");
            v.from_item(target);
            v.role("source");
            v.from_item(source);
            expr(v, "on", on);
            for c in ast.list(clauses) {
                match *c {
                    MergeClause::Update {
                        set,
                        where_,
                        delete,
                    } => {
                        assigns(v, set);
                        expr(v, "where", where_);
                        expr(v, "delete where", delete);
                    }
                    MergeClause::Insert {
                        values,
                        where_,
                        columns: _,
                    } => {
                        exprs(v, "value", values);
                        expr(v, "where", where_);
                    }
                }
            }
        }
        DmlKind::Unparsed(_) => {}
    }
    exprs(v, "returning", d.returning);
    into(v, d.returning_into);
    clause(v, d.log);
}

fn insert_branch<'a, V: Visit<'a> + ?Sized>(v: &mut V, b: &InsertBranch) {
    expr(v, "when", b.when);
    v.role("target");
    v.from_item(b.target);
    exprs(v, "value", b.values);
    clause(v, b.log);
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
        if let Some(f) = q.fetch.map(|f| ast[f]) {
            clauses(v, f.partitions);
            expr(v, "fetch", f.count);
        }
        if let Some(f) = q.for_update.map(|f| ast[f]) {
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
    let rest = ast.select_rest(s.rest);
    expr(v, "start with", rest.start_with);
    expr(v, "connect by", rest.connect_by);
    for g in s.group_by.ids() {
        walk_group(v, g);
    }
    expr(v, "having", s.having);
    for w in ast.list(rest.windows) {
        window(v, w.spec);
    }
    clauses(v, rest.clauses);
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
            rest,
            distinct: _,
        } => {
            expr(v, "callee", callee);
            args(v, list);
            if let Some(rest) = rest {
                call_rest(v, &ast[rest]);
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
            test,
            not: _,
        } => {
            expr(v, "operand", operand);
            for ty in ast[test].types.ids() {
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
        ExprKind::Special(id) => {
            args(v, ast[id].args);
            clauses(v, ast[id].clauses);
        }
        ExprKind::Type(t) => type_ref(v, "type", t),
    }
}

fn call_rest<'a, V: Visit<'a> + ?Sized>(v: &mut V, rest: &CallRest) {
    clauses(v, rest.clauses);
    order(v, "within order", rest.within);
    if let Some(k) = rest.keep {
        order(v, "keep order", v.ast()[k].order_by);
    }
    if let Some(w) = rest.over {
        window(v, w);
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
