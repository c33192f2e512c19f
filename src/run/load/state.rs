//! The state folder, and what it says of a load without touching it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::plan::model::BackfillSpec;
use crate::run::deadletter;
use crate::run::error::RunError;
use crate::run::manifest::{ChunkState, Journal, Totals};
use crate::run::spec::Loaded;

/// Where a load keeps its state: the folder asked for, else `<name>.state` beside the specification.
pub fn state_folder(loaded: &Loaded<BackfillSpec>, asked: Option<&Path>) -> PathBuf {
    match asked {
        Some(folder) => folder.to_path_buf(),
        None => loaded.path.with_extension("state"),
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
