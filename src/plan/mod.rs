//! The migration plan: what is needed to generate and to run, and nothing else. `model` is plan.json;
//! `build` makes it from flows and rules.

pub mod build;
pub mod config;
pub mod model;
