//! The interpreter: runs PL/SQL as written, statement by statement, on a database in memory with Oracle's semantics.
//! Sees trees and the catalogue; must not know how the lifting understands the code. What it cannot run it refuses.

mod bind;
mod code;
mod db;
mod interval;
mod machine;
mod prog;
mod stop;
mod val;
mod walk;

#[cfg(test)]
mod tests;

pub use machine::{Limits, Machine};
pub use prog::{Branch, Estate};
pub use stop::{OraError, Refusal, Stop, Why, in_input};
