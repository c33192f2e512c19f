//! Tables and their columns, from CREATE TABLE and ALTER TABLE.

use indexmap::IndexMap;

use super::names::object;
use super::{Input, external, note};
use crate::catalog::model::{Catalog, Column, ForeignKey, Inferred, Table, TableKind, UnitRef};
use crate::catalog::resolve::{Resolver, written_type};
use crate::diag::{Code, Diagnostic};
use crate::rel::{DataType, TableName};
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{
    AlterAction, ColumnDef, Constraint, ConstraintKind, ExprKind, Id, ItemKind, List, Query,
    TableDef,
};

fn empty(name: TableName, kind: TableKind, span: Option<Span>) -> Table {
    Table {
        name,
        kind,
        columns: IndexMap::new(),
        primary_key: None,
        uniques: Vec::new(),
        assumed_keys: Vec::new(),
        inferred: None,
        complete: true,
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        comment: None,
        partition_by: Vec::new(),
        rows: None,
        avg_row_len: None,
        span,
        view: None,
        external: None,
    }
}

/// A table without columns yet, known from a dictionary export alone.
pub(super) fn exported(name: TableName) -> Table {
    empty(name, TableKind::Table, None)
}

/// A table that no definition states: known from the code that uses it.
pub(super) fn inferred(name: TableName, evidence: Inferred) -> Table {
    Table {
        inferred: Some(evidence),
        complete: false,
        ..empty(name, TableKind::Table, None)
    }
}

/// A column of a type, nullable and without anything else.
pub(super) fn column(name: &str, ty: DataType) -> Column {
    Column {
        name: name.to_string(),
        ty,
        nullable: true,
        default: false,
        default_text: None,
        is_virtual: false,
        identity: false,
        comment: None,
        distinct: None,
        nulls: None,
        inferred: None,
    }
}

/// A view; its columns' names where the text lists them, types later.
pub(super) fn view(
    name: TableName,
    unit: UnitRef,
    query: Option<Id<Query>>,
    materialized: bool,
    columns: &[&str],
    span: Span,
) -> Table {
    let kind = if materialized {
        TableKind::MaterializedView
    } else {
        TableKind::View
    };
    let mut table = empty(name, kind, Some(span));
    table.view = query.map(|q| (unit, q));
    for c in columns {
        let untyped = DataType::Unknown {
            reason: "the view's query is not understood".into(),
        };
        table.columns.insert((*c).to_string(), column(c, untyped));
    }
    table
}

/// Adds a table or view; one that is there already is replaced, with a finding.
pub(super) fn add(catalog: &mut Catalog, table: Table, span: Span) {
    let name = table.name.clone();
    if let Some(before) = catalog.tables.insert(name.clone(), table) {
        let mut finding = Diagnostic::new(
            Code::DuplicateObject,
            format!("{name} is created more than once; the last definition is used"),
        )
        .at(span, "used");
        if let Some(old) = before.span {
            finding = finding.at(old, "replaced");
        }
        note(
            catalog,
            finding.help("Keep one definition, or exclude the other file."),
        );
    }
}

/// A table from its CREATE.
pub(super) fn create(view: View<'_>, unit: UnitRef, id: Id<TableDef>, schema: &str) -> Table {
    let ast = view.ast();
    let def = ast[id];
    let kind = match (def.temporary, def.external) {
        (true, _) => TableKind::Temporary,
        (false, Some(_)) => TableKind::External,
        (false, None) => TableKind::Table,
    };
    let name = object(view, def.name, schema);
    let mut table = empty(name, kind, Some(view.unit.span));
    add_columns(&mut table, view, def.columns, schema);
    for c in def.constraints.ids() {
        constraint(&mut table, view, c, &[], schema);
    }
    let partition_by = ast.parts(def.partition_by);
    table.partition_by = partition_by.iter().map(|p| (*p).to_string()).collect();
    table.external = def.external.map(|e| external::table(view, &e));
    // CREATE TABLE .. AS SELECT: the query gives the columns, see `view::columns`.
    table.view = def.query.map(|q| (unit, q));
    table
}

fn add_columns(table: &mut Table, view: View<'_>, columns: List<ColumnDef>, schema: &str) {
    for id in columns.ids() {
        let new = column_def(view, id);
        let name = new.name.clone();
        table.columns.insert(name.clone(), new);
        inline_constraints(table, view, id, &name, schema);
    }
}

fn column_def(view: View<'_>, id: Id<ColumnDef>) -> Column {
    let ast = view.ast();
    let def = ast[id];
    let ty = match def.ty {
        Some(t) => written_type(view, t).unwrap_or_else(|| DataType::Other {
            name: view.text(ast[t].span).to_string(),
        }),
        None => DataType::Unknown {
            reason: "a virtual column without a type".into(),
        },
    };
    Column {
        default: def.default.is_some(),
        default_text: def.default.map(|d| view.text(ast[d].span).to_string()),
        is_virtual: def.virtual_.is_some(),
        identity: def.identity,
        nullable: !def.identity,
        ..column(ast.ident(def.name), ty)
    }
}

fn inline_constraints(
    table: &mut Table,
    view: View<'_>,
    column: Id<ColumnDef>,
    name: &str,
    schema: &str,
) {
    for c in view.ast()[column].constraints.ids() {
        constraint(table, view, c, &[name.to_string()], schema);
    }
}

/// A constraint; `inline` is the column that it stands behind.
fn constraint(
    table: &mut Table,
    view: View<'_>,
    id: Id<Constraint>,
    inline: &[String],
    schema: &str,
) {
    let ast = view.ast();
    let c = ast[id];
    let named = |list| -> Vec<String> { ast.parts(list).into_iter().map(String::from).collect() };
    let columns = if c.columns.is_empty() {
        inline.to_vec()
    } else {
        named(c.columns)
    };
    match c.kind {
        ConstraintKind::NotNull => set_nullable(table, &columns, false),
        ConstraintKind::Null => set_nullable(table, &columns, true),
        ConstraintKind::PrimaryKey => {
            set_nullable(table, &columns, false);
            table.primary_key = Some(columns);
        }
        ConstraintKind::Unique => add_unique(table, columns),
        ConstraintKind::References {
            table: parent,
            columns: to,
        } => table.foreign_keys.push(ForeignKey {
            columns,
            parent: object(view, parent, schema),
            parent_columns: named(to),
        }),
        ConstraintKind::Check(e) => {
            let condition = match ast[e].kind {
                ExprKind::Paren(inner) => inner,
                _ => e,
            };
            let text = view.text(ast[condition].span);
            table.checks.push(text.to_string());
        }
    }
}

fn set_nullable(table: &mut Table, columns: &[String], nullable: bool) {
    for name in columns {
        if let Some(c) = table.columns.get_mut(name) {
            c.nullable = nullable;
        }
    }
}

/// Adds a unique set of columns once.
pub(super) fn add_unique(table: &mut Table, columns: Vec<String>) {
    if !columns.is_empty() && !table.uniques.contains(&columns) {
        table.uniques.push(columns);
    }
}

/// Applies ALTER TABLE.
pub(super) fn alter(table: &mut Table, view: View<'_>, actions: List<AlterAction>, schema: &str) {
    let ast = view.ast();
    for action in ast.list(actions) {
        match *action {
            AlterAction::AddColumns(columns) => add_columns(table, view, columns, schema),
            AlterAction::ModifyColumns(columns) => {
                for id in columns.ids() {
                    modify(table, view, id, schema);
                }
            }
            AlterAction::AddConstraint(c) => constraint(table, view, c, &[], schema),
            AlterAction::DropColumns(names) => {
                for n in ast.parts(names) {
                    table.columns.shift_remove(n);
                }
            }
            AlterAction::RenameColumn(from, to) => {
                rename(table, ast.ident(from), ast.ident(to));
            }
            AlterAction::Other(_) => {}
        }
    }
}

/// MODIFY: only what the text says changes.
fn modify(table: &mut Table, view: View<'_>, id: Id<ColumnDef>, schema: &str) {
    let def = view.ast()[id];
    let new = column_def(view, id);
    let name = new.name.clone();
    if let Some(old) = table.columns.get_mut(&name) {
        if def.ty.is_some() {
            old.ty = new.ty;
        }
        if def.default.is_some() {
            old.default = true;
            old.default_text = new.default_text;
        }
        old.identity |= new.identity;
    }
    inline_constraints(table, view, id, &name, schema);
}

fn rename(table: &mut Table, from: &str, to: &str) {
    let columns = std::mem::take(&mut table.columns);
    table.columns = columns
        .into_iter()
        .map(|(name, mut c)| {
            if name == from {
                c.name = to.to_string();
                (to.to_string(), c)
            } else {
                (name, c)
            }
        })
        .collect();
    let lists = table.uniques.iter_mut().chain(&mut table.primary_key);
    let foreign = table.foreign_keys.iter_mut().map(|f| &mut f.columns);
    for name in lists.chain(foreign).flatten() {
        if name == from {
            *name = to.to_string();
        }
    }
}

/// Columns of users' types: their names are resolved once all types are known.
pub(super) fn column_types(input: Input<'_>, catalog: &mut Catalog) {
    let mut found = Vec::new();
    {
        let resolver = Resolver::new(input.map, input.files, catalog);
        for (unit, view) in input.units() {
            let ast = view.ast();
            let ItemKind::CreateTable(def) = ast[view.unit.item].kind else {
                continue;
            };
            let scope = resolver.unit_scope(unit);
            let table = object(view, ast[def].name, &scope.schema);
            for c in ast.list(ast[def].columns) {
                let Some(ty) = c.ty.filter(|t| written_type(view, *t).is_none()) else {
                    continue;
                };
                let ty = resolver.data_type(&scope, ty);
                found.push((table.clone(), ast.ident(c.name).to_string(), ty));
            }
        }
    }
    for (table, name, ty) in found {
        let column = catalog
            .tables
            .get_mut(&table)
            .and_then(|t| t.columns.get_mut(&name));
        // An object or collection stays what it is called; a subtype becomes what it stands for.
        if let Some(c) = column
            && !matches!(&ty, DataType::Other { name } if name == "RECORD" || name == "TABLE")
        {
            c.ty = ty;
        }
    }
}
