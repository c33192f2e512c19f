//! Where rows go, behind one trait. A sink gives every reading thread a lane of its own: the lane converts rows
//! into buffers that it keeps, groups them into requests and hands these over; acknowledgements come later, on
//! other threads, through the ticket that each request holds.

#[cfg(feature = "cassandra")]
pub mod cassandra;
pub mod file;
#[cfg(feature = "kafka")]
pub mod kafka;

use std::sync::Arc;

use super::deadletter::Why;
use super::engine::{Ticket, Window};
use super::error::RunError;
use super::row::RowBatch;

/// A target.
pub trait Sink: Send + Sync {
    /// A lane for one thread.
    fn lane(&self) -> Box<dyn Lane>;

    /// The run is over: every ticket is gone, or the run was aborted.
    fn close(&self, aborted: bool) -> Result<(), RunError>;
}

/// What one thread needs to hand rows over.
pub trait Lane: Send {
    /// Converts a row and keeps it; a row that does not convert leaves no trace.
    fn add(&mut self, batch: &RowBatch, row: usize) -> Result<(), Why>;

    /// The converted bytes of the row added last.
    fn last(&self) -> &[u8];

    /// Appends the key of the row added last; nothing where rows have none.
    fn key(&self, out: &mut Vec<u8>);

    /// Forgets the row added last.
    fn undo(&mut self);

    /// Hands over all rows kept, waiting as long as limits say, and forgets them. `counts`: acknowledgements are
    /// counted in the progress. Errors go to the ticket.
    fn send(&mut self, window: &Arc<Window>, ticket: &Arc<Ticket>, counts: bool);

    /// The chunk has been read to its end, and everything of it was handed over.
    fn end(&mut self, _ticket: &Arc<Ticket>) {}
}
