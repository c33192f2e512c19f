//! `analyze INPUT --out DIR`: the report alone.

use crate::cli::args::AnalyzeArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{OutputDir, Scope};
use crate::cli::{analysis, finish, generate};

/// Runs the command.
pub fn run(args: &AnalyzeArgs, console: Console) -> Result<Exit, Failure> {
    let out = OutputDir::prepare(&args.out.out, args.out.force)?;
    let analysed = analysis::run(&args.input, Some(&args.out.out), console)?;
    let mut files = generate::report(
        &analysed.analysis.report,
        &analysed.analysis.built.plan,
        console.lang,
    )?;
    files.push(analysed.timing(console));
    let written = out.write(&files, Scope::Report)?;
    let done = finish::written(&args.out, &written, Some(analysed.gate()), console)?;
    let found = analysed.exit(&args.fail_on, console);
    Ok(if found == Exit::Done { done } else { found })
}
