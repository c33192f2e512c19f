//! One-shot loads: what the stream cannot bring by itself.

use super::BuildInput;
use crate::plan::model::{Backfill, Capture, ColumnMap, ConnectSettings, Plan, SinkFormat};
use crate::rel::{TableName, WriteClass};

/// Replica tables, and opening balances of targets whose state began before the stream.
pub fn build(input: &BuildInput<'_>, plan: &Plan) -> Vec<Backfill> {
    let mut out: Vec<Backfill> = plan
        .sources
        .iter()
        .filter(|s| s.capture == Capture::Cdc)
        .filter_map(|s| source_load(input, plan, &s.table))
        .collect();
    for job in plan.groups.iter().flat_map(|g| &g.jobs) {
        // Several jobs may write one table: its balance is loaded once.
        let there = |b: &Backfill| b.table == job.write.target && b.topic.is_none();
        if out.iter().any(there) {
            continue;
        }
        if let Some(purpose) = opening_balance(job.write.class) {
            out.push(target_load(
                input,
                plan,
                &job.write.target,
                &job.write.key,
                purpose,
            ));
        }
    }
    out.sort_by(|a, b| (&a.table, &a.target).cmp(&(&b.table, &b.target)));
    out
}

/// Classes whose target holds history that no source row explains any more.
fn opening_balance(class: WriteClass) -> Option<&'static str> {
    match class {
        WriteClass::Queue => {
            Some("opening balance: rows that were processed stay as they were written")
        }
        WriteClass::Upsert | WriteClass::KeepFirst => {
            Some("opening balance: rows whose source is gone stay, as in the batch")
        }
        WriteClass::Delta => Some("opening balance: the value before the first captured change"),
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Append
        | WriteClass::Freeze => None,
    }
}

/// With `snapshot.mode=no_data` every source's history comes from us; with a snapshot only replicas need nothing more.
fn source_load(input: &BuildInput<'_>, plan: &Plan, table: &TableName) -> Option<Backfill> {
    let source = plan.sources.iter().find(|s| s.table == *table)?;
    let replica = plan
        .sinks
        .iter()
        .find(|s| s.topic == source.topic && s.format == SinkFormat::Debezium);
    let feeds_topic =
        plan.settings.connect.snapshot_mode != ConnectSettings::default().snapshot_mode;
    if replica.is_none() && !feeds_topic {
        return None;
    }
    Some(Backfill {
        table: table.clone(),
        target: replica.map(|r| r.table.clone()),
        topic: feeds_topic.then(|| source.topic.clone()),
        purpose: "history of the source before the first captured change".into(),
        columns: replica.map(|r| r.columns.clone()).unwrap_or_default(),
        key: source.key.clone(),
        rows: source.rows,
        after: parents(input, plan, table),
    })
}

fn target_load(
    input: &BuildInput<'_>,
    plan: &Plan,
    table: &TableName,
    key: &[String],
    purpose: &str,
) -> Backfill {
    let sink = plan.sinks.iter().find(|s| {
        plan.tables
            .iter()
            .any(|t| t.name == s.table && t.of == *table)
    });
    let columns: Vec<ColumnMap> = sink.map(|s| s.columns.clone()).unwrap_or_default();
    Backfill {
        table: table.clone(),
        target: sink.map(|s| s.table.clone()),
        topic: None,
        purpose: purpose.into(),
        columns,
        key: key.to_vec(),
        rows: input.catalog.tables.get(table).and_then(|t| t.rows),
        after: Vec::new(),
    }
}

/// Parents by foreign key that are loaded too.
fn parents(input: &BuildInput<'_>, plan: &Plan, table: &TableName) -> Vec<TableName> {
    let keys = input
        .catalog
        .tables
        .get(table)
        .map(|t| t.foreign_keys.as_slice())
        .unwrap_or_default();
    let loaded = |p: &&TableName| *p != table && plan.sources.iter().any(|s| s.table == **p);
    let mut out: Vec<_> = keys
        .iter()
        .map(|k| &k.parent)
        .filter(loaded)
        .cloned()
        .collect();
    out.sort();
    out.dedup();
    out
}
