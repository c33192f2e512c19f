//! Against a script that stands in for the database: what it is sent, and what its errors lead to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::*;
use crate::rel::DataType;
use crate::run::source::Retry;

/// What the script answers to a query: rows, then perhaps an error.
#[derive(Clone, Default)]
struct Answer {
    rows: Vec<Vec<Option<&'static str>>>,
    error: Option<u32>,
}

#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    sent: Arc<Mutex<Vec<Query>>>,
    refuses: Option<(u32, bool)>,
}

fn ora(code: u32, client: bool) -> OraError {
    OraError {
        code,
        client,
        text: format!("ORA-{code:05}"),
    }
}

impl Script {
    fn of(answers: Vec<Answer>) -> Script {
        Script {
            answers: Arc::new(Mutex::new(answers.into())),
            ..Script::default()
        }
    }

    fn sent(&self) -> Vec<Query> {
        let sent = self.sent.lock().expect("sent").clone();
        sent.into_iter()
            .filter(|q| !q.sql.starts_with("ALTER"))
            .collect()
    }
}

impl Connect for Script {
    fn connect(&self) -> Result<Box<dyn Session>, OraError> {
        match self.refuses {
            Some((code, client)) => Err(ora(code, client)),
            None => Ok(Box::new(self.clone())),
        }
    }
}

impl Session for Script {
    fn execute(&mut self, sql: &str) -> Result<(), OraError> {
        self.sent
            .lock()
            .expect("sent")
            .push(Query::new(sql, Vec::new()));
        Ok(())
    }

    fn query(&mut self, query: &Query) -> Result<Box<dyn Cursor>, OraError> {
        self.sent.lock().expect("sent").push(query.clone());
        let answer = self
            .answers
            .lock()
            .expect("answers")
            .pop_front()
            .unwrap_or_default();
        match (answer.error, answer.rows.is_empty()) {
            (Some(code), true) => Err(ora(code, false)),
            (Some(_) | None, _) => Ok(Box::new(Replay {
                rows: answer.rows.into(),
                error: answer.error,
            })),
        }
    }
}

struct Replay {
    rows: VecDeque<Vec<Option<&'static str>>>,
    error: Option<u32>,
}

impl Cursor for Replay {
    fn next(&mut self, row: &mut Vec<Option<Vec<u8>>>) -> Result<bool, OraError> {
        match (self.rows.pop_front(), self.error) {
            (Some(next), _) => {
                *row = next
                    .into_iter()
                    .map(|c| c.map(|t| t.as_bytes().to_vec()))
                    .collect();
                Ok(true)
            }
            (None, Some(code)) => Err(ora(code, false)),
            (None, None) => Ok(false),
        }
    }
}

fn spec(split: OracleSplit) -> OracleSource {
    OracleSource {
        connect: "h/s".into(),
        user_env: "U".into(),
        password_env: "P".into(),
        sessions: 1,
        fetch: 1000,
        split,
        lob_limit: 100,
        filter: None,
    }
}

fn columns() -> Vec<SourceColumn> {
    let column = |name: &str, ty| SourceColumn {
        name: name.into(),
        ty: Some(ty),
    };
    vec![
        column("ID", DataType::integer(9)),
        column("AT", DataType::Date),
        column("DOC", DataType::Clob),
    ]
}

fn rows(script: &Script, split: OracleSplit) -> OracleRows {
    let table = TableName::new("R", "T\"x");
    OracleRows::new(
        Box::new(script.clone()),
        &spec(split),
        &table,
        columns(),
        &["ID".into()],
    )
    .expect("opens")
}

fn answer(rows: Vec<Vec<Option<&'static str>>>) -> Answer {
    Answer { rows, error: None }
}

fn failing(error: u32) -> Answer {
    Answer {
        rows: Vec::new(),
        error: Some(error),
    }
}

#[test]
fn a_chunk_is_read_as_of_its_scn_with_quoted_names_and_bound_values() {
    let script = Script::of(vec![answer(vec![
        vec![
            Some("1"),
            Some(" 2024-01-01 00:00:00"),
            Some("x"),
            Some("1"),
            Some("AAA"),
        ],
        vec![Some("2"), None, None, Some("101"), Some("AAB")],
    ])]);
    let source = rows(&script, OracleSplit::Auto);
    let range = ChunkRange::Rowid {
        first: "A".into(),
        last: "B".into(),
    };
    let mut reader = source.open(&range, Some(42)).expect("opens");
    let mut batch = RowBatch::new();
    assert!(reader.next(&mut batch).expect("reads"));
    assert_eq!((batch.len(), batch.cell(0, 2)), (1, Some(&b"x"[..])));
    assert_eq!(batch.position(0).to_string(), "ROWID AAA");
    // The LOB of the second row was longer than the limit.
    assert_eq!(batch.bad()[0].reason.code(), "record-too-long");
    assert_eq!(batch.bad()[0].position.to_string(), "ROWID AAB");
    assert!(!reader.next(&mut batch).expect("reads"));
    let query = &script.sent()[0];
    assert_eq!(
        query.sql,
        "SELECT TO_CHAR(t.\"ID\", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,'''), \
         TO_CHAR(t.\"AT\", 'SYYYY-MM-DD HH24:MI:SS'), \
         CASE WHEN DBMS_LOB.GETLENGTH(t.\"DOC\") <= :1 THEN t.\"DOC\" END, \
         DBMS_LOB.GETLENGTH(t.\"DOC\"), ROWIDTOCHAR(t.ROWID) \
         FROM \"R\".\"Tx\" AS OF SCN :2 t WHERE t.ROWID BETWEEN CHARTOROWID(:3) AND CHARTOROWID(:4)"
    );
    assert_eq!(query.binds, ["100", "42", "A", "B"]);
    assert_eq!(query.fetch, 1000);
    let settings = script.sent.lock().expect("sent");
    assert!(
        settings
            .iter()
            .any(|q| q.sql == "ALTER SESSION SET TIME_ZONE = '+00:00'")
    );
}

#[test]
fn extents_become_chunks_of_about_equal_size() {
    let extent =
        |group, blocks, first, last| vec![Some(group), Some(blocks), Some(first), Some(last)];
    let script = Script::of(vec![answer(vec![
        extent("7.1", "8", "A0", "A1"),
        extent("7.1", "8", "B0", "B1"),
        extent("7.1", "16", "C0", "C1"),
        extent("7.2", "8", "D0", "D1"),
    ])]);
    let chunks = rows(&script, OracleSplit::Auto)
        .plan_chunks(3)
        .expect("plans");
    let ends: Vec<_> = chunks
        .iter()
        .map(|c| match c {
            ChunkRange::Rowid { first, last } => format!("{first}-{last}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ends, ["A0-B1", "C0-C1", "D0-D1"]);
    assert_eq!(script.sent()[0].binds, ["R", "T\"x"]);
}

#[test]
fn without_extents_the_key_divides() {
    for first in [answer(Vec::new()), failing(942)] {
        let bounds = answer(vec![
            vec![Some("1")],
            vec![Some("50")],
            vec![Some("50")],
            vec![Some("90")],
        ]);
        let script = Script::of(vec![first, bounds]);
        let source = rows(&script, OracleSplit::Auto);
        let chunks = source.plan_chunks(4).expect("plans");
        assert_eq!(chunks.len(), 3);
        assert!(
            script.sent()[1]
                .sql
                .contains("NTILE(:1) OVER (ORDER BY t.\"ID\")")
        );
        source.open(&chunks[1], None).expect("opens");
        let query = &script.sent()[2];
        assert!(
            query
                .sql
                .ends_with("WHERE t.\"ID\" >= TO_NUMBER(:2) AND t.\"ID\" < TO_NUMBER(:3)")
        );
        assert_eq!(query.binds[1..], ["50", "90"]);
        source.open(&chunks[0], None).expect("opens");
        assert!(
            script.sent()[3]
                .sql
                .ends_with("WHERE t.\"ID\" < TO_NUMBER(:2)")
        );
    }
    let refused = rows(&Script::of(vec![failing(942)]), OracleSplit::Rowid).plan_chunks(2);
    assert!(matches!(
        refused,
        Err(SourceError::Refused { ora: 942, .. })
    ));
}

#[test]
fn errors_say_what_may_help() {
    let retry =
        |script: &Script| match rows(script, OracleSplit::Auto).open(&ChunkRange::Whole, Some(5)) {
            Ok(_) => panic!("opened"),
            Err(e) => (e.retry(), e.code()),
        };
    use crate::diag::Code;
    for (code, wanted) in [
        (1555, (Retry::FreshScn, Code::SnapshotTooOld)),
        (8181, (Retry::FreshScn, Code::SnapshotTooOld)),
        (3113, (Retry::Same, Code::OracleLost)),
        (1017, (Retry::Never, Code::OracleRefused)),
        (942, (Retry::Never, Code::OracleRefused)),
    ] {
        assert_eq!(
            retry(&Script::of(vec![failing(code)])),
            wanted,
            "ORA-{code}"
        );
    }
    let missing = Script {
        refuses: Some((1047, true)),
        ..Script::default()
    };
    assert_eq!(retry(&missing), (Retry::Never, Code::OracleClientMissing));
}

#[test]
fn an_error_in_mid_chunk_is_no_end_of_the_rows() {
    let row = || vec![Some("1"), None, None, None];
    let script = Script::of(vec![Answer {
        rows: vec![row(), row()],
        error: Some(1555),
    }]);
    let mut reader = rows(&script, OracleSplit::Auto)
        .open(&ChunkRange::Whole, Some(9))
        .expect("opens");
    let mut batch = RowBatch::new();
    let error = reader.next(&mut batch).expect_err("fails");
    assert!(matches!(
        error,
        SourceError::SnapshotTooOld { scn: Some(9), .. }
    ));
}

#[test]
fn the_present_is_an_scn_and_a_time() {
    let script = Script::of(vec![answer(vec![vec![
        Some("123456"),
        Some(" 1970-01-01 00:00:01.000002000"),
    ]])]);
    let now = rows(&script, OracleSplit::Auto)
        .snapshot()
        .expect("answers");
    assert_eq!(
        now,
        Some(Snapshot {
            scn: 123_456,
            micros: 1_000_002
        })
    );
    let nothing = Script::of(vec![answer(Vec::new())]);
    assert!(rows(&nothing, OracleSplit::Auto).snapshot().is_err());
}
