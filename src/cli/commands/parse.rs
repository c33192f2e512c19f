//! `parse PATH...`: the front end alone. What was read of each file, and what was not.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::cli::args::{FailOn, Format, ParseArgs};
use crate::cli::config::{self, Config, Encodings, Overrides, named_encoding};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{MAX_READ, Reading, read, read_stdin, require_sources};
use crate::cli::memory::peak_rss_bytes;
use crate::diag::{Code, Diagnostic, Severity, input_findings};
use crate::source::{EncodingConfidence, FileId, Input, Skipped, SourceFile};
use crate::syntax::{Include, Includes, Unit, check_includes, dump, parse_each};

/// Runs the command.
pub fn run(args: &ParseArgs, console: Console) -> Result<Exit, Failure> {
    let start = Instant::now();
    let input = read_all(args)?;
    let mut findings = input_findings(&input);
    if args.tree {
        print_trees(&input, console)?;
    }
    let bytes = input.sources.iter().map(|(_, f)| f.text.len() as u64).sum();
    let phase = console.bytes_phase("parsing", bytes);
    let ids: Vec<FileId> = input.sources.iter().map(|(id, _)| id).collect();
    let files: Vec<FileStats> = ids
        .into_par_iter()
        .map(|id| FileStats::of(&input, id, &|n| phase.advance(n)))
        .collect();
    drop(phase);
    let includes: Vec<Include> = files.iter().flat_map(|f| f.includes.clone()).collect();
    findings.extend(check_includes(&input, &includes));
    console.findings(&input.sources, &findings);
    if args.json || (console.format == Format::Json && !args.tree) {
        print_json(&input, &files, args.skipped, start, console)?;
    } else if !args.tree {
        let errors: Vec<Diagnostic> = files.iter().flat_map(|f| f.findings.clone()).collect();
        console.findings(&input.sources, &errors);
        console.print(&text(&input, &files, args.skipped))?;
    }
    Ok(exit(args, &findings, &files))
}

/// Reads every path. One folder names its files relative to itself; else files are named as they were given.
fn read_all(args: &ParseArgs) -> Result<Input, Failure> {
    let default = args.encoding.as_deref().map(named_encoding).transpose()?;
    let mut all = Input::default();
    let bare = args.paths.len() == 1 && args.paths[0].is_dir();
    for path in &args.paths {
        if path.as_os_str() == "-" {
            all.sources.add(read_stdin(&Encodings::all(default))?);
            continue;
        }
        let config = project(path, args)?;
        let reading = Reading {
            encodings: &config.encodings,
            exclude: &config.project.exclude,
            schedule_files: &[],
            out: None,
            max_bytes: MAX_READ,
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

/// What the folder's own project file says of encodings and of what is left out.
fn project(path: &Path, args: &ParseArgs) -> Result<Config, Failure> {
    let text = if path.is_dir() {
        config::read_file(path)?
    } else {
        None
    };
    let overrides = Overrides {
        set: &[],
        encoding: args.encoding.as_deref(),
    };
    config::resolve(text.as_deref(), overrides, "project")
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

/// Findings of one file that are kept to be shown; all are counted.
const KEPT: usize = 1_000;

/// What is said of one file.
struct FileStats {
    name: String,
    bytes: u64,
    encoding: &'static str,
    confidence: &'static str,
    units: u64,
    statements: u64,
    opaque: u64,
    error_bytes: u64,
    errors: u64,
    first: Option<Value>,
    findings: Vec<Diagnostic>,
    includes: Vec<Include>,
}

impl FileStats {
    /// Reads the file unit by unit; no tree outlives its unit. `advance` hears of bytes that were read.
    fn of(input: &Input, id: FileId, advance: &dyn Fn(u64)) -> FileStats {
        let file = input.sources.file(id);
        let mut stats = FileStats {
            name: file.path.clone(),
            bytes: file.bytes,
            encoding: file.encoding,
            confidence: confidence(file.confidence),
            units: 0,
            statements: 0,
            opaque: 0,
            error_bytes: 0,
            errors: 0,
            first: None,
            findings: Vec::new(),
            includes: Vec::new(),
        };
        let mut includes = Includes::default();
        let mut upto = 0;
        parse_each(&file.text, id, &mut |unit| {
            includes.see(&file.text, &unit);
            stats.add(file, &unit);
            advance(u64::from(unit.tape.end - upto));
            upto = unit.tape.end;
        });
        stats.error_bytes = original_bytes(file, stats.error_bytes);
        stats.includes = includes.found;
        stats
    }

    fn add(&mut self, file: &SourceFile, unit: &Unit) {
        self.units += u64::from(!unit.is_command());
        self.statements += u64::from(unit.statements);
        self.opaque += u64::from(unit.opaque);
        self.error_bytes += unit.error_bytes;
        for finding in &unit.errors {
            if finding.severity == Severity::Error {
                self.errors += 1;
                self.first.get_or_insert_with(|| first_error(file, finding));
            }
            if self.findings.len() < KEPT {
                self.findings.push(finding.clone());
            }
        }
    }

    fn json(&self) -> Value {
        json!({
            "file": self.name,
            "bytes": self.bytes,
            "encoding": self.encoding,
            "confidence": self.confidence,
            "units": self.units,
            "statements": self.statements,
            "opaque": self.opaque,
            "errors": self.errors,
            "error_bytes": self.error_bytes,
            "first_error": self.first,
        })
    }
}

fn confidence(confidence: EncodingConfidence) -> &'static str {
    match confidence {
        EncodingConfidence::Certain => "certain",
        EncodingConfidence::Likely => "likely",
        EncodingConfidence::Doubtful => "doubtful",
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

fn print_json(
    input: &Input,
    files: &[FileStats],
    skipped: bool,
    start: Instant,
    console: Console,
) -> Result<(), Failure> {
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
    let skipped = input.skipped.iter().filter(|_| skipped).map(skipped_json);
    let lines = files.iter().map(FileStats::json);
    let lines = lines.chain(skipped).chain([summary]);
    let text: String = lines.map(|line| line.to_string() + "\n").collect();
    console.print(&text)
}

fn skipped_json(file: &Skipped) -> Value {
    json!({ "skipped": file.path, "bytes": file.bytes, "reason": file.reason.to_string() })
}

fn text(input: &Input, files: &[FileStats], skipped: bool) -> String {
    let sum = |of: fn(&FileStats) -> u64| files.iter().map(of).sum::<u64>();
    let clean = files.iter().filter(|f| f.errors == 0).count();
    let mut text = String::new();
    for file in files.iter().filter(|f| f.errors > 0) {
        text.push_str(&format!(
            "{}: {} errors, {} of {} bytes not read\n",
            file.name, file.errors, file.error_bytes, file.bytes
        ));
    }
    for file in input.skipped.iter().filter(|_| skipped) {
        text.push_str(&format!("{}: skipped: {}\n", file.path, file.reason));
    }
    text.push_str(&format!(
        "{} files, {clean} of them clean; {} units, {} statements, {} errors\n",
        files.len(),
        sum(|f| f.units),
        sum(|f| f.statements),
        sum(|f| f.errors),
    ));
    if !skipped && !input.skipped.is_empty() {
        let n = input.skipped.len();
        text.push_str(&format!("{n} files skipped; --skipped lists them\n"));
    }
    text
}

fn print_trees(input: &Input, console: Console) -> Result<(), Failure> {
    for (id, file) in input.sources.iter() {
        console.print(&format!("file {}\n", file.path))?;
        let mut printed = Ok(());
        parse_each(&file.text, id, &mut |unit| {
            if printed.is_ok() {
                printed = console.print(&dump(&input.sources, &unit));
            }
        });
        printed?;
    }
    Ok(())
}

fn exit(args: &ParseArgs, findings: &[Diagnostic], files: &[FileStats]) -> Exit {
    let unread = || {
        findings
            .iter()
            .any(|f| matches!(f.code, Code::Unreadable | Code::HugeFile))
    };
    let found = |wish: &FailOn| match wish {
        FailOn::ParseError | FailOn::Unparsed => files.iter().any(|f| f.errors > 0),
        FailOn::Unreadable => unread(),
        // Plans are not made here.
        FailOn::Residual | FailOn::Assumed | FailOn::NotProvable => false,
    };
    if args.fail_on.fail_on.iter().any(found) {
        Exit::FailOn
    } else {
        Exit::Done
    }
}
