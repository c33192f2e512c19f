//! Keys that a configuration may hold. The connector's own validation says nothing of misspelt keys, of a
//! missing schema history or of more than one task, so it is checked here, on what is generated and on nothing else.

use super::config::Config;
use crate::emit::EmitError;

/// Keys that we write, each read by Debezium 3.6 or Kafka Connect 4.
const KNOWN: &[&str] = &[
    "binary.handling.mode",
    "column.exclude.list",
    "connector.class",
    "database.connection.adapter",
    "database.dbname",
    "database.hostname",
    "database.password",
    "database.pdb.name",
    "database.port",
    "database.user",
    "decimal.handling.mode",
    "heartbeat.interval.ms",
    "key.converter",
    "key.converter.schemas.enable",
    "message.key.columns",
    "name",
    "provide.transaction.metadata",
    "schema.history.internal.kafka.bootstrap.servers",
    "schema.history.internal.kafka.topic",
    "schema.history.internal.store.only.captured.tables.ddl",
    "snapshot.mode",
    "table.include.list",
    "tasks.max",
    "time.precision.mode",
    "tombstones.on.delete",
    "topic.prefix",
    "value.converter",
    "value.converter.schemas.enable",
];

const ADAPTERS: &[&str] = &["logminer", "logminer_unbuffered", "xstream", "olr"];
const SNAPSHOTS: &[&str] = &[
    "always",
    "initial",
    "initial_only",
    "no_data",
    "recovery",
    "when_needed",
    "configuration_based",
    "custom",
];

/// Refuses what the connector would accept and not honour.
pub fn check(config: &Config) -> Result<(), EmitError> {
    if let Some(key) = config.keys().find(|k| !KNOWN.contains(&k.as_str())) {
        return Err(wrong(key, "the connector does not know this key"));
    }
    for key in [
        "schema.history.internal.kafka.bootstrap.servers",
        "schema.history.internal.kafka.topic",
    ] {
        if config.get(key).is_none_or(String::is_empty) {
            return Err(wrong(
                key,
                "the connector cannot start without a schema history",
            ));
        }
    }
    one_of(config, "database.connection.adapter", ADAPTERS)?;
    one_of(config, "snapshot.mode", SNAPSHOTS)?;
    match config.get("tasks.max").map(String::as_str) {
        Some("1") => Ok(()),
        _ => Err(wrong("tasks.max", "the connector runs as one task")),
    }
}

fn one_of(config: &Config, key: &str, values: &[&str]) -> Result<(), EmitError> {
    match config.get(key) {
        Some(v) if values.contains(&v.as_str()) => Ok(()),
        _ => Err(wrong(key, &format!("must be one of {}", values.join(", ")))),
    }
}

fn wrong(key: &str, what: &str) -> EmitError {
    EmitError::Inconsistent {
        emitter: "debezium",
        item: key.into(),
        what: what.into(),
    }
}
