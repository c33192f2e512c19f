//! A sink from its specification: connects, compares tables, joins the group, runs, and says how it ended. Also replays
//! dead letters, and tells how far a group is.

use std::path::PathBuf;
use std::sync::Arc;

use crate::plan::model::SinkSpec;
use crate::run::engine::{Control, Signal};
use crate::run::error::RunError;
use crate::run::progress::Show;
use crate::run::spec::Loaded;

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ends when all that was there at the start is written.
    pub until_caught_up: bool,
    /// Rejected records before it stops; None: as the specification says.
    pub max_errors: Option<u64>,
    /// Records that were deleted before they were read are accepted.
    pub accept_gap: bool,
    /// Port of 127.0.0.1 that tells numbers.
    pub metrics: Option<u16>,
    /// How progress is shown.
    pub show: Show,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The specification.
    pub spec: PathBuf,
    /// Consumer group.
    pub group: String,
    /// Topic of dead letters.
    pub dead_letter: String,
    /// Records read.
    pub read: u64,
    /// Rows written.
    pub written: u64,
    /// Rows deleted.
    pub removed: u64,
    /// Records without effect.
    pub ignored: u64,
    /// Records rejected.
    pub rejected: u64,
    /// The signal that ended it.
    pub signal: Option<Signal>,
    /// What the user should know of.
    pub warnings: Vec<RunError>,
}

/// How far a group is with a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// The next offset that the group reads; None: nothing committed.
    pub next: Option<i64>,
    /// The first and the next offset of the partition.
    pub ends: (i64, i64),
}

/// Runs a specification until it is stopped.
pub fn run(
    loaded: &Loaded<SinkSpec>,
    options: &Options,
    control: &Arc<Control>,
) -> Result<Outcome, RunError> {
    live::run(loaded, options, control, false)
}

/// Carries dead letters once more.
pub fn replay(
    loaded: &Loaded<SinkSpec>,
    options: &Options,
    control: &Arc<Control>,
) -> Result<Outcome, RunError> {
    live::run(loaded, options, control, true)
}

/// How far the group of a specification is, and how many dead letters wait for a replay.
pub fn status(loaded: &Loaded<SinkSpec>) -> Result<Vec<Lag>, RunError> {
    live::status(loaded)
}

#[cfg(not(all(feature = "cassandra", feature = "kafka")))]
mod live {
    use super::*;
    use crate::diag::Code;

    fn missing() -> RunError {
        let text = "this build lacks the feature `kafka` or `cassandra`, and the sink needs both";
        RunError::new(Code::EngineMissing, text).help("build with default features")
    }

    pub fn run(
        _: &Loaded<SinkSpec>,
        _: &Options,
        _: &Arc<Control>,
        _: bool,
    ) -> Result<Outcome, RunError> {
        Err(missing())
    }

    pub fn status(_: &Loaded<SinkSpec>) -> Result<Vec<Lag>, RunError> {
        Err(missing())
    }
}

#[cfg(all(feature = "cassandra", feature = "kafka"))]
#[path = "live.rs"]
mod live;
