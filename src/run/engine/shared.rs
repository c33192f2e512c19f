//! What all threads of a run share: counters, limits, the dead letter file, and the word to stop.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use super::control::Control;
use crate::diag::Code;
use crate::run::deadletter::{Dead, DeadLetters};
use crate::run::error::RunError;
use crate::run::gate::Gate;
use crate::run::keys::KeyLog;
use crate::run::limits::Throttle;
use crate::run::progress::Progress;
use crate::run::row::RowBatch;
use crate::run::source::SourceColumn;

/// What all threads of a run share.
pub struct Shared {
    /// The word to stop.
    pub control: Arc<Control>,
    /// Counters.
    pub progress: Arc<Progress>,
    /// Requests under way.
    pub gate: Arc<Gate>,
    /// Rates.
    pub throttle: Throttle,
    /// Columns of the source.
    pub columns: Vec<SourceColumn>,
    /// Rejected rows.
    pub letters: DeadLetters,
    /// Rejected rows before the run stops.
    pub max_errors: u64,
    /// Rejected in this run.
    pub rejected: AtomicU64,
    /// Keys of all converted rows; None for a load that is only looked at.
    pub keys: Option<KeyLog>,
    /// Held while a large batch is converted and handed over: one at a time.
    pub large: Mutex<()>,
    /// Batches to be used again.
    pub windows: Arc<Windows>,
}

impl Shared {
    /// Writes a rejected row down, and stops the run when there are too many.
    pub fn reject(&self, dead: &Dead) {
        self.progress.rejected.fetch_add(1, Relaxed);
        if let Err(e) = self.letters.push(dead) {
            self.fail(e);
        }
        let rejected = 1 + self.rejected.fetch_add(1, Relaxed);
        if rejected > self.max_errors {
            let message = format!(
                "{rejected} rows were rejected, more than the {} that are allowed; the last: {}: {}",
                self.max_errors, dead.position, dead.reason
            );
            let help = format!(
                "look at {}, put the cause right, then `backfill resume`; or allow more with --max-errors",
                self.letters.path().display()
            );
            self.fail(RunError::new(Code::TooManyErrors, message).help(help));
        }
    }

    /// Ends the run: nothing is sent any more, and nobody waits.
    pub fn fail(&self, error: RunError) {
        self.control.fail(error);
        self.gate.close();
    }
}

/// Batches that nobody reads any more, kept for the next read.
#[derive(Debug, Default)]
pub struct Windows(Mutex<Vec<RowBatch>>);

/// Kept batches, at most.
const KEPT: usize = 4;

/// A batch that grew beyond this is not kept.
const LARGEST: usize = 4 << 20;

impl Windows {
    /// An empty batch.
    pub fn take(&self) -> RowBatch {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pop().unwrap_or_default()
    }

    fn put(&self, batch: RowBatch) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT && batch.bytes.capacity() <= LARGEST {
            kept.push(batch);
        }
    }
}

/// A batch of rows under way; requests hold it until the last is acknowledged, so that a refused row can still
/// be written down as it was read.
pub struct Window {
    batch: RowBatch,
    home: Arc<Windows>,
}

impl Window {
    /// A batch that goes back when nobody needs it.
    pub fn new(batch: RowBatch, home: Arc<Windows>) -> Self {
        Self { batch, home }
    }
}

impl Deref for Window {
    type Target = RowBatch;

    fn deref(&self) -> &RowBatch {
        &self.batch
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.home.put(std::mem::take(&mut self.batch));
    }
}
