//! `backfill status`: what the manifests say.

use super::state_of;
use crate::cli::args::Format;
use crate::cli::backfill_args::StatusArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::diag::Code;
use crate::plan::model::BackfillSpec;
use crate::run::load::{Status, state_folder, status};
use crate::run::spec::{self, Loaded};

/// Runs the command.
pub fn run(args: &StatusArgs, console: Console) -> Result<Exit, Failure> {
    let several = args.specs.len() > 1;
    for path in &args.specs {
        let loaded: Loaded<BackfillSpec> = spec::read(path)?;
        let asked = state_of(args.state.as_deref(), path, several);
        let status = status(&state_folder(&loaded, asked.as_deref()))?;
        let text = match console.format {
            Format::Json => {
                let json = serde_json::to_string(&status);
                json.map_err(|e| Failure::new(Code::Defect, e.to_string()))? + "\n"
            }
            Format::Text => text(&status),
        };
        console.print(&text)?;
    }
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let t = &status.totals;
    let state = match (status.complete, t.done) {
        (true, _) => "complete",
        (false, 0) => "planned",
        (false, _) => "not complete: ora2stream backfill resume goes on",
    };
    let scn = status.scn.map_or(String::new(), |s| format!(", SCN {s}"));
    let mut text = format!(
        "{} into {}: {state}\n  chunks    {} of {} done, {} open\n  rows      {} read = {} written + {} rejected\n  bytes     {}\n  written   at {} microseconds{scn}\n  state     {}\n",
        status.table,
        status.target,
        t.done,
        t.chunks,
        t.open,
        t.read,
        t.written,
        t.rejected,
        t.bytes,
        status.write_time,
        status.state.display(),
    );
    for (reason, rows) in &status.reasons {
        text.push_str(&format!("  rejected  {rows:>8}  {reason}\n"));
    }
    text
}
