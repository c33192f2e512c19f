//! The PySpark job, compiled and run on a local session over files instead of topics.
//!
//! The job takes `--source files:DIR`, where `DIR/<topic>/` holds text files with one change
//! event a line, and `--sink files:DIR`, into which it writes `<topic>/*` with one
//! `{"key":{..},"value":{..}|null}` a line, in the order in which they hold.

use super::Case;
use super::sink_equality::result_in_cassandra;
use crate::exact::Json;
use crate::harness::process;
use crate::harness::{Live, PATIENCE, ensure, failed};
use crate::kafka::Record;
use crate::oracle::Database;
use crate::project::Project;
use crate::retail::sample::Sample;
use crate::retail::{SCHEMA, SOURCES, customer_balance, daily_sales, scenario};
use crate::spark;
use crate::stack::Stack;
use crate::table::{self, OnDelete, Table};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub fn cases() -> [(&'static str, Case); 4] {
    [
        ("spark::jobs_into_cassandra_equal_the_batch", into_cassandra),
        ("spark::one_shot_load_is_verified", one_shot_load),
        ("spark::jobs_compile", compile),
        ("spark::job_over_files_gives_the_same_totals", same_totals),
    ]
}

const PREFIX: &str = "files";

/// The samples, and whether Spark has jobs of theirs: it takes aggregates over tables that change, and those of meter
/// all read other results.
fn compile(_: &Stack) -> Live<()> {
    for (sample, offered) in [("retail", true), ("meter", false)] {
        let project = Project::migrate(sample, &[])?;
        ensure(project.path("spark").is_dir() == offered, || {
            format!("{sample}: Spark jobs offered is not {offered}")
        })?;
        if !offered {
            continue;
        }
        for job in project.files("spark", "py")? {
            spark::compile(&job)?;
        }
    }
    Ok(())
}

/// The whole scenario in one go: a job over files ends by itself.
fn same_totals(_: &Stack) -> Live<()> {
    let project = Project::migrate("retail", &[("kafka.prefix", PREFIX)])?;
    let sample = Sample::read("retail")?;
    let defs = SOURCES.iter().map(|t| sample.table(t).cloned());
    let mut db = Database::new(PREFIX, defs.collect::<Live<Vec<_>>>()?);
    let mut records = Vec::new();
    for step in scenario::steps() {
        records.extend((step.apply)(&mut db)?);
    }
    let folder = tempfile::Builder::new().prefix("live-spark-").tempdir()?;
    let (source, sink) = (folder.path().join("in"), folder.path().join("out"));
    write_topics(&records, &source)?;

    let topic = result("DAILY_SALES");
    let job = job_of(&project, &topic)?;
    let arguments = [
        "--source".to_owned(),
        format!("files:{}", source.display()),
        "--sink".to_owned(),
        format!("files:{}", sink.display()),
    ];
    let done = spark::run(&job, &arguments, folder.path())?;
    // The job sees everything as one batch, so the batch to compare with is one run from scratch.
    let mut balances = Table::new();
    customer_balance::run(&db, &mut balances);
    for (topic, expected, audit) in [
        (topic, daily_sales::run(&db), &[] as &[&str]),
        (
            result("CUSTOMER_BALANCE"),
            balances,
            customer_balance::AUDIT,
        ),
    ] {
        let state = table::latest(&read_topic(&sink, &topic)?, OnDelete::Delete)?;
        if let Some(text) = table::difference(&expected, &table::without(&state, audit)) {
            return Err(failed(format!("{topic}:\n{text}\n{}", done.stderr)));
        }
    }
    Ok(())
}

/// The whole scenario from Kafka into Cassandra. The job is started three times and goes on from its checkpoint.
fn into_cassandra(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let (prefix, keyspace) = ("sparked", "sparked");
    let point = format!("127.0.0.1:{}", node.port());
    let settings = [
        ("kafka.bootstrap", broker.bootstrap()),
        ("kafka.prefix", prefix),
        ("kafka.replication", "1"),
        ("cassandra.contact_points", &point),
        ("cassandra.replication", "1"),
        ("cassandra.keyspace", keyspace),
        ("spark.shuffle_partitions", "2"),
    ];
    let project = Project::migrate("retail", &settings)?;
    let topics = project.path("kafka/topics.sh");
    let made = stack.topic_tool()?.run_script(&topics)?;
    made.expect_success("kafka/topics.sh")?;
    node.run_script(&project.read("cassandra/schema.cql")?)?;

    let sample = Sample::read("retail")?;
    let defs = SOURCES.iter().map(|t| sample.table(t).cloned());
    let mut db = Database::new(prefix, defs.collect::<Live<Vec<_>>>()?);
    let topic = |table: &str| format!("{prefix}.result.{SCHEMA}.{table}");
    let job = job_of(&project, &topic("DAILY_SALES"))?;
    let folder = tempfile::Builder::new().prefix("live-spark-").tempdir()?;
    let state = folder.path().join("state").display().to_string();
    let arguments = ["--once".to_owned(), "--state".to_owned(), state];
    let mut balances = Table::new();
    let steps = scenario::steps();
    // A customer who goes keeps the balance of the batch before: so he goes in a batch of his own.
    let goes = steps
        .iter()
        .position(|s| s.name == "a customer who goes")
        .ok_or_else(|| failed("no such step"))?;
    for part in [&steps[..4], &steps[4..goes], &steps[goes..]] {
        for step in part {
            broker.client().produce(&(step.apply)(&mut db)?)?;
            customer_balance::run(&db, &mut balances);
        }
        let done = spark::run_with_systems(&job, &arguments, folder.path())?;
        let done = done.expect_success("PySpark job")?;
        for (table, expected, audit) in [
            ("DAILY_SALES", daily_sales::run(&db), &[] as &[&str]),
            (
                "CUSTOMER_BALANCE",
                balances.clone(),
                customer_balance::AUDIT,
            ),
        ] {
            let key = sample.table(table)?.key.clone();
            let place = (keyspace, topic(table));
            let found = result_in_cassandra(node, &project, (place.0, &place.1, &key))?;
            let found = table::without(&found, audit);
            if let Some(text) = table::difference(&expected, &found) {
                let last = part.last().map_or("", |s| s.name);
                return Err(failed(format!(
                    "{table}, up to \"{last}\":\n{text}\n{}",
                    done.stderr
                )));
            }
        }
    }
    Ok(())
}

/// The job that writes a result topic's table.
fn job_of(project: &Project, topic: &str) -> Live<PathBuf> {
    let jobs = project.files("spark", "py")?;
    let writes = |job: &PathBuf| std::fs::read_to_string(job).is_ok_and(|t| t.contains(topic));
    let found = jobs.iter().find(|job| writes(job)).cloned();
    found.ok_or_else(|| failed(format!("none of {jobs:?} writes {topic}")))
}

fn result(table: &str) -> String {
    format!("{PREFIX}.result.{SCHEMA}.{table}")
}

/// One folder a topic, one event a line; tombstones are for Kafka alone.
fn write_topics(records: &[Record], folder: &Path) -> Live<()> {
    let mut lines: BTreeMap<&str, String> = BTreeMap::new();
    for record in records {
        if let Some(value) = &record.value {
            let topic = lines.entry(&record.topic).or_default();
            topic.push_str(value);
            topic.push('\n');
        }
    }
    for (topic, text) in lines {
        std::fs::create_dir_all(folder.join(topic))?;
        std::fs::write(folder.join(topic).join("events.json"), text)?;
    }
    Ok(())
}

/// The lines that the job wrote for a topic, file by file in the order of their names.
fn read_topic(folder: &Path, topic: &str) -> Live<Vec<Record>> {
    let mut files: Vec<_> = std::fs::read_dir(folder.join(topic))?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .collect();
    files.sort();
    ensure(!files.is_empty(), || {
        format!("the job wrote nothing for {topic}")
    })?;
    let mut records = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(&file)?.lines() {
            records.push(record(topic, line)?);
        }
    }
    Ok(records)
}

fn record(topic: &str, line: &str) -> Live<Record> {
    let wrong = || failed(format!("{topic}: the job wrote {line}"));
    let Json::Object(mut members) = Json::parse(line).map_err(failed)? else {
        return Err(wrong());
    };
    let key = members.remove("key").ok_or_else(wrong)?;
    let value = members.remove("value").ok_or_else(wrong)?;
    Ok(Record {
        topic: topic.to_owned(),
        key: Some(key.to_string()),
        value: (value != Json::Null).then(|| value.to_string()),
    })
}

/// The one-shot load as a PySpark job: `ora2stream verify` finds nothing that differs, and what does not convert is
/// written down and counted.
fn one_shot_load(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    let point = format!("127.0.0.1:{}", node.port());
    let project = Project::migrate(
        "retail",
        &[
            ("cassandra.contact_points", &point),
            ("cassandra.replication", "1"),
            ("cassandra.keyspace", "spark_loads"),
        ],
    )?;
    node.run_script(&project.read("cassandra/schema.cql")?)?;
    let folder = tempfile::Builder::new().prefix("live-spark-").tempdir()?;
    let table = "price_history";
    let sample =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/retail/data/PRICE_HISTORY.csv");
    let sample = std::fs::read_to_string(sample)?.replace("\r\n", "\n");
    let good = sample.lines().count() - 1;
    let bad = [
        "1,2024-02-30 00:00:00,,1,JPY,Y",
        "2,2024-02-01 00:00:00,,1.234,JPY,Y",
        ",2024-02-01 00:00:00,,1,JPY,Y",
        "4,2024-02-01 00:00:00,,1,JPY",
    ];
    let csv = folder.path().join("rows.csv");
    std::fs::write(&csv, format!("{}\n{}\n", sample.trim_end(), bad.join("\n")))?;
    let rejects = folder.path().join("rejects");
    let arguments = [
        "--write-time".to_owned(),
        "1700000000000000".to_owned(),
        "--csv".to_owned(),
        csv.display().to_string(),
        "--rejects".to_owned(),
        rejects.display().to_string(),
    ];
    let job = project.path(&format!("backfill/{table}.py"));
    let done = spark::run_with_systems(&job, &arguments, folder.path())?;
    let all = good + bad.len();
    let said = format!("read {all}, written {good}, rejected {}", bad.len());
    ensure(
        done.status.code() == Some(1) && done.stdout.contains(&said),
        || format!("{said}\n{}\n{}\n{}", done.status, done.stdout, done.stderr),
    )?;
    let times: Vec<(i64,)> = node.rows(&format!(
        "SELECT writetime(list_price) FROM spark_loads.{table}"
    ))?;
    ensure(
        times.len() == good && times.iter().all(|t| t.0 == 1_700_000_000_000_000),
        || format!("{} rows, {times:?}", times.len()),
    )?;
    verified(&project, table, &csv, good, bad.len())
}

/// `verify` on the load's own specification, its source being the file.
fn verified(project: &Project, table: &str, csv: &Path, good: usize, bad: usize) -> Live<()> {
    let spec = project.path(&format!("backfill/{table}.toml"));
    let text = std::fs::read_to_string(&spec)?;
    let mut text: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| failed(e.to_string()))?;
    let mut source = toml::Table::new();
    source.insert("kind".into(), "csv".into());
    source.insert("files".into(), vec![csv.display().to_string()].into());
    text.insert("source".into(), source.into());
    let path = csv.with_file_name("load.toml");
    std::fs::write(&path, text.to_string())?;
    let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
    command.args(["verify", "--format", "json"]).arg(&path);
    let done = process::run("ora2stream verify", command, PATIENCE)?.expect_success("verify")?;
    let report: serde_json::Value = serde_json::from_str(&done.stdout)?;
    ensure(
        report["source_rows"] == good
            && report["target_rows"] == good
            && report["source_rejected"] == bad,
        || report.to_string(),
    )
}
