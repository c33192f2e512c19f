//! `parse PATH...`: the front end alone. What was read of each file, and what was not.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::cli::args::{FailOn, Format, ParseArgs};
use crate::cli::config::{Encodings, named_encoding};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Reading, read, read_stdin, require_sources};
use crate::cli::memory::peak_rss_bytes;
use crate::diag::{Diagnostic, Severity, input_findings};
use crate::source::{FileId, Input, SourceFile};
use crate::syntax::{ParsedFile, dump, parse_file};

/// Runs the command.
pub fn run(args: &ParseArgs, console: Console) -> Result<Exit, Failure> {
    let start = Instant::now();
    let input = read_all(args)?;
    let findings = input_findings(&input);
    console.findings(&input.sources, &findings);
    if args.tree {
        print_trees(&input, console)?;
    }
    let phase = console.phase("parsing", input.sources.len() as u64);
    let ids: Vec<FileId> = input.sources.iter().map(|(id, _)| id).collect();
    let files: Vec<FileStats> = ids
        .into_par_iter()
        .map(|id| {
            // The tree is dropped at once: memory follows the largest files, not the estate.
            let stats = FileStats::of(&input, &parse_file(&input.sources, id));
            phase.step();
            stats
        })
        .collect();
    drop(phase);
    if args.json || (console.format == Format::Json && !args.tree) {
        print_json(&files, start, console)?;
    } else if !args.tree {
        let errors: Vec<Diagnostic> = files.iter().flat_map(|f| f.findings.clone()).collect();
        console.findings(&input.sources, &errors);
        console.print(&text(&files))?;
    }
    Ok(exit(args, &findings, &files))
}

/// Reads every path. One folder names its files relative to itself; else files are named as they were given.
fn read_all(args: &ParseArgs) -> Result<Input, Failure> {
    let default = args.encoding.as_deref().map(named_encoding).transpose()?;
    let encodings = Encodings::all(default);
    let mut all = Input::default();
    let bare = args.paths.len() == 1 && args.paths[0].is_dir();
    for path in &args.paths {
        if path.as_os_str() == "-" {
            all.sources.add(read_stdin(&encodings)?);
            continue;
        }
        let reading = Reading {
            encodings: &encodings,
            exclude: &[],
            schedule_files: &[],
            out: None,
        };
        let mut input = read(path, reading, &|_| {})?;
        if !bare {
            rename(&mut input, path);
        }
        all.append(input);
    }
    require_sources(&args.paths[0], &all)?;
    Ok(all)
}

fn rename(input: &mut Input, path: &Path) {
    let shown = path.to_string_lossy().replace('\\', "/");
    let is_file = path.is_file();
    input.rename(|name| {
        if is_file {
            shown.clone()
        } else {
            format!("{}/{name}", shown.trim_end_matches('/'))
        }
    });
}

/// What is said of one file.
struct FileStats {
    name: String,
    bytes: u64,
    encoding: &'static str,
    units: u64,
    statements: u64,
    opaque: u64,
    error_bytes: u64,
    errors: u64,
    first: Option<Value>,
    findings: Vec<Diagnostic>,
}

impl FileStats {
    fn of(input: &Input, parsed: &ParsedFile) -> FileStats {
        let file = input.sources.file(parsed.file);
        let units = parsed.units.iter();
        let findings: Vec<Diagnostic> = units
            .clone()
            .flat_map(|u| u.errors.iter().cloned())
            .collect();
        let errors = || findings.iter().filter(|f| f.severity == Severity::Error);
        FileStats {
            name: file.path.clone(),
            bytes: file.bytes,
            encoding: file.encoding,
            units: units.clone().filter(|u| !u.is_command()).count() as u64,
            statements: units.clone().map(|u| u64::from(u.statements)).sum(),
            opaque: units.clone().map(|u| u64::from(u.opaque)).sum(),
            error_bytes: original_bytes(file, units.map(|u| u.error_bytes).sum()),
            errors: errors().count() as u64,
            first: errors().next().map(|f| first_error(file, f)),
            findings,
        }
    }

    fn json(&self) -> Value {
        json!({
            "file": self.name,
            "bytes": self.bytes,
            "encoding": self.encoding,
            "units": self.units,
            "statements": self.statements,
            "opaque": self.opaque,
            "errors": self.errors,
            "error_bytes": self.error_bytes,
            "first_error": self.first,
        })
    }
}

fn first_error(file: &SourceFile, finding: &Diagnostic) -> Value {
    let place = finding.labels.first().map(|l| file.line_col(l.span.start));
    json!({
        "line": place.map(|p| p.line),
        "column": place.map(|p| p.column),
        "code": finding.code.as_str(),
        "message": finding.message,
    })
}

/// Bytes of the decoded text in bytes of the original. Encodings differ in width: a share of the text is
/// taken as the same share of the original, rounded up.
fn original_bytes(file: &SourceFile, decoded: u64) -> u64 {
    let text = file.text.len() as u64;
    if text == file.bytes || text == 0 {
        return decoded;
    }
    let share = u128::from(decoded) * u128::from(file.bytes);
    u64::try_from(share.div_ceil(u128::from(text))).unwrap_or(file.bytes)
}

fn print_json(files: &[FileStats], start: Instant, console: Console) -> Result<(), Failure> {
    let sum = |of: fn(&FileStats) -> u64| files.iter().map(of).sum::<u64>();
    let seconds = start.elapsed().as_secs_f64();
    let bytes = sum(|f| f.bytes);
    let summary = json!({ "summary": {
        "files": files.len(),
        "bytes": bytes,
        "clean_files": files.iter().filter(|f| f.errors == 0).count(),
        "units": sum(|f| f.units),
        "statements": sum(|f| f.statements),
        "errors": sum(|f| f.errors),
        "error_bytes": sum(|f| f.error_bytes),
        "seconds": seconds,
        "mb_per_s": bytes as f64 / 1e6 / seconds.max(1e-9),
        "peak_rss_bytes": peak_rss_bytes(),
    }});
    let lines = files.iter().map(FileStats::json).chain([summary]);
    let text: String = lines.map(|line| line.to_string() + "\n").collect();
    console.print(&text)
}

fn text(files: &[FileStats]) -> String {
    let sum = |of: fn(&FileStats) -> u64| files.iter().map(of).sum::<u64>();
    let clean = files.iter().filter(|f| f.errors == 0).count();
    let mut text = String::new();
    for file in files.iter().filter(|f| f.errors > 0) {
        text.push_str(&format!(
            "{}: {} errors, {} of {} bytes not read\n",
            file.name, file.errors, file.error_bytes, file.bytes
        ));
    }
    text + &format!(
        "{} files, {clean} of them clean; {} units, {} statements, {} errors\n",
        files.len(),
        sum(|f| f.units),
        sum(|f| f.statements),
        sum(|f| f.errors),
    )
}

fn print_trees(input: &Input, console: Console) -> Result<(), Failure> {
    for (id, file) in input.sources.iter() {
        console.print(&format!("file {}\n", file.path))?;
        for unit in parse_file(&input.sources, id).units {
            console.print(&dump(&input.sources, &unit))?;
        }
    }
    Ok(())
}

fn exit(args: &ParseArgs, findings: &[Diagnostic], files: &[FileStats]) -> Exit {
    let unread = || {
        findings
            .iter()
            .any(|f| f.code == crate::diag::Code::Unreadable)
    };
    let found = |wish: &FailOn| match wish {
        FailOn::ParseError | FailOn::Unparsed => files.iter().any(|f| f.errors > 0),
        FailOn::Unreadable => unread(),
        // Plans are not made here.
        FailOn::Residual | FailOn::Assumed => false,
    };
    if args.fail_on.fail_on.iter().any(found) {
        Exit::FailOn
    } else {
        Exit::Done
    }
}
