//! Things that cost minutes to get (jars, a Python environment) are kept outside the
//! checkout and survive runs. An entry's name holds the fingerprint of what made it, and it
//! appears by one rename: there is no half-filled entry, and a changed pom makes a new one.

use super::{Live, failed};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// `$ORA2STREAM_CACHE`, or `ora2stream` below the user's cache folder.
pub fn root() -> Live<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    let base = var("ORA2STREAM_CACHE")
        .map(PathBuf::from)
        .or_else(|| var("XDG_CACHE_HOME").map(|c| PathBuf::from(c).join("ora2stream")))
        .or_else(|| var("HOME").map(|h| PathBuf::from(h).join(".cache").join("ora2stream")))
        .ok_or_else(|| failed("no cache folder: set ORA2STREAM_CACHE or HOME"))?;
    let root = base.join("live");
    std::fs::create_dir_all(&root).map_err(|e| failed(format!("{}: {e}", root.display())))?;
    Ok(root)
}

/// Twelve hexadecimal digits that stand for `parts`.
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    digest.iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// Tests run side by side; two that need the same entry fetch it once.
fn lock_of(name: &str) -> Live<Arc<Mutex<()>>> {
    static LOCKS: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    let mut locks = LOCKS
        .lock()
        .map_err(|_| failed("the cache's lock is poisoned"))?;
    Ok(Arc::clone(locks.entry(name.to_owned()).or_default()))
}

/// The cached folder `name`, filled by `fill` when it is not there yet.
///
/// `fill` gets a fresh folder; whatever goes wrong in it leaves no entry behind.
pub fn get(name: &str, fingerprint: &str, fill: impl FnOnce(&Path) -> Live<()>) -> Live<PathBuf> {
    let lock = lock_of(name)?;
    let _one_at_a_time = lock
        .lock()
        .map_err(|_| failed("the cache's lock is poisoned"))?;
    let root = root()?;
    let entry = root.join(format!("{name}-{fingerprint}"));
    if entry.is_dir() {
        return Ok(entry);
    }
    let start = Instant::now();
    eprintln!("live: fetching {name} into {}", root.display());
    let fresh = tempfile::Builder::new()
        .prefix(&format!(".{name}-"))
        .tempdir_in(&root)?;
    fill(fresh.path())?;
    let fresh = fresh.keep();
    match std::fs::rename(&fresh, &entry) {
        Ok(()) => {}
        // Another run was faster; its entry is as good as ours.
        Err(_) if entry.is_dir() => std::fs::remove_dir_all(&fresh)?,
        Err(e) => return Err(failed(format!("{}: {e}", entry.display()))),
    }
    eprintln!(
        "live: {name} is there after {} s",
        start.elapsed().as_secs()
    );
    Ok(entry)
}
