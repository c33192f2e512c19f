//! The period out of the query. What is tried, in this order: a period predicate by a parameter or a value of the
//! run; a mark of the last run that every later row lies beyond; values of the run beside the rows.

use super::super::cx::obstacle;
use super::super::model::{Fact, Facts, Obstacle, ObstacleKind};
use super::super::period::{Debatched, PeriodProblem, as_param, debatch, debatch_sums};
use super::super::tree::{any, conjuncts, filter, map_inputs};
use super::rows::Rows;
use super::runs::{self, Runs};
use super::{add, assumed};
use crate::rel::{AggFunction, CmpOp, Rel, Scalar, TableName};

/// Removes the period.
pub(super) fn period(rows: &Rows<'_>, facts: &mut Facts) -> Result<Debatched, Obstacle> {
    let names = runs::used(&rows.query, rows.runs);
    let (tying, beside): (Vec<String>, Vec<String>) = names
        .into_iter()
        .partition(|n| rows.runs.get(n).is_some_and(runs::may_be_period));
    let marks = Marks {
        runs: rows.runs,
        target: &rows.table.name,
    };
    let largest = |n: &String| {
        rows.runs
            .get(n)
            .is_some_and(|v| !v.counts && only_largest(&v.from))
    };
    let query = runs::as_subqueries(rows.query.clone(), &beside, rows.runs);
    let self_read = query.scans().iter().any(|s| s.table == rows.table.name);
    let marked = beside.iter().any(largest) || (self_read && !rows.own_rows);
    let problem = match without(rows, query.clone()) {
        Ok(done) if !marked => return Ok(done),
        Ok(_) => None,
        Err(problem) => Some(problem),
    };
    if let Some((query, columns)) = marks.without(&rows.query, !rows.adds.is_empty()) {
        let rest = runs::used(&query, rows.runs);
        let query = runs::as_subqueries(query, &rest, rows.runs);
        if let Ok(done) = without(rows, query) {
            let note = format!(
                "every row is seen by one run: {} lies beyond the mark of the run before. Rows that became visible late were missed by the batch; the stream has them",
                columns.join(", ")
            );
            add(facts, Fact::EachRowOnce, assumed(note, rows.raw.span));
            return Ok(done);
        }
    }
    let Some(problem) = problem else {
        return without(rows, query).map_err(|p| refused(rows, &p));
    };
    if tying.is_empty() {
        return Err(refused(rows, &problem));
    }
    let query = runs::as_subqueries(query, &tying, rows.runs);
    let done = without(rows, query).map_err(|_| refused(rows, &problem))?;
    let read: Vec<String> = tying
        .iter()
        .filter_map(|n| rows.runs.get(n))
        .flat_map(|v| v.from.scans().into_iter().map(|s| s.table.to_string()))
        .collect();
    let note = format!(
        "values that the batch reads once a run ({}) are followed as they are now",
        read.join(", ")
    );
    add(facts, Fact::RunValuesFollowed, assumed(note, rows.raw.span));
    Ok(done)
}

fn without(rows: &Rows<'_>, query: Rel) -> Result<Debatched, PeriodProblem> {
    if rows.adds.is_empty() {
        debatch(query, &rows.params)
    } else {
        debatch_sums(query, &rows.params)
    }
}

fn refused(rows: &Rows<'_>, problem: &PeriodProblem) -> Obstacle {
    let read = rows.runs.get(&problem.param);
    match read {
        None => problem.obstacle(rows.raw.span),
        Some(value) => {
            let names: Vec<String> = value
                .from
                .scans()
                .iter()
                .map(|s| s.table.to_string())
                .collect();
            let mut why = obstacle(
                ObstacleKind::Period,
                value.span,
                format!(
                    "a value is read from {} when the job runs: it depends on the day of the run ({})",
                    names.join(", "),
                    problem.message
                ),
                "pass the value as a parameter, or name the column whose periods the runs follow",
            );
            why.spans.insert(0, rows.raw.span);
            why
        }
    }
}

/// What says how far the last run came.
struct Marks<'m> {
    runs: &'m Runs,
    target: &'m TableName,
}

impl Marks<'_> {
    /// The query without `column > mark`, and the columns. None where there is no mark, or where rows are put
    /// together within a run.
    fn without(&self, query: &Rel, sums: bool) -> Option<(Rel, Vec<String>)> {
        let mut columns = Vec::new();
        let out = self.strip(query.clone(), sums, &mut columns)?;
        (!columns.is_empty()).then_some((out, columns))
    }

    fn strip(&self, rel: Rel, sums: bool, columns: &mut Vec<String>) -> Option<Rel> {
        let before = columns.len();
        let groups = matches!(
            rel,
            Rel::Aggregate { .. } | Rel::Window { .. } | Rel::Distinct { .. } | Rel::Limit { .. }
        );
        let mut fine = true;
        let rel = map_inputs(rel, &mut |r| {
            self.strip(r.clone(), sums, columns).unwrap_or_else(|| {
                fine = false;
                r
            })
        });
        if !fine || (groups && !sums && columns.len() > before) {
            return None;
        }
        let Rel::Filter { input, predicate } = rel else {
            return Some(rel);
        };
        let mut kept = Vec::new();
        let mut later = Vec::new();
        for c in conjuncts(predicate) {
            match self.beyond(&c) {
                Some(column) => columns.push(column),
                None if self.until_now(&c) => later.push(c),
                None => kept.push(c),
            }
        }
        // "Until now" only goes together with a mark.
        if columns.len() == before {
            kept.extend(later);
        }
        Some(filter(*input, Scalar::all(kept)))
    }

    /// `column > mark`.
    fn beyond(&self, c: &Scalar) -> Option<String> {
        let Scalar::Compare { cmp, left, right } = c else {
            return None;
        };
        let (column, mark) = match cmp {
            CmpOp::Gt | CmpOp::Ge => (left, right),
            CmpOp::Lt | CmpOp::Le => (right, left),
            CmpOp::Eq | CmpOp::Ne => return None,
        };
        let Scalar::Column(column) = super::super::tree::bare(column) else {
            return None;
        };
        self.is_mark(mark).then(|| column.name.clone())
    }

    /// `column <= the moment of the run`.
    fn until_now(&self, c: &Scalar) -> bool {
        let Scalar::Compare { cmp, left, right } = c else {
            return false;
        };
        let (column, bound) = match cmp {
            CmpOp::Lt | CmpOp::Le => (left, right),
            CmpOp::Gt | CmpOp::Ge => (right, left),
            CmpOp::Eq | CmpOp::Ne => return false,
        };
        let plain = matches!(super::super::tree::bare(column), Scalar::Column(_));
        let clock = matches!(super::super::tree::bare(bound), Scalar::EventTime { .. });
        plain && (clock || self.is_mark(bound))
    }

    /// A value of the run that is a moment or a number, or the largest that the target holds.
    fn is_mark(&self, s: &Scalar) -> bool {
        match super::super::tree::bare(s) {
            Scalar::ScalarQuery { query } => largest_of(query, self.target),
            Scalar::Call { function, args, .. } if function == "NVL" || function == "COALESCE" => {
                args.first().is_some_and(|a| self.is_mark(a))
            }
            other => as_param(other)
                .and_then(|n| self.runs.get(n))
                .is_some_and(|v| self.run_mark(v)),
        }
    }

    fn run_mark(&self, value: &super::super::lower::RunValue) -> bool {
        let number = value.expr.ty().is_numeric() || runs::is_moment(value);
        match &value.from {
            Rel::Aggregate { .. } => only_largest(&value.from) && !value.counts,
            _ => number,
        }
    }
}

/// `SELECT MAX(..) FROM target`.
fn largest_of(query: &Rel, target: &TableName) -> bool {
    let Rel::Project { input, .. } = query else {
        return false;
    };
    let scans = query.scans();
    matches!(scans.as_slice(), [one] if one.table == *target) && only_largest(input)
}

fn only_largest(rel: &Rel) -> bool {
    match rel {
        Rel::Aggregate { input, keys, aggs } => {
            keys.is_empty()
                && aggs.iter().all(|a| a.function == AggFunction::Max)
                && !any_param(input)
        }
        _ => false,
    }
}

fn any_param(rel: &Rel) -> bool {
    let mut found = false;
    super::super::tree::visit_rel(rel, &mut |s| found |= any(s, &|n| as_param(n).is_some()));
    found
}
