//! What the interpreter does, shown by what code prints and by the rows it leaves.

use chrono::NaiveDate;

use super::{Estate, Limits, Machine, Stop, Why};
use crate::catalog::build::{CatalogConfig, build};
use crate::catalog::model::Catalog;
use crate::source::{SourceFile, SourceMap};
use crate::syntax::{ParsedFile, parse_all};

struct World {
    map: SourceMap,
    files: Vec<ParsedFile>,
    catalog: Catalog,
}

fn world(ddl: &str) -> World {
    let mut map = SourceMap::default();
    map.add(SourceFile::from_text("estate.sql", ddl));
    let files = parse_all(&map);
    for unit in files.iter().flat_map(|f| &f.units) {
        assert!(unit.errors.is_empty(), "{:?}", unit.errors);
    }
    let config = CatalogConfig {
        schemas: vec!["S".into()],
        entry_points: Vec::new(),
        schedule_files: Vec::new(),
    };
    let catalog = build(&map, &files, &[], &config);
    World {
        map,
        files,
        catalog,
    }
}

fn machine(w: &World, limits: Limits) -> Machine<'_> {
    let est = Estate {
        map: &w.map,
        files: &w.files,
        catalog: &w.catalog,
    };
    let clock = NaiveDate::from_ymd_opt(2024, 3, 5)
        .and_then(|d| d.and_hms_opt(1, 30, 0))
        .expect("a date");
    Machine::new(est, limits, clock)
}

/// Runs a block over an estate and gives what it printed.
fn prints(ddl: &str, code: &str) -> Vec<String> {
    let w = world(ddl);
    let mut m = machine(&w, Limits::default());
    m.run_text(code, "S")
        .unwrap_or_else(|stop| panic!("{stop:?}\n{code}"));
    m.output
}

fn fails(ddl: &str, code: &str) -> Stop {
    let w = world(ddl);
    let mut m = machine(&w, Limits::default());
    m.run_text(code, "S").expect_err("an error")
}

#[track_caller]
fn shows(ddl: &str, code: &str, wanted: &[&str]) {
    assert_eq!(prints(ddl, code), wanted, "{code}");
}

const T: &str = "CREATE TABLE s.t (id NUMBER(6) NOT NULL, name VARCHAR2(10), grp CHAR(3), amount NUMBER(8,2), d DATE,
  CONSTRAINT t_pk PRIMARY KEY (id), CONSTRAINT t_ck CHECK (amount >= 0));
CREATE SEQUENCE s.seq;";

const FILL: &str = "INSERT INTO t VALUES (1, 'one', 'a', 10, DATE '2024-01-31');
INSERT INTO t VALUES (2, 'two', 'a', 20.505, DATE '2024-02-29');
INSERT INTO t VALUES (3, NULL, 'b', NULL, NULL);
INSERT INTO t VALUES (4, 'four', 'b', 5, DATE '2024-01-01');";

#[test]
fn values_and_control() {
    shows(
        "",
        "DECLARE n NUMBER := 1/3; v VARCHAR2(10); TYPE tab IS TABLE OF NUMBER INDEX BY PLS_INTEGER; t tab;
           PROCEDURE twice(p IN OUT NUMBER) IS BEGIN p := p * 2; END;
         BEGIN
           dbms_output.put_line(n * 3);
           dbms_output.put_line('[' || '' || NULL || 'x' || ']');
           IF v IS NULL AND NOT (v = 'a') IS NULL THEN dbms_output.put_line('null'); ELSE dbms_output.put_line('odd'); END IF;
           FOR i IN REVERSE 1 .. 3 LOOP t(i * 10) := i; END LOOP;
           dbms_output.put_line(t.COUNT || ' ' || t.FIRST || ' ' || t.NEXT(10) || ' ' || t.LAST);
           n := 21; twice(n); dbms_output.put_line(n);
           CASE n WHEN 42 THEN dbms_output.put_line('yes'); ELSE NULL; END CASE;
           WHILE n > 40 LOOP n := n - 1; CONTINUE WHEN n = 41; EXIT; END LOOP;
           dbms_output.put_line(n);
           dbms_output.put_line(TO_CHAR(DATE '2024-02-29' + 1, 'YYYY-MM-DD') || ' ' || TO_CHAR(SYSDATE, 'HH24:MI'));
         END;"
            .replace("NOT (v = 'a') IS NULL", "(v = 'a') IS NULL")
            .as_str(),
        &[".9999999999999999999999999999999999999999", "[x]", "null", "3 10 20 30", "42", "yes", "40", "2024-03-01 01:30"],
    );
}

#[test]
fn queries() {
    let q = |sql: &str| {
        let code =
            format!("BEGIN {FILL} FOR r IN ({sql}) LOOP dbms_output.put_line(r.x); END LOOP; END;");
        prints(T, &code)
    };
    assert_eq!(
        q("SELECT id || name AS x FROM t WHERE amount > 5 ORDER BY id DESC"),
        ["2two", "1one"]
    );
    assert_eq!(
        q(
            "SELECT grp || ':' || COUNT(*) || ':' || COUNT(amount) || ':' || SUM(amount) AS x FROM t GROUP BY grp ORDER BY grp"
        ),
        ["a  :2:2:30.51", "b  :2:1:5"]
    );
    assert_eq!(
        q("SELECT COUNT(*) || NVL(TO_CHAR(MAX(amount)), '-') AS x FROM t WHERE id > 99"),
        ["0-"]
    );
    assert_eq!(
        q(
            "SELECT a.id || '-' || b.id AS x FROM t a, t b WHERE a.id = b.id (+) + 2 AND b.grp (+) = 'a' ORDER BY a.id"
        ),
        ["1-", "2-", "3-1", "4-2"]
    );
    assert_eq!(
        q(
            "SELECT a.id || '-' || b.id AS x FROM t a FULL JOIN t b ON a.id = b.id + 3 ORDER BY a.id, b.id"
        ),
        ["1-", "2-", "3-", "4-1", "-2", "-3", "-4"]
    );
    assert_eq!(
        q(
            "SELECT id AS x FROM t WHERE grp = 'a' AND EXISTS (SELECT 1 FROM t u WHERE u.id = t.id + 1)"
        ),
        ["1", "2"]
    );
    assert_eq!(
        q("SELECT id AS x FROM t WHERE name NOT IN (SELECT name FROM t)"),
        Vec::<String>::new()
    );
    assert_eq!(
        q("SELECT LEVEL AS x FROM dual CONNECT BY LEVEL <= 3"),
        ["1", "2", "3"]
    );
    assert_eq!(
        q(
            "SELECT id || SYS_CONNECT_BY_PATH(id, '/') || LEVEL AS x FROM t START WITH id = 1 CONNECT BY PRIOR id = id - 1 AND id < 4"
        ),
        ["1/11", "2/1/22", "3/1/2/33"]
    );
    assert_eq!(
        q(
            "SELECT id || ROW_NUMBER() OVER (PARTITION BY grp ORDER BY amount DESC NULLS LAST) AS x FROM t ORDER BY id"
        ),
        ["12", "21", "32", "41"]
    );
    assert_eq!(
        q(
            "SELECT id || ':' || SUM(amount) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS x FROM t ORDER BY id"
        ),
        ["1:10", "2:30.51", "3:20.51", "4:5"]
    );
    assert_eq!(
        q("SELECT grp || SUM(id) AS x FROM t GROUP BY ROLLUP(grp) ORDER BY grp NULLS LAST"),
        ["a  3", "b  7", "10"]
    );
    assert_eq!(
        q("SELECT id AS x FROM t WHERE ROWNUM <= 2 ORDER BY id DESC"),
        ["2", "1"]
    );
    assert_eq!(
        q("SELECT x FROM (SELECT id AS x FROM t ORDER BY id DESC) WHERE ROWNUM = 1"),
        ["4"]
    );
    assert_eq!(
        q("SELECT id AS x FROM t MINUS SELECT 2 FROM dual ORDER BY 1"),
        ["1", "3", "4"]
    );
    assert_eq!(
        q("SELECT LISTAGG(id, ',') WITHIN GROUP (ORDER BY id DESC) AS x FROM t"),
        ["4,3,2,1"]
    );
    assert_eq!(
        q("SELECT MAX(name) KEEP (DENSE_RANK FIRST ORDER BY amount) AS x FROM t"),
        ["four"]
    );
    assert_eq!(
        q(
            "WITH n(i) AS (SELECT 1 FROM dual UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT i AS x FROM n"
        ),
        ["1", "2", "3", "4"]
    );
    assert_eq!(
        q(
            "SELECT \"'a'\" || '/' || \"'b'\" AS x FROM (SELECT id, grp FROM t) PIVOT (COUNT(id) FOR grp IN ('a', 'b'))"
        ),
        ["2/2"]
    );
    assert_eq!(
        q("SELECT DECODE(name, NULL, 'none', 'one', 'eins', name) AS x FROM t ORDER BY id"),
        ["eins", "two", "none", "four"]
    );
    assert_eq!(
        q("SELECT id AS x FROM t ORDER BY amount, id FETCH FIRST 2 ROWS ONLY"),
        ["4", "1"]
    );
}

#[test]
fn changes_and_constraints() {
    shows(
        T,
        &format!(
            "BEGIN {FILL}
             UPDATE t SET amount = amount * 2 WHERE grp = 'a'; dbms_output.put_line(SQL%ROWCOUNT);
             BEGIN INSERT INTO t (id) VALUES (1); EXCEPTION WHEN DUP_VAL_ON_INDEX THEN dbms_output.put_line(SQLCODE); END;
             BEGIN UPDATE t SET amount = -1; EXCEPTION WHEN OTHERS THEN dbms_output.put_line(SQLCODE); END;
             BEGIN INSERT INTO t (id, name) VALUES (9, 'much too long'); EXCEPTION WHEN OTHERS THEN dbms_output.put_line(SQLCODE); END;
             UPDATE t SET id = id + 1; dbms_output.put_line(SQL%ROWCOUNT);
             MERGE INTO t USING (SELECT 2 AS k, 'zwei' AS n FROM dual UNION ALL SELECT 77, 'neu' FROM dual) s ON (t.id = s.k)
               WHEN MATCHED THEN UPDATE SET t.name = s.n DELETE WHERE t.name = 'x'
               WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.k, s.n);
             FOR r IN (SELECT id, name, amount FROM t ORDER BY id) LOOP dbms_output.put_line(r.id || r.name || r.amount); END LOOP;
             SAVEPOINT a; DELETE FROM t; ROLLBACK TO a;
             SELECT COUNT(*) INTO :x FROM t;
           END;"
        )
        .replace("SELECT COUNT(*) INTO :x FROM t;", "DECLARE n NUMBER; BEGIN SELECT COUNT(*) INTO n FROM t; dbms_output.put_line(n); END;"),
        &["2", "-1", "-2290", "-12899", "4", "2zwei20", "3two41.02", "4", "5four5", "77neu", "5"],
    );
}

#[test]
fn cursors_and_bulk() {
    shows(
        T,
        &format!(
            "DECLARE CURSOR c(p VARCHAR2) IS SELECT id, amount FROM t WHERE grp = p ORDER BY id;
               r c%ROWTYPE; TYPE ids IS TABLE OF t.id%TYPE; v ids; e EXCEPTION; PRAGMA EXCEPTION_INIT(e, -24381);
               rc SYS_REFCURSOR; n NUMBER;
             BEGIN {FILL}
               OPEN c('a  '); LOOP FETCH c INTO r; EXIT WHEN c%NOTFOUND; dbms_output.put_line(r.id); END LOOP;
               dbms_output.put_line(c%ROWCOUNT); CLOSE c;
               SELECT id BULK COLLECT INTO v FROM t ORDER BY id;
               BEGIN
                 FORALL i IN 1 .. v.COUNT SAVE EXCEPTIONS INSERT INTO t (id, amount) VALUES (v(i) + 3, v(i) - 2);
               EXCEPTION WHEN e THEN
                 FOR j IN 1 .. SQL%BULK_EXCEPTIONS.COUNT LOOP
                   dbms_output.put_line(SQL%BULK_EXCEPTIONS(j).ERROR_INDEX || ' ' || SQL%BULK_EXCEPTIONS(j).ERROR_CODE);
                 END LOOP;
               END;
               OPEN rc FOR 'SELECT COUNT(*) FROM t WHERE id > :1' USING 4; FETCH rc INTO n; CLOSE rc; dbms_output.put_line(n);
               EXECUTE IMMEDIATE 'UPDATE t SET name = :n WHERE id = :i' USING 'dyn', 1; dbms_output.put_line(SQL%ROWCOUNT);
               EXECUTE IMMEDIATE 'SELECT name FROM t WHERE id = 1' INTO r.amount;
             EXCEPTION WHEN VALUE_ERROR THEN dbms_output.put_line('value');
             END;"
        ),
        &["1", "2", "2", "1 2290", "3", "1", "value"],
    );
}

#[test]
fn packages_and_transactions() {
    let ddl = format!(
        "{T}
CREATE TABLE s.log (id NUMBER PRIMARY KEY, text VARCHAR2(100));
CREATE OR REPLACE PACKAGE s.p AS g NUMBER := 5; PROCEDURE note(m VARCHAR2); FUNCTION f(x NUMBER) RETURN NUMBER; FUNCTION f(x VARCHAR2) RETURN VARCHAR2;
  PROCEDURE work(k NUMBER DEFAULT 7); END p;
/
CREATE OR REPLACE PACKAGE BODY s.p AS
  hidden NUMBER;
  PROCEDURE note(m VARCHAR2) IS PRAGMA AUTONOMOUS_TRANSACTION; BEGIN INSERT INTO log VALUES (seq.NEXTVAL, m); COMMIT; END;
  FUNCTION f(x NUMBER) RETURN NUMBER IS BEGIN RETURN x + g + hidden; END;
  FUNCTION f(x VARCHAR2) RETURN VARCHAR2 IS BEGIN RETURN '<' || x || '>'; END;
  PROCEDURE work(k NUMBER DEFAULT 7) IS BEGIN INSERT INTO t (id) VALUES (k); note('did ' || k); RAISE_APPLICATION_ERROR(-20001, 'stop'); END;
BEGIN hidden := 100; END p;
/
CREATE OR REPLACE TRIGGER s.tr BEFORE INSERT ON s.t FOR EACH ROW WHEN (new.name IS NULL) BEGIN :new.name := 'trig'; END;
/"
    );
    shows(
        &ddl,
        "BEGIN
           dbms_output.put_line(p.f(1)); dbms_output.put_line(p.f('a')); p.g := 6; dbms_output.put_line(p.f(1));
           BEGIN p.work; EXCEPTION WHEN OTHERS THEN dbms_output.put_line(SQLERRM); ROLLBACK; END;
           FOR r IN (SELECT text FROM log) LOOP dbms_output.put_line(r.text); END LOOP;
           INSERT INTO t (id) VALUES (1);
           FOR r IN (SELECT id, name FROM t) LOOP dbms_output.put_line(r.id || r.name); END LOOP;
         END;",
        &["106", "<a>", "107", "ORA-20001: stop", "did 7", "1trig"],
    );
}

#[test]
fn errors_have_oracles_codes() {
    let code = |stop: Stop| match stop {
        Stop::Raise(e) => e.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        code(fails(
            T,
            "DECLARE n NUMBER; BEGIN SELECT id INTO n FROM t; END;"
        )),
        100
    );
    assert_eq!(
        code(fails("", "DECLARE n NUMBER; BEGIN n := 1 / 0; END;")),
        -1476
    );
    assert_eq!(
        code(fails("", "DECLARE n NUMBER(2); BEGIN n := 100; END;")),
        -6502
    );
    assert_eq!(
        code(fails("", "DECLARE n NUMBER; BEGIN n := 'x'; END;")),
        -6502
    );
    assert_eq!(
        code(fails("", "BEGIN CASE 1 WHEN 2 THEN NULL; END CASE; END;")),
        -6592
    );
}

#[test]
fn what_goes_too_far_is_refused() {
    let why = |ddl: &str, code: &str, limits: Limits| {
        let w = world(ddl);
        let mut m = machine(&w, limits);
        match m.run_text(code, "S") {
            Err(Stop::Refuse(r)) => r.why,
            other => panic!("{other:?}"),
        }
    };
    let small = Limits {
        fuel: 100_000,
        memory: 1 << 22,
        depth: 200,
    };
    assert_eq!(why("", "BEGIN LOOP NULL; END LOOP; END;", small), Why::Fuel);
    assert_eq!(
        why(
            "",
            "DECLARE PROCEDURE r IS BEGIN r; END; BEGIN r; END;",
            small
        ),
        Why::Depth
    );
    let cross = "SELECT COUNT(*) INTO n FROM (SELECT LEVEL l FROM dual CONNECT BY LEVEL < 1000) a, (SELECT LEVEL l FROM dual CONNECT BY LEVEL < 1000) b, (SELECT LEVEL l FROM dual CONNECT BY LEVEL < 1000) c;";
    assert_eq!(
        why("", &format!("DECLARE n NUMBER; BEGIN {cross} END;"), small),
        Why::Fuel
    );
    assert_eq!(
        why(
            "",
            "DECLARE c CLOB := 'x'; BEGIN FOR i IN 1 .. 40 LOOP c := c || c; END LOOP; END;",
            small
        ),
        Why::Memory
    );
    assert_eq!(why("", "BEGIN nobody.knows(1); END;", small), Why::Missing);
    assert_eq!(
        why(
            "",
            "DECLARE n NUMBER; BEGIN SELECT 1 INTO n FROM nowhere; END;",
            small
        ),
        Why::Missing
    );
}
