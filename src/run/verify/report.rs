//! What a comparison found, for people and for programs. Nothing is hidden: what was not read in full is counted.

use std::fmt::Write as _;

use serde::Serialize;

use crate::run::row::Position;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In the source, not in the target.
    Missing,
    /// In the target, not in the source.
    Extra,
    /// In both, with other values.
    Different,
    /// Twice in the source, with other values: the target cannot hold both.
    DuplicateInSource,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How.
    pub kind: Kind,
    /// Key columns and their values.
    pub key: Vec<(String, Option<String>)>,
    /// Where it stands in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Columns that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnDifference>,
}

/// A column that differs; None is NULL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnDifference {
    /// Column of the target.
    pub column: String,
    /// As the source's value converts.
    pub source: Option<String>,
    /// As the target has it.
    pub target: Option<String>,
}

/// Seconds of the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Seconds {
    /// Reading and summing the source.
    pub source: f64,
    /// Scanning the target.
    pub target: f64,
    /// Reading what differs.
    pub drill: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Table of the target.
    pub table: String,
    /// Nothing differs, and everything was read.
    pub equal: bool,
    /// Rows of the source that were compared.
    pub source_rows: u64,
    /// Rows of the target that were compared.
    pub target_rows: u64,
    /// Rows of the source that a load rejects: they cannot be in the target.
    pub source_rejected: u64,
    /// Keys that the source holds twice with other values.
    pub source_duplicates: u64,
    /// Rows only in the source.
    pub missing: u64,
    /// Rows only in the target.
    pub extra: u64,
    /// Rows with other values.
    pub different: u64,
    /// Rows that changed while they were looked at: maybe.
    pub in_flight: u64,
    /// Buckets, of 4,096, whose sums differ.
    pub buckets_differing: usize,
    /// Of those, buckets that were not read row by row, because enough differences were found before.
    pub buckets_not_read: usize,
    /// The rows that differ, by kind and key.
    pub differences: Vec<Difference>,
    /// Time.
    pub seconds: Seconds,
}

impl Report {
    /// An empty report.
    pub fn new(table: &str) -> Report {
        Report {
            table: table.into(),
            equal: false,
            source_rows: 0,
            target_rows: 0,
            source_rejected: 0,
            source_duplicates: 0,
            missing: 0,
            extra: 0,
            different: 0,
            in_flight: 0,
            buckets_differing: 0,
            buckets_not_read: 0,
            differences: Vec::new(),
            seconds: Seconds::default(),
        }
    }

    /// Places of the rows that the target has not, or not as they were read; None stands for rows whose place is
    /// not known, among them those beyond the differences that are told in full.
    pub fn lost(&self) -> Vec<Option<Position>> {
        let lost = |d: &&Difference| matches!(d.kind, Kind::Missing | Kind::Different);
        let told = self.differences.iter().filter(lost);
        let mut places: Vec<_> = told.map(|d| d.position.clone()).collect();
        let all = self.missing + self.different;
        if self.buckets_not_read > 0 || (places.len() as u64) < all {
            places.push(None);
        }
        places
    }

    /// Counts a difference.
    pub(super) fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Missing => self.missing += 1,
            Kind::Extra => self.extra += 1,
            Kind::Different => self.different += 1,
            Kind::DuplicateInSource => {}
        }
    }

    pub(super) fn finish(&mut self) {
        let found = self.missing + self.extra + self.different + self.source_duplicates;
        self.equal = found == 0 && self.buckets_not_read == 0;
        self.differences
            .sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    }

    /// For people: counts, then the rows, at most `shown` of them.
    pub fn text(&self, shown: usize) -> String {
        let mut out = String::new();
        let verdict = if self.equal { "equal" } else { "NOT EQUAL" };
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "{}: {verdict}: {} rows in the source, {} in the target",
            self.table, self.source_rows, self.target_rows
        );
        let counts = [
            (self.missing, "missing in the target"),
            (self.extra, "only in the target"),
            (self.different, "with other values"),
            (
                self.source_duplicates,
                "keys twice in the source with other values",
            ),
            (self.in_flight, "changed while they were looked at (maybe)"),
            (
                self.source_rejected,
                "rows of the source that a load rejects",
            ),
            (
                self.buckets_not_read as u64,
                "buckets that differ and were not read row by row",
            ),
        ];
        for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
            let _ = writeln!(out, "  {count} {what}");
        }
        for d in self.differences.iter().take(shown) {
            d.line(&mut out);
        }
        let rest = self.differences.len().saturating_sub(shown);
        if rest > 0 {
            let _ = writeln!(out, "  ... and {rest} more; --format json tells them all");
        }
        let s = &self.seconds;
        let _ = writeln!(
            out,
            "  source {:.1} s, target {:.1} s, differences {:.1} s",
            s.source, s.target, s.drill
        );
        out
    }
}

fn word(value: &Option<String>) -> String {
    value.as_ref().map_or("NULL".into(), |v| format!("{v:?}"))
}

impl Difference {
    fn line(&self, out: &mut String) {
        let kind = match self.kind {
            Kind::Missing => "missing",
            Kind::Extra => "extra",
            Kind::Different => "different",
            Kind::DuplicateInSource => "twice in the source",
        };
        let key: Vec<String> = self
            .key
            .iter()
            .map(|(c, v)| format!("{c}={}", word(v)))
            .collect();
        let _ = write!(out, "  {kind} {}", key.join(" "));
        if let Some(position) = &self.position {
            let _ = write!(out, " ({position})");
        }
        for c in &self.columns {
            let _ = write!(
                out,
                "\n    {}: source {}, target {}",
                c.column,
                word(&c.source),
                word(&c.target)
            );
        }
        out.push('\n');
    }
}
