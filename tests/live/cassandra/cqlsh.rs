//! The real cqlsh, as a user runs a generated schema.

use super::Node;
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, python};
use std::path::Path;

/// Runs a file of CQL in cqlsh against `node`.
pub fn run_file(node: &Node, file: &Path) -> Live<Finished> {
    let python = python::with("cqlsh", &["cqlsh==6.2.2"])?;
    let mut command = process::command(python, false);
    command
        .args(["-m", "cqlshlib", "--no-color", "-f"])
        .arg(file)
        .args(["127.0.0.1", &node.port().to_string()]);
    process::run("cqlsh", command, PATIENCE)
}
