//! Apache Flink SQL: one gateway for the whole run; the real SQL client and an older
//! version for single runs.

pub mod client;
pub mod gateway;
pub mod runner;
pub mod script;

pub use gateway::{Gateway, Running};
