//! The manifest of a load: what it was started with, its chunks, and which of them are done. An append-only
//! journal of checked lines; a chunk is done when its line is on disk, and never before. Knows no target.

mod journal;
mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use journal::{Journal, Lock, sync_folder};
pub use state::{Chunk, ChunkState, Load, Totals};

use super::source::ChunkRange;

/// Version of the journal.
pub const MANIFEST_VERSION: u32 = 1;

/// What a load was started with; none of it changes while it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// Oracle table, for people.
    pub table: String,
    /// Targets, for people.
    pub target: String,
    /// Fingerprint of table, key, source and target of the specification.
    pub identity: String,
    /// Fingerprint of the columns, their types and conversions.
    pub schema: String,
    /// State of the source: files with sizes, or the table's own.
    pub source: String,
    /// Write time of all rows, microseconds since 1970: T0.
    pub write_time: i64,
    /// System change number that the rows are read at.
    pub scn: Option<u64>,
    /// Rows that statistics promise.
    pub rows: Option<u64>,
}

/// What a finished chunk came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Rows read.
    pub read: u64,
    /// Rows that every target has acknowledged.
    pub written: u64,
    /// Rows in the dead letter file.
    pub rejected: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Order-independent sum over the converted rows, as hexadecimal digits.
    #[serde(with = "hex")]
    pub hash: u128,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First line.
    Header(Header),
    /// A chunk, in order of number.
    Chunk {
        /// Where its rows are.
        range: ChunkRange,
        /// Attempts before this line.
        #[serde(default)]
        attempts: u32,
    },
    /// All chunks are known; without this line the load was never planned to its end.
    Planned {
        /// Number of chunks.
        chunks: usize,
    },
    /// An attempt begins.
    Open {
        /// Number of the chunk, from 0.
        chunk: usize,
        /// Attempt, from 1.
        attempt: u32,
        /// Read at this SCN instead of the load's own, which was gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scn: Option<u64>,
    },
    /// Everything of the chunk is acknowledged.
    Done {
        /// Number.
        chunk: usize,
        /// Attempt.
        attempt: u32,
        /// Counts.
        #[serde(flatten)]
        done: Done,
    },
    /// Done chunks that must be loaded again, because the target lost rows of them.
    Reopen {
        /// Numbers.
        chunks: Vec<usize>,
    },
    /// The keys of all rows were compared: these rows shared a key with an earlier one, and were rejected.
    Twice {
        /// Rejected, and counted as written before.
        rejected: u64,
        /// Checksum of the dead letter file that holds them; None if there are none.
        letters: Option<u64>,
    },
    /// Rejected rows were loaded after a fix.
    Retried {
        /// Loaded now.
        loaded: u64,
        /// Checksum of the dead letter file that holds the others.
        letters: u64,
    },
}

/// `u128` as hexadecimal text: JSON numbers end at 64 bits in too many tools.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &u128, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("{value:032x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u128, D::Error> {
        let text = String::deserialize(d)?;
        u128::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}
