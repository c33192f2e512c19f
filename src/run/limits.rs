//! Rates: rows and bytes a second, held by making the threads that hand rows over wait. Knows no rows.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::plan::model::Limits;

/// A pause is never longer than this at once, so that a stop is noticed.
const NAP: Duration = Duration::from_millis(100);

/// How much may be sent ahead of the schedule.
const AHEAD: Duration = Duration::from_millis(100);

/// A schedule: so many units a second.
#[derive(Debug)]
struct Rate {
    per_second: f64,
    /// When everything that was let through is paid for.
    paid: Mutex<Option<Instant>>,
}

impl Rate {
    fn new(per_second: Option<u64>) -> Option<Rate> {
        let per_second = per_second.filter(|n| *n > 0)? as f64;
        Some(Rate {
            per_second,
            paid: Mutex::new(None),
        })
    }

    /// Books `units` and says how long to wait before they may go.
    fn book(&self, units: u64, now: Instant) -> Duration {
        let cost = Duration::from_secs_f64(units as f64 / self.per_second);
        let Ok(mut paid) = self.paid.lock() else {
            return Duration::ZERO; // a thread died while booking: its panic is reported, rates no longer matter
        };
        // What was not used in the past is not saved up, but for a moment's worth.
        let floor = now.checked_sub(AHEAD).unwrap_or(now);
        let start = paid.map_or(now, |p| p.max(floor));
        *paid = Some(start + cost);
        (start + cost).saturating_duration_since(now)
    }
}

/// Both rates of a load.
#[derive(Debug)]
pub struct Throttle {
    rows: Option<Rate>,
    bytes: Option<Rate>,
}

impl Throttle {
    /// As the specification says.
    pub fn new(limits: &Limits) -> Self {
        Self {
            rows: Rate::new(limits.rows_per_second),
            bytes: Rate::new(limits.bytes_per_second),
        }
    }

    /// Waits until rows of so many bytes may go; ends early once `stopped` says so.
    pub fn wait(&self, rows: u64, bytes: u64, stopped: impl Fn() -> bool) {
        let now = Instant::now();
        let longest = [(&self.rows, rows), (&self.bytes, bytes)]
            .into_iter()
            .filter_map(|(rate, units)| rate.as_ref().map(|r| r.book(units, now)))
            .max()
            .unwrap_or_default();
        let until = now + longest;
        while !stopped() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(NAP));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_whatever_the_sizes() {
        let rate = Rate::new(Some(5_000)).expect("a rate");
        let start = Instant::now();
        let mut now = start;
        for n in 0..1_000 {
            now += rate.book(1 + n % 40, now);
        }
        let rows: u64 = (0..1_000).map(|n| 1 + n % 40).sum();
        let seconds = (now - start).as_secs_f64();
        let found = rows as f64 / seconds;
        assert!((found - 5_000.0).abs() < 250.0, "{found} rows a second");
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let rate = Rate::new(Some(1_000)).expect("a rate");
        let now = Instant::now();
        rate.book(1, now);
        let later = now + Duration::from_secs(60);
        let wait = rate.book(1_000, later);
        assert!(wait >= Duration::from_millis(890), "{wait:?}");
    }

    #[test]
    fn no_limit_means_no_wait() {
        let throttle = Throttle::new(&Limits::default());
        let start = Instant::now();
        throttle.wait(u64::MAX, u64::MAX, || false);
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}
