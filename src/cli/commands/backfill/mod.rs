//! `backfill run|resume|status|retry-failed|verify`: loads from specifications.

mod retry;
mod run;
mod sample;
mod status;

use std::path::{Path, PathBuf};

use crate::cli::backfill_args::{BackfillArgs, BackfillCommand, ProgressForm};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::run::error::RunError;
use crate::run::progress::Show;
use crate::source::SourceMap;

/// Runs the command.
pub fn run(args: &BackfillArgs, console: Console) -> Result<Exit, Failure> {
    match &args.command {
        BackfillCommand::Run(args) => run::run(args, false, console),
        BackfillCommand::Resume(args) => run::run(args, true, console),
        BackfillCommand::Status(args) => status::run(args, console),
        BackfillCommand::RetryFailed(args) => retry::run(args, console),
        BackfillCommand::Verify(args) => super::verify::run(args, console),
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Failure::of(vec![error.diagnostic()], SourceMap::default())
    }
}

/// The state folder of one of several specifications.
fn state_of(asked: Option<&Path>, spec: &Path, several: bool) -> Option<PathBuf> {
    let asked = asked?;
    match spec.file_stem() {
        Some(stem) if several => Some(asked.join(stem)),
        Some(_) | None => Some(asked.to_path_buf()),
    }
}

pub(super) fn show(form: ProgressForm, console: Console) -> Show {
    match form {
        ProgressForm::Auto if console.quiet() => Show::Nothing,
        ProgressForm::Auto => Show::Auto,
        ProgressForm::Lines => Show::Lines,
        ProgressForm::Json => Show::Json,
        ProgressForm::None => Show::Nothing,
    }
}

/// Says a warning on standard error.
pub(super) fn warn(console: Console, warnings: &[RunError]) {
    let findings: Vec<_> = warnings.iter().map(RunError::diagnostic).collect();
    console.findings(&SourceMap::default(), &findings);
}
