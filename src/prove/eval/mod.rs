//! The evaluator: computes the relations of a plan in memory, with the same values as everything else. Sees the plan's
//! relations and Oracle's values; must not know the batch, its text or how it was lifted.

mod agg;
mod bind;
mod run;
mod scalar;
mod window;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::rel::{Rel, TableName, Write};
use crate::value::func::Fault;
use crate::value::{Nls, Value};

/// A row.
pub type Row = Vec<Value>;

/// A table's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Columns in order.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// All tables that queries may read.
pub type Tables = BTreeMap<TableName, Table>;

/// Why a relation has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// A table or column that is not there.
    #[error("{0} is not part of the sources")]
    Missing(String),
    /// Not computed here.
    #[error("the evaluator does not compute {0}")]
    Unsupported(String),
    /// The data make an Oracle error.
    #[error("ORA-{0:05}: {1}")]
    Ora(u32, String),
    /// Too many steps.
    #[error("the query needs more than {0} steps")]
    Fuel(u64),
}

impl From<Fault> for EvalError {
    fn from(f: Fault) -> Self {
        match f {
            Fault::Ora(code, text) => EvalError::Ora(code, text),
            Fault::Unsupported(what) => EvalError::Unsupported(what),
        }
    }
}

impl From<crate::value::NumberError> for EvalError {
    fn from(e: crate::value::NumberError) -> Self {
        Fault::from(e).into()
    }
}

/// What a query depends on besides its tables.
#[derive(Clone, Debug)]
pub struct Session {
    /// What audit columns get for a time.
    pub now: NaiveDateTime,
    /// What audit columns get for a user.
    pub user: String,
    /// Settings.
    pub nls: Nls,
    /// Steps.
    pub fuel: u64,
}

/// The rows of a relation, in the order of its outputs.
pub fn rows(rel: &Rel, tables: &Tables, session: &Session) -> Result<Vec<Row>, EvalError> {
    let node = bind::relation(rel, &mut Vec::new())?;
    run::Run::new(tables, session).rows(&node, &[])
}

/// The rows of a write, in the order of its columns and as its columns hold them.
pub fn write(w: &Write, tables: &Tables, session: &Session) -> Result<Vec<Row>, EvalError> {
    let outputs = w.query.outputs();
    let place = |name: &str| {
        let at = outputs.iter().position(|o| o.name == name);
        at.ok_or_else(|| EvalError::Missing(format!("column {name}")))
    };
    let order: Vec<usize> = w
        .columns
        .iter()
        .map(|c| place(&c.name))
        .collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    for row in rows(&w.query, tables, session)? {
        let mut new = Vec::with_capacity(order.len());
        for (at, column) in order.iter().zip(&w.columns) {
            new.push(scalar::cast(row[*at].clone(), &column.ty, &session.nls)?);
        }
        out.push(new);
    }
    Ok(out)
}
