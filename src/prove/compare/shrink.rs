//! Making a counterexample small: leave rows and changes out as long as the difference stays.

use super::super::interp::Machine;
use super::Options;
use super::case::{Case, Change};
use super::group::Group;
use super::play::{Mismatch, Outcome, Twist};
use super::verdict::{Counterexample, ShownRow, places, shown, shown_row};
use crate::catalog::model::TableName;
use crate::value::Value;

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
        left: options.tries,
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
    left: usize,
    best: Case,
    mismatch: Mismatch,
}

impl<'g, 'a> Shrink<'g, 'a> {
    /// Takes the case if it shows a difference too.
    fn accept(&mut self, m: &mut Machine<'a>, case: Case) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let outcome: Outcome = self.group.replay(m, &case, Twist::None);
        match outcome.jobs[self.at].mismatch.clone() {
            Some(mismatch) => {
                self.best = case;
                self.mismatch = mismatch;
                true
            }
            None => false,
        }
    }

    /// The last state as the first one: no changes at all.
    fn from_scratch(&mut self, m: &mut Machine<'a>) {
        let mut flat = Case {
            initial: self.best.initial.clone(),
            ..Case::default()
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
            if size == 1 && (!removed || self.left == 0) {
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
