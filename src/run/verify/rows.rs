//! A row as both sides see it: its canonical key, its bucket, its hash.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::canon;
use crate::run::convert::{TargetTable, number};

/// Buckets of the comparison.
pub const BUCKETS: usize = 4096;

/// What rows of a table look like.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The table, columns in the order of binding.
    pub table: TargetTable,
    primary: Vec<usize>,
    until: Option<(usize, i64)>,
}

/// A row's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Bucket of the key.
    pub bucket: usize,
    /// Hash of the whole row.
    pub hash: u128,
}

/// Buffers of one thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Canonical key of the last row.
    pub key: Vec<u8>,
    row: Vec<u8>,
    ends: Vec<usize>,
}

impl Shape {
    /// Of a table. With `until` only rows whose time column lies before it are compared.
    pub fn new(table: TargetTable, until: Option<(usize, i64)>) -> Shape {
        Shape {
            primary: table.primary(),
            table,
            until,
        }
    }

    /// Digests a row given by its values in the order of binding; None for one that is not to be compared.
    pub fn digest<'v>(
        &self,
        values: impl Iterator<Item = Option<&'v [u8]>>,
        scratch: &mut Scratch,
    ) -> Option<Digest> {
        scratch.row.clear();
        scratch.key.clear();
        scratch.ends.clear();
        let mut left_out = false;
        for (i, (column, value)) in self.table.columns.iter().zip(values).enumerate() {
            scratch.ends.push(scratch.row.len());
            canon::value(column.ty, value, &mut scratch.row);
            if let Some((at, bound)) = self.until {
                let millis = value
                    .and_then(|v| v.try_into().ok())
                    .map(i64::from_be_bytes);
                left_out |= at == i && millis.is_some_and(|m| m >= bound);
            }
        }
        scratch.ends.push(scratch.row.len());
        for i in &self.primary {
            let part = &scratch.row[scratch.ends[*i]..scratch.ends[*i + 1]];
            scratch.key.extend_from_slice(part);
        }
        (!left_out).then(|| Digest {
            bucket: (xxh3_64(&scratch.key) % BUCKETS as u64) as usize,
            hash: xxh3_128(&scratch.row),
        })
    }

    /// The key's values as they are stored, each with its length.
    pub fn stored_key(&self, values: &[Option<&[u8]>]) -> Vec<u8> {
        let mut key = Vec::new();
        for i in &self.primary {
            number::push_value(
                &mut key,
                values.get(*i).copied().flatten().unwrap_or_default(),
            );
        }
        key
    }

    /// Indexes of the key's columns.
    pub fn primary(&self) -> &[usize] {
        &self.primary
    }
}

/// Sums of hashes and numbers of rows by bucket. Sums do not depend on the order of the rows.
#[derive(Clone, Debug)]
pub struct Buckets(Vec<(u128, u64)>);

impl Default for Buckets {
    fn default() -> Self {
        Buckets(vec![(0, 0); BUCKETS])
    }
}

impl Buckets {
    /// Adds a row.
    pub fn add(&mut self, d: Digest) {
        let (sum, rows) = &mut self.0[d.bucket];
        *sum = sum.wrapping_add(d.hash);
        *rows += 1;
    }

    /// Adds what another thread has summed.
    pub fn merge(&mut self, other: &Buckets) {
        for (mine, other) in self.0.iter_mut().zip(&other.0) {
            mine.0 = mine.0.wrapping_add(other.0);
            mine.1 += other.1;
        }
    }

    /// Rows in all.
    pub fn rows(&self) -> u64 {
        self.0.iter().map(|b| b.1).sum()
    }

    /// Buckets that differ, with the greater number of rows.
    pub fn differing(&self, other: &Buckets) -> Vec<(usize, u64)> {
        let pairs = self.0.iter().zip(&other.0).enumerate();
        pairs
            .filter(|(_, (a, b))| a != b)
            .map(|(i, (a, b))| (i, a.1.max(b.1)))
            .collect()
    }
}
