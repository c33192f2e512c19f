//! What goes too far, or is not there, is refused with a code: at the command line, within the limits that were set.

use std::time::Instant;

use crate::support::{Run, folder, run};

/// An estate whose one planned batch calls `body` first.
fn estate(body: &str) -> String {
    format!(
        "CREATE TABLE src (id NUMBER(10) PRIMARY KEY, amount NUMBER(12,2) NOT NULL);
CREATE TABLE good (id NUMBER(10) PRIMARY KEY, amount NUMBER(12,2));
CREATE OR REPLACE PROCEDURE extra IS
{body}
END;
/
CREATE OR REPLACE PROCEDURE load_good IS
BEGIN
  DELETE FROM good;
  INSERT INTO good (id, amount) SELECT s.id, s.amount FROM src s;
END;
/
CREATE OR REPLACE PROCEDURE nightly IS
BEGIN
  extra;
  load_good;
END;
/
BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'GOOD_JOB', job_type => 'STORED_PROCEDURE', job_action => 'NIGHTLY',
    repeat_interval => 'FREQ=DAILY;BYHOUR=1', enabled => TRUE);
END;
/
"
    )
}

fn proved(body: &str, more: &[&str]) -> Run {
    let dir = folder(&[("batch.sql", estate(body).as_bytes())]);
    let path = dir.path().to_string_lossy().into_owned();
    let mut args = vec!["prove", path.as_str(), "--cases", "2"];
    args.extend(more);
    let start = Instant::now();
    let done = run(args);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    done
}

fn refused(body: &str, code: &str) {
    let done = proved(body, &["--fuel", "200000", "--max-memory", "64"]).exits(0);
    assert!(done.out.contains("not provable"), "{}", done.out);
    assert!(done.out.contains(code), "no {code}: {}", done.out);
    let strict = proved(
        body,
        &[
            "--fuel",
            "200000",
            "--max-memory",
            "64",
            "--fail-on",
            "not-provable",
        ],
    );
    strict.exits(1);
}

#[test]
fn endless_loops_and_recursion() {
    refused("BEGIN LOOP NULL; END LOOP;", "V003");
    refused("PROCEDURE again IS BEGIN again; END; BEGIN again;", "V005");
}

#[test]
fn a_cross_join_of_a_billion_rows() {
    let rows = "(SELECT LEVEL l FROM dual CONNECT BY LEVEL <= 1000)";
    refused(
        &format!("n NUMBER; BEGIN SELECT COUNT(*) INTO n FROM {rows} a, {rows} b, {rows} c;"),
        "V003",
    );
}

#[test]
fn a_text_of_a_gigabyte() {
    refused(
        "c CLOB := 'x'; BEGIN FOR i IN 1 .. 30 LOOP c := c || c; END LOOP;",
        "V004",
    );
    refused("c CLOB; BEGIN c := RPAD('x', 1000000000, 'y');", "V001");
}

#[test]
fn collections_beyond_the_memory() {
    refused(
        "TYPE t IS TABLE OF VARCHAR2(32767) INDEX BY PLS_INTEGER; v t; BEGIN FOR i IN 1 .. 90000 LOOP v(i) := RPAD('x', 4000); END LOOP;",
        "V004",
    );
}

#[test]
fn objects_that_are_not_there() {
    refused("BEGIN nobody.knows(1);", "V002");
}

#[test]
fn features_that_are_not_built() {
    refused(
        "n NUMBER; BEGIN SELECT COUNT(*) INTO n FROM src@far_away;",
        "V001",
    );
    refused("BEGIN UTL_HTTP.SET_TRANSFER_TIMEOUT(1);", "V00");
}
