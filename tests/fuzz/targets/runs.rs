//! Seeded runs in one process, for which no fuzzer and no nightly compiler is needed:
//!
//!     cargo run --release --manifest-path tests/fuzz/Cargo.toml --no-default-features --bin runs -- N [SEED]
//!
//! N texts are made and checked as by the fuzz targets: half of them words of the language in any order, half of them
//! bytes (random ones, and the seeds with bytes changed, cut out and doubled); every 256th is also read many times
//! over, and must cost as much a byte as once. Prints each text that fails; one that does not come back is printed by
//! a watchdog, which ends the process. Ends with 1 where a text failed.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use ora2stream::source::FileId;
use ora2stream::source::decode::{decode, looks_binary};
use ora2stream::syntax::parse_text;

/// What no text may take.
const HANG: Duration = Duration::from_secs(20);
/// What a byte of a repeated text may cost, most of it diagnostics.
const A_BYTE: Duration = Duration::from_micros(3);
/// How often a text is repeated to see whether its cost grows faster than its length.
const REPEAT: usize = 400;

/// The text that is being checked, and since when.
type Current = Arc<Mutex<Option<(String, Instant)>>>;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|a| a.parse::<u64>());
    let (Some(Ok(n)), seed) = (numbers.next(), numbers.next()) else {
        eprintln!("usage: runs N [SEED]");
        return ExitCode::from(2);
    };
    let seed = seed.and_then(Result::ok).unwrap_or(1);
    let (start, current) = (Instant::now(), Current::default());
    watch(current.clone());
    std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    let (mut rng, seeds, mut failed, mut bytes) = (Rng(seed | 1), seeds(), 0u64, 0usize);
    for i in 0..n {
        let Some(text) = text(&mut rng, &seeds) else {
            continue;
        };
        bytes += text.len();
        set(&current, Some((text.clone(), Instant::now())));
        let good = catch_unwind(|| oracle::check(&text)).is_ok()
            && (i % 256 != 0 || catch_unwind(|| repeated(&text)).is_ok());
        if !good {
            failed += 1;
            println!("FAILED {text:?}");
        }
    }
    set(&current, None);
    println!(
        "{n} runs, {bytes} bytes, seed {seed}: {failed} failed, {:.0?}",
        start.elapsed()
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn set(current: &Current, text: Option<(String, Instant)>) {
    *current.lock().expect("the watchdog does not panic") = text;
}

/// Prints a text that takes too long, and ends the process.
fn watch(current: Current) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let held = current.lock().expect("the runs do not panic here");
            if let Some((text, since)) = held.as_ref().filter(|(_, s)| s.elapsed() > HANG) {
                println!("HANGS, {:?} {text:?}", since.elapsed());
                std::process::exit(1);
            }
        }
    });
}

/// Many copies of the text cost as much a byte as any other; the better of two readings counts.
fn repeated(text: &str) {
    let many = text.repeat(REPEAT);
    let once = || {
        let start = busy();
        parse_text(&many, FileId(0));
        busy().saturating_sub(start)
    };
    let most = A_BYTE * many.len() as u32;
    let taken = once();
    let taken = if taken > most {
        taken.min(once())
    } else {
        taken
    };
    assert!(
        taken <= most,
        "{taken:?} for {} bytes: {REPEAT} copies",
        many.len()
    );
}

/// Time that this thread was busy, where the system tells; else the time of day.
fn busy() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let busy = told.and_then(|t| t.split(' ').next()?.parse().ok());
    busy.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Texts to start from.
fn seeds() -> Vec<Vec<u8>> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/bytes");
    let mut paths: Vec<_> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    paths.sort();
    paths.iter().filter_map(|p| std::fs::read(p).ok()).collect()
}

/// None for bytes that are no text.
fn text(rng: &mut Rng, seeds: &[Vec<u8>]) -> Option<String> {
    if rng.below(2) == 0 {
        let len = rng.below(60) + 2;
        return Some(oracle::soup(&rng.bytes(len)));
    }
    let bytes = match rng.below(4) {
        0 => rng.many(40),
        1 => rng
            .many(40)
            .iter()
            .map(|b| PUNCTUATION[usize::from(*b) % PUNCTUATION.len()])
            .collect(),
        _ if seeds.is_empty() => return None,
        _ => injured(seeds[rng.below(seeds.len())].clone(), rng),
    };
    (!looks_binary(&bytes))
        .then(|| decode(&bytes, None).text)
        .filter(|t| !t.is_empty())
}

const PUNCTUATION: &[u8] = b"'\"/*-;().,:=<>|@%&$#!^~[]{}\\\n\r\t aqnEx019\x00\x1a\x83\xe3";

/// A few bytes changed, stretches cut out, doubled or moved.
fn injured(mut bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    for _ in 0..=rng.below(4) {
        let at = rng.below(bytes.len().max(1));
        let end = (at + rng.below(30) + 1).min(bytes.len());
        let piece = bytes[at.min(end)..end].to_vec();
        match rng.below(4) {
            0 => bytes.splice(at.min(end)..end, []).for_each(drop),
            1 => bytes.splice(at.min(end)..at.min(end), piece).for_each(drop),
            2 => {
                let to = rng.below(bytes.len() + 1);
                bytes.splice(to..to, piece).for_each(drop);
            }
            _ => bytes
                .splice(at.min(end)..end.min(at + 1), rng.many(3))
                .for_each(drop),
        }
    }
    bytes
}

/// Xorshift: the same texts for the same seed, wherever it runs.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 32) as usize) % n.max(1)
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| (self.next() >> 32) as u8).collect()
    }

    fn many(&mut self, most: usize) -> Vec<u8> {
        let n = self.below(most);
        self.bytes(n)
    }
}
