//! JSON without floating point: Oracle's NUMBER has 38 digits, and a test that reads 0.1
//! as the nearest double cannot tell a right figure from a wrong one.

use bigdecimal::BigDecimal;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A JSON value. Numbers compare by value (`1.0` equals `1.00`), objects without regard to
/// the order of their members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, digit by digit.
    Number(BigDecimal),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads one JSON text to its end.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        if reader.at == text.len() {
            Ok(value)
        } else {
            Err(reader.error("something follows the value"))
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// JSON again, with members in the order of their names.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Number(n) => write!(f, "{}", n.normalized().to_plain_string()),
            Self::Text(t) => f.write_str(&quoted(t)),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (i, (name, value)) in members.iter().enumerate() {
                    write!(
                        f,
                        "{}{}:{value}",
                        if i > 0 { "," } else { "" },
                        quoted(name)
                    )?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Deeper than anything that the systems under test write.
const DEPTH: usize = 64;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, what: &str) -> String {
        format!("JSON, byte {}: {what}: {}", self.at, self.text)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, word: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.space();
        if self.take("null") {
            Ok(Json::Null)
        } else if self.take("true") {
            Ok(Json::Bool(true))
        } else if self.take("false") {
            Ok(Json::Bool(false))
        } else if self.take("{") {
            self.object(depth)
        } else if self.take("[") {
            self.list(depth)
        } else if self.rest().starts_with('"') {
            Ok(Json::Text(self.string()?))
        } else {
            self.number()
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        let mut members = BTreeMap::new();
        if self.take("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            if !self.take(":") {
                return Err(self.error("':' expected"));
            }
            let value = self.value(depth + 1)?;
            if members.insert(name.clone(), value).is_some() {
                return Err(self.error(&format!("member {name} twice")));
            }
            if self.take("}") {
                return Ok(Json::Object(members));
            }
            if !self.take(",") {
                return Err(self.error("',' or '}' expected"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take("]") {
                return Ok(Json::List(items));
            }
            if !self.take(",") {
                return Err(self.error("',' or ']' expected"));
            }
        }
    }

    /// Finds the end of the string and leaves its escapes to serde_json.
    fn string(&mut self) -> Result<String, String> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return Err(self.error("a string expected"));
        }
        let mut escaped = false;
        for (i, c) in rest.char_indices().skip(1) {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == '"' {
                let raw = &rest[..=i];
                self.at += raw.len();
                return serde_json::from_str(raw).map_err(|e| self.error(&e.to_string()));
            }
        }
        Err(self.error("the string has no end"))
    }

    fn number(&mut self) -> Result<Json, String> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)))
            .unwrap_or(rest.len());
        let number = BigDecimal::from_str(&rest[..end])
            .map_err(|e| self.error(&format!("a value expected ({e})")))?;
        self.at += end;
        Ok(Json::Number(number))
    }
}
