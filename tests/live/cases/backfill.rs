//! Loads into a real node: bad rows, rates, signals, locks, and what goes wrong before the first row.

use super::Case;
use crate::backfill::{Load, Target, create, expect_rows, number, rows, wait};
use crate::cassandra::Node;
use crate::cassandra::node::Settings;
use crate::harness::process::Finished;
use crate::harness::{Live, ensure, failed};
use crate::stack::Stack;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

pub fn cases() -> [(&'static str, Case); 9] {
    [
        ("backfill::large_cells", large_cells),
        ("backfill::duplicate_keys", duplicate_keys),
        ("backfill::bad_rows_and_retry", bad_rows_and_retry),
        ("backfill::throttle", throttle),
        ("backfill::signal", signal),
        ("backfill::lock", lock),
        ("backfill::missing_and_changed", missing_and_changed),
        ("backfill::passwords", passwords),
        ("backfill::full_disk", full_disk),
    ]
}

fn into<'a>(node: &Node, table: &'a str) -> Target<'a> {
    Target::Cassandra {
        port: node.port(),
        table,
        more: "",
    }
}

fn dead_letters(load: &Load) -> Live<Vec<Value>> {
    let text = std::fs::read_to_string(load.state().join("dead-letter.jsonl"))?;
    let parsed = text.lines().map(serde_json::from_str);
    Ok(parsed.collect::<Result<Vec<Value>, _>>()?)
}

/// Good rows arrive, bad ones are written down with column, reason, raw text and place, and load after a fix.
fn bad_rows_and_retry(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "bad_rows")?;
    let csv = "PK,CK,NOTE\n1,1,good\n1,x,no number\n,3,no key\n2,2,also good\n3,99999999999,too large\n4,1\n5,5,last\n";
    let load = Load::of_csv(csv, into(node, "bad_rows"), "")?;
    load.expect("run", &["--progress", "none"], 1)?;
    let good = |rows: &[(i64, i32, &str)]| -> Vec<(i64, i32, String)> {
        rows.iter()
            .map(|(p, c, n)| (*p, *c, (*n).to_owned()))
            .collect()
    };
    let mut wanted = good(&[(1, 1, "good"), (2, 2, "also good"), (5, 5, "last")]);
    expect_rows(node, "bad_rows", &wanted)?;
    let status = load.status()?.ok_or_else(|| failed("no manifest"))?;
    let count = |key| number(&status, key);
    ensure(
        (count("read")?, count("written")?, count("rejected")?) == (7, 3, 4),
        || status.to_string(),
    )?;
    let mut dead = dead_letters(&load)?;
    ensure(dead.len() == 4, || format!("{dead:?}"))?;
    let number_form = dead
        .iter()
        .find(|d| d["column"] == "CK" && d["value"] == "x");
    let place = number_form.map(|d| (d["position"]["line"].clone(), d["raw"].clone()));
    ensure(place == Some((3.into(), "1,x,no number".into())), || {
        format!("{dead:?}")
    })?;

    // The fix: one row is repaired in the file of dead letters, the others stay as they are.
    for d in &mut dead {
        if d["value"] == "x" {
            d["row"]["CK"] = "2".into();
        }
    }
    let text: String = dead.iter().map(|d| format!("{d}\n")).collect();
    std::fs::write(load.state().join("dead-letter.jsonl"), text)?;
    load.expect("retry-failed", &["--progress", "none"], 1)?;
    wanted.extend(good(&[(1, 2, "no number")]));
    expect_rows(node, "bad_rows", &wanted)?;
    let status = load.status()?.ok_or_else(|| failed("no manifest"))?;
    ensure(
        (number(&status, "written")?, number(&status, "rejected")?) == (4, 3),
        || status.to_string(),
    )?;
    ensure(dead_letters(&load)?.len() == 3, || "three stay".into())
}

/// Of rows that share a key the first stays, whole; the others are rejected, wherever in the file they stand.
fn duplicate_keys(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "twice")?;
    let mut all = rows(20_000);
    let (early, late) = (all[5].clone(), all[19_990].clone());
    all[7].2.clear(); // NULL in the row that stays
    let null = (all[7].0, all[7].1);
    let mut file = all.clone();
    file.push((early.0, early.1, "a later row".into()));
    file.push((null.0, null.1, "where the first has NULL".into()));
    file.push(all[11].clone()); // the same row twice is no contradiction
    file.insert(3, (late.0, late.1, "an earlier row".into()));
    let load = Load::new(&file, into(node, "twice"), "")?;
    load.expect("run", &["--progress", "none"], 1)?;
    all[19_990].2 = "an earlier row".into();
    let held = |all: &[crate::backfill::Row]| -> Live<()> {
        let others: Vec<_> = all.iter().filter(|r| (r.0, r.1) != null).cloned().collect();
        let found: Vec<(i64, i32, Option<String>)> =
            node.rows("SELECT pk, ck, note FROM loads.twice")?;
        let at_null = found.iter().find(|r| (r.0, r.1) == null);
        ensure(at_null.is_some_and(|r| r.2.is_none()), || {
            format!("a mixture of two rows: {at_null:?}")
        })?;
        node.run(&format!(
            "DELETE FROM loads.twice WHERE pk = {} AND ck = {}",
            null.0, null.1
        ))?;
        expect_rows(node, "twice", &others)
    };
    held(&all)?;
    let dead = dead_letters(&load)?;
    let mut lines: Vec<(u64, String)> = dead
        .iter()
        .map(|d| {
            let line = d["position"]["line"].as_u64().unwrap_or(0);
            (line, format!("{} {}", d["code"], d["column"]))
        })
        .collect();
    lines.sort();
    let said = "\"duplicate-key\" \"PK, CK\"".to_owned();
    let wanted = [19_993, 20_003, 20_004].map(|line| (line, said.clone()));
    ensure(lines == wanted, || format!("{lines:?}"))?;
    let status = load.status()?.ok_or_else(|| failed("no manifest"))?;
    let counts = |status: &Value| -> Live<_> {
        let count = |key| number(status, key);
        Ok((count("read")?, count("written")?, count("rejected")?))
    };
    ensure(counts(&status)? == (20_004, 20_001, 3), || {
        status.to_string()
    })?;
    // One gets a key of its own; the others still share theirs, and a retry says so.
    let text: String = dead
        .into_iter()
        .map(|mut d| {
            if d["row"]["NOTE"] == "a later row" {
                d["row"]["CK"] = "77".into();
            }
            format!("{d}\n")
        })
        .collect();
    std::fs::write(load.state().join("dead-letter.jsonl"), text)?;
    load.expect("retry-failed", &["--progress", "none"], 1)?;
    let again: Vec<(Option<String>,)> = node.rows(&format!(
        "SELECT note FROM loads.twice WHERE pk = {} AND ck = 77",
        early.0
    ))?;
    ensure(again == [(Some("a later row".to_owned()),)], || {
        format!("{again:?}")
    })?;
    let status = load.status()?.ok_or_else(|| failed("no manifest"))?;
    ensure(counts(&status)? == (20_004, 20_002, 2), || {
        status.to_string()
    })
}

/// Cells of 10 MB among small ones: all arrive, and the memory stays within what `memory_mb` allows.
fn large_cells(stack: &Stack) -> Live<()> {
    const CELL: usize = 10 << 20;
    const ALLOWED_MB: u64 = 64;
    /// The program itself, its threads and its connections.
    const PROGRAM_MB: u64 = 40;
    let node = stack.cassandra()?;
    create(node, "large")?;
    let text = |n: usize| {
        let letter = char::from(b'a' + n as u8);
        letter.to_string().repeat(CELL)
    };
    let mut csv = String::from("PK,CK,NOTE\n");
    for n in 0..12 {
        csv.push_str(&format!("{n},0,{}\n{n},1,small\n", text(n)));
    }
    let limits = format!("memory_mb = {ALLOWED_MB}");
    let load = Load::of_csv(&csv, into(node, "large"), &limits)?;
    let wide = std::fs::read_to_string(load.spec())?.replace(
        "{ type = \"varchar\", length = 400 }",
        "{ type = \"clob\" }",
    );
    std::fs::write(load.spec(), wide)?;
    let mut child = load.start("run", &["--progress", "none"])?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    let code = wait(&mut child)?;
    ensure(code == 0, || {
        std::fs::read_to_string(load.path("err")).unwrap_or_default()
    })?;
    eprintln!("live: 12 cells of 10 MB in {} MiB", peak / 1024);
    ensure(peak / 1024 <= ALLOWED_MB + PROGRAM_MB, || {
        format!(
            "{} MiB where {ALLOWED_MB} for rows are allowed",
            peak / 1024
        )
    })?;
    for n in 0..12 {
        let found: Vec<(String,)> = node.rows(&format!(
            "SELECT note FROM loads.large WHERE pk = {n} AND ck = 0"
        ))?;
        ensure(found.len() == 1 && found[0].0 == text(n), || {
            format!("row {n} is not as it was")
        })?;
    }
    node.run("DROP TABLE loads.large")
}

/// 5,000 rows a second, within five in a hundred.
fn throttle(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "throttled")?;
    let rows = rows(25_000);
    let load = Load::new(&rows, into(node, "throttled"), "rows_per_second = 5000")?;
    let done = load.expect("run", &["--progress", "json"], 0)?;
    let last = done.stderr.lines().rfind(|l| l.contains("\"end\""));
    let last: Value = serde_json::from_str(last.ok_or_else(|| failed("no progress"))?)?;
    let rate = last["rows_per_s"].as_f64().unwrap_or(0.0);
    ensure((rate - 5000.0).abs() <= 250.0, || format!("{rate} rows/s"))?;
    expect_rows(node, "throttled", &rows)
}

fn signal(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "signalled")?;
    let rows = rows(30_000);
    let load = Load::new(&rows, into(node, "signalled"), "rows_per_second = 8000")?;
    let mut child = load.start("run", &["--progress", "none"])?;
    std::thread::sleep(Duration::from_millis(1200));
    let pid = child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status()?;
    let code = wait(&mut child)?;
    let said = std::fs::read_to_string(load.path("err"))?;
    ensure(code == 130 && said.contains("backfill resume"), || {
        format!("ended with {code}\n{said}")
    })?;
    let status = load.status()?.ok_or_else(|| failed("no manifest"))?;
    ensure(number(&status, "open")? == 0, || status.to_string())?;
    ensure(status["complete"] == false, || status.to_string())?;
    load.expect(
        "resume",
        &["--rows-per-second", "1000000", "--progress", "none"],
        0,
    )?;
    expect_rows(node, "signalled", &rows)
}

fn lock(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "locked")?;
    let rows = rows(10_000);
    let load = Load::new(&rows, into(node, "locked"), "rows_per_second = 4000")?;
    let mut first = load.start("run", &["--progress", "none"])?;
    std::thread::sleep(Duration::from_millis(700));
    let second = load.expect("resume", &["--progress", "none"], 2)?;
    expect_code(&second, "R003")?;
    ensure(wait(&mut first)? == 0, || {
        "the first run is disturbed".into()
    })?;
    expect_rows(node, "locked", &rows)
}

fn expect_code(done: &Finished, code: &str) -> Live<()> {
    let said = &done.stderr;
    ensure(said.contains(code) && said.contains("help:"), || {
        format!("no {code} with advice in\n{said}")
    })
}

fn missing_and_changed(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "changed")?;
    let rows = rows(10);
    let load = Load::new(&rows, into(node, "not_there"), "")?;
    expect_code(&load.expect("run", &[], 4)?, "R009")?;

    let load = Load::new(&rows, into(node, "changed"), "")?;
    node.run("ALTER TABLE loads.changed DROP note")?;
    node.run("ALTER TABLE loads.changed ADD note_2 text")?;
    let done = load.expect("run", &[], 4)?;
    expect_code(&done, "R010")?;
    ensure(done.stderr.contains("note"), || done.stderr.clone())?;

    let closed = Target::Cassandra {
        port: 1,
        table: "changed",
        more: "",
    };
    let load = Load::new(&rows, closed, "")?;
    expect_code(&load.expect("run", &[], 4)?, "R007")
}

/// A wrong password is said to be one; the right one is nowhere to be seen.
fn passwords(_: &Stack) -> Live<()> {
    let node = Node::start_with(Settings {
        passwords: true,
        ..Settings::default()
    })?;
    create(&node, "guarded")?;
    let rows = rows(5_000);
    let more = "user_env = \"LIVE_USER\"\npassword_env = \"LIVE_PASSWORD\"";
    let target = Target::Cassandra {
        port: node.port(),
        table: "guarded",
        more,
    };
    let load = Load::new(&rows, target, "rows_per_second = 5000")?;
    expect_code(&load.expect("run", &[], 2)?, "D005")?;

    let with = |password: &str| {
        let mut command = load.command("run", &["--progress", "lines"]);
        command
            .env("LIVE_USER", "cassandra")
            .env("LIVE_PASSWORD", password)
            .env("ORA2STREAM_LOG", "trace");
        command
    };
    let run = |command| crate::harness::process::run("backfill", command, crate::harness::PATIENCE);
    let refused = run(with("not-the-password"))?;
    ensure(refused.status.code() == Some(4), || refused.stderr.clone())?;
    expect_code(&refused, "R008")?;

    node.run(
        "CREATE ROLE loader WITH PASSWORD = 'quite-secret' AND LOGIN = true AND SUPERUSER = true",
    )?;
    let mut command = with("quite-secret");
    command.env("LIVE_USER", "loader");
    let done = run(command)?;
    ensure(done.status.success(), || done.stderr.clone())?;
    expect_rows(&node, "guarded", &rows)?;
    let mut seen = format!("{}{}", done.stdout, done.stderr);
    for entry in std::fs::read_dir(load.state())? {
        seen.push_str(&String::from_utf8_lossy(&std::fs::read(entry?.path())?));
    }
    ensure(!seen.contains("quite-secret"), || {
        "the password is in the output or in the state folder".into()
    })
}

/// A manifest that cannot be written ends the load with exit code 5 and advice.
fn full_disk(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    create(node, "full_disk")?;
    let load = Load::new(&rows(10), into(node, "full_disk"), "")?;
    std::fs::create_dir(load.state())?;
    let full = load.state().join("manifest.jsonl.new");
    std::os::unix::fs::symlink("/dev/full", full)?;
    let done = load.expect("run", &["--progress", "none"], 5)?;
    expect_code(&done, "R014")?;
    ensure(done.stderr.contains("disk is full"), || done.stderr.clone())
}
