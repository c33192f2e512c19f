//! The file: segments of an attempt at a chunk, one a batch of rows, each behind its checksum. A segment that does
//! not check out ends the file: what a power cut took is missed when the chunk's rows are counted.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use super::Seen;
use crate::run::engine::Attempt;
use crate::run::error::RunError;

/// Name of the file in the state folder.
const FILE: &str = "keys.bin";

/// Bytes before the rows of a segment: chunk, attempt, rows, checksum.
const HEAD: usize = 8 + 4 + 4 + 8;

/// Rows of a segment, at most: what is read at once.
const MOST: usize = 64 * 1024;

/// The file, open for more.
#[derive(Debug)]
pub struct KeyLog {
    path: PathBuf,
    file: Mutex<File>,
}

impl KeyLog {
    /// Opens the file of a state folder behind its last whole segment.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        let path = folder.join(FILE);
        let mut whole = 0;
        segments(folder, |_, rows| {
            whole += (HEAD + rows.len() * Seen::SIZE) as u64;
            Ok(())
        })?;
        let open = || {
            let file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.set_len(whole)?;
            Ok(file)
        };
        let file = open().map_err(|e| RunError::state(&path, &e))?;
        Ok(Self {
            path,
            file: Mutex::new(file),
        })
    }

    /// Adds rows of an attempt.
    pub fn push(&self, attempt: Attempt, rows: &[Seen]) -> Result<(), RunError> {
        for rows in rows.chunks(MOST) {
            let bytes = segment(attempt, rows);
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(&bytes)
                .map_err(|e| RunError::state(&self.path, &e))?;
        }
        Ok(())
    }

    /// Everything pushed so far is on disk when this returns.
    pub fn sync(&self) -> Result<(), RunError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.sync_data()
            .map_err(|e| RunError::state(&self.path, &e))
    }
}

fn segment(attempt: Attempt, rows: &[Seen]) -> Vec<u8> {
    let mut bytes = vec![0; HEAD];
    bytes.reserve(rows.len() * Seen::SIZE);
    rows.iter().for_each(|r| bytes.extend(r.bytes()));
    bytes[..8].copy_from_slice(&(attempt.chunk as u64).to_be_bytes());
    bytes[8..12].copy_from_slice(&attempt.attempt.to_be_bytes());
    bytes[12..16].copy_from_slice(&(rows.len() as u32).to_be_bytes());
    let sum = checksum(&bytes[..16], &bytes[HEAD..]);
    bytes[16..HEAD].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn checksum(head: &[u8], rows: &[u8]) -> u64 {
    xxh3_64(rows) ^ xxh3_64(head)
}

/// Forgets all keys of a state folder.
pub fn remove(folder: &Path) -> Result<(), RunError> {
    let path = folder.join(FILE);
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(RunError::state(&path, &e)),
    }
}

/// Calls `each` with the rows of every whole segment, in the order of the file.
pub fn segments(
    folder: &Path,
    mut each: impl FnMut(Attempt, &[Seen]) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let path = folder.join(FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(RunError::state(&path, &e)),
    };
    let mut file = BufReader::new(file);
    let (mut bytes, mut rows) = (Vec::new(), Vec::new());
    while let Some(attempt) =
        next(&mut file, &mut bytes, &mut rows).map_err(|e| RunError::state(&path, &e))?
    {
        each(attempt, &rows)?;
    }
    Ok(())
}

/// The next segment; None behind the last whole one.
fn next(
    file: &mut impl Read,
    bytes: &mut Vec<u8>,
    rows: &mut Vec<Seen>,
) -> io::Result<Option<Attempt>> {
    let mut head = [0; HEAD];
    if !whole(file.read_exact(&mut head))? {
        return Ok(None);
    }
    let number = |range: std::ops::Range<usize>| {
        head[range]
            .iter()
            .fold(0u64, |n, byte| n << 8 | u64::from(*byte))
    };
    let count = number(12..16) as usize;
    if count > MOST {
        return Ok(None);
    }
    bytes.resize(count * Seen::SIZE, 0);
    if !whole(file.read_exact(bytes))? || checksum(&head[..16], bytes) != number(16..HEAD) {
        return Ok(None);
    }
    rows.clear();
    rows.extend(bytes.as_chunks().0.iter().map(|b| Seen::of(*b)));
    Ok(Some(Attempt {
        chunk: number(0..8) as usize,
        attempt: number(8..12) as u32,
    }))
}

/// False at the end of the file.
pub(super) fn whole(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}
