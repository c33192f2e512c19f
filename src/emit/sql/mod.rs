//! Relational trees as SQL text, through sqlparser's syntax tree. What an engine writes differently is behind
//! [`Dialect`]; function forms come from the plan. Knows no engine by name, and no table but what
//! [`Tables`] tells.

mod aggregate;
mod block;
mod build;
mod calls;
mod chars;
mod decimal;
mod env;
mod formats;
mod forms;
mod operand;
mod rels;
mod scalars;
mod windows;

#[cfg(test)]
mod tests;

pub use build::{Node, binary, call, cast, ident, lit_number, minus, null_of, verbatim};
pub use decimal::Kind;
pub use forms::Forms;

use std::cell::RefCell;
use std::collections::BTreeSet;

use sqlparser::ast::{DataType as SqlType, Expr, Query};

use super::EmitError;
use crate::plan::model::FunctionForm;
use crate::rel::{DataType, NamedWindow, PeriodUnit, Rel, TableName};

/// What an engine writes in its own way.
pub trait Dialect: Sync {
    /// Name of the emitter, for messages.
    fn name(&self) -> &'static str;
    /// A name, quoted.
    fn quote(&self, name: &str) -> String;
    /// A character literal.
    fn text(&self, text: &str) -> String;
    /// The engine's form of a function.
    fn form<'a>(&self, form: &'a FunctionForm) -> Option<&'a str>;
    /// Type for CAST; None where there is none.
    fn cast_type(&self, ty: &DataType) -> Option<SqlType>;
    /// DECIMAL(p,s).
    fn decimal(&self, precision: u8, scale: u8) -> SqlType {
        SqlType::Decimal(sqlparser::ast::ExactNumberInfo::PrecisionAndScale(
            u64::from(precision),
            i64::from(scale),
        ))
    }
    /// Text type for CAST.
    fn text_type(&self) -> SqlType;
    /// Start of a period.
    fn period(&self, date: Expr, unit: PeriodUnit) -> Expr;
    /// Drops fractions of a second.
    fn to_second(&self, timestamp: Expr) -> Expr;
    /// `date + n` units; `n` is an integer expression.
    fn add_units(&self, unit: AddUnit, date: Expr, n: Expr) -> Expr;
    /// Whole seconds from `start` to `end`.
    fn seconds_between(&self, start: Expr, end: Expr) -> Expr;
    /// The time of processing.
    fn now(&self, ty: &DataType) -> Option<Expr>;
    /// What a LIKE pattern may not contain without ESCAPE.
    fn like_escape(&self) -> Option<char>;
    /// Why the engine cannot run an analytic call; `top_n`: a filter above keeps its first rows only.
    fn refuses_window(&self, call: &NamedWindow, top_n: bool) -> Option<&'static str>;
    /// LISTAGG without order; None where the engine has none.
    fn listagg(&self, arg: Expr, separator: &str) -> Option<Expr>;
}

/// Units that dates are moved by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddUnit {
    /// Days.
    Day,
    /// Seconds.
    Second,
}

/// What base tables and their columns are called in the engine.
pub trait Tables {
    /// Name of a table.
    fn table(&self, table: &TableName) -> Option<String>;
    /// Column that holds the value in the engine's own type.
    fn column(&self, table: &TableName, column: &str) -> Option<(String, Kind)>;
}

/// A query as text and what a reader must know about it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The query.
    pub query: Query,
    /// Engine types of the outputs, in order.
    pub kinds: Vec<Kind>,
    /// Roundings and the like, in order of appearance, without repetition.
    pub notes: Vec<String>,
}

impl Compiled {
    /// The text, over several lines.
    pub fn text(&self) -> String {
        format!("{:#}", self.query)
    }
}

/// Compiles queries of one job.
pub struct Compiler<'a> {
    pub(super) dialect: &'a dyn Dialect,
    pub(super) forms: &'a Forms,
    pub(super) tables: &'a dyn Tables,
    item: &'a str,
    notes: RefCell<Vec<String>>,
    aliases: RefCell<usize>,
    /// Outputs that some filter bounds from above: ROW_NUMBER there is a top-N.
    pub(super) bounded: RefCell<BTreeSet<String>>,
}

impl<'a> Compiler<'a> {
    /// A compiler for the job `item`.
    pub fn new(
        dialect: &'a dyn Dialect,
        forms: &'a Forms,
        tables: &'a dyn Tables,
        item: &'a str,
    ) -> Self {
        Self {
            dialect,
            forms,
            tables,
            item,
            notes: RefCell::default(),
            aliases: RefCell::default(),
            bounded: RefCell::default(),
        }
    }

    /// Compiles a relation; `shape` rewrites each output, given its name and engine type.
    pub fn compile(&self, rel: &Rel, shape: &mut Shape<'_>) -> Result<Compiled, EmitError> {
        self.bounded.replace(windows::bounded_names(rel));
        let (query, kinds) = rels::finish(self, rel, shape)?;
        Ok(Compiled {
            query,
            kinds,
            notes: self.notes.take(),
        })
    }

    pub(super) fn unsupported(&self, what: impl Into<String>) -> EmitError {
        EmitError::Unsupported {
            emitter: self.dialect.name(),
            item: self.item.into(),
            what: what.into(),
        }
    }

    pub(in crate::emit) fn note(&self, text: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&text) {
            notes.push(text);
        }
    }

    /// A fresh alias for a derived table that the plan has no name for.
    pub(super) fn alias(&self) -> String {
        let mut n = self.aliases.borrow_mut();
        *n += 1;
        format!("q{n}")
    }
}

/// Rewrites an output on its way to the target: name, expression, engine type and Oracle type.
pub type Shape<'s> = dyn FnMut(&str, Node, &DataType) -> Result<Node, EmitError> + 's;

/// Leaves outputs as they are.
pub fn as_is(_: &str, node: Node, _: &DataType) -> Result<Node, EmitError> {
    Ok(node)
}
