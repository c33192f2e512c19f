//! Waiting for a stream to come to rest at the right state. A single look proves little: what
//! is right now may be on its way to something else.

use crate::harness::{Live, PATIENCE, failed};
use std::time::{Duration, Instant};

/// How long a right state must last to count as settled.
const SETTLED: Duration = Duration::from_secs(1);

/// Looks until `difference` has found none for a while; fails with the last one found.
pub fn until(difference: impl Fn() -> Live<Option<String>>) -> Live<()> {
    until_within(PATIENCE / 2, difference)
}

/// The same for what may take so long on a loaded machine.
pub fn until_within(patience: Duration, difference: impl Fn() -> Live<Option<String>>) -> Live<()> {
    let start = Instant::now();
    let mut right_since: Option<Instant> = None;
    loop {
        match (difference()?, right_since) {
            (None, Some(since)) if since.elapsed() >= SETTLED => return Ok(()),
            (None, Some(_)) => {}
            (None, None) => right_since = Some(Instant::now()),
            (Some(text), _) if start.elapsed() > patience => return Err(failed(text)),
            (Some(_), _) => right_since = None,
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
