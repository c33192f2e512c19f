//! The stream against the batch, by the generated scripts on real engines.

use super::Case;
use crate::exact::Json;
use crate::flink::{Running, runner};
use crate::harness::{Live, ensure, failed};
use crate::kafka::{Broker, Record};
use crate::oracle::{Database, Row, Value, text};
use crate::project::{Project, Script};
use crate::retail::play::Play;
use crate::retail::sample::{self, Sample};
use crate::retail::scenario;
use crate::stack::Stack;
use crate::table::{self, OnDelete, Table};

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("flink::stream_equals_batch_step_by_step", step_by_step),
        ("flink::version_2_2_runs_a_script", by_2_2),
    ]
}

/// Generates the retail project for this broker and makes its topics with its own script.
fn prepare(stack: &Stack, sample: &str, prefix: &str, bounded: bool) -> Live<Project> {
    let broker = stack.kafka()?;
    let project = Project::migrate(
        sample,
        &[
            ("kafka.bootstrap", broker.bootstrap()),
            ("kafka.prefix", prefix),
            ("kafka.replication", "1"),
            ("flink.bounded", if bounded { "true" } else { "false" }),
            ("flink.parallelism", "1"),
        ],
    )?;
    let script = project.path("kafka/topics.sh");
    stack
        .topic_tool()?
        .run_script(&script)?
        .expect_success("kafka/topics.sh")?;
    Ok(project)
}

/// One submission; the scenario is applied to it in sequence.
fn step_by_step(stack: &Stack) -> Live<()> {
    let prefix = "steps";
    let project = prepare(stack, "retail", prefix, false)?;
    let mut play = Play::new(stack.kafka()?.client(), prefix)?;
    let script = project.script_for(&play.results())?;
    let running = stack.flink()?.run_streaming(&script.sql)?;
    play.all_steps(&running)?;
    commit_of_many_rows(&project, &mut play, &running)
}

/// Row order is not commit order. Where that shows, the plan must have said so, and it may
/// show for that one key only.
fn commit_of_many_rows(project: &Project, play: &mut Play, running: &Running<'_>) -> Live<()> {
    let key =
        Json::parse(&format!("{{\"CUSTOMER_ID\":{}}}", scenario::GONE_AT_ONCE)).map_err(failed)?;
    play.play(&scenario::COMMIT_OF_MANY_ROWS, running, &[key])?;
    let facts = project.preconditions("CUSTOMER_BALANCE")?;
    ensure(facts.iter().any(|f| f == "commit-atomicity"), || {
        format!("the plan does not name commit-atomicity: {facts:?}")
    })
}

/// The script for both jobs, run to its end by an older version on the first steps.
fn by_2_2(stack: &Stack) -> Live<()> {
    let prefix = "old";
    let project = prepare(stack, "retail", prefix, true)?;
    let mut play = Play::new(stack.kafka()?.client(), prefix)?;
    for step in scenario::steps().iter().take(3) {
        play.step(step)?;
    }
    runner::run(&project.script_for(&play.results())?.sql)?;
    play.check()
}

/// Rows whose sources are gone: a file that has been read, a staging table that has been emptied. They are the opening
/// balance of a result, which whoever reads its topic must find there (`history-in-topic` in the plan).
fn opening_balance(sample: &Sample) -> Live<Vec<(&'static str, Vec<Row>)>> {
    let staged = sample.rows("STG_POINT_EVENTS").unwrap_or_default();
    let gone = |r: &Row| staged.iter().all(|s| s["EVENT_NO"] != r["EVENT_NO"]);
    let mut out = Vec::new();
    for table in ["READINGS", "POINT_LEDGER"] {
        if sample.table(table).is_ok() {
            let rows = sample.rows(table)?;
            out.push((table, rows.into_iter().filter(gone).collect()));
        }
    }
    Ok(out)
}

/// Which keys of a result count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// All.
    All,
    /// Of tables that keep what vanished, those that the batch wrote: there were others in between.
    OfTheBatch,
}

/// All topics that a script fills against the tables of the sample; every difference counts.
pub fn compare_all(stack: &Stack, sample: &Sample, script: &Script, keys: Keys) -> Live<()> {
    let client = stack.kafka()?.client();
    let mut differences = Vec::new();
    for (at, topic) in script.topics.iter().enumerate() {
        let table = topic.rsplit('.').next().unwrap_or_default();
        let state = table::latest(&client.read(topic)?, OnDelete::Delete)?;
        let all = keys == Keys::All || !script.keeps[at];
        if let Err(e) = compare(sample, table, (&script.keys[at], all), state) {
            differences.push(format!("{}, {topic}:\n{e}", script.file));
        }
    }
    ensure(differences.is_empty(), || differences.join("\n"))
}

/// Columns that a batch fills from the clock, the session or a sequence. Few on purpose: all others count.
pub fn audit(table: &str) -> &'static [&'static str] {
    match table {
        "CUSTOMER_LOYALTY" => &["EVALUATED_ON"],
        "READINGS" => &["LOADED_AT"],
        "SHIPMENTS" => &["SHIPMENT_ID", "FILE_NAME", "SHIPPED_AT"],
        _ => &["UPDATED_AT"],
    }
}

fn compare(
    sample: &Sample,
    table: &str,
    (key, all): (&[String], bool),
    mut state: Table,
) -> Live<()> {
    // A result may have a key of its own, where the table's comes from a sequence.
    let mut def = sample.table(table)?.clone();
    def.key = key.to_vec();
    let mut rows = sample.rows(table)?;
    if table == "SHIPMENTS" {
        rows.extend(still_queued(sample)?);
    }
    let stated: Table = rows.iter().map(|r| sample::result_row(&def, r)).collect();
    ensure(!stated.is_empty(), || {
        format!("the sample has no rows of {table}")
    })?;
    ensure(stated.len() == rows.len(), || {
        format!("{key:?} is no key of the rows of {table}")
    })?;
    if !all {
        state.retain(|key, _| stated.contains_key(key));
    }
    let audit = audit(table);
    match table::difference(
        &table::without(&stated, audit),
        &table::without(&state, audit),
    ) {
        None => Ok(()),
        Some(text) => Err(failed(text)),
    }
}

/// Shipments of the orders that were queued after the last run: the stream does not wait for the next one.
pub fn still_queued(sample: &Sample) -> Live<Vec<Row>> {
    let (orders, customers) = (sample.rows("ORDERS")?, sample.rows("CUSTOMERS")?);
    let find = |rows: &[Row], key: &str, value: &Value| {
        let found = rows
            .iter()
            .find(|r| value != &Value::Null && &r[key] == value);
        found.cloned()
    };
    let queue = sample.rows("SHIPMENTS_QUEUE")?.into_iter();
    let waiting = queue.filter(|q| q["HANDLED"] == text("N"));
    let shipment = waiting.map(|mut row| {
        let order = find(&orders, "ORDER_ID", &row["ORDER_ID"]);
        let customer = order.and_then(|o| find(&customers, "CUSTOMER_ID", &o["CUSTOMER_ID"]));
        let part = |c: &Row, column: &str| match &c[column] {
            Value::Text(t) => t.clone(),
            Value::Null | Value::Number(_) | Value::Time(_) => String::new(),
        };
        let ship_to = customer.map_or(Value::Null, |c| {
            text(&format!(
                "{} {}",
                part(&c, "CUSTOMER_NAME"),
                part(&c, "ADDRESS")
            ))
        });
        row.insert("SHIP_TO".into(), ship_to);
        row
    });
    let rows: Vec<Row> = shipment.collect();
    ensure(!rows.is_empty(), || "nothing waits in the queue".to_owned())?;
    Ok(rows)
}

/// Writes the sample's rows into those change topics that exist, and opening balances into result topics.
pub fn load(broker: &Broker, sample: &Sample, prefix: &str) -> Live<Database> {
    let client = broker.client();
    let topics = client.topics()?;
    let mut db = Database::new(prefix, sample.tables().cloned());
    let mut records = Vec::new();
    for def in sample.tables() {
        if topics.contains_key(&def.topic(prefix)) {
            for row in sample.rows(&def.name)? {
                records.extend(db.snapshot(&def.name, row)?);
            }
        }
    }
    ensure(!records.is_empty(), || "no change topic to load".to_owned())?;
    for (table, rows) in opening_balance(sample)? {
        let def = sample.table(table)?;
        let topic = format!("{prefix}.result.{}.{table}", def.schema);
        for (key, value) in rows.iter().map(|r| sample::result_row(def, r)) {
            records.push(Record {
                topic: topic.clone(),
                key: Some(key.to_string()),
                value: Some(value.to_string()),
            });
        }
    }
    client.produce(&records)?;
    Ok(db)
}
