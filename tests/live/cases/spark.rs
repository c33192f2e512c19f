//! The PySpark job, compiled and run on a local session over files instead of topics.
//!
//! The job takes `--source files:DIR`, where `DIR/<topic>/` holds text files with one change
//! event a line, and `--sink files:DIR`, into which it writes `<topic>/*` with one
//! `{"key":{..},"value":{..}|null}` a line, in the order in which they hold.

use super::Case;
use crate::exact::Json;
use crate::harness::{Live, ensure, failed};
use crate::kafka::Record;
use crate::oracle::Database;
use crate::project::Project;
use crate::retail::sample::Sample;
use crate::retail::{SCHEMA, SOURCES, customer_balance, daily_sales, scenario};
use crate::spark;
use crate::stack::Stack;
use crate::table::{self, OnDelete, Table};
use std::collections::BTreeMap;
use std::path::Path;

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("spark::jobs_compile", compile),
        ("spark::job_over_files_gives_the_same_totals", same_totals),
    ]
}

const PREFIX: &str = "files";

fn compile(_: &Stack) -> Live<()> {
    for sample in ["retail", "meter"] {
        let project = Project::migrate(sample, &[])?;
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
    let jobs = project.files("spark", "py")?;
    let job = jobs
        .iter()
        .find(|job| std::fs::read_to_string(job).is_ok_and(|text| text.contains(&topic)))
        .ok_or_else(|| failed(format!("none of {jobs:?} writes {topic}")))?;
    let arguments = [
        "--source".to_owned(),
        format!("files:{}", source.display()),
        "--sink".to_owned(),
        format!("files:{}", sink.display()),
    ];
    let done = spark::run(job, &arguments, folder.path())?;
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
