//! SYSDATE in a predicate is a parameter like any other: the batch's own time. As a written value it is an audit
//! value and stays.

use super::param::param;
use crate::dataflow::tree::{any, bare, map_rel, map_scalar, visit_rel};
use crate::rel::{DataType, Rel, Scalar};

/// Name of the hidden parameter.
pub(super) const CLOCK: &str = "SYSDATE";

/// The tree with the clock as a parameter, where it decides which rows are taken.
pub(super) fn adopt(rel: Rel) -> Rel {
    if !decides(&rel) {
        return rel;
    }
    map_rel(rel, &mut |s| {
        if is_clock(bare(&s)) {
            s
        } else {
            as_parameter(s)
        }
    })
}

fn is_clock(s: &Scalar) -> bool {
    matches!(s, Scalar::EventTime { .. })
}

fn as_parameter(s: Scalar) -> Scalar {
    map_scalar(s, &mut |n| match n {
        Scalar::EventTime { ty } => param(CLOCK, ty),
        // SYSTIMESTAMP truncated is a DATE all the same.
        Scalar::PeriodOf { operand, unit } => match super::as_param(&operand) {
            Some(CLOCK) => Scalar::PeriodOf {
                operand: Box::new(param(CLOCK, DataType::Date)),
                unit,
            },
            Some(_) | None => Scalar::PeriodOf { operand, unit },
        },
        other => other,
    })
}

/// The clock stands in a condition.
fn decides(rel: &Rel) -> bool {
    let mut found = false;
    let clock = |s: &Scalar| any(s, &is_clock);
    match rel {
        Rel::Filter { predicate, .. } => found |= clock(predicate),
        Rel::Join { on, .. } => found |= on.as_ref().is_some_and(clock),
        Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Project { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => {}
    }
    rel.for_each_input(&mut |r| found |= decides(r));
    found || subqueries(rel)
}

/// The clock stands in a condition of a subquery of a scalar.
fn subqueries(rel: &Rel) -> bool {
    let mut found = false;
    visit_rel(rel, &mut |n| {
        if let Scalar::Exists { query, .. }
        | Scalar::InQuery { query, .. }
        | Scalar::ScalarQuery { query } = n
        {
            found |= decides(query);
        }
    });
    found
}
