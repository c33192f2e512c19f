//! An attempt at a chunk: every request under way holds its ticket, and when the last one lets go the attempt is
//! over. So a chunk can be done only when every acknowledgement is in, without anybody waiting for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use super::Message;
use super::shared::Shared;
use crate::diag::Code;
use crate::run::deadletter::{Dead, Why};
use crate::run::error::RunError;
use crate::run::manifest::Done;
use crate::run::row::RowBatch;

/// A chunk and the number of the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Chunk, from 0.
    pub chunk: usize,
    /// Attempt, from 1.
    pub attempt: u32,
}

/// The attempt, as its requests see it.
pub struct Ticket {
    attempt: Attempt,
    shared: Arc<Shared>,
    over: Sender<Message>,
    /// Rows that the source gave, counted apart from what became of them.
    read: AtomicU64,
    /// Rows that converted; those the target refuses are taken off.
    accepted: AtomicU64,
    rejected: AtomicU64,
    bytes: AtomicU64,
    hash: Mutex<u128>,
    /// Read to its end, and every row handed over.
    complete: AtomicBool,
    failed: AtomicBool,
}

impl Ticket {
    /// A new attempt.
    pub fn new(attempt: Attempt, shared: Arc<Shared>, over: Sender<Message>) -> Self {
        Self {
            attempt,
            shared,
            over,
            read: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            hash: Mutex::new(0),
            complete: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        }
    }

    /// What all chunks have in common.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Which attempt it is.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Rows and records that the source gave.
    pub fn read(&self, rows: u64) {
        self.read.fetch_add(rows, Relaxed);
        self.shared.progress.read.fetch_add(rows, Relaxed);
    }

    /// Rows of a batch that convert, and the sum of their hashes.
    pub fn accepted(&self, rows: u64, hash: u128) {
        self.accepted.fetch_add(rows, Relaxed);
        let mut sum = self.hash.lock().unwrap_or_else(PoisonError::into_inner);
        *sum = sum.wrapping_add(hash);
    }

    /// Rows that the first target has acknowledged.
    pub fn acknowledged(&self, rows: u64, bytes: u64) {
        self.bytes.fetch_add(bytes, Relaxed);
        self.shared.progress.written.fetch_add(rows, Relaxed);
        self.shared.progress.bytes.fetch_add(bytes, Relaxed);
    }

    /// A row that does not convert.
    pub fn rejected(&self, dead: &Dead) {
        self.rejected.fetch_add(1, Relaxed);
        self.shared.reject(dead);
    }

    /// A row that had converted and that the target refuses.
    pub fn refused(&self, batch: &RowBatch, row: usize, why: Why) {
        let attempt = (Some(self.attempt.chunk), self.attempt.attempt);
        let dead = Dead::of_row(attempt, batch, row, &self.shared.columns, why);
        self.accepted.fetch_sub(1, Relaxed);
        self.rejected(&dead);
    }

    /// The attempt cannot succeed, and neither can the run.
    pub fn fail(&self, error: RunError) {
        self.failed.store(true, SeqCst);
        self.shared.fail(error);
    }

    /// The attempt is given up; another one may follow.
    pub fn give_up(&self) {
        self.failed.store(true, SeqCst);
    }

    /// Everything of the chunk has been handed over.
    pub fn complete(&self) {
        self.complete.store(true, SeqCst);
    }

    fn done(&self) -> Option<Done> {
        let well = self.complete.load(SeqCst) && !self.failed.load(SeqCst);
        let (written, rejected) = (self.accepted.load(Relaxed), self.rejected.load(Relaxed));
        let read = self.read.load(Relaxed);
        if well && read != written + rejected {
            let Attempt { chunk, .. } = self.attempt;
            let message = format!(
                "chunk {chunk}: {read} rows read, but {written} written and {rejected} rejected"
            );
            self.shared.fail(RunError::new(Code::Defect, message));
            return None;
        }
        well.then(|| Done {
            read,
            written,
            rejected,
            bytes: self.bytes.load(Relaxed),
            hash: *self.hash.lock().unwrap_or_else(PoisonError::into_inner),
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(done) = self.done() {
            // Nobody listens only when the run is over already; then the chunk is simply loaded again.
            let _ = self.over.send(Message::Done(self.attempt, done));
        }
    }
}
