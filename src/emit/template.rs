//! Templates hold frame and comments; every hole takes a typed fragment. The engine itself escapes nothing:
//! [`Frame`] is the only data that [`render`] accepts, and it can be filled only with fragments, lists of
//! frames, and flags. Templates are embedded from `templates/`; strict mode refuses a hole without a value.

use handlebars::{Handlebars, no_escape};
use rust_embed::RustEmbed;
use serde::Serialize;
use serde_json::{Map, Value};

use super::EmitError;
use super::fragment::Fragment;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// Values for the holes of a template.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Frame(Map<String, Value>);

impl Frame {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// A hole.
    pub fn hole(mut self, name: &str, fragment: &impl Fragment) -> Self {
        self.0
            .insert(name.into(), Value::String(fragment.as_text().into()));
        self
    }

    /// A hole that is false, for `{{#if}}`, where there is no value.
    pub fn maybe(mut self, name: &str, fragment: Option<&impl Fragment>) -> Self {
        let value = fragment.map_or(Value::Bool(false), |f| Value::String(f.as_text().into()));
        self.0.insert(name.into(), value);
        self
    }

    /// For `{{#if}}`.
    pub fn flag(mut self, name: &str, value: bool) -> Self {
        self.0.insert(name.into(), Value::Bool(value));
        self
    }

    /// For `{{#each}}` over frames.
    pub fn list(mut self, name: &str, frames: impl IntoIterator<Item = Frame>) -> Self {
        let items = frames.into_iter().map(|f| Value::Object(f.0)).collect();
        self.0.insert(name.into(), Value::Array(items));
        self
    }

    /// For `{{#each}}` over fragments, each `{{this}}`.
    pub fn fragments<F: Fragment>(
        mut self,
        name: &str,
        items: impl IntoIterator<Item = F>,
    ) -> Self {
        let items = items
            .into_iter()
            .map(|f| Value::String(f.as_text().into()))
            .collect();
        self.0.insert(name.into(), Value::Array(items));
        self
    }
}

/// Fills the template `templates/<name>.hbs`.
pub fn render(name: &str, frame: &Frame) -> Result<String, EmitError> {
    let failed = |message: String| EmitError::Template {
        name: name.into(),
        message,
    };
    let file = Templates::get(&format!("{name}.hbs"))
        .ok_or_else(|| failed("there is no such file".into()))?;
    let source = std::str::from_utf8(&file.data).map_err(|e| failed(e.to_string()))?;
    engine()
        .render_template(source, frame)
        .map_err(|e| failed(e.to_string()))
}

fn engine() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(no_escape);
    engine
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::fragment::{CommentLine, Number};

    #[test]
    fn a_hole_without_a_value_is_refused() {
        let data = Frame::new();
        assert!(engine().render_template("{{missing}}", &data).is_err());
    }

    #[test]
    fn holes_lists_and_flags_are_filled_as_they_are() {
        let data = Frame::new()
            .hole("a", &CommentLine::new("<b>"))
            .flag("on", true)
            .maybe("none", None::<&Number>)
            .fragments("n", [Number::new(1), Number::new(2)]);
        let text = "{{a}}{{#if on}}!{{/if}}{{#if none}}?{{/if}}{{#each n}}{{this}};{{/each}}";
        assert_eq!(engine().render_template(text, &data).unwrap(), "<b>!1;2;");
    }

    #[test]
    fn templates_parse_and_use_plain_holes_only() {
        for path in Templates::iter().filter(|p| p.ends_with(".hbs")) {
            let file = Templates::get(&path).unwrap();
            let text = std::str::from_utf8(&file.data).unwrap();
            handlebars::Template::compile(text).unwrap_or_else(|e| panic!("{path}: {e}"));
            for raw in ["{{{", "{{&", "{{>"] {
                assert!(!text.contains(raw), "{path} has {raw}");
            }
        }
    }
}
