//! Large and extreme texts through the command: time and peak memory, each in a process of its own on one core.
//! `cargo bench --bench limits` prints a table: text, bytes, seconds, MB/s, peak memory in MiB, and what of it goes
//! beyond the text, as a multiple of the largest unit (the bar is 12). The last lines compare the time a byte at 64 MB
//! with that at 1 MB. The program itself takes some MiB of the peak; what it needs for one statement is printed first.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn package(routines: usize, name: &str) -> String {
    let mut text = format!("CREATE OR REPLACE PACKAGE BODY {name} AS\n");
    for n in 0..routines {
        text.push_str(&format!(
            "  PROCEDURE p{n} (a IN NUMBER, b IN VARCHAR2 DEFAULT 'x') IS\n    l_sum NUMBER := 0;\n  BEGIN\n    FOR r IN (SELECT k, SUM(v * 1.1) v FROM t{n} WHERE k > a AND c = b GROUP BY k) LOOP\n      IF r.v > 10 THEN\n        UPDATE totals SET v = v + r.v, changed = SYSDATE WHERE k = r.k;\n      ELSE\n        INSERT INTO small (k, v) VALUES (r.k, ROUND(r.v, 2));\n      END IF;\n      l_sum := l_sum + r.v;\n    END LOOP;\n    log_pkg.info('p{n}', 'sum ' || TO_CHAR(l_sum));\n  EXCEPTION\n    WHEN NO_DATA_FOUND THEN NULL;\n  END p{n};\n\n"
        ));
    }
    text + &format!("END {name};\n/\n")
}

/// Packages of about 20 kB behind each other.
fn packages(bytes: usize) -> String {
    let mut text = String::new();
    let mut n = 0;
    while text.len() < bytes {
        text.push_str(&package(32, &format!("k{n}")));
        n += 1;
    }
    text
}

fn joined(n: usize, one: impl Fn(usize) -> String, by: &str) -> String {
    (0..n).map(one).collect::<Vec<_>>().join(by)
}

/// Where the first unit of many ends, or the text.
fn largest_unit(text: &str) -> usize {
    text.find("\n/\n").map_or(text.len(), |n| n + 3)
}

fn texts() -> Vec<(&'static str, String)> {
    let open = |n: usize, what: &str| what.repeat(n);
    vec![
        ("1 MB of packages", packages(1_000_000)),
        ("64 MB of packages", packages(64_000_000)),
        ("one package of 2 MB", package(3_200, "large")),
        ("one package of 20 MB", package(32_000, "large")),
        (
            "5,000 nested parentheses",
            format!(
                "SELECT {}1{} FROM dual;\n",
                open(5_000, "("),
                open(5_000, ")")
            ),
        ),
        (
            "1,000 nested blocks",
            format!(
                "{}x := 1;\n{}/\n",
                open(1_000, "BEGIN\n"),
                open(1_000, "END;\n")
            ),
        ),
        (
            "100,000 elements in an IN list",
            format!(
                "SELECT 1 FROM t WHERE a IN ({});\n",
                joined(100_000, |n| n.to_string(), ", ")
            ),
        ),
        (
            "a literal of 10 MB",
            format!("INSERT INTO t VALUES ('{}');\n", "x".repeat(10 << 20)),
        ),
        (
            "100,000 concatenations",
            format!(
                "BEGIN\n  x := {};\nEND;\n/\n",
                joined(100_000, |n| format!("'a{n}'"), " || ")
            ),
        ),
        (
            "20,000 directives across the grammar",
            format!(
                "BEGIN\n{}END;\n/\n",
                "  x := 1 $IF $$a $THEN + 2; $ELSE + 3; $END\n".repeat(20_000)
            ),
        ),
        (
            "100,000 statements without a terminator",
            "select 1 from dual\n".repeat(100_000),
        ),
        (
            "100,000 open parentheses",
            format!("SELECT {} FROM dual;\n", open(100_000, "(")),
        ),
    ]
}

fn run(path: &Path) -> Value {
    let run = Command::new(env!("CARGO_BIN_EXE_ora2stream"))
        .args(["parse", "--json", "--quiet"])
        .arg(path)
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .expect("ora2stream");
    let out = String::from_utf8_lossy(&run.stdout).into_owned();
    let last = out
        .lines()
        .last()
        .unwrap_or_else(|| panic!("{} printed nothing", path.display()));
    serde_json::from_str::<Value>(last).expect("JSON")["summary"].clone()
}

fn main() {
    // Built and run as a test, there is nothing to do.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("text.sql");
    std::fs::write(&path, "COMMIT;\n").expect("written");
    let own = run(&path)["peak_rss_bytes"].as_f64().unwrap_or(0.0);
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    println!("the program itself: {:.1} MiB", mib(own));
    println!(
        "text | bytes | seconds | MB/s | MiB | MiB beyond the text | times the largest unit | the same without the program | errors"
    );
    let mut a_byte = Vec::new();
    for (name, text) in texts() {
        let path = dir.path().join("text.sql");
        std::fs::write(&path, &text).expect("written");
        let runs: Vec<Value> = (0..3).map(|_| run(&path)).collect();
        let number = |v: &Value, key: &str| v[key].as_f64().unwrap_or(0.0);
        let seconds = runs
            .iter()
            .map(|r| number(r, "seconds"))
            .fold(f64::MAX, f64::min);
        let (bytes, peak) = (text.len() as f64, number(&runs[0], "peak_rss_bytes"));
        println!(
            "{name} | {} | {seconds:.4} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {}",
            text.len(),
            bytes / 1e6 / seconds,
            mib(peak),
            mib(peak - bytes),
            (peak - bytes) / largest_unit(&text) as f64,
            (peak - bytes - own) / largest_unit(&text) as f64,
            number(&runs[0], "errors"),
        );
        a_byte.push(seconds / bytes);
    }
    println!(
        "time a byte at 64 MB is {:.2} times that at 1 MB",
        a_byte[1] / a_byte[0]
    );
}
