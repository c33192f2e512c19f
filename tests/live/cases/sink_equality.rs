//! The tables that the generated sink specification fills, against what the sample says that the batch wrote; copied
//! tables, against what the source holds.

use super::equality::{audit, still_queued};
use crate::cassandra::Node;
use crate::exact::Json;
use crate::harness::process;
use crate::harness::{Live, PATIENCE, ensure, failed};
use crate::project::Project;
use crate::retail::sample::{self, Sample};
use crate::table::{self, Table};
use std::collections::BTreeMap;

/// The generated file, as it is.
pub fn sink(project: &Project, keyspace: &str) -> Live<()> {
    let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
    command
        .args(["sink", "run"])
        .arg(project.path(&format!("sink/{keyspace}.toml")))
        .args(["--until-caught-up", "--progress", "none"]);
    process::run("ora2stream sink", command, PATIENCE)?.expect_success("sink run")?;
    Ok(())
}

/// Every table of the specification against the sample's rows of its Oracle table; how many rows there were. Where rows
/// stay that vanished, those that the batch wrote count: there were others in between.
pub fn compare(node: &Node, project: &Project, sample: &Sample, keyspace: &str) -> Live<usize> {
    let text = project.read(&format!("sink/{keyspace}.toml"))?;
    let spec: toml::Table = text.parse().map_err(|e| failed(format!("{e}")))?;
    let tables = spec["tables"].as_array().cloned().unwrap_or_default();
    ensure(tables.len() > 1, || format!("{} tables", tables.len()))?;
    let (mut differences, mut compared) = (Vec::new(), 0);
    for entry in &tables {
        let of = |key: &str| {
            let text = entry.get(key).and_then(toml::Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let (topic, table) = (of("topic"), of("table"));
        // A result may have a key of its own, where the table's comes from a sequence.
        let mut def = sample
            .table(topic.rsplit('.').next().unwrap_or_default())?
            .clone();
        let key = entry
            .get("key")
            .and_then(|k| k.as_array())
            .into_iter()
            .flatten();
        def.key = key.filter_map(|k| k.as_str().map(str::to_owned)).collect();
        let mut rows_of_batch = sample.rows(&def.name)?;
        if def.name == "SHIPMENTS" {
            rows_of_batch.extend(still_queued(sample)?);
        }
        let wanted: Table = rows_of_batch
            .iter()
            .map(|r| sample::result_row(&def, r))
            .collect();
        ensure(!wanted.is_empty(), || format!("no rows of {}", def.name))?;
        let carried = |row: &Json| members(row, |name| column(entry, name).is_some());
        let wanted: Table = wanted.into_iter().map(|(k, r)| (k, carried(&r))).collect();
        let mut found = rows(node, keyspace, &table, entry, &def.key)?;
        if of("on_delete") == "keep" {
            found.retain(|key, _| wanted.contains_key(key));
        }
        compared += wanted.len();
        let pair = (
            table::without(&wanted, audit(&def.name)),
            table::without(&found, audit(&def.name)),
        );
        if let Some(text) = table::difference(&pair.0, &pair.1) {
            differences.push(format!("{table}:\n{text}"));
        }
    }
    ensure(differences.is_empty(), || differences.join("\n"))?;
    Ok(compared)
}

/// What the table holds that a result topic goes into, as the topic would have it.
pub fn result_in_cassandra(
    node: &Node,
    project: &Project,
    (keyspace, topic, key): (&str, &str, &[String]),
) -> Live<Table> {
    let text = project.read(&format!("sink/{keyspace}.toml"))?;
    let spec: toml::Table = text.parse().map_err(|e| failed(format!("{e}")))?;
    let tables = spec["tables"].as_array().into_iter().flatten();
    let entry = tables
        .clone()
        .find(|t| t["topic"].as_str() == Some(topic))
        .ok_or_else(|| failed(format!("the sink does not read {topic}")))?;
    let table = entry["table"].as_str().unwrap_or_default();
    rows(node, keyspace, table, entry, key)
}

/// The column of the table that a member goes into.
fn column(entry: &toml::Value, from: &str) -> Option<String> {
    let columns = entry["columns"].as_array()?;
    let found = columns.iter().find(|c| c["from"].as_str() == Some(from))?;
    Some(found["to"].as_str()?.to_owned())
}

fn members(row: &Json, kept: impl Fn(&str) -> bool) -> Json {
    match row {
        Json::Object(members) => {
            let members = members.iter().filter(|(name, _)| kept(name));
            Json::Object(members.map(|(n, v)| (n.clone(), v.clone())).collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => row.clone(),
    }
}

/// The rows of a table in the names and forms of result topics, from the server's own JSON.
fn rows(
    node: &Node,
    keyspace: &str,
    table: &str,
    entry: &toml::Value,
    key: &[String],
) -> Live<Table> {
    let names: BTreeMap<String, String> = entry["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|c| Some((c["to"].as_str()?.to_owned(), c["from"].as_str()?.to_owned())))
        .collect();
    let lines: Vec<(String,)> = node.rows(&format!("SELECT JSON * FROM {keyspace}.\"{table}\""))?;
    let mut found = Table::new();
    for (line,) in lines {
        let Json::Object(columns) = Json::parse(&line).map_err(failed)? else {
            return Err(failed(format!("{table}: no object: {line}")));
        };
        let row: BTreeMap<String, Json> = columns
            .into_iter()
            .filter_map(|(name, value)| {
                let name = name.trim_matches('"').to_owned();
                Some((names.get(&name)?.clone(), as_result(value)))
            })
            .collect();
        let row = Json::Object(row);
        found.insert(members(&row, |name| key.iter().any(|k| k == name)), row);
    }
    Ok(found)
}

/// `2024-01-31 00:00:00.500Z` as results have it: `2024-01-31 00:00:00.5`.
fn as_result(value: Json) -> Json {
    match value {
        Json::Text(text)
            if text.len() == 24 && text.ends_with('Z') && text.as_bytes()[10] == b' ' =>
        {
            let plain = text.trim_end_matches('Z').trim_end_matches('0');
            Json::Text(plain.trim_end_matches('.').to_owned())
        }
        other => other,
    }
}
