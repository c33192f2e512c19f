//! Zeppelin's own note reader. Version 0.10 is the newest published with what it needs; the
//! format of notes has not changed since.

use crate::harness::jars::{self, Java};
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, failed};
use std::path::PathBuf;

/// A paragraph as Zeppelin understood it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// File name of the note.
    pub note: String,
    /// Paragraph id.
    pub id: String,
    /// Interpreter, such as `md` or `spark.pyspark`.
    pub interpreter: String,
}

/// Runs the reader over `notes`.
pub fn read(notes: &[PathBuf]) -> Live<Finished> {
    let zeppelin = jars::all_in(&jars::fetch("zeppelin")?.join("lib"));
    let classes = jars::compile("note-check", "NoteCheck.java", &zeppelin)?;
    let folder = tempfile::tempdir()?;
    let mut command = Java {
        heap: "128m",
        temp: folder.path(),
        class_path: jars::class_path([classes.into_os_string(), zeppelin]),
        options: vec![],
        main: "NoteCheck",
        locks_memory: false,
    }
    .command()?;
    command.args(notes);
    process::run("Zeppelin's note reader", command, PATIENCE)
}

/// The paragraphs of `notes`; fails when Zeppelin, or we, object to one of them.
pub fn paragraphs(notes: &[PathBuf]) -> Live<Vec<Paragraph>> {
    let done = read(notes)?.expect_success("Zeppelin's note reader")?;
    done.stdout
        .lines()
        .map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            let [note, id, interpreter, _] = parts[..] else {
                return Err(failed(format!("note reader says {line}")));
            };
            Ok(Paragraph {
                note: note.to_owned(),
                id: id.to_owned(),
                interpreter: interpreter.to_owned(),
            })
        })
        .collect()
}
