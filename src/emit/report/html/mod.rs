//! The page: one file, nothing from the network, readable on paper. Each section has a module.

mod appendix;
mod before_after;
mod crud;
mod flow;
mod gantt;
mod graph;
mod jobs;
mod left;
mod markup;
mod proof;
mod table;
mod target;
mod verdict;
mod work;

use super::words::{Label, Lang, Ui};
use crate::assess::model::{Excerpt, Report};
use crate::source::Place;
use markup::{Html, fill};

const CSS: &str = include_str!("../../../../templates/report/report.css");
const SCRIPT: &str = include_str!("../../../../templates/report/report.js");

/// Rows of a table that are shown; the rest is in the CSV files.
const ROWS: usize = 1000;

/// What all sections see.
struct Page<'a> {
    report: &'a Report,
    lang: Lang,
}

type Draw = fn(&Page<'_>, &mut Html);

/// Sections in order: anchor, heading, content.
const SECTIONS: &[(&str, Ui, Draw)] = &[
    ("verdict", Ui::Verdict, |p, h| p.verdict(h)),
    ("jobs", Ui::Jobs, |p, h| p.jobs(h)),
    ("crud", Ui::Crud, |p, h| p.crud(h)),
    ("lineage", Ui::LineageTitle, |p, h| p.lineage(h)),
    ("before-after", Ui::BeforeAfter, |p, h| p.before_after(h)),
    ("proofs", Ui::Proofs, |p, h| p.proofs(h)),
    ("transactions", Ui::Transactions, |p, h| p.transactions(h)),
    ("effects", Ui::SideEffects, |p, h| p.side_effects(h)),
    ("target", Ui::TargetTitle, |p, h| p.target(h)),
    ("effort", Ui::EffortTitle, |p, h| p.effort(h)),
    ("waves", Ui::WavesTitle, |p, h| p.waves(h)),
    ("residuals", Ui::Residuals, |p, h| p.residuals(h)),
    ("questions", Ui::Questions, |p, h| p.questions(h)),
    ("missing", Ui::Missing, |p, h| p.missing(h)),
    ("findings", Ui::Findings, |p, h| p.findings(h)),
    ("inventory", Ui::Appendix, |p, h| p.appendix(h)),
];

/// The whole page.
pub(super) fn page(report: &Report, lang: Lang) -> String {
    let page = Page { report, lang };
    let mut h = Html::default();
    h.own("<!DOCTYPE html>\n");
    h.el("html", &[("lang", lang.tag())], |h| {
        h.el("head", &[], |h| page.head(h));
        h.line();
        h.el("body", &[], |h| page.body(h));
    });
    h.line();
    h.finish()
}

impl Page<'_> {
    fn head(&self, h: &mut Html) {
        h.void("meta", &[("charset", "utf-8")]);
        let viewport = "width=device-width, initial-scale=1";
        h.void("meta", &[("name", "viewport"), ("content", viewport)]);
        // Nothing is loaded from anywhere; this says so to the browser too.
        let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
        h.void(
            "meta",
            &[
                ("http-equiv", "Content-Security-Policy"),
                ("content", policy),
            ],
        );
        let title = format!(
            "{} \u{2013} {}",
            self.report.project.name,
            self.w(Ui::Title)
        );
        h.leaf("title", &[], &title);
        h.el("style", &[], |h| h.own(CSS));
    }

    fn body(&self, h: &mut Html) {
        h.el("nav", &[], |h| self.contents(h));
        h.el("main", &[("data-filter", self.w(Ui::Filter))], |h| {
            self.header(h);
            for (number, (id, title, draw)) in SECTIONS.iter().enumerate() {
                h.el("section", &[("id", id)], |h| {
                    h.leaf("h2", &[], &format!("{}. {}", number + 1, self.w(*title)));
                    draw(self, h);
                });
                h.line();
            }
            h.leaf("footer", &[], self.w(Ui::DataLanguage));
        });
        h.el("script", &[], |h| h.own(SCRIPT));
    }

    fn contents(&self, h: &mut Html) {
        h.leaf("p", &[("class", "brand")], &self.report.project.name);
        h.el("ol", &[], |h| {
            for (id, title, _) in SECTIONS {
                let link = format!("#{id}");
                h.el("li", &[], |h| {
                    h.leaf("a", &[("href", &link)], self.w(*title));
                });
            }
        });
    }

    fn header(&self, h: &mut Html) {
        let p = &self.report.project;
        h.el("header", &[], |h| {
            h.leaf("p", &[("class", "over")], self.w(Ui::Subtitle));
            h.leaf("h1", &[], &format!("{}: {}", self.w(Ui::Title), p.name));
            let line = format!(
                "{} {} \u{b7} {} {} \u{b7} {}",
                self.w(Ui::Schemas),
                p.schemas.join(", "),
                self.w(Ui::TimeZone),
                p.time_zone,
                fill(self.w(Ui::MadeWith), &[&p.tool_version]),
            );
            h.leaf("p", &[("class", "meta")], &line);
        });
    }

    /// A word in the page's language.
    fn w(&self, label: impl Label) -> &'static str {
        label.label(self.lang)
    }

    /// The same, owned.
    fn ws(&self, label: impl Label) -> String {
        self.w(label).to_string()
    }

    /// A caption under a figure or heading.
    fn caption(&self, h: &mut Html, label: Ui) {
        h.leaf("p", &[("class", "caption")], self.w(label));
    }

    fn sub(&self, h: &mut Html, label: Ui) {
        h.leaf("h3", &[], self.w(label));
    }

    /// Source text that begins at a place.
    fn excerpt(&self, place: &Place) -> Option<Excerpt> {
        self.report.excerpt(&place.file, place.line).cloned()
    }
}
