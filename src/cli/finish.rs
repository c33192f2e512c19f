//! The end of a command that wrote files: what is said, and the exit code.

use super::args::{Format, OutArgs};
use super::console::Console;
use super::exit::{Exit, Failure};
use super::output::Written;
use crate::assess::model::Gate;
use crate::source::SourceMap;

/// Says what was written; exit code 2 if files that were edited stand beside newer text, unless `--force`.
pub fn written(
    out: &OutArgs,
    written: &Written,
    gate: Option<&Gate>,
    console: Console,
) -> Result<Exit, Failure> {
    console.findings(&SourceMap::default(), &written.findings());
    let text = match console.format {
        Format::Text => text(out, written, gate),
        Format::Json => json(out, written, gate),
    };
    console.print(&text)?;
    let edited = !written.edited.is_empty() && !out.force;
    Ok(if edited { Exit::Usage } else { Exit::Done })
}

fn text(out: &OutArgs, written: &Written, gate: Option<&Gate>) -> String {
    let mut text = gate.map(summary).unwrap_or_default();
    let shown = out.out.display();
    text.push_str(&format!("{} files in {shown}", written.files));
    if !written.removed.is_empty() {
        text.push_str(&format!(
            ", {} of a former run removed",
            written.removed.len()
        ));
    }
    text.push('\n');
    let report = out.out.join("report/index.html");
    if gate.is_some() && report.is_file() {
        text.push_str(&format!("open {}\n", report.display()));
    }
    text
}

fn summary(gate: &Gate) -> String {
    let share = gate
        .share_per_mille()
        .map_or(String::new(), |s| format!(" ({}.{} %)", s / 10, s % 10));
    format!(
        "read {} files, {} units, {} statements; {} jobs\n\
         writes: {} = {} planned + {} assumed{share} + {} control + {} residual + {} unparsed\n",
        gate.files_in,
        gate.units_in,
        gate.statements_in,
        gate.jobs_in,
        gate.writes_in,
        gate.writes_planned,
        gate.writes_assumed,
        gate.writes_control,
        gate.writes_residual,
        gate.writes_unparsed,
    )
}

fn json(out: &OutArgs, written: &Written, gate: Option<&Gate>) -> String {
    let document = serde_json::json!({
        "out": out.out.display().to_string(),
        "files": written.files,
        "edited": written.edited,
        "removed": written.removed,
        "gate": gate,
    });
    document.to_string() + "\n"
}
