//! Tables of the page: sortable, filterable, cut at a limit that is said.

use super::markup::{Html, fill, grouped};
use super::{Page, ROWS};
use crate::assess::model::{Excerpt, Outcome};
use crate::emit::report::words::Ui;

/// One cell.
pub(super) enum Cell {
    /// Text.
    Text(String),
    /// A name or code, in a fixed pitch.
    Code(String),
    /// Names, one a line.
    Names(Vec<String>),
    /// A number; None is a dash.
    Num(Option<u64>),
    /// A word with a colour.
    Chip(Tone, String),
    /// Several.
    Chips(Vec<(Tone, String)>),
    /// A place, with its source text where there is some.
    Source(String, Option<Excerpt>),
}

/// Colours of chips and bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Care,
    Bad,
    Dark,
    Quiet,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Care => "care",
            Tone::Bad => "bad",
            Tone::Dark => "dark",
            Tone::Quiet => "quiet",
        }
    }

    pub(super) fn of(outcome: Outcome) -> Tone {
        match outcome {
            Outcome::Planned => Tone::Good,
            Outcome::Assumed => Tone::Care,
            Outcome::Control => Tone::Quiet,
            Outcome::Residual => Tone::Bad,
            Outcome::Unparsed => Tone::Dark,
        }
    }
}

/// A chip.
pub(super) fn chip(h: &mut Html, tone: Tone, text: &str) {
    let class = format!("chip {}", tone.class());
    h.leaf("span", &[("class", &class)], text);
}

impl Page<'_> {
    /// A table, or the word for none.
    pub(super) fn table<const N: usize>(
        &self,
        h: &mut Html,
        heads: [Ui; N],
        rows: impl IntoIterator<Item = [Cell; N]>,
    ) {
        let mut rows = rows.into_iter();
        let shown: Vec<[Cell; N]> = rows.by_ref().take(ROWS).collect();
        let rest = rows.count();
        if shown.is_empty() {
            h.leaf("p", &[("class", "none")], self.w(Ui::None));
            return;
        }
        h.el("div", &[("class", "scroll")], |h| {
            h.el("table", &[("class", "data")], |h| {
                h.el("thead", &[], |h| {
                    h.el("tr", &[], |h| {
                        for (i, head) in heads.iter().enumerate() {
                            let number = matches!(shown[0][i], Cell::Num(_));
                            let class = if number { "num" } else { "" };
                            h.leaf("th", &[("scope", "col"), ("class", class)], self.w(*head));
                        }
                    });
                });
                h.el("tbody", &[], |h| {
                    for row in &shown {
                        h.el("tr", &[], |h| row.iter().for_each(|c| self.cell(h, c)));
                        h.line();
                    }
                });
            });
        });
        self.rest(h, rest);
    }

    /// Says how many rows are left out.
    pub(super) fn rest(&self, h: &mut Html, rest: usize) {
        if rest > 0 {
            let text = fill(self.w(Ui::MoreRows), &[&grouped(rest as u64)]);
            h.leaf("p", &[("class", "note")], &text);
        }
    }

    fn cell(&self, h: &mut Html, cell: &Cell) {
        match cell {
            Cell::Text(t) => h.el("td", &[], |h| h.breakable(t)),
            Cell::Code(t) => h.el("td", &[], |h| h.el("code", &[], |h| h.breakable(t))),
            Cell::Names(names) => h.el("td", &[], |h| {
                for n in names {
                    h.leaf("code", &[("class", "name")], n);
                }
            }),
            Cell::Num(None) => h.leaf("td", &[("class", "num"), ("data-v", "-1")], "\u{2013}"),
            Cell::Num(Some(n)) => {
                let value = n.to_string();
                h.leaf("td", &[("class", "num"), ("data-v", &value)], &grouped(*n));
            }
            Cell::Chip(tone, text) => h.el("td", &[], |h| chip(h, *tone, text)),
            Cell::Chips(chips) => h.el("td", &[], |h| {
                chips.iter().for_each(|(tone, text)| chip(h, *tone, text));
            }),
            Cell::Source(place, None) => h.el("td", &[], |h| {
                h.leaf("code", &[("class", "place")], place);
            }),
            Cell::Source(place, Some(e)) => h.el("td", &[], |h| {
                h.el("details", &[], |h| {
                    h.el("summary", &[], |h| {
                        h.leaf("code", &[("class", "place")], place)
                    });
                    self.code(h, e);
                });
            }),
        }
    }

    /// Source text with line numbers.
    pub(super) fn code(&self, h: &mut Html, e: &Excerpt) {
        h.el("pre", &[("class", "src")], |h| {
            for (i, line) in e.text.lines().enumerate() {
                let number = (e.line as usize + i).to_string();
                h.leaf("i", &[], &number);
                h.text(line);
                h.line();
            }
            if e.cut {
                h.leaf("em", &[], self.w(Ui::CutText));
            }
        });
    }
}
