//! Section 3: the CRUD matrix as a heat map, and tables with several writers.

use std::collections::{BTreeMap, BTreeSet};

use super::Page;
use super::markup::{Html, fill, grouped};
use super::table::Cell;
use crate::assess::model::{TableAccess, TableReport};
use crate::emit::report::words::Ui;

/// Columns that fit a page.
const COLUMNS: usize = 48;

/// Statements of one cell: create, read, update, delete.
type Counts = [u32; 4];

impl Page<'_> {
    pub(super) fn crud(&self, h: &mut Html) {
        let routines = self.columns(|a| a.routine.clone());
        let by_unit = routines.len() > COLUMNS;
        let name: fn(&TableAccess) -> String = match by_unit {
            true => unit,
            false => |a| a.routine.clone(),
        };
        let mut columns: Vec<String> = match by_unit {
            true => self.columns(unit),
            false => routines,
        };
        let rest = columns.len().saturating_sub(COLUMNS);
        columns.truncate(COLUMNS);
        self.caption(h, Ui::CrudCaption);
        if by_unit {
            self.caption(h, Ui::CrudByUnit);
        }
        self.matrix(h, &columns, name);
        if rest > 0 {
            let text = fill(self.w(Ui::CrudRest), &[&grouped(rest as u64)]);
            h.leaf("p", &[("class", "note")], &text);
        }
        self.sub(h, Ui::SeveralWriters);
        let heads = [
            Ui::Table,
            Ui::Kind,
            Ui::Rows,
            Ui::WriterJobs,
            Ui::OutsideReaders,
        ];
        let rows = self.several_writers();
        self.table(h, heads, rows.into_iter().map(|t| self.writers(t)));
    }

    /// Tables that several jobs write.
    pub(super) fn several_writers(&self) -> Vec<&TableReport> {
        let tables = self.report.tables.iter();
        tables.filter(|t| t.writer_jobs.len() > 1).collect()
    }

    fn writers(&self, t: &TableReport) -> [Cell; 5] {
        [
            Cell::Code(t.name.clone()),
            Cell::Text(self.ws(t.kind)),
            Cell::Num(t.rows),
            Cell::Names(t.writer_jobs.clone()),
            Cell::Names(t.external_readers.clone()),
        ]
    }

    fn columns(&self, name: fn(&TableAccess) -> String) -> Vec<String> {
        let all = self.report.tables.iter().flat_map(|t| &t.access);
        let names: BTreeSet<String> = all.filter(|a| a.batch).map(name).collect();
        names.into_iter().collect()
    }

    fn matrix(&self, h: &mut Html, columns: &[String], name: fn(&TableAccess) -> String) {
        h.el("div", &[("class", "scroll")], |h| {
            h.el("table", &[("class", "heat")], |h| {
                h.el("tr", &[], |h| {
                    h.leaf("th", &[], "");
                    for c in columns {
                        h.el("th", &[("class", "turn"), ("title", c)], |h| {
                            h.leaf("span", &[], last_part(c));
                        });
                    }
                });
                for t in self.report.tables.iter().take(super::ROWS) {
                    let cells = counts(t, name);
                    if !cells.is_empty() {
                        heat_row(h, t, columns, &cells);
                        h.line();
                    }
                }
            });
        });
    }
}

fn heat_row(h: &mut Html, t: &TableReport, columns: &[String], cells: &BTreeMap<String, Counts>) {
    h.el("tr", &[], |h| {
        let title = t.comment.clone().unwrap_or_default();
        h.leaf("th", &[("title", &title)], &t.name);
        for c in columns {
            let Some(counts) = cells.get(c) else {
                h.leaf("td", &[], "");
                continue;
            };
            let total: u32 = counts.iter().sum();
            let writes = counts[0] + counts[2] + counts[3] > 0;
            let class = format!("{}{}", if writes { "w" } else { "r" }, total.min(4));
            let title = format!(
                "{} / {c}: C{} R{} U{} D{}",
                t.name, counts[0], counts[1], counts[2], counts[3]
            );
            h.leaf(
                "td",
                &[("class", &class), ("title", &title)],
                &letters(counts),
            );
        }
    });
}

fn letters(counts: &Counts) -> String {
    let marks = ["C", "R", "U", "D"].into_iter().zip(counts);
    marks.filter(|(_, n)| **n > 0).map(|(m, _)| m).collect()
}

fn counts(t: &TableReport, name: fn(&TableAccess) -> String) -> BTreeMap<String, Counts> {
    let mut out: BTreeMap<String, Counts> = BTreeMap::new();
    for a in t.access.iter().filter(|a| a.batch) {
        let cell = out.entry(name(a)).or_default();
        for (sum, n) in cell
            .iter_mut()
            .zip([a.creates, a.reads, a.updates, a.deletes])
        {
            *sum += n;
        }
    }
    out
}

/// `SCHEMA.PACKAGE` of a routine.
fn unit(a: &TableAccess) -> String {
    match a.routine.rsplit_once('.') {
        Some((unit, _)) if unit.contains('.') => unit.to_string(),
        Some(_) | None => a.routine.clone(),
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
