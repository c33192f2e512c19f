//! What a load has done so far, and how it is shown on standard error: a bar on a terminal, plain lines or JSON
//! objects elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::gate::Gate;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// A bar on a terminal, else plain lines.
    Auto,
    /// Plain lines.
    Lines,
    /// One JSON object a line.
    Json,
    /// Not at all.
    Nothing,
}

/// Counters of a load; written by many threads.
#[derive(Debug, Default)]
pub struct Progress {
    /// Rows read.
    pub read: AtomicU64,
    /// Rows acknowledged.
    pub written: AtomicU64,
    /// Rows rejected.
    pub rejected: AtomicU64,
    /// Bytes acknowledged.
    pub bytes: AtomicU64,
    /// Bytes of the source that were read.
    pub source_bytes: AtomicU64,
    /// Chunks done.
    pub chunks: AtomicU64,
    /// Requests that were tried again.
    pub retries: AtomicU64,
    /// What the target says while it is in trouble.
    trouble: Mutex<Option<String>>,
}

impl Progress {
    /// Remembers why requests are tried again.
    pub fn trouble(&self, why: &str) {
        self.retries.fetch_add(1, Relaxed);
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.is_none() {
            *trouble = Some(why.to_owned());
        }
    }

    fn take_trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// How much there is to do.
#[derive(Clone, Debug)]
pub struct Size {
    /// The table.
    pub table: String,
    /// Chunks of this run.
    pub chunks: u64,
    /// Bytes of the source, where they are known.
    pub bytes: Option<u64>,
    /// Rows, where statistics say so.
    pub rows: Option<u64>,
}

impl Size {
    /// The part that is done, 0 to 1.
    fn part(&self, progress: &Progress) -> f64 {
        let of = |done: &AtomicU64, all: u64| done.load(Relaxed) as f64 / all.max(1) as f64;
        let part = match (self.bytes, self.rows) {
            (Some(bytes), _) => of(&progress.source_bytes, bytes),
            (None, Some(rows)) => of(&progress.read, rows),
            (None, None) => of(&progress.chunks, self.chunks),
        };
        part.min(1.0)
    }
}

/// Shows progress from a thread of its own until it is dropped.
pub struct Display {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Starts.
    pub fn start(show: Show, size: Size, progress: Arc<Progress>, gate: Arc<Gate>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let bars = show == Show::Auto && std::io::stderr().is_terminal();
        let work = move || match show {
            Show::Nothing => {}
            Show::Auto if bars => bar(&size, &progress, &until),
            Show::Auto | Show::Lines => {
                every(Duration::from_secs(5), &until, |clock, _| {
                    line(&size, &progress, clock);
                });
            }
            Show::Json => every(Duration::from_secs(1), &until, |clock, last| {
                object(&size, &progress, &gate, clock, last);
            }),
        };
        let thread = (show != Show::Nothing).then(|| std::thread::spawn(work));
        Self { over, thread }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Calls `say` at every period, and once more at the end.
fn every(period: Duration, over: &AtomicBool, mut say: impl FnMut(Instant, bool)) {
    let start = Instant::now();
    let mut next = start + period;
    while !over.load(Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if Instant::now() >= next {
            say(start, false);
            next += period;
        }
    }
    say(start, true);
}

/// Rows a second, megabytes a second, seconds to go.
fn speed(size: &Size, progress: &Progress, start: Instant) -> (f64, f64, Option<f64>) {
    let seconds = start.elapsed().as_secs_f64().max(0.001);
    let part = size.part(progress);
    let left = (part > 0.01).then(|| seconds / part - seconds);
    let rows = progress.written.load(Relaxed) as f64 / seconds;
    let megabytes = progress.bytes.load(Relaxed) as f64 / seconds / 1e6;
    (rows, megabytes, left)
}

fn summary(size: &Size, progress: &Progress, start: Instant) -> String {
    let (rows, megabytes, left) = speed(size, progress, start);
    let left = left.map_or(String::new(), |s| format!(", {s:.0} s to go"));
    let retries = progress.retries.load(Relaxed);
    let retries = match retries {
        0 => String::new(),
        n => format!(", {n} tried again"),
    };
    format!(
        "{} rows written, {} rejected, {}/{} chunks, {rows:.0} rows/s, {megabytes:.1} MB/s{left}{retries}",
        progress.written.load(Relaxed),
        progress.rejected.load(Relaxed),
        progress.chunks.load(Relaxed),
        size.chunks,
    )
}

fn line(size: &Size, progress: &Progress, start: Instant) {
    let mut err = std::io::stderr().lock();
    if let Some(why) = progress.take_trouble() {
        let _ = writeln!(err, "{}: trying again: {why}", size.table);
    }
    let _ = writeln!(err, "{}: {}", size.table, summary(size, progress, start));
}

fn object(size: &Size, progress: &Progress, gate: &Gate, start: Instant, last: bool) {
    let (rows, megabytes, left) = speed(size, progress, start);
    let (in_flight, allowed) = gate.load();
    let text = json!({
        "table": size.table,
        "event": if last { "end" } else { "progress" },
        "read": progress.read.load(Relaxed),
        "written": progress.written.load(Relaxed),
        "rejected": progress.rejected.load(Relaxed),
        "bytes": progress.bytes.load(Relaxed),
        "chunks_done": progress.chunks.load(Relaxed),
        "chunks": size.chunks,
        "seconds": start.elapsed().as_secs_f64(),
        "rows_per_s": rows,
        "mb_per_s": megabytes,
        "eta_s": left,
        "in_flight": in_flight,
        "in_flight_allowed": allowed,
        "retries": progress.retries.load(Relaxed),
        "trouble": progress.take_trouble(),
    });
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn bar(size: &Size, progress: &Progress, over: &AtomicBool) {
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {percent}% {msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(size.table.clone());
    let start = Instant::now();
    while !over.load(Relaxed) {
        bar.set_position((size.part(progress) * 1000.0) as u64);
        bar.set_message(summary(size, progress, start));
        if let Some(why) = progress.take_trouble() {
            bar.println(format!("{}: trying again: {why}", size.table));
        }
        std::thread::sleep(Duration::from_millis(120));
    }
    bar.finish_and_clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_done_follows_what_is_known_of_the_size() {
        let progress = Progress::default();
        progress.source_bytes.store(50, Relaxed);
        progress.read.store(30, Relaxed);
        progress.chunks.store(1, Relaxed);
        let mut size = Size {
            table: "R.T".into(),
            chunks: 4,
            bytes: Some(100),
            rows: Some(40),
        };
        assert!((size.part(&progress) - 0.5).abs() < 1e-9);
        size.bytes = None;
        assert!((size.part(&progress) - 0.75).abs() < 1e-9);
        size.rows = None;
        assert!((size.part(&progress) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn trouble_is_said_once() {
        let progress = Progress::default();
        progress.trouble("no answer");
        progress.trouble("no answer");
        assert_eq!(progress.take_trouble().as_deref(), Some("no answer"));
        assert_eq!(progress.take_trouble(), None);
        assert_eq!(progress.retries.load(Relaxed), 2);
    }
}
