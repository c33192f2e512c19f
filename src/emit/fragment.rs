//! Typed, already escaped pieces of text. A template hole takes nothing else, so a name or a value of the
//! user's can enter a file only through a constructor here that escapes for exactly that place.

/// Escaped text for one kind of file.
pub trait Fragment {
    /// The text to be written.
    fn as_text(&self) -> &str;
}

macro_rules! fragments {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Text made by a printer or serialiser of this room, escaped already.
            #[allow(dead_code)] // not every kind has a printer beside its constructors
            pub(in crate::emit) fn printed(text: impl Into<String>) -> Self {
                Self(text.into())
            }
        }

        impl Fragment for $name {
            fn as_text(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

fragments! {
    /// CQL.
    Cql,
    /// Flink SQL.
    FlinkSql,
    /// Spark SQL.
    SparkSql,
    /// Oracle SQL.
    OracleSql,
    /// One word of a POSIX shell.
    ShellWord,
    /// A Python literal.
    PythonLit,
    /// A quoted HCL string.
    HclString,
    /// A YAML scalar.
    YamlScalar,
    /// Inline Markdown.
    MarkdownText,
    /// HTML text or attribute value.
    HtmlText,
    /// A JSON string with its quotes, safe inside `<script>` too.
    JsonString,
    /// A quoted TOML string.
    TomlString,
    /// The rest of a comment line (`--`, `#`, `//`).
    CommentLine,
    /// A decimal integer.
    Number,
}

impl Cql {
    /// A name: bare where CQL reads it back as written, else quoted.
    pub fn ident(name: &str) -> Self {
        if is_plain_cql(name) {
            return Self(name.into());
        }
        Self(quoted(name, '"'))
    }

    /// A text literal.
    pub fn string(text: &str) -> Self {
        Self(quoted(text, '\''))
    }
}

fn is_plain_cql(name: &str) -> bool {
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
    let rest = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    first && rest && !CQL_RESERVED.contains(&name)
}

/// What Cassandra 5 refuses as a bare name: its reserved words, and TRUE and FALSE, which it refuses
/// though its list lacks them.
const CQL_RESERVED: &[&str] = &[
    "add",
    "allow",
    "alter",
    "and",
    "apply",
    "asc",
    "authorize",
    "batch",
    "begin",
    "by",
    "columnfamily",
    "create",
    "delete",
    "desc",
    "describe",
    "drop",
    "entries",
    "execute",
    "false",
    "from",
    "full",
    "grant",
    "if",
    "in",
    "index",
    "infinity",
    "insert",
    "into",
    "is",
    "keyspace",
    "limit",
    "materialized",
    "modify",
    "nan",
    "norecursive",
    "not",
    "null",
    "of",
    "on",
    "or",
    "order",
    "primary",
    "rename",
    "revoke",
    "schema",
    "select",
    "set",
    "table",
    "to",
    "token",
    "true",
    "truncate",
    "unlogged",
    "update",
    "use",
    "using",
    "view",
    "where",
    "with",
];

impl FlinkSql {
    /// A name.
    pub fn ident(name: &str) -> Self {
        Self(quoted(name, '`'))
    }

    /// A character literal. Flink knows no escape but the doubled quote.
    pub fn string(text: &str) -> Self {
        Self(quoted(text, '\''))
    }
}

impl SparkSql {
    /// A name.
    pub fn ident(name: &str) -> Self {
        Self(quoted(name, '`'))
    }

    /// A string literal. Spark reads backslash escapes, and takes a doubled quote for two literals.
    pub fn string(text: &str) -> Self {
        let mut out = String::from("'");
        for c in text.chars() {
            match c {
                '\'' => out.push_str("\\'"),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c => out.push(c),
            }
        }
        out.push('\'');
        Self(out)
    }
}

impl OracleSql {
    /// A quoted name. Oracle allows neither a quote nor NUL in one: they are left out.
    pub fn ident(name: &str) -> Self {
        let clean: String = name.chars().filter(|c| !matches!(c, '"' | '\0')).collect();
        Self(format!("\"{clean}\""))
    }

    /// A character literal.
    pub fn string(text: &str) -> Self {
        Self(quoted(text, '\''))
    }
}

impl ShellWord {
    /// One word: bare where nothing in it means anything to a shell, else in single quotes.
    pub fn new(text: &str) -> Self {
        let harmless = |b: u8| b.is_ascii_alphanumeric() || b"._-/:,=@%+".contains(&b);
        if !text.is_empty() && text.bytes().all(harmless) {
            return Self(text.into());
        }
        Self(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

impl PythonLit {
    /// A str literal in ASCII, so that the file's encoding cannot matter.
    pub fn string(text: &str) -> Self {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                ' '..='~' => out.push(c),
                c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
                c => out.push_str(&format!("\\U{:08x}", c as u32)),
            }
        }
        out.push('"');
        Self(out)
    }

    /// A list of str literals.
    pub fn strings<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Self {
        let items: Vec<String> = items
            .into_iter()
            .map(|s| Self::string(s.as_ref()).0)
            .collect();
        Self(format!("[{}]", items.join(", ")))
    }

    /// A str literal, or None.
    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(|| Self("None".into()), Self::string)
    }

    /// A list of str literals and Nones.
    pub fn maybes<'t>(items: impl IntoIterator<Item = Option<&'t str>>) -> Self {
        let items: Vec<String> = items.into_iter().map(|t| Self::maybe(t).0).collect();
        Self(format!("[{}]", items.join(", ")))
    }

    /// One str literal a line, for implicit concatenation; line ends stay.
    pub fn lines(text: &str) -> Vec<Self> {
        text.split_inclusive('\n').map(Self::string).collect()
    }

    /// True or False.
    pub fn boolean(value: bool) -> Self {
        Self(if value { "True" } else { "False" }.into())
    }
}

impl HclString {
    /// A quoted template string without interpolation.
    pub fn new(text: &str) -> Self {
        let escaped = json_escaped(text, |_| false)
            .replace("${", "$${")
            .replace("%{", "%%{");
        Self(format!("\"{escaped}\""))
    }
}

impl YamlScalar {
    /// A double-quoted scalar: never mistaken for a number, a boolean, a comment or an alias.
    pub fn new(text: &str) -> Self {
        Self(format!("\"{}\"", json_escaped(text, is_yaml_special)))
    }
}

/// What YAML takes for a line break or does not print.
fn is_yaml_special(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
    )
}

impl JsonString {
    /// A string with its quotes.
    pub fn new(text: &str) -> Self {
        let special = |c| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        Self(format!("\"{}\"", json_escaped(text, special)))
    }
}

impl TomlString {
    /// A basic string.
    pub fn new(text: &str) -> Self {
        let escaped = json_escaped(text, |c| c == '\u{7f}');
        Self(format!("\"{escaped}\""))
    }
}

impl MarkdownText {
    /// Running text: everything that Markdown or HTML would read as markup is escaped, lines are joined.
    pub fn new(text: &str) -> Self {
        let mut out = String::new();
        for c in one_line(text).chars() {
            match c {
                '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '!' | '~' => {
                    out.push('\\');
                    out.push(c);
                }
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                c => out.push(c),
            }
        }
        Self(out)
    }

    /// A code span, with a fence longer than any run of backticks in it.
    pub fn code(text: &str) -> Self {
        let text = one_line(text);
        let fence = "`".repeat(longest_run(&text, '`') + 1);
        let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
            " "
        } else {
            ""
        };
        Self(format!(
            "{fence}{pad}{}{pad}{fence}",
            text.replace('|', "\\|")
        ))
    }

    /// A fenced block, with a fence longer than any run of backticks in it.
    pub fn block(language: &'static str, text: &str) -> Self {
        let fence = "`".repeat((longest_run(text, '`') + 1).max(3));
        Self(format!("{fence}{language}\n{}\n{fence}", text.trim_end()))
    }
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

impl HtmlText {
    /// Text, or the value of a quoted attribute.
    pub fn new(text: &str) -> Self {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                '\0' => out.push('\u{fffd}'),
                c => out.push(c),
            }
        }
        Self(out)
    }
}

impl CommentLine {
    /// Text that cannot leave its line. `/*` and `*/` are broken up, for printers that strip comments.
    pub fn new(text: &str) -> Self {
        Self(one_line(text).replace("*/", "* /").replace("/*", "/ *"))
    }
}

impl Number {
    /// An integer.
    pub fn new(value: impl Into<i128>) -> Self {
        Self(value.into().to_string())
    }
}

/// Joins lines and drops control characters and Unicode line separators.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        match breaks {
            true if out.ends_with(' ') => {}
            true => out.push(' '),
            false => out.push(c),
        }
    }
    out.trim().to_string()
}

fn quoted(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        if c == quote {
            out.push(quote);
        }
        out.push(c);
    }
    out.push(quote);
    out
}

fn json_escaped(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || special(c) => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a'b\"c`d\\e\nf$(g)</script>${h}%{i}|j -- k */ l";

    #[test]
    fn json_strings_read_back_and_cannot_close_a_script() {
        let text = JsonString::new(NASTY).to_string();
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), NASTY);
        assert!(!text.contains("</"));
    }

    #[test]
    fn yaml_scalars_read_back() {
        for text in [NASTY, "yes", "1.0", "", "日本\u{85}語\u{2028}", "#x", "~"] {
            let doc = format!("k: {}\n", YamlScalar::new(text));
            let map: std::collections::BTreeMap<String, String> =
                serde_saphyr::from_str(&doc).unwrap();
            assert_eq!(map["k"], text);
        }
    }

    #[test]
    fn toml_strings_read_back() {
        let doc = format!("k = {}\n", TomlString::new(NASTY));
        let table: toml::Table = doc.parse().unwrap();
        assert_eq!(table["k"].as_str(), Some(NASTY));
    }

    #[test]
    fn shell_words_come_back_from_a_shell() {
        let script = format!("printf %s {}", ShellWord::new(NASTY));
        let out = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(out.stdout).unwrap(), NASTY);
    }

    #[test]
    fn quotes_are_doubled_and_nothing_else_escapes() {
        assert_eq!(FlinkSql::string("a''b\\'").to_string(), "'a''''b\\'''");
        assert_eq!(FlinkSql::ident("a`b").to_string(), "`a``b`");
        assert_eq!(SparkSql::string("a'\\\n").to_string(), "'a\\'\\\\\\n'");
        assert_eq!(Cql::string("it's").to_string(), "'it''s'");
        assert_eq!(OracleSql::ident("A\"B").to_string(), "\"AB\"");
    }

    #[test]
    fn cql_names_are_quoted_only_where_needed() {
        assert_eq!(Cql::ident("sales_date").to_string(), "sales_date");
        for name in ["order", "true", "Batch", "1st", "", "a b", "a\"b", "日"] {
            assert!(Cql::ident(name).to_string().starts_with('"'), "{name}");
        }
        assert_eq!(Cql::ident("a\"b").to_string(), "\"a\"\"b\"");
    }

    #[test]
    fn hcl_strings_do_not_interpolate() {
        let text = HclString::new("${a}%{b}\"").to_string();
        assert_eq!(text, "\"$${a}%%{b}\\\"\"");
    }

    #[test]
    fn comments_stay_on_their_line() {
        let text = CommentLine::new("a\r\nDROP TABLE t;\u{2028}b */").to_string();
        assert_eq!(text, "a DROP TABLE t; b * /");
    }

    #[test]
    fn python_strings_are_ascii() {
        let text = PythonLit::string("日\"\n\u{1f600}").to_string();
        assert_eq!(text, "\"\\u65e5\\\"\\n\\U0001f600\"");
    }

    #[test]
    fn markdown_cannot_open_markup() {
        assert_eq!(
            MarkdownText::new("<b>*x*\n# y").to_string(),
            "&lt;b&gt;\\*x\\* \\# y"
        );
        assert_eq!(MarkdownText::code("a`b").to_string(), "``a`b``");
        assert!(
            MarkdownText::block("sql", "a\n```\nb")
                .as_text()
                .starts_with("````sql")
        );
    }
}
