//! Habits that keep the house readable: heads of modules, sizes, no machine's paths.

use std::fs;
use std::path::Path;

use super::source::{File, files, root};

/// The soft cap is 400 lines of code; a file beyond this is two. Grammar and its trees are excepted.
const CAP: usize = 500;
const EXCEPTED: &[&str] = &["src/syntax/", "src/catalog/walk.rs"];

/// Files that are due to be split, with the length that they must not outgrow meanwhile.
const TO_SPLIT: &[(&str, usize)] = &[
    ("src/catalog/build/job/shell.rs", 600),
    ("src/dataflow/lower/call.rs", 650),
    ("src/dataflow/lower/select.rs", 550),
    ("src/dataflow/period/place.rs", 700),
    ("src/prove/interp/bind/expr.rs", 650),
    ("src/prove/interp/bind/from.rs", 560),
    ("src/prove/interp/bind/query.rs", 540),
    ("src/prove/interp/bind/stmt.rs", 700),
    ("src/prove/interp/code.rs", 700),
    ("src/syntax/parser/expr.rs", 920),
    ("src/syntax/walk.rs", 1020),
];

/// A file beyond this is two, whatever it holds.
const HARD_CAP: usize = 900;

#[test]
fn every_module_says_what_it_is_for() {
    let silent = |f: &File| {
        !f.text.starts_with("//!") && !f.path.ends_with("/tests.rs") && !f.path.contains("/tests/")
    };
    let files = files();
    let silent: Vec<&str> = files
        .iter()
        .filter(|f| silent(f))
        .map(|f| f.path.as_str())
        .collect();
    assert!(silent.is_empty(), "without a `//!` head: {silent:?}");
}

#[test]
fn files_are_short() {
    let lines = |f: &File| f.code.lines().filter(|l| !l.trim().is_empty()).count();
    let cap = |f: &File| {
        let due = TO_SPLIT.iter().find(|(path, _)| *path == f.path);
        match due {
            Some((_, cap)) => *cap,
            None if EXCEPTED.iter().any(|e| f.path.starts_with(e)) => HARD_CAP,
            None => CAP,
        }
    };
    let too_long = |f: &&File| lines(f) > cap(f);
    let files = files();
    let long: Vec<String> = files
        .iter()
        .filter(too_long)
        .map(|f| format!("{}: {} lines of code", f.path, lines(f)))
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

/// Lengths of the functions of a text, in lines, signature included.
fn function_lengths(code: &str) -> Vec<usize> {
    let mut lengths = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_word =
            at == 0 || !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &code[at..];
        let open = rest.find('{').unwrap_or(usize::MAX);
        let semicolon = rest.find(';').unwrap_or(usize::MAX);
        if starts_word && open < semicolon {
            let end = super::source::matching_brace(rest, open);
            lengths.push(rest[..end].lines().count());
        }
    }
    lengths
}

#[test]
fn functions_are_small() {
    let mut lengths: Vec<usize> = files()
        .iter()
        .flat_map(|f| function_lengths(&f.code))
        .collect();
    lengths.sort_unstable();
    let (median, ninth) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
    assert!(median <= 12, "the median function has {median} lines");
    assert!(
        ninth <= 45,
        "one function in ten has more than {ninth} lines"
    );
}

#[test]
fn lengths_are_measured() {
    assert_eq!(
        function_lengths("fn a() {\n  b();\n}\ntrait T { fn d(); }\nfn c() {}"),
        [3, 1]
    );
}

/// Text files of the repository that are ours to word.
fn project_texts(folder: &Path, texts: &mut Vec<(String, String)>) {
    const SKIPPED: &[&str] = &[".git", ".cargo", "target", "out", "Cargo.lock", "LICENSE"];
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        let name = path
            .file_name()
            .expect("name")
            .to_string_lossy()
            .into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            project_texts(&path, texts);
        } else if let Ok(text) = fs::read_to_string(&path) {
            texts.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn no_file_knows_the_machine_it_was_made_on() {
    // Split, so that this file does not find itself.
    let forbidden = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("C:", "\\Users"),
    ];
    let mut texts = Vec::new();
    project_texts(&root(), &mut texts);
    let found: Vec<String> = texts
        .iter()
        .flat_map(|(path, text)| {
            let hits = forbidden.iter().filter(|word| text.contains(**word));
            hits.map(move |word| format!("{path} holds {word}"))
        })
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The parser's cursor moves in one place, which stops it at the last token: a step by hand went beyond it.
#[test]
fn the_cursor_of_the_parser_moves_in_one_place() {
    let files = files();
    let parser = || {
        files
            .iter()
            .filter(|f| f.path.starts_with("src/syntax/parser/"))
    };
    let steps = |f: &&File| f.code.contains(".p +=");
    let stepping: Vec<&str> = parser().filter(steps).map(|f| f.path.as_str()).collect();
    assert!(parser().count() > 20);
    assert_eq!(stepping, ["src/syntax/parser/mod.rs"]);
}

/// Matches over closed enums must name every variant, so that a new one fails to compile where it matters.
#[test]
fn lowering_has_no_wildcard_arms() {
    // The statement kinds: one arm each, in every room that walks them.
    let files = files();
    let walkers: Vec<&File> = files
        .iter()
        .filter(|f| f.path.starts_with("src/dataflow/lower") && f.code.contains("StmtKind::"))
        .collect();
    for file in walkers {
        for (n, arm) in wildcard_arms(&file.code) {
            assert!(
                !arm,
                "{}:{n}: a wildcard arm beside StmtKind arms",
                file.path
            );
        }
    }
}

/// Lines of `_ =>` arms, and whether a `StmtKind::` arm stands in the same match.
fn wildcard_arms(code: &str) -> Vec<(usize, bool)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("_ =>") {
        let own = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let arm_start = code[..at].trim_end().ends_with(['{', ',', '}', '|']);
        if own || !arm_start {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        // One or two kinds picked out are a question; more are a decision over all of them.
        let kinds = enclosing_match(code, at).matches("StmtKind::").count();
        found.push((line, kinds > 2));
    }
    found
}

/// The patterns of the match around `at`: the text of its body at depth one.
fn enclosing_match(code: &str, at: usize) -> String {
    let mut depth = 0i32;
    let open = code[..at].char_indices().rev().find(|(_, c)| {
        depth += i32::from(*c == '}') - i32::from(*c == '{');
        depth < 0
    });
    let Some((open, _)) = open else {
        return String::new();
    };
    let body = &code[open..super::source::matching_brace(code, open)];
    let mut depth = 0i32;
    let at_depth_one = |c: &char| {
        depth += i32::from(*c == '{');
        let keep = depth == 1;
        depth -= i32::from(*c == '}');
        keep
    };
    body.chars().filter(at_depth_one).collect()
}

#[test]
fn wildcards_beside_statement_kinds_are_seen() {
    let bad = "match k { StmtKind::Null => 1, StmtKind::Commit | StmtKind::Set => 3, _ => 2 }";
    assert_eq!(wildcard_arms(bad), [(1, true)]);
    let fine =
        "match k { StmtKind::Null => match x { Some(1) => 1, _ => 2 }, StmtKind::Commit => 3 }";
    assert_eq!(wildcard_arms(fine), [(1, false)]);
    assert!(wildcard_arms("match k { (a, some_) => 1 }").is_empty());
}
