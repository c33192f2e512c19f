//! Makes the plan: decides every write by rule, then derives sources, topics, tables, sinks and loads from
//! the planned writes. Sees flows and rules; what a target engine looks like is not known here.

mod access;
mod backfill;
mod cql_type;
mod decide;
mod groups;
mod history;
mod inputs;
pub mod names;
pub mod queries;
mod sources;
mod tables;
mod topics;
mod unwritten;

use crate::catalog::model::Catalog;
use crate::dataflow::model::Flows;
use crate::plan::config::ProjectConfig;
use crate::plan::model::{PLAN_VERSION, Plan, Project, ReaderQuery};
use crate::rel::TableName;
use crate::rules::Registry;
use crate::source::SourceMap;

pub use decide::{Decided, Outcome};

/// What a plan is made from.
pub struct BuildInput<'a> {
    /// Texts, to turn spans into places.
    pub map: &'a SourceMap,
    /// The estate.
    pub catalog: &'a Catalog,
    /// What the batches mean.
    pub flows: &'a Flows,
    /// The rules.
    pub registry: &'a Registry,
    /// The user's decisions.
    pub config: &'a ProjectConfig,
    /// What readers ask, analysed.
    pub queries: Vec<ReaderQuery>,
}

/// The plan, and what became of every step of the flows (same indices).
pub struct Built {
    /// The plan.
    pub plan: Plan,
    /// One a step.
    pub outcomes: Vec<Decided>,
}

/// Builds the plan, whatever an engine can run.
pub fn build(input: &BuildInput<'_>) -> Built {
    build_for(input, &|_| Vec::new())
}

/// Builds the plan for an engine: `refuses` names the targets whose jobs it cannot run, with the reason. They
/// become residuals, and the rest is planned anew without them.
pub fn build_for(
    input: &BuildInput<'_>,
    refuses: &dyn Fn(&Plan) -> Vec<(TableName, String)>,
) -> Built {
    let mut outcomes = decide::decide_all(input);
    loop {
        let plan = assemble(input, &outcomes);
        let refused = refuses(&plan);
        // every round takes at least one write out, so that the rounds end
        if !decide::refuse_by_engine(input, &mut outcomes, &refused) {
            return Built { plan, outcomes };
        }
    }
}

fn assemble(input: &BuildInput<'_>, outcomes: &[Decided]) -> Plan {
    let mut plan = Plan {
        version: PLAN_VERSION,
        project: project(input),
        settings: input.config.settings.clone(),
        sources: Vec::new(),
        file_inputs: Vec::new(),
        topics: Vec::new(),
        groups: groups::build(input, outcomes),
        tables: Vec::new(),
        sinks: Vec::new(),
        backfills: Vec::new(),
        queries: input.queries.clone(),
        residuals: decide::residuals(input, outcomes),
        controls: decide::controls(input, outcomes),
        questions: Vec::new(),
        functions: Vec::new(),
    };
    plan.functions = input.registry.functions_for(&plan.groups);
    plan.file_inputs = inputs::build(input, &plan);
    plan.sources = sources::build(input, &plan);
    tables::build(input, &mut plan);
    plan.backfills = backfill::build(input, &plan);
    plan.topics = topics::build(&plan);
    plan.questions.extend(groups::questions(&plan));
    plan.questions
        .sort_by(|a, b| (&a.about, &a.text).cmp(&(&b.about, &b.text)));
    plan.questions.dedup();
    plan
}

fn project(input: &BuildInput<'_>) -> Project {
    let mut schemas = input.config.schemas.clone();
    if schemas.is_empty() {
        schemas.push(input.catalog.default_schema.clone());
    }
    Project {
        name: input.config.name.clone(),
        schemas,
        time_zone: input
            .config
            .time_zone
            .clone()
            .unwrap_or_else(|| "UTC".into()),
    }
}
