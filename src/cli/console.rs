//! Where things are said: data on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{ColorChoice, Format, Global, Lang};
use super::exit::Failure;
use crate::diag::{Diagnostic, Severity, render};
use crate::source::SourceMap;

/// Diagnostics that are shown on a terminal; the report lists all.
const SHOWN: usize = 20;

/// The two streams, and how the user wants them.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// Form of data and diagnostics.
    pub format: Format,
    /// Language of the report.
    pub lang: Lang,
    quiet: bool,
    coloured: bool,
}

impl Console {
    /// As the global options say.
    pub fn new(global: &Global) -> Self {
        let wanted = || {
            let off = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|v| v == "dumb");
            std::io::stderr().is_terminal() && !off && !dumb
        };
        Self {
            format: global.format,
            lang: global.lang,
            quiet: global.quiet,
            coloured: match global.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => wanted(),
            },
        }
    }

    /// Only errors are wanted.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Writes data to standard output.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|e| Failure::stdout(&e))
    }

    /// A remark for people on standard error.
    pub fn note(&self, text: &str) {
        if !self.quiet && self.format == Format::Text {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Shows findings on standard error: for people the first few, for programs one JSON object a line.
    pub fn findings(&self, map: &SourceMap, findings: &[Diagnostic]) {
        let least = if self.quiet {
            Severity::Error
        } else {
            Severity::Warning
        };
        let shown: Vec<Diagnostic> = findings
            .iter()
            .filter(|f| f.severity >= least)
            .cloned()
            .collect();
        let text = match self.format {
            Format::Text => render::text_all(map, &shown, SHOWN, self.coloured),
            Format::Json => shown
                .iter()
                .map(|f| render::json(map, f).to_string() + "\n")
                .collect(),
        };
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// A phase with a number of steps; shows itself on a terminal only.
    pub fn phase(&self, label: &'static str, steps: u64) -> Phase {
        let shape = if steps == 0 {
            "{spinner} {prefix}"
        } else {
            "{spinner} {prefix} {bar:30} {pos}/{len}"
        };
        self.bar(label, steps, shape)
    }

    /// The same for a number of bytes.
    pub fn bytes_phase(&self, label: &'static str, bytes: u64) -> Phase {
        let shape = "{spinner} {prefix} {bar:30} {bytes}/{total_bytes} {eta}";
        self.bar(label, bytes, shape)
    }

    fn bar(&self, label: &'static str, steps: u64, shape: &str) -> Phase {
        let visible = !self.quiet && self.format == Format::Text && std::io::stderr().is_terminal();
        if !visible {
            return Phase(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(steps);
        if let Ok(style) = ProgressStyle::with_template(shape) {
            bar.set_style(style);
        }
        bar.set_prefix(label);
        bar.enable_steady_tick(Duration::from_millis(120));
        Phase(bar)
    }
}

/// A phase under way; ends when dropped.
pub struct Phase(ProgressBar);

impl Phase {
    /// One step done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Several steps done.
    pub fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
