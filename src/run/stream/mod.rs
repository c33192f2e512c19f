//! The sink: topics into Cassandra tables, as a member of a consumer group, until it is told to stop.
//!
//! `pump` is the loop; it knows its feed, its target and its dead letters by traits only. `decode` says what a record
//! means for a table, `clock` when it counts as written, `tracker` which offsets may be committed. The rest talks to
//! Kafka (`kafka`) and Cassandra (`write`), and shows how far it is.

pub mod cells;
pub mod clock;
pub mod decode;
pub mod json;
pub mod pump;
pub mod route;
pub mod shared;
pub mod show;
pub mod tracker;

#[cfg(all(feature = "cassandra", feature = "kafka"))]
mod kafka;
#[cfg(all(feature = "cassandra", feature = "kafka"))]
mod metrics;
mod start;
#[cfg(test)]
mod tests;
#[cfg(all(feature = "cassandra", feature = "kafka"))]
mod write;

pub use start::{Lag, Options, Outcome, replay, run, status};
