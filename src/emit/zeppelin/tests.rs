//! Ids and file names as Zeppelin's reader wants them; the reader itself runs in the live tests.

use super::*;
use crate::emit::testing::empty_plan;

#[test]
fn ids_are_stable_and_differ() {
    assert_eq!(note_id("a"), note_id("a"));
    assert_ne!(note_id("a"), note_id("b"));
    assert_eq!(note_id("a").len(), 9);
    assert!(
        note_id("a")
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    );
}

#[test]
fn the_file_name_ends_in_the_note_id() {
    let mut plan = empty_plan();
    plan.groups.push(JobGroup {
        name: "nightly".into(),
        entry: "N\"<x>".into(),
        schedule: None,
        jobs: vec![],
    });
    let files = Zeppelin.emit(&plan).expect("emits");
    let note: serde_json::Value = serde_json::from_slice(&files[0].contents).expect("is JSON");
    let id = note["id"].as_str().expect("text");
    assert_eq!(files[0].path, format!("zeppelin/nightly_{id}.zpln"));
    assert!(
        note["paragraphs"][0]["text"]
            .as_str()
            .is_some_and(|t| t.starts_with("%md\n") && t.contains("&lt;x&gt;"))
    );
}
