//! Rules are data: one TOML a rule selects a builder over a closed vocabulary of facts. Rust owns facts and
//! builders; the files own the decision, its rationale and its examples. Sees dataflow's facts and the plan
//! model; must not know syntax or targets.

mod explain;
mod facts;
mod matcher;
mod registry;
mod schema;
#[cfg(test)]
mod tests;

pub use explain::explain;
pub use facts::{fact_from_name, fact_name};
pub use matcher::Decision;
pub use registry::{Registry, RuleError};
pub use schema::{Builder, Example, ExampleKind, FunctionRule, Rule, Status, TypeRule};
