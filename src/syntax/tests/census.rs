//! The census against texts whose counts are known.

use super::*;
use crate::syntax::ast::DmlVerb::{self, Delete, Insert, Merge, Update};

fn counts(text: &str) -> (u32, u32, Vec<WriteVerb>) {
    let script = Script::new(text);
    let file = ParsedFile {
        file: FileId(0),
        units: script.units,
    };
    let c = census(&file);
    (
        c.units,
        c.statements,
        c.writes.iter().map(|w| w.verb).collect(),
    )
}

fn dml(verbs: &[DmlVerb]) -> Vec<WriteVerb> {
    verbs.iter().map(|v| WriteVerb::Dml(*v)).collect()
}

#[test]
fn writes_at_statement_position_only() {
    let text = "CREATE TRIGGER g BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW BEGIN\n  INSERT INTO a VALUES (1); -- DELETE FROM x;\n  x := 'UPDATE t';\n  t.delete; t.delete(1);\n  FORALL i IN 1..2 DELETE FROM b WHERE k = v(i);\n  FOR r IN (SELECT 1 FROM c FOR UPDATE) LOOP\n    MERGE INTO d USING e ON (1 = 1) WHEN MATCHED THEN UPDATE SET x = 1 DELETE WHERE y = 2 WHEN NOT MATCHED THEN INSERT (x) VALUES (1);\n  END LOOP;\n  IF a THEN UPDATE f SET x = CASE WHEN a THEN 1 ELSE 2 END; ELSE DELETE g; END IF;\nEND;\n/\nGRANT INSERT, UPDATE, DELETE ON t TO u;\nCREATE TABLE h (a NUMBER REFERENCES t (k) ON DELETE CASCADE);\nTRUNCATE TABLE i;\n";
    let (units, statements, writes) = counts(text);
    assert_eq!(units, 4);
    assert_eq!(statements, 15);
    let mut expected = dml(&[Insert, Delete, Merge, Update, Delete]);
    expected.push(WriteVerb::Truncate);
    assert_eq!(writes, expected);
}

#[test]
fn multi_table_inserts_count_their_branches() {
    let (_, statements, writes) = counts(
        "INSERT ALL WHEN a = 1 THEN INTO t VALUES (1) LOG ERRORS INTO e INTO u ELSE INTO v SELECT a FROM s;\nINSERT INTO w SELECT 1 FROM dual;",
    );
    assert_eq!(statements, 2);
    assert_eq!(writes, dml(&[Insert, Insert, Insert, Insert]));
}

#[test]
fn commands_are_no_units_but_their_writes_count() {
    let (units, statements, writes) =
        counts("SET ECHO ON\nPROMPT DELETE FROM t;\nEXEC p; \nDELETE FROM t;\n/\n");
    assert_eq!((units, statements), (1, 2));
    assert_eq!(writes, dml(&[Delete]));
}

#[test]
fn places_are_those_of_the_verbs() {
    let script = Script::clean("BEGIN\n  UPDATE t SET a = 1;\nEND;\n/\n");
    let c = census_unit(&script.units[0]);
    assert_eq!(script.map.text(c.writes[0].span), "UPDATE");
    assert_eq!(script.map.place(c.writes[0].span).line, 2);
}

#[test]
fn the_census_agrees_with_the_tree_on_the_samples() {
    let mut files = Vec::new();
    super::corpus::files(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples"),
        &mut files,
    );
    assert!(!files.is_empty());
    for path in files {
        let script = Script::new(&super::corpus::read(&path));
        for unit in &script.units {
            assert_eq!(
                census_unit(unit).statements,
                unit.statements,
                "{}",
                path.display()
            );
        }
    }
}
