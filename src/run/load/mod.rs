//! A load from its specification to its end: state folder, manifest, targets, engine. What `backfill run`, `resume`,
//! `status` and `retry-failed` do, without their arguments and their printing.

mod dry;
mod fingerprint;
mod open;
mod plan;
mod retry;
mod show;
mod state;
mod targets;
mod twice;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use dry::{Sample, SampleCell, SampleRow, sample};
pub use retry::{Retried, retry_failed};
pub use state::{Status, reopen, state_folder, status};

use super::deadletter::DeadLetters;
use super::engine::{self, Control, Job, Shared, Signal, Todo, Windows};
use super::error::RunError;
use super::gate::Gate;
use super::keys::{self, KeyLog};
use super::limits::Throttle;
use super::manifest::{ChunkState, Journal, Load, Lock, Totals};
use super::progress::{Display, Progress, Show, Size};
use super::source::{ChunkRange, RowSource};
use super::spec::Loaded;
use crate::plan::model::BackfillSpec;
use targets::Targets;

/// What a user asks of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// State folder; None: beside the specification.
    pub state: Option<PathBuf>,
    /// Begin anew, whatever the state folder holds.
    pub fresh: bool,
    /// Go on with what is there.
    pub resume: bool,
    /// Load chunks again that are done: the target lost rows of them.
    pub reload: bool,
    /// Only write the plan of chunks.
    pub plan_only: bool,
    /// This machine's part: number from 1, and of how many.
    pub shard: Option<(usize, usize)>,
    /// Rejected rows before it stops, instead of the specification's.
    pub max_errors: Option<u64>,
    /// Write time of all rows, microseconds since 1970.
    pub write_time: Option<i64>,
    /// A chunk whose snapshot is gone may be read at a fresh SCN.
    pub fresh_scn: bool,
    /// Load although the write time is old.
    pub allow_old: bool,
    /// Write JSON lines into this folder instead of the targets.
    pub files: Option<PathBuf>,
    /// Write NULLs too: rows take the place of whatever is there.
    pub whole: bool,
    /// How progress is shown.
    pub show: Show,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Table.
    pub table: String,
    /// State folder.
    pub state: PathBuf,
    /// Sums over all done chunks, of this run and those before.
    pub totals: Totals,
    /// Everything is done.
    pub complete: bool,
    /// Chunks that other machines load.
    pub elsewhere: usize,
    /// The signal that stopped it.
    pub signal: Option<Signal>,
    /// Things to know.
    pub warnings: Vec<RunError>,
}

/// Runs or resumes a load.
pub fn run(
    loaded: &Loaded<BackfillSpec>,
    options: &Options,
    control: &Arc<Control>,
) -> Result<Outcome, RunError> {
    let spec = &loaded.spec;
    let folder = state_folder(loaded, options.state.as_deref());
    let lock = Lock::take(&folder)?;
    let source = open::source(loaded)?;
    let mut load = match started(&folder, options)? {
        Some(load) => {
            fingerprint::check(&load.header, spec, source.as_ref())?;
            load
        }
        None => {
            keys::remove(&folder)?;
            plan::new_load(spec, source.as_ref(), options)?
        }
    };
    plan::check_write_time(&load.header)?;
    if options.reload {
        state::reopen_all(&mut load)?;
    }
    if !load.planned {
        plan::chunks(&mut load, spec, source.as_ref())?;
    }
    let mut journal = Journal::write(&folder, &load, &lock)?;
    let (todo, elsewhere) = todo(&load, options.shard);
    let mut warnings = Vec::new();
    let compare = load.twice.is_none() && options.files.is_none();
    if !options.plan_only && (!todo.is_empty() || compare) {
        let targets = Targets::open(loaded, source.as_ref(), &load.header, options)?;
        warnings = targets.warnings.clone();
        let shared = shared(spec, options, source.as_ref(), &folder, &load, control)?;
        let size = size(spec, &todo);
        let display = Display::start(
            options.show,
            size,
            Arc::clone(&shared.progress),
            Arc::clone(&shared.gate),
        );
        let readers = readers(spec);
        let ended = engine::run(Job {
            source: source.as_ref(),
            sinks: &targets.sinks,
            load: &mut load,
            journal: &mut journal,
            shared,
            todo,
            readers: readers.0,
            spare: readers.1,
            fresh_scn: options.fresh_scn,
            patience: patience(spec),
        });
        drop(display);
        ended?;
        // Not before all rows are there: what is settled is not looked at again.
        if compare && load.complete() {
            let search = twice::Search {
                loaded,
                options,
                control,
                folder: &folder,
                source: source.as_ref(),
                targets: &targets,
            };
            search.settle(&mut load, &mut journal)?;
        }
    }
    Ok(Outcome {
        table: spec.table.to_string(),
        state: folder,
        totals: load.totals(),
        complete: load.complete(),
        elsewhere,
        signal: control.signalled(),
        warnings,
    })
}

/// The load that the folder holds, if it is to be gone on with.
fn started(folder: &std::path::Path, options: &Options) -> Result<Option<Load>, RunError> {
    if !Journal::exists(folder) && !options.resume {
        return Ok(None);
    }
    if options.fresh {
        super::deadletter::remove(folder)?;
        return Ok(None);
    }
    let load = Journal::read(folder)?;
    let touched = load.chunks.iter().any(|c| c.attempts > 0);
    if touched && !options.resume {
        let message = format!("{} holds a load that was started before", folder.display());
        return Err(RunError::new(crate::diag::Code::LoadStarted, message)
            .help("go on with it: `ora2stream backfill resume`; or begin anew: `run --fresh`"));
    }
    Ok(Some(load))
}

/// The chunks that this machine has to load, and how many are left to others.
fn todo(load: &Load, shard: Option<(usize, usize)>) -> (VecDeque<Todo>, usize) {
    let open = |(_, c): &(usize, &super::manifest::Chunk)| !matches!(c.state, ChunkState::Done(_));
    let all = load.chunks.iter().enumerate().filter(open);
    let mine = |n: usize| shard.is_none_or(|(i, of)| n % of == i - 1);
    let (own, other): (Vec<_>, Vec<_>) = all.partition(|(n, _)| mine(*n));
    let todo = own.into_iter().map(|(n, c)| Todo {
        chunk: n,
        attempts: c.attempts,
        range: c.range.clone(),
    });
    (todo.collect(), other.len())
}

/// Threads that read, and those that may join them.
fn readers(spec: &BackfillSpec) -> (usize, usize) {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    match (spec.limits.readers, open::sessions(&spec.source)) {
        (0, Some(sessions)) => (sessions, 0),
        (0, None) => (1, processors.min(4) - 1),
        (n, _) => (n as usize, 0),
    }
}

fn patience(spec: &BackfillSpec) -> Duration {
    Duration::from_secs(u64::from(spec.limits.retry_seconds))
}

/// Rejected rows before a load stops.
fn max_errors(spec: &BackfillSpec, options: &Options) -> u64 {
    let allowed = spec.cassandra.as_ref().map_or(100, |c| c.max_errors);
    options.max_errors.unwrap_or(allowed)
}

fn shared(
    spec: &BackfillSpec,
    options: &Options,
    source: &dyn RowSource,
    folder: &std::path::Path,
    load: &Load,
    control: &Arc<Control>,
) -> Result<Arc<Shared>, RunError> {
    let keys = match &options.files {
        Some(_) => None,
        None => Some(KeyLog::open(folder)?),
    };
    Ok(Arc::new(Shared {
        control: Arc::clone(control),
        progress: Arc::new(Progress::default()),
        gate: Arc::new(Gate::new(&spec.limits)),
        throttle: Throttle::new(&spec.limits),
        columns: source.columns().to_vec(),
        letters: DeadLetters::open(folder, load)?,
        max_errors: max_errors(spec, options),
        rejected: Default::default(),
        keys,
        large: Default::default(),
        windows: Arc::new(Windows::default()),
    }))
}

fn size(spec: &BackfillSpec, todo: &VecDeque<Todo>) -> Size {
    let bytes = |t: &Todo| match &t.range {
        ChunkRange::Bytes { start, end, .. } => Some(end - start),
        ChunkRange::File { .. }
        | ChunkRange::Rowid { .. }
        | ChunkRange::Keys { .. }
        | ChunkRange::Whole => None,
    };
    Size {
        table: spec.table.to_string(),
        chunks: todo.len() as u64,
        bytes: todo.iter().map(bytes).sum(),
        rows: spec.rows,
    }
}
