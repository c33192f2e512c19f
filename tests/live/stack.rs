//! The systems, each started when the first test asks for it and shared by the rest.

use crate::cassandra::Node;
use crate::flink::Gateway;
use crate::harness::process::Process;
use crate::harness::{Live, Trouble};
use crate::kafka::Broker;
use crate::kafka::topic_tool::TopicTool;
use std::sync::OnceLock;
use std::time::Instant;

/// Everything a test can ask for. Dropping it stops everything.
#[derive(Default)]
pub struct Stack {
    flink: OnceLock<Result<Gateway, Trouble>>,
    topic_tool: OnceLock<Result<TopicTool, Trouble>>,
    kafka: OnceLock<Result<Broker, Trouble>>,
    cassandra: OnceLock<Result<Node, Trouble>>,
}

/// The system, started now if it is not there; a start that failed once is not tried again.
fn shared<'a, T>(
    cell: &'a OnceLock<Result<T, Trouble>>,
    name: &str,
    start: impl FnOnce() -> Live<T>,
) -> Live<&'a T> {
    let started = cell.get_or_init(|| {
        let clock = Instant::now();
        let result = start();
        if result.is_ok() {
            eprintln!(
                "live: {name} is up after {:.1} s",
                clock.elapsed().as_secs_f32()
            );
        }
        result
    });
    started.as_ref().map_err(Clone::clone)
}

impl Stack {
    /// The Kafka broker.
    pub fn kafka(&self) -> Live<&Broker> {
        shared(&self.kafka, "Kafka", Broker::start)
    }

    /// Kafka's topic tool.
    pub fn topic_tool(&self) -> Live<&TopicTool> {
        let broker = self.kafka()?;
        shared(&self.topic_tool, "Kafka's topic tool", || {
            TopicTool::start(broker)
        })
    }

    /// The Cassandra node.
    pub fn cassandra(&self) -> Live<&Node> {
        shared(&self.cassandra, "Cassandra", Node::start)
    }

    /// The Flink SQL gateway.
    pub fn flink(&self) -> Live<&Gateway> {
        shared(&self.flink, "Flink", Gateway::start)
    }

    /// The ends of the logs of all that runs.
    pub fn logs(&self) -> String {
        fn up<T>(cell: &OnceLock<Result<T, Trouble>>) -> Option<&T> {
            cell.get().and_then(|r| r.as_ref().ok())
        }
        let node = up(&self.cassandra).map(Node::process);
        let broker = up(&self.kafka).map(Broker::process);
        let processes: [Option<&Process>; 3] = [
            broker.as_deref(),
            node.as_deref(),
            up(&self.flink).map(Gateway::process),
        ];
        let tails: Vec<String> = processes.into_iter().flatten().map(|p| p.tail(8)).collect();
        tails.join("\n")
    }
}
