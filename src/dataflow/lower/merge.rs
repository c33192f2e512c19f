//! MERGE: one row a key, the same whether it is inserted or updated; everything else is an obstacle.

use std::collections::BTreeMap;

use super::super::cx::{not_lowered, obstacle};
use super::super::raw::Upsert;
use super::super::tree::{any, bare, conjuncts, filter};
use super::insert::assigned;
use super::{Low, Lowerer};
use crate::catalog::model::Table;
use crate::dataflow::model::ObstacleKind;
use crate::rel::{CmpOp, Named, Rel, Scalar, TableName};
use crate::source::Span;
use crate::syntax::ast::{Expr, FromItem, Id, List, MergeClause};

/// Values by column, in the order of the statement.
type Values = Vec<(String, Scalar)>;

/// What the clauses say.
#[derive(Default)]
struct Clauses {
    update: Option<Values>,
    update_where: Option<Scalar>,
    insert: Option<Values>,
    insert_where: Option<Scalar>,
}

impl Lowerer<'_, '_> {
    /// MERGE INTO one table.
    pub fn merge(
        &mut self,
        target: Id<FromItem>,
        source: Id<FromItem>,
        on: Id<Expr>,
        clauses: List<MergeClause>,
    ) -> Low<(TableName, Upsert)> {
        let span = self.span(self.view.ast()[target].span);
        let table = self.target_table(target)?;
        let level = self.scopes.len();
        let rel = {
            self.scopes.push(Vec::new());
            self.from_item(source)?
        };
        let own = self.show_target(target, table);
        // Both are in sight at once: a name in both is an error, as in Oracle.
        if let Some(visible) = self.scopes.pop()
            && let Some(first) = self.scopes.get_mut(level)
        {
            first.extend(visible);
        }
        let keys = self.merge_on(on, &own)?;
        let said = self.clauses(span, table, clauses)?;
        let upsert = combine(span, table, &own, rel, keys, said)?;
        Ok((table.name.clone(), upsert))
    }

    /// ON: target columns with the source's values that they must equal.
    fn merge_on(&mut self, on: Id<Expr>, own: &str) -> Low<Values> {
        let span = self.expr_span(on);
        let mut keys = Values::new();
        for c in conjuncts(self.expr(on)?) {
            let Scalar::Compare {
                cmp: CmpOp::Eq,
                left,
                right,
            } = &c
            else {
                return Err(not_lowered(
                    span,
                    "a MERGE whose ON is not equality of keys",
                ));
            };
            let (column, value) = match (target_column(left, own), target_column(right, own)) {
                (Some(l), None) => (l, (**right).clone()),
                (None, Some(r)) => (r, (**left).clone()),
                (Some(_), Some(_)) | (None, None) => {
                    return Err(not_lowered(
                        span,
                        "a MERGE whose ON is not equality of keys",
                    ));
                }
            };
            if reads(&value, own) {
                return Err(not_lowered(
                    span,
                    "a MERGE whose ON is not equality of keys",
                ));
            }
            keys.push((column, value));
        }
        Ok(keys)
    }

    fn clauses(&mut self, span: Span, table: &Table, clauses: List<MergeClause>) -> Low<Clauses> {
        let mut out = Clauses::default();
        for clause in self.view.ast().list(clauses) {
            match *clause {
                MergeClause::Update {
                    set,
                    where_,
                    delete,
                } => {
                    if delete.is_some() {
                        return Err(not_lowered(span, "DELETE WHERE in a MERGE"));
                    }
                    out.update = Some(self.sets(span, set)?);
                    out.update_where = where_.map(|w| self.expr(w)).transpose()?;
                }
                MergeClause::Insert {
                    columns,
                    values,
                    where_,
                } => {
                    let columns = self.insert_columns(span, table, columns)?;
                    let values: Values = columns.into_iter().zip(self.list(values)?).collect();
                    out.insert = Some(values);
                    out.insert_where = where_.map(|w| self.expr(w)).transpose()?;
                }
            }
        }
        Ok(out)
    }
}

fn target_column(s: &Scalar, own: &str) -> Option<String> {
    match bare(s) {
        Scalar::Column(c) if c.relation == own => Some(c.name.clone()),
        _ => None,
    }
}

fn reads(s: &Scalar, own: &str) -> bool {
    any(s, &|n| matches!(n, Scalar::Column(c) if c.relation == own))
}

/// Clock and session: they differ between update and insert anyway.
fn is_audit(s: &Scalar) -> bool {
    matches!(bare(s), Scalar::EventTime { .. } | Scalar::EventUser)
}

fn combine(
    span: Span,
    table: &Table,
    own: &str,
    rel: Rel,
    keys: Values,
    said: Clauses,
) -> Low<Upsert> {
    let on: Vec<String> = keys.iter().map(|(c, _)| c.clone()).collect();
    let Some(insert) = said.insert else {
        return Err(obstacle(
            ObstacleKind::SelfRead,
            span,
            "only rows that are in the target already are changed: the result depends on who put them there",
            "add WHEN NOT MATCHED, or name the writer of the rows",
        ));
    };
    if insert.iter().any(|(_, v)| reads(v, own))
        || said.insert_where.as_ref().is_some_and(|w| reads(w, own))
    {
        return Err(not_lowered(
            span,
            "an INSERT of a MERGE that reads the target",
        ));
    }
    let mut adds = Vec::new();
    let updates = said.update.is_some();
    let predicate = condition(span, own, said.update_where, said.insert_where, updates)?;
    let row = match said.update {
        Some(update) => both(span, own, &keys, update, insert, &mut adds)?,
        None => insert,
    };
    check_keys(span, &keys, &row)?;
    let (names, values): (Vec<String>, Vec<Scalar>) = row.into_iter().unzip();
    let values = if adds.is_empty() {
        assigned(span, table, &names, values)?
    } else {
        names.into_iter().zip(values).collect()
    };
    let items = values
        .into_iter()
        .map(|(name, expr)| Named { name, expr })
        .collect();
    let query = Rel::Project {
        input: Box::new(filter(rel, predicate)),
        items,
    };
    Ok(Upsert {
        query,
        on,
        updates,
        adds,
    })
}

/// A condition on the source that both branches have is a filter; one that only says "where something changed" changes nothing.
fn condition(
    span: Span,
    own: &str,
    update: Option<Scalar>,
    insert: Option<Scalar>,
    updates: bool,
) -> Low<Option<Scalar>> {
    let update = match update {
        Some(u) if only_differs(&u, own) => None,
        other => other,
    };
    if update.as_ref().is_some_and(|u| reads(u, own)) {
        return Err(obstacle(
            ObstacleKind::SelfRead,
            span,
            "which rows are updated depends on what the target holds",
            "drop the condition if it only saves work",
        ));
    }
    if !updates || update == insert {
        return Ok(insert);
    }
    Err(not_lowered(
        span,
        "a MERGE whose branches have different conditions",
    ))
}

/// `t.a <> s.a OR t.b <> s.b`: true exactly where the update changes something.
fn only_differs(s: &Scalar, own: &str) -> bool {
    match s {
        Scalar::Or { items } => items.iter().all(|i| only_differs(i, own)),
        Scalar::Compare {
            cmp: CmpOp::Ne,
            left,
            right,
        } => target_column(left, own).is_some() != target_column(right, own).is_some(),
        _ => false,
    }
}

/// One row for both branches.
/// With the columns whose update adds to the old value.
pub(crate) fn one_row(
    span: Span,
    own: &str,
    keys: &[(String, Scalar)],
    update: Values,
    insert: Values,
) -> Low<(Values, Vec<String>)> {
    let mut adds = Vec::new();
    let row = both(span, own, keys, update, insert, &mut adds)?;
    check_keys(span, keys, &row)?;
    Ok((row, adds))
}

fn both(
    span: Span,
    own: &str,
    keys: &[(String, Scalar)],
    update: Values,
    insert: Values,
    adds: &mut Vec<String>,
) -> Low<Values> {
    let mut updated: BTreeMap<String, Scalar> = update.into_iter().collect();
    let mut row = Values::new();
    for (name, value) in insert {
        let new = updated.remove(&name);
        let key = keys.iter().any(|(k, _)| *k == name);
        match new {
            Some(new) if reads(&new, own) => adds.push(old_value(span, own, &name, &new)?),
            Some(new) if bare(&new) != bare(&value) && !(is_audit(&new) || is_audit(&value)) => {
                return Err(differs(span, &name));
            }
            None if !key && !is_audit(&value) && !matches!(bare(&value), Scalar::Literal(_)) => {
                return Err(first_only(span, &name));
            }
            Some(_) | None => {}
        }
        row.push((name, value));
    }
    for (name, value) in updated {
        if reads(&value, own) {
            adds.push(old_value(span, own, &name, &value)?);
        } else if !is_audit(&value) {
            return Err(first_only(span, &name));
        }
        row.push((name, value));
    }
    Ok(row)
}

/// `t.c + x` adds; any other use of old values reads the target.
fn old_value(span: Span, own: &str, name: &str, value: &Scalar) -> Low<String> {
    let sums = |s: &Scalar| any(s, &|n| target_column(n, own).as_deref() == Some(name));
    match bare(value) {
        Scalar::Arith { .. } if sums(value) => Ok(name.to_string()),
        _ => Err(obstacle(
            ObstacleKind::SelfRead,
            span,
            format!("`{name}` is computed from what the target holds"),
            "compute it from the sources alone",
        )),
    }
}

fn differs(span: Span, name: &str) -> crate::dataflow::model::Obstacle {
    obstacle(
        ObstacleKind::OrderDependent,
        span,
        format!(
            "`{name}` gets one value when its row is inserted and another when it is updated: it depends on how often the batch saw the row"
        ),
        "set the same value in both branches",
    )
}

fn first_only(span: Span, name: &str) -> crate::dataflow::model::Obstacle {
    obstacle(
        ObstacleKind::NotLowered,
        span,
        format!(
            "`{name}` is set in one branch only: it keeps the value of the first or of a later run"
        ),
        "set the column in both branches",
    )
}

/// The inserted key must be what ON compares.
fn check_keys(span: Span, keys: &[(String, Scalar)], row: &Values) -> Low<()> {
    for (column, value) in keys {
        let written = row.iter().find(|(n, _)| n == column);
        if written.is_none_or(|(_, v)| bare(v) != bare(value)) {
            return Err(not_lowered(
                span,
                "a MERGE that inserts another key than it compares",
            ));
        }
    }
    Ok(())
}
