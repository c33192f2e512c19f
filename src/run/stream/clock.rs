//! Write times. Cassandra keeps, cell by cell, what has the greatest write time: so the order of the writes is the
//! order of these numbers, whatever overtakes what, and a record that comes twice changes nothing.
//!
//! - A result topic has no change number: `E + offset`, with E fixed when the sink first sees the partition.
//! - A change event has its commit's SCN: `C + 10 * commit_scn + n`, with n the change's place among the changes of
//!   its key in that transaction. C comes from the load that went before (`T0 - 10 * S1`), or is fixed when the first
//!   change is seen. More than ten changes of a key take numbers that belong to the SCNs behind: a transaction that
//!   follows so closely begins above them.
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
    pub top: u32,
    /// The greatest write time given.
    pub last: i64,
}

/// First word of the metadata.
const FORM: &str = "o2s1";

/// Rows that a snapshot read without saying its SCN: so much older than everything else, in order of their offsets.
const BEFORE: i64 = 1 << 40;

/// Numbers from one SCN to the next.
const PLACES: u64 = 10;

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
            top: u32::try_from(*fields.get("n")?).ok()?,
            last: *fields.get("t")?,
        })
    }
}

/// The clock of a partition.
#[derive(Clone, Debug)]
pub struct Clock {
    mark: Mark,
    /// The number of a key that the transaction has not touched yet.
    floor: u32,
    /// The last number of each key of the transaction.
    seen: HashMap<u64, u32>,
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
            floor: mark.top.saturating_add(1),
            mark,
            seen: HashMap::new(),
        }
    }

    /// What is to be remembered with the offset behind the last record.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// The write time of a record at `offset` for the row with this hash of its key.
    pub fn stamp(&mut self, order: Order, offset: i64, key: u64) -> Result<i64, NoScn> {
        let micros = match (order, self.mark.zero) {
            (Order::Offset, None) | (Order::Follows, None) => self.mark.epoch + offset,
            (Order::Offset, Some(_)) => return Err(NoScn),
            (Order::Commit(scn), _) => self.change(scn, key),
            (Order::Follows, Some(_)) => self.change(self.mark.scn, key),
            (Order::Read(Some(scn)), _) => self.base(scn),
            (Order::Read(None), _) => self.mark.epoch - BEFORE + offset,
        };
        self.mark.last = self.mark.last.max(micros);
        Ok(micros)
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
        let place = self.floor.max(self.mark.top.saturating_add(1));
        self.mark.top = place;
        self.floor = place.saturating_add(1);
        self.seen.clear();
        self.base(scn) + i64::from(place)
    }

    fn enter(&mut self, scn: u64) {
        if scn == self.mark.scn {
            return;
        }
        // What the transaction before took of the numbers that are this one's. A connector that repeats itself goes
        // back to smaller SCNs, and gives again the numbers that it gave.
        let apart = scn
            .checked_sub(self.mark.scn)
            .map_or(u64::MAX, |d| d.saturating_mul(PLACES));
        let taken = (u64::from(self.mark.top) + 1).saturating_sub(apart);
        self.mark.scn = scn;
        self.floor = u32::try_from(taken).unwrap_or(u32::MAX);
        self.mark.top = self.floor.saturating_sub(1);
        self.seen.clear();
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

    fn change(&mut self, scn: u64, key: u64) -> i64 {
        self.enter(scn);
        let next = |last: &u32| last.saturating_add(1);
        let place = self.seen.get(&key).map_or(self.floor, next);
        if self.seen.len() >= MOST_KEYS {
            // Whoever comes next comes behind all of them.
            self.floor = self.mark.top.max(place).saturating_add(1);
            self.seen.clear();
        }
        self.seen.insert(key, place);
        self.mark.top = self.mark.top.max(place);
        self.base(scn) + i64::from(place)
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
        clock.stamp(order, offset, key).expect("a place")
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
    fn more_than_ten_changes_of_a_key_push_the_next_transaction_up() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        let mut change = |scn, key| at(&mut clock, Order::Commit(scn), 0, key);
        let many: Vec<i64> = (0..25).map(|_| change(5, 1)).collect();
        assert_eq!((many[0], many[24]), (50, 74));
        assert!(many.is_sorted_by(|a, b| a < b));
        // The very next SCN begins above all of them, and so does the one after that.
        assert_eq!(change(6, 1), 75);
        assert_eq!(change(7, 1), 76);
        assert_eq!(change(8, 1), 80, "the numbers are its own again");
        // Told once more, all is as it was.
        assert_eq!(change(5, 1), 50);
    }

    #[test]
    fn a_member_that_goes_on_knows_what_was_taken() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        for _ in 0..25 {
            at(&mut clock, Order::Commit(5), 0, 1);
        }
        let mut again = Clock::resume(Mark::parse(&clock.mark().to_string()).expect("a mark"));
        let next = at(&mut again, Order::Commit(6), 0, 1);
        assert_eq!(next, 75);
        assert!(at(&mut again, Order::Commit(6), 0, 1) > next);
    }

    #[test]
    fn a_refused_record_comes_behind_all_before_it() {
        let mut clock = Clock::begin(NOW, 0, Some(0));
        for _ in 0..12 {
            at(&mut clock, Order::Commit(5), 0, 1);
        }
        let refused = clock.stamp_refused(Some(Order::Commit(5)), 12);
        assert_eq!(refused, 62);
        assert!(at(&mut clock, Order::Commit(5), 13, 1) > refused);
        assert!(at(&mut clock, Order::Commit(6), 14, 1) > refused);
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
