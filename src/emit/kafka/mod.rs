//! Topics in three forms, from one neutral list: `kafka-topics.sh` calls, Strimzi resources, Terraform.

#[cfg(test)]
mod tests;

use super::fragment::{CommentLine, Fragment, HclString, Number, ShellWord, YamlScalar};
use super::template::{Frame, render};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{Cleanup, Plan, Topic, TopicRole};

/// `kafka/`.
pub struct Kafka;

impl Emitter for Kafka {
    fn name(&self) -> &'static str {
        "kafka"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        let shell = render("kafka/topics.sh", &shell(plan))?;
        let strimzi = render("kafka/topics.strimzi.yaml", &strimzi(plan))?;
        let terraform = render("kafka/topics.tf", &terraform(plan))?;
        Ok(vec![
            GeneratedFile::script("kafka/topics.sh", shell),
            GeneratedFile::text("kafka/topics.strimzi.yaml", strimzi),
            GeneratedFile::text("kafka/topics.tf", terraform),
        ])
    }
}

/// Configuration entries of a topic, the same in all three forms.
fn configs(topic: &Topic) -> Vec<(&'static str, String)> {
    let policy = match topic.cleanup {
        Cleanup::Delete => "delete",
        Cleanup::Compact => "compact",
    };
    let mut out = vec![("cleanup.policy", policy.to_string())];
    out.extend(
        topic
            .retention_ms
            .map(|ms| ("retention.ms", ms.to_string())),
    );
    out
}

fn role(role: TopicRole) -> &'static str {
    match role {
        TopicRole::Cdc => "changes of a table",
        TopicRole::File => "lines of files",
        TopicRole::Result => "result of a stream job",
        TopicRole::DeadLetter => "rejected records",
        TopicRole::Control => "control events",
        TopicRole::SchemaHistory => "schema history of the connector",
        TopicRole::Heartbeat => "heartbeat of the connector",
        TopicRole::Transaction => "transaction metadata of the connector",
    }
}

fn what(topic: &Topic) -> CommentLine {
    match &topic.table {
        Some(table) => CommentLine::new(&format!("{}: {table}", role(topic.role))),
        None => CommentLine::new(role(topic.role)),
    }
}

/// Replicas of a topic: never more than the user's replication factor.
fn replication(plan: &Plan) -> Number {
    Number::new(plan.settings.kafka.replication)
}

fn shell(plan: &Plan) -> Frame {
    let topic = |t: &Topic| {
        let entries = configs(t)
            .into_iter()
            .map(|(k, v)| ShellWord::new(&format!("{k}={v}")));
        Frame::new()
            .hole("what", &what(t))
            .hole("name", &ShellWord::new(&t.name))
            .hole("partitions", &Number::new(t.partitions))
            .fragments("configs", entries)
    };
    Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .hole("bootstrap", &ShellWord::new(&plan.settings.kafka.bootstrap))
        .hole("replication", &replication(plan))
        .list("topics", plan.topics.iter().map(topic))
}

fn strimzi(plan: &Plan) -> Frame {
    let topic = |t: &Topic| {
        let entries = configs(t).into_iter().map(|(k, v)| {
            let value: Box<dyn Fragment> = match v.parse::<i64>() {
                Ok(n) => Box::new(Number::new(n)),
                Err(_) => Box::new(YamlScalar::new(&v)),
            };
            Frame::new()
                .hole("key", &YamlScalar::new(k))
                .hole("value", &YamlScalar::printed(value.as_text()))
        });
        Frame::new()
            .hole("resource", &YamlScalar::new(&resource(&t.name)))
            .hole("role", &YamlScalar::new(role(t.role)))
            .hole("name", &YamlScalar::new(&t.name))
            .hole("partitions", &Number::new(t.partitions))
            .hole("replication", &replication(plan))
            .list("configs", entries)
    };
    Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .list("topics", plan.topics.iter().map(topic))
}

/// A Kubernetes resource name: lower case letters, digits, `-` and `.`, beginning and ending with a letter or digit.
fn resource(topic: &str) -> String {
    let fold = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-' => c,
        _ => '-',
    };
    let folded: String = topic.chars().map(fold).collect();
    let name = folded.trim_matches(|c| c == '-' || c == '.').to_string();
    // Names that differ only in what was folded must not meet: Kubernetes would take one for the other.
    if name == topic {
        name
    } else {
        format!("{name}-{:08x}", fnv(topic))
    }
}

fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    })
}

fn terraform(plan: &Plan) -> Frame {
    let topic = |t: &Topic| {
        let label = resource(&t.name).replace(['.', '-'], "_");
        let entries = configs(t).into_iter().map(|(k, v)| {
            Frame::new()
                .hole("key", &HclString::new(k))
                .hole("value", &HclString::new(&v))
        });
        Frame::new()
            .hole("what", &what(t))
            .hole("resource", &HclString::new(&format!("t_{label}")))
            .hole("name", &HclString::new(&t.name))
            .hole("partitions", &Number::new(t.partitions))
            .hole("replication", &replication(plan))
            .list("configs", entries)
    };
    let servers: Vec<String> = plan
        .settings
        .kafka
        .bootstrap
        .split(',')
        .map(|s| HclString::new(s.trim()).to_string())
        .collect();
    Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .hole("bootstrap", &HclString::printed(servers.join(", ")))
        .list("topics", plan.topics.iter().map(topic))
}
