//! What the pages say.

use super::*;
use crate::emit::testing::empty_plan;
use crate::rel::TableName;

fn load(name: &str, after: &[&str]) -> Backfill {
    Backfill {
        table: TableName::new("R", name),
        target: Some(name.to_lowercase()),
        topic: None,
        purpose: "p".into(),
        columns: vec![],
        key: vec![],
        rows: None,
        after: after.iter().map(|n| TableName::new("R", *n)).collect(),
    }
}

fn names(all: &[Backfill]) -> Vec<String> {
    in_order(all)
        .into_iter()
        .map(|b| b.table.name.clone())
        .collect()
}

#[test]
fn parents_are_loaded_before_children_and_circles_end() {
    assert_eq!(
        names(&[load("A", &["B"]), load("B", &["C"]), load("C", &[])]),
        ["C", "B", "A"]
    );
    assert_eq!(names(&[load("A", &["B"]), load("B", &["A"])]), ["A", "B"]);
}

#[test]
fn pages_hold_no_markup_of_the_users() {
    let mut plan = empty_plan();
    plan.project.name = "x</script>|`$(y)`\n# z".into();
    for file in Runbook.emit(&plan).expect("emits") {
        let text = String::from_utf8(file.contents).expect("text");
        assert!(
            !text.contains("</script>") && !text.contains("\n# z"),
            "{text}"
        );
    }
}
