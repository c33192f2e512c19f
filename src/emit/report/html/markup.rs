//! Writes HTML: elements and attributes are named in this program's text, everything else is escaped. There is no
//! way to put in markup from data.

use crate::emit::fragment::HtmlText;

/// Attributes: the name is ours, the value is escaped.
pub(super) type Attrs<'a> = &'a [(&'static str, &'a str)];

/// Letters of a word that still fits a column.
const LONG_WORD: usize = 24;

/// A document that grows.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Escaped text.
    pub(super) fn text(&mut self, text: &str) {
        self.0.push_str(&HtmlText::new(text).to_string());
    }

    /// Text of this program: style sheet, script, doctype.
    pub(super) fn own(&mut self, text: &'static str) {
        self.0.push_str(text);
    }

    /// An element with what is inside.
    pub(super) fn el(
        &mut self,
        tag: &'static str,
        attrs: Attrs<'_>,
        inside: impl FnOnce(&mut Html),
    ) {
        self.start(tag, attrs);
        inside(self);
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    /// An element that holds text.
    pub(super) fn leaf(&mut self, tag: &'static str, attrs: Attrs<'_>, text: &str) {
        self.el(tag, attrs, |h| h.text(text));
    }

    /// Escaped text whose long words may be broken after `.`, `_`, `;`, `,` and `/`.
    pub(super) fn breakable(&mut self, text: &str) {
        const AFTER: [char; 5] = ['.', '_', ';', ',', '/'];
        for word in text.split_inclusive(char::is_whitespace) {
            if word.chars().count() <= LONG_WORD {
                self.text(word);
                continue;
            }
            for part in word.split_inclusive(AFTER) {
                self.text(part);
                if part.ends_with(AFTER) {
                    self.void("wbr", &[]);
                }
            }
        }
    }

    /// An element without an end tag.
    pub(super) fn void(&mut self, tag: &'static str, attrs: Attrs<'_>) {
        self.start(tag, attrs);
    }

    fn start(&mut self, tag: &'static str, attrs: Attrs<'_>) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attrs {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    /// A line end, for those who read the source.
    pub(super) fn line(&mut self) {
        self.0.push('\n');
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Puts arguments into the `{}` of a sentence.
pub(super) fn fill(sentence: &str, args: &[&str]) -> String {
    let mut out = String::new();
    let mut args = args.iter();
    let mut parts = sentence.split("{}");
    out.push_str(parts.next().unwrap_or(""));
    for part in parts {
        out.push_str(args.next().unwrap_or(&""));
        out.push_str(part);
    }
    out
}

/// Digits in groups of three.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_place() {
        let mut h = Html::default();
        h.el("p", &[("title", "\"><script>")], |h| {
            h.text("</p><script>&")
        });
        assert_eq!(
            h.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;/p&gt;&lt;script&gt;&amp;</p>"
        );
    }

    #[test]
    fn sentences_and_numbers() {
        assert_eq!(fill("{} of {}", &["{}", "2"]), "{} of 2");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
    }
}
