//! Bytes to tokens, one at a time, one pass. The splitter drives it, because what a line is
//! (SQL*Plus command or code) depends on the mode. Knows no grammar.

use super::keyword::{HASH_SEED, Tok, hash_step, keyword};
use super::token::TokKind;

/// A position in a text, with the memory that keeps hopeless searches linear.
#[derive(Clone)]
pub(super) struct Lexer<'a> {
    pub(super) src: &'a str,
    bytes: &'a [u8],
    pub(super) pos: usize,
    /// Prefix of substitution variables; 0xff, which no text holds, where there are none.
    pub(super) define: u8,
    /// Strings of several lines are doubted: some quote nearby does not end.
    pub(super) by_line: bool,
    /// Whether a string or comment was read that may hold code.
    pub(super) doubt: Doubt,
    /// Where the next lone `/` was looked for last, and where it is: many openers ask for the same one.
    lone_slash: (usize, usize),
    /// The same for ends of comments and q-strings.
    sought: Vec<Sought>,
}

/// Bytes that were looked for from `asked` on, and stand at `found` first, which is the end of the text if nowhere.
#[derive(Clone)]
struct Sought {
    needle: Box<[u8]>,
    asked: usize,
    found: usize,
}

/// How likely some quote or `/*` is one too many, so that what is read as a string or comment is the code between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// Not at all.
    None,
    /// It holds ends of statements, as texts of dynamic statements do.
    Weak,
    /// It is followed by a word, or a comment begins in it.
    Strong,
}

/// Byte classes.
const SPACE: u8 = 1;
const WORD: u8 = 2;
const DIGIT: u8 = 4;
const HIGH: u8 = 8;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut t = [0u8; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        t[b] = match c {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => SPACE,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'#' => WORD,
            b'0'..=b'9' => DIGIT | WORD,
            0x80..=0xff => HIGH,
            _ => 0,
        };
        b += 1;
    }
    t
}

/// Blanks beyond ASCII: ideographic space, no-break space, byte order mark and the like.
fn is_wide_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200c}' | '\u{200d}')
}

/// Characters beyond ASCII that cannot be part of a name: typographic quotes, full-width punctuation.
fn is_wide_punct(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'..='\u{201f}' | '\u{2026}' | '\u{3001}' | '\u{3002}' | '\u{fffd}'
    ) || matches!(c, '\u{ff01}'..='\u{ff02}' | '\u{ff05}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff3d}' | '\u{ff5b}'..='\u{ff5e}')
}

impl<'a> Lexer<'a> {
    /// Starts at a byte offset, which must be a character boundary.
    pub(super) fn new(src: &'a str, pos: usize) -> Self {
        Lexer {
            src,
            bytes: src.as_bytes(),
            pos,
            define: b'&',
            by_line: false,
            doubt: Doubt::None,
            lone_slash: (usize::MAX, 0),
            sought: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    fn char_at(&self, pos: usize) -> Option<char> {
        self.src.get(pos..).and_then(|s| s.chars().next())
    }

    /// Only blanks stand between the start of the line and `pos`.
    pub(super) fn first_on_line(&self, pos: usize) -> bool {
        self.bytes[..pos]
            .iter()
            .rev()
            .find(|b| !matches!(b, b' ' | b'\t'))
            .is_none_or(|b| matches!(b, b'\n' | b'\r'))
            || self.src[..pos].ends_with('\u{feff}')
    }

    /// Only blanks stand between `pos` and the end of the line.
    pub(super) fn last_on_line(&self, pos: usize) -> bool {
        self.bytes[pos..]
            .iter()
            .find(|b| !matches!(b, b' ' | b'\t' | 0x1a))
            .is_none_or(|b| matches!(b, b'\n' | b'\r'))
    }

    /// The line that starts at `pos` holds a `/` and nothing else.
    fn lone_slash_line(&self, pos: usize) -> bool {
        let rest = &self.bytes[pos..];
        let blank = rest
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        rest.get(blank) == Some(&b'/') && self.last_on_line(pos + blank + 1)
    }

    /// Offset of the end of the line that holds `pos`, without its line end.
    pub(super) fn line_end(&self, pos: usize) -> usize {
        self.bytes[pos..]
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'))
            .map_or(self.bytes.len(), |n| pos + n)
    }

    /// Start of the next line with a lone `/`, or the end of the text.
    pub(super) fn next_lone_slash(&mut self, from: usize) -> usize {
        let (asked, found) = self.lone_slash;
        if asked <= from && from < found {
            return found;
        }
        let mut at = from;
        let found = loop {
            let Some(n) = self.bytes[at..].iter().position(|b| *b == b'\n') else {
                break self.bytes.len();
            };
            at += n + 1;
            if self.lone_slash_line(at) {
                break at;
            }
        };
        self.lone_slash = (from, found);
        found
    }

    /// Where these bytes stand next. However often it is asked for, the text is searched once.
    pub(super) fn next_place(&mut self, from: usize, needle: &[u8]) -> Option<usize> {
        let end = self.bytes.len();
        let known = self.sought.iter().position(|s| *s.needle == *needle);
        if let Some(s) = known.map(|i| &self.sought[i])
            && s.asked <= from
            && from <= s.found
        {
            return (s.found < end).then_some(s.found);
        }
        let found = find(&self.bytes[from.min(end)..], needle).map_or(end, |n| from + n);
        let asked = from;
        match known {
            Some(i) => (self.sought[i].asked, self.sought[i].found) = (asked, found),
            None => self.sought.push(Sought {
                needle: needle.into(),
                asked,
                found,
            }),
        }
        (found < end).then_some(found)
    }

    /// A line with a lone `/` begins between the two.
    fn holds_lone_slash(&self, start: usize, end: usize) -> bool {
        let newlines = (start..end).filter(|i| self.bytes[*i] == b'\n');
        newlines.map(|i| i + 1).any(|at| self.lone_slash_line(at))
    }

    /// Reads one token and moves behind it. At the end of the text: `Eof`, nothing moves.
    #[inline]
    pub(super) fn next(&mut self) -> (TokKind, Tok) {
        let Some(&b) = self.bytes.get(self.pos) else {
            return (TokKind::Unknown, Tok::Eof);
        };
        let class = CLASS[b as usize];
        if class & SPACE != 0 {
            return self.space();
        }
        if class & DIGIT != 0 {
            return self.number();
        }
        if class & WORD != 0 {
            return if b == b'$' {
                self.dollar()
            } else {
                self.word()
            };
        }
        if class & HIGH != 0 {
            return self.wide();
        }
        self.punct(b)
    }

    fn space(&mut self) -> (TokKind, Tok) {
        let mut p = self.pos + 1;
        while p < self.bytes.len() && CLASS[self.bytes[p] as usize] & SPACE != 0 {
            p += 1;
        }
        self.pos = p;
        (TokKind::Space, Tok::Trivia)
    }

    fn wide(&mut self) -> (TokKind, Tok) {
        let c = self.char_at(self.pos).unwrap_or('\u{fffd}');
        if is_wide_space(c) {
            self.pos += c.len_utf8();
            return (TokKind::Space, Tok::Trivia);
        }
        if is_wide_punct(c) {
            self.pos += c.len_utf8();
            return (TokKind::Unknown, Tok::Unknown);
        }
        self.word()
    }

    fn word(&mut self) -> (TokKind, Tok) {
        let start = self.pos;
        let (mut p, mut hash, mut joined) = (start, HASH_SEED, false);
        loop {
            while p < self.bytes.len() && CLASS[self.bytes[p] as usize] & WORD != 0 {
                hash = hash_step(hash, self.bytes[p]);
                p += 1;
            }
            match self.bytes.get(p) {
                Some(b) if *b >= 0x80 => match self.char_at(p) {
                    Some(c) if !is_wide_space(c) && !is_wide_punct(c) => {
                        p += c.len_utf8();
                        joined = true;
                    }
                    _ => break,
                },
                Some(b) if *b == self.define => match self.subst_end(p) {
                    Some(end) => {
                        p = end;
                        joined = true;
                    }
                    None => break,
                },
                _ => break,
            }
        }
        self.pos = p;
        if joined {
            return (TokKind::Word, Tok::Ident);
        }
        if self.bytes.get(p) == Some(&b'\'')
            && let Some(string) = self.prefixed_string(start, p)
        {
            return string;
        }
        (TokKind::Word, keyword(&self.bytes[start..p], hash))
    }

    /// `N'..'`, `q'[..]'`, `nq'..'` where the word before the quote says so.
    fn prefixed_string(&mut self, start: usize, quote: usize) -> Option<(TokKind, Tok)> {
        match self.bytes[start..quote].to_ascii_lowercase().as_slice() {
            b"n" | b"u" => Some(self.plain_string(quote)),
            b"q" | b"nq" | b"uq" => Some(self.q_string(quote)),
            _ => None,
        }
    }

    fn plain_string(&mut self, quote: usize) -> (TokKind, Tok) {
        let (mut p, mut lines) = (quote + 1, false);
        while p < self.bytes.len() {
            match self.bytes[p] {
                b'\'' if self.bytes.get(p + 1) == Some(&b'\'') => p += 2,
                b'\'' => {
                    if lines && self.doubts_string(quote + 1, p) {
                        break;
                    }
                    self.pos = p + 1;
                    return (TokKind::String, Tok::Str);
                }
                b'\n' if self.lone_slash_line(p + 1) => return self.unended(quote, p + 1),
                b'\n' => {
                    lines = true;
                    p += 1;
                }
                _ => p += 1,
            }
        }
        self.unended(quote, self.bytes.len())
    }

    /// A token that does not end: up to `end`, or in a second cut to the end of its line, without the `;` there.
    fn unended(&mut self, start: usize, end: usize) -> (TokKind, Tok) {
        self.pos = end;
        if self.by_line {
            let line = self.line_end(start);
            let text = self.bytes[start..line].trim_ascii_end();
            let text = text.strip_suffix(b";").unwrap_or(text);
            self.pos = start + text.len().max(1);
        }
        (TokKind::Unknown, Tok::Unknown)
    }

    /// A string of several lines, its body at `start..end`, that may as well lie between two others: what it holds
    /// ends statements, or its last quote stands in front of a word. Noted; true where that is enough to break it.
    fn doubts_string(&mut self, start: usize, end: usize) -> bool {
        let body = &self.bytes[start..end];
        let next = self.bytes.get(end + 1).copied().unwrap_or(b' ');
        let doubt = if CLASS[next as usize] & (WORD | HIGH) != 0 {
            Doubt::Strong
        } else if ends_statements(body) {
            Doubt::Weak
        } else {
            Doubt::None
        };
        self.doubts(doubt)
    }

    fn doubts(&mut self, doubt: Doubt) -> bool {
        self.doubt = self.doubt.max(doubt);
        self.by_line && doubt > Doubt::None
    }

    /// The same for a comment: another comment begins in it, or a lone `/` ends what it holds.
    fn doubts_comment(&mut self, start: usize, end: usize) -> bool {
        let body = &self.bytes[start..end];
        let doubt = if !body.contains(&b'\n') {
            Doubt::None
        } else if find(body, b"/*").is_some() {
            Doubt::Strong
        } else if self.holds_lone_slash(start, end) {
            Doubt::Weak
        } else {
            Doubt::None
        };
        self.doubts(doubt)
    }

    fn q_string(&mut self, quote: usize) -> (TokKind, Tok) {
        let Some(open) = self.char_at(quote + 1) else {
            return self.unended(quote, self.bytes.len());
        };
        let close = match open {
            '[' => ']',
            '(' => ')',
            '{' => '}',
            '<' => '>',
            c => c,
        };
        let body = quote + 1 + open.len_utf8();
        let mut closer = [0u8; 8];
        let n = close.encode_utf8(&mut closer).len();
        closer[n] = b'\'';
        if let Some(at) = self.next_place(body, &closer[..=n]) {
            let lines = self.bytes[body..at].contains(&b'\n');
            if !lines || !self.doubts_string(body, at + n) {
                self.pos = at + n + 1;
                return (TokKind::String, Tok::Str);
            }
            return self.unended(quote, body);
        }
        let end = self.next_lone_slash(quote);
        self.unended(quote, end)
    }

    fn number(&mut self) -> (TokKind, Tok) {
        let mut p = self.digits(self.pos);
        if self.bytes.get(p) == Some(&b'.') && self.bytes.get(p + 1) != Some(&b'.') {
            p = self.digits(p + 1);
        }
        self.pos = self.number_tail(p);
        // A word that only starts with digits because a substitution variable gives the rest.
        if self.bytes.get(self.pos) == Some(&self.define) && self.subst_end(self.pos).is_some() {
            return self.word();
        }
        (TokKind::Number, Tok::Num)
    }

    fn digits(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or(&[]);
        from + rest.iter().take_while(|b| b.is_ascii_digit()).count()
    }

    /// Exponent and the suffixes `f` and `d`.
    fn number_tail(&self, mut p: usize) -> usize {
        let at = |i: usize| self.bytes.get(i).copied().unwrap_or(0);
        if matches!(at(p), b'e' | b'E') {
            let sign = usize::from(matches!(at(p + 1), b'+' | b'-'));
            if at(p + 1 + sign).is_ascii_digit() {
                p = self.digits(p + 1 + sign);
            }
        }
        if matches!(at(p), b'f' | b'F' | b'd' | b'D')
            && CLASS[at(p + 1) as usize] & (WORD | HIGH) == 0
        {
            p += 1;
        }
        p
    }

    /// End of the substitution variable that starts with the `&` at `p`, its closing dot included.
    fn subst_end(&self, p: usize) -> Option<usize> {
        let start = p + 1 + usize::from(self.bytes.get(p + 1) == Some(&self.define));
        let rest = self.bytes.get(start..)?;
        let n = rest
            .iter()
            .take_while(|b| CLASS[**b as usize] & (WORD | HIGH) != 0)
            .count();
        if n == 0 {
            return None;
        }
        let end = start + n;
        Some(end + usize::from(self.bytes.get(end) == Some(&b'.')))
    }

    fn dollar(&mut self) -> (TokKind, Tok) {
        if self.peek(1) == b'$' {
            let n = self.word_len(self.pos + 2);
            self.pos += 2 + n;
            return (TokKind::Directive, Tok::Inquiry);
        }
        let n = self.word_len(self.pos + 1);
        let word = &self.bytes[self.pos + 1..self.pos + 1 + n];
        let tok = match word.to_ascii_uppercase().as_slice() {
            b"IF" => Tok::DIf,
            b"ELSIF" => Tok::DElsif,
            b"ELSE" => Tok::DElse,
            b"THEN" => Tok::DThen,
            b"END" => Tok::DEnd,
            b"ERROR" => Tok::DError,
            _ => return self.word(),
        };
        self.pos += 1 + n;
        (TokKind::Directive, tok)
    }

    fn word_len(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or(&[]);
        rest.iter()
            .take_while(|b| CLASS[**b as usize] & (WORD | HIGH) != 0)
            .count()
    }

    fn punct(&mut self, b: u8) -> (TokKind, Tok) {
        if b == self.define && self.subst_end(self.pos).is_some() {
            return self.subst();
        }
        let next = self.peek(1);
        let (len, tok) = match (b, next) {
            (b'-', b'-') => return self.line_comment(),
            (b'/', b'*') => return self.block_comment(),
            (b'\'', _) => return self.plain_string(self.pos),
            (b'"', _) => return self.quoted_name(),
            (b'.', b'0'..=b'9') if !self.after_name() => return self.number(),
            (b'.', b'.') => (2, Tok::DotDot),
            (b':', b'=') => (2, Tok::Assign),
            (b':', _) if CLASS[next as usize] & (WORD | HIGH) != 0 => {
                let digits = self.digits(self.pos + 1) - self.pos - 1;
                self.pos += 1 + if digits > 0 {
                    digits
                } else {
                    self.word_len(self.pos + 1)
                };
                return (TokKind::Bind, Tok::Bind);
            }
            (b'=', b'>') => (2, Tok::Arrow),
            (b'<', b'=') => (2, Tok::Le),
            (b'>', b'=') => (2, Tok::Ge),
            (b'<', b'>') | (b'!', b'=') | (b'^', b'=') | (b'~', b'=') => (2, Tok::Ne),
            (b'<', b'<') => (2, Tok::LabelOpen),
            (b'>', b'>') => (2, Tok::LabelClose),
            (b'|', b'|') => (2, Tok::Concat),
            (b'*', b'*') => (2, Tok::Power),
            _ => (1, single(b)),
        };
        self.pos += len;
        let kind = if tok == Tok::Unknown {
            TokKind::Unknown
        } else {
            TokKind::Punct
        };
        (kind, tok)
    }

    /// `t.5` after a name is a dot and a number nowhere; `x(1).5` neither. Kept for `a.b.1`.
    fn after_name(&self) -> bool {
        self.pos > 0 && CLASS[self.bytes[self.pos - 1] as usize] & (WORD | HIGH) != 0
    }

    fn subst(&mut self) -> (TokKind, Tok) {
        let end = self.subst_end(self.pos).unwrap_or(self.pos + 1);
        let joins = self
            .bytes
            .get(end)
            .is_some_and(|b| CLASS[*b as usize] & (WORD | HIGH) != 0 || *b == self.define);
        if joins {
            return self.word();
        }
        self.pos = end;
        (TokKind::Subst, Tok::Subst)
    }

    fn line_comment(&mut self) -> (TokKind, Tok) {
        let hint = self.peek(2) == b'+';
        self.pos = self.line_end(self.pos);
        let kind = if hint {
            TokKind::Hint
        } else {
            TokKind::LineComment
        };
        (kind, Tok::Trivia)
    }

    fn block_comment(&mut self) -> (TokKind, Tok) {
        let hint = self.peek(2) == b'+';
        let body = self.pos + 2;
        if let Some(end) = self.next_place(body, b"*/") {
            if self.doubts_comment(body, end) {
                return self.unended(self.pos, body);
            }
            self.pos = end + 2;
            let kind = if hint {
                TokKind::Hint
            } else {
                TokKind::BlockComment
            };
            return (kind, Tok::Trivia);
        }
        let end = self.next_lone_slash(body);
        self.unended(self.pos, end)
    }

    /// A quoted name ends on its line, or is short; otherwise the rest of the line is unknown.
    fn quoted_name(&mut self) -> (TokKind, Tok) {
        let rest = &self.bytes[self.pos + 1..];
        let line = rest.iter().position(|b| matches!(b, b'"' | b'\n' | b'\r'));
        let short = rest.iter().take(31).position(|b| *b == b'"');
        match line {
            Some(n) if rest[n] == b'"' => self.pos += n + 2,
            Some(_) if short.is_some() => self.pos += short.unwrap_or(0) + 2,
            Some(n) => {
                // The `;` at the end of the line is none of its.
                let line = self.bytes[self.pos..=self.pos + n].trim_ascii_end();
                let text = line.strip_suffix(b";").unwrap_or(line);
                self.pos += text.len().max(1);
                return (TokKind::Unknown, Tok::Unknown);
            }
            None => {
                self.pos = self.bytes.len();
                return (TokKind::Unknown, Tok::Unknown);
            }
        }
        (TokKind::QuotedName, Tok::Quoted)
    }
}

fn single(b: u8) -> Tok {
    match b {
        b'(' => Tok::LParen,
        b')' => Tok::RParen,
        b',' => Tok::Comma,
        b';' => Tok::Semi,
        b'.' => Tok::Dot,
        b'=' => Tok::Eq,
        b'<' => Tok::Lt,
        b'>' => Tok::Gt,
        b'+' => Tok::Plus,
        b'-' => Tok::Minus,
        b'*' => Tok::Star,
        b'/' => Tok::Slash,
        b'@' => Tok::At,
        b'%' => Tok::Percent,
        b':' => Tok::Colon,
        b'?' => Tok::Question,
        b'[' => Tok::LBracket,
        b']' => Tok::RBracket,
        b'{' => Tok::LBrace,
        b'}' => Tok::RBrace,
        b'|' => Tok::Bar,
        b'^' => Tok::Caret,
        b'~' => Tok::Tilde,
        b'!' => Tok::Bang,
        b'&' => Tok::Amp,
        b'\\' | b'`' => Tok::Other,
        _ => Tok::Unknown,
    }
}

/// Some line of the text, but not its last, ends with a `;`.
fn ends_statements(text: &[u8]) -> bool {
    let mut lines = text.split(|b| *b == b'\n');
    lines.next_back();
    lines.any(|line| line.trim_ascii_end().ends_with(b";"))
}

/// First place of a short needle.
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(n) = hay.get(from..)?.iter().position(|b| *b == first) {
        let at = from + n;
        if hay[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lex(src: &str) -> Vec<(TokKind, Tok, &str)> {
        let mut lexer = Lexer::new(src, 0);
        let mut out = Vec::new();
        loop {
            let start = lexer.pos;
            let (kind, tok) = lexer.next();
            if tok == Tok::Eof {
                return out;
            }
            assert!(lexer.pos > start, "no progress at {start} of {src:?}");
            if tok != Tok::Trivia {
                out.push((kind, tok, &src[start..lexer.pos]));
            }
        }
    }

    fn texts(src: &str) -> Vec<&str> {
        lex(src).into_iter().map(|t| t.2).collect()
    }

    #[test]
    fn numbers_and_ranges() {
        assert_eq!(texts("1..10"), ["1", "..", "10"]);
        assert_eq!(
            texts("5. .5 1.5f 2d 1e-3D 1.e2"),
            ["5.", ".5", "1.5f", "2d", "1e-3D", "1.e2"]
        );
        assert_eq!(texts("2days"), ["2", "days"]);
        assert_eq!(texts("1..n"), ["1", "..", "n"]);
    }

    #[test]
    fn strings_of_every_kind() {
        let src = "'it''s' q'[a'b]' nq'{x}y}' Q'!z!' N'n' q'あ'い'あ' DATE'2020-01-01'";
        let got: Vec<_> = lex(src)
            .into_iter()
            .filter(|t| t.1 == Tok::Str)
            .map(|t| t.2)
            .collect();
        assert_eq!(
            got,
            [
                "'it''s'",
                "q'[a'b]'",
                "nq'{x}y}'",
                "Q'!z!'",
                "N'n'",
                "q'あ'い'あ'",
                "'2020-01-01'"
            ]
        );
    }

    #[test]
    fn unterminated_strings_end_at_a_lone_slash() {
        let got = lex("x := 'abc\n  /\nSELECT 1");
        assert_eq!(got[2], (TokKind::Unknown, Tok::Unknown, "'abc\n"));
        assert_eq!(got[3].2, "/");
        let got = lex("x /* never\n/\ny");
        assert_eq!(got[1], (TokKind::Unknown, Tok::Unknown, "/* never\n"));
        let got = lex("q'[never\n/\nq'[again");
        assert_eq!(
            got.iter().map(|t| t.2).collect::<Vec<_>>(),
            ["q'[never\n", "/", "q'[again"]
        );
    }

    #[test]
    fn substitution_alone_and_inside_words() {
        assert_eq!(
            texts("&x &&y..t emp_&s. &1 &p._log a&b.c"),
            ["&x", "&&y.", ".", "t", "emp_&s.", "&1", "&p._log", "a&b.c"]
        );
        let kinds: Vec<_> = lex("&x emp_&s").into_iter().map(|t| t.0).collect();
        assert_eq!(kinds, [TokKind::Subst, TokKind::Word]);
    }

    #[test]
    fn binds_labels_directives_operators() {
        assert_eq!(texts(":new.x"), [":new", ".", "x"]);
        assert_eq!(texts("<<l1>>"), ["<<", "l1", ">>"]);
        assert_eq!(
            lex("$IF $$flag $THEN v$session $END")
                .iter()
                .map(|t| t.1)
                .collect::<Vec<_>>(),
            [Tok::DIf, Tok::Inquiry, Tok::DThen, Tok::Ident, Tok::DEnd]
        );
        let ne: Vec<_> = lex("a ^= b ~= c != d <> e")
            .into_iter()
            .filter(|t| t.1 == Tok::Ne)
            .collect();
        assert_eq!(ne.len(), 4);
    }

    #[test]
    fn hints_and_comments_are_trivia() {
        let mut lexer = Lexer::new("/*+ full(t) */-- x\n/* /* */", 0);
        let kinds: Vec<_> = std::iter::from_fn(|| {
            let (k, t) = lexer.next();
            (t != Tok::Eof).then_some(k)
        })
        .collect();
        assert_eq!(
            kinds,
            [
                TokKind::Hint,
                TokKind::LineComment,
                TokKind::Space,
                TokKind::BlockComment
            ]
        );
    }

    #[test]
    fn japanese_names_and_wide_blanks() {
        assert_eq!(
            texts("日別売上\u{3000}商品_id2 \"売 上\""),
            ["日別売上", "商品_id2", "\"売 上\""]
        );
        assert_eq!(lex("a，b")[1].1, Tok::Unknown);
    }
}
