//! The two tables of the module's documentation are true: every row's example is read as it says.

use super::*;

const TABLES: &str = include_str!("../coverage.md");

/// The cells of the rows below a heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let after = TABLES.split(heading).nth(1).unwrap_or("");
    let mut table = after.lines().skip_while(|l| !l.starts_with("|---"));
    table.next();
    table
        .take_while(|l| l.starts_with('|'))
        .map(|l| {
            let line = l.trim_matches('|').replace("\\|", "\u{1}");
            let cells = line.split('|').map(|c| c.trim().replace('\u{1}', "|"));
            cells
                .map(|c| c.trim_matches('`').replace('⏎', "\n"))
                .collect()
        })
        .collect()
}

fn script(example: &str) -> Script {
    let end = if example.ends_with('/') {
        "\n"
    } else {
        "\n/\n"
    };
    // Several statements in a cell stand on one line.
    Script::new(&format!(
        "{}{end}",
        example.replace("; CREATE ", ";\nCREATE ")
    ))
}

fn tree(script: &Script) -> String {
    let all = (0..script.units.len()).map(|i| script.tree(i));
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_covered_is_read_as_typed_nodes() {
    let rows = rows("# What is covered");
    assert!(rows.len() > 150, "{}", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [_, what, example, node] = row.as_slice() else {
            panic!("{row:?}");
        };
        let script = script(example);
        let opaque: u32 = script.units.iter().map(|u| u.opaque).sum();
        let tree = tree(&script);
        let has = tree.lines().any(|l| {
            let line = l.trim();
            line == node || line.split_once(": ").is_some_and(|(_, n)| n == node) || {
                let (a, b) = (
                    format!("{node} "),
                    line.split_once(": ").map_or(line, |x| x.1),
                );
                b.starts_with(&a) || line.starts_with(&a)
            }
        });
        if !script.errors().is_empty() || opaque > 0 || !has {
            wrong.push(format!(
                "{what}: {example}\n{:?} opaque {opaque} has {has}\n{tree}",
                script.errors()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn what_is_opaque_is_recognised_and_counted() {
    let rows = rows("# What is opaque");
    assert!(rows.len() > 20, "{}", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [what, example] = row.as_slice() else {
            panic!("{row:?}");
        };
        let script = script(example);
        let all = script
            .units
            .iter()
            .all(|u| u.opaque > 0 || u.statements == 0);
        if !script.errors().is_empty() || !all {
            wrong.push(format!(
                "{what}: {example} {:?}\n{}",
                script.errors(),
                tree(&script)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
