//! The children of PL/SQL and of DML.

use super::unit::fields;
use super::*;

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

pub(super) fn params<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<Param>) {
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

pub(super) fn arms<'a, V: Visit<'a> + ?Sized>(
    v: &mut V,
    list: List<IfArm>,
    else_: Option<List<Stmt>>,
) {
    let ast = v.ast();
    for arm in ast.list(list) {
        expr(v, "if", arm.cond);
        stmts(v, "then", arm.body);
    }
    if let Some(body) = else_ {
        stmts(v, "else", body);
    }
}

pub(super) fn usings<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<UsingArg>) {
    let ast = v.ast();
    for u in ast.list(list) {
        expr(v, "using", u.value);
    }
}

/// The children of a statement.
pub fn walk_stmt<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Stmt>) {
    guarded(|| stmt_children(v, id));
}

pub(super) fn stmt_children<'a, V: Visit<'a> + ?Sized>(v: &mut V, id: Id<Stmt>) {
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
            iterands,
            body,
            var: _,
            reverse: _,
        } => {
            clauses(v, iterands);
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
            using,
            iterands,
            body,
            var: _,
        } => {
            clauses(v, iterands);
            match source {
                CursorSource::Query(q) => query(v, "in", q),
                CursorSource::Cursor(e) | CursorSource::Dynamic(e) => expr(v, "in", e),
            }
            usings(v, using);
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

pub(super) fn insert_branch<'a, V: Visit<'a> + ?Sized>(v: &mut V, b: &InsertBranch) {
    expr(v, "when", b.when);
    v.role("target");
    v.from_item(b.target);
    exprs(v, "value", b.values);
    clause(v, b.log);
}
