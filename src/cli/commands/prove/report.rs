//! A proof as a part of the report.

use super::text;
use crate::assess::model::{
    BrokenAssumption, Finding, FindingClass, JobProofReport, ProofReport, ProofVerdict, Report,
};
use crate::diag::{Code, Severity};
use crate::prove::compare::{JobProof, Proof, Verdict};

/// Puts a proof into the report; a refuted job is a finding.
pub fn attach(report: &mut Report, proof: &Proof) {
    report
        .findings
        .extend(proof.jobs.iter().filter_map(refutation));
    report.proof = Some(ProofReport {
        seed: proof.seed,
        cases: proof.cases,
        branches: proof.coverage.branches,
        covered: proof.coverage.covered,
        jobs: proof.jobs.iter().map(job).collect(),
    });
}

fn refutation(j: &JobProof) -> Option<Finding> {
    let Verdict::Refuted { counterexample } = &j.verdict else {
        return None;
    };
    Some(Finding {
        code: Code::Refuted.as_str().into(),
        severity: Severity::Error,
        class: FindingClass::MustFix,
        message: format!("{}: {}", j.job, counterexample.difference),
        place: counterexample.places.first().cloned(),
        help: Some("the report shows the smallest database that was found".into()),
        provenance: "prove".into(),
    })
}

fn job(j: &JobProof) -> JobProofReport {
    let (verdict, reason, place, lines) = match &j.verdict {
        Verdict::Proved => (ProofVerdict::Proved, None, None, Vec::new()),
        Verdict::NotProvable { reason, place } => (
            ProofVerdict::NotProvable,
            Some(reason.clone()),
            place.clone(),
            Vec::new(),
        ),
        Verdict::Refuted { counterexample } => {
            let mut out = String::new();
            let _ = text::example(&mut out, counterexample);
            let lines = out.lines().map(|l| l.trim().to_string()).collect();
            (
                ProofVerdict::Refuted,
                None,
                counterexample.places.first().cloned(),
                lines,
            )
        }
    };
    JobProofReport {
        group: j.group.clone(),
        job: j.job.clone(),
        table: j.table.clone(),
        verdict,
        cases: j.cases,
        failed: j.failed,
        comparisons: j.comparisons,
        rows: j.rows,
        reason,
        place,
        counterexample: lines,
        assumptions: j
            .assumptions
            .iter()
            .map(|a| BrokenAssumption {
                fact: a.fact.clone(),
                broken_by: a.broken_by.clone(),
                matters: a.matters,
            })
            .collect(),
    }
}
