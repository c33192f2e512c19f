//! Cassandra: prepared statements, requests by partition or replica set, fixed write times, acknowledged row by
//! row of the manifest's chunks. What the driver does not do itself (pauses between attempts, blaming rows,
//! adapting to latency) is done here.

pub(in crate::run) mod answer;
mod connect;
mod deliver;
pub(in crate::run) mod group;
mod live;
pub(in crate::run) mod request;

use std::sync::Arc;
use std::time::Duration;

use scylla::client::session::Session;
use scylla::routing::Token;
use scylla::routing::partitioner::{Murmur3Partitioner, Partitioner, PartitionerHasher};
use tokio::runtime::Handle;
use xxhash_rust::xxh3::xxh3_64;

pub use live::{Durability, LiveTable, quoted};

use super::{Lane, Sink};
use crate::plan::model::{BatchMode, CassandraTarget, CqlType};
use crate::run::convert::{Encoder, TargetTable};
use crate::run::deadletter::Why;
use crate::run::engine::{Ticket, Window};
use crate::run::error::RunError;
use crate::run::row::RowBatch;
use deliver::Writer;
use group::{Grouping, Keyed};
use request::Request;

/// A connection to the cluster of a load.
#[derive(Clone)]
pub struct Cluster {
    session: Arc<Session>,
    target: CassandraTarget,
    runtime: Handle,
}

impl Cluster {
    /// Connects.
    pub fn connect(target: &CassandraTarget, runtime: &Handle) -> Result<Self, RunError> {
        let session = runtime.block_on(connect::session(target))?;
        Ok(Self {
            session: Arc::new(session),
            target: target.clone(),
            runtime: runtime.clone(),
        })
    }

    /// The session, for other readers of the cluster.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Reads a table of the keyspace.
    pub fn table(&self, name: &str) -> Result<LiveTable, RunError> {
        self.runtime
            .block_on(live::table(&self.session, &self.target, name))
    }

    /// Where requests run.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The server's clock, microseconds since 1970.
    pub fn now(&self) -> Result<i64, RunError> {
        self.runtime.block_on(live::now(&self.session))
    }

    /// How safe acknowledged rows are.
    pub fn durability(&self) -> Durability {
        self.runtime
            .block_on(live::durability(&self.session, &self.target))
    }

    /// All partitions are on the same nodes, so that any rows may share a request.
    fn one_replica_set(&self) -> bool {
        let state = self.session.get_cluster_state();
        let nodes = state.get_nodes_info().len();
        let endpoints =
            state.get_token_endpoints(&self.target.keyspace, &self.target.table, Token::new(0));
        nodes <= 1 || endpoints.len() >= nodes
    }

    /// A number for the replicas of a partition key; all the same where all partitions are on the same nodes.
    pub(in crate::run) fn replicas(&self, table: &str, key: &[u8]) -> u64 {
        let state = self.session.get_cluster_state();
        if state.get_nodes_info().len() <= 1 {
            return 0;
        }
        let mut hasher = Murmur3Partitioner.build_hasher();
        hasher.write(key);
        let endpoints = state.get_token_endpoints(&self.target.keyspace, table, hasher.finish());
        let mut hosts: Vec<u128> = endpoints.iter().map(|(n, _)| n.host_id.as_u128()).collect();
        hosts.sort_unstable();
        let bytes: Vec<u8> = hosts.iter().flat_map(|h| h.to_be_bytes()).collect();
        xxh3_64(&bytes)
    }
}

/// A table to write into.
pub struct CassandraSink {
    cluster: Cluster,
    table: String,
    encoder: Arc<Encoder>,
    writer: Arc<Writer>,
    mode: BatchMode,
    one_set: bool,
    whole: bool,
}

impl CassandraSink {
    /// Rows take the place of whatever is there: a NULL is written, instead of being left out.
    pub fn whole(mut self, whole: bool) -> Self {
        self.whole = whole;
        self
    }

    /// Prepares the statement for rows that `encoder` makes.
    pub fn prepare(
        cluster: &Cluster,
        encoder: Encoder,
        write_time: i64,
        patience: Duration,
    ) -> Result<Self, RunError> {
        let table = encoder.table();
        let statement = live::insert(&cluster.target.keyspace, table);
        let prepared = cluster
            .runtime
            .block_on(cluster.session.prepare(statement))
            .map_err(|e| answer::prepare(&table.name, &e))?;
        let writer = Writer::new(Arc::clone(&cluster.session), prepared, write_time, patience);
        Ok(Self {
            table: table.name.clone(),
            one_set: cluster.one_replica_set(),
            whole: false,
            mode: cluster.target.batch,
            cluster: cluster.clone(),
            encoder: Arc::new(encoder),
            writer: Arc::new(writer),
        })
    }
}

/// Binds the planned columns to the live table.
pub fn bind<'a>(
    live: &LiveTable,
    name: &str,
    planned: impl Iterator<Item = (&'a str, CqlType)>,
) -> Result<TargetTable, RunError> {
    live.bind(name, planned)
}

impl Sink for CassandraSink {
    fn lane(&self) -> Box<dyn Lane> {
        let columns = self.encoder.table().columns.len();
        Box::new(CassandraLane {
            cluster: self.cluster.clone(),
            table: self.table.clone(),
            encoder: Arc::clone(&self.encoder),
            writer: Arc::clone(&self.writer),
            grouping: Grouping::new(self.mode, columns),
            one_set: self.one_set,
            whole: self.whole,
            buffer: Vec::new(),
            rows: Vec::new(),
            key: Vec::new(),
        })
    }

    fn close(&self, _aborted: bool) -> Result<(), RunError> {
        Ok(())
    }
}

/// A buffer that grew beyond this is given back.
const LARGEST: usize = 4 << 20;

struct CassandraLane {
    cluster: Cluster,
    table: String,
    encoder: Arc<Encoder>,
    writer: Arc<Writer>,
    grouping: Grouping,
    one_set: bool,
    whole: bool,
    buffer: Vec<u8>,
    rows: Vec<Keyed>,
    key: Vec<u8>,
}

impl CassandraLane {
    /// A number for the replicas of the partition key in `self.key`.
    fn replicas(&self) -> u64 {
        if self.one_set {
            return 0;
        }
        self.cluster.replicas(&self.table, &self.key)
    }
}

impl CassandraLane {
    /// Sends a request as soon as limits allow it.
    fn deliver(&self, request: Request) {
        let ticket = Arc::clone(&request.ticket);
        let shared = ticket.shared();
        // In the buffer, in the request, in the driver's values and in its frame.
        let cost = request.size() * 4;
        if request.counts {
            let (rows, bytes) = (request.len() as u64, request.size() as u64);
            shared
                .throttle
                .wait(rows, bytes, || shared.control.aborted());
        }
        if !shared.gate.enter(cost) {
            return ticket.give_up();
        }
        let writer = Arc::clone(&self.writer);
        let runtime = &self.cluster.runtime;
        runtime.spawn(async move { writer.deliver(request, cost).await });
    }
}

impl Lane for CassandraLane {
    fn add(&mut self, batch: &RowBatch, row: usize) -> Result<(), Why> {
        let start = self.buffer.len();
        self.encoder
            .encode(batch, row, &mut self.buffer)
            .map_err(Why::from)?;
        self.key.clear();
        self.encoder
            .partition_key_bytes(&self.buffer[start..], &mut self.key);
        self.rows.push(Keyed {
            set: self.replicas(),
            key: xxh3_64(&self.key),
            start,
            end: self.buffer.len(),
            row: row as u32,
        });
        Ok(())
    }

    fn last(&self) -> &[u8] {
        self.rows
            .last()
            .map_or(&[], |r| &self.buffer[r.start..r.end])
    }

    fn key(&self, out: &mut Vec<u8>) {
        self.encoder.primary_key_bytes(self.last(), out);
    }

    fn undo(&mut self) {
        if let Some(row) = self.rows.pop() {
            self.buffer.truncate(row.start);
        }
    }

    fn send(&mut self, window: &Arc<Window>, ticket: &Arc<Ticket>, counts: bool) {
        let whole = self.whole;
        if let [row] = self.rows[..]
            && self.buffer.len() > LARGEST
        {
            self.rows.clear();
            let bytes = std::mem::take(&mut self.buffer);
            let request = Request::large(bytes, row.row, window, ticket, counts);
            return self.deliver(request.whole(whole));
        }
        let mut rows = std::mem::take(&mut self.rows);
        let mut grouping = std::mem::take(&mut self.grouping);
        grouping.requests(&mut rows, |keyed| {
            let request = Request::new(&self.buffer, keyed, window, ticket, counts);
            self.deliver(request.whole(whole));
        });
        rows.clear();
        (self.rows, self.grouping) = (rows, grouping);
        self.buffer.clear();
        if self.buffer.capacity() > LARGEST {
            self.buffer = Vec::new();
        }
    }
}
