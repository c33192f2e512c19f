//! The one error of the runtime: coded, and saying what to do next. Never holds a secret.

use std::path::Path;

use crate::diag::{Code, Diagnostic};

/// Why a load, or a part of it, cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RunError {
    /// Stable code; the exit code follows from it.
    pub code: Code,
    /// What happened, with names and places.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl RunError {
    /// An error without advice of its own.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do next.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// A file of the state folder, or an output file, cannot be written or read.
    pub fn state(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("{}: {error}", path.display());
        Self::new(Code::StateFailed, message).help(state_help(error))
    }

    /// As a finding for the console.
    pub fn diagnostic(&self) -> Diagnostic {
        let finding = Diagnostic::new(self.code, self.message.clone());
        match &self.help {
            Some(help) => finding.help(help.clone()),
            None => finding,
        }
    }
}

fn state_help(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "the disk is full: make room, then `ora2stream backfill resume` goes on with the chunks that are not done"
        }
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "name a folder that can be written with --state"
        }
        // Everything else says itself what it is.
        _ => "put the cause right, then `ora2stream backfill resume` goes on",
    }
}
