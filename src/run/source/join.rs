//! Columns of another source beside each row, found by key. The other source is read once: into memory as far as the
//! limit goes, else into a sorted temporary file of which only every block's first key stays in memory. Chunks,
//! positions and resuming stay those of the first source.

mod table;

use std::sync::Arc;

use self::table::{Builder, Table};
use super::{ChunkRange, ChunkReader, RowSource, Snapshot, SourceColumn, SourceError};
use crate::plan::model::JoinSpec;
use crate::run::row::{BadReason, BadRow, Cell, RowBatch};

/// A source with columns of another.
pub struct Joined {
    main: Box<dyn RowSource>,
    columns: Vec<SourceColumn>,
    on: Vec<usize>,
    table: Arc<Table>,
    /// Cells that the other adds.
    width: usize,
    required: bool,
    key_name: String,
    fingerprint: String,
}

fn wrong(message: String) -> SourceError {
    SourceError::Spec {
        message,
        help: "correct `join` of the specification".into(),
    }
}

fn places(columns: &[SourceColumn], names: &[String]) -> Result<Vec<usize>, SourceError> {
    let place = |n: &String| {
        let found = columns.iter().position(|c| c.name == *n);
        found.ok_or_else(|| wrong(format!("join: there is no column {n}")))
    };
    names.iter().map(place).collect()
}

impl Joined {
    /// Reads the other source, and stands before the first one.
    pub fn build(
        main: Box<dyn RowSource>,
        other: &dyn RowSource,
        join: &JoinSpec,
    ) -> Result<Joined, SourceError> {
        if join.on.len() != join.key.len() || join.on.is_empty() {
            return Err(wrong(
                "join: `on` and `key` name as many columns, and at least one".into(),
            ));
        }
        let on = places(main.columns(), &join.on)?;
        let key = places(other.columns(), &join.key)?;
        let mut builder = Builder::new(u64::from(join.memory_mb.max(1)) << 20);
        let mut batch = RowBatch::new();
        for chunk in other.plan_chunks(1)? {
            let mut reader = other.open(&chunk, None)?;
            while reader.next(&mut batch)? {
                if let Some(bad) = batch.bad().first() {
                    let text = format!("join: {}: {} ({})", join.table, bad.reason, bad.position);
                    return Err(wrong(text));
                }
                put(&mut builder, &batch, &key, join)?;
            }
        }
        let mut columns = main.columns().to_vec();
        columns.extend(other.columns().iter().map(|c| SourceColumn {
            name: format!("{}.{}", join.prefix, c.name),
            ty: c.ty.clone(),
        }));
        let fingerprint = format!("{}{}", main.fingerprint()?, other.fingerprint()?);
        let table = builder.finish().map_err(|e| match e {
            table::Failed::Io(error) => SourceError::Io {
                path: "temporary file of a join".into(),
                error,
            },
            table::Failed::Twice(key) => twice(join, &key),
        })?;
        Ok(Joined {
            width: other.columns().len(),
            columns,
            on,
            table: Arc::new(table),
            required: join.required,
            key_name: join.key.join(", "),
            main,
            fingerprint,
        })
    }
}

fn twice(join: &JoinSpec, key: &[u8]) -> SourceError {
    let shown = String::from_utf8_lossy(key).replace('\u{1f}', ", ");
    wrong(format!(
        "join: {} has two rows with the key {shown}",
        join.table
    ))
}

/// The key's texts with a 0x1F byte between; None where one of them is NULL.
fn key_of(batch: &RowBatch, row: usize, places: &[usize]) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    for (i, place) in places.iter().enumerate() {
        if i > 0 {
            key.push(0x1f);
        }
        key.extend_from_slice(batch.cell(row, *place)?);
    }
    Some(key)
}

fn put(
    b: &mut Builder,
    batch: &RowBatch,
    key: &[usize],
    join: &JoinSpec,
) -> Result<(), SourceError> {
    let io = |error| SourceError::Io {
        path: "temporary file of a join".into(),
        error,
    };
    for row in 0..batch.len() {
        // A row without a key has no partner anywhere.
        let Some(key) = key_of(batch, row, key) else {
            continue;
        };
        let mut cells = Vec::new();
        for c in 0..batch.width() {
            let cell = batch.cell(row, c);
            let len = cell.map_or(u32::MAX, |t| t.len() as u32);
            cells.extend_from_slice(&len.to_le_bytes());
            cells.extend_from_slice(cell.unwrap_or_default());
        }
        match b.put(key, cells) {
            Ok(()) => {}
            Err(table::Failed::Io(error)) => return Err(io(error)),
            Err(table::Failed::Twice(key)) => return Err(twice(join, &key)),
        }
    }
    Ok(())
}

impl RowSource for Joined {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn fingerprint(&self) -> Result<String, SourceError> {
        Ok(self.fingerprint.clone())
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, SourceError> {
        self.main.snapshot()
    }

    fn plan_chunks(&self, wanted: usize) -> Result<Vec<ChunkRange>, SourceError> {
        self.main.plan_chunks(wanted)
    }

    fn open(
        &self,
        range: &ChunkRange,
        scn: Option<u64>,
    ) -> Result<Box<dyn ChunkReader>, SourceError> {
        Ok(Box::new(JoinedReader {
            main: self.main.open(range, scn)?,
            table: Arc::clone(&self.table),
            on: self.on.clone(),
            width: self.width,
            required: self.required,
            key_name: self.key_name.clone(),
        }))
    }
}

struct JoinedReader {
    main: Box<dyn ChunkReader>,
    table: Arc<Table>,
    on: Vec<usize>,
    width: usize,
    required: bool,
    key_name: String,
}

impl JoinedReader {
    /// Appends the partner's cells of one row; false where there is none.
    fn partner(
        &self,
        out: &mut RowBatch,
        row: usize,
        cells: &mut Vec<Cell>,
    ) -> Result<bool, SourceError> {
        let key = key_of(out, row, &self.on);
        let found = match key {
            Some(key) => self.table.get(&key).map_err(|error| SourceError::Io {
                path: "temporary file of a join".into(),
                error,
            })?,
            None => None,
        };
        let Some(found) = found else {
            cells.extend(std::iter::repeat_n(Cell::NULL, self.width));
            return Ok(false);
        };
        let mut rest = found.as_slice();
        while let Some((len, tail)) = rest.split_first_chunk::<4>() {
            let len = u32::from_le_bytes(*len);
            let (text, tail) = match len {
                u32::MAX => (None, tail),
                len => (
                    tail.get(..len as usize),
                    tail.get(len as usize..).unwrap_or_default(),
                ),
            };
            cells.push(text.map_or(Cell::NULL, |t| out.store(t)));
            rest = tail;
        }
        Ok(true)
    }
}

impl ChunkReader for JoinedReader {
    fn next(&mut self, out: &mut RowBatch) -> Result<bool, SourceError> {
        if !self.main.next(out)? {
            return Ok(false);
        }
        let own = out.width;
        let (mut cells, mut marks) = (Vec::new(), Vec::new());
        for row in 0..out.marks.len() {
            let first = cells.len();
            cells.extend_from_slice(&out.cells[row * own..(row + 1) * own]);
            let found = self.partner(out, row, &mut cells)?;
            if found || !self.required {
                marks.push(out.marks[row]);
                continue;
            }
            cells.truncate(first);
            let bad = BadRow {
                position: out.position(row),
                raw: out.raw(row),
                reason: BadReason::NoPartner {
                    key: self.key_name.clone(),
                },
            };
            out.bad.push(bad);
        }
        (out.cells, out.marks) = (cells, marks);
        out.width = own + self.width;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::model::{CsvSource, RowSourceSpec};
    use crate::rel::TableName;
    use crate::run::source::csv::CsvRows;

    fn spec(required: bool) -> JoinSpec {
        JoinSpec {
            table: TableName::new("R", "P"),
            prefix: "P".into(),
            on: vec!["PID".into()],
            key: vec!["ID".into()],
            required,
            memory_mb: 1,
            source: RowSourceSpec::Csv(CsvSource::default()),
        }
    }

    fn csv(folder: &std::path::Path, name: &str, text: &str) -> CsvRows {
        std::fs::write(folder.join(name), text).expect("writes");
        let csv = CsvSource {
            files: vec![name.into()],
            ..CsvSource::default()
        };
        CsvRows::open(&csv, &[], folder).expect("opens")
    }

    fn rows(source: &dyn RowSource) -> (Vec<String>, Vec<&'static str>) {
        let (mut good, mut bad, mut batch) = (Vec::new(), Vec::new(), RowBatch::new());
        for chunk in source.plan_chunks(1).expect("plans") {
            let mut reader = source.open(&chunk, None).expect("opens");
            while reader.next(&mut batch).expect("reads") {
                for row in 0..batch.len() {
                    let cell = |c| {
                        batch
                            .cell(row, c)
                            .map_or("~".into(), |t| String::from_utf8_lossy(t))
                    };
                    good.push((0..batch.width()).map(cell).collect::<Vec<_>>().join("|"));
                }
                bad.extend(batch.bad().iter().map(|b| b.reason.code()));
            }
        }
        (good, bad)
    }

    #[test]
    fn partners_are_found_in_memory_and_in_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let parents: String = (0..60_000)
            .map(|i| format!("{i},\"name of {i}, quite long enough\",\n"))
            .collect();
        let other = csv(folder.path(), "p.csv", &format!("ID,NAME,NOTE\n{parents}"));
        let child = || {
            Box::new(csv(
                folder.path(),
                "c.csv",
                "CID,PID\n1,59999\n2,\n3,77\n4,60001\n",
            ))
        };
        let wanted = [
            "1|59999|59999|name of 59999, quite long enough|~",
            "2|~|~|~|~",
            "3|77|77|name of 77, quite long enough|~",
            "4|60001|~|~|~",
        ];
        for memory_mb in [1, 100] {
            let spec = JoinSpec {
                memory_mb,
                ..spec(false)
            };
            let joined = Joined::build(child(), &other, &spec).expect("builds");
            assert_eq!(joined.table.is_spilled(), memory_mb == 1);
            assert_eq!(rows(&joined), (wanted.map(String::from).to_vec(), vec![]));
            assert_eq!(joined.columns()[3].name, "P.NAME");
        }
        let joined = Joined::build(child(), &other, &spec(true)).expect("builds");
        let (good, bad) = rows(&joined);
        assert_eq!((good.len(), bad), (2, vec!["no-partner", "no-partner"]));
    }

    #[test]
    fn a_key_that_is_not_unique_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = csv(folder.path(), "p.csv", "ID,NAME\n1,a\n2,b\n1,c\n");
        let child = csv(folder.path(), "c.csv", "CID,PID\n1,1\n");
        let error = Joined::build(Box::new(child), &other, &spec(false))
            .err()
            .expect("refused");
        assert!(
            error.to_string().contains("two rows with the key 1"),
            "{error}"
        );
    }
}
