//! Whole readings.
use super::*;
use crate::source::{FileId, SourceFile, SourceMap};

#[test]
fn samples() {
    let root = std::env::var("ORA2STREAM_CORPUS").unwrap_or("samples".into());
    let mut stack = vec![std::path::PathBuf::from(root)];
    while let Some(d) = stack.pop() {
        let Ok(entries) = std::fs::read_dir(&d) else {
            continue;
        };
        for e in entries.flatten() {
            let p = e.path();
            if p.is_dir() {
                stack.push(p);
                continue;
            }
            let ext = p.extension().and_then(|e| e.to_str()).unwrap_or("");
            if ![
                "sql", "pkb", "pks", "pls", "plsql", "ctl", "tpb", "tps", "trg", "prc", "fnc", "vw",
            ]
            .contains(&ext)
            {
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&p).unwrap()).into_owned();
            let mut map = SourceMap::default();
            let id = map.add(SourceFile::from_text(p.to_string_lossy(), text));
            let f = parse_file(&map, id);
            for u in &f.units {
                for d in &u.errors {
                    if d.severity != crate::diag::Severity::Error {
                        continue;
                    }
                    println!(
                        "{} {} {}",
                        map.place(d.labels[0].span),
                        d.code.as_str(),
                        d.message
                    );
                }
            }
        }
    }
    let _ = FileId(0);
}
