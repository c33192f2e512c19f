//! Says why a parameter stays, from the shape of the conditions that it stands in.

use super::binding::BatchParam;
use super::clock::CLOCK;
use super::detect::{Side, Tie, ties};
use super::moment::holds;
use super::problem::PeriodProblem;
use super::trace::same;
use crate::catalog::model::Bound;
use crate::dataflow::tree::conjuncts;
use crate::rel::{Rel, Scalar};

/// The problem with a parameter that was not removed.
pub(super) fn diagnose(rel: &Rel, param: &BatchParam) -> PeriodProblem {
    let mut conditions = Vec::new();
    collect(rel, &param.name, &mut conditions);
    let ties = ties(&conditions, &param.name);
    let (message, unlock) = shape(&conditions, &ties, param);
    PeriodProblem {
        span: param.span,
        ..PeriodProblem::new(&param.name, message, unlock)
    }
}

fn collect(rel: &Rel, name: &str, out: &mut Vec<Scalar>) {
    let mut add =
        |s: &Scalar| out.extend(conjuncts(s.clone()).into_iter().filter(|c| holds(c, name)));
    match rel {
        Rel::Filter { predicate, .. } => add(predicate),
        Rel::Join { on: Some(on), .. } => add(on),
        Rel::Join { on: None, .. }
        | Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => {}
    }
    rel.for_each_input(&mut |r| collect(r, name, out));
}

fn shape(conditions: &[Scalar], ties: &[Tie], param: &BatchParam) -> (String, &'static str) {
    let p = &param.name;
    let lower: Vec<&Tie> = ties
        .iter()
        .filter(|t| matches!(t.side, Side::From | Side::After))
        .collect();
    let upper: Vec<&Tie> = ties
        .iter()
        .filter(|t| matches!(t.side, Side::Before | Side::Until))
        .collect();
    let paired = lower
        .iter()
        .any(|l| upper.iter().any(|u| same(&l.operand, &u.operand)));
    if paired {
        return (
            format!(
                "the rows between two bounds made of {p} are not exactly one minute, hour, day, month, quarter or year: periods of different runs may overlap or leave gaps"
            ),
            "bound the column by the start of a period and the start of the next one",
        );
    }
    if !lower.is_empty() && !upper.is_empty() {
        return (
            format!("{p} bounds two different columns: a row may belong to many runs"),
            "say which one column assigns a row to a run",
        );
    }
    if !lower.is_empty() {
        return (
            format!(
                "all rows after {p} are taken: how far the last run came decides, not a period"
            ),
            "if every row is to be processed once, the condition can go: offsets of the topic replace it",
        );
    }
    if !upper.is_empty() {
        return (
            format!(
                "all rows before {p} are taken: every run sees the rows of the earlier ones again"
            ),
            "say whether the result may follow the present rows, or is a snapshot on purpose",
        );
    }
    unbounded(conditions, ties, param)
}

fn unbounded(conditions: &[Scalar], ties: &[Tie], param: &BatchParam) -> (String, &'static str) {
    let p = &param.name;
    if !ties.is_empty() {
        return (
            format!("{p} selects rows by equality, and nothing shows that it names a period"),
            "bind it to a constant in the schedule, or take the condition out if all values are run",
        );
    }
    if p == CLOCK {
        return (
            "the rows taken or the values written depend on the time of the run (SYSDATE)".into(),
            "restrict a date column to a period made of TRUNC(SYSDATE)",
        );
    }
    let bound = match &param.bound {
        Some(Bound::Constant(text)) => {
            format!(" (bound to {text}, which is no literal of its type)")
        }
        Some(Bound::Unknown(reason)) => format!(" ({reason})"),
        Some(Bound::RunDate(_)) | None => String::new(),
    };
    if conditions.is_empty() {
        return (
            format!("{p} is used, and no condition ties it to a column of the rows{bound}"),
            "derive the value from a column of the source, or bind it to a constant in the schedule",
        );
    }
    (
        format!("{p} stands in a condition that does not give each row one period{bound}"),
        "bound a date column by the start of a period and the start of the next one",
    )
}
