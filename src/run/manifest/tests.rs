//! The journal under torn writes, damage, locks and replays.

use super::*;
use crate::diag::Code;
use std::path::Path;

fn header() -> Header {
    Header {
        version: MANIFEST_VERSION,
        table: "R.T".into(),
        target: "k.t".into(),
        identity: "1".into(),
        schema: "2".into(),
        source: "3".into(),
        write_time: 1_700_000_000_000_000,
        scn: Some(7),
        rows: None,
    }
}

fn done(read: u64) -> Done {
    Done {
        read,
        written: read - 1,
        rejected: 1,
        bytes: 10 * read,
        hash: u128::MAX - u128::from(read),
    }
}

fn planned() -> Load {
    let mut load = Load::new(header());
    for n in 0..3 {
        let range = ChunkRange::File {
            file: format!("{n}.csv"),
        };
        load.apply(Event::Chunk { range, attempts: 0 })
            .expect("chunk");
    }
    load.apply(Event::Planned { chunks: 3 }).expect("planned");
    load
}

fn started(folder: &Path) -> Journal {
    let lock = Lock::take(folder).expect("free");
    let mut journal = Journal::write(folder, &planned(), &lock).expect("written");
    let events = [
        Event::Open {
            chunk: 0,
            attempt: 1,
            scn: None,
        },
        Event::Open {
            chunk: 1,
            attempt: 1,
            scn: None,
        },
        Event::Done {
            chunk: 0,
            attempt: 1,
            done: done(5),
        },
    ];
    journal.append(&events).expect("appended");
    journal
}

fn states(folder: &Path) -> Vec<ChunkState> {
    let load = Journal::read(folder).expect("readable");
    load.chunks.iter().map(|c| c.state).collect()
}

#[test]
fn what_was_appended_comes_back() {
    let folder = tempfile::tempdir().expect("folder");
    let _journal = started(folder.path());
    let expected = [
        ChunkState::Done(done(5)),
        ChunkState::Open,
        ChunkState::Pending,
    ];
    assert_eq!(states(folder.path()), expected);
    let load = Journal::read(folder.path()).expect("readable");
    assert_eq!(load.header, header());
    assert_eq!((load.totals().done, load.totals().open), (1, 1));
    assert_eq!((load.totals().read, load.totals().rejected), (5, 1));
}

/// Every prefix of the file that still holds the plan is readable, and so is every prefix behind which the
/// file system left zeros; what was synced before the cut is never lost.
#[test]
fn a_power_cut_at_any_byte_of_the_last_write_loses_nothing_older() {
    let folder = tempfile::tempdir().expect("folder");
    let mut journal = started(folder.path());
    let path = folder.path().join("manifest.jsonl");
    let before = std::fs::read(&path).expect("bytes").len();
    let last = Event::Done {
        chunk: 1,
        attempt: 1,
        done: done(9),
    };
    journal.append(&[last]).expect("appended");
    let whole = std::fs::read(&path).expect("bytes");
    for cut in before..=whole.len() {
        for zeros in [0, 1, 4096] {
            let mut bytes = whole[..cut].to_vec();
            bytes.resize(cut + zeros, 0);
            std::fs::write(&path, &bytes).expect("cut");
            let expected = if cut == whole.len() {
                ChunkState::Done(done(9))
            } else {
                ChunkState::Open
            };
            let found = states(folder.path());
            assert_eq!(found[0], ChunkState::Done(done(5)), "cut at {cut}");
            assert_eq!(found[1], expected, "cut at {cut} with {zeros} zeros");
        }
    }
}

#[test]
fn a_torn_tail_is_gone_once_the_journal_is_opened_again() {
    let folder = tempfile::tempdir().expect("folder");
    drop(started(folder.path()));
    let path = folder.path().join("manifest.jsonl");
    let whole = std::fs::read(&path).expect("bytes");
    std::fs::write(&path, &whole[..whole.len() - 3]).expect("cut");
    let load = Journal::read(folder.path()).expect("readable");
    let lock = Lock::take(folder.path()).expect("free");
    let mut journal = Journal::write(folder.path(), &load, &lock).expect("compacted");
    let event = Event::Done {
        chunk: 2,
        attempt: 1,
        done: done(2),
    };
    journal.append(&[event]).expect("appended");
    let expected = [
        ChunkState::Pending,
        ChunkState::Pending,
        ChunkState::Done(done(2)),
    ];
    assert_eq!(states(folder.path()), expected);
    let attempts = Journal::read(folder.path()).expect("readable").chunks[1].attempts;
    assert_eq!(attempts, 1, "attempts survive");
}

#[test]
fn a_changed_byte_in_the_middle_is_damage() {
    let folder = tempfile::tempdir().expect("folder");
    drop(started(folder.path()));
    let path = folder.path().join("manifest.jsonl");
    let mut bytes = std::fs::read(&path).expect("bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).expect("damage");
    let error = Journal::read(folder.path()).expect_err("damaged");
    assert_eq!(error.code, Code::LoadDamaged);
}

#[test]
fn a_folder_has_one_run_at_a_time() {
    let folder = tempfile::tempdir().expect("folder");
    let first = Lock::take(folder.path()).expect("free");
    let error = Lock::take(folder.path()).expect_err("held");
    assert_eq!(error.code, Code::LoadLocked);
    drop(first);
    assert!(Lock::take(folder.path()).is_ok());
}

#[test]
fn reopened_chunks_are_loaded_again_and_retries_count() {
    let mut load = planned();
    load.apply(Event::Done {
        chunk: 2,
        attempt: 1,
        done: done(4),
    })
    .expect("done");
    load.apply(Event::Retried {
        loaded: 1,
        letters: 0,
    })
    .expect("retried");
    assert_eq!((load.totals().written, load.totals().rejected), (4, 0));
    load.apply(Event::Reopen { chunks: vec![2] })
        .expect("reopened");
    assert_eq!(load.chunks[2].state, ChunkState::Pending);
    assert!(load.apply(Event::Reopen { chunks: vec![3] }).is_err());
    assert!(!load.complete());
}
