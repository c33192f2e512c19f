//! `backfill run` and `backfill resume`: one load after the other, parents first, stopped by signals in order.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::{sample, show, state_of, warn};
use crate::cli::args::Format;
use crate::cli::backfill_args::RunArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::plan::model::BackfillSpec;
use crate::run::deadletter;
use crate::run::engine::{Control, Signal};
use crate::run::load::{self, Options, Outcome};
use crate::run::spec::{self, Loaded};

/// Runs the command.
pub fn run(args: &RunArgs, resume: bool, console: Console) -> Result<Exit, Failure> {
    let mut loads = Vec::new();
    for path in &args.specs {
        let mut loaded: Loaded<BackfillSpec> = spec::read(path)?;
        let limits = &mut loaded.spec.limits;
        limits.rows_per_second = args.rows_per_second.or(limits.rows_per_second);
        limits.bytes_per_second = args.bytes_per_second.or(limits.bytes_per_second);
        loads.push(loaded);
    }
    let loads = spec::in_order(loads)?;
    let control = Arc::new(Control::default());
    listen(&control, console)?;
    let mut worst = Exit::Done;
    for loaded in &loads {
        let options = options(args, resume, &loaded.path, console);
        if let Some(rows) = args.dry_run {
            sample::print(&load::sample(loaded, &options, rows)?, console)?;
            continue;
        }
        let outcome = load::run(loaded, &options, &control)?;
        warn(console, &outcome.warnings);
        let exit = tell(&outcome, args, console)?;
        if let Exit::Interrupted | Exit::Terminated = exit {
            return Ok(exit);
        }
        worst = if exit == Exit::Done { worst } else { exit };
    }
    Ok(worst)
}

fn options(args: &RunArgs, resume: bool, spec: &Path, console: Console) -> Options {
    Options {
        state: state_of(args.state.as_deref(), spec, args.specs.len() > 1),
        fresh: args.fresh,
        resume: resume || args.reload,
        reload: args.reload,
        plan_only: args.plan_only,
        shard: args.shard,
        max_errors: args.max_errors,
        write_time: args.write_time,
        fresh_scn: args.fresh_scn,
        allow_old: args.allow_old,
        files: args.to_files.clone(),
        whole: false,
        show: show(args.progress, console),
    }
}

#[cfg(any(feature = "cassandra", feature = "kafka"))]
fn listen(control: &Arc<Control>, console: Console) -> Result<(), Failure> {
    crate::run::runtime::listen(control, move || {
        console.note("stopping: open chunks are finished first; once more stops at once");
    })?;
    Ok(())
}

#[cfg(not(any(feature = "cassandra", feature = "kafka")))]
fn listen(_: &Arc<Control>, _: Console) -> Result<(), Failure> {
    Ok(())
}

/// Says how a load ended.
fn tell(outcome: &Outcome, args: &RunArgs, console: Console) -> Result<Exit, Failure> {
    let totals = &outcome.totals;
    if console.format == Format::Json {
        let text = json!({
            "table": outcome.table, "state": outcome.state, "complete": outcome.complete,
            "read": totals.read, "written": totals.written, "rejected": totals.rejected,
            "bytes": totals.bytes, "chunks": totals.chunks, "chunks_done": totals.done,
        });
        console.print(&format!("{text}\n"))?;
    } else {
        console.print(&format!(
            "{}: {} rows read = {} written + {} rejected; {} of {} chunks done\n",
            outcome.table, totals.read, totals.written, totals.rejected, totals.done, totals.chunks
        ))?;
    }
    if totals.rejected > 0 {
        let path = outcome.state.join(deadletter::FILE);
        console.note(&format!(
            "rejected rows are in {}; after a fix: ora2stream backfill retry-failed",
            path.display()
        ));
    }
    Ok(ending(outcome, args, console))
}

fn ending(outcome: &Outcome, args: &RunArgs, console: Console) -> Exit {
    let specs: Vec<String> = args.specs.iter().map(|s| s.display().to_string()).collect();
    let go_on = format!("go on with: ora2stream backfill resume {}", specs.join(" "));
    let left = !outcome.complete && !args.plan_only;
    match outcome.signal {
        Some(signal) if left => {
            console.note(&format!("stopped; {go_on}"));
            match signal {
                Signal::Interrupt => Exit::Interrupted,
                Signal::Terminate => Exit::Terminated,
            }
        }
        Some(_) | None => {
            if outcome.elsewhere > 0 {
                let n = outcome.elsewhere;
                console.note(&format!("{n} chunks are left to other machines"));
            }
            match outcome.totals.rejected {
                0 => Exit::Done,
                _ => Exit::FailOn,
            }
        }
    }
}
