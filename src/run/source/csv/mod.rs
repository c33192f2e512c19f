//! Files exported from Oracle. Clear files are cut into byte ranges, so that one file keeps all readers busy; packed
//! ones and those in an encoding that cannot be entered in the middle are one chunk each.

mod dialect;
mod files;
mod plan;
mod reader;
mod scan;
mod stream;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use self::dialect::Dialect;
use self::plan::Cut;
use self::reader::{Begin, Reader};
use self::stream::Packing;
use super::{ChunkRange, ChunkReader, RowSource, SourceColumn, SourceError};
use crate::plan::model::{CsvSource, Header};
use crate::run::row::RowBatch;

/// Smaller chunks cost more than they bring.
const MIN_CHUNK: u64 = if cfg!(test) { 64 } else { 64 * 1024 };

/// A file of the source.
#[derive(Clone, Debug)]
struct Input {
    /// As in the specification.
    name: Arc<str>,
    path: PathBuf,
    len: u64,
    packing: Packing,
}

/// Rows of files.
pub struct CsvRows {
    inputs: Vec<Input>,
    dialect: Arc<Dialect>,
    columns: Vec<SourceColumn>,
    header: Header,
    skip: u32,
}

impl CsvRows {
    /// Opens the files of a specification. `wanted` are the columns that it names, with their types; `base` is where
    /// relative paths begin.
    pub fn open(
        csv: &CsvSource,
        wanted: &[SourceColumn],
        base: &std::path::Path,
    ) -> Result<CsvRows, SourceError> {
        let mut rows = CsvRows {
            inputs: files::expand(&csv.files, base)?,
            dialect: Arc::new(Dialect::new(csv)?),
            columns: Vec::new(),
            header: csv.header,
            skip: csv.skip,
        };
        rows.columns = rows
            .names(csv, base)?
            .into_iter()
            .map(|n| named(n, wanted))
            .collect();
        if let Some(twice) = first_twice(&rows.columns) {
            return Err(SourceError::Spec {
                message: format!("the source has two columns {twice}"),
                help: "give `header = \"ignored\"` and name the columns under `columns`".into(),
            });
        }
        Ok(rows)
    }

    /// Names of the columns: of the first file's header, or as the specification says.
    fn names(&self, csv: &CsvSource, base: &std::path::Path) -> Result<Vec<String>, SourceError> {
        if csv.header == Header::Present {
            return self.headers();
        }
        if !csv.columns.is_empty() {
            return Ok(csv.columns.clone());
        }
        match &csv.dictionary {
            Some(file) => files::dictionary(&base.join(file), file, &csv.files),
            None => Err(SourceError::Spec {
                message: "the source has no header that counts, and no columns are named".into(),
                help: "name them under `source.columns`, or a dictionary export under `source.dictionary`".into(),
            }),
        }
    }

    /// All files have the first one's header.
    fn headers(&self) -> Result<Vec<String>, SourceError> {
        let mut first: Option<(Vec<String>, Arc<str>)> = None;
        for input in &self.inputs {
            let names = self.header_of(input)?;
            match &first {
                None => first = Some((names, Arc::clone(&input.name))),
                Some((wanted, _)) if *wanted == names => {}
                Some((wanted, other)) => {
                    return Err(SourceError::Spec {
                        message: format!(
                            "{} begins with {}, and {other} with {}",
                            input.name,
                            names.join(","),
                            wanted.join(",")
                        ),
                        help: "files of one load have one header; load the others with a specification of their own"
                            .into(),
                    });
                }
            }
        }
        Ok(first.map(|f| f.0).unwrap_or_default())
    }

    fn header_of(&self, input: &Input) -> Result<Vec<String>, SourceError> {
        let mut batch = RowBatch::new();
        let mut reader = self.reader(input, 0, self.skip, false)?;
        let none = || SourceError::Spec {
            message: format!("{} has no header", input.name),
            help: "an empty file has none; give `header = \"absent\"` for files without".into(),
        };
        // The header alone is wanted; rows behind it have its width or are bad, and are read again later.
        if !reader.next(&mut batch)? || batch.is_empty() {
            return Err(none());
        }
        let cell = |c| {
            batch
                .cell(0, c)
                .map(|t| String::from_utf8_lossy(t).trim().to_string())
        };
        Ok((0..batch.width())
            .map(|c| cell(c).unwrap_or_default())
            .collect())
    }

    fn input(&self, file: &str) -> Result<&Input, SourceError> {
        let found = self.inputs.iter().find(|i| &*i.name == file);
        found.ok_or_else(|| SourceError::Changed {
            what: format!("the list of files ({file})"),
        })
    }

    fn io(input: &Input, error: std::io::Error) -> SourceError {
        SourceError::Io {
            path: input.name.to_string(),
            error,
        }
    }

    /// A reader from the top of a file.
    fn reader(
        &self,
        input: &Input,
        width: usize,
        skip_lines: u32,
        header: bool,
    ) -> Result<Reader, SourceError> {
        let stream = stream::whole(&input.path, self.dialect.transcode);
        let stream = stream.map_err(|e| Self::io(input, e))?;
        Ok(Reader::new(
            stream,
            Arc::clone(&self.dialect),
            Arc::clone(&input.name),
            width,
            Begin {
                offset: 0,
                line: 1,
                skip_lines,
                header,
            },
        ))
    }

    fn has_header(&self) -> bool {
        self.header != Header::Absent
    }

    fn divisible(&self, input: &Input) -> bool {
        input.packing == Packing::None && self.dialect.transcode.is_none()
    }

    /// Where the rows of a clear file begin.
    fn top(&self, input: &Input) -> Result<Cut, SourceError> {
        let mut reader = self.reader(input, self.columns.len(), self.skip, self.has_header())?;
        let first = |batch: &RowBatch| batch.marks.first().map(|m| (m.offset, m.line));
        let mut batch = RowBatch::new();
        if !reader.next(&mut batch)? {
            let (offset, line) = reader.place();
            return Ok(Cut { offset, line });
        }
        let bad = batch.bad().iter().filter_map(|b| match b.position {
            crate::run::row::Position::File { offset, line, .. } => Some((offset, line)),
            crate::run::row::Position::Rowid { .. } | crate::run::row::Position::Row { .. } => None,
        });
        let (offset, line) = bad.chain(first(&batch)).min().unwrap_or((0, 1));
        Ok(Cut { offset, line })
    }

    /// Cuts by reading the whole file with the real grammar.
    fn exact_cuts(&self, input: &Input, top: Cut, size: u64) -> Result<Vec<Cut>, SourceError> {
        let mut reader = self.range(input, top, input.len)?;
        let mut cuts = vec![top];
        let mut batch = RowBatch::new();
        while reader.next(&mut batch)? {
            for mark in &batch.marks {
                let due = cuts.last().is_none_or(|c| mark.offset >= c.offset + size);
                if due {
                    cuts.push(Cut {
                        offset: mark.offset,
                        line: mark.line,
                    });
                }
            }
        }
        Ok(cuts)
    }

    fn range(&self, input: &Input, from: Cut, end: u64) -> Result<Reader, SourceError> {
        let stream = stream::range(&input.path, from.offset, end.max(from.offset));
        Ok(Reader::new(
            stream.map_err(|e| Self::io(input, e))?,
            Arc::clone(&self.dialect),
            Arc::clone(&input.name),
            self.columns.len(),
            Begin {
                offset: from.offset,
                line: from.line,
                skip_lines: 0,
                header: false,
            },
        ))
    }

    fn divide(&self, input: &Input, size: u64) -> Result<Vec<ChunkRange>, SourceError> {
        let top = self.top(input)?;
        if top.offset >= input.len {
            return Ok(Vec::new());
        }
        let cuts = plan::cuts(&input.path, &self.dialect, top, input.len, size);
        let cuts = match cuts.map_err(|e| Self::io(input, e))? {
            Some(cuts) => cuts,
            None => self.exact_cuts(input, top, size)?,
        };
        let ends = cuts.iter().skip(1).map(|c| c.offset).chain([input.len]);
        let ranges = cuts.iter().zip(ends).map(|(cut, end)| ChunkRange::Bytes {
            file: input.name.to_string(),
            start: cut.offset,
            end,
            line: cut.line,
        });
        Ok(ranges.collect())
    }
}

/// A header's name as the specification spells it, if it does; else in Oracle's spelling.
fn named(name: String, wanted: &[SourceColumn]) -> SourceColumn {
    let exact = wanted.iter().find(|w| w.name == name);
    let folded = wanted.iter().find(|w| w.name == name.to_uppercase());
    match exact.or(folded) {
        Some(column) => column.clone(),
        None => SourceColumn { name, ty: None },
    }
}

fn first_twice(columns: &[SourceColumn]) -> Option<&str> {
    let twice = |(i, c): &(usize, &SourceColumn)| columns[..*i].iter().any(|o| o.name == c.name);
    let found = columns.iter().enumerate().find(twice);
    found.map(|(_, c)| c.name.as_str())
}

impl RowSource for CsvRows {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    /// Names, lengths, and samples of the contents: a copy of the files is the same source.
    fn fingerprint(&self) -> Result<String, SourceError> {
        let mut hash = Xxh3::new();
        for input in &self.inputs {
            hash.update(input.name.as_bytes());
            let sample = files::sample(&input.path, &mut hash);
            sample.map_err(|e| Self::io(input, e))?;
        }
        Ok(format!("{:032x}", hash.digest128()))
    }

    fn size(&self) -> Option<u64> {
        let clear = self.inputs.iter().all(|i| self.divisible(i));
        clear.then(|| self.inputs.iter().map(|i| i.len).sum())
    }

    fn plan_chunks(&self, wanted: usize) -> Result<Vec<ChunkRange>, SourceError> {
        let total: u64 = self.inputs.iter().map(|i| i.len).sum();
        let size = (total / wanted.max(1) as u64).max(MIN_CHUNK);
        let mut chunks = Vec::new();
        for input in &self.inputs {
            if self.divisible(input) {
                chunks.extend(self.divide(input, size)?);
            } else {
                chunks.push(ChunkRange::File {
                    file: input.name.to_string(),
                });
            }
        }
        Ok(chunks)
    }

    fn open(
        &self,
        range: &ChunkRange,
        _scn: Option<u64>,
    ) -> Result<Box<dyn ChunkReader>, SourceError> {
        match range {
            ChunkRange::Bytes {
                file,
                start,
                end,
                line,
            } => {
                let input = self.input(file)?;
                if *end > input.len {
                    return Err(SourceError::Changed { what: file.clone() });
                }
                let from = Cut {
                    offset: *start,
                    line: *line,
                };
                Ok(Box::new(self.range(input, from, *end)?))
            }
            ChunkRange::File { file } => {
                let input = self.input(file)?;
                let width = self.columns.len();
                Ok(Box::new(self.reader(
                    input,
                    width,
                    self.skip,
                    self.has_header(),
                )?))
            }
            ChunkRange::Rowid { .. } | ChunkRange::Keys { .. } | ChunkRange::Whole => {
                Err(SourceError::Changed {
                    what: "the kind of the source".into(),
                })
            }
        }
    }
}
