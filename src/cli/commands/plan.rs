//! `plan INPUT --out plan.json`: the migration plan alone, to be read, edited and generated from.

use std::path::Path;

use crate::cli::args::PlanArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::write_single;
use crate::cli::{analysis, plan_file};
use crate::diag::Code;

/// Runs the command.
pub fn run(args: &PlanArgs, console: Console) -> Result<Exit, Failure> {
    let to_stdout = args.out.as_os_str() == "-";
    let analysed = analysis::run(&args.input, None, console)?;
    let text = plan_file::to_text(&analysed.analysis.built.plan)?;
    if to_stdout {
        console.print(&text)?;
    } else {
        write(&args.out, &text, args.force)?;
        console.note(&format!("plan written to {}", args.out.display()));
    }
    Ok(analysed.exit(&args.fail_on, console))
}

/// A plan that is there and says something else may have been edited: it is not replaced unasked.
fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let shown = path.display();
    match std::fs::read(path) {
        Ok(present) if present == text.as_bytes() => return Ok(()),
        Ok(_) if !force => {
            let message = format!("{shown} is there and holds something else");
            return Err(Failure::new(Code::ForeignOutput, message)
                .help("write to another file, or --force to replace it"));
        }
        Ok(_) | Err(_) => {}
    }
    write_single(path, text.as_bytes()).map_err(|e| {
        Failure::new(
            Code::OutputFailed,
            format!("{shown} cannot be written: {e}"),
        )
    })
}
