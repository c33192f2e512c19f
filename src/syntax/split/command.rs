//! SQL*Plus and SQLcl command lines. A command is known by its first word, abbreviated as
//! SQL*Plus allows, at the start of a line between statements.

use crate::syntax::keyword::Tok;
use crate::syntax::lexer::Lexer;
use crate::syntax::token::{Tape, TokKind};

/// A recognised command line.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax) struct Command {
    /// Canonical first word.
    pub(in crate::syntax) name: &'static str,
    /// EXECUTE: a PL/SQL statement follows.
    pub(super) exec: bool,
    /// The word could as well begin an ordinary sentence.
    pub(super) vague: bool,
    /// A `-` at the end of the line continues it.
    continues: bool,
}

/// Full word, shortest abbreviation, vague.
const COMMANDS: &[(&str, usize, bool)] = &[
    ("ACCEPT", 3, false),
    ("APEX", 4, true),
    ("ARCHIVE", 7, true),
    ("ATTRIBUTE", 4, true),
    ("BREAK", 3, true),
    ("BTITLE", 3, false),
    ("CLEAR", 2, true),
    ("COLUMN", 3, false),
    ("COMPUTE", 4, true),
    ("CONNECT", 4, false),
    ("CONFIG", 6, true),
    ("COPY", 4, true),
    ("DEFINE", 3, false),
    ("DESCRIBE", 4, true),
    ("DISCONNECT", 4, false),
    ("EDIT", 2, true),
    ("EXECUTE", 4, false),
    ("EXIT", 4, true),
    ("GET", 3, true),
    ("HELP", 4, true),
    ("HISTORY", 4, true),
    ("HOST", 2, false),
    ("LIQUIBASE", 9, false),
    ("LIST", 4, true),
    ("OERR", 4, false),
    ("ORADEBUG", 8, false),
    ("PASSWORD", 5, true),
    ("PAUSE", 3, false),
    ("PING", 4, true),
    ("PRINT", 3, false),
    ("PROMPT", 3, false),
    ("QUIT", 4, true),
    ("RECOVER", 7, true),
    ("REMARK", 3, false),
    ("REPFOOTER", 4, false),
    ("REPHEADER", 4, false),
    ("RUN", 3, true),
    ("SAVE", 3, true),
    ("SCRIPT", 6, true),
    ("SET", 3, true),
    ("SHOW", 3, false),
    ("SHUTDOWN", 8, false),
    ("SPOOL", 3, false),
    ("START", 3, true),
    ("STARTUP", 7, false),
    ("STORE", 5, true),
    ("TIMING", 4, true),
    ("TNSPING", 7, false),
    ("TTITLE", 3, false),
    ("UNDEFINE", 5, false),
    ("VARIABLE", 3, false),
    ("WHENEVER", 8, false),
    ("XQUERY", 6, false),
    ("SSHTUNNEL", 9, false),
    ("BRIDGE", 6, true),
    ("CD", 2, true),
    ("LOAD", 4, true),
    ("ALIAS", 5, true),
    ("FORMAT", 6, true),
    ("INFORMATION", 4, true),
    ("DDL", 3, true),
];

/// `0 text`, `12 text`: replaces or adds a line of the buffer.
fn edited_line(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    digits < 8 && rest.starts_with([' ', '\t']) && !rest.trim().is_empty()
}

/// Edits of the buffer, and remarks of several lines, whose words are too short to be told by themselves.
fn edit(word: &str, rest: &str) -> Option<&'static str> {
    let is = |full: &str, short: usize| {
        word.len() >= short
            && full
                .get(..word.len())
                .is_some_and(|f| f.eq_ignore_ascii_case(word))
    };
    let text = rest.trim();
    let goes_on = !text.is_empty() && !text.starts_with([':', '(', '.', '=', ';', '%']);
    let numbers = |w: &str| {
        w.bytes().all(|b| b.is_ascii_digit()) || w == "*" || w.eq_ignore_ascii_case("LAST")
    };
    if is("CHANGE", 1) {
        let by = text.chars().next().filter(|c| c.is_ascii_punctuation())?;
        return (goes_on && text.matches(by).count() > 1).then_some("CHANGE");
    }
    if is("APPEND", 1) || is("INPUT", 1) {
        // A single letter begins many a line: what follows must go on with a statement.
        const GO_ON: &[&str] = &[
            "FROM", "WHERE", "AND", "OR", "ORDER", "GROUP", "HAVING", "SET", "VALUES",
        ];
        let first = text.split_ascii_whitespace().next().unwrap_or("");
        let sql = !first.starts_with(|c: char| c.is_alphabetic())
            || GO_ON.iter().any(|w| w.eq_ignore_ascii_case(first));
        return (goes_on && (word.len() > 2 || sql)).then_some("APPEND");
    }
    if is("DEL", 3) && text.split_ascii_whitespace().all(numbers) {
        return Some("DEL");
    }
    (is("DOCUMENT", 3) && text.is_empty()).then_some("DOCUMENT")
}

/// The command that starts at `pos`, the first thing on its line.
pub(super) fn at(lexer: &Lexer<'_>, pos: usize) -> Option<Command> {
    if !lexer.first_on_line(pos) {
        return None;
    }
    of_line(lexer.src.get(pos..lexer.line_end(pos))?)
}

/// The line is a command that no other text has by chance: its words are those of SQL*Plus.
pub(in crate::syntax) fn convincing(line: &str) -> bool {
    let Some(command) = of_line(line) else {
        return false;
    };
    let words: Vec<&str> = line
        .trim_end_matches(';')
        .split_ascii_whitespace()
        .skip(1)
        .collect();
    let second = words.first().copied().unwrap_or("").to_ascii_uppercase();
    let one_of = |list: &[&str]| abbreviates(list, &second);
    match command.name {
        "SET" => one_of(VARIABLES) && words.len() > 1,
        "SHOW" => one_of(SHOWN) || one_of(VARIABLES),
        "SPOOL" => words.len() < 3,
        "EXECUTE" => second.contains([':', '.', '(']) || words.len() < 3 && !second.is_empty(),
        "WHENEVER" | "PROMPT" | "REMARK" | "VARIABLE" | "ACCEPT" | "TTITLE" | "BTITLE"
        | "UNDEFINE" => true,
        "@" | "@@" => !line.contains('{') && words.len() < 8 && !line.contains("import"),
        "START" => second.contains(['.', '/', '_']),
        "DEFINE" => words.get(1).is_some_and(|w| w.starts_with('=')) || second.contains('='),
        "COLUMN" => words.len() > 2 && one_of_column(words[1]),
        "CONNECT" => words.len() == 1 || line.contains(['/', '@']),
        "STARTUP" | "SHUTDOWN" => words.len() < 3,
        "TIMING" => one_of(&["START", "SHOW", "STOP"]) || words.is_empty(),
        "CLEAR" => one_of(&[
            "BREAKS", "BUFFER", "COLUMNS", "COMPUTES", "SCREEN", "SQL", "TIMING",
        ]),
        "EXIT" | "QUIT" => words.is_empty() || EXITS.contains(&second.as_str()),
        "DESCRIBE" | "PRINT" => words.len() == 1,
        "HOST" => command_is_host(line),
        _ => false,
    }
}

/// The line behind a blank one is a command that no clause begins like.
pub(super) fn ends_buffer(line: &str) -> bool {
    let Some(command) = of_line(line) else {
        return false;
    };
    match command.name {
        "PAUSE" => line.split_ascii_whitespace().count() == 1,
        "CONNECT" | "START" | "DEFINE" => false,
        _ => !line.contains(['=', ',']) && convincing(line),
    }
}

/// Tokens that such a command begins with.
#[inline]
pub(super) fn may_interrupt(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::Ident | Tok::SET | Tok::COLUMN | Tok::At | Tok::EXECUTE | Tok::CONNECT | Tok::REM
    )
}

/// The line at `pos` is a command that cannot be part of a statement.
pub(super) fn interrupts(lexer: &Lexer<'_>, pos: usize) -> bool {
    let bytes = lexer.src.as_bytes();
    if !matches!(
        bytes[pos].to_ascii_lowercase(),
        b'a' | b'c' | b'd' | b'e' | b'p' | b'r' | b's' | b'u' | b'v' | b'w' | b'@'
    ) {
        return false;
    }
    let Some(line) = lexer.src.get(pos..lexer.line_end(pos)) else {
        return false;
    };
    let Some(command) = of_line(line) else {
        return false;
    };
    match command.name {
        "SET" | "COLUMN" => !line.contains(['=', ',']) && convincing(line),
        "SPOOL" | "WHENEVER" | "DEFINE" => convincing(line),
        "ACCEPT" | "UNDEFINE" => line.split_ascii_whitespace().count() > 1 && !line.contains(','),
        "VARIABLE" => is_variable(line),
        "CONNECT" => line.contains('/') && !line.contains('='),
        "PROMPT" | "REMARK" => line.split_ascii_whitespace().count() > 2,
        "EXECUTE" => {
            let mut rest = line.split_ascii_whitespace().skip(1);
            let (called, more) = (rest.next().unwrap_or(""), rest.next());
            let assigns = called.starts_with(':') && line.contains(":=");
            line.contains('(') && called.contains(['(', '.']) && !line.contains(',')
                || line.trim_end().ends_with(");")
                || assigns
                || called.contains('.') && (more.is_none() || called.contains('('))
        }
        "@@" => true,
        _ => false,
    }
}

/// The line at `pos`, behind a `;` inside PL/SQL, is a command: no statement there has its words.
pub(super) fn interrupts_block(lexer: &Lexer<'_>, pos: usize) -> bool {
    let Some(line) = lexer.src.get(pos..lexer.line_end(pos)) else {
        return false;
    };
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'-' | b'\'' | b'"');
    let second = line.split_ascii_whitespace().nth(1);
    let worded = second.and_then(|w| w.bytes().next()).is_some_and(word);
    let block = |c: Command| matches!(c.name, "EXIT" | "QUIT" | "/" | ".");
    interrupts(lexer, pos)
        || worded
            && !line.contains(":=")
            && of_line(line).is_some_and(|c| !block(c))
            && convincing(line)
}

/// `VARIABLE name type`.
fn is_variable(line: &str) -> bool {
    const TYPES: &[&str] = &[
        "NUMBER",
        "CHAR",
        "VARCHAR2",
        "NCHAR",
        "NVARCHAR2",
        "CLOB",
        "NCLOB",
        "REFCURSOR",
        "BLOB",
        "BFILE",
        "BINARY_FLOAT",
        "BINARY_DOUBLE",
        "BOOLEAN",
    ];
    let ty = line.split_ascii_whitespace().nth(2).unwrap_or("");
    let ty = ty.split(['(', ';']).next().unwrap_or("");
    TYPES.contains(&ty.to_ascii_uppercase().as_str())
}

const EXITS: &[&str] = &[
    "SUCCESS",
    "FAILURE",
    "WARNING",
    "SQL.SQLCODE",
    "SQL.OSCODE",
    "COMMIT",
    "ROLLBACK",
    "0",
    "1",
];

/// Options of SHOW that are no variables.
const SHOWN: &[&str] = &[
    "ALL",
    "ERRORS",
    "PARAMETERS",
    "USER",
    "RELEASE",
    "SGA",
    "SPOOL",
    "SQLCODE",
    "PDBS",
    "CON_NAME",
    "CON_ID",
    "RECYCLEBIN",
    "SPPARAMETERS",
    "EDITION",
    "REPHEADER",
    "REPFOOTER",
    "LNO",
    "PNO",
];

/// What SET sets.
const VARIABLES: &[&str] = &[
    "APPINFO",
    "ARRAYSIZE",
    "AUTOCOMMIT",
    "AUTOPRINT",
    "AUTORECOVERY",
    "AUTOTRACE",
    "BLOCKTERMINATOR",
    "CMDSEP",
    "COLINVISIBLE",
    "COLSEP",
    "CONCAT",
    "COPYCOMMIT",
    "COPYTYPECHECK",
    "DDL",
    "DEFINE",
    "DESCRIBE",
    "DOCUMENT",
    "ECHO",
    "EDITFILE",
    "EMBEDDED",
    "ENCODING",
    "ERRORLOGGING",
    "ERRORDETAILS",
    "ESCAPE",
    "ESCCHAR",
    "EXITCOMMIT",
    "FEEDBACK",
    "FLAGGER",
    "FLUSH",
    "HEADING",
    "HEADSEP",
    "HISTORY",
    "INSTANCE",
    "JSONPRINT",
    "LINESIZE",
    "LOADFORMAT",
    "LOBOFFSET",
    "LOBPREFETCH",
    "LOGSOURCE",
    "LONG",
    "LONGCHUNKSIZE",
    "MARKUP",
    "NEWPAGE",
    "NULL",
    "NUMFORMAT",
    "NUMWIDTH",
    "PAGESIZE",
    "PAUSE",
    "RECSEP",
    "RECSEPCHAR",
    "ROWLIMIT",
    "ROWPREFETCH",
    "SCAN",
    "SECUREDCOL",
    "SERVEROUTPUT",
    "SHIFTINOUT",
    "SHOWMODE",
    "SQLBLANKLINES",
    "SQLCASE",
    "SQLCONTINUE",
    "SQLFORMAT",
    "SQLNUMBER",
    "SQLPLUSCOMPATIBILITY",
    "SQLPREFIX",
    "SQLPROMPT",
    "SQLTERMINATOR",
    "STATEMENTCACHE",
    "SUFFIX",
    "TAB",
    "TERMOUT",
    "TIME",
    "TIMING",
    "TRIMOUT",
    "TRIMSPOOL",
    "UNDERLINE",
    "VERIFY",
    "WRAP",
    "XMLOPTIMIZATIONCHECK",
    "XQUERY",
];

fn abbreviates(list: &[&str], word: &str) -> bool {
    word.len() > 1
        && list
            .iter()
            .any(|full| full.starts_with(word) && (word.len() > 2 || word == "TI"))
}

fn one_of_column(word: &str) -> bool {
    const OPTIONS: &[&str] = &[
        "ALIAS",
        "CLEAR",
        "ENTMAP",
        "FOLD_AFTER",
        "FOLD_BEFORE",
        "FORMAT",
        "HEADING",
        "JUSTIFY",
        "LIKE",
        "NEWLINE",
        "NEW_VALUE",
        "NOPRINT",
        "PRINT",
        "NULL",
        "OLD_VALUE",
        "WRAPPED",
        "WORD_WRAPPED",
        "TRUNCATED",
    ];
    abbreviates(OPTIONS, &word.to_ascii_uppercase())
}

fn command_is_host(line: &str) -> bool {
    line.get(..4)
        .is_some_and(|w| w.eq_ignore_ascii_case("HOST"))
}

/// Reads a line as a command.
pub(in crate::syntax) fn of_line(line: &str) -> Option<Command> {
    let whole = |name, vague| Command {
        name,
        exec: false,
        vague,
        continues: false,
    };
    let first = *line.as_bytes().first()?;
    match first {
        b'@' if line.as_bytes().get(1) == Some(&b'@') => return Some(whole("@@", false)),
        b'@' => return Some(whole("@", false)),
        b'!' => return Some(whole("HOST", true)),
        b'$' if line
            .as_bytes()
            .get(1)
            .is_some_and(|b| *b == b' ' || b.is_ascii_alphabetic())
            && !is_directive(line) =>
        {
            return Some(whole("HOST", true));
        }
        b'/' if line.trim_end_matches([' ', '\t', '\u{1a}']).len() == 1 => {
            return Some(whole("/", false));
        }
        b'.' if line.trim_end().len() == 1 => return Some(whole(".", false)),
        b'#' => return Some(whole("#", true)),
        _ => {}
    }
    let len = line.bytes().take_while(|b| b.is_ascii_alphabetic()).count();
    let (word, rest) = line.split_at(len);
    let next = rest.as_bytes().first().copied().unwrap_or(b' ');
    if len == 0 && first.is_ascii_digit() {
        return edited_line(line).then(|| whole("LIST", true));
    }
    let prompt = len >= 3
        && "PROMPT"
            .get(..len)
            .is_some_and(|p| p.eq_ignore_ascii_case(word));
    if !matches!(
        next,
        b' ' | b'\t' | b';' | b'&' | b'-' | b'\'' | b'"' | b'!' | b'*' | b'=' | b':' | b'@' | b'/'
    ) && !(prompt && matches!(next, b'~' | b'<'))
    {
        return None;
    }
    let rest = rest.trim_start();
    if word.eq_ignore_ascii_case("L") && rest.bytes().all(|b| b.is_ascii_digit() || b == b' ') {
        return Some(whole("LIST", true));
    }
    if word.eq_ignore_ascii_case("R") && rest.is_empty() {
        return Some(whole("RUN", true));
    }
    if let Some(name) = edit(word, rest) {
        return Some(whole(name, true));
    }
    let upper = word.to_ascii_uppercase();
    let (name, _, vague) = *COMMANDS
        .iter()
        .find(|(full, short, _)| upper.len() >= *short && full.starts_with(&upper))?;
    let word2: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect::<String>()
        .to_ascii_uppercase();
    if !fits(name, &word2, rest, next) {
        return None;
    }
    Some(Command {
        name,
        exec: name == "EXECUTE",
        vague,
        continues: !matches!(name, "REMARK" | "PROMPT"),
    })
}

fn is_directive(line: &str) -> bool {
    let word: String = line[1..]
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    ["IF", "ELSE", "ELSIF", "END", "ERROR", "THEN"]
        .iter()
        .any(|d| d.eq_ignore_ascii_case(&word))
}

/// Words that are SQL or PL/SQL in other company.
fn fits(name: &str, word2: &str, rest: &str, next: u8) -> bool {
    match name {
        "SET" => !matches!(
            word2,
            "TRANSACTION" | "ROLE" | "CONSTRAINT" | "CONSTRAINTS" | ""
        ),
        "WHENEVER" => matches!(word2, "SQLERROR" | "OSERROR"),
        "EXECUTE" => word2 != "IMMEDIATE",
        "ARCHIVE" => word2 == "LOG",
        "COPY" => matches!(word2, "FROM" | "TO"),
        "LOAD" => !matches!(word2, "DATA" | "INFILE"),
        "FORMAT" => matches!(word2, "BUFFER" | "FILE" | "RULES"),
        "REMARK" | "PROMPT" => true,
        // `host ( echo x > y )`: a group of the shell.
        "HOST" => !rest.starts_with(":=") && next != b'=',
        // `exit;` `print x;` but not `x := ..` nor `col = 1`
        _ => !rest.starts_with(":=") && next != b'=' && !rest.starts_with('('),
    }
}

/// Puts the command's line, or lines, on the tape and moves behind it.
pub(super) fn take(lexer: &mut Lexer<'_>, tape: &mut Tape, command: Command) {
    let start = lexer.pos;
    let mut end = lexer.line_end(start);
    while command.continues && continued(&lexer.src[start..end]) && end < lexer.src.len() {
        let next_line = end
            + if lexer.src[end..].starts_with("\r\n") {
                2
            } else {
                1
            };
        end = lexer.line_end(next_line.min(lexer.src.len()));
    }
    if command.exec {
        return exec_tokens(lexer, tape, end);
    }
    if command.name == "DOCUMENT" {
        end = end_of_document(lexer, end);
    }
    tape.push(TokKind::Command, Tok::Command, start);
    lexer.pos = end;
}

/// DOC's text goes up to a line that holds a `#` alone; without one, DOC stands for itself.
fn end_of_document(lexer: &Lexer<'_>, end: usize) -> usize {
    let mut at = end;
    for line in lexer.src[end..].split_inclusive('\n') {
        at += line.len();
        if line.trim() == "#" {
            return at - (line.len() - line.trim_end().len());
        }
    }
    end
}

fn continued(text: &str) -> bool {
    let text = text.trim_end_matches([' ', '\t']);
    text.ends_with('-') && !text.ends_with("--")
}

/// EXEC's line in tokens; a continuation dash is no operator.
fn exec_tokens(lexer: &mut Lexer<'_>, tape: &mut Tape, end: usize) {
    while lexer.pos < end {
        let start = lexer.pos;
        let (kind, mut tok) = lexer.next();
        if tok == Tok::Minus && lexer.last_on_line(lexer.pos) {
            tok = Tok::Trivia;
        }
        if tok == Tok::Trivia && lexer.pos > end && kind == TokKind::Space {
            lexer.pos = end;
        }
        tape.push(kind, tok, start);
    }
}
