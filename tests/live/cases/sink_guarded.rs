//! TLS and passwords towards both sides, and secrets that are nowhere to be seen.

use super::Case;
use crate::cassandra::Node;
use crate::cassandra::node::Settings;
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, ensure, poll};
use crate::kafka::{Broker, Record};
use crate::sink::{Sink, Spec, create, same, signal, table};
use crate::stack::Stack;
use serde_json::json;
use std::process::Command;

pub fn cases() -> [(&'static str, Case); 1] {
    [("sink::tls_and_passwords", guarded)]
}

const KAFKA_PASSWORD: &str = "kafka-quite-secret";
const CASSANDRA_PASSWORD: &str = "cassandra-quite-secret";

const COLUMNS: [(&str, &str, &str); 2] = [
    (
        "ID",
        "{ type = \"number\", precision = 18, scale = 0 }",
        "bigint",
    ),
    ("V", "{ type = \"varchar\", length = 100 }", "text"),
];

fn spec(broker: &Broker, node: &Node) -> String {
    format!(
        "[kafka]\nuser_env = \"LIVE_KAFKA_USER\"\npassword_env = \"LIVE_KAFKA_PASSWORD\"\n[kafka.options]\n\
         \"security.protocol\" = \"SASL_SSL\"\n\"sasl.mechanism\" = \"PLAIN\"\n\"ssl.ca.location\" = \"{}\"\n\
         [cassandra]\nuser_env = \"LIVE_CASSANDRA_USER\"\npassword_file = \"PASSWORD_FILE\"\nca_file = \"{}\"\n",
        broker.authority().display(),
        node.authority().display()
    )
}

/// The right secrets work and show nowhere; wrong ones, and authorities that nobody trusts, are refused and told.
fn guarded(_: &Stack) -> Live<()> {
    let broker = Broker::start_guarded("loader", KAFKA_PASSWORD)?;
    let node = Node::start_with(Settings {
        passwords: true,
        tls: true,
        ..Settings::default()
    })?;
    node.run(&format!(
        "CREATE ROLE sinker WITH PASSWORD = '{CASSANDRA_PASSWORD}' AND LOGIN = true AND SUPERUSER = true"
    ))?;
    let topic = "live.result.S.GUARDED";
    broker.client().create_topic(topic, 2)?;
    broker.client().create_topic("live-guarded.dead", 1)?;
    create(&node, "guarded (id bigint PRIMARY KEY, v text)")?;
    let records: Vec<Record> = (0..100)
        .map(|id| Record {
            topic: topic.into(),
            key: Some(json!({ "ID": id }).to_string()),
            value: Some(json!({ "ID": id, "V": "v" }).to_string()),
        })
        .collect();
    broker.client().produce(&records)?;
    let more = "on_delete = \"delete\"\nkey = [\"ID\"]";
    let sink = Sink::new(&Spec {
        bootstrap: broker.secure(),
        port: node.port(),
        group: "live-guarded",
        tables: &table((topic, "upsert", "guarded"), more, &COLUMNS),
        more: &spec(&broker, &node),
    })?;
    let file = sink.path("password");
    std::fs::write(&file, format!("{CASSANDRA_PASSWORD}\n"))?;
    let text = std::fs::read_to_string(sink.spec())?;
    let text = text.replace("PASSWORD_FILE", &file.display().to_string());
    std::fs::write(sink.spec(), &text)?;

    refuses(&sink, ("not-the-password", CASSANDRA_PASSWORD), "R008")?;
    std::fs::write(&file, "not-the-password\n")?;
    refuses(&sink, (KAFKA_PASSWORD, "not-the-password"), "R008")?;
    std::fs::write(&file, format!("{CASSANDRA_PASSWORD}\n"))?;
    distrusted(&sink, &text, (&broker, &node))?;
    std::fs::write(sink.spec(), &text)?;

    let mut command = with(&sink, KAFKA_PASSWORD, &["--progress", "json"]);
    command.env("ORA2STREAM_LOG", "trace");
    let member = process::Process::start("ora2stream sink", command, &sink.path("out"))?;
    let seen = poll("all rows are there", PATIENCE, || {
        member.expect_alive()?;
        let rows: Vec<(i64,)> = node.rows("SELECT id FROM sinks.guarded")?;
        if rows.len() < records.len() {
            return Ok(None);
        }
        let shown = Command::new("ps").args(["axww", "-o", "args"]).output()?;
        Ok(Some(String::from_utf8_lossy(&shown.stdout).into_owned()))
    })?;
    signal(&member, "-TERM")?;
    let said = std::fs::read_to_string(sink.path("out"))?;
    let all = format!("{seen}{said}{text}");
    for secret in [KAFKA_PASSWORD, CASSANDRA_PASSWORD] {
        ensure(!all.contains(secret), || {
            "a secret is seen in ps, log or specification".into()
        })?;
    }
    let rows: Vec<(i64, String)> = node.rows("SELECT id, v FROM sinks.guarded")?;
    let wanted: Vec<(i64, String)> = (0..100).map(|id| (id, "v".to_owned())).collect();
    same("guarded", &rows, &wanted)
}

fn with(sink: &Sink, password: &str, more: &[&str]) -> Command {
    let mut command = sink.command("run", more);
    command
        .env("LIVE_KAFKA_USER", "loader")
        .env("LIVE_KAFKA_PASSWORD", password)
        .env("LIVE_CASSANDRA_USER", "sinker");
    command
}

fn refuses(sink: &Sink, (kafka, cassandra): (&str, &str), code: &str) -> Live<Finished> {
    let command = with(sink, kafka, &["--until-caught-up", "--progress", "none"]);
    let done = process::run("ora2stream sink", command, PATIENCE)?;
    let said = format!("{}{}", done.stdout, done.stderr);
    ensure(
        done.status.code() == Some(4) && said.contains(code) && said.contains("help:"),
        || format!("ended with {}, no {code}: {said}", done.status),
    )?;
    ensure(!said.contains(kafka) && !said.contains(cassandra), || {
        "a secret is told".into()
    })?;
    Ok(done)
}

/// Each side's authority is trusted for that side only.
fn distrusted(sink: &Sink, text: &str, (broker, node): (&Broker, &Node)) -> Live<()> {
    let (ours, theirs) = (broker.authority(), node.authority());
    let (ours, theirs) = (ours.display().to_string(), theirs.display().to_string());
    for (from, to) in [(&ours, &theirs), (&theirs, &ours)] {
        std::fs::write(sink.spec(), text.replace(from.as_str(), to))?;
        refuses(sink, (KAFKA_PASSWORD, CASSANDRA_PASSWORD), "R007")?;
    }
    Ok(())
}
