//! A day of the batch window: one row a job, a mark a start, steps as boxes of equal width after it.

use super::Page;
use super::graph::shortened;
use super::jobs::verdict_tone;
use super::markup::{Html, fill, grouped};
use crate::assess::model::{JobReport, Window};
use crate::emit::report::words::Ui;

const LABEL: u32 = 216;
const HOUR: u32 = 34;
const ROW: u32 = 26;
const TOP: u32 = 24;
const STEP: u32 = 9;
/// Rows that are drawn; the table below has all jobs.
const MAX: usize = 80;

impl Page<'_> {
    pub(super) fn gantt(&self, h: &mut Html) {
        let timed = self.report.jobs.iter().filter(|j| j.window.is_some());
        let jobs: Vec<&JobReport> = timed.take(MAX).collect();
        let rest = self.report.jobs.len() - jobs.len();
        if jobs.is_empty() {
            self.not_drawn(h, rest);
            return;
        }
        let width = LABEL + 24 * HOUR + 20;
        let height = TOP + jobs.len() as u32 * ROW + 6;
        let view = format!("0 0 {width} {height}");
        let attrs = [
            ("class", "gantt"),
            ("viewBox", view.as_str()),
            ("role", "img"),
        ];
        h.el("div", &[("class", "scroll")], |h| {
            h.el("svg", &attrs, |h| {
                self.hours(h, height);
                for (i, job) in jobs.iter().enumerate() {
                    self.row(h, job, TOP + i as u32 * ROW);
                    h.line();
                }
            });
        });
        self.caption(h, Ui::GanttCaption);
        self.not_drawn(h, rest);
    }

    fn not_drawn(&self, h: &mut Html, count: usize) {
        if count > 0 {
            let text = fill(self.w(Ui::NoWindow), &[&grouped(count as u64)]);
            h.leaf("p", &[("class", "note")], &text);
        }
    }

    fn hours(&self, h: &mut Html, height: u32) {
        for hour in (0..=24).step_by(2) {
            let x = (LABEL + hour * HOUR).to_string();
            let bottom = height.to_string();
            let line = [
                ("class", "grid"),
                ("x1", x.as_str()),
                ("x2", &x),
                ("y1", "18"),
                ("y2", &bottom),
            ];
            h.el("line", &line, |_| {});
            let text = [("class", "hour"), ("x", x.as_str()), ("y", "12")];
            h.leaf("text", &text, &format!("{hour:02}:00"));
        }
    }

    fn row(&self, h: &mut Html, job: &JobReport, y: u32) {
        let base = (y + 16).to_string();
        let label = [("class", "job"), ("x", "4"), ("y", base.as_str())];
        h.el("text", &label, |h| {
            h.leaf("title", &[], &job.name);
            h.text(&shortened(&job.name));
        });
        if let Some(window) = &job.window {
            self.bars(h, job, window, y);
        }
    }

    fn bars(&self, h: &mut Html, job: &JobReport, window: &Window, y: u32) {
        let at = |minute: u16| LABEL + u32::from(minute) * HOUR / 60;
        let tone = verdict_tone(job.verdict).class();
        let state = if job.enabled { "on" } else { "off" };
        let title = job.schedule.clone().unwrap_or_default();
        let mut bar = |x: u32, width: u32, class: &str, title: &str| {
            let class = format!("{class} {state}");
            let (x, top, width) = (x.to_string(), (y + 4).to_string(), width.to_string());
            let rect = [
                ("class", class.as_str()),
                ("x", &x),
                ("y", &top),
                ("width", &width),
                ("height", "16"),
                ("rx", "2"),
            ];
            h.el("rect", &rect, |h| h.leaf("title", &[], title));
        };
        let mut start = window.first;
        loop {
            bar(at(start), 3, &format!("start {tone}"), &title);
            match (window.every, window.last) {
                (Some(every), Some(last)) if every > 0 && start + every <= last => start += every,
                _ => break,
            }
        }
        if window.last.is_none() {
            for (i, step) in job.steps.iter().enumerate() {
                let x = at(window.first) + 5 + i as u32 * STEP;
                let tone = verdict_tone(step.verdict).class();
                bar(x, STEP - 1, tone, &step.name);
            }
        }
    }
}
