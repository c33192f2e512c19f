//! Names of files, samples of their contents, and the dictionary export that names columns.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use super::super::SourceError;
use super::{Input, stream};

/// The files of a list of names and patterns, in the order of the list, each pattern's in the order of names.
pub(super) fn expand(names: &[String], base: &Path) -> Result<Vec<Input>, SourceError> {
    let mut inputs: Vec<Input> = Vec::new();
    for name in names {
        let found = if name.contains(['*', '?']) {
            matching(name, base)?
        } else {
            vec![name.clone()]
        };
        if found.is_empty() {
            return Err(SourceError::Spec {
                message: format!("no file matches {name}"),
                help: "relative paths begin at the folder of the specification".into(),
            });
        }
        for name in found {
            if !inputs.iter().any(|i| *i.name == name) {
                inputs.push(input(name, base)?);
            }
        }
    }
    if inputs.is_empty() {
        return Err(SourceError::Spec {
            message: "the source names no files".into(),
            help: "name them under `source.files`".into(),
        });
    }
    Ok(inputs)
}

fn input(name: String, base: &Path) -> Result<Input, SourceError> {
    let path = base.join(&name);
    let io = |error| SourceError::Io {
        path: name.clone(),
        error,
    };
    let meta = std::fs::metadata(&path).map_err(io)?;
    if !meta.is_file() {
        let error = io::Error::other("not a file");
        return Err(io(error));
    }
    Ok(Input {
        packing: stream::packing(&path).map_err(io)?,
        len: meta.len(),
        path,
        name: Arc::from(name.as_str()),
    })
}

/// Patterns stand in the last part of the path.
fn matching(pattern: &str, base: &Path) -> Result<Vec<String>, SourceError> {
    let (folder, last) = match pattern.rsplit_once('/') {
        Some((folder, last)) => (format!("{folder}/"), last),
        None => (String::new(), pattern),
    };
    let path: PathBuf = base.join(&folder);
    let io = |error| SourceError::Io {
        path: pattern.to_string(),
        error,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() && wild(last.as_bytes(), name.as_bytes()) {
            names.push(format!("{folder}{name}"));
        }
    }
    names.sort();
    Ok(names)
}

/// `*` and `?`; greedy with one point to come back to.
fn wild(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(b'?') => (p, t) = (p + 1, t + 1),
            Some(c) if *c == text[t] => (p, t) = (p + 1, t + 1),
            Some(_) | None => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (p, t) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// Adds a file's length and some of its blocks to a hash: first, last, and eight between.
pub(super) fn sample(path: &Path, hash: &mut Xxh3) -> io::Result<()> {
    const BLOCK: u64 = 16 * 1024;
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    hash.update(&len.to_le_bytes());
    let last = len.saturating_sub(BLOCK);
    let mut block = Vec::new();
    for n in 0..=9 {
        file.seek(SeekFrom::Start(
            last / 9 * n + if n == 9 { last % 9 } else { 0 },
        ))?;
        block.clear();
        (&mut file).take(BLOCK).read_to_end(&mut block)?;
        hash.update(&block);
    }
    Ok(())
}

/// The columns of a table in a dictionary export; the table is the one that the files are named after.
pub(super) fn dictionary(
    path: &Path,
    name: &str,
    files: &[String],
) -> Result<Vec<String>, SourceError> {
    let wrong = |text: String| SourceError::Spec {
        message: format!("{name}: {text}"),
        help: "the export has the columns TABLE_NAME, COLUMN_NAME and COLUMN_ID".into(),
    };
    let mut reader = csv::Reader::from_path(path).map_err(|e| wrong(e.to_string()))?;
    let headers = reader.headers().map_err(|e| wrong(e.to_string()))?.clone();
    let at = |wanted: &str| {
        let found = headers.iter().position(|h| h.eq_ignore_ascii_case(wanted));
        found.ok_or_else(|| wrong(format!("no column {wanted}")))
    };
    let (table, column, id) = (at("TABLE_NAME")?, at("COLUMN_NAME")?, at("COLUMN_ID")?);
    let mut found: Vec<(u32, String)> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| wrong(e.to_string()))?;
        if files.iter().any(|f| belongs(f, &record[table])) {
            found.push((
                record[id].parse().unwrap_or(u32::MAX),
                record[column].to_string(),
            ));
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(wrong("no table that the files are named after".into()));
    }
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// `export/ORDERS_01.csv.gz` holds rows of ORDERS.
fn belongs(file: &str, table: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file).to_uppercase();
    let rest = name.strip_prefix(&table.to_uppercase());
    rest.is_some_and(|rest| {
        let stem = rest.split('.').next().unwrap_or(rest);
        stem.chars()
            .all(|c| c.is_ascii_digit() || "_-*?".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names() {
        assert!(wild(b"T*.csv", b"T_01.csv") && wild(b"*", b"x") && wild(b"T?.csv", b"T1.csv"));
        assert!(!wild(b"T?.csv", b"T.csv") && !wild(b"*.csv", b"a.csv.gz"));
    }

    #[test]
    fn files_are_named_after_tables() {
        assert!(belongs("export/ORDERS_01.csv.gz", "ORDERS") && belongs("orders*.csv", "ORDERS"));
        assert!(!belongs("ORDERS_OLD.csv", "ORDERS") && !belongs("ORDER_LINES.csv", "ORDER"));
    }
}
