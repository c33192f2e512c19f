//! One Flink SQL script a job group: `flink/<group>.sql`. The script creates its tables, then inserts; it runs
//! on 2.2 and 2.3.

mod dialect;
mod frame;
mod options;
mod remarks;
mod sinks;
mod sources;
mod types;

#[cfg(test)]
mod tests;

pub use dialect::Flink;

use std::collections::BTreeMap;

use self::frame::{CreateTable, Insert, Script, Statement};
use self::sources::Sources;
use super::fragment::FlinkSql;
use super::sql::{Compiler, Forms};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{JobGroup, Plan, StreamJob};

/// The emitter.
pub struct FlinkEmitter;

impl Emitter for FlinkEmitter {
    fn name(&self) -> &'static str {
        "flink"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        let forms = Forms::of(&Flink, &plan.functions)?;
        let mut files = Vec::new();
        for group in plan.groups.iter().filter(|g| !g.jobs.is_empty()) {
            let script = script(plan, group, &forms)?;
            let path = format!("flink/{}.sql", group.name);
            files.push(GeneratedFile::text(path, script.to_string()));
        }
        Ok(files)
    }
}

/// The query of every job by its id, for readers; jobs that the engine cannot say are left out.
pub fn queries(plan: &Plan) -> BTreeMap<String, String> {
    let Ok(forms) = Forms::of(&Flink, &plan.functions) else {
        return BTreeMap::new();
    };
    let mut out = BTreeMap::new();
    for group in &plan.groups {
        let Ok(sources) = Sources::of(plan, group) else {
            continue;
        };
        for job in &group.jobs {
            let compiler = Compiler::new(&Flink, &forms, &sources, &job.id);
            let name = format!("RESULT_{}", job.write.target.name);
            if let Ok(sink) = sinks::sink(plan, job, name, &compiler) {
                out.insert(job.id.clone(), sink.query.text());
            }
        }
    }
    out
}

/// Why a job cannot be a Flink query; None when it can. The planner asks before it promises a stream.
pub fn refusal(plan: &Plan, group: &JobGroup, job: &StreamJob) -> Option<String> {
    let alone = JobGroup {
        jobs: vec![job.clone()],
        ..group.clone()
    };
    let forms = match Forms::of(&Flink, &plan.functions) {
        Ok(forms) => forms,
        Err(e) => return Some(e.to_string()),
    };
    match script(plan, &alone, &forms) {
        Ok(_) => None,
        Err(EmitError::Unsupported { what, .. } | EmitError::Inconsistent { what, .. }) => {
            Some(what)
        }
        Err(other) => Some(other.to_string()),
    }
}

fn script(plan: &Plan, group: &JobGroup, forms: &Forms) -> Result<Script, EmitError> {
    let sources = Sources::of(plan, group)?;
    let mut sinks = SinkTables::default();
    let mut inserts = Vec::new();
    for job in &group.jobs {
        let compiler = Compiler::new(&Flink, forms, &sources, &job.id);
        let name = format!("RESULT_{}", job.write.target.name);
        let sink = sinks::sink(plan, job, name, &compiler)?;
        let mut comment = remarks::job(job);
        comment.extend(sink.query.notes.iter().map(|n| format!("note: {n}")));
        inserts.push(Insert {
            comment,
            table: sinks.declare(sink.create),
            query: FlinkSql::printed(sink.query.text()),
        });
    }
    let mut statements = vec![Statement::Comment(remarks::group(plan, group))];
    let set = options::session(plan, &group.name);
    statements.extend(
        set.into_iter()
            .map(|(key, value)| Statement::Set { key, value }),
    );
    statements.extend(sources.creates().cloned().map(Statement::CreateTable));
    statements.extend(sinks.tables.into_values().map(Statement::CreateTable));
    statements.push(Statement::Inserts(inserts));
    Ok(Script { statements })
}

/// Sink tables by name; jobs that write the same table in the same form share one.
#[derive(Default)]
struct SinkTables {
    tables: BTreeMap<String, CreateTable>,
}

impl SinkTables {
    fn declare(&mut self, create: CreateTable) -> String {
        let base = create.name.clone();
        let mut name = base.clone();
        let mut n = 1;
        while let Some(known) = self.tables.get(&name) {
            let same = CreateTable {
                name: name.clone(),
                ..create.clone()
            };
            if *known == same {
                return name;
            }
            n += 1;
            name = format!("{base}_{n}");
        }
        let table = CreateTable {
            name: name.clone(),
            ..create
        };
        self.tables.insert(name.clone(), table);
        name
    }
}
