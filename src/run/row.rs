//! Rows on their way: one buffer of cell bytes, reused from batch to batch, so that a row costs no allocation.
//! Cells are UTF-8 text as the source gives them; what they mean is decided in `convert`. Knows no source and no sink.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The length that stands for NULL.
const NULL: u32 = u32::MAX;

/// A cell in the buffer.
#[derive(Clone, Copy, Debug)]
pub(in crate::run) struct Cell {
    start: u32,
    len: u32,
}

impl Cell {
    /// NULL.
    pub(in crate::run) const NULL: Cell = Cell {
        start: 0,
        len: NULL,
    };

    /// Bytes of the buffer.
    pub(in crate::run) fn new(start: usize, end: usize) -> Cell {
        Cell {
            start: start as u32,
            len: (end - start) as u32,
        }
    }
}

/// Where a row stands and its raw text.
#[derive(Clone, Copy, Debug)]
pub(in crate::run) struct RowMark {
    /// Byte offset in the file, or the row's number in the chunk.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
    /// The record in the buffer; for a database the ROWID.
    pub raw: Cell,
}

/// What all rows of a batch have in common.
#[derive(Clone, Debug, Default)]
pub enum Origin {
    /// Records of a file.
    File(Arc<str>),
    /// Rows of a table that have a ROWID.
    Rowid,
    /// Rows of a query without one: their number in the chunk.
    #[default]
    Numbered,
}

/// Where a row comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Position {
    /// A record of a file.
    File {
        /// Path as in the specification.
        file: String,
        /// Bytes before it; of a compressed or converted file: of the clear UTF-8 text.
        offset: u64,
        /// Line, from 1.
        line: u64,
    },
    /// A row of a table.
    Rowid {
        /// Oracle's ROWID.
        rowid: String,
    },
    /// A row of a query.
    Row {
        /// Number in the chunk, from 0.
        row: u64,
    },
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::File { file, line, .. } => write!(f, "{file}:{line}"),
            Position::Rowid { rowid } => write!(f, "ROWID {rowid}"),
            Position::Row { row } => write!(f, "row {row}"),
        }
    }
}

/// A record that the source itself could not take apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where.
    pub position: Position,
    /// Its bytes as text; what is not UTF-8 is replaced.
    pub raw: String,
    /// Why.
    pub reason: BadReason,
}

/// Why a record is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReason {
    /// More or fewer cells than the header.
    #[error("{found} cells where {wanted} are expected")]
    Columns {
        /// Cells of the header.
        wanted: usize,
        /// Cells of the record.
        found: usize,
    },
    /// Text behind a closing quote.
    #[error("text follows a closing quote")]
    QuoteEnd,
    /// No closing quote before the end of the file, or for longer than a record may be.
    #[error("a quote does not close")]
    QuoteOpen,
    /// Bytes that are no text in the file's encoding.
    #[error("bytes at {at} of the record are not {encoding}")]
    Encoding {
        /// Offset in the record.
        at: usize,
        /// Name of the encoding.
        encoding: String,
    },
    /// A join that must find a partner did not.
    #[error("no row of the joined table has this key ({key})")]
    NoPartner {
        /// Its key columns.
        key: String,
    },
    /// A record beyond the limit.
    #[error("a record of more than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
}

impl BadReason {
    /// Stable code for dead letters.
    pub fn code(&self) -> &'static str {
        match self {
            BadReason::Columns { .. } => "column-count",
            BadReason::QuoteEnd => "quote-end",
            BadReason::QuoteOpen => "quote-open",
            BadReason::Encoding { .. } => "encoding",
            BadReason::NoPartner { .. } => "no-partner",
            BadReason::TooLong { .. } => "record-too-long",
        }
    }
}

/// Rows of one source, a few hundred kilobytes at a time.
#[derive(Debug, Default)]
pub struct RowBatch {
    pub(in crate::run) width: usize,
    pub(in crate::run) bytes: Vec<u8>,
    pub(in crate::run) cells: Vec<Cell>,
    pub(in crate::run) marks: Vec<RowMark>,
    pub(in crate::run) origin: Origin,
    pub(in crate::run) bad: Vec<BadRow>,
    pub(in crate::run) consumed: u64,
    /// Encoding of the raw records, where it is not UTF-8; cells are UTF-8 always.
    pub(in crate::run) encoding: Option<&'static encoding_rs::Encoding>,
}

impl RowBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties it for rows of `width` cells; the memory stays.
    pub fn reset(&mut self, width: usize, origin: Origin) {
        self.width = width;
        self.origin = origin;
        self.bytes.clear();
        self.cells.clear();
        self.marks.clear();
        self.bad.clear();
        self.consumed = 0;
        self.encoding = None;
    }

    /// Number of good rows.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// No good row. There may be bad ones.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Cells a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Bytes of the source that this batch stands for, bad rows included.
    pub fn source_bytes(&self) -> u64 {
        self.consumed
    }

    /// A cell; None for NULL. Row and column are within bounds.
    pub fn cell(&self, row: usize, column: usize) -> Option<&[u8]> {
        self.text_of(self.cells[row * self.width + column])
    }

    pub(in crate::run) fn text_of(&self, cell: Cell) -> Option<&[u8]> {
        let start = cell.start as usize;
        (cell.len != NULL).then(|| &self.bytes[start..start + cell.len as usize])
    }

    /// Where a row comes from.
    pub fn position(&self, row: usize) -> Position {
        let mark = self.marks[row];
        match &self.origin {
            Origin::File(file) => Position::File {
                file: file.to_string(),
                offset: mark.offset,
                line: mark.line,
            },
            Origin::Rowid => Position::Rowid {
                rowid: lossy(self.text_of(mark.raw)),
            },
            Origin::Numbered => Position::Row { row: mark.offset },
        }
    }

    /// A row as text for a dead letter: the record of a file, else the cells as CSV.
    pub fn raw(&self, row: usize) -> String {
        match self.origin {
            Origin::File(_) => {
                let raw = self.text_of(self.marks[row].raw);
                match self.encoding {
                    Some(e) => e
                        .decode_without_bom_handling(raw.unwrap_or_default())
                        .0
                        .into_owned(),
                    None => lossy(raw),
                }
            }
            Origin::Rowid | Origin::Numbered => self.as_csv(row),
        }
    }

    fn as_csv(&self, row: usize) -> String {
        let quoted = |c: usize| {
            let text = self.cell(row, c)?;
            Some(format!("\"{}\"", lossy(Some(text)).replace('"', "\"\"")))
        };
        let cells: Vec<String> = (0..self.width)
            .map(|c| quoted(c).unwrap_or_default())
            .collect();
        cells.join(",")
    }

    /// Records that the source could not take apart.
    pub fn bad(&self) -> &[BadRow] {
        &self.bad
    }

    /// Adds a cell; None and the empty text are NULL, as in Oracle.
    pub fn push_cell(&mut self, text: Option<&[u8]>) {
        let cell = match text {
            Some(text) if !text.is_empty() => self.store(text),
            Some(_) | None => Cell::NULL,
        };
        self.cells.push(cell);
    }

    /// Ends a row of a database: `width` cells have been pushed since the last one.
    pub fn end_row(&mut self, number: u64, rowid: Option<&[u8]>) {
        let raw = rowid.map_or(Cell::NULL, |r| self.store(r));
        self.marks.push(RowMark {
            offset: number,
            line: 0,
            raw,
        });
    }

    pub(in crate::run) fn store(&mut self, text: &[u8]) -> Cell {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        Cell::new(start, self.bytes.len())
    }
}

fn lossy(text: Option<&[u8]>) -> String {
    text.map_or_else(String::new, |t| String::from_utf8_lossy(t).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_and_the_empty_text_is_null() {
        let mut batch = RowBatch::new();
        for _ in 0..2 {
            batch.reset(3, Origin::Rowid);
            batch.push_cell(Some(b"a\"b"));
            batch.push_cell(Some(b""));
            batch.push_cell(None);
            batch.end_row(0, Some(b"AAAB"));
        }
        assert_eq!((batch.len(), batch.width()), (1, 3));
        assert_eq!(batch.cell(0, 0), Some(&b"a\"b"[..]));
        assert_eq!((batch.cell(0, 1), batch.cell(0, 2)), (None, None));
        assert_eq!(batch.raw(0), "\"a\"\"b\",,");
        assert_eq!(batch.position(0).to_string(), "ROWID AAAB");
    }
}
