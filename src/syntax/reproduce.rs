//! The smallest fragment with the same diagnostic, with names, literals and comments replaced: a
//! bug report from people who may not send their code.

use std::collections::HashMap;

use super::keyword::Tok;
use super::parse::parse_text;
use super::token::TokKind;
use super::unit::Unit;
use crate::diag::{Code, Diagnostic, Severity};
use crate::source::{FileId, SourceFile, SourceMap};

/// Bytes that are parsed at most while a fragment is made smaller.
const BUDGET: usize = 48 << 20;

/// A fragment that shows a diagnostic.
#[derive(Clone, Debug)]
pub struct Reproduction {
    /// The fragment.
    pub text: String,
    /// Its code.
    pub code: Code,
    /// What is said of the fragment.
    pub message: String,
}

/// Why there is no fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFragment {
    /// Nothing is reported at that line.
    #[error("no error is reported at that line")]
    NoError,
    /// The unit alone, or without its names, is not reported in the same way.
    #[error("the error does not show without the names and texts around it")]
    Bound,
}

/// The fragment for the first error at a line of a file, counted from 1.
pub fn reproduce(map: &SourceMap, id: FileId, line: u32) -> Result<Reproduction, NoFragment> {
    let file = map.file(id);
    let units = parse_text(&file.text, id);
    let at_line = |d: &&Diagnostic| {
        let place = d.labels.first().map(|l| file.line_col(l.span.start));
        d.severity == Severity::Error && place.is_some_and(|p| p.line == line)
    };
    let found = units.iter().enumerate().find_map(|(i, u)| {
        let error = u.errors.iter().find(at_line)?;
        Some((i, Shown::of(error)))
    });
    let (unit, shown) = found.ok_or(NoFragment::NoError)?;
    let alone = pieces(&units[unit..=unit], &file.text);
    let before = || pieces(&units[..=unit], &file.text);
    let mut search = Search {
        shown,
        budget: BUDGET,
    };
    let mut fragment = alone;
    if !search.shows(&fragment) {
        fragment = before();
        if !search.shows(&fragment) {
            return Err(NoFragment::Bound);
        }
    }
    search.reduce(&mut fragment);
    let masked = [Mask::Names, Mask::Shapes]
        .into_iter()
        .map(|mask| masked(&fragment, mask))
        .find(|pieces| search.shows(pieces));
    let mut fragment = masked.ok_or(NoFragment::Bound)?;
    search.reduce(&mut fragment);
    let text = format!("{}\n", joined(&fragment).trim());
    let message = said(&text, &search.shown).map(|d| d.message);
    Ok(Reproduction {
        code: search.shown.code,
        message: message.unwrap_or_default(),
        text,
    })
}

/// What makes two diagnostics the same: their code, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    code: Code,
    expected: String,
}

impl Shown {
    fn of(d: &Diagnostic) -> Shown {
        let expected = d.message.split(", found").next().unwrap_or("");
        let words = match d.code {
            Code::Syntax | Code::MissingEnd => {
                expected.split(" before ").next().unwrap_or("").to_string()
            }
            _ => String::new(),
        };
        Shown {
            code: d.code,
            expected: words,
        }
    }
}

/// The error of a text that is the one looked for.
fn said(text: &str, shown: &Shown) -> Option<Diagnostic> {
    let mut map = SourceMap::default();
    let id = map.add(SourceFile::from_text("fragment.sql", text));
    let units = parse_text(text, id);
    let mut errors = units.into_iter().flat_map(|u| u.errors);
    errors.find(|d| d.severity == Severity::Error && Shown::of(d) == *shown)
}

/// One token with the blanks in front of it.
#[derive(Clone, Debug)]
struct Piece {
    blank: &'static str,
    text: String,
    kind: TokKind,
    tok: Tok,
}

/// The significant tokens of units; comments are gone.
fn pieces(units: &[Unit], src: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut blank = "";
    for unit in units {
        blank = if out.is_empty() { blank } else { "\n" };
        for i in 0..unit.tape.len() as u32 {
            let (kind, tok) = (unit.tape.kinds[i as usize], unit.tape.toks[i as usize]);
            let text = unit.tape.text(src, i);
            if kind.is_trivia() {
                let line = text.contains('\n') || blank == "\n";
                blank = if line { "\n" } else { " " };
                continue;
            }
            out.push(Piece {
                blank,
                text: text.to_string(),
                kind,
                tok,
            });
            blank = "";
        }
    }
    out
}

fn joined(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for p in pieces {
        text.push_str(p.blank);
        text.push_str(&p.text);
    }
    text.push('\n');
    text
}

struct Search {
    shown: Shown,
    budget: usize,
}

impl Search {
    fn shows(&self, pieces: &[Piece]) -> bool {
        said(&joined(pieces), &self.shown).is_some()
    }

    /// Takes away runs of tokens, long ones first, as long as the error stays.
    fn reduce(&mut self, pieces: &mut Vec<Piece>) {
        let mut run = pieces.len() / 2;
        while run > 0 {
            let (mut at, mut removed) = (0, false);
            while at < pieces.len() {
                let until = (at + run).min(pieces.len());
                let mut without = pieces[..at].to_vec();
                without.extend_from_slice(&pieces[until..]);
                self.budget = self.budget.saturating_sub(without.len() * 6);
                if self.budget == 0 {
                    return;
                }
                if !without.is_empty() && self.shows(&without) {
                    *pieces = without;
                    removed = true;
                } else {
                    at = until;
                }
            }
            if !removed || run > 1 {
                run /= 2;
            }
        }
    }
}

/// How names and texts are replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mask {
    /// By numbered names and `x`.
    Names,
    /// Letter by letter, where lengths and signs matter.
    Shapes,
}

fn masked(pieces: &[Piece], mask: Mask) -> Vec<Piece> {
    let mut names = HashMap::new();
    let mut masked = pieces.to_vec();
    for p in &mut masked {
        let text = match p.kind {
            TokKind::Word if p.tok != Tok::Ident || soft(&p.text) => continue,
            TokKind::Word | TokKind::QuotedName | TokKind::Bind | TokKind::Subst => {
                name(&p.text, &mut names, mask)
            }
            TokKind::Directive if p.text.starts_with("$$") => name(&p.text, &mut names, mask),
            TokKind::String => literal(&p.text, mask),
            TokKind::Number => shape(&p.text),
            TokKind::Command => command(&p.text),
            TokKind::Unknown => shape(&p.text),
            TokKind::Punct
            | TokKind::Directive
            | TokKind::Space
            | TokKind::LineComment
            | TokKind::BlockComment
            | TokKind::Hint => continue,
        };
        p.text = text;
    }
    masked
}

/// Letters become `x`, digits `1`.
fn shape(text: &str) -> String {
    let masked = |c: char| match c {
        c if c.is_ascii_digit() => '1',
        c if c.is_alphabetic() => 'x',
        c => c,
    };
    text.chars().map(masked).collect()
}

/// A name keeps its signs (`:`, `&`, `$$`, quotes, a closing dot); numbers are no names.
fn name(text: &str, names: &mut HashMap<String, usize>, mask: Mask) -> String {
    let inner = |c: char| matches!(c, ':' | '&' | '"' | '.' | '$' | ' ');
    let start = text.len() - text.trim_start_matches(inner).len();
    let end = text.trim_end_matches(['.', '"']).len().max(start);
    let body = &text[start..end];
    if body.is_empty() || body.bytes().all(|b| b.is_ascii_digit()) {
        return text.to_string();
    }
    let body = if mask == Mask::Shapes {
        shape(body)
    } else {
        let next = names.len() + 1;
        let n = names.entry(body.to_ascii_uppercase()).or_insert(next);
        format!("n{n}")
    };
    format!("{}{body}{}", &text[..start], &text[end..])
}

fn literal(text: &str, mask: Mask) -> String {
    let Some(quote) = text.find('\'') else {
        return shape(text);
    };
    let delimited = text[..quote].ends_with(['q', 'Q']);
    let open = quote + 1 + if delimited { 1 } else { 0 };
    let close = text.len() - if delimited { 2 } else { 1 };
    match (text.get(..open), text.get(open..close), text.get(close..)) {
        (Some(a), Some(body), Some(b)) if mask == Mask::Names => {
            let body = if body.is_empty() { "" } else { "x" };
            format!("{a}{body}{b}")
        }
        (Some(a), Some(body), Some(b)) => format!("{a}{}{b}", shape(body)),
        _ => shape(text),
    }
}

/// A command keeps its first word.
fn command(text: &str) -> String {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    format!("{}{}", &text[..end], shape(&text[end..]))
}

/// A word of the grammar that is no keyword of the lexer.
fn soft(word: &str) -> bool {
    SOFT.binary_search(&word.to_ascii_uppercase().as_str())
        .is_ok()
}

/// All words that the parser compares by text, in order.
const SOFT: &[&str] = &[
    "A",
    "ACCEPT",
    "ADVANCED",
    "AGGREGATE",
    "ALIAS",
    "ALLOW",
    "ANALYTIC",
    "APEX",
    "APPINFO",
    "APPROX",
    "APPROXIMATE",
    "ARCHIVE",
    "ARRAY",
    "ARRAYSIZE",
    "ASCII",
    "ASSERTION",
    "AUTOCOMMIT",
    "AUTOMATIC",
    "AUTOPRINT",
    "AUTORECOVERY",
    "AUTOTRACE",
    "BIGFILE",
    "BLOCKCHAIN",
    "BLOCKTERMINATOR",
    "BOOLEAN",
    "BREAK",
    "BREAKS",
    "BRIDGE",
    "BTITLE",
    "BUFFER",
    "CD",
    "CHECKPOINT",
    "CLEAN",
    "CLEAR",
    "CMDSEP",
    "COLINVISIBLE",
    "COLLATION",
    "COLSEP",
    "COMPUTE",
    "COMPUTES",
    "CONCAT",
    "CONTAINERS_DEFAULT",
    "CONTAINER_MAP",
    "CONTROLFILE",
    "CON_ID",
    "CON_NAME",
    "COPY",
    "COPYCOMMIT",
    "COPYTYPECHECK",
    "COST",
    "CROSSEDITION",
    "DANGLING",
    "DATAFILE",
    "DDL",
    "DECIMAL",
    "DECREMENT",
    "DECRYPT",
    "DEFINE",
    "DESCRIBE",
    "DESTINATION",
    "DISALLOW",
    "DISCONNECT",
    "DISKGROUP",
    "ECHO",
    "EDIT",
    "EDITFILE",
    "EDITION",
    "EMBEDDED",
    "ENCODING",
    "ENTMAP",
    "ENV",
    "ERRORDETAILS",
    "ERRORLOGGING",
    "ESCCHAR",
    "EXACT",
    "EXITCOMMIT",
    "EXTENDED",
    "FACT",
    "FAILURE",
    "FEEDBACK",
    "FILE",
    "FILLER",
    "FLAGGER",
    "FLEXIBLE",
    "FLOAT",
    "FLUSH",
    "FOLD_AFTER",
    "FOLD_BEFORE",
    "FORWARD",
    "GET",
    "GRAPH",
    "GRAPH_TABLE",
    "HASHING",
    "HEADING",
    "HEADSEP",
    "HELP",
    "HIDE",
    "HIERARCHIES",
    "HIERARCHY",
    "HIGH",
    "HISTORY",
    "HOST",
    "HYBRID",
    "INCREMENT",
    "INDENT",
    "INFORMATION",
    "INITRANS",
    "INSTANCE",
    "INTEGER",
    "INVALIDATE",
    "ITERATE",
    "JSONPRINT",
    "JUSTIFY",
    "LABELED",
    "LAX",
    "LESS",
    "LINESIZE",
    "LIQUIBASE",
    "LNO",
    "LOADFORMAT",
    "LOBFILE",
    "LOBOFFSET",
    "LOBPREFETCH",
    "LOCKDOWN",
    "LOGICAL",
    "LOGSOURCE",
    "LONGCHUNKSIZE",
    "LOW",
    "MAIN",
    "MANAGEMENT",
    "MANDATORY",
    "MARKUP",
    "MATCH",
    "MAXTRANS",
    "MULTIVALUE",
    "MUTABLE",
    "NEWLINE",
    "NEWPAGE",
    "NEW_VALUE",
    "NOCOMPRESS",
    "NOENTITYESCAPING",
    "NOLOGGING",
    "NOPARALLEL",
    "NOPRECHECK",
    "NOPRINT",
    "NORELY",
    "NOREVERSE",
    "NOSORT",
    "NUMFORMAT",
    "NUMWIDTH",
    "OERR",
    "OFF",
    "OLD_VALUE",
    "OMIT",
    "ONLINE",
    "OPERATOR",
    "OSERROR",
    "OTHERS",
    "OUTLINE",
    "PAGESIZE",
    "PARALLEL",
    "PARTITIONS",
    "PASSWORD",
    "PAST",
    "PATH",
    "PATTERN",
    "PAUSE",
    "PCTFREE",
    "PCTUSED",
    "PDBS",
    "PER",
    "PERMUTE",
    "PFILE",
    "PLAN",
    "PLUGGABLE",
    "PMEM",
    "PNO",
    "POINT",
    "POLICY",
    "POLYMORPHIC",
    "POSITION",
    "PRECHECK",
    "PRETTY",
    "PRINT",
    "PROFILE",
    "PROMPT",
    "PROPERTY",
    "QUIT",
    "QUOTES",
    "RECOVER",
    "RECSEP",
    "RECSEPCHAR",
    "RECYCLEBIN",
    "REJECT",
    "RELATIONAL",
    "RELEASE",
    "RELY",
    "REMARK",
    "REPFOOTER",
    "REPHEADER",
    "RESTORE",
    "ROWLIMIT",
    "ROWPREFETCH",
    "RUN",
    "RUNNING",
    "SCALAR",
    "SCALARS",
    "SCAN",
    "SCREEN",
    "SCRIPT",
    "SECUREDCOL",
    "SEED",
    "SEGMENT",
    "SEQUENTIAL",
    "SERVEROUTPUT",
    "SGA",
    "SHIFTINOUT",
    "SHOW",
    "SHOWMODE",
    "SHUTDOWN",
    "SIZE",
    "SMALLFILE",
    "SMALLINT",
    "SNAPSHOT",
    "SORT",
    "SPFILE",
    "SPOOL",
    "SPPARAMETERS",
    "SQLBLANKLINES",
    "SQLCASE",
    "SQLCODE",
    "SQLCONTINUE",
    "SQLERROR",
    "SQLFORMAT",
    "SQLNUMBER",
    "SQLPLUSCOMPATIBILITY",
    "SQLPREFIX",
    "SQLPROMPT",
    "SQLTERMINATOR",
    "SSHTUNNEL",
    "STANDALONE",
    "STARTUP",
    "STATEMENT",
    "STATEMENTCACHE",
    "STATISTICS",
    "STOP",
    "STORAGE",
    "STORE",
    "SUBPARTITIONS",
    "SUBSET",
    "SUCCESS",
    "SUFFIX",
    "SUPPLEMENTAL",
    "TAB",
    "TERMOUT",
    "THAN",
    "TI",
    "TIMING",
    "TRIMOUT",
    "TRIMSPOOL",
    "TRUNCATED",
    "TTITLE",
    "TYPENAME",
    "UNBOUNDED",
    "UNDEFINE",
    "UNDERLINE",
    "UNDO",
    "UNKNOWN",
    "UNTIL",
    "UNUSABLE",
    "UPSERT",
    "USECASE",
    "USER",
    "VARCHAR",
    "VARCHARC",
    "VARIABLE",
    "VARRAW",
    "VECTOR",
    "VERIFY",
    "VERSION",
    "WARNING",
    "WHENEVER",
    "WORD_WRAPPED",
    "WRAP",
    "XMLOPTIMIZATIONCHECK",
    "XQUERY",
    "YOUR",
    "ZONED",
    "ZONEMAP",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_is_compared_by_text_is_kept() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/syntax/parser");
        let mut seen = 0;
        for entry in std::fs::read_dir(dir).expect("sources").flatten() {
            let code = std::fs::read_to_string(entry.path()).unwrap_or_default();
            for part in code.split("_word(").skip(1) {
                let Some(word) = part
                    .split('"')
                    .nth(1)
                    .filter(|w| part.find('"') < Some(8) && !w.is_empty())
                else {
                    continue;
                };
                if word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                    assert!(soft(word), "{word} of {:?}", entry.path());
                    seen += 1;
                }
            }
        }
        assert!(seen > 50, "{seen}");
        assert!(SOFT.is_sorted());
    }

    fn fragment(text: &str, line: u32) -> Result<Reproduction, NoFragment> {
        let mut map = SourceMap::default();
        let id = map.add(SourceFile::from_text("t.sql", text));
        reproduce(&map, id, line)
    }

    #[test]
    fn a_fragment_is_small_and_tells_nothing() {
        let mut text = "CREATE PACKAGE BODY salaries AS\n".to_string();
        for i in 0..200 {
            text.push_str(&format!(
                "PROCEDURE pay_{i} (who NUMBER) IS\nBEGIN\n  -- secret {i}\n  UPDATE wages SET euro = {i} WHERE name = 'Ada{i}';\nEND;\n"
            ));
        }
        text.push_str("PROCEDURE broken IS\nBEGIN\n  UPDATE wages SET = 4711 WHERE name = 'Grace';\nEND;\nEND salaries;\n/\n");
        let line = 1 + text
            .lines()
            .position(|l| l.contains("SET ="))
            .expect("line") as u32;
        let found = fragment(&text, line).expect("a fragment");
        assert_eq!(found.code, Code::Syntax);
        assert!(found.message.starts_with("expected"), "{}", found.message);
        assert!(found.text.len() < 60, "{}", found.text);
        let upper = found.text.to_ascii_uppercase();
        for secret in ["WAGES", "SALARIES", "GRACE", "4711", "SECRET", "EURO"] {
            assert!(!upper.contains(secret), "{}", found.text);
        }
        assert!(upper.contains("UPDATE") && upper.contains("SET"), "{upper}");
    }

    #[test]
    fn texts_and_strange_names_are_masked_too() {
        let text = "SELECT \"Strange Name\", q'[secret]', &&file..x FROM clients c WHERE c.id = = 'X12';\n";
        let found = fragment(text, 1).expect("a fragment");
        for secret in ["Strange", "secret", "file", "clients", "X12"] {
            assert!(!found.text.contains(secret), "{}", found.text);
        }
        assert_eq!(
            fragment("SELECT 1 FROM dual;\n", 1).unwrap_err(),
            NoFragment::NoError
        );
    }

    #[test]
    fn what_does_not_end_is_masked() {
        let found = fragment("BEGIN\n  x := 'my secret;\nEND;\n/\n", 2).expect("a fragment");
        assert_eq!(found.code, Code::Unterminated);
        assert!(!found.text.contains("secret"), "{}", found.text);
    }
}
