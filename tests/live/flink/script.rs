//! Flink SQL scripts, cut into statements the way Flink's own client does.

/// The statements of `script`, without comments and closing semicolons. A statement set
/// (`EXECUTE STATEMENT SET BEGIN .. END`) is one statement.
pub fn split(script: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let mut current = String::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let length = token(rest, c);
        let (text, tail) = rest.split_at(length);
        rest = tail;
        if is_comment(text) {
            current.push(' ');
        } else if text == ";" && !inside_statement_set(&current) {
            push(&mut statements, &current);
            current.clear();
        } else {
            current.push_str(text);
        }
    }
    push(&mut statements, &current);
    statements
}

fn push(statements: &mut Vec<String>, text: &str) {
    if !text.trim().is_empty() {
        statements.push(text.trim().to_owned());
    }
}

fn is_comment(text: &str) -> bool {
    text.starts_with("--") || text.starts_with("/*")
}

/// The length of the comment, quoted text or single character that `rest` starts with.
fn token(rest: &str, first: char) -> usize {
    if rest.starts_with("--") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        rest.find("*/").map_or(rest.len(), |end| end + 2)
    } else if first == '\'' || first == '`' {
        // A doubled quote closes and opens again at once, which comes to the same.
        rest[1..].find(first).map_or(rest.len(), |end| end + 2)
    } else {
        first.len_utf8()
    }
}

/// Has a statement set begun whose END has not come yet?
fn inside_statement_set(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let begun = ["EXECUTE", "STATEMENT", "SET"].iter().all(|w| {
        words
            .next()
            .is_some_and(|found| found.eq_ignore_ascii_case(w))
    });
    let ended = text
        .trim_end()
        .rsplit_once(';')
        .is_some_and(|(_, last)| last.trim().eq_ignore_ascii_case("END"));
    begun && !ended
}

/// Checked by a live test that needs no system: see `main.rs`.
pub fn self_check() -> Result<(), String> {
    let script = "SET 'a;b' = 'it''s';\n-- c; d\nCREATE TABLE `x;y` (a INT) /* ; */;\n\
                  execute statement set begin\n insert into a select 1;\n insert into b select ';';\nEND;\n\
                  INSERT INTO c SELECT 2";
    let found = split(script);
    let wanted = [
        "SET 'a;b' = 'it''s'",
        "CREATE TABLE `x;y` (a INT)",
        "execute statement set begin\n insert into a select 1;\n insert into b select ';';\nEND",
        "INSERT INTO c SELECT 2",
    ];
    if found == wanted {
        Ok(())
    } else {
        Err(format!("cut into {found:#?}"))
    }
}
