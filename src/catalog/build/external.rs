//! Files behind tables: access parameters of external tables, SQL*Loader control files. Read from their tokens, as
//! far as a reader of the files needs them.

use crate::catalog::model::ExternalFile;
use crate::syntax::ast::{External, Id, TableDef, TokSpan};
use crate::syntax::{TokKind, View, string_value};

/// A word, string, number or sign of the access parameters.
struct Word<'a> {
    kind: TokKind,
    text: &'a str,
}

impl Word<'_> {
    fn is(&self, word: &str) -> bool {
        self.kind == TokKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        self.kind == TokKind::Punct && self.text == sign
    }

    /// The value of `'x'`, `"x"` or of a word.
    fn value(&self) -> String {
        match self.kind {
            TokKind::String => string_value(self.text),
            TokKind::QuotedName => self.text.trim_matches('"').to_string(),
            _ => self.text.to_string(),
        }
    }

    fn is_literal(&self) -> bool {
        matches!(self.kind, TokKind::String | TokKind::QuotedName)
    }
}

/// An external table's files.
pub(super) fn table(view: View<'_>, external: &External) -> ExternalFile {
    let words = words(view, external.access);
    let mut file = parameters(&words);
    file.directory = external.directory.map(|d| view.ast().ident(d).to_string());
    file.files = locations(view, external);
    file
}

/// A control file's input; the whole unit is read, because SKIP stands before LOAD DATA.
pub(super) fn control_file(view: View<'_>, def: Id<TableDef>) -> Option<ExternalFile> {
    let ast = view.ast();
    let all = TokSpan::new(0, view.unit.tape.len() as u32);
    let words = words(view, all);
    let into = words.iter().position(|w| w.is("INTO")).unwrap_or(0);
    let mut file = parameters(&words);
    file.skip = number_after(&words[..into], "SKIP").unwrap_or(0);
    file.fields = fields(words.get(into..)?);
    file.files = match ast[def].external {
        Some(e) => locations(view, &e),
        None => infiles(&words),
    };
    if file.files.is_empty() {
        file.files = infiles(&words);
    }
    Some(file)
}

fn locations(view: View<'_>, external: &External) -> Vec<String> {
    let ast = view.ast();
    let text = |e| {
        let literal = view.string(e);
        literal.unwrap_or_else(|| {
            // `directory:'file'`: the last string of the element.
            let span = ast[e].span;
            let strings = words(view, span);
            let last = strings.iter().rev().find(|w| w.is_literal());
            last.map_or_else(|| view.text(span).to_string(), Word::value)
        })
    };
    external.locations.ids().map(text).collect()
}

fn infiles(words: &[Word<'_>]) -> Vec<String> {
    let pairs = words.windows(2);
    pairs
        .filter(|w| w[0].is("INFILE") && !w[1].is_sign("*"))
        .map(|w| w[1].value())
        .collect()
}

fn words<'a>(view: View<'a>, span: TokSpan) -> Vec<Word<'a>> {
    let kinds = &view.unit.tape.kinds;
    (span.start..span.end.min(kinds.len() as u32))
        .filter(|i| !kinds[*i as usize].is_trivia())
        .map(|i| Word {
            kind: kinds[i as usize],
            text: view.token(i),
        })
        .collect()
}

/// Separators, quotes, character set, header lines and fields.
fn parameters(words: &[Word<'_>]) -> ExternalFile {
    ExternalFile {
        directory: None,
        files: Vec::new(),
        separator: separator(words),
        quote: literal_after(words, &["ENCLOSED", "BY"]),
        charset: charset(words),
        skip: number_after(words, "SKIP").unwrap_or(0),
        fields: field_list(words),
    }
}

/// FIELDS TERMINATED BY: a literal, `X'09'` or WHITESPACE.
fn separator(words: &[Word<'_>]) -> Option<String> {
    let at = words.iter().position(|w| w.is("TERMINATED"))?;
    let rest = words.get(at + 1..)?;
    let rest = match rest.first()? {
        w if w.is("BY") => &rest[1..],
        _ => rest,
    };
    let first = rest.first()?;
    if first.is_literal() {
        return Some(unescape(&first.value()));
    }
    if first.is("X") || first.is("0X") {
        return hex(&rest.get(1)?.value());
    }
    let upper = first.text.to_ascii_uppercase();
    match upper.strip_prefix("0X") {
        Some(digits) => hex(digits),
        None => first.is("WHITESPACE").then(|| " ".to_string()),
    }
}

fn hex(digits: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

fn unescape(text: &str) -> String {
    text.replace("\\t", "\t").replace("\\n", "\n")
}

fn literal_after(words: &[Word<'_>], keys: &[&str]) -> Option<String> {
    let n = keys.len();
    let hit = words
        .windows(n + 1)
        .find(|w| keys.iter().zip(*w).all(|(k, w)| w.is(k)) && w[n].is_literal())?;
    Some(hit[n].value())
}

fn charset(words: &[Word<'_>]) -> Option<String> {
    let pair = words.windows(2).find(|w| w[0].is("CHARACTERSET"))?;
    Some(pair[1].value())
}

fn number_after(words: &[Word<'_>], key: &str) -> Option<u32> {
    let at = words.iter().position(|w| w.is(key))?;
    let next = words.get(at + 1..)?.iter().find(|w| !w.is_sign("="))?;
    next.text.parse().ok()
}

/// The parenthesised field list of access parameters: the last group at the top level after FIELDS.
fn field_list(words: &[Word<'_>]) -> Vec<String> {
    match words.iter().position(|w| w.is("FIELDS")) {
        Some(at) => fields(&words[at..]),
        None => Vec::new(),
    }
}

/// Names at the start of each element of the last parenthesised list.
fn fields(words: &[Word<'_>]) -> Vec<String> {
    let mut depth = 0u32;
    let (mut last, mut open) = (None, 0);
    for (i, w) in words.iter().enumerate() {
        if w.is_sign("(") {
            if depth == 0 {
                open = i;
            }
            depth += 1;
        } else if w.is_sign(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                last = Some((open + 1, i));
            }
        }
    }
    let Some((from, to)) = last else {
        return Vec::new();
    };
    elements(&words[from..to])
}

fn elements(words: &[Word<'_>]) -> Vec<String> {
    let (mut depth, mut fresh) = (0u32, true);
    let mut names = Vec::new();
    for w in words {
        if w.is_sign("(") {
            depth += 1;
        } else if w.is_sign(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && w.is_sign(",") {
            fresh = true;
        } else if fresh {
            names.push(match w.kind {
                TokKind::QuotedName => w.value(),
                _ => w.text.to_uppercase(),
            });
            fresh = false;
        }
    }
    names
}
