//! `prove INPUT`: the batch and its plan on the same data, compared.

use std::fmt::Write as _;

use crate::cli::analysis;
use crate::cli::args::{FailOn, Format, ProveArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::diag::Code;
use crate::prove::compare::{
    Counterexample, Input, JobProof, Options, Proof, ShownRow, Verdict, prove,
};
use crate::prove::interp::Limits;

/// Runs the command.
pub fn run(args: &ProveArgs, console: Console) -> Result<Exit, Failure> {
    let analysed = analysis::run(&args.input, None, console)?;
    let analysis = &analysed.analysis;
    let options = Options {
        cases: args.proof.cases,
        seed: args.proof.seed,
        rounds: args.proof.rounds,
        only: args.job.clone(),
        limits: Limits {
            fuel: args.proof.fuel,
            memory: args.proof.max_memory.saturating_mul(1 << 20),
            ..Limits::default()
        },
    };
    let input = Input {
        map: &analysed.input.sources,
        files: &analysis.files,
        catalog: &analysis.catalog,
        plan: &analysis.built.plan,
    };
    let proof = prove(&input, &options);
    if let (Some(job), true) = (&args.job, proof.jobs.is_empty()) {
        let message = format!("no planned job, group or scheduled job is named `{job}`");
        return Err(Failure::new(Code::ConfigInvalid, message).help("`ora2stream plan` lists them"));
    }
    console.print(&match console.format {
        Format::Text => text(&proof),
        Format::Json => serde_json::to_string_pretty(&proof).unwrap_or_default() + "\n",
    })?;
    let found = exit(&proof, &args.fail_on.fail_on);
    let other = analysed.exit(&args.fail_on, console);
    Ok(if other == Exit::Done { found } else { other })
}

/// A refuted job always fails; one that cannot be proved where the user asks for it.
fn exit(proof: &Proof, fail_on: &[FailOn]) -> Exit {
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

fn text(proof: &Proof) -> String {
    let mut out = String::new();
    for j in &proof.jobs {
        let _ = job(&mut out, j, proof);
    }
    let c = &proof.coverage;
    let share = (c.covered * 1000).checked_div(c.branches).unwrap_or(1000);
    let _ = writeln!(
        out,
        "{} jobs; branches covered: {} of {} ({}.{} %)",
        proof.jobs.len(),
        c.covered,
        c.branches,
        share / 10,
        share % 10
    );
    for (what, place) in c.missed.iter().take(20) {
        let _ = writeln!(out, "  not run: {what} at {}:{}", place.file, place.line);
    }
    out
}

fn job(out: &mut String, j: &JobProof, proof: &Proof) -> std::fmt::Result {
    let head = format!("{}/{} -> {}", j.group, j.job, j.table);
    match &j.verdict {
        Verdict::Proved => writeln!(
            out,
            "proved        {head}: {} databases (seed {}), {} comparisons, {} rows{}",
            j.cases,
            proof.seed,
            j.comparisons,
            j.rows,
            failed(j)
        )?,
        Verdict::NotProvable { reason, place } => {
            let at = place
                .as_ref()
                .map_or(String::new(), |p| format!(" at {}:{}", p.file, p.line));
            writeln!(out, "not provable  {head}: {reason}{at}")?;
        }
        Verdict::Refuted { counterexample } => {
            writeln!(
                out,
                "REFUTED       {head} (case {} of seed {})",
                counterexample.case, proof.seed
            )?;
            example(out, counterexample)?;
        }
    }
    for a in &j.assumptions {
        let shown = match a.matters {
            Some(true) => "matters",
            Some(false) => "never mattered: removable",
            None => "cannot be tried",
        };
        writeln!(out, "    assumption {}: {shown} ({})", a.fact, a.broken_by)?;
    }
    Ok(())
}

fn failed(j: &JobProof) -> String {
    match j.failed {
        0 => String::new(),
        n => format!("; on {n} more the batch itself fails"),
    }
}

fn example(out: &mut String, c: &Counterexample) -> std::fmt::Result {
    writeln!(out, "    {}", c.difference)?;
    for r in &c.rows {
        writeln!(out, "    source  {}", row(r))?;
    }
    for change in &c.changes {
        writeln!(out, "    then    {change}")?;
    }
    if let (Some(first), Some(last)) = (c.clocks.first(), c.clocks.last()) {
        writeln!(
            out,
            "    ran     {} times, {first} to {last}",
            c.clocks.len()
        )?;
    }
    let shown = |r: &Option<ShownRow>| r.as_ref().map_or("no row".to_string(), row);
    writeln!(out, "    plan    {}", shown(&c.plan))?;
    writeln!(out, "    batch   {}", shown(&c.batch))?;
    for p in &c.places {
        writeln!(out, "    code    {}:{}", p.file, p.line)?;
    }
    Ok(())
}

fn row(r: &ShownRow) -> String {
    let pairs: Vec<String> = r.values.iter().map(|(c, v)| format!("{c}={v}")).collect();
    format!("{} ({})", r.table, pairs.join(", "))
}
