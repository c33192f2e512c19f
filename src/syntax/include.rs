//! `@file`, `@@file` and START: which scripts a script includes, and which of them are missing.
//! Files of the input are parsed once each, whoever includes them.

use std::collections::BTreeMap;

use super::ast::ItemKind;
use super::unit::{ParsedFile, Unit, View};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, SourceMap};

/// The file name an include names, `.sql` added where it has no extension; None for other units
/// and for names made of substitution variables.
pub fn include_of(view: View<'_>) -> Option<String> {
    let ItemKind::SqlPlus(word) = view.ast()[view.unit.item].kind else {
        return None;
    };
    let text = view.text(view.ast()[view.unit.item].span);
    let rest = match view.ast().ident(word) {
        "@" | "@@" => text.trim_start_matches('@'),
        "START" => text.split_once(char::is_whitespace)?.1,
        _ => return None,
    };
    let rest = rest.trim().trim_end_matches(';');
    let name = match rest.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next()?,
        None => rest.split_whitespace().next()?,
    };
    if name.is_empty() || name.contains('&') || name.contains("://") {
        return None;
    }
    let name = name.replace('\\', "/");
    let last = name.rsplit('/').next().unwrap_or("");
    Some(if last.contains('.') {
        name
    } else {
        format!("{name}.sql")
    })
}

/// A warning for each include whose file is not part of the input, and for each that closes a
/// cycle.
pub fn check_includes(map: &SourceMap, files: &[ParsedFile]) -> Vec<Diagnostic> {
    let by_path: BTreeMap<String, FileId> = map
        .iter()
        .map(|(id, f)| (f.path.to_ascii_lowercase(), id))
        .collect();
    let mut edges: BTreeMap<FileId, Vec<FileId>> = BTreeMap::new();
    let mut out = Vec::new();
    for unit in files.iter().flat_map(|f| &f.units) {
        let Some(name) = include_of(View::new(map, unit)) else {
            continue;
        };
        match find(&by_path, &map.file(unit.file).path, &name) {
            Some(target) => {
                if reaches(&edges, target, unit.file) {
                    out.push(warning(
                        unit,
                        format!("the script includes itself by way of {name}"),
                    ));
                }
                edges.entry(unit.file).or_default().push(target);
            }
            None => out.push(warning(unit, format!("{name} is not part of the input"))),
        }
    }
    out
}

fn warning(unit: &Unit, message: String) -> Diagnostic {
    Diagnostic::new(Code::IncludeMissing, message).at(unit.span, "")
}

/// Beside the including script, else at the input's root, else anywhere by its path's end.
fn find(by_path: &BTreeMap<String, FileId>, from: &str, name: &str) -> Option<FileId> {
    let name = name.trim_start_matches("./").to_ascii_lowercase();
    let folder = from
        .rsplit_once('/')
        .map_or("", |(d, _)| d)
        .to_ascii_lowercase();
    let beside = normal(&format!("{folder}/{name}"));
    let ending = format!("/{}", normal(&name));
    by_path
        .get(&beside)
        .or_else(|| by_path.get(&normal(&name)))
        .or_else(|| {
            by_path
                .iter()
                .find(|(p, _)| p.ends_with(&ending))
                .map(|(_, id)| id)
        })
        .copied()
}

/// `a/../b` is `b`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

fn reaches(edges: &BTreeMap<FileId, Vec<FileId>>, from: FileId, to: FileId) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut todo = vec![from];
    while let Some(file) = todo.pop() {
        if file == to {
            return true;
        }
        if seen.insert(file) {
            todo.extend(edges.get(&file).into_iter().flatten());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::syntax::parse_all;

    #[test]
    fn missing_files_and_cycles_are_reported_once_each() {
        let mut map = SourceMap::default();
        map.add(SourceFile::from_text(
            "a/install.sql",
            "@@sub/x\n@ ../b/y.sql arg\nSTART nowhere;\n@&1\n",
        ));
        map.add(SourceFile::from_text("a/sub/x.sql", "@install\n"));
        map.add(SourceFile::from_text("b/y.sql", "SELECT 1 FROM dual;\n"));
        let files = parse_all(&map);
        let found: Vec<_> = check_includes(&map, &files)
            .iter()
            .map(|d| (map.place(d.labels[0].span).to_string(), d.message.clone()))
            .collect();
        assert_eq!(
            found,
            [
                (
                    "a/install.sql:3".to_string(),
                    "nowhere.sql is not part of the input".to_string()
                ),
                (
                    "a/sub/x.sql:1".to_string(),
                    "the script includes itself by way of install.sql".to_string()
                ),
            ]
        );
    }
}
