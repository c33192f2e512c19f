//! The real cqlsh, as a user runs a generated schema.

use super::Node;
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, python, shell};
use std::path::Path;
use std::process::Command;

fn command() -> Live<Command> {
    let python = python::with("cqlsh", &["cqlsh==6.2.2"])?;
    let mut command = process::command(python, false);
    command.args(["-m", "cqlshlib", "--no-color"]);
    Ok(command)
}

/// Writes `cqlsh` into `folder`.
pub fn install(folder: &Path) -> Live<()> {
    shell::write_alias(&folder.join("cqlsh"), &command()?)
}

/// Runs a file of CQL against `node`.
pub fn run_file(node: &Node, file: &Path) -> Live<Finished> {
    let mut command = command()?;
    command
        .arg("-f")
        .arg(file)
        .args(["127.0.0.1", &node.port().to_string()]);
    process::run("cqlsh", command, PATIENCE)
}
