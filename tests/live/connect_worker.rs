//! Kafka Connect with one connector: a worker that keeps its offsets in a file.

use crate::harness::jars::{self, Java};
use crate::harness::process::Process;
use crate::harness::{Live, ports};
use crate::kafka::Broker;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// A running worker; it goes when this goes.
pub struct Worker {
    process: Process,
    _folder: TempDir,
}

/// Converters as the generated connectors have them, large records, offsets kept twice a second.
fn properties(bootstrap: &str, port: u16, folder: &Path, plugins: &Path) -> String {
    format!(
        "bootstrap.servers={bootstrap}\nlisteners=http://127.0.0.1:{port}\nplugin.path={}\n\
         plugin.discovery=service_load\noffset.storage.file.filename={}\noffset.flush.interval.ms=500\n\
         key.converter=org.apache.kafka.connect.json.JsonConverter\nkey.converter.schemas.enable=false\n\
         value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n\
         producer.max.request.size=10000000\nproducer.linger.ms=5\n",
        plugins.display(),
        folder.join("offsets").display()
    )
}

impl Worker {
    /// Starts a worker with the plugins of `poms/<plugins>.xml` and a connector of this configuration.
    pub fn start(broker: &Broker, plugins: &str, connector: &Value) -> Live<Self> {
        let lib = jars::fetch("connect")?.join("lib");
        let plugins = jars::fetch(plugins)?.join("plugins");
        let folder = tempfile::Builder::new().prefix("live-connect-").tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let [port] = ports::free()?;
        let worker = properties(broker.bootstrap(), port, folder.path(), &plugins);
        std::fs::write(at("worker.properties"), worker)?;
        std::fs::write(at("connector.json"), connector.to_string())?;
        std::fs::write(at("log4j2.properties"), jars::log_to_stderr("warn"))?;
        let mut command = Java {
            heap: "512m",
            temp: &at("tmp"),
            class_path: jars::all_in(&lib),
            options: vec![format!(
                "-Dlog4j2.configurationFile={}",
                at("log4j2.properties").display()
            )],
            main: "org.apache.kafka.connect.cli.ConnectStandalone",
            locks_memory: false,
        }
        .command()?;
        command
            .arg(at("worker.properties"))
            .arg(at("connector.json"));
        let process = Process::start("Kafka Connect", command, &at("worker.log"))?;
        Ok(Self {
            process,
            _folder: folder,
        })
    }

    /// The running process.
    pub fn process(&self) -> &Process {
        &self.process
    }
}
