//! Buckets that differ, row by row: which keys are missing, extra or different; then once more, by key.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::report::{ColumnDifference, Difference, Kind, Report};
use super::rows::{BUCKETS, Buckets, Scratch, Shape};
use super::source_side::SourceSide;
use super::{Options, Target, TargetRow, canon, show};
use crate::run::convert::values;
use crate::run::error::RunError;
use crate::run::row::Position;

thread_local! {
    /// Scans call from many threads; each has its buffers.
    static SCRATCH: std::cell::RefCell<Scratch> = std::cell::RefCell::new(Scratch::default());
}

/// Sums of the target.
pub fn sum(shape: &Shape, target: &dyn Target) -> Result<Buckets, RunError> {
    let sums = Mutex::new(Buckets::default());
    target.scan(&|row| {
        let digest = SCRATCH.with_borrow_mut(|s| shape.digest(row.iter().copied(), s));
        if let Some(digest) = digest {
            sums.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(digest);
        }
    })?;
    Ok(sums.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Buckets in groups that fit in memory.
pub fn groups(differing: &[(usize, u64)], rows: u64) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut held = u64::MAX;
    for (bucket, size) in differing {
        if held.saturating_add(*size) > rows {
            groups.push(Vec::new());
            held = 0;
        }
        held += size;
        if let Some(group) = groups.last_mut() {
            group.push(*bucket);
        }
    }
    groups
}

type Hashes = HashMap<Vec<u8>, u128>;

/// A key that differs so far.
struct Suspect {
    kind: Kind,
    /// As the target stores it, where it does.
    stored: Option<Vec<u8>>,
    /// Hash of the target's row as the scan saw it.
    seen: Option<u128>,
    /// The source's row and its place.
    source: Option<(Vec<u8>, Position)>,
}

/// Drills into a group of buckets.
pub fn group(
    side: SourceSide<'_>,
    target: &dyn Target,
    buckets: &[usize],
    options: &Options,
    report: &mut Report,
) -> Result<(), RunError> {
    let mut wanted = vec![false; BUCKETS];
    buckets.iter().for_each(|b| wanted[*b] = true);
    let (hashes, twice) = source_hashes(side, &wanted)?;
    report.source_duplicates += twice.len() as u64;
    let mut suspects = scan(side.shape, target, &wanted, hashes)?;
    for key in twice {
        suspects.entry(key).or_insert(Suspect {
            kind: Kind::DuplicateInSource,
            stored: None,
            seen: None,
            source: None,
        });
    }
    if suspects.is_empty() {
        return Ok(());
    }
    source_rows(side, &wanted, &mut suspects)?;
    std::thread::sleep(options.settle);
    confirm(side.shape, target, suspects, options, report)
}

/// Hashes of the source's rows by key, and the keys that came twice with other values.
fn source_hashes(
    side: SourceSide<'_>,
    wanted: &[bool],
) -> Result<(Hashes, HashSet<Vec<u8>>), RunError> {
    let all: Mutex<(Hashes, HashSet<Vec<u8>>)> = Mutex::default();
    // Keys are few beside the rows that pass: one lock is enough.
    side.each(
        || (),
        |(), row| {
            if !wanted[row.digest.bucket] {
                return;
            }
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            let before = all.0.insert(row.key.to_vec(), row.digest.hash);
            if before.is_some_and(|b| b != row.digest.hash) {
                all.1.insert(row.key.to_vec());
            }
        },
    )?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The target's rows against the hashes; what is left over is missing.
fn scan(
    shape: &Shape,
    target: &dyn Target,
    wanted: &[bool],
    hashes: Hashes,
) -> Result<HashMap<Vec<u8>, Suspect>, RunError> {
    let state = Mutex::new((hashes, HashMap::new()));
    target.scan(&|row| {
        SCRATCH.with_borrow_mut(|scratch| {
            let digest = shape.digest(row.iter().copied(), scratch);
            let Some(digest) = digest.filter(|d| wanted[d.bucket]) else {
                return;
            };
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let kind = match state.0.remove(&scratch.key) {
                Some(hash) if hash == digest.hash => return,
                Some(_) => Kind::Different,
                None => Kind::Extra,
            };
            let suspect = Suspect {
                kind,
                stored: Some(shape.stored_key(row)),
                seen: Some(digest.hash),
                source: None,
            };
            state.1.insert(scratch.key.clone(), suspect);
        });
    })?;
    let (left, mut suspects) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    for key in left.into_keys() {
        suspects.insert(
            key,
            Suspect {
                kind: Kind::Missing,
                stored: None,
                seen: None,
                source: None,
            },
        );
    }
    Ok(suspects)
}

/// Brings the source's rows of the keys that differ.
fn source_rows(
    side: SourceSide<'_>,
    wanted: &[bool],
    suspects: &mut HashMap<Vec<u8>, Suspect>,
) -> Result<(), RunError> {
    let found = Mutex::new(Vec::new());
    let keys: HashSet<&Vec<u8>> = suspects.keys().collect();
    side.each(
        || (),
        |(), row| {
            if wanted[row.digest.bucket] && keys.contains(&row.key.to_vec()) {
                let row = (row.key.to_vec(), row.encoded.to_vec(), row.position());
                found
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(row);
            }
        },
    )?;
    drop(keys);
    for (key, encoded, position) in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
        if let Some(suspect) = suspects.get_mut(&key) {
            suspect.source = Some((encoded, position));
        }
    }
    Ok(())
}

/// Looks every suspect up once more.
fn confirm(
    shape: &Shape,
    target: &dyn Target,
    suspects: HashMap<Vec<u8>, Suspect>,
    options: &Options,
    report: &mut Report,
) -> Result<(), RunError> {
    let mut suspects: Vec<_> = suspects.into_iter().collect();
    suspects.sort_by(|a, b| a.0.cmp(&b.0));
    for part in suspects.chunks(1000) {
        let keys: Vec<Vec<u8>> = part.iter().map(|(_, s)| stored(shape, s)).collect();
        for ((_, suspect), now) in part.iter().zip(target.fetch(&keys)?) {
            judge(shape, suspect, now, options, report);
        }
    }
    Ok(())
}

fn stored(shape: &Shape, suspect: &Suspect) -> Vec<u8> {
    match (&suspect.stored, &suspect.source) {
        (Some(key), _) => key.clone(),
        (None, Some((encoded, _))) => shape.stored_key(&values(encoded).collect::<Vec<_>>()),
        (None, None) => Vec::new(),
    }
}

/// Equal now, or not what the scan saw: in flight. Else it is a difference.
fn judge(
    shape: &Shape,
    suspect: &Suspect,
    now: Option<TargetRow>,
    options: &Options,
    report: &mut Report,
) {
    let now: Option<Vec<Option<&[u8]>>> = now
        .as_ref()
        .map(|row| row.iter().map(|v| v.as_deref()).collect());
    let source: Option<Vec<Option<&[u8]>>> = suspect
        .source
        .as_ref()
        .map(|(encoded, _)| values(encoded).collect());
    let mut scratch = Scratch::default();
    let mut hash = |row: &Option<Vec<Option<&[u8]>>>| {
        let row = row.as_ref()?;
        shape
            .digest(row.iter().copied(), &mut scratch)
            .map(|d| d.hash)
    };
    let (then, now_hash, source_hash) = (suspect.seen, hash(&now), hash(&source));
    let twice = suspect.kind == Kind::DuplicateInSource;
    if !twice && (now_hash == source_hash || now_hash != then) {
        report.in_flight += 1;
        return;
    }
    report.count(suspect.kind);
    if report.differences.len() >= options.max_differences {
        return;
    }
    let row = source.as_ref().or(now.as_ref());
    let columns = &shape.table.columns;
    let key = shape.primary().iter().map(|i| {
        let value = row.and_then(|r| r.get(*i).copied().flatten());
        (columns[*i].name.clone(), show::value(columns[*i].ty, value))
    });
    report.differences.push(Difference {
        kind: suspect.kind,
        key: key.collect(),
        position: suspect.source.as_ref().map(|(_, p)| p.clone()),
        columns: match (&source, &now) {
            (Some(source), Some(now)) => column_differences(shape, source, now),
            (None, _) | (_, None) => Vec::new(),
        },
    });
}

fn column_differences(
    shape: &Shape,
    source: &[Option<&[u8]>],
    target: &[Option<&[u8]>],
) -> Vec<ColumnDifference> {
    let mut out = Vec::new();
    for (i, column) in shape.table.columns.iter().enumerate() {
        let value = |row: &[Option<&[u8]>]| {
            let mut bytes = Vec::new();
            canon::value(column.ty, row.get(i).copied().flatten(), &mut bytes);
            bytes
        };
        if value(source) != value(target) {
            let shown =
                |row: &[Option<&[u8]>]| show::value(column.ty, row.get(i).copied().flatten());
            out.push(ColumnDifference {
                column: column.name.clone(),
                source: shown(source),
                target: shown(target),
            });
        }
    }
    out
}
