//! The state folder, and what it says of a load without touching it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::diag::Code;

use crate::plan::model::BackfillSpec;
use crate::run::deadletter;
use crate::run::error::RunError;
use crate::run::manifest::{ChunkState, Event, Journal, Load, Lock, Totals};
use crate::run::row::Position;
use crate::run::source::ChunkRange;
use crate::run::spec::Loaded;

/// Where a load keeps its state: the folder asked for, else `<name>.state` beside the specification.
pub fn state_folder(loaded: &Loaded<BackfillSpec>, asked: Option<&Path>) -> PathBuf {
    match asked {
        Some(folder) => folder.to_path_buf(),
        None => loaded.path.with_extension("state"),
    }
}

/// Marks the chunks that these rows stand in as not done, so that a resumed load writes them again. Rows whose
/// place does not tell their chunk reopen all chunks. Answers how many were reopened.
pub fn reopen(folder: &Path, rows: &[Option<Position>]) -> Result<usize, RunError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let lock = Lock::take(folder)?;
    let mut load = Journal::read(folder)?;
    let places: Option<BTreeSet<usize>> = rows
        .iter()
        .map(|row| {
            load.chunks
                .iter()
                .position(|c| holds(&c.range, row.as_ref()))
        })
        .collect();
    let chunks = match places {
        Some(chunks) => chunks.into_iter().collect(),
        None => (0..load.chunks.len()).collect::<Vec<usize>>(),
    };
    let reopened = chunks.len();
    mark(&mut load, chunks)?;
    Journal::write(folder, &load, &lock)?;
    Ok(reopened)
}

/// Marks every chunk as not done.
pub(super) fn reopen_all(load: &mut Load) -> Result<(), RunError> {
    let chunks = (0..load.chunks.len()).collect();
    mark(load, chunks)
}

fn mark(load: &mut Load, chunks: Vec<usize>) -> Result<(), RunError> {
    load.apply(Event::Reopen { chunks })
        .map_err(|e| RunError::new(Code::Defect, e))
}

fn holds(range: &ChunkRange, row: Option<&Position>) -> bool {
    match (range, row) {
        (
            ChunkRange::Bytes {
                file, start, end, ..
            },
            Some(Position::File {
                file: of, offset, ..
            }),
        ) => file == of && (*start..*end).contains(offset),
        (ChunkRange::File { file }, Some(Position::File { file: of, .. })) => file == of,
        (
            ChunkRange::Bytes { .. }
            | ChunkRange::File { .. }
            | ChunkRange::Rowid { .. }
            | ChunkRange::Keys { .. }
            | ChunkRange::Whole,
            _,
        ) => false,
    }
}

/// What is known of a load.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Table.
    pub table: String,
    /// Targets.
    pub target: String,
    /// State folder.
    pub state: PathBuf,
    /// Everything is done.
    pub complete: bool,
    /// Write time of all rows, microseconds since 1970.
    pub write_time: i64,
    /// System change number.
    pub scn: Option<u64>,
    /// Sums over done chunks.
    #[serde(flatten)]
    pub totals: Totals,
    /// Sum of the hashes of all converted rows, hexadecimal.
    pub hash: String,
    /// Rejected rows by column and reason.
    pub reasons: Vec<(String, usize)>,
}

/// Reads the state of a load.
pub fn status(folder: &Path) -> Result<Status, RunError> {
    let load = Journal::read(folder)?;
    let hash = load
        .chunks
        .iter()
        .map(|c| match c.state {
            ChunkState::Done(done) => done.hash,
            ChunkState::Pending | ChunkState::Open => 0,
        })
        .fold(0u128, u128::wrapping_add);
    let dead = deadletter::of_done_chunks(folder, &load)?;
    Ok(Status {
        table: load.header.table.clone(),
        target: load.header.target.clone(),
        state: folder.to_path_buf(),
        complete: load.complete(),
        write_time: load.header.write_time,
        scn: load.header.scn,
        totals: load.totals(),
        hash: format!("{hash:032x}"),
        reasons: deadletter::reasons(&dead),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_in_the_chunk_that_holds_its_place() {
        let range = ChunkRange::Bytes {
            file: "a.csv".into(),
            start: 100,
            end: 200,
            line: 7,
        };
        let at = |file: &str, offset| {
            Some(Position::File {
                file: file.into(),
                offset,
                line: 1,
            })
        };
        assert!(holds(&range, at("a.csv", 100).as_ref()));
        assert!(!holds(&range, at("a.csv", 200).as_ref()));
        assert!(!holds(&range, at("b.csv", 150).as_ref()));
        assert!(!holds(&range, None));
    }
}
