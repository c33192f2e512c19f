//! A job group, ready to run: what starts the batch, which tables get rows, at which times it runs.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::super::data::Hints;
use super::super::interp::{Estate, Limits, Machine};
use super::case::{Source, dates};
use super::stream::{with_upstream, writer};
use super::verdict::AssumptionCheck;
use super::{Input, Options};
use crate::catalog::model::{TableKind, TableName};
use crate::plan::model::{FactStatus, StreamJob};
use crate::rel::PeriodUnit;

/// A group of jobs that one batch run writes.
pub struct Group<'a> {
    /// Everything.
    pub input: Input<'a>,
    /// All stream jobs of the plan.
    pub all: Vec<&'a StreamJob>,
    /// Those of the group that are wanted.
    pub jobs: Vec<usize>,
    /// Those and what they read, upstream first.
    pub order: Vec<usize>,
    /// Blocks that the schedule starts, with the schema of their names.
    pub script: Vec<String>,
    /// Makes cases.
    pub source: Source<'a>,
    /// Tables that queries read and no stream job writes.
    pub base: Vec<TableName>,
    at: usize,
    days: Vec<u32>,
}

impl<'a> Group<'a> {
    /// The group at a position in the plan.
    pub fn new(input: &Input<'a>, at: usize, hints: &'a Hints, options: &Options) -> Group<'a> {
        let all: Vec<&StreamJob> = input.plan.groups.iter().flat_map(|g| &g.jobs).collect();
        let first: usize = input.plan.groups[..at].iter().map(|g| g.jobs.len()).sum();
        let group = &input.plan.groups[at];
        let wanted = |j: &StreamJob| match &options.only {
            Some(only) => j.id == *only || group.name == *only || group.entry == *only,
            None => true,
        };
        let jobs: Vec<usize> = (first..first + group.jobs.len())
            .filter(|j| wanted(all[*j]))
            .collect();
        let order = with_upstream(input.plan, &jobs);
        let base: BTreeSet<TableName> = order
            .iter()
            .flat_map(|j| all[*j].reads.iter().cloned())
            .filter(|t| writer(&all, t).is_none())
            .collect();
        let base: Vec<TableName> = base.into_iter().collect();
        Group {
            input: *input,
            script: script(input, &all, &order, at),
            source: Source {
                catalog: input.catalog,
                hints,
                fill: filled(input, &all, &base),
                near: with_parents(input, &base),
                change: base.clone(),
            },
            all,
            jobs,
            order,
            base,
            at,
            days: hints.days.clone(),
        }
    }

    /// Name.
    pub fn name(&self) -> &str {
        &self.input.plan.groups[self.at].name
    }

    /// A wanted job.
    pub fn job(&self, at: usize) -> &'a StreamJob {
        self.all[self.jobs[at]]
    }

    /// A machine for the group's code.
    pub fn machine(&self, limits: Limits) -> Machine<'a> {
        let est = Estate {
            map: self.input.map,
            files: self.input.files,
            catalog: self.input.catalog,
        };
        Machine::new(est, limits, NaiveDateTime::MIN)
    }

    /// The times at which the batch runs, so that every period of the data has its run.
    pub fn clocks(&self, m: &Machine<'_>, earlier: &[NaiveDateTime]) -> Vec<NaiveDateTime> {
        let all = dates(m, self.input.catalog, &self.source.fill);
        let units: BTreeSet<PeriodUnit> = self
            .order
            .iter()
            .filter_map(|j| self.all[*j].write.period.as_ref().map(|p| p.unit))
            .collect();
        // Periods that have become empty are run again too.
        let mut out: BTreeSet<NaiveDateTime> = earlier.iter().copied().collect();
        for d in &all {
            for u in &units {
                out.extend(after(*d, *u));
            }
        }
        let months: BTreeSet<NaiveDate> = all.iter().filter_map(|d| d.date().with_day(1)).collect();
        for month in months {
            for day in &self.days {
                let next = month
                    .checked_add_months(Months::new(1))
                    .and_then(|m| m.with_day(*day));
                out.extend(next.map(|d| d.and_time(morning())));
            }
        }
        if out.is_empty() {
            let last = all
                .last()
                .copied()
                .unwrap_or_else(|| NaiveDate::MIN.and_time(NaiveTime::MIN));
            let fallback = NaiveDate::from_ymd_opt(2024, 3, 1).map(|d| d.and_time(morning()));
            out.extend(after(last, PeriodUnit::Day).or(fallback));
        }
        out.into_iter().collect()
    }

    /// Assumptions of a job, each with what breaking it shows.
    pub fn assumptions(&self, at: usize, options: &Options) -> Vec<AssumptionCheck> {
        let assumed = self
            .job(at)
            .preconditions
            .iter()
            .filter(|p| p.status == FactStatus::Assumed);
        assumed.map(|p| self.broken(at, &p.fact, options)).collect()
    }
}

fn morning() -> NaiveTime {
    NaiveTime::from_hms_opt(2, 0, 0).unwrap_or(NaiveTime::MIN)
}

/// A moment in the period after the one that `d` falls in, when the schedule would look back at it.
fn after(d: NaiveDateTime, unit: PeriodUnit) -> Option<NaiveDateTime> {
    let day = d.date();
    let month = |n: u32| day.with_day(1)?.checked_add_months(Months::new(n));
    match unit {
        PeriodUnit::Minute => Some(d.checked_add_signed(TimeDelta::minutes(1))?),
        PeriodUnit::Hour => {
            let start = day.and_hms_opt(chrono::Timelike::hour(&d), 10, 0)?;
            start.checked_add_signed(TimeDelta::hours(1))
        }
        PeriodUnit::Day => Some(day.succ_opt()?.and_time(morning())),
        PeriodUnit::Week => {
            let left = 7 - day.weekday().num_days_from_monday();
            Some(
                day.checked_add_days(chrono::Days::new(u64::from(left)))?
                    .and_time(morning()),
            )
        }
        PeriodUnit::Month => Some(month(1)?.and_time(morning())),
        PeriodUnit::Quarter => Some(month(3 - day.month0() % 3)?.and_time(morning())),
        PeriodUnit::Year => {
            Some(NaiveDate::from_ymd_opt(day.year() + 1, 1, 1)?.and_time(morning()))
        }
    }
}

/// The blocks that start the batch: those of the groups that write what is read, then the group's own.
fn script(input: &Input<'_>, all: &[&StreamJob], order: &[usize], at: usize) -> Vec<String> {
    let group_of = |job: usize| {
        let mut first = 0;
        input.plan.groups.iter().position(|g| {
            first += g.jobs.len();
            job < first
        })
    };
    let mut groups: Vec<usize> = order
        .iter()
        .filter(|j| **j < all.len())
        .filter_map(|j| group_of(*j))
        .collect();
    groups.retain(|g| *g != at);
    groups.sort_unstable();
    groups.dedup();
    groups.push(at);
    let mut out = Vec::new();
    for g in groups {
        let entry = &input.plan.groups[g].entry;
        let jobs = input.catalog.jobs.iter().filter(|j| j.name == *entry);
        for e in jobs.flat_map(|j| &j.entries) {
            let text = e.text.trim().trim_end_matches(';');
            let block = match text.to_uppercase().starts_with("BEGIN")
                || text.to_uppercase().starts_with("DECLARE")
            {
                true => format!("{text};"),
                false => format!("BEGIN {text}; END;"),
            };
            out.push(block);
        }
    }
    out
}

/// Tables that get rows: all real tables but those that batches write from nothing.
fn filled(input: &Input<'_>, all: &[&StreamJob], base: &[TableName]) -> Vec<TableName> {
    let plan = input.plan;
    let inserted = plan
        .residuals
        .iter()
        .filter(|r| matches!(r.statement.as_str(), "INSERT" | "MERGE"));
    let mut written: BTreeSet<String> = inserted.filter_map(|r| r.table.clone()).collect();
    written.extend(plan.controls.iter().filter_map(|c| c.table.clone()));
    written.extend(all.iter().map(|j| j.write.target.to_string()));
    let fits = |t: &&crate::catalog::model::Table| {
        let real = matches!(
            t.kind,
            TableKind::Table | TableKind::Temporary | TableKind::External
        );
        real && (base.contains(&t.name) || !written.contains(&t.name.to_string()))
    };
    let named = |t: &TableName| !all.iter().any(|j| j.write.target == *t);
    input
        .catalog
        .tables
        .values()
        .filter(fits)
        .map(|t| t.name.clone())
        .filter(named)
        .collect()
}

/// Tables and the parents that their rows need.
fn with_parents(input: &Input<'_>, base: &[TableName]) -> Vec<TableName> {
    let mut out = base.to_vec();
    let mut at = 0;
    while at < out.len() {
        let table = input.catalog.tables.get(&out[at]);
        for fk in table.iter().flat_map(|t| &t.foreign_keys) {
            if !out.contains(&fk.parent) {
                out.push(fk.parent.clone());
            }
        }
        at += 1;
    }
    out
}
