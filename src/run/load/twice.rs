//! Rows that share a key and not their values: the first in the order of the source stays, the others go to the
//! dead letter file. Cassandra may hold a mixture of them by then, for all were written at one time; so the first is
//! written again as a whole, NULLs included, a microsecond later. That is still before every captured change.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::targets::Targets;
use super::{Options, retry};
use crate::diag::Code;
use crate::plan::model::BackfillSpec;
use crate::run::deadletter::{self, Dead, Why};
use crate::run::engine::{Attempt, Control};
use crate::run::error::RunError;
use crate::run::keys::{self, KeyLog, Seen};
use crate::run::manifest::{ChunkState, Event, Journal, Load};
use crate::run::row::RowBatch;
use crate::run::sink::Lane;
use crate::run::source::RowSource;
use crate::run::spec::Loaded;

/// The chunk that stands for rows of the dead letter file which were loaded later.
const RETRIED: Attempt = Attempt {
    chunk: usize::MAX,
    attempt: 1,
};

/// Stable code in dead letters.
const CODE: &str = "duplicate-key";

/// What the search needs of a run.
pub(super) struct Search<'a> {
    pub loaded: &'a Loaded<BackfillSpec>,
    pub options: &'a Options,
    pub control: &'a Arc<Control>,
    pub folder: &'a Path,
    pub source: &'a dyn RowSource,
    pub targets: &'a Targets,
}

/// The attempt wrote what the load consists of.
fn counts(load: &Load, attempt: Attempt) -> bool {
    let done = |c: &crate::run::manifest::Chunk| {
        matches!(c.state, ChunkState::Done(_)) && c.attempts == attempt.attempt
    };
    attempt == RETRIED || load.chunks.get(attempt.chunk).is_some_and(done)
}

/// Rows that share a key: the first of each, and the others with their reason.
#[derive(Default)]
struct Shared {
    first: Vec<Dead>,
    others: Vec<Dead>,
}

/// The first row of a key.
struct First {
    hash: u64,
    row: Dead,
    alone: bool,
}

impl Search<'_> {
    /// Finds them, settles which row stays, and writes down that it is done.
    pub fn settle(&self, load: &mut Load, journal: &mut Journal) -> Result<(), RunError> {
        self.missing_keys(load)?;
        let dead = deadletter::of_done_chunks(self.folder, load)?;
        let allowed = self.allowed(load);
        let keys = keys::twice(self.folder, |a| counts(load, a), allowed)?;
        let shared = self.rows(load, &keys, &dead, allowed)?;
        self.write_again(load, &shared.first)?;
        let rejected = shared.others.len() as u64;
        let letters = match rejected {
            0 => None,
            _ => {
                let all: Vec<Dead> = dead.into_iter().chain(shared.others).collect();
                Some(deadletter::prepare(self.folder, &all)?)
            }
        };
        let event = Event::Twice { rejected, letters };
        journal.append(std::slice::from_ref(&event))?;
        load.apply(event)
            .map_err(|e| RunError::new(Code::Defect, e))?;
        deadletter::settle(self.folder, load.letters)
    }

    /// Rows that may still be rejected.
    fn allowed(&self, load: &Load) -> usize {
        let most = super::max_errors(&self.loaded.spec, self.options);
        usize::try_from(most.saturating_sub(load.totals().rejected)).unwrap_or(usize::MAX)
    }

    /// Reads chunks again whose keys are not all in the file: a power cut or an older version left them out.
    fn missing_keys(&self, load: &Load) -> Result<(), RunError> {
        let mut known = vec![0u64; load.chunks.len()];
        keys::segments(self.folder, |attempt, rows| {
            if attempt != RETRIED && counts(load, attempt) {
                known[attempt.chunk] += rows.len() as u64;
            }
            Ok(())
        })?;
        let mut log = None;
        for (chunk, c) in load.chunks.iter().enumerate() {
            let ChunkState::Done(done) = c.state else {
                continue;
            };
            if known[chunk] >= done.written {
                continue;
            }
            let log = match &mut log {
                Some(log) => log,
                None => log.insert(KeyLog::open(self.folder)?),
            };
            let attempt = Attempt {
                chunk,
                attempt: c.attempts,
            };
            let mut rows = Vec::new();
            self.read(load, chunk, |seen, _, _| {
                rows.push(seen);
                Ok(())
            })?;
            log.push(attempt, &rows)?;
        }
        Ok(())
    }

    /// Calls `each` with every row of a chunk that converts and has a key.
    fn read(
        &self,
        load: &Load,
        chunk: usize,
        mut each: impl FnMut(Seen, &RowBatch, usize) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let Some(sink) = self.targets.sinks.first() else {
            return Ok(());
        };
        let mut lane = sink.lane();
        let range = &load.chunks[chunk].range;
        let mut reader = self.source.open(range, load.header.scn)?;
        let mut batch = RowBatch::new();
        while reader.next(&mut batch)? {
            for row in 0..batch.len() {
                if let Some(seen) = seen(lane.as_mut(), &batch, row) {
                    each(seen, &batch, row)?;
                }
            }
        }
        Ok(())
    }

    /// The rows of these keys, in the order of the source. `dead` are those that no target has.
    fn rows(
        &self,
        load: &Load,
        keys: &BTreeSet<u64>,
        dead: &[Dead],
        allowed: usize,
    ) -> Result<Shared, RunError> {
        let mut firsts: HashMap<u64, First> = HashMap::new();
        let mut others = Vec::new();
        for chunk in self.chunks_of(load, keys)? {
            let attempt = load.chunks[chunk].attempts;
            self.read(load, chunk, |seen, batch, row| {
                let position = batch.position(row);
                let lost = |d: &&Dead| d.chunk == Some(chunk) && d.position == position;
                if !keys.contains(&seen.key) || dead.iter().any(|d| lost(&d)) {
                    return Ok(());
                }
                let letter = |why| {
                    let columns = self.source.columns();
                    Dead::of_row((Some(chunk), attempt), batch, row, columns, why)
                };
                match firsts.get_mut(&seen.key) {
                    None => {
                        let first = First {
                            hash: seen.row,
                            row: letter(self.why("")),
                            alone: true,
                        };
                        firsts.insert(seen.key, first);
                    }
                    Some(first) if first.hash == seen.row => {}
                    Some(first) => {
                        first.alone = false;
                        let place = first.row.position.to_string();
                        others.push(letter(self.why(&place)));
                    }
                }
                self.enough(others.len(), allowed, others.last())
            })?;
        }
        let kept = firsts.into_values().filter(|f| !f.alone);
        let mut first: Vec<Dead> = kept.map(|f| f.row).collect();
        first.sort_by_key(|d| (d.chunk, d.position.to_string()));
        Ok(Shared { first, others })
    }

    fn enough(&self, found: usize, allowed: usize, last: Option<&Dead>) -> Result<(), RunError> {
        if found <= allowed {
            return Ok(());
        }
        let place = last.map_or_else(String::new, |d| format!("; {}: {}", d.position, d.reason));
        let message = format!(
            "more rows than are allowed have the key of an earlier row and other values{place}"
        );
        Err(RunError::new(Code::TooManyErrors, message).help(
            "the key of the specification may not be the table's: check `key`; or allow more with --max-errors. \
             Until it is settled the target may hold mixtures of such rows",
        ))
    }

    /// Chunks that hold rows of these keys.
    fn chunks_of(&self, load: &Load, keys: &BTreeSet<u64>) -> Result<BTreeSet<usize>, RunError> {
        let mut chunks = BTreeSet::new();
        if keys.is_empty() {
            return Ok(chunks);
        }
        keys::segments(self.folder, |attempt, rows| {
            let wanted = attempt != RETRIED && counts(load, attempt);
            if wanted && rows.iter().any(|r| keys.contains(&r.key)) {
                chunks.insert(attempt.chunk);
            }
            Ok(())
        })?;
        Ok(chunks)
    }

    fn why(&self, place: &str) -> Why {
        why(&self.loaded.spec, place)
    }

    /// Writes the rows that stay as a whole, a microsecond later.
    fn write_again(&self, load: &Load, rows: &[Dead]) -> Result<(), RunError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut header = load.header.clone();
        header.write_time += 1;
        let options = Options {
            whole: true,
            ..self.options.clone()
        };
        let refused = retry::attempt(
            self.loaded,
            &options,
            self.control,
            &header,
            self.folder,
            rows,
        )?;
        match refused.first() {
            None => Ok(()),
            Some(row) => {
                let message = format!("{}: {}", row.position, row.reason);
                Err(RunError::new(Code::WriteFailed, message).help(
                    "a row that had been written is refused now: look after the target, then `backfill resume`",
                ))
            }
        }
    }
}

fn why(spec: &BackfillSpec, place: &str) -> Why {
    Why {
        column: (!spec.key.is_empty()).then(|| spec.key.join(", ")),
        code: CODE.to_owned(),
        reason: format!("the key of {place} again, with other values; that row was kept"),
    }
}

/// The hashes of a row, if it converts and has a key. Leaves nothing in the lane.
fn seen(lane: &mut dyn Lane, batch: &RowBatch, row: usize) -> Option<Seen> {
    lane.add(batch, row).ok()?;
    let mut key = Vec::new();
    lane.key(&mut key);
    let seen = Seen {
        key: xxh3_64(&key),
        row: xxh3_128(lane.last()) as u64,
    };
    lane.undo();
    (!key.is_empty()).then_some(seen)
}

/// Hashes of rows that are to be loaded after a fix; None for those that do not convert.
pub(super) fn seen_letters(
    source: &dyn RowSource,
    targets: &Targets,
) -> Result<Vec<Option<Seen>>, RunError> {
    let mut all = Vec::new();
    let Some(sink) = targets.sinks.first() else {
        return Ok(all);
    };
    let mut lane = sink.lane();
    for range in source.plan_chunks(1)? {
        let mut reader = source.open(&range, None)?;
        let mut batch = RowBatch::new();
        while reader.next(&mut batch)? {
            all.extend((0..batch.len()).map(|row| seen(lane.as_mut(), &batch, row)));
        }
    }
    Ok(all)
}

/// Numbers of the rows whose key belongs to another row: one that was loaded, or an earlier one of these.
pub(super) fn taken(
    folder: &Path,
    load: &Load,
    rows: &[Option<Seen>],
) -> Result<BTreeSet<usize>, RunError> {
    let mut owners: HashMap<u64, BTreeSet<u64>> = HashMap::new();
    let mut taken = BTreeSet::new();
    let wanted: BTreeSet<u64> = rows.iter().flatten().map(|s| s.key).collect();
    keys::segments(folder, |attempt, seen| {
        if counts(load, attempt) {
            for s in seen.iter().filter(|s| wanted.contains(&s.key)) {
                owners.entry(s.key).or_default().insert(s.row);
            }
        }
        Ok(())
    })?;
    for (n, seen) in rows.iter().enumerate() {
        let Some(seen) = seen else { continue };
        let of_key = owners.entry(seen.key).or_default();
        if of_key.iter().any(|row| *row != seen.row) {
            taken.insert(n);
        } else {
            of_key.insert(seen.row);
        }
    }
    Ok(taken)
}

/// A row that cannot be loaded because its key belongs to another one.
pub(super) fn refused(spec: &BackfillSpec, dead: Dead) -> Dead {
    let why = why(spec, "a row that is loaded");
    Dead {
        column: why.column,
        code: why.code,
        reason: why.reason,
        ..dead
    }
}

/// Notes the keys of rows that were loaded after a fix.
pub(super) fn note(folder: &Path, rows: &[Seen]) -> Result<(), RunError> {
    let log = KeyLog::open(folder)?;
    log.push(RETRIED, rows)?;
    log.sync()
}
