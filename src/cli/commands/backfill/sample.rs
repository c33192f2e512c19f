//! `--dry-run`: rows before and after, column by column.

use crate::cli::args::Format;
use crate::cli::console::Console;
use crate::cli::exit::Failure;
use crate::diag::Code;
use crate::run::load::{Sample, SampleCell};

/// Prints the rows.
pub fn print(sample: &Sample, console: Console) -> Result<(), Failure> {
    if console.format == Format::Json {
        let text =
            serde_json::to_string(sample).map_err(|e| Failure::new(Code::Defect, e.to_string()))?;
        return console.print(&format!("{text}\n"));
    }
    let mut text = format!("{} into {}\n", sample.table, sample.target);
    for row in &sample.rows {
        text.push_str(&format!("\n{}\n", row.position));
        let width = |f: fn(&SampleCell) -> usize| row.cells.iter().map(f).max().unwrap_or(0);
        let from = width(|c| c.from.as_ref().map_or(1, |f| f.chars().count()));
        let before = width(|c| c.text.as_ref().map_or(4, |t| t.chars().count()).min(40));
        for cell in &row.cells {
            let value = cell.value.as_deref().unwrap_or("(not written)");
            text.push_str(&format!(
                "  {:from$}  {:before$}  ->  {} {} = {value}\n",
                cell.from.as_deref().unwrap_or("-"),
                cell.text.as_deref().map_or("NULL".into(), short),
                cell.to,
                cell.cql,
            ));
        }
    }
    for dead in &sample.rejected {
        let column = dead.column.as_deref().unwrap_or("the row");
        text.push_str(&format!(
            "\n{}: rejected: {column}: {} [{}]\n",
            dead.position, dead.reason, dead.code
        ));
    }
    console.print(&text)
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(39).collect();
    if cut.len() < text.len() {
        format!("{cut}…")
    } else {
        cut
    }
}
