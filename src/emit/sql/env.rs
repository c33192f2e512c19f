//! Which expression a column reference of the plan stands for at a point of the query.

use super::build::Node;
use crate::rel::ColumnRef;

/// Columns in scope. A subquery's scope has the outer one behind it.
#[derive(Clone, Debug, Default)]
pub struct Env<'o> {
    columns: Vec<Column>,
    outer: Option<&'o Env<'o>>,
}

/// A column in scope.
#[derive(Clone, Debug)]
pub struct Column {
    /// Relation, as the plan names it.
    pub relation: String,
    /// Name.
    pub name: String,
    /// What it stands for.
    pub node: Node,
}

impl<'o> Env<'o> {
    /// No columns, inside `outer`.
    pub fn inside(outer: Option<&'o Env<'o>>) -> Self {
        Self {
            columns: Vec::new(),
            outer,
        }
    }

    /// The scope around.
    pub fn outer(&self) -> Option<&'o Env<'o>> {
        self.outer
    }

    /// Adds a column.
    pub fn add(&mut self, relation: &str, name: &str, node: Node) {
        self.columns.push(Column {
            relation: relation.into(),
            name: name.into(),
            node,
        });
    }

    /// Adds all columns of another scope of the same level.
    pub fn extend(&mut self, other: Env<'o>) {
        self.columns.extend(other.columns);
    }

    /// Columns of this level.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The innermost column of that name.
    pub fn find(&self, column: &ColumnRef) -> Option<&Node> {
        let here = self
            .columns
            .iter()
            .find(|c| c.relation == column.relation && c.name == column.name);
        match (here, self.outer) {
            (Some(c), _) => Some(&c.node),
            (None, Some(outer)) => outer.find(column),
            (None, None) => None,
        }
    }
}
