//! Free TCP ports, below the range from which the kernel takes ports for outgoing
//! connections, so that a port found free stays free until its server binds it.

use super::{Live, failed};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;
/// Zero until the first call; then the next candidate, counted from `FIRST`.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// Ports of 127.0.0.1 that nobody listens on; never the same port twice in one run.
pub fn free<const N: usize>() -> Live<[u16; N]> {
    let mut found = [0; N];
    for slot in &mut found {
        *slot = next_free()?;
    }
    Ok(found)
}

fn next_free() -> Live<u16> {
    // Two runs at the same time start at different places.
    let start = 1 + (std::process::id() * 97 % u32::from(COUNT - 1)) as u16;
    let _ = NEXT.compare_exchange(0, start, Ordering::Relaxed, Ordering::Relaxed);
    for _ in 0..COUNT {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(failed("no free port between 20000 and 30000"))
}
