//! MERGE: one row a key, the same whether it is inserted or updated; everything else is an obstacle.

use std::collections::BTreeMap;

use super::super::cx::{not_lowered, obstacle};
use super::super::raw::{Update, Upsert};
use super::super::tree::{any, bare, conjuncts, filter};
use super::insert::assigned;
use super::{Low, Lowerer};
use crate::catalog::model::Table;
use crate::dataflow::model::ObstacleKind;
use crate::rel::{ArithOp, CmpOp, Named, Rel, Scalar, TableName};
use crate::source::Span;
use crate::syntax::ast::{Expr, FromItem, Id, List, MergeClause};

/// Values by column, in the order of the statement.
type Values = Vec<(String, Scalar)>;

/// A MERGE as a write.
pub(crate) enum Merged {
    Upsert(Upsert),
    /// Rows that are there are changed; with the rows of the source and conditions on them.
    Update {
        update: Update,
        rows: (Rel, Vec<Scalar>),
    },
}

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
    ) -> Low<(TableName, Merged)> {
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
        let merged = combine(span, table, &own, rel, keys, said)?;
        Ok((table.name.clone(), merged))
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
) -> Low<Merged> {
    let on: Vec<String> = keys.iter().map(|(c, _)| c.clone()).collect();
    let Some(insert) = said.insert else {
        return Ok(only_update(table, own, rel, keys, said));
    };
    if insert.iter().any(|(_, v)| reads(v, own))
        || said.insert_where.as_ref().is_some_and(|w| reads(w, own))
    {
        return Err(not_lowered(
            span,
            "an INSERT of a MERGE that reads the target",
        ));
    }
    let updates = said.update.is_some();
    let predicate = condition(span, own, said.update_where, said.insert_where, updates)?;
    let OneRow { row, adds, kept } = match said.update {
        Some(update) => both(span, own, &keys, update, insert)?,
        None => OneRow {
            row: insert,
            ..OneRow::default()
        },
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
    Ok(Merged::Upsert(Upsert {
        query,
        on,
        updates,
        adds,
        kept,
    }))
}

/// Without WHEN NOT MATCHED it is an UPDATE once a row of the source.
fn only_update(table: &Table, own: &str, rel: Rel, keys: Values, said: Clauses) -> Merged {
    let column = |name: &str| {
        let c = table.columns.get(name);
        let ty = c.map_or_else(crate::rel::DataType::number, |c| c.ty.clone());
        Scalar::column(own, name, ty, c.is_none_or(|c| c.nullable))
    };
    let equal = keys.into_iter().map(|(name, value)| Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(column(&name)),
        right: Box::new(value),
    });
    let (mine, others): (Vec<_>, Vec<_>) = said
        .update_where
        .into_iter()
        .flat_map(conjuncts)
        .filter(|c| !only_differs(c, own))
        .partition(|c| reads(c, own));
    let predicate = Scalar::all(equal.chain(mine));
    Merged::Update {
        update: Update {
            alias: own.to_string(),
            sets: said.update.unwrap_or_default(),
            predicate,
        },
        rows: (rel, others),
    }
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
#[derive(Clone, Debug, Default)]
pub(crate) struct OneRow {
    pub row: Vec<(String, Scalar)>,
    /// Columns whose update adds to the old value.
    pub adds: Vec<String>,
    /// Columns that one branch alone sets.
    pub kept: Vec<String>,
}

/// What an UPDATE and an INSERT of one key write together.
pub(crate) fn one_row(
    span: Span,
    own: &str,
    keys: &[(String, Scalar)],
    update: Values,
    insert: Values,
) -> Low<OneRow> {
    let row = both(span, own, keys, update, insert)?;
    check_keys(span, keys, &row.row)?;
    Ok(row)
}

fn both(
    span: Span,
    own: &str,
    keys: &[(String, Scalar)],
    update: Values,
    insert: Values,
) -> Low<OneRow> {
    let mut updated: BTreeMap<String, Scalar> = update.into_iter().collect();
    let mut out = OneRow::default();
    for (name, value) in insert {
        let new = updated.remove(&name);
        let key = keys.iter().any(|(k, _)| *k == name);
        match new {
            Some(new) if reads(&new, own) => {
                added(span, own, &name, &new, &value)?;
                out.adds.push(name.clone());
            }
            // `inserted_at` or `updated_at`: one of the two is the moment of the run.
            Some(new) if is_audit(&new) => {
                out.row.push((name, new));
                continue;
            }
            Some(new) if bare(&new) != bare(&value) && !is_audit(&value) => {
                return Err(differs(span, &name));
            }
            None if !key && !is_audit(&value) && !matches!(bare(&value), Scalar::Literal(_)) => {
                out.kept.push(name.clone());
            }
            Some(_) | None => {}
        }
        out.row.push((name, value));
    }
    for (name, value) in updated {
        if reads(&value, own) {
            return Err(old_value(span, &name));
        }
        if !is_audit(&value) {
            out.kept.push(name.clone());
        }
        out.row.push((name, value));
    }
    Ok(out)
}

/// `t.c + x` where the insert writes x; any other use of old values reads the target.
fn added(span: Span, own: &str, name: &str, update: &Scalar, insert: &Scalar) -> Low<()> {
    let is_old = |s: &Scalar| match bare(s) {
        Scalar::Call { function, args, .. } if function == "NVL" || function == "COALESCE" => args
            .first()
            .is_some_and(|a| target_column(a, own).as_deref() == Some(name)),
        other => target_column(other, own).as_deref() == Some(name),
    };
    let Scalar::Arith { arith, left, right } = bare(update) else {
        return Err(old_value(span, name));
    };
    let step = match arith {
        ArithOp::Add if is_old(left) => (**right).clone(),
        ArithOp::Add if is_old(right) => (**left).clone(),
        ArithOp::Sub if is_old(left) => Scalar::Negate {
            operand: right.clone(),
        },
        ArithOp::Add | ArithOp::Sub | ArithOp::Mul | ArithOp::Div => {
            return Err(old_value(span, name));
        }
    };
    if reads(&step, own) {
        return Err(old_value(span, name));
    }
    if bare(&step) == bare(insert) {
        Ok(())
    } else {
        Err(differs(span, name))
    }
}

fn old_value(span: Span, name: &str) -> crate::dataflow::model::Obstacle {
    obstacle(
        ObstacleKind::SelfRead,
        span,
        format!("`{name}` is computed from what the target holds"),
        "compute it from the sources alone",
    )
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
