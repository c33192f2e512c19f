//! Checks a parsed TOML document against the shape, key by key, so that messages name the key, point at
//! its place and suggest the nearest known one.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::shape::Shape;

/// Something wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One sentence that names the key.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where in the document.
    pub span: Range<usize>,
}

/// All problems of a document, in its order of keys.
pub fn check(shape: &Shape, document: &Spanned<DeTable<'_>>) -> Vec<Problem> {
    let mut checker = Checker {
        known: shape.keys(),
        problems: Vec::new(),
    };
    checker.table(shape, document.get_ref(), document.span(), "");
    checker.problems.sort_by_key(|p| p.span.start);
    checker.problems
}

/// "did you mean" for a key that is not known; `known` are full dotted keys.
pub fn suggestion(key: &str, known: &[String]) -> Option<String> {
    let last = key.rsplit('.').next().unwrap_or(key);
    let score = |candidate: &str| {
        let tail = candidate.rsplit('.').next().unwrap_or(candidate);
        let whole = strsim::normalized_damerau_levenshtein(key, candidate);
        whole.max(strsim::normalized_damerau_levenshtein(last, tail) * 0.95)
    };
    let best = known
        .iter()
        .map(|k| (score(k), k))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))?;
    (best.0 >= 0.6).then(|| format!("did you mean `{}`?", best.1))
}

struct Checker {
    known: Vec<String>,
    problems: Vec<Problem>,
}

impl Checker {
    fn table(&mut self, shape: &Shape, table: &DeTable<'_>, span: Range<usize>, path: &str) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let full = join(path, name);
            match shape {
                Shape::Table(fields) => match fields.get(name) {
                    Some(inner) => self.value(inner, value, &full),
                    None => self.unknown(&full, key.span()),
                },
                Shape::Map(inner) => self.value(inner, value, &full),
                Shape::Text
                | Shape::Integer
                | Shape::Number
                | Shape::Bool
                | Shape::Choice(_)
                | Shape::List(_) => {
                    self.wrong(shape, path, span.clone());
                    return;
                }
            }
        }
    }

    fn value(&mut self, shape: &Shape, value: &Spanned<DeValue<'_>>, path: &str) {
        let fits = match (shape, value.get_ref()) {
            (Shape::Table(_) | Shape::Map(_), DeValue::Table(table)) => {
                self.table(shape, table, value.span(), path);
                true
            }
            (Shape::List(inner), DeValue::Array(items)) => {
                for item in items {
                    self.value(inner, item, path);
                }
                true
            }
            (Shape::Text, v) => v.is_str(),
            (Shape::Integer, v) => v.is_integer(),
            (Shape::Number, v) => v.is_integer() || v.is_float(),
            (Shape::Bool, v) => v.is_bool(),
            (Shape::Choice(words), v) => v.as_str().is_some_and(|s| words.iter().any(|w| w == s)),
            (Shape::List(_) | Shape::Map(_) | Shape::Table(_), _) => false,
        };
        if !fits {
            self.wrong(shape, path, value.span());
        }
    }

    fn unknown(&mut self, key: &str, span: Range<usize>) {
        self.problems.push(Problem {
            message: format!("unknown key `{key}`"),
            help: suggestion(key, &self.known),
            span,
        });
    }

    fn wrong(&mut self, shape: &Shape, path: &str, span: Range<usize>) {
        self.problems.push(Problem {
            message: format!("`{path}` must be {}", shape.expects()),
            help: None,
            span,
        });
    }
}

fn join(path: &str, key: &str) -> String {
    let key = if key.contains('.') {
        format!("\"{key}\"")
    } else {
        key.to_string()
    };
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}
