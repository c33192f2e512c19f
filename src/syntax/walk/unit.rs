//! The children of units: what a script creates and alters.

use super::*;

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

pub(super) fn fields<'a, V: Visit<'a> + ?Sized>(v: &mut V, list: List<FieldDef>) {
    let ast = v.ast();
    for f in ast.list(list) {
        type_ref(v, "field type", f.ty);
        expr(v, "default", f.default);
    }
}

pub(super) fn walk_table<'a, V: Visit<'a> + ?Sized>(v: &mut V, t: &TableDef) {
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

pub(super) fn walk_column<'a, V: Visit<'a> + ?Sized>(v: &mut V, c: &ColumnDef) {
    let ast = v.ast();
    type_ref(v, "column type", c.ty);
    expr(v, "default", c.default);
    expr(v, "virtual", c.virtual_);
    for k in ast.list(c.constraints) {
        walk_constraint(v, k);
    }
}

pub(super) fn walk_constraint<'a, V: Visit<'a> + ?Sized>(v: &mut V, c: &Constraint) {
    match c.kind {
        ConstraintKind::NotNull
        | ConstraintKind::Null
        | ConstraintKind::PrimaryKey
        | ConstraintKind::Unique => {}
        ConstraintKind::References { table, columns: _ } => name(v, "references", table),
        ConstraintKind::Check(e) => expr(v, "check", e),
    }
}

pub(super) fn walk_alter<'a, V: Visit<'a> + ?Sized>(v: &mut V, a: &AlterAction) {
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
