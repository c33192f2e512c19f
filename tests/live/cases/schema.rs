//! The keyspace: accepted by Cassandra, and then really there.

use super::Case;
use crate::cassandra::{cqlsh, script};
use crate::harness::{Live, ensure, failed};
use crate::stack::Stack;

pub fn cases() -> [(&'static str, Case); 1] {
    [("cassandra::schema_is_accepted_twice", accepted)]
}

const SCHEMA: &str = "\
CREATE KEYSPACE IF NOT EXISTS live_check WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
USE live_check;
CREATE TABLE IF NOT EXISTS daily_sales (
  store_id int, sales_date timestamp, category_id int, qty decimal, net_amount decimal, order_count int,
  PRIMARY KEY ((store_id), sales_date, category_id)
) WITH CLUSTERING ORDER BY (sales_date DESC, category_id ASC) AND comment = 'it''s; fine';
";

/// Once through the driver, once more through cqlsh, the way a user runs it.
fn accepted(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    node.run_script(SCHEMA)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("schema.cql");
    std::fs::write(&file, SCHEMA)?;
    cqlsh::run_file(node, &file)?.expect_success("cqlsh")?;
    let tables = node.tables("live_check")?;
    let created = script::split(SCHEMA)
        .iter()
        .filter(|s| s.starts_with("CREATE TABLE"))
        .count();
    ensure(tables.len() == created, || format!("{tables:#?}"))?;
    let key = tables
        .get("daily_sales")
        .and_then(|t| t.get("store_id"))
        .ok_or_else(|| failed("daily_sales.store_id is not there"))?;
    ensure(key.kind == "partition_key", || format!("{key:?}"))
}
