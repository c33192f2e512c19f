//! SQL inside strings: the text of a string expression as a template with holes, read again as a
//! tree, with places that lead back into the string literals of the file. A hole stands in the
//! template as a substitution variable, which the parser takes wherever one can stand.
//! Must not know values: what a hole holds is decided elsewhere.

use std::ops::Range;

use super::ast::*;
use super::keyword::Tok;
use super::lexer::Lexer;
use super::parse::parse_statement;
use super::unit::{Unit, View};
use crate::source::{FileId, Span};

/// A text put together from literals and expressions.
#[derive(Clone, Debug)]
pub struct Template {
    /// The text; a hole is `&hole_N.`, one that is a whole clause a blank.
    pub text: String,
    /// The holes in order; hole N of the text is element N.
    pub holes: Vec<Hole>,
    pieces: Vec<Piece>,
}

/// An expression whose value is not written in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The expression.
    pub expr: Id<Expr>,
    /// Where it stands in the template's text.
    pub at: Range<usize>,
    /// What it can be there.
    pub place: HolePlace,
}

/// What a hole is to the statement around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HolePlace {
    /// A name, or part of one.
    Identifier,
    /// Inside a string literal of the statement.
    Literal,
    /// An operand.
    Value,
    /// Elements of a list: of IN, of SELECT, of SET.
    List,
    /// A condition, or several.
    Predicate,
    /// Anything up to a whole clause: left out of the text.
    Clause,
    /// The beginning of the statement, or all of it.
    Statement,
}

/// Where a part of the text comes from.
#[derive(Clone, Debug)]
struct Piece {
    /// Where it begins in the template's text.
    start: usize,
    origin: Origin,
}

#[derive(Clone, Debug)]
enum Origin {
    /// A literal: the file offset of its first character, and which characters of the text are
    /// written as two.
    Literal { at: u32, doubled: Vec<usize> },
    /// An expression, or text that was added: this span stands for all of it.
    Whole(Span),
}

/// Where a string expression is run as SQL or PL/SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runs {
    /// EXECUTE IMMEDIATE, also of a FOR loop.
    Execute,
    /// OPEN .. FOR.
    Open,
    /// DBMS_SQL.PARSE and DBMS_UTILITY.EXEC_DDL_STATEMENT.
    Parse,
    /// The action of a job or program: a block, or the call of a procedure.
    Job,
}

impl Template {
    /// The template of a string expression of a unit.
    pub fn of(view: View<'_>, e: Id<Expr>) -> Template {
        let mut builder = Builder {
            view,
            raw: Vec::new(),
        };
        builder.collect(e, 0);
        builder.finish(e)
    }

    /// The same for the action of a job: statements without BEGIN, or the bare name of a
    /// procedure, become a block.
    pub fn of_action(view: View<'_>, e: Id<Expr>) -> Template {
        let plain = Template::of(view, e);
        let first = significant(&plain.text).first().map(|t| t.0);
        if matches!(
            first,
            None | Some(Tok::BEGIN | Tok::DECLARE | Tok::LabelOpen | Tok::CALL)
        ) {
            return plain;
        }
        let end = if plain.text.trim_end().ends_with(';') {
            " END;"
        } else {
            "; END;"
        };
        plain.wrapped("BEGIN ", end, view.span(view.ast()[e].span))
    }

    fn wrapped(mut self, before: &str, after: &str, span: Span) -> Template {
        let shift = before.len();
        for piece in &mut self.pieces {
            piece.start += shift;
            if let Origin::Literal { doubled, .. } = &mut piece.origin {
                doubled.iter_mut().for_each(|d| *d += shift);
            }
        }
        for hole in &mut self.holes {
            hole.at = hole.at.start + shift..hole.at.end + shift;
        }
        let whole = |start| Piece {
            start,
            origin: Origin::Whole(span),
        };
        self.pieces.insert(0, whole(0));
        self.pieces.push(whole(shift + self.text.len()));
        self.text = format!("{before}{}{after}", self.text);
        self
    }

    /// Nothing of the text is unknown.
    pub fn is_literal(&self) -> bool {
        self.holes.is_empty()
    }

    /// The statements of the text. Their places are offsets in it: `file` is only a name for it.
    pub fn parse(&self, file: FileId) -> Vec<Unit> {
        parse_statement(&self.text, file)
    }

    /// The place in the file that a range of the text comes from.
    pub fn origin(&self, range: Range<usize>) -> Option<Span> {
        let first = self.place(range.start)?;
        let last = self.place(range.end.max(range.start + 1) - 1)?;
        Some(first.to(last))
    }

    /// The place of one character of the text.
    fn place(&self, offset: usize) -> Option<Span> {
        let n = self.pieces.partition_point(|p| p.start <= offset);
        let piece = self.pieces.get(n.checked_sub(1)?)?;
        Some(match &piece.origin {
            Origin::Whole(span) => *span,
            Origin::Literal { at, doubled } => {
                let before = doubled.partition_point(|d| *d < offset);
                let twice = doubled.get(before) == Some(&offset);
                let start = at + (offset - piece.start + before) as u32;
                Span::new(self.file()?, start, start + 1 + u32::from(twice))
            }
        })
    }

    fn file(&self) -> Option<FileId> {
        self.pieces.iter().find_map(|p| match &p.origin {
            Origin::Whole(span) => Some(span.file),
            Origin::Literal { .. } => None,
        })
    }

    /// The holes that a name or literal of the tree contains.
    pub fn holes_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t Hole> {
        text.to_ascii_lowercase()
            .split("&hole_")
            .skip(1)
            .filter_map(|rest| {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                rest[..digits].parse::<usize>().ok()
            })
            .collect::<Vec<_>>()
            .into_iter()
            .filter_map(|n| self.holes.get(n))
    }
}

/// A piece before the text is laid out.
enum Raw {
    Literal { value: String, at: u32, q: bool },
    Text { value: String, span: Span },
    Hole { expr: Id<Expr>, span: Span },
}

struct Builder<'a> {
    view: View<'a>,
    raw: Vec<Raw>,
}

/// Concatenations inside each other beyond which an expression is one hole.
const DEEP: usize = 200;

impl Builder<'_> {
    fn collect(&mut self, e: Id<Expr>, depth: usize) {
        let node = self.view.ast()[e];
        let span = self.view.span(node.span);
        match node.kind {
            ExprKind::Paren(inner) if depth < DEEP => self.collect(inner, depth + 1),
            ExprKind::Chain {
                op: ChainOp::Concat,
                items,
            } if depth < DEEP => items.ids().for_each(|i| self.collect(i, depth + 1)),
            ExprKind::String => self.literal(e, span),
            ExprKind::Null => {}
            ExprKind::Number => self.raw.push(Raw::Text {
                value: self.view.text(node.span).to_string(),
                span,
            }),
            ExprKind::Call { callee, args, .. } => match self.character(callee, args) {
                Some(value) => self.raw.push(Raw::Text { value, span }),
                None => self.raw.push(Raw::Hole { expr: e, span }),
            },
            _ => self.raw.push(Raw::Hole { expr: e, span }),
        }
    }

    fn literal(&mut self, e: Id<Expr>, span: Span) {
        let token = self.view.text(self.view.ast()[e].span);
        let quote = token.find('\'').unwrap_or(0);
        let q = token[..quote].ends_with(['q', 'Q']);
        let skip = if q {
            // The quote and the delimiter behind it.
            quote + 1 + token[quote + 1..].chars().next().map_or(0, char::len_utf8)
        } else {
            quote + 1
        };
        self.raw.push(Raw::Literal {
            value: self.view.string(e).unwrap_or_default(),
            at: span.start + skip as u32,
            q,
        });
    }

    /// `CHR(n)` of a plain character.
    fn character(&self, callee: Id<Expr>, args: List<Arg>) -> Option<String> {
        let ast = self.view.ast();
        let ExprKind::Name(name) = ast[callee].kind else {
            return None;
        };
        let [arg] = ast.list(args) else { return None };
        if ast.parts(ast[name].parts) != ["CHR"] {
            return None;
        }
        let code: u8 = self.view.number(arg.value)?.parse().ok()?;
        (code < 128).then(|| char::from(code).to_string())
    }

    /// Lays out the text twice: with all holes, to see where they stand, and without those that
    /// are whole clauses.
    fn finish(self, e: Id<Expr>) -> Template {
        let whole = self.view.span(self.view.ast()[e].span);
        let mut template = lay_out(&self.raw, &[], whole);
        let places = places(&template);
        template = lay_out(&self.raw, &places, whole);
        template
    }
}

fn lay_out(raw: &[Raw], places: &[HolePlace], whole: Span) -> Template {
    let mut t = Template {
        text: String::new(),
        holes: Vec::new(),
        pieces: vec![Piece {
            start: 0,
            origin: Origin::Whole(whole),
        }],
    };
    for piece in raw {
        let start = t.text.len();
        let origin = match piece {
            Raw::Literal { value, at, q } => {
                t.text.push_str(value);
                let doubled = |(i, b): (usize, u8)| (b == b'\'' && !*q).then_some(start + i);
                Origin::Literal {
                    at: *at,
                    doubled: value.bytes().enumerate().filter_map(doubled).collect(),
                }
            }
            Raw::Text { value, span } => {
                t.text.push_str(value);
                Origin::Whole(*span)
            }
            Raw::Hole { expr, span } => {
                let n = t.holes.len();
                let place = places.get(n).copied().unwrap_or(HolePlace::Value);
                match place {
                    HolePlace::Clause => t.text.push(' '),
                    _ => t.text.push_str(&format!("&hole_{n}.")),
                }
                t.holes.push(Hole {
                    expr: *expr,
                    at: start..t.text.len(),
                    place,
                });
                Origin::Whole(*span)
            }
        };
        t.pieces.push(Piece { start, origin });
    }
    t
}

/// The tokens that are not blank, with their ranges.
fn significant(text: &str) -> Vec<(Tok, Range<usize>)> {
    let mut lexer = Lexer::new(text, 0);
    let mut tokens = Vec::new();
    loop {
        let start = lexer.pos;
        match lexer.next().1 {
            Tok::Eof => return tokens,
            Tok::Trivia => {}
            tok => tokens.push((tok, start..lexer.pos)),
        }
    }
}

/// What each hole is, by the tokens around it.
fn places(t: &Template) -> Vec<HolePlace> {
    let tokens = significant(&t.text);
    let place = |hole: &Hole| {
        let n = tokens.partition_point(|(_, r)| r.end <= hole.at.start);
        let Some((tok, range)) = tokens.get(n) else {
            return HolePlace::Clause;
        };
        if matches!(tok, Tok::Str | Tok::Unknown) && range.start < hole.at.start {
            return HolePlace::Literal;
        }
        let touching = |c: Option<char>| {
            c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '.' | '"' | '@'))
        };
        if touching(t.text[..hole.at.start].chars().next_back())
            || touching(t.text[hole.at.end..].chars().next())
        {
            return HolePlace::Identifier;
        }
        let before = |k: usize| n.checked_sub(k).map_or(Tok::Eof, |i| tokens[i].0);
        place_after(before(1), before(2))
    };
    t.holes.iter().map(place).collect()
}

fn place_after(last: Tok, before: Tok) -> HolePlace {
    match last {
        Tok::Eof => HolePlace::Statement,
        Tok::FROM | Tok::JOIN | Tok::INTO | Tok::UPDATE | Tok::TABLE | Tok::USING | Tok::VIEW => {
            HolePlace::Identifier
        }
        Tok::INDEX | Tok::SEQUENCE | Tok::PARTITION | Tok::ON
            if last != Tok::ON || before == Tok::RParen || before == Tok::Ident =>
        {
            HolePlace::Identifier
        }
        Tok::WHERE | Tok::AND | Tok::OR | Tok::HAVING | Tok::ON | Tok::NOT | Tok::WHEN => {
            HolePlace::Predicate
        }
        Tok::SELECT | Tok::BY | Tok::DISTINCT | Tok::SET | Tok::IN => HolePlace::List,
        Tok::LParen if before == Tok::IN => HolePlace::List,
        Tok::LParen
        | Tok::Comma
        | Tok::Eq
        | Tok::Ne
        | Tok::Lt
        | Tok::Le
        | Tok::Gt
        | Tok::Ge
        | Tok::Plus
        | Tok::Minus
        | Tok::Star
        | Tok::Slash
        | Tok::Concat
        | Tok::Assign
        | Tok::Arrow
        | Tok::BETWEEN
        | Tok::LIKE
        | Tok::THEN
        | Tok::ELSE
        | Tok::CASE
        | Tok::RETURN
        | Tok::VALUES => HolePlace::Value,
        Tok::BEGIN | Tok::Semi => HolePlace::Statement,
        _ => HolePlace::Clause,
    }
}

/// Calls `f` for every string expression of a unit that is run as code.
pub fn for_each_text(view: View<'_>, f: &mut dyn FnMut(Runs, Id<Expr>)) {
    let ast = view.ast();
    super::walk::for_each_stmt(ast, view.unit.item, &mut |s| match ast[s].kind {
        StmtKind::ExecuteImmediate { text, .. } => f(Runs::Execute, text),
        StmtKind::Open {
            source: OpenSource::Text(text),
            ..
        } => f(Runs::Open, text),
        StmtKind::ForCursor {
            source: CursorSource::Dynamic(text),
            ..
        } => f(Runs::Execute, text),
        StmtKind::Call(call) => {
            if let ExprKind::Call { callee, args, .. } = ast[call].kind {
                called(ast, callee, args, f);
            }
        }
        _ => {}
    });
}

/// Packages' procedures that run a text: name, the parameter that has it and its position.
const RUNNERS: &[(&[&str], &str, usize, Runs)] = &[
    (&["DBMS_SQL", "PARSE"], "STATEMENT", 1, Runs::Parse),
    (
        &["DBMS_UTILITY", "EXEC_DDL_STATEMENT"],
        "PARSE_STRING",
        0,
        Runs::Parse,
    ),
    (
        &["DBMS_SCHEDULER", "CREATE_JOB"],
        "JOB_ACTION",
        2,
        Runs::Job,
    ),
    (
        &["DBMS_SCHEDULER", "CREATE_PROGRAM"],
        "PROGRAM_ACTION",
        2,
        Runs::Job,
    ),
    (&["DBMS_JOB", "SUBMIT"], "WHAT", 1, Runs::Job),
    (&["DBMS_JOB", "ISUBMIT"], "WHAT", 1, Runs::Job),
    (&["DBMS_JOB", "CHANGE"], "WHAT", 1, Runs::Job),
    (&["DBMS_JOB", "WHAT"], "WHAT", 1, Runs::Job),
];

fn called(ast: &Ast, callee: Id<Expr>, args: List<Arg>, f: &mut dyn FnMut(Runs, Id<Expr>)) {
    let ExprKind::Name(name) = ast[callee].kind else {
        return;
    };
    let parts = ast.parts(ast[name].parts);
    let parts = parts.strip_prefix(&["SYS"]).unwrap_or(&parts);
    let Some((_, param, position, runs)) = RUNNERS.iter().find(|r| r.0 == parts) else {
        return;
    };
    let args = ast.list(args);
    let named = args
        .iter()
        .find(|a| a.name.is_some_and(|n| ast.ident(n) == *param));
    let placed = args.get(*position).filter(|a| a.name.is_none());
    if let Some(arg) = named.or(placed) {
        f(*runs, arg.value);
    }
}
