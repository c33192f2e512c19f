//! The configuration as the worker would read it, and the refusals.

use super::*;
use crate::emit::testing::empty_plan;
use crate::plan::model::{KeyOrigin, LeftOut, SourceColumn};
use crate::rel::{DataType, TableName};

fn source(schema: &str, name: &str, key_origin: KeyOrigin) -> Source {
    Source {
        table: TableName::new(schema, name),
        topic: format!("ora.{schema}.{name}"),
        capture: Capture::Cdc,
        columns: vec![SourceColumn {
            name: "ID".into(),
            ty: DataType::integer(10),
            nullable: false,
            comment: None,
        }],
        key: vec!["ID".into()],
        key_origin,
        rows: None,
        left_out: vec![],
    }
}

fn plan() -> Plan {
    let mut plan = empty_plan();
    let mut odd = source("R", "ODD$\"NAME", KeyOrigin::Unique);
    odd.left_out.push(LeftOut {
        column: "DOC".into(),
        reason: "BFILE".into(),
    });
    plan.sources = vec![source("R", "ORDERS", KeyOrigin::PrimaryKey), odd];
    plan
}

fn config() -> config::Config {
    let plan = plan();
    config::connector(&plan, &captured(&plan))
}

#[test]
fn the_configuration_passes_its_own_lint_and_holds_no_secret() {
    let c = config();
    lint::check(&c).expect("is clean");
    assert_eq!(c["database.password"], "${env:ORACLE_CDC_PASSWORD}");
    assert_eq!(c["table.include.list"], "R\\.ORDERS,R\\.ODD\\$\\\"NAME");
    assert_eq!(c["message.key.columns"], "R\\.ODD\\$\\\"NAME:ID");
    assert_eq!(c["column.exclude.list"], "R\\.ODD\\$\\\"NAME\\.DOC");
}

#[test]
fn misspelt_keys_and_values_are_refused() {
    let mut misspelt = config();
    misspelt.insert("table.includelist".into(), "x".into());
    assert!(lint::check(&misspelt).is_err());
    for (key, value) in [
        ("snapshot.mode", "nodata"),
        ("tasks.max", "2"),
        ("database.connection.adapter", "logmine"),
    ] {
        let mut c = config();
        c.insert(key.into(), value.into());
        assert!(lint::check(&c).is_err(), "{key}={value}");
    }
}

#[test]
fn files_are_json_and_sql_with_quoted_names() {
    let files = Debezium.emit(&plan()).expect("emits");
    let paths: Vec<_> = files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "cdc/test.json",
            "cdc/supplemental-logging.sql",
            "cdc/grants.sql"
        ]
    );
    let json: serde_json::Value = serde_json::from_slice(&files[0].contents).expect("is JSON");
    assert!(
        json.as_object()
            .is_some_and(|o| o.values().all(serde_json::Value::is_string))
    );
    let sql = String::from_utf8_lossy(&files[1].contents).into_owned();
    assert!(
        sql.contains("ALTER TABLE \"R\".\"ODD$NAME\" ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;"),
        "{sql}"
    );
}
