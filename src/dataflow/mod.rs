//! What batches mean: jobs walked into their routines, every write found, statements and loops lifted to the
//! relational IR, with the facts that decide whether a stream may stand for them. Must not know rules, plans
//! or targets.

mod analyze;
mod context;
mod cx;
mod env;
mod exec;
mod judge;
mod keys;
mod lineage;
mod lower;
pub mod model;
pub mod period;
mod raw;
pub mod reader;
mod schedule;
mod shape;
mod summary;
mod tree;
pub mod unique;
mod walk;

#[cfg(test)]
mod tests;

pub use analyze::{analyze, analyze_with};
pub use judge::Options;
