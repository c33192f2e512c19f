//! A proof for people.

use std::fmt::Write as _;

use crate::prove::compare::{Counterexample, JobProof, Proof, ShownRow, Verdict};

/// The whole proof.
pub(super) fn text(proof: &Proof) -> String {
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
            Some(false) => "made no difference on these databases: perhaps removable",
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

pub(super) fn example(out: &mut String, c: &Counterexample) -> std::fmt::Result {
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
