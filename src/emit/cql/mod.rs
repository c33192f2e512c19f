//! Cassandra: schema.cql, and access-paths.md that justifies it.

mod paths;
mod schema;
#[cfg(test)]
mod tests;

use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::Plan;

/// `cassandra/`.
pub struct Cassandra;

impl Emitter for Cassandra {
    fn name(&self) -> &'static str {
        "cql"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        Ok(vec![
            GeneratedFile::text("cassandra/schema.cql", schema::schema(plan)?),
            GeneratedFile::text("cassandra/access-paths.md", paths::paths(plan)?),
        ])
    }
}
