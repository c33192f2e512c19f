//! `cassandra/schema.cql`: accepted by Cassandra, and then really there.

use super::Case;
use crate::cassandra::{cqlsh, script};
use crate::harness::{Live, ensure};
use crate::project::Project;
use crate::stack::Stack;
use std::collections::BTreeSet;

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("cassandra::schema_of_retail", |stack| {
            accepted(stack, "retail")
        }),
        ("cassandra::schema_of_meter", |stack| {
            accepted(stack, "meter")
        }),
    ]
}

/// Through the driver, and once more through cqlsh as a user runs it: a schema can be
/// applied twice, and both cut it into the same statements.
fn accepted(stack: &Stack, sample: &str) -> Live<()> {
    let node = stack.cassandra()?;
    let point = format!("127.0.0.1:{}", node.port());
    let project = Project::migrate(
        sample,
        &[
            ("cassandra.contact_points", &point),
            ("cassandra.replication", "1"),
        ],
    )?;
    let cql = project.read("cassandra/schema.cql")?;
    node.run_script(&cql)?;
    cqlsh::run_file(node, &project.path("cassandra/schema.cql"))?.expect_success("cqlsh")?;

    let found = node.tables(&project.keyspace()?)?;
    let names: BTreeSet<&String> = found.keys().collect();
    let planned = project.cassandra_tables()?;
    ensure(names == planned.iter().collect(), || {
        format!("planned {planned:?}, found {names:?}")
    })?;
    let created = script::split(&cql)
        .iter()
        .filter(|s| s.to_ascii_uppercase().starts_with("CREATE TABLE"))
        .count();
    ensure(created == found.len(), || {
        format!("{created} statements, {} tables", found.len())
    })?;
    for (table, columns) in &found {
        ensure(columns.values().any(|c| c.kind == "partition_key"), || {
            format!("{table} has no partition key: {columns:?}")
        })?;
    }
    Ok(())
}
