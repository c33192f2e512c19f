//! Making a counterexample small: leave rows and changes out as long as the difference stays; and breaking stated
//! assumptions on purpose.

use super::super::data::{Maker, Random};
use super::super::interp::Machine;
use super::Options;
use super::case::{Case, Change};
use super::group::Group;
use super::play::{Mismatch, Outcome, Twist};
use super::verdict::{AssumptionCheck, Counterexample, ShownRow, places, shown, shown_row};
use crate::catalog::model::TableName;
use crate::value::Value;

/// Replays at most.
const TRIES: usize = 400;

/// The smallest case found that still shows a difference of the job.
pub fn shrunk(
    group: &Group<'_>,
    at: usize,
    number: u64,
    case: &Case,
    mismatch: Mismatch,
    options: &Options,
) -> Counterexample {
    let mut m = group.machine(options.limits);
    let mut shrink = Shrink {
        group,
        at,
        tries: 0,
        best: case.clone(),
        mismatch,
    };
    shrink.from_scratch(&mut m);
    shrink.fewer_steps(&mut m);
    shrink.fewer_rows(&mut m);
    shrink.shown(number)
}

struct Shrink<'g, 'a> {
    group: &'g Group<'a>,
    at: usize,
    tries: usize,
    best: Case,
    mismatch: Mismatch,
}

impl<'g, 'a> Shrink<'g, 'a> {
    /// Takes the case if it shows a difference too.
    fn accept(&mut self, m: &mut Machine<'a>, case: Case) -> bool {
        if self.tries >= TRIES {
            return false;
        }
        self.tries += 1;
        let outcome: Outcome = self.group.replay(m, &case, Twist::None);
        match outcome.jobs[self.at].mismatch.clone() {
            Some(mismatch) if outcome.failed.is_none() || outcome.jobs[self.at].comparisons > 0 => {
                self.best = case;
                self.mismatch = mismatch;
                true
            }
            Some(_) | None => false,
        }
    }

    /// The last state as the first one: no changes at all.
    fn from_scratch(&mut self, m: &mut Machine<'a>) {
        let mut flat = Case {
            initial: self.best.initial.clone(),
            steps: Vec::new(),
        };
        for change in self.best.steps.iter().flatten() {
            apply_flat(&mut flat.initial, change);
        }
        self.accept(m, flat);
    }

    fn fewer_steps(&mut self, m: &mut Machine<'a>) {
        let mut at = self.best.steps.len();
        while at > 0 {
            at -= 1;
            let mut without = self.best.clone();
            without.steps.remove(at);
            if self.accept(m, without) {
                continue;
            }
            let mut change = self.best.steps[at].len();
            while change > 0 {
                change -= 1;
                let mut without = self.best.clone();
                without.steps[at].remove(change);
                self.accept(m, without);
            }
        }
    }

    fn fewer_rows(&mut self, m: &mut Machine<'a>) {
        let mut size = (self.best.initial.len() / 2).max(1);
        loop {
            let mut removed = false;
            let mut end = self.best.initial.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut without = self.best.clone();
                without.initial.drain(start..end);
                removed |= self.accept(m, without);
                end = start;
            }
            if size == 1 && (!removed || self.tries >= TRIES) {
                break;
            }
            size = (size / 2).max(1);
        }
    }

    fn shown(&self, number: u64) -> Counterexample {
        let job = self.group.job(self.at);
        let rows = self
            .best
            .initial
            .iter()
            .map(|(t, r)| self.row(t, r))
            .collect();
        let changes = self
            .best
            .steps
            .iter()
            .flatten()
            .map(|c| self.change(c))
            .collect();
        Counterexample {
            case: number,
            rows,
            changes,
            clocks: self.mismatch.clocks.iter().map(|c| c.to_string()).collect(),
            difference: self.mismatch.text.clone(),
            plan: self.mismatch.plan.clone(),
            batch: self.mismatch.batch.clone(),
            places: places(job),
        }
    }

    fn columns(&self, table: &TableName) -> Vec<String> {
        let t = self.group.input.catalog.tables.get(table);
        t.map(|t| t.columns.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn row(&self, table: &TableName, row: &[Value]) -> ShownRow {
        shown_row(&table.to_string(), &self.columns(table), row)
    }

    fn change(&self, c: &Change) -> String {
        let text = |t: &TableName, r: &[Value]| {
            let pairs = self
                .row(t, r)
                .values
                .into_iter()
                .map(|(c, v)| format!("{c}={v}"));
            format!("{t} ({})", pairs.collect::<Vec<_>>().join(", "))
        };
        match c {
            Change::Insert(t, r) => format!("insert {}", text(t, r)),
            Change::Delete(t, r) => format!("delete {}", text(t, r)),
            Change::Update(t, old, new) => {
                let columns = self.columns(t);
                let set = columns
                    .iter()
                    .zip(old.iter().zip(new))
                    .filter(|(_, (a, b))| a != b);
                let set: Vec<String> = set.map(|(c, (_, b))| format!("{c}={}", shown(b))).collect();
                format!("update {} set {}", text(t, old), set.join(", "))
            }
        }
    }
}

fn apply_flat(rows: &mut Vec<(TableName, Vec<Value>)>, change: &Change) {
    let find = |rows: &[(TableName, Vec<Value>)], t: &TableName, r: &Vec<Value>| {
        rows.iter().position(|(n, x)| n == t && x == r)
    };
    match change {
        Change::Insert(t, r) => rows.push((t.clone(), r.clone())),
        Change::Delete(t, r) => {
            if let Some(at) = find(rows, t, r) {
                rows.remove(at);
            }
        }
        Change::Update(t, old, new) => {
            if let Some(at) = find(rows, t, old) {
                rows[at].1.clone_from(new);
            }
        }
    }
}

/// Cases on which an assumption is broken.
const BREAKS: u64 = 40;

impl<'a> Group<'a> {
    /// Breaks an assumption on purpose, and says whether it showed.
    pub fn broken(&self, at: usize, fact: &str, options: &Options) -> AssumptionCheck {
        let (twist, broken_by) = match fact {
            "period-partitions" | "period-complete" | "every-period-runs" => {
                (Twist::SkipRun, "one of the batch's runs was left out")
            }
            "commit-atomicity" => (
                Twist::SplitCommits,
                "the stream saw each row of a commit alone",
            ),
            _ => {
                return AssumptionCheck {
                    fact: fact.into(),
                    broken_by: "it is not about data: no database can break it".into(),
                    matters: None,
                };
            }
        };
        let mut m = self.machine(options.limits);
        let mut seen = false;
        for number in 0..BREAKS.min(options.cases) {
            let mut r = Random::new(options.seed, number);
            let maker = Maker::new(self.input.catalog, self.source.hints, &mut r);
            let plain = self.generate(&mut m, &maker, &mut r, options.rounds.max(1));
            if plain.failed.is_some()
                || plain.refused.is_some()
                || plain.jobs[at].mismatch.is_some()
            {
                continue;
            }
            let twisted = self.replay(&mut m, &plain.case, twist);
            seen |= twisted.jobs[at].mismatch.is_some();
            if seen {
                break;
            }
        }
        AssumptionCheck {
            fact: fact.into(),
            broken_by: broken_by.into(),
            matters: Some(seen),
        }
    }
}
