//! Debatching: finds the predicate that ties a source column to the batch's parameter, and takes both out.
//! Works on a lowered tree in which parameters stand as `$PARAM('NAME')` calls. What is made of the parameter is
//! expressed by the row's own period; every aggregate, ranking and set operation stays within a period. A parameter
//! that is left anywhere is a [`PeriodProblem`]. Must not know syntax trees or which routine runs when.

mod anchor;
mod binding;
mod clock;
mod delete;
mod detect;
mod diagnose;
mod linear;
mod moment;
mod normal;
mod param;
mod place;
mod problem;
mod ratio;
mod rebuild;
#[cfg(test)]
mod tests;
mod trace;
mod unit;

pub use binding::BatchParam;
pub use delete::{DeletedPeriod, delete_period};
pub use param::{PARAM, as_param, param};
pub use problem::PeriodProblem;
pub(in crate::dataflow) use unit::of_run_date;

use crate::catalog::model::Bound;
use crate::dataflow::model::{Evidence, Status};
use crate::dataflow::tree;
use crate::rel::{Named, Period, PeriodUnit, Rel, Scalar};

use anchor::Anchor;
use place::{Across, Placing};

/// A query without its parameter.
#[derive(Clone, Debug)]
pub struct Debatched {
    /// For all periods together, what the query was for one. Outputs are the same, in order.
    pub query: Rel,
    /// What was removed; None: there was no parameter.
    pub period: Option<Period>,
    /// Remarks.
    pub notes: Vec<String>,
    /// What is taken for granted, a sentence each.
    pub assumptions: Vec<String>,
    /// That every row belongs to exactly one period.
    pub partitions: Option<Evidence>,
    /// That the job runs for every period.
    pub every_period: Option<Evidence>,
    anchor: Option<Anchor>,
    /// Outputs that are the source column itself, with its time of day.
    carried: Vec<String>,
}

impl Debatched {
    /// True when the delete clears exactly the period that a run then writes.
    pub fn replaces(&self, deleted: &DeletedPeriod) -> bool {
        let Some(anchor) = &self.anchor else {
            return false;
        };
        let column = self.period.as_ref().and_then(|p| p.target_column.as_ref());
        let start = column == Some(&deleted.column);
        let time = !deleted.exact && self.carried.contains(&deleted.column);
        (start || time) && deleted.is_of(anchor)
    }
}

/// Removes the period, the results of different periods being different rows.
pub fn debatch(query: Rel, params: &[BatchParam]) -> Result<Debatched, PeriodProblem> {
    remove(query, params, Across::Separate)
}

/// Removes the period, the results of different periods being added to one old value: sums over all periods.
pub fn debatch_sums(query: Rel, params: &[BatchParam]) -> Result<Debatched, PeriodProblem> {
    remove(query, params, Across::Added)
}

fn remove(query: Rel, params: &[BatchParam], across: Across) -> Result<Debatched, PeriodProblem> {
    let outputs = query.outputs();
    let constants: Vec<(String, Scalar)> = params
        .iter()
        .filter_map(|p| Some((p.name.clone(), p.constant()?)))
        .collect();
    let query = clock::adopt(place::constants(query, &constants));
    let left = parameters(&query, params);
    if left.is_empty() {
        return Ok(Debatched {
            query,
            period: None,
            notes: Vec::new(),
            assumptions: Vec::new(),
            partitions: None,
            every_period: None,
            anchor: None,
            carried: Vec::new(),
        });
    }
    let mut first_problem = None;
    for p in &left {
        let mut placing = Placing {
            param: p,
            across,
            anchors: Vec::new(),
            assumptions: Vec::new(),
            notes: Vec::new(),
            grouped: false,
        };
        match placing.visit(normal::push_down(query.clone(), p), false) {
            Ok(part) => {
                if let Some(placed) = part.placed {
                    return finish(part.rel, placed.anchor, placing, &outputs, &left);
                }
            }
            Err(problem) => {
                first_problem.get_or_insert(PeriodProblem {
                    span: p.span,
                    ..problem
                });
            }
        }
    }
    Err(first_problem.unwrap_or_else(|| diagnose::diagnose(&query, &left[0])))
}

/// The parameters that stand in a tree, in order of appearance.
fn parameters(rel: &Rel, known: &[BatchParam]) -> Vec<BatchParam> {
    let mut out: Vec<BatchParam> = Vec::new();
    tree::visit_rel(rel, &mut |n| {
        let Some(name) = as_param(n) else { return };
        if out.iter().any(|p| p.name == name) {
            return;
        }
        let mine = known.iter().find(|p| p.name == name).cloned();
        out.push(mine.unwrap_or_else(|| BatchParam {
            name: name.into(),
            ty: n.ty(),
            bound: None,
            span: None,
        }));
    });
    out
}

fn finish(
    query: Rel,
    anchor: Anchor,
    placing: Placing<'_>,
    outputs: &[crate::rel::ColumnRef],
    params: &[BatchParam],
) -> Result<Debatched, PeriodProblem> {
    if let Some(p) = parameters(&query, params).first() {
        return Err(diagnose::diagnose(&query, p));
    }
    let query = narrowed(query, outputs);
    let target_column = outputs
        .iter()
        .map(|o| &o.name)
        .find(|n| holds_period(&query, n, &anchor, &placing.anchors));
    if placing.grouped && target_column.is_none() {
        return Err(PeriodProblem::new(
            placing.name_of(),
            format!(
                "rows are put together within a {}, and which one is not written: the results of different runs cannot be told apart",
                unit::word(anchor.unit)
            ),
            "write the period to a column of the target, or add to the old value",
        ));
    }
    let assumptions = deduplicated(placing.assumptions);
    Ok(Debatched {
        period: Some(Period {
            parameter: anchor.param.clone(),
            source: anchor.source.clone(),
            unit: anchor.unit,
            target_column: target_column.cloned(),
        }),
        partitions: Some(partitions(&anchor, &assumptions)),
        every_period: Some(every_period(&anchor, placing.param)),
        notes: placing.notes,
        assumptions,
        carried: outputs
            .iter()
            .map(|o| o.name.clone())
            .filter(|n| carries(&query, n, &anchor))
            .collect(),
        anchor: Some(anchor),
        query,
    })
}

impl Placing<'_> {
    fn name_of(&self) -> &str {
        &self.param.name
    }
}

fn deduplicated(list: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for s in list {
        if !out.contains(&s) {
            out.push(s);
        }
    }
    out
}

/// Without the outputs that only carried the period.
fn narrowed(rel: Rel, outputs: &[crate::rel::ColumnRef]) -> Rel {
    let now = rel.outputs();
    if now.len() == outputs.len() {
        return rel;
    }
    let mine = |o: &crate::rel::ColumnRef| {
        now.iter()
            .find(|n| n.name == o.name && n.relation == o.relation)
            .cloned()
    };
    let items = outputs.iter().filter_map(mine).map(|c| Named {
        name: c.name.clone(),
        expr: Scalar::Column(c),
    });
    Rel::Project {
        items: items.collect(),
        input: Box::new(rel),
    }
}

/// The output is the period's source column.
fn carries(rel: &Rel, name: &str, anchor: &Anchor) -> bool {
    let Some(column) = rel.outputs().into_iter().find(|c| c.name == name) else {
        return false;
    };
    let source = Scalar::Column(anchor.source.clone());
    let traces = trace::traces(rel, &Scalar::Column(column));
    traces.is_some_and(|all| all.iter().all(|t| trace::same(t, &source)))
}

/// The output is the period, whichever branch of a union a row comes from: the key itself, its start, or its name in
/// a format.
fn holds_period(rel: &Rel, name: &str, anchor: &Anchor, all: &[Anchor]) -> bool {
    let same_period = |a: &&Anchor| a.moment == anchor.moment && a.unit == anchor.unit;
    let Some(branches) = trace::variants(rel) else {
        return false;
    };
    branches.iter().all(|branch| {
        let Some(column) = branch.outputs().into_iter().find(|c| c.name == name) else {
            return false;
        };
        if trace::may_be_missing(branch, &column) {
            return false;
        }
        let Some(traced) = trace::trace(branch, &Scalar::Column(column)) else {
            return false;
        };
        let traced = tree::bare(&traced);
        all.iter()
            .filter(same_period)
            .any(|a| trace::same(traced, &a.traced) || names(traced, a))
    })
}

/// `TRUNC(x, unit)` or `TO_CHAR(x, format)` of the period column.
fn names(traced: &Scalar, anchor: &Anchor) -> bool {
    let source = Scalar::Column(anchor.source.clone());
    let of_source = |s: &Scalar| trace::same(s, &source) || trace::same(s, &anchor.traced);
    if let Scalar::PeriodOf { operand, unit } = traced {
        return *unit == anchor.unit && of_source(operand);
    }
    let Scalar::Call { function, args, .. } = traced else {
        return false;
    };
    match (function.as_str(), args.as_slice()) {
        ("TO_CHAR", [x, format]) => {
            let start = matches!(x, Scalar::PeriodOf { operand, unit } if of_source(operand) && *unit == anchor.unit);
            unit::text(format).and_then(unit::of_format) == Some(anchor.unit)
                && (start || of_source(x))
        }
        ("TO_NUMBER", [x]) => names(x, anchor),
        _ => false,
    }
}

fn partitions(anchor: &Anchor, assumptions: &[String]) -> Evidence {
    let word = unit::word(anchor.unit);
    let note = format!("{} assigns every row to one {word}", anchor.source.name);
    match assumptions {
        [] => evidence(Status::Proved, note),
        some => evidence(
            Status::Assumed,
            format!("{note}, if {}", some.join("; and ")),
        ),
    }
}

fn every_period(anchor: &Anchor, param: &BatchParam) -> Evidence {
    let word = unit::word(anchor.unit);
    let coarser = |u: PeriodUnit| u != anchor.unit && unit::within(anchor.unit, u);
    match &param.bound {
        Some(Bound::RunDate(text)) if !param.aligned().is_some_and(coarser) => evidence(
            Status::Proved,
            format!(
                "the schedule starts it with {} = {text}, so that the {word} follows the day of the run",
                param.name
            ),
        ),
        Some(Bound::RunDate(text) | Bound::Constant(text) | Bound::Unknown(text)) => evidence(
            Status::Assumed,
            format!(
                "the job is run once for every {word} ({} is {text})",
                param.name
            ),
        ),
        None => evidence(
            Status::Assumed,
            format!("the job is run once for every {word}"),
        ),
    }
}

fn evidence(status: Status, note: String) -> Evidence {
    Evidence {
        status,
        note,
        spans: Vec::new(),
    }
}
