use super::*;
use crate::rel::{OnDelete, WriteClass};

fn with(text: &str, set: &[&str]) -> Result<Config, Failure> {
    let set: Vec<String> = set.iter().map(|s| s.to_string()).collect();
    let overrides = Overrides {
        set: &set,
        encoding: None,
    };
    resolve(Some(text), overrides, "folder")
}

fn refused(text: &str, set: &[&str]) -> (String, Option<String>) {
    let failure = with(text, set).expect_err("must be refused");
    assert_eq!(failure.exit as u8, 2);
    assert!(
        failure
            .findings
            .iter()
            .all(|f| f.code == Code::ConfigInvalid)
    );
    let first = &failure.findings[0];
    (first.message.clone(), first.help.clone())
}

#[test]
fn the_sample_projects_are_read() {
    let text = include_str!("../../../samples/retail/ora2stream.toml");
    let config = with(text, &[]).expect("valid");
    assert_eq!(config.project.schemas, ["RETAIL"]);
    assert_eq!(config.project.time_zone.as_deref(), Some("Asia/Tokyo"));
    assert_eq!(config.project.settings.cassandra.keyspace, "retail");
    assert!(config.project.queries.iter().any(|q| q.weight == 40.0));
    let table = TableName::new("RETAIL", "CUSTOMER_BALANCE");
    assert_eq!(
        config.project.tables[&table].on_delete,
        Some(OnDelete::Keep)
    );
    let text = include_str!("../../../samples/meter/ora2stream.toml");
    with(text, &[]).expect("valid");
}

#[test]
fn unknown_keys_are_refused_with_a_suggestion_and_a_place() {
    let text = "[kafka]\nbootsrap = \"x:1\"\n";
    let failure = with(text, &[]).expect_err("unknown");
    let finding = &failure.findings[0];
    assert_eq!(finding.message, "unknown key `kafka.bootsrap`");
    assert_eq!(
        finding.help.as_deref(),
        Some("did you mean `kafka.bootstrap`?")
    );
    assert_eq!(failure.texts.text(finding.labels[0].span), "bootsrap");
    let (message, help) = refused("[kafak]\nx = 1\n", &[]);
    assert_eq!(message, "unknown key `kafak`");
    assert_eq!(help.as_deref(), Some("did you mean `kafka`?"));
    let (message, _) = refused("[tables.\"A.B\"]\nretain = 1\n", &[]);
    assert_eq!(message, "unknown key `tables.\"A.B\".retain`");
}

#[test]
fn every_unknown_key_is_reported_at_once() {
    let failure = with("[kafka]\na = 1\n[flink]\nb = 2\n", &[]).expect_err("two");
    assert_eq!(failure.findings.len(), 2);
}

#[test]
fn wrong_types_and_broken_toml_are_refused() {
    assert_eq!(
        refused("[kafka]\npartitions = \"three\"\n", &[]).0,
        "`kafka.partitions` must be a whole number"
    );
    assert!(
        refused("[tables.\"A.B\"]\non_delete = \"drop\"\n", &[])
            .0
            .contains("one of delete, keep")
    );
    refused("[kafka\n", &[]);
    refused("[kafka]\npartitions = 99999999999\n", &[]);
    refused("[kafka]\npartitions = 0\n", &[]);
    refused("kafka = 3\n", &[]);
}

#[test]
fn settings_of_the_command_line_are_typed_and_win() {
    let config = with(
        "[kafka]\nbootstrap = \"a:1\"\n",
        &[
            "kafka.bootstrap=h:2,i:3",
            "kafka.partitions=7",
            "flink.bounded=true",
            "cassandra.contact_points=a:1, b:2",
            "project.schemas=[\"one\"]",
            "tables.retail.x.on_delete=keep",
            "tables.\"A.B\".write_class=upsert",
            "encodings.\"data/*.csv\"=JA16SJIS",
            "flink.checkpoint_dir=s3://b/c=d",
        ],
    )
    .expect("valid");
    let settings = &config.project.settings;
    assert_eq!(settings.kafka.bootstrap, "h:2,i:3");
    assert_eq!(settings.kafka.partitions, 7);
    assert!(settings.flink.bounded);
    assert_eq!(settings.cassandra.contact_points, ["a:1", "b:2"]);
    assert_eq!(settings.flink.checkpoint_dir.as_deref(), Some("s3://b/c=d"));
    assert_eq!(config.project.schemas, ["ONE"]);
    let tables = &config.project.tables;
    assert_eq!(
        tables[&TableName::new("RETAIL", "X")].on_delete,
        Some(OnDelete::Keep)
    );
    assert_eq!(
        tables[&TableName::new("A", "B")].write_class,
        Some(WriteClass::Upsert)
    );
    assert_eq!(
        config.encodings.of("data/a.csv").map(|e| e.name()),
        Some("Shift_JIS")
    );
    assert_eq!(config.encodings.of("a.sql"), None);
}

#[test]
fn bad_settings_of_the_command_line_are_refused() {
    let (message, help) = refused("", &["kafka.bootstap=x"]);
    assert_eq!(message, "unknown key `kafka.bootstap` in --set");
    assert_eq!(help.as_deref(), Some("did you mean `kafka.bootstrap`?"));
    assert_eq!(
        refused("", &["flink.bounded=maybe"]).0,
        "`flink.bounded` must be true or false"
    );
    refused("", &["kafka=x"]);
    refused("", &["novalue"]);
    refused("", &["a = 1\nkafka.bootstrap=x"]);
    refused("", &["cassandra.keyspace=a; DROP"]);
    refused("", &["project.time_zone=Mars"]);
    refused("", &["queries=a"]);
}

#[test]
fn without_a_file_the_folder_names_the_project() {
    let config = resolve(None, Overrides::default(), "estate").expect("defaults");
    assert_eq!(config.project.name, "estate");
    assert!(!config.project.from_file);
}

#[test]
fn settings_can_be_applied_to_a_plan() {
    let set = ["kafka.bootstrap=z:9".to_string()];
    let settings = set_on_plan(&Settings::default(), &set).expect("valid");
    assert_eq!(settings.kafka.bootstrap, "z:9");
    assert!(set_on_plan(&Settings::default(), &["project.name=x".to_string()]).is_err());
}

#[test]
fn encodings_are_suggested() {
    let failure = named_encoding("shift_jsi").expect_err("unknown");
    assert!(failure.findings[0].help.is_some());
}
