//! One fault costs its statement and no more.

use super::*;

/// Texts of all simple statements that were understood.
fn understood(script: &Script) -> Vec<String> {
    let mut out = Vec::new();
    for unit in &script.units {
        let view = View::new(&script.map, unit);
        for_each_stmt(&unit.ast, unit.item, &mut |id| {
            let stmt = unit.ast[id];
            let simple = matches!(
                stmt.kind,
                ast::StmtKind::Assign { .. } | ast::StmtKind::Call(_) | ast::StmtKind::Return(_)
            );
            if simple {
                out.push(view.text(stmt.span).to_string());
            }
        });
    }
    out
}

#[track_caller]
fn survives(text: &str, statements: &[&str]) {
    let script = Script::new(text);
    assert!(!script.errors().is_empty(), "no error in {text}");
    let got = understood(&script);
    for s in statements {
        assert!(
            got.iter().any(|g| g == s),
            "{s} is lost in\n{text}\ngot {got:?}\nerrors {:?}",
            script.errors()
        );
    }
}

const AROUND: (&str, &str) = (
    "CREATE PACKAGE BODY k AS\n  PROCEDURE p IS\n  BEGIN\n    a := 1;\n",
    "    b := 2;\n  END p;\n  PROCEDURE q IS\n  BEGIN\n    c := 3;\n  END q;\nEND k;\n/\nBEGIN d := 4; END;\n/\n",
);

#[test]
fn a_bad_statement_costs_itself() {
    for bad in [
        "    x := (1 + ;\n",
        "    foo bar baz;\n",
        "    SELECT FROM WHERE;\n",
        "    x = 1;\n",
        "    END IF;\n",
        "    ELSE\n",
        "    )(;\n",
    ] {
        survives(
            &format!("{}{bad}{}", AROUND.0, AROUND.1),
            &["a := 1", "b := 2", "c := 3", "d := 4"],
        );
    }
}

#[test]
fn unclosed_constructs_are_closed_by_evidence() {
    for open in [
        "    IF x THEN\n      y := 9;\n",
        "    FOR i IN 1..2 LOOP\n      y := 9;\n",
        "    BEGIN\n      y := 9;\n",
        "    CASE x WHEN 1 THEN\n      y := 9;\n",
    ] {
        survives(
            &format!("{}{open}{}", AROUND.0, AROUND.1),
            &["a := 1", "y := 9", "b := 2", "c := 3", "d := 4"],
        );
    }
}

#[test]
fn headers_that_cannot_be_read_keep_their_bodies() {
    for (open, close) in [
        ("IF a = = b THEN", "END IF;"),
        ("WHILE ) LOOP", "END LOOP;"),
        ("FOR r IN (SELECT FROM) LOOP", "END LOOP;"),
        ("IF x y := 1;", "END IF;"),
    ] {
        survives(
            &format!(
                "{}    {open}\n      y := 9;\n    {close}\n{}",
                AROUND.0, AROUND.1
            ),
            &["a := 1", "y := 9", "b := 2", "c := 3"],
        );
    }
}

#[test]
fn missing_pieces_of_routines() {
    let without = |what: &str, with: &str| {
        let text = format!("{}{}", AROUND.0, AROUND.1);
        text.replacen(what, with, 1)
    };
    survives(
        &without("  END p;\n", ""),
        &["a := 1", "b := 2", "c := 3", "d := 4"],
    );
    survives(
        &without("  PROCEDURE q IS", "  PROCEDURE q (x IN NUMBER y) IS"),
        &["a := 1", "c := 3", "d := 4"],
    );
    survives(
        &without("  BEGIN\n    c", "    c"),
        &["a := 1", "b := 2", "c := 3", "d := 4"],
    );
    survives(
        &without("END k;\n", ""),
        &["a := 1", "b := 2", "c := 3", "d := 4"],
    );
    survives(
        &without("CREATE PACKAGE BODY", "CREATE OR foo PACKAGE BODY"),
        &["a := 1", "b := 2", "c := 3", "d := 4"],
    );
}

#[test]
fn cut_quotes_stay_in_their_unit() {
    survives(
        "CREATE PROCEDURE p IS\nBEGIN\n  a := 1;\n  x := 'oops;\nEND;\n/\nBEGIN d := 4; END;\n/\n",
        &["a := 1", "d := 4"],
    );
    let script = Script::new("BEGIN x := 'a; END;\n/\nSELECT 1 FROM dual;\n");
    assert!(
        script.errors()[0].starts_with("P002"),
        "{:?}",
        script.errors()
    );
    assert_eq!(script.kinds()[1], "Query");
}

#[test]
fn broken_writes_stay_writes() {
    let script = Script::new(
        "BEGIN\n  INSERT INTO t (a VALUES (1);\n  UPDATE t SET WHERE x;\n  DELETE FROM t WHERE ((;\n  MERGE INTO t USING;\nEND;\n/\nINSERT INTO u VALUES (;\n",
    );
    let tree: Vec<String> = (0..script.units.len()).map(|i| script.tree(i)).collect();
    for verb in [
        "Unparsed Insert",
        "Unparsed Update",
        "Unparsed Delete",
        "Unparsed Merge",
    ] {
        assert!(tree[0].contains(verb), "{verb} in {}", tree[0]);
    }
    assert!(tree[1].contains("Unparsed Insert"), "{}", tree[1]);
}

#[test]
fn error_bytes_are_counted_once() {
    let script = Script::new("BEGIN\n  a := 1;\n  foo bar;\n  b := 2;\nEND;\n/\n");
    assert_eq!(script.units[0].error_bytes, "foo bar;".len() as u64);
    let d = &script.units[0].errors[0];
    assert_eq!(script.map.text(d.labels[0].span), "bar");
    assert_eq!(script.map.place(d.labels[0].span).line, 3);
}

/// A script of statements with literals and comments, `damage` put in front of the second one's end.
fn script_with(damage: &str) -> String {
    format!(
        "INSERT INTO a VALUES (1, 'x');\n/* about b */\nINSERT INTO b VALUES (2, {damage}'y', 'z');\n/* about c */\nINSERT INTO c VALUES (3, 'it''s ; here');\nBEGIN\n  d := 'p' || 'q';\n  -- don't\n  e := q'[r]';\nEND;\n/\nUPDATE f SET g = 'h' WHERE i = 'j';\nDELETE FROM k WHERE l = 'm';\n"
    )
}

#[test]
fn a_quote_or_comment_too_many_costs_its_unit() {
    let whole = Script::clean(&script_with("")).kinds();
    assert_eq!(whole, ["Dml", "Dml", "Dml", "Block", "Dml", "Dml"]);
    for damage in ["' ", "'", "/* ", "q'[ ", "\" ", "N' ", "'' ' "] {
        let text = script_with(damage);
        let script = Script::new(&text);
        assert!(!script.errors().is_empty(), "{damage}");
        let read = |n: usize| {
            script.units.iter().any(|u| {
                let from = text.find(
                    [
                        "INSERT INTO a",
                        "INSERT INTO c",
                        "BEGIN",
                        "UPDATE",
                        "DELETE",
                    ][n],
                );
                u.errors.is_empty() && Some(u.span.start as usize) == from
            })
        };
        let lost: Vec<usize> = (0..5).filter(|n| !read(*n)).collect();
        assert!(
            lost.is_empty(),
            "{damage}: {lost:?} of\n{:?}\n{:?}",
            script.kinds(),
            script.errors()
        );
    }
}

#[test]
fn literals_and_comments_that_hold_code_are_what_they_are() {
    let script = Script::clean(
        "/* left out:\nCREATE TABLE a (b NUMBER);\n/\n  /* inner\n*/\nSELECT 'BEGIN\n  x := 1;\nEND;\n' FROM dual;\nBEGIN\n  EXECUTE IMMEDIATE q'[BEGIN\n  y := '1';\n  z := '2';\nEND;\n]';\n  EXECUTE IMMEDIATE '\nDELETE FROM t;\nCOMMIT;\n'||v;\nEND;\n/\n",
    );
    assert_eq!(script.kinds(), ["Query", "Block"]);
    // An error elsewhere does not make code of them.
    let script = Script::new(
        "BEGIN\n  x y z;\n  EXECUTE IMMEDIATE 'BEGIN\n  a := 1;\n  b := 2;\nEND;';\n  c := 3;\nEND;\n/\n",
    );
    assert_eq!(script.errors().len(), 1, "{:?}", script.errors());
    assert_eq!(understood(&script), ["c := 3"]);
}

#[test]
fn a_second_cut_is_the_same_on_one_core_and_on_many() {
    let damaged: String = (0..4_000)
        .map(|n| script_with(["", "' ", "/* ", "q'[ "][n % 7 % 4]))
        .collect();
    let read = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let units = pool
            .expect("threads")
            .install(|| parse_text(&damaged, FileId(0)));
        let file = ParsedFile {
            file: FileId(0),
            units,
        };
        super::corpus::assert_round_trip(&damaged, &file);
        let of = |u: &Unit| (u.span, u.statements, u.errors.len());
        file.units.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(read(1), read(4));
}
