//! Extreme texts: read without running out of stack, each node where it belongs. How long it takes is measured
//! by the benches.

use super::*;

fn joined(n: usize, one: impl Fn(usize) -> String, by: &str) -> String {
    (0..n).map(one).collect::<Vec<_>>().join(by)
}

/// Nodes of one kind in the print of the first unit.
fn count(script: &Script, node: &str) -> usize {
    let tree = script.tree(0);
    tree.lines()
        .filter(|l| l.trim_start().contains(node))
        .count()
}

#[test]
fn parentheses_inside_each_other() {
    let nested = |n: usize| format!("SELECT {}1{} FROM dual;\n", "(".repeat(n), ")".repeat(n));
    let script = Script::clean(&nested(5_000));
    assert_eq!(count(&script, "Paren"), 5_000);
    // Deeper ones may be refused, with the one code that says so.
    let script = Script::new(&nested(100_000));
    let errors = script.errors();
    assert!(errors.iter().all(|e| e.starts_with("P003")), "{errors:?}");
    assert_eq!(script.units.len(), 1);
}

#[test]
fn calls_cases_and_queries_inside_each_other() {
    for (open, close) in [
        ("f(", ")"),
        ("CASE WHEN a THEN ", " END"),
        ("(SELECT ", " FROM t)"),
        ("NOT ", ""),
        ("t(1).g(", ")"),
        ("NVL(a, (", "))"),
    ] {
        let n = 2_000;
        let nested = format!("{}1{}", open.repeat(n), close.repeat(n));
        let script = Script::new(&format!("BEGIN\n  x := {nested};\nEND;\n/\n"));
        assert_eq!(script.errors(), Vec::<String>::new(), "{open}");
    }
}

#[test]
fn blocks_inside_each_other() {
    let nested = |n: usize| format!("{}x := 1;\n{}/\n", "BEGIN\n".repeat(n), "END;\n".repeat(n));
    let script = Script::clean(&nested(1_000));
    assert_eq!(script.units[0].statements, 1_001);
    let deep = Script::new(&nested(20_000));
    assert!(deep.errors().iter().any(|e| e.starts_with("P003")));
}

#[test]
fn long_lists_literals_and_chains() {
    let list = joined(100_000, |n| n.to_string(), ", ");
    let script = Script::clean(&format!("SELECT 1 FROM t WHERE a IN ({list});\n"));
    assert_eq!(script.units.len(), 1);
    let chain = joined(100_000, |n| format!("'a{n}'"), " || ");
    Script::clean(&format!("BEGIN\n  x := {chain};\nEND;\n/\n"));
    let literal = "x".repeat(10 << 20);
    let script = Script::clean(&format!("INSERT INTO t VALUES ('{literal}');\n"));
    assert!(script.units[0].tape.len() < 20);
    let ors = joined(50_000, |n| format!("a = {n}"), " OR ");
    Script::clean(&format!("DELETE FROM t WHERE {ors};\n"));
    let unions = joined(20_000, |n| format!("SELECT {n} FROM dual"), " UNION ALL ");
    Script::clean(&format!("{unions};\n"));
    let arms = joined(20_000, |n| format!("ELSIF x = {n} THEN y := {n};"), "\n");
    Script::clean(&format!(
        "BEGIN\n  IF x IS NULL THEN y := 0;\n{arms}\n  END IF;\nEND;\n/\n"
    ));
}

#[test]
fn directives_across_the_grammar_are_taken_out_once_each() {
    let one = "  x := 1 $IF $$a $THEN + 2; $ELSE + 3; $END\n";
    let script = Script::new(&format!("BEGIN\n{}END;\n/\n", one.repeat(5_000)));
    assert_eq!(script.units[0].statements, 5_001);
    let inside = "a $IF $$a $THEN , b $ELSE , c $END , ".repeat(2_000);
    let script = Script::new(&format!("SELECT {inside} z FROM t;\n"));
    assert_eq!(script.kinds(), ["Query"]);
    // Directives that never end.
    let script = Script::new(&format!(
        "BEGIN\n{}END;\n/\n",
        "$IF a $THEN\n".repeat(20_000)
    ));
    assert!(!script.errors().is_empty());
    let script = Script::new(&format!(
        "DECLARE\n{}x NUMBER;\nBEGIN NULL; END;\n/\n",
        "$IF a $THEN b\n".repeat(20_000)
    ));
    assert!(!script.errors().is_empty());
}

#[test]
fn openings_without_end_are_refused_in_one_go() {
    for open in [
        "(",
        "CASE WHEN ",
        "f(",
        "SELECT (",
        "BEGIN ",
        "IF a THEN ",
        "LOOP ",
        "q'[",
        "/* ",
        "<<a>> ",
        "NOT ",
        "- ",
    ] {
        let script = Script::new(&format!(
            "BEGIN\n  x := {};\nEND;\n/\n",
            open.repeat(20_000)
        ));
        assert!(!script.errors().is_empty(), "{open}");
        let lines = Script::new(&format!(
            "BEGIN\n{};\nEND;\n/\n",
            format!("{open}\n").repeat(20_000)
        ));
        assert!(!lines.units.is_empty(), "{open}");
    }
}
