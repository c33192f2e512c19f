//! Loads the rules: those built in, with the user's folder layered over them.

use std::path::Path;

use super::exit::Failure;
use crate::diag::Code;
use crate::rules::Registry;

/// The built-in rules, or those with the files of `dir` on top.
pub fn load(dir: Option<&Path>) -> Result<Registry, Failure> {
    let files = match dir {
        Some(dir) => read_folder(dir)?,
        None => Vec::new(),
    };
    Registry::load(&files).map_err(|e| {
        let code = if e.unknown_fact {
            Code::RuleUnknownFact
        } else {
            Code::RuleInvalid
        };
        Failure::new(code, e.to_string())
    })
}

/// Every .toml under the folder, as (relative path with `/`, text), in order of path.
fn read_folder(dir: &Path) -> Result<Vec<(String, String)>, Failure> {
    let refuse = |path: &Path, why: String| {
        let message = format!("rules in {}: {why}", path.display());
        Failure::new(Code::RuleInvalid, message).help("give a folder of rule files with --rules")
    };
    let mut files = Vec::new();
    let mut open = vec![(dir.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| refuse(&folder, e.to_string()))?;
        for entry in entries {
            let entry = entry.map_err(|e| refuse(&folder, e.to_string()))?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry
                .file_type()
                .map_err(|e| refuse(&path, e.to_string()))?;
            if kind.is_dir() {
                open.push((path, format!("{name}/")));
            } else if name.ends_with(".toml") {
                let text =
                    std::fs::read_to_string(&path).map_err(|e| refuse(&path, e.to_string()))?;
                files.push((name, text));
            }
        }
    }
    files.sort();
    Ok(files)
}
