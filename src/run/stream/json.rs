//! JSON as it stands: numbers keep their digits, texts their escapes, and nothing is built that nobody asked for.
//! Strict, and with an end: what is nested too deeply is refused. Knows nothing of records.

use std::borrow::Cow;

/// A value in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json<'a> {
    /// null.
    Null,
    /// true or false.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// What stands between the quotes, escapes and all.
    Text(Quoted<'a>),
    /// An object, with its braces.
    Object(&'a str),
    /// A list, with its brackets.
    List(&'a str),
}

/// A text between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    raw: &'a str,
    escaped: bool,
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The text is cut short.
    #[error("the text ends at byte {0}, in the middle of a value")]
    Ends(usize),
    /// Something else was expected.
    #[error("not JSON at byte {0}")]
    Unexpected(usize),
    /// Nested too deeply.
    #[error("nested more than {MOST_DEPTH} deep at byte {0}")]
    TooDeep(usize),
    /// An escape that stands for nothing.
    #[error("a text holds an escape that is none")]
    Escape,
}

/// Objects and lists inside each other, at most.
const MOST_DEPTH: usize = 64;

impl Json<'_> {
    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::Object(_) => "an object",
            Json::List(_) => "a list",
        }
    }
}

impl<'a> Quoted<'a> {
    /// The text; nothing is copied where nothing is escaped.
    pub fn text(&self) -> Result<Cow<'a, str>, JsonError> {
        if !self.escaped {
            return Ok(Cow::Borrowed(self.raw));
        }
        unescape(self.raw).map(Cow::Owned)
    }

    /// Is it this text, which needs no escapes?
    pub fn is(&self, plain: &str) -> bool {
        !self.escaped && self.raw == plain
    }
}

fn unescape(raw: &str) -> Result<String, JsonError> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).ok_or(JsonError::Escape)?;
        rest = &rest[at + 2..];
        let plain = match code {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (c, used) = unicode(rest)?;
                rest = &rest[used..];
                c
            }
            _ => return Err(JsonError::Escape),
        };
        out.push(plain);
    }
    out.push_str(rest);
    Ok(out)
}

/// What follows `\u`: a character, and the bytes that it took; of two halves both.
fn unicode(rest: &str) -> Result<(char, usize), JsonError> {
    let hex = |at: usize| {
        let digits = rest.get(at..at + 4).ok_or(JsonError::Escape)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(JsonError::Escape);
        }
        u32::from_str_radix(digits, 16).map_err(|_| JsonError::Escape)
    };
    let first = hex(0)?;
    if !(0xd800..0xdc00).contains(&first) {
        let c = char::from_u32(first).ok_or(JsonError::Escape)?;
        return Ok((c, 4));
    }
    if rest.get(4..6) != Some("\\u") {
        return Err(JsonError::Escape);
    }
    let second = hex(6)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(JsonError::Escape);
    }
    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    let c = char::from_u32(code).ok_or(JsonError::Escape)?;
    Ok((c, 10))
}

/// The one value of a text.
pub fn read(text: &str) -> Result<Json<'_>, JsonError> {
    let mut scan = Scan { text, at: 0 };
    let value = scan.value(0)?;
    scan.blank();
    if scan.at < text.len() {
        return Err(JsonError::Unexpected(scan.at));
    }
    Ok(value)
}

/// Goes through the members of an object, in their order. The text is one that [`read`] gave, so it is well-formed;
/// an error is one of `each`, or a name that cannot be read.
pub fn members<'a, E: From<JsonError>>(
    object: &'a str,
    mut each: impl FnMut(&str, Json<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut scan = Scan {
        text: object,
        at: 1,
    };
    scan.blank();
    if scan.peek() == Some(b'}') {
        return Ok(());
    }
    loop {
        let (name, value) = scan.member(0)?;
        each(&name.text()?, value)?;
        if !scan.more(b'}')? {
            return Ok(());
        }
    }
}

/// A member of an object; the last, should there be several of the name.
pub fn member<'a>(object: &'a str, name: &str) -> Result<Option<Json<'a>>, JsonError> {
    let mut found = None;
    members::<JsonError>(object, |n, value| {
        if n == name {
            found = Some(value);
        }
        Ok(())
    })?;
    Ok(found)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What to say of the byte here.
    fn wrong(&self) -> JsonError {
        match self.peek() {
            None => JsonError::Ends(self.at),
            Some(_) => JsonError::Unexpected(self.at),
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        self.blank();
        if self.peek() != Some(byte) {
            return Err(self.wrong());
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        self.blank();
        match self.peek() {
            Some(b'"') => self.quoted().map(Json::Text),
            Some(b'{') => self.span(b'}', depth).map(Json::Object),
            Some(b'[') => self.span(b']', depth).map(Json::List),
            Some(b'-' | b'0'..=b'9') => self.number().map(Json::Number),
            Some(b't') => self.word("true").map(|()| Json::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Json::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Json::Null),
            Some(_) | None => Err(self.wrong()),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), JsonError> {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.wrong());
            }
            self.at += 1;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return Err(self.wrong());
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(_) | None => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn quoted(&mut self) -> Result<Quoted<'a>, JsonError> {
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek() {
                None => return Err(JsonError::Ends(self.at)),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(0..=0x1f) => return Err(JsonError::Unexpected(self.at)),
                Some(_) => self.at += 1,
            }
        }
        let raw = &self.text[start..self.at];
        self.at += 1;
        Ok(Quoted { raw, escaped })
    }

    fn member(&mut self, depth: usize) -> Result<(Quoted<'a>, Json<'a>), JsonError> {
        self.blank();
        let name = self.quoted()?;
        self.expect(b':')?;
        Ok((name, self.value(depth)?))
    }

    /// A comma, or the end.
    fn more(&mut self, end: u8) -> Result<bool, JsonError> {
        self.blank();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(b) if b == end => {
                self.at += 1;
                Ok(false)
            }
            Some(_) | None => Err(self.wrong()),
        }
    }

    /// An object or a list, read to its end and kept as text.
    fn span(&mut self, end: u8, depth: usize) -> Result<&'a str, JsonError> {
        if depth >= MOST_DEPTH {
            return Err(JsonError::TooDeep(self.at));
        }
        let start = self.at;
        self.at += 1;
        self.blank();
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(&self.text[start..self.at]);
        }
        loop {
            if end == b'}' {
                self.member(depth + 1)?;
            } else {
                self.value(depth + 1)?;
            }
            if !self.more(end)? {
                return Ok(&self.text[start..self.at]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Result<String, JsonError> {
        match read(source)? {
            Json::Text(t) => Ok(t.text()?.into_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let long = "-12345678901234567890123456789012345678.90e-3";
        assert_eq!(read(long), Ok(Json::Number(long)));
        for wrong in ["01", "1.", ".5", "+1", "1e", "--1", "NaN", "0x1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn escapes_are_read_and_wrong_ones_refused() {
        assert_eq!(
            text(r#""a\"\\\/\n\u65e5\ud83d\ude00é""#).as_deref(),
            Ok("a\"\\/\n日😀é")
        );
        for wrong in [r#""\x""#, r#""\ud83d""#, r#""\ude00""#, r#""\u12""#] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
        assert_eq!(text("\"a\nb\""), Err(JsonError::Unexpected(2)));
    }

    #[test]
    fn members_come_in_order_with_their_spans() {
        let source = r#" { "a" : {"b":[1,{"c":"}"}]} , "é\n":null,"a":2 } "#;
        let Ok(Json::Object(object)) = read(source) else {
            panic!("an object");
        };
        let mut seen = Vec::new();
        members::<JsonError>(object, |name, value| {
            seen.push((name.to_owned(), value));
            Ok(())
        })
        .expect("well-formed");
        assert_eq!(seen[0].1, Json::Object(r#"{"b":[1,{"c":"}"}]}"#));
        assert_eq!(seen[1], ("é\n".to_owned(), Json::Null));
        assert_eq!(member(object, "a"), Ok(Some(Json::Number("2"))));
        assert_eq!(member(object, "z"), Ok(None));
        assert_eq!(member("{}", "z"), Ok(None));
    }

    #[test]
    fn every_cut_text_is_refused() {
        let source = r#"{"a":[true,false,null,-1.5e3,"x\"y"],"b":{"c":"日"}}"#;
        assert!(read(source).is_ok());
        for end in (0..source.len()).filter(|n| source.is_char_boundary(*n)) {
            assert!(read(&source[..end]).is_err(), "{}", &source[..end]);
        }
        assert!(read("{} x").is_err() && read("{,}").is_err() && read("[1 2]").is_err());
    }

    #[test]
    fn depth_has_an_end() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(MOST_DEPTH)).is_ok());
        assert!(matches!(
            read(&deep(MOST_DEPTH + 1)),
            Err(JsonError::TooDeep(_))
        ));
        assert!(read(&"[".repeat(1_000_000)).is_err());
    }
}
