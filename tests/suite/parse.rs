//! `parse`: what it prints for programs and for people.

use serde_json::Value;

use super::cli::with_input;
use super::support::{Run, folder, run};

fn lines(run: &Run) -> Vec<Value> {
    let line = |l: &str| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"));
    run.out.lines().map(line).collect()
}

#[test]
fn one_json_line_a_file_and_a_summary() {
    let dir = folder(&[
        ("a.sql", b"SELECT 1 FROM dual;\nSELECT 2 FROM dual;\n"),
        (
            "b/p.pkb",
            b"CREATE OR REPLACE PACKAGE BODY p AS\n PROCEDURE r IS BEGIN NULL; END;\nEND;\n/\n",
        ),
        ("c.sql", b"SET ECHO OFF\nSELECT FROM WHERE;\n"),
        ("readme.md", b"no SQL"),
    ]);
    let lines = lines(&run(["parse", dir.path().to_str().expect("path"), "--json"]).exits(0));
    let files: Vec<&str> = lines.iter().filter_map(|l| l["file"].as_str()).collect();
    assert_eq!(files, ["a.sql", "b/p.pkb", "c.sql"]);
    assert_eq!(
        (&lines[0]["units"], &lines[0]["errors"]),
        (&Value::from(2), &Value::from(0))
    );
    assert_eq!(lines[0]["first_error"], Value::Null);
    assert_eq!(lines[1]["units"], 1);
    assert_eq!(lines[2]["units"], 1, "a SQL*Plus command is not a unit");
    assert_eq!(lines[2]["first_error"]["line"], 2);
    assert_eq!(
        lines[2]["first_error"]["code"].as_str().map(|c| &c[..1]),
        Some("P")
    );
    let summary = &lines[3]["summary"];
    assert_eq!(
        (&summary["files"], &summary["clean_files"]),
        (&Value::from(3), &Value::from(2))
    );
    for key in [
        "bytes",
        "units",
        "statements",
        "errors",
        "error_bytes",
        "seconds",
        "mb_per_s",
        "peak_rss_bytes",
    ] {
        assert!(summary[key].is_number(), "{key}: {summary}");
    }
}

#[test]
fn standard_input_is_read_and_shown_as_a_tree() {
    let shown = with_input(
        &["parse", "-", "--tree"],
        b"UPDATE t SET a = 1 WHERE b = 'x';",
    )
    .exits(0);
    assert!(shown.out.contains("Update @0..32"), "{}", shown.out);
    assert!(shown.out.contains("target: Table T @7..8"), "{}", shown.out);
    assert!(shown.out.contains("String 'x' @29..32"), "{}", shown.out);
    let json = with_input(&["parse", "-", "--json"], b"COMMIT;").exits(0);
    assert_eq!(lines(&json)[0]["file"], "-");
}

#[test]
fn files_are_named_as_they_were_given() {
    let dir = folder(&[("a.sql", b"COMMIT;"), ("b.sql", b"COMMIT;")]);
    let paths = ["a.sql", "b.sql"].map(|f| dir.path().join(f).display().to_string());
    let json = lines(&run(["parse", &paths[0], &paths[1], "--json"]).exits(0));
    assert_eq!(json[1]["file"].as_str(), Some(paths[1].as_str()));
}

#[test]
fn errors_are_shown_with_their_source_and_fail_on_demand_only() {
    let dir = folder(&[("a.sql", b"BEGIN\n  x := ;\nEND;\n/\n")]);
    let path = dir.path().join("a.sql").display().to_string();
    let shown = run(["parse", &path]).exits(0);
    assert!(shown.err.contains("a.sql:2:"), "{}", shown.err);
    assert!(shown.err.contains("x := ;"), "{}", shown.err);
    run(["parse", &path, "--fail-on", "parse-error"]).exits(1);
    run(["parse", &path, "--fail-on", "nonsense"]).exits(2);
}

#[test]
fn bytes_count_the_original_and_encodings_are_named() {
    let text = "-- 検針値の集計\nSELECT 値 FROM 検針;\n";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    let dir = folder(&[("a.sql", &bytes)]);
    let json = lines(&run(["parse", dir.path().to_str().expect("path"), "--json"]).exits(0));
    assert_eq!(json[0]["bytes"], bytes.len());
    assert_eq!(json[0]["encoding"], "Shift_JIS");
    run([
        "parse",
        dir.path().to_str().expect("path"),
        "--encoding",
        "klingon",
    ])
    .exits(2)
    .says("U003");
}

#[test]
fn unusable_inputs_are_exit_3() {
    run(["parse", "no/such/path"]).exits(3).says("U001");
    let empty = folder(&[]);
    run(["parse", empty.path().to_str().expect("path")])
        .exits(3)
        .says("U002");
    let binary = folder(&[("x.sql", b"\x7fELF\0\0\0")]);
    run(["parse", binary.path().to_str().expect("path")])
        .exits(3)
        .says("U002");
}

#[test]
fn unreadable_files_are_reported_and_fail_on_demand() {
    let dir = folder(&[("a.sql", b"COMMIT;"), ("b.sql", b"\0\0")]);
    let path = dir.path().to_str().expect("path");
    run(["parse", path, "--fail-on", "unreadable"]).exits(0);
    let json = run(["parse", path, "--json"]).exits(0);
    assert_eq!(lines(&json)[1]["summary"]["files"], 1);
}

#[test]
fn what_was_skipped_is_listed_on_demand() {
    let dir = folder(&[
        ("a.sql", b"COMMIT;"),
        ("b.sql", b"x\0y"),
        ("notes.txt", b"no code here"),
    ]);
    let path = dir.path().to_str().expect("path");
    let quiet = run(["parse", path]).exits(0);
    assert!(quiet.out.contains("2 files skipped"), "{}", quiet.out);
    let shown = run(["parse", path, "--skipped"]).exits(0);
    assert!(
        shown.out.contains("b.sql: skipped: not text"),
        "{}",
        shown.out
    );
    let json = lines(&run(["parse", path, "--skipped", "--json"]).exits(0));
    let skipped: Vec<&str> = json.iter().filter_map(|l| l["skipped"].as_str()).collect();
    assert_eq!(skipped, ["b.sql", "notes.txt"]);
    assert!(json.last().expect("summary")["summary"].is_object());
}

#[test]
fn included_scripts_are_followed_and_missed() {
    let dir = folder(&[
        (
            "install.sql",
            b"DEFINE d = sub\n@@&d/one\n@gone.sql\nSTART install.sql\n",
        ),
        ("sub/one.sql", b"COMMIT;\n"),
    ]);
    let ran = run(["parse", dir.path().to_str().expect("path")]).exits(0);
    assert!(ran.err.contains("P006"), "{}", ran.err);
    assert!(
        ran.err.contains("gone.sql is not part of the input"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("includes itself"), "{}", ran.err);
    assert!(!ran.err.contains("sub/one"), "{}", ran.err);
}

#[test]
fn encodings_by_pattern_and_places_in_the_original() {
    let text = "-- 検針\nSELECT 値 FROM ;\n";
    let euc = encoding_rs::EUC_JP.encode(text).0.into_owned();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let dir = folder(&[
        (
            "ora2stream.toml",
            b"[encodings]\n\"old/*.sql\" = \"JA16EUC\"\n",
        ),
        ("old/a.sql", &euc),
        ("wide.sql", &wide),
    ]);
    let json = lines(&run(["parse", dir.path().to_str().expect("path"), "--json"]).exits(0));
    let expected = [
        ("EUC-JP", "certain", euc.len()),
        ("UTF-16LE", "likely", wide.len()),
    ];
    for (line, (encoding, confidence, bytes)) in json.iter().zip(expected) {
        assert_eq!(line["encoding"], encoding, "{line}");
        assert_eq!(line["confidence"], confidence, "{line}");
        assert_eq!(line["bytes"], bytes, "{line}");
        assert_eq!(line["first_error"]["line"], 2, "{line}");
        assert_eq!(line["first_error"]["column"], 15, "{line}");
        assert!(
            line["error_bytes"].as_u64() <= line["bytes"].as_u64(),
            "{line}"
        );
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut text = String::new();
    for n in 0..12_000 {
        text.push_str(&format!("INSERT INTO t VALUES ({n}, 'x');\nfoo {n};\n"));
    }
    let dir = folder(&[("a.sql", text.as_bytes()), ("b.sql", b"SELECT FROM;\n")]);
    let read = |threads: &str| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_ora2stream"))
            .args(["parse", "--json"])
            .arg(dir.path())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("ora2stream");
        let out = String::from_utf8(out.stdout).expect("UTF-8");
        out.lines().take(2).map(str::to_string).collect::<Vec<_>>()
    };
    let alone = read("1");
    assert!(alone[0].contains("\"statements\":24000"), "{}", alone[0]);
    assert_eq!(alone, read("4"));
}
