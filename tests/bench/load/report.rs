//! Medians, ratios, and the table.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::data::Shape;

/// One load.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Rows.
    pub rows: u64,
    /// Seconds from start to end of the process.
    pub wall: f64,
    /// Processor seconds of the client.
    pub client_cpu: f64,
    /// Processor seconds of the server meanwhile.
    pub server_cpu: f64,
    /// Peak resident memory of the client.
    pub peak_mib: f64,
}

impl Run {
    fn rate(&self) -> f64 {
        self.rows as f64 / self.wall
    }

    fn per_million(&self, seconds: f64) -> f64 {
        seconds / (self.rows as f64 / 1e6)
    }
}

/// All loads.
#[derive(Default)]
pub struct Report {
    runs: BTreeMap<(Shape, String), Vec<Run>>,
    large: Vec<(String, Run)>,
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Medians of a tool on a shape.
struct Medians {
    rate: f64,
    cpu: f64,
    server: f64,
    peak: f64,
    least: f64,
    most: f64,
}

impl Report {
    /// Adds a load.
    pub fn add(&mut self, shape: Shape, tool: &str, run: Run) {
        let key = (shape, tool.to_owned());
        self.runs.entry(key).or_default().push(run);
    }

    /// Adds a tool's large load.
    pub fn large(&mut self, tool: &str, run: Run) {
        self.large.push((tool.to_owned(), run));
    }

    fn medians(&self, shape: Shape, tool: &str) -> Option<Medians> {
        let runs = self.runs.get(&(shape, tool.to_owned()))?;
        let of = |f: fn(&Run) -> f64| median(runs.iter().map(f).collect());
        let rates = || runs.iter().map(Run::rate);
        Some(Medians {
            rate: of(Run::rate),
            cpu: of(|r| r.per_million(r.client_cpu)),
            server: of(|r| r.per_million(r.server_cpu)),
            peak: of(|r| r.peak_mib),
            least: rates().fold(f64::MAX, f64::min),
            most: rates().fold(0.0, f64::max),
        })
    }

    /// The table.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "| shape | tool | runs | rows/s median (min-max) | client CPU-s/M rows | server CPU-s/M rows | client peak MiB |\n|---|---|---|---|---|---|---|\n",
        );
        for ((shape, tool), runs) in &self.runs {
            if let Some(m) = self.medians(*shape, tool) {
                let _ = writeln!(
                    text,
                    "| {} | {tool} | {} | {:.0} ({:.0}-{:.0}) | {:.2} | {:.1} | {:.1} |",
                    shape.name(),
                    runs.len(),
                    m.rate,
                    m.least,
                    m.most,
                    m.cpu,
                    m.server,
                    m.peak
                );
            }
        }
        for (tool, run) in &self.large {
            let _ = writeln!(
                text,
                "| thirty, {} rows | {tool} | 1 | {:.0} | {:.2} | {:.1} | {:.1} |",
                run.rows,
                run.rate(),
                run.per_million(run.client_cpu),
                run.per_million(run.server_cpu),
                run.peak_mib
            );
        }
        text.push('\n');
        for shape in Shape::ALL {
            for peer in ["dsbulk", "cqlsh"] {
                self.ratio(shape, peer, &mut text);
            }
        }
        text
    }

    /// Ours against a peer. The aims: rows/s 3 times with many rows a partition and 1.5 times with one; processor
    /// time a tenth and a quarter; memory a tenth.
    fn ratio(&self, shape: Shape, peer: &str, text: &mut String) {
        let (Some(own), Some(other)) =
            (self.medians(shape, "ora2stream"), self.medians(shape, peer))
        else {
            return;
        };
        let (rate, cpu) = match shape {
            Shape::Thirty => (3.0, 0.1),
            Shape::One | Shape::Shuffled => (1.5, 0.25),
        };
        let verdict = |good: bool| if good { "reached" } else { "MISSED" };
        let found = [
            own.rate / other.rate,
            own.cpu / other.cpu,
            own.peak / other.peak,
        ];
        let _ = writeln!(
            text,
            "{} against {peer}: rows/s x{:.2} (aim {rate}: {}), CPU x{:.3} (aim {cpu}: {}), memory x{:.3} (aim 0.1: {})",
            shape.name(),
            found[0],
            verdict(found[0] >= rate),
            found[1],
            verdict(found[1] <= cpu),
            found[2],
            verdict(found[2] <= 0.1),
        );
    }
}
