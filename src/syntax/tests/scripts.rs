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
fn edits_of_the_buffer_and_remarks_of_several_lines() {
    let script = Script::clean(
        "SELECT a FROM t;\nCHANGE /a/b/\nc /t/u\nAPPEND  WHERE b = 1\nA , c\nDEL 3\nDEL\nLIST LAST\nRUN\nDOC\n it's (not SQL;\n########\n #\nDOCUMENT\nwhat '\n#\nHIST 5 RUN\nSELECT b FROM t;\n",
    );
    let kinds = script.kinds();
    let last = &kinds[kinds.len() - 4..];
    assert_eq!(
        last,
        [
            "SqlPlus DOCUMENT",
            "SqlPlus DOCUMENT",
            "SqlPlus HISTORY",
            "Query"
        ]
    );
    assert_eq!(
        &kinds[1..5],
        [
            "SqlPlus CHANGE",
            "SqlPlus CHANGE",
            "SqlPlus APPEND",
            "SqlPlus APPEND"
        ]
    );
    // Without its `#` a DOC hides nothing.
    assert_eq!(
        Script::new("DOC\nSELECT a FROM t;\n").kinds(),
        ["SqlPlus DOCUMENT", "Query"]
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
        "#ifndef T_H\n#define T_H 1\n#endif\n",
        "/* c */\nstatic int begin(void)\n{\n  return exit(0);\n}\n",
        "<html><body><p>SELECT your plan</p></body></html>",
        "<?xml version=\"1.0\"?>\n<select>FROM</select>\n",
        "{\"a\": [1, 2, 3]}",
        "[1, 2, 3]\n",
        "This is a letter.\nIt speaks of tables, and of chairs.\n",
        "Set the table, please.\nThe guests will come at eight, I think.\n",
        "Select one of the plans from the list below.\nThen commit to it.\n",
        "exit the building\nstart again\nget lost\n",
        "import os\nprint('x')\n",
        "with open('x') as f:\n    print(f.read())\n",
        "package a.b;\n\nimport java.util.List;\n\npublic class C {\n  void f() { delete(1); }\n}\n",
        "name: build\non:\n  push:\nset: 1\nstart: here\n",
        "id,name,qty\n1,foo,2\n2,bar,3\n",
        "select;from;where\n1;2;3\n",
        "# Title\n\nSome *words*, and a list:\n\n- one\n- two\n",
        "#!/bin/sh\nset -e\nexport X=1\necho $X\n",
        "set -e\necho start\nexit 0\n",
        "function f(a) {\n  return a.delete(1);\n}\n",
        "@import 'a.css';\nbody { color: red; }\n",
        "[section]\nkey = value\n",
        "func main() {\n\tfmt.Println(\"x\")\n}\n",
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
fn set_changes_how_a_script_is_read() {
    let script = Script::clean(
        "SET DEFINE ^\nSELECT * FROM t^suffix WHERE a = ^1 AND b = 'R&D';\nSET SQLTERMINATOR \"#\" BLOCKTERMINATOR !\nDELETE FROM a #\nUPDATE b SET c = 1\n#\nBEGIN NULL; END;\n!\nSELECT 1 FROM dual;\n",
    );
    let kinds = script.kinds();
    assert_eq!(
        kinds,
        [
            "SqlPlus SET",
            "Query",
            "SqlPlus SET",
            "Dml",
            "Dml",
            "Block",
            "Query"
        ]
    );
    let tree = script.tree(1);
    assert!(tree.contains("Table T^SUFFIX"), "{tree}");
    assert!(tree.contains("Subst"), "{tree}");
    let off = Script::new("SET DEFINE OFF\nSELECT &x FROM t;\n");
    assert_eq!(off.errors().len(), 1, "{:?}", off.errors());
    Script::clean("SET DEFINE OFF\nSET DEFINE ON\nSELECT &x FROM t;\n");
}

#[test]
fn variables_stand_anywhere() {
    let script = Script::clean(
        "INSERT INTO &&owner..t_&suffix (a&1.b, c) VALUES (&x, '&y', &&z + 1);\nSELECT &cols FROM &tab &where;\n&stmt;\nDROP TABLE &1;\nEXEC &pkg..run(&1)\n",
    );
    assert_eq!(script.units.len(), 5);
    assert!(
        script.tree(0).contains("Table &&OWNER.T_&SUFFIX") || script.tree(0).contains("T_&SUFFIX")
    );
}

#[test]
fn statements_do_not_swallow_what_follows() {
    for (text, kinds) in [
        (
            "SELECT a FROM t\nSET LINESIZE 200\nSELECT b FROM u;\n",
            vec!["Query", "SqlPlus SET", "Query"],
        ),
        (
            "SELECT a FROM t\nSELECT b FROM u;\n",
            vec!["Query", "Query"],
        ),
        (
            "what is this\nSELECT b FROM u;\n",
            vec!["Unparsed", "Query"],
        ),
        (
            "BEGIN\n  p;\nDROP TABLE t;\nSELECT 1 FROM dual;\n",
            vec!["Block", "Drop", "Query"],
        ),
    ] {
        let script = Script::new(text);
        assert_eq!(script.kinds(), kinds, "{text}");
        assert!(!script.errors().is_empty(), "{text}");
    }
    // What only looks like a command stays part of its statement.
    Script::clean(
        "UPDATE t\nSET pagesize = 5, time = 1;\nGRANT\nEXECUTE ON p TO u;\nSELECT 1 FROM a\nUNION ALL\nSELECT 2 FROM b;\n",
    );
}

#[test]
fn a_stray_quote_costs_its_line() {
    let script = Script::new(
        "INSERT INTO t VALUES (1, 'a);\nINSERT INTO t VALUES (2, 'b');\nINSERT INTO t VALUES (3, 'c');\nDELETE FROM t WHERE a = 'x';\n",
    );
    assert_eq!(script.kinds(), ["Dml", "Dml", "Dml", "Dml"]);
    assert!(script.tree(1).contains("Insert") && script.tree(3).contains("Delete"));
    assert_eq!(
        script.units.iter().filter(|u| u.errors.is_empty()).count(),
        3
    );
}

#[test]
fn long_texts_are_read_in_parallel_with_the_same_result() {
    let once = "CREATE OR REPLACE PROCEDURE p IS\nBEGIN\n  x := y + 1;\nEND;\n/\nSET ECHO ON\nSELECT a FROM t;\nfoo bar;\n";
    let text = once.repeat(400_000 / once.len());
    let read = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let units = parse_text(&text, FileId(0));
            let one = |u: &Unit| (u.span, u.statements, u.errors.len(), u.tape.len());
            units.iter().map(one).collect::<Vec<_>>()
        })
    };
    let alone = read(1);
    assert_eq!(alone.len(), 4 * (400_000 / once.len()));
    assert_eq!(alone, read(3));
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

#[test]
fn commands_inside_and_behind_statements() {
    // SQLPREFIX: run at once, the statement goes on.
    let script = Script::clean(
        "UPDATE t\nSET a = 1\n#pause\nWHERE b = 2;\nBEGIN\n  a;\n#host ls (x\n  b;\nEND;\n/\n",
    );
    assert_eq!(script.kinds(), ["Dml", "Block"]);
    // A blank line ends what is read into the buffer, and a script may end it.
    let script = Script::clean(
        "SELECT a\nFROM t\n\npause\n/\nSELECT b FROM u\n@pr\n\nSELECT c\n\nFROM v\n\nCONNECT BY PRIOR a = b;\nroll;\nhost ( echo 'x > y )\n",
    );
    assert_eq!(
        script.kinds(),
        [
            "Query",
            "SqlPlus PAUSE",
            "SqlPlus /",
            "Query",
            "SqlPlus @",
            "Query",
            "Stmt",
            "SqlPlus HOST"
        ]
    );
    tree_has(
        "COMMIT;\nEXEC EXECUTE IMMEDIATE 'x'; EXCEPTION WHEN OTHERS THEN NULL;\n",
        &[
            "stmt: Block @",
            "body: ExecuteImmediate @",
            "handler: Null @",
        ]
        .map(|l| l.trim_end_matches(" @")),
    );
}
