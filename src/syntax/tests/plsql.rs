//! Blocks, statements, declarations, routines, triggers, types.

use super::*;

#[test]
fn end_matching_of_case_if_loop_labels_and_initialiser() {
    let script = Script::clean(
        "CREATE OR REPLACE PACKAGE BODY p AS\n g NUMBER;\n PROCEDURE a IS BEGIN <<l>> FOR i IN REVERSE 1..10 LOOP IF x THEN y := CASE WHEN a THEN 1 ELSE 2 END; ELSIF z THEN CASE q WHEN 1 THEN NULL; ELSE EXIT l WHEN b; END CASE; END IF; END LOOP l; END a;\nBEGIN g := 1; END p;\n/\n",
    );
    let tree = script.tree(0);
    for line in ["<<L>> ForRange I reverse", "Case", "Exit L", "init: Block"] {
        assert!(tree.contains(line), "{line} in\n{tree}");
    }
    assert_eq!(script.units.len(), 1);
}

#[test]
fn loops_over_queries_cursors_and_ranges() {
    body_has(
        "FOR r IN (SELECT a FROM t) LOOP NULL; END LOOP; FOR r IN c(1) LOOP NULL; END LOOP; FOR i IN a .. b BY 2, 7 LOOP NULL; END LOOP;",
        &[
            "body: ForCursor R",
            "in: Query",
            "body: ForCursor R",
            "in: Call",
            "body: ForRange I",
            "low: Name A",
            "high: Name B",
            "step: Number 2",
            "in: Number 7",
        ],
    );
    body_has(
        "WHILE a < 1 LOOP CONTINUE WHEN b; END LOOP; LOOP EXIT; END LOOP;",
        &[
            "body: While",
            "while: Compare Lt",
            "body: Continue",
            "body: Loop",
            "body: Exit",
        ],
    );
}

#[test]
fn bulk_and_dynamic_statements() {
    body_has(
        "FETCH c BULK COLLECT INTO a, b LIMIT 100; FORALL i IN INDICES OF t SAVE EXCEPTIONS EXECUTE IMMEDIATE 'x' USING t(i);",
        &[
            "body: Fetch",
            "into: Name A",
            "limit: Number 100",
            "body: Forall I save exceptions",
            "in: Name T",
            "body: ExecuteImmediate",
            "using: Call",
        ],
    );
    body_has(
        "FORALL i IN 1 .. n MERGE INTO t USING dual ON (t.id = a(i)) WHEN MATCHED THEN UPDATE SET x = 1;",
        &["body: Forall I", "body: Dml", "dml: Merge"],
    );
    body_has(
        "EXECUTE IMMEDIATE 'DELETE ' || t USING IN a, OUT b RETURNING INTO c; OPEN cur FOR 'SELECT ' || x USING y; OPEN cur FOR SELECT 1 FROM dual;",
        &[
            "body: ExecuteImmediate",
            "text: Chain Concat",
            "using: Name A",
            "into: Name C",
            "body: Open",
            "for: Chain Concat",
            "using: Name Y",
            "body: Open",
            "for: Query",
        ],
    );
}

#[test]
fn statement_words_as_routine_names() {
    body_has(
        "log('x'); close(f); open(g); delete(h); t.delete; set_x; exit;",
        &[
            "call: Call",
            "callee: Name LOG",
            "callee: Name CLOSE",
            "callee: Name OPEN",
            "callee: Name DELETE",
            "call: Name T.DELETE",
            "call: Name SET_X",
            "body: Exit",
        ],
    );
}

#[test]
fn declarations() {
    tree_has(
        "DECLARE c CONSTANT NUMBER(3) NOT NULL := 1; r t%ROWTYPE; v t.c%TYPE; e EXCEPTION; PRAGMA EXCEPTION_INIT(e, -1); TYPE rt IS RECORD (a NUMBER := 0, b DATE); TYPE ct IS TABLE OF rt INDEX BY PLS_INTEGER; TYPE rc IS REF CURSOR RETURN rt; SUBTYPE st IS PLS_INTEGER RANGE 1..9; CURSOR k (p NUMBER DEFAULT 1) RETURN rt IS SELECT a, b FROM t; PROCEDURE q(a IN OUT NOCOPY NUMBER, b OUT DATE); BEGIN NULL; END;\n/\n",
        &[
            "decl: Constant C",
            "decl: Var R",
            "type: Type t%ROWTYPE",
            "decl: Var V",
            "type: Type t.c%TYPE",
            "decl: Exception E",
            "decl: Pragma EXCEPTION_INIT",
            "decl: Record RT",
            "decl: Collection CT",
            "index by: Type PLS_INTEGER",
            "decl: RefCursor RC",
            "decl: Subtype ST",
            "decl: Cursor K",
            "query: Query",
            "routine: Procedure Q(A InOut, B Out)",
        ],
    );
}

#[test]
fn routines_with_options_and_foreign_bodies() {
    let script = Script::clean(
        "CREATE FUNCTION s.f (a NUMBER) RETURN t PIPELINED DETERMINISTIC PARALLEL_ENABLE (PARTITION a BY ANY) IS PRAGMA AUTONOMOUS_TRANSACTION; BEGIN PIPE ROW (a); RETURN; END f;\n/\nCREATE PROCEDURE j AS LANGUAGE JAVA NAME 'X.y()';\n/\n",
    );
    let routine = |i: usize| {
        let unit = &script.units[i];
        match unit.ast[unit.item].kind {
            ast::ItemKind::CreateRoutine { owner, routine } => (owner.is_some(), unit.ast[routine]),
            _ => panic!("no routine"),
        }
    };
    let (owned, f) = routine(0);
    assert!(owned && f.function && f.autonomous && f.body.is_some() && !f.options.is_empty());
    let (owned, j) = routine(1);
    assert!(!owned && j.external && j.body.is_none());
}

#[test]
fn triggers_simple_and_compound() {
    let script = Script::clean(
        "CREATE TRIGGER a BEFORE INSERT OR UPDATE OF x ON s.t REFERENCING NEW AS n FOR EACH ROW WHEN (n.x > 0) BEGIN :n.x := 1; END;\n/\nCREATE TRIGGER b FOR DELETE ON t COMPOUND TRIGGER v NUMBER; BEFORE STATEMENT IS BEGIN v := 1; END BEFORE STATEMENT; AFTER EACH ROW IS BEGIN v := 2; END AFTER EACH ROW; END b;\n/\n",
    );
    let trigger = |i: usize| {
        let unit = &script.units[i];
        match unit.ast[unit.item].kind {
            ast::ItemKind::CreateTrigger(t) => unit.ast[t],
            _ => panic!("no trigger"),
        }
    };
    let a = trigger(0);
    assert!(
        a.before
            && a.each_row
            && a.on_insert
            && a.on_update
            && !a.on_delete
            && a.when.is_some()
            && a.bodies.len() == 1
    );
    let b = trigger(1);
    assert!(b.on_delete && b.bodies.len() == 2);
}

#[test]
fn object_types_and_bodies() {
    let script = Script::clean(
        "CREATE TYPE o UNDER b (x NUMBER, y DATE, MEMBER FUNCTION f RETURN NUMBER, CONSTRUCTOR FUNCTION o (x NUMBER) RETURN SELF AS RESULT) NOT FINAL;\n/\nCREATE TYPE BODY o AS MEMBER FUNCTION f RETURN NUMBER IS BEGIN RETURN 1; END; CONSTRUCTOR FUNCTION o (x NUMBER) RETURN SELF AS RESULT IS BEGIN RETURN; END; END;\n/\nCREATE TYPE l AS TABLE OF o;\n/\n",
    );
    let kinds = script.kinds();
    assert_eq!(kinds, ["CreateType", "CreateTypeBody", "CreateType"]);
    let unit = &script.units[0];
    let ast::ItemKind::CreateType { attributes, .. } = unit.ast[unit.item].kind else {
        panic!("no type")
    };
    assert_eq!(unit.ast.list(attributes).len(), 2);
}

#[test]
fn conditional_compilation_keeps_every_branch() {
    body_has(
        "$IF $$a $THEN x := 1; $ELSIF $$b $THEN y := 2; $ELSE z := 3; $END",
        &[
            "body: CondCompile",
            "then: Assign",
            "target: Name X",
            "then: Assign",
            "target: Name Y",
            "else: Assign",
            "target: Name Z",
        ],
    );
    // Across the grammar the first branch is read in place.
    let script = Script::clean(
        "CREATE PACKAGE p AS SUBTYPE r IS $IF $$old $THEN NUMBER; $ELSE BINARY_DOUBLE; $END e r; END;\n/\n",
    );
    let tree = script.tree(0);
    assert!(
        tree.contains("decl: Subtype R") && tree.contains("decl: Var E"),
        "{tree}"
    );
    assert_eq!(script.units[0].opaque, 1);
    // But whole statements are not dropped without a word.
    let script = Script::new(
        "BEGIN $IF $$a $THEN IF x THEN $ELSE DELETE FROM t; IF y THEN $END NULL; END IF; END;\n/\n",
    );
    assert!(!script.errors().is_empty());
}

#[test]
fn two_hundred_levels_and_the_limit() {
    let deep = |n: usize| {
        format!(
            "BEGIN x := {}1{}; y := 2; END;\n/\n",
            "(".repeat(n),
            ")".repeat(n)
        )
    };
    Script::clean(&deep(200));
    Script::clean(&format!(
        "{}NULL;{}\n/\n",
        "BEGIN ".repeat(1000),
        " END;".repeat(1000)
    ));
    Script::clean(&deep(5_000));
    let script = Script::new(&deep(50_000));
    assert_eq!(script.errors().len(), 1);
    assert!(script.errors()[0].starts_with("P003"));
    assert!(
        script.tree(0).contains("target: Name Y"),
        "the next statement survives"
    );
}

#[test]
fn a_directive_that_cuts_an_if_is_read_by_its_first_branch() {
    tree_has(
        "BEGIN IF a THEN\n$IF $$x $THEN b; ELSE c; $END\nEND IF; END;\n/\n",
        &[
            "body: If",
            "then: Call",
            "call: Name B",
            "else: Call",
            "call: Name C",
        ],
    );
}

#[test]
fn directives_around_handlers_and_in_headers() {
    body_has(
        "BEGIN\n a;\n$IF x.y $THEN\nEXCEPTION\n  WHEN OTHERS THEN b;\n$END\nEND;",
        &["handler: Call"],
    );
    body_has(
        "CASE a\n WHEN 1 THEN b;\n$IF x.y $THEN\n WHEN 2 THEN c;\n$END\nEND CASE;\nd := trim(e, f) || trim(g => h);",
        &["when: Number 2", "callee: Name TRIM", "operand: Call (G)"],
    );
    // A directive of the header takes none of the body's with it.
    let script = Script::clean(
        "CREATE PROCEDURE p (a NUMBER $IF $$x $THEN , b NUMBER $END) IS\n  $IF $$z $THEN c NUMBER; $END\nBEGIN\n  $IF $$y $THEN d; $END\n  IF a $IF $$w $THEN > 1 $ELSE > 2 $END THEN e; END IF;\nEND;\n/\n",
    );
    let tree = script.tree(0);
    assert_eq!(tree.matches("CondCompile").count(), 2, "{tree}");
    assert!(
        tree.contains("(A In, B In)") && tree.contains("if: Compare Gt"),
        "{tree}"
    );
    assert!(super::corpus::census_agrees(&script.units[0]));
}
