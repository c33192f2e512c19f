//! Finds the files under a folder: sorted, without hidden folders and former outputs, safe against links
//! that go in circles. What it cannot or does not enter, it says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::glob;
use crate::source::{SkipReason, Skipped};

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Path relative to the root, with `/`.
    pub name: String,
    /// Where to read it.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
}

/// What a walk yields; everything in order of path.
#[derive(Debug, Default)]
pub struct Walk {
    /// Files.
    pub files: Vec<Found>,
    /// Files that are known not to be read.
    pub skipped: Vec<Skipped>,
    /// Folders that were not entered.
    pub ignored_dirs: Vec<String>,
}

/// Walks `root`. `exclude` are patterns, `out` a folder that is about to be written.
pub fn walk(root: &Path, exclude: &[String], out: Option<&Path>) -> Walk {
    let canonical = |p: &Path| p.canonicalize().ok();
    let mut walker = Walker {
        root: canonical(root),
        exclude,
        out: out.and_then(canonical),
        visited: BTreeSet::new(),
        found: Walk::default(),
    };
    walker.visited.extend(walker.root.clone());
    let mut open = vec![(root.to_path_buf(), String::new())];
    while let Some((folder, name)) = open.pop() {
        walker.folder(&folder, &name, &mut open);
    }
    let mut found = walker.found;
    found.files.sort();
    found.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    found.ignored_dirs.sort();
    found
}

struct Walker<'a> {
    root: Option<PathBuf>,
    exclude: &'a [String],
    out: Option<PathBuf>,
    visited: BTreeSet<PathBuf>,
    found: Walk,
}

impl Walker<'_> {
    fn folder(&mut self, folder: &Path, name: &str, open: &mut Vec<(PathBuf, String)>) {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(e) => return self.skip(format!("{name}/"), 0, unreadable(&e)),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let last = entry.file_name().to_string_lossy().into_owned();
            let name = if name.is_empty() {
                last.clone()
            } else {
                format!("{name}/{last}")
            };
            self.entry(&entry.path(), name, &last, open);
        }
    }

    fn entry(&mut self, path: &Path, name: String, last: &str, open: &mut Vec<(PathBuf, String)>) {
        let linked = path.is_symlink();
        let meta = match std::fs::metadata(path) {
            Ok(meta) => meta,
            Err(_) if linked => return self.skip(name, 0, SkipReason::Link),
            Err(e) => return self.skip(name, 0, unreadable(&e)),
        };
        if linked && self.is_read_elsewhere(path) {
            return self.skip(name, 0, SkipReason::Link);
        }
        if meta.is_dir() {
            if self.is_ignored(path, last) {
                self.found.ignored_dirs.push(name);
            } else if self.enter(path) {
                open.push((path.to_path_buf(), name));
            } else {
                self.skip(name, 0, SkipReason::Link);
            }
        } else if !meta.is_file() {
            // Pipes and devices: reading them may never end.
            self.skip(name, 0, SkipReason::NotRecognised);
        } else if self.exclude.iter().any(|p| glob::matches(p, &name)) {
            self.skip(name, meta.len(), SkipReason::Excluded);
        } else {
            let path = path.to_path_buf();
            let bytes = meta.len();
            self.found.files.push(Found { name, path, bytes });
        }
    }

    /// A link into the input is read at its own place.
    fn is_read_elsewhere(&self, path: &Path) -> bool {
        match (path.canonicalize(), &self.root) {
            (Ok(target), Some(root)) => target.starts_with(root) || root.starts_with(&target),
            (Ok(_), None) | (Err(_), _) => true,
        }
    }

    /// Hidden folders, build folders that say so, former outputs, and the output to come.
    fn is_ignored(&self, path: &Path, last: &str) -> bool {
        last.starts_with('.')
            || path.join("CACHEDIR.TAG").exists()
            || path.join(".ora2stream/manifest.json").exists()
            || self
                .out
                .as_ref()
                .is_some_and(|out| path.canonicalize().is_ok_and(|p| p == *out))
    }

    /// False if the folder was entered before.
    fn enter(&mut self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|p| self.visited.insert(p))
    }

    fn skip(&mut self, path: String, bytes: u64, reason: SkipReason) {
        self.found.skipped.push(Skipped {
            path,
            bytes,
            reason,
        });
    }
}

fn unreadable(error: &std::io::Error) -> SkipReason {
    SkipReason::Unreadable(error.kind().to_string())
}
