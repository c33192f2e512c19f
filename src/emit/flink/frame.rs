//! Flink's frame around queries, which sqlparser cannot say: SET, CREATE TABLE with computed columns and
//! options, statement sets. A small typed tree with one printer.

use std::fmt::{self, Write};

use crate::emit::fragment::{CommentLine, FlinkSql};

/// A script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Statements in order.
    pub statements: Vec<Statement>,
}

/// A statement, or remarks between statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `-- ..` lines.
    Comment(Vec<String>),
    /// SET.
    Set {
        /// Option.
        key: String,
        /// Value.
        value: String,
    },
    /// CREATE TABLE.
    CreateTable(CreateTable),
    /// EXECUTE STATEMENT SET.
    Inserts(Vec<Insert>),
}

/// CREATE TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTable {
    /// Name.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// PRIMARY KEY .. NOT ENFORCED; may be empty.
    pub primary_key: Vec<String>,
    /// WITH, in order.
    pub options: Vec<(String, String)>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Physical or computed.
    pub definition: Definition,
    /// `-- ..` behind it.
    pub remark: Option<String>,
}

/// How a column gets its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// Read or written, with its type as the printer of types gave it.
    Physical {
        /// Type.
        ty: FlinkSql,
        /// NOT NULL.
        not_null: bool,
    },
    /// `AS expression`.
    Computed(FlinkSql),
}

/// INSERT INTO .. SELECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// Remarks above it.
    pub comment: Vec<String>,
    /// Target table.
    pub table: String,
    /// Query as sqlparser printed it.
    pub query: FlinkSql,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous: Option<&Statement> = None;
        for statement in &self.statements {
            if previous.is_some_and(|p| needs_gap(p, statement)) {
                f.write_char('\n')?;
            }
            statement.fmt(f)?;
            previous = Some(statement);
        }
        Ok(())
    }
}

/// A blank line between statements, but not between SETs nor below a comment.
fn needs_gap(previous: &Statement, next: &Statement) -> bool {
    match (previous, next) {
        (Statement::Comment(_), _) => false,
        (Statement::Set { .. }, Statement::Set { .. }) => false,
        (
            Statement::Set { .. } | Statement::CreateTable(_) | Statement::Inserts(_),
            Statement::Comment(_)
            | Statement::Set { .. }
            | Statement::CreateTable(_)
            | Statement::Inserts(_),
        ) => true,
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statement::Comment(lines) => comment(f, "", lines),
            Statement::Set { key, value } => writeln!(
                f,
                "SET {} = {};",
                FlinkSql::string(key),
                FlinkSql::string(value)
            ),
            Statement::CreateTable(t) => t.fmt(f),
            Statement::Inserts(inserts) => {
                writeln!(f, "EXECUTE STATEMENT SET\nBEGIN")?;
                for insert in inserts {
                    insert.fmt(f)?;
                }
                writeln!(f, "END;")
            }
        }
    }
}

impl fmt::Display for CreateTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CREATE TABLE {} (", FlinkSql::ident(&self.name))?;
        let has_key = !self.primary_key.is_empty();
        for (i, column) in self.columns.iter().enumerate() {
            let comma = has_key || i + 1 < self.columns.len();
            column.write(f, comma)?;
        }
        if has_key {
            let key = names(&self.primary_key);
            writeln!(f, "  PRIMARY KEY ({key}) NOT ENFORCED")?;
        }
        f.write_str(") WITH (\n")?;
        for (i, (key, value)) in self.options.iter().enumerate() {
            let comma = if i + 1 < self.options.len() { "," } else { "" };
            let (key, value) = (FlinkSql::string(key), FlinkSql::string(value));
            writeln!(f, "  {key} = {value}{comma}")?;
        }
        f.write_str(");\n")
    }
}

impl Column {
    fn write(&self, f: &mut fmt::Formatter<'_>, comma: bool) -> fmt::Result {
        let name = FlinkSql::ident(&self.name);
        match &self.definition {
            Definition::Physical { ty, not_null } => {
                let null = if *not_null { " NOT NULL" } else { "" };
                write!(f, "  {name} {ty}{null}")?;
            }
            Definition::Computed(expr) => write!(f, "  {name} AS {expr}")?,
        }
        if comma {
            f.write_char(',')?;
        }
        match &self.remark {
            Some(remark) => writeln!(f, " -- {}", remark_text(remark)),
            None => f.write_char('\n'),
        }
    }
}

impl fmt::Display for Insert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        comment(f, "  ", &self.comment)?;
        writeln!(f, "  INSERT INTO {}", FlinkSql::ident(&self.table))?;
        // lines inside a literal must stay as they are, so a query with such literals is not indented
        let text = self.query.to_string();
        let pad = if text.contains('\'') && has_line_in_literal(&text) {
            ""
        } else {
            "  "
        };
        for line in text.split('\n') {
            writeln!(f, "{pad}{line}").map(|()| ())?;
        }
        f.write_str("  ;\n")
    }
}

/// True if some quoted part of the text runs over a line end.
fn has_line_in_literal(text: &str) -> bool {
    let mut inside = None;
    for c in text.chars() {
        match (inside, c) {
            (None, '\'' | '`') => inside = Some(c),
            (Some(q), c) if c == q => inside = None,
            (Some(_), '\n') => return true,
            (None | Some(_), _) => {}
        }
    }
    false
}

fn comment(f: &mut fmt::Formatter<'_>, pad: &str, lines: &[String]) -> fmt::Result {
    for line in lines {
        let text = remark_text(line);
        writeln!(f, "{}", format!("{pad}-- {text}").trim_end())?;
    }
    Ok(())
}

/// Comment text that simple splitters of scripts cannot trip over: no `;`, no quotes.
fn remark_text(text: &str) -> String {
    CommentLine::new(text)
        .to_string()
        .replace(';', ",")
        .replace('\'', "\u{2019}")
        .replace(['"', '`'], "\u{201d}")
}

fn names(list: &[String]) -> String {
    let quoted: Vec<String> = list
        .iter()
        .map(|n| FlinkSql::ident(n).to_string())
        .collect();
    quoted.join(", ")
}
