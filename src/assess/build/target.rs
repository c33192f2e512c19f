//! The plan in summary.

use crate::assess::model::*;
use crate::plan::model::{CqlKind, CqlTable, JobGroup, Plan, StreamJob, Topic, TopicRole};
use crate::rel::{ColumnRole, PeriodUnit, TableName};

/// The new system.
pub(super) fn build(plan: &Plan) -> Target {
    Target {
        sources: plan.sources.iter().map(source).collect(),
        topics: plan.topics.iter().map(|t| topic(plan, t)).collect(),
        stream_jobs: plan
            .groups
            .iter()
            .flat_map(|g| g.jobs.iter().map(move |j| job(g, j)))
            .collect(),
        tables: plan.tables.iter().map(table).collect(),
        backfills: plan.backfills.iter().map(backfill).collect(),
    }
}

fn names(tables: &[TableName]) -> Vec<String> {
    tables.iter().map(ToString::to_string).collect()
}

fn source(s: &crate::plan::model::Source) -> SourceSummary {
    let left_out = |l: &crate::plan::model::LeftOut| format!("{}: {}", l.column, l.reason);
    SourceSummary {
        table: s.table.to_string(),
        topic: s.topic.clone(),
        key: s.key.clone(),
        rows: s.rows,
        left_out: s.left_out.iter().map(left_out).collect(),
    }
}

fn topic(plan: &Plan, t: &Topic) -> TopicSummary {
    let source = || plan.sources.iter().find(|s| s.topic == t.name);
    let jobs = || plan.groups.iter().flat_map(|g| &g.jobs);
    let key = match t.role {
        TopicRole::Result => jobs()
            .find(|j| j.topic == t.name)
            .map(|j| j.write.key.clone()),
        TopicRole::Cdc | TopicRole::File => source().map(|s| s.key.clone()),
        TopicRole::DeadLetter
        | TopicRole::Control
        | TopicRole::SchemaHistory
        | TopicRole::Heartbeat
        | TopicRole::Transaction => None,
    };
    TopicSummary {
        name: t.name.clone(),
        role: t.role,
        partitions: t.partitions,
        cleanup: t.cleanup,
        key: key.unwrap_or_default(),
    }
}

fn job(group: &JobGroup, j: &StreamJob) -> StreamJobSummary {
    let audit = j.write.columns.iter();
    let audit = audit.filter(|c| c.role == ColumnRole::Audit);
    StreamJobSummary {
        id: j.id.clone(),
        group: group.name.clone(),
        table: j.write.target.to_string(),
        routine: j.routine.clone(),
        write_class: j.write.class,
        key: j.write.key.clone(),
        on_delete: j.write.on_delete,
        period: j.write.period.as_ref().map(|p| {
            format!(
                "{} = {} of {}.{}",
                p.parameter,
                unit(p.unit),
                p.source.relation,
                p.source.name
            )
        }),
        audit_columns: audit.map(|c| c.name.clone()).collect(),
        reads: names(&j.reads),
        topic: j.topic.clone(),
        rule: j.rule.clone(),
        confidence: j.confidence,
        preconditions: j.preconditions.clone(),
        state: j.state.clone(),
        notes: j.notes.clone(),
        provenance: j.provenance.clone(),
        sql: None,
    }
}

fn unit(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Minute => "minute",
        PeriodUnit::Hour => "hour",
        PeriodUnit::Day => "day",
        PeriodUnit::Week => "week",
        PeriodUnit::Month => "month",
        PeriodUnit::Quarter => "quarter",
        PeriodUnit::Year => "year",
    }
}

fn table(t: &CqlTable) -> CqlTableSummary {
    let mut partition = Vec::new();
    let mut clustering = Vec::new();
    for c in &t.columns {
        match c.kind {
            CqlKind::Partition => partition.push(c.name.clone()),
            CqlKind::ClusteringAsc => clustering.push(c.name.clone()),
            CqlKind::ClusteringDesc => clustering.push(format!("{} DESC", c.name)),
            CqlKind::Static | CqlKind::Regular => {}
        }
    }
    CqlTableSummary {
        name: t.name.clone(),
        of: t.of.to_string(),
        partition,
        clustering,
        serves: t.serves.clone(),
        why: t.why.clone(),
        runner_up: t.runner_up.clone(),
        rows_per_partition: t.rows_per_partition,
    }
}

fn backfill(b: &crate::plan::model::Backfill) -> BackfillSummary {
    BackfillSummary {
        table: b.table.to_string(),
        target: b.target.clone(),
        topic: b.topic.clone(),
        purpose: b.purpose.clone(),
        rows: b.rows,
        after: names(&b.after),
    }
}
