//! One topic into one table, compiled once: which members are read and how, what the table's key needs, what a
//! change that does not carry a value leaves alone. Decides everything that does not depend on a record.

use std::collections::BTreeMap;

use super::cells::Form;
use super::clock;
use crate::plan::model::{Derivation, SinkFormat, SinkTableSpec, SinkWrite};
use crate::rel::OnDelete;
use crate::run::convert::{ConvertError, Encoder, Recipe, TargetTable, TextForms};
use crate::run::error::RunError;
use crate::run::source::SourceColumn;

/// A member that is read.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// How.
    pub form: Form,
    /// The table's key is made of it.
    pub key: bool,
}

/// What a bound column of the table is made of.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Part of the key: never null, never left out.
    pub key: bool,
    /// Indexes of the members.
    pub of: Vec<usize>,
    /// A value that members without a value make wrong, where they are not carried: it cannot be left alone.
    pub whole: bool,
}

/// One topic into one table.
#[derive(Clone, Debug)]
pub struct Route {
    /// The table.
    pub table: String,
    /// What records look like.
    pub format: SinkFormat,
    /// A row whose record says that it is gone stays.
    pub keeps: bool,
    /// The first row of a key stays.
    pub first_wins: bool,
    /// Members, in the order of cells.
    pub members: Vec<Member>,
    /// Members that are known and not carried.
    pub ignored: Vec<String>,
    /// Bound columns, in the order of binding.
    pub bound: Vec<Bound>,
    /// All of the table's key is in the record's key.
    pub covered: bool,
    /// C, where the specification says what the load before was made with.
    pub zero: Option<i64>,
    /// Rows into values.
    pub encoder: Encoder,
    by_name: BTreeMap<String, usize>,
}

/// Texts of cells are as JSON has them: bytes as base64.
fn forms() -> TextForms {
    TextForms {
        binary: crate::plan::model::BinaryText::Base64,
        ..TextForms::default()
    }
}

/// Members that a derived column is made of.
fn made_of(value: &Derivation) -> Vec<String> {
    match value {
        Derivation::Nanos { of } | Derivation::Zone { of } | Derivation::TimeBucket { of, .. } => {
            vec![of.clone()]
        }
        Derivation::HashBucket { of, .. } => of.clone(),
        Derivation::Constant { .. } | Derivation::Expression { .. } => Vec::new(),
    }
}

impl Route {
    /// Compiles a table's route. `target`: the columns as the server has them, in the order of binding.
    pub fn new(spec: &SinkTableSpec, target: TargetTable) -> Result<Route, RunError> {
        let source = sources(spec);
        let recipe = Recipe {
            columns: &spec.columns,
            derived: &spec.derived,
            null_as: &spec.null_as,
        };
        let encoder =
            Encoder::new(&source, recipe, target, &forms()).map_err(|e| refused(spec, &e))?;
        let bound: Vec<Bound> = encoder
            .table()
            .columns
            .iter()
            .map(|c| bound(spec, &source, &c.name, c.kind.is_key()))
            .collect();
        let members: Vec<Member> = source
            .iter()
            .enumerate()
            .map(|(i, s)| Member {
                name: s.name.clone(),
                form: form(spec, &s.name),
                key: bound.iter().any(|b| b.key && b.of.contains(&i)),
            })
            .collect();
        let in_key = |m: &Member| !m.key || spec.key.contains(&m.name);
        Ok(Route {
            table: spec.table.clone(),
            format: spec.format,
            keeps: spec.on_delete == OnDelete::Keep || spec.write == SinkWrite::KeepFirst,
            first_wins: spec.write == SinkWrite::KeepFirst,
            covered: !spec.key.is_empty() && members.iter().all(in_key),
            by_name: names(&members),
            members,
            ignored: spec.ignore.clone(),
            bound,
            zero: spec
                .load
                .map(|l| l.write_time.saturating_sub(l.scn.saturating_mul(10))),
            encoder,
        })
    }

    /// The member of this name; `expected` is tried first, since records mostly keep one order.
    pub fn member(&self, name: &str, expected: usize) -> Option<usize> {
        match self.members.get(expected) {
            Some(m) if m.name == name => Some(expected),
            Some(_) | None => self.by_name.get(name).copied(),
        }
    }

    /// The write time of a stamp in this table.
    pub fn write_time(&self, stamp: i64) -> i64 {
        match self.first_wins {
            true => clock::backwards(stamp),
            false => stamp,
        }
    }
}

fn refused(spec: &SinkTableSpec, error: &ConvertError) -> RunError {
    let message = format!("{} into {}: {error}", spec.topic, spec.table);
    RunError::new(error.code(), message).help(error.help())
}

/// All members that columns are made of, each once.
fn sources(spec: &SinkTableSpec) -> Vec<SourceColumn> {
    let mut found: Vec<SourceColumn> = Vec::new();
    for c in &spec.columns {
        if !found.iter().any(|f| f.name == c.from) {
            found.push(SourceColumn {
                name: c.from.clone(),
                ty: Some(c.oracle.clone()),
            });
        }
    }
    for name in spec.derived.iter().flat_map(|d| made_of(&d.value)) {
        if !found.iter().any(|f| f.name == name) {
            found.push(SourceColumn { name, ty: None });
        }
    }
    found
}

fn names(members: &[Member]) -> BTreeMap<String, usize> {
    let numbered = members.iter().enumerate();
    numbered.map(|(i, m)| (m.name.clone(), i)).collect()
}

/// How a member is read; one that only derived columns use is a text.
fn form(spec: &SinkTableSpec, name: &str) -> Form {
    let column = spec.columns.iter().find(|c| c.from == name);
    column.map_or(Form::Text, |c| Form::of(&c.oracle, c.cql))
}

fn bound(spec: &SinkTableSpec, source: &[SourceColumn], column: &str, key: bool) -> Bound {
    let index = |name: &String| source.iter().position(|s| s.name == *name);
    let carried = spec.columns.iter().find(|c| c.to == column);
    let derived = spec.derived.iter().find(|d| d.to == column);
    let (of, whole) = match (carried, derived) {
        (Some(c), _) => (vec![c.from.clone()], false),
        (None, Some(d)) => match &d.value {
            // What an expression reads is not looked into: all members count.
            Derivation::Expression { .. } => {
                (source.iter().map(|s| s.name.clone()).collect(), true)
            }
            Derivation::HashBucket { .. } => (made_of(&d.value), true),
            Derivation::Nanos { .. }
            | Derivation::Zone { .. }
            | Derivation::TimeBucket { .. }
            | Derivation::Constant { .. } => (made_of(&d.value), false),
        },
        (None, None) => (Vec::new(), false),
    };
    Bound {
        key,
        of: of.iter().filter_map(index).collect(),
        whole,
    }
}
