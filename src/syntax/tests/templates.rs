//! SQL inside strings: templates, holes, trees, and places that lead back into the literal.

use super::*;

/// The templates of a body's dynamic statements, with the script they come from.
fn templates(body: &str) -> (Script, Vec<(Runs, Template)>) {
    let script = Script::clean(&format!("BEGIN\n{body}\nEND;\n/\n"));
    let mut all = Vec::new();
    let view = View::new(&script.map, &script.units[0]);
    for_each_text(view, &mut |runs, e| {
        let template = match runs {
            Runs::Job => Template::of_action(view, e),
            Runs::Execute | Runs::Open | Runs::Parse => Template::of(view, e),
        };
        all.push((runs, template));
    });
    (script, all)
}

fn tree_of(t: &Template) -> String {
    let mut map = SourceMap::default();
    let id = map.add(SourceFile::from_text("text", &t.text));
    let units = t.parse(id);
    for unit in &units {
        assert!(unit.errors.is_empty(), "{}: {:?}", t.text, unit.errors);
    }
    let trees: Vec<String> = units.iter().map(|u| dump(&map, u)).collect();
    trees.join("")
}

#[track_caller]
fn template_has(expr: &str, text: &str, places: &[HolePlace], lines: &[&str]) {
    let (_, all) = templates(&format!("EXECUTE IMMEDIATE {expr};"));
    let t = &all[0].1;
    assert_eq!(t.text, text);
    let found: Vec<HolePlace> = t.holes.iter().map(|h| h.place).collect();
    assert_eq!(found, places, "{text}");
    let tree = tree_of(t);
    for line in lines {
        assert!(tree.contains(line), "no `{line}` in\n{tree}");
    }
}

#[test]
fn holes_at_names_values_lists_and_clauses() {
    use HolePlace::*;
    template_has(
        "'INSERT INTO ' || v_tab || ' (a) VALUES (' || v || ')'",
        "INSERT INTO &hole_0. (a) VALUES (&hole_1.)",
        &[Identifier, Value],
        &["Insert (A)", "Table &HOLE_0.", "value: Subst"],
    );
    template_has(
        "'UPDATE emp_' || suffix || '_h SET ' || c || ' = 1 WHERE ' || v_where",
        "UPDATE emp_&hole_0._h SET &hole_1. = 1 WHERE &hole_2.",
        &[Identifier, List, Predicate],
        &["Table EMP_&HOLE_0._H", "where: Subst"],
    );
    template_has(
        "'SELECT a FROM ' || o || '.t WHERE b IN (' || l || ') AND c = ''' || s || ''' ' || v_more",
        "SELECT a FROM &hole_0..t WHERE b IN (&hole_1.) AND c = '&hole_2.'  ",
        &[Identifier, List, Literal, Clause],
        &["Table &HOLE_0..T", "InList", "String '&hole_2.'"],
    );
    template_has(
        "'DELETE FROM t ' || v_where || ' RETURNING a INTO :x'",
        "DELETE FROM t   RETURNING a INTO :x",
        &[Clause],
        &["Delete", "returning: Name A"],
    );
    template_has(
        "('TRUNCATE TABLE ' || t) || CHR(10) || NULL",
        "TRUNCATE TABLE &hole_0.\n",
        &[Identifier],
        &["Truncate", "Name &HOLE_0."],
    );
    template_has(
        "'SELECT ' || cols || ' FROM t ORDER BY ' || o",
        "SELECT &hole_0. FROM t ORDER BY &hole_1.",
        &[List, List],
        &["item: Subst", "order by: Subst"],
    );
    template_has(
        "q'[BEGIN p('x', ]' || v || q'[); END;]'",
        "BEGIN p('x', &hole_0.); END;",
        &[Value],
        &["Block", "arg: Subst"],
    );
}

#[test]
fn places_lead_back_into_the_literal() {
    let body =
        "EXECUTE IMMEDIATE 'UPDATE t SET a = ''it''''s'' WHERE b = ' || v || q'[ AND c = 'x']';";
    let (script, all) = templates(body);
    let t = &all[0].1;
    assert_eq!(
        t.text,
        "UPDATE t SET a = 'it''s' WHERE b = &hole_0. AND c = 'x'"
    );
    let file = &script.map.file(script.units[0].file).text;
    let source = |part: &str| {
        let at = t.text.find(part).expect("part");
        let span = t.origin(at..at + part.len()).expect("place");
        &file[span.start as usize..span.end as usize]
    };
    assert_eq!(source("UPDATE t"), "UPDATE t");
    assert_eq!(source("'it''s'"), "''it''''s''");
    assert_eq!(source("WHERE b"), "WHERE b");
    assert_eq!(source("&hole_0."), "v");
    assert_eq!(source("AND c = 'x'"), "AND c = 'x'");
    assert_eq!(source("b = &hole_0. AND"), "b = ' || v || q'[ AND");
}

#[test]
fn every_tree_of_a_text_has_a_place_in_the_file() {
    let (script, all) = templates(
        "OPEN c FOR 'SELECT a, b FROM ' || t || ' WHERE d = :1' USING x;\n\
         FOR r IN (EXECUTE IMMEDIATE 'SELECT 1 FROM dual') LOOP NULL; END LOOP;\n\
         DBMS_SQL.PARSE(h, 'DELETE FROM t', DBMS_SQL.NATIVE);\n\
         SYS.DBMS_SCHEDULER.CREATE_JOB(job_name => 'j', job_type => 'STORED_PROCEDURE', job_action => 'pkg.run');\n\
         DBMS_JOB.SUBMIT(j, 'pkg.a; pkg.b(1);', SYSDATE);",
    );
    let kinds: Vec<Runs> = all.iter().map(|(r, _)| *r).collect();
    assert_eq!(
        kinds,
        [Runs::Open, Runs::Execute, Runs::Parse, Runs::Job, Runs::Job]
    );
    assert_eq!(all[3].1.text, "BEGIN pkg.run; END;");
    assert_eq!(all[4].1.text, "BEGIN pkg.a; pkg.b(1); END;");
    let file = &script.map.file(script.units[0].file).text;
    for (_, t) in &all {
        tree_of(t);
        for i in 0..t.text.len() {
            let span = t.origin(i..i + 1).expect("place");
            assert!((span.end as usize) <= file.len() && span.start < span.end);
        }
    }
    let t = &all[4].1;
    let at = t.text.find("pkg.b").expect("call");
    let span = t.origin(at..at + 5).expect("place");
    assert_eq!(&file[span.start as usize..span.end as usize], "pkg.b");
}

#[test]
fn names_tell_their_holes() {
    let (_, all) = templates("EXECUTE IMMEDIATE 'DROP TABLE ' || a || '.' || b || '_old';");
    let t = &all[0].1;
    assert_eq!(t.text, "DROP TABLE &hole_0..&hole_1._old");
    assert_eq!(t.holes_in("&HOLE_1._OLD").count(), 1);
    assert_eq!(t.holes_in("&hole_0..&hole_1.").count(), 2);
    assert_eq!(t.holes_in("plain").count(), 0);
}

#[test]
fn a_hundred_thousand_pieces_are_laid_out_in_linear_time() {
    let chain: Vec<String> = (0..20_000).map(|i| format!("'c{i} = ' || v")).collect();
    let (_, all) = templates(&format!(
        "EXECUTE IMMEDIATE 'UPDATE t SET ' || {};",
        chain.join(" || ', ' || ")
    ));
    assert_eq!(all[0].1.holes.len(), 20_000);
}
