//! `migrate INPUT --out DIR`: analysis, plan, generated files and report, in one go.

use crate::cli::args::MigrateArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{OutFile, OutputDir, Scope};
use crate::cli::{analysis, finish, generate, plan_file};

/// Runs the command.
pub fn run(args: &MigrateArgs, console: Console) -> Result<Exit, Failure> {
    let out = OutputDir::prepare(&args.out.out, args.out.force)?;
    let analysed = analysis::run(&args.input, Some(&args.out.out), console)?;
    let plan = &analysed.analysis.built.plan;
    let part = generate::is_part(&args.only);
    let mut files = generate::files(plan, &args.only)?;
    files.extend(generate::report(
        &analysed.analysis.report,
        &analysed.analysis.built.plan,
        console.lang,
    )?);
    files.push(analysed.timing(console));
    files.push(OutFile::text("plan.json", plan_file::to_text(plan)?));
    files.push(OutFile::text("plan.schema.json", plan_file::schema()?));
    let scope = if part { Scope::Part } else { Scope::Everything };
    let written = out.write(&files, scope)?;
    let done = finish::written(&args.out, &written, Some(analysed.gate()), console)?;
    let found = analysed.exit(&args.fail_on, console);
    Ok(if found == Exit::Done { done } else { found })
}
