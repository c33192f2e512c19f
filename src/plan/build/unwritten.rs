//! Results that lack a column of their table, a number drawn from a sequence for one: a job that reads the column would
//! find nothing in the result's topic.

use std::collections::{BTreeMap, BTreeSet};

use super::BuildInput;
use super::decide::{Decided, Outcome, Refusal};
use crate::dataflow::model::{Fact, Lifted, LiftedColumn, Meaning, WriteStep};
use crate::plan::model::{Confidence, ResidualReason};
use crate::rel::{ColumnRole, Rel, Scalar, TableName};

/// Turns planned writes into residuals that read what no planned write of the table writes.
pub(super) fn refuse_readers(input: &BuildInput<'_>, all: &mut [Decided]) {
    // A reader that is taken out no longer writes its own table: until nothing changes.
    loop {
        let written = written(input, all);
        let steps = input.flows.steps.iter().enumerate();
        let found: Vec<(usize, Refusal)> = steps
            .filter(|(i, _)| matches!(all[*i].outcome, Outcome::Planned { .. }))
            .filter_map(|(i, s)| Some((i, lacking(s, &written)?)))
            .collect();
        if found.is_empty() {
            return;
        }
        for (i, refusal) in found {
            all[i].confidence = Confidence::Manual;
            all[i].outcome = Outcome::Residual(refusal);
        }
    }
}

/// Columns that planned writes fill, by table; tables that are completed in place come from Oracle.
fn written<'i>(
    input: &'i BuildInput<'_>,
    all: &[Decided],
) -> BTreeMap<&'i TableName, BTreeSet<&'i str>> {
    let mut out: BTreeMap<&TableName, BTreeSet<&str>> = BTreeMap::new();
    for (step, decided) in input.flows.steps.iter().zip(all) {
        let (Outcome::Planned { .. }, Meaning::Lifted(l), Some(table)) =
            (&decided.outcome, &step.meaning, &step.table)
        else {
            continue;
        };
        if !l.query.scans().iter().any(|s| s.table == *table) {
            // Another number than the batch drew: who reads it would get other numbers than Oracle's.
            let drawn = |c: &&LiftedColumn| {
                step.facts.contains_key(&Fact::SurrogateKey)
                    && c.role == ColumnRole::Audit
                    && c.ty.is_numeric()
            };
            let columns = l.columns.iter().filter(|c| !drawn(c));
            let columns = columns.map(|c| c.name.as_str());
            out.entry(table).or_default().extend(columns);
        }
    }
    out
}

fn lacking(step: &WriteStep, written: &BTreeMap<&TableName, BTreeSet<&str>>) -> Option<Refusal> {
    let Meaning::Lifted(lifted) = &step.meaning else {
        return None;
    };
    let used = used(lifted);
    let mut scans = lifted.query.scans().into_iter();
    let (table, column) = scans.find_map(|s| {
        let columns = written.get(&s.table)?;
        let mine = used.iter().filter(|(relation, _)| *relation == s.alias);
        let mut missing = mine.filter(|(_, name)| !columns.contains(name));
        let (_, column) = missing.next()?;
        Some((&s.table, *column))
    })?;
    Some(Refusal {
        reason: ResidualReason::NonDeterministic,
        message: format!(
            "it reads {table}.{column}, which in the stream's {table} is missing or another number: the batch draws it, or gives it a value of its own"
        ),
        failed: None,
        unlock: "read the natural key instead, or name the column's source".into(),
    })
}

/// Columns that some expression uses.
fn used(lifted: &Lifted) -> BTreeSet<(&str, &str)> {
    let mut out = BTreeSet::new();
    in_rel(&lifted.query, &mut out);
    out
}

fn in_rel<'r>(rel: &'r Rel, out: &mut BTreeSet<(&'r str, &'r str)>) {
    rel.for_each_scalar(&mut |s| in_scalar(s, out));
    rel.for_each_input(&mut |r| in_rel(r, out));
}

fn in_scalar<'s>(s: &'s Scalar, out: &mut BTreeSet<(&'s str, &'s str)>) {
    if let Scalar::Column(c) = s {
        out.insert((&c.relation, &c.name));
    }
    if let Scalar::Exists { query, .. }
    | Scalar::InQuery { query, .. }
    | Scalar::ScalarQuery { query } = s
    {
        in_rel(query, out);
    }
    s.for_each_child(&mut |c| in_scalar(c, out));
}
