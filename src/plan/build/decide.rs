//! One decision a write: the matching rule's builder, overruled where the plan as a whole forbids it
//! (several writers of one target, no key). Counting rests on this: every step gets exactly one outcome.

use std::collections::BTreeMap;

use super::BuildInput;
use crate::dataflow::model::{Fact, Lifted, Meaning, Obstacle, ObstacleKind, Status, WriteStep};
use crate::plan::model::{
    Confidence, ControlWrite, FactStatus, Fallback, Precondition, Residual, ResidualReason,
};
use crate::rel::{TableName, WriteClass};
use crate::rules::{Builder, Decision, fact_name};
use crate::source::Place;

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A stream job; assumed where a precondition is.
    Planned {
        /// Class.
        class: WriteClass,
        /// Rests on assumptions.
        assumed: bool,
    },
    /// A part of another step, and shares its outcome.
    PartOf(usize),
    /// Dropped.
    Control(String),
    /// For people.
    Residual(Refusal),
    /// Not batch code.
    Elsewhere,
}

/// Why a step is a residual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Closed reason.
    pub reason: ResidualReason,
    /// Sentence.
    pub message: String,
    /// Failed precondition.
    pub failed: Option<String>,
    /// What would unlock it.
    pub unlock: String,
}

/// A step's outcome and the rule that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Outcome.
    pub outcome: Outcome,
    /// Rule code.
    pub rule: String,
    /// How sure.
    pub confidence: Confidence,
}

impl Decided {
    /// Follows [`Outcome::PartOf`] to the step that counts.
    pub fn settled(all: &[Decided], index: usize) -> &Decided {
        let mut at = &all[index];
        // A chain of parts is at most as long as the list; a cycle would be a defect of the lifting.
        for _ in 0..all.len() {
            match &at.outcome {
                Outcome::PartOf(owner) if *owner < all.len() => at = &all[*owner],
                Outcome::PartOf(_)
                | Outcome::Planned { .. }
                | Outcome::Control(_)
                | Outcome::Residual(_)
                | Outcome::Elsewhere => return at,
            }
        }
        at
    }
}

/// Decides every step.
pub fn decide_all(input: &BuildInput<'_>) -> Vec<Decided> {
    let mut all: Vec<Decided> = input.flows.steps.iter().map(|s| decide(input, s)).collect();
    refuse_shared_targets(input, &mut all);
    refuse_readers_of_completed(input, &mut all);
    super::unwritten::refuse_readers(input, &mut all);
    super::history::assume(input, &mut all);
    all
}

fn decide(input: &BuildInput<'_>, step: &WriteStep) -> Decided {
    let decision = input.registry.decide(step);
    let outcome = if step.jobs.is_empty() {
        Outcome::Elsewhere
    } else {
        outcome(input, step, &decision)
    };
    Decided {
        outcome,
        rule: decision.rule.clone(),
        confidence: decision.confidence,
    }
}

fn outcome(input: &BuildInput<'_>, step: &WriteStep, decision: &Decision) -> Outcome {
    if decision.builder == Builder::Control {
        return Outcome::Control(decision.rationale.clone());
    }
    match &step.meaning {
        Meaning::PartOf(owner) => Outcome::PartOf(*owner),
        Meaning::Obstacle(o) => Outcome::Residual(from_obstacle(o)),
        Meaning::Lifted(lifted) => match class_of(input, step, decision) {
            Some(WriteClass::Freeze) => Outcome::Residual(freeze(decision)),
            Some(class) => planned(input, step, lifted, class),
            None => Outcome::Residual(by_rule(step, decision)),
        },
    }
}

fn planned(
    input: &BuildInput<'_>,
    step: &WriteStep,
    lifted: &Lifted,
    class: WriteClass,
) -> Outcome {
    if key_of(input, step, lifted).is_empty() {
        return Outcome::Residual(Refusal {
            reason: ResidualReason::NoKey,
            message: "the target has no known key, so a stream cannot replace its rows".into(),
            failed: Some("target-key-known".into()),
            unlock: "declare a PRIMARY KEY, or name `key` for the table in ora2stream.toml".into(),
        });
    }
    Outcome::Planned {
        class,
        assumed: step.facts.values().any(|e| e.status == Status::Assumed),
    }
}

/// Key of the target: the user's, else the lifted one.
pub fn key_of(input: &BuildInput<'_>, step: &WriteStep, lifted: &Lifted) -> Vec<String> {
    let configured = step
        .table
        .as_ref()
        .and_then(|t| input.config.tables.get(t))
        .and_then(|c| c.key.clone());
    configured.unwrap_or_else(|| lifted.key.clone())
}

fn class_of(input: &BuildInput<'_>, step: &WriteStep, decision: &Decision) -> Option<WriteClass> {
    let derived = match decision.builder {
        Builder::ReplaceAll => Some(WriteClass::ReplaceAll),
        Builder::ReplacePeriod => Some(WriteClass::ReplacePeriod),
        Builder::Upsert => Some(WriteClass::Upsert),
        Builder::KeepFirst => Some(WriteClass::KeepFirst),
        Builder::Append => Some(WriteClass::Append),
        Builder::Delta => Some(WriteClass::Delta),
        Builder::Queue => Some(WriteClass::Queue),
        Builder::Freeze => Some(WriteClass::Freeze),
        Builder::Control | Builder::Manual => None,
    };
    let configured = step
        .table
        .as_ref()
        .and_then(|t| input.config.tables.get(t))
        .and_then(|c| c.write_class);
    derived.map(|d| configured.unwrap_or(d))
}

fn freeze(decision: &Decision) -> Refusal {
    Refusal {
        reason: ResidualReason::FreezeOnPurpose,
        message: decision.rationale.clone(),
        failed: None,
        unlock: "decide which control event triggers the snapshot".into(),
    }
}

fn by_rule(step: &WriteStep, decision: &Decision) -> Refusal {
    let failed = step.facts.iter().find(|(_, e)| e.status == Status::Failed);
    if step.facts.contains_key(&Fact::AutonomousTransaction) {
        return Refusal {
            reason: ResidualReason::AutonomousTransaction,
            message: "data is written in a transaction of its own: it stays when the batch is rolled back".into(),
            failed: None,
            unlock: "write the rows in the batch's own transaction, or treat the table as a log".into(),
        };
    }
    let reason = match failed.map(|(f, _)| *f) {
        Some(Fact::NoSelfRead) => ResidualReason::SelfRead,
        Some(Fact::Deterministic) => ResidualReason::NonDeterministic,
        Some(Fact::TargetKeyKnown | Fact::SourceKeysKnown) => ResidualReason::NoKey,
        // Of several rows with one key the last one decides.
        Some(Fact::RowsUniqueByKey) => ResidualReason::OrderDependent,
        Some(Fact::PeriodRemoved | Fact::PeriodPartitions | Fact::EveryPeriodRuns) => {
            ResidualReason::PeriodNotUnderstood
        }
        Some(Fact::NamesResolved | Fact::FunctionsKnown) => ResidualReason::UnknownObject,
        Some(Fact::LoopIndependent) => ResidualReason::OrderDependent,
        Some(Fact::EachRowOnce) => ResidualReason::PeriodNotUnderstood,
        Some(Fact::AutonomousTransaction) => ResidualReason::AutonomousTransaction,
        _ => ResidualReason::NotLowered,
    };
    Refusal {
        reason,
        message: failed.map_or_else(|| decision.rationale.clone(), |(_, e)| e.note.clone()),
        failed: failed.map(|(f, _)| fact_name(*f).into()),
        unlock: "see the rule: `ora2stream explain` prints what it needs".into(),
    }
}

/// Several planned statements on one table: where each replaces rows of its own, or all of them, their order would
/// decide, which a set of independent continuous queries cannot keep. Row by row they may go together, if they write
/// different rows: that is assumed, and said.
fn refuse_shared_targets(input: &BuildInput<'_>, all: &mut [Decided]) {
    let mut writers: BTreeMap<&TableName, Vec<usize>> = BTreeMap::new();
    for (i, step) in input.flows.steps.iter().enumerate() {
        if let (Outcome::Planned { .. } | Outcome::Residual(_), Some(table)) =
            (&all[i].outcome, &step.table)
        {
            writers.entry(table).or_default().push(i);
        }
    }
    for (table, steps) in writers.into_iter().filter(|(_, s)| s.len() > 1) {
        let rowwise = |i: &usize| match &all[*i].outcome {
            Outcome::Planned { class, .. } => row_by_row(*class) && !in_place(input, *i),
            Outcome::PartOf(_)
            | Outcome::Control(_)
            | Outcome::Residual(_)
            | Outcome::Elsewhere => false,
        };
        let columns = |i: &usize| match &input.flows.steps[*i].meaning {
            Meaning::Lifted(l) => l.columns.iter().map(|c| c.name.clone()).collect(),
            Meaning::PartOf(_) | Meaning::Obstacle(_) => std::collections::BTreeSet::new(),
        };
        let alike = steps.windows(2).all(|w| columns(&w[0]) == columns(&w[1]));
        let apart = alike && steps.iter().all(rowwise);
        for i in steps {
            if let Outcome::Planned { class, .. } = all[i].outcome {
                if apart {
                    all[i].outcome = Outcome::Planned {
                        class,
                        assumed: true,
                    };
                } else {
                    all[i].outcome = Outcome::Residual(shared(table));
                    all[i].confidence = Confidence::Manual;
                }
            }
        }
    }
}

/// Classes that write the rows that come, and leave all others alone.
fn row_by_row(class: WriteClass) -> bool {
    match class {
        WriteClass::Upsert | WriteClass::KeepFirst | WriteClass::Append | WriteClass::Queue => true,
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Delta
        | WriteClass::Freeze => false,
    }
}

fn in_place(input: &BuildInput<'_>, step: usize) -> bool {
    input
        .flows
        .steps
        .get(step)
        .is_some_and(|s| s.facts.contains_key(&Fact::UpdatesInPlace))
}

/// Planned writes that read what another planned write completes in place: they would read it as it was before.
fn refuse_readers_of_completed(input: &BuildInput<'_>, all: &mut [Decided]) {
    let completed: Vec<(usize, &TableName)> = input
        .flows
        .steps
        .iter()
        .enumerate()
        .filter(|(i, s)| matches!(all[*i].outcome, Outcome::Planned { .. }) && reads_own(s))
        .filter_map(|(i, s)| Some((i, s.table.as_ref()?)))
        .collect();
    for (i, step) in input.flows.steps.iter().enumerate() {
        let Meaning::Lifted(lifted) = &step.meaning else {
            continue;
        };
        if !matches!(all[i].outcome, Outcome::Planned { .. }) {
            continue;
        }
        let scans = lifted.query.scans();
        let stale = completed
            .iter()
            .find(|(owner, t)| *owner != i && scans.iter().any(|s| s.table == **t));
        if let Some((_, table)) = stale {
            all[i].confidence = Confidence::Manual;
            all[i].outcome = Outcome::Residual(Refusal {
                reason: ResidualReason::OrderDependent,
                message: format!(
                    "it reads {table}, which another statement completes in place: what it sees depends on which of the two ran first"
                ),
                failed: None,
                unlock: "write the completed columns to a table of their own".into(),
            });
        }
    }
}

fn reads_own(step: &WriteStep) -> bool {
    match (&step.meaning, &step.table) {
        (Meaning::Lifted(l), Some(t)) => l.query.scans().iter().any(|s| s.table == *t),
        (Meaning::Lifted(_) | Meaning::PartOf(_) | Meaning::Obstacle(_), _) => false,
    }
}

/// Turns planned writes that the engine cannot run into residuals; true if there were any.
pub(super) fn refuse_by_engine(
    input: &BuildInput<'_>,
    all: &mut [Decided],
    refused: &[(TableName, String)],
) -> bool {
    let mut any = false;
    for (i, step) in input.flows.steps.iter().enumerate() {
        let why = refused
            .iter()
            .find(|(table, _)| step.table.as_ref() == Some(table));
        if let (Outcome::Planned { .. }, Some((_, why))) = (&all[i].outcome, why) {
            any = true;
            all[i].confidence = Confidence::Manual;
            all[i].outcome = Outcome::Residual(Refusal {
                reason: ResidualReason::UnsupportedByEngine,
                message: format!("the stream engine cannot run it: {why}"),
                failed: None,
                unlock: "write the expression in a form that the engine has, see rules/targets"
                    .into(),
            });
        }
    }
    any
}

fn shared(table: &TableName) -> Refusal {
    Refusal {
        reason: ResidualReason::OrderDependent,
        message: format!(
            "several statements of the batches write {table}; the last one to run decides a row"
        ),
        failed: Some("other-writers".into()),
        unlock: "show that the statements write different rows or columns, or merge them into one"
            .into(),
    }
}

fn from_obstacle(o: &Obstacle) -> Refusal {
    Refusal {
        reason: reason_of(o.kind),
        message: o.message.clone(),
        failed: None,
        unlock: o.unlock.clone(),
    }
}

fn reason_of(kind: ObstacleKind) -> ResidualReason {
    match kind {
        ObstacleKind::OrderDependent => ResidualReason::OrderDependent,
        ObstacleKind::SelfRead => ResidualReason::SelfRead,
        ObstacleKind::CommitVisible => ResidualReason::CommitVisibleIntermediate,
        ObstacleKind::OpaqueDynamicSql => ResidualReason::OpaqueDynamicSql,
        ObstacleKind::UnknownCallee => ResidualReason::UnknownCallee,
        ObstacleKind::EarlyExit => ResidualReason::EarlyExit,
        ObstacleKind::Autonomous => ResidualReason::AutonomousTransaction,
        ObstacleKind::DbLink => ResidualReason::DbLink,
        ObstacleKind::SideEffect => ResidualReason::SideEffect,
        ObstacleKind::PackageState => ResidualReason::PackageState,
        ObstacleKind::NonDeterministic => ResidualReason::NonDeterministic,
        ObstacleKind::Wrapped => ResidualReason::WrappedSource,
        ObstacleKind::Unsupported => ResidualReason::UnsupportedByEngine,
        ObstacleKind::Freeze => ResidualReason::FreezeOnPurpose,
        ObstacleKind::Period => ResidualReason::PeriodNotUnderstood,
        ObstacleKind::NoKey => ResidualReason::NoKey,
        ObstacleKind::NotLowered | ObstacleKind::Unparsed => ResidualReason::NotLowered,
        ObstacleKind::UnknownName => ResidualReason::UnknownObject,
    }
}

/// The facts of a step as preconditions of its plan.
pub fn preconditions(input: &BuildInput<'_>, step: &WriteStep) -> Vec<Precondition> {
    let one = |(fact, e): (&Fact, &crate::dataflow::model::Evidence)| Precondition {
        fact: fact_name(*fact).into(),
        status: match e.status {
            Status::Proved => FactStatus::Proved,
            Status::Assumed => FactStatus::Assumed,
            Status::Failed => FactStatus::Failed,
        },
        note: e.note.clone(),
        places: e.spans.iter().map(|s| input.map.place(*s)).collect(),
    };
    step.facts.iter().map(one).collect()
}

/// The step's routine by its qualified name.
pub fn routine_name(input: &BuildInput<'_>, step: &WriteStep) -> String {
    input
        .catalog
        .routines
        .get(step.routine.0 as usize)
        .map_or_else(String::new, |r| r.qualified())
}

fn place(input: &BuildInput<'_>, step: &WriteStep) -> Place {
    input.map.place(step.span)
}

/// The residual list, in order of place.
pub fn residuals(input: &BuildInput<'_>, all: &[Decided]) -> Vec<Residual> {
    let mut out = Vec::new();
    for (i, step) in input.flows.steps.iter().enumerate() {
        let settled = Decided::settled(all, i);
        if step.jobs.is_empty() {
            continue;
        }
        if let Outcome::Residual(refusal) = &settled.outcome {
            out.push(residual(input, step, refusal, &settled.rule));
        }
    }
    out.sort_by(|a: &Residual, b| a.place.cmp(&b.place));
    out
}

fn residual(input: &BuildInput<'_>, step: &WriteStep, why: &Refusal, rule: &str) -> Residual {
    Residual {
        group: super::groups::home(input, step)
            .and_then(|j| input.catalog.jobs.get(j))
            .map(|j| super::names::snake(&j.name)),
        routine: routine_name(input, step),
        statement: step.verb.as_str().into(),
        table: step.table.as_ref().map(ToString::to_string),
        place: place(input, step),
        reason: why.reason,
        message: why.message.clone(),
        failed: why.failed.clone(),
        unlock: why.unlock.clone(),
        question: question(why.reason).into(),
        fallback: fallback(why.reason),
        rule: rule.into(),
    }
}

fn fallback(reason: ResidualReason) -> Fallback {
    match reason {
        ResidualReason::OrderDependent | ResidualReason::SelfRead | ResidualReason::EarlyExit => {
            Fallback::StatefulFunction
        }
        ResidualReason::PeriodNotUnderstood
        | ResidualReason::NotLowered
        | ResidualReason::UnsupportedByEngine
        | ResidualReason::FreezeOnPurpose
        | ResidualReason::NoKey => Fallback::MicroBatch,
        ResidualReason::CommitVisibleIntermediate
        | ResidualReason::OpaqueDynamicSql
        | ResidualReason::UnknownCallee
        | ResidualReason::AutonomousTransaction
        | ResidualReason::DbLink
        | ResidualReason::SideEffect
        | ResidualReason::PackageState
        | ResidualReason::NonDeterministic
        | ResidualReason::WrappedSource
        | ResidualReason::UnknownObject
        | ResidualReason::Unreachable => Fallback::StaysInOracle,
    }
}

fn question(reason: ResidualReason) -> &'static str {
    match reason {
        ResidualReason::OrderDependent => {
            "Does the order of rows matter to the business, or only to this code?"
        }
        ResidualReason::SelfRead => "Can the statement be written without reading its own target?",
        ResidualReason::CommitVisibleIntermediate => "Who reads the state between the commits?",
        ResidualReason::OpaqueDynamicSql => "Which texts can this statement have in production?",
        ResidualReason::UnknownCallee => "Where is the source of the called code?",
        ResidualReason::EarlyExit => "What must happen to the rows after the exit?",
        ResidualReason::AutonomousTransaction => "Must this row survive a rollback of the batch?",
        ResidualReason::DbLink => "Can the remote table be captured where it lives?",
        ResidualReason::SideEffect => "Who uses the file, mail or lock, and how fresh must it be?",
        ResidualReason::PackageState => "Is the package variable a constant in production?",
        ResidualReason::NonDeterministic => "May another row be chosen without anybody noticing?",
        ResidualReason::WrappedSource => "Who can supply the clear source?",
        ResidualReason::UnsupportedByEngine => "Is a slightly different result acceptable?",
        ResidualReason::FreezeOnPurpose => "Which event closes the period, and who sends it?",
        ResidualReason::PeriodNotUnderstood => {
            "For which periods does this job run, and does it run for each exactly once?"
        }
        ResidualReason::NoKey => "What identifies a row of this table?",
        ResidualReason::NotLowered => "Is this statement still needed as it is?",
        ResidualReason::UnknownObject => "Where is the definition of the missing object?",
        ResidualReason::Unreachable => "Does anything still call this code?",
    }
}

/// Control writes, in order of place.
pub fn controls(input: &BuildInput<'_>, all: &[Decided]) -> Vec<ControlWrite> {
    let mut out = Vec::new();
    for (step, decided) in input.flows.steps.iter().zip(all) {
        if let Outcome::Control(note) = &decided.outcome {
            out.push(ControlWrite {
                routine: routine_name(input, step),
                table: step.table.as_ref().map(ToString::to_string),
                place: place(input, step),
                note: note.clone(),
                rule: decided.rule.clone(),
            });
        }
    }
    out.sort_by(|a, b| a.place.cmp(&b.place));
    out
}
