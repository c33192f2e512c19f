//! The engine against a scripted source and a scripted sink.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use super::*;
use crate::diag::Code;
use crate::plan::model::Limits;
use crate::run::deadletter::{self, Why};
use crate::run::gate::Gate;
use crate::run::limits::Throttle;
use crate::run::manifest::{ChunkState, Header, Lock, MANIFEST_VERSION};
use crate::run::progress::Progress;
use crate::run::row::{Origin, RowBatch};
use crate::run::sink::Lane;
use crate::run::source::{ChunkReader, Snapshot, SourceColumn};

const ROWS: u64 = 100;

/// `chunks` chunks of [`ROWS`] rows; chunk n holds the numbers from n * ROWS. Some opens fail first.
struct Script {
    columns: Vec<SourceColumn>,
    failures: Mutex<BTreeMap<String, Vec<SourceError>>>,
    scns: Mutex<Vec<Option<u64>>>,
}

impl Script {
    fn new() -> Self {
        let column = SourceColumn {
            name: "N".into(),
            ty: None,
        };
        Self {
            columns: vec![column],
            failures: Mutex::default(),
            scns: Mutex::default(),
        }
    }

    fn failing(chunk: u64, errors: Vec<SourceError>) -> Self {
        let script = Self::new();
        let key = chunk.to_string();
        script.failures.lock().expect("lock").insert(key, errors);
        script
    }
}

impl RowSource for Script {
    fn columns(&self) -> &[SourceColumn] {
        &self.columns
    }

    fn fingerprint(&self) -> Result<String, SourceError> {
        Ok("script".into())
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, SourceError> {
        Ok(Some(Snapshot { scn: 99, micros: 0 }))
    }

    fn plan_chunks(&self, wanted: usize) -> Result<Vec<ChunkRange>, SourceError> {
        let range = |n: usize| ChunkRange::File {
            file: n.to_string(),
        };
        Ok((0..wanted).map(range).collect())
    }

    fn open(
        &self,
        range: &ChunkRange,
        scn: Option<u64>,
    ) -> Result<Box<dyn ChunkReader>, SourceError> {
        let ChunkRange::File { file } = range else {
            panic!("a chunk of another source");
        };
        self.scns.lock().expect("lock").push(scn);
        let mut failures = self.failures.lock().expect("lock");
        let error = failures.get_mut(file).and_then(Vec::pop);
        let first = file.parse::<u64>().expect("a number") * ROWS;
        Ok(Box::new(Numbers {
            next: first,
            end: first + ROWS,
            error,
        }))
    }
}

/// Gives half of the rows, then the error if there is one, else the rest.
struct Numbers {
    next: u64,
    end: u64,
    error: Option<SourceError>,
}

impl ChunkReader for Numbers {
    fn next(&mut self, out: &mut RowBatch) -> Result<bool, SourceError> {
        out.reset(1, Origin::Numbered);
        if !self.next.is_multiple_of(ROWS)
            && let Some(error) = self.error.take()
        {
            return Err(error);
        }
        let end = self.end.min(self.next + ROWS / 2);
        for n in self.next..end {
            out.push_cell(Some(n.to_string().as_bytes()));
            out.end_row(n, None);
        }
        self.next = end;
        Ok(!out.is_empty())
    }
}

/// Acknowledges from another thread, a while later; rejects and refuses what it is told to.
#[derive(Default)]
struct Slow {
    rejected: BTreeSet<u64>,
    refused: BTreeSet<u64>,
    written: Arc<Mutex<Vec<u64>>>,
    delivered: Arc<AtomicU64>,
    stop_after: Option<(u64, Arc<Control>)>,
    broken: bool,
}

struct SlowLane {
    sink: Slow,
    rows: Vec<(usize, u64)>,
}

impl Slow {
    fn copy(&self) -> Slow {
        Slow {
            rejected: self.rejected.clone(),
            refused: self.refused.clone(),
            written: Arc::clone(&self.written),
            delivered: Arc::clone(&self.delivered),
            stop_after: self.stop_after.clone(),
            broken: self.broken,
        }
    }
}

impl Sink for Slow {
    fn lane(&self) -> Box<dyn Lane> {
        Box::new(SlowLane {
            sink: self.copy(),
            rows: Vec::new(),
        })
    }

    fn close(&self, _: bool) -> Result<(), RunError> {
        Ok(())
    }
}

impl Lane for SlowLane {
    fn add(&mut self, batch: &RowBatch, row: usize) -> Result<(), Why> {
        let text = batch.cell(row, 0).unwrap_or_default();
        let n: u64 = String::from_utf8_lossy(text).parse().expect("a number");
        if self.sink.rejected.contains(&n) {
            return Err(Why {
                column: Some("N".into()),
                code: "test".into(),
                reason: "told so".into(),
            });
        }
        self.rows.push((row, n));
        Ok(())
    }

    fn last(&self) -> &[u8] {
        b"row"
    }

    fn key(&self, out: &mut Vec<u8>) {
        let number = self.rows.last().map_or(0, |r| r.1);
        out.extend(number.to_be_bytes());
    }

    fn undo(&mut self) {
        self.rows.pop();
    }

    fn send(&mut self, window: &Arc<Window>, ticket: &Arc<Ticket>, _: bool) {
        if self.sink.stop_after.is_some() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let rows = std::mem::take(&mut self.rows);
        let (sink, window, ticket) = (self.sink.copy(), Arc::clone(window), Arc::clone(ticket));
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(5));
            if sink.broken {
                return ticket.fail(RunError::new(Code::WriteFailed, "broken"));
            }
            for (row, n) in rows {
                if sink.refused.contains(&n) {
                    ticket.refused(
                        &window,
                        row,
                        Why {
                            column: None,
                            code: "refused".into(),
                            reason: String::new(),
                        },
                    );
                    continue;
                }
                sink.written.lock().expect("lock").push(n);
                ticket.acknowledged(1, 10);
                let all = 1 + sink.delivered.fetch_add(1, Relaxed);
                if let Some((after, control)) = &sink.stop_after
                    && all == *after
                {
                    control.signal(Signal::Interrupt);
                }
            }
        });
    }
}

struct Ran {
    load: Load,
    result: Result<(), RunError>,
    rejected: Vec<deadletter::Dead>,
}

fn header() -> Header {
    Header {
        version: MANIFEST_VERSION,
        table: "R.T".into(),
        target: String::new(),
        identity: String::new(),
        schema: String::new(),
        source: String::new(),
        write_time: 0,
        scn: Some(7),
        rows: None,
    }
}

fn planned(chunks: usize) -> Load {
    let mut load = Load::new(header());
    for range in Script::new().plan_chunks(chunks).expect("chunks") {
        load.apply(Event::Chunk { range, attempts: 0 })
            .expect("fits");
    }
    load.apply(Event::Planned { chunks }).expect("fits");
    load
}

fn go(
    folder: &Path,
    mut load: Load,
    source: &Script,
    sink: Slow,
    control: &Arc<Control>,
    max_errors: u64,
    fresh_scn: bool,
) -> Ran {
    let lock = Lock::take(folder).expect("free");
    let mut journal = Journal::write(folder, &load, &lock).expect("written");
    let shared = Arc::new(Shared {
        control: Arc::clone(control),
        progress: Arc::new(Progress::default()),
        gate: Arc::new(Gate::new(&Limits::default())),
        throttle: Throttle::new(&Limits::default()),
        columns: source.columns.clone(),
        letters: deadletter::DeadLetters::open(folder, &load).expect("opened"),
        max_errors,
        rejected: AtomicU64::new(0),
        keys: Some(crate::run::keys::KeyLog::open(folder).expect("opened")),
        large: Default::default(),
        windows: Arc::default(),
    });
    let open = load.chunks.iter().enumerate();
    let todo = open
        .filter(|(_, c)| !matches!(c.state, ChunkState::Done(_)))
        .map(|(chunk, c)| Todo {
            chunk,
            attempts: c.attempts,
            range: c.range.clone(),
        })
        .collect();
    let sinks: [Box<dyn Sink>; 1] = [Box::new(sink)];
    let result = run(Job {
        source,
        sinks: &sinks,
        load: &mut load,
        journal: &mut journal,
        shared,
        todo,
        readers: 2,
        spare: 0,
        fresh_scn,
        patience: Duration::from_secs(20),
    });
    drop(lock);
    let load = Journal::read(folder).expect("readable");
    let rejected = deadletter::of_done_chunks(folder, &load).expect("readable");
    Ran {
        load,
        result,
        rejected,
    }
}

fn simple(source: &Script, sink: Slow, max_errors: u64) -> Ran {
    let folder = tempfile::tempdir().expect("folder");
    let control = Arc::default();
    go(
        folder.path(),
        planned(6),
        source,
        sink,
        &control,
        max_errors,
        false,
    )
}

#[test]
fn every_row_is_written_once_and_counted() {
    let sink = Slow::default();
    let written = Arc::clone(&sink.written);
    let ran = simple(&Script::new(), sink, 0);
    assert_eq!(ran.result, Ok(()));
    assert!(ran.load.complete());
    let totals = ran.load.totals();
    assert_eq!(
        (totals.read, totals.written, totals.bytes),
        (600, 600, 6000)
    );
    let mut numbers = written.lock().expect("lock").clone();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..600).collect::<Vec<u64>>());
}

#[test]
fn rejected_and_refused_rows_are_in_the_dead_letters_and_the_counts_add_up() {
    let sink = Slow {
        rejected: BTreeSet::from([3, 250]),
        refused: BTreeSet::from([599]),
        ..Slow::default()
    };
    let ran = simple(&Script::new(), sink, 10);
    assert_eq!(ran.result, Ok(()));
    let totals = ran.load.totals();
    assert_eq!(
        (totals.read, totals.written, totals.rejected),
        (600, 597, 3)
    );
    let mut values: Vec<String> = ran.rejected.iter().map(|d| d.raw.clone()).collect();
    values.sort();
    assert_eq!(values, ["\"250\"", "\"3\"", "\"599\""]);
    let blamed = ran
        .rejected
        .iter()
        .filter(|d| d.value.as_deref() == Some("250"));
    assert_eq!(blamed.count(), 1);
}

#[test]
fn too_many_rejects_stop_the_run() {
    let sink = Slow {
        rejected: (0..600).collect(),
        ..Slow::default()
    };
    let ran = simple(&Script::new(), sink, 20);
    assert_eq!(ran.result.expect_err("stopped").code, Code::TooManyErrors);
    assert!(!ran.load.complete());
}

fn lost() -> SourceError {
    SourceError::SessionLost {
        text: "ORA-03113".into(),
    }
}

fn gone() -> SourceError {
    SourceError::SnapshotTooOld {
        scn: Some(7),
        text: "ORA-01555".into(),
    }
}

#[test]
fn a_lost_session_is_another_attempt_and_no_row_counts_twice() {
    let source = Script::failing(2, vec![lost(), lost()]);
    let sink = Slow {
        rejected: BTreeSet::from([210]),
        ..Slow::default()
    };
    let ran = simple(&source, sink, 10);
    assert_eq!(ran.result, Ok(()));
    assert_eq!(ran.load.chunks[2].attempts, 3);
    let totals = ran.load.totals();
    assert_eq!(
        (totals.read, totals.written, totals.rejected),
        (600, 599, 1)
    );
    assert_eq!(ran.rejected.len(), 1, "only the attempt that counts");
}

#[test]
fn a_snapshot_that_is_gone_stops_unless_a_fresh_one_is_allowed() {
    let ran = simple(&Script::failing(1, vec![gone()]), Slow::default(), 0);
    assert_eq!(ran.result.expect_err("stopped").code, Code::SnapshotTooOld);

    let folder = tempfile::tempdir().expect("folder");
    let source = Script::failing(1, vec![gone()]);
    let (control, sink) = (Arc::default(), Slow::default());
    let ran = go(folder.path(), planned(6), &source, sink, &control, 0, true);
    assert_eq!(ran.result, Ok(()));
    assert!(ran.load.complete());
    let scns = source.scns.lock().expect("lock");
    assert_eq!(scns.iter().filter(|s| **s == Some(99)).count(), 1);
    assert_eq!(scns.iter().filter(|s| **s == Some(7)).count(), 6);
}

#[test]
fn a_broken_target_ends_the_run_with_its_error() {
    let sink = Slow {
        broken: true,
        ..Slow::default()
    };
    let ran = simple(&Script::new(), sink, 0);
    assert_eq!(ran.result.expect_err("broken").code, Code::WriteFailed);
    assert_eq!(ran.load.totals().done, 0);
}

/// A signal lets open chunks end; the next run loads the others and nothing else.
#[test]
fn a_signal_finishes_open_chunks_and_resume_does_the_rest() {
    let folder = tempfile::tempdir().expect("folder");
    let control: Arc<Control> = Arc::default();
    let sink = Slow {
        stop_after: Some((120, Arc::clone(&control))),
        ..Slow::default()
    };
    let written = Arc::clone(&sink.written);
    let ran = go(
        folder.path(),
        planned(6),
        &Script::new(),
        sink,
        &control,
        0,
        false,
    );
    assert_eq!(ran.result, Ok(()));
    let totals = ran.load.totals();
    assert!(totals.done >= 2 && totals.done < 6, "{totals:?}");
    assert_eq!(totals.open, 0, "no chunk is left half");
    assert_eq!(written.lock().expect("lock").len() as u64, totals.written);

    let again = Slow {
        written: Arc::clone(&written),
        ..Slow::default()
    };
    let control = Arc::default();
    let ran = go(
        folder.path(),
        ran.load,
        &Script::new(),
        again,
        &control,
        0,
        false,
    );
    assert_eq!(ran.result, Ok(()));
    assert!(ran.load.complete());
    assert_eq!(written.lock().expect("lock").len(), 600, "nothing twice");
}
