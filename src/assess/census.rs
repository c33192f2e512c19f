//! The census: what was read, counted from the folder and the token tapes. It shares nothing with catalogue and
//! dataflow, so that what they lose shows in the gate.

use super::Census;
use crate::source::Input;
use crate::syntax::{ParsedFile, census};

/// Counts an input. `jobs` is how many jobs and entry points the schedules hold.
pub fn take(input: &Input, files: &[ParsedFile], jobs: u64) -> Census {
    let mut counts = Census {
        files: input.files() as u64,
        bytes: input.bytes(),
        jobs,
        ..Census::default()
    };
    for file in files {
        let count = census(file);
        counts.units += u64::from(count.units);
        counts.statements += u64::from(count.statements);
        counts.writes += count.writes.len() as u64;
    }
    counts
}
