//! The whole road over samples/retail, in memory: analysis, plan and files. Also over the sample repeated under
//! other names, to see that time grows with size and not faster.

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

fn migrate(c: &mut Criterion) {
    let registry = Registry::builtin().expect("built-in rules");
    let config = ProjectConfig {
        name: "retail".into(),
        ..ProjectConfig::default()
    };
    let mut group = c.benchmark_group("migrate");
    group.sample_size(10);
    for copies in [1, 10, 100] {
        let input = estate(copies);
        let lines: usize = input.sources.iter().map(|(_, f)| f.lines().lines()).sum();
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
