//! ora2stream: Oracle PL/SQL batch systems to event streams.
pub mod assess;
pub mod catalog;
pub mod cli;
pub mod dataflow;
pub mod diag;
pub mod emit;
pub mod pipeline;
pub mod plan;
pub mod rel;
pub mod rules;
pub mod run;
pub mod source;
pub mod syntax;
pub mod value;
