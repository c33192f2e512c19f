//! Files, texts and places in them. Bytes become text here, once; every later room speaks
//! of [`Span`]s. Knows nothing of SQL.

pub mod decode;
mod input;

pub use input::{AuxFile, Input, SkipReason, Skipped};

use std::sync::OnceLock;

/// Index of a file in its [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of one file: byte offsets into the decoded UTF-8 text, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span of the same file that covers both.
    pub fn to(self, other: Span) -> Span {
        Span::new(
            self.file,
            self.start.min(other.start),
            self.end.max(other.end),
        )
    }
}

/// A place for people: both numbers count from 1, columns in Unicode scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// Byte offsets of the line starts of one text. LF, CRLF and a lone CR end a line.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, b) in bytes.iter().enumerate() {
            let ends = *b == b'\n' || (*b == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
            if ends {
                starts.push(i as u32 + 1);
            }
        }
        Self { starts }
    }

    /// Line and column of a byte offset of `text`, the text this index was made from.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let offset = offset.min(text.len() as u32);
        let line = self.starts.partition_point(|s| *s <= offset);
        let start = self.starts[line - 1] as usize;
        let upto = text.get(start..offset as usize).unwrap_or("");
        LineCol {
            line: line as u32,
            column: upto.chars().count() as u32 + 1,
        }
    }

    /// The line of a byte offset, from 1.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.starts.partition_point(|s| *s <= offset).max(1) as u32
    }

    /// Byte range of a line (from 1) of `text`, without its line end.
    pub fn range(&self, text: &str, line: u32) -> std::ops::Range<usize> {
        let at = |i: usize| self.starts.get(i).map_or(text.len(), |s| *s as usize);
        let (start, end) = (at(line as usize - 1), at(line as usize));
        let body = text.get(start..end).unwrap_or("");
        start..start + body.trim_end_matches(['\r', '\n']).len()
    }

    /// Number of lines; a text without a line end has one.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}

/// How sure the choice of an encoding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingConfidence {
    /// Named by the user or by a byte order mark, or valid UTF-8.
    Certain,
    /// The detector's choice, and the text decodes without a fault.
    Likely,
    /// The detector's choice, with replacement characters.
    Doubtful,
}

/// One input file, decoded.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the input, with `/`.
    pub path: String,
    /// The text, UTF-8.
    pub text: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// Name of the encoding it was read in (WHATWG name).
    pub encoding: &'static str,
    /// How sure that is.
    pub confidence: EncodingConfidence,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// A file of already decoded UTF-8 text.
    pub fn from_text(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let bytes = text.len() as u64;
        Self::decoded(
            path.into(),
            text,
            bytes,
            "UTF-8",
            EncodingConfidence::Certain,
        )
    }

    /// A file decoded elsewhere.
    pub fn decoded(
        path: String,
        text: String,
        bytes: u64,
        encoding: &'static str,
        confidence: EncodingConfidence,
    ) -> Self {
        Self {
            path,
            text,
            bytes,
            encoding,
            confidence,
            lines: OnceLock::new(),
        }
    }

    /// The line index, made at first use.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of a byte offset.
    pub fn line_col(&self, offset: u32) -> LineCol {
        self.lines().line_col(&self.text, offset)
    }
}

/// All input files, in a fixed order (sorted by path).
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and names it.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// Adds the files of another map; its ids are void.
    pub fn append(&mut self, mut other: SourceMap) {
        self.files.append(&mut other.files);
    }

    /// Gives every file another path.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        self.files.iter_mut().for_each(|f| f.path = name(&f.path));
    }

    /// The file of an id that this map gave out.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(i, f)| (FileId(i as u32), f))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True without files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file)
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// A span in the form that leaves the analysis: path, lines and columns.
    pub fn place(&self, span: Span) -> Place {
        let file = self.file(span.file);
        let (from, to) = (file.line_col(span.start), file.line_col(span.end));
        Place {
            file: file.path.clone(),
            line: from.line,
            column: from.column,
            end_line: to.line,
            start: span.start,
            end: span.end,
        }
    }
}

/// A span resolved for plan.json and report.json: no file ids, no absolute paths.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub struct Place {
    /// Path relative to the input.
    pub file: String,
    /// First line, from 1.
    pub line: u32,
    /// First column, from 1, in Unicode scalars.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// First byte in the decoded UTF-8 text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
