//! The connector's configuration as a flat map of strings, in an order that people can read.

use indexmap::IndexMap;

use crate::plan::model::{KeyOrigin, Plan, Source};

/// Key and value, both text as Kafka Connect wants them.
pub type Config = IndexMap<String, String>;

/// The connector's name, and its file's.
pub fn name(plan: &Plan) -> String {
    let fold = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let name: String = plan.project.name.chars().map(fold).collect();
    match name.trim_matches('_') {
        "" => "source".into(),
        n => n.into(),
    }
}

/// The whole configuration.
pub fn connector(plan: &Plan, tables: &[&Source]) -> Config {
    let mut c = Config::new();
    let mut set = |k: &str, v: String| {
        c.insert(k.into(), v);
    };
    set("name", format!("{}-cdc", name(plan)));
    set(
        "connector.class",
        "io.debezium.connector.oracle.OracleConnector".into(),
    );
    // The connector refuses more than one task.
    set("tasks.max", "1".into());
    set("topic.prefix", plan.settings.kafka.prefix.clone());
    database(plan, &mut set);
    capture(plan, tables, &mut set);
    formats(&mut set);
    c
}

fn database(plan: &Plan, set: &mut impl FnMut(&str, String)) {
    let o = &plan.settings.oracle;
    set("database.hostname", o.host.clone());
    set("database.port", o.port.to_string());
    // Secrets come from the worker's environment through its `env` config provider.
    set("database.user", format!("${{env:{}}}", o.user_env));
    set("database.password", format!("${{env:{}}}", o.password_env));
    set("database.dbname", o.dbname.clone());
    if let Some(pdb) = &o.pdb {
        set("database.pdb.name", pdb.clone());
    }
    set(
        "database.connection.adapter",
        plan.settings.connect.adapter.clone(),
    );
    let k = &plan.settings.kafka;
    set(
        "schema.history.internal.kafka.bootstrap.servers",
        k.bootstrap.clone(),
    );
    set(
        "schema.history.internal.kafka.topic",
        format!("{}.schema-history", k.prefix),
    );
    // Other schemas' DDL would only make the history long.
    set(
        "schema.history.internal.store.only.captured.tables.ddl",
        "true".into(),
    );
}

fn capture(plan: &Plan, tables: &[&Source], set: &mut impl FnMut(&str, String)) {
    let names: Vec<String> = tables.iter().map(|s| pattern(s)).collect();
    set("table.include.list", names.join(","));
    let keys: Vec<String> = tables.iter().filter_map(|s| message_key(s)).collect();
    if !keys.is_empty() {
        set("message.key.columns", keys.join(";"));
    }
    let left_out: Vec<String> = tables
        .iter()
        .flat_map(|s| {
            s.left_out
                .iter()
                .map(|l| format!("{}\\.{}", pattern(s), quote(&l.column)))
        })
        .collect();
    if !left_out.is_empty() {
        set("column.exclude.list", left_out.join(","));
    }
    set("snapshot.mode", plan.settings.connect.snapshot_mode.clone());
    set("provide.transaction.metadata", "true".into());
    // A quiet database moves no offset: without a heartbeat a restart would need logs that are gone.
    set("heartbeat.interval.ms", "10000".into());
    set("tombstones.on.delete", "true".into());
}

/// `SCHEMA\.TABLE`: the include list holds regular expressions.
fn pattern(source: &Source) -> String {
    format!(
        "{}\\.{}",
        quote(&source.table.schema),
        quote(&source.table.name)
    )
}

/// A name as a regular expression; commas separate the list's entries and are matched by any character.
fn quote(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            ',' | ';' | ':' => out.push('.'),
            c if c.is_alphanumeric() || c == '_' => out.push(c),
            c => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out
}

/// Tables without a primary key need their message key said.
fn message_key(source: &Source) -> Option<String> {
    match source.key_origin {
        KeyOrigin::PrimaryKey | KeyOrigin::None => None,
        KeyOrigin::Unique | KeyOrigin::Configured | KeyOrigin::Assumed => {
            Some(format!("{}:{}", pattern(source), source.key.join(",")))
        }
    }
}

/// What the stream jobs read: decimals as text, times as the column's own precision, plain JSON without schemas.
fn formats(set: &mut impl FnMut(&str, String)) {
    set("decimal.handling.mode", "string".into());
    set("time.precision.mode", "adaptive".into());
    set("binary.handling.mode", "base64".into());
    for side in ["key", "value"] {
        set(
            &format!("{side}.converter"),
            "org.apache.kafka.connect.json.JsonConverter".into(),
        );
        set(&format!("{side}.converter.schemas.enable"), "false".into());
    }
}
