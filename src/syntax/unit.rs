//! What parsing returns: files of units, each with its own tape and arena.

use super::ast::{Ast, Expr, ExprKind, Id, Item, ItemKind, TokSpan};
use super::token::{Tape, TokKind};
use crate::diag::Diagnostic;
use crate::source::{FileId, SourceMap, Span};

/// One compilation unit: one CREATE, anonymous block, SQL statement or script command.
#[derive(Debug)]
pub struct Unit {
    /// The file.
    pub file: FileId,
    /// From the first to the last significant token, terminator included.
    pub span: Span,
    /// All its tokens.
    pub tape: Tape,
    /// Its nodes.
    pub ast: Ast,
    /// The root.
    pub item: Id<Item>,
    /// What was not understood.
    pub errors: Vec<Diagnostic>,
    /// Bytes of the text inside unparsed nodes.
    pub error_bytes: u64,
    /// Statement nodes at any depth (SQL and PL/SQL), the unit itself included where it is one.
    pub statements: u32,
    /// Opaque nodes: recognised, not understood.
    pub opaque: u32,
    /// Words of blocks (BEGIN, END, CASE ..) that are names where they stand: their tokens, in order.
    pub names: Vec<u32>,
}

impl Unit {
    /// A SQL*Plus command, EXEC included: kept in place, but not counted as a unit of the estate.
    pub fn is_command(&self) -> bool {
        let kind = self.ast[self.item].kind;
        matches!(kind, ItemKind::SqlPlus(_) | ItemKind::Exec(_))
    }
}

/// One file's units in order. Texts between units are blanks and comments.
#[derive(Debug)]
pub struct ParsedFile {
    /// The file.
    pub file: FileId,
    /// Units in order, SQL*Plus commands included.
    pub units: Vec<Unit>,
}

/// A unit together with its text.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The unit.
    pub unit: &'a Unit,
    /// The whole text of its file.
    pub src: &'a str,
}

impl<'a> View<'a> {
    /// A unit seen with its text.
    pub fn new(map: &'a SourceMap, unit: &'a Unit) -> Self {
        Self {
            unit,
            src: &map.file(unit.file).text,
        }
    }

    /// The tree.
    pub fn ast(self) -> &'a Ast {
        &self.unit.ast
    }

    /// Byte span of a token range, without leading and trailing trivia.
    pub fn span(self, t: TokSpan) -> Span {
        let tape = &self.unit.tape;
        let trivia = |i: u32| tape.kinds.get(i as usize).is_some_and(|k| k.is_trivia());
        let (mut a, mut b) = (t.start, t.end.max(t.start));
        while a < b && trivia(a) {
            a += 1;
        }
        while b > a && trivia(b - 1) {
            b -= 1;
        }
        let start = tape.range(a).start as u32;
        let end = if b > a {
            tape.range(b - 1).end as u32
        } else {
            start
        };
        Span::new(self.unit.file, start, end)
    }

    /// Text of a token range, as written.
    pub fn text(self, t: TokSpan) -> &'a str {
        let s = self.span(t);
        self.src.get(s.start as usize..s.end as usize).unwrap_or("")
    }

    /// Text of one token.
    pub fn token(self, i: u32) -> &'a str {
        self.unit.tape.text(self.src, i)
    }

    /// Value of a string literal; None for other expressions.
    pub fn string(self, e: Id<Expr>) -> Option<String> {
        let node = self.ast()[e];
        match node.kind {
            ExprKind::String | ExprKind::DateLit | ExprKind::TimestampLit => {}
            ExprKind::Paren(inner) => return self.string(inner),
            _ => return None,
        }
        (node.span.start..node.span.end)
            .find(|i| self.unit.tape.kinds.get(*i as usize) == Some(&TokKind::String))
            .map(|i| string_value(self.token(i)))
    }

    /// Text of a number literal; None for other expressions.
    pub fn number(self, e: Id<Expr>) -> Option<&'a str> {
        match self.ast()[e].kind {
            ExprKind::Number => Some(self.text(self.ast()[e].span)),
            _ => None,
        }
    }
}

/// The value of a string token: quotes removed, doubled quotes halved, `q'[..]'` unwrapped.
pub fn string_value(token: &str) -> String {
    let Some(quote) = token.find('\'') else {
        return token.to_string();
    };
    let prefix = &token[..quote];
    let body = &token[quote + 1..];
    let body = body.strip_suffix('\'').unwrap_or(body);
    if prefix.ends_with(['q', 'Q']) {
        let mut chars = body.chars();
        chars.next();
        chars.next_back();
        return chars.as_str().to_string();
    }
    body.replace("''", "'")
}
