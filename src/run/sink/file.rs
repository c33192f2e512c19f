//! JSON lines in a folder, one file a chunk: for looking at what a load would write, and for tools of one's own. A
//! chunk's file appears under its name when the chunk is complete, so that a crash leaves no half file behind.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Lane, Sink};
use crate::run::convert::JsonEncoder;
use crate::run::deadletter::Why;
use crate::run::engine::{Attempt, Ticket, Window};
use crate::run::error::RunError;
use crate::run::row::RowBatch;

/// A folder to write into.
pub struct FileSink {
    folder: PathBuf,
    encoder: Arc<JsonEncoder>,
}

impl FileSink {
    /// Makes the folder.
    pub fn create(folder: &Path, encoder: JsonEncoder) -> Result<Self, RunError> {
        std::fs::create_dir_all(folder).map_err(|e| RunError::state(folder, &e))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            encoder: Arc::new(encoder),
        })
    }
}

impl Sink for FileSink {
    fn lane(&self) -> Box<dyn Lane> {
        Box::new(FileLane {
            folder: self.folder.clone(),
            encoder: Arc::clone(&self.encoder),
            buffer: Vec::new(),
            starts: Vec::new(),
            open: None,
        })
    }

    fn close(&self, _aborted: bool) -> Result<(), RunError> {
        Ok(())
    }
}

struct Open {
    attempt: Attempt,
    path: PathBuf,
    file: BufWriter<File>,
}

struct FileLane {
    folder: PathBuf,
    encoder: Arc<JsonEncoder>,
    buffer: Vec<u8>,
    starts: Vec<usize>,
    open: Option<Open>,
}

impl FileLane {
    fn path(&self, chunk: usize) -> PathBuf {
        self.folder.join(format!("chunk-{chunk:06}.jsonl"))
    }

    fn write(&mut self, attempt: Attempt) -> Result<(), (PathBuf, std::io::Error)> {
        let path = self.path(attempt.chunk);
        let at = |e| (path.clone(), e);
        if self.open.as_ref().is_none_or(|o| o.attempt != attempt) {
            let fresh = path.with_extension("part");
            let file = File::create(&fresh).map_err(at)?;
            self.open = Some(Open {
                attempt,
                path: fresh,
                file: BufWriter::new(file),
            });
        }
        match &mut self.open {
            Some(open) => open.file.write_all(&self.buffer).map_err(at),
            None => Ok(()),
        }
    }
}

impl Lane for FileLane {
    fn add(&mut self, batch: &RowBatch, row: usize) -> Result<(), Why> {
        let start = self.buffer.len();
        self.encoder
            .row(batch, row, &mut self.buffer)
            .map_err(|reject| {
                self.buffer.truncate(start);
                Why::from(reject)
            })?;
        self.buffer.push(b'\n');
        self.starts.push(start);
        Ok(())
    }

    fn last(&self) -> &[u8] {
        self.starts.last().map_or(&[], |s| &self.buffer[*s..])
    }

    /// Lines are for looking at: a key that comes twice shows there.
    fn key(&self, _out: &mut Vec<u8>) {}

    fn undo(&mut self) {
        if let Some(start) = self.starts.pop() {
            self.buffer.truncate(start);
        }
    }

    fn send(&mut self, _window: &Arc<Window>, ticket: &Arc<Ticket>, counts: bool) {
        let (rows, bytes) = (self.starts.len() as u64, self.buffer.len() as u64);
        let shared = ticket.shared();
        shared
            .throttle
            .wait(rows, bytes, || shared.control.aborted());
        match self.write(ticket.attempt()) {
            Ok(()) if counts => ticket.acknowledged(rows, bytes),
            Ok(()) => {}
            Err((path, error)) => ticket.fail(RunError::state(&path, &error)),
        }
        self.buffer.clear();
        self.starts.clear();
    }

    fn end(&mut self, ticket: &Arc<Ticket>) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let target = self.path(open.attempt.chunk);
        let finish = || {
            open.file.flush()?;
            open.file.get_ref().sync_data()?;
            std::fs::rename(&open.path, &target)
        };
        let mut finish = finish;
        if let Err(error) = finish() {
            ticket.fail(RunError::state(&target, &error));
        }
    }
}
