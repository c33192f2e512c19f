//! Rust source files of the crate, with comments, strings and test modules blanked out.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub struct File {
    /// Path relative to the repository, with `/`.
    pub path: String,
    /// As written.
    pub text: String,
    /// Without comments, strings, characters and `#[cfg(test)]` items; line numbers are kept.
    pub code: String,
}

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All `.rs` files under `src`, in order of path.
pub fn files() -> Vec<File> {
    let mut paths = Vec::new();
    collect(&root().join("src"), &mut paths);
    paths.sort();
    paths.iter().map(|p| read(p)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("source folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|e| e == "rs") {
            paths.push(path);
        }
    }
}

fn read(path: &Path) -> File {
    let text = fs::read_to_string(path).expect("source file");
    let relative = path.strip_prefix(root()).expect("inside");
    let path = relative.to_string_lossy().replace('\\', "/");
    let is_test =
        path.ends_with("/tests.rs") || path.ends_with("/testing.rs") || path.contains("/tests/");
    let code = if is_test {
        String::new()
    } else {
        without_tests(&blank(&text))
    };
    File { path, text, code }
}

/// Replaces comments and the insides of literals by blanks.
pub fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = literal_end(&chars, i);
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            let keep_line_ends = |c: &char| if *c == '\n' { '\n' } else { ' ' };
            out.extend(chars[i..end].iter().map(keep_line_ends));
            i = end;
        }
    }
    out
}

/// Where the comment, string or character that begins at `i` ends; `i` if none begins there.
fn literal_end(c: &[char], i: usize) -> usize {
    let at = |k: usize| c.get(k).copied().unwrap_or('\0');
    let word_before = i > 0 && (c[i - 1].is_alphanumeric() || c[i - 1] == '_');
    match at(i) {
        '/' if at(i + 1) == '/' => (i..c.len()).find(|k| at(*k) == '\n').unwrap_or(c.len()),
        '/' if at(i + 1) == '*' => block_comment_end(c, i),
        '"' => string_end(c, i + 1),
        'b' if !word_before && at(i + 1) == '"' => string_end(c, i + 2),
        'r' if !word_before && (at(i + 1) == '"' || at(i + 1) == '#') => raw_end(c, i + 1, i),
        'b' if !word_before && at(i + 1) == 'r' && (at(i + 2) == '"' || at(i + 2) == '#') => {
            raw_end(c, i + 2, i)
        }
        '\'' if at(i + 1) == '\\' => (i + 3..c.len())
            .find(|k| at(*k) == '\'')
            .map_or(c.len(), |k| k + 1),
        '\'' if at(i + 2) == '\'' => i + 3,
        _ => i,
    }
}

fn block_comment_end(c: &[char], i: usize) -> usize {
    let mut depth = 0;
    let mut k = i;
    while k < c.len() {
        match (c[k], c.get(k + 1)) {
            ('/', Some('*')) => (depth, k) = (depth + 1, k + 2),
            ('*', Some('/')) => (depth, k) = (depth - 1, k + 2),
            _ => k += 1,
        }
        if depth == 0 {
            return k;
        }
    }
    c.len()
}

fn string_end(c: &[char], mut k: usize) -> usize {
    while k < c.len() {
        match c[k] {
            '\\' => k += 2,
            '"' => return k + 1,
            _ => k += 1,
        }
    }
    c.len()
}

fn raw_end(c: &[char], from: usize, start: usize) -> usize {
    let hashes = c[from..].iter().take_while(|h| **h == '#').count();
    if c.get(from + hashes) != Some(&'"') {
        return start; // a raw identifier
    }
    let closes = |k: usize| {
        c[k] == '"'
            && c[k + 1..]
                .iter()
                .take(hashes)
                .filter(|h| **h == '#')
                .count()
                == hashes
    };
    (from + hashes + 1..c.len())
        .find(|k| closes(*k))
        .map_or(c.len(), |k| k + 1 + hashes)
}

/// Blanks out every item under `#[cfg(test)]`.
pub fn without_tests(code: &str) -> String {
    let mut code = code.to_string();
    while let Some(start) = code.find("#[cfg(test)]") {
        let rest = &code[start..];
        let open = rest.find('{').unwrap_or(usize::MAX);
        let semicolon = rest.find(';').unwrap_or(usize::MAX);
        let end = if open < semicolon {
            start + matching_brace(rest, open)
        } else {
            start + semicolon.min(rest.len() - 1) + 1
        };
        let blanked: String = code[start..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(start..end, &blanked);
    }
    code
}

/// The byte after the brace that closes the one at `open`.
pub fn matching_brace(text: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (i, b) in text.bytes().enumerate().skip(open) {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i + 1;
        }
    }
    text.len()
}

#[test]
fn comments_strings_and_tests_are_blanked() {
    let text = "a /* x /* y */ */ \"crate::b\" 'c' '\\'' r#\"d\"# // e\nfn f<'g>() {}\n#[cfg(test)]\nmod t { use crate::h; }\nend";
    let code = without_tests(&blank(text));
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words, ["a", "fn", "f<'g>()", "{}", "end"]);
    assert_eq!(code.lines().count(), text.lines().count());
}
