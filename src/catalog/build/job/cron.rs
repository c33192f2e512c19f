//! crontab lines: five fields and a command.

use super::chain::job;
use super::scheduler::At;
use super::shell::{Shells, base, is_script, words};
use super::text::Texts;
use crate::catalog::build::AuxText;
use crate::catalog::model::{Job, JobOrigin};

/// A line of a crontab.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    number: u32,
    when: String,
    command: &'a str,
}

/// A file that is read as crontab: by its name, or because the project says that it holds a schedule.
pub(super) fn is_crontab(aux: &AuxText, schedule_files: &[String]) -> bool {
    let name = base(&aux.path).to_ascii_lowercase();
    let named = name.contains("cron") && !is_script(aux) && !name.ends_with(".csv");
    let listed = schedule_files.contains(&aux.path) && !is_script(aux) && !name.ends_with(".csv");
    (named || listed) && !lines(&aux.text).is_empty()
}

/// One job a line; a line that runs a script of the input starts what the script starts.
pub(super) fn jobs(aux: &AuxText, shells: &Shells<'_>, texts: &Texts<'_, '_>) -> Vec<Job> {
    let one = |line: &Line<'_>| {
        let place = At {
            span: None,
            file: aux.path.clone(),
            line: line.number,
        };
        let entries = shells.command(texts, line.command);
        let name = name(line.command, &aux.path, line.number);
        job(
            &name,
            JobOrigin::Crontab,
            entries,
            Some(line.when.clone()),
            true,
            &place,
        )
    };
    lines(&aux.text).iter().map(one).collect()
}

/// Scripts that the crontab runs, by the last part of their paths.
pub(super) fn scripts(aux: &AuxText) -> Vec<String> {
    let all = lines(&aux.text).into_iter().flat_map(|l| words(l.command));
    all.map(|w| base(&w).to_string()).collect()
}

/// The script's name without its ending; else the file and line.
fn name(command: &str, path: &str, line: u32) -> String {
    let all = words(command);
    let script = all.iter().find(|w| {
        let lower = w.to_ascii_lowercase();
        [".sh", ".ksh", ".bash", ".sql", ".pl", ".py"]
            .iter()
            .any(|e| lower.ends_with(e))
    });
    match script {
        Some(s) => {
            let file = base(s).trim_start_matches('@');
            file.rsplit_once('.')
                .map_or(file, |(stem, _)| stem)
                .to_string()
        }
        None => format!("{}:{line}", base(path)),
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let numbered = text.lines().enumerate();
    numbered
        .filter_map(|(i, l)| line(i as u32 + 1, l.trim()))
        .collect()
}

fn line(number: u32, text: &str) -> Option<Line<'_>> {
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    if let Some(rest) = text.strip_prefix('@') {
        let (when, command) = rest.split_once(char::is_whitespace)?;
        return Some(Line {
            number,
            when: format!("@{when}"),
            command: command.trim(),
        });
    }
    let mut rest = text;
    let mut fields = Vec::new();
    for _ in 0..5 {
        let (field, after) = rest.split_once(char::is_whitespace)?;
        if !is_field(field) {
            return None;
        }
        fields.push(field);
        rest = after.trim_start();
    }
    (!rest.is_empty()).then(|| Line {
        number,
        when: fields.join(" "),
        command: rest,
    })
}

/// `*`, `1-5`, `*/15`, `MON,TUE`.
fn is_field(field: &str) -> bool {
    let starts =
        field.starts_with(|c: char| c == '*' || c.is_ascii_digit() || c.is_ascii_alphabetic());
    let rest =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '/' | ',' | '-' | '#' | '?');
    starts && field.chars().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_settings_are_no_lines() {
        let text = "SHELL=/bin/bash\n# 1 2 * * * x\n\n30 1 * * 1-5  /opt/run.sh a >> log\n@daily /opt/b.sh\n";
        let found = lines(text);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].when.as_str(), found[0].command),
            ("30 1 * * 1-5", "/opt/run.sh a >> log")
        );
        assert_eq!((found[1].number, found[1].when.as_str()), (5, "@daily"));
    }
}
