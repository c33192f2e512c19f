//! Tables and views by name: schema, synonym, public synonym, database link.

use super::super::model::{Catalog, Resolved};
use super::{MAX_DEPTH, Resolver, Scope};
use crate::rel::TableName;
use crate::syntax::ast::{Id, ObjectName};

/// The schema of public synonyms.
pub(in crate::catalog) const PUBLIC: &str = "PUBLIC";

impl Resolver<'_> {
    /// A table or view named in FROM, INTO, UPDATE and the like.
    pub fn table(&self, scope: &Scope, name: Id<ObjectName>) -> Resolved<TableName> {
        let ast = self.view(scope.unit).ast();
        let object = ast[name];
        let parts = ast.parts(object.parts);
        if !object.link.is_empty() {
            let link = ast.link(object.link).join(".");
            return Resolved::Unknown(format!(
                "`{}` is read over database link {link}",
                parts.join(".")
            ));
        }
        table_parts(self.catalog, &scope.schema, &parts)
    }

    /// A table by its dotted name, as it would be found from `schema`.
    pub fn table_named(&self, schema: &str, parts: &[&str]) -> Resolved<TableName> {
        table_parts(self.catalog, schema, parts)
    }
}

/// A table by its dotted name, as it would be found from `schema`.
pub fn table_parts(catalog: &Catalog, schema: &str, parts: &[&str]) -> Resolved<TableName> {
    let mut name = match parts {
        [name] => TableName::new(schema, *name),
        [owner, name] => TableName::new(*owner, *name),
        _ => return Resolved::Unknown(format!("`{}` is not a table's name", parts.join("."))),
    };
    let written = parts.join(".");
    let mut qualified = parts.len() > 1;
    for _ in 0..MAX_DEPTH {
        if catalog.tables.contains_key(&name) {
            return Resolved::Known(name);
        }
        let public = TableName::new(PUBLIC, name.name.clone());
        let own = catalog.synonyms.get(&name);
        let synonym = own.or_else(|| catalog.synonyms.get(&public).filter(|_| !qualified));
        let Some(synonym) = synonym else {
            return match elsewhere(catalog, &name, qualified) {
                Some(found) => Resolved::Known(found),
                None => Resolved::Unknown(missing(&written, &name, parts.len() > 1)),
            };
        };
        if let Some(link) = &synonym.link {
            return Resolved::Unknown(format!(
                "synonym `{written}` leads over database link {link}"
            ));
        }
        name = synonym.target.clone();
        qualified = true;
    }
    Resolved::Unknown(format!("synonym `{written}` leads to itself"))
}

/// A table that the name may mean although Oracle's rules do not lead to it: one whose CREATE names no schema, or
/// for a name without a schema the only one of the name (its synonym is not in the input). The catalogue lists every
/// such use as a finding.
fn elsewhere(catalog: &Catalog, name: &TableName, qualified: bool) -> Option<TableName> {
    if catalog.unqualified.contains(&name.name) {
        let own = TableName::new(&catalog.default_schema, &name.name);
        if catalog.tables.contains_key(&own) {
            return Some(own);
        }
    }
    match catalog.tables_by_name.get(&name.name)?.as_slice() {
        [only] if !qualified => Some(only.clone()),
        _ => None,
    }
}

fn missing(written: &str, name: &TableName, qualified: bool) -> String {
    if !qualified || written != name.to_string() {
        format!("`{written}` ({name}) is neither a table, a view nor a synonym of the input")
    } else {
        format!("`{written}` is neither a table, a view nor a synonym of the input")
    }
}
