//! The second cut: a chunk that has errors, and in which some string or comment may hold code, is cut anew with such
//! strings and comments broken at the end of their line; the better reading counts. So a quote or a `/*` too many
//! costs the unit that it stands in, however far away the next one is. Must not know grammar.

use super::lexer::Doubt;
use super::parse::parse_chunk;
use super::split::{Chunk, ChunkKind, Settings, Splitter};
use super::unit::Unit;
use crate::source::FileId;
use std::cmp::Ordering;

/// How far beyond a chunk a second cut may look, besides twice its length.
const BEYOND: usize = 1024;

/// Where the text goes on behind what was read, and the settings that hold there.
pub(super) type Place = (usize, Settings);

/// The units of a reading that may be dropped.
#[derive(Default)]
struct Reading {
    units: Vec<Unit>,
    errors: usize,
    statements: u32,
}

impl Reading {
    fn add(&mut self, unit: Unit) {
        self.errors += unit.errors.len();
        self.statements += unit.statements;
        self.units.push(unit);
    }

    /// Fewer errors, or as many and no fewer statements where the first cut is unlikely.
    fn is_better_than(&self, first: &Reading, doubt: Doubt) -> bool {
        let counts = |r: &Reading| (r.errors, std::cmp::Reverse(r.statements));
        match counts(self).cmp(&counts(first)) {
            Ordering::Less => true,
            Ordering::Equal => doubt == Doubt::Strong,
            Ordering::Greater => false,
        }
    }
}

/// Reads a chunk of `text`; what follows may begin at another place than behind it.
pub(super) fn read_chunk(
    text: &str,
    file: FileId,
    chunk: Chunk,
    each: &mut dyn FnMut(Unit),
) -> Place {
    let (start, end, settings) = (chunk.start(), chunk.tape.end as usize, chunk.settings);
    let place = (end, settings);
    if chunk.kind == ChunkKind::Broken {
        // A token that does not end was cut at a lone `/`, or is the last.
        let part = &text[..end];
        for chunk in Splitter::part(part, start, settings.by_line()) {
            parse_chunk(part, file, chunk, each);
        }
        return place;
    }
    let doubt = chunk.doubt;
    if doubt == Doubt::None {
        parse_chunk(text, file, chunk, each);
        return place;
    }
    let mut first = Reading::default();
    parse_chunk(text, file, chunk, &mut |unit| first.add(unit));
    if first.errors > 0
        && let Some((second, place)) = second_cut(text, file, start..end, settings)
        && second.is_better_than(&first, doubt)
    {
        second.units.into_iter().for_each(each);
        return place;
    }
    first.units.into_iter().for_each(each);
    place
}

/// The range read anew, up to the chunk that crosses its end; that one is left to whoever goes on there, unless it is
/// the first. None where its end is too far away.
fn second_cut(
    text: &str,
    file: FileId,
    range: std::ops::Range<usize>,
    settings: Settings,
) -> Option<(Reading, Place)> {
    let mut limit = (range.end + 2 * range.len() + BEYOND).min(text.len());
    while !text.is_char_boundary(limit) {
        limit += 1;
    }
    let part = &text[..limit];
    let mut reading = Reading::default();
    let mut place = (range.start, settings);
    for chunk in Splitter::part(part, range.start, settings.by_line()) {
        let end = chunk.tape.end as usize;
        if end > range.end && chunk.start() > range.start {
            break;
        }
        if end == limit && limit < text.len() {
            return None;
        }
        place = (end, chunk.settings);
        parse_chunk(part, file, chunk, &mut |unit| reading.add(unit));
        if end >= range.end {
            break;
        }
    }
    Some((reading, place))
}
