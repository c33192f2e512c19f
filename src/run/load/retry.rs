//! Rejected rows once more, after a fix: of the specification, of the target, or of the rows themselves in the
//! dead letter file. The rows run through the engine like a load of their own; what is rejected again stays.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use super::targets::Targets;
use super::{Options, fingerprint, patience, state_folder, twice};
use crate::plan::model::BackfillSpec;
use crate::run::deadletter::{self, Dead};
use crate::run::engine::{self, Control, Job, Todo};
use crate::run::error::RunError;
use crate::run::keys::Seen;
use crate::run::manifest::{Event, Header, Journal, Load, Lock};
use crate::run::row::{Origin, Position, RowBatch};
use crate::run::source::{ChunkRange, ChunkReader, RowSource, SourceColumn, SourceError};
use crate::run::spec::Loaded;

/// What a retry came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retried {
    /// Rows in the dead letter file before.
    pub rows: u64,
    /// Loaded now.
    pub loaded: u64,
    /// Still rejected.
    pub rejected: u64,
    /// Records that the source could not take apart, and whose cells nobody has filled in: not tried.
    pub without_cells: u64,
}

/// Rows of a batch, at most.
const BATCH: usize = 1000;

/// Loads the rejected rows of a load.
pub fn retry_failed(
    loaded: &Loaded<BackfillSpec>,
    options: &Options,
    control: &Arc<Control>,
) -> Result<Retried, RunError> {
    let spec = &loaded.spec;
    let folder = state_folder(loaded, options.state.as_deref());
    let lock = Lock::take(&folder)?;
    let mut load = Journal::read(&folder)?;
    fingerprint::same_target(&load.header, spec)?;
    deadletter::settle(&folder, load.letters)?;
    let dead = deadletter::of_done_chunks(&folder, &load)?;
    let (ready, without): (Vec<Dead>, Vec<Dead>) = dead.into_iter().partition(|d| d.row.is_some());
    let mut retried = Retried {
        rows: (ready.len() + without.len()) as u64,
        loaded: 0,
        rejected: 0,
        without_cells: without.len() as u64,
    };
    if ready.is_empty() {
        return Ok(retried);
    }
    let keys = {
        let source = Letters::new(&ready);
        let targets = Targets::open(loaded, &source, &load.header, options)?;
        twice::seen_letters(&source, &targets)?
    };
    let taken = twice::taken(&folder, &load, &keys)?;
    let (ready, kept) = apart(ready, &taken);
    let again = match ready.is_empty() {
        true => Vec::new(),
        false => attempt(loaded, options, control, &load.header, &folder, &ready)?,
    };
    let rejected: BTreeSet<usize> = again.iter().filter_map(number).collect();
    let free = keys.iter().enumerate().filter(|(n, _)| !taken.contains(n));
    let written = free.map(|(_, k)| k).enumerate();
    let written: Vec<Seen> = written
        .filter_map(|(n, k)| k.filter(|_| !rejected.contains(&n)))
        .collect();
    twice::note(&folder, &written)?;
    retried.rejected = (rejected.len() + kept.len()) as u64;
    retried.loaded = (ready.len() - rejected.len()) as u64;
    let kept = kept.into_iter().map(|d| twice::refused(spec, d));
    let without = without.into_iter().chain(kept).collect();
    let remaining = remaining(ready, without, again);
    let mut journal = Journal::write(&folder, &load, &lock)?;
    let mark = deadletter::prepare(&folder, &remaining)?;
    let event = Event::Retried {
        loaded: retried.loaded,
        letters: mark,
    };
    journal.append(std::slice::from_ref(&event))?;
    load.apply(event)
        .map_err(|e| RunError::new(crate::diag::Code::Defect, e))?;
    deadletter::settle(&folder, load.letters)?;
    Ok(retried)
}

/// Takes the rows of these numbers out.
fn apart(ready: Vec<Dead>, taken: &BTreeSet<usize>) -> (Vec<Dead>, Vec<Dead>) {
    let (mut free, mut kept) = (Vec::new(), Vec::new());
    for (n, dead) in ready.into_iter().enumerate() {
        match taken.contains(&n) {
            true => kept.push(dead),
            false => free.push(dead),
        }
    }
    (free, kept)
}

/// The number of a row that the engine read from dead letters.
fn number(dead: &Dead) -> Option<usize> {
    match dead.position {
        Position::Row { row } => usize::try_from(row).ok(),
        Position::File { .. } | Position::Rowid { .. } => None,
    }
}

/// Runs the rows through the engine; answers those that were rejected again, their row being the number in `ready`.
pub(super) fn attempt(
    loaded: &Loaded<BackfillSpec>,
    options: &Options,
    control: &Arc<Control>,
    header: &Header,
    folder: &Path,
    ready: &[Dead],
) -> Result<Vec<Dead>, RunError> {
    let source = Letters::new(ready);
    let targets = Targets::open(loaded, &source, header, options)?;
    let scratch = tempfile::tempdir_in(folder).map_err(|e| RunError::state(folder, &e))?;
    let lock = Lock::take(scratch.path())?;
    let mut load = Load::new(header.clone());
    let defect = |e| RunError::new(crate::diag::Code::Defect, e);
    let range = ChunkRange::Whole;
    let attempts = 0;
    load.apply(Event::Chunk { range, attempts })
        .map_err(defect)?;
    let mut journal = Journal::write(scratch.path(), &load, &lock)?;
    let options = Options {
        max_errors: Some(u64::MAX),
        ..options.clone()
    };
    let shared = super::shared(
        &loaded.spec,
        &options,
        &source,
        scratch.path(),
        &load,
        control,
    )?;
    engine::run(Job {
        source: &source,
        sinks: &targets.sinks,
        load: &mut load,
        journal: &mut journal,
        shared,
        todo: VecDeque::from([Todo {
            chunk: 0,
            attempts: 0,
            range: ChunkRange::Whole,
        }]),
        readers: 1,
        spare: 0,
        fresh_scn: false,
        patience: patience(&loaded.spec),
    })?;
    if load.totals().done == 0 {
        return Err(RunError::new(
            crate::diag::Code::Stopped,
            "the retry was stopped; nothing changed",
        )
        .help("run it again"));
    }
    deadletter::read(scratch.path())
}

/// The dead letters after a retry: those that were not tried, and those rejected again with their new reasons.
fn remaining(ready: Vec<Dead>, without: Vec<Dead>, again: Vec<Dead>) -> Vec<Dead> {
    let mut remaining = without;
    let mut seen = BTreeSet::new();
    for new in again {
        let Some(number) = number(&new) else {
            continue;
        };
        if let Some(old) = ready.get(number)
            && seen.insert(number)
        {
            remaining.push(Dead {
                column: new.column,
                code: new.code,
                reason: new.reason,
                value: new.value,
                ..old.clone()
            });
        }
    }
    remaining
}

/// The cells of dead letters as a source.
struct Letters<'a> {
    columns: Vec<SourceColumn>,
    dead: &'a [Dead],
}

impl<'a> Letters<'a> {
    fn new(dead: &'a [Dead]) -> Self {
        let mut columns: Vec<SourceColumn> = Vec::new();
        for name in dead
            .iter()
            .filter_map(|d| d.row.as_ref())
            .flat_map(|r| r.keys())
        {
            if !columns.iter().any(|c| c.name == *name) {
                columns.push(SourceColumn {
                    name: name.clone(),
                    ty: None,
                });
            }
        }
        Self { columns, dead }
    }
}

impl RowSource for Letters<'_> {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn fingerprint(&self) -> Result<String, SourceError> {
        Ok(String::new())
    }

    fn plan_chunks(&self, _wanted: usize) -> Result<Vec<ChunkRange>, SourceError> {
        Ok(vec![ChunkRange::Whole])
    }

    fn open(&self, _: &ChunkRange, _: Option<u64>) -> Result<Box<dyn ChunkReader>, SourceError> {
        let row = |d: &Dead| {
            let cell = |c: &SourceColumn| d.row.as_ref()?.get(&c.name).cloned().flatten();
            self.columns.iter().map(cell).collect()
        };
        Ok(Box::new(LetterReader {
            rows: self.dead.iter().map(row).collect(),
            width: self.columns.len(),
            next: 0,
        }))
    }
}

struct LetterReader {
    rows: Vec<Vec<Option<String>>>,
    width: usize,
    next: usize,
}

impl ChunkReader for LetterReader {
    fn next(&mut self, out: &mut RowBatch) -> Result<bool, SourceError> {
        out.reset(self.width, Origin::Numbered);
        let end = self.rows.len().min(self.next + BATCH);
        for number in self.next..end {
            for cell in &self.rows[number] {
                out.push_cell(cell.as_deref().map(str::as_bytes));
            }
            out.end_row(number as u64, None);
        }
        self.next = end;
        Ok(!out.is_empty())
    }
}
