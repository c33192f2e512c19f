//! ora2stream: Oracle PL/SQL batch systems to event streams. Data flows one way, a room a step
//! ([`pipeline::analyse`] is these lines in code):
//!
//! ```text
//! source    bytes -> text, files, spans
//! syntax    text -> units, tokens, trees          total: always a tree, plus diagnostics
//! catalog   trees -> tables, routines, jobs       each name known, or unknown with a reason
//! dataflow  jobs -> writes as relations + facts   every write found; lifted, or an obstacle
//! rules     facts -> a decision a write           data: rules/*.toml
//! plan      decisions -> plan.json                sources, topics, stream jobs, tables, residuals
//! emit      plan -> files                         pure functions through templates/
//! assess    everything -> report.json             the counts must add up, or the command fails
//! cli       arguments, files, exit codes          the only room with I/O (and `run`)
//! ```
//!
//! Shared below them: [`value`] (Oracle's values), [`rel`] (the relational IR), [`diag`] (diagnostics).

pub mod assess;
pub mod catalog;
pub mod cli;
pub mod dataflow;
pub mod diag;
pub mod emit;
pub mod pipeline;
pub mod plan;
pub mod prove;
pub mod rel;
pub mod rules;
pub mod run;
pub mod source;
pub mod syntax;
pub mod value;
