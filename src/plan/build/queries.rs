//! The user's named queries as access paths.

use crate::catalog::model::Catalog;
use crate::dataflow::reader::{AccessPath, access_path};
use crate::plan::config::{ProjectConfig, QueryConfig};
use crate::plan::model::{QueryColumn, ReaderQuery};

/// Analyses all named queries, in the user's order.
pub fn analyse(catalog: &Catalog, config: &ProjectConfig) -> Vec<ReaderQuery> {
    config.queries.iter().map(|q| one(catalog, q)).collect()
}

fn one(catalog: &Catalog, q: &QueryConfig) -> ReaderQuery {
    let (path, problem) = match access_path(catalog, &q.sql) {
        Ok(path) => (path, None),
        Err(problem) => (AccessPath::default(), Some(problem)),
    };
    let column = |(table, column): crate::dataflow::reader::TableColumn, desc| QueryColumn {
        table,
        column,
        desc,
    };
    ReaderQuery {
        name: q.name.clone(),
        sql: q.sql.clone(),
        weight: q.weight.to_string(),
        tables: path.tables,
        equality: path
            .equality
            .into_iter()
            .map(|c| column(c, false))
            .collect(),
        range: path.range.into_iter().map(|c| column(c, false)).collect(),
        order: path
            .order
            .into_iter()
            .map(|(c, desc)| column(c, desc))
            .collect(),
        problem,
    }
}
