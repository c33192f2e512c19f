//! The state of a load, as the events of its journal make it.

use super::{Done, Event, Header};
use crate::run::source::ChunkRange;

/// How far a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkState {
    /// To be loaded.
    Pending,
    /// Begun, and not known to be done.
    Open,
    /// Acknowledged.
    Done(Done),
}

/// A chunk.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where its rows are.
    pub range: ChunkRange,
    /// How far it is.
    pub state: ChunkState,
    /// Attempts so far.
    pub attempts: u32,
}

/// A load.
#[derive(Clone, Debug)]
pub struct Load {
    /// What it was started with.
    pub header: Header,
    /// Its chunks by number.
    pub chunks: Vec<Chunk>,
    /// All chunks are known.
    pub planned: bool,
    /// Rejected rows that were loaded later.
    pub retried: u64,
    /// Rows that were rejected because an earlier one has their key; None: not looked for yet.
    pub twice: Option<u64>,
    /// Checksum of the dead letter file after the last retry.
    pub letters: Option<u64>,
}

/// Sums over the chunks that are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// All chunks.
    pub chunks: usize,
    /// Those done.
    pub done: usize,
    /// Those begun and not done.
    pub open: usize,
    /// Rows read.
    pub read: u64,
    /// Rows acknowledged.
    pub written: u64,
    /// Rows rejected and not loaded since.
    pub rejected: u64,
    /// Bytes sent.
    pub bytes: u64,
}

impl Load {
    /// A load without chunks.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            chunks: Vec::new(),
            planned: false,
            retried: 0,
            twice: None,
            letters: None,
        }
    }

    /// Applies an event; says what is wrong with one that does not fit.
    pub fn apply(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Header(_) => return Err("a second header".into()),
            Event::Chunk { range, attempts } => self.chunks.push(Chunk {
                range,
                state: ChunkState::Pending,
                attempts,
            }),
            Event::Planned { chunks } if chunks != self.chunks.len() => {
                return Err(format!(
                    "{chunks} chunks planned, {} known",
                    self.chunks.len()
                ));
            }
            Event::Planned { .. } => self.planned = true,
            Event::Open { chunk, attempt, .. } => {
                let c = self.chunk(chunk)?;
                (c.state, c.attempts) = (ChunkState::Open, attempt);
            }
            Event::Done {
                chunk,
                attempt,
                done,
            } => {
                let c = self.chunk(chunk)?;
                (c.state, c.attempts) = (ChunkState::Done(done), attempt);
            }
            Event::Reopen { chunks } => {
                if chunks.len() == self.chunks.len() {
                    // All rows are rejected again, those too that were loaded later.
                    self.retried = 0;
                }
                self.twice = None;
                for chunk in chunks {
                    self.chunk(chunk)?.state = ChunkState::Pending;
                }
            }
            Event::Twice { rejected, letters } => {
                self.twice = Some(rejected);
                self.letters = letters.or(self.letters);
            }
            Event::Retried { loaded, letters } => {
                self.retried += loaded;
                self.letters = Some(letters);
            }
        }
        Ok(())
    }

    fn chunk(&mut self, number: usize) -> Result<&mut Chunk, String> {
        let known = self.chunks.len();
        self.chunks
            .get_mut(number)
            .ok_or_else(|| format!("chunk {number} of {known}"))
    }

    /// Sums.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals {
            chunks: self.chunks.len(),
            ..Totals::default()
        };
        for chunk in &self.chunks {
            match chunk.state {
                ChunkState::Pending => {}
                ChunkState::Open => totals.open += 1,
                ChunkState::Done(done) => {
                    totals.done += 1;
                    totals.read += done.read;
                    totals.written += done.written;
                    totals.rejected += done.rejected;
                    totals.bytes += done.bytes;
                }
            }
        }
        let twice = self.twice.unwrap_or(0);
        totals.written = (totals.written + self.retried).saturating_sub(twice);
        totals.rejected = (totals.rejected + twice).saturating_sub(self.retried);
        totals
    }

    /// Every chunk is done.
    pub fn complete(&self) -> bool {
        self.planned
            && self
                .chunks
                .iter()
                .all(|c| matches!(c.state, ChunkState::Done(_)))
    }

    /// The events that make this state: what a compacted journal holds.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        let chunks = self.chunks.iter().map(|c| Event::Chunk {
            range: c.range.clone(),
            attempts: c.attempts,
        });
        let planned = self.planned.then_some(Event::Planned {
            chunks: self.chunks.len(),
        });
        let done = self
            .chunks
            .iter()
            .enumerate()
            .filter_map(|(n, c)| match c.state {
                ChunkState::Done(done) => Some(Event::Done {
                    chunk: n,
                    attempt: c.attempts,
                    done,
                }),
                ChunkState::Pending | ChunkState::Open => None,
            });
        let twice = self.twice.map(|rejected| Event::Twice {
            rejected,
            letters: self.letters,
        });
        let retried = self.letters.map(|letters| Event::Retried {
            loaded: self.retried,
            letters,
        });
        std::iter::once(Event::Header(self.header.clone()))
            .chain(chunks)
            .chain(planned)
            .chain(done)
            .chain(twice)
            .chain(retried)
    }
}
