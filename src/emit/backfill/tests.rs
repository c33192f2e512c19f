//! Specifications, read back by their own types.

use super::*;
use crate::emit::testing::empty_plan;
use crate::plan::model::{ColumnMap, CqlType, SinkFormat};
use crate::rel::{DataType, OnDelete, TableName};

fn plan() -> Plan {
    let column = ColumnMap {
        from: "ID".into(),
        to: "id".into(),
        oracle: DataType::integer(10),
        cql: CqlType::BigInt,
    };
    let mut plan = empty_plan();
    plan.backfills.push(Backfill {
        table: TableName::new("R", "T"),
        target: Some("t".into()),
        topic: Some("ora.R.T".into()),
        purpose: "a \"quoted\"\npurpose".into(),
        columns: vec![column.clone()],
        key: vec!["ID".into()],
        rows: Some(5),
        after: vec![TableName::new("R", "PARENT")],
    });
    plan.sinks.push(SinkTable {
        topic: "ora.R.T".into(),
        format: SinkFormat::Debezium,
        table: "t".into(),
        on_delete: OnDelete::Delete,
        columns: vec![column],
    });
    plan
}

#[test]
fn specs_read_back_as_written_and_name_secrets_only() {
    let files = Specs.emit(&plan()).expect("emits");
    let text = |i: usize| String::from_utf8(files[i].contents.clone()).expect("text");
    let back: BackfillSpec = toml::from_str(&text(0)).expect("reads back");
    assert_eq!(back, backfill(&plan(), &plan().backfills[0]));
    let back: SinkSpec = toml::from_str(&text(1)).expect("reads back");
    assert_eq!(back, sink(&plan()));
    assert!(text(0).contains("password_env = \"ORACLE_CDC_PASSWORD\""));
}

#[test]
fn an_unknown_key_is_refused() {
    let files = Specs.emit(&plan()).expect("emits");
    let text = String::from_utf8(files[0].contents.clone())
        .expect("text")
        .replace("purpose =", "porpoise =");
    assert!(toml::from_str::<BackfillSpec>(&text).is_err());
}

#[test]
fn the_first_value_stays_where_every_writer_says_so() {
    let scan = crate::emit::testing::scan("ORDERS", "O", &["ORDER_ID"]);
    let joined = Rel::Join {
        kind: crate::rel::JoinKind::Cross,
        left: Box::new(scan.clone()),
        right: Box::new(crate::emit::testing::scan(
            "CUSTOMERS",
            "C",
            &["CUSTOMER_ID"],
        )),
        on: None,
    };
    let write_of = |query: &Rel, classes: &[WriteClass]| {
        let mut plan = crate::emit::testing::sample_plan();
        let topic = plan.sinks[0].topic.clone();
        let mut job = plan.groups[0].jobs[0].clone();
        plan.groups[0].jobs.retain(|j| j.topic != topic);
        job.write.query = query.clone();
        for class in classes {
            job.topic = topic.clone();
            job.write.class = *class;
            plan.groups[0].jobs.push(job.clone());
        }
        sink(&plan).tables[0].write
    };
    use WriteClass::{KeepFirst, Queue, Upsert};
    let write = |classes: &[WriteClass]| write_of(&scan, classes);
    assert_eq!(
        write_of(&joined, &[KeepFirst]),
        SinkWrite::Replace,
        "half a row would stay"
    );
    assert_eq!(write(&[KeepFirst]), SinkWrite::KeepFirst);
    assert_eq!(write(&[Queue]), SinkWrite::KeepFirst);
    assert_eq!(write(&[KeepFirst, Upsert]), SinkWrite::Replace);
    assert_eq!(write(&[Upsert]), SinkWrite::Replace);
    assert_eq!(write(&[]), SinkWrite::Replace);
}
