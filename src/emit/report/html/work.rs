//! Sections 9 and 10: effort and waves.

use super::Page;
use super::markup::{Html, fill, grouped};
use super::table::Cell;
use crate::assess::model::*;
use crate::emit::report::words::Ui;

impl Page<'_> {
    pub(super) fn effort(&self, h: &mut Html) {
        let e = &self.report.effort;
        let (low, high) = (grouped(e.low_hours), grouped(e.high_hours));
        let range = fill(self.w(Ui::EffortRange), &[&low, &high]);
        h.leaf("p", &[("class", "range")], &range);
        self.caption(h, Ui::EffortFormula);
        let heads = [
            Ui::Work,
            Ui::Pattern,
            Ui::Count,
            Ui::First,
            Ui::Repeat,
            Ui::Total,
        ];
        self.table(h, heads, e.items.iter().map(|i| self.effort_item(i)));
    }

    fn effort_item(&self, i: &EffortItem) -> [Cell; 6] {
        let hours = |x: Hours| {
            Cell::Text(format!(
                "{} \u{2013} {} {}",
                grouped(x.low),
                grouped(x.high),
                self.w(Ui::Hours)
            ))
        };
        [
            Cell::Text(self.ws(i.work)),
            Cell::Code(i.pattern.clone()),
            Cell::Num(Some(i.count)),
            hours(i.first),
            hours(i.repeat),
            hours(i.total),
        ]
    }

    pub(super) fn waves(&self, h: &mut Html) {
        if self.report.waves.is_empty() {
            h.leaf("p", &[("class", "none")], self.w(Ui::None));
            return;
        }
        self.caption(h, Ui::WaveCutover);
        self.caption(h, Ui::WaveRollback);
        for wave in &self.report.waves {
            h.el("article", &[("class", "wave")], |h| self.wave(h, wave));
            h.line();
        }
    }

    fn wave(&self, h: &mut Html, w: &Wave) {
        let title = fill(self.w(Ui::Wave), &[&w.number.to_string()]);
        h.leaf("h3", &[], &title);
        let mut facts = vec![
            (Ui::Steps, w.routines.join(", ")),
            (Ui::JobsWord, w.jobs.join(", ")),
            (Ui::WaveTables, w.tables.join(", ")),
            (Ui::WaveSources, w.sources.join(", ")),
            (Ui::WaveResiduals, grouped(w.residuals)),
        ];
        facts.extend(w.rows.map(|r| (Ui::WaveRows, grouped(r))));
        h.el("dl", &[], |h| {
            for (name, value) in facts.iter().filter(|(_, v)| !v.is_empty()) {
                h.leaf("dt", &[], self.w(*name));
                h.leaf("dd", &[], value);
            }
        });
        h.el("ul", &[], |h| {
            for reason in w.reasons.iter().filter_map(|r| self.wave_reason(r)) {
                h.leaf("li", &[], &reason);
            }
            if w.residuals > 0 {
                h.leaf("li", &[], self.w(Ui::WaveBlocked));
            }
        });
    }

    fn wave_reason(&self, reason: &WaveReason) -> Option<String> {
        let with = |ui: Ui, names: &[String]| fill(self.w(ui), &[&names.join(", ")]);
        match reason {
            WaveReason::SharedTargets { tables } => Some(with(Ui::ReasonShared, tables)),
            WaveReason::Ring { tables } => Some(with(Ui::ReasonRing, tables)),
            WaveReason::ReadersFirst { routines } if routines.is_empty() => None,
            WaveReason::ReadersFirst { routines } => Some(with(Ui::ReasonReaders, routines)),
            WaveReason::NothingLeft => Some(self.ws(Ui::ReasonNothingLeft)),
            WaveReason::NoReaders => Some(self.ws(Ui::ReasonNoReaders)),
            WaveReason::OutsideReaders { readers } => Some(with(Ui::ReasonOutside, readers)),
        }
    }
}
