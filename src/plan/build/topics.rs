//! All topics of the plan, from sources, files, jobs and the connector's own needs.

use std::collections::BTreeMap;

use crate::plan::model::{Capture, Cleanup, Plan, Topic, TopicRole};

/// Topics in order of name; a name that several things need is made once.
pub fn build(plan: &Plan) -> Vec<Topic> {
    let mut topics = BTreeMap::new();
    let mut add = |t: Topic| {
        topics.entry(t.name.clone()).or_insert(t);
    };
    let k = &plan.settings.kafka;
    let table_topic = |name: &str, role, cleanup, table: &crate::rel::TableName| Topic {
        name: name.into(),
        role,
        partitions: k.partitions,
        cleanup,
        // Results and changelogs are the state itself: compaction bounds them, age must not.
        retention_ms: None,
        table: Some(table.clone()),
    };
    for s in plan.sources.iter().filter(|s| s.capture == Capture::Cdc) {
        // Compacted: the last change of every key stays, so that a job can always start from the beginning.
        add(table_topic(
            &s.topic,
            TopicRole::Cdc,
            Cleanup::Compact,
            &s.table,
        ));
    }
    for f in &plan.file_inputs {
        add(table_topic(
            &f.topic,
            TopicRole::File,
            Cleanup::Delete,
            &f.table,
        ));
    }
    for j in plan.groups.iter().flat_map(|g| &g.jobs) {
        add(table_topic(
            &j.topic,
            TopicRole::Result,
            Cleanup::Compact,
            &j.write.target,
        ));
    }
    for t in service_topics(plan) {
        add(t);
    }
    topics.into_values().collect()
}

/// What the connector and the sink need beside the data.
fn service_topics(plan: &Plan) -> Vec<Topic> {
    let prefix = &plan.settings.kafka.prefix;
    let one = |name: String, role, retention_ms| Topic {
        name,
        role,
        partitions: 1,
        cleanup: Cleanup::Delete,
        retention_ms,
        table: None,
    };
    let mut out = vec![one(
        format!("{prefix}.dead-letter"),
        TopicRole::DeadLetter,
        Some(-1),
    )];
    if plan.sources.iter().any(|s| s.capture == Capture::Cdc) {
        // The schema history is read from its beginning at every start: it must never expire.
        out.push(one(
            format!("{prefix}.schema-history"),
            TopicRole::SchemaHistory,
            Some(-1),
        ));
        out.push(one(
            format!("__debezium-heartbeat.{prefix}"),
            TopicRole::Heartbeat,
            None,
        ));
        out.push(one(
            format!("{prefix}.transaction"),
            TopicRole::Transaction,
            None,
        ));
    }
    out
}
