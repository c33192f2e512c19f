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
