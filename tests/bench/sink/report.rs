//! What a run of the sink cost.

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Events.
    pub rows: u64,
    /// Seconds from start to end of the process.
    pub wall: f64,
    /// Processor seconds of the sink.
    pub client_cpu: f64,
    /// Processor seconds of Cassandra and Kafka meanwhile.
    pub server_cpu: f64,
    /// Peak resident memory of the sink.
    pub peak_mib: f64,
}

/// The head of the table.
pub const HEAD: &str = "| events | events/s | client CPU-s a million | servers' CPU-s a million | peak MiB |\n|---|---|---|---|---|\n";

/// What the table does not say.
pub const FOOT: &str = "Medians by time; the peak is the greatest. The sink's time is that of the process from start to end; Spark's begins \
when its session is up, its processor time and memory are those of the driver and Python, local[2], 2 GB.";

/// A line of the table: the median of several runs by wall time.
pub fn line(name: &str, mut runs: Vec<Run>) -> String {
    runs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    let Some(run) = runs.get(runs.len() / 2) else {
        return String::new();
    };
    let million = run.rows as f64 / 1e6;
    let peak = runs.iter().map(|r| r.peak_mib).fold(0.0, f64::max);
    format!(
        "| {name} | {:.0} | {:.1} | {:.1} | {peak:.0} |\n",
        run.rows as f64 / run.wall,
        run.client_cpu / million,
        run.server_cpu / million,
    )
}
