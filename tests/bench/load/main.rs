//! Loads of files into a real Cassandra node, against DSBulk and cqlsh COPY: same file, same table, same machine,
//! tools in turn, medians. `cargo bench --bench load` prints the table; it takes an hour on two cores.
//!
//! `ORA2STREAM_BENCH_ROWS` (2,000,000), `ORA2STREAM_BENCH_ROUNDS` (3), `ORA2STREAM_BENCH_LARGE` (10,000,000; 0
//! leaves it out), `ORA2STREAM_BENCH_TOOLS` (`ora2stream,dsbulk,cqlsh`), `ORA2STREAM_BENCH_SHAPES`
//! (`one,thirty,shuffled`) make it shorter; `ORA2STREAM_BENCH_PROGRAM` measures another build of the program.

#[path = "../../live/cassandra/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the live tests")]
mod cassandra;
mod data;
#[path = "../../live/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the live tests")]
mod harness;
mod measure;
mod null;
mod report;
mod tools;

use std::process::ExitCode;

use cassandra::Node;
use cassandra::node::Settings;
use data::Shape;
use harness::{Live, ensure};
use report::{Report, Run};
use tools::Tool;

fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).unwrap_or_default();
    text.replace('_', "").parse().unwrap_or(default)
}

fn list(name: &str, default: &str) -> Vec<String> {
    let text = std::env::var(name).unwrap_or_else(|_| default.to_owned());
    text.split(',').map(|s| s.trim().to_owned()).collect()
}

fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it links.
    if !std::env::args().any(|a| a == "--bench") {
        return ExitCode::SUCCESS;
    }
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Live<()> {
    let rows = number("ORA2STREAM_BENCH_ROWS", 2_000_000);
    let rounds = number("ORA2STREAM_BENCH_ROUNDS", 3);
    let large = number("ORA2STREAM_BENCH_LARGE", 10_000_000);
    let shapes = list("ORA2STREAM_BENCH_SHAPES", "one,thirty,shuffled");
    let names = list("ORA2STREAM_BENCH_TOOLS", "ora2stream,dsbulk,cqlsh");
    let shapes: Vec<Shape> = Shape::ALL
        .into_iter()
        .filter(|s| shapes.iter().any(|n| n == s.name()))
        .collect();
    let tools: Vec<Tool> = Tool::ALL
        .into_iter()
        .filter(|t| names.iter().any(|n| n == t.name()))
        .collect();
    let node = Node::start_with(Settings {
        heap: "4g",
        quick_start: false,
        ..Settings::default()
    })?;
    node.run("CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    for shape in &shapes {
        let file = folder.path().join(format!("{}.csv", shape.name()));
        let bytes = data::write(&file, *shape, rows)?;
        eprintln!(
            "{}: {rows} rows, {} bytes a row",
            shape.name(),
            bytes / rows
        );
        // A server at work was compiled long ago: so many runs that do not count.
        let warm = if shape == &shapes[0] { 5 } else { 1 };
        for round in (1 - warm)..=rounds.cast_signed() {
            for tool in &tools {
                if round <= 0 && *tool != Tool::Ora2stream {
                    continue;
                }
                let run = once(&node, *tool, *shape, &file, rows)?;
                eprintln!("{} {} round {round}: {run:?}", shape.name(), tool.name());
                if round > 0 {
                    report.add(*shape, tool.name(), run);
                }
            }
        }
        let ceiling = ceiling(&node, *shape, &file, rows)?;
        report.add(*shape, "ora2stream, null server", ceiling);
        std::fs::remove_file(&file)?;
    }
    if large > 0 {
        let file = folder.path().join("large.csv");
        data::write(&file, Shape::Thirty, large)?;
        for tool in &tools {
            let run = once(&node, *tool, Shape::Thirty, &file, large)?;
            eprintln!("{} large: {run:?}", tool.name());
            report.large(tool.name(), run);
        }
    }
    print!("{}", report.text());
    Ok(())
}

/// One load into a fresh table; every row must be there afterwards.
fn once(node: &Node, tool: Tool, shape: Shape, file: &std::path::Path, rows: u64) -> Live<Run> {
    let table = data::fresh_table(node)?;
    let server = measure::cpu_seconds(node.process().pid()?);
    let command = tools::command(tool, node.port(), shape, file, &table)?;
    let mut run = measure::run(command, rows)?;
    run.server_cpu = measure::cpu_seconds(node.process().pid()?) - server;
    let found = data::count(node, &table)?;
    ensure(found == rows, || {
        format!("{}: {found} of {rows} rows in the table", tool.name())
    })?;
    node.run(&format!("DROP TABLE bench.{table}"))?;
    Ok(run)
}

/// The same load against a server that acknowledges and does nothing: what the client could do at most.
fn ceiling(node: &Node, shape: Shape, file: &std::path::Path, rows: u64) -> Live<Run> {
    let table = data::fresh_table(node)?;
    let server = null::Server::start(node.port())?;
    let command = tools::command(Tool::Ora2stream, server.port(), shape, file, &table)?;
    let run = measure::run(command, rows)?;
    ensure(server.acknowledged() >= rows, || {
        format!("the null server saw {} rows", server.acknowledged())
    })?;
    node.run(&format!("DROP TABLE bench.{table}"))?;
    Ok(run)
}
