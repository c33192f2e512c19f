//! Columns by name: what INSERT lists, SET, aliases, fields of records and %TYPE say outright, and plain names in
//! queries, which belong to the one table in sight that can have them.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::bodies::{self, Body};
use super::inferred;
use super::sight::{Sight, Subject, is_pseudo};
use crate::catalog::build::{Input, table};
use crate::catalog::model::{Catalog, Resolved};
use crate::catalog::resolve::{NameMeaning, Resolver, Scope, Source, SqlName};
use crate::catalog::walk::{Node, Place, Visitor};
use crate::rel::{DataType, TableName};
use crate::source::Span;
use crate::syntax::ast::{
    Assign, Decl, DeclKind, Dml, DmlKind, Expr, ExprKind, Id, Ident, InsertBranch, InsertSource,
    Into, List, MergeClause, ObjectName, Query, Stmt, StmtKind, TokSpan, TypeKind, TypeRef,
};

/// The reason that a column has for its type before its uses are weighed.
pub(super) const UNWEIGHED: &str = "no use shows its type";

/// What one piece of code says.
#[derive(Default)]
pub(super) struct Named {
    /// Columns with places, in order of use.
    firm: IndexMap<Subject, Vec<Span>>,
    /// Names that one of several tables has.
    open: Vec<(Vec<TableName>, String, Span)>,
    /// INSERT without a column list: the target, and the names that the query gives.
    whole: Vec<(TableName, Vec<String>, Span)>,
}

/// Looks at one piece of code.
pub(super) fn of_body(resolver: &Resolver<'_>, body: &Body) -> Named {
    let mut collector = Collector {
        sight: Sight::new(resolver),
        named: Named::default(),
    };
    if let Body::Routine(id) = body {
        collector.parameters(*id);
    }
    bodies::walk(resolver, body, &mut collector);
    collector.named
}

/// Adds the columns to the catalogue.
pub(super) fn apply(_input: Input<'_>, catalog: &mut Catalog, found: Vec<Named>) {
    let mut firm: IndexMap<Subject, Vec<Span>> = IndexMap::new();
    let (mut open, mut whole) = (Vec::new(), Vec::new());
    for named in found {
        for (subject, mut spans) in named.firm {
            firm.entry(subject).or_default().append(&mut spans);
        }
        open.extend(named.open);
        whole.extend(named.whole);
    }
    for (tables, name, span) in open {
        let has = |t: &&TableName| {
            firm.contains_key(&((*t).clone(), name.clone())) || declared(catalog, t, &name)
        };
        let mut having = tables.iter().filter(has);
        if let (Some(only), None) = (having.next(), having.next()) {
            let subject = (only.clone(), name);
            firm.entry(subject).or_default().push(span);
        }
    }
    in_order(catalog, &mut firm, whole);
    for ((name, column), spans) in firm {
        let Some(t) = catalog.tables.get_mut(&name) else {
            continue;
        };
        if t.view.is_some() || t.columns.contains_key(&column) {
            continue;
        }
        let untyped = DataType::Unknown {
            reason: UNWEIGHED.into(),
        };
        let mut new = table::column(&column, untyped);
        new.inferred = Some(inferred(UNWEIGHED, spans));
        t.columns.insert(column, new);
    }
}

fn declared(catalog: &Catalog, table: &TableName, column: &str) -> bool {
    let table = catalog.tables.get(table);
    table.is_some_and(|t| t.columns.contains_key(column))
}

/// INSERTs without a column list tell all columns and their order, where all that do agree and nothing else is used.
fn in_order(
    catalog: &mut Catalog,
    firm: &mut IndexMap<Subject, Vec<Span>>,
    whole: Vec<(TableName, Vec<String>, Span)>,
) {
    let mut by_table: BTreeMap<TableName, (BTreeSet<Vec<String>>, Vec<Span>)> = BTreeMap::new();
    for (table, names, span) in whole {
        let entry = by_table.entry(table).or_default();
        entry.0.insert(names);
        entry.1.push(span);
    }
    for (name, (lists, spans)) in by_table {
        let lengths: BTreeSet<usize> = lists.iter().map(Vec::len).collect();
        let used: BTreeSet<&String> = firm
            .keys()
            .filter(|(t, _)| *t == name)
            .map(|(_, c)| c)
            .collect();
        let fits = |list: &&Vec<String>| {
            let distinct: BTreeSet<&String> = list.iter().collect();
            distinct.len() == list.len() && !list.is_empty() && used.is_subset(&distinct)
        };
        // Lists of other lengths mean that some are of another table's time: nothing is certain then.
        let Some(list) = lists
            .iter()
            .find(fits)
            .filter(|_| lengths.len() == 1)
            .cloned()
        else {
            continue;
        };
        let Some(t) = catalog.tables.get_mut(&name) else {
            continue;
        };
        if t.inferred.is_none() || !t.columns.is_empty() {
            continue;
        }
        t.complete = true;
        for c in list {
            let untyped = DataType::Unknown {
                reason: UNWEIGHED.into(),
            };
            let mut new = table::column(&c, untyped);
            new.inferred = Some(inferred(UNWEIGHED, spans.clone()));
            t.columns.insert(c, new);
        }
    }
}

struct Collector<'r, 'a> {
    sight: Sight<'r, 'a>,
    named: Named,
}

impl Visitor for Collector<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        self.sight.enter(at, node);
        match node {
            Node::Expr(e) => self.expr(at, e),
            Node::Decl(d) => self.decl(at, d),
            Node::Dml(d) => self.dml(at, d),
            Node::Stmt(s) => self.stmt(at, s),
            Node::Select(q, s) => {
                if let Some(into) = at.view.ast()[s].into {
                    self.into_row(at, &at.scope, q, into);
                }
            }
            Node::Block(_) | Node::Query(_) | Node::From(_) => {}
        }
        true
    }

    fn leave(&mut self, _at: &Place<'_>, node: Node) {
        self.sight.leave(node);
    }
}

impl Collector<'_, '_> {
    fn firm(&mut self, table: TableName, column: &str, span: Span) {
        if is_pseudo(column) || declared(self.sight.resolver.catalog, &table, column) {
            return;
        }
        let subject = (table, column.to_string());
        self.named.firm.entry(subject).or_default().push(span);
    }

    fn expr(&mut self, at: &Place<'_>, e: Id<Expr>) {
        let ast = at.view.ast();
        let span = at.view.span(ast[e].span);
        match ast[e].kind {
            ExprKind::Name(n) if ast[n].link.is_empty() => {
                let parts = ast.parts(ast[n].parts);
                self.name(&at.scope, &parts, span);
            }
            ExprKind::Field { .. } => {
                if let Some((table, column)) = self.sight.subject(at, e) {
                    self.firm(table, &column, span);
                }
            }
            ExprKind::Type(t) => self.type_ref(&at.scope, t),
            ExprKind::Cast { ty, .. } => self.type_ref(&at.scope, ty),
            _ => {}
        }
    }

    fn name(&mut self, scope: &Scope, parts: &[&str], span: Span) {
        let Some((column, qualifier)) = parts.split_last() else {
            return;
        };
        if !qualifier.is_empty()
            && let Some(table) = self.called(qualifier)
        {
            self.firm(table, column, span);
            return;
        }
        match self
            .sight
            .resolver
            .sql_name(scope, &self.sight.levels, parts)
        {
            SqlName::Column { .. } => {}
            SqlName::Plsql(found) => {
                let is_record = parts.len() == found.used + 1;
                if is_record && let Some((table, column)) = self.sight.record_field(scope, parts) {
                    self.firm(table, &column, span);
                }
            }
            SqlName::Unknown(_) if qualifier.is_empty() && !is_pseudo(column) => {
                self.plain(column, span);
            }
            SqlName::Unknown(_) => {}
        }
    }

    /// The table that an alias or table name means here, innermost first.
    fn called(&self, qualifier: &[&str]) -> Option<TableName> {
        let named = |s: &&Source| match (qualifier, &s.table) {
            ([one], _) => s.alias == *one,
            ([schema, name], Some(t)) => {
                t.name == *name && (t.schema == *schema || s.alias == *name)
            }
            _ => false,
        };
        let levels = self.sight.levels.iter().rev();
        levels.flatten().find(named).and_then(|s| s.table.clone())
    }

    /// A name without a qualifier: of the one table of the innermost query that has open columns.
    fn plain(&mut self, column: &str, span: Span) {
        let open = |level: &Vec<Source>| -> Vec<TableName> {
            let tables = level.iter().filter_map(|s| s.table.clone());
            tables.filter(|t| self.sight.is_open(t)).collect()
        };
        let mut levels = self.sight.levels.iter().rev();
        let Some(mut tables) = levels.find_map(|l| Some(open(l)).filter(|o| !o.is_empty())) else {
            return;
        };
        tables.sort();
        tables.dedup();
        match tables.as_slice() {
            [only] => {
                let only = only.clone();
                self.firm(only, column, span);
            }
            _ => self.named.open.push((tables, column.to_string(), span)),
        }
    }

    fn dml(&mut self, at: &Place<'_>, d: Id<Dml>) {
        let ast = at.view.ast();
        match ast[d].kind {
            DmlKind::Insert { into, source } => {
                self.list(at, &into);
                if into.columns.is_empty() {
                    self.unlisted(at, &into, source);
                }
            }
            DmlKind::InsertMulti { branches, .. } => {
                for b in ast.list(branches) {
                    self.list(at, b);
                }
            }
            DmlKind::Update { target, set, .. } => {
                if let Some(table) = self.sight.target(at, target) {
                    self.sets(at, &table, set);
                }
            }
            DmlKind::Merge {
                target, clauses, ..
            } => {
                let Some(table) = self.sight.target(at, target) else {
                    return;
                };
                for clause in ast.list(clauses) {
                    match *clause {
                        MergeClause::Update { set, .. } => self.sets(at, &table, set),
                        MergeClause::Insert { columns, .. } => self.idents(at, &table, columns),
                    }
                }
            }
            DmlKind::Delete { .. } | DmlKind::Unparsed(_) => {}
        }
    }

    fn list(&mut self, at: &Place<'_>, into: &InsertBranch) {
        if let Some(table) = self.sight.target(at, into.target) {
            self.idents(at, &table, into.columns);
        }
    }

    fn idents(&mut self, at: &Place<'_>, table: &TableName, columns: List<Ident>) {
        let ast = at.view.ast();
        for id in columns.ids() {
            let tok = ast[id].tok();
            let span = at.view.span(TokSpan {
                start: tok,
                end: tok + 1,
            });
            self.firm(table.clone(), ast.ident(ast[id]), span);
        }
    }

    fn sets(&mut self, at: &Place<'_>, table: &TableName, set: List<Assign>) {
        let ast = at.view.ast();
        for a in ast.list(set) {
            for t in a.targets.ids() {
                if let ExprKind::Name(n) = ast[t].kind
                    && let Some(last) = ast.parts(ast[n].parts).last()
                {
                    self.firm(table.clone(), last, at.view.span(ast[t].span));
                }
            }
        }
    }

    /// A query gives all columns of a table, in the table's order.
    fn whole(&mut self, scope: &Scope, table: TableName, query: Id<Query>) {
        let resolver = self.sight.resolver;
        let is_open = resolver
            .catalog
            .tables
            .get(&table)
            .is_some_and(|t| !t.complete);
        if !is_open {
            return;
        }
        let plain = |n: &String| {
            n.chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '#'))
        };
        let view = resolver.view(scope.unit);
        let span = view.span(view.ast()[query].span);
        let names: Vec<String> = resolver
            .query_columns(scope, query)
            .into_iter()
            .map(|c| c.name)
            .collect();
        if !self.sight.takes_open_star(scope, query) && names.iter().all(plain) {
            self.named.whole.push((table, names, span));
        }
    }

    /// What a query gives is read into the row of a table.
    fn into_row(&mut self, at: &Place<'_>, scope: &Scope, query: Id<Query>, into: Id<Into>) {
        let targets: Vec<Id<Expr>> = at.view.ast()[into].targets.ids().collect();
        if let [only] = targets.as_slice()
            && let Some(table) = self.sight.row_table(&at.scope, *only)
        {
            self.whole(scope, table, query);
        }
    }

    fn stmt(&mut self, at: &Place<'_>, s: Id<Stmt>) {
        let resolver = self.sight.resolver;
        if let StmtKind::Fetch { cursor, into, .. } = at.view.ast()[s].kind
            && let Some(c) = resolver.cursor_named(&at.scope, cursor)
            && let Some(q) = c.query
        {
            let scope = resolver.cursor_scope(&c);
            self.into_row(at, &scope, q, into);
        }
    }

    /// An INSERT without a column list.
    fn unlisted(&mut self, at: &Place<'_>, into: &InsertBranch, source: InsertSource) {
        let Some(table) = self.sight.target(at, into.target) else {
            return;
        };
        match source {
            InsertSource::Query(q) => self.whole(&at.scope, table, q),
            InsertSource::Record(e) => {
                if let Some((scope, q)) = self.sight.row_query(&at.scope, e) {
                    self.whole(&scope, table, q);
                }
            }
            InsertSource::Values(_) | InsertSource::Set(_) => {}
        }
    }

    fn decl(&mut self, at: &Place<'_>, d: Id<Decl>) {
        let ast = at.view.ast();
        match ast[d].kind {
            DeclKind::Var { ty, .. }
            | DeclKind::Collection { of: ty, .. }
            | DeclKind::Subtype { ty, .. } => self.type_ref(&at.scope, ty),
            DeclKind::Record { fields, .. } => {
                for f in ast.list(fields) {
                    self.type_ref(&at.scope, f.ty);
                }
            }
            DeclKind::Cursor { params, .. } => {
                for p in ast.list(params) {
                    self.type_ref(&at.scope, p.ty);
                }
            }
            DeclKind::RefCursor(..)
            | DeclKind::Exception(_)
            | DeclKind::Pragma(..)
            | DeclKind::Routine(_)
            | DeclKind::CondCompile(_)
            | DeclKind::OtherType(_)
            | DeclKind::Unparsed => {}
        }
    }

    fn parameters(&mut self, id: crate::catalog::model::RoutineId) {
        let resolver = self.sight.resolver;
        let r = &resolver.catalog.routines[id.0 as usize];
        let Some(node) = r.node else { return };
        let mut scope = resolver.routine_scope(id);
        scope.frames.clear();
        let ast = resolver.view(r.unit).ast();
        for p in ast.list(ast[node].params) {
            self.type_ref(&scope, p.ty);
        }
    }

    /// `table.column%TYPE`.
    fn type_ref(&mut self, scope: &Scope, ty: Id<TypeRef>) {
        let view = self.sight.resolver.view(scope.unit);
        if let TypeKind::OfColumn(name) = view.ast()[ty].kind {
            self.of_column(scope, name, view.span(view.ast()[ty].span));
        }
    }

    fn of_column(&mut self, scope: &Scope, name: Id<ObjectName>, span: Span) {
        let resolver = self.sight.resolver;
        let ast = resolver.view(scope.unit).ast();
        let parts = ast.parts(ast[name].parts);
        let Some((column, table @ [_, ..])) = parts.split_last() else {
            return;
        };
        let found = resolver.lookup_name(scope, &parts);
        if !matches!(found.meaning, NameMeaning::Unknown(_)) {
            return;
        }
        if let Resolved::Known(t) = resolver.table_named(&scope.schema, table) {
            self.firm(t, column, span);
        }
    }
}
