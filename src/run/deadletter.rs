//! Rejected rows: one JSON object a line with column, reason, raw text and place, and the whole row so that it
//! can be loaded after a fix. Lines of attempts that did not end well are taken out again. Knows no target.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::convert::Reject;
use super::error::RunError;
use super::manifest::{ChunkState, Load};
use super::row::{BadRow, Position, RowBatch};
use super::source::SourceColumn;

/// Name of the file in the state folder.
pub const FILE: &str = "dead-letter.jsonl";

/// Text beyond this is cut in `raw` and `value`.
const LONGEST_TEXT: usize = 64 * 1024;

/// Rows beyond this are not repeated in `row`.
const LONGEST_ROW: usize = 1024 * 1024;

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// Chunk, from 0; None for a row that a retry rejected.
    pub chunk: Option<usize>,
    /// Attempt of the chunk.
    pub attempt: u32,
    /// Where the row comes from.
    pub position: Position,
    /// Column, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Stable code of the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
    /// Raw text of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Raw text of the record.
    pub raw: String,
    /// The cells by column: what `retry-failed` loads. Edit it to repair the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<IndexMap<String, Option<String>>>,
}

/// Why a row was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Column of the source.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// Words.
    pub reason: String,
}

impl From<Reject> for Why {
    fn from(reject: Reject) -> Self {
        Self {
            column: (!reject.column.is_empty()).then_some(reject.column),
            code: reject.code.as_str().to_owned(),
            reason: reject.text,
        }
    }
}

impl Dead {
    /// A row that was read but does not convert or is refused.
    pub fn of_row(
        chunk: (Option<usize>, u32),
        batch: &RowBatch,
        row: usize,
        columns: &[SourceColumn],
        why: Why,
    ) -> Self {
        let text = |c: usize| {
            let bytes = batch.cell(row, c)?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let blamed = why
            .column
            .as_deref()
            .and_then(|name| columns.iter().position(|c| c.name == name));
        let size: usize = (0..batch.width())
            .filter_map(|c| batch.cell(row, c).map(<[u8]>::len))
            .sum();
        let cells = || {
            let pairs = columns.iter().enumerate();
            pairs
                .map(|(c, column)| (column.name.clone(), text(c)))
                .collect()
        };
        Self {
            chunk: chunk.0,
            attempt: chunk.1,
            position: batch.position(row),
            value: blamed.and_then(text).map(cut),
            column: why.column,
            code: why.code,
            reason: why.reason,
            raw: cut(batch.raw(row)),
            row: (size <= LONGEST_ROW).then(cells),
        }
    }

    /// A record that the source could not take apart.
    pub fn of_bad(chunk: (Option<usize>, u32), bad: &BadRow) -> Self {
        Self {
            chunk: chunk.0,
            attempt: chunk.1,
            position: bad.position.clone(),
            column: None,
            code: bad.reason.code().to_owned(),
            reason: bad.reason.to_string(),
            value: None,
            raw: cut(bad.raw.clone()),
            row: None,
        }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        let mut end = LONGEST_TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The file, open for more.
#[derive(Debug)]
pub struct DeadLetters {
    path: PathBuf,
    file: Mutex<BufWriter<File>>,
}

impl DeadLetters {
    /// Opens the file of a load, without the lines of attempts that are not done.
    pub fn open(folder: &Path, load: &Load) -> Result<Self, RunError> {
        settle(folder, load.letters)?;
        let kept: Vec<Dead> = read(folder)?
            .into_iter()
            .filter(|d| counts(d, load))
            .collect();
        replace(folder, &kept)?;
        let path = folder.join(FILE);
        let file = OpenOptions::new().append(true).create(true).open(&path);
        let file = file.map_err(|e| RunError::state(&path, &e))?;
        Ok(Self {
            path,
            file: Mutex::new(BufWriter::new(file)),
        })
    }

    fn file(&self) -> MutexGuard<'_, BufWriter<File>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a row.
    pub fn push(&self, dead: &Dead) -> Result<(), RunError> {
        let write = || {
            let mut text = serde_json::to_vec(dead)?;
            text.push(b'\n');
            self.file().write_all(&text)
        };
        write().map_err(|e| RunError::state(&self.path, &e))
    }

    /// Everything pushed so far is on disk when this returns.
    pub fn sync(&self) -> Result<(), RunError> {
        let mut file = self.file();
        let synced = file.flush().and_then(|()| file.get_ref().sync_data());
        synced.map_err(|e| RunError::state(&self.path, &e))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The line belongs to the attempt of its chunk that counts.
fn counts(dead: &Dead, load: &Load) -> bool {
    let Some(chunk) = dead.chunk else {
        return true;
    };
    load.chunks
        .get(chunk)
        .is_some_and(|c| matches!(c.state, ChunkState::Done(_)) && c.attempts == dead.attempt)
}

/// The rejected rows of a folder; a last line that was cut short is left out.
pub fn read(folder: &Path) -> Result<Vec<Dead>, RunError> {
    let path = folder.join(FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(RunError::state(&path, &e)),
    };
    let mut file = BufReader::new(file);
    let (mut dead, mut number, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        let read = file.read_until(b'\n', &mut line);
        if read.map_err(|e| RunError::state(&path, &e))? == 0 {
            return Ok(dead);
        }
        number += 1;
        if line.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(d) => dead.push(d),
            // Only what a crash cut short has no end of line.
            Err(_) if !line.ends_with(b"\n") => return Ok(dead),
            Err(e) => {
                let message = format!("{}: line {number}: {e}", path.display());
                return Err(RunError::new(crate::diag::Code::LoadDamaged, message)
                    .help("mend that line, or take it out; every line is one JSON object"));
            }
        }
    }
}

/// Rows that a retry could load and their numbers in the file.
pub fn of_done_chunks(folder: &Path, load: &Load) -> Result<Vec<Dead>, RunError> {
    Ok(read(folder)?
        .into_iter()
        .filter(|d| counts(d, load))
        .collect())
}

/// The file that is to take the place of the present one.
const FRESH: &str = "dead-letter.jsonl.new";

/// Puts these rows in the place of the file, in one step.
fn replace(folder: &Path, dead: &[Dead]) -> Result<(), RunError> {
    if dead.is_empty() && !folder.join(FILE).exists() {
        return Ok(());
    }
    let mark = prepare(folder, dead)?;
    settle(folder, Some(mark))
}

/// Empties the file.
pub fn remove(folder: &Path) -> Result<(), RunError> {
    replace(folder, &[])
}

/// Writes the file that is to take the place of the present one, and answers its checksum: once that is in the
/// manifest, [`settle`] finishes the exchange, now or after a crash.
pub fn prepare(folder: &Path, dead: &[Dead]) -> Result<u64, RunError> {
    let fresh = folder.join(FRESH);
    let write = || {
        let mut text = Vec::new();
        for d in dead {
            serde_json::to_writer(&mut text, d)?;
            text.push(b'\n');
        }
        let mut file = File::create(&fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        Ok(xxh3_64(&text))
    };
    write().map_err(|e: io::Error| RunError::state(&fresh, &e))
}

/// Finishes an exchange that the manifest knows of, and forgets one that it does not.
pub fn settle(folder: &Path, known: Option<u64>) -> Result<(), RunError> {
    let (fresh, path) = (folder.join(FRESH), folder.join(FILE));
    let settle = || {
        let bytes = match std::fs::read(&fresh) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            read => read?,
        };
        if known == Some(xxh3_64(&bytes)) {
            std::fs::rename(&fresh, &path)?;
        } else {
            std::fs::remove_file(&fresh)?;
        }
        super::manifest::sync_folder(folder)
    };
    settle().map_err(|e| RunError::state(&path, &e))
}

/// How many rows were rejected for which reason.
pub fn reasons(dead: &[Dead]) -> Vec<(String, usize)> {
    let kinds: BTreeSet<(&str, &str)> = dead
        .iter()
        .map(|d| (d.code.as_str(), d.column.as_deref().unwrap_or("")))
        .collect();
    let of_kind = |(code, column): (&str, &str)| {
        let same = |d: &&Dead| d.code == code && d.column.as_deref().unwrap_or("") == column;
        let count = dead.iter().filter(same).count();
        let name = match column {
            "" => code.to_owned(),
            column => format!("{column}: {code}"),
        };
        (name, count)
    };
    let mut reasons: Vec<(String, usize)> = kinds.into_iter().map(of_kind).collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::manifest::{Done, Event, Header, MANIFEST_VERSION};
    use crate::run::source::ChunkRange;

    fn load() -> Load {
        let mut load = Load::new(Header {
            version: MANIFEST_VERSION,
            table: "R.T".into(),
            target: String::new(),
            identity: String::new(),
            schema: String::new(),
            source: String::new(),
            write_time: 0,
            scn: None,
            rows: None,
        });
        for _ in 0..2 {
            let range = ChunkRange::Whole;
            load.apply(Event::Chunk { range, attempts: 0 })
                .expect("fits");
        }
        let done = Done::default();
        load.apply(Event::Done {
            chunk: 0,
            attempt: 2,
            done,
        })
        .expect("fits");
        load.apply(Event::Open {
            chunk: 1,
            attempt: 1,
            scn: None,
        })
        .expect("fits");
        load
    }

    fn dead(chunk: Option<usize>, attempt: u32, code: &str) -> Dead {
        Dead {
            chunk,
            attempt,
            position: Position::File {
                file: "a.csv".into(),
                offset: 9,
                line: 2,
            },
            column: Some("N".into()),
            code: code.into(),
            reason: "not a number".into(),
            value: Some("x\"y".into()),
            raw: "1,x\"\"y".into(),
            row: Some(IndexMap::from([
                ("N".into(), Some("x".into())),
                ("M".into(), None),
            ])),
        }
    }

    #[test]
    fn only_lines_of_attempts_that_count_survive_a_restart() {
        let folder = tempfile::tempdir().expect("folder");
        let lines = [
            dead(Some(0), 1, "stale"),
            dead(Some(0), 2, "kept"),
            dead(Some(1), 1, "open"),
            dead(None, 0, "retried"),
        ];
        replace(folder.path(), &lines).expect("written");
        let letters = DeadLetters::open(folder.path(), &load()).expect("opened");
        letters.push(&dead(Some(0), 2, "new")).expect("pushed");
        letters.sync().expect("synced");
        let codes: Vec<String> = read(folder.path())
            .expect("readable")
            .into_iter()
            .map(|d| d.code)
            .collect();
        assert_eq!(codes, ["kept", "retried", "new"]);
    }

    #[test]
    fn a_line_reads_back_and_a_cut_last_line_is_left_out() {
        let folder = tempfile::tempdir().expect("folder");
        let lines = [dead(Some(0), 2, "a"), dead(Some(0), 2, "b")];
        replace(folder.path(), &lines).expect("written");
        assert_eq!(read(folder.path()).expect("readable"), lines);
        let path = folder.path().join(FILE);
        let bytes = std::fs::read(&path).expect("bytes");
        std::fs::write(&path, &bytes[..bytes.len() - 5]).expect("cut");
        assert_eq!(read(folder.path()).expect("readable"), lines[..1]);
    }

    #[test]
    fn reasons_are_counted_by_column() {
        let lines = [dead(None, 0, "a"), dead(None, 0, "b"), dead(None, 0, "b")];
        let expected = [("N: b".to_owned(), 2), ("N: a".to_owned(), 1)];
        assert_eq!(reasons(&lines), expected);
    }
}
