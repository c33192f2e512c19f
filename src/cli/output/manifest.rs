//! `.ora2stream/manifest.json`: which files of an output folder we wrote, with a hash of each, so that
//! a person's edits and a person's own files are told apart from ours.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Folder of our own records inside an output folder.
pub const FOLDER: &str = ".ora2stream";
/// Version of the manifest's format.
const VERSION: u32 = 1;

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    /// Files by path: hash of what was generated; None for files that differ at every run.
    pub files: BTreeMap<String, Option<String>>,
    /// What a run was about to write; empty unless it was killed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Option<String>>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: VERSION,
            files: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// The manifest of an output folder; None if there is none, Err with a sentence if it cannot be used.
    pub fn read(dir: &Path) -> Result<Option<Manifest>, String> {
        let path = dir.join(FOLDER).join("manifest.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("its manifest cannot be read: {e}")),
        };
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|e| format!("its manifest is not valid: {e}"))?;
        if manifest.version != VERSION {
            return Err("its manifest was written by another version of ora2stream".into());
        }
        Ok(Some(manifest))
    }

    /// As text, with a final newline.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    /// True if we know the path.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.pending.contains_key(path)
    }

    /// True if a file with this hash is as we wrote it.
    pub fn is_ours(&self, path: &str, hash: &str) -> bool {
        let same = |entry: Option<&Option<String>>| match entry {
            Some(Some(known)) => known == hash,
            Some(None) => true,
            None => false,
        };
        same(self.files.get(path)) || same(self.pending.get(path))
    }
}

/// SHA-256 in lower-case hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
