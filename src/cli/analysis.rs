//! What `migrate`, `analyze` and `plan` share: configuration, input and rules read, the pipeline run.

use std::path::Path;
use std::time::{Duration, Instant};

use super::args::{FailOn, FailOnArgs, InputArgs};
use super::config::{self, Config, Overrides};
use super::console::{Console, Phase};
use super::exit::{Exit, Failure};
use super::input::{MAX_ANALYSED, Reading, read, require_sources};
use super::memory::peak_rss_bytes;
use super::output::OutFile;
use super::rules;
use crate::assess::model::Gate;
use crate::diag::{Code, Diagnostic, input_findings};
use crate::pipeline::{Analysis, Progress, analyse};
use crate::source::{Input, SkipReason};

/// An estate, read and understood.
pub struct Analysed {
    /// What was found.
    pub input: Input,
    /// What it means.
    pub analysis: Analysis,
    /// How long reading took.
    reading: Duration,
}

/// Reads and analyses; `out` is left out of the input.
pub fn run(args: &InputArgs, out: Option<&Path>, console: Console) -> Result<Analysed, Failure> {
    let config = configuration(args)?;
    let registry = rules::load(args.rules.as_deref())?;
    let start = Instant::now();
    let input = read_input(args, &config, out, console)?;
    let reading = start.elapsed();
    let mut phases = Phases {
        console,
        current: None,
    };
    let findings = input_findings(&input);
    let analysis = analyse(&input, &config.project, &registry, &findings, &mut phases);
    drop(phases);
    let analysed = Analysed {
        input,
        analysis,
        reading,
    };
    console.findings(&analysed.input.sources, &analysed.findings());
    Ok(analysed)
}

fn configuration(args: &InputArgs) -> Result<Config, Failure> {
    let folder = args.input.is_dir().then_some(args.input.as_path());
    let text = folder.map(config::read_file).transpose()?.flatten();
    let overrides = Overrides {
        set: &args.set,
        encoding: args.encoding.as_deref(),
    };
    config::resolve(text.as_deref(), overrides, &name_of(&args.input))
}

/// The folder's or file's own name: it names a project that has no other.
fn name_of(input: &Path) -> String {
    let canonical = input.canonicalize().unwrap_or_else(|_| input.to_path_buf());
    let name = canonical
        .file_stem()
        .map(|n| n.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "project".into())
}

fn read_input(
    args: &InputArgs,
    config: &Config,
    out: Option<&Path>,
    console: Console,
) -> Result<Input, Failure> {
    let reading = Reading {
        encodings: &config.encodings,
        exclude: &config.project.exclude,
        schedule_files: &config.project.schedule_files,
        out,
        max_bytes: MAX_ANALYSED,
    };
    let phase = console.phase("reading", 0);
    let input = read(&args.input, reading, &|_| phase.step())?;
    require_sources(&args.input, &input)?;
    Ok(input)
}

/// Shows each phase as it begins.
struct Phases {
    console: Console,
    current: Option<Phase>,
}

impl Progress for Phases {
    fn phase(&mut self, name: &'static str) {
        self.current = None;
        self.current = Some(self.console.phase(name, 0));
    }
}

impl Analysed {
    /// Findings of reading, parsing and cataloguing, in that order.
    fn findings(&self) -> Vec<Diagnostic> {
        let mut findings = input_findings(&self.input);
        let units = self.analysis.files.iter().flat_map(|f| &f.units);
        findings.extend(units.flat_map(|u| u.errors.iter().cloned()));
        findings.extend(self.analysis.includes.iter().cloned());
        findings.extend(self.analysis.catalog.findings.iter().cloned());
        findings
    }

    /// The completeness gate.
    pub fn gate(&self) -> &Gate {
        &self.analysis.report.gate
    }

    /// Exit code: a gate that does not add up is our defect, then what the user asked to fail on.
    pub fn exit(&self, fail_on: &FailOnArgs, console: Console) -> Exit {
        let gate = self.gate();
        if !gate.ok {
            let message = format!("the completeness gate does not add up: {}", unequal(gate));
            let finding = Diagnostic::new(Code::GateFailed, message)
                .help("this is a defect of ora2stream; please report it");
            console.findings(&self.input.sources, &[finding]);
            return Exit::Defect;
        }
        let found = |wish: &FailOn| match wish {
            FailOn::Residual => gate.writes_residual > 0,
            FailOn::Assumed => gate.writes_assumed > 0,
            FailOn::Unparsed => gate.writes_unparsed > 0,
            FailOn::ParseError => self.has_syntax_errors(),
            FailOn::Unreadable => self.has_unreadable(),
            // Only a proof knows.
            FailOn::NotProvable => false,
        };
        match fail_on.fail_on.iter().any(found) {
            true => Exit::FailOn,
            false => Exit::Done,
        }
    }

    fn has_syntax_errors(&self) -> bool {
        let mut units = self.analysis.files.iter().flat_map(|f| &f.units);
        units.any(|u| !u.errors.is_empty())
    }

    fn has_unreadable(&self) -> bool {
        let unread =
            |r: &SkipReason| matches!(r, SkipReason::Unreadable(_) | SkipReason::TooLarge(_));
        self.input.skipped.iter().any(|s| unread(&s.reason))
    }

    /// `report/timing.json`, which is not the same at every run; said on standard error too.
    pub fn timing(&self, console: Console) -> OutFile {
        let lines: usize = self
            .input
            .sources
            .iter()
            .map(|(_, f)| f.lines().lines())
            .sum();
        let read = [("read", self.reading)];
        let phases: serde_json::Map<String, serde_json::Value> = read
            .iter()
            .chain(&self.analysis.phases)
            .map(|(name, time)| (name.to_string(), time.as_secs_f64().into()))
            .collect();
        let said: Vec<String> = read
            .iter()
            .chain(&self.analysis.phases)
            .map(|(name, time)| format!("{name} {:.2} s", time.as_secs_f64()))
            .collect();
        console.note(&format!("{lines} lines; {}", said.join(", ")));
        let document = serde_json::json!({
            "phases_seconds": phases,
            "bytes": self.input.bytes(),
            "lines": lines,
            "peak_rss_bytes": peak_rss_bytes(),
        });
        OutFile {
            path: "report/timing.json".into(),
            contents: format!("{document:#}\n").into_bytes(),
            executable: false,
            volatile: true,
        }
    }
}

/// The counts of a gate that differ.
fn unequal(gate: &Gate) -> String {
    let pairs = [
        ("files", gate.files_in, gate.files_reported),
        ("bytes", gate.bytes_in, gate.bytes_reported),
        ("units", gate.units_in, gate.units_reported),
        ("statements", gate.statements_in, gate.statements_reported),
        ("writes", gate.writes_in, gate.writes_reported()),
        ("jobs", gate.jobs_in, gate.jobs_reported),
    ];
    let differ = pairs.iter().filter(|(_, a, b)| a != b);
    let shown: Vec<String> = differ
        .map(|(name, a, b)| format!("{a} {name} in, {b} reported"))
        .collect();
    shown.join("; ")
}
