//! Names of tables that no definition states. Each becomes a table without columns; what names of Oracle's own
//! dictionary, WITH elements and remote tables are left alone.

use std::collections::{BTreeMap, BTreeSet};

use super::bodies::{self, Body};
use super::inferred;
use crate::catalog::build::{Input, table};
use crate::catalog::builtin::is_dictionary_view;
use crate::catalog::model::{Catalog, Resolved};
use crate::catalog::resolve::{NameMeaning, Resolver};
use crate::catalog::walk::{Node, Place, Visitor};
use crate::rel::TableName;
use crate::source::Span;
use crate::syntax::ast::{DmlKind, Expr, ExprKind, FromKind, Id, ItemKind, ObjectName, StmtKind};

/// A use of a name: whether the text names a schema.
type Uses = BTreeMap<(TableName, bool), Vec<Span>>;

/// What a piece of code uses.
#[derive(Default)]
struct Seen {
    missing: Uses,
    sequences: BTreeMap<TableName, Span>,
    /// It reads or writes a table whose key or columns may have to be taken from the code.
    concerned: bool,
}

/// Adds the tables. Gives the pieces of code that use them, or tables without a key.
pub(super) fn add(input: Input<'_>, catalog: &mut Catalog) -> Vec<Body> {
    let mut sequences = BTreeMap::new();
    let (mut uses, concerned) = {
        let resolver = Resolver::new(input.map, input.files, catalog);
        let all = bodies::all(&resolver);
        let seen = bodies::each(&resolver, &all, of_body);
        let mut uses = Uses::new();
        let mut concerned = Vec::new();
        for (body, seen) in all.into_iter().zip(seen) {
            if seen.concerned || !seen.missing.is_empty() {
                concerned.push(body);
            }
            sequences.extend(seen.sequences);
            for (name, mut spans) in seen.missing {
                uses.entry(name).or_default().append(&mut spans);
            }
        }
        truncated(&resolver, input, &mut uses);
        (uses, concerned)
    };
    merge_unqualified(&mut uses);
    for (name, span) in sequences {
        catalog.sequences.entry(name).or_insert(span);
    }
    for ((name, _), spans) in uses {
        let note = format!("used in {} places, defined in none", spans.len());
        let new = table::inferred(name.clone(), inferred(note, spans));
        catalog.tables.entry(name).or_insert(new);
    }
    concerned
}

/// TRUNCATE at the top of a script.
fn truncated(resolver: &Resolver<'_>, input: Input<'_>, uses: &mut Uses) {
    for (unit, view) in input.units() {
        if let ItemKind::Truncate(name) = view.ast()[view.unit.item].kind {
            let scope = resolver.unit_scope(unit);
            let span = view.span(view.ast().name_span(name));
            if let Some(found) = missing(resolver, &scope.schema, view.ast(), name) {
                uses.entry(found).or_default().push(span);
            }
        }
    }
}

/// A name without a schema means the only table of that name that is used with one.
fn merge_unqualified(uses: &mut Uses) {
    let mut owners: BTreeMap<String, BTreeSet<TableName>> = BTreeMap::new();
    for (name, qualified) in uses.keys() {
        if *qualified {
            owners
                .entry(name.name.clone())
                .or_default()
                .insert(name.clone());
        }
    }
    for ((name, qualified), mut spans) in std::mem::take(uses) {
        let only = owners
            .get(&name.name)
            .filter(|o| !qualified && o.len() == 1)
            .and_then(|o| o.first().cloned());
        let name = only.unwrap_or(name);
        uses.entry((name, true)).or_default().append(&mut spans);
    }
}

fn of_body(resolver: &Resolver<'_>, body: &Body) -> Seen {
    let mut collector = Collector {
        resolver,
        ctes: Vec::new(),
        seen: Seen::default(),
    };
    bodies::walk(resolver, body, &mut collector);
    collector.seen
}

struct Collector<'r, 'a> {
    resolver: &'r Resolver<'a>,
    /// Names of WITH elements in sight, one list a query around the place.
    ctes: Vec<Vec<String>>,
    seen: Seen,
}

impl Visitor for Collector<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        let ast = at.view.ast();
        match node {
            Node::Query(q) => {
                let names = ast.list(ast[q].with).iter();
                let names = names.map(|c| ast.ident(c.name).to_string()).collect();
                self.ctes.push(names);
            }
            Node::From(item) => {
                if let FromKind::Table { name, .. } = ast[item].kind {
                    self.name(at, name);
                }
            }
            Node::Dml(d) => {
                self.seen.concerned |= matches!(ast[d].kind, DmlKind::Merge { .. });
            }
            Node::Stmt(s) => {
                if let StmtKind::Item(item) = ast[s].kind
                    && let ItemKind::Truncate(name) = ast[item].kind
                {
                    self.name(at, name);
                }
            }
            Node::Expr(e) => self.sequence(at, e),
            Node::Block(_) | Node::Decl(_) | Node::Select(..) => {}
        }
        true
    }

    fn leave(&mut self, _at: &Place<'_>, node: Node) {
        if let Node::Query(_) = node {
            self.ctes.pop();
        }
    }
}

impl Collector<'_, '_> {
    /// `name.NEXTVAL` of a sequence that no definition states.
    fn sequence(&mut self, at: &Place<'_>, e: Id<Expr>) {
        let ast = at.view.ast();
        let ExprKind::Name(n) = ast[e].kind else {
            return;
        };
        let parts = ast.parts(ast[n].parts);
        let [owner @ .., "NEXTVAL" | "CURRVAL"] = parts.as_slice() else {
            return;
        };
        let name = match owner {
            [name] => TableName::new(&at.scope.schema, *name),
            [schema, name] => TableName::new(*schema, *name),
            _ => return,
        };
        let meaning = self.resolver.lookup_name(&at.scope, &parts).meaning;
        if ast[n].link.is_empty() && matches!(meaning, NameMeaning::Unknown(_)) {
            let span = at.view.span(ast[e].span);
            self.seen.sequences.entry(name).or_insert(span);
        }
    }

    fn name(&mut self, at: &Place<'_>, name: Id<ObjectName>) {
        let ast = at.view.ast();
        let parts = ast.parts(ast[name].parts);
        if let [single] = parts.as_slice()
            && self.ctes.iter().flatten().any(|c| c == single)
        {
            return;
        }
        let span = at.view.span(ast.name_span(name));
        match missing(self.resolver, &at.scope.schema, ast, name) {
            Some(found) => self.seen.missing.entry(found).or_default().push(span),
            None => {
                let known = self.resolver.table_named(&at.scope.schema, &parts);
                let table = known
                    .known()
                    .and_then(|t| self.resolver.catalog.tables.get(t));
                self.seen.concerned |=
                    table.is_some_and(|t| t.view.is_none() && !t.has_declared_key());
            }
        }
    }
}

/// The table that a name would mean, if no definition states it; and whether the text names its schema.
fn missing(
    resolver: &Resolver<'_>,
    schema: &str,
    ast: &crate::syntax::ast::Ast,
    name: Id<ObjectName>,
) -> Option<(TableName, bool)> {
    let object = ast[name];
    let parts = ast.parts(object.parts);
    if !object.link.is_empty() || matches!(parts.as_slice(), ["DUAL"] | ["SYS", "DUAL"]) {
        return None;
    }
    if let Resolved::Known(_) = resolver.table_named(schema, &parts) {
        return None;
    }
    let (mut found, mut qualified) = match parts.as_slice() {
        [name] => (TableName::new(schema, *name), false),
        [owner, name] => (TableName::new(*owner, *name), true),
        _ => return None,
    };
    let catalog = resolver.catalog;
    for _ in 0..16 {
        let public = TableName::new("PUBLIC", &found.name);
        let own = catalog.synonyms.get(&found);
        let synonym = own.or_else(|| catalog.synonyms.get(&public).filter(|_| !qualified));
        match synonym {
            None => {
                let own = !is_dictionary_view(&found.name) && found.schema != "SYS";
                return own.then_some((found, qualified));
            }
            Some(s) if s.link.is_some() => return None,
            Some(s) => found = s.target.clone(),
        }
        qualified = true;
    }
    None
}
