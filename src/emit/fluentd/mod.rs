//! Files that a batch loads, shipped to a topic by fluentd. Source: fluentd manual (in_tail, parser csv),
//! fluent-plugin-kafka (kafka2).

#[cfg(test)]
mod tests;

use super::fragment::{CommentLine, Fragment, JsonString};
use super::template::{Frame, render};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{FileInput, Plan};

/// `fluentd/`.
pub struct Fluentd;

impl Emitter for Fluentd {
    fn name(&self) -> &'static str {
        "fluentd"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        plan.file_inputs.iter().map(|f| one(plan, f)).collect()
    }
}

/// A word of fluentd's configuration that is ours: ASCII letters, digits, `_`.
struct Word(String);

impl Word {
    fn of(name: &str) -> Self {
        let fold = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        let folded: String = name.chars().map(fold).collect();
        let lost = !name.is_ascii();
        let hash = name.bytes().fold(0x811c_9dc5_u32, |h, b| {
            (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
        });
        Self(if lost {
            format!("{folded}_{hash:08x}")
        } else {
            folded
        })
    }
}

impl Fragment for Word {
    fn as_text(&self) -> &str {
        &self.0
    }
}

/// A double-quoted value. Inside it `#{..}` is evaluated and `\` escapes: both are taken out of user text.
struct Quoted(String);

impl Quoted {
    fn new(text: &str) -> Self {
        Self(JsonString::new(text).to_string().replace("#{", "\\#{"))
    }

    /// The inside of a quoted value.
    fn inner(text: &str) -> Self {
        let quoted = Self::new(text).0;
        Self(quoted[1..quoted.len() - 1].to_string())
    }
}

impl Fragment for Quoted {
    fn as_text(&self) -> &str {
        &self.0
    }
}

fn one(plan: &Plan, f: &FileInput) -> Result<GeneratedFile, EmitError> {
    let id = Word::of(&format!("{}_{}", f.table.schema, f.table.name));
    let keys: Vec<&str> = f.fields.iter().map(|c| c.name.as_str()).collect();
    let directory = f
        .directory
        .as_ref()
        .map_or(String::new(), |d| format!(" (Oracle directory {d})"));
    let frame = Frame::new()
        .hole("table", &CommentLine::new(&f.table.to_string()))
        .hole("topic_comment", &CommentLine::new(&f.topic))
        .hole("directory_note", &CommentLine::new(&directory))
        .hole("id", &id)
        .hole("tag", &Word(format!("ora2stream.{}", id.0)))
        .hole("pattern", &Quoted::inner(&pattern(f)))
        .maybe(
            "encoding",
            (f.encoding != "UTF-8")
                .then(|| Quoted::new(&f.encoding))
                .as_ref(),
        )
        .maybe(
            "separator",
            f.separator.as_deref().map(Quoted::new).as_ref(),
        )
        .hole("keys", &Quoted::new(&keys.join(",")))
        .hole("keys_comment", &CommentLine::new(&keys.join(", ")))
        .hole("brokers", &Quoted::new(&plan.settings.kafka.bootstrap))
        .hole("topic", &Quoted::new(&f.topic))
        .maybe("key", f.key.first().map(|k| Quoted::new(k)).as_ref());
    Ok(GeneratedFile::text(
        format!("fluentd/{}.conf", id.0),
        render("fluentd/input.conf", &frame)?,
    ))
}

/// Oracle names the files of one load; the shipper watches all that come. Digits vary from day to day.
fn pattern(f: &FileInput) -> String {
    let star = |name: &String| {
        let mut out = String::new();
        for c in name.chars() {
            match c {
                c if c.is_ascii_digit() => {
                    if !out.ends_with('*') {
                        out.push('*');
                    }
                }
                '%' | '?' => out.push('*'),
                c => out.push(c),
            }
        }
        out
    };
    let patterns: Vec<String> = f.files.iter().map(star).collect();
    if patterns.is_empty() {
        "*".into()
    } else {
        patterns.join(",")
    }
}
