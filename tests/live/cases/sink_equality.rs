//! The whole road of the samples: changes, Flink, result topics, the generated sink specification as it is, Cassandra.
//! Each table must hold what the sample says that the batch wrote; copied tables, what the source holds.

use super::Case;
use super::equality::{audit, load, still_queued};
use crate::cassandra::Node;
use crate::exact::Json;
use crate::harness::process;
use crate::harness::{Live, PATIENCE, ensure, failed, poll};
use crate::project::Project;
use crate::retail::sample::{self, Sample};
use crate::stack::Stack;
use crate::table::{self, Table};
use std::collections::BTreeMap;

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("sink::retail_in_cassandra_equals_the_batch", retail),
        ("sink::meter_in_cassandra_equals_the_batch", meter),
    ]
}

/// The project, its topics and tables, and the sample's rows in the change topics.
fn prepare(stack: &Stack, name: &str, bounded: bool) -> Live<(Project, Sample)> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let (prefix, keyspace) = (format!("sunk.{name}"), format!("sunk_{name}"));
    let project = Project::migrate(
        name,
        &[
            ("kafka.bootstrap", broker.bootstrap()),
            ("kafka.prefix", &prefix),
            ("kafka.replication", "1"),
            (
                "cassandra.contact_points",
                &format!("127.0.0.1:{}", node.port()),
            ),
            ("cassandra.replication", "1"),
            ("cassandra.keyspace", &keyspace),
            ("flink.bounded", if bounded { "true" } else { "false" }),
            ("flink.parallelism", "1"),
        ],
    )?;
    let topics = stack
        .topic_tool()?
        .run_script(&project.path("kafka/topics.sh"))?;
    topics.expect_success("kafka/topics.sh")?;
    node.run_script(&project.read("cassandra/schema.cql")?)?;
    let sample = Sample::read(name)?;
    load(broker, &sample, &prefix)?;
    Ok((project, sample))
}

fn retail(stack: &Stack) -> Live<()> {
    let (project, sample) = prepare(stack, "retail", true)?;
    let gateway = stack.flink()?;
    for script in project.scripts()? {
        let ran = gateway.run_bounded(&script.sql);
        ran.map_err(|e| failed(format!("{}: {e}", script.file)))?;
    }
    sink(&project, "sunk_retail")?;
    let compared = compare(stack.cassandra()?, &project, &sample, "sunk_retail")?;
    ensure(compared > 1, || format!("{compared} tables compared"))
}

/// Some tables are made from the results of other jobs: all run side by side, and the sink is asked until they rest.
fn meter(stack: &Stack) -> Live<()> {
    let (project, sample) = prepare(stack, "meter", false)?;
    let gateway = stack.flink()?;
    let mut running = Vec::new();
    for script in project.scripts()? {
        running.push(gateway.run_streaming(&script.sql)?);
    }
    let mut last = String::new();
    let settled = poll("the tables equal the batch's", PATIENCE, || {
        for jobs in &running {
            jobs.expect_running()?;
        }
        sink(&project, "sunk_meter")?;
        match compare(stack.cassandra()?, &project, &sample, "sunk_meter") {
            Ok(compared) => Ok(Some(compared)),
            Err(e) => {
                last = e.to_string();
                Ok(None)
            }
        }
    });
    let compared = settled.map_err(|e| failed(format!("{e}\n{last}")))?;
    ensure(compared > 1, || format!("{compared} tables compared"))
}

/// The generated file, as it is.
fn sink(project: &Project, keyspace: &str) -> Live<()> {
    let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
    command
        .args(["sink", "run"])
        .arg(project.path(&format!("sink/{keyspace}.toml")))
        .args(["--until-caught-up", "--progress", "none"]);
    process::run("ora2stream sink", command, PATIENCE)?.expect_success("sink run")?;
    Ok(())
}

/// Every table of the specification against the sample's rows of its Oracle table; how many there were.
fn compare(node: &Node, project: &Project, sample: &Sample, keyspace: &str) -> Live<usize> {
    let text = project.read(&format!("sink/{keyspace}.toml"))?;
    let spec: toml::Table = text.parse().map_err(|e| failed(format!("{e}")))?;
    let tables = spec["tables"].as_array().cloned().unwrap_or_default();
    let mut differences = Vec::new();
    for entry in &tables {
        let of = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
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
        let found = rows(node, keyspace, &table, entry, &def.key)?;
        let pair = (
            table::without(&wanted, audit(&def.name)),
            table::without(&found, audit(&def.name)),
        );
        if let Some(text) = table::difference(&pair.0, &pair.1) {
            differences.push(format!("{table}:\n{text}"));
        }
    }
    ensure(differences.is_empty(), || differences.join("\n"))?;
    Ok(tables.len())
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
