//! The syntax tree. One arena a compilation unit: nodes are stored by value in typed vectors,
//! children are [`Id`]s, sequences are [`List`]s (ranges of the same vector), names are interned,
//! spans are token ranges. Nothing is boxed; a tree is freed in one go.

mod arena;
mod clause;
mod ddl;
mod dml;
mod expr;
mod intern;
mod plsql;
mod query;

pub use arena::{Ast, Id, Ident, List, Name, Node, TokSpan};
pub use clause::*;
pub use ddl::*;
pub use dml::*;
pub use expr::*;
pub use plsql::*;
pub use query::*;
