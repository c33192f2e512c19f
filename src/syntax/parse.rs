//! The front end's doors: files, all files at once, the text of one dynamic statement.

use rayon::prelude::*;

use super::ast::*;
use super::keyword::Tok;
use super::parser::{Parsed, Parser};
use super::recognise::looks_like_sql;
use super::second::read_chunk;
use super::split::{Chunk, ChunkKind, MAX_TOKENS, Splitter, command_name};
use super::token::{Tape, TokKind};
use super::unit::{ParsedFile, Unit};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, SourceMap, Span};

/// Texts longer than this are parsed chunk by chunk in parallel.
const PARALLEL_FROM: usize = 256 * 1024;
/// Bytes of text whose trees are held at once: units come and go.
const WINDOW: usize = 2 << 20;
/// Bytes that are read one chunk after the other behind one whose successors had to be cut anew.
const CALM: usize = 64 * 1024;

/// Parses one file into its units.
pub fn parse_file(map: &SourceMap, id: FileId) -> ParsedFile {
    ParsedFile {
        file: id,
        units: parse_text(&map.file(id).text, id),
    }
}

/// Parses all files, in parallel, in the map's order.
pub fn parse_all(map: &SourceMap) -> Vec<ParsedFile> {
    let ids: Vec<FileId> = map.iter().map(|(id, _)| id).collect();
    ids.into_par_iter().map(|id| parse_file(map, id)).collect()
}

/// Parses a text as the script `file`.
pub fn parse_text(text: &str, file: FileId) -> Vec<Unit> {
    let mut units = Vec::new();
    parse_each(text, file, &mut |unit| units.push(unit));
    units
}

/// Parses a text as the script `file` and hands over its units in order, one at a time: what is
/// not kept there is released. Long texts are parsed in parallel, a window of units at once.
pub fn parse_each(text: &str, file: FileId, each: &mut dyn FnMut(Unit)) {
    if !looks_like_sql(text) {
        not_sql(text, file).into_iter().for_each(each);
        return;
    }
    let mut splitter = Splitter::new(text);
    let parallel = text.len() >= PARALLEL_FROM && rayon::current_num_threads() > 1;
    // Bytes since a second cut ended elsewhere than its chunk: so much is read ahead.
    let mut calm = WINDOW;
    loop {
        let ahead = if parallel && calm >= CALM { calm } else { 0 };
        let window = next_window(&mut splitter, ahead.min(WINDOW));
        if window.is_empty() {
            return;
        }
        calm += window_bytes(&window);
        if !read_window(text, file, window, &mut splitter, each) {
            calm = 0;
        }
    }
}

/// Chunks of about `bytes` together, one at least.
fn next_window(splitter: &mut Splitter<'_>, bytes: usize) -> Vec<Chunk> {
    let mut window: Vec<Chunk> = splitter.next().into_iter().collect();
    while !window.is_empty()
        && window_bytes(&window) < bytes
        && let Some(chunk) = splitter.next()
    {
        window.push(chunk);
    }
    window
}

fn window_bytes(window: &[Chunk]) -> usize {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return 0;
    };
    last.tape.end as usize - first.start()
}

/// Reads the chunks and hands over their units in order. False where one of them was cut anew and ended elsewhere:
/// those behind it are dropped, and the splitter goes on there.
fn read_window(
    text: &str,
    file: FileId,
    mut window: Vec<Chunk>,
    splitter: &mut Splitter<'_>,
    each: &mut dyn FnMut(Unit),
) -> bool {
    if window.len() == 1
        && let Some(chunk) = window.pop()
    {
        let end = chunk.tape.end as usize;
        let place = read_chunk(text, file, chunk, each);
        if place.0 != end {
            splitter.go_on_at(place);
        }
        return place.0 == end;
    }
    let read = |chunk: Chunk| {
        let (end, mut units) = (chunk.tape.end as usize, Vec::new());
        let place = read_chunk(text, file, chunk, &mut |unit| units.push(unit));
        (units, end, place)
    };
    let parsed: Vec<_> = window.into_par_iter().map(read).collect();
    for (units, end, place) in parsed {
        units.into_iter().for_each(&mut *each);
        if place.0 != end {
            splitter.go_on_at(place);
            return false;
        }
    }
    true
}

/// Parses the text of one dynamic statement: EXECUTE IMMEDIATE, OPEN .. FOR, a job's action. The
/// text belongs to `file`, which the caller made for it, so that spans stay meaningful. SQL*Plus
/// plays no part: no commands, the terminator may be missing.
pub fn parse_statement(text: &str, file: FileId) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut splitter = Splitter::plain(text, 0);
    while let Some(chunk) = splitter.next() {
        let place = read_chunk(text, file, chunk, &mut |unit| units.push(unit));
        splitter.go_on_at(place);
    }
    units
}

/// One chunk, which may turn out to hold several units.
pub(super) fn parse_chunk(text: &str, file: FileId, chunk: Chunk, each: &mut dyn FnMut(Unit)) {
    let settings = chunk.settings;
    let text = &text[..chunk.tape.end as usize];
    let mut anew = parse_tape(text, file, chunk, each);
    while let Some(start) = anew.take() {
        for chunk in Splitter::part(text, start, settings) {
            let part = &text[..chunk.tape.end as usize];
            anew = parse_tape(part, file, chunk, each);
            if anew.is_some() {
                break;
            }
        }
    }
}

/// The units of a chunk, one after the other on the same tokens. Where a command line between
/// them makes the tokens behind it doubtful: the offset from which the text is to be split anew.
fn parse_tape(text: &str, file: FileId, chunk: Chunk, each: &mut dyn FnMut(Unit)) -> Option<usize> {
    let Chunk { kind, tape, .. } = chunk;
    if kind == ChunkKind::Interrupted {
        let end = tape.end;
        return parse_code(text, file, tape, &mut |mut unit| {
            if unit.tape.end == end && unit.errors.is_empty() {
                unit.errors.push(unterminated(&unit));
            }
            each(unit);
        });
    }
    if matches!(kind, ChunkKind::Code | ChunkKind::Broken) {
        return parse_code(text, file, tape, each);
    }
    let mut parser = Parser::new(text, file, &tape);
    let parsed = match kind {
        ChunkKind::Code | ChunkKind::Broken | ChunkKind::Interrupted | ChunkKind::Exec => {
            parser.exec()
        }
        ChunkKind::ControlFile => parser.control_file(),
        ChunkKind::Wrapped => parser.closed(true),
        ChunkKind::Foreign => parser.closed(false),
        ChunkKind::Command => parser.command(command_name(text, &tape)),
        ChunkKind::TooLarge => too_large(file, &tape),
    };
    each(unit_of(file, tape, parsed));
    None
}

fn parse_code(text: &str, file: FileId, tape: Tape, each: &mut dyn FnMut(Unit)) -> Option<usize> {
    let mut parser = Parser::new(text, file, &tape);
    let mut parsed = parser.unit();
    if parser.next_unit(parsed.rest).is_none() {
        drop(parser);
        each(unit_of(file, tape, parsed));
        return None;
    }
    let mut from = 0;
    loop {
        // A unit without a token of its own takes what is left.
        let stuck = parsed.rest as usize <= from;
        let until = if parser.more() && !stuck {
            parsed.rest as usize
        } else {
            tape.len()
        };
        each(unit_of(file, tape.slice(from..until), parsed));
        from = until;
        if stuck {
            return None;
        }
        while parser.more() {
            let Some(command) = command_in(text, &tape, from) else {
                break;
            };
            let Some((unit, next)) = command_unit(file, &tape, from, command) else {
                return Some(tape.range(from as u32).start);
            };
            each(unit);
            from = next;
            parser.next_unit(from as u32);
        }
        if !parser.more() {
            // Tokens that a repair took out of the last unit, and a command stands in front of them.
            let left = tape.toks[from..].iter().any(|t| *t != Tok::Trivia);
            return left.then(|| tape.range(from as u32).start);
        }
        parsed = parser.unit();
        parser.next_unit(parsed.rest);
    }
}

/// A command or another statement follows where the statement's terminator should be.
fn unterminated(unit: &Unit) -> Diagnostic {
    let at = Span::new(unit.file, unit.span.end, unit.span.end);
    let message = "expected `;` or `/` before the next statement or command";
    Diagnostic::new(Code::Syntax, message).at(at, "")
}

/// The command line that starts at the next significant token from `from` on: that token, the
/// command's name, and where its text ends.
fn command_in(text: &str, tape: &Tape, from: usize) -> Option<(usize, &'static str, usize)> {
    let at = from + tape.toks[from..].iter().position(|t| *t != Tok::Trivia)?;
    let (name, end) = super::split::command_span(text, tape.range(at as u32).start)?;
    Some((at, name, end))
}

/// A command met after the chunk was lexed as code: its tokens become one. None where a token
/// reaches beyond the line.
fn command_unit(
    file: FileId,
    tape: &Tape,
    from: usize,
    command: (usize, &'static str, usize),
) -> Option<(Unit, usize)> {
    let (at, name, end) = command;
    let next = tape.starts.below(end);
    if name == "EXECUTE" || tape.range(next as u32).start != end {
        return None;
    }
    let mut line = tape.slice(from..at);
    line.push(TokKind::Command, Tok::Command, tape.range(at as u32).start);
    line.end = end as u32;
    let mut until = next;
    if tape.toks[next..].iter().all(|t| *t == Tok::Trivia) {
        for i in next..tape.len() {
            let start = tape.range(i as u32).start;
            line.push(tape.kinds[i], tape.toks[i], start);
        }
        line.end = tape.end;
        until = tape.len();
    }
    let parsed = Parser::new("", file, &line).command(name);
    Some((unit_of(file, line, parsed), until))
}

fn unit_of(file: FileId, tape: Tape, parsed: Parsed) -> Unit {
    let significant = |t: &Tok| *t != Tok::Trivia;
    let first = tape.toks.iter().position(significant).unwrap_or(0) as u32;
    let last = tape.toks.iter().rposition(significant).unwrap_or(0) as u32;
    let span = Span::new(
        file,
        tape.range(first).start as u32,
        tape.range(last).end as u32,
    );
    Unit {
        file,
        span,
        tape,
        ast: parsed.ast,
        item: parsed.item,
        errors: parsed.errors,
        error_bytes: parsed.error_bytes,
        statements: parsed.statements,
        opaque: parsed.opaque,
        names: parsed.names,
    }
}

/// A text that is not read is one token, one node and one error.
fn unread(tape: &Tape, error: Diagnostic, statements: u32) -> Parsed {
    let tok = tape.len() as u32 - 1;
    let mut ast = Ast::default();
    let item = ast.add(Item {
        span: TokSpan::new(tok, tok + 1),
        kind: ItemKind::Unparsed,
    });
    Parsed {
        ast,
        item,
        errors: vec![error],
        error_bytes: tape.range(tok).len() as u64,
        statements,
        opaque: 0,
        names: Vec::new(),
        rest: tape.len() as u32,
    }
}

/// A file that is not SQL is one unparsed unit with one error.
fn not_sql(text: &str, file: FileId) -> Option<Unit> {
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    if start >= end {
        return None;
    }
    let mut tape = Tape::default();
    if start > 0 {
        tape.push(TokKind::Space, Tok::Trivia, 0);
    }
    tape.push(TokKind::Unknown, Tok::Unknown, start);
    tape.end = end as u32;
    let first_line = text[start..end].lines().next().map_or(0, str::len);
    let span = Span::new(file, start as u32, (start + first_line) as u32);
    let error = Diagnostic::new(
        Code::NotSql,
        "the file does not look like SQL, PL/SQL or a SQL*Plus script",
    )
    .at(span, "")
    .help("leave it out of the input, or check how it was exported");
    let parsed = unread(&tape, error, 0);
    Some(unit_of(file, tape, parsed))
}

fn too_large(file: FileId, tape: &Tape) -> Parsed {
    let start = tape.range(tape.len() as u32 - 1).start as u32;
    let error = Diagnostic::new(
        Code::UnitTooLarge,
        format!("the statement has more than {MAX_TOKENS} tokens and is not read"),
    )
    .at(Span::new(file, start, start), "it begins here")
    .help("split it; rows of data are better loaded from a file than written as statements");
    unread(tape, error, 1)
}
