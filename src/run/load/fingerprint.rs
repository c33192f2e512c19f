//! What a manifest belongs to: a load goes on only with the specification and the source it was started with.

use serde::Serialize;
use serde_json::json;
use xxhash_rust::xxh3::xxh3_128;

use crate::diag::Code;
use crate::plan::model::BackfillSpec;
use crate::run::error::RunError;
use crate::run::manifest::Header;
use crate::run::source::RowSource;

fn hash(value: &impl Serialize) -> String {
    // Maps of the specification are ordered: the same text at every run.
    let text = serde_json::to_string(value).unwrap_or_default();
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// Table, key and targets.
pub fn identity(spec: &BackfillSpec) -> String {
    let cassandra = spec.cassandra.as_ref().map(|c| (&c.keyspace, &c.table));
    let kafka = spec.kafka.as_ref().map(|k| &k.topic);
    hash(&json!({
        "table": spec.table, "key": spec.key, "cassandra": cassandra, "kafka": kafka,
    }))
}

/// Columns, conversions, and how the source is read.
pub fn schema(spec: &BackfillSpec) -> String {
    let topic = spec.kafka.as_ref().map(|k| &k.columns);
    hash(&json!({
        "columns": spec.columns, "derived": spec.derived, "null_as": spec.null_as,
        "also": spec.also, "join": spec.join, "source": spec.source, "topic": topic,
    }))
}

/// Refuses a manifest of another specification, and a source that has changed.
pub fn check(header: &Header, spec: &BackfillSpec, source: &dyn RowSource) -> Result<(), RunError> {
    same_target(header, spec)?;
    if header.schema != schema(spec) {
        let message = format!(
            "the columns, types or source options of {} are not those the load was started with",
            header.table
        );
        return Err(RunError::new(Code::LoadForeign, message).help(
            "put the specification back; or begin anew with `run --fresh`; rejected rows may be loaded under the new one with `retry-failed`",
        ));
    }
    if header.source != source.fingerprint()? {
        let message = format!(
            "the source of {} has changed since the load began",
            header.table
        );
        return Err(RunError::new(Code::SourceChanged, message)
            .help("put the files back as they were, or begin anew with `run --fresh`"));
    }
    Ok(())
}

/// Refuses a manifest of another table or target.
pub fn same_target(header: &Header, spec: &BackfillSpec) -> Result<(), RunError> {
    if header.identity == identity(spec) {
        return Ok(());
    }
    let message = format!(
        "the manifest belongs to {} into {}, the specification to {} into {}",
        header.table,
        header.target,
        spec.table,
        target(spec)
    );
    Err(RunError::new(Code::LoadForeign, message)
        .help("use the specification that the load was started with, or another --state"))
}

/// The targets in words.
pub fn target(spec: &BackfillSpec) -> String {
    let cassandra = spec
        .cassandra
        .as_ref()
        .map(|c| format!("{}.{}", c.keyspace, c.table));
    let kafka = spec.kafka.as_ref().map(|k| format!("topic {}", k.topic));
    let names: Vec<String> = cassandra.into_iter().chain(kafka).collect();
    names.join(" and ")
}
