//! Rows of Oracle: sessions with fixed settings, chunks by ROWID from the extents or by ranges of the key, read as of
//! one SCN. Statements, chunks, retries and errors are tested against a script that stands in for the database.
//!
//! **Never run against a live Oracle**: the thin layer in [`driver`] over the `oracle` crate, and whether the server
//! takes the statements as they are built (they follow the SQL Language Reference). Try a load with `--dry-run` first.

#[cfg(feature = "oracle")]
mod driver;
pub mod session;
pub mod sql;
#[cfg(test)]
mod tests;

#[cfg(feature = "oracle")]
pub use driver::Driver;

use self::session::{Connect, Cursor, OraError, Query, Session};
use self::sql::Selection;
use super::{ChunkRange, ChunkReader, RowSource, Snapshot, SourceColumn, SourceError};
use crate::plan::model::{OracleSource, OracleSplit};
use crate::rel::TableName;
use crate::run::row::{BadReason, BadRow, Origin, RowBatch};
use crate::value::moment::Moment;

/// Bytes of a batch, about.
const BATCH: usize = 256 * 1024;

/// A table, or a view.
pub struct OracleRows {
    connect: Box<dyn Connect>,
    table: TableName,
    columns: Vec<SourceColumn>,
    key: Vec<String>,
    split: OracleSplit,
    lob_limit: u64,
    fetch: u32,
}

impl OracleRows {
    /// The rows of a table through sessions of `connect`.
    pub fn new(
        connect: Box<dyn Connect>,
        spec: &OracleSource,
        table: &TableName,
        columns: Vec<SourceColumn>,
        key: &[String],
    ) -> Result<OracleRows, SourceError> {
        if spec.filter.is_some() {
            return Err(SourceError::Spec {
                message: "`source.filter` cannot be sent to Oracle yet".into(),
                help: "load from a view with the condition".into(),
            });
        }
        if columns.is_empty() {
            return Err(SourceError::Spec {
                message: "the specification names no columns".into(),
                help: "name them under `columns`, or under `kafka.columns`".into(),
            });
        }
        Ok(OracleRows {
            connect,
            table: table.clone(),
            columns,
            key: key.to_vec(),
            split: spec.split,
            lob_limit: spec.lob_limit,
            fetch: spec.fetch.clamp(1, 50_000),
        })
    }

    fn session(&self) -> Result<Box<dyn Session>, SourceError> {
        let mut session = self.connect.connect().map_err(|e| e.at(None))?;
        for setting in sql::SETTINGS {
            session.execute(setting).map_err(|e| e.at(None))?;
        }
        Ok(session)
    }

    fn selection(&self) -> Selection<'_> {
        Selection {
            table: &self.table,
            columns: &self.columns,
            lob_limit: self.lob_limit,
            fetch: self.fetch,
        }
    }

    /// Ranges of ROWIDs; None for what has no extents of its own (index-organised tables, views), or where the
    /// dictionary may not be read.
    fn by_rowid(&self, wanted: usize) -> Result<Option<Vec<ChunkRange>>, SourceError> {
        let mut session = self.session()?;
        let extents = match all(session.as_mut(), &sql::extents(&self.table)) {
            Ok(rows) => rows,
            // No such table or view: DBA_EXTENTS is not granted.
            Err(e) if e.code == 942 && self.split == OracleSplit::Auto => return Ok(None),
            Err(e) => return Err(e.at(None)),
        };
        if extents.is_empty() {
            return Ok(None);
        }
        Ok(Some(join_extents(&extents, wanted)))
    }

    fn by_key(&self, wanted: usize) -> Result<Vec<ChunkRange>, SourceError> {
        let first = self
            .key
            .first()
            .and_then(|k| self.columns.iter().find(|c| c.name == *k));
        let Some(column) = first.filter(|_| wanted > 1) else {
            return Ok(vec![ChunkRange::Whole]);
        };
        let mut session = self.session()?;
        let bounds = all(
            session.as_mut(),
            &self.selection().key_bounds(column, wanted),
        );
        let bounds = bounds.map_err(|e| e.at(None))?;
        let mut values: Vec<String> = bounds.into_iter().filter_map(|mut r| r.pop()?).collect();
        // A value that fills several parts begins only one of them.
        values.dedup();
        let inner = values.into_iter().skip(1);
        Ok(ranges(&column.name, inner.collect()))
    }
}

/// Open at both ends: every row is in one range, also rows that came since.
fn ranges(column: &str, bounds: Vec<String>) -> Vec<ChunkRange> {
    let mut from: Option<Vec<String>> = None;
    let mut out = Vec::new();
    for bound in bounds {
        let to = Some(vec![bound]);
        out.push(ChunkRange::Keys {
            columns: vec![column.into()],
            from: std::mem::replace(&mut from, to.clone()),
            to,
        });
    }
    out.push(ChunkRange::Keys {
        columns: vec![column.into()],
        from,
        to: None,
    });
    out
}

/// Joins neighbouring extents of one object and file until a chunk has its share of the blocks.
fn join_extents(extents: &[Vec<Option<String>>], wanted: usize) -> Vec<ChunkRange> {
    let cell = |row: &[Option<String>], i: usize| row.get(i).cloned().flatten().unwrap_or_default();
    let blocks = |row: &[Option<String>]| cell(row, 1).parse::<u64>().unwrap_or(1);
    let total: u64 = extents.iter().map(|r| blocks(r)).sum();
    let share = (total / wanted.max(1) as u64).max(1);
    let mut out: Vec<ChunkRange> = Vec::new();
    let (mut group, mut held) = (String::new(), 0);
    for row in extents {
        let same = cell(row, 0) == group && held < share;
        match out.last_mut() {
            Some(ChunkRange::Rowid { last, .. }) if same => {
                *last = cell(row, 3);
                held += blocks(row);
            }
            Some(_) | None => {
                out.push(ChunkRange::Rowid {
                    first: cell(row, 2),
                    last: cell(row, 3),
                });
                (group, held) = (cell(row, 0), blocks(row));
            }
        }
    }
    out
}

/// All rows of a small query.
fn all(session: &mut dyn Session, query: &Query) -> Result<Vec<Vec<Option<String>>>, OraError> {
    let mut cursor = session.query(query)?;
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    while cursor.next(&mut row)? {
        let text = |v: &Option<Vec<u8>>| {
            let v = v.as_ref()?;
            Some(String::from_utf8_lossy(v).into_owned())
        };
        rows.push(row.iter().map(text).collect());
    }
    Ok(rows)
}

impl RowSource for OracleRows {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    /// Table, columns, and when the definition changed last.
    fn fingerprint(&self) -> Result<String, SourceError> {
        let mut session = self.session()?;
        let rows = all(session.as_mut(), &sql::last_ddl(&self.table)).map_err(|e| e.at(None))?;
        let ddl = rows
            .into_iter()
            .next()
            .and_then(|mut r| r.pop()?)
            .unwrap_or_default();
        let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        let text = format!("{}|{ddl}|{}", self.table, names.join("|"));
        Ok(format!(
            "{:032x}",
            xxhash_rust::xxh3::xxh3_128(text.as_bytes())
        ))
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, SourceError> {
        let mut session = self.session()?;
        let rows = all(session.as_mut(), &sql::now()).map_err(|e| e.at(None))?;
        let row = rows.into_iter().next().unwrap_or_default();
        let cell = |i: usize| row.get(i).and_then(|v| v.as_deref()).unwrap_or_default();
        let moment = Moment::parse_iso(cell(1).as_bytes()).ok();
        let micros = moment.map(|m| m.epoch_second() * 1_000_000 + i64::from(m.nano / 1000));
        let snapshot = cell(0).parse().ok().zip(micros);
        let refused = || SourceError::Refused {
            ora: 0,
            text: format!("the present SCN was answered as {row:?}"),
        };
        let (scn, micros) = snapshot.ok_or_else(refused)?;
        Ok(Some(Snapshot { scn, micros }))
    }

    fn plan_chunks(&self, wanted: usize) -> Result<Vec<ChunkRange>, SourceError> {
        match self.split {
            OracleSplit::Whole => Ok(vec![ChunkRange::Whole]),
            OracleSplit::Key => self.by_key(wanted),
            OracleSplit::Auto => match self.by_rowid(wanted)? {
                Some(chunks) => Ok(chunks),
                None => self.by_key(wanted),
            },
            OracleSplit::Rowid => self.by_rowid(wanted)?.ok_or_else(|| SourceError::Spec {
                message: format!("{} has no extents of its own", self.table),
                help: "index-organised tables and views are read with `split = \"key\"`; a new table may be empty".into(),
            }),
        }
    }

    fn open(
        &self,
        range: &ChunkRange,
        scn: Option<u64>,
    ) -> Result<Box<dyn ChunkReader>, SourceError> {
        let mut session = self.session()?;
        let query = self.selection().chunk(range, scn);
        let cursor = session.query(&query).map_err(|e| e.at(scn))?;
        Ok(Box::new(OracleReader {
            cursor,
            _session: session,
            width: self.columns.len(),
            lobs: sql::lobs(&self.columns),
            lob_limit: self.lob_limit,
            rowid: matches!(range, ChunkRange::Rowid { .. }),
            scn,
            number: 0,
            row: Vec::new(),
        }))
    }
}

struct OracleReader {
    cursor: Box<dyn Cursor>,
    _session: Box<dyn Session>,
    width: usize,
    lobs: Vec<usize>,
    lob_limit: u64,
    rowid: bool,
    scn: Option<u64>,
    number: u64,
    row: Vec<Option<Vec<u8>>>,
}

impl OracleReader {
    /// A LOB that was left out because of its length makes its row a bad one.
    fn too_long(&self) -> bool {
        let length = |i: usize| {
            let text = self.row.get(self.width + i)?.as_deref()?;
            std::str::from_utf8(text).ok()?.parse::<u64>().ok()
        };
        (0..self.lobs.len()).any(|i| length(i).is_some_and(|n| n > self.lob_limit))
    }

    fn take(&mut self, out: &mut RowBatch) {
        let rowid = if self.rowid {
            self.row.last().cloned().flatten()
        } else {
            None
        };
        for i in 0..self.width {
            let cell = self.row.get(i).and_then(|c| c.as_deref());
            out.push_cell(cell);
        }
        out.end_row(self.number, rowid.as_deref());
        self.number += 1;
        if self.too_long() {
            let row = out.len() - 1;
            let bad = BadRow {
                position: out.position(row),
                raw: out.raw(row),
                reason: BadReason::TooLong {
                    limit: usize::try_from(self.lob_limit).unwrap_or(usize::MAX),
                },
            };
            out.marks.pop();
            out.cells.truncate(out.cells.len() - self.width);
            out.bad.push(bad);
        }
    }
}

impl ChunkReader for OracleReader {
    fn next(&mut self, out: &mut RowBatch) -> Result<bool, SourceError> {
        let origin = if self.rowid {
            Origin::Rowid
        } else {
            Origin::Numbered
        };
        out.reset(self.width, origin);
        while out.bytes.len() < BATCH {
            let mut row = std::mem::take(&mut self.row);
            let there = self.cursor.next(&mut row);
            self.row = row;
            if !there.map_err(|e| e.at(self.scn))? {
                break;
            }
            self.take(out);
        }
        out.consumed = out.bytes.len() as u64;
        Ok(!out.is_empty() || !out.bad.is_empty())
    }
}
