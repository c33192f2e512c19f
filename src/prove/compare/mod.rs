//! The comparison: the batch run as each write's class demands, the plan evaluated on the same sources, every result
//! table compared by key; then the sources change, and both again. The one place that sees both sides.

mod assume;
mod case;
mod group;
mod play;
mod shrink;
mod stream;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::data::{self, Hints, Maker, Random};
use super::interp::{Limits, Machine, Refusal, in_input};
use crate::catalog::model::{Catalog, TableName};
use crate::plan::model::Plan;
use crate::source::{SourceMap, Span};
use crate::syntax::ParsedFile;
use crate::value::Value;
use group::Group;
use play::Outcome;

pub use verdict::{AssumptionCheck, Counterexample, Coverage, JobProof, Proof, ShownRow, Verdict};

/// What is proved.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Texts.
    pub map: &'a SourceMap,
    /// Trees.
    pub files: &'a [ParsedFile],
    /// Names.
    pub catalog: &'a Catalog,
    /// The plan.
    pub plan: &'a Plan,
}

/// How it is proved.
#[derive(Clone, Debug)]
pub struct Options {
    /// Databases a job group.
    pub cases: u64,
    /// Seed.
    pub seed: u64,
    /// Rounds of changes after the first comparison.
    pub rounds: usize,
    /// Only groups or jobs of this name.
    pub only: Option<String>,
    /// Limits of one run of the batch.
    pub limits: Limits,
    /// Replays that may be spent on making a counterexample small.
    pub tries: usize,
    /// Break the stated assumptions on purpose.
    pub assumptions: bool,
    /// A batch that ends with an error where the plan has rows is a difference too.
    pub failures: bool,
    /// The rows before the first run: a user's own, instead of random ones.
    pub data: Option<Arc<Given>>,
}

/// Rows of tables, in the order of their columns.
pub type Given = Vec<(TableName, Vec<Vec<Value>>)>;

impl Default for Options {
    fn default() -> Self {
        Options {
            cases: 200,
            seed: 1,
            rounds: 2,
            only: None,
            limits: Limits::default(),
            tries: 400,
            assumptions: true,
            failures: false,
            data: None,
        }
    }
}

/// Cases that share one machine.
const BLOCK: u64 = 32;

type Covered = BTreeMap<(Span, &'static str), bool>;

/// What one block of cases found.
#[derive(Default)]
struct Block {
    outcomes: Vec<(u64, Outcome)>,
    covered: Covered,
}

/// Proves or refutes every job of a plan.
pub fn prove(input: &Input<'_>, options: &Options) -> Proof {
    let hints = data::hints(input.map, input.files);
    let mut jobs = Vec::new();
    let mut covered = Covered::new();
    for g in 0..input.plan.groups.len() {
        let group = Group::new(input, g, &hints, options);
        if group.jobs.is_empty() {
            continue;
        }
        let blocks = run_blocks(&group, options, &hints);
        for b in &blocks {
            for (k, v) in &b.covered {
                *covered.entry(*k).or_default() |= v;
            }
        }
        jobs.extend(verdicts(&group, &blocks, options));
    }
    Proof {
        seed: options.seed,
        cases: options.cases,
        jobs,
        coverage: coverage(input, &covered),
    }
}

fn run_blocks(group: &Group<'_>, options: &Options, hints: &Hints) -> Vec<Block> {
    let starts: Vec<u64> = (0..options.cases).step_by(BLOCK as usize).collect();
    let one = |start: &u64| {
        block(
            group,
            options,
            hints,
            *start..(*start + BLOCK).min(options.cases),
        )
    };
    starts.par_iter().map(one).collect()
}

fn block(
    group: &Group<'_>,
    options: &Options,
    hints: &Hints,
    cases: std::ops::Range<u64>,
) -> Block {
    let mut m = group.machine(options.limits);
    let mut out = Block::default();
    for case in cases {
        let mut r = Random::new(options.seed, case);
        let maker = Maker::new(group.input.catalog, hints, &mut r);
        let outcome = group.generate(&mut m, &maker, &mut r, options.rounds);
        out.outcomes.push((case, outcome));
    }
    out.covered = covered_of(&m);
    out
}

fn covered_of(m: &Machine<'_>) -> Covered {
    let branches = m.prog.branches.iter().enumerate();
    branches
        .map(|(i, b)| ((b.span, b.what), m.covered.get(i) == Some(&true)))
        .collect()
}

fn coverage(input: &Input<'_>, covered: &Covered) -> Coverage {
    let missed = covered.iter().filter(|(_, c)| !**c);
    Coverage {
        branches: covered.len() as u64,
        covered: covered.values().filter(|c| **c).count() as u64,
        missed: missed
            .map(|((s, what), _)| ((*what).to_string(), input.map.place(*s)))
            .collect(),
    }
}

fn verdicts(group: &Group<'_>, blocks: &[Block], options: &Options) -> Vec<JobProof> {
    let outcomes: Vec<&(u64, Outcome)> = blocks.iter().flat_map(|b| &b.outcomes).collect();
    let refusal = outcomes.iter().find_map(|(_, o)| o.refused.clone());
    let failed = outcomes.iter().filter(|(_, o)| o.failed.is_some()).count() as u64;
    let one = |at: usize| {
        let job = group.job(at);
        let sums =
            |f: fn(&play::Tally) -> u64| outcomes.iter().map(|(_, o)| f(&o.jobs[at])).sum::<u64>();
        let comparisons = sums(|t| t.comparisons);
        JobProof {
            group: group.name().into(),
            job: job.id.clone(),
            table: job.write.target.to_string(),
            verdict: verdict(
                group,
                at,
                &outcomes,
                refusal.as_ref(),
                (comparisons, sums(|t| t.rows)),
                options,
            ),
            cases: outcomes.len() as u64 - failed,
            failed,
            comparisons,
            rows: sums(|t| t.rows),
            assumptions: match options.assumptions {
                true => group.assumptions(at, options),
                false => Vec::new(),
            },
        }
    };
    (0..group.jobs.len()).into_par_iter().map(one).collect()
}

fn verdict(
    group: &Group<'_>,
    at: usize,
    outcomes: &[&(u64, Outcome)],
    refusal: Option<&Refusal>,
    (comparisons, rows): (u64, u64),
    options: &Options,
) -> Verdict {
    let differs = outcomes
        .iter()
        .find_map(|(case, o)| o.jobs[at].mismatch.clone().map(|m| (*case, o, m)));
    if let Some((case, outcome, mismatch)) = differs {
        let counterexample = shrink::shrunk(group, at, case, &outcome.case, mismatch, options);
        return Verdict::Refuted {
            counterexample: Box::new(counterexample),
        };
    }
    let lacks = outcomes.iter().find_map(|(_, o)| o.jobs[at].lacks.clone());
    if let Some(reason) = lacks {
        return Verdict::NotProvable {
            reason,
            place: None,
        };
    }
    if let Some(r) = refusal {
        return Verdict::NotProvable {
            reason: format!("[{}] {}", code(r), r.message),
            place: r.span.filter(in_input).map(|s| group.input.map.place(s)),
        };
    }
    if comparisons == 0 {
        let why = outcomes.iter().find_map(|(_, o)| o.failed.clone());
        return Verdict::NotProvable {
            reason: why.unwrap_or_else(|| "no run of the batch came to its end".into()),
            place: None,
        };
    }
    if rows == 0 {
        let none = "neither the batch nor the plan had a row on any database";
        let why = outcomes.iter().find_map(|(_, o)| o.failed.as_ref());
        let reason = why.map_or(none.to_string(), |w| {
            format!("{none}; the batch fails: {w}")
        });
        return Verdict::NotProvable {
            reason,
            place: None,
        };
    }
    Verdict::Proved
}

/// The diagnostic code of a refusal.
pub fn code(r: &Refusal) -> &'static str {
    use super::interp::Why;
    use crate::diag::Code;
    let code = match r.why {
        Why::Unsupported => Code::ProveUnsupported,
        Why::Missing => Code::ProveMissing,
        Why::Fuel => Code::ProveFuel,
        Why::Memory => Code::ProveMemory,
        Why::Depth => Code::ProveDepth,
        Why::Syntax => Code::ProveSyntax,
    };
    code.as_str()
}
