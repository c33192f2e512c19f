//! UPDATE of rows that are there: the target as it stands in Oracle, with the columns that the batch sets computed from
//! their sources. Right as long as what is set does not decide what is set.

use super::super::cx::obstacle;
use super::super::model::{Fact, Facts, Obstacle, ObstacleKind};
use super::super::raw::{RawBody, RawWrite, Update};
use super::super::tree::{any, bare, conjuncts, filter, flat, map_top};
use super::prepare::readdress;
use super::rows::take;
use super::{Estate, add, in_place_rows, proved};
use crate::catalog::model::Table;
use crate::rel::{
    AggFunction, CaseWhen, CmpOp, DataType, Literal, Named, NamedAgg, Rel, Scalar, Scan, ScanColumn,
};

/// The query for all columns of the target.
pub(super) struct Made {
    pub query: Rel,
    /// Columns that are added to.
    pub adds: Vec<String>,
    /// The query gives the sums alone, and is joined to the target when their period is out.
    pub joins: Option<Joins>,
}

/// How sums are joined to the target.
pub(super) struct Joins {
    pub update: Update,
    pub compared: Vec<(String, Scalar)>,
    pub adds: Vec<String>,
}

impl Joins {
    /// The target with the sums added.
    pub fn join(&self, table: &Table, sums: Rel) -> Rel {
        in_place_rows::joined(table, &self.update, sums, &self.compared, &self.adds)
    }
}

/// The target with its columns set.
pub(super) fn query(
    estate: &Estate<'_, '_>,
    raw: &RawWrite,
    table: &Table,
    keys: &[Vec<String>],
    facts: &mut Facts,
) -> Result<Made, Obstacle> {
    let RawBody::Update(update) = &raw.body else {
        return Err(super::in_place(raw));
    };
    let Some(key) = keys.first() else {
        return Err(obstacle(
            ObstacleKind::NoKey,
            raw.span,
            format!(
                "rows of {} are changed, and no key of it is known",
                table.name
            ),
            "declare a PRIMARY KEY, or name `key` for the table in ora2stream.toml",
        ));
    };
    if update.sets.iter().any(|(n, _)| key.contains(n)) {
        return Err(self_read(raw, "the key itself is changed"));
    }
    let note = "columns of rows that are there are set";
    add(facts, Fact::UpdatesInPlace, proved(note, raw.span));
    let made = match &raw.rows {
        None => of_set(raw, update, table)?,
        Some((from, conds)) if of_own_rows(update, table, keys, from) => {
            of_set(raw, &as_set(update, from, conds), table)?
        }
        Some((from, conds)) => {
            in_place_rows::of_loop(estate, raw, update, table, from, conds, facts)?
        }
    };
    let note = "a row that met the condition once goes on meeting it: the batch keeps what it set, the stream shows what the condition says now";
    if update.predicate.is_some() && made.adds.is_empty() {
        take(facts, Fact::SourceRowsFinal, note, raw);
    }
    Ok(made)
}

/// A loop over the table itself that changes each of its rows by the key.
fn of_own_rows(update: &Update, table: &Table, keys: &[Vec<String>], from: &Rel) -> bool {
    let Rel::Scan(scan) = from else { return false };
    let same = |c: &Scalar| match c {
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } => match (bare(left), bare(right)) {
            (Scalar::Column(a), Scalar::Column(b)) if a.name == b.name => {
                let pair = [&a.relation, &b.relation];
                (pair.contains(&&update.alias) && pair.contains(&&scan.alias))
                    .then(|| a.name.clone())
            }
            _ => None,
        },
        _ => None,
    };
    let conds = update.predicate.clone().map(conjuncts).unwrap_or_default();
    let compared: Option<Vec<String>> = conds.iter().map(same).collect();
    scan.table == table.name
        && compared.is_some_and(|c| keys.iter().any(|k| k.iter().all(|x| c.contains(x))))
}

/// The same as one statement over the rows of the loop.
fn as_set(update: &Update, from: &Rel, conds: &[Scalar]) -> Update {
    let Rel::Scan(scan) = from else {
        return update.clone();
    };
    let own = |s: &Scalar| readdress(s.clone(), &scan.alias, &update.alias);
    Update {
        alias: update.alias.clone(),
        sets: update
            .sets
            .iter()
            .map(|(n, v)| (n.clone(), own(v)))
            .collect(),
        predicate: Scalar::all(conds.iter().map(own)),
    }
}

pub(super) fn self_read(raw: &RawWrite, why: &str) -> Obstacle {
    let table = raw
        .table
        .as_ref()
        .map_or(String::new(), ToString::to_string);
    obstacle(
        ObstacleKind::SelfRead,
        raw.span,
        format!(
            "rows of {table} are changed in place, and {why}: what they become depends on what they were"
        ),
        "compute the column from its sources in the statement that inserts the row",
    )
}

pub(super) fn scan(table: &Table, alias: &str) -> Rel {
    let columns = table
        .columns
        .values()
        .filter(|c| !c.is_virtual)
        .map(|c| ScanColumn {
            name: c.name.clone(),
            ty: c.ty.clone(),
            nullable: c.nullable,
        });
    Rel::Scan(Scan {
        table: table.name.clone(),
        alias: alias.into(),
        columns: columns.collect(),
    })
}

/// All columns, the set ones by `value`.
pub(super) fn items(
    table: &Table,
    update: &Update,
    value: &dyn Fn(&str, &Scalar, Scalar) -> Scalar,
) -> Vec<Named> {
    let own = |name: &str| {
        let c = table.columns.get(name);
        Scalar::column(
            &update.alias,
            name,
            c.map_or_else(DataType::number, |c| c.ty.clone()),
            c.is_none_or(|c| c.nullable),
        )
    };
    table
        .columns
        .values()
        .filter(|c| !c.is_virtual)
        .map(|c| {
            let set = update.sets.iter().find(|(n, _)| *n == c.name);
            let expr = match set {
                Some((_, v)) if is_clock(v) => v.clone(),
                Some((n, v)) => value(n, v, own(n)),
                None => own(&c.name),
            };
            Named {
                name: c.name.clone(),
                expr,
            }
        })
        .collect()
}

pub(super) fn is_clock(s: &Scalar) -> bool {
    matches!(bare(s), Scalar::EventTime { .. } | Scalar::EventUser)
}

/// A column that the statement sets.
fn reads_set(s: &Scalar, update: &Update) -> bool {
    any(
        s,
        &|n| matches!(n, Scalar::Column(c) if c.relation == update.alias && is_set(update, &c.name)),
    )
}

pub(super) fn is_set(update: &Update, column: &str) -> bool {
    update.sets.iter().any(|(x, _)| x == column)
}

/// One UPDATE over the whole table.
fn of_set(raw: &RawWrite, update: &Update, table: &Table) -> Result<Made, Obstacle> {
    if update.sets.iter().any(|(_, v)| reads_set(v, update)) {
        return Err(self_read(raw, "the new value is made from the old one"));
    }
    let mut conds = Vec::new();
    for c in update.predicate.clone().into_iter().flat_map(conjuncts) {
        if reads_set(&c, update) && !settles(&c, update) {
            return Err(self_read(
                raw,
                "a column that is set decides which rows are set",
            ));
        }
        conds.push(counted(c));
    }
    let cond = Scalar::all(conds);
    let value = |_: &str, v: &Scalar, own: Scalar| match &cond {
        None => v.clone(),
        Some(c) => Scalar::Case {
            whens: vec![CaseWhen {
                when: c.clone(),
                then: v.clone(),
            }],
            otherwise: Some(Box::new(own)),
        },
    };
    let items = items(table, update, &value);
    Ok(Made {
        query: Rel::Project {
            input: Box::new(scan(table, &update.alias)),
            items,
        },
        adds: Vec::new(),
        joins: None,
    })
}

/// A condition on a set column that the set value does not meet: a second run changes nothing.
fn settles(c: &Scalar, update: &Update) -> bool {
    let set = |s: &Scalar| match bare(s) {
        Scalar::Column(col) if col.relation == update.alias => update
            .sets
            .iter()
            .find(|(n, _)| *n == col.name)
            .map(|(_, v)| bare(v).clone()),
        _ => None,
    };
    match c {
        Scalar::IsNull {
            operand,
            not: false,
        } => {
            matches!(set(operand), Some(Scalar::Literal(l)) if l != Literal::Null)
        }
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } => match (set(left), bare(right)) {
            (Some(Scalar::Literal(new)), Scalar::Literal(old)) => trimmed(&new) != trimmed(old),
            _ => false,
        },
        Scalar::Compare {
            cmp: CmpOp::Ne,
            left,
            right,
        } => match (set(left), bare(right)) {
            (Some(Scalar::Literal(new)), Scalar::Literal(old)) => trimmed(&new) == trimmed(old),
            // `col <> new value`: it only saves work.
            (Some(new), other) => new == *other,
            (None, _) => false,
        },
        Scalar::InList {
            operand,
            items,
            not: false,
        } => match set(operand) {
            Some(Scalar::Literal(new)) => items
                .iter()
                .all(|i| matches!(bare(i), Scalar::Literal(old) if trimmed(old) != trimmed(&new))),
            _ => false,
        },
        _ => false,
    }
}

fn trimmed(l: &Literal) -> String {
    match l {
        Literal::Text(t) => t.trim_end().to_string(),
        other => format!("{other:?}"),
    }
}

/// EXISTS in a computed column is a count that is not zero: engines take subqueries there only as values.
fn counted(s: Scalar) -> Scalar {
    map_top(s, &|n| match n {
        Scalar::Exists { query, not } => Some(count_of(query, Vec::new(), *not)),
        Scalar::InQuery {
            operands,
            query,
            not: false,
        } => {
            let (_, _, outputs) = flat((**query).clone()).ok()?;
            let equal = operands.iter().zip(&outputs).map(|(o, n)| Scalar::Compare {
                cmp: CmpOp::Eq,
                left: Box::new(n.expr.clone()),
                right: Box::new(o.clone()),
            });
            Some(count_of(query, equal.collect(), false))
        }
        _ => None,
    })
}

fn count_of(query: &Rel, equal: Vec<Scalar>, none: bool) -> Scalar {
    let rows = match flat(query.clone()) {
        Ok((from, conds, _)) => filter(from, Scalar::all(conds.into_iter().chain(equal))),
        Err(other) => *other,
    };
    let count = Rel::Aggregate {
        input: Box::new(rows),
        keys: Vec::new(),
        aggs: vec![NamedAgg {
            name: "N".into(),
            function: AggFunction::CountStar,
            distinct: false,
            arg: None,
            separator: None,
            order_by: Vec::new(),
            ty: DataType::integer(19),
        }],
    };
    let n = Scalar::column("", "N", DataType::integer(19), false);
    let query = Rel::Project {
        input: Box::new(count),
        items: vec![Named {
            name: "N".into(),
            expr: n,
        }],
    };
    Scalar::Compare {
        cmp: if none { CmpOp::Eq } else { CmpOp::Gt },
        left: Box::new(Scalar::ScalarQuery {
            query: Box::new(query),
        }),
        right: Box::new(zero()),
    }
}

pub(super) fn zero() -> Scalar {
    Scalar::Literal(Literal::Number("0".into()))
}
