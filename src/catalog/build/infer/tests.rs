use crate::catalog::build::{CatalogConfig, build};
use crate::catalog::model::{Catalog, Table};
use crate::diag::Code;
use crate::rel::{DataType, TableName};
use crate::source::{SourceFile, SourceMap};
use crate::syntax::parse_all;

fn catalog(sql: &str) -> Catalog {
    let mut map = SourceMap::default();
    map.add(SourceFile::from_text("a.sql", sql));
    let files = parse_all(&map);
    build(&map, &files, &[], &CatalogConfig::default())
}

fn table<'c>(catalog: &'c Catalog, name: &str) -> &'c Table {
    let found = catalog.tables.get(&TableName::new("APP", name));
    found.unwrap_or_else(|| panic!("{name} is not in {:?}", catalog.tables.keys()))
}

fn columns(table: &Table) -> Vec<&str> {
    table.columns.keys().map(String::as_str).collect()
}

fn ty(table: &Table, column: &str) -> DataType {
    table.columns[column].ty.clone()
}

fn keys(table: &Table) -> Vec<Vec<&str>> {
    table
        .assumed_keys
        .iter()
        .map(|k| k.columns.iter().map(String::as_str).collect())
        .collect()
}

#[test]
fn columns_come_from_lists_sets_aliases_records_and_types() {
    let c = catalog(
        "CREATE OR REPLACE PROCEDURE p(p_id IN src.id%TYPE) IS
           r src%ROWTYPE;
           v src.kind%TYPE;
         BEGIN
           INSERT INTO tgt (a, b) SELECT s.x, s.y FROM src s WHERE s.z = 1;
           UPDATE tgt t SET t.c = 2 WHERE t.a = p_id;
           SELECT * INTO r FROM src s WHERE s.id = p_id;
           IF r.flag = 'Y' THEN NULL; END IF;
           FOR x IN (SELECT s.* FROM src s) LOOP
             DELETE FROM tgt WHERE a = x.extra;
           END LOOP;
         END;",
    );
    let mut src = columns(table(&c, "SRC"));
    src.sort_unstable();
    assert_eq!(src, ["EXTRA", "FLAG", "ID", "KIND", "X", "Y", "Z"]);
    assert_eq!(columns(table(&c, "TGT")), ["A", "B", "C"]);
    assert!(!table(&c, "TGT").complete, "more columns may exist");
    assert!(table(&c, "SRC").inferred.is_some());
    let found = c.findings.iter().filter(|f| f.code == Code::TableInferred);
    assert_eq!(found.count(), 2);
}

#[test]
fn plain_names_belong_to_the_one_table_that_can_have_them() {
    let c = catalog(
        "CREATE TABLE known (id NUMBER, name VARCHAR2(10));
         CREATE OR REPLACE PROCEDURE p IS
           v_limit NUMBER;
         BEGIN
           DELETE FROM tgt WHERE id IN (SELECT amount FROM open1, known WHERE name = code AND amount > v_limit);
           FOR r IN (SELECT shared, o1.one, other FROM open1 o1, open2 o2 WHERE o2.shared = o1.one) LOOP NULL; END LOOP;
         END;",
    );
    let one = columns(table(&c, "OPEN1"));
    assert!(
        one.contains(&"AMOUNT") && one.contains(&"CODE") && one.contains(&"ONE"),
        "{one:?}"
    );
    assert!(
        !one.contains(&"V_LIMIT") && !one.contains(&"NAME"),
        "{one:?}"
    );
    assert_eq!(
        columns(table(&c, "OPEN2")),
        ["SHARED"],
        "OTHER may be of either"
    );
    assert!(!one.contains(&"OTHER"));
}

#[test]
fn types_come_from_declared_things_before_functions_before_literals_before_names() {
    let c = catalog(
        "CREATE TABLE known (id NUMBER(10), name VARCHAR2(30));
         CREATE OR REPLACE PROCEDURE p(p_day IN DATE) IS
           v VARCHAR2(7);
         BEGIN
           INSERT INTO t (a, b, c, d, e, f, g_date, h, i)
           SELECT k.id, k.name, SUM(1), NULL, NULL, NULL, NULL, NULL, NULL FROM known k GROUP BY k.id, k.name;
           SELECT d INTO v FROM t WHERE a = 1;
           UPDATE t SET e = 5 WHERE f = 'x' AND TRUNC(h, 'MM') = p_day AND i = p_day AND i = 'text';
         END;",
    );
    let t = table(&c, "T");
    assert_eq!(ty(t, "A"), DataType::integer(10));
    assert_eq!(ty(t, "B"), DataType::Varchar { length: 30 });
    assert_eq!(ty(t, "C"), DataType::number());
    assert_eq!(ty(t, "D"), DataType::Varchar { length: 7 });
    assert_eq!(ty(t, "E"), DataType::number());
    assert_eq!(ty(t, "F"), DataType::Varchar { length: 4000 });
    assert_eq!(ty(t, "G_DATE"), DataType::Date);
    assert_eq!(ty(t, "H"), DataType::Date);
    assert_eq!(
        ty(t, "I"),
        DataType::Date,
        "a declared type outweighs a literal"
    );
    let note = |c: &str| {
        t.columns[c]
            .inferred
            .clone()
            .map(|e| e.note)
            .unwrap_or_default()
    };
    assert!(note("G_DATE").contains("by its name"), "{}", note("G_DATE"));
    assert!(
        t.columns
            .values()
            .all(|c| c.inferred.as_ref().is_some_and(|e| !e.spans.is_empty()))
    );
}

#[test]
fn contradicting_uses_are_text() {
    let c = catalog(
        "CREATE OR REPLACE PROCEDURE p(p_day IN DATE, p_no IN NUMBER) IS
         BEGIN
           DELETE FROM t WHERE t.a = p_day;
           DELETE FROM t WHERE t.a = p_no;
         END;",
    );
    assert_eq!(ty(table(&c, "T"), "A"), DataType::Varchar { length: 4000 });
}

#[test]
fn keys_are_what_statements_rely_on() {
    let c = catalog(
        "CREATE TABLE pk (id NUMBER PRIMARY KEY, code VARCHAR2(5));
         CREATE TABLE child (x NUMBER REFERENCES parent (px));
         CREATE OR REPLACE PROCEDURE p(p_a IN NUMBER) IS
           v NUMBER;
         BEGIN
           MERGE INTO m USING src s ON (m.k1 = s.k1 AND m.k2 = s.k2)
            WHEN MATCHED THEN UPDATE SET m.v = s.v
            WHEN NOT MATCHED THEN INSERT (k1, k2, v) VALUES (s.k1, s.k2, s.v);
           MERGE INTO pk USING src s ON (pk.code = s.v) WHEN MATCHED THEN UPDATE SET pk.id = 1;
           UPDATE u SET x = 1 WHERE a = p_a AND b = 7;
           UPDATE w SET x = 1 WHERE a > p_a;
           SELECT y INTO v FROM l WHERE l.z = p_a;
           SELECT COUNT(*) INTO v FROM n WHERE n.z = p_a;
           INSERT INTO s (sk, x) VALUES (seq.NEXTVAL, 1);
           INSERT INTO customers (customer_id, x) VALUES (1, 2);
         END;",
    );
    assert_eq!(keys(table(&c, "M")), [["K1", "K2"]]);
    assert_eq!(keys(table(&c, "PK")), [["CODE"]], "MERGE relies on it");
    assert_eq!(keys(table(&c, "U")), [["A", "B"]]);
    assert!(keys(table(&c, "W")).is_empty());
    assert_eq!(keys(table(&c, "L")), [["Z"]]);
    assert!(
        keys(table(&c, "N")).is_empty(),
        "a count finds any number of rows"
    );
    assert_eq!(keys(table(&c, "S")), [["SK"]]);
    assert_eq!(keys(table(&c, "CUSTOMERS")), [["CUSTOMER_ID"]]);
}

#[test]
fn names_of_others_are_no_tables() {
    let c = catalog(
        "CREATE SYNONYM far FOR there@link;
         CREATE SYNONYM near FOR app.real;
         CREATE OR REPLACE PROCEDURE p IS
           n NUMBER;
         BEGIN
           WITH w AS (SELECT 1 a FROM dual) SELECT COUNT(*) INTO n FROM w WHERE EXISTS (SELECT 1 FROM w x);
           SELECT COUNT(*) INTO n FROM user_tables;
           SELECT COUNT(*) INTO n FROM v$session;
           SELECT COUNT(*) INTO n FROM t@link;
           SELECT COUNT(*) INTO n FROM far;
           SELECT COUNT(*) INTO n FROM near;
         END;",
    );
    let names: Vec<String> = c.tables.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["APP.REAL"]);
}

#[test]
fn the_row_that_a_query_fills_tells_all_columns() {
    let c = catalog(
        "CREATE OR REPLACE PROCEDURE p IS
           CURSOR c IS SELECT s.a one, s.b two, 'x' three FROM src s;
           TYPE rows_t IS TABLE OF tgt%ROWTYPE;
           l rows_t;
         BEGIN
           OPEN c;
           FETCH c BULK COLLECT INTO l LIMIT 100;
           FOR i IN 1 .. l.COUNT LOOP l(i).two := 5; END LOOP;
           FORALL i IN 1 .. l.COUNT INSERT INTO tgt VALUES l(i);
           INSERT INTO other SELECT s.a, s.b FROM src s;
           INSERT INTO other SELECT s.a, s.b, s.c FROM src s;
         END;",
    );
    let tgt = table(&c, "TGT");
    assert_eq!(columns(tgt), ["ONE", "TWO", "THREE"]);
    assert!(tgt.complete);
    assert!(!table(&c, "OTHER").complete, "two INSERTs disagree");
}

#[test]
fn a_column_that_the_definition_lacks_is_marked() {
    let c = catalog(
        "CREATE TABLE t (id NUMBER PRIMARY KEY);
         CREATE OR REPLACE PROCEDURE p IS
         BEGIN
           MERGE INTO t USING (SELECT 1 id FROM dual) s ON (t.id = s.id)
            WHEN NOT MATCHED THEN INSERT (id, added) VALUES (s.id, 'x');
         END;",
    );
    let t = table(&c, "T");
    assert!(t.complete && t.inferred.is_none());
    assert!(t.columns["ADDED"].inferred.is_some() && t.columns["ID"].inferred.is_none());
}
