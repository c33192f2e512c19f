//! Estates with holes and contradictions: each a coded finding, and everything else is planned all the same.

use ora2stream::assess::model::Outcome;
use ora2stream::diag::Code;
use ora2stream::pipeline::{Analysis, analyse};
use ora2stream::plan::config::ProjectConfig;
use ora2stream::rules::Registry;
use ora2stream::source::{Input, SourceFile};

/// A batch that is planned whatever stands beside it.
const GOOD: &str = "
CREATE TABLE src (id NUMBER(10) PRIMARY KEY, amount NUMBER(12,2) NOT NULL);
CREATE TABLE good (id NUMBER(10) PRIMARY KEY, amount NUMBER(12,2));
CREATE OR REPLACE PROCEDURE load_good IS
BEGIN
  DELETE FROM good;
  INSERT INTO good (id, amount) SELECT s.id, s.amount FROM src s;
END;
/
BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'GOOD_JOB', job_type => 'STORED_PROCEDURE', job_action => 'LOAD_GOOD',
    repeat_interval => 'FREQ=DAILY;BYHOUR=1', enabled => TRUE);
END;
/
";

fn run(files: &[&str]) -> Analysis {
    let mut input = Input::default();
    for (i, text) in files.iter().enumerate() {
        let path = format!("{i}.sql");
        input.sources.add(SourceFile::from_text(path, *text));
    }
    let registry = Registry::builtin().expect("the built-in rules");
    let analysis = analyse(&input, &ProjectConfig::default(), &registry, &[], &mut ());
    assert!(analysis.report.gate.ok, "{:?}", analysis.report.gate);
    analysis
}

/// The good batch beside something bad: the finding is there, and the batch is planned.
fn beside(bad: &[&str], code: Code) -> Analysis {
    let mut files = vec![GOOD];
    files.extend(bad);
    let analysis = run(&files);
    let codes: Vec<Code> = analysis.catalog.findings.iter().map(|f| f.code).collect();
    assert!(codes.contains(&code), "{code:?} is not among {codes:?}");
    let good =
        analysis.report.writes.iter().find(|w| {
            w.table.as_deref() == Some("APP.GOOD") && format!("{:?}", w.kind) == "Insert"
        });
    let good = good.expect("the write of the good batch");
    assert_eq!(good.outcome, Outcome::Planned, "{good:?}");
    analysis
}

#[test]
fn contradicting_definitions_of_a_table() {
    let two = [
        "CREATE TABLE t (id NUMBER PRIMARY KEY, v NUMBER);",
        "CREATE TABLE t (id VARCHAR2(5), w DATE);",
    ];
    beside(&two, Code::DuplicateObject);
}

#[test]
fn two_versions_of_a_package() {
    let body = |n: u8| {
        format!(
            "CREATE OR REPLACE PACKAGE BODY p AS PROCEDURE q IS BEGIN DELETE FROM src WHERE id = {n}; END; END;\n/\n"
        )
    };
    let spec = "CREATE OR REPLACE PACKAGE p AS PROCEDURE q; END;\n/\n";
    beside(&[spec, &body(1), &body(2)], Code::DuplicateObject);
}

#[test]
fn a_body_without_a_specification() {
    let body = "CREATE OR REPLACE PACKAGE BODY lone AS PROCEDURE q IS BEGIN NULL; END; END;\n/\n";
    beside(&[body], Code::MissingSpec);
}

#[test]
fn a_table_that_is_defined_nowhere() {
    let code = "CREATE OR REPLACE PROCEDURE q IS BEGIN INSERT INTO nowhere (a) SELECT id FROM src; END;\n/\n";
    beside(&[code], Code::TableInferred);
}

#[test]
fn views_and_synonyms_in_rings() {
    let views = "CREATE VIEW v1 AS SELECT x FROM v2; CREATE VIEW v2 AS SELECT x FROM v1;";
    beside(&[views], Code::CyclicDefinition);
    let synonyms = "CREATE SYNONYM s1 FOR s2; CREATE SYNONYM s2 FOR s3; CREATE SYNONYM s3 FOR s1;";
    let analysis = beside(&[synonyms], Code::CyclicDefinition);
    let rings = analysis
        .catalog
        .findings
        .iter()
        .filter(|f| f.code == Code::CyclicDefinition);
    assert_eq!(rings.count(), 1, "a ring is said once");
}

#[test]
fn a_schedule_of_code_that_does_not_exist() {
    let job = "BEGIN DBMS_SCHEDULER.CREATE_JOB(job_name => 'GHOST', job_type => 'STORED_PROCEDURE',
      job_action => 'NO_SUCH_PACKAGE.RUN', repeat_interval => 'FREQ=DAILY', enabled => TRUE); END;\n/\n";
    let analysis = beside(&[job], Code::ScheduleTarget);
    assert_eq!(analysis.report.gate.jobs_in, 2);
}

#[test]
fn schedules_that_lead_nowhere_leave_what_nobody_calls() {
    let code = "CREATE TABLE a (id NUMBER PRIMARY KEY); CREATE TABLE b (id NUMBER PRIMARY KEY);
      CREATE OR REPLACE PROCEDURE q IS BEGIN DELETE FROM a; INSERT INTO a (id) SELECT id FROM b; END;
      /
      BEGIN DBMS_SCHEDULER.CREATE_JOB(job_name => 'GHOST', job_type => 'STORED_PROCEDURE',
        job_action => 'NO_SUCH_PACKAGE.RUN', repeat_interval => 'FREQ=DAILY', enabled => TRUE); END;
      /
      ";
    let analysis = run(&[code]);
    assert_eq!(analysis.report.gate.writes_in, 2);
    assert_eq!(
        analysis.report.jobs.len(),
        2,
        "the ghost, and the routine that nobody calls"
    );
}

#[test]
fn what_rests_on_an_inferred_table_or_an_assumed_key_says_so() {
    let code = "CREATE TABLE src (id NUMBER(10) PRIMARY KEY, code VARCHAR2(5) NOT NULL, amount NUMBER(12,2) NOT NULL);
      CREATE OR REPLACE PROCEDURE q IS
      BEGIN
        MERGE INTO dim d USING (SELECT s.id, s.code, s.amount FROM src s) x ON (d.natural_id = x.id)
         WHEN MATCHED THEN UPDATE SET d.code = x.code
         WHEN NOT MATCHED THEN INSERT (natural_id, code) VALUES (x.id, x.code);
      END;
      /
      ";
    let analysis = run(&[code]);
    let write = &analysis.report.writes[0];
    assert_eq!(write.outcome, Outcome::Assumed, "{write:?}");
    let facts: Vec<&str> = write
        .preconditions
        .iter()
        .map(|p| p.fact.as_str())
        .collect();
    assert!(
        facts.contains(&"table-inferred") && facts.contains(&"key-assumed"),
        "{facts:?}"
    );
    let missing = &analysis.report.missing;
    assert!(missing.iter().any(|m| m.name == "APP.DIM"), "{missing:?}");
}

#[test]
fn rows_whose_columns_are_not_all_known_are_not_copied() {
    let code = "CREATE TABLE src (id NUMBER(10) PRIMARY KEY);
      CREATE OR REPLACE PROCEDURE q IS
      BEGIN
        DELETE FROM copy1;
        INSERT INTO copy1 SELECT * FROM unknown_source u WHERE u.flag = 'Y';
      END;
      /
      ";
    let analysis = run(&[code]);
    let insert = analysis
        .report
        .writes
        .iter()
        .find(|w| format!("{:?}", w.kind) == "Insert");
    let insert = insert.expect("the INSERT");
    assert_eq!(insert.outcome, Outcome::Residual, "{insert:?}");
}
