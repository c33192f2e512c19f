//! Section 5: every stream job beside the code that it stands for, and all loops with what stops them.

use super::Page;
use super::markup::Html;
use super::table::{Cell, Tone, chip};
use crate::assess::model::*;
use crate::emit::report::words::Ui;
use crate::plan::model::{FactStatus, Precondition};
use crate::source::Place;

/// Pairs that are shown; the generated scripts have all.
const PAIRS: usize = 200;

impl Page<'_> {
    pub(super) fn before_after(&self, h: &mut Html) {
        if self.report.target.stream_jobs.is_empty() {
            h.leaf("p", &[("class", "none")], self.w(Ui::None));
        }
        for job in self.report.target.stream_jobs.iter().take(PAIRS) {
            h.el("article", &[], |h| self.pair(h, job));
            h.line();
        }
        self.rest(
            h,
            self.report.target.stream_jobs.len().saturating_sub(PAIRS),
        );
        self.sub(h, Ui::LoopsTitle);
        let heads = [
            Ui::PlaceWord,
            Ui::Routine,
            Ui::LoopKind,
            Ui::WritesTo,
            Ui::Rule,
            Ui::Obstacles,
        ];
        self.table(h, heads, self.report.loops.iter().map(|l| self.one_loop(l)));
    }

    fn pair(&self, h: &mut Html, job: &StreamJobSummary) {
        h.el("h3", &[], |h| {
            h.leaf("code", &[], &job.table);
            let assumed = job
                .preconditions
                .iter()
                .any(|p| p.status == FactStatus::Assumed);
            let outcome = if assumed {
                Outcome::Assumed
            } else {
                Outcome::Planned
            };
            chip(h, Tone::of(outcome), self.w(outcome));
            chip(h, Tone::Quiet, self.w(job.write_class));
        });
        self.facts(h, job);
        h.el("div", &[("class", "pair")], |h| {
            h.el("div", &[], |h| {
                h.leaf(
                    "h4",
                    &[],
                    &format!("{} \u{b7} {}", self.w(Ui::Batch), job.routine),
                );
                for e in self.sources_of(job) {
                    h.leaf(
                        "p",
                        &[("class", "place")],
                        &format!("{}:{}", e.file, e.line),
                    );
                    self.code(h, &e);
                }
            });
            h.el("div", &[], |h| {
                h.leaf(
                    "h4",
                    &[],
                    &format!("{} \u{b7} {}", self.w(Ui::Stream), job.topic),
                );
                match &job.sql {
                    Some(sql) => h.leaf("pre", &[("class", "sql")], sql),
                    None => h.leaf("p", &[("class", "none")], self.w(Ui::NoSql)),
                }
            });
        });
        self.preconditions(h, &job.preconditions);
    }

    fn facts(&self, h: &mut Html, job: &StreamJobSummary) {
        let mut facts = vec![
            (Ui::KeyWord, job.key.join(", ")),
            (Ui::OnVanish, self.ws(job.on_delete)),
            (Ui::Rule, job.rule.clone()),
            (Ui::ConfidenceWord, self.ws(job.confidence)),
        ];
        facts.extend(job.period.clone().map(|p| (Ui::Period, p)));
        if !job.audit_columns.is_empty() {
            facts.push((Ui::Audit, job.audit_columns.join(", ")));
        }
        if !job.state.is_empty() {
            facts.push((Ui::State, job.state.join("; ")));
        }
        if !job.notes.is_empty() {
            facts.push((Ui::Notes, job.notes.join(" ")));
        }
        h.el("dl", &[], |h| {
            for (name, value) in &facts {
                h.leaf("dt", &[], self.w(*name));
                h.leaf("dd", &[], value);
            }
        });
    }

    /// The loop around a statement says more than the statement.
    fn sources_of(&self, job: &StreamJobSummary) -> Vec<Excerpt> {
        let mut places: Vec<Place> = Vec::new();
        for p in &job.provenance {
            let around = self.report.loops.iter().find(|l| {
                l.place.file == p.file && l.place.line <= p.line && p.end_line <= l.place.end_line
            });
            let place = around.map_or(p, |l| &l.place);
            if !places.contains(place) {
                places.push(place.clone());
            }
        }
        places.iter().filter_map(|p| self.excerpt(p)).collect()
    }

    fn preconditions(&self, h: &mut Html, all: &[Precondition]) {
        if all.is_empty() {
            return;
        }
        h.el("details", &[("class", "facts")], |h| {
            let assumed = all
                .iter()
                .filter(|p| p.status == FactStatus::Assumed)
                .count();
            let title = format!(
                "{}: {} ({} {assumed})",
                self.w(Ui::Preconditions),
                all.len(),
                self.w(FactStatus::Assumed)
            );
            h.leaf("summary", &[], &title);
            h.el("ul", &[], |h| {
                for p in all {
                    h.el("li", &[], |h| {
                        chip(h, fact_tone(p.status), self.w(p.status));
                        h.leaf("code", &[], &p.fact);
                        h.text(&format!(" {}", p.note));
                    });
                }
            });
        });
    }

    fn one_loop(&self, l: &LoopReport) -> [Cell; 6] {
        let obstacles = l.obstacles.iter().map(|o| (Tone::Bad, self.ws(*o)));
        [
            Cell::Source(l.place.to_string(), self.excerpt(&l.place)),
            Cell::Code(l.routine.clone()),
            Cell::Text(l.kind.clone()),
            Cell::Names(l.writes.clone()),
            Cell::Code(l.pattern.clone().unwrap_or_default()),
            Cell::Chips(obstacles.collect()),
        ]
    }
}

fn fact_tone(status: FactStatus) -> Tone {
    match status {
        FactStatus::Proved => Tone::Good,
        FactStatus::Assumed => Tone::Care,
        FactStatus::Failed => Tone::Bad,
    }
}
