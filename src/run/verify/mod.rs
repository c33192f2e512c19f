//! Source against target. Both sides are summed by bucket of the key, a 128-bit hash a row; buckets that differ are
//! read again row by row; what still differs is looked up once more before it is reported. Memory is bounded by the
//! buckets in hand, not by the tables. The source's rows go through the conversions that a load writes with.

pub mod canon;
#[cfg(feature = "cassandra")]
pub mod cassandra;
mod drill;
pub mod report;
pub mod rows;
pub mod run;
mod show;
mod source_side;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

pub use report::{ColumnDifference, Difference, Kind, Report};
pub use rows::{Buckets, Digest, Scratch, Shape};
pub use source_side::{SourceRow, SourceSide};

use super::error::RunError;

/// A row of the target, values in the order of binding.
pub type TargetRow = Vec<Option<Vec<u8>>>;

/// A row that goes past in a scan.
pub type Visit<'a> = dyn Fn(&[Option<&[u8]>]) + Sync + 'a;

/// The other side.
pub trait Target: Sync {
    /// Shows every row once; on several threads.
    fn scan(&self, visit: &Visit<'_>) -> Result<(), RunError>;

    /// Rows by their stored keys, as [`Shape::stored_key`] gives them; None where there is none.
    fn fetch(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<TargetRow>>, RunError>;
}

/// How a comparison is done.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Differences that are told in full; the others are counted by bucket.
    pub max_differences: usize,
    /// Rows whose keys are held at a time while drilling.
    pub drill_rows: u64,
    /// Pause before what differs is looked up once more.
    pub settle: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_differences: 10_000,
            drill_rows: 2_000_000,
            settle: Duration::from_secs(1),
        }
    }
}

/// Compares.
pub fn compare(
    side: SourceSide<'_>,
    target: &dyn Target,
    options: &Options,
) -> Result<Report, RunError> {
    let mut report = Report::new(&side.shape.table.name);
    let begun = Instant::now();
    let (sums, rejected) = side.each(Buckets::default, |sums, row| sums.add(row.digest))?;
    let mut here = Buckets::default();
    sums.iter().for_each(|s| here.merge(s));
    report.seconds.source = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let there = drill::sum(side.shape, target)?;
    report.seconds.target = begun.elapsed().as_secs_f64();
    (report.source_rows, report.target_rows) = (here.rows(), there.rows());
    report.source_rejected = rejected;
    let begun = Instant::now();
    let differing = here.differing(&there);
    report.buckets_differing = differing.len();
    for group in drill::groups(&differing, options.drill_rows) {
        if report.differences.len() >= options.max_differences {
            report.buckets_not_read += group.len();
            continue;
        }
        drill::group(side, target, &group, options, &mut report)?;
    }
    report.seconds.drill = begun.elapsed().as_secs_f64();
    report.finish();
    Ok(report)
}
