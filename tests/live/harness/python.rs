//! Python environments with pinned packages, kept in the cache.

use super::process::{self, Finished};
use super::{Live, cache, jars, missing};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// PySpark comes as a source archive of 300 MB: minutes, once.
const PIP_PATIENCE: Duration = Duration::from_secs(900);

/// The interpreter of an environment that holds `packages` (`name==version`).
///
/// Call programs of the packages as modules (`-m`): scripts carry the path under which they
/// were installed, and the cache moves a finished environment once.
pub fn with(name: &str, packages: &[&str]) -> Live<PathBuf> {
    let folder = cache::get(name, &cache::fingerprint(packages), |into| {
        jars::need(&["python3"])?;
        let mut venv = process::command("python3", false);
        venv.args(["-m", "venv"]).arg(into);
        let made = process::run("python3 -m venv", venv, PIP_PATIENCE)?;
        if !made.status.success() {
            return Err(missing(format!("python3-venv ({})", last_line(&made))));
        }
        install(into, packages)
    })?;
    Ok(interpreter(&folder))
}

fn install(into: &Path, packages: &[&str]) -> Live<()> {
    let mut pip = process::command(interpreter(into), false);
    pip.args(["-m", "pip", "install", "--quiet"]).args(packages);
    let done = process::run("pip install", pip, PIP_PATIENCE)?;
    if done.status.success() {
        return Ok(());
    }
    Err(missing(format!(
        "Python packages {} (pip: {})",
        packages.join(", "),
        last_line(&done)
    )))
}

fn interpreter(folder: &Path) -> PathBuf {
    folder.join("bin").join("python")
}

fn last_line(done: &Finished) -> String {
    let text = done.stderr.lines().chain(done.stdout.lines());
    text.last().unwrap_or("failed without a word").to_owned()
}
