//! Reads the input: a folder, a file, or standard input. Every file that is found ends up in the
//! result, read or with the reason why not.

mod kind;
mod settled;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::config::Encodings;
use super::exit::Failure;
use crate::catalog::build::embedded_sql;
use crate::diag::Code;
use crate::source::decode::{decode, decode_owned, looks_binary};
use crate::source::{AuxFile, EncodingConfidence, Input, SkipReason, Skipped, SourceFile};
use kind::Kind;
use walk::{Found, Walk};

/// Spans hold 32-bit offsets; decoding may make a text half as long again.
pub const MAX_READ: u64 = 2 << 30;
/// Where the trees of all files are held at once: they take about ten times their text.
pub const MAX_ANALYSED: u64 = 256 << 20;
/// Larger tables of values are data, not dictionary exports.
const MAX_AUX_BYTES: u64 = 64 << 20;

/// What decides which files are read, and how.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Encodings.
    pub encodings: &'a Encodings,
    /// Patterns of paths that are left out.
    pub exclude: &'a [String],
    /// Files that are read as auxiliary whatever their name.
    pub schedule_files: &'a [String],
    /// A folder that is about to be written.
    pub out: Option<&'a Path>,
    /// Larger files are not read.
    pub max_bytes: u64,
}

/// Reads a folder or a file. `progress` hears of every file that was read, from several threads.
pub fn read(
    path: &Path,
    reading: Reading<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Input, Failure> {
    let found = find(path, reading)?;
    check_schedule_files(&found, reading)?;
    let single = path.is_file();
    let changes = Mutex::new(BTreeSet::new());
    let read: Vec<Read1> = found
        .files
        .par_iter()
        .map(|file| {
            let one = read_file(file, single, reading, &changes);
            progress(file.bytes);
            one
        })
        .collect();
    let mut input = Input {
        skipped: found.skipped,
        ignored_dirs: found.ignored_dirs,
        changed: changes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_iter()
            .collect(),
        ..Input::default()
    };
    for one in read {
        match one {
            Read1::Source(file) => {
                input.sources.add(file);
            }
            Read1::Aux(file) => input.aux.push(file),
            Read1::Script(sql, script) => {
                input.sources.add(sql);
                input.embedding.push(script);
            }
            Read1::Skipped(file) => input.skipped.push(file),
        }
    }
    input.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(input)
}

/// Reads standard input as one source, named `-`.
pub fn read_stdin(encodings: &Encodings) -> Result<SourceFile, Failure> {
    let mut bytes = Vec::new();
    let limited = std::io::stdin()
        .lock()
        .take(MAX_READ + 1)
        .read_to_end(&mut bytes);
    limited.map_err(|e| {
        Failure::new(
            Code::Unreadable,
            format!("standard input cannot be read: {e}"),
        )
    })?;
    if bytes.len() as u64 > MAX_READ {
        return Err(Failure::new(Code::HugeFile, "standard input is too large"));
    }
    if looks_binary(&bytes) {
        return Err(Failure::new(Code::BinaryFile, "standard input is not text"));
    }
    Ok(source("-".into(), bytes, encodings))
}

/// Fails if there is nothing to analyse.
pub fn require_sources(path: &Path, input: &Input) -> Result<(), Failure> {
    if !input.sources.is_empty() {
        return Ok(());
    }
    let shown = path.display();
    let unreadable = input.skipped.iter().find_map(|s| match &s.reason {
        SkipReason::Unreadable(why) => Some(format!("{}: {why}", s.path)),
        SkipReason::TooLarge(_) => Some(format!("{}: {}", s.path, s.reason)),
        SkipReason::Binary
        | SkipReason::NotRecognised
        | SkipReason::Data
        | SkipReason::Link
        | SkipReason::Excluded => None,
    });
    let message = match (input.files(), unreadable) {
        (0, _) => format!("{shown} is empty: there is nothing to read"),
        (_, Some(why)) => format!("{shown} holds nothing that could be read ({why})"),
        (1, None) if path.is_file() => format!("{shown} is not text"),
        (n, None) => format!("{shown} holds {n} file(s), but none that looks like SQL"),
    };
    let help = "give a folder or file of SQL, PL/SQL or DDL";
    Err(Failure::new(Code::NothingToRead, message).help(help))
}

fn find(path: &Path, reading: Reading<'_>) -> Result<Walk, Failure> {
    let meta = std::fs::metadata(path).map_err(|e| no_such(path, &e))?;
    if meta.is_dir() {
        return Ok(walk::walk(path, reading.exclude, reading.out));
    }
    let name = path.file_name().unwrap_or(path.as_os_str());
    let file = Found {
        name: name.to_string_lossy().into_owned(),
        path: path.to_path_buf(),
        bytes: meta.len(),
    };
    Ok(Walk {
        files: vec![file],
        ..Walk::default()
    })
}

fn no_such(path: &Path, error: &std::io::Error) -> Failure {
    let shown = path.display();
    if error.kind() == std::io::ErrorKind::NotFound {
        let help = "check the path; INPUT is a folder or a file";
        return Failure::new(Code::NoSuchPath, format!("{shown} does not exist")).help(help);
    }
    Failure::new(Code::Unreadable, format!("{shown} cannot be read: {error}"))
}

/// Every file that the project names must be there: a forgotten schedule would change the plan in silence.
fn check_schedule_files(found: &Walk, reading: Reading<'_>) -> Result<(), Failure> {
    let has = |name: &String| found.files.iter().any(|f| f.name == *name);
    match reading.schedule_files.iter().find(|name| !has(name)) {
        Some(name) => {
            let message = format!("`schedule.files` names {name}, which is not in the input");
            let help = "paths are relative to the input folder, with `/`";
            Err(Failure::new(Code::ConfigInvalid, message).help(help))
        }
        None => Ok(()),
    }
}

enum Read1 {
    Source(SourceFile),
    Aux(AuxFile),
    /// The SQL inside a shell script, and the script.
    Script(SourceFile, AuxFile),
    Skipped(Skipped),
}

fn read_file(
    file: &Found,
    single: bool,
    reading: Reading<'_>,
    changes: &Mutex<BTreeSet<String>>,
) -> Read1 {
    let skip = |reason| {
        Read1::Skipped(Skipped {
            path: file.name.clone(),
            bytes: file.bytes,
            reason,
        })
    };
    let listed = reading.schedule_files.contains(&file.name);
    let kind = match kind::by_name(&file.name) {
        Kind::Aux | Kind::Other | Kind::Unclear if single => Kind::Source,
        Kind::Other | Kind::Unclear if listed => Kind::Aux,
        kind @ (Kind::Source | Kind::Aux | Kind::Other | Kind::Unclear) => kind,
    };
    if kind == Kind::Other {
        return skip(SkipReason::NotRecognised);
    }
    if file.bytes > reading.max_bytes {
        return skip(SkipReason::TooLarge(reading.max_bytes >> 20));
    }
    if kind == Kind::Aux && file.bytes > MAX_AUX_BYTES {
        return skip(SkipReason::Data);
    }
    let (bytes, changed) = match settled::read(&file.path) {
        Ok(read) => read,
        Err(e) => return skip(SkipReason::Unreadable(e.kind().to_string())),
    };
    if changed {
        changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(file.name.clone());
    }
    if looks_binary(&bytes) {
        return skip(SkipReason::Binary);
    }
    let source = source(file.name.clone(), bytes, reading.encodings);
    match kind {
        Kind::Source => Read1::Source(source),
        Kind::Unclear if source.text.starts_with("#!") => aux(source),
        Kind::Unclear if crate::syntax::plainly_sql(&source.text) => Read1::Source(source),
        Kind::Aux => aux(source),
        Kind::Unclear | Kind::Other => skip(SkipReason::NotRecognised),
    }
}

/// An auxiliary file; a shell script that runs SQL of its own is a source as well.
fn aux(read: SourceFile) -> Read1 {
    let sql = embedded_sql(&read.text).map(|sql| {
        SourceFile::decoded(
            read.path.clone(),
            sql,
            read.bytes,
            read.encoding,
            read.confidence,
        )
    });
    let file = AuxFile {
        path: read.path,
        text: read.text,
        bytes: read.bytes,
    };
    match sql {
        Some(sql) => Read1::Script(sql, file),
        None => Read1::Aux(file),
    }
}

fn source(name: String, bytes: Vec<u8>, encodings: &Encodings) -> SourceFile {
    let named = encodings.of(&name);
    let size = bytes.len() as u64;
    let decoded = match named {
        None => decode_owned(bytes, None),
        Some(_) => {
            let decoded = decode(&bytes, named);
            if decoded.confidence == EncodingConfidence::Doubtful {
                // The project's encoding is a default: a file that is plain UTF-8 instead is read as what it is.
                let found = decode(&bytes, None);
                if found.confidence == EncodingConfidence::Certain {
                    found
                } else {
                    decoded
                }
            } else {
                decoded
            }
        }
    };
    SourceFile::decoded(
        name,
        decoded.text,
        size,
        decoded.encoding,
        decoded.confidence,
    )
}
