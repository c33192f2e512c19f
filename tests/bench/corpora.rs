//! Reads open corpora of Oracle code and prints a table. They are no part of this repository:
//!
//!     cargo bench --bench corpora -- --root DIR [--fetch] [--list]
//!
//! DIR holds a folder for each corpus (ORA2STREAM_CORPORA is its default). `--fetch` clones what is not there;
//! `--list` prints what would be. Files that are not valid Oracle are listed in corpora-exceptions.toml, each with
//! the reason. Ends with 1 where a file has errors and is not listed, or is listed and has none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

/// A corpus: its folder under the root, its repository, and what of it is read.
struct Corpus {
    name: &'static str,
    repository: &'static str,
    folders: &'static [&'static str],
}

const CORPORA: &[Corpus] = &[
    Corpus {
        name: "antlr",
        repository: "antlr/grammars-v4",
        folders: &["sql/plsql/examples", "sql/plsql/more-examples"],
    },
    Corpus {
        name: "zpa",
        repository: "felipebz/zpa",
        folders: &[""],
    },
    Corpus {
        name: "pmd",
        repository: "pmd/pmd",
        folders: &["pmd-plsql/src/test/resources"],
    },
    Corpus {
        name: "utplsql",
        repository: "utPLSQL/utPLSQL",
        folders: &[""],
    },
    Corpus {
        name: "alexandria",
        repository: "mortenbra/alexandria-plsql-utils",
        folders: &[""],
    },
    Corpus {
        name: "db-sample-schemas",
        repository: "oracle-samples/db-sample-schemas",
        folders: &[""],
    },
    Corpus {
        name: "oracle-db-examples",
        repository: "oracle/oracle-db-examples",
        folders: &[""],
    },
    Corpus {
        name: "logger",
        repository: "OraOpenSource/Logger",
        folders: &[""],
    },
];

/// One row of the table.
#[derive(Default)]
struct Row {
    files: u64,
    bytes: u64,
    clean: u64,
    errors: u64,
    error_bytes: u64,
    opaque: u64,
    seconds: f64,
    /// Files with errors: the first of them.
    faulty: BTreeMap<String, String>,
    /// All files.
    seen: BTreeSet<String>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|a| a == flag);
    // Built and run as a test, there is nothing to do.
    if has("--test") {
        return ExitCode::SUCCESS;
    }
    if has("--list") {
        list();
        return ExitCode::SUCCESS;
    }
    let given = args
        .iter()
        .position(|a| a == "--root")
        .and_then(|i| args.get(i + 1))
        .cloned();
    let Some(root) = given.or_else(|| std::env::var("ORA2STREAM_CORPORA").ok()) else {
        eprintln!("no corpora: give --root DIR, or set ORA2STREAM_CORPORA; --list names them");
        return ExitCode::SUCCESS;
    };
    let root = PathBuf::from(root);
    if has("--fetch") {
        CORPORA.iter().for_each(|c| fetch(&root, c));
    }
    let exceptions = exceptions();
    println!("corpus files bytes clean listed errors error_bytes opaque MB/s");
    let mut good = true;
    let mut total = Row::default();
    for corpus in CORPORA {
        let Some(row) = read(&root, corpus) else {
            println!("{} is not under {}", corpus.name, root.display());
            continue;
        };
        good &= judge(corpus, &row, &exceptions);
        total.add(&row);
    }
    total.print("all", exceptions.len());
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn list() {
    for c in CORPORA {
        let folders = c
            .folders
            .iter()
            .map(|f| if f.is_empty() { "all of it" } else { f });
        println!(
            "{}: {} ({})",
            c.name,
            c.repository,
            folders.collect::<Vec<_>>().join(", ")
        );
    }
}

fn fetch(root: &Path, corpus: &Corpus) {
    let dir = root.join(corpus.name);
    if dir.exists() {
        return;
    }
    let host = std::env::var("ORA2STREAM_GIT").unwrap_or_else(|_| "https://github.com".into());
    let url = format!("{host}/{}", corpus.repository);
    let clone = Command::new("git")
        .args(["clone", "--depth", "1", "--quiet", &url])
        .arg(&dir)
        .status();
    if !clone.is_ok_and(|s| s.success()) {
        eprintln!("{url} could not be fetched");
    }
}

/// `(corpus, file)` to why it is not valid.
fn exceptions() -> BTreeMap<(String, String), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/corpora-exceptions.toml");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let table: toml::Table = toml::from_str(&text).expect("corpora-exceptions.toml");
    let rows = table.get("exception").and_then(toml::Value::as_array);
    let field = |row: &toml::Value, key: &str| {
        let value = row.get(key).and_then(toml::Value::as_str);
        value
            .unwrap_or_else(|| panic!("an exception without `{key}`: {row}"))
            .to_string()
    };
    let one = |row: &toml::Value| {
        (
            (field(row, "corpus"), field(row, "file")),
            field(row, "why"),
        )
    };
    rows.into_iter().flatten().map(one).collect()
}

/// Runs `parse --json` on one core; None where the corpus is not there.
fn read(root: &Path, corpus: &Corpus) -> Option<Row> {
    let base = root.join(corpus.name);
    let dirs: Vec<PathBuf> = corpus.folders.iter().map(|f| base.join(f)).collect();
    if !dirs.iter().all(|d| d.is_dir()) {
        return None;
    }
    let mut row = Row::default();
    for dir in dirs {
        let run = Command::new(env!("CARGO_BIN_EXE_ora2stream"))
            .args(["parse", "--json", "--quiet"])
            .arg(&dir)
            .env("RAYON_NUM_THREADS", "1")
            .output()
            .expect("ora2stream");
        let prefix = dir
            .strip_prefix(&base)
            .unwrap_or(Path::new(""))
            .display()
            .to_string();
        for line in String::from_utf8_lossy(&run.stdout).lines() {
            row.line(&serde_json::from_str(line).expect("JSON"), &prefix);
        }
    }
    Some(row)
}

impl Row {
    fn line(&mut self, line: &Value, prefix: &str) {
        if let Some(summary) = line.get("summary") {
            self.seconds += summary["seconds"].as_f64().unwrap_or(0.0);
            return;
        }
        let number = |key: &str| line[key].as_u64().unwrap_or(0);
        let name = line["file"].as_str().unwrap_or("");
        let name = format!("{prefix}/{name}").trim_matches('/').to_string();
        self.files += 1;
        self.bytes += number("bytes");
        self.clean += u64::from(number("errors") == 0);
        self.errors += number("errors");
        self.error_bytes += number("error_bytes");
        self.opaque += number("opaque");
        if number("errors") > 0 {
            let first = &line["first_error"];
            let text = format!(
                "{}: {}",
                first["line"],
                first["message"].as_str().unwrap_or("")
            );
            self.faulty.insert(name.clone(), text);
        }
        self.seen.insert(name);
    }

    fn add(&mut self, other: &Row) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.clean += other.clean;
        self.errors += other.errors;
        self.error_bytes += other.error_bytes;
        self.opaque += other.opaque;
        self.seconds += other.seconds;
    }

    fn print(&self, name: &str, listed: usize) {
        println!(
            "{name} {} {} {} {listed} {} {} {} {:.1}",
            self.files,
            self.bytes,
            self.clean,
            self.errors,
            self.error_bytes,
            self.opaque,
            self.bytes as f64 / 1e6 / self.seconds.max(1e-9)
        );
    }
}

/// Prints a corpus and what is wrong with its exceptions.
fn judge(corpus: &Corpus, row: &Row, exceptions: &BTreeMap<(String, String), String>) -> bool {
    let mine: BTreeSet<&str> = exceptions
        .keys()
        .filter(|(c, _)| c == corpus.name)
        .map(|(_, file)| file.as_str())
        .collect();
    row.print(corpus.name, mine.len());
    let mut good = true;
    for (file, error) in row
        .faulty
        .iter()
        .filter(|(f, _)| !mine.contains(f.as_str()))
    {
        println!("  NOT LISTED {file}:{error}");
        good = false;
    }
    let stale = |f: &&&str| row.seen.contains(**f) && !row.faulty.contains_key(**f);
    for file in mine.iter().filter(stale) {
        println!("  LISTED, BUT CLEAN {file}");
        good = false;
    }
    good
}
