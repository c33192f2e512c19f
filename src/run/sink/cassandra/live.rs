//! What the server says of the table: its columns against the specification's, its settings against the load's.

use std::collections::BTreeMap;

use scylla::client::session::Session;
use scylla::deserialize::row::DeserializeRow;
use scylla::serialize::row::SerializeRow;

use crate::diag::Code;
use crate::plan::model::{CassandraTarget, CqlKind, CqlType};
use crate::run::convert::{TargetColumn, TargetTable};
use crate::run::error::RunError;

/// A table as the server has it.
#[derive(Clone, Debug)]
pub struct LiveTable {
    /// Type, role and place of each column.
    columns: BTreeMap<String, (String, CqlKind, usize)>,
    /// Seconds that a delete is remembered.
    pub gc_grace_seconds: i32,
}

/// How safe an acknowledged row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// `commitlog_sync`, where it can be seen.
    pub commitlog_sync: Option<String>,
    /// Copies of each row in the data centre.
    pub copies: Option<u32>,
}

impl Durability {
    /// What may be lost, in words; None when an acknowledged row is on disk or on several machines.
    pub fn warning(&self) -> Option<String> {
        let on_disk = matches!(self.commitlog_sync.as_deref(), Some("batch" | "group"));
        let several = self.copies.is_some_and(|n| n > 1);
        if on_disk || several {
            return None;
        }
        let sync = self.commitlog_sync.as_deref().unwrap_or("not visible");
        Some(format!(
            "commitlog_sync is {sync} and each row has one copy: if the server is killed within seconds, rows that it acknowledged are lost"
        ))
    }
}

async fn rows<R>(
    session: &Session,
    query: &str,
    values: impl SerializeRow,
) -> Result<Vec<R>, RunError>
where
    R: for<'f, 'm> DeserializeRow<'f, 'm> + 'static,
{
    let failed = |e: String| RunError::new(Code::Unreachable, format!("Cassandra: {e}"));
    let result = session
        .query_unpaged(query, values)
        .await
        .map_err(|e| failed(e.to_string()))?;
    let result = result
        .into_rows_result()
        .map_err(|e| failed(e.to_string()))?;
    let typed = result.rows::<R>().map_err(|e| failed(e.to_string()))?;
    typed
        .collect::<Result<Vec<R>, _>>()
        .map_err(|e| failed(e.to_string()))
}

/// Reads a table's columns and settings.
pub async fn table(
    session: &Session,
    target: &CassandraTarget,
    table: &str,
) -> Result<LiveTable, RunError> {
    let keyspace = target.keyspace.as_str();
    let query = "SELECT column_name, type, kind, clustering_order, position FROM system_schema.columns \
                 WHERE keyspace_name = ? AND table_name = ?";
    let found: Vec<(String, String, String, String, i32)> =
        rows(session, query, (keyspace, table)).await?;
    if found.is_empty() {
        return Err(missing(session, keyspace, table).await);
    }
    let query = "SELECT gc_grace_seconds FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?";
    let settings: Vec<(i32,)> = rows(session, query, (keyspace, table)).await?;
    let columns = found.into_iter().map(|(name, ty, kind, order, position)| {
        let kind = role(&kind, &order);
        (name, (ty, kind, usize::try_from(position).unwrap_or(0)))
    });
    Ok(LiveTable {
        columns: columns.collect(),
        gc_grace_seconds: settings.first().map_or(0, |s| s.0),
    })
}

fn role(kind: &str, order: &str) -> CqlKind {
    match (kind, order) {
        ("partition_key", _) => CqlKind::Partition,
        ("clustering", "desc") => CqlKind::ClusteringDesc,
        ("clustering", _) => CqlKind::ClusteringAsc,
        ("static", _) => CqlKind::Static,
        _ => CqlKind::Regular,
    }
}

async fn missing(session: &Session, keyspace: &str, table: &str) -> RunError {
    let query = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";
    let there = rows::<(String,)>(session, query, (keyspace,)).await;
    let what = match there {
        Ok(found) if found.is_empty() => format!("keyspace {keyspace} does not exist"),
        Ok(_) | Err(_) => format!("table {keyspace}.{table} does not exist"),
    };
    RunError::new(Code::TargetMissing, format!("Cassandra: {what}"))
        .help("create it first: cqlsh -f cassandra/schema.cql")
}

/// The server's clock, microseconds since 1970.
pub async fn now(session: &Session) -> Result<i64, RunError> {
    let query = "SELECT CAST(toTimestamp(now()) AS bigint) FROM system.local";
    let found: Vec<(i64,)> = rows(session, query, ()).await?;
    Ok(found.first().map_or(0, |row| row.0) * 1000)
}

/// Asks how safe acknowledged rows are; what cannot be seen stays unknown.
pub async fn durability(session: &Session, target: &CassandraTarget) -> Durability {
    let query = "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'";
    let sync = rows::<(Option<String>,)>(session, query, ()).await;
    let query = "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?";
    let replication =
        rows::<(BTreeMap<String, String>,)>(session, query, (target.keyspace.as_str(),)).await;
    let copies = replication.ok().and_then(|r| {
        let options = &r.first()?.0;
        let own = options.get(&target.datacenter);
        own.or(options.get("replication_factor"))?.parse().ok()
    });
    Durability {
        commitlog_sync: sync.ok().and_then(|s| s.into_iter().next()?.0),
        copies,
    }
}

impl LiveTable {
    /// The columns of a load in the order of binding, with the roles that the server gives them. Differences
    /// between specification and server are all told at once.
    pub fn bind<'a>(
        &self,
        name: &str,
        planned: impl Iterator<Item = (&'a str, CqlType)>,
    ) -> Result<TargetTable, RunError> {
        let mut problems = Vec::new();
        let mut columns: Vec<TargetColumn> = Vec::new();
        for (column, ty) in planned {
            match self.columns.get(column) {
                None => problems.push(format!("column {column} is not there")),
                Some((live, _, _)) if *live != type_name(ty) => problems.push(format!(
                    "column {column} is {live}, planned was {}",
                    type_name(ty)
                )),
                Some((_, kind, place)) => columns.push(TargetColumn {
                    name: column.to_owned(),
                    ty,
                    kind: *kind,
                    place: *place,
                }),
            }
        }
        let bound = |name: &String| columns.iter().any(|c| c.name == *name);
        let key = |kind: CqlKind| !matches!(kind, CqlKind::Regular | CqlKind::Static);
        for (column, (_, kind, _)) in &self.columns {
            if key(*kind) && !bound(column) && problems.is_empty() {
                problems.push(format!("key column {column} is not in the specification"));
            }
        }
        if problems.is_empty() {
            return Ok(TargetTable {
                name: name.to_owned(),
                columns,
            });
        }
        let message = format!("table {name}: {}", problems.join("; "));
        Err(RunError::new(Code::TargetChanged, message).help(
            "apply the generated cassandra/schema.cql, or generate the specification again from the plan",
        ))
    }
}

fn type_name(ty: CqlType) -> &'static str {
    match ty {
        CqlType::TinyInt => "tinyint",
        CqlType::SmallInt => "smallint",
        CqlType::Int => "int",
        CqlType::BigInt => "bigint",
        CqlType::VarInt => "varint",
        CqlType::Decimal => "decimal",
        CqlType::Float => "float",
        CqlType::Double => "double",
        CqlType::Text => "text",
        CqlType::Timestamp => "timestamp",
        CqlType::Boolean => "boolean",
        CqlType::Blob => "blob",
        CqlType::Uuid => "uuid",
        CqlType::Duration => "duration",
    }
}

/// A name as CQL.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The statement that writes a row: columns in the order of binding.
pub fn insert(keyspace: &str, table: &TargetTable) -> String {
    let names: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let (keyspace, name) = (quoted(keyspace), quoted(&table.name));
    format!(
        "INSERT INTO {keyspace}.{name} ({}) VALUES ({marks})",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> LiveTable {
        let column = |ty: &str, kind| (ty.to_owned(), kind, 0);
        LiveTable {
            columns: BTreeMap::from([
                ("id".into(), column("bigint", CqlKind::Partition)),
                ("v".into(), column("text", CqlKind::Regular)),
            ]),
            gc_grace_seconds: 864_000,
        }
    }

    #[test]
    fn all_differences_are_told_at_once() {
        let planned = [("id", CqlType::Int), ("w", CqlType::Text)];
        let error = live().bind("t", planned.into_iter()).expect_err("differs");
        assert_eq!(error.code, Code::TargetChanged);
        assert!(error.message.contains("id is bigint, planned was int"));
        assert!(error.message.contains("w is not there"));
        let error = live().bind("t", [("v", CqlType::Text)].into_iter());
        assert!(error.expect_err("no key").message.contains("key column id"));
    }

    #[test]
    fn names_are_quoted_in_the_statement() {
        let planned = [("id", CqlType::BigInt), ("v", CqlType::Text)];
        let mut table = live().bind("t", planned.into_iter()).expect("fits");
        table.columns[1].name = "a\"b".into();
        let statement = insert("k", &table);
        assert_eq!(
            statement,
            "INSERT INTO \"k\".\"t\" (\"id\", \"a\"\"b\") VALUES (?, ?)"
        );
    }

    #[test]
    fn one_copy_and_no_sync_is_a_risk() {
        let durability = |sync: &str, copies| Durability {
            commitlog_sync: Some(sync.into()),
            copies: Some(copies),
        };
        assert!(durability("periodic", 1).warning().is_some());
        assert!(durability("batch", 1).warning().is_none());
        assert!(durability("periodic", 3).warning().is_none());
    }
}
