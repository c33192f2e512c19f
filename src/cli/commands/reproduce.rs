//! `parse --reproduce FILE:LINE`: a bug report from people who may not send their code.

use std::path::Path;

use crate::cli::config::{Encodings, named_encoding};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Reading, read, require_sources};
use crate::diag::Code;
use crate::syntax::reproduce;

/// Prints the fragment; what is said of it goes to standard error.
pub fn run(place: &str, encoding: Option<&str>, console: Console) -> Result<Exit, Failure> {
    let (file, line) = split(place)?;
    let default = encoding.map(named_encoding).transpose()?;
    let encodings = Encodings::all(default);
    let reading = Reading {
        encodings: &encodings,
        exclude: &[],
        schedule_files: &[],
        out: None,
    };
    let input = read(Path::new(file), reading, &|_| {})?;
    require_sources(Path::new(file), &input)?;
    let Some((id, _)) = input.sources.iter().next() else {
        return Err(wrong(format!("{file} holds nothing to read")));
    };
    let found = reproduce(&input.sources, id, line).map_err(|why| {
        wrong(format!("{place}: {why}")).help("`parse FILE` lists the errors with their lines")
    })?;
    console.print(&found.text)?;
    eprintln!("{}: {}", found.code.as_str(), found.message);
    Ok(Exit::Done)
}

fn split(place: &str) -> Result<(&str, u32), Failure> {
    let parts = place.rsplit_once(':');
    let read = parts.and_then(|(file, line)| Some((file, line.parse().ok()?)));
    read.filter(|(file, line)| !file.is_empty() && *line > 0)
        .ok_or_else(|| wrong(format!("--reproduce takes FILE:LINE, not `{place}`")))
}

fn wrong(message: String) -> Failure {
    Failure::new(Code::ConfigInvalid, message)
}
