//! The engine of a load: threads read chunks and convert rows, sinks acknowledge them, one thread keeps the
//! manifest. Knows neither files nor Oracle nor any target: only their traits.

mod control;
mod shared;
#[cfg(test)]
mod tests;
mod ticket;
mod worker;

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub use control::{Control, Signal};
pub use shared::{Shared, Window, Windows};
pub use ticket::{Attempt, Ticket};

use super::error::RunError;
use super::manifest::{Done, Event, Journal, Load};
use super::sink::Sink;
use super::source::{ChunkRange, RowSource, SourceError};

/// How long requests under way are waited for after an error.
const GRACE: Duration = Duration::from_secs(3);

/// What the thread that keeps the manifest is told.
pub enum Message {
    /// An attempt began, at the load's SCN or another.
    Open(Attempt, Option<u64>),
    /// An attempt is over and everything is acknowledged.
    Done(Attempt, Done),
}

/// A chunk to be loaded.
pub struct Todo {
    /// Number.
    pub chunk: usize,
    /// Attempts so far.
    pub attempts: u32,
    /// Where its rows are.
    pub range: ChunkRange,
}

/// A run over some chunks of a load.
pub struct Job<'a> {
    /// Rows.
    pub source: &'a dyn RowSource,
    /// Targets; the first one's acknowledgements are counted in the progress.
    pub sinks: &'a [Box<dyn Sink>],
    /// State, in memory.
    pub load: &'a mut Load,
    /// State, on disk.
    pub journal: &'a mut Journal,
    /// Counters, limits, dead letters.
    pub shared: Arc<Shared>,
    /// What is to be done, in this order.
    pub todo: VecDeque<Todo>,
    /// Threads that read.
    pub readers: usize,
    /// Threads that read, too, while the target takes more than the others can give.
    pub spare: usize,
    /// A chunk whose snapshot is gone may be read at a fresh SCN: change capture runs since before.
    pub fresh_scn: bool,
    /// How long a lost session is tried again.
    pub patience: Duration,
}

/// Runs until everything is done, or stopped, or failed.
pub fn run(job: Job<'_>) -> Result<(), RunError> {
    let Job {
        source,
        sinks,
        load,
        journal,
        shared,
        todo,
        readers,
        spare,
        fresh_scn,
        patience,
    } = job;
    let queue = Mutex::new(todo);
    let scn = load.header.scn;
    let (sender, inbox) = channel();
    std::thread::scope(|scope| {
        let readers = readers.max(1);
        for n in 0..readers + spare {
            let worker = worker::Worker {
                source,
                lanes: sinks.iter().map(|s| s.lane()).collect(),
                shared: Arc::clone(&shared),
                queue: &queue,
                messages: sender.clone(),
                scn,
                fresh_scn,
                patience,
                seen: Vec::new(),
                key: Vec::new(),
            };
            scope.spawn(move || worker.run(n >= readers));
        }
        drop(sender);
        keep(&inbox, load, journal, &shared);
    });
    for sink in sinks {
        if let Err(e) = sink.close(shared.control.aborted()) {
            shared.fail(e);
        }
    }
    if let Err(e) = shared.letters.sync() {
        shared.fail(e);
    }
    shared.control.error().map_or(Ok(()), Err)
}

/// Keeps the manifest until the last ticket is gone.
fn keep(inbox: &Receiver<Message>, load: &mut Load, journal: &mut Journal, shared: &Shared) {
    let mut aborted: Option<Instant> = None;
    loop {
        let first = match inbox.recv_timeout(Duration::from_millis(200)) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Some(first) = first {
            let messages: Vec<Message> = std::iter::once(first).chain(inbox.try_iter()).collect();
            if let Err(e) = record(messages, load, journal, shared) {
                shared.fail(e);
            }
        }
        if shared.control.aborted() {
            shared.gate.close();
            if aborted.get_or_insert_with(Instant::now).elapsed() > GRACE {
                return;
            }
        }
    }
}

/// Writes what happened to disk: rejected rows and keys first, for a chunk that is done has all of them there.
fn record(
    messages: Vec<Message>,
    load: &mut Load,
    journal: &mut Journal,
    shared: &Shared,
) -> Result<(), RunError> {
    let rejected = |m: &Message| matches!(m, Message::Done(_, done) if done.rejected > 0);
    if messages.iter().any(rejected) {
        shared.letters.sync()?;
    }
    let done = |m: &Message| matches!(m, Message::Done(..));
    if let Some(keys) = shared.keys.as_ref().filter(|_| messages.iter().any(done)) {
        keys.sync()?;
    }
    let events: Vec<Event> = messages.into_iter().map(event).collect();
    journal.append(&events)?;
    for event in events {
        if matches!(event, Event::Done { .. }) {
            shared.progress.chunks.fetch_add(1, Relaxed);
        }
        load.apply(event)
            .map_err(|e| RunError::new(crate::diag::Code::Defect, e))?;
    }
    Ok(())
}

fn event(message: Message) -> Event {
    match message {
        Message::Open(Attempt { chunk, attempt }, scn) => Event::Open {
            chunk,
            attempt,
            scn,
        },
        Message::Done(Attempt { chunk, attempt }, done) => Event::Done {
            chunk,
            attempt,
            done,
        },
    }
}

impl From<SourceError> for RunError {
    fn from(error: SourceError) -> Self {
        RunError::new(error.code(), error.to_string()).help(error.help())
    }
}
