//! The topic script: run by bash and Kafka's own tool, then looked at through the client.

use super::Case;
use crate::harness::{Live, ensure};
use crate::stack::Stack;

pub fn cases() -> [(&'static str, Case); 1] {
    [("kafka::topic_scripts_run_with_the_real_tool", real_tool)]
}

/// The tool's shim itself: options reach TopicCommand, its exit code comes back.
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
