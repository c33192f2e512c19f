//! A request: converted rows as one buffer, bound to the prepared statement byte for byte. The driver sees cells
//! that are serialised already; no value is built.

use std::ops::Range;
use std::sync::Arc;

use scylla::serialize::SerializationError;
use scylla::serialize::batch::{BatchValues, BatchValuesIterator};
use scylla::serialize::row::{RowSerializationContext, SerializeRow};
use scylla::serialize::writers::RowWriter;

use super::group::Keyed;
use crate::run::engine::{Ticket, Window};

/// Length of a cell that is left unset.
const UNSET: i32 = -2;

/// Rows under way.
pub struct Request {
    /// Cells of all rows, one row behind the other.
    bytes: Vec<u8>,
    /// Where each row ends, and its number in the window.
    rows: Vec<(usize, u32)>,
    /// The batch that the rows come from.
    pub window: Arc<Window>,
    /// The attempt that they belong to.
    pub ticket: Arc<Ticket>,
    /// Acknowledgements are counted in the progress.
    pub counts: bool,
    /// NULLs are written.
    whole: bool,
}

impl Request {
    /// A request of these rows of the lane's buffer.
    pub fn new(
        buffer: &[u8],
        keyed: &[Keyed],
        window: &Arc<Window>,
        ticket: &Arc<Ticket>,
        counts: bool,
    ) -> Self {
        let mut bytes = Vec::with_capacity(keyed.iter().map(|k| k.end - k.start).sum());
        let mut rows = Vec::with_capacity(keyed.len());
        for k in keyed {
            bytes.extend_from_slice(&buffer[k.start..k.end]);
            rows.push((bytes.len(), k.row));
        }
        Self {
            bytes,
            rows,
            window: Arc::clone(window),
            ticket: Arc::clone(ticket),
            counts,
            whole: false,
        }
    }

    /// A request of one row that is large: its bytes are not copied.
    pub fn large(
        bytes: Vec<u8>,
        row: u32,
        window: &Arc<Window>,
        ticket: &Arc<Ticket>,
        counts: bool,
    ) -> Self {
        Self {
            rows: vec![(bytes.len(), row)],
            bytes,
            window: Arc::clone(window),
            ticket: Arc::clone(ticket),
            counts,
            whole: false,
        }
    }

    /// Writes NULLs, too, or leaves them out.
    pub fn whole(self, whole: bool) -> Self {
        Self { whole, ..self }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of all rows.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The cells of a row.
    pub fn row(&self, n: usize) -> CellBytes<'_> {
        let start = n.checked_sub(1).map_or(0, |before| self.rows[before].0);
        CellBytes {
            bytes: &self.bytes[start..self.rows[n].0],
            whole: self.whole,
        }
    }

    /// The number of a row in the window.
    pub fn number(&self, n: usize) -> usize {
        self.rows[n].1 as usize
    }

    /// The values of all rows.
    pub(in crate::run) fn values(&self) -> AllRows<'_, Self> {
        AllRows(self)
    }
}

/// Serialised cells of a row, in the order of binding.
#[derive(Clone, Copy, Debug)]
pub struct CellBytes<'a> {
    bytes: &'a [u8],
    /// NULLs are written.
    whole: bool,
}

impl<'a> CellBytes<'a> {
    /// Cells as they are encoded; those that are not set are left out.
    pub(in crate::run) fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            whole: false,
        }
    }
}

impl CellBytes<'_> {
    /// Bytes of the row.
    pub fn len(self) -> usize {
        self.bytes.len()
    }
}

/// The cells of a row and the statement do not fit together: a defect, never written.
#[derive(Debug, thiserror::Error)]
#[error("the converted row does not have the statement's {0} cells")]
struct WrongCells(usize);

impl SerializeRow for CellBytes<'_> {
    fn serialize(
        &self,
        context: &RowSerializationContext<'_>,
        writer: &mut RowWriter<'_>,
    ) -> Result<(), SerializationError> {
        let wanted = context.columns().len();
        let wrong = || SerializationError::new(WrongCells(wanted));
        let mut rest = self.bytes;
        for _ in 0..wanted {
            let (length, tail) = rest.split_first_chunk::<4>().ok_or_else(wrong)?;
            let length = i32::from_be_bytes(*length);
            let cell = writer.make_cell_writer();
            let Ok(size) = usize::try_from(length) else {
                match length {
                    UNSET if !self.whole => cell.set_unset(),
                    _ => cell.set_null(),
                };
                rest = tail;
                continue;
            };
            let (bytes, tail) = tail.split_at_checked(size).ok_or_else(wrong)?;
            cell.set_value(bytes).map_err(SerializationError::new)?;
            rest = tail;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(wrong())
        }
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Rows that share a request.
pub(in crate::run) trait Rows {
    /// Number of rows.
    fn count(&self) -> usize;

    /// The cells of a row.
    fn cells(&self, n: usize) -> CellBytes<'_>;
}

impl Rows for Request {
    fn count(&self) -> usize {
        self.len()
    }

    fn cells(&self, n: usize) -> CellBytes<'_> {
        self.row(n)
    }
}

/// The values of a batch: all rows of a request.
pub(in crate::run) struct AllRows<'a, R>(pub &'a R);

/// Goes through the rows of a request.
pub(in crate::run) struct RowsIterator<'a, R> {
    request: &'a R,
    next: usize,
}

impl<R: Rows> BatchValues for AllRows<'_, R> {
    type BatchValuesIter<'r>
        = RowsIterator<'r, R>
    where
        Self: 'r;

    fn batch_values_iter(&self) -> RowsIterator<'_, R> {
        RowsIterator {
            request: self.0,
            next: 0,
        }
    }
}

impl<R: Rows> RowsIterator<'_, R> {
    fn step(&mut self) -> Option<usize> {
        let n = self.next;
        self.next += 1;
        (n < self.request.count()).then_some(n)
    }
}

impl<'a, R: Rows> BatchValuesIterator<'a> for RowsIterator<'a, R> {
    fn serialize_next(
        &mut self,
        context: &RowSerializationContext<'_>,
        writer: &mut RowWriter<'_>,
    ) -> Option<Result<(), SerializationError>> {
        let n = self.step()?;
        Some(self.request.cells(n).serialize(context, writer))
    }

    fn is_empty_next(&mut self) -> Option<bool> {
        let n = self.step()?;
        Some(self.request.cells(n).is_empty())
    }

    fn skip_next(&mut self) -> Option<()> {
        self.step().map(|_| ())
    }
}

/// A part of a request that is tried again on its own.
pub type Part = Range<usize>;
