//! The parser: recursive descent over the significant tokens of one chunk, with operator
//! precedence for expressions. Total: a reading that fails costs its statement, the rest of the
//! unit is read on. Must not know the splitter's modes nor what names mean.

mod block;
mod call;
mod clause;
mod control;
mod create;
mod ddl;
mod decl;
mod dml;
mod expr;
mod from;
mod graph;
mod loader;
mod model;
mod name;
mod partition;
mod pivot;
mod query;
mod recover;
mod routine;
mod settings;
mod special;
mod stmt;
mod table;
mod trigger;
mod types;
mod unit;
mod worded;

use super::ast::*;
use super::keyword::Tok;
use super::token::{Tape, TokKind};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};
use std::ops::Range;

/// A reading failed at `Parser::fail`; whoever catches it makes the unparsed node.
#[derive(Debug)]
pub(super) struct Fail;

/// Result of reading a piece of grammar.
pub(super) type P<T> = Result<T, Fail>;

/// Grammar levels inside each other beyond which nothing is read: a construct deeper than this
/// would be too much for whoever walks the tree.
pub(super) const MAX_DEPTH: u32 = 12_000;

/// Blocks, loops and branches inside each other: each END looks through those that are open.
const MAX_FRAMES: usize = 1500;

/// Where and why the last reading failed.
#[derive(Clone, Copy)]
struct Failure {
    at: usize,
    code: Code,
    expected: &'static str,
}

/// Open construct inside a unit: what an END may close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// BEGIN .. END of a routine, trigger or timing point.
    Routine,
    /// A nested or anonymous block.
    Block,
    /// IF.
    If,
    /// LOOP.
    Loop,
    /// CASE statement.
    Case,
    /// Declarations of a package, type body or compound trigger.
    Package,
    /// An arm of `$IF`.
    Directive,
}

/// A frame, the token that opened it, and the name its END may carry.
#[derive(Clone, Copy, Debug)]
struct Open {
    frame: Frame,
    at: usize,
    name: Option<Name>,
    /// Its EXCEPTION part has begun.
    handlers: bool,
}

/// The state of one reading.
pub(super) struct Parser<'a> {
    src: &'a str,
    file: FileId,
    tape: &'a Tape,
    /// Significant tokens: what they are, and where on the tape. One `Eof` at the end.
    toks: Vec<Tok>,
    sig: Vec<u32>,
    p: usize,
    /// First significant token of the unit, and first tape token: spans count from there.
    begin: usize,
    base: u32,
    /// The unit's tokens as they were before some were taken out or moved, the latest change last.
    undo: Vec<(usize, Vec<Tok>, Vec<u32>)>,
    /// Tokens that may be looked at ahead of the cursor: keeps hopeless searches linear in all.
    fuel: std::cell::Cell<usize>,
    ast: Ast,
    /// Elements of lists under construction.
    scratch: Ast,
    failure: Failure,
    depth: u32,
    frames: Vec<Open>,
    /// Label of the statement being read.
    label: Option<Name>,
    /// The second reading of a unit that has errors: layout counts as evidence.
    layout: bool,
    errors: Vec<Diagnostic>,
    error_tokens: Vec<TokSpan>,
    /// Branches of `$IF` that were left out although they hold whole statements.
    dropped: Vec<TokSpan>,
    statements: u32,
    opaque: u32,
    /// Words of blocks (BEGIN, END, CASE ..) that were read as names, by their place on the unit's tape.
    names: Vec<u32>,
}

/// What remains after a unit was read.
pub(super) struct Parsed {
    pub(super) ast: Ast,
    pub(super) item: Id<Item>,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) error_bytes: u64,
    pub(super) statements: u32,
    pub(super) opaque: u32,
    pub(super) names: Vec<u32>,
    /// Tape index of the first token that does not belong to the unit.
    pub(super) rest: u32,
}

impl<'a> Parser<'a> {
    /// Over the tokens of `tape`.
    pub(super) fn new(src: &'a str, file: FileId, tape: &'a Tape) -> Self {
        let mut toks = Vec::with_capacity(tape.len() / 2 + 2);
        let mut sig = Vec::with_capacity(tape.len() / 2 + 2);
        for (i, tok) in tape.toks.iter().enumerate() {
            if *tok != Tok::Trivia {
                toks.push(*tok);
                sig.push(i as u32);
            }
        }
        toks.push(Tok::Eof);
        sig.push(tape.len() as u32);
        let mut ast = Ast::default();
        ast.reserve(toks.len());
        Parser {
            src,
            file,
            tape,
            toks,
            sig,
            p: 0,
            begin: 0,
            base: 0,
            undo: Vec::new(),
            fuel: std::cell::Cell::new(10_000 + tape.len() * 16),
            ast,
            scratch: Ast::default(),
            failure: Failure {
                at: 0,
                code: Code::Syntax,
                expected: "",
            },
            depth: 0,
            frames: Vec::new(),
            label: None,
            layout: false,
            errors: Vec::new(),
            error_tokens: Vec::new(),
            dropped: Vec::new(),
            statements: 0,
            opaque: 0,
            names: Vec::new(),
        }
    }

    /// Back to the unit's first token, everything forgotten.
    fn restart_unit(&mut self) {
        while let Some((at, toks, sig)) = self.undo.pop() {
            self.toks[at..at + toks.len()].copy_from_slice(&toks);
            self.sig[at..at + sig.len()].copy_from_slice(&sig);
        }
        self.p = self.begin;
        self.leave_gap();
        self.scratch.rewind(&Ast::default().mark());
        self.depth = 0;
        self.frames.clear();
        self.dropped.clear();
        self.names.clear();
    }

    /// Takes out what was read, with its root.
    fn take(&mut self, item: Item) -> Parsed {
        let rest = self.sig[self.p];
        self.report_dropped();
        let error_bytes = self.error_bytes();
        let mut ast = std::mem::take(&mut self.ast);
        let item = ast.add(item);
        self.error_tokens.clear();
        Parsed {
            item,
            error_bytes,
            ast,
            errors: std::mem::take(&mut self.errors),
            statements: std::mem::take(&mut self.statements),
            opaque: std::mem::take(&mut self.opaque),
            names: std::mem::take(&mut self.names),
            rest,
        }
    }

    fn report_dropped(&mut self) {
        for span in std::mem::take(&mut self.dropped) {
            let start = self.tape.range(self.base + span.start);
            let message = "a branch of $IF cuts across blocks: only the first branch was read";
            let place = Span::new(self.file, start.start as u32, start.end as u32);
            self.errors
                .push(Diagnostic::new(Code::Syntax, message).at(place, ""));
            self.error_tokens.push(span);
        }
    }

    /// The next unit of the same chunk starts at tape token `rest`. None at the end.
    pub(super) fn next_unit(&mut self, rest: u32) -> Option<()> {
        self.begin = self.sig.partition_point(|s| *s < rest);
        self.undo.clear();
        self.restart_unit();
        self.base = rest;
        (self.at() != Tok::Eof).then_some(())
    }

    /// There are tokens left.
    pub(super) fn more(&self) -> bool {
        self.at() != Tok::Eof
    }

    /// Bytes inside unparsed nodes, each counted once.
    fn error_bytes(&self) -> u64 {
        let mut spans = self.error_tokens.clone();
        spans.sort_unstable();
        let (mut bytes, mut upto) = (0u64, 0usize);
        for s in spans {
            let start = self.tape.range(self.base + s.start).start.max(upto);
            let end = self.tape.range(self.base + s.end.max(1) - 1).end;
            bytes += end.saturating_sub(start) as u64;
            upto = upto.max(end);
        }
        bytes
    }

    // --- cursor -----------------------------------------------------------------------

    #[inline]
    fn at(&self) -> Tok {
        self.toks[self.p]
    }

    #[inline]
    fn nth(&self, n: usize) -> Tok {
        self.toks.get(self.p + n).copied().unwrap_or(Tok::Eof)
    }

    #[inline]
    fn bump(&mut self) {
        self.p += usize::from(self.p + 1 < self.toks.len());
    }

    /// Over `n` tokens, but not beyond the end.
    #[inline]
    fn advance(&mut self, n: usize) {
        self.p = (self.p + n).min(self.toks.len() - 1);
    }

    #[inline]
    fn eat(&mut self, tok: Tok) -> bool {
        let hit = self.at() == tok;
        if hit {
            self.bump();
        }
        hit
    }

    /// Eats a fixed sequence of tokens, or nothing.
    fn eat_seq(&mut self, seq: &[Tok]) -> bool {
        let hit = self.at_seq(seq);
        if hit {
            self.p += seq.len();
        }
        hit
    }

    fn at_seq(&self, seq: &[Tok]) -> bool {
        seq.iter().enumerate().all(|(i, t)| self.nth(i) == *t)
    }

    #[inline]
    fn expect(&mut self, tok: Tok, what: &'static str) -> P<()> {
        if self.eat(tok) {
            Ok(())
        } else {
            self.fail(what)
        }
    }

    /// Fails here, naming what would have been right.
    #[cold]
    fn fail<T>(&mut self, expected: &'static str) -> P<T> {
        self.failure = Failure {
            at: self.p,
            code: Code::Syntax,
            expected,
        };
        Err(Fail)
    }

    /// Text of the significant token `p`.
    fn text(&self, p: usize) -> &'a str {
        self.tape.text(self.src, self.sig[p])
    }

    fn at_word(&self, word: &str) -> bool {
        self.at() == Tok::Ident && self.text(self.p).eq_ignore_ascii_case(word)
    }

    fn nth_word(&self, n: usize, word: &str) -> bool {
        self.nth(n) == Tok::Ident && self.text(self.p + n).eq_ignore_ascii_case(word)
    }

    /// Eats a word that is no keyword of ours.
    fn eat_word(&mut self, word: &str) -> bool {
        let hit = self.at_word(word);
        if hit {
            self.bump();
        }
        hit
    }

    /// Tape range from the significant token `start` up to the last one read.
    #[inline]
    fn span(&self, start: usize) -> TokSpan {
        let from = self.sig[start] - self.base;
        if self.p > start {
            TokSpan::new(from, self.sig[self.p - 1] + 1 - self.base)
        } else {
            TokSpan::new(from, from)
        }
    }

    fn no_span(&self) -> TokSpan {
        self.span(self.p)
    }

    /// No blanks or comments between the tokens `p - 1` and `p`.
    fn touches(&self, p: usize) -> bool {
        p > 0 && self.sig[p - 1] + 1 == self.sig[p]
    }

    /// Column of a token that is the first on its line.
    fn column(&self, p: usize) -> Option<usize> {
        let start = self.tape.range(self.sig[p]).start;
        let before = self.src.get(..start)?;
        let line = before.rfind('\n').map_or(0, |n| n + 1);
        let lead = &before[line..];
        lead.bytes()
            .all(|b| matches!(b, b' ' | b'\t' | b'\r'))
            .then(|| lead.bytes().map(|b| if b == b'\t' { 4 } else { 1 }).sum())
    }

    fn starts_line(&self, p: usize) -> bool {
        p > 0 && self.column(p).is_some()
    }

    // --- lists ------------------------------------------------------------------------

    #[inline]
    fn mark<T: Node>(&self) -> usize {
        T::store(&self.scratch).len()
    }

    #[inline]
    fn push<T: Node>(&mut self, node: T) {
        T::store_mut(&mut self.scratch).push(node);
    }

    /// Makes a list of everything pushed since `mark`.
    #[inline]
    fn list<T: Node>(&mut self, mark: usize) -> List<T> {
        let nodes = T::store_mut(&mut self.scratch).drain(mark..);
        self.ast.add_list(nodes)
    }

    /// `item, item, ..`.
    fn comma_list<T: Node>(&mut self, mut item: impl FnMut(&mut Self) -> P<T>) -> P<List<T>> {
        let mark = self.mark::<T>();
        loop {
            let node = item(self)?;
            self.push(node);
            if !self.eat(Tok::Comma) {
                return Ok(self.list(mark));
            }
        }
    }

    /// `( item, item, .. )`.
    fn paren_list<T: Node>(&mut self, item: impl FnMut(&mut Self) -> P<T>) -> P<List<T>> {
        self.expect(Tok::LParen, "`(`")?;
        let list = self.comma_list(item)?;
        self.expect(Tok::RParen, "`,` or `)`")?;
        Ok(list)
    }

    // --- depth and failure --------------------------------------------------------------

    /// The one depth guard: reads `f` one level deeper, on a fresh piece of stack where needed.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> P<T>) -> P<T> {
        if self.depth >= MAX_DEPTH || self.frames.len() >= MAX_FRAMES {
            self.failure = Failure {
                at: self.p,
                code: Code::TooDeep,
                expected: "",
            };
            return Err(Fail);
        }
        self.depth += 1;
        let depth = self.depth;
        let result = if depth.is_multiple_of(16) {
            stacker::maybe_grow(256 * 1024, 1024 * 1024, || f(self))
        } else {
            f(self)
        };
        self.depth = depth - 1;
        result
    }

    /// Reads `f`; on failure everything it built is dropped and the position restored to where
    /// it began. The failure stays described in `failure`.
    fn attempt<T>(&mut self, f: impl FnOnce(&mut Self) -> P<T>) -> P<T> {
        let start = self.p;
        let (ast, scratch) = (self.ast.mark(), self.scratch.mark());
        let (depth, frames) = (self.depth, self.frames.len());
        let counted = (
            self.statements,
            self.opaque,
            self.errors.len(),
            self.error_tokens.len(),
            self.names.len(),
        );
        let result = f(self);
        if result.is_err() {
            self.ast.rewind(&ast);
            self.scratch.rewind(&scratch);
            self.depth = depth;
            self.frames.truncate(frames);
            (self.statements, self.opaque) = (counted.0, counted.1);
            self.errors.truncate(counted.2);
            self.error_tokens.truncate(counted.3);
            self.names.truncate(counted.4);
            self.p = start;
            self.leave_gap();
        }
        result
    }

    /// Adds the diagnostic of the last failure.
    fn report(&mut self) {
        let at = self.failure.at.min(self.toks.len() - 1);
        let (code, expected) = (self.failure.code, self.failure.expected);
        self.report_at(at, code, expected);
    }

    fn report_at(&mut self, at: usize, code: Code, expected: &str) {
        let found = self.found(at);
        let broken = self.toks[at] == Tok::Unknown
            && self.tape.kinds.get(self.sig[at] as usize) == Some(&TokKind::Unknown);
        let (code, message) = match code {
            Code::Syntax if broken && self.text(at).len() > 1 => (
                Code::Unterminated,
                format!("{found} does not end in this unit"),
            ),
            Code::TooDeep => (code, "nesting is too deep to be read".to_string()),
            Code::MissingEnd => (code, format!("{expected} is missing before {found}")),
            code => (code, format!("expected {expected}, found {found}")),
        };
        let diagnostic = Diagnostic::new(code, message).at(self.token_span(at), "");
        self.errors.push(diagnostic);
    }

    fn token_span(&self, at: usize) -> Span {
        let r = self.tape.range(self.sig[at]);
        let end = if self.text(at).len() > 80 {
            r.start + self.text(at).lines().next().map_or(0, str::len)
        } else {
            r.end
        };
        Span::new(self.file, r.start as u32, end as u32)
    }

    fn found(&self, at: usize) -> String {
        if self.toks[at] == Tok::Eof {
            return "the end of the unit".to_string();
        }
        let text = self.text(at);
        let line = text.lines().next().unwrap_or("");
        let short: String = line.chars().take(40).collect();
        let more = if short.len() < text.len() { ".." } else { "" };
        format!("`{short}{more}`")
    }

    /// Counts tokens as not understood.
    fn not_understood(&mut self, span: TokSpan) {
        if !span.is_empty() {
            self.error_tokens.push(span);
        }
    }
}
