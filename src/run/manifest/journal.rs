//! The journal on disk: one event a line behind its checksum, synced at every append, made by one rename.
//!
//! A power cut can leave the last line short, or zeros behind the last line that was synced: what does not
//! check out at the end of the file is dropped. The same in the middle, with good lines behind it, is damage.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::{Event, Load, MANIFEST_VERSION};
use crate::diag::Code;
use crate::run::error::RunError;

const FILE: &str = "manifest.jsonl";

/// The right to change a state folder; goes with the process, however that ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

impl Lock {
    /// Takes the folder, or says that another run has it.
    pub fn take(folder: &Path) -> Result<Lock, RunError> {
        std::fs::create_dir_all(folder).map_err(|e| RunError::state(folder, &e))?;
        let path = folder.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| RunError::state(&path, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(RunError::new(
                Code::LoadLocked,
                format!("another run is at work in {}", folder.display()),
            )
            .help("wait for it to end, or use another --state for another load")),
            Err(TryLockError::Error(e)) => Err(RunError::state(&path, &e)),
        }
    }
}

/// A journal that is open for more events.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Whether a folder holds a load.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Reads the state of a load.
    pub fn read(folder: &Path) -> Result<Load, RunError> {
        let path = folder.join(FILE);
        let file = File::open(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => RunError::new(
                Code::LoadForeign,
                format!("{} holds no load", folder.display()),
            )
            .help("start one with `ora2stream backfill run`, or name its folder with --state"),
            // Anything else is the file system's own word.
            _ => RunError::state(&path, &e),
        })?;
        replay(&path, BufReader::new(file))
    }

    /// Writes the state as a new journal in one step, and opens it. Needs the lock.
    pub fn write(folder: &Path, load: &Load, _lock: &Lock) -> Result<Journal, RunError> {
        let path = folder.join(FILE);
        let fresh = folder.join("manifest.jsonl.new");
        let file = (|| {
            let mut out = BufWriter::new(File::create(&fresh)?);
            for event in load.events() {
                out.write_all(&line(&event)?)?;
            }
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            std::fs::rename(&fresh, &path)?;
            sync_folder(folder)?;
            OpenOptions::new().append(true).open(&path)
        })()
        .map_err(|e| RunError::state(&path, &e))?;
        Ok(Journal { path, file })
    }

    /// Appends events; they are on disk when this returns.
    pub fn append(&mut self, events: &[Event]) -> Result<(), RunError> {
        let mut write = || {
            let mut text = Vec::new();
            for event in events {
                text.extend(line(event)?);
            }
            self.file.write_all(&text)?;
            self.file.sync_data()
        };
        write().map_err(|e| RunError::state(&self.path, &e))
    }
}

/// Makes renames and new files of a folder last.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn line(event: &Event) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(event)?;
    Ok(format!("{:016x} {json}\n", xxh3_64(json.as_bytes())).into_bytes())
}

/// The event of a line; None for anything that does not check out.
fn event(line: &[u8]) -> Option<Event> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, json) = text.split_once(' ')?;
    let intact = u64::from_str_radix(sum, 16).ok()? == xxh3_64(json.as_bytes());
    intact.then(|| serde_json::from_str(json).ok()).flatten()
}

fn replay(path: &Path, mut file: impl BufRead) -> Result<Load, RunError> {
    let damaged = |number: usize, why: &str| {
        let message = format!("{}: line {number}: {why}", path.display());
        RunError::new(Code::LoadDamaged, message)
            .help("start anew in another state folder (--state); rows that are there already are written alike")
    };
    let (mut load, mut number, mut torn) = (None::<Load>, 0, None);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = file.read_until(b'\n', &mut bytes);
        if read.map_err(|e| RunError::state(path, &e))? == 0 {
            break;
        }
        number += 1;
        let Some(event) = event(&bytes) else {
            torn = torn.or(Some(number));
            continue;
        };
        if let Some(torn) = torn {
            return Err(damaged(torn, "does not read back as written"));
        }
        match (&mut load, event) {
            (None, Event::Header(header)) if header.version == MANIFEST_VERSION => {
                load = Some(Load::new(header));
            }
            (None, _) => return Err(damaged(number, "no header of this version")),
            (Some(load), event) => load.apply(event).map_err(|e| damaged(number, &e))?,
        }
    }
    load.ok_or_else(|| damaged(1, "no header"))
}
