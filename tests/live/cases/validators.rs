//! Files that a system reads without being started: the connector's configuration, notes.

use super::Case;
use crate::harness::{Live, ensure, home};
use crate::stack::Stack;
use crate::{connect, zeppelin};

pub fn cases() -> [(&'static str, Case); 3] {
    [
        ("debezium::a_misspelt_key_is_noticed", misspelt_key),
        ("debezium::a_wrong_value_is_noticed", wrong_value),
        ("zeppelin::a_broken_note_is_noticed", broken_note),
    ]
}

/// A configuration known to be right, changed in one place.
fn changed(from: &str, to: &str) -> Live<Vec<connect::Finding>> {
    let good = crate::harness::own_file("fixtures/oracle-connector.json")?;
    let bad = good.replace(from, to);
    ensure(bad != good, || format!("{from} is not in the fixture"))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("connector.json");
    std::fs::write(&file, &bad)?;
    connect::check(&file, &[("ORACLE_PASSWORD", "secret")])
}

fn misspelt_key(_: &Stack) -> Live<()> {
    let good = connect::check(
        &home().join("fixtures").join("oracle-connector.json"),
        &[("ORACLE_PASSWORD", "secret")],
    )?;
    connect::expect_only_connection(&good)?;
    let findings = changed("decimal.handling.mode", "decimal.handlng.mode")?;
    let noticed = |f: &connect::Finding| f.kind == "unknown" && f.key == "decimal.handlng.mode";
    ensure(findings.iter().any(noticed), || format!("{findings:#?}"))
}

fn wrong_value(_: &Stack) -> Live<()> {
    let findings = changed("\"hybrid\"", "\"online\"")?;
    let noticed = |f: &connect::Finding| f.kind == "error" && f.key == "log.mining.strategy";
    ensure(findings.iter().any(noticed), || format!("{findings:#?}"))
}

fn broken_note(_: &Stack) -> Live<()> {
    let folder = tempfile::tempdir()?;
    let note = |name: &str, text: &str| -> Live<bool> {
        let file = folder.path().join(name);
        std::fs::write(&file, text)?;
        Ok(zeppelin::paragraphs(&[file]).is_ok())
    };
    let good = r##"{"id":"2KAAAAAAA","name":"n","paragraphs":[{"id":"p1","text":"%md\n# n"}]}"##;
    ensure(note("n_2KAAAAAAA.zpln", good)?, || {
        "the good note is refused".to_owned()
    })?;
    ensure(!note("n_2KAAAAAAB.zpln", good)?, || {
        "another id passes".to_owned()
    })?;
    let without_text = good.replace("\"text\"", "\"txt\"");
    ensure(!note("n_2KAAAAAAA.zpln", &without_text)?, || {
        "a paragraph without text passes".to_owned()
    })
}
