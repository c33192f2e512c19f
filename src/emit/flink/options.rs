//! Options of connectors and of the session.

use crate::plan::model::{Plan, TopicRole};

type Options = Vec<(String, String)>;

fn pair(key: &str, value: impl Into<String>) -> (String, String) {
    (key.into(), value.into())
}

/// SETs of a script.
pub fn session(plan: &Plan, job_name: &str) -> Options {
    let flink = &plan.settings.flink;
    let mut set = vec![
        pair("pipeline.name", job_name),
        pair("table.local-time-zone", "UTC"),
        // delivery is at least once: rows are made unique by key, and deleted rows find their old image
        pair("table.exec.source.cdc-events-duplicate", "true"),
        // 2.3 asks for ON CONFLICT, which 2.2 cannot parse; this keeps the behaviour of 2.2 in both
        pair("table.exec.sink.require-on-conflict", "false"),
        // a function of the clock under a retraction is refused instead of leaving rows behind
        pair(
            "table.optimizer.non-deterministic-update.strategy",
            "TRY_RESOLVE",
        ),
        pair(
            "execution.checkpointing.interval",
            &flink.checkpoint_interval,
        ),
    ];
    if let Some(dir) = &flink.checkpoint_dir {
        set.push(pair("execution.checkpointing.dir", dir));
    }
    if let Some(n) = flink.parallelism {
        set.push(pair("parallelism.default", n.to_string()));
    }
    if let Some(ttl) = &flink.state_ttl {
        set.push(pair("table.exec.state.ttl", ttl));
    }
    set
}

fn kafka(plan: &Plan, connector: &str, topic: &str) -> Options {
    vec![
        pair("connector", connector),
        pair("topic", topic),
        pair(
            "properties.bootstrap.servers",
            &plan.settings.kafka.bootstrap,
        ),
    ]
}

/// A topic of Debezium envelopes.
pub fn changelog_source(plan: &Plan, topic: &str) -> Options {
    let mut options = kafka(plan, "kafka", topic);
    options.push(pair("properties.isolation.level", "read_committed"));
    options.push(pair("scan.startup.mode", "earliest-offset"));
    bounded(plan, &mut options);
    options.push(pair("format", "debezium-json"));
    options
}

/// A topic of lines of files, each a JSON object.
pub fn append_source(plan: &Plan, topic: &str) -> Options {
    let mut options = kafka(plan, "kafka", topic);
    options.push(pair("properties.isolation.level", "read_committed"));
    options.push(pair("scan.startup.mode", "earliest-offset"));
    bounded(plan, &mut options);
    options.push(pair("format", "json"));
    options
}

/// A result topic read back.
pub fn upsert_source(plan: &Plan, topic: &str) -> Options {
    let mut options = kafka(plan, "upsert-kafka", topic);
    options.push(pair("properties.isolation.level", "read_committed"));
    bounded(plan, &mut options);
    options.push(pair("key.format", "json"));
    options.push(pair("value.format", "json"));
    options
}

/// A result topic.
pub fn upsert_sink(plan: &Plan, topic: &str) -> Options {
    let mut options = kafka(plan, "upsert-kafka", topic);
    for part in ["key", "value"] {
        options.push(pair(&format!("{part}.format"), "json"));
        options.push(pair(
            &format!("{part}.json.encode.decimal-as-plain-number"),
            "true",
        ));
        options.push(pair(
            &format!("{part}.json.timestamp-format.standard"),
            "SQL",
        ));
    }
    options
}

fn bounded(plan: &Plan, options: &mut Options) {
    if plan.settings.flink.bounded {
        options.push(pair("scan.bounded.mode", "latest-offset"));
    }
}

/// True if the plan has the topic as a result topic.
pub fn is_result_topic(plan: &Plan, topic: &str) -> bool {
    plan.topics
        .iter()
        .any(|t| t.name == topic && t.role == TopicRole::Result)
}
