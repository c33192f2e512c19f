//! Shell scripts that users run, and the programs that they expect on the search path.

use super::process::{self, Finished};
use super::{Live, PATIENCE, failed};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Runs `script` with `sh`; programs in `first` come before those of the machine.
pub fn run(script: &Path, arguments: &[&str], first: &[&Path]) -> Live<Finished> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().map(|p| p.to_path_buf());
    let path = std::env::join_paths(folders.chain(std::env::split_paths(&old)))
        .map_err(|e| failed(format!("search path: {e}")))?;
    let mut command = process::command("sh", false);
    command.arg(script).args(arguments).env("PATH", path);
    process::run(&script.display().to_string(), command, PATIENCE)
}

/// Writes a program that users of the file can run.
pub fn write_program(path: &Path, text: &str) -> Live<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Writes a program that runs `command` with its own arguments behind.
pub fn write_alias(path: &Path, command: &std::process::Command) -> Live<()> {
    let mut text = String::from("#!/bin/sh\n");
    for (name, value) in command.get_envs() {
        let value = word(value.unwrap_or_default());
        text.push_str(&format!("export {}={value}\n", name.to_string_lossy()));
    }
    let program = std::iter::once(command.get_program());
    let words: Vec<String> = program.chain(command.get_args()).map(word).collect();
    text.push_str(&format!("exec {} \"$@\"\n", words.join(" ")));
    write_program(path, &text)
}

/// One word for the shell.
fn word(text: &OsStr) -> String {
    let text: OsString = text.into();
    format!("'{}'", text.to_string_lossy().replace('\'', "'\\''"))
}
