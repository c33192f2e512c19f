//! How far a running sink is, on standard error: plain lines, or JSON objects, one a period.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

use super::shared::Shared;
use crate::run::progress::Show;

/// Shows progress from a thread of its own until it is dropped.
pub struct Display {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Starts.
    pub fn start(show: Show, shared: Arc<Shared>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let work = move || match show {
            Show::Nothing => {}
            Show::Auto | Show::Lines => every(Duration::from_secs(5), &until, |view, _| {
                line(&shared, view)
            }),
            Show::Json => every(Duration::from_secs(1), &until, |view, last| {
                object(&shared, view, last)
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

/// What was shown last, so that rates are those of the last period.
struct View {
    start: Instant,
    last: Instant,
    acknowledged: u64,
}

impl View {
    /// Rows a second since this was asked last.
    fn rate(&mut self, acknowledged: u64) -> f64 {
        let seconds = self.last.elapsed().as_secs_f64().max(0.001);
        let rate = (acknowledged - self.acknowledged) as f64 / seconds;
        (self.last, self.acknowledged) = (Instant::now(), acknowledged);
        rate
    }
}

fn every(period: Duration, over: &AtomicBool, mut say: impl FnMut(&mut View, bool)) {
    let start = Instant::now();
    let mut view = View {
        start,
        last: start,
        acknowledged: 0,
    };
    let mut next = start + period;
    while !over.load(Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if Instant::now() >= next {
            say(&mut view, false);
            next += period;
        }
    }
    say(&mut view, true);
}

fn line(shared: &Shared, view: &mut View) {
    let c = &shared.counters;
    let of = |counter: &AtomicU64| counter.load(Relaxed);
    let mut err = std::io::stderr().lock();
    if let Some(why) = shared.take_trouble() {
        let _ = writeln!(err, "sink: trying again: {why}");
    }
    let rate = view.rate(of(&c.acknowledged));
    let _ = writeln!(
        err,
        "sink: {} records read, {} rows written, {} deleted, {} rejected, {rate:.0} rows/s, {} to go in {} partitions, {} tried again",
        of(&c.read),
        of(&c.written),
        of(&c.removed),
        of(&c.rejected),
        of(&c.lag),
        of(&c.partitions),
        of(&c.retries),
    );
}

fn object(shared: &Shared, view: &mut View, last: bool) {
    let c = &shared.counters;
    let of = |counter: &AtomicU64| counter.load(Relaxed);
    let (in_flight, allowed) = shared.gate.load();
    let rate = view.rate(of(&c.acknowledged));
    let text = json!({
        "event": if last { "end" } else { "progress" },
        "read": of(&c.read),
        "written": of(&c.written),
        "removed": of(&c.removed),
        "ignored": of(&c.ignored),
        "rejected": of(&c.rejected),
        "acknowledged": of(&c.acknowledged),
        "bytes": of(&c.bytes),
        "lag": of(&c.lag),
        "partitions": of(&c.partitions),
        "seconds": view.start.elapsed().as_secs_f64(),
        "rows_per_s": rate,
        "in_flight": in_flight,
        "in_flight_allowed": allowed,
        "retries": of(&c.retries),
        "trouble": shared.take_trouble(),
    });
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
