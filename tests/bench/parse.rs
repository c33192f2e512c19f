//! Parse speed on package bodies: the samples' own code, repeated to a few megabytes.

use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ora2stream::source::FileId;
use ora2stream::syntax;

fn package_bodies(dir: &Path, out: &mut String) {
    let mut entries: Vec<_> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            package_bodies(&path, out);
        } else if path.extension().is_some_and(|e| e == "pkb")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            out.push_str(&text);
            out.push('\n');
        }
    }
}

fn parse(c: &mut Criterion) {
    let mut once = String::new();
    package_bodies(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("samples"),
        &mut once,
    );
    let mut group = c.benchmark_group("parse");
    group.sample_size(20);
    // Below the size from which chunks are parsed in parallel: one core.
    let times = (200_000 / once.len().max(1)).max(1);
    let text = once.repeat(times);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("package bodies, one core", |b| {
        b.iter(|| syntax::parse_text(&text, FileId(0)));
    });
    let text = once.repeat((2_000_000 / once.len().max(1)).max(1));
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("2 MB of package bodies", |b| {
        b.iter(|| syntax::parse_text(&text, FileId(0)));
    });
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
