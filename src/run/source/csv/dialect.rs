//! How a file's records are told apart, compiled from the specification's keys.

use encoding_rs::{Encoding, UTF_8};

use super::super::SourceError;
use crate::plan::model::CsvSource;
use crate::source::decode::encoding_named;

/// A compiled dialect.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// Separator; never empty.
    pub separator: Vec<u8>,
    /// Quote.
    pub quote: Option<u8>,
    /// Stands before a quote inside quotes; without it the quote is doubled.
    pub escape: Option<u8>,
    /// Texts that stand for NULL where they are not quoted; the empty one always does.
    pub nulls: Vec<Vec<u8>>,
    /// Encoding of the bytes that are scanned; None: UTF-8.
    pub encoding: Option<&'static Encoding>,
    /// The whole stream is converted to UTF-8 before it is scanned.
    pub transcode: Option<&'static Encoding>,
    /// Bytes of the longest record.
    pub max_record: usize,
}

fn wrong(key: &str, text: &str) -> SourceError {
    SourceError::Spec {
        message: format!("source: `{key}`: {text}"),
        help: "correct the specification".into(),
    }
}

impl Dialect {
    /// Compiles the keys.
    pub fn new(csv: &CsvSource) -> Result<Dialect, SourceError> {
        let separator = separator(&csv.separator)?;
        let quote = one(&csv.quote, "quote")?;
        let escape = one(&csv.escape, "escape")?.filter(|e| Some(*e) != quote);
        if quote.is_some_and(|q| separator.contains(&q) || q == b'\n' || q == b'\r') {
            return Err(wrong("quote", "the same as the separator or a line end"));
        }
        let encoding = encoding_named(&csv.encoding)
            .ok_or_else(|| wrong("encoding", &format!("`{}` is not known", csv.encoding)))?;
        let nulls = csv.more_nulls.iter().chain([&csv.null]);
        let nulls = nulls
            .filter(|n| !n.is_empty())
            .map(|n| n.as_bytes().to_vec());
        let specials: Vec<u8> = separator
            .iter()
            .copied()
            .chain(quote)
            .chain(escape)
            .collect();
        let scannable = is_scannable(encoding, &specials);
        let limit = csv.max_record.clamp(1024, 1 << 30);
        Ok(Dialect {
            nulls: nulls.collect(),
            encoding: (encoding != UTF_8 && scannable).then_some(encoding),
            transcode: (!scannable).then_some(encoding),
            max_record: usize::try_from(limit).unwrap_or(1 << 30),
            separator,
            quote,
            escape,
        })
    }

    /// True if an unquoted cell stands for NULL.
    pub fn is_null(&self, cell: &[u8]) -> bool {
        cell.is_empty() || self.nulls.iter().any(|n| n == cell)
    }
}

/// Separators that people spell out.
fn separator(text: &str) -> Result<Vec<u8>, SourceError> {
    let bytes = match text {
        "\\t" | "tab" | "TAB" => b"\t".to_vec(),
        "\\u0001" | "\\x01" => vec![1],
        "" => return Err(wrong("separator", "is empty")),
        text => text.as_bytes().to_vec(),
    };
    if bytes.iter().any(|b| matches!(b, b'\n' | b'\r')) {
        return Err(wrong("separator", "holds a line end"));
    }
    Ok(bytes)
}

fn one(text: &str, key: &str) -> Result<Option<u8>, SourceError> {
    match text.as_bytes() {
        [] => Ok(None),
        [b] if b.is_ascii() => Ok(Some(*b)),
        _ => Err(wrong(key, "one ASCII character, or empty")),
    }
}

/// Line ends and the special characters are never part of another character: the bytes may be scanned as they are.
fn is_scannable(encoding: &'static Encoding, specials: &[u8]) -> bool {
    if encoding == UTF_8 || encoding.is_single_byte() {
        return true;
    }
    let ascii = specials.iter().all(u8::is_ascii);
    match encoding.name() {
        "EUC-JP" | "EUC-KR" => ascii,
        // The second byte may be 0x40 to 0x7e.
        "Shift_JIS" | "Big5" | "GBK" => ascii && specials.iter().all(|b| *b < 0x40),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(change: impl FnOnce(&mut CsvSource)) -> Result<Dialect, SourceError> {
        let mut csv = CsvSource::default();
        change(&mut csv);
        Dialect::new(&csv)
    }

    #[test]
    fn encodings_are_scanned_or_converted() {
        let d = dialect(|c| c.encoding = "JA16SJISTILDE".into()).expect("a dialect");
        assert!(d.encoding.is_some() && d.transcode.is_none());
        let d = dialect(|c| (c.encoding, c.separator) = ("Shift_JIS".into(), "|".into()));
        let d = d.expect("a dialect");
        assert!(d.encoding.is_none() && d.transcode.is_some());
        let d = dialect(|c| c.encoding = "UTF-16LE".into()).expect("a dialect");
        assert!(d.transcode.is_some());
        assert!(dialect(|c| c.encoding = "klingon".into()).is_err());
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(dialect(|c| c.separator = "\"".into()).is_err());
        assert!(dialect(|c| c.separator = String::new()).is_err());
        assert!(dialect(|c| c.quote = "''".into()).is_err());
        assert!(dialect(|c| c.separator = "||".into()).is_ok());
    }
}
