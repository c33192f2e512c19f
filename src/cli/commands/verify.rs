//! `verify SPEC` and `backfill verify SPEC`: source against target.

use std::path::Path;
use std::time::Duration;

use crate::cli::args::{Format, VerifyArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::diag::Code;
use crate::plan::model::{BackfillSpec, VerifySpec};
use crate::run::error::RunError;
use crate::run::load;
use crate::run::spec::{self, Loaded};
use crate::run::verify::Report;
use crate::run::verify::run::{self as verify, Asked};

/// Runs the command; exit code 1 where anything differs.
pub fn run(args: &VerifyArgs, console: Console) -> Result<Exit, Failure> {
    let asked = Asked {
        max_differences: args.max_differences,
        settle: Duration::from_secs(args.settle),
        until: args.until.clone(),
        state: args.state.clone(),
    };
    let mut reports = Vec::new();
    for path in &args.specs {
        reports.extend(compare(path, &asked, args.reopen, console)?);
    }
    print(&reports, args.show, console)?;
    Ok(match reports.iter().all(|r| r.equal) {
        true => Exit::Done,
        false => Exit::FailOn,
    })
}

fn compare(
    path: &Path,
    asked: &Asked,
    again: bool,
    console: Console,
) -> Result<Vec<Report>, RunError> {
    // A load has a purpose, a comparison has columns left out; each names what it lacks.
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let is_load = text
        .parse::<toml::Table>()
        .is_ok_and(|t| t.contains_key("purpose"));
    if is_load {
        let loaded: Loaded<BackfillSpec> = spec::read(path)?;
        let reports = verify::load(&loaded, asked)?;
        if again {
            reopen(&loaded, asked, &reports, console)?;
        }
        return Ok(reports);
    }
    let loaded: Loaded<VerifySpec> = spec::read(path)?;
    if again {
        let message = format!("{} is no load: it has no chunks", path.display());
        return Err(RunError::new(Code::SpecInvalid, message)
            .help("--reopen goes with a backfill/*.toml that was run"));
    }
    if loaded.spec.closed_periods_of.is_some() && asked.until.is_none() {
        console.note("all periods are compared, also open ones; --until DATE leaves those out");
    }
    Ok(vec![verify::output(&loaded, asked)?])
}

/// Reopens the chunks whose rows the target has not, or not as they were read.
fn reopen(
    loaded: &Loaded<BackfillSpec>,
    asked: &Asked,
    reports: &[Report],
    console: Console,
) -> Result<(), RunError> {
    let folder = load::state_folder(loaded, asked.state.as_deref());
    let rows: Vec<_> = reports.iter().flat_map(Report::lost).collect();
    let chunks = load::reopen(&folder, &rows)?;
    if chunks > 0 {
        console.note(&format!(
            "{chunks} chunks are to be loaded again: ora2stream backfill resume {}",
            loaded.path.display()
        ));
    }
    Ok(())
}

fn print(reports: &[Report], shown: usize, console: Console) -> Result<(), Failure> {
    let text = match console.format {
        Format::Text => reports.iter().map(|r| r.text(shown)).collect(),
        Format::Json => {
            let all: Vec<String> = reports
                .iter()
                .map(|r| serde_json::to_string(r).unwrap_or_default() + "\n")
                .collect();
            all.concat()
        }
    };
    console.print(&text)
}
