//! The beginning of a load: its write time, its point in time, its chunks.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Options, fingerprint};
use crate::diag::Code;
use crate::plan::model::{BackfillSpec, Limits};
use crate::run::error::RunError;
use crate::run::manifest::{Event, Header, Load, MANIFEST_VERSION};
use crate::run::source::RowSource;

/// What the write time lies before the point in time that the rows are read at: a change that commits right after
/// it must win, whatever the clocks.
const MARGIN: i64 = 5_000_000;

/// Clocks may differ by this.
const SLACK: i64 = 60_000_000;

/// Most chunks of a load: the manifest stays small.
const MOST_CHUNKS: u64 = 65_536;

/// Now, in microseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX))
}

/// A load that begins now.
pub fn new_load(
    spec: &BackfillSpec,
    source: &dyn RowSource,
    options: &Options,
) -> Result<Load, RunError> {
    let snapshot = source.snapshot()?;
    let read_at = snapshot.map_or_else(now, |s| s.micros);
    Ok(Load::new(Header {
        version: MANIFEST_VERSION,
        table: spec.table.to_string(),
        target: fingerprint::target(spec),
        identity: fingerprint::identity(spec),
        schema: fingerprint::schema(spec),
        source: source.fingerprint()?,
        write_time: options.write_time.unwrap_or(read_at - MARGIN),
        scn: snapshot.map(|s| s.scn),
        rows: spec.rows,
    }))
}

/// Refuses a write time that would hide later writes.
pub fn check_write_time(header: &Header) -> Result<(), RunError> {
    if header.write_time <= now() + SLACK {
        return Ok(());
    }
    let message = format!(
        "the write time {} lies {} s in the future",
        header.write_time,
        (header.write_time - now()) / 1_000_000
    );
    Err(RunError::new(Code::WriteTimeUnsafe, message)
        .help("check the clocks of this machine and of the database; or give --write-time"))
}

/// Refuses a load whose deletes may have been forgotten.
#[cfg(any(feature = "cassandra", test))]
pub fn check_age(header: &Header, gc_grace_seconds: i32, allowed: bool) -> Result<(), RunError> {
    let age = (now() - header.write_time) / 1_000_000;
    let limit = i64::from(gc_grace_seconds) * 8 / 10;
    if age <= limit || allowed {
        return Ok(());
    }
    let message = format!(
        "the write time of the load is {age} s old, and the table's gc_grace_seconds is {gc_grace_seconds}"
    );
    Err(RunError::new(Code::TooOld, message).help(
        "begin anew with `run --fresh`; --allow-old is right only if nothing was deleted since the load began",
    ))
}

/// Divides the source.
pub fn chunks(
    load: &mut Load,
    spec: &BackfillSpec,
    source: &dyn RowSource,
) -> Result<(), RunError> {
    let wanted = wanted(source.size(), spec.rows, &spec.limits);
    let ranges = source.plan_chunks(wanted)?;
    let defect = |e| RunError::new(Code::Defect, e);
    load.chunks.clear();
    for range in ranges {
        let attempts = 0;
        load.apply(Event::Chunk { range, attempts })
            .map_err(defect)?;
    }
    let chunks = load.chunks.len();
    load.apply(Event::Planned { chunks }).map_err(defect)
}

/// Rows that a chunk of a table should have.
const CHUNK_ROWS: u64 = 50_000;

/// How many chunks: by the bytes of files, else by the rows of statistics, else a number that keeps all threads busy.
fn wanted(bytes: Option<u64>, rows: Option<u64>, limits: &Limits) -> usize {
    let chunk = u64::from(limits.chunk_mb.max(1)) << 20;
    let wanted = match (bytes, rows) {
        (Some(bytes), _) => bytes.div_ceil(chunk),
        (None, Some(rows)) => rows.div_ceil(CHUNK_ROWS),
        (None, None) => 64,
    };
    wanted.clamp(1, MOST_CHUNKS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(write_time: i64) -> Header {
        Header {
            version: MANIFEST_VERSION,
            table: String::new(),
            target: String::new(),
            identity: String::new(),
            schema: String::new(),
            source: String::new(),
            write_time,
            scn: None,
            rows: None,
        }
    }

    #[test]
    fn a_write_time_in_the_future_is_refused() {
        assert!(check_write_time(&header(now() - 1)).is_ok());
        let error = check_write_time(&header(now() + 3_600_000_000)).expect_err("future");
        assert_eq!(error.code, Code::WriteTimeUnsafe);
    }

    #[test]
    fn a_load_older_than_most_of_gc_grace_is_refused() {
        let hour_ago = header(now() - 3_600_000_000);
        assert!(check_age(&hour_ago, 864_000, false).is_ok());
        let error = check_age(&hour_ago, 4_000, false).expect_err("old");
        assert_eq!(error.code, Code::TooOld);
        assert!(check_age(&hour_ago, 4_000, true).is_ok());
    }

    #[test]
    fn chunks_follow_the_size() {
        let limits = Limits::default();
        assert_eq!(wanted(Some(100 << 20), Some(5), &limits), 13);
        assert_eq!(wanted(None, Some(120_000), &limits), 3);
        assert_eq!(wanted(None, None, &limits), 64);
        assert_eq!(wanted(Some(0), None, &limits), 1);
    }
}
