//! What is written comes back, and what comes twice is found, however little memory there is.

use std::collections::BTreeSet;

use super::find::twice_within;
use super::*;
use crate::run::engine::Attempt;

fn attempt(chunk: usize, attempt: u32) -> Attempt {
    Attempt { chunk, attempt }
}

fn rows(numbers: impl Iterator<Item = u64>) -> Vec<Seen> {
    let row = |n: u64| Seen {
        key: xxhash_rust::xxh3::xxh3_64(&n.to_be_bytes()),
        row: n,
    };
    numbers.map(row).collect()
}

#[test]
fn segments_come_back_and_a_torn_one_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = KeyLog::open(folder.path()).expect("opens");
    let (first, second) = (rows(0..3), rows(3..5));
    log.push(attempt(0, 1), &first).expect("written");
    log.push(attempt(7, 2), &second).expect("written");
    log.sync().expect("synced");
    let path = folder.path().join("keys.bin");
    let bytes = std::fs::read(&path).expect("bytes");
    std::fs::write(&path, &bytes[..bytes.len() - 1]).expect("cut");
    let log = KeyLog::open(folder.path()).expect("opens");
    log.push(attempt(9, 1), &second).expect("written");
    let mut found = Vec::new();
    segments(folder.path(), |attempt, rows| {
        found.push((attempt, rows.to_vec()));
        Ok(())
    })
    .expect("reads");
    assert_eq!(found, [(attempt(0, 1), first), (attempt(9, 1), second)]);
}

#[test]
fn keys_with_other_values_are_found_in_whatever_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = KeyLog::open(folder.path()).expect("opens");
    let mut all = rows(0..5_000);
    // Twice alike is once; the attempt that was given up does not count; two hashes share all leading bits.
    all.push(all[17]);
    let other = |s: Seen| Seen { row: !s.row, ..s };
    let wanted: Vec<Seen> = [4, 99, 4_321].map(|n| other(all[n])).to_vec();
    all.extend(&wanted);
    for (n, part) in all.chunks(700).enumerate() {
        log.push(attempt(n, 2), part).expect("written");
        let given_up: Vec<Seen> = part.iter().map(|s| other(*s)).collect();
        log.push(attempt(n, 1), &given_up).expect("written");
    }
    let near = Seen { key: 8, row: 1 };
    let crowd: Vec<Seen> = (0..40)
        .map(|n| Seen {
            key: 8 | (n % 2),
            ..near
        })
        .collect();
    log.push(attempt(99, 2), &crowd).expect("written");
    let expected: BTreeSet<u64> = wanted.iter().map(|s| s.key).collect();
    for memory in [1, 10, 100_000] {
        let found = twice_within(folder.path(), |a| a.attempt == 2, 100, memory);
        assert_eq!(
            found.expect("searches"),
            expected,
            "{memory} rows in memory"
        );
    }
    let few = twice(folder.path(), |a| a.attempt == 2, 0).expect("searches");
    assert_eq!(few.len(), 1, "more than are allowed end the search");
}
