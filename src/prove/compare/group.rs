//! A job group, ready to run: what starts the batch, which tables get rows, at which times it runs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::super::data::{Hints, Maker, Random};
use super::super::interp::{Estate, Limits, Machine, Stop};
use super::assume::assumes;
use super::case::{Source, dates, number_of};
use super::stream::{first_stays, with_upstream, writer};
use super::{Input, Options};
use crate::catalog::model::{DataType, TableKind, TableName};
use crate::plan::model::StreamJob;
use crate::rel::{Period, PeriodUnit, WriteClass};
use crate::value::Value;

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
    /// Result tables whose rows before the first run count: their own query reads them, or a user gave them and what
    /// is there stays.
    pub own: Vec<TableName>,
    /// A batch that fails differs from a plan that has rows.
    pub failures: bool,
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
        let own: Vec<TableName> = order
            .iter()
            .filter(|j| {
                let job = all[**j];
                let given = options.data.is_some() && first_stays(job.write.class);
                given || job.reads.contains(&job.write.target)
            })
            .map(|j| all[*j].write.target.clone())
            .collect();
        let mut fill = filled(input, &all, &base);
        fill.extend(own.iter().cloned());
        let near = with_parents(input, &[base.as_slice(), own.as_slice()].concat());
        let mut made = Group {
            input: *input,
            script: script(input, &all, &order, at),
            source: Source {
                catalog: input.catalog,
                hints,
                fill,
                near,
                change: base.clone(),
                given: options.data.clone(),
                states: BTreeMap::new(),
                early: order.iter().any(|j| assumes(all[*j], "each-row-once")),
            },
            own,
            failures: options.failures,
            all,
            jobs,
            order,
            base,
            at,
            days: hints.days.clone(),
        };
        made.learn(options);
        made
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

    /// The times at which the batch runs, so that every period of the data has its run; and whether a period that had
    /// rows has none any more.
    pub fn clocks(&self, m: &Machine<'_>, earlier: &[NaiveDateTime]) -> (Vec<NaiveDateTime>, bool) {
        let all = dates(m, self.input.catalog, &self.source.fill);
        let mut out: BTreeSet<NaiveDateTime> = BTreeSet::new();
        for job in self.order.iter().map(|j| self.all[*j]) {
            let Some(period) = &job.write.period else {
                continue;
            };
            let found = self.column_dates(m, job, period);
            let found = found.as_ref().unwrap_or(&all);
            out.extend(found.iter().filter_map(|d| after(*d, period.unit)));
        }
        let emptied = earlier.iter().any(|c| !out.contains(c));
        // Periods that have become empty are run again too, unless there are none by assumption.
        let periodic = |j: &usize| self.all[*j].write.period.is_some();
        let every = |j: &usize| assumes(self.all[*j], "period-partitions");
        if self.order.iter().any(periodic) && !self.order.iter().any(every) {
            out.extend(earlier);
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
        // A period without rows is not run where there is none by assumption.
        if out.is_empty() && !self.order.iter().any(every) {
            let last = all
                .last()
                .copied()
                .unwrap_or_else(|| NaiveDate::MIN.and_time(NaiveTime::MIN));
            let fallback = NaiveDate::from_ymd_opt(2024, 3, 1).map(|d| d.and_time(morning()));
            out.extend(after(last, PeriodUnit::Day).or(fallback));
        }
        (out.into_iter().collect(), emptied)
    }

    /// The dates of the column that a job's period is taken from, if it is a source's.
    fn column_dates(
        &self,
        m: &Machine<'_>,
        job: &StreamJob,
        period: &Period,
    ) -> Option<Vec<NaiveDateTime>> {
        let scans = job.write.query.scans();
        let scan = scans.iter().find(|s| s.alias == period.source.relation)?;
        let table = self.input.catalog.tables.get(&scan.table)?;
        if !self.base.contains(&scan.table) {
            return None;
        }
        let t = number_of(self.input.catalog, &scan.table)?;
        let at = table.columns.get_index_of(&period.source.name)?;
        let date = |v: &Value| match v {
            Value::Date(d) | Value::Timestamp(d) => Some(*d),
            Value::Null | Value::Number(_) | Value::Text(_) | Value::Bytes(_) => None,
        };
        let rows = m.db.values(t);
        Some(rows.iter().filter_map(|r| date(&r[at])).collect())
    }

    /// Rows that tell the batch which day it is, set to the day before a run: tables with a date that the batch reads
    /// and no planned query does.
    pub fn drive(&self, m: &mut Machine<'_>, clock: NaiveDateTime) -> Result<(), Stop> {
        if !(self.order.iter()).any(|j| assumes(self.all[*j], "every-period-runs")) {
            return Ok(());
        }
        let Some(day) = clock.date().pred_opt() else {
            return Ok(());
        };
        for name in self
            .source
            .fill
            .iter()
            .filter(|t| !self.source.near.contains(t))
        {
            let catalog = self.input.catalog;
            let (Some(t), Some(table)) = (number_of(catalog, name), catalog.tables.get(name))
            else {
                continue;
            };
            for (id, old) in m.rowids(t).into_iter().zip(m.db.values(t)) {
                let mut row = old.clone();
                for (v, c) in row.iter_mut().zip(table.columns.values()) {
                    if c.ty == DataType::Date && !v.is_null() {
                        *v = Value::Date(day.and_time(NaiveTime::MIN));
                    }
                }
                if row != old {
                    m.reload(t, id, row)?;
                }
            }
        }
        Ok(())
    }

    /// What rows of a queue hold before they are processed: the columns of sources that the batch itself changes, with
    /// the value that it changes. Rows enter a queue in that state.
    fn learn(&mut self, options: &Options) {
        let queue = |j: &usize| self.all[*j].write.class == WriteClass::Queue;
        if !self.order.iter().any(queue) {
            return;
        }
        let mut m = self.machine(options.limits);
        for case in 0..LESSONS {
            let mut r = Random::new(options.seed, case);
            let maker = Maker::new(self.input.catalog, self.source.hints, &mut r);
            for (table, column, value) in self.changed_by_batch(&mut m, &maker, &mut r) {
                self.source.states.entry((table, column)).or_insert(value);
            }
        }
    }
}

/// Databases from which the states of queues are learnt.
const LESSONS: u64 = 24;

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
