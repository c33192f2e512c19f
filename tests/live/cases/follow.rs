//! Every planned job of a sample, on its whole road: change topics, the generated scripts running side by side, result
//! topics, the generated sink specification as it is, Cassandra.
//!
//! It begins with empty sources. Then the sample's rows come, and the results must be what the sample says that its
//! batches wrote. Then things happen to every table: new rows, late rows, updates, changed keys, all its rows deleted; and
//! are undone again, in the middle of which the jobs are stopped and go on from their checkpoints; and at last all of it
//! is delivered a second time. What the batch would write is then what it was, so the results must be too: whatever was
//! forgotten, counted twice or not taken back stands out. What they look like in between is compared step by step for the
//! jobs of `flink::stream_equals_batch_step_by_step`.

use super::Case;
use super::equality::{Keys, compare_all, load};
use super::sink_equality;
use crate::flink::{Gateway, Running, gateway};
use crate::harness::{Live, PATIENCE, ensure, failed, poll};
use crate::kafka::{Client, Record};
use crate::oracle::{Database, Row, TableDef, Value};
use crate::project::{Project, Script};
use crate::retail::sample::Sample;
use crate::settle;
use crate::stack::Stack;
use crate::table::{self, OnDelete};
use bigdecimal::BigDecimal;
use chrono::{Days, TimeDelta};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("flink::jobs_of_retail_through_everything", |stack| {
            through_everything(stack, "retail")
        }),
        ("flink::jobs_of_meter_through_everything", |stack| {
            through_everything(stack, "meter")
        }),
    ]
}

/// What runs, and what is known of it.
struct Flow<'a> {
    stack: &'a Stack,
    gateway: &'a Gateway,
    client: Client,
    project: Project,
    sample: Sample,
    scripts: Vec<Script>,
    running: Vec<Running<'a>>,
    db: Database,
    checkpoints: TempDir,
    keyspace: String,
}

/// From empty sources come empty results, and from the sample's rows those of the batch, in Cassandra too.
fn from_nothing<'a>(stack: &'a Stack, name: &str) -> Live<Flow<'a>> {
    let mut flow = Flow::start(stack, name)?;
    flow.expect_empty()?;
    let prefix = format!("follow.{name}");
    flow.db = load(stack.kafka()?, &flow.sample, &prefix)?;
    flow.expect_equal("the rows of the sample", Keys::All)?;
    let rows = flow.in_cassandra()?;
    eprintln!("live: {name}: {rows} rows in Cassandra");
    Ok(flow)
}

fn through_everything(stack: &Stack, name: &str) -> Live<()> {
    let mut flow = from_nothing(stack, name)?;
    let tables = flow.sources()?;
    let mut told = Vec::new();
    for (at, def) in tables.iter().enumerate() {
        let undo = flow.disturb(def, &mut told)?;
        // The jobs see it before it is undone.
        std::thread::sleep(Duration::from_millis(700));
        if at == tables.len() / 2 {
            flow.restart()?;
        }
        flow.undo(def, undo, &mut told)?;
    }
    flow.expect_equal("everything was undone", Keys::OfTheBatch)?;
    flow.client.produce(&told)?;
    flow.expect_equal("everything was delivered twice", Keys::OfTheBatch)?;
    let rows = flow.in_cassandra()?;
    let jobs: usize = flow.scripts.iter().map(|s| s.topics.len()).sum();
    eprintln!(
        "live: {name}: {jobs} jobs in {} scripts, {} events of {} tables, {rows} rows in Cassandra",
        flow.scripts.len(),
        told.len(),
        tables.len()
    );
    Ok(())
}

impl<'a> Flow<'a> {
    /// Topics, tables and running jobs; nothing in them.
    fn start(stack: &'a Stack, name: &str) -> Live<Self> {
        let (broker, node) = (stack.kafka()?, stack.cassandra()?);
        let (prefix, keyspace) = (format!("follow.{name}"), format!("follow_{name}"));
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
                ("flink.parallelism", "1"),
                ("flink.checkpoint_interval", "1s"),
            ],
        )?;
        let topics = stack
            .topic_tool()?
            .run_script(&project.path("kafka/topics.sh"))?;
        topics.expect_success("kafka/topics.sh")?;
        node.run_script(&project.read("cassandra/schema.cql")?)?;
        let mut flow = Self {
            stack,
            gateway: stack.flink()?,
            client: broker.client(),
            scripts: project.scripts()?,
            project,
            sample: Sample::read(name)?,
            running: Vec::new(),
            db: Database::new(&prefix, []),
            checkpoints: tempfile::Builder::new()
                .prefix("live-checkpoints-")
                .tempdir()?,
            keyspace,
        };
        flow.run(false)?;
        Ok(flow)
    }

    fn folder(&self, script: usize) -> PathBuf {
        self.checkpoints.path().join(script.to_string())
    }

    fn run(&mut self, go_on: bool) -> Live<()> {
        for (at, script) in self.scripts.iter().enumerate() {
            let folder = self.folder(at);
            std::fs::create_dir_all(&folder)?;
            let running = self
                .gateway
                .run_from_checkpoint(&script.sql, &folder, go_on)
                .map_err(|e| failed(format!("{}: {e}", script.file)))?;
            self.running.push(running);
        }
        Ok(())
    }

    /// All jobs are stopped, and go on from their last checkpoints.
    fn restart(&mut self) -> Live<()> {
        let start = Instant::now();
        self.running.clear();
        std::thread::sleep(Duration::from_secs(1));
        self.run(true)?;
        eprintln!(
            "live: {} scripts go on from checkpoints after {:.1} s",
            self.scripts.len(),
            start.elapsed().as_secs_f32()
        );
        Ok(())
    }

    fn alive(&self) -> Live<()> {
        self.running.iter().try_for_each(Running::expect_running)
    }

    /// From empty sources come empty results, and the jobs wait.
    fn expect_empty(&self) -> Live<()> {
        poll("every job has made a checkpoint", PATIENCE, || {
            self.alive()?;
            let made = |at| gateway::last_checkpoint(&self.folder(at)).is_ok();
            Ok((0..self.scripts.len()).all(made).then_some(()))
        })?;
        for topic in self.scripts.iter().flat_map(|s| &s.topics) {
            let state = table::latest(&self.client.read(topic)?, OnDelete::Delete)?;
            ensure(state.is_empty(), || {
                format!("{topic} holds rows of nothing: {state:?}")
            })?;
        }
        Ok(())
    }

    fn expect_equal(&self, when: &str, keys: Keys) -> Live<()> {
        settle::until_within(PATIENCE * 2, || {
            self.alive()?;
            let mut differences = Vec::new();
            for script in &self.scripts {
                if let Err(e) = compare_all(self.stack, &self.sample, script, keys) {
                    differences.push(e.to_string());
                }
            }
            Ok((!differences.is_empty()).then(|| differences.join("\n")))
        })
        .map_err(|e| failed(format!("{when}: {e}\n{}", self.history(&e.to_string()))))
    }

    /// What the topics hold of the keys that a message names.
    fn history(&self, message: &str) -> String {
        let mut lines = Vec::new();
        for topic in self.scripts.iter().flat_map(|s| &s.topics) {
            let records = self.client.read(topic).unwrap_or_default();
            let named = |r: &&Record| r.key.as_ref().is_some_and(|k| message.contains(k.as_str()));
            for record in records
                .iter()
                .filter(named)
                .filter(|_| message.contains(topic.as_str()))
            {
                lines.push(format!("{topic}: {:?}", record.value));
            }
        }
        lines.join("\n")
    }

    /// Tables with a change topic, a key and rows.
    fn sources(&self) -> Live<Vec<TableDef>> {
        let topics = self.client.topics()?;
        let prefix = self.db.prefix().to_owned();
        let mut found = Vec::new();
        for def in self.sample.tables() {
            let rows = self.db.rows(&def.name).count();
            if topics.contains_key(&def.topic(&prefix)) && !def.key.is_empty() && rows > 0 {
                found.push(def.clone());
            }
        }
        Ok(found)
    }

    /// New rows, late rows, updates, changed keys; then no row is left.
    fn disturb(&mut self, def: &TableDef, told: &mut Vec<Record>) -> Live<Vec<Row>> {
        let rows: Vec<Row> = self.db.rows(&def.name).cloned().collect();
        let mut records = Vec::new();
        for (n, row) in rows.iter().enumerate().take(4) {
            let mut new = row.clone();
            fresh_key(def, &rows, &mut new, n as u64);
            if n % 2 == 1 {
                move_times(def, &mut new);
            }
            records.extend(self.db.insert(&def.name, new)?);
        }
        for row in rows.iter().take(6) {
            let changes = other_values(def, row);
            if !changes.is_empty() {
                records.extend(self.db.update(&def.name, &def.key_of(row), &changes)?);
            }
        }
        for (n, row) in rows.iter().enumerate().take(2) {
            let mut new = row.clone();
            fresh_key(def, &rows, &mut new, 4 + n as u64);
            let key: Row = def
                .key
                .iter()
                .map(|k| (k.clone(), new[k].clone()))
                .collect();
            records.extend(self.db.update(&def.name, &def.key_of(row), &key)?);
        }
        self.tell(records, told)?;
        // Long enough for the results to follow.
        std::thread::sleep(Duration::from_millis(500));
        let now: Vec<Row> = self.db.rows(&def.name).cloned().collect();
        let mut records = Vec::new();
        for row in &now {
            records.extend(self.db.delete(&def.name, &def.key_of(row))?);
        }
        self.tell(records, told)?;
        Ok(rows)
    }

    /// The table holds these rows again.
    fn undo(&mut self, def: &TableDef, rows: Vec<Row>, told: &mut Vec<Record>) -> Live<()> {
        let mut records = Vec::new();
        for row in rows {
            records.extend(self.db.insert(&def.name, row)?);
        }
        self.tell(records, told)
    }

    fn tell(&self, records: Vec<Record>, told: &mut Vec<Record>) -> Live<()> {
        self.client.produce(&records)?;
        told.extend(records);
        Ok(())
    }

    /// The sink's tables hold what the batch wrote; how many rows that was.
    fn in_cassandra(&self) -> Live<usize> {
        sink_equality::sink(&self.project, &self.keyspace)?;
        let node = self.stack.cassandra()?;
        sink_equality::compare(node, &self.project, &self.sample, &self.keyspace)
    }
}

/// Another key than all that there are: the last column of the key moves on, `n` steps beyond the greatest.
fn fresh_key(def: &TableDef, rows: &[Row], row: &mut Row, n: u64) {
    let Some(last) = def.key.last() else {
        return;
    };
    let values = rows.iter().map(|r| r[last].clone());
    let greatest = values.max().unwrap_or(Value::Null);
    let beyond = match greatest {
        Value::Number(greatest) => Value::Number(greatest + BigDecimal::from(n + 1)),
        Value::Time(at) => Value::Time(at + Days::new(n + 1)),
        Value::Text(text) => {
            let mut text: String = text
                .chars()
                .rev()
                .skip(1)
                .collect::<Vec<_>>()
                .iter()
                .rev()
                .collect();
            text.push(char::from(b'p' + (n % 10) as u8));
            Value::Text(text)
        }
        Value::Null => Value::Null,
    };
    row.insert(last.clone(), beyond);
}

/// The same ten years ago.
fn move_times(def: &TableDef, row: &mut Row) {
    for (name, _) in &def.columns {
        if let Some(Value::Time(at)) = row.get(name) {
            let at = *at - Days::new(3_650);
            row.insert(name.clone(), Value::Time(at));
        }
    }
}

/// Numbers that are one more, and so other amounts and other parents; where there are none, times an hour later.
fn other_values(def: &TableDef, row: &Row) -> Row {
    let free = || {
        def.columns
            .iter()
            .filter(|(name, _)| !def.key.contains(name))
    };
    let mut changes = Row::new();
    for (name, _) in free() {
        if let Some(Value::Number(number)) = row.get(name) {
            changes.insert(name.clone(), Value::Number(number + BigDecimal::from(1)));
        }
    }
    if changes.is_empty() {
        for (name, _) in free() {
            if let Some(Value::Time(at)) = row.get(name) {
                changes.insert(name.clone(), Value::Time(*at + TimeDelta::hours(1)));
            }
        }
    }
    changes
}
