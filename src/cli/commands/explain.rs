//! `explain CODE`: what a rule or diagnostic code means and what to do about it.

use std::fmt::Write;

use crate::cli::args::{ExplainArgs, Format};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::rules::load;
use crate::diag::Code;
use crate::rules::{Registry, explain};

/// Runs the command.
pub fn run(args: &ExplainArgs, console: Console) -> Result<Exit, Failure> {
    let registry = load(args.rules.as_deref())?;
    let text = match &args.code {
        Some(code) => one(code, &registry, console.format)?,
        None => all(&registry, console.format),
    };
    console.print(&text)?;
    Ok(Exit::Done)
}

fn one(text: &str, registry: &Registry, format: Format) -> Result<String, Failure> {
    let diagnostic = Code::find(text).map(|c| (c.as_str().to_string(), of_diagnostic(c)));
    let rule = || explain(registry, text).map(|t| (text.to_uppercase(), t));
    let Some((code, explained)) = diagnostic.or_else(rule) else {
        return Err(unknown(text, registry));
    };
    Ok(match format {
        Format::Text => explained,
        Format::Json => serde_json::json!({ "code": code, "text": explained }).to_string() + "\n",
    })
}

fn of_diagnostic(code: Code) -> String {
    let info = code.info();
    format!(
        "# {}: {}\n\nSeverity: {:?}.\n\n{}\n",
        info.code, info.name, info.severity, info.doc
    )
}

/// Every code with its name, diagnostics first.
fn all(registry: &Registry, format: Format) -> String {
    let diagnostics = Code::ALL
        .iter()
        .map(|c| (c.info().code.to_string(), c.info().name.to_string()));
    let rules = registry.rules().map(|r| (r.code.clone(), r.name.clone()));
    let functions = registry
        .functions()
        .iter()
        .map(|f| (f.code.clone(), f.function.clone()));
    let types = registry
        .types()
        .iter()
        .map(|t| (t.code.clone(), t.oracle.clone()));
    let rows: Vec<(String, String)> = diagnostics
        .chain(rules)
        .chain(functions)
        .chain(types)
        .collect();
    match format {
        Format::Text => rows.iter().fold(String::new(), |mut text, (code, name)| {
            let _ = writeln!(text, "{code:<8} {name}");
            text
        }),
        Format::Json => {
            let row =
                |(code, name): &(String, String)| serde_json::json!({ "code": code, "name": name });
            let rows: Vec<_> = rows.iter().map(row).collect();
            serde_json::json!(rows).to_string() + "\n"
        }
    }
}

fn unknown(text: &str, registry: &Registry) -> Failure {
    let wanted = text.to_uppercase();
    let diagnostics = Code::ALL.iter().map(|c| c.as_str().to_string());
    let rules = registry.rules().map(|r| r.code.clone());
    let nearest = diagnostics
        .chain(rules)
        .map(|known| (strsim::damerau_levenshtein(&known, &wanted), known))
        .min();
    let failure = Failure::new(Code::UnknownCode, format!("there is no code `{text}`"));
    match nearest {
        Some((distance, known)) if distance <= 2 => failure.help(format!("did you mean {known}?")),
        Some(_) | None => failure.help("`ora2stream explain` lists all codes"),
    }
}
