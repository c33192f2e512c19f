//! What the fuzz targets of tests/fuzz found, each made small.

use super::*;

fn lossless(text: &str) {
    let file = ParsedFile {
        file: FileId(0),
        units: parse_text(text, FileId(0)),
    };
    super::corpus::assert_round_trip(text, &file);
}

#[test]
fn a_directive_without_its_end_takes_nothing_with_it() {
    lossless("$IF CONNECT a\n EXIT\n$ELSIF b c;\n/\n");
    lossless("BEGIN\n$IF a\nEXIT\n$ELSE\nx := 1;\nEND;\n/\nSELECT 1 FROM dual;\n");
    let script = Script::new("BEGIN\n  x := 1 + $IF a $THEN 2;\n  y := 2;\nEND;\n/\nCOMMIT;\n");
    assert!(!script.errors().is_empty());
    assert_eq!(script.kinds().last().map(String::as_str), Some("Stmt"));
}

#[test]
fn a_reading_that_fails_behind_a_directive_goes_on() {
    for text in [
        "BEGIN\n  $IF ;END;$IF .$THEN ",
        "BEGIN\n  $IF a $THEN x :\n  y;\nEND;\n\n  $IF a .$THEN x :\nE",
        "BEGIN\n$IF .$THEN $END\nEND;\n$IF $THEN",
    ] {
        lossless(text);
        assert!(!Script::new(text).errors().is_empty());
    }
}

#[test]
fn a_function_that_is_not_closed_ends() {
    let text = "SELECT json_transform('{}', APPEND '$.a' = 'c' REPLACE ON MISMATCH( );\n";
    lossless(text);
    assert!(!Script::new(text).errors().is_empty());
}

#[test]
fn the_cursor_stops_at_the_last_token() {
    for text in [
        "ALTER TABLE IF",
        "ALTER TABLE IF;",
        "CREATE TABLE g (s NUMBER, CONSTRAINT u UNIQUE (s)\n INITIALLY",
        "x\nALTER $IF a $THEN\nTABLE\nIF",
    ] {
        lossless(text);
        assert!(!Script::new(text).errors().is_empty());
    }
}

/// Each failed statement was searched to the end of its chunk for what could be repaired: the time of a script
/// without terminators grew with the square of its length.
#[test]
fn failed_statements_are_repaired_within_themselves() {
    for text in [
        "LOCK TABLE\nt :=\nELSIF &x\nSELECT",
        "&&y. SELECT\nFOR THEN\n1.. ",
        "<< PRAGMA ELSIF .\nIF $END\n$END\nPRIOR UNION NULL",
    ] {
        let script = Script::new(&text.repeat(8_000));
        assert!(script.units.len() >= 8_000, "{text}");
    }
}

/// Each `$IF` was read up to the end of the chunk in search of its `$END`: the time grew with the square of the length.
#[test]
fn directives_without_an_end_are_given_up_at_once() {
    for text in [
        "% |\n$IF\n;\nBEGIN",
        "- COLLECT\n)\np\nDECLARE OPEN INFILE $ELSIF . ; ELSE\n$IF\nCURSOR * DECLARE LIKE TABLE . ;\n",
    ] {
        let script = Script::new(&text.repeat(8_000));
        assert!(script.errors().len() >= 8_000, "{text}");
    }
}

/// The second branch holds a statement without its `;`: it was left out without a word.
#[test]
fn a_branch_that_is_left_out_is_reported() {
    let text = "BEGIN\n  $IF a $THEN\n    p(1);\n  $ELSE\n    p(2)\n  $END\nEND;\n/\n";
    let script = Script::new(text);
    assert_eq!(script.errors().len(), 1, "{:?}", script.errors());
    assert!(script.units[0].error_bytes > 0);
}

/// A BEGIN or DECLARE too many in front of a script: what no block can hold stays a unit of its own.
#[test]
fn a_block_that_never_ends_does_not_swallow_the_script() {
    let rest = "set echo on\nalter system flush shared_pool;\ncall p.q(1);\npurge recyclebin;\nexec :x := 5\n\nselect a from t;\n";
    let known = Script::new(rest).kinds();
    for open in [
        "BEGIN x := 1;\n",
        "<< ",
        "UPDATE ",
        "DELETE ",
        "&v ",
        "CREATE ",
    ] {
        let kinds = Script::new(&format!("{open}{rest}")).kinds();
        let lost = known[1..].iter().filter(|k| !kinds.contains(k));
        assert_eq!(lost.count(), 0, "{open}: {kinds:?}");
    }
    let declared = Script::new("DECLARE col v format a30\nSELECT a FROM t;\n").kinds();
    assert_eq!(
        declared.last().map(String::as_str),
        Some("Query"),
        "{declared:?}"
    );
}

/// What stood between a COMMIT or TRUNCATE without its `;` and the next `;` was taken for clauses of theirs.
#[test]
fn a_statement_behind_one_without_its_semicolon_is_not_lost() {
    let text = "BEGIN\n  COMMIT\n  INSERT INTO t VALUES (1);\nEND;\n/\nTRUNCATE TABLE t\nINSERT INTO t VALUES (2);\ncommit\n\nselect a from t;\n";
    let script = Script::new(text);
    assert_eq!(script.errors().len(), 3, "{:?}", script.errors());
    assert!(script.tree(0).contains("Insert"));
    assert_eq!(script.kinds()[2..], ["Dml", "Stmt", "Query"]);
    Script::clean(
        "COMMIT WORK COMMENT 'x';\nCOMMIT WRITE IMMEDIATE NOWAIT;\nCOMMIT FORCE '1.2.3', 5;\n",
    );
}

/// Openers without an end, by the hundred thousand: each looked for its end, or for the next lone `/`, anew.
#[test]
fn openers_without_an_end_are_searched_for_once() {
    for line in [
        "/* '\n",
        "q'[ \n;'\n",
        "{{ x }\n/\n",
        "x := 'a;\n/*\n",
        "a := q'[ x\n",
    ] {
        for end in ["", "*/\n", "]'a;\n/\n"] {
            lossless(&(line.repeat(100_000) + end));
        }
    }
}
