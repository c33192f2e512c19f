//! Topics into a real node: results as Flink writes them, change events as Debezium does, restarts between.

use super::Case;
use crate::cassandra::Node;
use crate::harness::Live;
use crate::kafka::{Broker, Record};
use crate::sink::events::{Database, Row};
use crate::sink::{Sink, Spec, create, same, table};
use crate::stack::Stack;
use serde_json::json;

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("sink::results", results),
        ("sink::change_events", change_events),
    ]
}

const NUMBER: &str = "{ type = \"number\", precision = 18, scale = 0 }";
const MONEY: &str = "{ type = \"number\", precision = 12, scale = 2 }";
const TEXT: &str = "{ type = \"varchar\", length = 100 }";
const DATE: &str = "{ type = \"date\" }";

/// A sink for one table, with its topics.
pub fn sink(
    broker: &Broker,
    node: &Node,
    group: &str,
    tables: &str,
    topics: &[(&str, i32)],
) -> Live<Sink> {
    let client = broker.client();
    for (topic, partitions) in topics {
        client.create_topic(topic, *partitions)?;
    }
    client.create_topic(&format!("{group}.dead"), 1)?;
    Sink::new(&Spec {
        bootstrap: broker.bootstrap(),
        port: node.port(),
        group,
        tables,
        more: "",
    })
}

fn result(topic: &str, id: i64, row: Option<(Option<&str>, Option<&str>)>) -> Record {
    let value = row.map(|(name, amount)| {
        // A number beyond every float, written plainly.
        let amount = amount.unwrap_or("null");
        let name = json!(name);
        format!(
            "{{\"ID\":{id},\"NAME\":{name},\"AMOUNT\":{amount},\"DAY\":\"1969-07-20 20:17:40\"}}"
        )
    });
    Record {
        topic: topic.into(),
        key: Some(json!({ "ID": id }).to_string()),
        value,
    }
}

type ResultRow = (i64, Option<String>, Option<String>);

fn result_rows(node: &Node, table: &str) -> Live<Vec<ResultRow>> {
    node.rows(&format!(
        "SELECT id, name, CAST(amount AS text) FROM sinks.{table} WHERE day = '1969-07-20 20:17:40+0000' ALLOW FILTERING"
    ))
}

fn owned(id: i64, name: Option<&str>, amount: Option<&str>) -> ResultRow {
    (id, name.map(str::to_owned), amount.map(str::to_owned))
}

/// Rows come, change, lose values, go and come back; kept tables keep them, and first rows stay.
fn results(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let columns = [
        ("ID", NUMBER, "bigint"),
        ("NAME", TEXT, "text"),
        ("AMOUNT", MONEY, "decimal"),
        ("DAY", DATE, "timestamp"),
    ];
    let topic = "live.result.S.SALES";
    let mut tables = String::new();
    for (name, more) in [
        ("sales", "on_delete = \"delete\"\nkey = [\"ID\"]"),
        ("sales_kept", "on_delete = \"keep\"\nkey = [\"ID\"]"),
        (
            "sales_first",
            "on_delete = \"keep\"\nwrite = \"keep_first\"\nkey = [\"ID\"]",
        ),
    ] {
        create(
            node,
            &format!("{name} (id bigint PRIMARY KEY, name text, amount decimal, day timestamp)"),
        )?;
        tables.push_str(&table((topic, "upsert", name), more, &columns));
    }
    let sink = sink(broker, node, "live-results", &tables, &[(topic, 3)])?;
    let client = broker.client();
    let record = |id, row| result(topic, id, row);
    client.produce(&[
        record(1, Some((Some("one"), Some("1.10")))),
        record(2, Some((Some("two"), Some("9999999999.99")))),
        record(3, Some((Some("three"), None))),
        record(2, Some((None, Some("2.00")))),
        record(3, None),
    ])?;
    sink.catch_up(0)?;
    same(
        "first",
        &result_rows(node, "sales")?,
        &[
            owned(1, Some("one"), Some("1.10")),
            owned(2, None, Some("2.00")),
        ],
    )?;
    client.produce(&[
        record(3, Some((Some("back"), Some("3.30")))),
        record(1, None),
        record(2, Some((Some("again"), None))),
    ])?;
    sink.catch_up(0)?;
    // A second time there is nothing to do, and nothing changes.
    sink.catch_up(0)?;
    let two = owned(2, Some("again"), None);
    let three = owned(3, Some("back"), Some("3.30"));
    same(
        "delete",
        &result_rows(node, "sales")?,
        &[two.clone(), three.clone()],
    )?;
    let one = owned(1, Some("one"), Some("1.10"));
    same(
        "keep",
        &result_rows(node, "sales_kept")?,
        &[one.clone(), two, three],
    )?;
    same(
        "keep first",
        &result_rows(node, "sales_first")?,
        &[
            one,
            owned(2, Some("two"), Some("9999999999.99")),
            owned(3, Some("three"), None),
        ],
    )?;
    // Another group reads everything once more: the same rows stand in the end.
    let spec = std::fs::read_to_string(sink.spec())?;
    std::fs::write(
        sink.spec(),
        spec.replace("\"live-results\"", "\"live-results-2\""),
    )?;
    sink.catch_up(0)?;
    same(
        "again",
        &result_rows(node, "sales")?,
        &[
            owned(2, Some("again"), None),
            owned(3, Some("back"), Some("3.30")),
        ],
    )
}

/// The columns of [`Database`]'s rows.
pub const EVENTS: [(&str, &str, &str); 6] = [
    ("ID", NUMBER, "bigint"),
    (
        "GRP",
        "{ type = \"number\", precision = 4, scale = 0 }",
        "smallint",
    ),
    (
        "BIG",
        "{ type = \"number\", precision = 38, scale = 0 }",
        "varint",
    ),
    ("AT", DATE, "timestamp"),
    ("NAME", TEXT, "text"),
    ("NOTE", "{ type = \"clob\" }", "text"),
];

/// The table for them.
pub fn create_events(node: &Node, table: &str) -> Live<()> {
    let columns = "grp smallint, id bigint, big varint, at timestamp, name text, note text";
    create(node, &format!("{table} ({columns}, PRIMARY KEY (grp, id))"))
}

/// A row as the driver gives it.
type EventRow = (
    i64,
    i16,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
);

/// The table against the database.
pub fn compare(node: &Node, table: &str, db: &Database) -> Live<()> {
    same(table, &event_rows(node, table)?, &db.rows())
}

/// What the table holds.
pub fn event_rows(node: &Node, table: &str) -> Live<Vec<(i64, Row)>> {
    let found: Vec<EventRow> = node.rows(&format!(
        "SELECT id, grp, CAST(big AS text), CAST(at AS bigint), name, note FROM sinks.{table}"
    ))?;
    let rows = found
        .into_iter()
        .map(|(id, grp, big, at, name, note)| {
            let row = Row {
                grp: i32::from(grp),
                big,
                at,
                name,
                note,
            };
            (id, row)
        })
        .collect();
    Ok(rows)
}

/// Random changes with moves, key changes, values that are not carried, and a 1 MB CLOB: the table is the database.
fn change_events(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    create_events(node, "events")?;
    let topic = "live.S.EVENTS";
    let more = "on_delete = \"delete\"\nkey = [\"ID\"]";
    let tables = table((topic, "debezium", "events"), more, &EVENTS);
    let sink = sink(broker, node, "live-events", &tables, &[(topic, 4)])?;
    let mut db = Database::new(topic, 11);
    db.insert(
        9_000,
        Row {
            grp: 1,
            big: Some("9".repeat(38)),
            at: Some(-14_182_940_000),
            name: Some("アポロ11号 🚀".into()),
            note: Some("大".repeat(300_000)),
        },
    );
    for _ in 0..3 {
        db.changes(1_500);
        broker.client().produce(&db.take())?;
        sink.catch_up(0)?;
        compare(node, "events", &db)?;
    }
    Ok(())
}
