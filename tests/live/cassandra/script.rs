//! CQL scripts, cut into statements the way cqlsh does.

/// The statements of `script`, without comments and closing semicolons.
pub fn split(script: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let mut current = String::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let (text, tail) = rest.split_at(token(rest, c));
        rest = tail;
        if ["--", "//", "/*"].iter().any(|mark| text.starts_with(mark)) {
            current.push(' ');
        } else if text == ";" {
            statements.push(std::mem::take(&mut current));
        } else {
            current.push_str(text);
        }
    }
    statements.push(current);
    statements.retain(|s| !s.trim().is_empty());
    statements.iter().map(|s| s.trim().to_owned()).collect()
}

/// The length of the comment, quoted text or single character that `rest` starts with.
fn token(rest: &str, first: char) -> usize {
    let until = |from: usize, mark: &str| {
        rest[from..]
            .find(mark)
            .map_or(rest.len(), |end| from + end + mark.len())
    };
    if rest.starts_with("--") || rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        until(2, "*/")
    } else if rest.starts_with("$$") {
        until(2, "$$")
    } else if first == '\'' {
        until(1, "'")
    } else if first == '"' {
        until(1, "\"")
    } else {
        first.len_utf8()
    }
}
