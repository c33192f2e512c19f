//! The target side in Cassandra: a scan by token ranges on several threads, and rows by key. Values stay the bytes
//! that the server sent; nothing is deserialised.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scylla::client::session::Session;
use scylla::deserialize::row::ColumnIterator;
use scylla::response::PagingState;
use scylla::serialize::SerializationError;
use scylla::serialize::row::{RowSerializationContext, SerializeRow};
use scylla::serialize::writers::RowWriter;
use scylla::statement::prepared::PreparedStatement;
use tokio::runtime::Handle;

use super::{Target, TargetRow, Visit};
use crate::diag::Code;
use crate::run::convert::{TargetTable, values};
use crate::run::error::RunError;
use crate::run::sink::cassandra::quoted;

/// Token ranges of a scan: enough that threads end together.
const RANGES: i64 = 64;
/// Rows a page.
const PAGE: i32 = 2000;
/// Threads of a scan.
const THREADS: usize = 4;
/// Look-ups under way.
const LOOKUPS: usize = 32;
/// A page or a look-up is tried so many times.
const ATTEMPTS: u32 = 6;

/// A table.
pub struct CassandraTable {
    session: Arc<Session>,
    runtime: Handle,
    scan: PreparedStatement,
    fetch: PreparedStatement,
}

fn failed(e: impl std::fmt::Display) -> RunError {
    RunError::new(Code::Unreachable, format!("Cassandra: {e}"))
        .help("check the nodes, then compare again: nothing was changed")
}

impl CassandraTable {
    /// Prepares the statements for a table whose columns are read in their order.
    pub fn prepare(
        session: &Arc<Session>,
        runtime: &Handle,
        keyspace: &str,
        table: &TargetTable,
    ) -> Result<CassandraTable, RunError> {
        let names = |of: &[usize]| {
            let names: Vec<String> = of.iter().map(|i| quoted(&table.columns[*i].name)).collect();
            names
        };
        let all: Vec<usize> = (0..table.columns.len()).collect();
        let partition = names(&table.partition()).join(", ");
        let select = format!(
            "SELECT {} FROM {}.{} WHERE",
            names(&all).join(", "),
            quoted(keyspace),
            quoted(&table.name)
        );
        let scan = format!("{select} token({partition}) > ? AND token({partition}) <= ?");
        let keys = names(&table.primary())
            .iter()
            .map(|n| format!("{n} = ?"))
            .collect::<Vec<_>>();
        let fetch = format!("{select} {}", keys.join(" AND "));
        let prepare = |text: String| runtime.block_on(session.prepare(text)).map_err(failed);
        let mut scan = prepare(scan)?;
        scan.set_page_size(PAGE);
        Ok(CassandraTable {
            session: Arc::clone(session),
            runtime: runtime.clone(),
            scan,
            fetch: prepare(fetch)?,
        })
    }

    fn range(&self, (from, to): (i64, i64), visit: &Visit<'_>) -> Result<(), RunError> {
        let mut state = PagingState::start();
        loop {
            let (page, next) = self.page(from, to, &state)?;
            let page = page.into_rows_result().map_err(failed)?;
            let mut row = Vec::new();
            for columns in page.rows::<ColumnIterator>().map_err(failed)? {
                row.clear();
                for column in columns.map_err(failed)? {
                    row.push(column.map_err(failed)?.slice.map(|s| s.as_slice()));
                }
                visit(&row);
            }
            match next.into_paging_control_flow() {
                std::ops::ControlFlow::Continue(following) => state = following,
                std::ops::ControlFlow::Break(()) => return Ok(()),
            }
        }
    }

    /// A page, tried again after a pause: a time-out of a busy server is no difference.
    fn page(
        &self,
        from: i64,
        to: i64,
        state: &PagingState,
    ) -> Result<
        (
            scylla::response::query_result::QueryResult,
            scylla::response::PagingStateResponse,
        ),
        RunError,
    > {
        let mut attempt = 1;
        loop {
            let asked = self
                .session
                .execute_single_page(&self.scan, (from, to), state.clone());
            match self.runtime.block_on(asked) {
                Ok(page) => return Ok(page),
                Err(e) if attempt == ATTEMPTS => return Err(failed(e)),
                Err(_) => std::thread::sleep(Duration::from_millis(250 << attempt)),
            }
            attempt += 1;
        }
    }
}

/// Ranges that hold every token once; no row has the smallest one.
fn ranges() -> Vec<(i64, i64)> {
    let step = u64::MAX / RANGES as u64;
    let bound = |n: i64| {
        if n == RANGES {
            i64::MAX
        } else {
            (i128::from(i64::MIN) + i128::from(step) * i128::from(n)) as i64
        }
    };
    (0..RANGES).map(|n| (bound(n), bound(n + 1))).collect()
}

impl Target for CassandraTable {
    fn scan(&self, visit: &Visit<'_>) -> Result<(), RunError> {
        let queue: Mutex<VecDeque<(i64, i64)>> = Mutex::new(ranges().into());
        let work = || -> Result<(), RunError> {
            loop {
                let next = queue
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front();
                match next {
                    Some(range) => self.range(range, visit)?,
                    None => return Ok(()),
                }
            }
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|t| t.join()).collect()
        });
        for result in results {
            result.map_err(|_| RunError::new(Code::Defect, "a thread of the scan ended"))??;
        }
        Ok(())
    }

    fn fetch(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<TargetRow>>, RunError> {
        let mut found = Vec::with_capacity(keys.len());
        for part in keys.chunks(LOOKUPS) {
            let tasks: Vec<_> = part
                .iter()
                .map(|key| {
                    let (session, fetch) = (Arc::clone(&self.session), self.fetch.clone());
                    let key = Key(key.clone());
                    self.runtime
                        .spawn(async move { look_up(&session, &fetch, &key).await })
                })
                .collect();
            for task in tasks {
                let row = self.runtime.block_on(task);
                found.push(row.map_err(|_| RunError::new(Code::Defect, "a look-up ended"))??);
            }
        }
        Ok(found)
    }
}

async fn look_up(
    session: &Session,
    fetch: &PreparedStatement,
    key: &Key,
) -> Result<Option<TargetRow>, RunError> {
    let mut attempt = 1;
    let result = loop {
        match session.execute_unpaged(fetch, key).await {
            Ok(result) => break result,
            Err(e) if attempt == ATTEMPTS => return Err(failed(e)),
            Err(_) => tokio::time::sleep(Duration::from_millis(250 << attempt)).await,
        }
        attempt += 1;
    };
    let result = result.into_rows_result().map_err(failed)?;
    let mut rows = result.rows::<ColumnIterator>().map_err(failed)?;
    let Some(columns) = rows.next() else {
        return Ok(None);
    };
    let mut row = TargetRow::new();
    for column in columns.map_err(failed)? {
        let slice = column.map_err(failed)?.slice;
        row.push(slice.map(|s| s.as_slice().to_vec()));
    }
    Ok(Some(row))
}

/// A stored key: its values with their lengths.
struct Key(Vec<u8>);

impl SerializeRow for Key {
    fn serialize(
        &self,
        _: &RowSerializationContext<'_>,
        writer: &mut RowWriter<'_>,
    ) -> Result<(), SerializationError> {
        for value in values(&self.0) {
            let cell = writer.make_cell_writer();
            match value {
                Some(bytes) => cell
                    .set_value(bytes)
                    .map(|_| ())
                    .map_err(SerializationError::new)?,
                None => {
                    cell.set_null();
                }
            }
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_every_token_once() {
        let all = ranges();
        assert_eq!((all[0].0, all[all.len() - 1].1), (i64::MIN, i64::MAX));
        assert!(all.windows(2).all(|w| w[0].1 == w[1].0));
        assert!(all.iter().all(|(from, to)| from < to));
    }
}
