//! Writes an output folder: nothing outside of it, no file half, no person's edit or file lost.

mod manifest;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::exit::Failure;
use crate::diag::{Code, Diagnostic};
use manifest::{FOLDER, Manifest, hash};
pub use stage::write_single;
use stage::{Stage, StageError};

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// Path relative to the output folder, with `/`.
    pub path: String,
    /// Bytes.
    pub contents: Vec<u8>,
    /// To be marked executable.
    pub executable: bool,
    /// Differs at every run: never taken for edited.
    pub volatile: bool,
}

impl OutFile {
    /// A text that is the same at every run.
    pub fn text(path: &str, text: String) -> Self {
        Self {
            path: path.into(),
            contents: text.into_bytes(),
            executable: false,
            volatile: false,
        }
    }
}

/// Which files of a former run a run answers for: those that it does not write again are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Everything,
    /// Those under `report/`.
    Report,
    /// All but those under `report/`.
    AllButReport,
    /// None: a part was asked for.
    Part,
}

impl Scope {
    fn covers(self, path: &str) -> bool {
        let report = path.starts_with("report/");
        match self {
            Scope::Everything => true,
            Scope::Report => report,
            Scope::AllButReport => !report,
            Scope::Part => false,
        }
    }
}

/// What became of a run's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are as generated now.
    pub files: usize,
    /// Files that a person edited: kept, with the new text beside them.
    pub edited: Vec<String>,
    /// Files of a former run that were removed.
    pub removed: Vec<String>,
}

impl Written {
    /// One finding an edited file.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let finding = |path: &String| {
            let message = format!("{path} was edited and is kept; the new text is in {path}.new");
            Diagnostic::new(Code::OutputEdited, message)
        };
        self.edited.iter().map(finding).collect()
    }
}

/// An output folder that may be written to.
#[derive(Debug)]
pub struct OutputDir {
    dir: PathBuf,
    manifest: Manifest,
}

impl OutputDir {
    /// Looks at the folder, without touching it: refuses one with other files, unless `force`.
    pub fn prepare(dir: &Path, force: bool) -> Result<OutputDir, Failure> {
        let shown = dir.display();
        if dir.exists() && !dir.is_dir() {
            let message = format!("--out {shown} is a file, not a folder");
            return Err(Failure::new(Code::ForeignOutput, message));
        }
        if !dir.exists() {
            let (dir, manifest) = (dir.to_path_buf(), Manifest::default());
            return Ok(OutputDir { dir, manifest });
        }
        let manifest = Manifest::read(dir).map_err(|why| {
            Failure::new(
                Code::ForeignOutput,
                format!("{shown} cannot be used: {why}"),
            )
            .help("use another folder")
        })?;
        let manifest = manifest.unwrap_or_default();
        let mut present = Vec::new();
        list(dir, "", &mut present).map_err(|e| failed(dir, &e))?;
        let foreign: Vec<&String> = present
            .iter()
            .filter(|p| !manifest.has(p) && !left_by_runs(p, &manifest))
            .collect();
        if !force && !foreign.is_empty() {
            return Err(foreign_files(dir, &foreign));
        }
        let dir = dir.to_path_buf();
        Ok(OutputDir { dir, manifest })
    }

    /// Writes the files, all or none, and removes unedited ones of former runs in `scope`.
    pub fn write(self, files: &[OutFile], scope: Scope) -> Result<Written, Failure> {
        check_paths(&self.dir, files)?;
        let mut stage = self.stage()?;
        let mut run = Run {
            dir: &self.dir,
            old: &self.manifest,
            new: Manifest::default(),
            written: Written::default(),
        };
        for file in files {
            run.place(&mut stage, file)
                .map_err(|e| failed(&self.dir, &e))?;
        }
        let stale = run.stale(scope).map_err(|e| failed(&self.dir, &e))?;
        let Run { new, written, .. } = run;
        let written = Written {
            removed: stale,
            ..written
        };
        self.commit(stage, new, &written)
            .map_err(|e| failed(&self.dir, &e))?;
        Ok(written)
    }

    /// The steps that change what is there; a run killed between them finds its way at the next.
    fn commit(&self, stage: Stage, new: Manifest, written: &Written) -> io::Result<()> {
        let mut announced = self.manifest.clone();
        announced.pending = new.files.clone();
        self.write_manifest(&announced)?;
        stage.finish()?;
        for path in &written.removed {
            fs::remove_file(self.dir.join(path))?;
            self.remove_empty_parents(path);
        }
        self.write_manifest(&new)
    }

    fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        let path = self.dir.join(FOLDER).join("manifest.json");
        write_single(&path, manifest.to_json().as_bytes())
    }

    fn stage(&self) -> Result<Stage, Failure> {
        Stage::open(&self.dir).map_err(|e| match e {
            StageError::Io(e) => failed(&self.dir, &e),
            StageError::Locked => {
                let message = format!("another run is writing to {}", self.dir.display());
                Failure::new(Code::OutputLocked, message).help("wait for it to end")
            }
        })
    }

    fn remove_empty_parents(&self, path: &str) {
        let mut at = Path::new(path).parent();
        while let Some(folder) = at.filter(|f| !f.as_os_str().is_empty()) {
            if fs::remove_dir(self.dir.join(folder)).is_err() {
                return;
            }
            at = folder.parent();
        }
    }
}

/// One run's decisions a file.
struct Run<'a> {
    dir: &'a Path,
    old: &'a Manifest,
    new: Manifest,
    written: Written,
}

impl Run<'_> {
    /// Writes the file, or, where a person edited it, its text beside it.
    fn place(&mut self, stage: &mut Stage, file: &OutFile) -> io::Result<()> {
        let wanted = (!file.volatile).then(|| hash(&file.contents));
        self.new.files.insert(file.path.clone(), wanted);
        match self.state(&file.path, &file.contents)? {
            State::Same => self.written.files += 1,
            State::Free => {
                stage.add(&file.path, &file.contents, file.executable)?;
                self.written.files += 1;
            }
            State::Edited => {
                let beside = format!("{}.new", file.path);
                self.written.edited.push(file.path.clone());
                self.new
                    .files
                    .insert(beside.clone(), Some(hash(&file.contents)));
                if self.state(&beside, &file.contents)? == State::Free {
                    stage.add(&beside, &file.contents, file.executable)?;
                }
            }
        }
        Ok(())
    }

    fn state(&self, path: &str, wanted: &[u8]) -> io::Result<State> {
        let full = self.dir.join(path);
        let present = match fs::symlink_metadata(&full) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(State::Free),
            Err(e) => return Err(e),
            Ok(meta) if !meta.is_file() => return Ok(State::Edited),
            Ok(_) => fs::read(&full)?,
        };
        if present == wanted {
            Ok(State::Same)
        } else if self.old.is_ours(path, &hash(&present)) {
            Ok(State::Free)
        } else {
            Ok(State::Edited)
        }
    }

    /// Files of former runs that this one does not write: those to remove. Others stay known.
    fn stale(&mut self, scope: Scope) -> io::Result<Vec<String>> {
        let mut stale = Vec::new();
        let known: BTreeSet<&String> = self
            .old
            .files
            .keys()
            .chain(self.old.pending.keys())
            .collect();
        for path in known {
            if self.new.files.contains_key(path) {
                continue;
            }
            let full = self.dir.join(path);
            let is_file = fs::symlink_metadata(&full).is_ok_and(|m| m.is_file());
            if !is_file {
                continue;
            }
            if scope.covers(path) && self.old.is_ours(path, &hash(&fs::read(&full)?)) {
                stale.push(path.clone());
            } else if let Some(entry) = self.old.files.get(path).or(self.old.pending.get(path)) {
                self.new.files.insert(path.clone(), entry.clone());
            }
        }
        Ok(stale)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Already there, byte for byte.
    Same,
    /// Not there, or as we wrote it.
    Free,
    /// Not as we wrote it.
    Edited,
}

/// Paths must stay inside the folder and be unique, also where file names ignore case.
fn check_paths(dir: &Path, files: &[OutFile]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for file in files {
        let path = Path::new(&file.path);
        let inside = path.components().all(|c| matches!(c, Component::Normal(_)));
        let plain = !file.path.contains(['\\', '\0', '\n']) && !file.path.starts_with(FOLDER);
        if file.path.is_empty() || !inside || !plain {
            let message = format!("{:?} is not a path inside the output folder", file.path);
            return Err(Failure::new(Code::EmitUnsupported, message));
        }
        if !seen.insert(file.path.to_lowercase()) {
            let message = format!("{} would be written twice", file.path);
            return Err(Failure::new(Code::EmitUnsupported, message));
        }
        let mut parents = path
            .ancestors()
            .skip(1)
            .filter(|p| !p.as_os_str().is_empty());
        if let Some(link) = parents.find(|p| dir.join(p).is_symlink()) {
            let message = format!(
                "{} is a symbolic link out of the output folder",
                link.display()
            );
            return Err(Failure::new(Code::ForeignOutput, message).help("remove the link"));
        }
    }
    Ok(())
}

/// Files under a folder, relative, without our own records. Links are files here: never followed.
fn list(dir: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    let mut folders = vec![(dir.to_path_buf(), prefix.to_string())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if name == FOLDER {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else {
                files.push(name);
            }
        }
    }
    files.sort();
    Ok(())
}

/// What runs of written files leave beside them: the states of loads, and Python's byte code.
fn left_by_runs(path: &str, manifest: &Manifest) -> bool {
    let state = path.strip_prefix("backfill/");
    let load = state.and_then(|p| p.split_once(".state/")).map(|p| p.0);
    let known = load.is_some_and(|name| manifest.has(&format!("backfill/{name}.toml")));
    known || path.starts_with("backfill/__pycache__/") || path.starts_with("spark/__pycache__/")
}

fn foreign_files(dir: &Path, foreign: &[&String]) -> Failure {
    let shown: Vec<&str> = foreign.iter().take(3).map(|f| f.as_str()).collect();
    let more = match foreign.len() - shown.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let message = format!(
        "{} holds files that ora2stream did not write: {}{more}",
        dir.display(),
        shown.join(", ")
    );
    let help = "use another folder, or --force to write beside them";
    Failure::new(Code::ForeignOutput, message).help(help)
}

fn failed(dir: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}", dir.display());
    let help = "make room or choose another folder; no half-written file was left";
    Failure::new(Code::OutputFailed, message).help(help)
}
