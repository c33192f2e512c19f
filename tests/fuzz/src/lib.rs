//! What must hold for every text: it is read without a panic, all of its bytes are on the tape, places lie
//! inside it, and the time is that of its length.

use std::time::{Duration, Instant};

use ora2stream::source::FileId;
use ora2stream::syntax::{ParsedFile, Tok, census, parse_text};

/// Time for any text besides that for its bytes.
const FIXED: Duration = Duration::from_secs(4);
/// Time for a byte, with sanitizers and on a busy machine.
const A_BYTE: Duration = Duration::from_micros(40);
/// How often a short text is repeated to see whether its cost grows faster than its length.
const REPEAT: usize = 300;

/// Fails where one of these does not hold.
pub fn check(text: &str) {
    let start = Instant::now();
    let file = ParsedFile {
        file: FileId(0),
        units: parse_text(text, FileId(0)),
    };
    let _ = census(&file);
    let taken = start.elapsed();
    let most = FIXED + A_BYTE * text.len() as u32;
    assert!(taken < most, "{taken:?} for {} bytes", text.len());
    lossless(text, &file);
    for unit in &file.units {
        assert!(unit.error_bytes <= text.len() as u64);
        for error in &unit.errors {
            let span = error.labels[0].span;
            assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
    }
}

/// The same for many copies of the text behind each other, in their time.
pub fn check_repeated(text: &str) {
    check(&text.repeat(REPEAT));
}

fn lossless(text: &str, file: &ParsedFile) {
    let mut upto = 0;
    for unit in &file.units {
        assert_eq!(unit.tape.range(0).start, upto);
        let significant = unit.tape.toks.iter().any(|t| *t != Tok::Trivia);
        assert!(significant, "a unit without a token");
        upto = unit.tape.end as usize;
    }
    // What is left holds no token: a reading of it has no units.
    assert!(upto <= text.len() && text.is_char_boundary(upto));
    assert!(upto == text.len() || parse_text(&text[upto..], FileId(0)).is_empty());
}

/// A text of the language's words: each byte picks one, and how it is joined to the next.
pub fn soup(bytes: &[u8]) -> String {
    let mut text = String::new();
    for pair in bytes.chunks(2) {
        text.push_str(WORDS[usize::from(pair[0]) % WORDS.len()]);
        text.push_str(match pair.get(1).copied().unwrap_or(0) % 8 {
            0 => "",
            1 | 2 => "\n",
            _ => " ",
        });
    }
    text
}

const WORDS: &[&str] = &[
    "SELECT", "FROM", "t", "BEGIN", "END", ";", "\n/\n", "(", ")", ",", "IF", "THEN", "ELSE", "ELSIF", "LOOP", "CASE",
    "WHEN", "CREATE", "OR REPLACE", "PACKAGE", "BODY", "p", "IS", "AS", "PROCEDURE", "FUNCTION", "DECLARE", "EXCEPTION",
    "'x'", "'", "q'[", "]'", "/*", "*/", "--", "\n", "$IF", "$THEN", "$ELSE", "$ELSIF", "$END", "$$x", "&x", "&&y.", ":b",
    ":=", "=>", "..", ".", "1", "||", "INSERT", "INTO", "UPDATE", "SET", "DELETE", "MERGE", "USING", "ON", "WITH", "UNION",
    "EXECUTE", "IMMEDIATE", "BULK", "COLLECT", "FORALL", "FOR", "IN", "LIKE", "BETWEEN", "AND", "NOT", "NULL", "TABLE",
    "TRIGGER", "TYPE", "OVER", "KEEP", "EXISTS", "日本", "\u{3000}", "\"", "\"q\"", "<<", ">>", "%", "ROWTYPE", "@", "-", "+",
    "*", "SET DEFINE OFF\n", "SET SQLT #\n", "#", "PROMPT it's\n", "REM x\n", "EXEC", "@@a\n", "ALTER", "ADD", "GRANT", "TO",
    "RETURN", "RETURNING", "FETCH", "OPEN", "CLOSE", "PRAGMA", "CURSOR", "PIVOT", "MODEL", "MATCH_RECOGNIZE", "XMLTABLE",
    "JSON_TABLE", "COLUMNS", "PARTITION", "BY", "ORDER", "GROUP", "HAVING", "CONNECT", "START", "PRIOR", "WHERE", "VALUES",
    "ALL", "FIRST", "COMPOUND TRIGGER", "BEFORE", "AFTER", "EACH ROW", "MULTISET", "CAST", "EXTRACT", "INTERVAL", "DATE",
    "LOAD DATA", "INFILE", "BEGINDATA", "wrapped", "JAVA SOURCE", "{", "}", "[", "]", "?", "|", "!", "^", "~", "=", "<", ">",
    "COMMENT", "IS NULL", "EXIT", "WHILE", "GOTO", "RAISE", "LOCK TABLE", "COMMIT", "ROLLBACK",
];
