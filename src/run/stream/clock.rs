//! Write times. Cassandra keeps, cell by cell, what has the greatest write time: so the order of the writes is the
//! order of these numbers, whatever overtakes what, and a record that comes twice changes nothing.
//!
//! - A result topic has no change number: `E + offset`, with E fixed when the sink first sees the partition.
//! - A change event has its commit's SCN: `C + 10 * commit_scn + n`, with n (0 to 9) the change's place among the
//!   changes of its key in that transaction. C comes from the load that went before (`T0 - 10 * S1`), or is fixed
//!   when the first change is seen.
//! - Rows that a snapshot read count as of its SCN; without one they are older than every change.
//! - Where the first value stays (`keep_first`), the same number counts backwards.
//!
//! E and C live in the metadata of the group's committed offset: all members see them, and they change with the
//! offset or not at all. Each partition has its own, since a key stays in its partition; should a topic be given more
//! partitions, the new ones begin above all that the others have reached.

use std::collections::HashMap;
use std::fmt;

/// What a record says about its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Its offset alone.
    Offset,
    /// The SCN of its commit.
    Commit(u64),
    /// Read by a snapshot, as of this SCN.
    Read(Option<u64>),
    /// A tombstone: it belongs to what came just before.
    Follows,
}

/// A write time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Microseconds since 1970.
    pub micros: i64,
    /// More than ten changes of one key in one transaction: this one may share its number with the next, so it is
    /// held until the transaction is over, and only the last is written.
    pub hold: bool,
}

/// A change event without an SCN in a topic that has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the change has no commit_scn, and others of its topic have: its place among them is not known"
)]
pub struct NoScn;

/// What a committed offset remembers of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// E.
    pub epoch: i64,
    /// C, once it is known.
    pub zero: Option<i64>,
    /// Transaction of the last change.
    pub scn: u64,
    /// The greatest n in it.
    pub top: u8,
    /// The greatest write time given.
    pub last: i64,
}

/// First word of the metadata.
const FORM: &str = "o2s1";

/// Rows that a snapshot read without saying its SCN: so much older than everything else, in order of their offsets.
const BEFORE: i64 = 1 << 40;

/// Numbers that a transaction has.
const PLACES: u8 = 10;

/// Keys of a transaction that are told apart before the next number is taken for all.
const MOST_KEYS: usize = 400_000;

/// Where times that count backwards begin: below every load's, above 1970 until 2041.
const MIRROR: i64 = 1 << 51;

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{FORM} e={} s={} n={} t={}",
            self.epoch, self.scn, self.top, self.last
        )?;
        match self.zero {
            Some(zero) => write!(f, " c={zero}"),
            None => Ok(()),
        }
    }
}

impl Mark {
    /// Reads the metadata of an offset; None where others wrote it.
    pub fn parse(text: &str) -> Option<Mark> {
        let mut words = text.split(' ');
        words.next().filter(|w| *w == FORM)?;
        let fields: HashMap<&str, i64> = words
            .filter_map(|w| {
                let (name, value) = w.split_once('=')?;
                Some((name, value.parse().ok()?))
            })
            .collect();
        Some(Mark {
            epoch: *fields.get("e")?,
            zero: fields.get("c").copied(),
            scn: u64::try_from(*fields.get("s")?).ok()?,
            top: u8::try_from(*fields.get("n")?).ok()?,
            last: *fields.get("t")?,
        })
    }
}

/// The clock of a partition.
#[derive(Clone, Debug)]
pub struct Clock {
    mark: Mark,
    /// The number of a key that the transaction has not touched yet.
    floor: u8,
    /// The last number of each key of the transaction.
    seen: HashMap<u64, u8>,
}

impl Clock {
    /// A clock that begins now, above `least`. `zero`: C where the specification gives it.
    pub fn begin(now: i64, least: i64, zero: Option<i64>) -> Clock {
        let epoch = now.max(least);
        Clock {
            mark: Mark {
                epoch,
                zero,
                scn: 0,
                top: 0,
                last: i64::MIN,
            },
            floor: 0,
            seen: HashMap::new(),
        }
    }

    /// A clock that goes on where an offset was committed: in the middle of a transaction with the next number.
    pub fn resume(mark: Mark) -> Clock {
        Clock {
            floor: (mark.top + 1).min(PLACES),
            mark,
            seen: HashMap::new(),
        }
    }

    /// What is to be remembered with the offset behind the last record.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// A change of this transaction ends the one before: what was held may go.
    pub fn is_new(&self, order: Order) -> bool {
        match order {
            Order::Commit(scn) => scn != self.mark.scn,
            Order::Offset | Order::Read(_) | Order::Follows => false,
        }
    }

    /// The write time of a record at `offset` for the row with this hash of its key.
    pub fn stamp(&mut self, order: Order, offset: i64, key: u64) -> Result<Stamp, NoScn> {
        let plain = |micros| Stamp {
            micros,
            hold: false,
        };
        let stamp = match (order, self.mark.zero) {
            (Order::Offset, None) | (Order::Follows, None) => plain(self.mark.epoch + offset),
            (Order::Offset, Some(_)) => return Err(NoScn),
            (Order::Commit(scn), _) => self.change(scn, key),
            (Order::Follows, Some(_)) => self.change(self.mark.scn, key),
            (Order::Read(Some(scn)), _) => plain(self.base(scn)),
            (Order::Read(None), _) => plain(self.mark.epoch - BEFORE + offset),
        };
        self.mark.last = self.mark.last.max(stamp.micros);
        Ok(stamp)
    }

    /// The write time that a record which is not carried would have had: above all before it, below all after it.
    pub fn stamp_refused(&mut self, order: Option<Order>, offset: i64) -> i64 {
        let order = match (order, self.mark.zero) {
            (Some(Order::Offset), Some(_)) | (None, _) => Order::Follows,
            (Some(order), _) => order,
        };
        let micros = match (order, self.mark.zero) {
            (Order::Read(Some(scn)), _) => self.base(scn),
            (Order::Read(None), _) => self.mark.epoch - BEFORE + offset,
            (Order::Offset | Order::Follows, None) => self.mark.epoch + offset,
            (Order::Offset | Order::Follows, Some(_)) => self.above_all(self.mark.scn),
            (Order::Commit(scn), _) => self.above_all(scn),
        };
        self.mark.last = self.mark.last.max(micros);
        micros
    }

    fn above_all(&mut self, scn: u64) -> i64 {
        self.enter(scn);
        let place = (self.mark.top + 1).min(PLACES - 1);
        self.mark.top = place;
        self.floor = place + 1;
        self.seen.clear();
        self.base(scn) + i64::from(place)
    }

    fn enter(&mut self, scn: u64) {
        if scn != self.mark.scn {
            self.mark.scn = scn;
            self.mark.top = 0;
            self.floor = 0;
            self.seen.clear();
        }
    }

    /// C, fixed now if it is not, so that this SCN comes behind all that was stamped.
    fn base(&mut self, scn: u64) -> i64 {
        let ten = i64::try_from(scn)
            .unwrap_or(i64::MAX / 100)
            .saturating_mul(10);
        let first = self.mark.epoch.max(self.mark.last.saturating_add(1));
        let zero = *self.mark.zero.get_or_insert(first.saturating_sub(ten));
        zero.saturating_add(ten)
    }

    fn change(&mut self, scn: u64, key: u64) -> Stamp {
        self.enter(scn);
        let place = self.seen.get(&key).map_or(self.floor, |last| last + 1);
        if self.seen.len() >= MOST_KEYS && place < PLACES - 1 {
            // Whoever comes next comes behind all of them.
            self.floor = self.mark.top.max(place) + 1;
            self.seen.clear();
        }
        let hold = place >= PLACES - 1;
        let place = place.min(PLACES - 1);
        self.seen.insert(key, place);
        self.mark.top = self.mark.top.max(place);
        Stamp {
            micros: self.base(scn) + i64::from(place),
            hold,
        }
    }
}

/// The same order backwards: what comes first has the greatest time.
pub fn backwards(micros: i64) -> i64 {
    MIRROR - micros
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000_000;

    fn at(clock: &mut Clock, order: Order, offset: i64, key: u64) -> i64 {
        clock.stamp(order, offset, key).expect("a place").micros
    }

    #[test]
    fn results_count_offsets_from_a_fixed_epoch() {
        let mut clock = Clock::begin(NOW, 0, None);
        assert_eq!(at(&mut clock, Order::Offset, 7, 1), NOW + 7);
        let mut again = Clock::resume(Mark::parse(&clock.mark().to_string()).expect("a mark"));
        assert_eq!(
            at(&mut again, Order::Offset, 7, 1),
            NOW + 7,
            "a replay is the same"
        );
        assert_eq!(at(&mut again, Order::Offset, 8, 1), NOW + 8);
        let earlier = Clock::begin(NOW - 1_000_000_000, again.mark().last + 1, None);
        assert!(
            earlier.mark().epoch > NOW + 8,
            "a clock set back does not go back"
        );
    }

    #[test]
    fn changes_count_commits_and_places_in_them() {
        let mut clock = Clock::begin(NOW, 0, Some(100));
        let mut change = |scn, key| at(&mut clock, Order::Commit(scn), 0, key);
        assert_eq!(change(50, 1), 600);
        assert_eq!(change(50, 1), 601);
        assert_eq!(change(50, 2), 600);
        assert_eq!(change(51, 1), 610);
        // A connector that begins again repeats what it wrote: at the same times, never above later ones.
        assert_eq!(change(50, 1), 600);
        assert_eq!(change(50, 1), 601);
        assert_eq!(change(51, 1), 610);
    }

    #[test]
    fn in_the_middle_of_a_transaction_the_next_number_counts_for_all_keys() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        let first = at(&mut clock, Order::Commit(5), 0, 1);
        let mut again = Clock::resume(clock.mark());
        assert!(at(&mut again, Order::Commit(5), 1, 1) > first);
        assert_eq!(at(&mut again, Order::Commit(6), 2, 1), 60);
    }

    #[test]
    fn beyond_ten_changes_of_a_key_only_the_last_is_written() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        let mut change = |key| clock.stamp(Order::Commit(5), 0, key).expect("a place");
        let stamps: Vec<Stamp> = (0..12).map(|_| change(1)).collect();
        assert_eq!(stamps.iter().filter(|s| s.hold).count(), 3);
        assert_eq!(stamps[11].micros, 59);
        assert!(
            stamps
                .windows(2)
                .all(|w| w[0].micros < w[1].micros || w[1].hold)
        );
        assert!(clock.is_new(Order::Commit(6)) && !clock.is_new(Order::Commit(5)));
    }

    #[test]
    fn a_transaction_of_many_keys_needs_bounded_memory() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        for key in 0..2 * MOST_KEYS as u64 {
            clock.stamp(Order::Commit(5), 0, key).expect("a place");
        }
        assert!(clock.seen.len() <= MOST_KEYS);
        let again = at(&mut clock, Order::Commit(5), 0, 3);
        assert!(
            again > 50,
            "a key that was forgotten comes behind its first change"
        );
    }

    #[test]
    fn snapshots_lose_against_changes() {
        let mut clock = Clock::begin(NOW, 0, None);
        let read = at(&mut clock, Order::Read(None), 900, 1);
        let change = at(&mut clock, Order::Commit(77), 901, 1);
        let late = at(&mut clock, Order::Read(None), 902, 1);
        assert!(read < late && late < change);
        let mut clock = Clock::begin(NOW, 0, None);
        let read = at(&mut clock, Order::Read(Some(70)), 0, 1);
        assert_eq!(at(&mut clock, Order::Commit(77), 1, 1), read + 70);
    }

    #[test]
    fn a_tombstone_belongs_to_the_change_before_it() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        assert_eq!(at(&mut clock, Order::Commit(5), 0, 1), 50);
        assert_eq!(at(&mut clock, Order::Follows, 1, 1), 51);
        assert_eq!(at(&mut clock, Order::Commit(5), 2, 1), 52);
        assert_eq!(clock.stamp(Order::Offset, 3, 1), Err(NoScn));
    }

    #[test]
    fn marks_read_back_and_foreign_metadata_is_none() {
        for zero in [None, Some(-5)] {
            let mark = Mark {
                epoch: NOW,
                zero,
                scn: 9,
                top: 3,
                last: i64::MIN,
            };
            assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        }
        for text in ["", "o2s1", "o2s2 e=1 s=1 n=1 t=1", "{\"a\":1}"] {
            assert_eq!(Mark::parse(text), None);
        }
    }

    #[test]
    fn backwards_the_first_wins_and_a_load_before_it_too() {
        assert!(backwards(NOW) > backwards(NOW + 1));
        assert!(backwards(NOW) < NOW - 5_000_000 && backwards(NOW) > 0);
    }
}
