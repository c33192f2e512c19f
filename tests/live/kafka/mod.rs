//! Apache Kafka: one broker for the whole run, a client over rdkafka, and the real topic
//! tool for generated scripts.

pub mod broker;
pub mod client;
pub mod topic_tool;

pub use broker::Broker;
pub use client::{Client, Record};
