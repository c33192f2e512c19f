//! Whole readings of files outside the repository: `ORA2STREAM_CORPUS=dir cargo test corpus -- --nocapture`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::diag::Severity;
use crate::source::{SourceFile, SourceMap};
use crate::syntax::*;

const EXTENSIONS: &[&str] = &[
    "sql", "pkb", "pks", "pls", "plsql", "ctl", "tpb", "tps", "trg", "prc", "fnc", "vw", "pck",
    "pkg", "plb", "bdy", "spc", "syn", "typ", "tyb", "pkh", "ddl", "tab",
];

pub(super) fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for path in entries.flatten().map(|e| e.path()) {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if path.is_dir() && !path.is_symlink() {
            files(&path, out);
        } else if EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()) {
            out.push(path);
        }
    }
}

pub(super) fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => encoding_rs::WINDOWS_1252
            .decode(e.as_bytes())
            .0
            .into_owned(),
    }
}

/// Prints a table by folder: files, bytes, clean files, errors, error bytes, opaque, MB/s.
#[test]
fn corpus() {
    let Ok(root) = std::env::var("ORA2STREAM_CORPUS") else {
        return;
    };
    let root = PathBuf::from(root);
    let entries = std::fs::read_dir(&root).into_iter().flatten().flatten();
    let mut groups: Vec<PathBuf> = entries.map(|e| e.path()).collect();
    groups.sort();
    println!("folder files bytes clean errors error_bytes opaque statements MB/s");
    for group in groups {
        one_folder(&root, &group);
    }
}

fn one_folder(root: &Path, group: &Path) {
    let show: usize = std::env::var("ORA2STREAM_SHOW")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    let mut paths = Vec::new();
    files(group, &mut paths);
    paths.sort();
    let mut map = SourceMap::default();
    for path in &paths {
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        map.add(SourceFile::from_text(name, read(path)));
    }
    let start = Instant::now();
    let parsed: Vec<ParsedFile> = map.iter().map(|(id, _)| parse_file(&map, id)).collect();
    let seconds = start.elapsed().as_secs_f64();
    let (mut bytes, mut clean, mut errors) = (0, 0, 0);
    for file in &parsed {
        let text = &map.file(file.file).text;
        assert_round_trip(text, file);
        bytes += text.len();
        let found = file.units.iter().flat_map(|u| &u.errors);
        let found: Vec<_> = found.filter(|d| d.severity == Severity::Error).collect();
        for d in found.iter().take(show) {
            let place = map.place(d.labels[0].span);
            println!("  {place} {} {}", d.code.as_str(), d.message);
        }
        if found.is_empty() {
            compare_census(text, &map.file(file.file).path, file);
        }
        errors += found.len();
        clean += usize::from(found.is_empty());
    }
    let units = || parsed.iter().flat_map(|f| &f.units);
    println!(
        "{} {} {bytes} {clean} {errors} {} {} {} {:.1}",
        group.file_name().unwrap_or_default().to_string_lossy(),
        paths.len(),
        units().map(|u| u.error_bytes).sum::<u64>(),
        units().map(|u| u.opaque).sum::<u32>(),
        units().map(|u| u.statements).sum::<u32>(),
        bytes as f64 / 1e6 / seconds
    );
}

/// The tokens of all units in order, and blanks and comments behind the last, are the text.
pub(super) fn assert_round_trip(text: &str, file: &ParsedFile) {
    let mut upto = 0;
    for unit in &file.units {
        for i in 0..unit.tape.len() as u32 {
            let r = unit.tape.range(i);
            assert_eq!(r.start, upto);
            upto = r.end;
        }
    }
    assert!(split::only_trivia(text, upto), "text after the last unit");
}

/// The census of a clean file finds what the tree holds.
pub(super) fn compare_census(text: &str, path: &str, file: &ParsedFile) {
    for unit in file.units.iter().filter(|u| !census_agrees(u)) {
        let line = text[..unit.span.start as usize].lines().count() + 1;
        let counted = census_unit(unit);
        println!(
            "  census {path}:{line} statements {} tree {} writes {} tree {}",
            counted.statements,
            unit.statements,
            counted.writes.len(),
            writes_in_tree(unit)
        );
    }
}

/// The census of a unit finds as many statements and writes as its tree holds.
pub(super) fn census_agrees(unit: &Unit) -> bool {
    let counted = census_unit(unit);
    counted.statements == unit.statements && counted.writes.len() == writes_in_tree(unit)
}

fn writes_in_tree(unit: &Unit) -> usize {
    let mut writes = 0;
    let mut count = |id: ast::Id<ast::Dml>| {
        writes += match unit.ast[id].kind {
            ast::DmlKind::InsertMulti { branches, .. } => branches.len(),
            _ => 1,
        }
    };
    writes_of(unit, &mut count);
    writes
        + usize::from(matches!(
            unit.ast[unit.item].kind,
            ast::ItemKind::Truncate(_)
        ))
}

fn writes_of(unit: &Unit, f: &mut dyn FnMut(ast::Id<ast::Dml>)) {
    struct Writes<'a, 'f>(&'a ast::Ast, &'f mut dyn FnMut(ast::Id<ast::Dml>));
    impl<'a> Visit<'a> for Writes<'a, '_> {
        fn ast(&self) -> &'a ast::Ast {
            self.0
        }
        fn dml(&mut self, id: ast::Id<ast::Dml>) {
            (self.1)(id);
            walk_dml(self, id);
        }
        fn item(&mut self, id: ast::Id<ast::Item>) {
            // EXPLAIN PLAN writes nothing.
            if !matches!(self.0[id].kind, ast::ItemKind::Ddl(_)) {
                walk_item(self, id);
            }
        }
    }
    Writes(&unit.ast, f).item(unit.item);
}
