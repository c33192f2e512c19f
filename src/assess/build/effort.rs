//! The price of what is left: hours by kind of work and pattern. The first of a pattern costs more than its repeats.
//! The rates are ours, stated in the report beside the result, so that a reader can put in others.

use std::collections::BTreeMap;

use crate::assess::model::*;
use crate::plan::model::{FactStatus, Plan, ResidualReason};

/// All items, in order of kind and pattern.
pub(super) fn build(
    writes: &[WriteReport],
    jobs: &[JobReport],
    units: &[UnitReport],
    plan: &Plan,
) -> Effort {
    let mut items = Vec::new();
    let planned = plan.groups.iter().flat_map(|g| &g.jobs);
    for (class, count) in counted(planned.map(|j| j.write.class)) {
        let pattern = word(&class);
        items.push(item(
            EffortKind::ReviewPlanned,
            pattern,
            count,
            (2, 4),
            (1, 2),
        ));
    }
    let assumed = plan
        .groups
        .iter()
        .flat_map(|g| &g.jobs)
        .flat_map(|j| &j.preconditions)
        .filter(|p| p.status == FactStatus::Assumed);
    for (fact, count) in counted(assumed.map(|p| p.fact.clone())) {
        items.push(item(
            EffortKind::ConfirmAssumption,
            fact,
            count,
            (1, 4),
            (1, 2),
        ));
    }
    for (reason, count) in counted(writes.iter().filter_map(|w| w.reason)) {
        let (first, repeat) = residual_rate(reason);
        items.push(item(
            EffortKind::BuildResidual,
            word(&reason),
            count,
            first,
            repeat,
        ));
    }
    let broken = units.iter().filter(|u| match u.status {
        UnitStatus::PartlyParsed | UnitStatus::Wrapped | UnitStatus::Unparsed => true,
        UnitStatus::Parsed | UnitStatus::Opaque => false,
    });
    for (status, count) in counted(broken.map(|u| u.status)) {
        items.push(item(
            EffortKind::RepairInput,
            word(&status),
            count,
            (1, 4),
            (1, 2),
        ));
    }
    let loads = plan.backfills.len() as u64;
    items.push(item(
        EffortKind::LoadTable,
        String::new(),
        loads,
        (2, 4),
        (1, 2),
    ));
    let moving = jobs.iter().filter(|j| j.group.is_some()).count() as u64;
    items.push(item(
        EffortKind::Cutover,
        String::new(),
        moving,
        (8, 24),
        (4, 12),
    ));
    items.retain(|i| i.count > 0);
    Effort::of(items)
}

fn item(
    work: EffortKind,
    pattern: String,
    count: u64,
    first: (u64, u64),
    repeat: (u64, u64),
) -> EffortItem {
    let hours = |(low, high)| Hours { low, high };
    EffortItem::new(work, pattern, count, hours(first), hours(repeat))
}

fn counted<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut out = BTreeMap::new();
    for i in items {
        *out.entry(i).or_insert(0) += 1;
    }
    out
}

/// The word of a closed enum, as in report.json.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(s)) => s,
        _ => String::new(),
    }
}

/// Hours of the first and of each further residual of a reason.
fn residual_rate(reason: ResidualReason) -> ((u64, u64), (u64, u64)) {
    match reason {
        ResidualReason::OrderDependent
        | ResidualReason::SelfRead
        | ResidualReason::CommitVisibleIntermediate => ((16, 40), (8, 20)),
        ResidualReason::OpaqueDynamicSql
        | ResidualReason::PackageState
        | ResidualReason::UnsupportedByEngine
        | ResidualReason::SideEffect
        | ResidualReason::DbLink => ((8, 24), (4, 12)),
        ResidualReason::EarlyExit
        | ResidualReason::AutonomousTransaction
        | ResidualReason::NonDeterministic
        | ResidualReason::PeriodNotUnderstood
        | ResidualReason::FreezeOnPurpose
        | ResidualReason::NotLowered => ((8, 16), (3, 8)),
        ResidualReason::UnknownCallee
        | ResidualReason::WrappedSource
        | ResidualReason::UnknownObject
        | ResidualReason::NoKey
        | ResidualReason::Unreachable => ((2, 8), (1, 2)),
    }
}
