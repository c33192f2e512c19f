//! The command line: arguments, configuration, reading, writing. With `run` the only room that does I/O.

pub mod args;
pub mod config;
pub mod exit;
pub mod glob;
pub mod input;
mod version;
