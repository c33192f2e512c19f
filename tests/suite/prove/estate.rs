//! The samples, read as the command reads them.

use std::fs;
use std::path::{Path, PathBuf};

use ora2stream::catalog::build::{AuxText, CatalogConfig, build};
use ora2stream::catalog::model::Catalog;
use ora2stream::plan::model::Plan;
use ora2stream::prove::compare::{Input, JobProof, Options, Proof, prove};
use ora2stream::source::{SourceFile, SourceMap};
use ora2stream::syntax::{ParsedFile, parse_all};

use crate::support::program;

/// An estate and its plan.
pub struct Estate {
    /// Texts.
    pub map: SourceMap,
    /// Trees.
    pub files: Vec<ParsedFile>,
    /// Names.
    pub catalog: Catalog,
    /// Plan.
    pub plan: Plan,
}

/// Folder of a sample.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name)
}

/// Every file under a folder, in order of path.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

fn strings(table: &toml::Table, section: &str, key: &str) -> Vec<String> {
    let list = table.get(section).and_then(|s| s.get(key));
    let items = list.and_then(|l| l.as_array()).into_iter().flatten();
    items
        .filter_map(|s| s.as_str().map(str::to_string))
        .collect()
}

/// The plan that the command writes for a folder.
pub fn planned(folder: &Path) -> Plan {
    let output = program()
        .arg("plan")
        .arg(folder)
        .args(["--quiet", "--out", "-"])
        .output()
        .expect("runs");
    serde_json::from_slice(&output.stdout).expect("a plan")
}

/// Reads a folder; the plan is the given one.
pub fn read_with(folder: &Path, plan: Plan) -> Estate {
    let mut map = SourceMap::default();
    let mut aux = Vec::new();
    for path in files_under(folder) {
        let ext = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let name = path.display().to_string();
        if matches!(ext, "sql" | "pks" | "pkb") && !name.ends_with("install.sql") {
            map.add(SourceFile::from_text(name, text));
        } else if name.contains("schedule") {
            aux.push(AuxText { path: name, text });
        }
    }
    let files = parse_all(&map);
    let project = fs::read_to_string(folder.join("ora2stream.toml")).expect("project file");
    let project: toml::Table = project.parse().expect("TOML");
    let config = CatalogConfig {
        schemas: strings(&project, "project", "schemas"),
        entry_points: strings(&project, "schedule", "entry_points"),
        schedule_files: Vec::new(),
    };
    let catalog = build(&map, &files, &aux, &config);
    Estate {
        map,
        files,
        catalog,
        plan,
    }
}

/// A sample and its plan.
pub fn read(name: &str) -> Estate {
    let folder = sample(name);
    read_with(&folder, planned(&folder))
}

impl Estate {
    /// Proves a plan of this estate.
    pub fn prove(&self, plan: &Plan, options: &Options) -> Proof {
        let input = Input {
            map: &self.map,
            files: &self.files,
            catalog: &self.catalog,
            plan,
        };
        prove(&input, options)
    }

    /// The proof of one stream job.
    pub fn job(&self, plan: &Plan, job: &str, options: &Options) -> JobProof {
        let options = Options {
            only: Some(job.to_string()),
            ..options.clone()
        };
        let proof = self.prove(plan, &options);
        let found = proof.jobs.into_iter().find(|j| j.job == job);
        found.unwrap_or_else(|| panic!("no proof of {job}"))
    }
}
