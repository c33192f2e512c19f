//! Whether a text is SQL at all: by how it begins, and by lines that only a script has.
//! Knows nothing of files and their names.

use super::keyword::Tok;
use super::lexer::Lexer;
use super::split::convincing_command;

/// Lines that are looked at for their shape.
const LINES: usize = 2_000;

/// Whether a text is plausibly SQL, PL/SQL, a SQL*Plus script or a control file: it is empty, or
/// its first words begin one, or some later line plainly begins a statement or a command. Meant for
/// texts that are expected to be SQL: what they hold besides is reported statement by statement.
pub fn looks_like_sql(text: &str) -> bool {
    let Some((at, words)) = first_words(text) else {
        return true;
    };
    if first_word_fits(&words) || convincing_line(line_at(text, at)) {
        return true;
    }
    if text[at..].starts_with("@@") {
        return true;
    }
    if text[at..].starts_with("/*") {
        // A comment that does not end: said where it is met.
        return true;
    }
    let foreign = matches!(words[0], Tok::LBrace | Tok::LBracket | Tok::Lt);
    if foreign {
        return false;
    }
    text.lines().any(convincing_line)
        || has_terminator(text) && text.lines().any(statement_begins) && !sentences_prevail(text)
}

fn has_terminator(text: &str) -> bool {
    text.contains(';') || text.lines().any(|l| l.trim() == "/")
}

/// The line could begin a statement.
fn statement_begins(line: &str) -> bool {
    let first = line.as_bytes().first().copied().unwrap_or(b' ');
    first.is_ascii_alphabetic()
        && first_words(line).is_some_and(|(_, words)| first_word_fits(&words))
}

/// Whether a text of which nothing is known is SQL: it begins like it, or statements stand in it
/// that no other language has, and sentences do not prevail.
pub fn plainly_sql(text: &str) -> bool {
    let Some((at, words)) = first_words(text) else {
        return false;
    };
    let first = line_at(text, at);
    let begins = match words[0] {
        // Words that begin a file in other languages as well.
        Tok::PACKAGE | Tok::PROCEDURE | Tok::FUNCTION | Tok::TRIGGER | Tok::TYPE => has_block(text),
        Tok::EXECUTE | Tok::OPEN | Tok::FETCH | Tok::CLOSE | Tok::DELETE | Tok::WITH => {
            statement_line(first) || has_terminator(text) && text.lines().any(has_from)
        }
        Tok::At => text
            .lines()
            .all(|l| l.trim().is_empty() || convincing_line(l)),
        _ => first_word_fits(&words) || convincing_command(first),
    };
    let foreign = matches!(words[0], Tok::LBrace | Tok::LBracket | Tok::Lt);
    let complete = has_terminator(text)
        || statement_line(first)
        || convincing_command(first)
        || words[0] == Tok::LOAD;
    let inside = || has_terminator(text) && text.lines().any(statement_line);
    !foreign && (begins && complete || inside()) && !sentences_prevail(text)
}

/// A line with a bare BEGIN, as blocks of PL/SQL have it.
fn has_block(text: &str) -> bool {
    text.lines().any(|l| l.trim().eq_ignore_ascii_case("BEGIN"))
}

fn has_from(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.any(|w| w.eq_ignore_ascii_case("FROM"))
}

/// The first tokens, and where the first stands; None: there is none.
fn first_words(text: &str) -> Option<(usize, Vec<Tok>)> {
    let mut lexer = Lexer::new(text, 0);
    let mut words = Vec::new();
    let mut first_at = None;
    while words.len() < 4 {
        let start = lexer.pos;
        match lexer.next().1 {
            Tok::Eof => break,
            Tok::Trivia => {}
            tok => {
                first_at.get_or_insert(start);
                words.push(tok);
            }
        }
    }
    first_at.map(|at| (at, words))
}

fn line_at(text: &str, at: usize) -> &str {
    text[at..].lines().next().unwrap_or("")
}

/// A line that only a script has: `CREATE TABLE ..`, `INSERT INTO ..`, a bare BEGIN, `SET ECHO ON`.
fn convincing_line(line: &str) -> bool {
    let line = line.trim_end();
    if line.ends_with(['.', ':', '{', '>', ',']) && line.split_whitespace().count() > 4 {
        // A sentence, or a line of another language; a statement that does end so has others about it.
        return false;
    }
    convincing_command(line) || statement_line(line)
}

/// The first words of a statement as they stand in no sentence.
fn statement_line(line: &str) -> bool {
    let first = line.as_bytes().first().copied().unwrap_or(b' ');
    if !b"acbdefgilmrstwACBDEFGILMRSTW".contains(&first) {
        return false;
    }
    let mut words = line
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|w| !w.is_empty());
    let mut word = || words.next().unwrap_or("").to_ascii_uppercase();
    let (first, second, third) = (word(), word(), word());
    let third_is = |w: &str| third == w;
    match first.as_str() {
        "BEGIN" | "DECLARE" => second.is_empty() && line.len() == first.len(),
        "CREATE" if second == "OR" => third_is("REPLACE"),
        "CREATE" | "ALTER" | "DROP" => OBJECTS.contains(&second.as_str()) && !third.is_empty(),
        "INSERT" | "MERGE" => second == "INTO" && !third.is_empty(),
        "DELETE" => second == "FROM" && !matches!(third.as_str(), "" | "THE" | "A" | "YOUR"),
        "TRUNCATE" | "LOCK" => second == "TABLE" && !third.is_empty(),
        "COMMENT" => second == "ON" && matches!(third.as_str(), "TABLE" | "COLUMN"),
        "GRANT" | "REVOKE" => {
            line.to_ascii_uppercase()
                .contains(if first == "GRANT" { " TO " } else { " FROM " })
                && line.ends_with(';')
        }
        // A list of columns, not `Select a seat from the list`.
        "SELECT" => second.is_empty() || line.contains(['*', '(', ',', '_', '=', '\'']),
        "WITH" => third_is("AS"),
        "ADMINISTER" => second == "KEY" && third_is("MANAGEMENT"),
        "TIMING" => matches!(second.as_str(), "START" | "SHOW" | "STOP"),
        _ => false,
    }
}

/// What is created, altered and dropped.
const OBJECTS: &[&str] = &[
    "TABLE",
    "VIEW",
    "PACKAGE",
    "PROCEDURE",
    "FUNCTION",
    "TRIGGER",
    "SEQUENCE",
    "INDEX",
    "UNIQUE",
    "BITMAP",
    "GLOBAL",
    "PRIVATE",
    "PUBLIC",
    "SYNONYM",
    "TYPE",
    "MATERIALIZED",
    "EDITIONABLE",
    "NONEDITIONABLE",
    "SESSION",
    "SYSTEM",
    "USER",
    "ROLE",
    "PROFILE",
    "TABLESPACE",
    "DIRECTORY",
    "DATABASE",
    "CLUSTER",
    "CONTEXT",
    "LIBRARY",
    "JAVA",
    "FORCE",
    "IMMUTABLE",
    "BLOCKCHAIN",
    "PROPERTY",
    "JSON",
    "DOMAIN",
];

fn first_word_fits(words: &[Tok]) -> bool {
    let word = |n: usize| words.get(n).copied().unwrap_or(Tok::Eof);
    let second = word(1);
    let value = |t: Tok| {
        t.is_name()
            || matches!(
                t,
                Tok::Star
                    | Tok::LParen
                    | Tok::Str
                    | Tok::Num
                    | Tok::Bind
                    | Tok::Minus
                    | Tok::Plus
                    | Tok::Subst
            )
    };
    match words[0] {
        Tok::SELECT | Tok::WITH | Tok::INSERT | Tok::UPDATE | Tok::DELETE | Tok::MERGE => {
            value(second)
        }
        Tok::CREATE | Tok::ALTER | Tok::DROP | Tok::GRANT | Tok::REVOKE | Tok::CALL => {
            second.is_name() || second == Tok::Subst
        }
        Tok::ANALYZE | Tok::AUDIT | Tok::NOAUDIT | Tok::RENAME | Tok::PURGE | Tok::FLASHBACK => {
            second.is_name()
        }
        Tok::TRUNCATE | Tok::ASSOCIATE | Tok::DISASSOCIATE | Tok::SAVEPOINT => second.is_name(),
        Tok::PACKAGE | Tok::PROCEDURE | Tok::FUNCTION | Tok::TRIGGER | Tok::TYPE => {
            second.is_name()
        }
        Tok::COMMENT => second == Tok::ON,
        Tok::EXPLAIN | Tok::ADMINISTER => second.is_name(),
        Tok::LOCK => second == Tok::TABLE,
        Tok::LOAD => matches!(second, Tok::DATA | Tok::INFILE),
        Tok::OPTIONS => second == Tok::LParen,
        Tok::RECOVERABLE | Tok::UNRECOVERABLE => second == Tok::LOAD,
        Tok::CONTINUE_LOAD => second == Tok::DATA,
        Tok::SET => matches!(
            second,
            Tok::TRANSACTION | Tok::ROLE | Tok::CONSTRAINT | Tok::CONSTRAINTS
        ),
        Tok::EXECUTE | Tok::OPEN | Tok::FETCH | Tok::CLOSE => second.is_name(),
        Tok::LParen => matches!(second, Tok::SELECT | Tok::WITH | Tok::LParen),
        Tok::COMMIT | Tok::ROLLBACK | Tok::BEGIN | Tok::DECLARE | Tok::LabelOpen | Tok::Subst => {
            true
        }
        _ => false,
    }
}

/// Most lines are prose: several words, a capital at the start, a full stop or comma at the end.
fn sentences_prevail(text: &str) -> bool {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with("--"));
    let (mut all, mut sentences) = (0usize, 0usize);
    for line in lines.take(LINES) {
        all += 1;
        let prose = line.split_whitespace().count() > 3
            && line.ends_with(['.', ',', ':', '!'])
            && !line.contains([';', '(', '=', '\'']);
        sentences += usize::from(prose);
    }
    sentences * 3 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_unknown_names_are_recognised() {
        for text in [
            "-- x\nCREATE OR REPLACE PACKAGE p AS\nEND;\n/\n",
            "\n  select 1 from dual;\n",
            "BEGIN\n null;\nEND;\n/\n",
            "set echo on\nspool x.log\n@@install\nexit;\n",
            "LOAD DATA INFILE 'x.dat' INTO TABLE t (a CHAR);",
            "some header\nCREATE TABLE t (a NUMBER);\n",
            "PROCEDURE p IS\nBEGIN\n  NULL;\nEND;\n",
            "WITH a AS (SELECT 1 x FROM dual)\nSELECT x FROM a;\n",
            "DELETE FROM t;\n",
        ] {
            assert!(plainly_sql(text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "Dear reader,\nbegin with the second page\n",
            "create your account here",
            "Select a seat from the list.\nDrop your bags.\nThen commit yourself to a plan, please.\n",
            "Set the table, please.\nThe guests will come at eight.\n",
            "key,value\n1,2\n",
            "exit the building\nstart again\n",
            "package a.b\n\nimport c.d as e\n\nclass F { val x = 1; }\n",
            "library(ORE)\nx <- 1;\nwith(x, y)\n",
            "function f(a) {\n  return a.delete(1);\n}\n",
            "@Test\nfun x() { delete(y); }\n",
            "type X = { a: string };\n",
            "with open('x') as f:\n    print(1); y = 2\n",
        ] {
            assert!(!plainly_sql(text), "{text}");
        }
    }
}
