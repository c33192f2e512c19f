//! Which offsets may be committed: a window of records is done when the last of its writes, and of its dead letters, is
//! acknowledged, and an offset may be committed when every window before it is done. Knows no broker and no server.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clock::Mark;

/// A partition: number of the topic in the specification, and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Topic.
    pub topic: usize,
    /// Partition.
    pub partition: i32,
}

/// How far a partition is read: the next offset, and the clock there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The next offset.
    pub offset: i64,
    /// The clock.
    pub mark: Mark,
}

#[derive(Debug, Default)]
struct State {
    /// Number of the first window of the queue.
    first: u64,
    windows: VecDeque<Slot>,
    /// May be committed, and is not yet.
    ready: BTreeMap<Part, Reached>,
    failed: bool,
}

#[derive(Debug)]
struct Slot {
    done: bool,
    ends: Vec<(Part, Reached)>,
}

/// Windows in their order.
#[derive(Debug, Default)]
pub struct Tracker {
    state: Mutex<State>,
    changed: Condvar,
}

/// A record of a window: where it stands, and what it was.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Partition.
    pub part: Part,
    /// Offset.
    pub offset: i64,
    /// Write time.
    pub stamp: i64,
    /// Key, from .. to in the window's bytes; None: no key.
    pub key: Option<(usize, usize)>,
    /// Value.
    pub value: Option<(usize, usize)>,
}

/// Records under way. Everything that is sent for them holds their window; when the last lets go, it is done.
#[derive(Debug)]
pub struct Window {
    number: u64,
    tracker: Arc<Tracker>,
    failed: AtomicBool,
    /// The records whose rows may yet be refused.
    pub records: Vec<Origin>,
    /// Their keys and values.
    pub bytes: Vec<u8>,
}

impl Window {
    /// Something of it was not carried out: it is never done.
    pub fn fail(&self) {
        self.failed.store(true, SeqCst);
    }

    /// A part of the bytes.
    pub fn text(&self, range: Option<(usize, usize)>) -> Option<&[u8]> {
        range.map(|(from, to)| &self.bytes[from..to])
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.tracker.over(self.number, !self.failed.load(SeqCst));
    }
}

impl Tracker {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A window behind all others; `ends`: how far its records reach.
    pub fn open(
        self: &Arc<Self>,
        records: Vec<Origin>,
        bytes: Vec<u8>,
        ends: Vec<(Part, Reached)>,
    ) -> Arc<Window> {
        let mut state = self.lock();
        let number = state.first + state.windows.len() as u64;
        state.windows.push_back(Slot { done: false, ends });
        Arc::new(Window {
            number,
            tracker: Arc::clone(self),
            failed: AtomicBool::new(false),
            records,
            bytes,
        })
    }

    fn over(&self, number: u64, well: bool) {
        let mut state = self.lock();
        let at = (number - state.first) as usize;
        if !well {
            state.failed = true;
        } else if let Some(slot) = state.windows.get_mut(at) {
            slot.done = true;
        }
        // What failed stays, and everything behind it is read again.
        while state.windows.front().is_some_and(|w| w.done) {
            if let Some(slot) = state.windows.pop_front() {
                state.first += 1;
                state.ready.extend(slot.ends);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// What may be committed now.
    pub fn take(&self) -> Vec<(Part, Reached)> {
        std::mem::take(&mut self.lock().ready).into_iter().collect()
    }

    /// These partitions went to another member: nothing of them is committed any more.
    pub fn forget(&self, parts: &[Part]) {
        let mut state = self.lock();
        state.ready.retain(|part, _| !parts.contains(part));
        for window in &mut state.windows {
            window.ends.retain(|(part, _)| !parts.contains(part));
        }
    }

    /// Windows under way.
    pub fn open_windows(&self) -> usize {
        self.lock().windows.len()
    }

    /// Waits until nothing is under way, something failed, or the time is over. True: nothing is.
    pub fn settle(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if state.windows.is_empty() {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.failed {
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::stream::clock::Clock;

    const A: Part = Part {
        topic: 0,
        partition: 0,
    };
    const B: Part = Part {
        topic: 0,
        partition: 1,
    };

    fn reached(offset: i64) -> Reached {
        Reached {
            offset,
            mark: Clock::begin(1, 0, None).mark(),
        }
    }

    fn open(tracker: &Arc<Tracker>, ends: &[(Part, i64)]) -> Arc<Window> {
        let ends = ends.iter().map(|(p, o)| (*p, reached(*o))).collect();
        tracker.open(Vec::new(), Vec::new(), ends)
    }

    fn offsets(tracker: &Tracker) -> Vec<(Part, i64)> {
        let ready = tracker.take();
        ready.into_iter().map(|(p, r)| (p, r.offset)).collect()
    }

    #[test]
    fn an_offset_is_ready_when_everything_before_it_is_done() {
        let tracker = Arc::new(Tracker::default());
        let (first, second) = (open(&tracker, &[(A, 5)]), open(&tracker, &[(A, 9), (B, 2)]));
        let share = Arc::clone(&first);
        drop(second);
        assert!(offsets(&tracker).is_empty());
        drop(first);
        assert!(offsets(&tracker).is_empty(), "a write is still under way");
        drop(share);
        assert_eq!(offsets(&tracker), [(A, 9), (B, 2)]);
        assert!(offsets(&tracker).is_empty(), "told once");
        assert!(tracker.settle(Duration::ZERO));
    }

    #[test]
    fn nothing_behind_a_failure_is_ever_ready() {
        let tracker = Arc::new(Tracker::default());
        let (first, second) = (open(&tracker, &[(A, 5)]), open(&tracker, &[(A, 9)]));
        first.fail();
        drop(first);
        drop(second);
        assert!(offsets(&tracker).is_empty());
        assert!(!tracker.settle(Duration::from_secs(60)), "no use waiting");
    }

    #[test]
    fn partitions_that_went_away_are_not_committed() {
        let tracker = Arc::new(Tracker::default());
        let (first, second) = (open(&tracker, &[(A, 5), (B, 1)]), open(&tracker, &[(A, 9)]));
        drop(first);
        tracker.forget(&[A]);
        let third = open(&tracker, &[(A, 3)]);
        drop(second);
        assert_eq!(offsets(&tracker), [(B, 1)]);
        drop(third);
        assert_eq!(offsets(&tracker), [(A, 3)], "it came back");
    }
}
