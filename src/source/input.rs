//! Everything that was found under the input path, read and not read. The completeness gate
//! counts all of it; the walk itself is done by the command line, which alone does I/O.

use super::SourceMap;

/// The input as the analysis sees it.
#[derive(Debug, Default)]
pub struct Input {
    /// SQL and PL/SQL, in order of path.
    pub sources: SourceMap,
    /// Dictionary exports, schedules, scripts and the like, in order of path.
    pub aux: Vec<AuxFile>,
    /// Texts of scripts whose embedded SQL is among the sources under the same path: counted there.
    pub embedding: Vec<AuxFile>,
    /// Files that were not read, in order of path.
    pub skipped: Vec<Skipped>,
    /// Files that changed while they were read, in order of path.
    pub changed: Vec<String>,
    /// Folders that were not entered (hidden, a former output), in order of path.
    pub ignored_dirs: Vec<String>,
}

impl Input {
    /// Number of files found.
    pub fn files(&self) -> usize {
        self.sources.len() + self.aux.len() + self.skipped.len()
    }

    /// Size of all files found, in original bytes.
    pub fn bytes(&self) -> u64 {
        let sources: u64 = self.sources.iter().map(|(_, f)| f.bytes).sum();
        let aux: u64 = self.aux.iter().map(|f| f.bytes).sum();
        let skipped: u64 = self.skipped.iter().map(|f| f.bytes).sum();
        sources + aux + skipped
    }

    /// Adds what was found elsewhere.
    pub fn append(&mut self, mut other: Input) {
        self.sources.append(other.sources);
        self.aux.append(&mut other.aux);
        self.embedding.append(&mut other.embedding);
        self.skipped.append(&mut other.skipped);
        self.changed.append(&mut other.changed);
        self.ignored_dirs.append(&mut other.ignored_dirs);
    }

    /// Gives every file another name.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        self.sources.rename(&name);
        let texts = self.aux.iter_mut().chain(&mut self.embedding);
        texts.for_each(|f| f.path = name(&f.path));
        self.skipped.iter_mut().for_each(|f| f.path = name(&f.path));
        let paths = self.changed.iter_mut().chain(&mut self.ignored_dirs);
        paths.for_each(|p| *p = name(p));
    }

    /// The auxiliary file of a path relative to the input.
    pub fn aux_file(&self, path: &str) -> Option<&AuxFile> {
        self.aux.iter().find(|a| a.path == path)
    }
}

/// A text that is not SQL but says something about the estate.
#[derive(Clone, Debug)]
pub struct AuxFile {
    /// Path relative to the input, with `/`.
    pub path: String,
    /// The text, UTF-8.
    pub text: String,
    /// Size of the original in bytes.
    pub bytes: u64,
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Path relative to the input, with `/`.
    pub path: String,
    /// Size in bytes; 0 where even that is not known.
    pub bytes: u64,
    /// Why.
    pub reason: SkipReason,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// Not text.
    Binary,
    /// Text, but neither SQL nor of a known auxiliary kind.
    NotRecognised,
    /// A data file too large to be a dictionary export; its contents do not matter to the analysis.
    Data,
    /// The operating system refused; its message.
    Unreadable(String),
    /// Larger than is read, in MiB.
    TooLarge(u64),
    /// A symbolic link to something that is read at its own place, or that leads nowhere.
    Link,
    /// Excluded by the project file.
    Excluded,
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SkipReason::Binary => f.write_str("not text"),
            SkipReason::NotRecognised => f.write_str("not recognised as SQL"),
            SkipReason::Data => f.write_str("data, too large for a dictionary export"),
            SkipReason::Unreadable(why) => write!(f, "not readable: {why}"),
            SkipReason::TooLarge(most) => write!(f, "larger than {most} MiB"),
            SkipReason::Link => f.write_str("a symbolic link"),
            SkipReason::Excluded => f.write_str("excluded by the project file"),
        }
    }
}
