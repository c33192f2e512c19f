//! Pauses between attempts: growing, with jitter, within a span of time. The drivers' own policies try again at
//! once, which turns a server's restart into an error for every row.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// The attempts of one request.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    started: Instant,
    patience: Duration,
    attempt: u32,
    seed: u64,
}

impl Backoff {
    /// Attempts within `patience`; `seed` keeps the pauses of many requests apart.
    pub fn new(patience: Duration, seed: u64) -> Self {
        Self {
            started: Instant::now(),
            patience,
            attempt: 0,
            seed,
        }
    }

    /// The pause before the next attempt; None when patience is at its end.
    pub fn pause(&mut self) -> Option<Duration> {
        if self.started.elapsed() >= self.patience {
            return None;
        }
        let base = FIRST.saturating_mul(1 << self.attempt.min(7)).min(LONGEST);
        self.attempt += 1;
        // Half fixed, half spread: splitmix64's output function over request and attempt.
        let mut z = self.seed.wrapping_add(u64::from(self.attempt) << 32);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let part = (z >> 40) as f64 / (1u64 << 24) as f64;
        Some(base / 2 + base.mul_f64(part / 2.0))
    }

    /// Attempts that failed.
    pub fn attempts(&self) -> u32 {
        self.attempt
    }

    /// How long it has been tried.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit_and_differ_between_requests() {
        let mut a = Backoff::new(Duration::from_secs(60), 1);
        let mut b = Backoff::new(Duration::from_secs(60), 2);
        let pauses: Vec<Duration> = (0..12).filter_map(|_| a.pause()).collect();
        assert!(pauses[0] <= FIRST && pauses[0] >= FIRST / 2);
        assert!(pauses[11] >= LONGEST / 2 && pauses[11] <= LONGEST);
        assert_ne!(pauses[0], b.pause().expect("patient"));
        assert_eq!(a.attempts(), 12);
    }

    #[test]
    fn patience_ends() {
        assert_eq!(Backoff::new(Duration::ZERO, 1).pause(), None);
    }
}
