//! One module a command.

pub mod analyze;
pub mod backfill;
pub mod completions;
pub mod diff;
pub mod explain;
pub mod generate;
pub mod migrate;
pub mod parse;
pub mod plan;
pub mod prove;
pub mod sink;
pub mod verify;
