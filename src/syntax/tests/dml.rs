//! INSERT, UPDATE, DELETE, MERGE in all their forms, and DDL that the catalogue needs.

use super::*;

#[test]
fn inserts() {
    tree_has(
        "INSERT INTO t (a, b) VALUES (1, DEFAULT) RETURNING id INTO :x;",
        &[
            "dml: Insert (A, B)",
            "target: Table T",
            "value: Number 1",
            "value: Name DEFAULT",
            "returning: Name ID",
            "into: Bind X",
        ],
    );
    tree_has(
        "INSERT INTO t (SELECT * FROM u) LOG ERRORS INTO e ('x') REJECT LIMIT UNLIMITED;",
        &["dml: Insert", "query: Query"],
    );
    body_has(
        "INSERT INTO t VALUES rec(i);",
        &["dml: Insert", "record: Call"],
    );
    tree_has(
        "INSERT ALL WHEN a > 1 THEN INTO t (x) VALUES (a) INTO u ELSE INTO v VALUES (b) SELECT a, b FROM s;",
        &[
            "dml: InsertMulti",
            "when: Compare Gt",
            "target: Table T",
            "value: Name A",
            "target: Table U",
            "target: Table V",
            "value: Name B",
            "query: Query",
        ],
    );
}

#[test]
fn updates_and_deletes() {
    tree_has(
        "UPDATE t x SET (a, b) = (SELECT 1, 2 FROM dual), c = c + 1 WHERE id = 1;",
        &[
            "target: Table T as X",
            "column: Name A",
            "column: Name B",
            "value: Subquery",
            "column: Name C",
            "where: Compare Eq",
        ],
    );
    body_has(
        "UPDATE t SET ROW = rec WHERE CURRENT OF c;",
        &["value: Name REC", "current of: Name C"],
    );
    tree_has(
        "DELETE t WHERE a = 1; DELETE FROM (SELECT * FROM t) WHERE b = 2;",
        &[
            "dml: Delete",
            "target: Table T",
            "dml: Delete",
            "target: Query",
        ],
    );
}

#[test]
fn merge_with_all_clauses() {
    tree_has(
        "MERGE INTO t USING (SELECT * FROM s) s ON (t.id = s.id) WHEN MATCHED THEN UPDATE SET t.a = s.a WHERE s.b = 1 DELETE WHERE t.c = 0 WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a) WHERE s.d = 1;",
        &[
            "dml: Merge",
            "target: Table T",
            "source: Query as S",
            "on: Paren",
            "column: Name T.A",
            "value: Name S.A",
            "where: Compare Eq",
            "delete where: Compare Eq",
            "value: Name S.ID",
            "where: Compare Eq",
        ],
    );
}

#[test]
fn tables_with_keys_types_and_partitions() {
    let script = Script::clean(
        "CREATE TABLE s.t (id NUMBER(38) GENERATED ALWAYS AS IDENTITY, n VARCHAR2(10 CHAR) DEFAULT 'x' NOT NULL, d TIMESTAMP(3) WITH LOCAL TIME ZONE, v AS (n || 'y') VIRTUAL, CONSTRAINT pk PRIMARY KEY (id) USING INDEX TABLESPACE ts, FOREIGN KEY (n) REFERENCES u (k) ON DELETE CASCADE, CHECK (id > 0)) PARTITION BY RANGE (d, id) (PARTITION p VALUES LESS THAN (MAXVALUE, 1)) TABLESPACE x;",
    );
    let unit = &script.units[0];
    let ast::ItemKind::CreateTable(t) = unit.ast[unit.item].kind else {
        panic!("no table")
    };
    let t = unit.ast[t];
    let columns = unit.ast.list(t.columns);
    assert_eq!(columns.len(), 4);
    assert!(columns[0].identity && columns[3].virtual_.is_some() && columns[1].default.is_some());
    let ty = unit.ast[columns[1].ty.expect("type")];
    assert!(matches!(
        ty.kind,
        ast::TypeKind::Named {
            precision: Some(10),
            char_semantics: Some(true),
            ..
        }
    ));
    let ty = unit.ast[columns[2].ty.expect("type")];
    assert!(matches!(
        ty.kind,
        ast::TypeKind::Named {
            precision: Some(3),
            zone: ast::TimeZoneKind::Local,
            ..
        }
    ));
    let constraints = unit.ast.list(t.constraints);
    assert!(matches!(
        constraints[0].kind,
        ast::ConstraintKind::PrimaryKey
    ));
    assert!(matches!(
        constraints[1].kind,
        ast::ConstraintKind::References { .. }
    ));
    assert!(matches!(constraints[2].kind, ast::ConstraintKind::Check(_)));
    assert_eq!(unit.ast.parts(t.partition_by), ["D", "ID"]);
}

#[test]
fn external_tables_and_control_files() {
    let script = Script::clean(
        "CREATE TABLE e (a NUMBER) ORGANIZATION EXTERNAL (TYPE ORACLE_LOADER DEFAULT DIRECTORY dir ACCESS PARAMETERS (RECORDS DELIMITED BY NEWLINE FIELDS TERMINATED BY ',') LOCATION ('a.csv', 'b.csv')) REJECT LIMIT UNLIMITED;",
    );
    let unit = &script.units[0];
    let ast::ItemKind::CreateTable(t) = unit.ast[unit.item].kind else {
        panic!("no table")
    };
    let e = unit.ast[t].external.expect("external");
    assert_eq!(unit.ast.ident(e.directory.expect("directory")), "DIR");
    assert_eq!(unit.ast.list(e.locations).len(), 2);
    let script = Script::clean(
        "LOAD DATA\nINFILE 'x.dat'\nAPPEND INTO TABLE s.t\nFIELDS TERMINATED BY ','\n(a CHAR, b DATE \"YYYY-MM-DD\", c)\nBEGINDATA\n1,'2,(3\n",
    );
    assert_eq!(script.kinds(), ["ControlFile S.T (A, B, C)"]);
}

#[test]
fn other_ddl() {
    tree_has(
        "COMMENT ON COLUMN t.c IS '日本'; CREATE UNIQUE INDEX i ON t (UPPER(a), b DESC);",
        &[
            "Comment",
            "on: Name T.C",
            "text: String '日本'",
            "CreateIndex",
            "table: Name T",
            "column: Call",
            "column: Name B",
        ],
    );
    tree_has(
        "ALTER TABLE t ADD (a NUMBER, b DATE); ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY (a); ALTER TABLE t RENAME COLUMN a TO b;",
        &[
            "AlterTable",
            "column type: Type NUMBER",
            "column type: Type DATE",
            "AlterTable",
            "AlterTable",
        ],
    );
    let script =
        Script::clean("CREATE TABLESPACE t DATAFILE 'a' SIZE 10M; CREATE PROFILE p LIMIT x 1;");
    assert!(script.units.iter().all(|u| u.opaque == 1));
}
