//! Tests that look at trees. Expected trees are the `--tree` print without places.

mod census;
mod clauses;
mod corpus;
mod coverage;
mod dml;
mod expressions;
mod found;
mod limits;
mod manuals;
mod mutants;
mod plsql;
mod queries;
mod recovery;
mod scripts;
mod tape;

use super::*;
use crate::source::{FileId, SourceFile, SourceMap};

/// A text parsed as a script.
struct Script {
    map: SourceMap,
    units: Vec<Unit>,
}

impl Script {
    fn new(text: &str) -> Self {
        let mut map = SourceMap::default();
        let id = map.add(SourceFile::from_text("t.sql", text));
        let units = parse_file(&map, id).units;
        Script { map, units }
    }

    fn errors(&self) -> Vec<String> {
        let all = self.units.iter().flat_map(|u| &u.errors);
        all.map(|d| format!("{} {}", d.code.as_str(), d.message))
            .collect()
    }

    fn clean(text: &str) -> Self {
        let s = Self::new(text);
        assert_eq!(s.errors(), Vec::<String>::new(), "in {text}");
        s
    }

    /// The print of unit `i` without places.
    fn tree(&self, i: usize) -> String {
        let tree = dump(&self.map, &self.units[i]);
        let lines = tree
            .lines()
            .map(|l| l.rsplit_once(" @").map_or(l, |(a, _)| a));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Kinds of all units by the first word of their print.
    fn kinds(&self) -> Vec<String> {
        let first = |i| self.tree(i).lines().next().unwrap_or("").to_string();
        (0..self.units.len()).map(first).collect()
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let margin = lines
        .iter()
        .map(|l| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .map(|l| &l[margin..])
        .collect::<Vec<_>>()
        .join("\n")
}

/// The expression of `SELECT e FROM dual`, as a tree.
#[track_caller]
fn expr_is(e: &str, expected: &str) {
    let script = Script::clean(&format!("SELECT {e} FROM dual;"));
    let tree = script.tree(0);
    let mut lines = tree
        .lines()
        .skip_while(|l| !l.trim_start().starts_with("item: "));
    let first = lines.next().unwrap_or("");
    let depth = |l: &str| l.len() - l.trim_start().len();
    let mut item = vec![first];
    item.extend(lines.take_while(|l| depth(l) > depth(first)));
    let got = indented(&item.join("\n"));
    assert_eq!(
        got.trim_start_matches("item: "),
        indented(expected),
        "{e}\n{tree}"
    );
}

/// All of these lines stand in the tree in this order.
#[track_caller]
fn tree_has(text: &str, lines: &[&str]) {
    let script = Script::clean(text);
    let tree = (0..script.units.len())
        .map(|i| script.tree(i))
        .collect::<Vec<_>>()
        .join("\n");
    let mut rest = tree.lines().map(str::trim);
    for line in lines {
        assert!(
            rest.any(|l| l == *line),
            "no `{line}` (in this order) in\n{tree}"
        );
    }
}

/// The same in the body of an anonymous block.
#[track_caller]
fn body_has(body: &str, lines: &[&str]) {
    tree_has(&format!("BEGIN\n{body}\nEND;\n/\n"), lines);
}
