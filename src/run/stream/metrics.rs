//! Numbers for Prometheus on a local port, when asked: `GET /metrics`, and nothing else. No request is trusted, none is
//! long.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::shared::Shared;
use crate::diag::Code;
use crate::run::error::RunError;

/// Bytes of a request that are read.
const LONGEST: usize = 8 * 1024;

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves until it is dropped.
pub struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to listen on 127.0.0.1.
pub fn serve(port: u16, shared: Arc<Shared>, runtime: &Handle) -> Result<Server, RunError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = runtime.block_on(TcpListener::bind(address)).map_err(|e| {
        RunError::new(Code::StateFailed, format!("--metrics {port}: {e}"))
            .help("name a port that is free")
    })?;
    Ok(Server(runtime.spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let shared = Arc::clone(&shared);
            tokio::spawn(tokio::time::timeout(PATIENCE, async move {
                // A client that goes away early is none of our business.
                let _ = answer(stream, &shared).await;
            }));
        }
    })))
}

async fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while request.len() < LONGEST && !request.windows(4).any(|w| w == b"\r\n\r\n") {
        let read = stream.read(&mut part).await?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(&part[..read]);
    }
    let (status, body) = match request.starts_with(b"GET /metrics ") {
        true => ("200 OK", text(shared)),
        false => ("404 Not Found", "GET /metrics\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// A label's value, escaped.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// All numbers in Prometheus' text form.
pub fn text(shared: &Shared) -> String {
    let c = &shared.counters;
    let counters: [(&str, &str, &AtomicU64); 9] = [
        ("records_read", "Records read.", &c.read),
        ("rows_written", "Rows written.", &c.written),
        ("rows_deleted", "Rows deleted.", &c.removed),
        (
            "rows_acknowledged",
            "Writes that Cassandra acknowledged.",
            &c.acknowledged,
        ),
        (
            "bytes_acknowledged",
            "Bytes that Cassandra acknowledged.",
            &c.bytes,
        ),
        ("records_ignored", "Records without effect.", &c.ignored),
        (
            "records_rejected",
            "Records in the dead-letter topic.",
            &c.rejected,
        ),
        (
            "requests_retried",
            "Requests that were tried again.",
            &c.retries,
        ),
        ("commits", "Commits of offsets.", &c.commits),
    ];
    let mut out = String::new();
    for (name, help, value) in counters {
        let name = format!("ora2stream_sink_{name}_total");
        let value = value.load(Relaxed);
        // Writing into a text does not fail.
        let _ = writeln!(
            out,
            "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}"
        );
    }
    let (in_flight, allowed) = shared.gate.load();
    let gauges = [
        (
            "partitions",
            "Partitions read here.",
            c.partitions.load(Relaxed),
        ),
        (
            "requests_in_flight",
            "Requests under way.",
            in_flight as u64,
        ),
        (
            "requests_allowed",
            "Requests that may be under way.",
            allowed as u64,
        ),
    ];
    for (name, help, value) in gauges {
        let name = format!("ora2stream_sink_{name}");
        let _ = writeln!(
            out,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        );
    }
    let name = "ora2stream_sink_lag";
    let _ = writeln!(
        out,
        "# HELP {name} Records to the end of a partition.\n# TYPE {name} gauge"
    );
    for (part, lag) in shared.lags() {
        let topic = shared.topics.get(part.topic).map_or("", String::as_str);
        let _ = writeln!(
            out,
            "{name}{{topic=\"{}\",partition=\"{}\"}} {lag}",
            label(topic),
            part.partition
        );
    }
    out
}
