//! Keys that come twice: the file is split by the leading bits of the hash until a part fits in memory, and sorted
//! there. A load of a billion rows is read and written twice on the way, in a few megabytes of memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::Seen;
use super::log::{segments, whole};
use crate::run::engine::Attempt;
use crate::run::error::RunError;

/// Bits of the hash that a split looks at.
const BITS: u32 = 6;

/// Rows that are sorted in memory: 2 MiB of them.
const MEMORY: usize = 128 * 1024;

/// Bytes that are written to a part at once.
const BUFFER: usize = 16 * 1024;

/// Keys that come with more than one row, by hash, in the attempts that count. More than `most` are not looked for.
pub fn twice(
    folder: &Path,
    counts: impl Fn(Attempt) -> bool,
    most: usize,
) -> Result<BTreeSet<u64>, RunError> {
    twice_within(folder, counts, most, MEMORY)
}

/// As [`twice`], with so many rows in memory.
pub(super) fn twice_within(
    folder: &Path,
    counts: impl Fn(Attempt) -> bool,
    most: usize,
    memory: usize,
) -> Result<BTreeSet<u64>, RunError> {
    let scratch = tempfile::tempdir_in(folder).map_err(|e| RunError::state(folder, &e))?;
    let at = |e: io::Error| RunError::state(scratch.path(), &e);
    let mut search = Search {
        folder: scratch.path(),
        made: 0,
        found: BTreeSet::new(),
        most,
        memory,
    };
    let mut split = search.split(64 - BITS).map_err(at)?;
    segments(folder, |attempt, rows| {
        if counts(attempt) {
            rows.iter().try_for_each(|r| split.add(*r)).map_err(at)?;
        }
        Ok(())
    })?;
    split
        .end()
        .and_then(|parts| search.parts(parts))
        .map_err(at)?;
    Ok(search.found)
}

struct Search<'a> {
    folder: &'a Path,
    made: usize,
    found: BTreeSet<u64>,
    most: usize,
    memory: usize,
}

/// Rows that share the leading bits of their keys' hashes.
struct Part {
    path: PathBuf,
    rows: usize,
    /// Lowest bit that was split by.
    shift: u32,
}

struct Split {
    files: Vec<BufWriter<File>>,
    parts: Vec<Part>,
}

impl Split {
    fn add(&mut self, row: Seen) -> io::Result<()> {
        let bits = 1u64 << BITS;
        let n = (row.key >> self.parts[0].shift & (bits - 1)) as usize;
        self.parts[n].rows += 1;
        self.files[n].write_all(&row.bytes())
    }

    fn end(self) -> io::Result<Vec<Part>> {
        for mut file in self.files {
            file.flush()?;
        }
        Ok(self.parts)
    }
}

impl Search<'_> {
    fn split(&mut self, shift: u32) -> io::Result<Split> {
        let (mut files, mut parts) = (Vec::new(), Vec::new());
        for _ in 0..1 << BITS {
            let path = self.folder.join(self.made.to_string());
            self.made += 1;
            files.push(BufWriter::with_capacity(BUFFER, File::create(&path)?));
            parts.push(Part {
                path,
                rows: 0,
                shift,
            });
        }
        Ok(Split { files, parts })
    }

    fn parts(&mut self, parts: Vec<Part>) -> io::Result<()> {
        for part in parts {
            if self.found.len() <= self.most {
                self.part(&part)?;
            }
            std::fs::remove_file(&part.path)?;
        }
        Ok(())
    }

    fn part(&mut self, part: &Part) -> io::Result<()> {
        let mut rows = Rows(BufReader::new(File::open(&part.path)?));
        if part.rows <= self.memory {
            let mut all = Vec::with_capacity(part.rows);
            while let Some(row) = rows.next()? {
                all.push(row);
            }
            self.sorted(&mut all);
        } else if part.shift < BITS {
            // What still shares nearly all bits is one key a million times over.
            self.crowd(&mut rows)?;
        } else {
            let mut split = self.split(part.shift - BITS)?;
            while let Some(row) = rows.next()? {
                split.add(row)?;
            }
            let parts = split.end()?;
            self.parts(parts)?;
        }
        Ok(())
    }

    fn sorted(&mut self, rows: &mut [Seen]) {
        rows.sort_unstable();
        for same in rows.chunk_by(|a, b| a.key == b.key) {
            if same[0].row != same[same.len() - 1].row {
                self.found.insert(same[0].key);
            }
        }
    }

    /// Few keys with very many rows each.
    fn crowd(&mut self, rows: &mut Rows) -> io::Result<()> {
        let mut first = std::collections::BTreeMap::new();
        while let Some(Seen { key, row }) = rows.next()? {
            if *first.entry(key).or_insert(row) != row {
                self.found.insert(key);
            }
        }
        Ok(())
    }
}

struct Rows(BufReader<File>);

impl Rows {
    fn next(&mut self) -> io::Result<Option<Seen>> {
        let mut bytes = [0; Seen::SIZE];
        Ok(whole(self.0.read_exact(&mut bytes))?.then(|| Seen::of(bytes)))
    }
}
