//! What is asked of a session, so that a script can stand in for a database.

use super::super::SourceError;

/// A statement that reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Text with `:1`, `:2`, ...
    pub sql: String,
    /// Values of the place holders, as text; the statement converts them.
    pub binds: Vec<String>,
    /// Rows a round trip.
    pub fetch: u32,
}

impl Query {
    /// A small query.
    pub fn new(sql: impl Into<String>, binds: Vec<String>) -> Query {
        Query {
            sql: sql.into(),
            binds,
            fetch: 100,
        }
    }
}

/// An error of the client or the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OraError {
    /// The number behind `ORA-`, or behind `DPI-` if `client`.
    pub code: u32,
    /// It is the client's own.
    pub client: bool,
    /// Oracle's words.
    pub text: String,
}

/// DPI-1047: the client libraries cannot be loaded.
const NO_CLIENT: u32 = 1047;
/// Snapshot too old; unable to read data (definition changed); invalid or no snapshot for the SCN.
const TOO_OLD: [u32; 5] = [1555, 1466, 8180, 8181, 22924];
/// Killed, not connected, end of file, lost contact, shutting down, not open, listener without handler, time-outs.
const LOST: [u32; 25] = [
    28, 1012, 1033, 1034, 1089, 1090, 1092, 2396, 3113, 3114, 3135, 3136, 12152, 12153, 12170,
    12514, 12516, 12520, 12528, 12537, 12541, 12547, 12571, 25402, 25408,
];

impl OraError {
    /// As an error of the source; `scn` is the snapshot that was read.
    pub fn at(self, scn: Option<u64>) -> SourceError {
        let text = self.text;
        if self.client {
            return match self.code {
                NO_CLIENT => SourceError::ClientMissing { text },
                // DPI-1010 and DPI-1080: the connection is gone.
                1010 | 1080 => SourceError::SessionLost { text },
                ora => SourceError::Refused { ora, text },
            };
        }
        if TOO_OLD.contains(&self.code) {
            SourceError::SnapshotTooOld { scn, text }
        } else if LOST.contains(&self.code) {
            SourceError::SessionLost { text }
        } else {
            SourceError::Refused {
                ora: self.code,
                text,
            }
        }
    }
}

/// Opens sessions.
pub trait Connect: Send + Sync {
    /// A new session.
    fn connect(&self) -> Result<Box<dyn Session>, OraError>;
}

/// A session.
pub trait Session: Send {
    /// Runs a statement that gives no rows.
    fn execute(&mut self, sql: &str) -> Result<(), OraError>;
    /// Runs a query.
    fn query(&mut self, query: &Query) -> Result<Box<dyn Cursor>, OraError>;
}

/// The rows of a query; it outlives its session's variable, not the session.
pub trait Cursor: Send {
    /// The next row's values as text, in place of those of the last one; false behind the last row.
    fn next(&mut self, row: &mut Vec<Option<Vec<u8>>>) -> Result<bool, OraError>;
}
