//! One record from bytes: cells as ranges, nothing copied. The one grammar of records; the plan of chunks only asks
//! where records begin, and asks here when in doubt.

use memchr::{memchr, memchr2};

use super::dialect::Dialect;
use crate::run::row::BadReason;

/// A cell's bytes in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    /// It stood in quotes.
    pub quoted: bool,
    /// It holds doubled or escaped quotes.
    pub escaped: bool,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record up to its line end, and where the next one begins.
    Record { end: usize, next: usize },
    /// The bytes end before the record does.
    More,
    /// The record is none.
    Bad(BadReason),
}

/// Scans the record at `at`; its cells go to `cells`. With `last` nothing follows the bytes.
pub(super) fn record(
    d: &Dialect,
    bytes: &[u8],
    at: usize,
    last: bool,
    cells: &mut Vec<Span>,
) -> Found {
    cells.clear();
    let mut start = at;
    loop {
        let quoted = d.quote.is_some() && bytes.get(start).copied() == d.quote;
        let step = if quoted {
            quoted_cell(d, bytes, start, last, cells)
        } else {
            plain_cell(d, bytes, start, last, cells)
        };
        match step {
            Step::Next(next) => start = next,
            Step::End { end, next } => return Found::Record { end, next },
            Step::More if bytes.len() - at > d.max_record => {
                return Found::Bad(if quoted {
                    BadReason::QuoteOpen
                } else {
                    BadReason::TooLong {
                        limit: d.max_record,
                    }
                });
            }
            Step::More => return Found::More,
            Step::Bad(reason) => return Found::Bad(reason),
        }
    }
}

enum Step {
    /// The next cell begins here.
    Next(usize),
    End {
        end: usize,
        next: usize,
    },
    More,
    Bad(BadReason),
}

fn plain_cell(d: &Dialect, bytes: &[u8], start: usize, last: bool, cells: &mut Vec<Span>) -> Step {
    let mut from = start;
    let mut push = |end: usize| {
        cells.push(Span {
            start,
            end,
            quoted: false,
            escaped: false,
        });
    };
    loop {
        let Some(hit) = memchr2(d.separator[0], b'\n', &bytes[from..]) else {
            if !last {
                return Step::More;
            }
            let end = without_cr(bytes, start, bytes.len());
            push(end);
            return Step::End {
                end,
                next: bytes.len(),
            };
        };
        let hit = from + hit;
        if bytes[hit] == b'\n' {
            let end = without_cr(bytes, start, hit);
            push(end);
            return Step::End { end, next: hit + 1 };
        }
        match starts(d, bytes, hit) {
            Some(true) => {
                push(hit);
                return Step::Next(hit + d.separator.len());
            }
            Some(false) => from = hit + 1,
            None if last => from = hit + 1,
            None => return Step::More,
        }
    }
}

/// Whether the separator stands at `at`; None where the bytes end too early to tell.
fn starts(d: &Dialect, bytes: &[u8], at: usize) -> Option<bool> {
    let wanted = d.separator.as_slice();
    if wanted.len() == 1 {
        return Some(bytes[at] == wanted[0]);
    }
    let there = &bytes[at..bytes.len().min(at + wanted.len())];
    if there.len() < wanted.len() && wanted.starts_with(there) {
        return None;
    }
    Some(there == wanted)
}

fn without_cr(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

fn quoted_cell(d: &Dialect, bytes: &[u8], start: usize, last: bool, cells: &mut Vec<Span>) -> Step {
    let quote = d.quote.unwrap_or(b'"');
    let mut from = start + 1;
    let mut escaped = false;
    loop {
        let hit = match d.escape {
            Some(escape) => memchr2(quote, escape, &bytes[from..]),
            None => memchr(quote, &bytes[from..]),
        };
        let Some(hit) = hit.map(|h| from + h) else {
            return unclosed(last);
        };
        let doubled = d.escape.is_none() && bytes.get(hit + 1) == Some(&quote);
        if doubled || bytes[hit] != quote {
            escaped = true;
            from = hit + 2;
            if from > bytes.len() {
                return unclosed(last);
            }
            continue;
        }
        let span = Span {
            start: start + 1,
            end: hit,
            quoted: true,
            escaped,
        };
        return after_quote(d, bytes, hit + 1, last, span, cells);
    }
}

fn unclosed(last: bool) -> Step {
    if last {
        Step::Bad(BadReason::QuoteOpen)
    } else {
        Step::More
    }
}

/// A separator or a line end follows a closing quote, and nothing else.
fn after_quote(
    d: &Dialect,
    bytes: &[u8],
    at: usize,
    last: bool,
    span: Span,
    cells: &mut Vec<Span>,
) -> Step {
    let end = |next| Step::End { end: at, next };
    let step = match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\n'), _) => end(at + 1),
        (Some(b'\r'), Some(b'\n')) => end(at + 2),
        (Some(b'\r'), None) if last => end(at + 1),
        (None, _) if last => end(at),
        (None, _) | (Some(b'\r'), None) => return Step::More,
        (Some(_), _) => match starts(d, bytes, at) {
            Some(true) => Step::Next(at + d.separator.len()),
            None if !last => return Step::More,
            Some(false) | None => return Step::Bad(BadReason::QuoteEnd),
        },
    };
    cells.push(span);
    step
}

/// Appends a quoted cell's text without its escapes.
pub(super) fn unescape(d: &Dialect, bytes: &mut Vec<u8>, span: Span) {
    let quote = d.quote.unwrap_or(b'"');
    let mark = d.escape.unwrap_or(quote);
    let mut from = span.start;
    while let Some(hit) = memchr(mark, &bytes[from..span.end]) {
        let hit = from + hit;
        // What follows the mark stands for itself; any other escape sequence is kept as it is.
        let literal = bytes
            .get(hit + 1)
            .is_some_and(|b| *b == quote || *b == mark);
        bytes.extend_from_within(from..hit + usize::from(!literal));
        from = hit + 1;
        if literal {
            bytes.extend_from_within(from..from + 1);
            from += 1;
        }
    }
    bytes.extend_from_within(from.min(span.end)..span.end);
}
