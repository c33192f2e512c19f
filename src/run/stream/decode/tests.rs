//! Records into changes: results and change events, whole ones and broken ones.

use super::*;
use crate::plan::model::SinkTableSpec;
use crate::run::convert::TargetTable;
use crate::run::stream::route::Route;

const COLUMNS: &str = r#"
[[columns]]
from = "ID"
to = "id"
oracle = { type = "number", precision = 9, scale = 0 }
cql = "int"
[[columns]]
from = "GRP"
to = "grp"
oracle = { type = "varchar", length = 9 }
cql = "text"
[[columns]]
from = "N"
to = "n"
oracle = { type = "number", precision = 38, scale = 2 }
cql = "decimal"
[[columns]]
from = "NOTE"
to = "note"
oracle = { type = "clob" }
cql = "text"
"#;

/// A route into a table whose key is (grp, id).
fn route(format: &str, more: &str) -> Route {
    let text = format!("topic = \"t\"\nformat = \"{format}\"\ntable = \"t\"\n{more}\n{COLUMNS}");
    let spec: SinkTableSpec = toml::from_str(&text).expect("valid");
    let target = TargetTable::of_spec("t", &spec.columns, &[], &["grp".into()], &["id".into()]);
    Route::new(&spec, target).expect("compiles")
}

fn events() -> Route {
    route("debezium", "on_delete = \"delete\"\nkey = [\"ID\"]")
}

/// `id grp n note` of the row that comes: `-` null, `~` left alone.
fn comes(decoder: &Decoder) -> Vec<String> {
    let mut rest = decoder.values.as_slice();
    let mut shown = Vec::new();
    while let Some((len, tail)) = rest.split_first_chunk::<4>() {
        let len = i32::from_be_bytes(*len);
        let size = usize::try_from(len).unwrap_or(0);
        shown.push(match len {
            NULL => "-".into(),
            UNSET => "~".into(),
            4 if shown.is_empty() => {
                i32::from_be_bytes(tail[..4].try_into().expect("four")).to_string()
            }
            _ => String::from_utf8_lossy(&tail[..size]).into_owned(),
        });
        rest = &tail[size..];
    }
    shown
}

fn event(op: &str, before: &str, after: &str) -> String {
    format!(
        r#"{{"before":{before},"after":{after},"source":{{"scn":"6","commit_scn":"7","table":"T"}},"op":"{op}","ts_ms":1}}"#
    )
}

fn row(id: i32, grp: &str, n: &str, note: &str) -> String {
    format!(r#"{{"ID":"{id}","GRP":{grp},"N":{n},"NOTE":{note}}}"#)
}

struct Told {
    change: Option<Change>,
    row: Vec<String>,
    moved: bool,
}

fn tell(route: &Route, key: Option<&str>, value: Option<&str>) -> Result<Told, Why> {
    let mut decoder = Decoder::default();
    let record = Record {
        key: key.map(str::as_bytes),
        value: value.map(str::as_bytes),
    };
    let change = decoder.decode(route, record)?;
    let row = comes(&decoder);
    let moved = !decoder.gone.is_empty() && decoder.gone != decoder.key;
    Ok(Told { change, row, moved })
}

const KEY: Option<&str> = Some(r#"{"ID":"1"}"#);

fn of_event(op: &str, before: &str, after: &str) -> Result<Told, Why> {
    tell(&events(), KEY, Some(&event(op, before, after)))
}

fn refused(told: Result<Told, Why>) -> (String, Option<String>) {
    match told {
        Ok(_) => panic!("this must be refused"),
        Err(why) => (why.code, why.column),
    }
}

#[test]
fn a_new_row_leaves_its_nulls_and_a_changed_one_writes_them() {
    let new = row(1, "\"a\"", "\"1.50\"", "null");
    let told = of_event("c", "null", &new).expect("carried");
    assert_eq!(told.row[0], "1");
    assert_eq!(told.row[3], "~");
    let change = told.change.expect("a change");
    assert_eq!(
        (change.gone, change.comes, change.order),
        (false, true, Order::Commit(7))
    );
    let old = row(1, "\"a\"", "null", "\"text\"");
    let told = of_event("u", &old, &row(1, "\"a\"", "null", "null")).expect("carried");
    assert_eq!(
        told.row[2..],
        ["~", "-"],
        "it was null before, and it was not"
    );
    let told = of_event("r", "null", &new).expect("carried");
    assert_eq!(
        told.row[3], "-",
        "what a snapshot reads may replace an older row"
    );
    assert_eq!(told.change.expect("a change").order, Order::Read(Some(7)));
    let kept = route("debezium", "on_delete = \"keep\"\nkey = [\"ID\"]");
    let told = tell(&kept, KEY, Some(&event("c", "null", &new))).expect("carried");
    assert_eq!(told.row[3], "-", "the row that was deleted is still there");
}

#[test]
fn a_change_of_the_tables_key_moves_the_row() {
    let (old, new) = (
        row(1, "\"a\"", "null", "\"x\""),
        row(1, "\"b\"", "null", "\"x\""),
    );
    let told = of_event("u", &old, &new).expect("carried");
    let change = told.change.expect("a change");
    assert!(change.gone && change.comes && told.moved);
    assert_eq!(told.row[2], "-", "nothing is known of the new place");
    let missing = refused(of_event("u", "null", &new));
    assert_eq!(missing.0, "before-missing");
    let by_id = SinkTableSpec {
        ..toml::from_str(&format!(
            "topic=\"t\"\nformat=\"debezium\"\ntable=\"t\"\non_delete=\"delete\"\nkey=[\"ID\"]\n{COLUMNS}"
        ))
        .expect("valid")
    };
    let target = TargetTable::of_spec("t", &by_id.columns, &[], &["id".into()], &[]);
    let by_id = Route::new(&by_id, target).expect("compiles");
    let told = tell(&by_id, KEY, Some(&event("u", "null", &new))).expect("carried");
    assert!(
        !told.change.expect("a change").gone,
        "the record's key says all"
    );
}

#[test]
fn what_a_change_does_not_carry_is_left_alone_or_refused() {
    let marker = format!("\"{}\"", super::super::cells::UNAVAILABLE);
    let same = (
        row(1, "\"a\"", "\"1\"", &marker),
        row(1, "\"a\"", "\"2\"", &marker),
    );
    let told = of_event("u", &same.0, &same.1).expect("carried");
    assert_eq!(told.row[3], "~");
    let moved = row(1, "\"b\"", "\"2\"", &marker);
    let lost = refused(of_event("u", &same.0, &moved));
    assert_eq!(lost, ("unavailable".into(), Some("NOTE".into())));
    let known = row(1, "\"a\"", "\"1\"", "\"all of it\"");
    let told = of_event("u", &known, &moved).expect("the old image has it");
    assert_eq!(told.row[3], "all of it");
    assert_eq!(refused(of_event("c", "null", &moved)).0, "unavailable");
}

#[test]
fn deletes_and_tombstones_need_the_key_alone() {
    let old = r#"{"ID":"1","GRP":"a"}"#;
    let told = of_event("d", old, "null").expect("carried");
    assert!(told.change.expect("a change").gone);
    let told = tell(&events(), KEY, None).expect("carried");
    assert_eq!(told.change, None, "the delete before it has the whole key");
    assert_eq!(
        refused(of_event("d", "null", "null")).1.as_deref(),
        Some("GRP")
    );
    let kept = route("debezium", "on_delete = \"keep\"\nkey = [\"ID\"]");
    let told = tell(&kept, KEY, Some(&event("d", old, "null"))).expect("carried");
    assert_eq!(told.change, None);
}

#[test]
fn results_are_whole_rows_and_their_tombstones_delete() {
    let results = route("upsert", "on_delete = \"delete\"\nkey = [\"GRP\", \"ID\"]");
    let key = Some(r#"{"GRP":"a","ID":1}"#);
    let long = "123456789012345678901234567890123456.78";
    let value = format!(r#"{{"ID":1,"GRP":"a","N":{long},"NOTE":null}}"#);
    let told = tell(&results, key, Some(&value)).expect("carried");
    assert_eq!(told.row[3], "-");
    let told = tell(&results, key, None).expect("carried");
    assert!(told.change.expect("a change").gone);
    let marker = super::super::cells::UNAVAILABLE;
    let value = format!(r#"{{"ID":1,"GRP":"a","N":null,"NOTE":"{marker}"}}"#);
    let told = tell(&results, key, Some(&value)).expect("carried");
    assert_eq!(told.row[3], marker, "a result may hold any text");
    assert_eq!(refused(tell(&results, None, Some(&value))).0, "no-key");
    assert_eq!(
        refused(tell(&results, Some("{\"ID\":1}"), None))
            .1
            .as_deref(),
        Some("GRP")
    );
}

#[test]
fn wrappers_with_schemas_are_taken_off_and_their_versions_checked() {
    let plain = event("c", "null", &row(1, "\"a\"", "\"1\"", "null"));
    let wrapped = |version: i64| {
        format!(r#"{{"schema":{{"type":"struct","version":{version}}},"payload":{plain}}}"#)
    };
    let key = Some(r#"{"schema":{"type":"struct"},"payload":{"ID":"1"}}"#);
    let told = tell(&events(), key, Some(&wrapped(1))).expect("carried");
    assert_eq!(told.row[0], "1");
    assert_eq!(
        refused(tell(&events(), key, Some(&wrapped(9)))).0,
        "schema-version"
    );
    let null = r#"{"schema":null,"payload":null}"#;
    assert_eq!(
        tell(&events(), KEY, Some(null))
            .expect("a tombstone")
            .change,
        None
    );
}

#[test]
fn poison_is_told_by_code_and_column() {
    let good = event("c", "null", &row(1, "\"a\"", "\"1\"", "null"));
    for end in 1..good.len() {
        let told = tell(&events(), KEY, Some(&good[..end]));
        assert_eq!(refused(told).0, "json", "{}", &good[..end]);
    }
    let of_row = |row: &str| refused(of_event("c", "null", row));
    let column = |name: &str| Some(name.to_owned());
    assert_eq!(
        of_row(r#"{"ID":"1","GRP":"a","N":"1"}"#),
        ("missing-field".into(), column("NOTE"))
    );
    assert_eq!(
        of_row(r#"{"ID":"1","GRP":"a","N":"1","NOTE":null,"NEW":1}"#),
        ("unknown-column".into(), column("NEW"))
    );
    assert_eq!(
        of_row(&row(1, "\"a\"", "\"x\"", "null")),
        ("number-form".into(), column("N"))
    );
    assert_eq!(of_row(&row(1, "\"a\"", "true", "null")).1, column("N"));
    assert_eq!(
        of_row(&row(1, "null", "\"1\"", "null")),
        ("null-key".into(), column("GRP"))
    );
    assert_eq!(refused(of_event("x", "null", "{}")).0, "unknown-op");
    assert_eq!(refused(of_event("t", "null", "null")).0, "truncate");
    assert_eq!(
        refused(tell(&events(), KEY, Some("[1]"))).0,
        "not-an-object"
    );
    assert_eq!(
        refused(tell(&events(), KEY, Some("\u{0}\u{0}\u{0}\u{0}\u{7}x"))).0,
        "not-json"
    );
    assert_eq!(
        refused(tell(&events(), KEY, Some("{\"ID\":1}"))),
        ("missing-field".into(), column("op"))
    );
    let ignoring = route("debezium", "on_delete = \"delete\"\nignore = [\"NEW\"]");
    let value = event(
        "c",
        "null",
        r#"{"ID":"1","GRP":"a","N":"1","NOTE":null,"NEW":1}"#,
    );
    assert!(tell(&ignoring, KEY, Some(&value)).is_ok());
}
