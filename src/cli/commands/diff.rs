//! `diff OLD NEW`: two runs compared by what they decided: writes, jobs, streams, residuals.

mod runs;

use std::fmt::Write;

use serde::Serialize;

use crate::cli::args::{DiffArgs, Format};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use runs::{Run, Thing};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `write`, `job`, `stream` or `residual`.
    pub what: &'static str,
    /// Which.
    pub key: String,
    /// What the older run said; None: it is new.
    pub old: Option<String>,
    /// What the newer run says; None: it is gone.
    pub new: Option<String>,
}

/// Runs the command.
pub fn run(args: &DiffArgs, console: Console) -> Result<Exit, Failure> {
    let changes = compare(&Run::read(&args.old)?, &Run::read(&args.new)?);
    let text = match console.format {
        Format::Text => text(&changes),
        Format::Json => serde_json::json!({ "changes": changes }).to_string() + "\n",
    };
    console.print(&text)?;
    let fail = args.exit_code && !changes.is_empty();
    Ok(if fail { Exit::FailOn } else { Exit::Done })
}

/// All differences: by kind, then by key.
pub fn compare(old: &Run, new: &Run) -> Vec<Change> {
    let mut changes = Vec::new();
    // A plan says nothing of jobs, a report nothing of queries: only what both runs hold is compared.
    let pairs = [
        ("write", &old.writes, &new.writes),
        ("job", &old.jobs, &new.jobs),
        ("stream", &old.streams, &new.streams),
        ("residual", &old.residuals, &new.residuals),
    ];
    for (what, old, new) in pairs {
        if let (Some(old), Some(new)) = (old, new) {
            changes_of(what, old, new, &mut changes);
        }
    }
    changes
}

fn changes_of(what: &'static str, old: &Thing, new: &Thing, changes: &mut Vec<Change>) {
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (old, new) = (old.get(key).cloned(), new.get(key).cloned());
        if old != new {
            let key = key.clone();
            changes.push(Change {
                what,
                key,
                old,
                new,
            });
        }
    }
}

fn text(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let (sign, said) = match (&change.old, &change.new) {
            (None, Some(new)) => ('+', new.clone()),
            (Some(old), None) => ('-', old.clone()),
            (Some(old), Some(new)) => ('~', format!("{old} -> {new}")),
            (None, None) => continue,
        };
        let _ = writeln!(text, "{sign} {:<8} {}: {said}", change.what, change.key);
    }
    if changes.is_empty() {
        text.push_str("no differences\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn thing(rows: &[(&str, &str)]) -> Option<Thing> {
        let row = |(k, v): &(&str, &str)| (k.to_string(), v.to_string());
        Some(rows.iter().map(row).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn added_removed_and_changed_are_told_apart() {
        let old = Run {
            writes: thing(&[("a", "planned"), ("b", "residual"), ("c", "planned")]),
            jobs: thing(&[("j", "planned")]),
            ..Run::default()
        };
        let new = Run {
            writes: thing(&[("a", "planned"), ("b", "planned"), ("d", "assumed")]),
            ..Run::default()
        };
        let changes = compare(&old, &new);
        let shown = text(&changes);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines,
            [
                "~ write    b: residual -> planned",
                "- write    c: planned",
                "+ write    d: assumed"
            ]
        );
        assert_eq!(text(&compare(&old, &old)), "no differences\n");
    }
}
