//! PL/SQL, SQL*Plus and Oracle SQL as typed trees: `text -> units -> tokens -> tree`.
//! Total: every text yields a tree plus errors, nothing panics, nothing is dropped.
//! Must not know the catalogue or what code means.

#![doc = include_str!("coverage.md")]

pub mod ast;
mod census;
mod dump;
mod include;
mod keyword;
mod lexer;
mod parse;
mod parser;
mod recognise;
mod second;
mod split;
#[cfg(test)]
mod tests;
mod token;
mod unit;
mod walk;

pub use census::{Census, CensusWrite, WriteVerb, census, census_unit};
pub use dump::{dump, dump_view};
pub use include::{Include, Includes, check_includes, includes_of};
pub use keyword::Tok;
pub use parse::{parse_all, parse_each, parse_file, parse_statement, parse_text};
pub use recognise::{looks_like_sql, plainly_sql};
pub use token::{Tape, TokKind};
pub use unit::{ParsedFile, Unit, View, string_value};
pub use walk::*;
