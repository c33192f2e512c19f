//! The configuration's text: fluentd cannot be had from a package registry, so structure and escapes are checked.

use super::*;
use crate::emit::testing::empty_plan;
use crate::plan::model::SourceColumn;
use crate::rel::{DataType, TableName};

fn conf(separator: Option<&str>) -> String {
    let field = |n: &str| SourceColumn {
        name: n.into(),
        ty: DataType::Date,
        nullable: true,
        comment: None,
    };
    let mut plan = empty_plan();
    plan.file_inputs.push(FileInput {
        table: TableName::new("METER", "EXT"),
        topic: "ora.file.METER.EXT".into(),
        directory: Some("IN_DIR".into()),
        files: vec!["read_20240101.csv".into(), "#{system('x')}.csv".into()],
        separator: separator.map(Into::into),
        quote: None,
        encoding: "Shift_JIS".into(),
        fields: vec![field("METER_ID"), field("検針値")],
        skip: 0,
        key: vec!["METER_ID".into()],
    });
    let files = Fluentd.emit(&plan).expect("emits");
    assert_eq!(files[0].path, "fluentd/meter_ext.conf");
    String::from_utf8(files[0].contents.clone()).expect("text")
}

#[test]
fn delimited_files_become_json_by_their_field_names() {
    let text = conf(Some(","));
    assert!(text.contains("keys \"METER_ID,検針値\""), "{text}");
    assert!(text.contains("from_encoding \"Shift_JIS\""), "{text}");
    assert!(text.contains("partitioner_hash_function murmur2"), "{text}");
    assert_eq!(
        text.matches("<match ").count(),
        text.matches("</match>").count()
    );
}

#[test]
fn ruby_in_a_file_name_is_not_evaluated() {
    let text = conf(Some(","));
    assert!(
        text.contains("/read_*.csv,\\#{system('x')}.csv\""),
        "{text}"
    );
}

#[test]
fn a_format_that_is_not_known_is_shipped_as_lines() {
    assert!(conf(None).contains("@type none"));
}
