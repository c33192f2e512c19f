//! `kafka/topics.sh`: run by bash and Kafka's own tool, then looked at through the client.

use super::Case;
use crate::harness::{Live, ensure};
use crate::project::Project;
use crate::stack::Stack;

pub fn cases() -> [(&'static str, Case); 3] {
    [
        ("kafka::the_tool_answers_as_in_a_shell", real_tool),
        ("kafka::topics_of_retail", |stack| {
            generated(stack, "retail")
        }),
        ("kafka::topics_of_meter", |stack| generated(stack, "meter")),
    ]
}

/// The shim itself: options reach TopicCommand, its exit code comes back.
fn real_tool(stack: &Stack) -> Live<()> {
    let broker = stack.kafka()?;
    let tool = stack.topic_tool()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("topics.sh");
    let create = format!(
        "set -e\nkafka-topics.sh --bootstrap-server {} --create --topic shim.check --partitions 2 --config cleanup.policy=compact\n",
        broker.bootstrap()
    );
    std::fs::write(&file, &create)?;
    tool.run_script(&file)?.expect_success("topics.sh")?;
    let client = broker.client();
    ensure(client.topics()?.get("shim.check") == Some(&2), || {
        "two partitions".to_owned()
    })?;
    let policy = client.topic_setting("shim.check", "cleanup.policy")?;
    ensure(policy.as_deref() == Some("compact"), || {
        format!("policy {policy:?}")
    })?;
    let again = tool.run_script(&file)?;
    ensure(!again.status.success(), || {
        "the same topic twice".to_owned()
    })?;
    ensure(again.stdout.contains("already exists"), || again.stdout)
}

/// Every planned topic is there with its partitions and its clean-up; a second run changes
/// nothing and fails nothing.
fn generated(stack: &Stack, sample: &str) -> Live<()> {
    let broker = stack.kafka()?;
    let tool = stack.topic_tool()?;
    let prefix = format!("topics.{sample}");
    let project = Project::migrate(
        sample,
        &[
            ("kafka.bootstrap", broker.bootstrap()),
            ("kafka.prefix", &prefix),
            ("kafka.replication", "1"),
        ],
    )?;
    for _ in 0..2 {
        tool.run_script(&project.path("kafka/topics.sh"))?
            .expect_success("kafka/topics.sh")?;
    }
    let client = broker.client();
    let found = client.topics()?;
    for topic in project.topics()? {
        let partitions = found.get(&topic.name).copied().unwrap_or_default();
        ensure(partitions as u64 == topic.partitions, || {
            format!("{topic:?}: {partitions} partitions")
        })?;
        let policy = client
            .topic_setting(&topic.name, "cleanup.policy")?
            .unwrap_or_default();
        ensure(policy == topic.cleanup, || {
            format!("{topic:?}: clean-up {policy}")
        })?;
        let result = topic.name.starts_with(&format!("{prefix}.result."));
        ensure(!result || policy == "compact", || {
            format!("{topic:?} is not compacted")
        })?;
    }
    Ok(())
}
