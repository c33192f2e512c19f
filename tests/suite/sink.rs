//! `sink` at the command line, as far as it goes without a system: generated specifications, keys, advice.

use crate::support::{folder, run};
use std::fs;

/// The specification that `migrate` writes for the sample, with systems that nobody runs.
fn generated() -> (tempfile::TempDir, String) {
    let dir = folder(&[]);
    let out = dir.path().join("out").display().to_string();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/retail");
    run([
        "migrate",
        sample,
        "--out",
        &out,
        "--set",
        "kafka.bootstrap=127.0.0.1:1",
        "--set",
        "cassandra.contact_points=127.0.0.1:1",
        "--set",
        "cassandra.keyspace=shop",
    ])
    .exits(0);
    (dir, format!("{out}/sink/shop.toml"))
}

#[test]
fn a_generated_specification_is_read_and_its_keys_are_checked() {
    let (_dir, spec) = generated();
    // It is read, and only then a system is missed: the server, or its feature in a build without it.
    run(["sink", "run", &spec]).exits(4).says("help:");
    let text = fs::read_to_string(&spec).expect("a specification");
    assert!(text.contains("key = ["), "keys of records are named");
    for (from, to, said) in [
        ("on_delete", "on_delet", "did you mean `on_delete`?"),
        ("dead_letter", "dead_leter", "did you mean `dead_letter`?"),
        ("max_errors", "max_record = 5\nmax_errros", "R001"),
    ] {
        // A key stands at the beginning of a line; the comments name it too.
        let wrong = text.replacen(&format!("\n{from}"), &format!("\n{to}"), 1);
        fs::write(&spec, wrong).expect("written");
        run(["sink", "run", &spec]).exits(2).says(said);
        run(["sink", "replay", &spec]).exits(2).says(said);
    }
    fs::write(&spec, text.replacen("version = 1", "version = 7", 1)).expect("written");
    run(["sink", "status", &spec]).exits(2).says("R002");
}

#[test]
fn help_tells_exit_codes_and_the_replay() {
    let help = run(["sink", "run", "--help"]).exits(0);
    let told = help.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "Exit codes:",
        "--until-caught-up",
        "--metrics",
        "sink replay",
        "consumer group",
    ] {
        assert!(told.contains(words), "no {words:?} in\n{told}");
    }
    run(["sink"]).exits(2);
    run(["sink", "run"]).exits(2);
    run(["explain", "R019"]).exits(0);
}
