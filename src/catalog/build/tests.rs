#![cfg(test)]

use super::{AuxText, CatalogConfig, build};
use crate::catalog::model::{Bound, Catalog, JobOrigin, Resolved, TableKind};
use crate::diag::Code;
use crate::rel::{DataType, TableName};
use crate::source::{SourceFile, SourceMap};

/// The catalogue of some files; a name with `.sql` is source, others are auxiliary.
pub(in crate::catalog) fn estate(
    files: &[(&str, &str)],
) -> (SourceMap, Vec<crate::syntax::ParsedFile>, Catalog) {
    estate_with(files, &CatalogConfig::default())
}

pub(in crate::catalog) fn estate_with(
    files: &[(&str, &str)],
    config: &CatalogConfig,
) -> (SourceMap, Vec<crate::syntax::ParsedFile>, Catalog) {
    let mut map = SourceMap::default();
    let mut aux = Vec::new();
    for (path, text) in files {
        if path.ends_with(".sql") || path.ends_with(".ctl") {
            map.add(SourceFile::from_text(*path, *text));
        } else {
            aux.push(AuxText {
                path: (*path).to_string(),
                text: (*text).to_string(),
            });
        }
    }
    let parsed = crate::syntax::parse_all(&map);
    let catalog = build(&map, &parsed, &aux, config);
    (map, parsed, catalog)
}

fn table<'c>(catalog: &'c Catalog, name: &str) -> &'c crate::catalog::model::Table {
    &catalog.tables[&TableName::new("APP", name)]
}

fn codes(catalog: &Catalog) -> Vec<Code> {
    catalog.findings.iter().map(|f| f.code).collect()
}

const ORDERS: &str = "
CREATE TABLE orders (
  id NUMBER(10) PRIMARY KEY,
  code CHAR(8) NOT NULL UNIQUE,
  cust NUMBER REFERENCES customers (id),
  total NUMBER(12,2) DEFAULT 0 NOT NULL,
  twice NUMBER GENERATED ALWAYS AS (total * 2) VIRTUAL,
  note VARCHAR2(40 CHAR),
  CONSTRAINT ck CHECK (total >= 0)
) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));
";

#[test]
fn a_table_has_its_columns_keys_and_checks() {
    let (_, _, c) = estate(&[("a.sql", ORDERS)]);
    let t = table(&c, "ORDERS");
    assert_eq!(t.primary_key, Some(vec!["ID".to_string()]));
    assert_eq!(t.uniques, vec![vec!["CODE".to_string()]]);
    assert_eq!(t.foreign_keys[0].parent, TableName::new("APP", "CUSTOMERS"));
    assert_eq!(t.checks, ["total >= 0"]);
    assert_eq!(t.partition_by, ["ID"]);
    assert!(!t.columns["ID"].nullable && t.columns["NOTE"].nullable);
    assert_eq!(t.columns["TOTAL"].default_text.as_deref(), Some("0"));
    assert!(t.columns["TWICE"].is_virtual);
    assert_eq!(t.columns["NOTE"].ty, DataType::Varchar { length: 40 });
    let money = DataType::Number {
        precision: Some(12),
        scale: Some(2),
    };
    assert_eq!(t.columns["TOTAL"].ty, money);
}

#[test]
fn alter_comment_and_index_change_a_table_of_a_later_file() {
    let change = "ALTER TABLE orders ADD (x DATE, y INTEGER);
ALTER TABLE orders ADD CONSTRAINT u UNIQUE (x, y);
ALTER TABLE orders RENAME COLUMN x TO z;
CREATE UNIQUE INDEX ix ON orders (note);
COMMENT ON TABLE orders IS 'it''s';
COMMENT ON COLUMN orders.z IS 'when';
";
    let (_, _, c) = estate(&[("0.sql", change), ("1.sql", ORDERS)]);
    let t = table(&c, "ORDERS");
    assert!(t.uniques.contains(&vec!["Z".to_string(), "Y".to_string()]));
    assert!(t.uniques.contains(&vec!["NOTE".to_string()]));
    assert_eq!(t.columns["Y"].ty, DataType::integer(38));
    assert_eq!(t.comment.as_deref(), Some("it's"));
    assert_eq!(t.columns["Z"].comment.as_deref(), Some("when"));
    assert!(!t.columns.contains_key("X"));
}

#[test]
fn views_over_views_have_types_and_rings_end() {
    let text = "
CREATE VIEW v2 (ident, n) AS SELECT w.id, COUNT(*) FROM v1 w GROUP BY w.id;
CREATE VIEW v1 AS SELECT o.*, o.total + 1 AS more, f(o.id) AS odd FROM orders o;
CREATE VIEW r1 AS SELECT a FROM r2;
CREATE VIEW r2 AS SELECT a FROM r1;
CREATE TABLE copy AS SELECT id, UPPER(note) AS note FROM orders;
";
    let (_, _, c) = estate(&[("a.sql", ORDERS), ("b.sql", text)]);
    let v2 = table(&c, "V2");
    assert_eq!(v2.columns["IDENT"].ty, table(&c, "ORDERS").columns["ID"].ty);
    assert!(v2.columns["N"].ty.is_numeric());
    assert!(matches!(
        table(&c, "V1").columns["ODD"].ty,
        DataType::Unknown { .. }
    ));
    assert!(table(&c, "V1").columns["MORE"].ty.is_numeric());
    assert_eq!(
        codes(&c)
            .iter()
            .filter(|c| **c == Code::CyclicDefinition)
            .count(),
        2
    );
    let copy = table(&c, "COPY");
    assert_eq!((copy.kind, copy.view), (TableKind::Table, None));
    assert!(copy.columns["NOTE"].ty.is_text());
}

#[test]
fn files_behind_tables_are_described() {
    let external = r#"CREATE TABLE ext (a CHAR(3), b DATE) ORGANIZATION EXTERNAL (
  TYPE ORACLE_LOADER DEFAULT DIRECTORY d ACCESS PARAMETERS (
    RECORDS DELIMITED BY NEWLINE CHARACTERSET JA16SJIS SKIP 2
    FIELDS TERMINATED BY ';' OPTIONALLY ENCLOSED BY '"' (b CHAR(10) DATE_FORMAT DATE MASK "YYYY", a CHAR(3)))
  LOCATION (d:'x.csv', 'y.csv'));
CREATE TABLE stg (a CHAR(3), b DATE);
"#;
    let control = "OPTIONS (SKIP=1)\nLOAD DATA\nCHARACTERSET UTF8\nINFILE '/in/g.csv'\nTRUNCATE\nINTO TABLE stg\n\
                   FIELDS TERMINATED BY X'09'\nTRAILING NULLCOLS\n( a CHAR(3), b DATE \"YYYY\" )\n";
    let (_, _, c) = estate(&[("a.sql", external), ("b.ctl", control)]);
    let ext = table(&c, "EXT").external.clone().expect("external");
    assert_eq!(ext.files, ["x.csv", "y.csv"]);
    assert_eq!(
        (ext.separator.as_deref(), ext.quote.as_deref()),
        (Some(";"), Some("\""))
    );
    assert_eq!((ext.charset.as_deref(), ext.skip), (Some("JA16SJIS"), 2));
    assert_eq!(ext.fields, ["B", "A"]);
    assert_eq!(ext.directory.as_deref(), Some("D"));
    let stg = table(&c, "STG").external.clone().expect("control file");
    assert_eq!(stg.files, ["/in/g.csv"]);
    assert_eq!((stg.separator.as_deref(), stg.skip), (Some("\t"), 1));
    assert_eq!(stg.fields, ["A", "B"]);
}

#[test]
fn an_export_adds_statistics_and_tables_and_contradicts() {
    let columns = "OWNER,TABLE_NAME,COLUMN_NAME,DATA_TYPE,DATA_LENGTH,DATA_PRECISION,DATA_SCALE,NULLABLE,COLUMN_ID,NUM_DISTINCT,NUM_NULLS
APP,ORDERS,ID,NUMBER,22,10,0,N,1,500,0
APP,ORDERS,TOTAL,VARCHAR2,22,,,N,4,7,1
APP,ORDERS,EXTRA,DATE,7,,,Y,9,,
APP,OLD,B,TIMESTAMP(3),11,,3,Y,2,,
APP,OLD,A,NUMBER,22,,,N,1,,
";
    let tables =
        "OWNER,TABLE_NAME,NUM_ROWS,AVG_ROW_LEN,LAST_ANALYZED\nAPP,ORDERS,1200,33,2026-01-01\n";
    let (_, _, c) = estate(&[
        ("a.sql", ORDERS),
        ("dict/any.csv", columns),
        ("dict/t.csv", tables),
        ("data/ORDERS.csv", "ID,CODE\n1,x\n"),
    ]);
    let t = table(&c, "ORDERS");
    assert_eq!((t.rows, t.avg_row_len), (Some(1200), Some(33)));
    assert_eq!(t.columns["ID"].distinct, Some(500));
    let old = table(&c, "OLD");
    assert_eq!(old.columns.keys().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(old.columns["A"].ty, DataType::number());
    assert_eq!(old.columns["B"].ty, DataType::Timestamp { precision: 3 });
    let messages: Vec<_> = c
        .findings
        .iter()
        .filter(|f| f.code == Code::Contradiction)
        .map(|f| &f.message)
        .collect();
    assert!(
        messages.iter().any(|m| m.contains("ORDERS.TOTAL")),
        "{messages:?}"
    );
    assert!(messages.iter().any(|m| m.contains("EXTRA")));
    assert!(messages.iter().any(|m| m.contains("NOTE")));
}

const PACKAGE: &str = "
CREATE OR REPLACE PACKAGE p AS
  c_day CONSTANT NUMBER := 1;
  g_state NUMBER;
  PROCEDURE go(p_date IN DATE DEFAULT TRUNC(SYSDATE) - c_day, p_kind VARCHAR2 := 'X');
  PROCEDURE go(p_id orders.id%TYPE);
  FUNCTION only_spec RETURN NUMBER;
END p;
/
CREATE OR REPLACE PACKAGE BODY p AS
  PROCEDURE helper;
  PROCEDURE go(p_date IN DATE DEFAULT TRUNC(SYSDATE) - c_day, p_kind VARCHAR2 := 'X') IS
    PROCEDURE inner_one IS BEGIN helper; END;
  BEGIN inner_one; END;
  PROCEDURE go(p_id orders.id%TYPE) IS BEGIN NULL; END;
  PROCEDURE helper IS PRAGMA AUTONOMOUS_TRANSACTION; BEGIN NULL; END;
BEGIN
  g_state := 0;
END p;
/
CREATE OR REPLACE TRIGGER tr AFTER UPDATE ON orders FOR EACH ROW BEGIN p.go(p_id => :new.id); END;
/
";

#[test]
fn routines_are_matched_nested_and_overloaded() {
    let (_, _, c) = estate(&[("a.sql", ORDERS), ("b.sql", PACKAGE)]);
    let names: Vec<_> = c
        .routines
        .iter()
        .map(|r| (r.name.as_str(), r.public, r.body.is_some()))
        .collect();
    assert_eq!(
        names,
        [
            ("GO", true, true),
            ("GO", true, true),
            ("HELPER", false, true),
            ("ONLY_SPEC", true, false),
            ("<init>", false, true),
            ("INNER_ONE", false, true),
            ("<trigger TR>", false, true),
        ]
    );
    assert!(c.routines[2].autonomous);
    assert_eq!(c.routines[5].parent.map(|p| p.0), Some(0));
    assert_eq!(
        c.routines[1].params[0].ty,
        table(&c, "ORDERS").columns["ID"].ty
    );
    let p = &c.packages[&TableName::new("APP", "P")];
    assert_eq!(p.state, ["G_STATE"]);
    assert_eq!(p.public, ["C_DAY", "G_STATE", "GO", "ONLY_SPEC"]);
    assert!(c.triggers[0].on_update && c.triggers[0].each_row);
}

#[test]
fn two_versions_and_a_missing_specification_are_findings() {
    let body = "CREATE PACKAGE BODY q AS PROCEDURE a IS BEGIN NULL; END; END;\n/\n";
    let (_, _, c) = estate(&[("a.sql", body), ("b.sql", body)]);
    assert!(codes(&c).contains(&Code::DuplicateObject) && codes(&c).contains(&Code::MissingSpec));
    // The older version is kept, and nothing can call it.
    let routines: Vec<_> = c.routines.iter().map(|r| (r.public, r.replaced)).collect();
    assert_eq!(routines, [(true, false), (false, true)]);
    assert_eq!(c.jobs.len(), 1);
}

fn bound<'c>(catalog: &'c Catalog, job: usize, param: &str) -> &'c Bound {
    let bindings = &catalog.jobs[job].entries[0].bindings;
    &bindings
        .iter()
        .find(|b| b.param == param)
        .expect("bound")
        .value
}

#[test]
fn scheduler_calls_become_jobs_with_bound_parameters() {
    let text = "
DECLARE
  v_name VARCHAR2(30) := 'NIGHT';
BEGIN
  DBMS_SCHEDULER.CREATE_JOB(v_name || '_JOB', 'PLSQL_BLOCK',
    q'[DECLARE v DATE := TRUNC(SYSDATE) - 1; BEGIN p.go(v, p_kind => 'N'); END;]', 0, SYSDATE, 'FREQ=DAILY');
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'J2', job_type => 'STORED_PROCEDURE', job_action => 'APP.P.GO',
    number_of_arguments => 1, enabled => TRUE);
  DBMS_SCHEDULER.SET_JOB_ARGUMENT_VALUE('J2', 1, DATE '2026-01-01');
  DBMS_SCHEDULER.CREATE_JOB('J3', 'STORED_PROCEDURE', 'nowhere.at_all');
  DBMS_SCHEDULER.ENABLE('NIGHT_JOB');
END;
/
DECLARE n NUMBER; BEGIN DBMS_JOB.SUBMIT(n, 'p.go(p_date => ADD_MONTHS(TRUNC(SYSDATE,''MM''),-1));', SYSDATE, 'SYSDATE+1'); END;
/
";
    let (_, _, c) = estate(&[("a.sql", ORDERS), ("b.sql", PACKAGE), ("c.sql", text)]);
    let names: Vec<_> = c
        .jobs
        .iter()
        .map(|j| (j.name.as_str(), j.origin, j.enabled))
        .collect();
    assert_eq!(
        names,
        [
            ("APP.NIGHT_JOB", JobOrigin::Scheduler, true),
            ("APP.J2", JobOrigin::Scheduler, true),
            ("APP.J3", JobOrigin::Scheduler, false),
            ("DBMS_JOB_1", JobOrigin::DbmsJob, true),
        ]
    );
    assert_eq!(c.jobs[0].schedule.as_deref(), Some("FREQ=DAILY"));
    assert_eq!(
        bound(&c, 0, "P_DATE"),
        &Bound::RunDate("TRUNC(SYSDATE) - 1".into())
    );
    assert_eq!(bound(&c, 0, "P_KIND"), &Bound::Constant("'N'".into()));
    assert!(matches!(bound(&c, 3, "P_DATE"), Bound::RunDate(t) if t.starts_with("ADD_MONTHS")));
    assert!(matches!(c.jobs[2].entries[0].routine, Resolved::Unknown(_)));
    assert!(codes(&c).contains(&Code::ScheduleTarget));
}

#[test]
fn defaults_fill_what_a_call_leaves_out() {
    let config = CatalogConfig {
        entry_points: vec!["p.go(p_kind => 'Y')".into()],
        ..CatalogConfig::default()
    };
    let (_, _, c) = estate_with(&[("a.sql", ORDERS), ("b.sql", PACKAGE)], &config);
    assert_eq!(c.jobs[0].origin, JobOrigin::Configured);
    assert_eq!(
        bound(&c, 0, "P_DATE"),
        &Bound::RunDate("TRUNC(SYSDATE) - (1)".into())
    );
}

#[test]
fn chains_are_steps_in_their_order() {
    let text = "
BEGIN
  DBMS_SCHEDULER.CREATE_PROGRAM('PA', 'STORED_PROCEDURE', 'p.only_spec');
  DBMS_SCHEDULER.CREATE_PROGRAM('PB', 'PLSQL_BLOCK', 'BEGIN p.go(p_id => 7); END;');
  DBMS_SCHEDULER.CREATE_CHAIN('CH');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('CH', 'S2', 'PB');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('CH', 'S1', 'PA');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE('CH', 'TRUE', 'START S1');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE('CH', 'S1 COMPLETED', 'START S2');
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'J', job_type => 'CHAIN', job_action => 'CH', repeat_interval => 'FREQ=HOURLY');
END;
/
";
    let (_, _, c) = estate(&[("a.sql", ORDERS), ("b.sql", PACKAGE), ("c.sql", text)]);
    let names: Vec<_> = c.jobs.iter().map(|j| j.name.as_str()).collect();
    assert_eq!(names, ["APP.J", "APP.CH.S1", "APP.CH.S2"]);
    assert_eq!(c.jobs[2].after, ["APP.CH.S1"]);
    assert_eq!(c.jobs[0].entries.len(), 2);
    assert_eq!(c.jobs[2].schedule.as_deref(), Some("FREQ=HOURLY"));
    assert_eq!(bound(&c, 2, "P_ID"), &Bound::Constant("7".into()));
}

#[test]
fn a_crontab_line_and_its_script_are_one_job() {
    let crontab =
        "15 2 * * * /opt/app/night.sh $(date +%Y%m%d) >> log\n0 3 * * * /usr/sbin/logrotate\n";
    let night = "#!/bin/sh\nDAY=$1\nsqlplus -s /@DB @run.sql $DAY\nsqlplus -s /@DB <<EOF\nexec p.go(p_id => 5)\nEOF\n";
    let run = "SET ECHO OFF\nexec p.go(TO_DATE('&1', 'YYYYMMDD'))\nBEGIN\n  p.go(3);\nEND;\n/\n";
    let (_, _, c) = estate(&[
        ("a.sql", ORDERS),
        ("b.sql", PACKAGE),
        ("run.sql", run),
        ("etc/crontab", crontab),
        ("bin/night.sh", night),
    ]);
    let names: Vec<_> = c.jobs.iter().map(|j| (j.name.as_str(), j.line)).collect();
    assert_eq!(names, [("night", 1), ("crontab:2", 2)]);
    assert_eq!(c.jobs[0].schedule.as_deref(), Some("15 2 * * *"));
    let texts: Vec<_> = c.jobs[0]
        .entries
        .iter()
        .map(|e| (e.text.as_str(), e.routine.known().is_some()))
        .collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts.iter().all(|t| t.1), "{texts:?}");
    let date = |i: usize| &c.jobs[0].entries[i].bindings[0].value;
    assert!(
        matches!(date(0), Bound::RunDate(t) if t.starts_with("TO_DATE")),
        "{:?}",
        date(0)
    );
    assert_eq!(date(2), &Bound::Constant("5".into()));
}

#[test]
fn exports_of_schedulers_are_jobs() {
    let oracle = "OWNER,JOB_NAME,JOB_TYPE,JOB_ACTION,REPEAT_INTERVAL,ENABLED\nAPP,N1,STORED_PROCEDURE,APP.P.ONLY_SPEC,FREQ=DAILY,TRUE\n";
    let list = "JOBNAME,COMMAND,TIME_FROM,IN_COND\nA1,/opt/night.sh,0200,\nA2,sqlplus /@DB @x.sql,0300,A1\n";
    let (_, _, c) = estate(&[
        ("a.sql", ORDERS),
        ("b.sql", PACKAGE),
        ("dba_jobs.csv", oracle),
        ("controlm.csv", list),
        ("night.sh", "sqlplus /@DB <<E\nexec p.go(1)\nE\n"),
    ]);
    let names: Vec<_> = c.jobs.iter().map(|j| j.name.as_str()).collect();
    assert_eq!(names, ["APP.N1", "A1", "A2"]);
    assert!(c.jobs[0].entries[0].routine.known().is_some());
    assert!(c.jobs[1].entries[0].routine.known().is_some());
    assert_eq!(c.jobs[2].after, ["A1"]);
    assert!(
        matches!(&c.jobs[2].entries[0].routine, Resolved::Unknown(r) if r.contains("not in the input"))
    );
}

#[test]
fn without_a_schedule_what_nobody_calls_is_a_job() {
    let more = "CREATE PROCEDURE a IS BEGIN b; END;\n/\nCREATE PROCEDURE b IS BEGIN NULL; END;\n/
CREATE PROCEDURE r1 IS BEGIN r2; END;\n/\nCREATE PROCEDURE r2 IS BEGIN r1; END;\n/\n";
    let (_, _, c) = estate(&[("a.sql", more)]);
    let names: Vec<_> = c.jobs.iter().map(|j| j.name.as_str()).collect();
    assert_eq!(names, ["APP.A", "APP.R1"]);
    assert!(codes(&c).contains(&Code::NoSchedule));
}

const SCRIPT: &str = "SET ECHO OFF
TRUNCATE TABLE sums;
INSERT INTO sums SELECT id, f(total) FROM orders;
COMMIT;
EXEC p.go(p_id => 1)
BEGIN p.go(2); END;
/
";

fn entry_names(catalog: &Catalog, job: usize) -> Vec<String> {
    let name = |e: &crate::catalog::model::Entry| match &e.routine {
        Resolved::Known(id) => catalog.routines[id.0 as usize].name.clone(),
        Resolved::Unknown(r) => format!("? {r}"),
    };
    catalog.jobs[job].entries.iter().map(name).collect()
}

#[test]
fn statements_of_a_script_are_a_routine() {
    let function = "CREATE FUNCTION f(x NUMBER) RETURN NUMBER IS BEGIN RETURN x; END;\n/\n";
    let seed = "INSERT INTO orders (id) VALUES (1);\nCOMMIT;\n";
    let files = [
        ("a.sql", ORDERS),
        ("b.sql", PACKAGE),
        ("f.sql", function),
        ("load.sql", SCRIPT),
        ("seed.sql", seed),
    ];
    let (_, _, c) = estate(&files);
    // No schedule: the script is a job, constants alone are not, and what the script calls is none.
    let names: Vec<_> = c.jobs.iter().map(|j| j.name.as_str()).collect();
    assert_eq!(names, ["load.sql", "APP.P.GO"]);
    assert_eq!(
        entry_names(&c, 0),
        ["<statements of load.sql>", "GO", "<block 1>"]
    );
    let script = c.jobs[0].entries[0]
        .routine
        .known()
        .copied()
        .expect("known");
    assert_eq!(c.routines[script.0 as usize].items.len(), 3);
    let reached = c.calls.reachable_from(&c, 0);
    assert!(reached.iter().any(|r| c.routines[r.0 as usize].name == "F"));

    let mut with_cron = files.to_vec();
    with_cron.push(("crontab", "0 1 * * * sqlplus -s /@DB @/opt/load.sql\n"));
    let (_, _, c) = estate(&with_cron);
    assert_eq!(c.jobs.len(), 1);
    assert_eq!(
        entry_names(&c, 0),
        ["<statements of load.sql>", "GO", "<block 1>"]
    );
}

#[test]
fn what_a_job_does_under_a_condition_says_so() {
    let text = "BEGIN DBMS_SCHEDULER.CREATE_JOB('J', 'PLSQL_BLOCK',
 'BEGIN p.go(p_id => 1); IF TO_CHAR(SYSDATE, ''DD'') = ''01'' THEN p.go(p_id => 2); END IF; DELETE FROM orders; END;'); END;
/
";
    let (_, _, c) = estate(&[("a.sql", ORDERS), ("b.sql", PACKAGE), ("c.sql", text)]);
    let conditional: Vec<_> = c.jobs[0].entries.iter().map(|e| e.conditional).collect();
    assert_eq!(conditional, [false, true, false]);
    assert!(
        matches!(&c.jobs[0].entries[2].routine, Resolved::Unknown(r) if r.contains("statements of its own"))
    );
}

#[test]
fn statements_in_a_here_document_are_part_of_the_estate() {
    let script = "#!/bin/ksh\nsqlplus -s /@DB <<!\nDELETE FROM sums WHERE id = $1;\nINSERT INTO sums SELECT id FROM orders;\nexec p.go(p_id => 3)\n!\n";
    let sql = super::embedded_sql(script).expect("statements");
    let mut map = SourceMap::default();
    map.add(SourceFile::from_text("a.sql", ORDERS));
    map.add(SourceFile::from_text("b.sql", PACKAGE));
    map.add(SourceFile::from_text("bin/night.sh", sql));
    let parsed = crate::syntax::parse_all(&map);
    let aux = [
        ("bin/night.sh", script),
        ("crontab", "0 1 * * * /opt/night.sh 7\n"),
    ]
    .map(|(p, t)| AuxText {
        path: p.into(),
        text: t.into(),
    });
    let c = build(&map, &parsed, &aux, &CatalogConfig::default());
    assert_eq!(c.jobs.len(), 1);
    assert_eq!(entry_names(&c, 0), ["<statements of bin/night.sh>", "GO"]);
    let statements = c.jobs[0].entries[0]
        .routine
        .known()
        .copied()
        .expect("known");
    assert_eq!(
        map.text(c.routines[statements.0 as usize].span)
            .lines()
            .count(),
        2
    );
}
