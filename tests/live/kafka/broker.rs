//! A KRaft broker from Maven jars: format, start, wait until a client is answered.

use super::Client;
use crate::harness::certs::Certs;
use crate::harness::jars::{self, Java};
use crate::harness::process::{self, Process};
use crate::harness::{Live, PATIENCE, poll, ports};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// A running broker; it and its data go when this goes.
pub struct Broker {
    process: Mutex<Arc<Process>>,
    bootstrap: String,
    secure: String,
    jars: PathBuf,
    data: TempDir,
}

/// One node, small buffers, no waiting for a second consumer, transactions possible.
fn properties(port: u16, controller: u16, data: &Path) -> String {
    format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={}
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=4194304
",
        data.display()
    )
}

/// A second listener.
enum More<'a> {
    None,
    /// TLS and this user's password.
    Guarded(&'a str, &'a str),
    /// Clients that come to the first port are sent on to the second: the door of a proxy.
    Behind(u16, u16),
}

/// Clients of a port are told that the broker is at another one.
fn behind(port: u16, door: u16) -> String {
    format!(
        "\
listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}},BEHIND://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},BEHIND://127.0.0.1:{door}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,BEHIND:PLAINTEXT
"
    )
}

/// A second listener: TLS, and a password (SASL/PLAIN).
fn guarded(port: u16, certs: &Certs, (user, password): (&str, &str)) -> String {
    format!(
        "\
sasl.enabled.mechanisms=PLAIN
listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}=\"{password}\";
listener.name.guarded.ssl.keystore.type=PEM
listener.name.guarded.ssl.keystore.location={}
listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}},GUARDED://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},GUARDED://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL
",
        certs.pem().display()
    )
}

/// A program of Kafka's, with its log.
fn java(jars: &Path, folder: &Path, heap: &'static str, main: &'static str) -> Live<Command> {
    Java {
        heap,
        temp: folder,
        class_path: jars::all_in(jars),
        options: vec![format!(
            "-Dlog4j2.configurationFile={}",
            folder.join("log4j2.properties").display()
        )],
        main,
        locks_memory: false,
    }
    .command()
}

/// Starts the broker of a folder and waits until it answers.
fn serve(jars: &Path, folder: &Path, bootstrap: &str) -> Live<Process> {
    let mut serve = java(jars, folder, "384m", "kafka.Kafka")?;
    serve.arg(folder.join("server.properties"));
    let process = Process::start("Kafka", serve, &folder.join("broker.log"))?;
    let client = Client::new(bootstrap);
    poll("Kafka answers", PATIENCE, || {
        process.expect_alive()?;
        Ok(client.topics().ok())
    })?;
    Ok(process)
}

impl Broker {
    /// Starts a broker on free ports and waits until it answers.
    pub fn start() -> Live<Self> {
        Self::start_with(&More::None)
    }

    /// The same with a second listener for TLS and this user's password.
    pub fn start_guarded(user: &str, password: &str) -> Live<Self> {
        Self::start_with(&More::Guarded(user, password))
    }

    /// The same with a second listener on `port`, for clients that come through `door`.
    pub fn start_behind(port: u16, door: u16) -> Live<Self> {
        Self::start_with(&More::Behind(port, door))
    }

    fn start_with(more: &More<'_>) -> Live<Self> {
        let jars = jars::fetch("kafka")?.join("lib");
        let folder = tempfile::Builder::new().prefix("live-kafka-").tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let [port, controller, secure] = ports::free()?;
        std::fs::write(at("log4j2.properties"), jars::log_to_stderr("warn"))?;
        let mut settings = properties(port, controller, &at("data"));
        // Later lines take the place of earlier ones.
        let more = match more {
            More::None => String::new(),
            More::Guarded(user, password) => {
                guarded(secure, &Certs::make(&at("tls"))?, (user, password))
            }
            More::Behind(port, door) => behind(*port, *door),
        };
        settings.push_str(
            &more
                .replace("{port}", &port.to_string())
                .replace("{controller}", &controller.to_string()),
        );
        std::fs::write(at("server.properties"), settings)?;

        let mut format = java(&jars, folder.path(), "128m", "kafka.tools.StorageTool")?;
        format
            .args(["format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c"])
            .arg(at("server.properties"));
        process::run("formatting Kafka's storage", format, PATIENCE)?
            .expect_success("formatting Kafka's storage")?;

        let bootstrap = format!("127.0.0.1:{port}");
        let process = serve(&jars, folder.path(), &bootstrap)?;
        Ok(Self {
            process: Mutex::new(Arc::new(process)),
            bootstrap,
            secure: format!("127.0.0.1:{secure}"),
            jars,
            data: folder,
        })
    }

    /// `host:port` of the listener with TLS and password.
    pub fn secure(&self) -> &str {
        &self.secure
    }

    /// The certificate of the authority that signed the broker's own.
    pub fn authority(&self) -> PathBuf {
        self.data.path().join("tls").join("ca.pem")
    }

    /// `kill -9`.
    pub fn kill(&self) {
        self.process().stop();
    }

    /// Starts the broker again on its data and waits until it answers.
    pub fn restart(&self) -> Live<()> {
        self.kill();
        let process = Arc::new(serve(&self.jars, self.data.path(), &self.bootstrap)?);
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
        Ok(())
    }

    /// `host:port` for clients.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// The folder of Kafka's jars.
    pub fn jars(&self) -> &Path {
        &self.jars
    }

    /// A client of this broker.
    pub fn client(&self) -> Client {
        Client::new(&self.bootstrap)
    }

    /// The running process.
    pub fn process(&self) -> Arc<Process> {
        Arc::clone(&self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
