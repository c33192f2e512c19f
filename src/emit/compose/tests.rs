//! The compose file as YAML, the script as a shell reads it.

use super::*;
use crate::emit::testing::empty_plan;
use crate::plan::model::JobGroup;

#[test]
fn compose_is_yaml_without_secrets() {
    let files = Compose.emit(&empty_plan()).expect("emits");
    let text = String::from_utf8(files[0].contents.clone()).expect("text");
    let yaml: serde_json::Value = serde_saphyr::from_str(&text).expect("is YAML");
    assert_eq!(
        yaml["services"]["connect"]["environment"]["ORACLE_CDC_PASSWORD"],
        "${ORACLE_CDC_PASSWORD:?}"
    );
    for service in [
        "kafka",
        "topics",
        "connect",
        "jobmanager",
        "taskmanager",
        "cassandra",
        "schema",
        "zeppelin",
    ] {
        assert!(yaml["services"][service]["image"].is_string(), "{service}");
    }
}

#[test]
fn the_start_script_is_valid_shell_and_quotes_names() {
    let mut plan = empty_plan();
    plan.settings.connect.url = "http://h:1/$(touch x)'".into();
    plan.groups.push(JobGroup {
        name: "nightly".into(),
        entry: "N".into(),
        schedule: None,
        jobs: vec![],
    });
    let files = Compose.emit(&plan).expect("emits");
    let dir = tempfile::tempdir().expect("temp dir");
    let path = dir.path().join("start.sh");
    std::fs::write(&path, &files[1].contents).expect("writes");
    let status = std::process::Command::new("sh")
        .arg("-n")
        .arg(&path)
        .status()
        .expect("sh runs");
    assert!(status.success());
    let text = String::from_utf8_lossy(&files[1].contents).into_owned();
    assert!(
        text.contains(r"connect_url='http://h:1/$(touch x)'\'''"),
        "{text}"
    );
}

#[test]
fn a_variable_name_that_is_none_is_refused() {
    let mut plan = empty_plan();
    plan.settings.oracle.password_env = "X: y\n".into();
    assert!(Compose.emit(&plan).is_err());
}
