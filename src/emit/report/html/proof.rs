//! Section 6: what `prove` found.

use super::Page;
use super::markup::{Html, fill, grouped};
use super::table::{Cell, Tone};
use crate::assess::model::{JobProofReport, ProofVerdict};
use crate::emit::report::words::Ui;

impl Page<'_> {
    pub(super) fn proofs(&self, h: &mut Html) {
        let Some(proof) = &self.report.proof else {
            self.caption(h, Ui::ProofsNotRun);
            return;
        };
        let numbers = [
            grouped(proof.cases),
            proof.seed.to_string(),
            grouped(proof.covered),
            grouped(proof.branches),
        ];
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let said = fill(self.w(Ui::ProofsRun), &numbers);
        h.leaf("p", &[("class", "caption")], &said);
        let heads = [
            Ui::StreamJob,
            Ui::WritesTo,
            Ui::VerdictWord,
            Ui::Databases,
            Ui::ComparedRows,
            Ui::ProofNote,
        ];
        self.table(h, heads, proof.jobs.iter().map(|j| self.job_proof(j)));
    }

    fn job_proof(&self, j: &JobProofReport) -> [Cell; 6] {
        let tone = match j.verdict {
            ProofVerdict::Proved => Tone::Good,
            ProofVerdict::Refuted => Tone::Bad,
            ProofVerdict::NotProvable => Tone::Care,
        };
        [
            Cell::Code(j.job.clone()),
            Cell::Code(j.table.clone()),
            Cell::Chip(tone, self.ws(j.verdict)),
            Cell::Num(Some(j.cases)),
            Cell::Num(Some(j.rows)),
            Cell::Names(self.proof_notes(j)),
        ]
    }

    fn proof_notes(&self, j: &JobProofReport) -> Vec<String> {
        let mut out: Vec<String> = j.reason.iter().cloned().collect();
        out.extend(j.counterexample.iter().cloned());
        if j.failed > 0 {
            out.push(fill(self.w(Ui::BatchFails), &[&grouped(j.failed)]));
        }
        for a in &j.assumptions {
            let sentence = match a.matters {
                Some(true) => Ui::Needed,
                Some(false) => Ui::Removable,
                None => continue,
            };
            out.push(fill(self.w(sentence), &[&a.fact]));
        }
        out
    }
}
