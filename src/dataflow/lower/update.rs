//! UPDATE: what is set, and for which rows.

use super::super::cx::{not_lowered, obstacle, unknown_name};
use super::super::raw::Update;
use super::super::tree::{bare, conjuncts};
use super::{Low, Lowerer, Visible, insert::assigned};
use crate::catalog::model::Table;
use crate::dataflow::model::ObstacleKind;
use crate::rel::{CmpOp, ColumnRef, Rel, Scalar, TableName};
use crate::source::Span;
use crate::syntax::ast::{Assign, Expr, ExprKind, FromItem, Id, List};

impl Lowerer<'_, '_> {
    /// UPDATE of one table.
    pub fn update(
        &mut self,
        target: Id<FromItem>,
        set: List<Assign>,
        from: List<FromItem>,
        where_: Option<Id<Expr>>,
    ) -> Low<(TableName, Update)> {
        let span = self.span(self.view.ast()[target].span);
        if !from.is_empty() {
            return Err(not_lowered(span, "UPDATE .. FROM"));
        }
        let table = self.target_table(target)?;
        let alias = self.show_target(target, table);
        let sets = match self.whole_row(set) {
            Some(record) => self.record(table, record)?,
            None => {
                let (names, values): (Vec<_>, Vec<_>) = self.sets(span, set)?.into_iter().unzip();
                assigned(span, table, &names, values)?
            }
        };
        let predicate = where_.map(|w| self.expr(w)).transpose()?;
        let sets = sets
            .into_iter()
            .filter(|(name, value)| !keeps(&alias, name, value, predicate.as_ref()))
            .collect();
        Ok((
            table.name.clone(),
            Update {
                alias,
                sets,
                predicate,
            },
        ))
    }

    /// Puts the target's own columns in sight, under a relation of its own.
    pub(super) fn show_target(&mut self, target: Id<FromItem>, table: &Table) -> String {
        let ast = self.view.ast();
        let alias = ast[target]
            .alias
            .map_or(table.name.name.clone(), |a| ast.ident(a).to_string());
        let unique = self.shared.alias(&alias);
        let columns = table.columns.values().map(|c| ColumnRef {
            relation: unique.clone(),
            name: c.name.clone(),
            ty: c.ty.clone(),
            nullable: c.nullable,
        });
        let visible = Visible {
            alias,
            table: Some(table.name.clone()),
            columns: columns.collect(),
            hidden: Default::default(),
        };
        self.scopes.push(vec![visible]);
        unique
    }

    /// The record of `SET ROW = record`.
    fn whole_row(&self, set: List<Assign>) -> Option<Id<Expr>> {
        match self.view.ast().list(set) {
            [only] if only.targets.is_empty() => Some(only.value),
            _ => None,
        }
    }

    /// SET items as columns and values.
    pub(super) fn sets(&mut self, span: Span, set: List<Assign>) -> Low<Vec<(String, Scalar)>> {
        let mut out = Vec::new();
        for a in self.view.ast().list(set) {
            let targets: Vec<_> = a.targets.ids().collect();
            match targets.as_slice() {
                [one] => {
                    let name = self.set_column(*one)?;
                    out.push((name, self.expr(a.value)?));
                }
                [] => return Err(not_lowered(span, "SET ROW = record")),
                several => self.set_row(span, several, a.value, &mut out)?,
            }
        }
        Ok(out)
    }

    /// `(a, b) = (SELECT x, y ..)`: a scalar subquery a column.
    fn set_row(
        &mut self,
        span: Span,
        targets: &[Id<Expr>],
        value: Id<Expr>,
        out: &mut Vec<(String, Scalar)>,
    ) -> Low<()> {
        let ExprKind::Subquery(query) = self.view.ast()[value].kind else {
            return Err(not_lowered(span, "this SET of several columns"));
        };
        for (i, target) in targets.iter().enumerate() {
            let rel = self.query(query)?;
            let outputs = rel.outputs();
            let Some(column) = outputs.get(i).filter(|_| outputs.len() == targets.len()) else {
                return Err(unknown_name(
                    span,
                    "SET of more columns than the subquery has",
                ));
            };
            let item = crate::rel::Named {
                name: column.name.clone(),
                expr: Scalar::Column(column.clone()),
            };
            let query = Box::new(Rel::Project {
                input: Box::new(rel),
                items: vec![item],
            });
            out.push((self.set_column(*target)?, Scalar::ScalarQuery { query }));
        }
        Ok(())
    }

    fn set_column(&self, e: Id<Expr>) -> Low<String> {
        let ast = self.view.ast();
        match ast[e].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                parts
                    .last()
                    .map(|p| p.to_string())
                    .ok_or_else(|| not_lowered(self.expr_span(e), "this SET"))
            }
            ExprKind::Paren(inner) => self.set_column(inner),
            _ => Err(not_lowered(self.expr_span(e), "this SET")),
        }
    }
}

/// A column is set to the value that WHERE finds it by.
fn keeps(alias: &str, name: &str, value: &Scalar, predicate: Option<&Scalar>) -> bool {
    let own =
        |s: &Scalar| matches!(bare(s), Scalar::Column(c) if c.relation == alias && c.name == name);
    let same = |c: Scalar| match &c {
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } => (own(left) && bare(right) == bare(value)) || (own(right) && bare(left) == bare(value)),
        _ => false,
    };
    predicate.cloned().into_iter().flat_map(conjuncts).any(same)
}

/// WHERE CURRENT OF.
pub(crate) fn current_row(span: Span) -> crate::dataflow::model::Obstacle {
    obstacle(
        ObstacleKind::SelfRead,
        span,
        "the rows that a cursor over the same table has locked are changed in place (WHERE CURRENT OF)",
        "say it as one statement by key, or treat the column as the state of a work queue",
    )
}
