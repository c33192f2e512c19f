//! Playing a case: rows in, the batch at its times, the plan's tables, comparison, changes, again.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::super::data::{Maker, Random};
use super::super::eval::{Row, Session, Table, Tables};
use super::super::interp::{Machine, Refusal, Stop};
use super::assume::{assumes, takes_final};
use super::case::{Case, apply, load, number_of};
use super::group::Group;
use super::stream::{
    Computed, Key, Keyed, as_table, commit, compared, compute, first_stays, key, key_places,
    starts_anew,
};
use super::verdict::{ShownRow, shown_row};
use crate::plan::model::StreamJob;
use crate::rel::{OnDelete, TableName, WriteClass};
use crate::value::{Nls, Value};

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// In words.
    pub text: String,
    /// The plan's row.
    pub plan: Option<ShownRow>,
    /// The batch's row.
    pub batch: Option<ShownRow>,
    /// When the batch ran before.
    pub clocks: Vec<NaiveDateTime>,
}

/// What was found of one job.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Comparisons.
    pub comparisons: u64,
    /// Rows compared.
    pub rows: u64,
    /// The first difference.
    pub mismatch: Option<Mismatch>,
    /// Why the plan could not be evaluated.
    pub lacks: Option<String>,
}

/// What a case showed.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Its rows and changes.
    pub case: Case,
    /// One a wanted job.
    pub jobs: Vec<Tally>,
    /// The batch itself ended with an error.
    pub failed: Option<String>,
    /// The interpreter refused.
    pub refused: Option<Refusal>,
}

/// Sequences begin behind the keys of random rows.
const FIRST: i64 = 1000;

/// What the stream holds.
#[derive(Default)]
struct Stream {
    /// Result tables by job.
    tables: BTreeMap<usize, Keyed>,
    /// Why one has none.
    errors: BTreeMap<usize, Computed>,
}

/// Ways to leave out a run or to split a commit, to see whether an assumption matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// As the assumptions say.
    None,
    /// One of the batch's times is skipped.
    SkipRun,
    /// The stream sees each change of a commit alone.
    SplitCommits,
    /// The batch runs twice at each of its times.
    RunTwice,
    /// The rows lie in the tables in another order.
    OtherOrder,
    /// Rows change that were taken to be final.
    NotFinal,
}

impl<'a> Group<'a> {
    /// Makes a case and plays it.
    pub fn generate(
        &self,
        m: &mut Machine<'a>,
        maker: &Maker<'_>,
        r: &mut Random,
        rounds: usize,
    ) -> Outcome {
        self.reset(m);
        let mut out = self.outcome();
        match self.source.initial(m, maker, r) {
            Ok(case) => out.case = case,
            Err(stop) => {
                self.stopped(stop, &mut out);
                return out;
            }
        }
        out.case.only_new = self.assumes_final() && !r.one_in(3);
        let mut play = Play::new(self, Twist::None);
        for round in 0..=rounds {
            if round > 0 {
                let later = out.case.only_new.then_some(round as i64);
                match self.source.step(m, maker, r, later) {
                    Ok(changes) => out.case.steps.push(changes),
                    Err(stop) => {
                        self.stopped(stop, &mut out);
                        return out;
                    }
                }
            }
            if !play.round(m, &mut out) {
                break;
            }
        }
        out
    }

    /// Plays a case that is known.
    pub fn replay(&self, m: &mut Machine<'a>, case: &Case, twist: Twist) -> Outcome {
        self.reset(m);
        let mut out = self.outcome();
        out.case = case.clone();
        let mut play = Play::new(self, twist);
        for (table, row) in in_order(case, twist) {
            if let Err(stop) = load(m, self.input.catalog, table, row) {
                self.stopped(stop, &mut out);
                return out;
            }
        }
        if !play.round(m, &mut out) {
            return out;
        }
        for step in &case.steps {
            for change in step {
                if let Err(stop) = apply(m, self.input.catalog, change) {
                    self.stopped(stop, &mut out);
                    return out;
                }
                if twist == Twist::SplitCommits {
                    play.glance(m);
                }
            }
            if !play.round(m, &mut out) {
                break;
            }
        }
        out
    }

    /// Columns of sources that a run of the batch changes, with a value that was there before.
    pub fn changed_by_batch(
        &self,
        m: &mut Machine<'a>,
        maker: &Maker<'_>,
        r: &mut Random,
    ) -> Vec<(TableName, usize, Value)> {
        self.reset(m);
        if self.source.initial(m, maker, r).is_err() {
            return Vec::new();
        }
        let mut play = Play::new(self, Twist::None);
        let before = play.sources(m);
        if !play.round(m, &mut self.outcome()) {
            return Vec::new();
        }
        let after = play.sources(m);
        let mut out = Vec::new();
        for (name, old) in &before {
            let new = after.get(name).map_or(&[][..], |t| t.rows.as_slice());
            if old.rows.len() != new.len() {
                continue;
            }
            for (a, b) in old.rows.iter().zip(new) {
                let places = (0..a.len()).filter(|i| a[*i] != b[*i]);
                out.extend(places.map(|i| (name.clone(), i, a[i].clone())));
            }
        }
        out
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            jobs: vec![Tally::default(); self.jobs.len()],
            ..Outcome::default()
        }
    }

    fn reset(&self, m: &mut Machine<'_>) {
        m.new_session();
        m.files.clear();
        for t in 0..m.db.tables.len() {
            m.db.truncate(t);
        }
        m.db.commit();
        m.db.sequences.fill(FIRST);
    }

    fn stopped(&self, stop: Stop, out: &mut Outcome) {
        match stop {
            Stop::Refuse(r) => out.refused = Some(*r),
            Stop::Raise(e) => out.failed = Some(e.message),
            Stop::Enough => out.failed = Some("a row limit outside a query".into()),
        }
    }
}

/// The rows before the first run: the tables' order stays, for the sake of parents.
fn in_order(case: &Case, twist: Twist) -> Vec<&(TableName, Vec<Value>)> {
    let mut rows: Vec<&(TableName, Vec<Value>)> = case.initial.iter().collect();
    if twist == Twist::OtherOrder {
        for same in rows.chunk_by_mut(|a, b| a.0 == b.0) {
            same.reverse();
        }
    }
    rows
}

struct Play<'g, 'a> {
    group: &'g Group<'a>,
    twist: Twist,
    stream: Stream,
    clocks: Vec<NaiveDateTime>,
    rounds: usize,
    /// A period that had rows has lost them all.
    emptied: bool,
    /// What result tables held before the first run, where their own query reads it.
    opening: Tables,
}

impl<'g, 'a> Play<'g, 'a> {
    fn new(group: &'g Group<'a>, twist: Twist) -> Self {
        Play {
            group,
            twist,
            stream: Stream::default(),
            clocks: Vec::new(),
            rounds: 0,
            emptied: false,
            opening: Tables::new(),
        }
    }

    /// One round: false when there is nothing more to compare.
    fn round(&mut self, m: &mut Machine<'a>, out: &mut Outcome) -> bool {
        if self.rounds == 0 {
            self.opening = self.tables(m, &self.group.own);
            self.loaded();
        }
        self.start_anew(m);
        let before = self.sources(m);
        let (mut clocks, emptied) = self.group.clocks(m, &self.clocks);
        self.emptied |= emptied;
        self.clocks.clone_from(&clocks);
        if self.twist == Twist::SkipRun && clocks.len() > 1 {
            clocks.remove(clocks.len() / 2);
        }
        let runs = if self.twist == Twist::RunTwice { 2 } else { 1 };
        for clock in clocks.iter().flat_map(|c| std::iter::repeat_n(c, runs)) {
            m.new_session();
            m.clock = *clock;
            if let Err(stop) = self.group.drive(m, *clock) {
                self.group.stopped(stop, out);
                return false;
            }
            for text in &self.group.script {
                let schema = self.group.input.catalog.default_schema.clone();
                if let Err(stop) = m.run_text(text, &schema) {
                    if let (true, Stop::Raise(e)) = (self.group.failures, &stop) {
                        self.failed(&before, *clock, &e.message, out);
                    }
                    self.group.stopped(stop, out);
                    return false;
                }
            }
        }
        let after = self.sources(m);
        let now = clocks.last().copied().unwrap_or(NaiveDateTime::MIN);
        // What the batch itself adds to tables that the plan reads may or may not have been there.
        let alternative = (after != before).then(|| self.results(&after, now));
        self.stream = self.results(&before, now);
        for at in 0..self.group.jobs.len() {
            let job = self.group.jobs[at];
            // Rows that a job takes to be final have changed: nothing is claimed of it.
            let final_rows = takes_final(self.group.job(at));
            let claimed = out.case.only_new || self.rounds == 0 || self.twist == Twist::NotFinal;
            // Nor where a period has lost all its rows, of which there are some by assumption.
            let partitions = assumes(self.group.job(at), "period-partitions");
            if (final_rows && !claimed) || (partitions && self.emptied) {
                continue;
            }
            self.compare(m, at, job, alternative.as_ref(), &mut out.jobs[at]);
        }
        self.rounds += 1;
        true
    }

    /// The batch has failed: that differs from a plan that has rows.
    fn failed(&self, sources: &Tables, now: NaiveDateTime, message: &str, out: &mut Outcome) {
        let stream = self.results(sources, now);
        for at in 0..self.group.jobs.len() {
            let rows = stream.tables.get(&self.group.jobs[at]);
            if let Some(row) = rows.and_then(|r| r.values().next())
                && out.jobs[at].mismatch.is_none()
            {
                let job = self.group.job(at);
                let shown = shown_row(&job.write.target.to_string(), &names(job), row);
                let text = format!("the batch ends with {message}, the plan has rows");
                out.jobs[at].mismatch = Some(self.mismatch(text, Some(shown), None));
            }
        }
    }

    /// The stream sees the sources in the middle of a commit.
    fn glance(&mut self, m: &Machine<'a>) {
        let sources = self.sources(m);
        self.stream = self.results(&sources, NaiveDateTime::MIN);
    }

    /// Tables of writes that run each period once are empty before a round.
    fn start_anew(&mut self, m: &mut Machine<'a>) {
        for j in &self.group.order {
            let job = self.group.all[*j];
            if !starts_anew(job.write.class) {
                continue;
            }
            self.stream.tables.remove(j);
            let target = &job.write.target;
            if let Some(t) = number_of(self.group.input.catalog, target) {
                m.db.truncate(t);
                let opening = self.opening.get(target).map(|o| o.rows.clone());
                for row in opening.into_iter().flatten() {
                    // It was there before: it fits.
                    let _ = m.load(t, row);
                }
            }
        }
    }

    fn sources(&self, m: &Machine<'a>) -> Tables {
        let mut out = self.tables(m, &self.group.base);
        out.extend(self.opening.clone());
        out
    }

    fn tables(&self, m: &Machine<'a>, names: &[TableName]) -> Tables {
        let catalog = self.group.input.catalog;
        let table = |name: &TableName| {
            let t = number_of(catalog, name)?;
            let columns = catalog.tables.get(name)?.columns.keys().cloned().collect();
            let rows = m.db.values(t);
            Some((name.clone(), Table { columns, rows }))
        };
        names.iter().filter_map(table).collect()
    }

    /// The stream's tables after a commit of these sources.
    fn results(&self, sources: &Tables, now: NaiveDateTime) -> Stream {
        let session = Session {
            now,
            user: String::new(),
            nls: Nls::default(),
            fuel: 20_000_000,
        };
        let mut tables = sources.clone();
        let mut out = Stream::default();
        for j in &self.group.order {
            let job = self.group.all[*j];
            match compute(job, &tables, &session) {
                Computed::Rows(rows) => {
                    let mut state = self.stream.tables.get(j).cloned().unwrap_or_default();
                    commit(job, &mut state, rows);
                    tables.insert(job.write.target.clone(), as_table(job, &state));
                    out.tables.insert(*j, state);
                }
                other @ (Computed::TwoRows(_) | Computed::Failed(_)) => {
                    out.errors.insert(*j, other);
                }
            }
        }
        out
    }

    fn compare(
        &self,
        m: &Machine<'a>,
        at: usize,
        j: usize,
        alternative: Option<&Stream>,
        tally: &mut Tally,
    ) {
        let job = self.group.job(at);
        if tally.mismatch.is_some() {
            return;
        }
        match self.stream.errors.get(&j) {
            Some(Computed::TwoRows(text)) => {
                tally.mismatch = Some(self.mismatch(text.clone(), None, None));
                return;
            }
            Some(Computed::Failed(e)) => {
                tally.lacks = Some(e.to_string());
                return;
            }
            Some(Computed::Rows(_)) | None => {}
        }
        let Some(plan) = self.stream.tables.get(&j) else {
            tally.lacks = tally
                .lacks
                .take()
                .or(Some("a job that it reads has no result".into()));
            return;
        };
        let batch = match self.batch(m, j, job) {
            None => {
                tally.lacks = Some(format!(
                    "{} does not hold the columns of the plan",
                    job.write.target
                ));
                return;
            }
            Some(Err(twice)) => {
                tally.mismatch = Some(twice);
                return;
            }
            Some(Ok(batch)) => batch,
        };
        let other = alternative.and_then(|a| a.tables.get(&j));
        tally.comparisons += 1;
        tally.rows += plan.len().max(batch.len()) as u64;
        tally.mismatch = self.difference(job, plan, other, &batch);
    }

    /// What a load puts into the results before the stream begins: rows that stay.
    fn loaded(&mut self) {
        for j in &self.group.order {
            let job = self.group.all[*j];
            if !first_stays(job.write.class) {
                continue;
            }
            if let (Some(opening), Some(order)) =
                (self.opening.get(&job.write.target), self.places(job))
            {
                let places = key_places(job);
                let rows = opening.rows.iter().map(|r| by_key(r, &order, &places));
                self.stream.tables.insert(*j, rows.collect());
            }
        }
    }

    /// Where the plan's columns stand in the batch's table.
    fn places(&self, job: &StreamJob) -> Option<Vec<usize>> {
        let catalog = self.group.input.catalog;
        let columns = &catalog.tables.get(&job.write.target)?.columns;
        let written = job.write.columns.iter();
        written.map(|c| columns.get_index_of(&c.name)).collect()
    }

    /// The batch's table by key, in the plan's columns; a difference if two rows share a key.
    fn batch(&self, m: &Machine<'a>, j: usize, job: &StreamJob) -> Option<Result<Keyed, Mismatch>> {
        let t = number_of(self.group.input.catalog, &job.write.target)?;
        let order = self.places(job)?;
        let places = key_places(job);
        let mut out = Keyed::new();
        let mut before = Keyed::new();
        let keyed = |stored: &Row| by_key(stored, &order, &places);
        if let Some(opening) = self.opening.get(&job.write.target) {
            before.extend(opening.rows.iter().map(keyed));
        }
        for stored in m.db.values(t) {
            let (k, row) = keyed(&stored);
            // What was there before and is as it was has been loaded, and is not the stream's.
            let plan = self.stream.tables.get(&j);
            if before.get(&k) == Some(&row) && !plan.is_some_and(|p| p.contains_key(&k)) {
                continue;
            }
            if let Some(first) = out.insert(k, row) {
                let shown = shown_row(&job.write.target.to_string(), &names(job), &first);
                let text = "the batch writes two rows for one key of the plan".to_string();
                return Some(Err(self.mismatch(text, None, Some(shown))));
            }
        }
        Some(Ok(out))
    }

    fn difference(
        &self,
        job: &StreamJob,
        plan: &Keyed,
        other: Option<&Keyed>,
        batch: &Keyed,
    ) -> Option<Mismatch> {
        let table = self.group.input.catalog.tables.get(&job.write.target)?;
        let columns = compared(job, table);
        let same = |a: Option<&Row>, b: Option<&Row>| match (a, b) {
            (Some(a), Some(b)) => columns.iter().all(|c| equal(&a[*c], &b[*c])),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        // By choice vanished keys go, where the batch would have kept them.
        let goes = job.write.on_delete == OnDelete::Delete
            && matches!(job.write.class, WriteClass::Upsert | WriteClass::KeepFirst);
        let keys = plan
            .keys()
            .chain(batch.keys().filter(|k| !plan.contains_key(*k)));
        for k in keys {
            let (p, b) = (plan.get(k), batch.get(k));
            let also = other.is_some_and(|o| same(o.get(k), b));
            if same(p, b) || also || (p.is_none() && goes) {
                continue;
            }
            let names = names(job);
            let show = |r: &Row| shown_row(&job.write.target.to_string(), &names, r);
            let text = match (p, b) {
                (Some(_), None) => "the plan has a row that the batch does not write".to_string(),
                (None, Some(_)) => "the batch writes a row that the plan does not have".to_string(),
                (Some(p), Some(b)) => {
                    let differ = columns
                        .iter()
                        .filter(|c| !equal(&p[**c], &b[**c]))
                        .map(|c| names[*c].as_str());
                    format!(
                        "the rows differ in {}",
                        differ.collect::<Vec<_>>().join(", ")
                    )
                }
                (None, None) => continue,
            };
            return Some(self.mismatch(text, p.map(show), b.map(show)));
        }
        None
    }

    fn mismatch(&self, text: String, plan: Option<ShownRow>, batch: Option<ShownRow>) -> Mismatch {
        Mismatch {
            text,
            plan,
            batch,
            clocks: self.clocks.clone(),
        }
    }
}

/// A stored row in the plan's columns, with its key.
fn by_key(stored: &Row, order: &[usize], places: &[usize]) -> (Vec<Key>, Row) {
    let row: Row = order.iter().map(|i| stored[*i].clone()).collect();
    let key = places.iter().map(|p| key(&row[*p])).collect();
    (key, row)
}

/// Names of the written columns.
fn names(job: &StreamJob) -> Vec<String> {
    job.write.columns.iter().map(|c| c.name.clone()).collect()
}

/// Equal as results: NULL is NULL.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Date(a) | Value::Timestamp(a), Value::Date(b) | Value::Timestamp(b)) => a == b,
        (a, b) => a == b,
    }
}
