//! The period that was removed, and the delete before the insert, as facts.

use super::super::cx::obstacle;
use super::super::model::{Evidence, Fact, Facts, Obstacle, ObstacleKind};
use super::super::period::{Debatched, delete_period};
use super::super::raw::RawBody;
use super::rows::Rows;
use super::{add, proved};
use crate::source::Span;

pub(super) fn period_facts(done: &Debatched, span: Span, facts: &mut Facts) {
    let Some(period) = &done.period else {
        add(
            facts,
            Fact::NoPeriod,
            proved("the query does not depend on the run", span),
        );
        return;
    };
    let at = |e: &Evidence| Evidence {
        spans: if e.spans.is_empty() {
            vec![span]
        } else {
            e.spans.clone()
        },
        ..e.clone()
    };
    let note = format!(
        "{} is tied to {}.{} and removed",
        period.parameter, period.source.relation, period.source.name
    );
    add(facts, Fact::PeriodRemoved, proved(note, span));
    if let Some(e) = &done.partitions {
        add(facts, Fact::PeriodPartitions, at(e));
    }
    if let Some(e) = &done.every_period {
        add(facts, Fact::EveryPeriodRuns, at(e));
    }
}

/// The delete before: of everything, of the period, or of something else.
pub(super) fn cleared(
    rows: &Rows<'_>,
    done: &Debatched,
    facts: &mut Facts,
) -> Result<bool, Obstacle> {
    let Some(delete) = rows.delete else {
        return Ok(false);
    };
    let RawBody::Delete { predicate, .. } = &delete.body else {
        return Ok(false);
    };
    let other = |message: &str, unlock: &str| {
        Err(obstacle(ObstacleKind::Period, delete.span, message, unlock))
    };
    let Some(predicate) = predicate else {
        if done.period.is_some() {
            return other(
                "the table is emptied and filled with one period: it holds the last period only",
                "keep the periods in the table, or drop the condition on the period",
            );
        }
        add(
            facts,
            Fact::EmptiesTargetBefore,
            proved("the whole table is emptied before", delete.span),
        );
        return Ok(true);
    };
    let deleted = delete_period(predicate, &rows.params);
    if deleted.is_some_and(|d| done.replaces(&d)) {
        add(
            facts,
            Fact::DeletesPeriodBefore,
            proved(
                "exactly the period that is written is deleted before",
                delete.span,
            ),
        );
        return Ok(true);
    }
    other(
        "the DELETE before clears other rows than those that are written again",
        "delete exactly the rows of the period that is inserted",
    )
}
