//! The loop of the sink: records in, writes and dead letters out, offsets committed behind what was acknowledged. Knows
//! its feed, its target and its dead letters by their traits only.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::clock::{Clock, Order};
use super::decode::{Decoder, Record, why};
use super::route::Route;
use super::shared::Shared;
use super::tracker::{Origin, Part, Reached, Tracker, Window};
use crate::run::deadletter::Why;
use crate::run::error::RunError;

/// A record that came; key and value are where they were asked to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Partition.
    pub part: Part,
    /// Offset.
    pub offset: i64,
    /// Key, from .. to.
    pub key: Option<(usize, usize)>,
    /// Value, from .. to.
    pub value: Option<(usize, usize)>,
    /// It was rejected before, and comes again.
    pub again: Option<Again>,
}

/// Where a record that comes again stood at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// Partition.
    pub part: Part,
    /// Offset.
    pub offset: i64,
    /// Write time that its row has among the others.
    pub time: i64,
    /// Number of the table that rejected it.
    pub table: usize,
}

/// Where records come from.
pub trait Feed {
    /// The next record, waited for so long; its key and value are appended to `bytes`.
    fn next(&mut self, wait: Duration, bytes: &mut Vec<u8>) -> Result<Option<Arrived>, RunError>;

    /// Partitions that went to other members since this was asked last. What was ready of them is committed.
    fn gone(&mut self) -> Vec<Part>;

    /// The clock of a partition whose first record here has this offset.
    fn clock(&mut self, part: Part, offset: i64) -> Result<Clock, RunError>;

    /// Commits this clock, and answers when it is there for whoever reads the partition next. False: the partition
    /// went to another member meanwhile, or the run is to end, and nothing may be written with it.
    fn fix(&mut self, part: Part, reached: Reached) -> Result<bool, RunError>;

    /// Commits offsets, and what was not taken before; `wait` for the answer.
    fn commit(&mut self, reached: &[(Part, Reached)], wait: bool) -> Result<(), RunError>;

    /// Stays a member of the group without taking records, for a moment.
    fn hold(&mut self) -> Result<(), RunError>;

    /// Everything that was there when the run began has been handed over, here or to other members.
    /// `next`: how far the partitions are that are read here.
    fn caught_up(&mut self, next: &dyn Fn(Part) -> Option<i64>) -> bool;
}

/// What is done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is written, whole.
    Put,
    /// It is deleted.
    Remove,
}

/// A write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write<'a> {
    /// Number of the table in the specification.
    pub table: usize,
    /// What.
    pub kind: Kind,
    /// Values of the row in the order of binding, or of its key.
    pub values: &'a [u8],
    /// Write time.
    pub time: i64,
    /// Number of the record in the window.
    pub record: u32,
}

/// Where rows go.
pub trait Target {
    /// Keeps a write for the next window.
    fn add(&mut self, write: Write<'_>);

    /// Hands over all writes kept. `busy` is called while the target takes no more.
    fn send(
        &mut self,
        window: &Arc<Window>,
        busy: &mut dyn FnMut() -> Result<(), RunError>,
    ) -> Result<(), RunError>;
}

/// Where records go that cannot be carried.
pub trait Letters {
    /// Writes one down. The window is held until that is acknowledged.
    fn write(&self, window: &Arc<Window>, record: u32, table: usize, why: &Why);
}

/// Records of a window, at most.
const MOST_RECORDS: usize = 1_000;

/// Bytes of a window, about.
const MOST_BYTES: usize = 1 << 20;

/// A window waits no longer for more records.
const LINGER: Duration = Duration::from_millis(20);

/// How long the feed is waited for when there is nothing to do.
const IDLE: Duration = Duration::from_millis(50);

/// Offsets are committed so often.
const COMMIT: Duration = Duration::from_secs(1);

/// Where a partition is.
struct Cursor {
    clock: Clock,
    next: i64,
    /// The row that the last record deleted: the tombstone behind it says nothing new.
    gone: Option<(usize, u64)>,
    /// Something came since the last window.
    moved: bool,
    /// Where it began here, until the clock that is used from there on is committed. A row that was written with
    /// times that nobody remembers could win over those that the next member gives.
    unfixed: Option<Reached>,
}

/// The window that is being filled.
#[derive(Default)]
struct Open {
    records: Vec<Origin>,
    bytes: Vec<u8>,
    letters: Vec<(u32, usize, Why)>,
    since: Option<Instant>,
}

/// What a run is made of.
pub struct Pump<F, T, L> {
    feed: F,
    target: T,
    letters: L,
    /// By topic: numbers of its tables.
    topics: Vec<Vec<usize>>,
    routes: Arc<Vec<Route>>,
    shared: Arc<Shared>,
    tracker: Arc<Tracker>,
    decoder: Decoder,
    cursors: BTreeMap<Part, Cursor>,
    open: Open,
    /// Number of the record at hand in the open window.
    at: usize,
    committed: Instant,
}

impl<F: Feed, T: Target, L: Letters> Pump<F, T, L> {
    /// Nothing runs yet.
    pub fn new(
        (feed, target, letters): (F, T, L),
        topics: Vec<Vec<usize>>,
        routes: Arc<Vec<Route>>,
        shared: Arc<Shared>,
        tracker: Arc<Tracker>,
    ) -> Self {
        Self {
            feed,
            target,
            letters,
            topics,
            routes,
            shared,
            tracker,
            decoder: Decoder::default(),
            cursors: BTreeMap::new(),
            open: Open::default(),
            at: 0,
            committed: Instant::now(),
        }
    }

    /// Runs until it is told to stop, or until what was there is written.
    pub fn run(&mut self, until_caught_up: bool) -> Result<(), RunError> {
        while !self.shared.control.stopping() {
            let came = self.step()?;
            self.commit(false)?;
            if !came && until_caught_up && self.at_rest() {
                let cursors = &self.cursors;
                let next = |part| cursors.get(&part).map(|c| c.next);
                if self.feed.caught_up(&next) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes a record, if there is one, and seals the window when it is time. True: there was one.
    fn step(&mut self) -> Result<bool, RunError> {
        let wait = match self.open.since {
            Some(_) => Duration::ZERO,
            None => IDLE,
        };
        let arrived = self.feed.next(wait, &mut self.open.bytes)?;
        self.let_go();
        if let Some(arrived) = &arrived {
            self.take(arrived)?;
        }
        let full = self.open.records.len() >= MOST_RECORDS || self.open.bytes.len() >= MOST_BYTES;
        let old = self.open.since.is_some_and(|s| s.elapsed() >= LINGER);
        if full || old || arrived.is_none() {
            self.seal()?;
        }
        Ok(arrived.is_some())
    }

    /// A partition that nothing was read of here.
    fn meet(&mut self, part: Part, offset: i64) -> Result<(), RunError> {
        let clock = self.feed.clock(part, offset)?;
        let mark = clock.mark();
        let cursor = Cursor {
            clock,
            next: offset,
            gone: None,
            moved: false,
            unfixed: Some(Reached { offset, mark }),
        };
        self.cursors.insert(part, cursor);
        Ok(())
    }

    fn at_rest(&self) -> bool {
        self.open.since.is_none() && self.tracker.open_windows() == 0
    }

    /// Forgets partitions that others read now.
    fn let_go(&mut self) {
        let gone = self.feed.gone();
        if !gone.is_empty() {
            self.cursors.retain(|part, _| !gone.contains(part));
        }
    }

    fn take(&mut self, a: &Arrived) -> Result<(), RunError> {
        let known = self
            .cursors
            .get(&a.part)
            .is_some_and(|c| c.next <= a.offset);
        if !known {
            self.meet(a.part, a.offset)?;
        }
        self.open.since.get_or_insert_with(Instant::now);
        self.at = self.open.records.len();
        let (part, offset) = a.again.map_or((a.part, a.offset), |g| (g.part, g.offset));
        self.open.records.push(Origin {
            part,
            offset,
            stamp: 0,
            key: a.key,
            value: a.value,
        });
        self.shared.counters.read.fetch_add(1, Relaxed);
        match a.again {
            Some(again) => self.carry(again.table, a)?,
            None => {
                for n in 0..self.topics[a.part.topic].len() {
                    self.carry(self.topics[a.part.topic][n], a)?;
                }
            }
        }
        if let Some(cursor) = self.cursors.get_mut(&a.part) {
            cursor.next = a.offset + 1;
            cursor.moved = true;
        }
        Ok(())
    }

    /// Sees that the clock of a partition is committed before its first write. False: nothing may be written.
    fn fixed(&mut self, a: &Arrived) -> Result<bool, RunError> {
        if a.again.is_some() {
            return Ok(true); // it has its time already
        }
        let Some(cursor) = self.cursors.get_mut(&a.part) else {
            return Ok(false);
        };
        let Some(start) = cursor.unfixed else {
            return Ok(true);
        };
        let mark = super::clock::Mark {
            epoch: cursor.clock.mark().epoch,
            zero: cursor.clock.mark().zero,
            ..start.mark
        };
        // What was without effect until now has not seen this clock: it is not committed behind it.
        self.tracker.forget(&[a.part]);
        let fixed = self.feed.fix(a.part, Reached { mark, ..start })?;
        match fixed {
            true => cursor.unfixed = None,
            false => {
                self.cursors.remove(&a.part);
            }
        }
        Ok(fixed)
    }

    /// A record into a table.
    fn carry(&mut self, table: usize, a: &Arrived) -> Result<(), RunError> {
        let part = |range: Option<(usize, usize)>| range.map(|(from, to)| from..to);
        let bytes = &self.open.bytes;
        let record = Record {
            key: part(a.key).map(|r| &bytes[r]),
            value: part(a.value).map(|r| &bytes[r]),
        };
        let routes = Arc::clone(&self.routes);
        let route = &routes[table];
        let decoded = match self.shared.too_large(record) {
            Some(why) => {
                self.decoder.order = None;
                Err(why)
            }
            None => self.decoder.decode(route, record),
        };
        match decoded {
            Ok(Some(change)) => {
                let key = xxh3_64_with_seed(&self.decoder.key, table as u64);
                if self.repeats(a.part, change.order, table, key) {
                    self.shared.counters.ignored.fetch_add(1, Relaxed);
                    return Ok(());
                }
                self.write(
                    table,
                    route,
                    a,
                    (change.gone, change.comes),
                    change.order,
                    key,
                )
            }
            Ok(None) => {
                self.shared.counters.ignored.fetch_add(1, Relaxed);
                self.forget_gone(a.part);
                Ok(())
            }
            Err(why) => self.refuse(table, a, why),
        }
    }

    /// A tombstone behind the delete that it belongs to.
    fn repeats(&self, part: Part, order: Order, table: usize, key: u64) -> bool {
        let cursor = self.cursors.get(&part);
        order == Order::Follows && cursor.is_some_and(|c| c.gone == Some((table, key)))
    }

    fn forget_gone(&mut self, part: Part) {
        if let Some(cursor) = self.cursors.get_mut(&part) {
            cursor.gone = None;
        }
    }

    fn write(
        &mut self,
        table: usize,
        route: &Route,
        a: &Arrived,
        (gone, comes): (bool, bool),
        order: Order,
        key: u64,
    ) -> Result<(), RunError> {
        let Some(cursor) = self.cursors.get_mut(&a.part) else {
            return Ok(());
        };
        cursor.gone = (gone && !comes).then_some((table, key));
        let old = xxh3_64_with_seed(&self.decoder.gone, table as u64);
        let mut stamps = Vec::with_capacity(2);
        for (wanted, kind, key) in [(gone, Kind::Remove, old), (comes, Kind::Put, key)] {
            if !wanted {
                continue;
            }
            let again = a.again.map(|g| g.time);
            match again.map_or_else(|| cursor.clock.stamp(order, a.offset, key), Ok) {
                Ok(stamp) => stamps.push((kind, stamp)),
                Err(e) => {
                    let why = why("no-scn", Some("source.commit_scn"), e.to_string());
                    return self.refuse(table, a, why);
                }
            }
        }
        if !self.fixed(a)? {
            return Ok(());
        }
        for (kind, stamp) in stamps {
            self.place((table, route), kind, stamp);
        }
        Ok(())
    }

    /// Gives a write to the target.
    fn place(&mut self, (table, route): (usize, &Route), kind: Kind, stamp: i64) {
        let record = self.at;
        self.open.records[record].stamp = stamp;
        let counters = &self.shared.counters;
        let (counter, values) = match kind {
            Kind::Put => (&counters.written, &self.decoder.values),
            Kind::Remove => (&counters.removed, &self.decoder.gone),
        };
        counter.fetch_add(1, Relaxed);
        self.target.add(Write {
            table,
            kind,
            values,
            time: route.write_time(stamp),
            record: record as u32,
        });
    }

    /// Notes a record for the dead letters.
    fn refuse(&mut self, table: usize, a: &Arrived, why: Why) -> Result<(), RunError> {
        let record = self.at;
        if let Some(cursor) = self.cursors.get_mut(&a.part) {
            cursor.gone = None;
            let stamp = match a.again {
                Some(again) => again.time,
                None => cursor.clock.stamp_refused(self.decoder.order, a.offset),
            };
            self.open.records[record].stamp = stamp;
        }
        if !self.fixed(a)? {
            return Ok(());
        }
        let origin = self.open.records[record];
        if self
            .shared
            .reject(&why, self.shared.place(origin.part, origin.offset))
        {
            self.open.letters.push((record as u32, table, why));
        }
        Ok(())
    }

    /// Hands the open window over.
    fn seal(&mut self) -> Result<(), RunError> {
        if self.open.since.is_none() {
            self.open.bytes.clear();
            return Ok(());
        }
        if self.shared.control.aborted() {
            return Ok(()); // what ended the run lies in this window: it is read again
        }
        let open = std::mem::take(&mut self.open);
        let moved = self.cursors.iter_mut().filter(|(_, c)| c.moved);
        let ends = moved
            .map(|(part, c)| {
                c.moved = false;
                let reached = Reached {
                    offset: c.next,
                    mark: c.clock.mark(),
                };
                (*part, reached)
            })
            .collect();
        let window = self.tracker.open(open.records, open.bytes, ends);
        for (record, table, why) in &open.letters {
            self.letters.write(&window, *record, *table, why);
        }
        let feed = &mut self.feed;
        self.target.send(&window, &mut || feed.hold())
    }

    /// Commits what may be, from time to time.
    fn commit(&mut self, wait: bool) -> Result<(), RunError> {
        if !wait && self.committed.elapsed() < COMMIT {
            return Ok(());
        }
        self.committed = Instant::now();
        let ready = self.tracker.take();
        self.feed.commit(&ready, wait)
    }

    /// Ends in order: what was taken is written, as long as `patience` lets it, and committed.
    pub fn finish(&mut self, patience: Duration) -> Result<(), RunError> {
        let sealed = match self.shared.control.aborted() {
            true => Ok(()),
            false => self.seal(),
        };
        // Without acknowledgement nothing is committed: it is read again.
        self.tracker.settle(patience);
        sealed.and(self.commit(true))
    }
}
