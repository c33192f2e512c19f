//! Planned writes as stream jobs, grouped by the job that starts them: one group, one script.

use std::collections::BTreeMap;

use super::BuildInput;
use super::decide::{Decided, Outcome, key_of, preconditions, routine_name};
use super::history;
use super::names::{Unique, snake, topic_part};
use crate::dataflow::model::{Fact, Lifted, Meaning, WriteStep};
use crate::plan::model::Plan;
use crate::plan::model::{FactStatus, JobGroup, Question, StreamJob};
use crate::rel::{
    AggFunction, ColumnRole, OnDelete, Rel, TableName, Write, WriteClass, WriteColumn,
};

/// All groups, in the order of the catalogue's jobs.
pub fn build(input: &BuildInput<'_>, all: &[Decided]) -> Vec<JobGroup> {
    let mut by_job: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, step) in input.flows.steps.iter().enumerate() {
        if let (Outcome::Planned { .. }, Some(job)) = (&all[i].outcome, home(input, step)) {
            by_job.entry(job).or_default().push(i);
        }
    }
    let parts = parts(&input.flows.steps);
    let mut names = Unique::default();
    let mut ids = Unique::default();
    by_job
        .into_iter()
        .filter_map(|(job, steps)| group(input, all, job, &steps, &parts, &mut names, &mut ids))
        .collect()
}

/// The job that a step belongs to: the first that is enabled, for what is switched off replaces nothing.
pub fn home(input: &BuildInput<'_>, step: &WriteStep) -> Option<usize> {
    let enabled = |j: &&usize| input.catalog.jobs.get(**j).is_some_and(|j| j.enabled);
    step.jobs
        .iter()
        .find(enabled)
        .or(step.jobs.first())
        .copied()
}

fn group(
    input: &BuildInput<'_>,
    all: &[Decided],
    job: usize,
    steps: &[usize],
    parts: &Parts,
    names: &mut Unique,
    ids: &mut Unique,
) -> Option<JobGroup> {
    let job = input.catalog.jobs.get(job)?;
    let jobs = steps
        .iter()
        .filter_map(|i| stream_job(input, all, *i, parts, ids))
        .collect();
    Some(JobGroup {
        name: names.take(&snake(&job.name)),
        entry: job.name.clone(),
        schedule: job.schedule.clone(),
        jobs,
    })
}

fn stream_job(
    input: &BuildInput<'_>,
    all: &[Decided],
    index: usize,
    parts: &Parts,
    ids: &mut Unique,
) -> Option<StreamJob> {
    let decided = &all[index];
    let step = &input.flows.steps[index];
    let (Meaning::Lifted(lifted), Outcome::Planned { class, .. }, Some(table)) =
        (&step.meaning, &decided.outcome, &step.table)
    else {
        return None;
    };
    let write = write(input, step, lifted, *class, table);
    let mut reads: Vec<TableName> = write
        .query
        .scans()
        .iter()
        .map(|s| s.table.clone())
        .collect();
    reads.sort();
    reads.dedup();
    Some(StreamJob {
        id: ids.take(&snake(&table.name)),
        topic: result_topic(input, table),
        rule: decided.rule.clone(),
        confidence: decided.confidence,
        preconditions: [
            preconditions(input, step),
            history::precondition(input, all, step)
                .into_iter()
                .collect(),
        ]
        .concat(),
        provenance: provenance(input, index, parts),
        routine: routine_name(input, step),
        notes: lifted.notes.clone(),
        state: state(&write.query),
        spark: weighted_sum(&write.query),
        reads,
        write,
    })
}

/// Steps that belong to each step.
type Parts = BTreeMap<usize, Vec<usize>>;

fn parts(steps: &[WriteStep]) -> Parts {
    let mut out = Parts::new();
    for (i, step) in steps.iter().enumerate() {
        if let Meaning::PartOf(owner) = step.meaning {
            out.entry(owner).or_default().push(i);
        }
    }
    out
}

fn provenance(input: &BuildInput<'_>, index: usize, parts: &Parts) -> Vec<crate::source::Place> {
    let own = parts.get(&index).into_iter().flatten().chain([&index]);
    let mut places: Vec<_> = own
        .map(|i| input.map.place(input.flows.steps[*i].span))
        .collect();
    places.sort();
    places
}

fn result_topic(input: &BuildInput<'_>, table: &TableName) -> String {
    let prefix = &input.config.settings.kafka.prefix;
    format!(
        "{prefix}.result.{}.{}",
        topic_part(&table.schema),
        topic_part(&table.name)
    )
}

fn write(
    input: &BuildInput<'_>,
    step: &WriteStep,
    lifted: &Lifted,
    class: WriteClass,
    table: &TableName,
) -> Write {
    let key = key_of(input, step, lifted);
    let role = |name: &String, derived: ColumnRole| match (key.contains(name), derived) {
        (true, _) => ColumnRole::Key,
        (false, ColumnRole::Audit) => ColumnRole::Audit,
        (false, ColumnRole::Key | ColumnRole::Value) => ColumnRole::Value,
    };
    let columns = lifted.columns.iter().map(|c| WriteColumn {
        name: c.name.clone(),
        ty: c.ty.clone(),
        role: role(&c.name, c.role),
        nullable: c.nullable && !key.contains(&c.name),
    });
    let configured = input.config.tables.get(table).and_then(|t| t.on_delete);
    Write {
        target: table.clone(),
        columns: columns.collect(),
        class,
        on_delete: configured.unwrap_or_else(|| on_delete(step, lifted, class)),
        key,
        period: lifted.period.clone(),
        query: lifted.query.clone(),
    }
}

/// What the batch does with a row whose source vanished: replacing classes drop it, the others leave it.
fn on_delete(step: &WriteStep, lifted: &Lifted, class: WriteClass) -> OnDelete {
    // The target's own rows are read: with a row its columns go.
    if step.facts.contains_key(&Fact::UpdatesInPlace) {
        return OnDelete::Delete;
    }
    match class {
        WriteClass::ReplaceAll | WriteClass::ReplacePeriod => OnDelete::Delete,
        WriteClass::Append if lifted.period.is_some() => OnDelete::Delete,
        WriteClass::Append => OnDelete::Keep,
        WriteClass::Upsert
        | WriteClass::KeepFirst
        | WriteClass::Delta
        | WriteClass::Queue
        | WriteClass::Freeze => OnDelete::Keep,
    }
}

/// State that an engine must keep for the query, in words.
fn state(query: &Rel) -> Vec<String> {
    let mut out = Vec::new();
    walk(query, &mut |r| {
        let note = match r {
            Rel::Scan(s) => Some(format!("{}: the last row of every key", s.table)),
            Rel::Join { .. } => Some("a join keeps the rows of both sides".into()),
            Rel::Aggregate { keys, aggs, .. } => {
                Some(aggregate_state(keys.len(), aggs.iter().any(|a| a.distinct)))
            }
            Rel::Window { .. } | Rel::Limit { .. } => {
                Some("a ranking keeps all rows of its partitions".into())
            }
            Rel::Distinct { .. } | Rel::SetOp { .. } => {
                Some("distinct rows are kept with their counts".into())
            }
            Rel::Values { .. } | Rel::Derived { .. } | Rel::Filter { .. } | Rel::Project { .. } => {
                None
            }
        };
        out.extend(note);
    });
    out.sort();
    out.dedup();
    out
}

fn aggregate_state(keys: usize, distinct: bool) -> String {
    let values = if distinct {
        ", and every distinct value in it"
    } else {
        ""
    };
    if keys == 0 {
        format!("one total{values}")
    } else {
        format!("one row for every group{values}")
    }
}

fn walk<'a>(rel: &'a Rel, f: &mut dyn FnMut(&'a Rel)) {
    f(rel);
    rel.for_each_input(&mut |r| walk(r, f));
}

/// One changing source, sums and counts only: weighted change rows give the answer (delete = -1, insert = +1).
fn weighted_sum(query: &Rel) -> bool {
    let mut scans = 0;
    let mut aggregates = 0;
    let mut other = false;
    walk(query, &mut |r| match r {
        Rel::Scan(_) => scans += 1,
        Rel::Aggregate { aggs, .. } => {
            aggregates += 1;
            other |= aggs.iter().any(|a| {
                a.distinct
                    || !matches!(
                        a.function,
                        AggFunction::Sum | AggFunction::Count | AggFunction::CountStar
                    )
            });
        }
        Rel::Filter { .. } | Rel::Project { .. } | Rel::Derived { .. } => {}
        Rel::Values { .. }
        | Rel::Join { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => other = true,
    });
    scans == 1 && aggregates == 1 && !other && query.scans().len() == 1
}

/// Questions that the planned jobs leave: every assumption, and `keep` where the batch never deletes.
pub fn questions(plan: &Plan) -> Vec<Question> {
    let mut out = Vec::new();
    for job in plan.groups.iter().flat_map(|g| &g.jobs) {
        for p in job
            .preconditions
            .iter()
            .filter(|p| p.status == FactStatus::Assumed)
        {
            out.push(Question {
                about: job.write.target.to_string(),
                text: format!("Is it so? {}", p.note),
            });
        }
        if job.write.on_delete == OnDelete::Keep {
            let text = "The batch never deletes from this table, so rows whose source is gone stay. Is that wanted? \
                 (`on_delete = \"delete\"` in ora2stream.toml if not.)";
            out.push(Question {
                about: job.write.target.to_string(),
                text: text.into(),
            });
        }
    }
    out
}
