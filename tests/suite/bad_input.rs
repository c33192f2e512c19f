//! Bad input: each with a coded error, the right exit code, and nothing half-written.

use std::fs;

use super::support::{folder, run, snapshot};

#[test]
fn plans_that_are_not_ours_are_refused_without_a_trace() {
    let cases: [(&str, &[u8], i32, &str); 5] = [
        (
            "newer.json",
            b"{\"version\": 2, \"project\": {}, \"more\": [1]}",
            2,
            "U006",
        ),
        ("cut.json", b"{\"version\": 1, \"project\": {", 2, "U007"),
        ("other.json", b"[1, 2, 3]", 2, "U007"),
        ("bytes.json", b"\xff\xfe\x00", 2, "U007"),
        ("typo.json", b"{\"version\": 1, \"projct\": {}}", 2, "U007"),
    ];
    let files: Vec<(&str, &[u8])> = cases.iter().map(|c| (c.0, c.1)).collect();
    let dir = folder(&files);
    let out = dir.path().join("out");
    for (name, _, exit, code) in cases {
        let plan = dir.path().join(name);
        let arguments = [
            "generate",
            plan.to_str().expect("path"),
            "--out",
            out.to_str().expect("path"),
        ];
        run(arguments).exits(exit).says(code);
        assert!(!out.exists(), "{name} left something behind");
    }
    run([
        "generate",
        "no-such-plan.json",
        "--out",
        out.to_str().expect("path"),
    ])
    .exits(3)
    .says("U001");
}

#[test]
fn rules_with_unknown_facts_are_refused() {
    let rule = b"code = \"X001\"\nname = \"mine\"\n[when]\nall = [\"the_moon_is_full\"]\n";
    let dir = folder(&[("rules/dml/x.toml", rule), ("bad/dml/x.toml", b"code = ")]);
    let with = |name: &str| {
        let rules = dir.path().join(name);
        run(["explain", "P001", "--rules", rules.to_str().expect("path")])
    };
    let refused = with("rules").exits(2);
    assert!(refused.err.contains("error[L00"), "{}", refused.err);
    with("bad").exits(2).says("L002");
    with("missing").exits(2).says("L002");
}

#[test]
fn a_full_standard_output_is_exit_5() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return; // only where there is such a device
    };
    let status = super::support::program()
        .args(["completions", "bash"])
        .stdout(full)
        .status()
        .expect("program");
    assert_eq!(status.code(), Some(5));
}

#[test]
fn a_refused_run_touches_nothing() {
    let dir = folder(&[("plan.json", b"{}"), ("out/mine.txt", b"mine")]);
    let before = snapshot(dir.path());
    let (plan, out) = (dir.path().join("plan.json"), dir.path().join("out"));
    run([
        "generate",
        plan.to_str().expect("path"),
        "--out",
        out.to_str().expect("path"),
    ])
    .exits(2);
    assert_eq!(snapshot(dir.path()), before);
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("path")
}

/// Runs `migrate` and asserts that a refusal leaves no output folder.
fn refused(input: &std::path::Path, out: &std::path::Path, more: &[&str], exit: i32, code: &str) {
    let base = ["migrate", text(input), "--out", text(out)];
    run(base.iter().chain(more)).exits(exit).says(code);
    assert!(!out.exists(), "{code} left something behind");
}

#[test]
fn unusable_inputs_are_refused() {
    let tmp = folder(&[
        ("binary/x.sql", b"\x7fELF\0\0\0\0"),
        ("prose/letter.txt", b"Dear reader,\nnothing to see here.\n"),
        ("config/ora2stream.toml", b"[kafka]\nbootsrap = \"x:1\"\n"),
        ("config/a.sql", b"SELECT 1 FROM dual;\n"),
        ("good/a.sql", b"SELECT 1 FROM dual;\n"),
    ]);
    let at = |name: &str| tmp.path().join(name);
    fs::create_dir(at("empty")).expect("folder");
    let out = at("out");
    refused(&at("missing"), &out, &[], 3, "U001");
    refused(&at("empty"), &out, &[], 3, "U002");
    refused(&at("binary"), &out, &[], 3, "U002");
    refused(&at("prose"), &out, &[], 3, "U002");
    refused(
        &at("config"),
        &out,
        &[],
        2,
        "did you mean `kafka.bootstrap`?",
    );
    refused(
        &at("good"),
        &out,
        &["--set", "kafka.partitons=3"],
        2,
        "did you mean `kafka.partitions`?",
    );
    refused(&at("good"), &out, &["--encoding", "klingon"], 2, "U003");
    refused(
        &at("good"),
        &out,
        &["--rules", text(&at("missing"))],
        2,
        "L002",
    );
    refused(&at("good"), &at("good/a.sql/out"), &[], 5, "U005");
}

#[test]
fn damaged_files_are_read_as_far_as_they_go() {
    let whole = fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/retail/plsql/sales_pkg.pkb"),
    )
    .expect("the sample");
    let cut = &whole[..whole.len() / 2];
    let broken = [
        b"-- \xe6\xa4\x9c\xe9\x87\x9d \xff\xfe broken\n".as_slice(),
        &whole,
    ]
    .concat();
    let tmp = folder(&[
        ("in/cut.pkb", cut),
        ("in/broken.pkb", &broken),
        ("in/x.bin", b"\0\0"),
    ]);
    let out = tmp.path().join("out");
    let ran = run(["migrate", text(&tmp.path().join("in")), "--out", text(&out)]).exits(0);
    assert!(
        ran.err.contains("S002"),
        "broken UTF-8 is said: {}",
        ran.err
    );
    assert!(
        ran.err.contains("error[P00"),
        "the cut is said: {}",
        ran.err
    );
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("report/report.json")).expect("report"))
            .expect("JSON");
    assert_eq!(report["gate"]["ok"], true, "{}", report["gate"]);
    assert_eq!(report["gate"]["files_in"], 3);
}

#[test]
fn a_line_of_two_hundred_megabytes_is_survived() {
    use std::io::Write;
    let tmp = folder(&[("in/small.sql", b"SELECT 1 FROM dual;\n")]);
    let file = fs::File::create(tmp.path().join("in/large.sql")).expect("file");
    let mut file = std::io::BufWriter::new(file);
    file.write_all(b"INSERT INTO t VALUES ('").expect("write");
    let megabyte = vec![b'x'; 1 << 20];
    (0..200).for_each(|_| file.write_all(&megabyte).expect("write"));
    file.write_all(b"');\n").expect("write");
    drop(file);
    let parsed = run(["parse", text(&tmp.path().join("in")), "--json"]).exits(0);
    assert_eq!(parsed.out.lines().count(), 3);
    assert!(parsed.out.contains("\"clean_files\":2"), "{}", parsed.out);
}

/// A plan that is written out needs many kilobytes; the file size limit stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_leaves_nothing_half_written() {
    let tmp = folder(&[]);
    let out = tmp.path().join("out");
    let limited = |out: &std::path::Path| {
        std::process::Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_ora2stream"))
            .args(["migrate", "samples/retail", "--out"])
            .arg(out)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .map(super::support::Run::from)
            .expect("sh")
    };
    limited(&out).exits(5).says("U005");
    assert!(!out.exists(), "a first run leaves no folder");
    // Over a former run: everything stays as it was.
    run([
        "migrate",
        &format!("{}/samples/retail", env!("CARGO_MANIFEST_DIR")),
        "--out",
        text(&out),
    ])
    .exits(0);
    let report = out.join("report/report.json");
    fs::remove_file(&report).expect("remove");
    let before = snapshot(&out);
    limited(&out).exits(5).says("U005");
    assert_eq!(snapshot(&out), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_is_exit_5() {
    let tmp = folder(&[("in/a.sql", b"SELECT 1 FROM dual;\n")]);
    // Nobody, not even root, makes folders there.
    let out = std::path::Path::new("/proc/ora2stream-out");
    refused(&tmp.path().join("in"), out, &[], 5, "U005");
    run([
        "plan",
        text(&tmp.path().join("in")),
        "--out",
        "/proc/plan.json",
    ])
    .exits(5)
    .says("U005");
}

#[test]
fn a_plan_that_is_there_is_not_replaced_unasked() {
    let tmp = folder(&[
        ("in/a.sql", b"SELECT 1 FROM dual;\n"),
        ("plan.json", b"mine"),
    ]);
    let (input, plan) = (tmp.path().join("in"), tmp.path().join("plan.json"));
    run(["plan", text(&input), "--out", text(&plan)])
        .exits(2)
        .says("U004");
    assert_eq!(fs::read(&plan).expect("plan"), b"mine");
    run(["plan", text(&input), "--out", text(&plan), "--force"]).exits(0);
    run(["plan", text(&input), "--out", text(&plan)]).exits(0);
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_unreadable_files_leave_the_rest() {
    use std::os::unix::fs::symlink;
    let tmp = folder(&[
        ("in/a.sql", b"COMMIT;\n"),
        ("in/sub/b.sql", b"SELECT 1\rFROM dual\r;\r"),
        ("in/nul.sql", b"SELECT 1\0 FROM dual;\n"),
    ]);
    let input = tmp.path().join("in");
    symlink(&input, input.join("sub/again")).expect("link");
    symlink(input.join("nowhere"), input.join("dangling.sql")).expect("link");
    // A regular file by its kind, and nobody can read it from its start.
    symlink("/proc/self/mem", input.join("secret.sql")).expect("link");
    let ran = run(["parse", text(&input), "--json", "--skipped"])
        .exits(0)
        .says("S001");
    assert_eq!(ran.out.matches("\"file\"").count(), 2, "{}", ran.out);
    for (file, reason) in [
        ("sub/again", "a symbolic link"),
        ("dangling.sql", "a symbolic link"),
        ("nul.sql", "not text"),
        ("secret.sql", "not readable"),
    ] {
        let line = ran
            .out
            .lines()
            .find(|l| l.contains(&format!("\"skipped\":\"{file}")));
        assert!(
            line.is_some_and(|l| l.contains(reason)),
            "{file}: {}",
            ran.out
        );
    }
    run(["parse", text(&input), "--fail-on", "unreadable"]).exits(1);
}

/// Files that take no room on the disk: what is larger than is read is said, and the rest is read.
#[test]
fn files_of_a_gigabyte_and_more_are_said() {
    let tmp = folder(&[("in/small.sql", b"COMMIT;\n"), ("only/none", b"")]);
    let large = |name: &str, bytes: u64| {
        let file = fs::File::create(tmp.path().join(name)).expect("file");
        file.set_len(bytes).expect("length");
    };
    large("in/large.sql", 1 << 30);
    large("only/large.sql", 3 << 30);
    let (input, only, out) = ("in", "only/large.sql", "out");
    let at = |name: &str| tmp.path().join(name);
    let migrate = ["migrate", text(&at(input)), "--out", text(&at(out))].map(str::to_string);
    run(&migrate).exits(0).says("S004");
    let report = fs::read(at("out/report/report.json")).expect("report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["gate"]["ok"], true, "{}", report["gate"]);
    assert_eq!(report["gate"]["bytes_in"], (1u64 << 30) + 8);
    assert_eq!(report["gate"]["bytes_in"], report["gate"]["bytes_reported"]);
    let asked = ["--fail-on", "unreadable"].map(str::to_string);
    run(migrate.iter().chain(&asked)).exits(1);
    // With nothing else to read, the input is unusable.
    run(["parse", text(&at(only))]).exits(3).says("larger than");
    run(["parse", text(&at("only"))])
        .exits(3)
        .says("larger than");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_said() {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};
    let tmp = folder(&[
        ("in/still.sql", b"COMMIT;\n"),
        ("in/busy.sql", b"COMMIT;\n"),
    ]);
    let path = tmp.path().join("in/busy.sql");
    fs::write(&path, " ".repeat(16 << 20)).expect("file");
    let over = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new()
                .append(true)
                .open(&path)
                .expect("file");
            while !over.load(Ordering::Relaxed) {
                file.write_all(b"COMMIT;\n").expect("append");
            }
        });
        let ran = run(["parse", text(&tmp.path().join("in")), "--json"]);
        over.store(true, Ordering::Relaxed);
        ran
    });
    let ran = ran.exits(0).says("S005");
    assert_eq!(ran.out.matches("\"file\"").count(), 2, "{}", ran.out);
}
