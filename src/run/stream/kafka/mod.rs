//! Kafka, as the sink sees it: a member of the group, the topic of dead letters, and questions to the brokers.

pub mod ask;
pub mod config;
pub mod ears;
pub mod feed;
pub mod letters;
