//! A single node from Maven jars and a session of the Rust driver on it.

use super::script;
use crate::harness::certs::{Certs, STORE_PASSWORD};
use crate::harness::jars::{self, Java};
use crate::harness::process::Process;
use crate::harness::{Live, PATIENCE, failed, own_file, poll, ports};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::deserialize::row::DeserializeRow;
use scylla::response::PagingState;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What a test may want otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// `commitlog_sync: batch`: an acknowledged row survives `kill -9`.
    pub sync_every_write: bool,
    /// Users must log in (`cassandra`/`cassandra` at first).
    pub passwords: bool,
    /// TLS is spoken too, on the same port.
    pub tls: bool,
    /// `-Xmx`.
    pub heap: &'static str,
    /// Small and quick to start; else with the collector, the compiler and the memory that Cassandra gives itself on
    /// a machine of 16 GB: G1, C2, and of a heap of 4 GB a quarter for memtables.
    pub quick_start: bool,
    /// How long a write may take before the server says that it did not.
    pub write_timeout: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sync_every_write: false,
            passwords: false,
            tls: false,
            heap: "768m",
            quick_start: true,
            write_timeout: "30s",
        }
    }
}

/// A running node; it and its data go when this goes.
pub struct Node {
    process: Mutex<Arc<Process>>,
    ports: [u16; 3],
    lib: PathBuf,
    settings: Settings,
    runtime: Runtime,
    session: Session,
    data: TempDir,
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
fn yaml(native: u16, storage: u16, folder: &Path, settings: Settings) -> String {
    let folder = folder.display();
    let (commitlog, memtable) = match settings.quick_start {
        true => (256, 128),
        false => (4096, 1024),
    };
    let sync = match settings.sync_every_write {
        true => "commitlog_sync: batch",
        false => "commitlog_sync: periodic\ncommitlog_sync_period: 10000ms",
    };
    let login = match settings.passwords {
        true => {
            "authenticator: PasswordAuthenticator\nauthorizer: CassandraAuthorizer\ncredentials_validity: 1000ms\nroles_validity: 1000ms\npermissions_validity: 1000ms"
        }
        false => "authenticator: AllowAllAuthenticator\nauthorizer: AllowAllAuthorizer",
    };
    let tls = match settings.tls {
        true => format!(
            "client_encryption_options: {{enabled: true, optional: true, store_type: PKCS12, keystore: \"{folder}/tls/server.p12\", keystore_password: {STORE_PASSWORD}}}"
        ),
        false => String::new(),
    };
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
{sync}
commitlog_segment_size: 32MiB
commitlog_total_space: {commitlog}MiB
memtable_heap_space: {memtable}MiB
memtable_offheap_space: {memtable}MiB
memtable_allocation_type: offheap_objects
memtable_flush_writers: 1
concurrent_compactors: 1
key_cache_size: 16MiB
counter_cache_size: 0MiB
file_cache_size: 64MiB
networking_cache_size: 32MiB
write_request_timeout: {}
read_request_timeout: 30s
{login}
{tls}
auto_snapshot: false
hinted_handoff_enabled: false
user_defined_functions_enabled: false
materialized_views_enabled: false
storage_compatibility_mode: NONE
sai_options: {{segment_write_buffer_size: 64MiB}}
sstable: {{selected_format: bti}}
memtable: {{configurations: {{default: {{class_name: TrieMemtable}}}}}}
",
        settings.write_timeout
    )
}

impl Node {
    /// Starts a node on free ports and waits until the driver has a session.
    pub fn start() -> Live<Self> {
        Self::start_with(Settings::default())
    }

    /// Starts a node of one's own.
    pub fn start_with(settings: Settings) -> Live<Self> {
        let lib = jars::fetch("cassandra")?.join("lib");
        let data = tempfile::Builder::new()
            .prefix("live-cassandra-")
            .tempdir()?;
        let ports = ports::free()?;
        if settings.tls {
            Certs::make(&data.path().join("tls"))?;
        }
        let start = (ports, settings, Duration::ZERO);
        let process = Arc::new(launch(&lib, data.path(), start)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let session = ready(&process, &runtime, ports[0], settings)?;
        Ok(Self {
            process: Mutex::new(process),
            ports,
            lib,
            settings,
            runtime,
            session,
            data,
        })
    }

    /// `kill -9`.
    pub fn kill(&self) {
        self.process().stop();
    }

    /// Starts the node again on its data and waits until it serves.
    pub fn restart(&self) -> Live<()> {
        self.restart_behind(Duration::ZERO)
    }

    /// The same, with its clock set back by so much.
    pub fn restart_behind(&self, behind: Duration) -> Live<()> {
        self.kill();
        let start = (self.ports, self.settings, behind);
        let process = Arc::new(launch(&self.lib, self.data.path(), start)?);
        ready(&process, &self.runtime, self.port(), self.settings)?;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
        // The old session finds its way back by itself.
        poll("the session is back", PATIENCE, || {
            Ok(self.run("SELECT key FROM system.local").ok())
        })
    }

    /// Stops the process in the middle of whatever it does, or lets it go on (`STOP`, `CONT`).
    pub fn signal(&self, name: &str) -> Live<()> {
        let pid = self.process().pid()?.to_string();
        Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()?;
        Ok(())
    }

    /// More to write than the server can do at once: `clients` at a time, so many statements each. What it refuses
    /// is as good as what it takes.
    pub fn overload(&self, clients: usize, statements: usize) {
        let text = "x".repeat(100_000);
        std::thread::scope(|scope| {
            for client in 0..clients {
                let (text, session) = (&text, &self.session);
                scope.spawn(move || {
                    for n in 0..statements {
                        let write = session.query_unpaged(
                            "INSERT INTO pressure.waste (id, note) VALUES (?, ?)",
                            ((client * statements + n) as i32, text.as_str()),
                        );
                        let _ = self.runtime.block_on(write);
                    }
                });
            }
        });
    }

    /// The table that [`Node::overload`] writes.
    pub fn prepare_overload(&self) -> Live<()> {
        self.run("CREATE KEYSPACE pressure WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1} AND durable_writes = true")?;
        self.run("CREATE TABLE pressure.waste (id int PRIMARY KEY, note text) WITH default_time_to_live = 60")
    }

    /// The certificate of the authority that signed the node's own.
    pub fn authority(&self) -> PathBuf {
        self.data.path().join("tls").join("ca.pem")
    }

    /// The port of the CQL protocol on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.ports[0]
    }

    /// The running process.
    pub fn process(&self) -> Arc<Process> {
        Arc::clone(&self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All rows of a query, page by page.
    pub fn rows<R>(&self, query: &str) -> Live<Vec<R>>
    where
        R: for<'f, 'm> DeserializeRow<'f, 'm> + 'static,
    {
        let wrong = |e: &dyn std::fmt::Display| failed(format!("{query}: {e}"));
        let (mut found, mut page) = (Vec::new(), PagingState::start());
        loop {
            let answer = self.session.query_single_page(query, (), page);
            let (result, next) = self.runtime.block_on(answer).map_err(|e| wrong(&e))?;
            let result = result.into_rows_result().map_err(|e| wrong(&e))?;
            for row in result.rows::<R>().map_err(|e| wrong(&e))? {
                found.push(row.map_err(|e| wrong(&e))?);
            }
            match next.into_paging_control_flow() {
                ControlFlow::Break(()) => return Ok(found),
                ControlFlow::Continue(state) => page = state,
            }
        }
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

/// Waits until the node answers a session.
fn ready(process: &Process, runtime: &Runtime, port: u16, settings: Settings) -> Live<Session> {
    poll("Cassandra answers", PATIENCE, || {
        process.expect_alive()?;
        // The port alone says little: only a session proves that the node serves CQL.
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            return Ok(None);
        }
        Ok(runtime.block_on(connect(port, settings)).ok())
    })
}

async fn connect(
    port: u16,
    settings: Settings,
) -> Result<Session, scylla::errors::NewSessionError> {
    let mut builder = SessionBuilder::new();
    if settings.passwords {
        builder = builder.user("cassandra", "cassandra");
    }
    builder
        .known_node(format!("127.0.0.1:{port}"))
        .connection_timeout(Duration::from_secs(20))
        .build()
        .await
}

fn launch(
    lib: &Path,
    folder: &Path,
    ([native, storage, jmx], settings, behind): ([u16; 3], Settings, Duration),
) -> Live<Process> {
    let at = |name: &str| folder.join(name);
    std::fs::write(
        at("cassandra.yaml"),
        yaml(native, storage, folder, settings),
    )?;
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
    if !settings.quick_start {
        options.extend(at_work(settings.heap));
    }
    let mut class_path = jars::all_in(lib);
    if !behind.is_zero() {
        let classes = jars::compile("cassandra-clock", "ClockBehind.java", &class_path)?;
        class_path = jars::class_path([classes.into_os_string(), class_path]);
        options.push("-Dcassandra.clock=ClockBehind".into());
        options.push(format!("-Dlive.clock.behind={}", behind.as_millis()));
    }
    let command = Java {
        heap: settings.heap,
        temp: &at("tmp"),
        class_path,
        options,
        main: "org.apache.cassandra.service.CassandraDaemon",
        locks_memory: true,
    }
    .command()?;
    Process::start("Cassandra", command, &at("cassandra.log"))
}

/// Options of a server at work. The later of two options counts.
fn at_work(heap: &str) -> Vec<String> {
    let options = [
        "-XX:TieredStopAtLevel=4",
        "-XX:-UseSerialGC",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=300",
        "-XX:+ParallelRefProcEnabled",
    ];
    let mut options: Vec<String> = options.iter().map(ToString::to_string).collect();
    options.push(format!("-Xms{heap}"));
    options.push("-XX:MaxDirectMemorySize=2g".into());
    options
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
