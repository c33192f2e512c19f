//! `generate plan.json --out DIR`: everything but the report, from the plan alone.

use crate::cli::args::GenerateArgs;
use crate::cli::config::set_on_plan;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{OutFile, OutputDir, Scope};
use crate::cli::{finish, generate, plan_file};

/// Runs the command.
pub fn run(args: &GenerateArgs, console: Console) -> Result<Exit, Failure> {
    let (mut plan, text) = plan_file::read(&args.plan)?;
    let out = OutputDir::prepare(&args.out.out, args.out.force)?;
    plan.settings = set_on_plan(&plan.settings, &args.set)?;
    let mut files = generate::files(&plan, &args.only)?;
    let part = generate::is_part(&args.only);
    if !part {
        files.push(plan_json(args, plan_file::to_text(&plan)?, text));
        files.push(OutFile::text("plan.schema.json", plan_file::schema()?));
    }
    let scope = if part {
        Scope::Part
    } else {
        Scope::AllButReport
    };
    let written = out.write(&files, scope)?;
    finish::written(&args.out, &written, None, console)
}

/// The plan beside what was made from it. A plan that already lies there stays as the user has it.
fn plan_json(args: &GenerateArgs, text: String, original: String) -> OutFile {
    let target = args.out.out.join("plan.json").canonicalize();
    let same = args
        .plan
        .canonicalize()
        .is_ok_and(|plan| target.is_ok_and(|t| t == plan));
    let contents = if same { original } else { text };
    OutFile::text("plan.json", contents)
}
