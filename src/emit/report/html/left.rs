//! Sections 6, 7 and 11: transactions, side effects, and what is left for people: residuals, questions, missing
//! objects, findings.

use super::Page;
use super::jobs::{place, rerun_tone};
use super::markup::Html;
use super::table::{Cell, Tone};
use crate::assess::model::*;
use crate::diag::Severity;
use crate::emit::report::words::Ui;
use crate::emit::report::words::names::Replacement;

impl Page<'_> {
    pub(super) fn transactions(&self, h: &mut Html) {
        self.caption(h, Ui::ReplayText);
        let heads = [
            Ui::Routine,
            Ui::Commits,
            Ui::CommitPlaces,
            Ui::Rerun,
            Ui::Because,
            Ui::JobsWord,
        ];
        let rows = self.report.transactions.iter().map(|t| self.transaction(t));
        self.table(h, heads, rows);
    }

    fn transaction(&self, t: &TransactionReport) -> [Cell; 6] {
        let mut commits = self.ws(t.commits);
        if t.autonomous {
            commits = format!("{commits} ({})", self.w(Ui::Autonomous));
        }
        let causes: Vec<&str> = t.causes.iter().map(|c| self.w(*c)).collect();
        [
            Cell::Code(t.routine.clone()),
            Cell::Text(commits),
            Cell::Names(t.places.iter().map(ToString::to_string).collect()),
            Cell::Chip(rerun_tone(t.rerun), self.ws(t.rerun)),
            Cell::Text(causes.join("; ")),
            Cell::Names(t.jobs.clone()),
        ]
    }

    pub(super) fn side_effects(&self, h: &mut Html) {
        let heads = [
            Ui::Kind,
            Ui::What,
            Ui::Routine,
            Ui::PlaceWord,
            Ui::Replacement,
        ];
        let rows = self.report.side_effects.iter().map(|s| {
            [
                Cell::Text(self.ws(s.kind)),
                Cell::Code(s.call.clone()),
                Cell::Code(s.routine.clone()),
                place(&s.place.to_string()),
                Cell::Text(self.ws(Replacement(s.kind))),
            ]
        });
        self.table(h, heads, rows);
    }

    pub(super) fn residuals(&self, h: &mut Html) {
        let heads = [
            Ui::PlaceWord,
            Ui::Statement,
            Ui::Reason,
            Ui::Because,
            Ui::Unlock,
            Ui::Question,
            Ui::FallbackWord,
        ];
        let left = self.report.writes.iter().filter(|w| match w.outcome {
            Outcome::Residual | Outcome::Unparsed => true,
            Outcome::Planned | Outcome::Assumed | Outcome::Control => false,
        });
        self.table(h, heads, left.map(|w| self.residual(w)));
    }

    fn residual(&self, w: &WriteReport) -> [Cell; 7] {
        let at = format!("{}:{}", w.file, w.line);
        let what = format!("{} {}", w.kind.as_str(), w.table.as_deref().unwrap_or("?"));
        let reason = match w.reason {
            Some(reason) => self.ws(reason),
            None => self.ws(w.outcome),
        };
        [
            Cell::Source(at, self.report.excerpt(&w.file, w.line).cloned()),
            Cell::Code(what),
            Cell::Chip(Tone::of(w.outcome), reason),
            Cell::Text(w.message.clone()),
            Cell::Text(w.unlock.clone().unwrap_or_default()),
            Cell::Text(w.question.clone().unwrap_or_default()),
            Cell::Text(w.fallback.map(|f| self.ws(f)).unwrap_or_default()),
        ]
    }

    pub(super) fn questions(&self, h: &mut Html) {
        let rows = self.report.questions.iter().map(|q| {
            let at = q.place.as_ref().map(ToString::to_string);
            [
                Cell::Code(q.about.clone()),
                Cell::Text(q.text.clone()),
                place(&at.unwrap_or_default()),
            ]
        });
        self.table(h, [Ui::About, Ui::Question, Ui::PlaceWord], rows);
    }

    pub(super) fn missing(&self, h: &mut Html) {
        let rows = self.report.missing.iter().map(|m| {
            [
                Cell::Code(m.name.clone()),
                Cell::Text(self.ws(m.kind)),
                Cell::Text(m.why.clone()),
                Cell::Names(m.places.iter().take(20).map(ToString::to_string).collect()),
            ]
        });
        self.table(h, [Ui::Name, Ui::Kind, Ui::Reason, Ui::Uses], rows);
    }

    pub(super) fn findings(&self, h: &mut Html) {
        let heads = [
            Ui::Code,
            Ui::Severity,
            Ui::Class,
            Ui::Message,
            Ui::Help,
            Ui::PlaceWord,
        ];
        let rows = self.report.findings.iter().map(|f| {
            let at = f.place.as_ref().map(ToString::to_string);
            [
                Cell::Code(f.code.clone()),
                Cell::Chip(severity_tone(f.severity), self.ws(f.severity)),
                Cell::Text(self.ws(f.class)),
                Cell::Text(f.message.clone()),
                Cell::Text(f.help.clone().unwrap_or_default()),
                place(&at.unwrap_or_default()),
            ]
        });
        self.table(h, heads, rows);
    }
}

fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Quiet,
        Severity::Warning => Tone::Care,
        Severity::Error => Tone::Bad,
    }
}
