//! The three forms, read back.

use super::*;
use crate::emit::testing::empty_plan;

fn plan() -> Plan {
    let mut plan = empty_plan();
    let topic = |name: &str, role, cleanup, retention_ms| Topic {
        name: name.into(),
        role,
        partitions: 3,
        cleanup,
        retention_ms,
        table: None,
    };
    plan.topics = vec![
        topic("ora.R.T", TopicRole::Cdc, Cleanup::Compact, None),
        topic("ora.r.t", TopicRole::Cdc, Cleanup::Compact, None),
        topic(
            "ora.schema-history",
            TopicRole::SchemaHistory,
            Cleanup::Delete,
            Some(-1),
        ),
    ];
    plan.settings.kafka.bootstrap = "h:1\"$(touch x)`,b:2".into();
    plan
}

fn text(name: &str) -> String {
    let files = Kafka.emit(&plan()).expect("emits");
    let file = files
        .into_iter()
        .find(|f| f.path == name)
        .expect("is there");
    String::from_utf8(file.contents).expect("is UTF-8")
}

#[test]
fn the_script_escapes_its_settings_and_names_every_topic() {
    let sh = text("kafka/topics.sh");
    assert!(
        sh.contains("topic ora.R.T 3 cleanup.policy=compact\n"),
        "{sh}"
    );
    assert!(
        sh.contains("topic ora.schema-history 3 cleanup.policy=delete retention.ms=-1\n"),
        "{sh}"
    );
    assert!(
        sh.contains("default_bootstrap='h:1\"$(touch x)`,b:2'\n"),
        "{sh}"
    );
}

#[test]
fn strimzi_resources_have_legal_and_different_names() {
    let yaml = text("kafka/topics.strimzi.yaml");
    let docs: Vec<serde_json::Value> = serde_saphyr::from_multiple(&yaml).expect("is YAML");
    let docs: Vec<_> = docs.into_iter().filter(|d| !d.is_null()).collect();
    assert_eq!(docs.len(), 3);
    let names: std::collections::BTreeSet<_> = docs
        .iter()
        .map(|d| d["metadata"]["name"].as_str().expect("text").to_string())
        .collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|n| {
        n.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c))
    }));
    assert_eq!(docs[2]["spec"]["config"]["retention.ms"], -1);
    assert_eq!(docs[0]["spec"]["topicName"], "ora.R.T");
}

#[test]
fn terraform_lists_the_servers_and_distinct_resources() {
    let tf = text("kafka/topics.tf");
    assert_eq!(tf.matches("resource \"kafka_topic\"").count(), 3);
    assert!(
        tf.contains("default = [\"h:1\\\"$(touch x)`\", \"b:2\"]"),
        "{tf}"
    );
}
