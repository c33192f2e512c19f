//! The splitter: modes, terminators, commands, several units without `/`.

use super::*;

#[test]
fn commands_and_statements_alternate() {
    let script = Script::clean(
        "SET DEFINE OFF\nPROMPT it's here;\nREM don't ----\nSPOOL x.log\nWHENEVER SQLERROR EXIT 1\nCOL a FORMAT a30\nSELECT a / b FROM t;\n/\nEXEC pkg.run(p_date => DATE '2024-01-01')\n@@sub/dir/x.sql arg1\nSET TRANSACTION READ ONLY;\nVARIABLE v NUMBER\nPRINT v\nSHOW ERRORS\nEXIT\n",
    );
    assert_eq!(
        script.kinds(),
        [
            "SqlPlus SET",
            "SqlPlus PROMPT",
            "SqlPlus REMARK",
            "SqlPlus SPOOL",
            "SqlPlus WHENEVER",
            "SqlPlus COLUMN",
            "Query",
            "SqlPlus /",
            "Exec",
            "SqlPlus @@",
            "Stmt",
            "SqlPlus VARIABLE",
            "SqlPlus PRINT",
            "SqlPlus SHOW",
            "SqlPlus EXIT"
        ]
    );
}

#[test]
fn slash_divides_ends_and_runs_again() {
    let script = Script::clean("SELECT a\n / b\nFROM t\n/\nBEGIN x := a / b; END;\n/\n/\n");
    assert_eq!(script.kinds(), ["Query", "Block", "SqlPlus /"]);
    assert!(script.tree(0).contains("Binary Div") && script.tree(1).contains("Binary Div"));
}

#[test]
fn units_without_slash_end_where_the_next_begins() {
    let script = Script::clean(
        "CREATE PROCEDURE a IS BEGIN NULL; END;\nCREATE OR REPLACE FUNCTION b RETURN NUMBER IS BEGIN RETURN 1; END b;\nBEGIN a; END;\nDECLARE x NUMBER; BEGIN x := b; END;\nPROMPT don't stop\nSELECT 1 FROM dual;\nGRANT EXECUTE ON a TO u;\n",
    );
    assert_eq!(
        script.kinds(),
        [
            "CreateRoutine",
            "CreateRoutine",
            "Block",
            "Block",
            "SqlPlus PROMPT",
            "Query",
            "Grant"
        ]
    );
}

#[test]
fn continuation_lines_of_sqlplus() {
    let script = Script::clean(
        "DEFINE x = -\n  5\nINSERT INTO t VALUES (1 -\n, 'a' -\n, 2);\nSELECT 5 -\n 3 FROM dual;\n",
    );
    assert_eq!(script.kinds(), ["SqlPlus DEFINE", "Dml", "Query"]);
    assert!(
        script.tree(2).contains("Binary Sub"),
        "a dash that is an operand's sign stays"
    );
}

#[test]
fn wrapped_and_foreign_units_are_recognised() {
    let script = Script::new(
        "CREATE OR REPLACE PACKAGE BODY p wrapped\na000000\n1\nabcd\nq'aB;c\n/\nCREATE OR REPLACE AND COMPILE JAVA SOURCE NAMED \"X\" AS\npublic class X { char c = '\"'; // don't\n}\n/\nSELECT 1 FROM dual;\n",
    );
    assert_eq!(script.kinds(), ["Wrapped", "Opaque", "Query"]);
    assert_eq!(script.errors().len(), 1);
    assert!(script.errors()[0].starts_with("P005"));
}

#[test]
fn what_is_not_sql_is_not_called_clean() {
    for text in [
        "#include <stdio.h>\nint main() { return 0; }\n",
        "<html><body><p>SELECT your plan</p></body></html>",
        "{\"a\": [1, 2, 3]}",
        "This is a letter.\nIt speaks of tables, and of chairs.\n",
        "Set the table, please.\nThe guests will come at eight, I think.\n",
        "import os\nprint('x')\n",
    ] {
        let script = Script::new(text);
        assert!(
            !script.errors().is_empty(),
            "{text} read as {:?}",
            script.kinds()
        );
        assert!(script.units.iter().map(|u| u.error_bytes).sum::<u64>() > 0);
    }
    assert!(Script::new("").units.is_empty());
    assert!(Script::clean("-- only a comment\n").units.is_empty());
}

#[test]
fn dynamic_statements_need_no_terminator_and_know_no_commands() {
    let units = parse_statement("DELETE FROM t WHERE a = :1", FileId(7));
    assert_eq!(units.len(), 1);
    assert!(units[0].errors.is_empty());
    assert!(matches!(
        units[0].ast[units[0].item].kind,
        ast::ItemKind::Dml(_)
    ));
    let units = parse_statement("BEGIN p(:1); END;", FileId(7));
    assert!(matches!(
        units[0].ast[units[0].item].kind,
        ast::ItemKind::Block(_)
    ));
    assert!(
        !parse_statement("SET DEFINE OFF", FileId(7))[0]
            .errors
            .is_empty()
    );
}

#[test]
fn nothing_is_quadratic_in_scripts_without_terminators() {
    let start = std::time::Instant::now();
    let script = Script::new(&"select 1 from dual\n".repeat(5_000));
    assert_eq!(script.units.len(), 5_000);
    let blocks = Script::clean(&"begin null; end;\nprompt it's\n".repeat(5_000));
    assert_eq!(blocks.units.len(), 10_000);
    assert!(start.elapsed().as_secs() < 30, "took {:?}", start.elapsed());
}
