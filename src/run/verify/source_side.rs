//! The source's rows through the conversions that write, on several threads.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::rows::{Digest, Scratch, Shape};
use crate::run::convert::{Encoder, values};
use crate::run::error::RunError;
use crate::run::row::{Position, RowBatch};
use crate::run::source::{ChunkRange, Retry, RowSource, SourceError};

/// A row of the source.
pub struct SourceRow<'a> {
    /// Its digest.
    pub digest: Digest,
    /// Its canonical key.
    pub key: &'a [u8],
    /// Its values as they would be bound.
    pub encoded: &'a [u8],
    batch: &'a RowBatch,
    row: usize,
}

impl SourceRow<'_> {
    /// Where it stands.
    pub fn position(&self) -> Position {
        self.batch.position(self.row)
    }
}

/// What is read, and how.
#[derive(Clone, Copy)]
pub struct SourceSide<'a> {
    /// Rows.
    pub source: &'a dyn RowSource,
    /// Chunks that hold every row once.
    pub chunks: &'a [ChunkRange],
    /// Conversions.
    pub encoder: &'a Encoder,
    /// Shape of the table.
    pub shape: &'a Shape,
    /// As of.
    pub scn: Option<u64>,
    /// Threads.
    pub readers: usize,
}

/// A chunk whose session was lost is begun anew so many times.
const ATTEMPTS: u32 = 5;

fn failed(e: &SourceError) -> RunError {
    RunError::new(e.code(), e.to_string()).help(e.help())
}

impl SourceSide<'_> {
    /// Gives every row to a thread's own state, and then the states. The number is that of the rows that a load
    /// would reject.
    pub fn each<S: Send + Clone>(
        &self,
        start: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, &SourceRow<'_>) + Sync,
    ) -> Result<(Vec<S>, u64), RunError> {
        let queue: Mutex<VecDeque<&ChunkRange>> = Mutex::new(self.chunks.iter().collect());
        let work = || -> Result<(S, u64), SourceError> {
            let mut state = start();
            let mut rejected = 0;
            loop {
                let next = queue
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front();
                let Some(chunk) = next else {
                    return Ok((state, rejected));
                };
                let (after, bad) = self.attempts(chunk, &state, &each)?;
                (state, rejected) = (after, rejected + bad);
            }
        };
        let readers = self.readers.clamp(1, self.chunks.len().max(1));
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..readers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|t| t.join()).collect()
        });
        let mut states = Vec::new();
        let mut rejected = 0;
        for result in results {
            let defect = |_| {
                RunError::new(
                    crate::diag::Code::Defect,
                    "a reader of the comparison ended",
                )
            };
            let (state, bad) = result.map_err(defect)?.map_err(|e| failed(&e))?;
            states.push(state);
            rejected += bad;
        }
        Ok((states, rejected))
    }

    /// A lost session costs one chunk: its rows are counted from the state before it.
    fn attempts<S: Clone>(
        &self,
        chunk: &ChunkRange,
        before: &S,
        each: &(impl Fn(&mut S, &SourceRow<'_>) + Sync),
    ) -> Result<(S, u64), SourceError> {
        let mut attempt = 1;
        loop {
            let mut state = before.clone();
            match self.chunk(chunk, &mut state, each) {
                Ok(bad) => return Ok((state, bad)),
                Err(e) if e.retry() == Retry::Same && attempt < ATTEMPTS => attempt += 1,
                Err(e) => return Err(e),
            }
            std::thread::sleep(std::time::Duration::from_secs(u64::from(attempt)));
        }
    }

    fn chunk<S>(
        &self,
        chunk: &ChunkRange,
        state: &mut S,
        each: &impl Fn(&mut S, &SourceRow<'_>),
    ) -> Result<u64, SourceError> {
        let mut reader = self.source.open(chunk, self.scn)?;
        let mut batch = RowBatch::new();
        let (mut encoded, mut scratch, mut bad) = (Vec::new(), Scratch::default(), 0);
        while reader.next(&mut batch)? {
            bad += batch.bad().len() as u64;
            for row in 0..batch.len() {
                encoded.clear();
                if self.encoder.encode(&batch, row, &mut encoded).is_err() {
                    bad += 1;
                    continue;
                }
                if let Some(digest) = self.shape.digest(values(&encoded), &mut scratch) {
                    let (key, encoded, batch) = (&scratch.key[..], &encoded[..], &batch);
                    each(
                        state,
                        &SourceRow {
                            digest,
                            key,
                            encoded,
                            batch,
                            row,
                        },
                    );
                }
            }
        }
        Ok(bad)
    }
}
