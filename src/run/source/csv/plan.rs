//! Where a clear file may be cut: at beginnings of records, also when cells hold line ends. Each piece is looked at
//! once, in parallel, for both cases (it begins outside or inside quotes); the pieces are then chained from the top.
//! A file with a quote that does not belong is planned by reading it with the real grammar, so that what the chunks
//! hold is what one reader of the whole file would see.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use memchr::{memchr, memchr_iter, memchr2};
use rayon::prelude::*;

use super::dialect::Dialect;

/// A beginning of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub offset: u64,
    pub line: u64,
}

/// What a piece looks like from one of the two states.
#[derive(Clone, Copy, Debug)]
struct View {
    /// It ends inside quotes.
    inside: bool,
    /// A quote stood where none may.
    malformed: bool,
    /// The first beginning of a record in it, and the line ends before.
    first: Option<(u64, u64)>,
}

struct Piece {
    start: u64,
    lines: u64,
    outside: View,
    inside: View,
}

/// Cuts of a file into pieces of about `size` bytes, from `top` (behind header and skipped lines) on. None: the file
/// has to be read by the real grammar.
pub(super) fn cuts(
    path: &Path,
    d: &Dialect,
    top: Cut,
    len: u64,
    size: u64,
) -> io::Result<Option<Vec<Cut>>> {
    let starts = piece_starts(path, top.offset, len, size.min(LOOK))?;
    let ends = starts.iter().skip(1).copied().chain([len]);
    let ranges: Vec<(u64, u64)> = starts.iter().copied().zip(ends).collect();
    let pieces = ranges.par_iter().map(|r| piece(path, d, *r));
    let pieces: Vec<Piece> = pieces.collect::<io::Result<_>>()?;
    Ok(chain(&pieces, top.line).map(|cuts| thin(cuts, size)))
}

/// Bytes that are looked at in one piece: what a thread holds in memory, whatever the size of a chunk.
const LOOK: u64 = 512 * 1024;

/// The cuts that are a chunk's size apart.
fn thin(cuts: Vec<Cut>, size: u64) -> Vec<Cut> {
    let mut kept: Vec<Cut> = Vec::new();
    for cut in cuts {
        if kept.last().is_none_or(|k| cut.offset >= k.offset + size) {
            kept.push(cut);
        }
    }
    kept
}

/// Offsets behind the first line end at or after each multiple of the size.
fn piece_starts(path: &Path, top: u64, len: u64, size: u64) -> io::Result<Vec<u64>> {
    let mut file = File::open(path)?;
    let mut starts = vec![top];
    let mut nominal = top + size;
    while nominal < len {
        let Some(start) = behind_line_end(&mut file, nominal, len)? else {
            break;
        };
        starts.push(start);
        nominal = (nominal + size).max(start + 1);
    }
    Ok(starts)
}

fn behind_line_end(file: &mut File, from: u64, len: u64) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(from))?;
    let mut block = vec![0; 64 * 1024];
    let mut at = from;
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(None);
        }
        if let Some(n) = memchr(b'\n', &block[..read]) {
            let start = at + n as u64 + 1;
            return Ok((start < len).then_some(start));
        }
        at += read as u64;
    }
}

fn piece(path: &Path, d: &Dialect, (start, end): (u64, u64)) -> io::Result<Piece> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::with_capacity((end - start) as usize);
    file.take(end - start).read_to_end(&mut bytes)?;
    Ok(Piece {
        start,
        lines: memchr_iter(b'\n', &bytes).count() as u64,
        outside: view(d, &bytes, false),
        inside: view(d, &bytes, true),
    })
}

/// Goes through a piece that begins behind a line end, from quote to quote.
fn view(d: &Dialect, bytes: &[u8], begins_inside: bool) -> View {
    let Some(quote) = d.quote else {
        return View {
            inside: false,
            malformed: begins_inside,
            first: (!begins_inside).then_some((0, 0)),
        };
    };
    let mut view = View {
        inside: begins_inside,
        malformed: false,
        first: (!begins_inside).then_some((0, 0)),
    };
    let mut at = 0;
    while at < bytes.len() && !view.malformed {
        if view.inside {
            at = close(d, quote, bytes, at, &mut view);
        } else {
            at = open(d, quote, bytes, at, &mut view);
        }
    }
    view
}

/// From outside to behind the next opening quote, or to the end.
fn open(d: &Dialect, quote: u8, bytes: &[u8], at: usize, view: &mut View) -> usize {
    let mut from = at;
    loop {
        let hit = memchr(quote, &bytes[from..]).map_or(bytes.len(), |h| from + h);
        if view.first.is_none()
            && let Some(n) = memchr(b'\n', &bytes[from..hit])
        {
            let begin = from + n + 1;
            let lines = memchr_iter(b'\n', &bytes[..begin]).count();
            view.first = (begin < bytes.len()).then_some((begin as u64, lines as u64));
        }
        if hit == bytes.len() {
            return hit;
        }
        let opens = hit == 0 || bytes[hit - 1] == b'\n' || bytes[..hit].ends_with(&d.separator);
        from = hit + 1;
        if opens {
            view.inside = true;
            return from;
        }
    }
}

/// From inside to behind the closing quote, or to the end.
fn close(d: &Dialect, quote: u8, bytes: &[u8], at: usize, view: &mut View) -> usize {
    let mut from = at;
    loop {
        let hit = match d.escape {
            Some(escape) => memchr2(quote, escape, &bytes[from.min(bytes.len())..]),
            None => memchr(quote, &bytes[from.min(bytes.len())..]),
        };
        let Some(hit) = hit.map(|h| from + h) else {
            view.malformed |= bytes.len() - at > d.max_record;
            return bytes.len();
        };
        let doubled = d.escape.is_none() && bytes.get(hit + 1) == Some(&quote);
        if doubled || bytes[hit] != quote {
            from = hit + 2;
            continue;
        }
        let rest = &bytes[hit + 1..];
        let fine = rest.is_empty()
            || rest.starts_with(b"\n")
            || rest.starts_with(b"\r\n")
            || rest == b"\r"
            || rest.starts_with(&d.separator);
        view.malformed |= !fine || hit - at > d.max_record;
        view.inside = false;
        return hit + 1;
    }
}

/// The true state of every piece, from the top down.
fn chain(pieces: &[Piece], line: u64) -> Option<Vec<Cut>> {
    let (mut inside, mut line) = (false, line);
    let mut cuts = Vec::new();
    for piece in pieces {
        let view = if inside { piece.inside } else { piece.outside };
        if view.malformed {
            return None;
        }
        if let Some((offset, lines)) = view.first {
            cuts.push(Cut {
                offset: piece.start + offset,
                line: line + lines,
            });
        }
        line += piece.lines;
        inside = view.inside;
    }
    // A quote that never closes.
    (!inside).then_some(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_are_looked_at_and_large_ones_are_kept() {
        let cut = |offset| Cut { offset, line: 1 };
        let cuts = [0, 90, 210, 290, 405, 500].map(cut).to_vec();
        assert_eq!(thin(cuts, 200), [0, 210, 500].map(cut));
    }
}
