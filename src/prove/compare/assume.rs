//! Stated assumptions, each broken on purpose: an assumption whose breach never shows is not needed.

use std::collections::BTreeSet;

use super::super::data::{Maker, Random};
use super::super::interp::Machine;
use super::Options;
use super::case::Case;
use super::group::Group;
use super::play::{Outcome, Twist};
use super::verdict::AssumptionCheck;
use crate::plan::model::{FactStatus, StreamJob};

/// Rows do not change after they have been processed.
pub const FINAL: &str = "source-rows-final";

/// Cases on which an assumption is broken.
const BREAKS: u64 = 40;

/// True if a job rests on an assumption.
pub fn assumes(job: &StreamJob, fact: &str) -> bool {
    let mut all = job.preconditions.iter();
    all.any(|p| p.status == FactStatus::Assumed && p.fact == fact)
}

/// True if a job takes the rows that it has seen to be final.
pub fn takes_final(job: &StreamJob) -> bool {
    assumes(job, FINAL) || assumes(job, "each-row-once")
}

/// How an assumption can be broken by data or runs.
enum Breach {
    Twist(Twist, &'static str),
    /// Rows are in the target before the first run.
    Opening,
    /// Not at all, and why.
    Never(&'static str),
}

fn breach(fact: &str) -> Breach {
    match fact {
        "period-partitions" | "period-complete" | "every-period-runs" => {
            Breach::Twist(Twist::SkipRun, "one of the batch's runs was left out")
        }
        "commit-atomicity" => Breach::Twist(
            Twist::SplitCommits,
            "the stream saw each row of a commit alone",
        ),
        "each-row-once" => Breach::Twist(Twist::RunTwice, "the batch ran twice at each time"),
        "loop-independent" | "lookup-unique" | "deterministic" => Breach::Twist(
            Twist::OtherOrder,
            "the rows lay in the tables in another order",
        ),
        FINAL => Breach::Twist(Twist::NotFinal, "rows changed after they were processed"),
        "opening-balance" | "target-history" | "disjoint-writers" | "other-writers" => {
            Breach::Opening
        }
        "surrogate-key" => Breach::Never("values of a generated key are not compared"),
        "target-key-known" | "key-assumed" | "rows-unique-by-key" | "source-keys-known" => {
            Breach::Never("two rows of one key are always a difference")
        }
        _ => Breach::Never("it is not about rows: no database breaks it"),
    }
}

impl<'a> Group<'a> {
    /// True if a job of the group takes rows to be final.
    pub fn assumes_final(&self) -> bool {
        (0..self.jobs.len()).any(|at| takes_final(self.job(at)))
    }

    /// Assumptions of a job, each with what breaking it shows.
    pub fn assumptions(&self, at: usize, options: &Options) -> Vec<AssumptionCheck> {
        let assumed = self.job(at).preconditions.iter();
        let facts: BTreeSet<&str> = assumed
            .filter(|p| p.status == FactStatus::Assumed)
            .map(|p| p.fact.as_str())
            .collect();
        facts
            .into_iter()
            .map(|f| self.broken(at, f, options))
            .collect()
    }

    fn broken(&self, at: usize, fact: &str, options: &Options) -> AssumptionCheck {
        let (broken_by, matters) = match breach(fact) {
            Breach::Never(why) => (why, None),
            Breach::Twist(twist, how) => (how, Some(self.shows(at, Some(twist), options))),
            Breach::Opening => (
                "the table held a row before the first run",
                Some(self.shows(at, None, options)),
            ),
        };
        AssumptionCheck {
            fact: fact.into(),
            broken_by: broken_by.into(),
            matters,
        }
    }

    /// Whether a breach makes a difference on any of some databases.
    fn shows(&self, at: usize, twist: Option<Twist>, options: &Options) -> bool {
        let mut m = self.machine(options.limits);
        (0..BREAKS.min(options.cases)).any(|number| {
            let mut r = Random::new(options.seed, number);
            let maker = Maker::new(self.input.catalog, self.source.hints, &mut r);
            let plain = self.generate(&mut m, &maker, &mut r, options.rounds.max(1));
            if plain.failed.is_some()
                || plain.refused.is_some()
                || plain.jobs[at].mismatch.is_some()
            {
                return false;
            }
            match twist {
                Some(twist) => differs(&self.replay(&mut m, &plain.case, twist), at),
                None => self.opened(&mut m, at, &plain.case, &maker, &mut r),
            }
        })
    }

    fn opened(
        &self,
        m: &mut Machine<'a>,
        at: usize,
        plain: &Case,
        maker: &Maker<'_>,
        r: &mut Random,
    ) -> bool {
        let target = &self.job(at).write.target;
        let Some(table) = self.input.catalog.tables.get(target) else {
            return false;
        };
        let mut case = plain.clone();
        case.initial
            .push((target.clone(), maker.row(table, &|_| Vec::new(), r)));
        differs(&self.replay(m, &case, Twist::None), at)
    }
}

fn differs(outcome: &Outcome, at: usize) -> bool {
    outcome.jobs[at].mismatch.is_some()
}
