//! Section 2: jobs, their day, their steps; code that no job reaches.

use super::Page;
use super::markup::Html;
use super::table::{Cell, Tone, chip};
use crate::assess::model::*;
use crate::emit::report::words::Ui;

pub(super) fn verdict_tone(v: JobVerdict) -> Tone {
    match v {
        JobVerdict::Planned => Tone::Good,
        JobVerdict::Assumed | JobVerdict::Partial => Tone::Care,
        JobVerdict::Residual => Tone::Bad,
        JobVerdict::Unparsed => Tone::Dark,
    }
}

pub(super) fn rerun_tone(r: RerunClass) -> Tone {
    match r {
        RerunClass::Idempotent => Tone::Good,
        RerunClass::Duplicates | RerunClass::Loses => Tone::Bad,
        RerunClass::Unknown => Tone::Quiet,
    }
}

/// Jobs whose steps are drawn; report.json has all.
const DRIVERS: usize = 100;

impl Page<'_> {
    pub(super) fn jobs(&self, h: &mut Html) {
        self.gantt(h);
        let heads = [
            Ui::Job,
            Ui::Schedule,
            Ui::Starts,
            Ui::VerdictWord,
            Ui::Commits,
            Ui::Rerun,
            Ui::Reads,
            Ui::WritesTo,
        ];
        self.table(h, heads, self.report.jobs.iter().map(|j| self.job(j)));
        let drivers = self.report.jobs.iter().filter(|j| j.steps.len() > 1);
        for job in drivers.take(DRIVERS) {
            self.steps_of(h, job);
        }
        self.sub(h, Ui::Uncalled);
        let rows = self
            .report
            .uncalled
            .iter()
            .map(|u| [Cell::Code(u.routine.clone()), place(&u.place.to_string())]);
        self.table(h, [Ui::Routine, Ui::PlaceWord], rows);
    }

    fn job(&self, j: &JobReport) -> [Cell; 8] {
        let mut source = self.ws(j.source);
        if !j.enabled {
            source = format!("{source}, {}", self.w(Ui::Disabled));
        }
        let schedule = match &j.schedule {
            Some(s) => format!("{s} ({source})"),
            None => source,
        };
        [
            Cell::Code(j.name.clone()),
            Cell::Text(schedule),
            Cell::Text(j.entry.clone()),
            Cell::Chip(verdict_tone(j.verdict), self.ws(j.verdict)),
            Cell::Text(self.ws(j.commits)),
            Cell::Chip(rerun_tone(j.rerun), self.ws(j.rerun)),
            Cell::Num(Some(j.reads.len() as u64)),
            Cell::Names(j.writes.clone()),
        ]
    }

    /// Steps as boxes in their order.
    fn steps_of(&self, h: &mut Html, job: &JobReport) {
        h.el("details", &[("class", "steps"), ("open", "")], |h| {
            let title = format!("{}: {} {}", job.name, job.steps.len(), self.w(Ui::Steps));
            h.leaf("summary", &[], &title);
            h.el("ol", &[], |h| {
                for step in &job.steps {
                    h.el("li", &[("title", &step.routine)], |h| {
                        h.leaf("code", &[], &step.name);
                        chip(h, verdict_tone(step.verdict), self.w(step.verdict));
                        h.leaf("small", &[], &step.writes.join(", "));
                    });
                }
            });
        });
    }
}

/// A place without source text.
pub(super) fn place(text: &str) -> Cell {
    Cell::Source(text.to_string(), None)
}
