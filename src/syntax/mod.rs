//! PL/SQL, SQL*Plus and Oracle SQL as typed trees: `text -> units -> tokens -> tree`.
//! Total: every text yields a tree plus errors, nothing panics, nothing is dropped.
//! Must not know the catalogue or what code means.

pub mod ast;
mod token;
mod unit;

pub use token::{Tape, TokKind};
pub use unit::{ParsedFile, Unit, View, string_value};
