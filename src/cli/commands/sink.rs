//! `sink run|replay|status`: topics into tables, as specifications say.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::backfill::{show, warn};
use crate::cli::args::Format;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::sink_args::{SinkArgs, SinkCommand};
use crate::plan::model::SinkSpec;
use crate::run::engine::{Control, Signal};
use crate::run::error::RunError;
use crate::run::spec::{self, Loaded};
use crate::run::stream::{self, Lag, Options, Outcome};

/// Runs the command.
pub fn run(args: &SinkArgs, console: Console) -> Result<Exit, Failure> {
    match &args.command {
        SinkCommand::Run(args) => {
            let options = Options {
                until_caught_up: args.until_caught_up,
                max_errors: args.max_errors,
                accept_gap: args.accept_gap,
                metrics: args.metrics,
                show: show(args.progress, console),
            };
            carry(&args.specs, &options, console, stream::run)
        }
        SinkCommand::Replay(args) => {
            let options = Options {
                until_caught_up: true,
                max_errors: args.max_errors,
                accept_gap: true,
                metrics: None,
                show: show(args.progress, console),
            };
            carry(&args.specs, &options, console, stream::replay)
        }
        SinkCommand::Status(args) => status(&args.specs, console),
    }
}

type Carry = fn(&Loaded<SinkSpec>, &Options, &Arc<Control>) -> Result<Outcome, RunError>;

/// All specifications at once, each in a thread; an error of one ends all.
fn carry(
    specs: &[PathBuf],
    options: &Options,
    console: Console,
    how: Carry,
) -> Result<Exit, Failure> {
    let loaded = specs.iter().map(|p| spec::read(p));
    let loaded: Vec<Loaded<SinkSpec>> = loaded.collect::<Result<_, _>>()?;
    let control = Arc::new(Control::default());
    listen(&control, console)?;
    let outcomes: Vec<Result<Outcome, RunError>> = std::thread::scope(|scope| {
        let one = |(n, loaded): (usize, &'_ Loaded<SinkSpec>)| {
            let (control, loaded) = (Arc::clone(&control), loaded.clone());
            let mut options = options.clone();
            options.metrics = options.metrics.map(|port| port.saturating_add(n as u16));
            scope.spawn(move || {
                let outcome = how(&loaded, &options, &control);
                if let Err(e) = &outcome {
                    control.fail(e.clone());
                }
                outcome
            })
        };
        let threads: Vec<_> = loaded.iter().enumerate().map(one).collect();
        threads.into_iter().map(ended).collect()
    });
    let mut worst = Exit::Done;
    for outcome in outcomes {
        let exit = tell(&outcome?, console)?;
        worst = if exit == Exit::Done { worst } else { exit };
    }
    Ok(worst)
}

/// What a thread ended with; its panic is ours.
fn ended<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(any(feature = "cassandra", feature = "kafka"))]
fn listen(control: &Arc<Control>, console: Console) -> Result<(), Failure> {
    crate::run::runtime::listen(control, move || {
        console.note("stopping: what was taken is written and committed; once more stops at once");
    })?;
    Ok(())
}

#[cfg(not(any(feature = "cassandra", feature = "kafka")))]
fn listen(_: &Arc<Control>, _: Console) -> Result<(), Failure> {
    Ok(())
}

/// Says how a sink ended.
fn tell(o: &Outcome, console: Console) -> Result<Exit, Failure> {
    warn(console, &o.warnings);
    if console.format == Format::Json {
        let text = json!({
            "spec": o.spec, "group": o.group, "read": o.read, "written": o.written,
            "removed": o.removed, "ignored": o.ignored, "rejected": o.rejected,
        });
        console.print(&format!("{text}\n"))?;
    } else {
        console.print(&format!(
            "{}: {} records read; {} rows written, {} deleted, {} records without effect, {} rejected\n",
            o.group, o.read, o.written, o.removed, o.ignored, o.rejected
        ))?;
    }
    if o.rejected > 0 {
        console.note(&format!(
            "rejected records are in topic {}; after a fix: ora2stream sink replay {}",
            o.dead_letter,
            o.spec.display()
        ));
    }
    Ok(match (o.signal, o.rejected) {
        (Some(Signal::Interrupt), _) => Exit::Interrupted,
        (Some(Signal::Terminate), _) => Exit::Terminated,
        (None, 0) => Exit::Done,
        (None, _) => Exit::FailOn,
    })
}

fn status(specs: &[PathBuf], console: Console) -> Result<Exit, Failure> {
    for path in specs {
        for lag in stream::status(&spec::read(path)?)? {
            console.print(&shown(&lag, console.format))?;
        }
    }
    Ok(Exit::Done)
}

fn shown(lag: &Lag, format: Format) -> String {
    let from = lag.next.unwrap_or(lag.ends.0).max(lag.ends.0);
    let left = (lag.ends.1 - from).max(0);
    match format {
        Format::Json => {
            let text = json!({
                "topic": lag.topic, "partition": lag.partition, "next": lag.next,
                "first": lag.ends.0, "end": lag.ends.1, "lag": left,
            });
            format!("{text}\n")
        }
        Format::Text => {
            let next = lag
                .next
                .map_or("nothing committed".into(), |n| format!("next {n}"));
            format!(
                "{}[{}]: {next}, end {}, {left} to go\n",
                lag.topic, lag.partition, lag.ends.1
            )
        }
    }
}
