//! Parse speed: package bodies (the samples' own code, repeated), a package of 2 MB, and the same plain
//! statements read by us and by `sqlparser`, for scale. `cargo bench --bench parse -- --folder DIR` prints
//! MB/s a core over the files of a folder instead, `-- --nodes FILE` what the trees of a file are made of.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use criterion::{Criterion, Throughput};
use ora2stream::source::FileId;
use ora2stream::source::decode::decode;
use ora2stream::syntax;
use sqlparser::dialect::OracleDialect;
use sqlparser::parser::Parser;

/// Files below a folder whose extension is among `extensions`; all with none.
fn files(dir: &Path, extensions: &[&str], out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut entries: Vec<_> = entries.map(|e| e.path()).collect();
    entries.sort();
    for path in entries.into_iter().filter(|p| !p.is_symlink()) {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if path.is_dir() {
            files(&path, extensions, out);
        } else if extensions.is_empty() || extensions.contains(&extension) {
            out.push(path);
        }
    }
}

fn package_bodies() -> String {
    let mut paths = Vec::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    files(&samples, &["pkb"], &mut paths);
    let texts = paths.iter().filter_map(|p| std::fs::read_to_string(p).ok());
    texts.map(|t| t + "\n").collect()
}

/// One package body of at least `bytes`: the samples' packages as nested declarations of one.
fn one_package(bytes: usize) -> String {
    let mut text = String::from("CREATE OR REPLACE PACKAGE BODY large AS\n");
    let mut n = 0;
    while text.len() < bytes {
        n += 1;
        text.push_str(&ROUTINE.replace("$N", &n.to_string()));
    }
    text + "END large;\n/\n"
}

const ROUTINE: &str = "
  -- Posts what was sold on a day.
  PROCEDURE post_day$N (p_day IN DATE, p_force IN BOOLEAN DEFAULT FALSE) IS
    CURSOR c_sales IS
      SELECT s.store_id, s.product_id, SUM(s.quantity * s.unit_price) AS amount
        FROM sales s JOIN products p ON p.product_id = s.product_id
       WHERE s.sold_at >= p_day AND s.sold_at < p_day + 1 AND NVL(s.status, 'OK') <> 'VOID'
       GROUP BY s.store_id, s.product_id;
    l_rows PLS_INTEGER := 0;
  BEGIN
    FOR r IN c_sales LOOP
      IF r.amount > 1000 OR p_force THEN
        UPDATE daily_totals t SET t.amount = t.amount + r.amount, t.changed_at = SYSDATE
         WHERE t.store_id = r.store_id AND t.product_id = r.product_id AND t.day = p_day;
      ELSE
        INSERT INTO daily_small (store_id, product_id, day, amount)
        VALUES (r.store_id, r.product_id, p_day, ROUND(r.amount, 2));
      END IF;
      l_rows := l_rows + SQL%ROWCOUNT;
    END LOOP;
    log_pkg.info('post_day', 'rows: ' || TO_CHAR(l_rows));
  EXCEPTION
    WHEN OTHERS THEN
      log_pkg.error(SQLERRM);
      RAISE;
  END post_day$N;
";

/// Statements that both parsers read.
const PLAIN: &str = "SELECT s.store_id, s.product_id, SUM(s.quantity * s.unit_price) AS amount FROM sales s \
JOIN products p ON p.product_id = s.product_id WHERE s.sold_at >= 20240101 AND COALESCE(s.status, 'OK') <> 'VOID' \
GROUP BY s.store_id, s.product_id HAVING SUM(s.quantity) > 10 ORDER BY amount DESC;
INSERT INTO daily_small (store_id, product_id, amount) VALUES (1, 2, 10.5);
UPDATE daily_totals SET amount = amount + 1, flag = CASE WHEN amount > 5 THEN 'Y' ELSE 'N' END WHERE store_id = 7;
DELETE FROM staging WHERE id IN (SELECT id FROM done WHERE loaded = 1);
";

fn parse(c: &mut Criterion) {
    let once = package_bodies();
    let mut group = c.benchmark_group("parse");
    group.sample_size(20);
    // Below the size from which chunks are parsed in parallel: one core.
    let text = once.repeat((200_000 / once.len().max(1)).max(1));
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("package bodies, one core", |b| {
        b.iter(|| syntax::parse_text(&text, FileId(0)));
    });
    // One unit is read by one core.
    let text = one_package(2_000_000);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("one package of 2 MB", |b| {
        b.iter(|| syntax::parse_text(&text, FileId(0)));
    });
    let text = PLAIN.repeat(200);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("plain statements", |b| {
        b.iter(|| syntax::parse_text(&text, FileId(0)));
    });
    group.bench_function("plain statements, sqlparser", |b| {
        b.iter(|| black_box(Parser::parse_sql(&OracleDialect {}, &text).expect("plain")));
    });
    group.finish();
}

/// Prints how fast the files of a folder are read, the best of three runs.
fn folder(dir: &Path) {
    let mut paths = Vec::new();
    files(dir, &[], &mut paths);
    let texts: Vec<String> = paths
        .iter()
        .filter_map(|p| std::fs::read(p).ok())
        .map(|bytes| decode(&bytes, None).text)
        .filter(|text| syntax::looks_like_sql(text))
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one_core = one_core.expect("a thread");
    let run = || {
        let start = Instant::now();
        for text in &texts {
            black_box(one_core.install(|| syntax::parse_text(text, FileId(0))));
        }
        start.elapsed().as_secs_f64()
    };
    let best = (0..3).map(|_| run()).fold(f64::MAX, f64::min);
    let speed = bytes as f64 / 1e6 / best;
    println!(
        "{}: {} files, {bytes} bytes, {speed:.1} MB/s",
        dir.display(),
        texts.len()
    );
}

/// Prints tokens and nodes by kind: how many, bytes of one, bytes of all as a multiple of the text.
fn nodes(path: &Path) {
    let bytes = std::fs::read(path).expect("the file is readable");
    let text = decode(&bytes, None).text;
    let mut table: Vec<(&str, usize, usize)> = Vec::new();
    let (mut tokens, mut significant) = (0, 0);
    syntax::parse_each(&text, FileId(0), &mut |unit| {
        tokens += unit.tape.len();
        significant += unit
            .tape
            .toks
            .iter()
            .filter(|t| **t != syntax::Tok::Trivia)
            .count();
        for (i, (name, n, size)) in unit.ast.sizes().into_iter().enumerate() {
            match table.get_mut(i) {
                Some(row) => row.1 += n,
                None => table.push((name, n, size)),
            }
        }
    });
    let times = |bytes: usize| bytes as f64 / text.len() as f64;
    let all: usize = table.iter().map(|(_, n, size)| n * size).sum();
    table.sort_by_key(|(_, n, size)| std::cmp::Reverse(n * size));
    println!(
        "{} bytes, {tokens} tokens, {significant} without blanks and comments",
        text.len()
    );
    println!("nodes | count | bytes of one | times the text");
    for (name, n, size) in table.into_iter().filter(|row| row.1 > 0) {
        println!("{name} | {n} | {size} | {:.2}", times(n * size));
    }
    println!("all nodes | | | {:.2}", times(all));
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|a| a == "--nodes") {
        args[at + 1..]
            .iter()
            .filter(|a| !a.starts_with('-'))
            .for_each(|f| nodes(Path::new(f)));
        return;
    }
    if let Some(at) = args.iter().position(|a| a == "--folder") {
        args[at + 1..]
            .iter()
            .filter(|a| !a.starts_with('-'))
            .for_each(|d| folder(Path::new(d)));
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    parse(&mut criterion);
    criterion.final_summary();
}
