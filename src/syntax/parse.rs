//! The front end's doors: files, all files at once, the text of one dynamic statement.

use rayon::prelude::*;

use super::ast::*;
use super::keyword::Tok;
use super::lexer::Lexer;
use super::parser::{Parsed, Parser};
use super::split::{Chunk, ChunkKind, Splitter, command_name};
use super::token::{Tape, TokKind};
use super::unit::{ParsedFile, Unit};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, SourceMap, Span};

/// Texts longer than this are parsed chunk by chunk in parallel.
const PARALLEL_FROM: usize = 256 * 1024;

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
    if !looks_like_sql(text) {
        return not_sql(text, file).into_iter().collect();
    }
    if text.len() < PARALLEL_FROM {
        let mut units = Vec::new();
        for chunk in Splitter::new(text) {
            parse_chunk(text, file, chunk, &mut units);
        }
        return units;
    }
    let chunks: Vec<Chunk> = Splitter::new(text).collect();
    let parsed: Vec<Vec<Unit>> = chunks
        .into_par_iter()
        .map(|chunk| {
            let mut units = Vec::new();
            parse_chunk(text, file, chunk, &mut units);
            units
        })
        .collect();
    parsed.into_iter().flatten().collect()
}

/// Parses the text of one dynamic statement: EXECUTE IMMEDIATE, OPEN .. FOR, a job's action. The
/// text belongs to `file`, which the caller made for it, so that spans stay meaningful. SQL*Plus
/// plays no part: no commands, the terminator may be missing.
pub fn parse_statement(text: &str, file: FileId) -> Vec<Unit> {
    let mut units = Vec::new();
    for chunk in Splitter::plain(text, 0) {
        parse_chunk(text, file, chunk, &mut units);
    }
    units
}

/// One chunk, which may turn out to hold several units.
fn parse_chunk(text: &str, file: FileId, chunk: Chunk, units: &mut Vec<Unit>) {
    let text = &text[..chunk.tape.end as usize];
    let mut anew = parse_tape(text, file, chunk, units);
    while let Some(start) = anew.take() {
        for chunk in Splitter::part(text, start) {
            let part = &text[..chunk.tape.end as usize];
            anew = parse_tape(part, file, chunk, units);
            if anew.is_some() {
                break;
            }
        }
    }
}

/// The units of a chunk, one after the other on the same tokens. Where a command line between
/// them makes the tokens behind it doubtful: the offset from which the text is to be split anew.
fn parse_tape(text: &str, file: FileId, chunk: Chunk, units: &mut Vec<Unit>) -> Option<usize> {
    let Chunk { kind, tape } = chunk;
    let mut parser = Parser::new(text, file, &tape);
    let parsed = match kind {
        ChunkKind::Code => return parse_code(text, file, parser, &tape, units),
        ChunkKind::Exec => parser.exec(),
        ChunkKind::ControlFile => parser.control_file(),
        ChunkKind::Wrapped => parser.closed(true),
        ChunkKind::Foreign => parser.closed(false),
        ChunkKind::Command => parser.command(command_name(text, &tape)),
    };
    units.push(unit_of(file, tape, parsed));
    None
}

fn parse_code(
    text: &str,
    file: FileId,
    mut parser: Parser<'_>,
    tape: &Tape,
    units: &mut Vec<Unit>,
) -> Option<usize> {
    let mut from = 0;
    loop {
        let parsed = parser.unit();
        let rest = parsed.rest;
        let more = parser.next_unit(rest).is_some();
        let until = if more { rest as usize } else { tape.len() };
        units.push(unit_of(file, tape.slice(from..until), parsed));
        from = until;
        while parser.more() {
            let Some(command) = command_in(text, tape, from) else {
                break;
            };
            let Some((unit, next)) = command_unit(file, tape, from, command) else {
                return Some(tape.range(from as u32).start);
            };
            units.push(unit);
            from = next;
            parser.next_unit(from as u32);
        }
        if !parser.more() {
            return None;
        }
    }
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
    let next = tape.starts.partition_point(|s| (*s as usize) < end);
    if name == "EXECUTE" || tape.range(next as u32).start != end {
        return None;
    }
    let mut line = tape.slice(from..at);
    line.push(TokKind::Command, Tok::Command, tape.range(at as u32).start);
    line.end = end as u32;
    let mut until = next;
    if tape.toks[next..].iter().all(|t| *t == Tok::Trivia) {
        for i in next..tape.len() {
            line.push(tape.kinds[i], tape.toks[i], tape.starts[i] as usize);
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
    let tok = tape.len() as u32 - 1;
    let mut ast = Ast::default();
    let item = ast.add(Item {
        span: TokSpan::new(tok, tok + 1),
        kind: ItemKind::Unparsed,
    });
    let first_line = text[start..end].lines().next().map_or(0, str::len);
    let span = Span::new(file, start as u32, (start + first_line) as u32);
    let error = Diagnostic::new(
        Code::NotSql,
        "the file does not look like SQL, PL/SQL or a SQL*Plus script",
    )
    .at(span, "")
    .help("leave it out of the input, or check how it was exported");
    Some(Unit {
        file,
        span: Span::new(file, start as u32, end as u32),
        tape,
        ast,
        item,
        errors: vec![error],
        error_bytes: (end - start) as u64,
        statements: 0,
        opaque: 0,
    })
}

/// Whether a text is plausibly SQL, PL/SQL, a SQL*Plus script or a control file: it is empty, or
/// its first word can begin one and the text is not plainly something else, or some later line
/// plainly begins a statement.
pub fn looks_like_sql(text: &str) -> bool {
    let mut lexer = Lexer::new(text, 0);
    let mut words = Vec::new();
    let mut first_at = None;
    while words.len() < 4 {
        let start = lexer.pos;
        let (_, tok) = lexer.next();
        match tok {
            Tok::Eof => break,
            Tok::Trivia => {}
            _ => {
                first_at.get_or_insert(start);
                words.push(tok);
            }
        }
    }
    let Some(at) = first_at else {
        return true;
    };
    if first_word_fits(&words) || word_at(text, at, "ADMINISTER") {
        return true;
    }
    let command = super::split::command_line(text, at) && !prose(text, at);
    let foreign = matches!(
        words[0],
        Tok::LBrace | Tok::LBracket | Tok::Lt | Tok::Unknown
    );
    command || !foreign && !text[at..].starts_with(['#', '%']) && has_statement_line(text)
}

fn word_at(text: &str, at: usize, word: &str) -> bool {
    text.get(at..at + word.len())
        .is_some_and(|w| w.eq_ignore_ascii_case(word))
}

/// A line that only a script has: a bare BEGIN or DECLARE, `CREATE OR REPLACE`, `CREATE TABLE`,
/// `INSERT INTO` and the like.
fn has_statement_line(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or("");
        if !first.starts_with(|c: char| "bcdimBCDIM".contains(c)) {
            return false;
        }
        let pair = (
            first.to_ascii_uppercase(),
            words.next().map(str::to_ascii_uppercase),
        );
        match (pair.0.as_str(), pair.1.as_deref()) {
            ("BEGIN" | "DECLARE", None) => true,
            ("CREATE", Some(what)) => {
                [
                    "OR",
                    "TABLE",
                    "PACKAGE",
                    "PROCEDURE",
                    "FUNCTION",
                    "VIEW",
                    "TRIGGER",
                    "SEQUENCE",
                    "INDEX",
                    "GLOBAL",
                ]
                .contains(&what)
                    && line.len() < 200
                    && !line.trim_end().ends_with('.')
            }
            ("INSERT" | "MERGE", Some("INTO")) | ("DELETE", Some("FROM")) => {
                !line.trim_end().ends_with('.')
            }
            _ => false,
        }
    })
}

fn first_word_fits(words: &[Tok]) -> bool {
    let second = words.get(1).copied().unwrap_or(Tok::Eof);
    match words[0] {
        Tok::CREATE
        | Tok::ALTER
        | Tok::DROP
        | Tok::GRANT
        | Tok::REVOKE
        | Tok::ANALYZE
        | Tok::AUDIT
        | Tok::NOAUDIT
        | Tok::RENAME
        | Tok::PURGE
        | Tok::FLASHBACK
        | Tok::TRUNCATE
        | Tok::SELECT
        | Tok::INSERT
        | Tok::UPDATE
        | Tok::DELETE
        | Tok::MERGE
        | Tok::WITH
        | Tok::PACKAGE
        | Tok::PROCEDURE
        | Tok::FUNCTION
        | Tok::TRIGGER
        | Tok::TYPE
        | Tok::CALL
        | Tok::ASSOCIATE
        | Tok::DISASSOCIATE
        | Tok::SAVEPOINT => {
            second.is_name()
                || matches!(
                    second,
                    Tok::Star
                        | Tok::LParen
                        | Tok::Str
                        | Tok::Num
                        | Tok::Bind
                        | Tok::Minus
                        | Tok::Plus
                )
        }
        Tok::COMMENT => second == Tok::ON,
        Tok::EXPLAIN => true,
        Tok::LOCK => second == Tok::TABLE,
        Tok::LOAD => matches!(second, Tok::DATA | Tok::INFILE),
        Tok::OPTIONS => second == Tok::LParen,
        Tok::RECOVERABLE | Tok::UNRECOVERABLE => second == Tok::LOAD,
        Tok::CONTINUE_LOAD => true,
        Tok::COMMIT
        | Tok::ROLLBACK
        | Tok::BEGIN
        | Tok::DECLARE
        | Tok::LabelOpen
        | Tok::LParen
        | Tok::Subst => true,
        Tok::SET | Tok::EXECUTE | Tok::OPEN | Tok::FETCH | Tok::CLOSE => true,
        _ => false,
    }
}

/// A first line that is a vague command word, followed by text without any SQL.
fn prose(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    let lines: Vec<&str> = rest
        .lines()
        .filter(|l| !l.trim().is_empty())
        .take(40)
        .collect();
    let sentences = lines
        .iter()
        .filter(|l| l.trim_end().ends_with(['.', ':', ',']) && l.contains(' '))
        .count();
    super::split::vague_line(text, at) && sentences * 2 > lines.len()
}
