//! The schema's text; a real server reads it in the live tests.

use super::*;
use crate::emit::testing::empty_plan;
use crate::plan::model::{Compaction, CqlColumn, CqlKind, CqlTable, CqlType};
use crate::rel::TableName;

fn plan() -> Plan {
    let column = |name: &str, ty, kind| CqlColumn {
        name: name.into(),
        ty,
        kind,
        of: Some(name.to_uppercase()),
        from: None,
    };
    let mut plan = empty_plan();
    plan.tables = vec![CqlTable {
        name: "daily_sales".into(),
        of: TableName::new("RETAIL", "DAILY_SALES"),
        columns: vec![
            column("store_id", CqlType::Int, CqlKind::Partition),
            column("sales_date", CqlType::Timestamp, CqlKind::ClusteringDesc),
            column("token", CqlType::Text, CqlKind::Regular),
            column("検針値", CqlType::Decimal, CqlKind::Regular),
        ],
        compaction: Compaction::Unified,
        ttl: None,
        comment: Some("a day's\nsales'; DROP TABLE x; --".into()),
        serves: vec!["q".into()],
        why: vec!["`q` asks by STORE_ID".into()],
        runner_up: None,
        rows_per_partition: Some(12),
    }];
    plan
}

fn file(name: &str) -> String {
    let files = Cassandra.emit(&plan()).expect("emits");
    files
        .into_iter()
        .find(|f| f.path == name)
        .map(|f| String::from_utf8(f.contents).expect("text"))
        .expect("is there")
}

#[test]
fn reserved_and_foreign_names_are_quoted_and_comments_stay_literals() {
    let cql = file("cassandra/schema.cql");
    assert!(
        cql.contains(
            "  \"token\" text,\n  \"検針値\" decimal,\n  PRIMARY KEY ((store_id), sales_date)\n"
        ),
        "{cql}"
    );
    assert!(
        cql.contains("CLUSTERING ORDER BY (sales_date DESC)"),
        "{cql}"
    );
    assert!(
        cql.contains("comment = 'a day''s sales''; DROP TABLE x; --';"),
        "{cql}"
    );
}

#[test]
fn the_page_gives_the_probe_for_the_largest_partition() {
    let page = file("cassandra/access-paths.md");
    assert!(
        page.contains(
            "`SELECT MAX(COUNT(*)) FROM \"RETAIL\".\"DAILY_SALES\" GROUP BY \"STORE_ID\"`"
        ),
        "{page}"
    );
}

#[test]
fn illegal_names_from_an_edited_plan_are_refused() {
    let mut edited = plan();
    edited.tables[0].name = "a\"; DROP".into();
    assert!(Cassandra.emit(&edited).is_err());
}
