//! The one renderer of diagnostics: for terminals (annotate-snippets, with an excerpt of the source) and
//! as JSON. Lines of any length and texts of any size are cut to a window, so that it stays fast and readable.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use std::ops::Range;

use super::{Diagnostic, Label, Severity};
use crate::source::{SourceMap, Span};

/// Bytes of one line that are shown around a label.
const LINE_WINDOW: usize = 160;
/// Lines of a label that are shown.
const LABEL_LINES: u32 = 4;

/// One diagnostic as text, ending in a line end.
pub fn text(map: &SourceMap, finding: &Diagnostic, coloured: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level
        .primary_title(finding.message.as_str())
        .id(finding.code.as_str());
    let mut group = Group::with_title(title);
    for (i, label) in finding.labels.iter().enumerate() {
        group = with_label(group, map, label, i == 0);
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if coloured {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    text.push('\n');
    text
}

/// Several diagnostics as text: at most `cap`, and how many were left out.
pub fn text_all(map: &SourceMap, findings: &[Diagnostic], cap: usize, coloured: bool) -> String {
    let mut out: String = findings
        .iter()
        .take(cap)
        .map(|f| text(map, f, coloured))
        .collect();
    if findings.len() > cap {
        let more = findings.len() - cap;
        out.push_str(&format!("... and {more} more; the report lists them all\n"));
    }
    out
}

/// One diagnostic as a JSON object: code, severity, message, help, and every label with its place.
pub fn json(map: &SourceMap, finding: &Diagnostic) -> serde_json::Value {
    let labels: Vec<_> = finding
        .labels
        .iter()
        .map(|l| serde_json::json!({ "place": map.place(l.span), "text": l.text }))
        .collect();
    serde_json::json!({
        "code": finding.code.as_str(),
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "labels": labels,
    })
}

fn with_label<'a>(
    group: Group<'a>,
    map: &'a SourceMap,
    label: &'a Label,
    primary: bool,
) -> Group<'a> {
    let file = map.file(label.span.file);
    let at = file.line_col(label.span.start);
    let window = Window::around(map, label.span);
    let kind = if primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let mut annotation = kind.span(window.mark.clone());
    if !label.text.is_empty() {
        annotation = annotation.label(label.text.as_str());
    }
    let snippet = Snippet::source(window.text)
        .line_start(at.line as usize)
        .annotation(annotation);
    if !window.cut {
        return group.element(snippet.path(file.path.as_str()));
    }
    // The excerpt begins inside its line: it cannot tell the column.
    let origin = Origin::path(file.path.as_str())
        .line(at.line as usize)
        .char_column(at.column as usize);
    group.element(origin).element(snippet)
}

/// The part of a text that is shown for a span.
struct Window {
    text: String,
    /// The span inside `text`.
    mark: Range<usize>,
    /// The first line does not begin at its beginning.
    cut: bool,
}

impl Window {
    fn around(map: &SourceMap, span: Span) -> Window {
        let file = map.file(span.file);
        let text = file.text.as_str();
        let lines = file.lines();
        let start = floor(text, span.start as usize);
        let end = floor(text, (span.end as usize).max(start));
        let first = lines.line_of(start as u32);
        let last = lines
            .line_of((end as u32).saturating_sub(1).max(start as u32))
            .min(first + LABEL_LINES - 1);
        let mut out = Window {
            text: String::new(),
            mark: 0..0,
            cut: false,
        };
        for line in first..=last {
            let range = lines.range(text, line);
            if line == first {
                out.push_first(text, range, start, end);
            } else {
                out.push_next(text, range, end);
            }
        }
        out
    }

    /// The line where the span starts, cut around it.
    fn push_first(&mut self, text: &str, line: Range<usize>, start: usize, end: usize) {
        let long = line.len() > LINE_WINDOW;
        let from = start.saturating_sub(LINE_WINDOW / 4).max(line.start);
        let cut = floor(text, if long { from } else { line.start });
        self.cut = cut > line.start;
        let stop = floor(text, (cut + LINE_WINDOW).min(line.end)).max(cut);
        self.text.push_str(&text[cut..stop]);
        let mark = |at: usize| at.clamp(cut, stop) - cut;
        self.mark = mark(start)..mark(end);
    }

    /// A further line of the span, cut at its end.
    fn push_next(&mut self, text: &str, line: Range<usize>, end: usize) {
        let stop = floor(text, (line.start + LINE_WINDOW).min(line.end)).max(line.start);
        self.text.push('\n');
        let base = self.text.len();
        self.text.push_str(&text[line.start..stop]);
        self.mark.end = base + end.clamp(line.start, stop) - line.start;
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::source::SourceFile;

    fn render(text: &str, needle: &str, message: &str) -> String {
        let mut map = SourceMap::default();
        let file = map.add(SourceFile::from_text("a/b.sql", text));
        let start = text.find(needle).expect("needle") as u32;
        let span = Span::new(file, start, start + needle.len() as u32);
        let finding = Diagnostic::new(Code::Syntax, message)
            .at(span, "here")
            .help("look at the line before");
        super::text(&map, &finding, false)
    }

    #[test]
    fn shows_place_excerpt_label_and_help() {
        let got = render("SELECT 1\nFROM FROM t;\n", "FROM t", "two FROMs");
        assert!(got.contains("error[P001]: two FROMs"), "{got}");
        assert!(got.contains("a/b.sql:2:6"), "{got}");
        assert!(got.contains("2 | FROM FROM t;"), "{got}");
        assert!(got.contains("^^^^^^ here"), "{got}");
        assert!(got.contains("help: look at the line before"), "{got}");
    }

    #[test]
    fn wide_characters_are_underlined_in_their_width() {
        let got = render("-- x\n検針 := 値;\n", "値", "m");
        let lines: Vec<&str> = got.lines().collect();
        let source = lines.iter().position(|l| l.contains("検針")).expect("line");
        assert!(lines[source + 1].ends_with("        ^^ here"), "{got}");
        assert!(got.contains("a/b.sql:2:7"), "{got}");
    }

    #[test]
    fn a_very_long_line_is_cut_and_keeps_its_column() {
        let text = format!("SELECT {}, bad FROM t", "x, ".repeat(1_000_000));
        let got = render(&text, "bad", "m");
        assert!(got.len() < 2000, "{}", got.len());
        assert!(got.contains("a/b.sql:1:3000010"), "{got}");
        assert!(got.contains("^^^ here"), "{got}");
    }

    #[test]
    fn a_span_of_many_lines_and_one_at_the_end_do_not_fail() {
        let text = "BEGIN\n".repeat(50);
        assert!(render(&text, &text, "m").contains("a/b.sql:1:1"));
        let mut map = SourceMap::default();
        let file = map.add(SourceFile::from_text("e.sql", "ab\n"));
        let at_end = Diagnostic::new(Code::MissingEnd, "m").at(Span::new(file, 3, 3), "");
        assert!(super::text(&map, &at_end, true).contains("e.sql"));
    }

    #[test]
    fn json_has_code_and_place() {
        let mut map = SourceMap::default();
        let file = map.add(SourceFile::from_text("e.sql", "a\nb"));
        let d = Diagnostic::new(Code::Syntax, "m").at(Span::new(file, 2, 3), "x");
        let json = super::json(&map, &d);
        assert_eq!(json["code"], "P001");
        assert_eq!(json["labels"][0]["place"]["line"], 2);
    }

    #[test]
    fn caps_say_what_they_leave_out() {
        let many = vec![Diagnostic::new(Code::Syntax, "m"); 5];
        let got = text_all(&SourceMap::default(), &many, 2, false);
        assert!(got.contains("... and 3 more"), "{got}");
    }
}
