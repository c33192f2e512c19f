//! An empty database from the catalogue.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::prog::Estate;
use super::super::val::Ty;
use super::{Col, Db, Fk, OnParent, Table, Unique};
use crate::catalog::model::{self, TableName};
use crate::syntax::View;
use crate::syntax::ast::{AlterAction, Constraint, ConstraintKind, ItemKind};

impl Db {
    /// All tables of the estate, without rows.
    pub fn empty(est: Estate<'_>) -> Db {
        let tables = &est.catalog.tables;
        let deletes = delete_rules(est);
        let table = |t: &model::Table| Table {
            name: t.name.clone(),
            cols: t.columns.values().map(column).collect(),
            rows: Rc::new(Vec::new()),
            uniques: uniques(t),
            fks: t
                .foreign_keys
                .iter()
                .filter_map(|f| foreign_key(est, t, f, &deletes))
                .collect(),
            checks: t.checks.clone(),
        };
        Db {
            tables: tables.values().map(table).collect(),
            sequences: vec![1; est.catalog.sequences.len()],
            ..Db::default()
        }
    }
}

fn column(c: &model::Column) -> Col {
    Col {
        name: c.name.clone(),
        ty: Ty::of_column(&c.ty),
        nullable: c.nullable,
        default: c.default_text.clone(),
        identity: c.identity,
        computed: c.is_virtual,
    }
}

fn uniques(t: &model::Table) -> Vec<Unique> {
    // A key that a plan rests on, and says so, holds in the databases that it is tried on.
    let declared = t.primary_key.iter().chain(&t.uniques);
    let assumed = t.assumed_keys.iter().map(|k| &k.columns);
    let keys = declared.chain(assumed);
    let place = |k: &Vec<String>| {
        let cols: Option<Vec<usize>> = k.iter().map(|c| t.columns.get_index_of(c)).collect();
        cols.map(|cols| Unique {
            cols,
            map: HashMap::new(),
        })
    };
    keys.filter_map(place).collect()
}

fn foreign_key(
    est: Estate<'_>,
    t: &model::Table,
    f: &model::ForeignKey,
    deletes: &[Rule],
) -> Option<Fk> {
    let tables = &est.catalog.tables;
    let parent = tables.get_index_of(&f.parent)?;
    let key = if f.parent_columns.is_empty() {
        tables[parent].primary_key.clone()?
    } else {
        f.parent_columns.clone()
    };
    let place = |t: &model::Table, names: &[String]| -> Option<Vec<usize>> {
        names.iter().map(|c| t.columns.get_index_of(c)).collect()
    };
    let rule = deletes
        .iter()
        .find(|r| r.table == t.name.name && r.columns == f.columns);
    Some(Fk {
        cols: place(t, &f.columns)?,
        parent,
        parent_cols: place(&tables[parent], &key)?,
        on_parent: rule.map_or(OnParent::Restrict, |r| r.rule),
    })
}

/// An ON DELETE clause, which the catalogue does not keep.
struct Rule {
    table: String,
    columns: Vec<String>,
    rule: OnParent,
}

fn delete_rules(est: Estate<'_>) -> Vec<Rule> {
    let mut out = Vec::new();
    for file in est.files {
        for unit in &file.units {
            let view = View::new(est.map, unit);
            let ast = view.ast();
            match ast[unit.item].kind {
                ItemKind::CreateTable(t) => {
                    let t = ast[t];
                    let name = ast
                        .parts(ast[t.name].parts)
                        .last()
                        .map_or(String::new(), |n| (*n).to_string());
                    for c in ast.list(t.constraints) {
                        out.extend(rule(view, &name, c, None));
                    }
                    for col in ast.list(t.columns) {
                        for c in ast.list(col.constraints) {
                            out.extend(rule(view, &name, c, Some(ast.ident(col.name))));
                        }
                    }
                }
                ItemKind::AlterTable { name, actions } => {
                    let name = TableName::new(
                        "",
                        ast.parts(ast[name].parts).last().copied().unwrap_or(""),
                    )
                    .name;
                    for a in ast.list(actions) {
                        if let AlterAction::AddConstraint(c) = a {
                            out.extend(rule(view, &name, &ast[*c], None));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    out
}

fn rule(view: View<'_>, table: &str, c: &Constraint, column: Option<&str>) -> Option<Rule> {
    let ConstraintKind::References { .. } = c.kind else {
        return None;
    };
    let from = view.span(c.span).start as usize;
    // The clause may stand behind what the node covers, up to the next comma outside parentheses.
    let rest = view.src.get(from..)?;
    let mut depth = 0i32;
    let end = rest.char_indices().find(|(_, c)| {
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        depth < 0 || (depth == 0 && matches!(c, ',' | ';'))
    });
    let text = rest[..end.map_or(rest.len(), |(i, _)| i)].to_uppercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |w: &[&str]| words.windows(w.len()).any(|x| x == w);
    let rule = if has(&["ON", "DELETE", "CASCADE"]) {
        OnParent::Cascade
    } else if has(&["ON", "DELETE", "SET", "NULL"]) {
        OnParent::SetNull
    } else {
        return None;
    };
    let ast = view.ast();
    let columns = match column {
        Some(c) => vec![c.to_string()],
        None => ast
            .list(c.columns)
            .iter()
            .map(|i| ast.ident(*i).to_string())
            .collect(),
    };
    Some(Rule {
        table: table.to_string(),
        columns,
        rule,
    })
}
