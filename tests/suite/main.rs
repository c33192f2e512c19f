//! The suite: what holds across rooms and at the command line. One module a subject.

mod arch;
mod backfill;
mod bad_input;
mod catalog;
mod cli;
mod defects;
mod estates;
mod gate;
mod injection;
mod migrate;
mod parse;
mod patterns;
mod prove;
mod report;
mod rules;
mod sink;
mod support;
