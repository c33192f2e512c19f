//! What cannot be carried: it goes to the dead letters, the rest flows, and after a fix it is carried. And what is
//! wrong before the first record.

use super::Case;
use super::sink::{EVENTS, create_events};
use crate::cassandra::Node;
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, ensure, poll};
use crate::kafka::Record;
use crate::sink::{Sink, Spec, create, same, signal, table};
use crate::stack::Stack;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

pub fn cases() -> [(&'static str, Case); 3] {
    [
        ("sink::poison_and_replay", poison),
        ("sink::signal_and_metrics", stopping),
        ("sink::refusals", refusals),
    ]
}

const NUMBER: &str = "{ type = \"number\", precision = 18, scale = 0 }";

const COLUMNS: [(&str, &str, &str); 2] = [
    ("ID", NUMBER, "bigint"),
    ("NOTE", "{ type = \"clob\" }", "text"),
];

fn event(topic: &str, id: i64, scn: u64, after: &Value) -> Record {
    let value = json!({
        "before": null, "after": after, "op": "r",
        "source": {"scn": scn.to_string(), "commit_scn": null},
    });
    Record {
        topic: topic.into(),
        key: Some(json!({ "ID": id }).to_string()),
        value: Some(value.to_string()),
    }
}

/// Dead letters by code.
fn codes(stack: &Stack, topic: &str) -> Live<Vec<String>> {
    let headers = stack.kafka()?.client().headers(topic)?;
    let mut codes: Vec<String> = headers
        .iter()
        .filter_map(|h| h.get("ora2stream.code").cloned())
        .collect();
    codes.sort();
    Ok(codes)
}

fn rows(node: &Node, table: &str) -> Live<Vec<(i64, i32)>> {
    let found: Vec<(i64, Option<String>)> =
        node.rows(&format!("SELECT id, note FROM sinks.{table}"))?;
    let length = |note: Option<String>| note.map_or(-1, |n| n.len() as i32);
    Ok(found.into_iter().map(|(id, n)| (id, length(n))).collect())
}

fn poison(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let (topic, group) = ("live.S.POISON", "live-poison");
    create(node, "poison (id bigint PRIMARY KEY, note text)")?;
    let client = broker.client();
    client.create_large_topic(topic, "10000000")?;
    client.create_topic(&format!("{group}.dead"), 1)?;
    let spec = |more: &str, table_more: &str| {
        let keys = format!("on_delete = \"delete\"\nkey = [\"ID\"]\n{table_more}");
        let tables = table((topic, "debezium", "poison"), &keys, &COLUMNS);
        (more.to_owned(), tables)
    };
    let (more, tables) = spec("", "");
    let of = |more: &str, tables: &str| {
        let text = Spec {
            bootstrap: broker.bootstrap(),
            port: node.port(),
            group,
            tables,
            more,
        };
        Sink::new(&text)
    };
    let sink = of(&more, &tables)?;
    let row = |id: i64, note: &str| event(topic, id, 100, &json!({"ID": id, "NOTE": note}));
    let with = |id: i64, value: &str| Record {
        value: Some(value.into()),
        ..row(id, "")
    };
    let good = row(4, "x").value.unwrap_or_default();
    client.produce(&[
        row(1, "one"),
        event(topic, 10, 101, &json!({"ID": "a text", "NOTE": "x"})),
        event(topic, 11, 102, &json!({"ID": 11})),
        event(topic, 12, 103, &json!({"ID": 12, "NOTE": "new", "NEW": 1})),
        event(
            topic,
            13,
            104,
            &json!({"ID": 13, "NOTE": "older", "NEW": 1}),
        ),
        event(topic, 13, 105, &json!({"ID": 13, "NOTE": "the newer"})),
        with(14, &good[..good.len() - 7]),
        event(
            topic,
            15,
            106,
            &json!({"ID": 15, "NOTE": "5".repeat(5_000_000)}),
        ),
        with(
            16,
            &format!("{{\"schema\":{{\"version\":7}},\"payload\":{good}}}"),
        ),
        row(2, "two"),
    ])?;
    let done = sink.catch_up(1)?;
    ensure(
        done.stdout.contains("10 records read; 3 rows written")
            && done.stdout.contains("7 rejected"),
        || done.stdout.clone(),
    )?;
    same(
        "the rest",
        &rows(node, "poison")?,
        &[(1, 3), (2, 3), (13, 9)],
    )?;
    let dead = format!("{group}.dead");
    same(
        "codes",
        &codes(stack, &dead)?,
        &[
            "json".to_owned(),
            "missing-field".into(),
            "number-form".into(),
            "record-size".into(),
            "schema-version".into(),
            "unknown-column".into(),
            "unknown-column".into(),
        ],
    )?;
    let headers = client.headers(&dead)?;
    let place = |name: &str| headers[0].get(name).map(String::as_str);
    ensure(
        (
            place("ora2stream.topic"),
            place("ora2stream.offset"),
            place("ora2stream.column"),
        ) == (Some(topic), Some("1"), Some("ID")),
        || format!("{:?}", headers[0]),
    )?;
    ensure(
        client.read(&dead)?[0].key.as_deref() == Some("{\"ID\":10}"),
        || "the key".into(),
    )?;
    // After the fix: the new column is known, larger records are taken. The others stay what they are.
    let (more, tables) = spec("max_record = 7000000", "ignore = [\"NEW\"]");
    let sink = of(&more, &tables)?;
    let done = sink.expect("replay", &["--progress", "none"], 1)?;
    ensure(
        done.stdout.contains("7 records read; 3 rows written")
            && done.stdout.contains("4 rejected"),
        || done.stdout.clone(),
    )?;
    same(
        "replayed",
        &rows(node, "poison")?,
        &[(1, 3), (2, 3), (12, 3), (13, 9), (15, 5_000_000)],
    )?;
    ensure(codes(stack, &dead)?.len() == 11, || "rejected again".into())?;
    // What was carried is not replayed again, what was rejected again is.
    let done = sink.expect("replay", &["--progress", "none"], 1)?;
    ensure(done.stdout.contains("4 records read"), || {
        done.stdout.clone()
    })?;
    too_many(&sink, stack, topic)
}

/// Beyond `--max-errors` it stops, says why, and goes on later where it stopped.
fn too_many(sink: &Sink, stack: &Stack, topic: &str) -> Live<()> {
    let broken = |id: i64| event(topic, id, 200, &json!({ "ID": id }));
    let records: Vec<Record> = (20..26).map(broken).collect();
    stack.kafka()?.client().produce(&records)?;
    let done = sink.expect("run", &["--until-caught-up", "--max-errors", "3"], 3)?;
    expect_code(&done, "R012")?;
    let before = codes(stack, "live-poison.dead")?.len();
    sink.catch_up(1)?;
    let all = codes(stack, "live-poison.dead")?.len();
    ensure(before <= 11 + 4 + 3 && all >= before + 3, || {
        format!("{before}, then {all}")
    })
}

/// SIGTERM writes and commits; meanwhile numbers are told.
fn stopping(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let topic = "live.S.STOPPED";
    create(node, "stopped (id bigint PRIMARY KEY, note text)")?;
    let more = "on_delete = \"delete\"\nkey = [\"ID\"]";
    let tables = table((topic, "debezium", "stopped"), more, &COLUMNS);
    let sink = super::sink::sink(broker, node, "live-stopped", &tables, &[(topic, 2)])?;
    let row = |id: i64| event(topic, id, 100, &json!({"ID": id, "NOTE": "n"}));
    let records: Vec<Record> = (0..500).map(row).collect();
    broker.client().produce(&records)?;
    let [port] = crate::harness::ports::free()?;
    let member = sink.start(
        "out",
        &["--metrics", &port.to_string(), "--progress", "json"],
    )?;
    poll("all rows are acknowledged", PATIENCE, || {
        member.expect_alive()?;
        let told = metrics(port).unwrap_or_default();
        Ok(told
            .contains("ora2stream_sink_rows_acknowledged_total 500")
            .then_some(()))
    })?;
    let told = poll("the lag is told", PATIENCE, || {
        let told = metrics(port)?;
        let lag = format!("ora2stream_sink_lag{{topic=\"{topic}\",partition=\"0\"}} 0");
        Ok(told.contains(&lag).then_some(told))
    })?;
    ensure(told.contains("# TYPE ora2stream_sink_lag gauge"), || {
        told.clone()
    })?;
    signal(&member, "-TERM")?;
    let said = std::fs::read_to_string(sink.path("out"))?;
    ensure(said.contains("500 records read"), || said.clone())?;
    let status = sink.expect("status", &["--format", "json"], 0)?;
    let lags = status.stdout.lines().map(serde_json::from_str::<Value>);
    for lag in lags {
        let lag = lag?;
        ensure(lag["lag"] == 0, || format!("not committed: {lag}"))?;
    }
    let row_count = rows(node, "stopped")?.len();
    ensure(row_count == 500, || format!("{row_count} rows"))?;
    let mut command = sink.command("run", &["--progress", "none"]);
    let mut child = command.spawn()?;
    std::thread::sleep(std::time::Duration::from_millis(1500));
    std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()?;
    let code = crate::backfill::wait(&mut child)?;
    ensure(code == 130, || format!("ended with {code}"))
}

fn metrics(port: u16) -> Live<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

fn expect_code(done: &Finished, code: &str) -> Live<()> {
    let said = &done.stderr;
    ensure(said.contains(code) && said.contains("help:"), || {
        format!("no {code} with advice in\n{said}")
    })
}

/// No broker, no topic, no table, another schema, a wrong key: each is told with its code and what to do.
fn refusals(stack: &Stack) -> Live<()> {
    let (broker, node) = (stack.kafka()?, stack.cassandra()?);
    let topic = "live.S.REFUSED";
    create_events(node, "refused")?;
    let more = "on_delete = \"delete\"\nkey = [\"ID\"]";
    let tables = table((topic, "debezium", "refused"), more, &EVENTS);
    let sink = super::sink::sink(broker, node, "live-refused", &tables, &[(topic, 1)])?;
    let text = std::fs::read_to_string(sink.spec())?;
    let refused = |from: &str, to: &str, exit: i32, code: &str| {
        ensure(text.contains(from), || {
            format!("no {from} in the specification")
        })?;
        std::fs::write(sink.spec(), text.replace(from, to))?;
        let command = sink.command("run", &["--until-caught-up", "--progress", "none"]);
        let done = process::run("ora2stream sink", command, PATIENCE)?;
        ensure(done.status.code() == Some(exit), || {
            format!("{to}: ended with {}\n{}", done.status, done.stderr)
        })?;
        expect_code(&done, code)?;
        Ok::<Finished, crate::harness::Trouble>(done)
    };
    let [nobody] = crate::harness::ports::free()?;
    refused(
        broker.bootstrap(),
        &format!("127.0.0.1:{nobody}"),
        4,
        "R007",
    )?;
    refused(
        &format!(":{}\"", node.port()),
        &format!(":{nobody}\""),
        4,
        "R007",
    )?;
    refused(topic, "live.S.NOWHERE", 4, "R009")?;
    refused("\"sinks\"", "\"nowhere\"", 4, "R009")?;
    refused("table = \"refused\"", "table = \"nowhere\"", 4, "R009")?;
    refused("cql = \"varint\"", "cql = \"bigint\"", 4, "R010")?;
    refused("to = \"note\"", "to = \"notes\"", 4, "R010")?;
    refused("version = 1", "version = 99", 2, "R002")?;
    // The keys of the whole end where the first table begins.
    let login = "[kafka]\nuser_env = \"LIVE_NOT_SET\"\n[[tables]]\ntopic";
    refused("[[tables]]\ntopic", login, 2, "D005")?;
    let done = refused("on_delete", "on_delet", 2, "R001")?;
    ensure(done.stderr.contains("did you mean `on_delete`?"), || {
        done.stderr.clone()
    })?;
    Ok(())
}
