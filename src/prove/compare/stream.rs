//! The stream's side: what the plan's tables hold after a commit, by the class of each write.

use std::collections::BTreeMap;

use super::super::eval::{self, EvalError, Row, Session, Table, Tables};
use crate::catalog::model as catalog;
use crate::plan::model::{Plan, StreamJob};
use crate::rel::{ColumnRole, OnDelete, TableName, WriteClass};
use crate::value::Value;

/// A result table by key.
pub type Keyed = BTreeMap<Vec<Key>, Row>;

/// A key value in an order of its own: only equality matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(String);

/// A value as part of a key.
pub fn key(v: &Value) -> Key {
    Key(match v {
        Value::Timestamp(d) => super::verdict::shown(&Value::Date(*d)),
        other => super::verdict::shown(other),
    })
}

/// Positions of the key in a write's columns.
pub fn key_places(job: &StreamJob) -> Vec<usize> {
    let columns = &job.write.columns;
    let place = |k: &String| columns.iter().position(|c| c.name == *k);
    job.write.key.iter().filter_map(place).collect()
}

/// Columns that are compared: not those of audit, nor generated keys that the plan makes from the natural one.
pub fn compared(job: &StreamJob, table: &catalog::Table) -> Vec<usize> {
    let columns = job.write.columns.iter().enumerate();
    let generated = |name: &String| {
        super::assume::assumes(job, "surrogate-key")
            && table.primary_key.iter().any(|k| k.contains(name))
            && !job.write.key.contains(name)
    };
    columns
        .filter(|(_, c)| c.role != ColumnRole::Audit && !generated(&c.name))
        .map(|(i, _)| i)
        .collect()
}

/// Rows by key; an error if two rows share one.
pub fn keyed(job: &StreamJob, rows: Vec<Row>) -> Result<Keyed, String> {
    let places = key_places(job);
    let mut out = Keyed::new();
    for row in rows {
        let k: Vec<Key> = places.iter().map(|p| key(&row[*p])).collect();
        if out.insert(k.clone(), row).is_some() {
            let shown: Vec<String> = k.into_iter().map(|k| k.0).collect();
            return Err(format!(
                "the plan gives two rows for the key ({})",
                shown.join(", ")
            ));
        }
    }
    Ok(out)
}

/// Result rows of a job: evaluated, or why not.
pub enum Computed {
    /// By key.
    Rows(Keyed),
    /// The key is none.
    TwoRows(String),
    /// Not computed.
    Failed(EvalError),
}

/// Evaluates a job's query.
pub fn compute(job: &StreamJob, tables: &Tables, session: &Session) -> Computed {
    match eval::write(&job.write, tables, session) {
        Ok(rows) => match keyed(job, rows) {
            Ok(k) => Computed::Rows(k),
            Err(text) => Computed::TwoRows(text),
        },
        Err(e) => Computed::Failed(e),
    }
}

/// What the result table holds after a commit, given what it held and what the query gives now.
pub fn commit(job: &StreamJob, state: &mut Keyed, now: Keyed) {
    match (job.write.class, job.write.on_delete) {
        (
            WriteClass::ReplaceAll
            | WriteClass::ReplacePeriod
            | WriteClass::Append
            | WriteClass::Delta,
            _,
        )
        | (WriteClass::Upsert, OnDelete::Delete) => *state = now,
        (WriteClass::Upsert, OnDelete::Keep) => state.extend(now),
        (WriteClass::KeepFirst | WriteClass::Queue | WriteClass::Freeze, _) => {
            for (k, row) in now {
                state.entry(k).or_insert(row);
            }
        }
    }
}

/// Classes whose table starts anew before every round of runs: each period is run once after its last change.
pub fn starts_anew(class: WriteClass) -> bool {
    match class {
        WriteClass::Append | WriteClass::Delta | WriteClass::Freeze => true,
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Upsert
        | WriteClass::KeepFirst
        | WriteClass::Queue => false,
    }
}

/// Classes in which the row that is there stays, whoever wrote it: a load too.
pub fn first_stays(class: WriteClass) -> bool {
    match class {
        WriteClass::KeepFirst | WriteClass::Queue => true,
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Upsert
        | WriteClass::Append
        | WriteClass::Delta
        | WriteClass::Freeze => false,
    }
}

/// A result table as a source of other jobs.
pub fn as_table(job: &StreamJob, state: &Keyed) -> Table {
    Table {
        columns: job.write.columns.iter().map(|c| c.name.clone()).collect(),
        rows: state.values().cloned().collect(),
    }
}

/// The jobs that a list of jobs reads from, those first that the others read.
pub fn with_upstream(plan: &Plan, jobs: &[usize]) -> Vec<usize> {
    let all: Vec<&StreamJob> = plan.groups.iter().flat_map(|g| &g.jobs).collect();
    let mut out = Vec::new();
    for j in jobs {
        visit(&all, *j, &mut out, 0);
    }
    out
}

fn visit(all: &[&StreamJob], j: usize, out: &mut Vec<usize>, depth: usize) {
    if out.contains(&j) || depth > all.len() {
        return;
    }
    for read in &all[j].reads {
        if let Some(up) = writer(all, read)
            && up != j
        {
            visit(all, up, out, depth + 1);
        }
    }
    if !out.contains(&j) {
        out.push(j);
    }
}

/// The job that writes a table.
pub fn writer(all: &[&StreamJob], table: &TableName) -> Option<usize> {
    all.iter().position(|j| j.write.target == *table)
}
