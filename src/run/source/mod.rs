//! Where rows come from, behind one trait: files and Oracle look alike to the engine. Blocking, called from threads.
//! Knows nothing of manifests and sinks; what an engine may do about an error is part of its type.

pub mod csv;
mod join;
mod open;
pub mod oracle;

pub use open::Wanted;

use serde::{Deserialize, Serialize};

use super::row::RowBatch;
use crate::diag::Code;
use crate::rel::DataType;

/// A column as the source gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceColumn {
    /// Name, in Oracle's spelling.
    pub name: String,
    /// Type, where the source knows it.
    pub ty: Option<DataType>,
}

/// A part of a source that is read, retried and recorded as one. It lives in the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChunkRange {
    /// Bytes of a file; both ends are ends of records.
    Bytes {
        /// Path as in the specification.
        file: String,
        /// First byte.
        start: u64,
        /// Byte behind the last.
        end: u64,
        /// Line of the first byte, from 1.
        line: u64,
    },
    /// A file that cannot be entered in the middle (compressed, or in an encoding with states).
    File {
        /// Path as in the specification.
        file: String,
    },
    /// ROWIDs, both ends included.
    Rowid {
        /// First.
        first: String,
        /// Last.
        last: String,
    },
    /// Key values as text: from the first, included, to the last, not included; None is open.
    Keys {
        /// Key columns.
        columns: Vec<String>,
        /// Lower bound.
        from: Option<Vec<String>>,
        /// Upper bound.
        to: Option<Vec<String>>,
    },
    /// All of it.
    Whole,
}

/// The point in time that a load reads at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// System change number.
    pub scn: u64,
    /// When that was, microseconds since 1970 in UTC.
    pub micros: i64,
}

/// Rows that can be read in chunks, in any order, more than once.
pub trait RowSource: Send + Sync {
    /// The columns of every row.
    fn columns(&self) -> &[SourceColumn];

    /// Changes if the rows or their form might have: a manifest of another fingerprint is not resumed.
    fn fingerprint(&self) -> Result<String, SourceError>;

    /// Bytes of all rows, where that is known before reading and chunks can be cut by it.
    fn size(&self) -> Option<u64> {
        None
    }

    /// The present point in time, for sources that can read as of one.
    fn snapshot(&self) -> Result<Option<Snapshot>, SourceError> {
        Ok(None)
    }

    /// About `wanted` chunks that hold every row once.
    fn plan_chunks(&self, wanted: usize) -> Result<Vec<ChunkRange>, SourceError>;

    /// Reads a chunk, as of `scn` where the source has such a thing.
    fn open(
        &self,
        range: &ChunkRange,
        scn: Option<u64>,
    ) -> Result<Box<dyn ChunkReader>, SourceError>;
}

/// The rows of a chunk, in a fixed order.
pub trait ChunkReader: Send {
    /// Fills `out` with the next rows; false behind the last, and then `out` holds none. A batch may hold bad rows only.
    fn next(&mut self, out: &mut RowBatch) -> Result<bool, SourceError>;
}

/// What may help after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing.
    Never,
    /// The same chunk again, after a pause.
    Same,
    /// The same chunk at a fresh SCN; allowed only where change capture runs since before.
    FreshScn,
}

/// Why rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file cannot be read.
    #[error("{path}: {error}")]
    Io {
        /// Path as in the specification.
        path: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// The specification does not fit the source.
    #[error("{message}")]
    Spec {
        /// What.
        message: String,
        /// What to do.
        help: String,
    },
    /// The source is not what it was when the load began.
    #[error("{what} has changed since the load was planned")]
    Changed {
        /// What.
        what: String,
    },
    /// Oracle's client libraries are missing.
    #[error("Oracle's client libraries cannot be loaded: {text}")]
    ClientMissing {
        /// The loader's words.
        text: String,
    },
    /// This build has no Oracle.
    #[error("this build was made without the feature `{feature}`")]
    FeatureMissing {
        /// Cargo feature.
        feature: &'static str,
    },
    /// An environment variable with a secret is not set.
    #[error("the environment variable {name} is not set")]
    SecretMissing {
        /// Its name.
        name: String,
    },
    /// ORA-01555 and its kin: the snapshot is gone.
    #[error("the snapshot as of SCN {scn:?} is gone: {text}")]
    SnapshotTooOld {
        /// As of.
        scn: Option<u64>,
        /// Oracle's words.
        text: String,
    },
    /// The session is lost; another may work.
    #[error("the session was lost: {text}")]
    SessionLost {
        /// Oracle's words.
        text: String,
    },
    /// Wrong password, missing privilege, unknown table: no use in trying again.
    #[error("{text}")]
    Refused {
        /// ORA code.
        ora: u32,
        /// Oracle's words.
        text: String,
    },
}

impl SourceError {
    /// What may help.
    pub fn retry(&self) -> Retry {
        match self {
            SourceError::SessionLost { .. } => Retry::Same,
            SourceError::SnapshotTooOld { .. } => Retry::FreshScn,
            SourceError::Io { .. }
            | SourceError::Spec { .. }
            | SourceError::Changed { .. }
            | SourceError::ClientMissing { .. }
            | SourceError::FeatureMissing { .. }
            | SourceError::SecretMissing { .. }
            | SourceError::Refused { .. } => Retry::Never,
        }
    }

    /// The diagnostic code that it is shown with.
    pub fn code(&self) -> Code {
        match self {
            SourceError::Io { .. } => Code::SourceUnreadable,
            SourceError::Spec { .. } => Code::SpecMismatch,
            SourceError::Changed { .. } => Code::SourceChanged,
            SourceError::ClientMissing { .. } => Code::OracleClientMissing,
            SourceError::FeatureMissing { .. } => Code::EngineMissing,
            SourceError::SecretMissing { .. } => Code::SecretMissing,
            SourceError::SnapshotTooOld { .. } => Code::SnapshotTooOld,
            SourceError::SessionLost { .. } => Code::OracleLost,
            SourceError::Refused { .. } => Code::OracleRefused,
        }
    }

    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            SourceError::Io { .. } => "check the path and its permissions, then `backfill resume`".into(),
            SourceError::Spec { help, .. } => help.clone(),
            SourceError::Changed { .. } => {
                "put the source back as it was, or start a new load with another state directory".into()
            }
            SourceError::ClientMissing { .. } => "install Oracle Instant Client (Basic or Basic Light) and put its folder on the library path, \
                 or export the table as CSV and use `source.kind = \"csv\"`, which needs no client"
                .into(),
            SourceError::FeatureMissing { feature } => {
                format!("build with `--features {feature}`, or use `source.kind = \"csv\"`")
            }
            SourceError::SecretMissing { name } => format!("set {name} and run again"),
            SourceError::SnapshotTooOld { .. } => {
                "raise UNDO_RETENTION or use more and smaller chunks; with change capture running, \
                 the chunk may be read at a fresh SCN"
                    .into()
            }
            SourceError::SessionLost { .. } => "`backfill resume` goes on from the open chunks".into(),
            SourceError::Refused { .. } => {
                "check user, password, privileges (SELECT, FLASHBACK) and the table's name".into()
            }
        }
    }
}
