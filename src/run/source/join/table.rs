//! Cells by key: a map while it fits, else sorted runs merged into one file with a sparse index. Lookups read one block.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use tempfile::tempfile;

/// Bytes of the file between two keys that stay in memory.
const BLOCK: u64 = 4096;
/// What a map costs beside its texts, about.
const ENTRY: u64 = 80;

/// Why a table cannot be made.
pub(super) enum Failed {
    Io(io::Error),
    /// A key came twice.
    Twice(Vec<u8>),
}

impl From<io::Error> for Failed {
    fn from(e: io::Error) -> Self {
        Failed::Io(e)
    }
}

/// Takes keys and cells.
pub(super) struct Builder {
    limit: u64,
    held: u64,
    map: HashMap<Vec<u8>, Vec<u8>>,
    runs: Vec<File>,
}

impl Builder {
    pub fn new(limit: u64) -> Builder {
        Builder {
            limit,
            held: 0,
            map: HashMap::new(),
            runs: Vec::new(),
        }
    }

    pub fn put(&mut self, key: Vec<u8>, cells: Vec<u8>) -> Result<(), Failed> {
        self.held += key.len() as u64 + cells.len() as u64 + ENTRY;
        if self.map.contains_key(&key) {
            return Err(Failed::Twice(key));
        }
        self.map.insert(key, cells);
        if self.held > self.limit {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), Failed> {
        let mut entries: Vec<_> = self.map.drain().collect();
        entries.sort_unstable();
        let mut out = BufWriter::new(tempfile()?);
        for (key, cells) in &entries {
            write_entry(&mut out, key, cells)?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.runs.push(file);
        self.held = 0;
        Ok(())
    }

    pub fn finish(mut self) -> Result<Table, Failed> {
        if self.runs.is_empty() {
            return Ok(Table::Memory(self.map));
        }
        self.spill()?;
        let mut runs: Vec<_> = self.runs.into_iter().map(BufReader::new).collect();
        let mut heads = Vec::new();
        for run in &mut runs {
            heads.push(read_entry(run)?);
        }
        let mut out = BufWriter::new(tempfile()?);
        let (mut index, mut at, mut last) = (Vec::new(), 0u64, None::<Vec<u8>>);
        // Runs are few: the limit is megabytes.
        while let Some(n) = least(&heads) {
            let next = read_entry(&mut runs[n])?;
            let Some((key, cells)) = std::mem::replace(&mut heads[n], next) else {
                break;
            };
            if last.as_ref() == Some(&key) {
                return Err(Failed::Twice(key));
            }
            let due = index.last().is_none_or(|(_, start)| at - start >= BLOCK);
            if due {
                index.push((key.clone(), at));
            }
            at += write_entry(&mut out, &key, &cells)?;
            last = Some(key);
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Table::Spilled {
            file: Mutex::new(file),
            index,
            len: at,
        })
    }
}

fn least(heads: &[Option<(Vec<u8>, Vec<u8>)>]) -> Option<usize> {
    let there = heads
        .iter()
        .enumerate()
        .filter_map(|(n, h)| Some((&h.as_ref()?.0, n)));
    there.min().map(|(_, n)| n)
}

fn write_entry(out: &mut impl Write, key: &[u8], cells: &[u8]) -> io::Result<u64> {
    out.write_all(&(key.len() as u32).to_le_bytes())?;
    out.write_all(&(cells.len() as u32).to_le_bytes())?;
    out.write_all(key)?;
    out.write_all(cells)?;
    Ok(8 + key.len() as u64 + cells.len() as u64)
}

fn read_entry(input: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut head = Vec::new();
    input.by_ref().take(8).read_to_end(&mut head)?;
    let Some((key, cells)) = head.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let key = u32::from_le_bytes(*key) as usize;
    let cells = cells.try_into().map_or(0, u32::from_le_bytes) as usize;
    let mut body = vec![0; key + cells];
    input.read_exact(&mut body)?;
    let tail = body.split_off(key);
    Ok(Some((body, tail)))
}

/// Cells by key.
pub(super) enum Table {
    Memory(HashMap<Vec<u8>, Vec<u8>>),
    Spilled {
        file: Mutex<File>,
        /// The first key of each block and where it stands.
        index: Vec<(Vec<u8>, u64)>,
        len: u64,
    },
}

impl Table {
    /// The cells of a key.
    pub fn get(&self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let (file, index, len) = match self {
            Table::Memory(map) => return Ok(map.get(key).cloned()),
            Table::Spilled { file, index, len } => (file, index, *len),
        };
        let block = index.partition_point(|(first, _)| first.as_slice() <= key);
        let Some((_, start)) = block.checked_sub(1).and_then(|b| index.get(b)) else {
            return Ok(None);
        };
        let end = index.get(block).map_or(len, |(_, end)| *end);
        let mut bytes = vec![0; (end - start) as usize];
        {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(*start))?;
            file.read_exact(&mut bytes)?;
        }
        let mut rest = bytes.as_slice();
        while let Some((found, cells)) = read_entry(&mut rest)? {
            if found == key {
                return Ok(Some(cells));
            }
        }
        Ok(None)
    }

    /// It did not fit in memory.
    #[cfg(test)]
    pub fn is_spilled(&self) -> bool {
        matches!(self, Table::Spilled { .. })
    }
}
