//! `--set key=value`: the same keys as the file, typed by the same shape.

use toml::{Table, Value};

use super::check::suggestion;
use super::shape::Shape;

/// Applies one `key=value` to the document; the error says what is wrong and, if known, what was meant.
pub fn apply(
    document: &mut Table,
    shape: &Shape,
    setting: &str,
) -> Result<(), (String, Option<String>)> {
    let Some((key, text)) = setting.split_once('=') else {
        let message = format!("`--set {setting}` has no `=`");
        return Err((message, Some("write --set key=value".into())));
    };
    let unknown = || {
        let message = format!("unknown key `{}` in --set", key.trim());
        (message, suggestion(key.trim(), &shape.keys()))
    };
    let path = path(key).ok_or_else(unknown)?;
    let (path, leaf) = locate(shape, &path).ok_or_else(unknown)?;
    let value = typed(leaf, text)
        .ok_or_else(|| (format!("`{}` must be {}", key.trim(), leaf.expects()), None))?;
    if !insert(document, &path, value) {
        return Err((format!("`{}` cannot be set", key.trim()), None));
    }
    Ok(())
}

/// The parts of a dotted key in TOML's notation.
fn path(key: &str) -> Option<Vec<String>> {
    let table: Table = toml::from_str(&format!("{} = 0", key.trim())).ok()?;
    let mut parts = Vec::new();
    let mut at = Value::Table(table);
    while let Value::Table(table) = at {
        let mut entries = table.into_iter();
        let (name, inner) = entries.next()?;
        if entries.next().is_some() {
            return None;
        }
        parts.push(name);
        at = inner;
    }
    Some(parts)
}

/// Follows a path through the shape. `tables.S.T.key` without quotes means `tables."S.T".key`.
fn locate<'a>(shape: &'a Shape, path: &[String]) -> Option<(Vec<String>, &'a Shape)> {
    let mut out = Vec::new();
    let mut at = shape;
    let mut rest = path;
    while let Some((first, tail)) = rest.split_first() {
        match at {
            Shape::Table(fields) => {
                at = fields.get(first)?;
                out.push(first.clone());
                rest = tail;
            }
            Shape::Map(of) => {
                let below = usize::from(matches!(**of, Shape::Table(_)));
                let take = rest.len().checked_sub(below).filter(|n| *n > 0)?;
                out.push(rest[..take].join("."));
                rest = &rest[take..];
                at = of;
            }
            Shape::Text
            | Shape::Integer
            | Shape::Number
            | Shape::Bool
            | Shape::Choice(_)
            | Shape::List(_) => return None,
        }
    }
    let is_value = !matches!(at, Shape::Table(_) | Shape::Map(_));
    is_value.then_some((out, at))
}

fn typed(shape: &Shape, text: &str) -> Option<Value> {
    match shape {
        Shape::Text => Some(Value::String(text.to_string())),
        Shape::Choice(words) => words
            .iter()
            .any(|w| w == text)
            .then(|| Value::String(text.to_string())),
        Shape::Integer => text.trim().parse().ok().map(Value::Integer),
        Shape::Number => text.trim().parse().ok().map(Value::Float),
        Shape::Bool => text.trim().parse().ok().map(Value::Boolean),
        Shape::List(of) => list(of, text),
        Shape::Map(_) | Shape::Table(_) => None,
    }
}

/// `a,b` or a TOML array; lists of tables are for the file.
fn list(of: &Shape, text: &str) -> Option<Value> {
    if text.trim_start().starts_with('[') {
        let table: Table = toml::from_str(&format!("v = {text}")).ok()?;
        return table.into_iter().next().map(|(_, v)| v);
    }
    let items = text.split(',').map(str::trim).filter(|t| !t.is_empty());
    let items: Option<Vec<Value>> = items.map(|t| typed(of, t)).collect();
    items.map(Value::Array)
}

fn insert(document: &mut Table, path: &[String], value: Value) -> bool {
    let Some((last, folders)) = path.split_last() else {
        return false;
    };
    let mut at = document;
    for folder in folders {
        let entry = at
            .entry(folder.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        match entry {
            Value::Table(table) => at = table,
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_) => return false,
        }
    }
    at.insert(last.clone(), value);
    true
}
