//! Work queues: rows in a state are processed and then flagged, or removed. Once such a row has been processed no run
//! sees it again, so that each row counts once; the flag stops being what steers the work.

use std::collections::BTreeMap;

use super::super::model::Fact;
use super::super::raw::{RawBody, RawWrite};
use super::super::tree::{bare, conjuncts};
use super::prepare::readdress;
use super::proved;
use crate::rel::{CmpOp, Literal, Rel, Scalar, Scan, TableName};
use crate::source::Span;

type KeysOf<'k> = &'k dyn Fn(&TableName) -> Vec<Vec<String>>;

/// Finds flips and removals; the processed rows lose the condition on the flag. Gives the write that each belongs to.
pub(super) fn find(writes: &mut [RawWrite], keys: KeysOf<'_>) -> BTreeMap<usize, usize> {
    let mut out = BTreeMap::new();
    for j in 0..writes.len() {
        let Some(consumer) = consumer(&writes[j]) else {
            continue;
        };
        for i in 0..writes.len() {
            if i >= j || writes[i].part_of.is_some() || writes[i].table == writes[j].table {
                continue;
            }
            let stripped = match (query_of(&writes[i]), &writes[i].rows) {
                (Some(query), _) => without_state(query, &consumer, &writes[j], keys),
                (None, Some((from, conds))) if plain_update(&writes[i]) => {
                    let rows = super::super::tree::filter(from.clone(), Scalar::all(conds.clone()));
                    without_state(&rows, &consumer, &writes[j], keys)
                }
                (None, _) => None,
            };
            let Some(stripped) = stripped else {
                continue;
            };
            set_query(&mut writes[i], stripped);
            writes[i].evidence.push(said(&consumer, writes[j].span));
            out.entry(j).or_insert(i);
        }
    }
    out
}

/// What a statement does to rows that were processed.
struct Consumer {
    table: TableName,
    alias: String,
    /// Columns that get constants; empty: the rows are removed.
    flags: Vec<(String, Literal)>,
    predicate: Option<Scalar>,
}

fn consumer(w: &RawWrite) -> Option<Consumer> {
    if w.blocked.is_some() || w.part_of.is_some() || w.in_handler {
        return None;
    }
    let table = w.table.clone()?;
    match &w.body {
        RawBody::Update(u) => {
            let flags: Vec<(String, Literal)> = u
                .sets
                .iter()
                .filter_map(|(n, v)| match bare(v) {
                    Scalar::Literal(l) => Some((n.clone(), l.clone())),
                    _ => None,
                })
                .collect();
            (!flags.is_empty()).then(|| Consumer {
                table,
                alias: u.alias.clone(),
                flags,
                predicate: u.predicate.clone(),
            })
        }
        RawBody::Delete { alias, predicate } => Some(Consumer {
            table,
            alias: alias.clone(),
            flags: Vec::new(),
            predicate: predicate.clone(),
        }),
        RawBody::Insert { .. } | RawBody::Upsert(_) | RawBody::Obstacle(_) => None,
    }
}

fn query_of(w: &RawWrite) -> Option<&Rel> {
    if w.blocked.is_some() || w.in_handler {
        return None;
    }
    match &w.body {
        RawBody::Insert { query } => Some(query),
        RawBody::Upsert(u) => Some(&u.query),
        RawBody::Delete { .. } | RawBody::Update(_) | RawBody::Obstacle(_) => None,
    }
}

fn set_query(w: &mut RawWrite, new: Rel) {
    match &mut w.body {
        RawBody::Insert { query } => *query = new,
        RawBody::Upsert(u) => u.query = new,
        RawBody::Update(_) => w.rows = Some((new, Vec::new())),
        RawBody::Delete { .. } | RawBody::Obstacle(_) => {}
    }
}

/// An UPDATE of other rows, once a row of the loop.
fn plain_update(w: &RawWrite) -> bool {
    matches!(w.body, RawBody::Update(_)) && w.blocked.is_none() && !w.in_handler
}

/// The query without the condition on the flag, where the consumer takes exactly the rows that the query reads.
fn without_state(rel: &Rel, c: &Consumer, w: &RawWrite, keys: KeysOf<'_>) -> Option<Rel> {
    match rel {
        Rel::Project { input, items } => Some(Rel::Project {
            input: Box::new(without_state(input, c, w, keys)?),
            items: items.clone(),
        }),
        Rel::Aggregate {
            input,
            keys: by,
            aggs,
        } => Some(Rel::Aggregate {
            input: Box::new(without_state(input, c, w, keys)?),
            keys: by.clone(),
            aggs: aggs.clone(),
        }),
        Rel::Derived { input, alias } => Some(Rel::Derived {
            input: Box::new(without_state(input, c, w, keys)?),
            alias: alias.clone(),
        }),
        Rel::Filter { input, predicate } => {
            let conds = conjuncts(predicate.clone());
            if let Some(scan) = scan_of(input, &c.table) {
                let kept = unflagged(scan, &conds, c, w, keys)?;
                return Some(super::super::tree::filter(
                    (**input).clone(),
                    Scalar::all(kept),
                ));
            }
            Some(Rel::Filter {
                input: Box::new(without_state(input, c, w, keys)?),
                predicate: predicate.clone(),
            })
        }
        other @ (Rel::Scan(_) | Rel::Join { .. }) => {
            let scan = scan_of(other, &c.table)?;
            // Without a condition all rows are taken: they are removed, all of them or one by one.
            (c.flags.is_empty() && unflagged(scan, &[], c, w, keys).is_some())
                .then(|| other.clone())
        }
        Rel::Values { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => None,
    }
}

/// The one scan of the table among joined relations.
fn scan_of<'r>(rel: &'r Rel, table: &TableName) -> Option<&'r Scan> {
    match rel {
        Rel::Scan(s) => (s.table == *table).then_some(s),
        Rel::Join { left, right, .. } => match (scan_of(left, table), scan_of(right, table)) {
            (Some(s), None) | (None, Some(s)) => Some(s),
            (Some(_), Some(_)) | (None, None) => None,
        },
        Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => None,
    }
}

/// Conditions of the query that stay; None where the consumer takes other rows, or leaves them in the state.
fn unflagged(
    scan: &Scan,
    conds: &[Scalar],
    c: &Consumer,
    w: &RawWrite,
    keys: KeysOf<'_>,
) -> Option<Vec<Scalar>> {
    let (flag, kept): (Vec<Scalar>, Vec<Scalar>) = conds
        .iter()
        .cloned()
        .partition(|x| leaves_state(x, scan, c));
    let all = c.flags.is_empty();
    if !all && flag.is_empty() {
        return None;
    }
    let same_rows = match &w.rows {
        Some((from, rows)) => {
            // In the loop: the row of the loop, by its key.
            let mine = scan_of(from, &c.table).is_some_and(|s| s.alias == scan.alias);
            let whole =
                rows.iter().all(|r| conds.contains(r)) && conds.iter().all(|x| rows.contains(x));
            mine && (whole || narrower(rows, conds)) && by_key(scan, c, keys)
        }
        None => same_condition(scan, conds, c),
    };
    same_rows.then_some(if all { conds.to_vec() } else { kept })
}

/// The consumer takes the rows of the loop, and the write those of them that meet further conditions.
fn narrower(consumed: &[Scalar], written: &[Scalar]) -> bool {
    consumed.iter().all(|c| written.contains(c))
}

/// A condition that no flagged row meets.
fn leaves_state(cond: &Scalar, scan: &Scan, c: &Consumer) -> bool {
    let flag = |s: &Scalar| match bare(s) {
        Scalar::Column(col) if col.relation == scan.alias => c
            .flags
            .iter()
            .find(|(n, _)| *n == col.name)
            .map(|(_, l)| l.clone()),
        _ => None,
    };
    let differs = |l: &Literal, new: &Literal| trimmed(l) != trimmed(new);
    match cond {
        Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } => match (flag(left), bare(right)) {
            (Some(new), Scalar::Literal(old)) => differs(old, &new),
            _ => false,
        },
        Scalar::Compare {
            cmp: CmpOp::Ne,
            left,
            right,
        } => match (flag(left), bare(right)) {
            (Some(new), Scalar::Literal(old)) => trimmed(old) == trimmed(&new),
            _ => false,
        },
        Scalar::IsNull {
            operand,
            not: false,
        } => flag(operand).is_some_and(|new| new != Literal::Null),
        Scalar::InList {
            operand,
            items,
            not: false,
        } => flag(operand).is_some_and(|new| {
            items
                .iter()
                .all(|i| matches!(bare(i), Scalar::Literal(old) if differs(old, &new)))
        }),
        Scalar::Or { items } => items.iter().all(|i| leaves_state(i, scan, c)),
        // NVL(flag, 'N') = 'N'
        _ => nvl_flag(cond, scan, c),
    }
}

fn nvl_flag(cond: &Scalar, scan: &Scan, c: &Consumer) -> bool {
    let Scalar::Compare { cmp, left, right } = cond else {
        return false;
    };
    let (Scalar::Call { function, args, .. }, Scalar::Literal(_)) = (bare(left), bare(right))
    else {
        return false;
    };
    let ("NVL", [column, Scalar::Literal(_)]) = (function.as_str(), args.as_slice()) else {
        return false;
    };
    let plain = Scalar::Compare {
        cmp: *cmp,
        left: Box::new(column.clone()),
        right: right.clone(),
    };
    leaves_state(&plain, scan, c)
}

fn trimmed(l: &Literal) -> String {
    match l {
        Literal::Text(t) => t.trim_end().to_string(),
        other => format!("{other:?}"),
    }
}

/// WHERE key = key of the row.
fn by_key(scan: &Scan, c: &Consumer, keys: KeysOf<'_>) -> bool {
    let Some(p) = &c.predicate else { return false };
    let mut columns = Vec::new();
    for cond in conjuncts(p.clone()) {
        let Scalar::Compare {
            cmp: CmpOp::Eq,
            left,
            right,
        } = &cond
        else {
            return false;
        };
        match (bare(left), bare(right)) {
            (Scalar::Column(a), Scalar::Column(b)) if a.name == b.name => {
                let pair = [&a.relation, &b.relation];
                if pair.contains(&&c.alias) && pair.contains(&&scan.alias) {
                    columns.push(a.name.clone());
                    continue;
                }
                return false;
            }
            // A constant that the row meets anyway.
            (Scalar::Column(a), Scalar::Literal(_)) if a.relation == c.alias => {}
            _ => return false,
        }
    }
    let known = keys(&c.table);
    columns.iter().any(|n| n == super::super::lower::ROWID)
        || known.iter().any(|k| k.iter().all(|x| columns.contains(x)))
        // Without a declared key the row is flagged by what the code takes for one.
        || (known.is_empty() && !columns.is_empty())
}

/// The same condition on the table as the query's, said of the table itself.
fn same_condition(scan: &Scan, conds: &[Scalar], c: &Consumer) -> bool {
    let mine: Vec<Scalar> = conds
        .iter()
        .filter(|x| {
            let mut own = true;
            super::super::tree::columns_of(x, &mut |col| own &= col.relation == scan.alias);
            own
        })
        .map(|x| readdress(x.clone(), &scan.alias, &c.alias))
        .collect();
    let said = c.predicate.clone().map(conjuncts).unwrap_or_default();
    said.iter().all(|s| mine.contains(s)) && mine.iter().all(|m| said.contains(m))
}

fn said(c: &Consumer, span: Span) -> (Fact, super::super::model::Evidence) {
    let note = if c.flags.is_empty() {
        format!(
            "rows of {} are removed once they have been processed: each counts once",
            c.table
        )
    } else {
        let columns: Vec<&str> = c.flags.iter().map(|(n, _)| n.as_str()).collect();
        format!(
            "rows of {} are processed in one state and leave it ({}): each counts once",
            c.table,
            columns.join(", ")
        )
    };
    (Fact::QueueConsumed, proved(note, span))
}
