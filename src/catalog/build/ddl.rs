//! CREATE, ALTER, COMMENT and the rest of the DDL: objects by name.

use super::names::{object, wrapped};
use super::{Input, external, note, table};
use crate::catalog::model::{Catalog, Resolved, SynonymTarget, UnitRef};
use crate::catalog::resolve::table_parts;
use crate::diag::{Code, Diagnostic};
use crate::rel::TableName;
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{Expr, ExprKind, Id, ItemKind, List, ObjectName};

/// Reads all DDL: first what creates, then what changes and describes, so that the order of files does not matter.
pub(super) fn objects(input: Input<'_>, catalog: &mut Catalog) {
    for (unit, view) in input.units() {
        create(catalog, unit, view);
    }
    super::by_name(catalog);
    for (_, view) in input.units() {
        change(catalog, view);
    }
    synonym_rings(catalog);
}

/// Synonyms that lead back to themselves: each once.
fn synonym_rings(catalog: &mut Catalog) {
    let mut findings = Vec::new();
    for (name, first) in &catalog.synonyms {
        let mut seen = vec![name];
        let mut next = first;
        while next.link.is_none()
            && let Some((name, following)) = catalog.synonyms.get_key_value(&next.target)
        {
            if seen.contains(&name) {
                break;
            }
            seen.push(name);
            next = following;
        }
        let back = seen.len() <= catalog.synonyms.len() && next.target == *name;
        if back && seen.iter().min() == Some(&name) && next.link.is_none() {
            let message = format!("the synonym {name} leads back to itself");
            findings.push(Diagnostic::new(Code::CyclicDefinition, message).at(first.span, ""));
        }
    }
    findings.into_iter().for_each(|f| note(catalog, f));
}

fn create(catalog: &mut Catalog, unit: UnitRef, view: View<'_>) {
    let ast = view.ast();
    let schema = catalog.default_schema.clone();
    let span = view.unit.span;
    match ast[view.unit.item].kind {
        ItemKind::CreateTable(def) => {
            let new = table::create(view, unit, def, &schema);
            table::add(catalog, new, span);
        }
        ItemKind::CreateView {
            name,
            columns,
            query,
            materialized,
            ..
        } => {
            let name = object(view, name, &schema);
            let names = ast.parts(columns);
            let new = table::view(name, unit, query, materialized, &names, span);
            table::add(catalog, new, span);
        }
        ItemKind::CreateSequence(name, _) => {
            let name = object(view, name, &schema);
            catalog.sequences.insert(name, span);
        }
        ItemKind::CreateSynonym {
            name,
            public,
            target,
        } => synonym(catalog, view, name, public, target),
        ItemKind::CreateType { name, .. } => {
            let name = object(view, name, &schema);
            catalog.types.insert(name, unit);
        }
        ItemKind::Wrapped => {
            if let Some(name) = wrapped(view, &schema) {
                catalog.wrapped.insert(name, span);
            }
        }
        ItemKind::CreateDbLink(name, _) => {
            let parts = ast.parts(ast[name].parts);
            catalog.db_links.push(parts.join("."));
        }
        _ => {}
    }
}

fn synonym(
    catalog: &mut Catalog,
    view: View<'_>,
    name: Id<ObjectName>,
    public: bool,
    target: Id<ObjectName>,
) {
    let ast = view.ast();
    let mut name = object(view, name, &catalog.default_schema);
    if public {
        name.schema = "PUBLIC".into();
    }
    let link = ast.link(ast[target].link).join(".");
    let owner = if public {
        catalog.default_schema.clone()
    } else {
        name.schema.clone()
    };
    let target = SynonymTarget {
        target: object(view, target, &owner),
        link: Some(link).filter(|l| !l.is_empty()),
        span: view.unit.span,
    };
    catalog.synonyms.insert(name, target);
}

fn change(catalog: &mut Catalog, view: View<'_>) {
    let ast = view.ast();
    match ast[view.unit.item].kind {
        ItemKind::AlterTable { name, actions } => {
            let Some(name) = known(catalog, view, name) else {
                return;
            };
            let schema = catalog.default_schema.clone();
            if let Some(t) = catalog.tables.get_mut(&name) {
                table::alter(t, view, actions, &schema);
            }
        }
        ItemKind::CreateIndex {
            unique: true,
            table: Some(table),
            columns,
            ..
        } => {
            let Some(name) = known(catalog, view, table) else {
                return;
            };
            let Some(columns) = plain_columns(view, columns) else {
                return;
            };
            if let Some(t) = catalog.tables.get_mut(&name) {
                table::add_unique(t, columns);
            }
        }
        ItemKind::Comment { column, name, text } => comment(catalog, view, column, name, text),
        ItemKind::ControlFile(def) => {
            let Some(name) = known(catalog, view, ast[def].name) else {
                return;
            };
            if let Some(t) = catalog.tables.get_mut(&name) {
                t.external = external::control_file(view, def);
            }
        }
        _ => {}
    }
}

/// A table that DDL speaks of; a finding if there is none.
fn known(catalog: &mut Catalog, view: View<'_>, name: Id<ObjectName>) -> Option<TableName> {
    let parts = view.ast().parts(view.ast()[name].parts);
    let span = view.span(view.ast().name_span(name));
    known_parts(catalog, &parts, span)
}

fn known_parts(catalog: &mut Catalog, parts: &[&str], span: Span) -> Option<TableName> {
    match table_parts(catalog, &catalog.default_schema, parts) {
        Resolved::Known(name) => Some(name),
        Resolved::Unknown(reason) => {
            let finding = Diagnostic::new(Code::UnknownTable, reason).at(span, "named here");
            note(catalog, finding);
            None
        }
    }
}

fn comment(
    catalog: &mut Catalog,
    view: View<'_>,
    column: bool,
    name: Id<ObjectName>,
    text: Id<Expr>,
) {
    let parts = view.ast().parts(view.ast()[name].parts);
    let span = view.span(view.ast().name_span(name));
    let text = view.string(text).filter(|t| !t.is_empty());
    let (table, field) = match parts.split_last() {
        Some((last, table)) if column => (table, Some(*last)),
        _ => (parts.as_slice(), None),
    };
    let Some(name) = known_parts(catalog, table, span) else {
        return;
    };
    let Some(t) = catalog.tables.get_mut(&name) else {
        return;
    };
    match field {
        None => t.comment = text,
        Some(f) => match t.columns.get_mut(f) {
            Some(c) => c.comment = text,
            None if t.view.is_some() => {}
            None => {
                let message = format!("COMMENT ON COLUMN names {f}, which {name} does not have");
                let finding = Diagnostic::new(Code::Contradiction, message).at(span, "");
                note(catalog, finding);
            }
        },
    }
}

/// Names of index columns; None if one is an expression.
fn plain_columns(view: View<'_>, columns: List<Expr>) -> Option<Vec<String>> {
    let ast = view.ast();
    let name = |e: &Expr| match e.kind {
        ExprKind::Name(n) => ast.parts(ast[n].parts).last().map(|p| (*p).to_string()),
        _ => None,
    };
    ast.list(columns).iter().map(name).collect()
}
