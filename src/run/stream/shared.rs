//! What all parts of a running sink share: counters, the gate of requests, the word to stop, how many errors are too many.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use super::decode::{Record, why};
use super::tracker::Part;
use crate::diag::Code;
use crate::run::deadletter::Why;
use crate::run::engine::Control;
use crate::run::error::RunError;
use crate::run::gate::Gate;

/// Counters; written by many threads.
#[derive(Debug, Default)]
pub struct Counters {
    /// Records read.
    pub read: AtomicU64,
    /// Rows written.
    pub written: AtomicU64,
    /// Rows deleted.
    pub removed: AtomicU64,
    /// Records that mean nothing for their table: tombstones behind a delete, deletes of kept rows.
    pub ignored: AtomicU64,
    /// Records rejected.
    pub rejected: AtomicU64,
    /// Rows acknowledged.
    pub acknowledged: AtomicU64,
    /// Bytes acknowledged.
    pub bytes: AtomicU64,
    /// Requests that were tried again.
    pub retries: AtomicU64,
    /// Times that offsets were committed.
    pub commits: AtomicU64,
    /// Partitions that are read here.
    pub partitions: AtomicU64,
    /// Records that are still to be read, where that is known.
    pub lag: AtomicU64,
}

/// What all parts share.
pub struct Shared {
    /// The word to stop.
    pub control: Arc<Control>,
    /// Requests under way.
    pub gate: Arc<Gate>,
    /// Counters.
    pub counters: Counters,
    /// Names of topics, in the specification's order.
    pub topics: Vec<String>,
    /// Names of tables, in the specification's order.
    pub tables: Vec<String>,
    /// Rejected records before it stops.
    pub max_errors: u64,
    /// Bytes of a record, at most.
    pub max_record: u64,
    /// The topic of dead letters.
    pub dead_letter: String,
    /// What is wrong at present.
    trouble: Mutex<Option<String>>,
    lags: Mutex<Vec<(Part, i64)>>,
}

impl Shared {
    /// Everything at its beginning.
    pub fn new(
        (control, gate): (Arc<Control>, Arc<Gate>),
        (topics, tables): (Vec<String>, Vec<String>),
        (max_errors, max_record): (u64, u64),
        dead_letter: String,
    ) -> Shared {
        Shared {
            control,
            gate,
            counters: Counters::default(),
            topics,
            tables,
            max_errors,
            max_record,
            dead_letter,
            trouble: Mutex::new(None),
            lags: Mutex::default(),
        }
    }

    /// Where a record stands, for people.
    pub fn place(&self, part: Part, offset: i64) -> String {
        let topic = self.topics.get(part.topic).map_or("?", String::as_str);
        format!("{topic}[{}]@{offset}", part.partition)
    }

    /// Ends the run: nothing is sent any more, and nobody waits.
    pub fn fail(&self, error: RunError) {
        self.control.fail(error);
        self.gate.close();
    }

    /// Counts a rejected record; false when there are too many, and the run ends.
    pub fn reject(&self, why: &Why, place: String) -> bool {
        let rejected = 1 + self.counters.rejected.fetch_add(1, Relaxed);
        if rejected <= self.max_errors {
            return true;
        }
        let message = format!(
            "{rejected} records were rejected, more than the {} that are allowed; the last: {place}: {}",
            self.max_errors, why.reason
        );
        let help = format!(
            "look at topic {}, put the cause right, run again, then `ora2stream sink replay`; or allow more with --max-errors",
            self.dead_letter
        );
        self.fail(RunError::new(Code::TooManyErrors, message).help(help));
        false
    }

    /// A record beyond the limit.
    pub fn too_large(&self, record: Record<'_>) -> Option<Why> {
        let size = record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len);
        if size as u64 <= self.max_record {
            return None;
        }
        let text = format!(
            "{size} bytes, and max_record allows {}: large values belong into an object store",
            self.max_record
        );
        Some(why("record-size", None, text))
    }

    /// Records to the end of each partition.
    pub fn set_lags(&self, lags: Vec<(Part, i64)>) {
        let sum: i64 = lags.iter().map(|(_, lag)| *lag).sum();
        self.counters.lag.store(sum.max(0) as u64, Relaxed);
        *self.lags.lock().unwrap_or_else(PoisonError::into_inner) = lags;
    }

    /// The same, as it was told last.
    pub fn lags(&self) -> Vec<(Part, i64)> {
        self.lags
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Remembers what is wrong.
    pub fn trouble(&self, text: &str) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.get_or_insert_with(|| text.to_owned());
    }

    /// What was wrong since this was asked last.
    pub fn take_trouble(&self) -> Option<String> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.take()
    }
}
