//! Writes into Cassandra: every statement carries its own write time, so that requests may overtake each other and be
//! sent again without harm. Rows of a partition share a request, and where partitions have few rows, partitions of the
//! same replicas do, as in a load. What the server refuses goes to the dead letters, row by row.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use scylla::client::session::Session;
use scylla::errors::ExecutionError;
use scylla::statement::batch::{Batch, BatchStatement, BatchType};
use scylla::statement::prepared::PreparedStatement;
use xxhash_rust::xxh3::xxh3_64;

use super::pump::{Kind, Letters, Target, Write};
use super::route::Route;
use super::shared::Shared;
use super::tracker::Window;
use crate::diag::Code;
use crate::plan::model::{BatchMode, CassandraTarget};
use crate::run::convert::{TargetTable, values};
use crate::run::deadletter::Why;
use crate::run::error::RunError;
use crate::run::retry::Backoff;
use crate::run::sink::cassandra::answer::{self, Verdict, judge};
use crate::run::sink::cassandra::group::{Grouping, Keyed, MOST_ROWS};
use crate::run::sink::cassandra::request::{AllRows, CellBytes, Rows};
use crate::run::sink::cassandra::{Cluster, quoted};

/// A pause is slept in pieces, so that the end of the run is noticed.
const NAP: Duration = Duration::from_millis(100);

/// How long the gate is waited for before the feed is asked to hold.
const ROOM: Duration = Duration::from_millis(200);

/// A buffer that grew beyond this is given back.
const LARGEST: usize = 4 << 20;

/// The statements of a table.
struct Statements {
    put: PreparedStatement,
    remove: PreparedStatement,
    /// Batches of so many puts, made when first needed.
    puts: Vec<OnceLock<Batch>>,
}

impl Statements {
    fn of(&self, kind: Kind) -> &PreparedStatement {
        match kind {
            Kind::Put => &self.put,
            Kind::Remove => &self.remove,
        }
    }
}

fn insert(keyspace: &str, table: &TargetTable) -> String {
    let names: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let marks = vec!["?"; names.len()].join(", ");
    format!(
        "INSERT INTO {}.{} ({}) VALUES ({marks}) USING TIMESTAMP ?",
        quoted(keyspace),
        quoted(&table.name),
        names.join(", ")
    )
}

fn delete(keyspace: &str, table: &TargetTable) -> String {
    let key = table.primary().into_iter();
    let terms: Vec<String> = key
        .map(|i| format!("{} = ?", quoted(&table.columns[i].name)))
        .collect();
    format!(
        "DELETE FROM {}.{} USING TIMESTAMP ? WHERE {}",
        quoted(keyspace),
        quoted(&table.name),
        terms.join(" AND ")
    )
}

/// Prepares the statements of all tables.
fn prepare(
    cluster: &Cluster,
    target: &CassandraTarget,
    routes: &[Route],
) -> Result<Vec<Statements>, RunError> {
    let one = |text: String, table: &str| {
        let prepared = cluster.runtime().block_on(cluster.session().prepare(text));
        let mut prepared = prepared.map_err(|e| answer::prepare(table, &e))?;
        prepared.set_is_idempotent(true);
        Ok::<_, RunError>(prepared)
    };
    let all = routes.iter().map(|route| {
        let table = route.encoder.table();
        Ok(Statements {
            put: one(insert(&target.keyspace, table), &table.name)?,
            remove: one(delete(&target.keyspace, table), &table.name)?,
            puts: (0..=MOST_ROWS).map(|_| OnceLock::new()).collect(),
        })
    });
    all.collect()
}

/// A write in a request.
#[derive(Clone, Copy)]
struct Item {
    kind: Kind,
    end: usize,
    record: u32,
}

/// Writes that go together.
struct Request {
    table: usize,
    bytes: Vec<u8>,
    items: Vec<Item>,
    window: Arc<Window>,
}

impl Rows for Request {
    fn count(&self) -> usize {
        self.items.len()
    }

    fn cells(&self, n: usize) -> CellBytes<'_> {
        let start = n.checked_sub(1).map_or(0, |before| self.items[before].end);
        CellBytes::of(&self.bytes[start..self.items[n].end])
    }
}

/// What requests have in common.
struct Writer<L> {
    session: Arc<Session>,
    tables: Vec<Statements>,
    shared: Arc<Shared>,
    letters: L,
    patience: Duration,
}

/// How a request ended.
enum End {
    Written,
    Refused(String),
    Failed(RunError),
    Aborted,
}

impl<L: Letters> Writer<L> {
    async fn attempt(&self, r: &Request, one: Option<usize>) -> Result<(), ExecutionError> {
        let statements = &self.tables[r.table];
        if let Some(n) = one.or((r.items.len() == 1).then_some(0)) {
            let statement = statements.of(r.items[n].kind);
            self.session.execute_unpaged(statement, r.cells(n)).await?;
            return Ok(());
        }
        let batch = |kinds: &mut dyn Iterator<Item = Kind>| {
            let all = kinds.map(|k| BatchStatement::PreparedStatement(statements.of(k).clone()));
            let mut batch = Batch::new_with_statements(BatchType::Unlogged, all.collect());
            batch.set_is_idempotent(true);
            batch
        };
        let kinds = r.items.iter().map(|i| i.kind);
        if kinds.clone().all(|k| k == Kind::Put) {
            let same = statements.puts[r.items.len()].get_or_init(|| batch(&mut kinds.clone()));
            self.session.batch(same, AllRows(r)).await?;
        } else {
            self.session
                .batch(&batch(&mut kinds.clone()), AllRows(r))
                .await?;
        }
        Ok(())
    }

    /// Sends until it is answered: a time-out does not say that nothing was written, and writing again does no harm.
    async fn part(&self, r: &Request, one: Option<usize>, backoff: &mut Backoff) -> End {
        loop {
            if self.shared.control.aborted() {
                return End::Aborted;
            }
            let Err(error) = self.attempt(r, one).await else {
                return End::Written;
            };
            let why = match judge(&error) {
                Verdict::Again(why) => why,
                Verdict::Refused(why) => return End::Refused(why),
                Verdict::Stop(error) => return End::Failed(error),
            };
            self.shared.gate.back_off();
            self.shared.counters.retries.fetch_add(1, Relaxed);
            self.shared.trouble(&why);
            let Some(pause) = backoff.pause() else {
                return End::Failed(unanswered(backoff, &why));
            };
            let until = Instant::now() + pause;
            while Instant::now() < until && !self.shared.control.aborted() {
                tokio::time::sleep(NAP.min(pause)).await;
            }
        }
    }

    /// Delivers a request to one of its ends. `cost`: what it paid at the gate.
    async fn deliver(&self, r: Request, cost: usize) {
        let started = Instant::now();
        let mut backoff = Backoff::new(self.patience, xxh3_64(&r.bytes[..r.bytes.len().min(64)]));
        let end = self.part(&r, None, &mut backoff).await;
        let clean = matches!(end, End::Written) && backoff.attempts() == 0;
        match end {
            End::Written => self.acknowledged(r.items.len(), r.bytes.len()),
            End::Refused(_) if r.items.len() > 1 => self.one_by_one(&r).await,
            End::Refused(why) => self.refused(&r, 0, &why),
            End::Failed(error) => self.failed(&r, error),
            End::Aborted => r.window.fail(),
        }
        let latency = clean.then(|| started.elapsed());
        self.shared.gate.leave(cost, latency);
    }

    /// One write of a request is to blame: the others must not suffer for it.
    async fn one_by_one(&self, r: &Request) {
        for n in 0..r.items.len() {
            let mut backoff = Backoff::new(self.patience, n as u64);
            match self.part(r, Some(n), &mut backoff).await {
                End::Written => self.acknowledged(1, r.cells(n).len()),
                End::Refused(why) => self.refused(r, n, &why),
                End::Failed(error) => return self.failed(r, error),
                End::Aborted => return r.window.fail(),
            }
        }
    }

    fn acknowledged(&self, rows: usize, bytes: usize) {
        let counters = &self.shared.counters;
        counters.acknowledged.fetch_add(rows as u64, Relaxed);
        counters.bytes.fetch_add(bytes as u64, Relaxed);
    }

    fn failed(&self, r: &Request, error: RunError) {
        r.window.fail();
        self.shared.fail(error);
    }

    fn refused(&self, r: &Request, n: usize, reason: &str) {
        let why = Why {
            column: None,
            code: "refused".into(),
            reason: format!("Cassandra refuses the row: {reason}"),
        };
        let record = r.items[n].record;
        let origin = r.window.records[record as usize];
        if self
            .shared
            .reject(&why, self.shared.place(origin.part, origin.offset))
        {
            self.letters.write(&r.window, record, r.table, &why);
        } else {
            r.window.fail();
        }
    }
}

fn unanswered(backoff: &Backoff, why: &str) -> RunError {
    let message = format!(
        "Cassandra did not acknowledge a write in {} s and {} attempts; the last answer: {why}",
        backoff.elapsed().as_secs(),
        backoff.attempts()
    );
    RunError::new(Code::WriteFailed, message).help(
        "look after the server, then start the sink again: it goes on where it was; [limits] retry_seconds says how long it waits",
    )
}

/// The writes of a table that wait for their window.
struct Lane {
    buffer: Vec<u8>,
    kinds: Vec<(Kind, u32)>,
    rows: Vec<Keyed>,
    grouping: Grouping,
    /// Columns of the partition key.
    partition: usize,
}

/// Tables to write into.
pub struct CassandraTables<L> {
    writer: Arc<Writer<L>>,
    cluster: Cluster,
    routes: Arc<Vec<Route>>,
    lanes: Vec<Lane>,
    key: Vec<u8>,
}

impl<L: Letters + Send + Sync + 'static> CassandraTables<L> {
    /// Prepares everything.
    pub fn new(
        cluster: &Cluster,
        (target, mode): (&CassandraTarget, BatchMode),
        routes: Arc<Vec<Route>>,
        (shared, letters): (Arc<Shared>, L),
        patience: Duration,
    ) -> Result<Self, RunError> {
        let tables = prepare(cluster, target, &routes)?;
        let lane = |route: &Route| {
            let table = route.encoder.table();
            Lane {
                buffer: Vec::new(),
                kinds: Vec::new(),
                rows: Vec::new(),
                grouping: Grouping::new(mode, table.columns.len()),
                partition: table.partition().len(),
            }
        };
        Ok(Self {
            writer: Arc::new(Writer {
                session: Arc::clone(cluster.session()),
                tables,
                shared,
                letters,
                patience,
            }),
            cluster: cluster.clone(),
            lanes: routes.iter().map(lane).collect(),
            routes,
            key: Vec::new(),
        })
    }

    fn partition_key(&mut self, write: &Write<'_>) {
        self.key.clear();
        if write.kind == Kind::Put {
            let encoder = &self.routes[write.table].encoder;
            return encoder.partition_key_bytes(write.values, &mut self.key);
        }
        let count = self.lanes[write.table].partition;
        for value in values(write.values).take(count) {
            let value = value.unwrap_or_default();
            if count == 1 {
                self.key.extend_from_slice(value);
            } else {
                self.key
                    .extend_from_slice(&(value.len() as u16).to_be_bytes());
                self.key.extend_from_slice(value);
                self.key.push(0);
            }
        }
    }
}

impl<L: Letters + Send + Sync + 'static> Target for CassandraTables<L> {
    fn add(&mut self, write: Write<'_>) {
        self.partition_key(&write);
        let set = self
            .cluster
            .replicas(&self.routes[write.table].table, &self.key);
        let lane = &mut self.lanes[write.table];
        let start = lane.buffer.len();
        let time = |buffer: &mut Vec<u8>| {
            buffer.extend_from_slice(&8i32.to_be_bytes());
            buffer.extend_from_slice(&write.time.to_be_bytes());
        };
        match write.kind {
            Kind::Put => {
                lane.buffer.extend_from_slice(write.values);
                time(&mut lane.buffer);
            }
            Kind::Remove => {
                time(&mut lane.buffer);
                lane.buffer.extend_from_slice(write.values);
            }
        }
        lane.rows.push(Keyed {
            set,
            key: xxh3_64(&self.key),
            start,
            end: lane.buffer.len(),
            row: lane.kinds.len() as u32,
        });
        lane.kinds.push((write.kind, write.record));
    }

    fn send(
        &mut self,
        window: &Arc<Window>,
        busy: &mut dyn FnMut() -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut outcome = Ok(());
        for (table, lane) in self.lanes.iter_mut().enumerate() {
            let Lane {
                buffer,
                kinds,
                rows,
                grouping,
                ..
            } = lane;
            grouping.requests(rows, |keyed| {
                let request = request(table, buffer, kinds, keyed, window);
                if let Err(e) = enter(&self.writer, &self.cluster, request, busy) {
                    window.fail();
                    outcome = Err(e);
                }
            });
            rows.clear();
            kinds.clear();
            buffer.clear();
            if buffer.capacity() > LARGEST {
                *buffer = Vec::new();
            }
        }
        outcome
    }
}

fn request(
    table: usize,
    buffer: &[u8],
    kinds: &[(Kind, u32)],
    keyed: &[Keyed],
    window: &Arc<Window>,
) -> Request {
    let mut bytes = Vec::with_capacity(keyed.iter().map(|k| k.end - k.start).sum());
    let mut items = Vec::with_capacity(keyed.len());
    for k in keyed {
        bytes.extend_from_slice(&buffer[k.start..k.end]);
        let (kind, record) = kinds[k.row as usize];
        items.push(Item {
            kind,
            end: bytes.len(),
            record,
        });
    }
    Request {
        table,
        bytes,
        items,
        window: Arc::clone(window),
    }
}

/// Waits at the gate, and lets the request go.
fn enter<L: Letters + Send + Sync + 'static>(
    writer: &Arc<Writer<L>>,
    cluster: &Cluster,
    request: Request,
    busy: &mut dyn FnMut() -> Result<(), RunError>,
) -> Result<(), RunError> {
    // In the window, in the request, in the driver's values and in its frame.
    let cost = request.bytes.len() * 4;
    loop {
        match writer.shared.gate.enter_within(cost, ROOM) {
            Some(true) => break,
            Some(false) => {
                request.window.fail();
                return Ok(()); // what closed it is told already
            }
            None => busy()?,
        }
    }
    let writer = Arc::clone(writer);
    cluster
        .runtime()
        .spawn(async move { writer.deliver(request, cost).await });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::model::{CqlKind, CqlType};
    use crate::run::convert::TargetColumn;

    #[test]
    fn statements_carry_their_own_write_time() {
        let column = |name: &str, kind, place| TargetColumn {
            name: name.into(),
            ty: CqlType::Int,
            kind,
            place,
        };
        let table = TargetTable {
            name: "t".into(),
            columns: vec![
                column("c", CqlKind::ClusteringAsc, 0),
                column("p\"q", CqlKind::Partition, 0),
                column("v", CqlKind::Regular, 0),
            ],
        };
        assert_eq!(
            insert("k", &table),
            "INSERT INTO \"k\".\"t\" (\"c\", \"p\"\"q\", \"v\") VALUES (?, ?, ?) USING TIMESTAMP ?"
        );
        assert_eq!(
            delete("k", &table),
            "DELETE FROM \"k\".\"t\" USING TIMESTAMP ? WHERE \"p\"\"q\" = ? AND \"c\" = ?"
        );
    }
}
