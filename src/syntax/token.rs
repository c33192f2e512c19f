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
    pub(super) starts: Starts,
    /// End of the last token.
    pub end: u32,
}

impl Tape {
    /// Adds a token that starts at `start`, behind all others.
    #[inline]
    pub(super) fn push(&mut self, kind: TokKind, tok: Tok, start: usize) {
        self.kinds.push(kind);
        self.toks.push(tok);
        self.starts.push(start as u32);
    }
    /// Drops the tokens from `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.kinds.truncate(len);
        self.toks.truncate(len);
        self.starts.truncate(len);
    }
    /// The tokens of a range as a tape of their own.
    pub(super) fn slice(&self, range: std::ops::Range<usize>) -> Tape {
        let mut starts = Starts::default();
        range.clone().for_each(|i| starts.push(self.starts.get(i)));
        Tape {
            end: self.range(range.end as u32).start as u32,
            kinds: self.kinds[range.clone()].to_vec(),
            toks: self.toks[range].to_vec(),
            starts,
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
        let i = i as usize;
        if i >= self.len() {
            return self.end as usize..self.end as usize;
        }
        let start = self.starts.get(i);
        let end = if i + 1 < self.len() {
            self.starts.after(i, start)
        } else {
            self.end
        };
        start as usize..end as usize
    }
    /// Text of token `i` in the file's text.
    pub fn text<'a>(&self, src: &'a str, i: u32) -> &'a str {
        src.get(self.range(i)).unwrap_or("")
    }
}

/// Offsets that grow, in little more than a byte each: every 16th in full, the others as the distance from the one
/// before. A long unit has more tokens than anything else.
#[derive(Clone, Debug, Default)]
pub(super) struct Starts {
    anchors: Vec<u32>,
    gaps: Vec<u8>,
    /// Distances that no byte holds, by the index of their offset.
    wide: Vec<(u32, u32)>,
    last: u32,
}

const ANCHOR: usize = 16;
const WIDE: u8 = u8::MAX;

impl Starts {
    #[inline]
    fn push(&mut self, start: u32) {
        let i = self.gaps.len();
        let gap = start - self.last;
        if i.is_multiple_of(ANCHOR) {
            self.anchors.push(start);
        }
        if gap >= u32::from(WIDE) {
            self.wide.push((i as u32, gap));
        }
        self.gaps.push(u8::try_from(gap).unwrap_or(WIDE));
        self.last = start;
    }

    /// The offset at index `i`, which there must be.
    #[inline]
    fn get(&self, i: usize) -> u32 {
        let anchor = i / ANCHOR;
        let first = anchor * ANCHOR + 1;
        let gaps = (first..=i).map(|k| self.gap(k));
        self.anchors[anchor] + gaps.sum::<u32>()
    }

    /// The offset behind that at `i`, which is `start`.
    #[inline]
    fn after(&self, i: usize, start: u32) -> u32 {
        start + self.gap(i + 1)
    }

    #[inline]
    fn gap(&self, i: usize) -> u32 {
        match self.gaps[i] {
            WIDE => self.wide_gap(i as u32),
            gap => u32::from(gap),
        }
    }

    #[cold]
    fn wide_gap(&self, i: u32) -> u32 {
        let at = self.wide.binary_search_by_key(&i, |w| w.0);
        at.map_or(u32::from(WIDE), |at| self.wide[at].1)
    }

    /// The last offset.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// How many offsets are below `offset`.
    pub(super) fn below(&self, offset: usize) -> usize {
        let anchor = self.anchors.partition_point(|a| (*a as usize) < offset);
        let from = anchor.saturating_sub(1) * ANCHOR;
        let until = (anchor * ANCHOR).min(self.gaps.len());
        let here = (from..until).take_while(|i| (self.get(*i) as usize) < offset);
        from + here.count()
    }

    fn truncate(&mut self, len: usize) {
        if len >= self.gaps.len() {
            return;
        }
        self.last = if len == 0 { 0 } else { self.get(len - 1) };
        self.gaps.truncate(len);
        self.anchors.truncate(len.div_ceil(ANCHOR));
        while self.wide.pop_if(|w| w.0 as usize >= len).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_what_was_pushed() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (mut starts, mut known, mut at) = (Starts::default(), Vec::new(), 0);
        for _ in 0..3_000 {
            at += match rng.u8(..20) {
                0 => rng.u32(200..70_000),
                1 => 255,
                2 => 254,
                _ => rng.u32(1..12),
            };
            starts.push(at);
            known.push(at);
            if rng.u8(..40) == 0 {
                let len = known.len() - rng.usize(..known.len().min(50));
                starts.truncate(len);
                known.truncate(len);
                at = starts.last();
                assert_eq!(known.last().copied().unwrap_or(0), at);
            }
        }
        for (i, start) in known.iter().enumerate() {
            assert_eq!(starts.get(i), *start, "{i}");
            assert_eq!(starts.below(*start as usize), i);
            assert_eq!(starts.below(*start as usize + 1), i + 1);
        }
    }
}
