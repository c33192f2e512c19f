//! The keys of all rows that a load wrote, as hashes in a file: so that a key that comes twice with other values is
//! found, whichever chunks its rows stand in, in memory that does not grow with the rows. Knows no target.
//!
//! Cassandra settles two writes of one key and one write time cell by cell, by value: two rows of a source that
//! share a key would silently become a mixture of both.

mod find;
mod log;
#[cfg(test)]
mod tests;

pub use find::twice;
pub use log::{KeyLog, remove, segments};

/// A row that was converted: 16 bytes on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Hash of the key's bytes.
    pub key: u64,
    /// Hash of the whole row.
    pub row: u64,
}

impl Seen {
    /// Bytes of a row in the file.
    const SIZE: usize = 16;

    fn bytes(self) -> [u8; Self::SIZE] {
        (u128::from(self.key) << 64 | u128::from(self.row)).to_be_bytes()
    }

    fn of(bytes: [u8; Self::SIZE]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self {
            key: (both >> 64) as u64,
            row: both as u64,
        }
    }
}
