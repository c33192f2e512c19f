//! Results that begin with an opening balance, and who reads them: a job reads the topic of a result, and what the
//! table held before the first captured change is loaded into Cassandra, not into the topic.

use std::collections::BTreeSet;

use super::BuildInput;
use super::decide::{Decided, Outcome};
use crate::dataflow::model::{Meaning, WriteStep};
use crate::plan::model::{FactStatus, Precondition};
use crate::rel::{TableName, WriteClass};

/// What the fact is called.
const FACT: &str = "history-in-topic";

/// Classes whose target holds history that no source row explains any more.
pub(super) fn has_history(class: WriteClass) -> bool {
    match class {
        WriteClass::Upsert | WriteClass::KeepFirst | WriteClass::Queue | WriteClass::Delta => true,
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Append
        | WriteClass::Freeze => false,
    }
}

/// Marks the writes that read such results: they rest on an assumption.
pub(super) fn assume(input: &BuildInput<'_>, all: &mut [Decided]) {
    let steps = &input.flows.steps;
    let resting: Vec<usize> = (0..steps.len())
        .filter(|i| !read_by(input, all, &steps[*i]).is_empty())
        .collect();
    for i in resting {
        if let Outcome::Planned { assumed, .. } = &mut all[i].outcome {
            *assumed = true;
        }
    }
}

/// Results with an opening balance that a step reads.
fn read_by(input: &BuildInput<'_>, all: &[Decided], step: &WriteStep) -> BTreeSet<TableName> {
    let Meaning::Lifted(lifted) = &step.meaning else {
        return BTreeSet::new();
    };
    let steps = input.flows.steps.iter().zip(all);
    let with_history: BTreeSet<&TableName> = steps
        .filter_map(|(s, d)| match &d.outcome {
            Outcome::Planned { class, .. } if has_history(*class) => s.table.as_ref(),
            Outcome::Planned { .. }
            | Outcome::PartOf(_)
            | Outcome::Control(_)
            | Outcome::Residual(_)
            | Outcome::Elsewhere => None,
        })
        .collect();
    let scans = lifted.query.scans();
    let other = scans
        .iter()
        .filter(|s| step.table.as_ref() != Some(&s.table));
    other
        .map(|s| s.table.clone())
        .filter(|t| with_history.contains(t))
        .collect()
}

/// The precondition of a job that reads them.
pub(super) fn precondition(
    input: &BuildInput<'_>,
    all: &[Decided],
    step: &WriteStep,
) -> Option<Precondition> {
    let tables = read_by(input, all, step);
    if tables.is_empty() {
        return None;
    }
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    Some(Precondition {
        fact: FACT.into(),
        status: FactStatus::Assumed,
        note: format!(
            "the result topic of {} holds what the table held before: it begins with the first captured change, so rows that no source explains any more must be written to it before this job starts",
            names.join(", ")
        ),
        places: vec![input.map.place(step.span)],
    })
}
