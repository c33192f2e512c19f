//! The command line: arguments, configuration, reading, writing. With `run` the only room that does I/O.

mod analysis;
pub mod args;
pub mod backfill_args;
pub mod commands;
pub mod config;
pub mod console;
pub mod exit;
mod finish;
mod generate;
pub mod glob;
pub mod input;
pub mod memory;
pub mod output;
pub mod plan_file;
pub mod rules;
pub mod sink_args;
mod version;

use args::{Args, Command};
use console::Console;
use exit::{Exit, Failure};

/// Runs the command and says how it ended.
pub fn run(args: &Args) -> Exit {
    let console = Console::new(&args.global);
    match dispatch(&args.command, console) {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.reader_gone {
                console.findings(&failure.texts, &failure.findings);
            }
            failure.exit
        }
    }
}

fn dispatch(command: &Command, console: Console) -> Result<Exit, Failure> {
    match command {
        Command::Parse(args) => commands::parse::run(args, console),
        Command::Migrate(args) => commands::migrate::run(args, console),
        Command::Analyze(args) => commands::analyze::run(args, console),
        Command::Plan(args) => commands::plan::run(args, console),
        Command::Prove(args) => commands::prove::run(args, console),
        Command::Generate(args) => commands::generate::run(args, console),
        Command::Verify(args) => {
            memory::lean();
            commands::verify::run(args, console)
        }
        Command::Backfill(args) => {
            memory::lean();
            commands::backfill::run(args, console)
        }
        Command::Sink(args) => {
            memory::lean();
            commands::sink::run(args, console)
        }
        Command::Explain(args) => commands::explain::run(args, console),
        Command::Diff(args) => commands::diff::run(args, console),
        Command::Completions(args) => commands::completions::run(args, console),
    }
}
