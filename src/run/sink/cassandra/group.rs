//! Rows of a batch into requests: rows of one partition together, and where partitions have few rows, partitions
//! of the same replicas together, within the server's limits for such batches. Knows no driver.

use crate::plan::model::BatchMode;

/// A converted row in the lane's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// Set of replicas.
    pub set: u64,
    /// Hash of the partition key. Two keys with one hash only share a request.
    pub key: u64,
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
    /// Number in the batch.
    pub row: u32,
}

impl Keyed {
    fn len(&self) -> usize {
        self.end - self.start
    }
}

/// Bytes of a request for one partition: the server has no limit, but it holds a mutation as one piece.
const PARTITION_BYTES: usize = 32 * 1024;

/// Rows of a request.
pub const MOST_ROWS: usize = 128;

/// Partitions of a request: with more than ten the server warns.
const PARTITIONS: usize = 10;

/// Bytes of a request for several partitions: beyond 5 KiB the server warns.
const SEVERAL_BYTES: usize = 4900;

/// What the server counts for a cell beside its value, at most.
const CELL_OVERHEAD: usize = 8;

/// Rows that make a partition worth a request of its own.
const WORTH: usize = 3;

/// How rows are grouped.
#[derive(Debug, Default)]
pub struct Grouping {
    mode: BatchMode,
    overhead: usize,
    pool: Vec<Keyed>,
    /// Bytes and partitions of the pool.
    bytes: usize,
    partitions: usize,
}

impl Grouping {
    /// For rows of so many columns.
    pub fn new(mode: BatchMode, columns: usize) -> Self {
        Self {
            mode,
            overhead: columns * CELL_OVERHEAD,
            pool: Vec::new(),
            bytes: 0,
            partitions: 0,
        }
    }

    /// Calls `request` with the rows of each request. The order of `rows` changes.
    pub fn requests(&mut self, rows: &mut [Keyed], mut request: impl FnMut(&[Keyed])) {
        if self.mode == BatchMode::Off {
            rows.chunks(1).for_each(request);
            return;
        }
        rows.sort_unstable_by_key(|r| (r.set, r.key, r.row));
        for partition in rows.chunk_by(|a, b| (a.set, a.key) == (b.set, b.key)) {
            let alone = match self.mode {
                BatchMode::Partition => true,
                BatchMode::Auto => partition.len() >= WORTH,
                BatchMode::ReplicaSet | BatchMode::Off => false,
            };
            if alone {
                runs(partition, &mut request);
            } else {
                self.pooled(partition, &mut request);
            }
        }
        self.flush(&mut request);
    }

    /// Adds the rows of a partition to the request for several.
    fn pooled(&mut self, partition: &[Keyed], request: &mut impl FnMut(&[Keyed])) {
        for row in partition {
            let size = row.len() + self.overhead;
            let new = |last: Option<&Keyed>| last.is_none_or(|last| last.key != row.key);
            let full = self.pool.len() >= MOST_ROWS
                || self.bytes + size > SEVERAL_BYTES
                || (self.partitions >= PARTITIONS && new(self.pool.last()));
            let elsewhere = self.pool.last().is_some_and(|last| last.set != row.set);
            if full || elsewhere {
                self.flush(request);
            }
            self.partitions += usize::from(new(self.pool.last()));
            self.bytes += size;
            self.pool.push(*row);
        }
    }

    fn flush(&mut self, request: &mut impl FnMut(&[Keyed])) {
        if !self.pool.is_empty() {
            request(&self.pool);
            self.pool.clear();
            (self.bytes, self.partitions) = (0, 0);
        }
    }
}

/// Cuts the rows of a partition into requests.
fn runs(partition: &[Keyed], request: &mut impl FnMut(&[Keyed])) {
    let (mut first, mut bytes) = (0, 0);
    for (n, row) in partition.iter().enumerate() {
        let full = n - first >= MOST_ROWS || bytes + row.len() > PARTITION_BYTES;
        if full && n > first {
            request(&partition[first..n]);
            (first, bytes) = (n, 0);
        }
        bytes += row.len();
    }
    request(&partition[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Rows of these (set, partition), each of `size` bytes.
    fn rows(keys: &[(u64, u64)], size: usize) -> Vec<Keyed> {
        let keyed = |(n, (set, key)): (usize, &(u64, u64))| Keyed {
            set: *set,
            key: *key,
            start: n * size,
            end: (n + 1) * size,
            row: n as u32,
        };
        keys.iter().enumerate().map(keyed).collect()
    }

    fn requests(mode: BatchMode, mut rows: Vec<Keyed>) -> Vec<Vec<Keyed>> {
        let mut found = Vec::new();
        let all = rows.len();
        let mut grouping = Grouping::new(mode, 2);
        grouping.requests(&mut rows, |r| found.push(r.to_vec()));
        let numbers: BTreeSet<u32> = found.iter().flatten().map(|r| r.row).collect();
        assert_eq!(numbers.len(), all, "every row once");
        assert_eq!(found.iter().map(Vec::len).sum::<usize>(), all);
        found
    }

    fn sizes(found: &[Vec<Keyed>]) -> Vec<usize> {
        found.iter().map(Vec::len).collect()
    }

    #[test]
    fn rows_of_a_partition_go_together_wherever_they_stand() {
        let keys: Vec<(u64, u64)> = (0..90).map(|n| (0, n % 3)).collect();
        let found = requests(BatchMode::Auto, rows(&keys, 200));
        assert_eq!(sizes(&found), [30, 30, 30]);
        let one_each = |r: &Vec<Keyed>| r.iter().all(|k| k.key == r[0].key);
        assert!(found.iter().all(one_each));
    }

    #[test]
    fn few_rows_a_partition_share_requests_within_the_servers_limits() {
        let keys: Vec<(u64, u64)> = (0..100).map(|n| (n % 2, n)).collect();
        let found = requests(BatchMode::Auto, rows(&keys, 200));
        assert_eq!(sizes(&found), vec![10; 10]);
        let one_set = |r: &Vec<Keyed>| r.iter().all(|k| k.set == r[0].set);
        assert!(found.iter().all(one_set), "replicas are not mixed");
        let large = requests(BatchMode::ReplicaSet, rows(&keys, 2000));
        assert!(sizes(&large).iter().all(|n| *n <= 2));
    }

    #[test]
    fn large_partitions_are_cut() {
        let keys = vec![(0, 7); 300];
        let by_rows = requests(BatchMode::Partition, rows(&keys, 10));
        assert_eq!(sizes(&by_rows), [128, 128, 44]);
        let by_bytes = requests(BatchMode::Partition, rows(&keys[..5], 20_000));
        assert_eq!(sizes(&by_bytes), [1, 1, 1, 1, 1]);
    }

    #[test]
    fn off_means_one_row_a_request_in_order() {
        let found = requests(BatchMode::Off, rows(&[(0, 3), (0, 1), (0, 3)], 9));
        let numbers: Vec<u32> = found.iter().map(|r| r[0].row).collect();
        assert_eq!(numbers, [0, 1, 2]);
    }
}
