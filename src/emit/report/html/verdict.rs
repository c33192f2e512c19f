//! Section 1: does it add up, what becomes of the writes, what to worry about, what to do first.

use std::collections::BTreeMap;

use super::Page;
use super::markup::{Html, fill, grouped};
use super::table::{Tone, chip};
use crate::assess::model::*;
use crate::emit::report::words::{Label, Ui};

const OUTCOMES: [Outcome; 5] = [
    Outcome::Planned,
    Outcome::Assumed,
    Outcome::Residual,
    Outcome::Unparsed,
    Outcome::Control,
];

impl Page<'_> {
    pub(super) fn verdict(&self, h: &mut Html) {
        let gate = &self.report.gate;
        let (tone, text) = match gate.ok {
            true => (Tone::Good, Ui::GateOk),
            false => (Tone::Bad, Ui::GateBad),
        };
        let class = format!("banner {}", tone.class());
        h.leaf("p", &[("class", &class)], self.w(text));
        h.el("div", &[("class", "headline")], |h| {
            self.share(h);
            h.el("div", &[], |h| {
                self.sub(h, Ui::WriteMix);
                self.mix(h);
            });
        });
        self.tiles(h);
        h.el("div", &[("class", "columns")], |h| {
            h.el("div", &[], |h| {
                self.sub(h, Ui::TopRisks);
                self.bullets(h, &self.risks());
                self.sub(h, Ui::FirstSteps);
                self.steps(h);
            });
            h.el("div", &[], |h| {
                self.sub(h, Ui::GateTable);
                self.gate(h);
            });
        });
        if !self.report.hints.is_empty() {
            self.sub(h, Ui::MoreInput);
            let hints: Vec<String> = self.report.hints.iter().map(|x| self.ws(*x)).collect();
            self.bullets(h, &hints);
        }
    }

    fn share(&self, h: &mut Html) {
        let gate = &self.report.gate;
        h.el("div", &[("class", "share")], |h| {
            let Some(share) = gate.share_per_mille() else {
                h.leaf("p", &[], self.w(Ui::NoShare));
                return;
            };
            let text = match share % 10 {
                0 => format!("{}%", share / 10),
                tenth => format!("{}.{tenth}%", share / 10),
            };
            h.leaf("strong", &[], &text);
            let counted = gate.writes_in.saturating_sub(gate.writes_control);
            h.leaf("p", &[], &fill(self.w(Ui::ShareText), &[&grouped(counted)]));
        });
    }

    fn count(&self, outcome: Outcome) -> u64 {
        let g = &self.report.gate;
        match outcome {
            Outcome::Planned => g.writes_planned,
            Outcome::Assumed => g.writes_assumed,
            Outcome::Control => g.writes_control,
            Outcome::Residual => g.writes_residual,
            Outcome::Unparsed => g.writes_unparsed,
        }
    }

    /// One bar, as wide as all writes.
    fn mix(&self, h: &mut Html) {
        let total = self.report.gate.writes_reported().max(1);
        let attrs = [
            ("class", "mix"),
            ("viewBox", "0 0 1000 28"),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
        ];
        h.el("svg", &attrs, |h| {
            let mut done = 0;
            for outcome in OUTCOMES {
                let count = self.count(outcome);
                let (x, end) = (done * 1000 / total, (done + count) * 1000 / total);
                done += count;
                if count > 0 {
                    let (x, width) = (x.to_string(), (end - x).to_string());
                    let rect = [
                        ("class", Tone::of(outcome).class()),
                        ("x", x.as_str()),
                        ("y", "0"),
                        ("width", &width),
                        ("height", "28"),
                    ];
                    let title = format!("{}: {count}", self.w(outcome));
                    h.el("rect", &rect, |h| h.leaf("title", &[], &title));
                }
            }
        });
        h.el("p", &[("class", "legend")], |h| {
            for outcome in OUTCOMES {
                let text = format!("{} {}", self.w(outcome), self.count(outcome));
                chip(h, Tone::of(outcome), &text);
            }
        });
    }

    fn tiles(&self, h: &mut Html) {
        let r = self.report;
        let hours = [grouped(r.effort.low_hours), grouped(r.effort.high_hours)];
        let range = fill(self.w(Ui::EffortRange), &[&hours[0], &hours[1]]);
        let numbers = [
            (grouped(r.jobs.len() as u64), Ui::JobsWord),
            (grouped(r.target.stream_jobs.len() as u64), Ui::StreamJobs),
            (grouped(r.target.sources.len() as u64), Ui::Captured),
            (grouped(r.target.topics.len() as u64), Ui::Topics),
            (grouped(r.target.tables.len() as u64), Ui::CqlTables),
            (grouped(r.waves.len() as u64), Ui::WavesTitle),
            (range, Ui::EffortTitle),
        ];
        h.el("div", &[("class", "tiles")], |h| {
            for (number, name) in numbers {
                h.el("div", &[], |h| {
                    h.leaf("strong", &[], &number);
                    h.leaf("span", &[], self.w(name));
                });
            }
        });
    }

    fn gate(&self, h: &mut Html) {
        let g = &self.report.gate;
        let rows = [
            (Ui::Files, g.files_in, g.files_reported),
            (Ui::Bytes, g.bytes_in, g.bytes_reported),
            (Ui::Units, g.units_in, g.units_reported),
            (Ui::Statements, g.statements_in, g.statements_reported),
            (Ui::Writes, g.writes_in, g.writes_reported()),
            (Ui::JobsWord, g.jobs_in, g.jobs_reported),
        ];
        h.el("table", &[("class", "gate")], |h| {
            h.el("tr", &[], |h| {
                h.leaf("th", &[], "");
                h.leaf("th", &[("class", "num")], self.w(Ui::Counted));
                h.leaf("th", &[("class", "num")], self.w(Ui::Reported));
                h.leaf("th", &[], "");
            });
            for (name, counted, reported) in rows {
                h.el("tr", &[], |h| {
                    h.leaf("th", &[], self.w(name));
                    h.leaf("td", &[("class", "num")], &grouped(counted));
                    h.leaf("td", &[("class", "num")], &grouped(reported));
                    let (tone, mark) = match counted == reported {
                        true => (Tone::Good, "="),
                        false => (Tone::Bad, "\u{2260}"),
                    };
                    h.el("td", &[], |h| chip(h, tone, mark));
                });
            }
        });
    }

    fn bullets(&self, h: &mut Html, items: &[String]) {
        h.el("ul", &[], |h| {
            items.iter().for_each(|i| h.leaf("li", &[], i));
        });
    }

    fn risks(&self) -> Vec<String> {
        let r = self.report;
        let units = r.units.iter().filter(|u| match u.status {
            UnitStatus::PartlyParsed | UnitStatus::Wrapped | UnitStatus::Unparsed => true,
            UnitStatus::Parsed | UnitStatus::Opaque => false,
        });
        let reruns = r.jobs.iter().filter(|j| match j.rerun {
            RerunClass::Duplicates | RerunClass::Loses => true,
            RerunClass::Idempotent | RerunClass::Unknown => false,
        });
        let commits = r.jobs.iter().filter(|j| match j.commits {
            CommitPattern::EveryNRows | CommitPattern::InLoop => true,
            CommitPattern::Never | CommitPattern::AtEnd | CommitPattern::BetweenSteps => false,
        });
        let hidden = crate::diag::Code::HiddenErrors.as_str();
        let counts = [
            (Ui::RiskUnparsed, units.count()),
            (Ui::RiskMissing, r.missing.len()),
            (Ui::RiskAssumed, r.gate.writes_assumed as usize),
            (Ui::RiskWriters, self.several_writers().len()),
            (Ui::RiskReruns, reruns.count()),
            (Ui::RiskCommits, commits.count()),
            (
                Ui::RiskHidden,
                r.findings.iter().filter(|f| f.code == hidden).count(),
            ),
        ];
        let mut out = self.residual_risks();
        for (ui, n) in counts.into_iter().filter(|(_, n)| *n > 0) {
            out.push(fill(self.w(ui), &[&grouped(n as u64)]));
        }
        if out.is_empty() {
            out.push(self.ws(Ui::NoRisks));
        }
        out
    }

    /// One line: all reasons with their counts, the largest first.
    fn residual_risks(&self) -> Vec<String> {
        let mut by_reason: BTreeMap<_, u64> = BTreeMap::new();
        for reason in self.report.writes.iter().filter_map(|w| w.reason) {
            *by_reason.entry(reason).or_default() += 1;
        }
        let total: u64 = by_reason.values().sum();
        if total == 0 {
            return Vec::new();
        }
        let mut sorted: Vec<_> = by_reason.into_iter().collect();
        sorted.sort_by_key(|(reason, n)| (std::cmp::Reverse(*n), *reason));
        let named = sorted
            .iter()
            .map(|(reason, n)| format!("{} ({n})", reason.label(self.lang)));
        let list = named.collect::<Vec<_>>().join(", ");
        vec![fill(self.w(Ui::RiskResidual), &[&grouped(total), &list])]
    }

    fn steps(&self, h: &mut Html) {
        let r = self.report;
        let mut steps = Vec::new();
        let broken = r.units.iter().any(|u| match u.status {
            UnitStatus::PartlyParsed | UnitStatus::Wrapped | UnitStatus::Unparsed => true,
            UnitStatus::Parsed | UnitStatus::Opaque => false,
        });
        if broken || !r.missing.is_empty() {
            steps.push(self.ws(Ui::StepRepair));
        }
        if !r.questions.is_empty() {
            steps.push(self.ws(Ui::StepConfirm));
        }
        if r.gate.writes_residual > 0 {
            steps.push(self.ws(Ui::StepResidual));
        }
        if let Some(wave) = r
            .waves
            .iter()
            .find(|w| w.residuals == 0 && !w.sources.is_empty())
        {
            steps.push(fill(
                self.w(Ui::StepWave),
                &[&wave.number.to_string(), &wave.tables.join(", ")],
            ));
        }
        h.el("ol", &[], |h| {
            steps.iter().for_each(|s| h.leaf("li", &[], s));
        });
    }
}
