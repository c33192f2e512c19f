//! `prove INPUT`: the batch and its plan on the same data, compared. `migrate --prove` does the same on its way.

mod data;
mod report;
mod text;

pub use report::attach;

use std::sync::Arc;

use crate::cli::analysis::{self, Analysed};
use crate::cli::args::{FailOn, Format, ProofArgs, ProveArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::diag::Code;
use crate::prove::compare::{Input, JobProof, Options, Proof, Verdict, prove};
use crate::prove::interp::Limits;

/// Runs the command.
pub fn run(args: &ProveArgs, console: Console) -> Result<Exit, Failure> {
    let analysed = analysis::run(&args.input, None, console)?;
    let proof = proof(&analysed, &args.proof, args.job.clone())?;
    if let (Some(job), true) = (&args.job, proof.jobs.is_empty()) {
        let message = format!("no planned job, group or scheduled job is named `{job}`");
        return Err(Failure::new(Code::ConfigInvalid, message).help("`ora2stream plan` lists them"));
    }
    console.print(&match console.format {
        Format::Text => text::text(&proof),
        Format::Json => serde_json::to_string_pretty(&proof).unwrap_or_default() + "\n",
    })?;
    let found = exit(&proof, &args.fail_on.fail_on);
    let other = analysed.exit(&args.fail_on, console);
    Ok(if other == Exit::Done { found } else { other })
}

/// Proves the jobs of an analysed estate.
pub fn proof(
    analysed: &Analysed,
    args: &ProofArgs,
    only: Option<String>,
) -> Result<Proof, Failure> {
    let analysis = &analysed.analysis;
    let given = match &args.data {
        Some(dir) => Some(Arc::new(data::read(dir, &analysis.catalog)?)),
        None => None,
    };
    let defaults = Options::default();
    let options = Options {
        cases: args
            .cases
            .unwrap_or(if given.is_some() { 10 } else { defaults.cases }),
        seed: args.seed,
        rounds: args.rounds,
        only,
        limits: Limits {
            fuel: args.fuel,
            memory: args.max_memory.saturating_mul(1 << 20),
            ..Limits::default()
        },
        data: given,
        ..defaults
    };
    let input = Input {
        map: &analysed.input.sources,
        files: &analysis.files,
        catalog: &analysis.catalog,
        plan: &analysis.built.plan,
    };
    Ok(prove(&input, &options))
}

/// A refuted job always fails; one that cannot be proved where the user asks for it.
pub fn exit(proof: &Proof, fail_on: &[FailOn]) -> Exit {
    let strict = fail_on.contains(&FailOn::NotProvable);
    let bad = |j: &JobProof| match j.verdict {
        Verdict::Proved => false,
        Verdict::Refuted { .. } => true,
        Verdict::NotProvable { .. } => strict,
    };
    if proof.jobs.iter().any(bad) {
        Exit::FailOn
    } else {
        Exit::Done
    }
}
