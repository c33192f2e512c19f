//! The inventory: every write, file and unit, so that nothing is only a number.

use super::Page;
use super::jobs::place;
use super::markup::{Html, grouped};
use super::table::{Cell, Tone};
use crate::assess::model::*;
use crate::emit::report::words::Ui;

impl Page<'_> {
    pub(super) fn appendix(&self, h: &mut Html) {
        let r = self.report;
        self.folded(h, Ui::Writes, r.writes.len(), |p, h| {
            let heads = [
                Ui::PlaceWord,
                Ui::Statement,
                Ui::Routine,
                Ui::VerdictWord,
                Ui::WriteClassWord,
                Ui::Rule,
                Ui::JobsWord,
            ];
            p.table(h, heads, p.report.writes.iter().map(|w| p.write(w)));
        });
        self.folded(h, Ui::OtherWrites, r.other_writes.len(), |p, h| {
            let heads = [Ui::PlaceWord, Ui::Statement, Ui::Units, Ui::Reason];
            p.table(h, heads, p.report.other_writes.iter().map(|w| p.other(w)));
        });
        self.folded(h, Ui::FilesTitle, r.files.len(), |p, h| {
            let heads = [
                Ui::Name,
                Ui::Status,
                Ui::Encoding,
                Ui::Bytes,
                Ui::Lines,
                Ui::Units,
                Ui::Statements,
                Ui::Errors,
            ];
            p.table(h, heads, p.report.files.iter().map(|f| p.file(f)));
        });
        self.folded(h, Ui::UnitsTitle, r.units.len(), |p, h| {
            let heads = [Ui::PlaceWord, Ui::Kind, Ui::Name, Ui::Status];
            p.table(h, heads, p.report.units.iter().map(|u| p.unit(u)));
        });
    }

    fn folded(&self, h: &mut Html, title: Ui, count: usize, inside: fn(&Page<'_>, &mut Html)) {
        h.el("details", &[("class", "folded")], |h| {
            let text = format!("{} ({})", self.w(title), grouped(count as u64));
            h.leaf("summary", &[], &text);
            inside(self, h);
        });
    }

    fn write(&self, w: &WriteReport) -> [Cell; 7] {
        let what = format!("{} {}", w.kind.as_str(), w.table.as_deref().unwrap_or("?"));
        [
            place(&format!("{}:{}", w.file, w.line)),
            Cell::Code(what),
            Cell::Code(w.routine.clone()),
            Cell::Chip(Tone::of(w.outcome), self.ws(w.outcome)),
            Cell::Text(w.write_class.map(|c| self.ws(c)).unwrap_or_default()),
            Cell::Code(w.rule.clone()),
            Cell::Names(w.jobs.clone()),
        ]
    }

    fn other(&self, w: &OtherWrite) -> [Cell; 4] {
        let what = format!("{} {}", w.kind.as_str(), w.table.as_deref().unwrap_or("?"));
        [
            place(&format!("{}:{}", w.file, w.line)),
            Cell::Code(what),
            Cell::Code(w.unit.clone()),
            Cell::Text(self.ws(w.reason)),
        ]
    }

    fn file(&self, f: &FileReport) -> [Cell; 8] {
        let tone = match f.status {
            FileStatus::Parsed => Tone::Good,
            FileStatus::PartlyParsed => Tone::Care,
            FileStatus::Companion | FileStatus::Skipped => Tone::Quiet,
            FileStatus::Unreadable => Tone::Bad,
        };
        [
            Cell::Code(f.path.clone()),
            Cell::Chip(tone, self.ws(f.status)),
            Cell::Text(f.encoding.clone().unwrap_or_default()),
            Cell::Num(Some(f.bytes)),
            Cell::Num(Some(f.lines)),
            Cell::Num(Some(f.units)),
            Cell::Num(Some(f.statements)),
            Cell::Num(Some(f.errors)),
        ]
    }

    fn unit(&self, u: &UnitReport) -> [Cell; 4] {
        let tone = match u.status {
            UnitStatus::Parsed => Tone::Good,
            UnitStatus::PartlyParsed => Tone::Care,
            UnitStatus::Opaque => Tone::Quiet,
            UnitStatus::Wrapped | UnitStatus::Unparsed => Tone::Bad,
        };
        [
            place(&format!("{}:{}", u.file, u.line)),
            Cell::Text(u.kind.clone()),
            Cell::Code(u.name.clone().unwrap_or_default()),
            Cell::Chip(tone, self.ws(u.status)),
        ]
    }
}
