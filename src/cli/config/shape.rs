//! The shape of ora2stream.toml, taken from its type's JSON Schema: which keys there are and what each may hold.
//! One source for the file, for `--set`, and for "did you mean".

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// What may stand at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// true or false.
    Bool,
    /// One of these words.
    Choice(Vec<String>),
    /// A list.
    List(Box<Shape>),
    /// A table with keys of the user's choice.
    Map(Box<Shape>),
    /// A table with known keys.
    Table(BTreeMap<String, Shape>),
}

impl Shape {
    /// The shape of a type.
    pub fn of<T: schemars::JsonSchema>() -> Shape {
        let root = schemars::schema_for!(T);
        shape(root.as_value(), root.as_value(), 0)
    }

    /// In words, for messages.
    pub fn expects(&self) -> String {
        match self {
            Shape::Text => "text".into(),
            Shape::Integer => "a whole number".into(),
            Shape::Number => "a number".into(),
            Shape::Bool => "true or false".into(),
            Shape::Choice(words) => format!("one of {}", words.join(", ")),
            Shape::List(_) => "a list".into(),
            Shape::Map(_) | Shape::Table(_) => "a table".into(),
        }
    }

    /// Every full key, dotted; keys of the user's choice stand as `*`.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        self.collect("", &mut keys);
        keys
    }

    fn collect(&self, path: &str, keys: &mut Vec<String>) {
        let join = |k: &str| {
            if path.is_empty() {
                k.to_string()
            } else {
                format!("{path}.{k}")
            }
        };
        match self {
            Shape::Table(fields) => {
                for (key, shape) in fields {
                    keys.push(join(key));
                    shape.collect(&join(key), keys);
                }
            }
            Shape::Map(of) => of.collect(&join("*"), keys),
            Shape::List(of) => of.collect(path, keys),
            Shape::Text | Shape::Integer | Shape::Number | Shape::Bool | Shape::Choice(_) => {}
        }
    }
}

/// Types refer to each other only a few levels deep; anything deeper would be a circle.
const MAX_DEPTH: usize = 16;

fn shape(root: &Json, node: &Json, depth: usize) -> Shape {
    let node = resolve(root, node);
    if depth > MAX_DEPTH {
        return Shape::Text;
    }
    if let Some(words) = choice(node) {
        return Shape::Choice(words);
    }
    if let Some(of) = non_null_alternative(root, node) {
        return shape(root, of, depth + 1);
    }
    match type_of(node) {
        "object" => object(root, node, depth),
        "array" => Shape::List(Box::new(shape(root, &node["items"], depth + 1))),
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Bool,
        _ => Shape::Text,
    }
}

fn object(root: &Json, node: &Json, depth: usize) -> Shape {
    let fields = node["properties"].as_object();
    let of = |v: &Json| shape(root, v, depth + 1);
    match fields {
        Some(fields) if !fields.is_empty() => {
            Shape::Table(fields.iter().map(|(k, v)| (k.clone(), of(v))).collect())
        }
        Some(_) | None => Shape::Map(Box::new(of(&node["additionalProperties"]))),
    }
}

fn resolve<'a>(root: &'a Json, node: &'a Json) -> &'a Json {
    match node["$ref"].as_str() {
        Some(path) => root.pointer(path.trim_start_matches('#')).unwrap_or(node),
        None => node,
    }
}

/// The type word; `["string", "null"]` is a string.
fn type_of(node: &Json) -> &str {
    let words = node["type"].as_array().into_iter().flatten();
    let mut words = words.filter_map(Json::as_str).filter(|w| *w != "null");
    node["type"].as_str().or(words.next()).unwrap_or("")
}

fn choice(node: &Json) -> Option<Vec<String>> {
    let text = |v: &Json| v.as_str().map(str::to_string);
    if let Some(words) = node["enum"].as_array() {
        return Some(words.iter().filter_map(text).collect());
    }
    let arms = node["oneOf"].as_array()?;
    let words: Vec<String> = arms
        .iter()
        .flat_map(|arm| {
            let one = text(&arm["const"]);
            let many = arm["enum"].as_array().into_iter().flatten();
            one.into_iter()
                .chain(many.filter_map(text).collect::<Vec<_>>())
        })
        .collect();
    (!words.is_empty()).then_some(words)
}

fn non_null_alternative<'a>(root: &'a Json, node: &'a Json) -> Option<&'a Json> {
    let arms = node["anyOf"].as_array().or(node["allOf"].as_array())?;
    arms.iter()
        .map(|arm| resolve(root, arm))
        .find(|arm| arm["type"] != "null")
}
