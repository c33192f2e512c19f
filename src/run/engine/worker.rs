//! A thread that reads: takes a chunk, converts its rows, hands them to every sink, takes the next one. What the
//! targets still have to acknowledge goes on behind its back.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::shared::{Shared, Window};
use super::ticket::{Attempt, Ticket};
use super::{Message, Todo};
use crate::run::deadletter::Dead;
use crate::run::error::RunError;
use crate::run::keys::Seen;
use crate::run::retry::Backoff;
use crate::run::sink::Lane;
use crate::run::source::{Retry, RowSource, SourceError};

/// Batches of more bytes than this are converted one at a time.
const LARGE: usize = 2 << 20;

/// How long the target must have had room for more before another thread reads.
const ROOM: Duration = Duration::from_secs(1);

/// The thread.
pub(super) struct Worker<'a> {
    pub source: &'a dyn RowSource,
    pub lanes: Vec<Box<dyn Lane>>,
    pub shared: Arc<Shared>,
    pub queue: &'a Mutex<VecDeque<Todo>>,
    pub messages: Sender<Message>,
    pub scn: Option<u64>,
    pub fresh_scn: bool,
    pub patience: Duration,
    /// Keys of the rows of a batch; the buffers stay.
    pub seen: Vec<Seen>,
    pub key: Vec<u8>,
}

impl Worker<'_> {
    /// Works until nothing is left, or the run stops; a spare one begins when it is needed.
    pub fn run(mut self, spare: bool) {
        if spare && !self.needed() {
            return;
        }
        while let Some(todo) = self.next() {
            if let Err(error) = self.chunk(&todo) {
                self.shared.fail(error);
                return;
            }
        }
    }

    /// Waits until the target has long had room for more; false when the work is done without.
    fn needed(&self) -> bool {
        loop {
            std::thread::sleep(ROOM / 10);
            let left = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            if left.is_empty() || self.shared.control.stopping() {
                return false;
            }
            if self.shared.gate.open_for() >= ROOM {
                return true;
            }
        }
    }

    fn next(&self) -> Option<Todo> {
        if self.shared.control.stopping() {
            return None;
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    }

    /// Attempts at one chunk, until one is read to its end.
    fn chunk(&mut self, todo: &Todo) -> Result<(), RunError> {
        let mut backoff = Backoff::new(self.patience, todo.chunk as u64);
        let (mut attempt, mut scn) = (todo.attempts, self.scn);
        loop {
            attempt += 1;
            let this = Attempt {
                chunk: todo.chunk,
                attempt,
            };
            // The manifest's thread outlives this one; without it the run is over anyway.
            let other = scn.filter(|s| Some(*s) != self.scn);
            let _ = self.messages.send(Message::Open(this, other));
            let ticket = Arc::new(Ticket::new(
                this,
                Arc::clone(&self.shared),
                self.messages.clone(),
            ));
            let Err(error) = self.read(todo, &ticket, scn) else {
                return Ok(());
            };
            ticket.give_up();
            scn = self.after(error, scn, &mut backoff)?;
        }
    }

    /// The SCN for the next attempt after an error of the source, if there may be one.
    fn after(
        &self,
        error: SourceError,
        scn: Option<u64>,
        backoff: &mut Backoff,
    ) -> Result<Option<u64>, RunError> {
        let retry = error.retry();
        let fresh = retry == Retry::FreshScn && self.fresh_scn;
        if retry == Retry::Never || (retry == Retry::FreshScn && !fresh) {
            return Err(error.into());
        }
        let Some(pause) = backoff.pause() else {
            return Err(error.into());
        };
        self.shared.progress.trouble(&error.to_string());
        std::thread::sleep(pause);
        if self.shared.control.aborted() {
            return Err(error.into());
        }
        match fresh {
            true => Ok(self.source.snapshot()?.map(|s| s.scn)),
            false => Ok(scn),
        }
    }

    fn read(
        &mut self,
        todo: &Todo,
        ticket: &Arc<Ticket>,
        scn: Option<u64>,
    ) -> Result<(), SourceError> {
        let mut reader = self.source.open(&todo.range, scn)?;
        let shared = Arc::clone(&self.shared);
        loop {
            let mut batch = shared.windows.take();
            if !reader.next(&mut batch)? {
                self.lanes.iter_mut().for_each(|lane| lane.end(ticket));
                ticket.complete();
                return Ok(());
            }
            let window = Arc::new(Window::new(batch, Arc::clone(&shared.windows)));
            let _alone = (window.bytes.len() > LARGE)
                .then(|| shared.large.lock().unwrap_or_else(PoisonError::into_inner));
            self.window(&window, ticket);
            if shared.control.aborted() {
                ticket.give_up();
                return Ok(());
            }
        }
    }

    /// Converts the rows of a batch and hands them over.
    fn window(&mut self, window: &Arc<Window>, ticket: &Arc<Ticket>) {
        let Attempt { chunk, attempt } = ticket.attempt();
        for bad in window.bad() {
            ticket.rejected(&Dead::of_bad((Some(chunk), attempt), bad));
        }
        let (mut hash, mut rows) = (0u128, 0);
        self.seen.clear();
        for row in 0..window.len() {
            match add(&mut self.lanes, window, row) {
                Ok(sum) => {
                    hash = hash.wrapping_add(sum);
                    rows += 1;
                    self.see(sum);
                }
                Err(why) => {
                    let chunk = (Some(chunk), attempt);
                    let columns = &self.shared.columns;
                    ticket.rejected(&Dead::of_row(chunk, window, row, columns, why));
                }
            }
        }
        self.keep_keys(ticket);
        ticket.read((window.len() + window.bad().len()) as u64);
        let consumed = window.source_bytes();
        self.shared
            .progress
            .source_bytes
            .fetch_add(consumed, Relaxed);
        ticket.accepted(rows, hash);
        for (n, lane) in self.lanes.iter_mut().enumerate() {
            lane.send(window, ticket, n == 0);
        }
    }
}

impl Worker<'_> {
    /// Notes the key of the row added last.
    fn see(&mut self, sum: u128) {
        self.key.clear();
        if let Some(lane) = self.lanes.first().filter(|_| self.shared.keys.is_some()) {
            lane.key(&mut self.key);
        }
        if !self.key.is_empty() {
            self.seen.push(Seen {
                key: xxh3_64(&self.key),
                row: sum as u64,
            });
        }
    }

    fn keep_keys(&self, ticket: &Ticket) {
        if let Some(keys) = &self.shared.keys
            && let Err(e) = keys.push(ticket.attempt(), &self.seen)
        {
            ticket.fail(e);
        }
    }
}

/// Converts a row for every sink, or for none of them.
fn add(
    lanes: &mut [Box<dyn Lane>],
    window: &Window,
    row: usize,
) -> Result<u128, crate::run::deadletter::Why> {
    for n in 0..lanes.len() {
        if let Err(why) = lanes[n].add(window, row) {
            lanes[..n].iter_mut().for_each(|lane| lane.undo());
            return Err(why);
        }
    }
    Ok(lanes.first().map_or(0, |lane| xxh3_128(lane.last())))
}
