//! Files on their way: written in full beside their place, then renamed into it. Dropped without
//! `finish`, it leaves no trace, not even folders that it made.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::manifest::FOLDER;

/// A set of files to be moved into an output folder.
pub struct Stage {
    dir: PathBuf,
    temporary: PathBuf,
    /// Folders that we made, the outermost first.
    made: Vec<PathBuf>,
    files: Vec<(PathBuf, PathBuf)>,
    finished: bool,
    /// Held while the folder is written to.
    _lock: File,
}

/// Why an output folder cannot be written to now.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Another run holds the lock.
    #[error("another run is writing to it")]
    Locked,
    /// The operating system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Stage {
    /// Makes the output folder if need be, locks it, and makes a place for files on their way.
    pub fn open(dir: &Path) -> Result<Stage, StageError> {
        let own = dir.join(FOLDER);
        let mut made = Vec::new();
        let lock = make_dir(&own, &mut made).and_then(|()| File::create(own.join("lock")));
        let lock = lock.inspect_err(|_| undo(&own, &made))?;
        let stage = Stage {
            dir: dir.to_path_buf(),
            temporary: own.join("tmp"),
            made,
            files: Vec::new(),
            finished: false,
            _lock: lock,
        };
        match stage._lock.try_lock() {
            Ok(()) => stage.cleared(),
            Err(TryLockError::WouldBlock) => Err(stage.given_up(StageError::Locked)),
            Err(TryLockError::Error(e)) => Err(e.into()),
        }
    }

    /// Removes what a killed run left behind.
    fn cleared(self) -> Result<Stage, StageError> {
        if self.temporary.exists() {
            fs::remove_dir_all(&self.temporary)?;
        }
        fs::create_dir(&self.temporary)?;
        Ok(self)
    }

    /// Another run owns everything that is there.
    fn given_up(mut self, error: StageError) -> StageError {
        self.finished = true;
        error
    }

    /// Writes a file for `name`, relative to the output folder.
    pub fn add(&mut self, name: &str, contents: &[u8], executable: bool) -> io::Result<()> {
        let target = self.dir.join(name);
        if let Some(parent) = target.parent() {
            make_dir(parent, &mut self.made)?;
        }
        let source = self.temporary.join(self.files.len().to_string());
        let mut file = File::create(&source)?;
        file.write_all(contents)?;
        file.flush()?;
        if executable {
            mark_executable(&file)?;
        }
        self.files.push((source, target));
        Ok(())
    }

    /// Moves every file to its place.
    pub fn finish(mut self) -> io::Result<()> {
        self.finished = true;
        for (source, target) in &self.files {
            fs::rename(source, target)?;
        }
        fs::remove_dir_all(&self.temporary)
    }
}

/// Makes a folder and remembers what was not there before.
fn make_dir(dir: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut missing = Vec::new();
    let mut at = Some(dir);
    while let Some(folder) = at.filter(|f| !f.as_os_str().is_empty() && !f.exists()) {
        missing.push(folder.to_path_buf());
        at = folder.parent();
    }
    for folder in missing.into_iter().rev() {
        fs::create_dir(&folder)?;
        made.push(folder);
    }
    Ok(())
}

/// Removes folders that were made, and our own with all that is in it if it was among them.
/// Best effort: what cannot be removed now is removed by the next run.
fn undo(own: &Path, made: &[PathBuf]) {
    if made.iter().any(|m| m == own) {
        let _ = fs::remove_dir_all(own);
    }
    for folder in made.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let _ = fs::remove_dir_all(&self.temporary);
        undo(&self.dir.join(FOLDER), &self.made);
    }
}

#[cfg(unix)]
fn mark_executable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = file.metadata()?.permissions();
    let mode = permissions.mode();
    // Whoever may read it may run it.
    permissions.set_mode(mode | ((mode & 0o444) >> 2));
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn mark_executable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Writes one file atomically, outside of any output folder.
pub fn write_single(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(contents)?;
    file.flush()?;
    make_readable(file.as_file())?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Temporary files are private; a plan is not.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}
