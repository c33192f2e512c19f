//! The interpreter against PostgreSQL: queries and procedures converted by hand, on the same random data. Where the two
//! differ by design the difference is listed, and both sides are asserted.

use super::Case;
use crate::harness::{Live, ensure, failed};
use crate::postgres::Postgres;
use chrono::NaiveDate;
use ora2stream::catalog::build::{CatalogConfig, build};
use ora2stream::catalog::model::Catalog;
use ora2stream::prove::interp::{Estate, Limits, Machine};
use ora2stream::source::{SourceFile, SourceMap};
use ora2stream::syntax::{ParsedFile, parse_all};

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("prove::interpreter_agrees_with_postgresql", |_| agrees()),
        ("prove::differences_from_postgresql_by_design", |_| {
            differs()
        }),
    ]
}

const ORACLE_DDL: &str = "
CREATE TABLE customers (id NUMBER(10) PRIMARY KEY, name VARCHAR2(40) NOT NULL, region VARCHAR2(4) NOT NULL,
  credit NUMBER(12,2) NOT NULL, created DATE NOT NULL, manager NUMBER(10));
CREATE TABLE orders (id NUMBER(10) PRIMARY KEY, customer_id NUMBER(10) NOT NULL, ordered DATE NOT NULL,
  amount NUMBER(12,2) NOT NULL, channel VARCHAR2(8));
CREATE TABLE lines (order_id NUMBER(10), line_no NUMBER(4), product VARCHAR2(10) NOT NULL, qty NUMBER(9,3) NOT NULL,
  price NUMBER(12,2), CONSTRAINT lines_pk PRIMARY KEY (order_id, line_no));
CREATE TABLE totals (customer_id NUMBER(10) PRIMARY KEY, amount NUMBER(14,2), n NUMBER(10));
";

const POSTGRES_DDL: &str = "
CREATE TABLE customers (id numeric(10) PRIMARY KEY, name varchar(40) NOT NULL, region varchar(4) NOT NULL,
  credit numeric(12,2) NOT NULL, created timestamp NOT NULL, manager numeric(10));
CREATE TABLE orders (id numeric(10) PRIMARY KEY, customer_id numeric(10) NOT NULL, ordered timestamp NOT NULL,
  amount numeric(12,2) NOT NULL, channel varchar(8));
CREATE TABLE lines (order_id numeric(10), line_no numeric(4), product varchar(10) NOT NULL, qty numeric(9,3) NOT NULL,
  price numeric(12,2), PRIMARY KEY (order_id, line_no));
CREATE TABLE totals (customer_id numeric(10) PRIMARY KEY, amount numeric(14,2), n numeric(10));
";

/// Rows that both systems read: INSERT statements of their common dialect.
fn data(seed: u64) -> Vec<String> {
    let mut r = fastrand::Rng::with_seed(seed);
    let mut out = Vec::new();
    let moment = |r: &mut fastrand::Rng| {
        let (m, d) = (r.u32(1..=12), r.u32(1..=28));
        let (h, mi, s) = (r.u32(0..24), r.u32(0..60), r.u32(0..60));
        let text = format!("{}-{m:02}-{d:02} {h:02}:{mi:02}:{s:02}", r.u32(2022..=2024));
        format!("TO_TIMESTAMP('{text}', 'YYYY-MM-DD HH24:MI:SS')")
    };
    let names = [
        "abc", "Banana", "carol", "d", "x yz", "aa bb cc", "Zoe", "e1",
    ];
    let regions = ["N", "S", "E", "W"];
    let channels = ["'web'", "'shop'", "'phone'", "NULL"];
    for id in 1..=25 {
        let manager = match r.u32(0..4) {
            0 => "NULL".to_string(),
            _ if id == 1 => "NULL".to_string(),
            _ => r.u32(1..id).to_string(),
        };
        let (name, region) = (names[r.usize(0..8)], regions[r.usize(0..4)]);
        let credit = format!("{}.{:02}", r.i32(-200..400), r.u32(0..100));
        let created = moment(&mut r);
        out.push(format!(
            "INSERT INTO customers VALUES ({id}, '{name}', '{region}', {credit}, {created}, {manager})"
        ));
    }
    for id in 1..=80 {
        let customer = r.u32(1..=30);
        let amount = format!("{}.{:02}", r.u32(1..300), r.u32(0..100));
        let channel = channels[r.usize(0..4)];
        let ordered = moment(&mut r);
        out.push(format!(
            "INSERT INTO orders VALUES ({id}, {customer}, {ordered}, {amount}, {channel})"
        ));
        for line in 1..=r.u32(0..4) {
            let price = if r.u32(0..5) == 0 {
                "NULL".to_string()
            } else {
                format!("{}.{:02}", r.u32(0..50), r.u32(0..100))
            };
            out.push(format!(
                "INSERT INTO lines VALUES ({id}, {line}, 'p{}', {}.{:03}, {price})",
                r.u32(1..9),
                r.u32(1..10),
                r.u32(0..1000)
            ));
        }
    }
    out
}

/// What is compared: a query of one text column, the same for both or one each; or a procedure and a query after it.
enum Check {
    Same(&'static str, &'static str),
    Query(&'static str, &'static str, &'static str),
    Procedure(&'static str, &'static str, &'static str),
}

use Check::{Procedure, Query, Same};

/// What every procedure leaves behind.
const TOTALS: &str = "SELECT customer_id || ':' || COALESCE(TO_CHAR(amount, 'FM999999990.00'), '-') || ':' || COALESCE(n, 0) AS x FROM totals ORDER BY customer_id";

const CHECKS: &[Check] = &[
    Same(
        "filter and order",
        "SELECT id || ':' || name AS x FROM customers WHERE credit >= 100 AND region IN ('N', 'S') ORDER BY id",
    ),
    Same(
        "NOT of an unknown",
        "SELECT COUNT(*) || '' AS x FROM orders WHERE NOT (channel = 'web')",
    ),
    Same(
        "BETWEEN and LIKE",
        "SELECT id || '' AS x FROM customers WHERE name LIKE '%a%' AND credit BETWEEN -50 AND 150 ORDER BY id",
    ),
    Same(
        "GROUP BY and HAVING",
        "SELECT region || ':' || COUNT(*) || ':' || TO_CHAR(SUM(credit), 'FM999999990.00') AS x FROM customers GROUP BY region HAVING COUNT(*) > 2 ORDER BY region",
    ),
    Same(
        "aggregates skip NULLs",
        "SELECT COUNT(channel) || ':' || COUNT(DISTINCT channel) || ':' || MIN(channel) || ':' || MAX(channel) AS x FROM orders",
    ),
    Same(
        "average",
        "SELECT region || ':' || TO_CHAR(ROUND(AVG(credit), 4), 'FM999999990.0000') AS x FROM customers WHERE credit > 0 GROUP BY region ORDER BY region",
    ),
    Same(
        "aggregate over nothing",
        "SELECT COUNT(*) || ':' || COALESCE(SUM(amount), -1) AS x FROM orders WHERE id < 0",
    ),
    Same(
        "inner join",
        "SELECT o.id || ':' || c.name AS x FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.amount > 50 ORDER BY o.id",
    ),
    Same(
        "left join",
        "SELECT c.id || ':' || COALESCE(TO_CHAR(SUM(o.amount), 'FM999999990.00'), '-') AS x FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.channel = 'web' GROUP BY c.id ORDER BY c.id",
    ),
    Query(
        "(+)",
        "SELECT c.id || ':' || COALESCE(TO_CHAR(SUM(o.amount), 'FM999999990.00'), '-') AS x FROM customers c, orders o WHERE o.customer_id (+) = c.id AND o.channel (+) = 'shop' GROUP BY c.id ORDER BY c.id",
        "SELECT c.id || ':' || COALESCE(TO_CHAR(SUM(o.amount), 'FM999999990.00'), '-') AS x FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.channel = 'shop' GROUP BY c.id ORDER BY c.id",
    ),
    Same(
        "full join",
        "SELECT COALESCE(c.id, -1) || ':' || COALESCE(o.id, -1) AS x FROM customers c FULL JOIN orders o ON o.customer_id = c.id AND o.amount > 150 ORDER BY COALESCE(c.id, -1), COALESCE(o.id, -1)",
    ),
    Same(
        "three tables",
        "SELECT c.region || ':' || l.product || ':' || TO_CHAR(SUM(l.qty * COALESCE(l.price, 0)), 'FM999999990.00000') AS x FROM customers c JOIN orders o ON o.customer_id = c.id JOIN lines l ON l.order_id = o.id GROUP BY c.region, l.product ORDER BY c.region, l.product",
    ),
    Same(
        "NOT EXISTS",
        "SELECT id || '' AS x FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.channel IS NULL) ORDER BY id",
    ),
    Same(
        "NOT IN with NULLs",
        "SELECT COUNT(*) || '' AS x FROM customers WHERE id NOT IN (SELECT manager FROM customers)",
    ),
    Same(
        "scalar subquery",
        "SELECT c.id || ':' || COALESCE((SELECT MAX(o.id) FROM orders o WHERE o.customer_id = c.id), 0) AS x FROM customers c ORDER BY c.id",
    ),
    Same(
        "UNION",
        "SELECT region AS x FROM customers UNION SELECT channel FROM orders WHERE channel IS NOT NULL ORDER BY 1",
    ),
    Query(
        "MINUS",
        "SELECT x FROM (SELECT id || '' AS x FROM customers MINUS SELECT customer_id || '' FROM orders) ORDER BY x",
        "SELECT x FROM (SELECT id || '' AS x FROM customers EXCEPT SELECT customer_id || '' FROM orders) t ORDER BY x",
    ),
    Same(
        "INTERSECT",
        "SELECT id || '' AS x FROM customers INTERSECT SELECT customer_id || '' FROM orders ORDER BY 1",
    ),
    Same(
        "CASE",
        "SELECT id || ':' || CASE WHEN credit < 0 THEN 'neg' WHEN credit < 100 THEN 'low' ELSE 'high' END AS x FROM customers ORDER BY id",
    ),
    Query(
        "DECODE equates NULLs",
        "SELECT id || ':' || DECODE(channel, NULL, 'none', 'web', 'W', 'other') AS x FROM orders ORDER BY id",
        "SELECT id || ':' || CASE WHEN channel IS NULL THEN 'none' WHEN channel = 'web' THEN 'W' ELSE 'other' END AS x FROM orders ORDER BY id",
    ),
    Query(
        "NVL and NVL2",
        "SELECT id || ':' || NVL(channel, '?') || ':' || NVL2(channel, 1, 0) AS x FROM orders ORDER BY id",
        "SELECT id || ':' || COALESCE(channel, '?') || ':' || CASE WHEN channel IS NOT NULL THEN 1 ELSE 0 END AS x FROM orders ORDER BY id",
    ),
    Same(
        "ROUND and TRUNC",
        "SELECT id || ':' || TO_CHAR(ROUND(amount / 7, 3), 'FM999999990.000') || ':' || TO_CHAR(TRUNC(amount / 7, 2), 'FM999999990.00') AS x FROM orders ORDER BY id",
    ),
    Same(
        "MOD, SIGN, ABS, CEIL, FLOOR",
        "SELECT id || ':' || MOD(id, 7) || ':' || SIGN(credit) || ':' || ABS(MOD(-id, 5)) || ':' || CEIL(credit) || ':' || FLOOR(credit) AS x FROM customers ORDER BY id",
    ),
    Same(
        "texts",
        "SELECT UPPER(name) || ':' || SUBSTR(name, 2, 3) || ':' || LENGTH(name) || ':' || LPAD(name, 8, '*') || ':' || REPLACE(name, 'a', 'oo') || ':' || INITCAP(name) || ':' || LTRIM(name, 'ab') AS x FROM customers ORDER BY id",
    ),
    Query(
        "INSTR",
        "SELECT id || ':' || INSTR(name, 'a') AS x FROM customers ORDER BY id",
        "SELECT id || ':' || STRPOS(name, 'a') AS x FROM customers ORDER BY id",
    ),
    Same(
        "TRANSLATE",
        "SELECT id || ':' || TRANSLATE(name, 'abc', 'xy') AS x FROM customers WHERE name <> 'abc' ORDER BY id",
    ),
    Query(
        "REGEXP_REPLACE",
        "SELECT id || ':' || REGEXP_REPLACE(name, '[aeiou]', '-') AS x FROM customers ORDER BY id",
        "SELECT id || ':' || REGEXP_REPLACE(name, '[aeiou]', '-', 'g') AS x FROM customers ORDER BY id",
    ),
    Query(
        "months",
        "SELECT TO_CHAR(TRUNC(ordered, 'MM'), 'YYYY-MM-DD') || ':' || COUNT(*) AS x FROM orders GROUP BY TRUNC(ordered, 'MM') ORDER BY TRUNC(ordered, 'MM')",
        "SELECT TO_CHAR(DATE_TRUNC('month', ordered), 'YYYY-MM-DD') || ':' || COUNT(*) AS x FROM orders GROUP BY DATE_TRUNC('month', ordered) ORDER BY DATE_TRUNC('month', ordered)",
    ),
    Query(
        "quarters and ISO weeks",
        "SELECT id || ':' || TO_CHAR(TRUNC(ordered, 'Q'), 'YYYY-MM-DD') || ':' || TO_CHAR(TRUNC(ordered, 'IW'), 'YYYY-MM-DD') || ':' || TO_CHAR(ordered, 'Q') AS x FROM orders ORDER BY id",
        "SELECT id || ':' || TO_CHAR(DATE_TRUNC('quarter', ordered), 'YYYY-MM-DD') || ':' || TO_CHAR(DATE_TRUNC('week', ordered), 'YYYY-MM-DD') || ':' || TO_CHAR(ordered, 'Q') AS x FROM orders ORDER BY id",
    ),
    Query(
        "days are added",
        "SELECT id || ':' || TO_CHAR(ordered + 1.5, 'YYYY-MM-DD HH24:MI:SS') AS x FROM orders ORDER BY id",
        "SELECT id || ':' || TO_CHAR(ordered + INTERVAL '36 hours', 'YYYY-MM-DD HH24:MI:SS') AS x FROM orders ORDER BY id",
    ),
    Query(
        "months are added",
        "SELECT id || ':' || TO_CHAR(ADD_MONTHS(ordered, -13), 'YYYY-MM-DD') || ':' || TO_CHAR(LAST_DAY(ordered), 'DD') AS x FROM orders WHERE EXTRACT(DAY FROM ordered) < 28 ORDER BY id",
        "SELECT id || ':' || TO_CHAR(ordered - INTERVAL '13 months', 'YYYY-MM-DD') || ':' || TO_CHAR(DATE_TRUNC('month', ordered) + INTERVAL '1 month - 1 day', 'DD') AS x FROM orders WHERE EXTRACT(DAY FROM ordered) < 28 ORDER BY id",
    ),
    Query(
        "differences of dates",
        "SELECT o.id || ':' || ROUND((o.ordered - c.created) * 24) AS x FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id",
        "SELECT o.id || ':' || ROUND(EXTRACT(EPOCH FROM o.ordered - c.created) / 3600) AS x FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id",
    ),
    Same(
        "EXTRACT",
        "SELECT id || ':' || EXTRACT(YEAR FROM ordered) || ':' || EXTRACT(MONTH FROM ordered) AS x FROM orders ORDER BY id",
    ),
    Same(
        "ranks",
        "SELECT id || ':' || ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC, id) || ':' || RANK() OVER (ORDER BY channel) || ':' || DENSE_RANK() OVER (ORDER BY channel) AS x FROM orders ORDER BY id",
    ),
    Same(
        "running totals, LAG and LEAD",
        "SELECT id || ':' || TO_CHAR(SUM(amount) OVER (PARTITION BY customer_id ORDER BY ordered, id), 'FM999999990.00') || ':' || LAG(id, 1, 0) OVER (PARTITION BY customer_id ORDER BY ordered, id) || ':' || LEAD(id, 2, 0) OVER (ORDER BY id) AS x FROM orders ORDER BY id",
    ),
    Same(
        "peers of a frame",
        "SELECT id || ':' || COUNT(*) OVER (ORDER BY channel) || ':' || MAX(id) OVER (PARTITION BY channel) AS x FROM orders WHERE channel IS NOT NULL ORDER BY id",
    ),
    Query(
        "LISTAGG",
        "SELECT region || ':' || LISTAGG(name, ',') WITHIN GROUP (ORDER BY id DESC) AS x FROM customers GROUP BY region ORDER BY region",
        "SELECT region || ':' || STRING_AGG(name, ',' ORDER BY id DESC) AS x FROM customers GROUP BY region ORDER BY region",
    ),
    Query(
        "CONNECT BY",
        "SELECT id || ':' || LEVEL AS x FROM customers START WITH manager IS NULL CONNECT BY PRIOR id = manager ORDER BY id",
        "WITH RECURSIVE t AS (SELECT id, 1 AS l FROM customers WHERE manager IS NULL UNION ALL SELECT c.id, t.l + 1 FROM customers c JOIN t ON c.manager = t.id) SELECT id || ':' || l AS x FROM t ORDER BY id",
    ),
    Same(
        "ROLLUP",
        "SELECT COALESCE(region, '*') || ':' || COUNT(*) || ':' || GROUPING(region) AS x FROM customers GROUP BY ROLLUP(region) ORDER BY region",
    ),
    Same(
        "first rows",
        "SELECT id || '' AS x FROM orders ORDER BY amount DESC, id FETCH FIRST 5 ROWS ONLY",
    ),
    Same(
        "WITH",
        "WITH t AS (SELECT customer_id, SUM(amount) AS a FROM orders GROUP BY customer_id) SELECT t.customer_id || ':' || TO_CHAR(t.a, 'FM999999990.00') AS x FROM t WHERE t.a > (SELECT AVG(a) FROM t) ORDER BY t.customer_id",
    ),
    Same(
        "NULLs last, then first",
        "SELECT COALESCE(channel, '-') || id AS x FROM orders WHERE id < 20 ORDER BY channel, id DESC",
    ),
    Procedure(
        "a cursor loop that updates or inserts",
        "BEGIN FOR r IN (SELECT customer_id, amount FROM orders ORDER BY id) LOOP UPDATE totals SET amount = amount + r.amount, n = n + 1 WHERE customer_id = r.customer_id; IF SQL%ROWCOUNT = 0 THEN INSERT INTO totals VALUES (r.customer_id, r.amount, 1); END IF; END LOOP; END;",
        "DO $$ DECLARE r record; k integer; BEGIN FOR r IN (SELECT customer_id, amount FROM orders ORDER BY id) LOOP UPDATE totals SET amount = amount + r.amount, n = n + 1 WHERE customer_id = r.customer_id; GET DIAGNOSTICS k = ROW_COUNT; IF k = 0 THEN INSERT INTO totals VALUES (r.customer_id, r.amount, 1); END IF; END LOOP; END $$",
    ),
    Procedure(
        "MERGE",
        "BEGIN INSERT INTO totals SELECT id, 0, 0 FROM customers WHERE MOD(id, 2) = 0; MERGE INTO totals t USING (SELECT customer_id, SUM(amount) a, COUNT(*) n FROM orders GROUP BY customer_id) s ON (t.customer_id = s.customer_id) WHEN MATCHED THEN UPDATE SET t.amount = s.a, t.n = s.n WHEN NOT MATCHED THEN INSERT (customer_id, amount, n) VALUES (s.customer_id, -s.a, s.n); END;",
        "INSERT INTO totals SELECT id, 0, 0 FROM customers WHERE MOD(id, 2) = 0; MERGE INTO totals t USING (SELECT customer_id, SUM(amount) a, COUNT(*) n FROM orders GROUP BY customer_id) s ON (t.customer_id = s.customer_id) WHEN MATCHED THEN UPDATE SET amount = s.a, n = s.n WHEN NOT MATCHED THEN INSERT (customer_id, amount, n) VALUES (s.customer_id, -s.a, s.n)",
    ),
    Procedure(
        "exceptions and lookups",
        "DECLARE v customers.credit%TYPE; BEGIN FOR i IN 1 .. 30 LOOP BEGIN SELECT credit INTO v FROM customers WHERE id = i; INSERT INTO totals VALUES (i, v, 1); EXCEPTION WHEN NO_DATA_FOUND THEN INSERT INTO totals VALUES (i, NULL, 0); END; BEGIN INSERT INTO totals VALUES (i, 9, 9); EXCEPTION WHEN DUP_VAL_ON_INDEX THEN UPDATE totals SET n = n + 10 WHERE customer_id = i; END; END LOOP; END;",
        "DO $$ DECLARE v numeric; BEGIN FOR i IN 1 .. 30 LOOP BEGIN SELECT credit INTO STRICT v FROM customers WHERE id = i; INSERT INTO totals VALUES (i, v, 1); EXCEPTION WHEN no_data_found THEN INSERT INTO totals VALUES (i, NULL, 0); END; BEGIN INSERT INTO totals VALUES (i, 9, 9); EXCEPTION WHEN unique_violation THEN UPDATE totals SET n = n + 10 WHERE customer_id = i; END; END LOOP; END $$",
    ),
    Procedure(
        "a running balance that stops",
        "DECLARE v NUMBER := 0; k NUMBER := 0; BEGIN FOR r IN (SELECT id, amount FROM orders ORDER BY ordered, id) LOOP v := v + r.amount; k := k + 1; EXIT WHEN v > 5000; CONTINUE WHEN MOD(k, 3) = 0; INSERT INTO totals VALUES (r.id, v, k); END LOOP; END;",
        "DO $$ DECLARE v numeric := 0; k numeric := 0; r record; BEGIN FOR r IN (SELECT id, amount FROM orders ORDER BY ordered, id) LOOP v := v + r.amount; k := k + 1; EXIT WHEN v > 5000; CONTINUE WHEN MOD(k, 3) = 0; INSERT INTO totals VALUES (r.id, v, k); END LOOP; END $$",
    ),
    Procedure(
        "an explicit cursor and arrays",
        "DECLARE CURSOR c IS SELECT customer_id, amount FROM orders WHERE channel = 'web' ORDER BY id; TYPE t IS TABLE OF NUMBER INDEX BY PLS_INTEGER; a t; i PLS_INTEGER; r c%ROWTYPE; BEGIN OPEN c; LOOP FETCH c INTO r; EXIT WHEN c%NOTFOUND; IF a.EXISTS(r.customer_id) THEN a(r.customer_id) := a(r.customer_id) + r.amount; ELSE a(r.customer_id) := r.amount; END IF; END LOOP; CLOSE c; i := a.FIRST; WHILE i IS NOT NULL LOOP INSERT INTO totals VALUES (i, a(i), a.COUNT); i := a.NEXT(i); END LOOP; END;",
        "DO $$ DECLARE c CURSOR FOR SELECT customer_id, amount FROM orders WHERE channel = 'web' ORDER BY id; a numeric[] := array_fill(NULL::numeric, ARRAY[40]); r record; k integer; BEGIN FOR r IN c LOOP a[r.customer_id::int] := COALESCE(a[r.customer_id::int], 0) + r.amount; END LOOP; SELECT COUNT(*) INTO k FROM unnest(a) v WHERE v IS NOT NULL; FOR i IN 1 .. 40 LOOP IF a[i] IS NOT NULL THEN INSERT INTO totals VALUES (i, a[i], k); END IF; END LOOP; END $$",
    ),
    Procedure(
        "BULK COLLECT and FORALL",
        "DECLARE TYPE t IS TABLE OF NUMBER; ids t; sums t; BEGIN SELECT customer_id, SUM(amount) BULK COLLECT INTO ids, sums FROM orders GROUP BY customer_id; FORALL i IN 1 .. ids.COUNT INSERT INTO totals VALUES (ids(i), sums(i), 1); FORALL i IN 1 .. ids.COUNT DELETE FROM totals WHERE customer_id = ids(i) AND sums(i) < 300; END;",
        "INSERT INTO totals SELECT customer_id, SUM(amount), 1 FROM orders GROUP BY customer_id; DELETE FROM totals WHERE amount < 300",
    ),
    Procedure(
        "an UPDATE from other tables",
        "BEGIN INSERT INTO totals SELECT id, NULL, 0 FROM customers; UPDATE totals t SET (amount, n) = (SELECT SUM(o.amount), COUNT(*) FROM orders o WHERE o.customer_id = t.customer_id) WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = t.customer_id AND o.channel IS NOT NULL); DELETE FROM totals WHERE n = 1; END;",
        "INSERT INTO totals SELECT id, NULL, 0 FROM customers; UPDATE totals t SET (amount, n) = (SELECT SUM(o.amount), COUNT(*) FROM orders o WHERE o.customer_id = t.customer_id) WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = t.customer_id AND o.channel IS NOT NULL); DELETE FROM totals WHERE n = 1",
    ),
];

/// What differs by design: an expression, Oracle's value, PostgreSQL's.
const DIFFERENCES: &[(&str, &str, &str, &str)] = &[
    (
        "'' is NULL",
        "CASE WHEN '' IS NULL THEN 'null' ELSE 'empty' END",
        "null",
        "empty",
    ),
    ("NULL in ||", "'a' || NULL", "a", "<NULL>"),
    ("whole numbers divide exactly", "(1/2) || ''", ".5", "0"),
    (
        "no zero before the point",
        "TO_CHAR(0.5) || ''",
        ".5",
        "(no such call)",
    ),
    (
        "GREATEST with a NULL",
        "COALESCE(TO_CHAR(GREATEST(1, CAST(NULL AS NUMERIC)), 'FM9'), 'null')",
        "null",
        "1",
    ),
    (
        "the last day of a month stays the last",
        "TO_CHAR(ADD_MONTHS(DATE '2024-02-29', 1), 'MM-DD')",
        "03-31",
        "(no such call)",
    ),
    (
        "a DATE has a time",
        "TO_CHAR(TO_DATE('2024-01-01 10', 'YYYY-MM-DD HH24'), 'HH24')",
        "10",
        "00",
    ),
    (
        "LENGTH of nothing",
        "COALESCE(LENGTH(''), -1) || ''",
        "-1",
        "0",
    ),
];

struct World {
    map: SourceMap,
    files: Vec<ParsedFile>,
    catalog: Catalog,
}

fn world() -> World {
    let mut map = SourceMap::default();
    map.add(SourceFile::from_text("ddl.sql", ORACLE_DDL));
    let files = parse_all(&map);
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

impl World {
    fn machine(&self) -> Live<Machine<'_>> {
        let est = Estate {
            map: &self.map,
            files: &self.files,
            catalog: &self.catalog,
        };
        let clock = NaiveDate::from_ymd_opt(2024, 3, 5).and_then(|d| d.and_hms_opt(1, 0, 0));
        let clock = clock.ok_or_else(|| failed("a date"))?;
        Ok(Machine::new(est, Limits::default(), clock))
    }
}

fn block(m: &mut Machine<'_>, text: &str) -> Live<()> {
    m.run_text(text, "S")
        .map_err(|stop| failed(format!("{text}\n{stop:?}")))
}

/// The rows of a query with one text column.
fn rows(m: &mut Machine<'_>, query: &str) -> Live<Vec<String>> {
    m.output.clear();
    let text = format!(
        "BEGIN FOR r IN ({query}) LOOP dbms_output.put_line(NVL(r.x, '<NULL>')); END LOOP; END;"
    );
    block(m, &text)?;
    Ok(std::mem::take(&mut m.output))
}

fn agrees() -> Live<()> {
    let server = Postgres::start()?;
    let mut wrong = Vec::new();
    for seed in 1..=3 {
        let data = data(seed);
        let all = data.join(";\n");
        server.lines(&format!(
            "DROP TABLE IF EXISTS customers, orders, lines, totals;{POSTGRES_DDL}{all};"
        ))?;
        let world = world();
        let mut m = world.machine()?;
        block(&mut m, &format!("BEGIN\n{all};\nCOMMIT;\nEND;"))?;
        for check in CHECKS {
            let (name, ours, theirs) = match check {
                Same(name, both) => (name, rows(&mut m, both)?, server.lines(both)?),
                Query(name, oracle, postgres) => {
                    (name, rows(&mut m, oracle)?, server.lines(postgres)?)
                }
                Procedure(name, oracle, postgres) => {
                    block(&mut m, &format!("BEGIN DELETE FROM totals; {oracle} END;"))?;
                    let both = format!("DELETE FROM totals;\n{postgres};\n{TOTALS}");
                    (name, rows(&mut m, TOTALS)?, server.lines(&both)?)
                }
            };
            if ours != theirs || (seed == 1 && ours.is_empty()) {
                let differ = ours.iter().zip(&theirs).find(|(a, b)| a != b);
                wrong.push(format!(
                    "{name} (seed {seed}): {} rows, {} rows, first difference {differ:?}",
                    ours.len(),
                    theirs.len()
                ));
            }
        }
    }
    ensure(wrong.is_empty(), || wrong.join("\n"))?;
    eprintln!("live: {} queries and procedures agree", CHECKS.len());
    Ok(())
}

fn differs() -> Live<()> {
    let server = Postgres::start()?;
    let world = world();
    let mut m = world.machine()?;
    for (name, expression, ours, theirs) in DIFFERENCES {
        let found = rows(&mut m, &format!("SELECT {expression} AS x FROM dual"))?;
        ensure(found == [*ours], || {
            format!("{name}: {found:?}, not {ours}")
        })?;
        let found = match server.lines(&format!("SELECT {expression} AS x")) {
            Ok(lines) => lines.join("\n"),
            Err(_) => "(no such call)".to_string(),
        };
        ensure(found == *theirs, || {
            format!("{name}: PostgreSQL says {found}, not {theirs}")
        })?;
    }
    Ok(())
}
