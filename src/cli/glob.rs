//! Path patterns of the project file: `*` within a name, `**` across folders, `?` for one character.

/// True if `path` (with `/`) matches `pattern`. A pattern without `/` matches the last part of the path,
/// and one that names a folder matches all that is in it.
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    if let Some(folder) = pattern.strip_suffix('/') {
        return matches(&format!("{folder}/**"), path);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let subject = if pattern.contains('/') { path } else { name };
    let pattern: Vec<char> = pattern.chars().collect();
    let subject: Vec<char> = subject.chars().collect();
    whole(&pattern, &subject)
}

/// Matching over a row of reachable pattern positions: linear in the text for each pattern character.
fn whole(pattern: &[char], subject: &[char]) -> bool {
    let mut reach = vec![false; pattern.len() + 1];
    reach[0] = true;
    skip_stars(pattern, &mut reach);
    for c in subject {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..pattern.len()).filter(|at| reach[*at]) {
            match pattern[at] {
                '*' => next[at] |= *c != '/' || is_double(pattern, at),
                '?' => next[at + 1] |= *c != '/',
                p => next[at + 1] |= p == *c,
            }
        }
        skip_stars(pattern, &mut next);
        reach = next;
    }
    reach[pattern.len()]
}

/// A star may match nothing; `**/` may match no folder at all.
fn skip_stars(pattern: &[char], reach: &mut [bool]) {
    for at in 0..pattern.len() {
        if reach[at] && pattern[at] == '*' {
            reach[at + 1] = true;
            if is_double(pattern, at) && pattern.get(at + 2) == Some(&'/') && at_folder(pattern, at)
            {
                reach[at + 3] = true;
            }
        }
    }
}

fn is_double(pattern: &[char], at: usize) -> bool {
    pattern.get(at + 1) == Some(&'*') || (at > 0 && pattern[at - 1] == '*')
}

fn at_folder(pattern: &[char], at: usize) -> bool {
    pattern.get(at + 1) == Some(&'*') && (at == 0 || pattern[at - 1] == '/')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_folders() {
        assert!(matches("*.sql", "a/b/c.sql"));
        assert!(!matches("*.sql", "a/b/c.pkb"));
        assert!(matches("a/*.sql", "a/c.sql"));
        assert!(!matches("a/*.sql", "a/b/c.sql"));
        assert!(matches("a/**/*.sql", "a/b/c/d.sql"));
        assert!(matches("a/**/*.sql", "a/d.sql"));
        assert!(matches("**/old/**", "x/old/y.sql"));
        assert!(matches("old/", "old/deep/y.sql"));
        assert!(matches("?.sql", "x/a.sql"));
        assert!(matches("データ/*", "データ/検針.csv"));
        assert!(!matches("a", "b"));
    }
}
