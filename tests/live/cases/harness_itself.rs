//! The tests' own tools, checked first: a wrong ruler measures nothing.

use super::Case;
use crate::exact::Json;
use crate::harness::{Live, ensure, failed, process};
use crate::oracle::{Database, Kind, TableDef, date, number, row, text};
use crate::stack::Stack;
use crate::table::{self, OnDelete};
use crate::{cassandra, flink, kafka};
use std::time::Duration;

pub fn cases() -> [(&'static str, Case); 6] {
    [
        (
            "harness::flink_scripts_are_cut_at_statements",
            flink_scripts,
        ),
        ("harness::cql_scripts_are_cut_at_statements", cql_scripts),
        ("harness::json_numbers_are_exact", exact_numbers),
        ("harness::tombstones_delete_or_keep", tombstones),
        ("harness::changes_look_like_debeziums", envelopes),
        ("harness::late_programs_are_killed", late_program),
    ]
}

fn flink_scripts(_: &Stack) -> Live<()> {
    flink::script::self_check().map_err(failed)
}

fn cql_scripts(_: &Stack) -> Live<()> {
    let found = cassandra::script::split(
        "-- a; b\nCREATE TABLE \"x;y\" (a int) WITH comment = 'it''s; // no';\n/* ; */ USE k; // end;\n$$ ; $$",
    );
    let wanted = [
        "CREATE TABLE \"x;y\" (a int) WITH comment = 'it''s; // no'",
        "USE k",
        "$$ ; $$",
    ];
    ensure(found == wanted, || format!("cut into {found:#?}"))
}

fn exact_numbers(_: &Stack) -> Live<()> {
    let parse = |text| Json::parse(text).map_err(failed);
    let long = "12345678901234567890123456789012345678";
    ensure(parse("{\"a\": 1.10}")? == parse("{\"a\":1.1}")?, || {
        "1.10 is 1.1".to_owned()
    })?;
    ensure(parse("1E+2")? == parse("100.00")?, || {
        "1E+2 is 100".to_owned()
    })?;
    let other = long.replace("678", "679");
    ensure(parse(long)? != parse(&other)?, || {
        "38 digits differ in the last".to_owned()
    })?;
    ensure(parse("\"1\"")? != parse("1")?, || {
        "a text is no number".to_owned()
    })?;
    ensure(Json::parse("{\"a\":1,\"a\":2}").is_err(), || {
        "a member twice".to_owned()
    })?;
    ensure(Json::parse("[1,]").is_err(), || {
        "a comma too many".to_owned()
    })
}

fn tombstones(_: &Stack) -> Live<()> {
    let record = |value: Option<&str>| kafka::Record {
        topic: "t".to_owned(),
        key: Some("{\"K\":1}".to_owned()),
        value: value.map(str::to_owned),
    };
    let records = [
        record(Some("{\"V\":1}")),
        record(Some("{\"V\":2}")),
        record(None),
    ];
    let deleted = table::latest(&records, OnDelete::Delete)?;
    ensure(deleted.is_empty(), || format!("still there: {deleted:?}"))?;
    let kept = table::latest(&records, OnDelete::Keep)?;
    let wanted = table::latest(&records[1..2], OnDelete::Delete)?;
    let differs = table::difference(&wanted, &kept);
    ensure(differs.is_none(), || differs.unwrap_or_default())
}

/// Shapes seen in the output of Debezium's own Oracle code.
fn envelopes(_: &Stack) -> Live<()> {
    let columns = [
        ("ID", Kind::Number),
        ("AT", Kind::Date),
        ("TS", Kind::Timestamp(6)),
        ("T", Kind::Text),
    ];
    let mut db = Database::new("p", [TableDef::new("S", "T", &["ID"], &columns)]);
    let first = row(&[
        ("ID", number("2")),
        ("AT", date("1969-12-31 23:59:59")),
        ("TS", date("2024-02-29 23:59:59.123456")),
        ("T", text("")),
    ]);
    let mut records = db.insert("T", first)?;
    records.extend(db.update("T", &[number("2")], &row(&[("ID", number("3"))]))?);
    let shapes: Vec<String> = records.iter().map(shape).collect();
    let image = |id: u8| format!(r#"{{"ID":"{id}","AT":-1000,"TS":1709251199123456,"T":null}}"#);
    let wanted = [
        format!(r#"p.S.T {{"ID":"2"}} "c" null {}"#, image(2)),
        format!(r#"p.S.T {{"ID":"2"}} "d" {} null"#, image(2)),
        r#"p.S.T {"ID":"2"} tombstone"#.to_owned(),
        format!(r#"p.S.T {{"ID":"3"}} "c" null {}"#, image(3)),
    ];
    ensure(shapes == wanted, || format!("{shapes:#?}"))
}

fn shape(record: &kafka::Record) -> String {
    let key = record.key.as_deref().unwrap_or("no key");
    let value = match record.value.as_deref().map(serde_json::from_str) {
        None => "tombstone".to_owned(),
        Some(Err(e)) => e.to_string(),
        Some(Ok::<serde_json::Value, _>(v)) => {
            format!("{} {} {}", v["op"], v["before"], v["after"])
        }
    };
    format!("{} {key} {value}", record.topic)
}

fn late_program(_: &Stack) -> Live<()> {
    let mut command = process::command("sleep", false);
    command.arg("60");
    let outcome = process::run("sleep", command, Duration::from_millis(200));
    ensure(outcome.is_err(), || "it was waited for".to_owned())
}
