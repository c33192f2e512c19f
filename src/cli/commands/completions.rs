//! `completions SHELL`.

use clap::CommandFactory;

use crate::cli::args::{Args, CompletionsArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

/// Runs the command.
pub fn run(args: &CompletionsArgs, console: Console) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "ora2stream", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
