//! `@file`, `@@file` and START: which scripts a script includes, and which of them are missing or
//! go in circles. Files of the input are parsed once each, whoever includes them.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::ItemKind;
use super::unit::{Unit, View};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Input, Span};

/// A script that another one includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The command.
    pub span: Span,
    /// The file's name as it is looked for: variables that the script defines are put in, `.sql` is
    /// added where there is no extension.
    pub name: String,
}

/// The includes of one script's units, in order. DEFINEs between them are followed.
pub fn includes_of<'u>(src: &str, units: impl IntoIterator<Item = &'u Unit>) -> Vec<Include> {
    let mut includes = Includes::default();
    for unit in units {
        includes.see(src, unit);
    }
    includes.found
}

/// Follows the units of one script.
#[derive(Debug, Default)]
pub struct Includes {
    defined: BTreeMap<String, String>,
    /// What was found so far.
    pub found: Vec<Include>,
}

impl Includes {
    /// The next unit of the script.
    pub fn see(&mut self, src: &str, unit: &Unit) {
        let ItemKind::SqlPlus(word) = unit.ast[unit.item].kind else {
            return;
        };
        let view = View { unit, src };
        let text = view.text(unit.ast[unit.item].span);
        let rest = match unit.ast.ident(word) {
            "@" | "@@" => text.trim_start_matches('@'),
            "START" => text.split_once(char::is_whitespace).map_or("", |s| s.1),
            "DEFINE" => return self.define(text),
            _ => return,
        };
        if let Some(name) = file_name(rest) {
            let name = with_extension(self.substitute(name));
            let span = unit.span;
            self.found.push(Include { span, name });
        }
    }

    /// `DEFINE name = value`.
    fn define(&mut self, text: &str) {
        let rest = text.split_once(char::is_whitespace).map_or("", |s| s.1);
        if let Some((name, value)) = rest.split_once('=') {
            let value = file_name(value).unwrap_or("").to_string();
            self.defined.insert(name.trim().to_ascii_lowercase(), value);
        }
    }

    /// Puts in what the script defines; other variables stay.
    fn substitute(&self, name: &str) -> String {
        let (mut out, mut rest) = (String::new(), name);
        while let Some(at) = rest.find('&') {
            out.push_str(&rest[..at]);
            let variable = rest[at..].trim_start_matches('&');
            let len = variable
                .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '#'))
                .unwrap_or(variable.len());
            let after = &variable[len..];
            match self.defined.get(&variable[..len].to_ascii_lowercase()) {
                Some(value) => {
                    out.push_str(value);
                    rest = after.strip_prefix('.').unwrap_or(after);
                }
                None => {
                    out.push_str(&rest[at..rest.len() - after.len()]);
                    rest = after;
                }
            }
        }
        out + rest
    }
}

/// The first word, or what is in quotes; None where there is none, or it is an address.
fn file_name(text: &str) -> Option<&str> {
    let text = text.trim().trim_end_matches(';').trim_end();
    let name = match text.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next()?,
        None => text.split_whitespace().next()?,
    };
    (!name.is_empty() && !name.contains("://")).then_some(name)
}

fn with_extension(name: String) -> String {
    let name = name.replace('\\', "/");
    let last = name.rsplit('/').next().unwrap_or("");
    if last.contains('.') {
        name
    } else {
        format!("{name}.sql")
    }
}

/// A warning for each include whose file is not read, and for each that closes a circle.
pub fn check_includes(input: &Input, includes: &[Include]) -> Vec<Diagnostic> {
    let known = Known::of(input);
    let mut edges: BTreeMap<FileId, Vec<FileId>> = BTreeMap::new();
    let mut out = Vec::new();
    for include in includes {
        let (from, name) = (include.span.file, &include.name);
        let mut warn = |message: String| {
            out.push(Diagnostic::new(Code::IncludeMissing, message).at(include.span, ""));
        };
        if name.contains('&') {
            warn(format!(
                "which script is included depends on a variable: {name}"
            ));
            continue;
        }
        match known.find(&input.sources.file(from).path, name) {
            Some(Target::Source(target)) => {
                if reaches(&edges, target, from) {
                    warn(format!("the script includes itself by way of {name}"));
                }
                edges.entry(from).or_default().push(target);
            }
            Some(Target::NotRead) => warn(format!("{name} is not read as SQL")),
            None => warn(format!("{name} is not part of the input")),
        }
    }
    out
}

#[derive(Clone, Copy)]
enum Target {
    Source(FileId),
    NotRead,
}

/// Paths of the input in lower case.
struct Known(BTreeMap<String, Target>);

impl Known {
    fn of(input: &Input) -> Known {
        let unread = input.skipped.iter().map(|s| &s.path);
        let unread = unread.chain(input.aux.iter().map(|a| &a.path));
        let unread = unread.map(|p| (p.to_lowercase(), Target::NotRead));
        let sources = input.sources.iter();
        let sources = sources.map(|(id, f)| (f.path.to_lowercase(), Target::Source(id)));
        Known(unread.chain(sources).collect())
    }

    /// Beside the including script, else from the input's root, else anywhere by its path's end.
    fn find(&self, from: &str, name: &str) -> Option<Target> {
        let name = name.to_lowercase();
        let folder = from.rsplit_once('/').map_or("", |(d, _)| d).to_lowercase();
        let beside = normal(&format!("{folder}/{name}"));
        let from_root = normal(&name);
        let ending = format!("/{from_root}");
        let by_path = |path: &str| self.0.get(path).copied();
        let by_end = || self.0.iter().find(|(p, _)| p.ends_with(&ending));
        by_path(&beside)
            .or_else(|| by_path(&from_root))
            .or_else(|| by_end().map(|(_, target)| *target))
    }
}

/// `a/../b` is `b`; leading `..` and `.` say nothing.
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
    let mut seen = BTreeSet::new();
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
    use crate::source::{SkipReason, Skipped, SourceFile};
    use crate::syntax::parse_all;

    fn warnings(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut input = Input::default();
        for (path, text) in files {
            input.sources.add(SourceFile::from_text(*path, *text));
        }
        input.skipped.push(Skipped {
            path: "b/data.bin".into(),
            bytes: 1,
            reason: SkipReason::Binary,
        });
        let map = &input.sources;
        let files = parse_all(map);
        let includes: Vec<Include> = files
            .iter()
            .flat_map(|f| includes_of(&map.file(f.file).text, &f.units))
            .collect();
        check_includes(&input, &includes)
            .iter()
            .map(|d| (map.place(d.labels[0].span).to_string(), d.message.clone()))
            .collect()
    }

    #[test]
    fn missing_files_and_cycles_are_reported_once_each() {
        let got = warnings(&[
            (
                "a/install.sql",
                "@@sub/x\n@ ../b/y.sql arg\nSTART nowhere;\n@&1\n@../b/data.bin\n",
            ),
            ("a/sub/x.sql", "@install\n"),
            ("b/y.sql", "SELECT 1 FROM dual;\n"),
        ]);
        let expected = [
            ("a/install.sql:3", "nowhere.sql is not part of the input"),
            (
                "a/install.sql:4",
                "which script is included depends on a variable: &1.sql",
            ),
            ("a/install.sql:5", "../b/data.bin is not read as SQL"),
            (
                "a/sub/x.sql:1",
                "the script includes itself by way of install.sql",
            ),
        ];
        assert_eq!(got, expected.map(|(a, b)| (a.to_string(), b.to_string())));
    }

    #[test]
    fn defined_variables_are_put_into_names() {
        let got = warnings(&[
            (
                "a.sql",
                "DEFINE dir = 'sub'\nDEFINE n=x\n@&dir./&&n..sql\n@@&dir/gone\n",
            ),
            ("sub/x.sql", "COMMIT;\n"),
        ]);
        let message = "sub/gone.sql is not part of the input".to_string();
        assert_eq!(got, [("a.sql:4".to_string(), message)]);
    }

    #[test]
    fn a_script_that_starts_itself_is_a_cycle() {
        let got = warnings(&[("a.sql", "@@a\n")]);
        assert_eq!(got.len(), 1);
        assert!(got[0].1.contains("includes itself"), "{got:?}");
    }
}
