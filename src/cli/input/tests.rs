use super::*;
use std::fs;

fn estate(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("temporary folder");
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
    }
    dir
}

fn read_all(path: &Path) -> Input {
    let encodings = Encodings::default();
    read(path, plain(&encodings), &|_| {}).expect("readable")
}

fn plain(encodings: &Encodings) -> Reading<'_> {
    Reading {
        encodings,
        exclude: &[],
        schedule_files: &[],
        out: None,
        max_bytes: MAX_READ,
    }
}

fn sources(input: &Input) -> Vec<&str> {
    input.sources.iter().map(|(_, f)| f.path.as_str()).collect()
}

#[test]
fn every_file_is_counted_and_sorted() {
    let dir = estate(&[
        ("b/two.pkb", b"CREATE PACKAGE BODY p AS END;"),
        ("a.sql", b"SELECT 1 FROM dual;"),
        ("notes.txt", b"nothing to see"),
        ("script.txt", b"SELECT 1\n FROM dual;"),
        ("logo.png", b"\x89PNG\0"),
        ("blob.sql", b"ab\0cd"),
        ("dictionary/tables.csv", b"OWNER,TABLE_NAME\n"),
        ("crontab", b"0 1 * * * x"),
        (".git/config.sql", b"SELECT 2 FROM dual;"),
    ]);
    let input = read_all(dir.path());
    assert_eq!(sources(&input), ["a.sql", "b/two.pkb", "script.txt"]);
    let aux: Vec<_> = input.aux.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(aux, ["crontab", "dictionary/tables.csv"]);
    let skipped: Vec<_> = input
        .skipped
        .iter()
        .map(|s| (s.path.as_str(), s.reason.clone()))
        .collect();
    assert_eq!(
        skipped,
        [
            ("blob.sql", SkipReason::Binary),
            ("logo.png", SkipReason::NotRecognised),
            ("notes.txt", SkipReason::NotRecognised),
        ]
    );
    assert_eq!(input.files(), 8);
    assert_eq!(input.ignored_dirs, [".git"]);
}

#[cfg(unix)]
#[test]
fn links_do_not_go_in_circles_and_read_nothing_twice() {
    let dir = estate(&[("d/a.sql", b"SELECT 1 FROM dual;")]);
    std::os::unix::fs::symlink(dir.path(), dir.path().join("d/loop")).expect("link");
    std::os::unix::fs::symlink(dir.path().join("d/a.sql"), dir.path().join("again.sql"))
        .expect("link");
    std::os::unix::fs::symlink("nowhere", dir.path().join("dangling.sql")).expect("link");
    let elsewhere = estate(&[("x.sql", b"SELECT 2 FROM dual;")]);
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("other")).expect("link");
    let input = read_all(dir.path());
    assert_eq!(sources(&input), ["d/a.sql", "other/x.sql"]);
    let links: Vec<_> = input.skipped.iter().map(|s| s.path.as_str()).collect();
    assert_eq!(links, ["again.sql", "d/loop", "dangling.sql"]);
}

#[test]
fn outputs_and_excluded_files_are_left_out() {
    let dir = estate(&[
        ("a.sql", b"SELECT 1 FROM dual;"),
        ("old/b.sql", b"SELECT 1 FROM dual;"),
        ("was/.ora2stream/manifest.json", b"{}"),
        ("was/schema.sql", b"SELECT 1 FROM dual;"),
        ("out/c.sql", b"SELECT 1 FROM dual;"),
    ]);
    let encodings = Encodings::default();
    let exclude = ["old/".to_string()];
    let out = dir.path().join("out");
    let reading = Reading {
        exclude: &exclude,
        out: Some(&out),
        ..plain(&encodings)
    };
    let input = read(dir.path(), reading, &|_| {}).expect("readable");
    assert_eq!(sources(&input), ["a.sql"]);
    assert_eq!(input.skipped[0].reason, SkipReason::Excluded);
    assert_eq!(input.ignored_dirs, ["out", "was"]);
}

#[test]
fn unusable_inputs_say_why() {
    let encodings = Encodings::default();
    let missing = read(Path::new("no/such/path"), plain(&encodings), &|_| {}).expect_err("missing");
    assert_eq!(
        (missing.findings[0].code, missing.exit as u8),
        (Code::NoSuchPath, 3)
    );
    let empty = estate(&[]);
    let failure = require_sources(empty.path(), &read_all(empty.path())).expect_err("empty");
    assert_eq!(
        (failure.findings[0].code, failure.exit as u8),
        (Code::NothingToRead, 3)
    );
    let binary = estate(&[("x.sql", b"\0\0\0")]);
    let file = binary.path().join("x.sql");
    let failure = require_sources(&file, &read_all(&file)).expect_err("binary");
    assert!(failure.findings[0].message.ends_with("is not text"));
}

#[test]
fn a_named_file_is_a_source_whatever_it_is_called() {
    let dir = estate(&[("query", b"x"), ("other.sql", b"y")]);
    assert_eq!(sources(&read_all(&dir.path().join("query"))), ["query"]);
}

#[test]
fn schedule_files_must_be_there() {
    let dir = estate(&[
        ("a.sql", b"SELECT 1 FROM dual;"),
        ("plan.dat", b"0 1 * * *"),
    ]);
    let encodings = Encodings::default();
    let read_with = |name: &str| {
        let files = [name.to_string()];
        let reading = Reading {
            schedule_files: &files,
            ..plain(&encodings)
        };
        read(dir.path(), reading, &|_| {})
    };
    assert_eq!(
        read_with("plan.dat").expect("there").aux[0].path,
        "plan.dat"
    );
    assert_eq!(
        read_with("missing.sql").expect_err("not there").exit as u8,
        2
    );
}

#[test]
fn files_beyond_the_limit_are_said_and_the_rest_is_read() {
    let dir = estate(&[("a.sql", b"COMMIT;"), ("b.sql", &[b' '; 2 << 20])]);
    let encodings = Encodings::default();
    let reading = Reading {
        max_bytes: 1 << 20,
        ..plain(&encodings)
    };
    let input = read(dir.path(), reading, &|_| {}).expect("readable");
    assert_eq!(sources(&input), ["a.sql"]);
    assert_eq!(input.skipped[0].reason, SkipReason::TooLarge(1));
}

#[test]
fn scripts_without_an_extension_are_told_by_their_first_line() {
    let dir = estate(&[
        (
            "run_daily",
            b"#!/bin/ksh\nsqlplus -s x <<EOF\nEXEC p.run;\nEOF\n",
        ),
        (
            "load_daily",
            b"LOAD DATA INFILE 'x.dat' INTO TABLE t (a CHAR)",
        ),
        (
            "notes",
            b"Select a seat from the list.\nDrop your bags, please.\n",
        ),
        ("page.txt", b"<html>SELECT 1 FROM dual;</html>"),
    ]);
    let input = read_all(dir.path());
    assert_eq!(sources(&input), ["load_daily"]);
    let aux: Vec<_> = input.aux.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(aux, ["run_daily"]);
    let skipped: Vec<_> = input.skipped.iter().map(|s| s.path.as_str()).collect();
    assert_eq!(skipped, ["notes", "page.txt"]);
}
