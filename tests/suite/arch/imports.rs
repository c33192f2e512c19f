//! Which room may import which. The table is the architecture; anything that is not in it is refused.

use std::collections::BTreeSet;

use super::source::{File, files};

/// A room: its path under `src`, and the rooms that it may use.
struct Room {
    path: &'static str,
    may: &'static [&'static str],
}

const fn room(path: &'static str, may: &'static [&'static str]) -> Room {
    Room { path, may }
}

/// The more special paths stand first: the first that fits a file decides.
const ROOMS: &[Room] = &[
    room("value", &[]),
    room("rel", &["value"]),
    room("source", &[]),
    room("diag", &["source"]),
    room("syntax", &["source", "diag"]),
    room("catalog", &["source", "diag", "syntax", "rel", "value"]),
    room(
        "dataflow",
        &[
            "source",
            "diag",
            "syntax",
            "catalog",
            "rel",
            "value",
            "plan::model",
        ],
    ),
    room("plan::model", &["rel", "value", "source"]),
    room("plan::config", &["rel", "value", "plan::model"]),
    room(
        "rules",
        &["dataflow", "plan::model", "rel", "value", "diag", "source"],
    ),
    room(
        "plan",
        &[
            "catalog", "dataflow", "rules", "plan", "rel", "value", "diag", "source", "syntax",
        ],
    ),
    room(
        "assess::model",
        &["plan::model", "rel", "value", "diag", "source"],
    ),
    room(
        "assess",
        &[
            "assess", "catalog", "dataflow", "rules", "plan", "rel", "value", "diag", "source",
            "syntax",
        ],
    ),
    // The report is rendered from report.json alone.
    room(
        "emit::report",
        &[
            "assess::model",
            "emit",
            "plan::model",
            "rel",
            "value",
            "diag",
            "source",
        ],
    ),
    room("emit", &["plan::model", "rel", "value", "diag", "source"]),
    room("run", &["plan::model", "rel", "value", "diag", "source"]),
    room(
        "prove::interp",
        &["syntax", "catalog", "value", "source", "diag"],
    ),
    room("prove::eval", &["rel", "value", "plan::model"]),
    room(
        "prove",
        &[
            "prove",
            "syntax",
            "catalog",
            "rel",
            "value",
            "plan::model",
            "source",
            "diag",
        ],
    ),
    // Joins the rooms, still without I/O; asks the engine what it cannot run before a stream is promised.
    room(
        "pipeline",
        &[
            "assess", "catalog", "dataflow", "diag", "emit", "plan", "rel", "rules", "source",
            "syntax", "value",
        ],
    ),
    // Only the command line sees everything.
    room(
        "cli",
        &[
            "assess", "catalog", "cli", "dataflow", "diag", "emit", "pipeline", "plan", "prove",
            "rel", "rules", "run", "source", "syntax", "value",
        ],
    ),
];

/// Rooms that do input and output.
const IO_ROOMS: &[&str] = &["cli", "run"];

/// The module path of a file: `src/plan/model/jobs.rs` is `plan::model::jobs`.
fn module(path: &str) -> String {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.trim_end_matches("/mod").replace('/', "::")
}

fn within(module: &str, room: &str) -> bool {
    module == room
        || module
            .strip_prefix(room)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// Paths that begin with `crate::` or climb with `super::`, as absolute module paths.
fn imports(module: &str, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        found.extend(expand("", &code[at + "crate::".len()..]));
    }
    let mut rest = code;
    let mut offset = 0;
    while let Some(at) = rest.find("super::") {
        let start = offset + at;
        let climbs = code[start..]
            .split("super::")
            .take_while(|s| s.is_empty())
            .count();
        let tail = start + climbs * "super::".len();
        let parts: Vec<&str> = module.split("::").collect();
        let base = parts[..parts.len().saturating_sub(climbs)].join("::");
        if base.is_empty() {
            found.extend(expand("", &code[tail..]));
        }
        offset = tail;
        rest = &code[tail..];
    }
    found
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand(prefix: &str, text: &str) -> Vec<String> {
    let join = |name: &str| match (prefix, name) {
        ("", name) => name.to_string(),
        (prefix, "") => prefix.to_string(),
        (prefix, name) => format!("{prefix}::{name}"),
    };
    if let Some(inner) = text.strip_prefix('{') {
        return split_group(inner)
            .iter()
            .flat_map(|part| expand(prefix, part))
            .collect();
    }
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let path = join(&text[..end]);
    match text[end..].strip_prefix("::") {
        Some(rest) => expand(&path, rest),
        None => vec![path],
    }
}

/// The parts of a brace group, up to its closing brace.
fn split_group(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0);
    for c in text.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c if c.is_whitespace() => {}
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                part.push(c);
            }
        }
    }
    parts.push(part);
    parts.retain(|p| !p.is_empty());
    parts
}

/// What is wrong with a file's imports.
fn violations(file: &File) -> Vec<String> {
    let module = module(&file.path);
    if module == "lib" || module == "main" {
        return Vec::new();
    }
    let Some(room) = ROOMS.iter().find(|r| within(&module, r.path)) else {
        return vec![format!("{}: the room is not in the table", file.path)];
    };
    let mut wrong: Vec<String> = imports(&module, &file.code)
        .into_iter()
        .filter(|import| {
            let own = within(import, room.path);
            // A part of an allowed room, or the room that holds an allowed part.
            let allowed = room.may.iter().any(|may| within(import, may));
            !own && !allowed
        })
        .map(|import| format!("{}: {} must not see {import}", file.path, room.path))
        .collect();
    let top = module.split("::").next().unwrap_or("");
    if !IO_ROOMS.contains(&top) {
        wrong.extend(io(&file.code).map(|word| format!("{}: {top} does I/O: {word}", file.path)));
    }
    wrong
}

/// Words of input and output.
fn io(code: &str) -> impl Iterator<Item = &'static str> {
    const WORDS: &[&str] = &[
        "std::fs",
        "std::net",
        "std::process",
        "std::env::",
        "File::open",
        "File::create",
        "std::io::stdin",
        "std::io::stdout",
        "std::io::stderr",
        "println!",
        "eprintln!",
        "print!",
        "TcpStream",
        "SystemTime::now",
        "Utc::now",
        "Local::now",
    ];
    WORDS.iter().copied().filter(|w| code.contains(w))
}

#[test]
fn every_room_sees_only_what_it_may() {
    let wrong: Vec<String> = files().iter().flat_map(violations).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn fabricated(path: &str, code: &str) -> Vec<String> {
    violations(&File {
        path: path.into(),
        text: String::new(),
        code: super::source::without_tests(&super::source::blank(code)),
    })
}

#[test]
fn fabricated_violations_are_caught() {
    let caught = [
        ("src/syntax/parser/stmt.rs", "use crate::emit::Emitter;"),
        ("src/syntax/mod.rs", "fn f() { crate::emit::emit_all(); }"),
        (
            "src/emit/flink/mod.rs",
            "use crate::{rel::Rel, dataflow::model::Flows};",
        ),
        (
            "src/emit/flink/mod.rs",
            "use crate::plan::{model::Plan, build::build};",
        ),
        ("src/emit/cql.rs", "use crate::plan::build;"),
        ("src/rel/ops.rs", "use crate::source::Place;"),
        ("src/value/number.rs", "use super::super::rel::Rel;"),
        ("src/value/mod.rs", "use super::rel::Rel;"),
        (
            "src/prove/interp/mod.rs",
            "use crate::dataflow::model::Flows;",
        ),
        ("src/prove/interp/mod.rs", "use crate::prove::eval::run;"),
        ("src/catalog/mod.rs", "fn f() { std::fs::read(\"x\"); }"),
        ("src/unheard_of/mod.rs", ""),
    ];
    for (path, code) in caught {
        assert!(!fabricated(path, code).is_empty(), "{path}: {code}");
    }
}

#[test]
fn allowed_imports_pass() {
    let fine = [
        (
            "src/syntax/parser/stmt.rs",
            "use super::expr::f; use crate::diag::Code; // crate::emit::x",
        ),
        (
            "src/emit/flink/mod.rs",
            "use super::fragment::Sql; use crate::rel::{Rel, ops::Join};",
        ),
        (
            "src/emit/mod.rs",
            "#[cfg(test)]\nmod tests { use crate::rules::Registry; }",
        ),
        (
            "src/cli/commands/parse.rs",
            "use crate::emit::EMITTERS; fn f() { std::fs::read(\"x\"); }",
        ),
        ("src/value/number.rs", "use super::round::to_oracle;"),
    ];
    for (path, code) in fine {
        assert_eq!(
            fabricated(path, code),
            Vec::<String>::new(),
            "{path}: {code}"
        );
    }
}
