//! Tokens and the lossless tape: the texts of all tokens of a unit, trivia included, concatenate to its source.

use super::keyword::Tok;

/// What a token is. Keywords are words: whether a word is one is decided by the parser in context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TokKind {
    /// Blanks and line ends.
    Space,
    /// `-- ..` without the line end, also SQL*Plus REM lines.
    LineComment,
    /// `/* .. */`.
    BlockComment,
    /// `/*+ .. */` or `--+ ..`.
    Hint,
    /// Identifier or keyword.
    Word,
    /// `".."`.
    QuotedName,
    /// `'..'`, `N'..'`, `q'[..]'`, `nq'..'`.
    String,
    /// Number with any suffix.
    Number,
    /// `:name`, `:1`, `:new` (the colon and the word; what follows is tokens of its own).
    Bind,
    /// `&x`, `&&x`, `&1`, with a closing dot that belongs to it.
    Subst,
    /// Operator or punctuation: one token each of `( ) , ; . .. := => = < > <= >= <> != ^= ~= + - * / ** || @ % << >> $ ? [ ] { } |`.
    Punct,
    /// `$IF`, `$ELSIF`, `$ELSE`, `$THEN`, `$END`, `$ERROR`, `$$name`.
    Directive,
    /// A SQL*Plus command line that is not SQL, one token.
    Command,
    /// Anything else; a text that does not end is one such token up to the end of the unit.
    Unknown,
}

impl TokKind {
    /// Blanks, comments: what the parser steps over. Hints are trivia too, and kept.
    pub fn is_trivia(self) -> bool {
        matches!(
            self,
            TokKind::Space | TokKind::LineComment | TokKind::BlockComment | TokKind::Hint
        )
    }
}

/// The tokens of one unit, structure of arrays. Offsets are absolute in the file's text.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Kind of each token.
    pub kinds: Vec<TokKind>,
    /// Keyword or operator of each token.
    pub toks: Vec<Tok>,
    /// Start of each token.
    pub starts: Vec<u32>,
    /// End of the last token.
    pub end: u32,
}

impl Tape {
    /// Adds a token that starts at `start`.
    pub(super) fn push(&mut self, kind: TokKind, tok: Tok, start: usize) {
        self.kinds.push(kind);
        self.toks.push(tok);
        self.starts.push(start as u32);
    }
    /// The tokens of a range as a tape of their own.
    pub(super) fn slice(&self, range: std::ops::Range<usize>) -> Tape {
        Tape {
            end: self.range(range.end as u32).start as u32,
            kinds: self.kinds[range.clone()].to_vec(),
            toks: self.toks[range.clone()].to_vec(),
            starts: self.starts[range].to_vec(),
        }
    }
    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }
    /// True without tokens.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
    /// Byte range of token `i`; of the end for `i` beyond the tape.
    pub fn range(&self, i: u32) -> std::ops::Range<usize> {
        let at = |k: usize| self.starts.get(k).copied().unwrap_or(self.end) as usize;
        at(i as usize)..at(i as usize + 1)
    }
    /// Text of token `i` in the file's text.
    pub fn text<'a>(&self, src: &'a str, i: u32) -> &'a str {
        src.get(self.range(i)).unwrap_or("")
    }
}
