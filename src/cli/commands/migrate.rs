//! `migrate INPUT --out DIR`: analysis, plan, generated files and report, in one go.

use crate::cli::args::MigrateArgs;
use crate::cli::commands::prove;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{OutFile, OutputDir, Scope};
use crate::cli::{analysis, finish, generate, plan_file};

/// Runs the command.
pub fn run(args: &MigrateArgs, console: Console) -> Result<Exit, Failure> {
    let out = OutputDir::prepare(&args.out.out, args.out.force)?;
    let analysed = analysis::run(&args.input, Some(&args.out.out), console)?;
    let plan = &analysed.analysis.built.plan;
    let mut report = analysed.analysis.report.clone();
    let proof = match args.prove {
        true => Some(prove::proof(&analysed, &args.proof, None)?),
        false => None,
    };
    if let Some(proof) = &proof {
        prove::attach(&mut report, proof);
    }
    let part = generate::is_part(&args.only);
    let mut files = generate::files(plan, &args.only)?;
    files.extend(generate::report(&report, plan, console.lang)?);
    files.push(analysed.timing(console));
    files.push(OutFile::text("plan.json", plan_file::to_text(plan)?));
    files.push(OutFile::text("plan.schema.json", plan_file::schema()?));
    let scope = if part { Scope::Part } else { Scope::Everything };
    let written = out.write(&files, scope)?;
    let done = finish::written(&args.out, &written, Some(analysed.gate()), console)?;
    let found = analysed.exit(&args.fail_on, console);
    let refuted = proof.map_or(Exit::Done, |p| prove::exit(&p, &args.fail_on.fail_on));
    let all = [found, refuted, done];
    Ok(all.into_iter().find(|e| *e != Exit::Done).unwrap_or(done))
}
