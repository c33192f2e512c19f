//! A single node from Maven jars and a session of the Rust driver on it.

use super::script;
use crate::harness::jars::{self, Java};
use crate::harness::process::Process;
use crate::harness::{Live, PATIENCE, failed, own_file, poll, ports};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A running node; it and its data go when this goes.
pub struct Node {
    process: Process,
    port: u16,
    runtime: Runtime,
    session: Session,
    _data: TempDir,
}

/// A column as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// CQL type.
    pub cql_type: String,
    /// `partition_key`, `clustering`, `regular` or `static`.
    pub kind: String,
    /// Place within the key; -1 for the others.
    pub position: i32,
}

const LOGBACK: &str = r#"<configuration scan="false">
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} [%thread] %logger{1} - %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="STDOUT"/></root>
</configuration>
"#;

/// Cassandra 5's own storage settings, small memory, generous time limits.
fn yaml(native: u16, storage: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "\
cluster_name: live
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 1
auto_bootstrap: false
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: \"127.0.0.1:{storage}\"}}]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
storage_port: {storage}
native_transport_port: {native}
endpoint_snitch: SimpleSnitch
data_file_directories: [\"{folder}/data\"]
commitlog_directory: \"{folder}/commitlog\"
hints_directory: \"{folder}/hints\"
saved_caches_directory: \"{folder}/saved_caches\"
cdc_raw_directory: \"{folder}/cdc_raw\"
commitlog_sync: periodic
commitlog_sync_period: 10000ms
commitlog_segment_size: 16MiB
commitlog_total_space: 256MiB
memtable_heap_space: 128MiB
memtable_offheap_space: 128MiB
memtable_allocation_type: offheap_objects
memtable_flush_writers: 1
concurrent_compactors: 1
key_cache_size: 16MiB
counter_cache_size: 0MiB
file_cache_size: 64MiB
networking_cache_size: 32MiB
write_request_timeout: 30s
read_request_timeout: 30s
authenticator: AllowAllAuthenticator
authorizer: AllowAllAuthorizer
auto_snapshot: false
hinted_handoff_enabled: false
user_defined_functions_enabled: false
materialized_views_enabled: false
storage_compatibility_mode: NONE
sai_options: {{segment_write_buffer_size: 64MiB}}
sstable: {{selected_format: bti}}
memtable: {{configurations: {{default: {{class_name: TrieMemtable}}}}}}
"
    )
}

impl Node {
    /// Starts a node on free ports and waits until the driver has a session.
    pub fn start() -> Live<Self> {
        let lib = jars::fetch("cassandra")?.join("lib");
        let folder = tempfile::Builder::new()
            .prefix("live-cassandra-")
            .tempdir()?;
        let [native, storage, jmx] = ports::free()?;
        let process = launch(&lib, folder.path(), [native, storage, jmx])?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let session = poll("Cassandra answers", PATIENCE, || {
            process.expect_alive()?;
            // The port alone says little: only a session proves that the node serves CQL.
            if std::net::TcpStream::connect(("127.0.0.1", native)).is_err() {
                return Ok(None);
            }
            Ok(runtime.block_on(connect(native)).ok())
        })?;
        Ok(Self {
            process,
            port: native,
            runtime,
            session,
            _data: folder,
        })
    }

    /// The port of the CQL protocol on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The running process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Runs one statement that returns nothing of interest.
    pub fn run(&self, statement: &str) -> Live<()> {
        self.runtime
            .block_on(self.session.query_unpaged(statement, ()))
            .map(drop)
            .map_err(|e| {
                failed(format!(
                    "Cassandra refuses:\n{statement}\n--- because ---\n{e}"
                ))
            })
    }

    /// Runs a script, statement by statement.
    pub fn run_script(&self, text: &str) -> Live<()> {
        for statement in script::split(text) {
            let words: Vec<&str> = statement.split_whitespace().collect();
            if let [word, keyspace] = words[..]
                && word.eq_ignore_ascii_case("USE")
            {
                // A pool has many connections: the driver must tell each of them.
                let (name, quoted) = unquote(keyspace);
                self.runtime
                    .block_on(self.session.use_keyspace(name, quoted))
                    .map_err(|e| failed(format!("{statement}: {e}")))?;
                continue;
            }
            self.run(&statement)?;
        }
        Ok(())
    }

    /// The columns of every table of a keyspace, as the server has them.
    pub fn tables(&self, keyspace: &str) -> Live<BTreeMap<String, BTreeMap<String, Column>>> {
        let query = "SELECT table_name, column_name, type, kind, position \
                     FROM system_schema.columns WHERE keyspace_name = ?";
        let rows = self
            .runtime
            .block_on(self.session.query_unpaged(query, (keyspace,)))
            .map_err(|e| failed(e.to_string()))?
            .into_rows_result()
            .map_err(|e| failed(e.to_string()))?;
        let mut tables: BTreeMap<String, BTreeMap<String, Column>> = BTreeMap::new();
        let typed = rows
            .rows::<(String, String, String, String, i32)>()
            .map_err(|e| failed(e.to_string()))?;
        for row in typed {
            let (table, column, cql_type, kind, position) =
                row.map_err(|e| failed(e.to_string()))?;
            tables.entry(table).or_default().insert(
                column,
                Column {
                    cql_type,
                    kind,
                    position,
                },
            );
        }
        Ok(tables)
    }
}

fn unquote(name: &str) -> (String, bool) {
    match name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        Some(inner) => (inner.replace("\"\"", "\""), true),
        None => (name.to_owned(), false),
    }
}

async fn connect(port: u16) -> Result<Session, scylla::errors::NewSessionError> {
    SessionBuilder::new()
        .known_node(format!("127.0.0.1:{port}"))
        .connection_timeout(Duration::from_secs(20))
        .build()
        .await
}

fn launch(lib: &Path, folder: &Path, [native, storage, jmx]: [u16; 3]) -> Live<Process> {
    let at = |name: &str| folder.join(name);
    std::fs::write(at("cassandra.yaml"), yaml(native, storage, folder))?;
    std::fs::write(at("logback.xml"), LOGBACK)?;
    let mut options: Vec<String> = own_file("conf/cassandra.options")?
        .lines()
        .map(str::to_owned)
        .collect();
    options.push(format!("-javaagent:{}", agent(lib)?.display()));
    for (key, value) in [
        (
            "cassandra.config",
            format!("file://{}", at("cassandra.yaml").display()),
        ),
        (
            "logback.configurationFile",
            format!("file://{}", at("logback.xml").display()),
        ),
        ("cassandra.storagedir", folder.display().to_string()),
        ("cassandra.logdir", folder.display().to_string()),
        ("cassandra.jmx.local.port", jmx.to_string()),
    ] {
        options.push(format!("-D{key}={value}"));
    }
    let command = Java {
        heap: "768m",
        temp: &at("tmp"),
        class_path: jars::all_in(lib),
        options,
        main: "org.apache.cassandra.service.CassandraDaemon",
        locks_memory: true,
    }
    .command()?;
    Process::start("Cassandra", command, &at("cassandra.log"))
}

/// Cassandra measures its memtables with this agent and does not start without it.
fn agent(lib: &Path) -> Live<PathBuf> {
    let jamm = std::fs::read_dir(lib)?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .find(|p| {
            p.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("jamm-"))
        });
    jamm.ok_or_else(|| failed("Cassandra's jars hold no jamm agent"))
}
