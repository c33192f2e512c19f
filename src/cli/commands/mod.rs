//! One module a command.

pub mod completions;
pub mod diff;
pub mod explain;
pub mod generate;
pub mod parse;
pub mod plan;
