//! What columns are in sight at a place, and what column an expression is: of a table in a FROM, or a field of a record
//! that a cursor or %ROWTYPE gives.

use crate::catalog::builtin::is_collection_method;
use crate::catalog::model::Resolved;
use crate::catalog::resolve::{NameMeaning, OutColumn, Resolver, Scope, Source, SqlName};
use crate::catalog::walk::{Node, Place};
use crate::rel::{DataType, TableName};
use crate::syntax::ast::{
    CursorSource, DeclKind, DmlKind, Expr, ExprKind, FromItem, FromKind, Id, Query, Select,
    SelectItem, SetExpr, TypeKind, TypeRef,
};

/// A column of a table.
pub(super) type Subject = (TableName, String);

/// How deep records of records are followed.
const MAX_DEPTH: u32 = 16;

/// Columns in sight on a walk.
pub(super) struct Sight<'r, 'a> {
    pub resolver: &'r Resolver<'a>,
    /// FROM elements of the queries and statements around the place, outermost first.
    pub levels: Vec<Vec<Source>>,
}

/// Where the fields of a record come from.
enum RowOf {
    Table(TableName),
    Query(Box<Scope>, Id<Query>),
}

impl<'r, 'a> Sight<'r, 'a> {
    pub fn new(resolver: &'r Resolver<'a>) -> Self {
        Self {
            resolver,
            levels: Vec::new(),
        }
    }

    /// On the way into a node.
    pub fn enter(&mut self, at: &Place<'_>, node: Node) {
        match node {
            Node::Select(q, s) => {
                let sources = self.resolver.select_sources(&at.scope, q, s);
                self.levels.push(sources);
            }
            Node::Dml(d) => {
                let items: Vec<Id<FromItem>> = match at.view.ast()[d].kind {
                    DmlKind::Update { target, from, .. } => {
                        std::iter::once(target).chain(from.ids()).collect()
                    }
                    DmlKind::Delete { target, .. } => vec![target],
                    DmlKind::Merge { target, source, .. } => vec![target, source],
                    // VALUES and the query of an INSERT do not see the target's columns.
                    DmlKind::Insert { .. } | DmlKind::InsertMulti { .. } | DmlKind::Unparsed(_) => {
                        vec![]
                    }
                };
                let sources = items
                    .into_iter()
                    .flat_map(|i| self.resolver.item_source(&at.scope, i));
                self.levels.push(sources.collect());
            }
            Node::Block(_)
            | Node::Decl(_)
            | Node::Stmt(_)
            | Node::Expr(_)
            | Node::Query(_)
            | Node::From(_) => {}
        }
    }

    /// On the way out.
    pub fn leave(&mut self, node: Node) {
        if let Node::Select(..) | Node::Dml(_) = node {
            self.levels.pop();
        }
    }

    /// A table of DML.
    pub fn target(&self, at: &Place<'_>, item: Id<FromItem>) -> Option<TableName> {
        match at.view.ast()[item].kind {
            FromKind::Table { name, .. } => self.resolver.table(&at.scope, name).known().cloned(),
            FromKind::Paren(inner) => self.target(at, inner),
            _ => None,
        }
    }

    /// The column that an expression is.
    pub fn subject(&self, at: &Place<'_>, expr: Id<Expr>) -> Option<Subject> {
        let ast = at.view.ast();
        match ast[expr].kind {
            ExprKind::Paren(e) | ExprKind::Outer(e) => self.subject(at, e),
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                match self.resolver.sql_name(&at.scope, &self.levels, &parts) {
                    SqlName::Column { column, .. } => column.origin,
                    SqlName::Plsql(_) => self.record_field(&at.scope, &parts),
                    SqlName::Unknown(_) => None,
                }
            }
            ExprKind::Field { base, name } => {
                let row = self.row_of_expr(&at.scope, base)?;
                self.field(row, ast.ident(name))
            }
            _ => None,
        }
    }

    /// The column behind `record.field`.
    pub fn record_field(&self, scope: &Scope, parts: &[&str]) -> Option<Subject> {
        let found = self.resolver.lookup_name(scope, parts);
        let [field] = parts.get(found.used..)? else {
            return None;
        };
        if is_collection_method(field) {
            return None;
        }
        let row = self.row_of(&found.meaning, 0)?;
        self.field(row, field)
    }

    /// The table whose whole row a variable or an element of a collection holds.
    pub fn row_table(&self, scope: &Scope, target: Id<Expr>) -> Option<TableName> {
        match self.row_of_expr(scope, target)? {
            RowOf::Table(t) => Some(t),
            RowOf::Query(..) => None,
        }
    }

    /// The query whose row an expression holds, with its scope.
    pub fn row_query(&self, scope: &Scope, value: Id<Expr>) -> Option<(Scope, Id<Query>)> {
        match self.row_of_expr(scope, value)? {
            RowOf::Table(_) => None,
            RowOf::Query(scope, q) => Some((*scope, q)),
        }
    }

    fn row_of_expr(&self, scope: &Scope, base: Id<Expr>) -> Option<RowOf> {
        let ast = self.resolver.view(scope.unit).ast();
        match ast[base].kind {
            ExprKind::Paren(e) | ExprKind::Call { callee: e, .. } => self.row_of_expr(scope, e),
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                let found = self.resolver.lookup_name(scope, &parts);
                (found.used == parts.len())
                    .then(|| self.row_of(&found.meaning, 0))
                    .flatten()
            }
            _ => None,
        }
    }

    fn row_of(&self, meaning: &NameMeaning, depth: u32) -> Option<RowOf> {
        match meaning {
            NameMeaning::LoopRecord(scope, _, source) => match *source {
                CursorSource::Query(q) => Some(RowOf::Query(scope.clone(), q)),
                CursorSource::Cursor(e) => {
                    let cursor = self.resolver.cursor_named(scope, e)?;
                    self.row_of(&NameMeaning::Cursor(cursor), depth + 1)
                }
                CursorSource::Dynamic(_) => None,
            },
            NameMeaning::Cursor(c) => {
                let scope = self.resolver.cursor_scope(c);
                c.query.map(|q| RowOf::Query(Box::new(scope), q))
            }
            NameMeaning::Variable(v) => {
                let scope = self.resolver.variable_scope(v);
                self.row_of_type(&scope, v.type_ref, depth + 1)
            }
            NameMeaning::Parameter(id, index) => {
                let r = &self.resolver.catalog.routines[id.0 as usize];
                let ast = self.resolver.view(r.unit).ast();
                let param = ast[r.node?].params.ids().nth(*index)?;
                let mut scope = self.resolver.routine_scope(*id);
                scope.frames.clear();
                self.row_of_type(&scope, ast[param].ty, depth + 1)
            }
            _ => None,
        }
    }

    fn row_of_type(&self, scope: &Scope, ty: Id<TypeRef>, depth: u32) -> Option<RowOf> {
        if depth > MAX_DEPTH {
            return None;
        }
        let ast = self.resolver.view(scope.unit).ast();
        match ast[ty].kind {
            TypeKind::OfRow(name) => {
                let parts = ast.parts(ast[name].parts);
                let found = self.resolver.lookup_name(scope, &parts);
                match &found.meaning {
                    NameMeaning::Cursor(_) | NameMeaning::Variable(_) => {
                        self.row_of(&found.meaning, depth + 1)
                    }
                    _ => match self.resolver.table_named(&scope.schema, &parts) {
                        Resolved::Known(t) => Some(RowOf::Table(t)),
                        Resolved::Unknown(_) => None,
                    },
                }
            }
            TypeKind::Named { name, .. } => {
                let parts = ast.parts(ast[name].parts);
                let NameMeaning::Type(inner, decl) =
                    self.resolver.lookup_name(scope, &parts).meaning
                else {
                    return None;
                };
                match self.resolver.view(inner.unit).ast()[decl].kind {
                    DeclKind::Collection { of, .. } => self.row_of_type(&inner, of, depth + 1),
                    DeclKind::Subtype { ty, .. } => self.row_of_type(&inner, ty, depth + 1),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn field(&self, row: RowOf, field: &str) -> Option<Subject> {
        match row {
            RowOf::Table(t) => Some((t, field.to_string())),
            RowOf::Query(scope, q) => {
                let columns = self.resolver.query_columns(&scope, q);
                match columns.into_iter().find(|c| c.name == field) {
                    Some(c) => c.origin,
                    None => Some((self.starred(&scope, q)?, field.to_string())),
                }
            }
        }
    }

    /// The one table whose columns a query takes all, where not all of them are known.
    fn starred(&self, scope: &Scope, query: Id<Query>) -> Option<TableName> {
        let ast = self.resolver.view(scope.unit).ast();
        let SetExpr::Select(s) = ast[ast[query].body] else {
            return None;
        };
        let sources = self.resolver.select_sources(scope, query, s);
        let is_open = |s: &&Source| s.table.as_ref().is_some_and(|t| self.is_open(t));
        let star = |i: &SelectItem| match ast[i.expr].kind {
            ExprKind::Star(of) => Some(of.map(|n| ast.parts(ast[n].parts))),
            _ => None,
        };
        let mut found = ast
            .list(ast[s].items)
            .iter()
            .filter_map(star)
            .flat_map(|of| {
                let wanted = |s: &&Source| {
                    of.as_ref()
                        .is_none_or(|o| o.last() == Some(&s.alias.as_str()))
                };
                let open = sources.iter().filter(is_open).filter(wanted);
                open.filter_map(|s| s.table.clone()).collect::<Vec<_>>()
            });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// A query takes all columns of a table of which not all are known.
    pub fn takes_open_star(&self, scope: &Scope, query: Id<Query>) -> bool {
        let ast = self.resolver.view(scope.unit).ast();
        let open = |s: Id<Select>| {
            let is_star = |i: &SelectItem| matches!(ast[i.expr].kind, ExprKind::Star(_));
            let starred = ast.list(ast[s].items).iter().any(is_star);
            let is_open =
                |s: &Source| s.open.is_some() || s.table.as_ref().is_some_and(|t| self.is_open(t));
            starred
                && self
                    .resolver
                    .select_sources(scope, query, s)
                    .iter()
                    .any(is_open)
        };
        select_of(ast, query).is_none_or(open)
    }

    /// A table whose columns are taken from the code.
    pub fn is_open(&self, table: &TableName) -> bool {
        let table = self.resolver.catalog.tables.get(table);
        table.is_some_and(|t| !t.complete)
    }

    /// The type of an expression where it stands.
    pub fn type_of(&self, at: &Place<'_>, expr: Id<Expr>) -> DataType {
        self.resolver.expr_type(&at.scope, &self.levels, expr)
    }

    /// Columns that a query gives.
    pub fn outputs(&self, at: &Place<'_>, query: Id<Query>) -> Vec<OutColumn> {
        self.resolver.query_columns(&at.scope, query)
    }
}

/// Whether a name is one of Oracle's own in every query.
pub(super) fn is_pseudo(name: &str) -> bool {
    matches!(
        name,
        "ROWID"
            | "ROWNUM"
            | "LEVEL"
            | "ORA_ROWSCN"
            | "NEXTVAL"
            | "CURRVAL"
            | "COLUMN_VALUE"
            | "OBJECT_VALUE"
    )
}

/// A query that is one SELECT.
pub(super) fn select_of(ast: &crate::syntax::ast::Ast, query: Id<Query>) -> Option<Id<Select>> {
    match ast[ast[query].body] {
        SetExpr::Select(s) => Some(s),
        SetExpr::Query(q) => select_of(ast, q),
        SetExpr::Chain { .. } | SetExpr::Values(_) | SetExpr::Unparsed(_) => None,
    }
}
