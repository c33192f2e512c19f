//! Files that a system reads without being started: the connector's configuration, notes.

use super::Case;
use crate::connect::Finding;
use crate::harness::{Live, ensure, failed};
use crate::project::Project;
use crate::stack::Stack;
use crate::{connect, zeppelin};
use std::path::PathBuf;

pub fn cases() -> [(&'static str, Case); 7] {
    [
        ("debezium::config_of_retail", |_| accepted("retail")),
        ("debezium::config_of_meter", |_| accepted("meter")),
        ("debezium::a_misspelt_key_is_noticed", misspelt_key),
        ("debezium::a_wrong_value_is_noticed", wrong_value),
        ("zeppelin::notes_of_retail", |_| notes("retail")),
        ("zeppelin::notes_of_meter", |_| notes("meter")),
        ("zeppelin::a_broken_note_is_noticed", broken_note),
    ]
}

/// The one connector configuration that `migrate` writes.
fn config(sample: &str) -> Live<String> {
    let project = Project::migrate(sample, &[])?;
    let files = project.files("cdc", "json")?;
    let [file] = &files[..] else {
        return Err(failed(format!("more than one configuration: {files:?}")));
    };
    Ok(std::fs::read_to_string(file)?)
}

/// What the connector says about a configuration, whose secrets come from the environment.
fn findings(config: &str) -> Live<Vec<Finding>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("connector.json");
    std::fs::write(&file, config)?;
    let secrets: Vec<(&str, &str)> = environment(config).map(|name| (name, "secret")).collect();
    connect::check(&file, &secrets)
}

/// The names in `${env:NAME}`.
fn environment(config: &str) -> impl Iterator<Item = &str> {
    let parts = config.split("${env:").skip(1);
    parts.filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn accepted(sample: &str) -> Live<()> {
    connect::expect_only_connection(&findings(&config(sample)?)?)
}

/// The generated configuration, changed in one place.
fn changed(from: &str, to: &str) -> Live<Vec<Finding>> {
    let good = config("retail")?;
    let bad = good.replacen(from, to, 1);
    ensure(bad != good, || {
        format!("{from} is not in the configuration")
    })?;
    findings(&bad)
}

fn misspelt_key(_: &Stack) -> Live<()> {
    let findings = changed("\"decimal.handling.mode\"", "\"decimal.handlng.mode\"")?;
    let noticed = |f: &Finding| f.kind == "unknown" && f.key == "decimal.handlng.mode";
    ensure(findings.iter().any(noticed), || format!("{findings:#?}"))?;
    ensure(connect::expect_only_connection(&findings).is_err(), || {
        "the misspelt key passes".to_owned()
    })
}

fn wrong_value(_: &Stack) -> Live<()> {
    let findings = changed(
        "\"decimal.handling.mode\": \"string\"",
        "\"decimal.handling.mode\": \"text\"",
    )?;
    let noticed = |f: &Finding| f.kind == "error" && f.key == "decimal.handling.mode";
    ensure(findings.iter().any(noticed), || format!("{findings:#?}"))
}

/// Every note is read; what it holds is for interpreters that a Zeppelin has.
fn notes(sample: &str) -> Live<()> {
    let project = Project::migrate(sample, &[])?;
    let notes = project.files("zeppelin", "zpln")?;
    let paragraphs = zeppelin::paragraphs(&notes)?;
    for note in &notes {
        let name = note.display().to_string();
        ensure(paragraphs.iter().any(|p| p.note == name), || {
            format!("{name} is empty")
        })?;
    }
    for paragraph in &paragraphs {
        let known = ["md", "cassandra", "spark.pyspark"];
        ensure(known.contains(&paragraph.interpreter.as_str()), || {
            format!("{paragraph:?}: interpreter")
        })?;
    }
    Ok(())
}

fn broken_note(_: &Stack) -> Live<()> {
    let folder = tempfile::tempdir()?;
    let passes = |name: &str, text: &str| -> Live<bool> {
        let file: PathBuf = folder.path().join(name);
        std::fs::write(&file, text)?;
        Ok(zeppelin::read(&[file])?.status.success())
    };
    let good = r##"{"id":"2KAAAAAAA","name":"n","paragraphs":[{"id":"p1","text":"%md\n# n"}]}"##;
    ensure(passes("n_2KAAAAAAA.zpln", good)?, || {
        "the good note is refused".to_owned()
    })?;
    ensure(!passes("n_2KAAAAAAB.zpln", good)?, || {
        "another id passes".to_owned()
    })?;
    let without_text = good.replace("\"text\"", "\"txt\"");
    ensure(!passes("n_2KAAAAAAA.zpln", &without_text)?, || {
        "a paragraph without text passes".to_owned()
    })
}
