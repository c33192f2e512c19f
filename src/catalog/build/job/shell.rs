//! Shell scripts that call SQL*Plus: here-documents, `@script args`, `echo .. | sqlplus`, scripts that call scripts.
//! A reader of lines, not a shell: what it does not see stays an unknown entry with its line.

use std::collections::BTreeMap;

use super::text::{Started, Texts, Vars, unknown};
use crate::catalog::build::{AuxText, Input};
use crate::catalog::model::{Bound, Entry, Resolved, RoutineId, UnitRef};
use crate::source::{SourceFile, SourceMap};
use crate::syntax::{ParsedFile, View};

/// All scripts of the input.
pub(super) struct Shells<'a> {
    pub input: Input<'a>,
    /// Anonymous blocks and scripts' own statements: the routine of each unit.
    pub routines: BTreeMap<UnitRef, RoutineId>,
}

/// One step of a script.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Text for SQL*Plus, and where it stands if it is a here-document.
    Sql(String, Option<(usize, usize)>),
    /// A file for SQL*Plus, and its arguments.
    File(String, Vec<String>),
    /// Another shell script, and its arguments.
    Shell(String, Vec<String>),
}

/// From the first byte to one past the last.
type Range = (usize, usize);

const WHOLE: Range = (0, usize::MAX);

const TOO_DEEP: &str = "scripts include each other too deeply";

/// How deep scripts call scripts.
const MAX_CALLS: u32 = 8;

/// The part of a path after the last separator.
pub(super) fn base(path: &str) -> &str {
    let path = path.trim_matches(['\'', '"']);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A file that a shell runs.
pub(super) fn is_script(aux: &AuxText) -> bool {
    let name = aux.path.to_ascii_lowercase();
    [".sh", ".ksh", ".bash", ".csh", ".bat", ".cmd"]
        .iter()
        .any(|e| name.ends_with(e))
        || aux.text.starts_with("#!")
}

impl<'a> Shells<'a> {
    /// The script of a name, by the last part of its path.
    pub(super) fn find(&self, name: &str) -> Option<&'a AuxText> {
        let wanted = base(name);
        self.input
            .aux
            .iter()
            .find(|a| is_script(a) && base(&a.path) == wanted)
    }

    /// What a command line starts, as cron or a scheduler runs it.
    pub(super) fn command(&self, texts: &Texts<'_, '_>, command: &str) -> Vec<Entry> {
        let entries = self.text(texts, command);
        if entries.is_empty() {
            return vec![unknown(command, "the command starts no code of the input")];
        }
        entries
    }

    /// What a shell script given as text starts.
    pub(super) fn text(&self, texts: &Texts<'_, '_>, text: &str) -> Vec<Entry> {
        self.shell_text(texts, None, text, &Vars::new(), 0)
    }

    /// What a SQL*Plus script given as text starts.
    pub(super) fn sql(&self, texts: &Texts<'_, '_>, text: &str) -> Vec<Entry> {
        self.sql_text(texts, text, &mut Vars::new(), 0)
    }

    /// What a script of the input starts; `args` are its arguments.
    pub(super) fn script(&self, texts: &Texts<'_, '_>, aux: &AuxText) -> Vec<Entry> {
        self.shell_text(texts, Some(&aux.path), &aux.text, &Vars::new(), 0)
    }

    /// Scripts that other scripts run.
    pub(super) fn called(&self) -> Vec<&'a str> {
        let mut out = Vec::new();
        for aux in self.input.aux.iter().filter(|a| is_script(a)) {
            for (step, ..) in steps(&aux.text, &mut Vars::new()) {
                if let Step::Shell(name, _) = step
                    && let Some(other) = self.find(&name).filter(|o| o.path != aux.path)
                {
                    out.push(other.path.as_str());
                }
            }
        }
        out
    }

    fn shell_text(
        &self,
        texts: &Texts<'_, '_>,
        path: Option<&str>,
        text: &str,
        args: &Vars,
        depth: u32,
    ) -> Vec<Entry> {
        if depth > MAX_CALLS {
            return vec![unknown("", "scripts call each other too deeply")];
        }
        let mut vars = args.clone();
        let mut out = Vec::new();
        for (step, mut at_step, conditional) in steps(text, &mut vars) {
            let first = out.len();
            match step {
                Step::Sql(sql, place) => match path.zip(place).and_then(|(p, r)| self.placed(p, r))
                {
                    Some((index, file, range)) => {
                        self.units(texts, (index, file, range), &mut at_step, depth, &mut out);
                    }
                    None => out.extend(self.sql_text(texts, &sql, &mut at_step, depth)),
                },
                Step::File(name, args) => {
                    let args = arguments(&args, &at_step);
                    out.extend(self.sql_file(texts, &name, &args, depth + 1));
                }
                Step::Shell(name, args) => {
                    if let Some(aux) = self.find(&name) {
                        let args = arguments(&args, &at_step);
                        out.extend(self.shell_text(
                            texts,
                            Some(&aux.path),
                            &aux.text,
                            &args,
                            depth + 1,
                        ));
                    }
                }
            }
            for entry in out.iter_mut().skip(first) {
                entry.conditional |= conditional;
            }
        }
        out
    }

    fn sql_text(
        &self,
        texts: &Texts<'_, '_>,
        sql: &str,
        vars: &mut Vars,
        depth: u32,
    ) -> Vec<Entry> {
        let mut map = SourceMap::default();
        map.add(SourceFile::from_text("script.sql", format!("{sql}\n")));
        let files = crate::syntax::parse_all(&map);
        let mut out = Vec::new();
        for unit in files.iter().flat_map(|f| &f.units) {
            let view = View::new(&map, unit);
            self.unit(texts, view, None, vars, depth, &mut out);
        }
        out
    }

    fn sql_file(&self, texts: &Texts<'_, '_>, name: &str, args: &Vars, depth: u32) -> Vec<Entry> {
        if depth > MAX_CALLS {
            return vec![unknown(name, TOO_DEEP)];
        }
        let wanted = base(name);
        let with_suffix = format!("{wanted}.sql");
        let named =
            |path: &str| base(path) == wanted || base(path).eq_ignore_ascii_case(&with_suffix);
        let file = self.input.files.iter().enumerate().find(|(_, f)| {
            let path = &self.input.map.file(f.file).path;
            named(path)
        });
        let Some((index, file)) = file else {
            return vec![unknown(name, "the script is not in the input")];
        };
        let mut vars = args.clone();
        let mut out = Vec::new();
        let whole = (index, file, WHOLE);
        self.units(texts, whole, &mut vars, depth, &mut out);
        out
    }

    /// The here-document of a script that is among the sources: its file, and its place there.
    fn placed(&self, path: &str, range: Range) -> Option<(usize, &'a ParsedFile, Range)> {
        let mut files = self.input.files.iter().enumerate();
        let (index, file) = files.find(|(_, f)| self.input.map.file(f.file).path == path)?;
        Some((index, file, range))
    }

    /// What a script of the input starts itself, without the scripts that it includes.
    pub(super) fn file(
        &self,
        texts: &Texts<'_, '_>,
        index: usize,
        file: &ParsedFile,
    ) -> Vec<Entry> {
        let mut out = Vec::new();
        let whole = (index, file, WHOLE);
        self.units(texts, whole, &mut Vars::new(), MAX_CALLS, &mut out);
        out.retain(|e| e.routine != Resolved::Unknown(TOO_DEEP.to_string()));
        out
    }

    fn units(
        &self,
        texts: &Texts<'_, '_>,
        (index, file, range): (usize, &ParsedFile, Range),
        vars: &mut Vars,
        depth: u32,
        out: &mut Vec<Entry>,
    ) {
        let first = out.len();
        for (u, unit) in file.units.iter().enumerate() {
            if (unit.span.start as usize) < range.0 || (unit.span.start as usize) >= range.1 {
                continue;
            }
            let unit_ref = UnitRef {
                file: index as u32,
                unit: u as u32,
            };
            let known = self.routines.get(&unit_ref).copied();
            // All statements of a script are one routine: it is started once.
            let is_started = |e: &Entry| known.is_some_and(|k| e.routine == Resolved::Known(k));
            if !out[first..].iter().any(is_started) {
                let view = View::new(self.input.map, unit);
                self.unit(texts, view, known, vars, depth, out);
            }
        }
    }

    fn unit(
        &self,
        texts: &Texts<'_, '_>,
        view: View<'_>,
        known: Option<RoutineId>,
        vars: &mut Vars,
        depth: u32,
        out: &mut Vec<Entry>,
    ) {
        match texts.unit(view, known, vars) {
            Started::Entries(entries) => out.extend(entries),
            Started::Script(name, args) => {
                let args = arguments(&args, vars);
                out.extend(self.sql_file(texts, &name, &args, depth + 1));
            }
            Started::Define(name, value) => {
                let bound = word_value(&value, vars);
                vars.insert(format!("&{name}"), bound);
            }
            Started::Nothing => {}
        }
    }
}

/// `&1`, `&2`, .. for a script's arguments.
fn arguments(args: &[String], vars: &Vars) -> Vars {
    let numbered = args.iter().enumerate();
    numbered
        .map(|(i, a)| (format!("&{}", i + 1), word_value(a, vars)))
        .collect()
}

/// What a word of the shell holds: a call of `date` is the run's date, a variable what it was set to.
fn word_value(word: &str, vars: &Vars) -> Bound {
    let inner = word.trim().trim_matches(['"', '\'']);
    if is_date_command(inner) {
        return Bound::RunDate(inner.to_string());
    }
    let names = variables(inner);
    let mut worst = Bound::Constant(inner.to_string());
    for name in names {
        match vars.get(&name) {
            Some(Bound::Constant(_)) => {}
            Some(Bound::RunDate(_)) if matches!(worst, Bound::Constant(_)) => {
                worst = Bound::RunDate(inner.to_string());
            }
            Some(Bound::RunDate(_)) => {}
            Some(Bound::Unknown(_)) | None => worst = Bound::Unknown(inner.to_string()),
        }
    }
    worst
}

/// `$(date ..)` or `` `date ..` ``.
fn is_date_command(word: &str) -> bool {
    let body = word
        .strip_prefix("$(")
        .or_else(|| word.strip_prefix('`'))
        .map(str::trim_start);
    body.is_some_and(|b| {
        let command = b.split_whitespace().next().unwrap_or("");
        matches!(base(command).trim_end_matches([')', '`']), "date" | "gdate")
    })
}

/// `$NAME`, `${NAME}`, `$1` in a text, each as `&NAME`.
fn variables(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        rest = rest[at + 1..].trim_start_matches('{');
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        if end > 0 {
            out.push(format!("&{}", rest[..end].to_uppercase()));
        }
        rest = &rest[end..];
    }
    out
}

/// Shell variables in the text of a here-document, written as SQL*Plus writes them; `\$` is a plain dollar.
fn as_substitutions(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'$') => out.extend(chars.next()),
            '$' => {
                let braced = chars.next_if_eq(&'{').is_some();
                let mut name = String::new();
                while let Some(n) = chars.next_if(|n| n.is_alphanumeric() || *n == '_') {
                    name.push(n);
                }
                if braced {
                    chars.next_if_eq(&'}');
                }
                out.push(if name.is_empty() { '$' } else { '&' });
                out.push_str(&name);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Steps of a script in order, each with the variables as they are then, and whether it stands under a condition.
fn steps(text: &str, vars: &mut Vars) -> Vec<(Step, Vars, bool)> {
    // Of the same length, so that offsets stay those of the text.
    let joined = text.replace("\\\r\n", "   ").replace("\\\n", "  ");
    let mut lines = Lines {
        text: &joined,
        at: 0,
    };
    let mut out = Vec::new();
    let mut under = 0u32;
    // Files that the script itself writes by here-document, by name.
    let mut written: BTreeMap<String, String> = BTreeMap::new();
    while let Some((_, line)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        under = nesting(trimmed, under);
        if let Some((word, literal)) = here_document(trimmed) {
            let (start, end) = lines.until(&word);
            let body = text.get(start..end).unwrap_or("");
            let body = if literal {
                body.to_string()
            } else {
                as_substitutions(body)
            };
            if calls_sqlplus(trimmed) {
                let step = Step::Sql(body, Some((start, end)));
                out.push((step, vars.clone(), under > 0));
            } else if let Some(name) = written_file(trimmed) {
                written.insert(base(&name).to_string(), body);
            }
            continue;
        }
        assignment(trimmed, vars);
        for step in line_steps(trimmed) {
            let step = match step {
                Step::File(name, args) => match written.get(base(&name)) {
                    Some(body) => Step::Sql(body.clone(), None),
                    None => Step::File(name, args),
                },
                other => other,
            };
            out.push((step, vars.clone(), under > 0));
        }
    }
    out
}

/// Lines of a text with their offsets.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|r| !r.is_empty())?;
        let line = rest.split_inclusive('\n').next()?;
        let start = self.at;
        self.at += line.len();
        Some((start, line.trim_end_matches(['\n', '\r'])))
    }
}

impl Lines<'_> {
    /// Steps over a here-document and its last word; the range of its body.
    fn until(&mut self, word: &str) -> (usize, usize) {
        let start = self.at;
        for (at, line) in self.by_ref() {
            if line.trim() == word {
                return (start, at);
            }
        }
        (start, self.at)
    }
}

/// A script's here-documents for SQL*Plus at their places, everything else blank; None unless one of them holds
/// statements of its own, which only a place among the sources can speak for.
pub(in crate::catalog::build) fn embedded(text: &str) -> Option<String> {
    if !text.contains("<<") || !calls_sqlplus(text) {
        return None;
    }
    let ranges: Vec<_> = steps(text, &mut Vars::new())
        .into_iter()
        .filter_map(|(step, ..)| match step {
            Step::Sql(body, Some(range)) => Some((body, range)),
            Step::Sql(_, None) | Step::File(..) | Step::Shell(..) => None,
        })
        .collect();
    if !ranges.iter().any(|(body, _)| has_own_statements(body)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (_, (start, end)) in ranges {
        out.push_str(&blank(text.get(at..start)?));
        out.push_str(&same_length(text.get(start..end)?));
        at = end;
    }
    out.push_str(&blank(text.get(at..)?));
    Some(out)
}

fn has_own_statements(sql: &str) -> bool {
    let mut map = SourceMap::default();
    map.add(SourceFile::from_text("script.sql", format!("{sql}\n")));
    let files = crate::syntax::parse_all(&map);
    let mut units = files.iter().flat_map(|f| &f.units);
    units.any(|u| super::text::is_own(View::new(&map, u)))
}

/// Blanks for everything but ends of lines.
fn blank(text: &str) -> String {
    let keep = |b: u8| {
        if matches!(b, b'\n' | b'\r') {
            char::from(b)
        } else {
            ' '
        }
    };
    text.bytes().map(keep).collect()
}

/// Shell variables as SQL*Plus writes them, every byte at its place.
fn same_length(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('$')) => {
                chars.next();
                out.push_str(" $");
            }
            ('$', Some('{')) => {
                chars.next();
                out.push_str(" &");
                out.extend(std::iter::from_fn(|| chars.next_if(|n| is_name(*n))));
                if chars.next_if_eq(&'}').is_some() {
                    out.push('.');
                }
            }
            ('$', Some(n)) if is_name(*n) => out.push('&'),
            _ => out.push(c),
        }
    }
    out
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How many IFs, loops and CASEs are open after the first word of a line. A block that ends on its own line is none.
fn nesting(line: &str, under: u32) -> u32 {
    let all: Vec<_> = line
        .split(|c: char| c.is_whitespace() || c == ';')
        .collect();
    let closes = |w: &&str| matches!(*w, "fi" | "done" | "esac");
    let ends = all.iter().filter(|w| closes(w)).count() as u32;
    let opens = matches!(
        all.first(),
        Some(&("if" | "for" | "while" | "until" | "case"))
    );
    (under + u32::from(opens)).saturating_sub(ends)
}

/// `<<WORD`, `<<-'WORD'`: the word, and whether the text is taken as it is.
fn here_document(line: &str) -> Option<(String, bool)> {
    let at = line.find("<<")?;
    let rest = &line[at + 2..];
    if rest.starts_with('<') {
        return None;
    }
    let rest = rest.trim_start_matches('-').trim_start();
    let literal = rest.starts_with(['\'', '"', '\\']);
    let rest = rest.trim_start_matches(['\'', '"', '\\']);
    let ends = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '>' | '|' | ';' | '&' | ')');
    let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
    // `$((1 << 2))` is no here-document.
    let is_word = word.starts_with(|c: char| !c.is_ascii_digit() && c != '(' && c != '$');
    is_word.then(|| (word.to_string(), literal))
}

fn calls_sqlplus(line: &str) -> bool {
    line.to_ascii_lowercase().contains("sqlplus")
}

/// `> file` before a here-document.
fn written_file(line: &str) -> Option<String> {
    let at = line.find('>')?;
    let rest = line[at..].trim_start_matches('>').trim();
    rest.split_whitespace().next().map(String::from)
}

/// `NAME=value`, `export NAME=value`.
fn assignment(line: &str, vars: &mut Vars) {
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let Some((name, value)) = line.split_once('=') else {
        return;
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name {
        let value = value
            .split(" #")
            .next()
            .unwrap_or(value)
            .trim()
            .trim_end_matches(';');
        let bound = word_value(value, vars);
        vars.insert(format!("&{}", name.to_uppercase()), bound);
    }
}

/// What one command line starts.
fn line_steps(line: &str) -> Vec<Step> {
    if calls_sqlplus(line) {
        return sqlplus_line(line).into_iter().collect();
    }
    let words = words(line);
    let script = |w: &String| {
        let name = base(w).to_ascii_lowercase();
        [".sh", ".ksh", ".bash", ".csh"]
            .iter()
            .any(|e| name.ends_with(e))
    };
    let Some(at) = words.iter().position(script) else {
        return Vec::new();
    };
    let is_command = !matches!(
        words[0].as_str(),
        "echo" | "chmod" | "rm" | "cp" | "mv" | "ls" | "cat"
    );
    if is_command {
        vec![Step::Shell(
            words[at].clone(),
            plain_arguments(&words[at + 1..]),
        )]
    } else {
        Vec::new()
    }
}

fn sqlplus_line(line: &str) -> Option<Step> {
    let lower = line.to_ascii_lowercase();
    let at = lower.find("sqlplus")?;
    if let Some((before, _)) = line[..at].rsplit_once('|') {
        return quoted(before).map(|t| Step::Sql(t, None));
    }
    if let Some((_, text)) = line[at..].split_once("<<<") {
        return quoted(text).map(|t| Step::Sql(t, None));
    }
    let words = words(&line[at..]);
    // The connect string holds an @ too, but does not start with one.
    let found = words
        .iter()
        .position(|w| w.starts_with('@') && w.len() > 1)?;
    let name = words[found].trim_start_matches('@').to_string();
    Some(Step::File(name, plain_arguments(&words[found + 1..])))
}

/// The first quoted text of a line, or what follows `echo`.
fn quoted(text: &str) -> Option<String> {
    let text = text.trim();
    let start = text.find(['"', '\''])?;
    let quote = text[start..].chars().next()?;
    let end = text.rfind(quote).filter(|e| *e > start)?;
    Some(as_substitutions(&text[start + 1..end]).replace("\\n", "\n"))
}

/// Words before a redirection, pipe or next command.
fn plain_arguments(words: &[String]) -> Vec<String> {
    let ends = |w: &&String| {
        w.starts_with(['>', '<', '|', ';', '&']) || w.starts_with("2>") || w.starts_with("1>")
    };
    words.iter().take_while(|w| !ends(w)).cloned().collect()
}

/// Words of a command line; quotes and `$( )` keep blanks inside.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let (mut quote, mut depth) = (None, 0u32);
    for c in line.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if c == '(' => depth += 1,
            None if c == ')' => depth = depth.saturating_sub(1),
            None if c.is_whitespace() && depth == 0 => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                continue;
            }
            None => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn here_documents_and_scripts_are_steps_in_order() {
        let text = "DAY=$(date -d yesterday +%Y%m%d)\nsqlplus -s /@DB <<EOS\nexec p.a('$DAY')\nEOS\n\
                    sqlplus -s u/p@db @run.sql \"$DAY\" 7 > log 2>&1\necho \"exec p.b;\" | sqlplus -s /@DB\n./next.sh x\n";
        let found = steps(text, &mut Vars::new());
        let steps: Vec<_> = found.iter().map(|s| &s.0).collect();
        assert_eq!(
            steps[0],
            &Step::Sql("exec p.a('&DAY')\n".into(), Some((55, 72)))
        );
        assert_eq!(
            steps[1],
            &Step::File("run.sql".into(), vec!["\"$DAY\"".into(), "7".into()])
        );
        assert_eq!(steps[2], &Step::Sql("exec p.b;".into(), None));
        assert_eq!(steps[3], &Step::Shell("./next.sh".into(), vec!["x".into()]));
        assert!(matches!(found[1].1["&DAY"], Bound::RunDate(_)));
        assert!(found.iter().all(|s| !s.2));
    }

    #[test]
    fn a_step_under_a_condition_says_so() {
        let text = "if [ $X = 1 ]; then exit; fi\nif [ $D = 01 ]\nthen\n  sqlplus /@D @m.sql\nfi\nsqlplus /@D @n.sql\n";
        let conditional: Vec<_> = steps(text, &mut Vars::new()).iter().map(|s| s.2).collect();
        assert_eq!(conditional, [true, false]);
    }

    #[test]
    fn embedded_statements_keep_their_places() {
        let text = "#!/bin/sh\nsqlplus /@D <<E\nDELETE FROM t WHERE d = '$DAY' AND k = ${K};\nE\necho '表'\n";
        let sql = embedded(text).expect("a statement of its own");
        assert_eq!(sql.len(), text.len());
        assert_eq!(sql.find("DELETE"), text.find("DELETE"));
        assert!(sql.contains("'&DAY' AND k =  &K.;"), "{sql}");
        assert_eq!(sql.trim().lines().count(), 1);
        assert_eq!(
            embedded("sqlplus /@D <<E\nexec p.a\nBEGIN p.b; END;\n/\nE\n"),
            None
        );
    }

    #[test]
    fn a_connect_string_is_no_script() {
        assert_eq!(sqlplus_line("sqlplus -s -L /@RETAIL_BATCH"), None);
    }
}
