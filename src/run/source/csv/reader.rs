//! The rows of a chunk. A block of the file is the batch's buffer: cells that need no change are not copied.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr, memchr_iter};

use super::super::{ChunkReader, SourceError};
use super::dialect::Dialect;
use super::scan::{self, Found, Span};
use crate::run::row::{BadReason, BadRow, Cell, Origin, Position, RowBatch, RowMark};

/// Bytes of a batch.
const BLOCK: usize = 256 * 1024;

/// Where reading begins.
pub(super) struct Begin {
    /// Byte offset.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
    /// Records to skip.
    pub skip_lines: u32,
    /// The first record is a header.
    pub header: bool,
}

/// Reads records from a stream.
pub(super) struct Reader {
    stream: Box<dyn Read + Send>,
    dialect: Arc<Dialect>,
    file: Arc<str>,
    width: usize,
    /// Bytes that the last batch did not use up.
    carry: Vec<u8>,
    ended: bool,
    offset: u64,
    line: u64,
    skip_lines: u32,
    header: bool,
    spans: Vec<Span>,
}

impl Reader {
    /// A reader for records of `width` cells; 0 takes the first record's width.
    pub fn new(
        stream: Box<dyn Read + Send>,
        dialect: Arc<Dialect>,
        file: Arc<str>,
        width: usize,
        begin: Begin,
    ) -> Reader {
        Reader {
            stream,
            dialect,
            file,
            width,
            carry: Vec::new(),
            ended: false,
            offset: begin.offset,
            line: begin.line,
            skip_lines: begin.skip_lines,
            header: begin.header,
            spans: Vec::new(),
        }
    }

    /// Where the next record begins: offset and line.
    pub fn place(&self) -> (u64, u64) {
        (self.offset, self.line)
    }

    /// Appends up to `wanted` bytes of the stream.
    fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> Result<(), SourceError> {
        let before = bytes.len();
        // No more than asked for: a record of many megabytes would double it.
        bytes.reserve_exact(wanted);
        let stream = &mut self.stream;
        let read = stream.take(wanted as u64).read_to_end(bytes);
        read.map_err(|error| self.io(error))?;
        self.ended = bytes.len() - before < wanted;
        Ok(())
    }

    fn io(&self, error: io::Error) -> SourceError {
        SourceError::Io {
            path: self.file.to_string(),
            error,
        }
    }

    fn position(&self) -> Position {
        Position::File {
            file: self.file.to_string(),
            offset: self.offset,
            line: self.line,
        }
    }

    /// Moves the place behind `bytes`.
    fn pass(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.line += memchr_iter(b'\n', bytes).count() as u64;
    }

    fn block(&mut self, out: &mut RowBatch) -> Result<(), SourceError> {
        let mut at = self.start(out)?;
        let block = out.bytes.len();
        // One record more than fits is read by growing the block, never by splitting it.
        while at < block {
            let last = self.ended;
            let mut spans = std::mem::take(&mut self.spans);
            let found = scan::record(&self.dialect, &out.bytes[..block], at, last, &mut spans);
            self.spans = spans;
            match found {
                Found::Record { end, next } => {
                    self.take(out, at, end);
                    let (offset, line) = (self.offset, self.line);
                    self.offset = offset + (next - at) as u64;
                    let multi = self.spans.iter().any(|s| s.quoted);
                    self.line = line
                        + if multi {
                            newlines(&out.bytes[at..next])
                        } else {
                            1
                        };
                    at = next;
                }
                Found::More => break,
                Found::Bad(reason) => {
                    let line = memchr(b'\n', &out.bytes[at..block]);
                    let next = line.map_or(block, |n| at + n + 1);
                    // The rest of a line that is longer than the block belongs to it.
                    self.skip_lines = u32::from(line.is_none() && !self.ended);
                    self.bad(out, at, next, reason);
                    let passed = out.bytes[at..next].to_vec();
                    self.pass(&passed);
                    at = next;
                }
            }
        }
        self.carry.clear();
        self.carry.extend_from_slice(&out.bytes[at..block]);
        out.consumed = at as u64;
        Ok(())
    }

    /// Brings the first bytes, past what is to be skipped, until a record fits or nothing follows.
    fn start(&mut self, out: &mut RowBatch) -> Result<usize, SourceError> {
        out.bytes.append(&mut self.carry);
        let mut wanted = BLOCK.saturating_sub(out.bytes.len()).max(BLOCK / 4);
        loop {
            if !self.ended {
                let mut bytes = std::mem::take(&mut out.bytes);
                let filled = self.fill(&mut bytes, wanted);
                out.bytes = bytes;
                filled?;
            }
            let mut spans = std::mem::take(&mut self.spans);
            let at = self.skip(&out.bytes);
            let found = scan::record(&self.dialect, &out.bytes, at, self.ended, &mut spans);
            self.spans = spans;
            let settled = self.skip_lines == 0 && found != Found::More;
            if settled || self.ended {
                return Ok(at);
            }
            // What was skipped is not read again.
            out.bytes.drain(..at);
            wanted = (out.bytes.len() / 4).max(BLOCK);
        }
    }

    /// Passes the byte order mark, the lines and the header to skip, as far as they are there.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        if self.offset == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            at = 3;
            self.offset = 3;
        }
        while self.skip_lines > 0 {
            let Some(n) = memchr(b'\n', &bytes[at..]) else {
                self.pass(&bytes[at..]);
                return bytes.len();
            };
            self.pass(&bytes[at..at + n + 1]);
            at += n + 1;
            self.skip_lines -= 1;
        }
        at
    }

    /// Takes a record's cells into the batch.
    fn take(&mut self, out: &mut RowBatch, at: usize, end: usize) {
        let blank = end == at && self.spans.len() == 1;
        if blank {
            return;
        }
        if std::mem::take(&mut self.header) {
            return;
        }
        if self.width == 0 {
            self.width = self.spans.len();
            out.width = self.width;
        }
        if self.spans.len() != self.width {
            let reason = BadReason::Columns {
                wanted: self.width,
                found: self.spans.len(),
            };
            self.bad(out, at, end, reason);
            return;
        }
        let first = out.cells.len();
        for i in 0..self.spans.len() {
            match self.cell(out, self.spans[i], at) {
                Ok(cell) => out.cells.push(cell),
                Err(reason) => {
                    out.cells.truncate(first);
                    self.bad(out, at, end, reason);
                    return;
                }
            }
        }
        out.marks.push(RowMark {
            offset: self.offset,
            line: self.line,
            raw: Cell::new(at, end),
        });
    }

    fn cell(&self, out: &mut RowBatch, span: Span, record: usize) -> Result<Cell, BadReason> {
        let d = &self.dialect;
        let mut span = span;
        if span.start == span.end {
            return Ok(Cell::NULL);
        }
        if let Some(encoding) = d.encoding
            && !out.bytes[span.start..span.end].is_ascii()
        {
            let raw = &out.bytes[span.start..span.end];
            let text = encoding.decode_without_bom_handling_and_without_replacement(raw);
            let text = text.map(|t| t.into_owned().into_bytes());
            let text = text.ok_or_else(|| BadReason::Encoding {
                at: span.start - record,
                encoding: encoding.name().into(),
            })?;
            (span.start, span.end) = (out.bytes.len(), out.bytes.len() + text.len());
            out.bytes.extend_from_slice(&text);
        }
        if span.escaped {
            let start = out.bytes.len();
            scan::unescape(d, &mut out.bytes, span);
            return Ok(Cell::new(start, out.bytes.len()));
        }
        if !span.quoted && d.is_null(&out.bytes[span.start..span.end]) {
            return Ok(Cell::NULL);
        }
        Ok(Cell::new(span.start, span.end))
    }

    fn bad(&self, out: &mut RowBatch, at: usize, end: usize, reason: BadReason) {
        const SHOWN: usize = 64 * 1024;
        let raw = &out.bytes[at..end.min(at + SHOWN)];
        let raw = match self.dialect.encoding {
            Some(encoding) => encoding.decode_without_bom_handling(raw).0.into_owned(),
            None => String::from_utf8_lossy(raw).into_owned(),
        };
        out.bad.push(BadRow {
            position: self.position(),
            raw: raw.trim_end_matches(['\r', '\n']).to_string(),
            reason,
        });
    }

    /// Refuses rows that are not UTF-8; the check of the whole block is fast, and nearly always enough.
    fn check_utf8(&self, out: &mut RowBatch) {
        let block = out.consumed as usize;
        if self.dialect.encoding.is_some() || std::str::from_utf8(&out.bytes[..block]).is_ok() {
            return;
        }
        let (mut cells, mut marks) = (Vec::new(), Vec::new());
        for row in 0..out.marks.len() {
            let mark = out.marks[row];
            let raw = out.text_of(mark.raw).unwrap_or_default();
            match std::str::from_utf8(raw) {
                Ok(_) => {
                    let from = row * out.width;
                    cells.extend_from_slice(&out.cells[from..from + out.width]);
                    marks.push(mark);
                }
                Err(error) => {
                    let encoding = self.dialect.transcode.map_or("UTF-8", |e| e.name());
                    let bad = BadRow {
                        position: out.position(row),
                        raw: String::from_utf8_lossy(raw).into_owned(),
                        reason: BadReason::Encoding {
                            at: error.valid_up_to(),
                            encoding: encoding.into(),
                        },
                    };
                    out.bad.push(bad);
                }
            }
        }
        (out.cells, out.marks) = (cells, marks);
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

impl ChunkReader for Reader {
    fn next(&mut self, out: &mut RowBatch) -> Result<bool, SourceError> {
        loop {
            out.reset(self.width, Origin::File(Arc::clone(&self.file)));
            out.encoding = self.dialect.encoding;
            if self.ended && self.carry.is_empty() {
                return Ok(false);
            }
            self.block(out)?;
            self.check_utf8(out);
            // A block of blank lines or of a header alone is no batch.
            if !out.is_empty() || !out.bad.is_empty() {
                return Ok(true);
            }
        }
    }
}
