//! The whole road over samples/retail, in memory: analysis, plan and files. Also over the sample repeated under
//! other names, to see that time grows with size and not faster. Before that, once, half a million lines of it with the
//! time of every phase; and a ring of packages that call each other.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ora2stream::emit::emit_all;
use ora2stream::pipeline::analyse;
use ora2stream::plan::config::ProjectConfig;
use ora2stream::rules::Registry;
use ora2stream::source::{Input, SourceFile};

/// SQL files of the sample, `copies` times, each copy in a schema of its own.
fn estate(copies: usize) -> Input {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/retail");
    let mut texts = Vec::new();
    for folder in ["ddl", "plsql", "schedule"] {
        let mut paths: Vec<_> = fs::read_dir(root.join(folder))
            .expect("sample folder")
            .map(|e| e.expect("entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let sql = path
                .extension()
                .is_some_and(|e| e == "sql" || e == "pks" || e == "pkb");
            if sql {
                let name = path
                    .file_name()
                    .expect("name")
                    .to_string_lossy()
                    .into_owned();
                texts.push((
                    format!("{folder}/{name}"),
                    fs::read_to_string(&path).expect("UTF-8"),
                ));
            }
        }
    }
    let mut input = Input::default();
    for copy in 0..copies {
        for (path, text) in &texts {
            let text = text.replace("retail.", &format!("retail{copy}."));
            input
                .sources
                .add(SourceFile::from_text(format!("{copy:04}/{path}"), text));
        }
    }
    input
}

/// Lines of an estate.
fn lines(input: &Input) -> usize {
    input.sources.iter().map(|(_, f)| f.lines().lines()).sum()
}

/// Packages that call each other in a ring, each writing a table.
fn ring(packages: usize) -> Input {
    let mut input = Input::default();
    for i in 0..packages {
        let next = (i + 1) % packages;
        let text = format!(
            "CREATE TABLE t{i} (id NUMBER(10) PRIMARY KEY, v NUMBER(10));\n\
             CREATE OR REPLACE PACKAGE p{i} AS PROCEDURE run(n IN NUMBER); END;\n/\n\
             CREATE OR REPLACE PACKAGE BODY p{i} AS\n  PROCEDURE run(n IN NUMBER) IS\n  BEGIN\n    DELETE FROM t{i};\n    \
             INSERT INTO t{i} (id, v) SELECT s.id, s.v FROM t{next} s WHERE s.v > 1;\n    \
             IF n > 0 THEN p{next}.run(n - 1); END IF;\n  END;\nEND;\n/\n"
        );
        let path = format!("p{i:05}.sql");
        input.sources.add(SourceFile::from_text(path, text));
    }
    input
}

/// One run with its phases.
fn phases(name: &str, input: &Input) {
    let registry = Registry::builtin().expect("built-in rules");
    let config = ProjectConfig::default();
    let start = std::time::Instant::now();
    let analysis = analyse(input, &config, &registry, &[], &mut ());
    let seconds = start.elapsed().as_secs_f64();
    let lines = lines(input);
    println!(
        "{name}: {lines} lines in {seconds:.2} s, {:.0} lines/s",
        lines as f64 / seconds
    );
    for (phase, time) in &analysis.phases {
        println!("  {phase:10} {:7.3} s", time.as_secs_f64());
    }
    if let Some(bytes) = ora2stream::cli::memory::peak_rss_bytes() {
        println!(
            "  peak memory {:.0} bytes a line",
            bytes as f64 / lines as f64
        );
    }
    assert!(analysis.report.gate.ok, "{:?}", analysis.report.gate);
}

fn migrate(c: &mut Criterion) {
    let copies = 500_000 / lines(&estate(1)) + 1;
    phases("samples/retail repeated", &estate(copies));
    phases("5,000 packages in a ring", &ring(5000));
    let registry = Registry::builtin().expect("built-in rules");
    let config = ProjectConfig {
        name: "retail".into(),
        ..ProjectConfig::default()
    };
    let mut group = c.benchmark_group("migrate");
    group.sample_size(10);
    for copies in [1, 10, 100] {
        let input = estate(copies);
        let lines = lines(&input);
        group.throughput(Throughput::Elements(lines as u64));
        group.bench_function(format!("{lines} lines"), |b| {
            b.iter(|| {
                let analysis = analyse(&input, &config, &registry, &[], &mut ());
                let files = emit_all(&analysis.built.plan, None).expect("emits");
                black_box((analysis.report.gate.ok, files.len()))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, migrate);
criterion_main!(benches);
