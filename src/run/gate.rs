//! How many requests and bytes are under way: a gate that readers wait at, and its adaptation to the latency
//! that the target shows. Knows no protocol.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::plan::model::Limits;

/// How often the number of requests is looked at.
const PERIOD: Duration = Duration::from_millis(250);

/// Buckets of latencies: powers of the square root of two, from 64 microseconds to minutes.
const BUCKETS: usize = 48;

#[derive(Debug)]
struct State {
    requests: usize,
    bytes: usize,
    allowed: usize,
    /// Somebody waited since the last look: more could be sent.
    wanted: bool,
    /// Those who wait now, and when one last did.
    waiting: usize,
    waited: Instant,
    latencies: [u32; BUCKETS],
    looked: Instant,
    closed: bool,
}

/// The gate.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
    least: usize,
    most: usize,
    budget: usize,
    target: Duration,
}

impl Gate {
    /// As the limits say. Half of the memory is for rows before the gate, half for requests behind it.
    pub fn new(limits: &Limits) -> Self {
        let least = limits.in_flight_min.max(1) as usize;
        let most = (limits.in_flight_max as usize).max(least);
        Self {
            state: Mutex::new(State {
                requests: 0,
                bytes: 0,
                allowed: (least * 4).min(most),
                wanted: false,
                waiting: 0,
                waited: Instant::now(),
                latencies: [0; BUCKETS],
                looked: Instant::now(),
                closed: false,
            }),
            changed: Condvar::new(),
            least,
            most,
            budget: (limits.memory_mb.max(1) as usize) << 19,
            target: Duration::from_millis(u64::from(limits.latency_ms.max(1))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request of so many bytes may go. One that is larger than the budget goes alone.
    /// False when the load was given up meanwhile.
    pub fn enter(&self, bytes: usize) -> bool {
        let mut state = self.lock();
        loop {
            if state.closed {
                return false;
            }
            let fits = state.bytes == 0 || state.bytes + bytes <= self.budget;
            if fits && state.requests < state.allowed {
                state.requests += 1;
                state.bytes += bytes;
                return true;
            }
            state.wanted = true;
            state.waiting += 1;
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
            state.waited = Instant::now();
        }
    }

    /// The same, waiting no longer than `patience`; None: there was no room.
    pub fn enter_within(&self, bytes: usize, patience: Duration) -> Option<bool> {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if state.closed {
                return Some(false);
            }
            let fits = state.bytes == 0 || state.bytes + bytes <= self.budget;
            if fits && state.requests < state.allowed {
                state.requests += 1;
                state.bytes += bytes;
                return Some(true);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state.wanted = true;
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A request has ended, with this latency of its last attempt; None if it says nothing about the target.
    pub fn leave(&self, bytes: usize, latency: Option<Duration>) {
        let mut state = self.lock();
        state.requests -= 1;
        state.bytes -= bytes;
        if let Some(latency) = latency {
            state.latencies[bucket(latency)] += 1;
        }
        if state.looked.elapsed() >= PERIOD {
            self.adapt(&mut state);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// The target is in trouble: as few requests as possible.
    pub fn back_off(&self) {
        self.lock().allowed = self.least;
    }

    /// Nobody gets in any more; those who wait are let go.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// How long nobody has had to wait: the target could take more.
    pub fn open_for(&self) -> Duration {
        let state = self.lock();
        match state.waiting {
            0 => state.waited.elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// Requests under way and allowed.
    pub fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.requests, state.allowed)
    }

    fn adapt(&self, state: &mut State) {
        if let Some(p99) = percentile(&state.latencies) {
            if p99 > self.target {
                state.allowed = (state.allowed * 3 / 4).max(self.least);
            } else if state.wanted && p99 * 2 <= self.target {
                state.allowed = (state.allowed + state.allowed / 4 + 1).min(self.most);
                self.changed.notify_all();
            }
        }
        state.latencies = [0; BUCKETS];
        state.wanted = false;
        state.looked = Instant::now();
    }
}

fn bucket(latency: Duration) -> usize {
    let micros = latency.as_micros().max(1) as f64;
    let half_powers = (micros.log2() * 2.0) as usize;
    half_powers.saturating_sub(12).min(BUCKETS - 1)
}

/// The upper end of the bucket that 99 of 100 latencies do not exceed.
fn percentile(latencies: &[u32; BUCKETS]) -> Option<Duration> {
    let all: u64 = latencies.iter().map(|n| u64::from(*n)).sum();
    let beyond = all / 100;
    let mut slower = 0;
    for (n, count) in latencies.iter().enumerate().rev() {
        slower += u64::from(*count);
        if slower > beyond {
            let micros = 2f64.powf((n + 13) as f64 / 2.0);
            return Some(Duration::from_micros(micros as u64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn limits() -> Limits {
        Limits {
            memory_mb: 2,
            ..Limits::default()
        }
    }

    /// Sends requests of one latency as fast as the gate lets them in, for some rounds of adaptation.
    fn settle(gate: &Gate, latency: Duration) -> usize {
        for _ in 0..40 {
            let mut inside = 0;
            while gate.load().0 < gate.load().1 {
                assert!(gate.enter(10));
                inside += 1;
            }
            gate.lock().wanted = true;
            let past = Instant::now().checked_sub(PERIOD).expect("up long enough");
            gate.lock().looked = past;
            for _ in 0..inside {
                gate.leave(10, Some(latency));
            }
        }
        gate.load().1
    }

    #[test]
    fn quick_answers_open_the_gate_and_slow_ones_close_it() {
        let gate = Gate::new(&limits());
        let most = Limits::default().in_flight_max as usize;
        assert_eq!(settle(&gate, Duration::from_millis(5)), most);
        assert_eq!(settle(&gate, Duration::from_secs(2)), 16);
        gate.back_off();
        assert_eq!(gate.load().1, 16);
    }

    #[test]
    fn the_slow_hundredth_counts() {
        let mut latencies = [0; BUCKETS];
        latencies[bucket(Duration::from_millis(1))] = 980;
        latencies[bucket(Duration::from_millis(900))] = 20;
        assert!(percentile(&latencies).expect("some") >= Duration::from_millis(900));
        latencies[bucket(Duration::from_millis(900))] = 5;
        assert!(percentile(&latencies).expect("some") < Duration::from_millis(3));
    }

    #[test]
    fn bytes_are_bounded_and_a_giant_goes_alone() {
        let gate = Arc::new(Gate::new(&limits()));
        assert!(gate.enter(50 << 20), "alone");
        let other = Arc::clone(&gate);
        let waiting = std::thread::spawn(move || other.enter(1));
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(gate.load().0, 1);
        assert_eq!(gate.open_for(), Duration::ZERO);
        gate.leave(50 << 20, None);
        assert!(waiting.join().expect("no panic"));
        gate.close();
        assert!(!gate.enter(1));
    }
}
