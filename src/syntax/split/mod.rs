//! The script splitter: cuts a text into chunks, each parsed on its own. Modal like SQL*Plus:
//! between statements a line may be a command; SQL ends at `;`, PL/SQL at a lone `/` or where
//! the next unit plainly begins. What a chunk means is the parser's business: one that turns out
//! to hold several units is split again by it.

mod command;
mod settings;

use super::keyword::Tok;
use super::lexer::{Doubt, Lexer};
use super::token::{Tape, TokKind};
pub(super) use settings::Settings;

/// Tokens of one statement or PL/SQL unit beyond which it is not read: a tree takes a hundred bytes a token.
pub(super) const MAX_TOKENS: usize = 16 << 20;

/// What a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkKind {
    /// SQL or PL/SQL text.
    Code,
    /// The same without its terminator, in front of a command line.
    Interrupted,
    /// One SQL*Plus command line.
    Command,
    /// EXEC[UTE] and its statement.
    Exec,
    /// A whole SQL*Loader control file.
    ControlFile,
    /// A CREATE whose source is wrapped.
    Wrapped,
    /// A CREATE whose body is in another language (Java, JavaScript).
    Foreign,
    /// The same, and a quote or comment in it does not end: to be cut again line by line.
    Broken,
    /// More tokens than are read: one token.
    TooLarge,
}

/// A piece of a script with its tokens: leading blanks and comments belong to it.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) kind: ChunkKind,
    pub(super) tape: Tape,
    /// As they were when the chunk was read.
    pub(super) settings: Settings,
    /// Some string or comment in it may hold code: if it has errors, it is worth a second cut.
    pub(super) doubt: Doubt,
}

impl Chunk {
    /// Where its text begins, leading blanks included.
    pub(super) fn start(&self) -> usize {
        self.tape.range(0).start
    }
}

/// Cuts one text, or a part of it, into chunks.
pub(super) struct Splitter<'a> {
    lexer: Lexer<'a>,
    whole_file: bool,
    /// SQL*Plus is not in play: no commands.
    plain: bool,
    settings: Settings,
    max_tokens: usize,
}

impl<'a> Splitter<'a> {
    /// Of a whole text.
    pub(super) fn new(src: &'a str) -> Self {
        Splitter {
            lexer: Lexer::new(src, 0),
            whole_file: true,
            plain: false,
            settings: Settings::default(),
            max_tokens: MAX_TOKENS,
        }
    }

    /// Of a text that no SQL*Plus ever sees: a dynamic statement.
    pub(super) fn plain(src: &'a str, start: usize) -> Self {
        Splitter {
            whole_file: false,
            plain: true,
            ..Splitter::part(src, start, Settings::default())
        }
    }

    /// Of the part from `start` up to the end of `src`.
    pub(super) fn part(src: &'a str, start: usize, settings: Settings) -> Self {
        let mut lexer = Lexer::new(src, start);
        lexer.define = settings.define;
        lexer.by_line = settings.by_line;
        Splitter {
            lexer,
            whole_file: false,
            settings,
            ..Splitter::new(src)
        }
    }

    /// Goes on at another place: behind what a second cut read, or back to where it stopped.
    pub(super) fn go_on_at(&mut self, place: (usize, Settings)) {
        let by_line = self.settings.by_line;
        (self.lexer.pos, self.settings) = place;
        self.settings.by_line = by_line;
        self.lexer.define = self.settings.define;
    }

    fn command(&mut self, tape: &mut Tape, command: command::Command) -> ChunkKind {
        let start = self.lexer.pos;
        command::take(&mut self.lexer, tape, command);
        if command.name == "SET" {
            self.settings.follow(&self.lexer.src[start..self.lexer.pos]);
            self.lexer.define = self.settings.define;
        }
        if command.exec {
            ChunkKind::Exec
        } else {
            ChunkKind::Command
        }
    }
}

impl Iterator for Splitter<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let mut tape = Tape::default();
        self.lexer.doubt = Doubt::None;
        if std::mem::take(&mut self.whole_file) && is_control_file(&self.lexer) {
            return Some(control_file(&mut self.lexer, tape));
        }
        take_trivia(&mut self.lexer, &mut tape);
        if self.lexer.at_end() {
            return None;
        }
        let start = self.lexer.pos;
        let command = if self.plain {
            None
        } else {
            command::at(&self.lexer, start)
        };
        let kind = match command {
            Some(command) => self.command(&mut tape, command),
            None => {
                let (settings, most) = (self.settings, tape.len() + self.max_tokens);
                CodeScan::new(&mut self.lexer, &mut tape, settings, most).run()
            }
        };
        debug_assert!(self.lexer.pos > start);
        tape.end = self.lexer.pos as u32;
        let (settings, doubt) = (self.settings, self.lexer.doubt);
        Some(Chunk {
            kind,
            tape,
            settings,
            doubt,
        })
    }
}

fn take_trivia(lexer: &mut Lexer<'_>, tape: &mut Tape) {
    loop {
        let mut ahead = lexer.clone();
        let start = ahead.pos;
        let (kind, tok) = ahead.next();
        if tok != Tok::Trivia {
            return;
        }
        tape.push(kind, tok, start);
        *lexer = ahead;
    }
}

/// Skips trivia and reads one significant token, for looking ahead with a cloned lexer.
fn next_significant(lexer: &mut Lexer<'_>) -> (Tok, usize) {
    loop {
        let start = lexer.pos;
        let (_, tok) = lexer.next();
        if tok != Tok::Trivia {
            return (tok, start);
        }
    }
}

fn is_control_file(lexer: &Lexer<'_>) -> bool {
    let mut ahead = lexer.clone();
    let first = next_significant(&mut ahead).0;
    let second = next_significant(&mut ahead).0;
    matches!(
        (first, second),
        (Tok::LOAD, Tok::DATA | Tok::INFILE)
            | (Tok::OPTIONS, Tok::LParen)
            | (Tok::RECOVERABLE | Tok::UNRECOVERABLE, Tok::LOAD)
            | (Tok::CONTINUE_LOAD, Tok::DATA)
    )
}

/// All of the text is one chunk; what follows BEGINDATA is data, one token.
fn control_file(lexer: &mut Lexer<'_>, mut tape: Tape) -> Chunk {
    while !lexer.at_end() {
        let start = lexer.pos;
        let (kind, tok) = lexer.next();
        tape.push(kind, tok, start);
        if tok == Tok::BEGINDATA && !lexer.at_end() {
            tape.push(TokKind::Command, Tok::Trivia, lexer.pos);
            lexer.pos = lexer.src.len();
        }
    }
    tape.end = lexer.pos as u32;
    Chunk {
        kind: ChunkKind::ControlFile,
        tape,
        settings: Settings::default(),
        doubt: Doubt::None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing significant read yet.
    Start,
    /// After CREATE, its object not known yet.
    Create,
    /// SQL: ends at `;`.
    Sql,
    /// A block that starts with BEGIN: no declarations before it.
    Begin,
    /// Other PL/SQL.
    Plsql,
    /// JAVA SOURCE or MLE MODULE up to AS.
    Foreign,
}

/// Reads the tokens of one SQL statement or one PL/SQL unit.
struct CodeScan<'l, 'a> {
    lexer: &'l mut Lexer<'a>,
    tape: &'l mut Tape,
    mode: Mode,
    /// Significant tokens so far.
    count: u32,
    /// First significant token.
    first: Tok,
    /// Last significant token.
    last: Tok,
    parens: i32,
    /// BEGIN, CASE, IF, LOOP without their END; a package starts with one.
    depth: i32,
    /// The last tokens were END [name] ; at depth zero.
    closed: bool,
    ending: bool,
    header: bool,
    /// What is created has no statements in front of its IS or AS.
    bodiless: bool,
    source: bool,
    /// The first word begins no statement that is known.
    foreign: bool,
    /// A command line stood inside the statement.
    interrupted: bool,
    /// A quote or comment of several lines does not end.
    broken: bool,
    /// There was a `;`.
    ended: bool,
    settings: Settings,
    /// The tape may grow up to here.
    most: usize,
    /// It would have grown beyond: where the first token of the code stands on it, and its offset.
    over: bool,
    begin: (usize, usize),
    /// Where the run of trivia before the current token starts: tape index and offset.
    trivia: (usize, usize),
}

impl<'l, 'a> CodeScan<'l, 'a> {
    fn new(lexer: &'l mut Lexer<'a>, tape: &'l mut Tape, settings: Settings, most: usize) -> Self {
        let trivia = (tape.len(), lexer.pos);
        CodeScan {
            lexer,
            tape,
            mode: Mode::Start,
            count: 0,
            first: Tok::Eof,
            last: Tok::Eof,
            parens: 0,
            depth: 0,
            closed: false,
            ending: false,
            header: true,
            bodiless: false,
            source: false,
            foreign: false,
            interrupted: false,
            broken: false,
            ended: false,
            settings,
            most,
            over: false,
            begin: trivia,
            trivia,
        }
    }

    fn run(mut self) -> ChunkKind {
        let kind = self.scan();
        if !self.over {
            return match kind {
                ChunkKind::Code if self.broken => ChunkKind::Broken,
                ChunkKind::Code if self.interrupted => ChunkKind::Interrupted,
                kind => kind,
            };
        }
        self.cut_to(self.begin.0);
        self.tape.push(TokKind::Unknown, Tok::Unknown, self.begin.1);
        ChunkKind::TooLarge
    }

    fn scan(&mut self) -> ChunkKind {
        loop {
            let start = self.lexer.pos;
            let (kind, mut tok) = self.lexer.next();
            match tok {
                Tok::Eof => return ChunkKind::Code,
                Tok::Trivia => {
                    self.tape.push(kind, tok, start);
                    continue;
                }
                Tok::Slash | Tok::Dot if self.is_lone(start) => {
                    self.tape.push(kind, tok, start);
                    return ChunkKind::Code;
                }
                Tok::Semi => {}
                _ if self.is_set(self.settings.block, start) && self.is_lone(start) => {
                    self.tape.push(kind, Tok::Dot, start);
                    return ChunkKind::Code;
                }
                _ if self.is_set(self.settings.terminator, start)
                    && self.mode == Mode::Sql
                    && self.lexer.last_on_line(start + 1) =>
                {
                    tok = Tok::Semi;
                }
                _ => {}
            }
            if tok == Tok::Ident && self.count > 0 && self.prefixed_command(start) {
                continue;
            }
            if self.count > 0 && self.begins_next_unit(tok, start) {
                self.step_back();
                return ChunkKind::Code;
            }
            self.tape.push(kind, tok, start);
            self.count += 1;
            if tok == Tok::Unknown && self.lexer.pos > start + 1 {
                self.broken |= self.lexer.src[start..self.lexer.pos].contains('\n');
            }
            if self.tape.len() > self.most {
                self.over = true;
                self.cut_to(self.begin.0);
            }
            if self.mode == Mode::Start || self.mode == Mode::Create {
                self.head(tok);
            }
            if let Some(done) = self.body(tok) {
                return done;
            }
            self.last = tok;
            self.trivia = (self.tape.len(), self.lexer.pos);
        }
    }

    /// `#pause`: a command inside a statement, which SQL*Plus runs at once; no part of the statement.
    fn prefixed_command(&mut self, start: usize) -> bool {
        if self.lexer.src.as_bytes()[start] != b'#' || !self.lexer.first_on_line(start) {
            return false;
        }
        let end = self.lexer.line_end(start);
        let command = self
            .lexer
            .src
            .get(start + 1..end)
            .and_then(command::of_line);
        if command.is_some() {
            self.lexer.pos = end;
            self.tape.push(TokKind::Command, Tok::Trivia, start);
        }
        command.is_some()
    }

    /// The token at `start` is the one character `c`, which SET made a terminator.
    #[inline]
    fn is_set(&self, c: u8, start: usize) -> bool {
        self.lexer.pos == start + 1 && self.lexer.src.as_bytes()[start] == c
    }

    fn is_lone(&self, start: usize) -> bool {
        self.lexer.last_on_line(start + 1) && self.lexer.first_on_line(start)
    }

    fn step_back(&mut self) {
        self.cut_to(self.trivia.0);
        self.lexer.pos = self.trivia.1;
    }

    fn cut_to(&mut self, len: usize) {
        self.tape.truncate(len);
    }

    /// Finds out what is being created.
    fn head(&mut self, tok: Tok) {
        if self.mode == Mode::Start {
            self.first = tok;
            self.foreign = match tok {
                // What it stands for may end anywhere.
                Tok::Ident | Tok::Subst => true,
                Tok::LParen => !matches!(self.after(), Tok::SELECT | Tok::WITH | Tok::LParen),
                tok => !begins_sql(tok) || tok == Tok::LabelOpen && !self.label_follows(),
            };
            self.mode = match tok {
                Tok::CREATE | Tok::OR | Tok::REPLACE => Mode::Create,
                Tok::BEGIN => Mode::Begin,
                Tok::LabelOpen if !self.label_follows() => Mode::Sql,
                Tok::DECLARE
                | Tok::LabelOpen
                | Tok::PROCEDURE
                | Tok::FUNCTION
                | Tok::PACKAGE
                | Tok::TRIGGER
                | Tok::TYPE => Mode::Plsql,
                _ => Mode::Sql,
            };
            self.depth = i32::from(tok == Tok::PACKAGE);
            self.bodiless = matches!(tok, Tok::FUNCTION | Tok::PROCEDURE | Tok::TYPE);
            return;
        }
        self.mode = match tok {
            Tok::OR
            | Tok::REPLACE
            | Tok::EDITIONABLE
            | Tok::NONEDITIONABLE
            | Tok::AND
            | Tok::RESOLVE
            | Tok::COMPILE
            | Tok::NOFORCE
            | Tok::FORCE
            | Tok::IF
            | Tok::NOT
            | Tok::EXISTS => Mode::Create,
            Tok::FUNCTION | Tok::PROCEDURE | Tok::TYPE => {
                self.bodiless = true;
                Mode::Plsql
            }
            Tok::TRIGGER | Tok::LIBRARY => Mode::Plsql,
            Tok::PACKAGE => {
                self.depth = 1;
                Mode::Plsql
            }
            Tok::JAVA | Tok::MLE => Mode::Foreign,
            Tok::SCHEMA | Tok::AUDIT => {
                // CREATE SCHEMA holds CREATEs; audit policies list privileges.
                self.first = Tok::GRANT;
                Mode::Sql
            }
            // A word too many in a broken header does not hide what is created.
            Tok::BODY => {
                self.depth = 1;
                Mode::Plsql
            }
            // `CREATE set echo on`: a command behind a word too many.
            _ if self.count == 2 && self.convincing_from_here() => {
                self.foreign = true;
                Mode::Sql
            }
            t if self.count <= 4 && (t == Tok::Ident || t == Tok::CREATE || !t.is_name()) => {
                Mode::Create
            }
            _ => Mode::Sql,
        };
    }

    /// Follows the structure; the chunk's kind when the token ends it.
    #[inline]
    fn body(&mut self, tok: Tok) -> Option<ChunkKind> {
        match tok {
            Tok::Semi => return self.semicolon(),
            Tok::LParen => self.parens += 1,
            Tok::RParen => self.parens -= 1,
            Tok::IS | Tok::AS => {
                self.header = false;
                if self.mode == Mode::Foreign && self.source {
                    return Some(self.raw(ChunkKind::Foreign));
                }
            }
            Tok::SOURCE | Tok::MODULE => self.source = true,
            Tok::LBrace if self.last == Tok::LBrace && self.mode == Mode::Plsql => self.script(),
            Tok::WRAPPED if self.header && self.mode == Mode::Plsql && self.count < 12 => {
                return Some(self.raw(ChunkKind::Wrapped));
            }
            Tok::BEGIN => self.depth += 1,
            Tok::CASE | Tok::IF | Tok::LOOP if self.last != Tok::END => self.depth += 1,
            Tok::END => {
                self.depth -= 1;
                self.ending = true;
            }
            Tok::FUNCTION | Tok::PROCEDURE if self.mode == Mode::Sql && self.last == Tok::WITH => {
                self.mode = Mode::Plsql;
            }
            _ => {}
        }
        None
    }

    /// `{{ .. }}`, JavaScript: one token up to the closing braces.
    fn script(&mut self) {
        let start = self.lexer.pos;
        let end = match self.lexer.next_place(start, b"}}") {
            Some(end) => end,
            None => self.lexer.next_lone_slash(start),
        };
        if end > start {
            self.tape.push(TokKind::Unknown, Tok::Trivia, start);
            self.lexer.pos = end;
        }
    }

    fn semicolon(&mut self) -> Option<ChunkKind> {
        self.ended = true;
        match self.mode {
            Mode::Sql | Mode::Create | Mode::Start | Mode::Foreign => return Some(ChunkKind::Code),
            // PROCEDURE, FUNCTION or TYPE that has no body.
            Mode::Plsql if self.header && self.bodiless => return Some(ChunkKind::Code),
            Mode::Begin | Mode::Plsql => {}
        }
        self.closed = std::mem::take(&mut self.ending) && self.depth <= 0;
        None
    }

    /// The rest up to the lone `/` is one token of another language.
    fn raw(&mut self, kind: ChunkKind) -> ChunkKind {
        let start = self.lexer.pos;
        self.lexer.pos = self.lexer.next_lone_slash(start);
        if self.lexer.pos > start {
            self.tape.push(TokKind::Unknown, Tok::Trivia, start);
        }
        if !self.lexer.at_end() {
            let start = self.lexer.pos;
            let (k, t) = self.lexer.next();
            self.tape.push(k, t, start);
            if t == Tok::Trivia {
                let start = self.lexer.pos;
                let (k, t) = self.lexer.next();
                self.tape.push(k, t, start);
            }
        }
        kind
    }

    /// A CREATE at the start of a line after a complete statement, or a statement or command at
    /// the left margin after the END of the outermost block: the chunk ends before it.
    #[inline]
    fn begins_next_unit(&mut self, tok: Tok, start: usize) -> bool {
        if tok == Tok::CREATE {
            return self.create_begins(start);
        }
        if matches!(tok, Tok::DECLARE | Tok::BEGIN) && self.mode == Mode::Sql {
            return self.parens <= 0 && self.at_margin(start);
        }
        if self.mode == Mode::Sql
            && self.parens <= 0
            && self.at_margin(start)
            && self.waits_in_buffer(tok, start)
        {
            return true;
        }
        if self.mode == Mode::Sql
            && command::may_interrupt(tok)
            && self.at_margin(start)
            && !matches!(self.last, Tok::Comma | Tok::SELECT | Tok::Eq)
            && command::interrupts(self.lexer, start)
        {
            self.interrupted = true;
            return true;
        }
        if self.mode == Mode::Sql
            && self.parens <= 0
            && self.at_margin(start)
            && self.begins_other(tok, start)
        {
            self.interrupted = true;
            return true;
        }
        if self.foreign && self.mode == Mode::Sql {
            // What began here is no SQL: it does not swallow the statements behind it.
            return matches!(tok, Tok::BEGIN | Tok::DECLARE) && self.count < 3
                || self.at_margin(start)
                    && (begins_sql(tok) || command::at(self.lexer, start).is_some());
        }
        if (matches!(self.last, Tok::Semi | Tok::Slash) || !self.ended)
            && self.mode != Mode::Sql
            && self.at_margin(start)
            && self.begins_outside(tok, start)
        {
            self.interrupted = !self.ended && !matches!(self.last, Tok::Semi | Tok::Slash);
            return true;
        }
        self.closed
            && self.last == Tok::Semi
            && self.at_margin(start)
            && match tok {
                Tok::BEGIN => self.mode == Mode::Begin,
                Tok::DECLARE | Tok::ALTER | Tok::DROP | Tok::GRANT | Tok::REVOKE | Tok::At => true,
                _ => command::at(self.lexer, start).is_some_and(|c| !c.vague),
            }
    }

    /// At the left margin inside PL/SQL: a statement that no block holds, or a command.
    fn begins_outside(&self, tok: Tok, start: usize) -> bool {
        let behind = self.last == Tok::Semi;
        match tok {
            Tok::ALTER | Tok::DROP => self.after().is_name(),
            Tok::COMMENT => self.after() == Tok::ON,
            Tok::GRANT | Tok::REVOKE => self.after().is_name(),
            Tok::TRUNCATE | Tok::PURGE | Tok::ANALYZE | Tok::FLASHBACK => {
                let after = self.after();
                creates_something(after)
                    || after == Tok::CLUSTER
                    || behind && tok == Tok::PURGE && after.is_name()
            }
            // In front of the first `;` of declarations, and of the body.
            Tok::SELECT | Tok::INSERT | Tok::UPDATE | Tok::DELETE | Tok::MERGE if !self.ended => {
                self.mode == Mode::Plsql
                    && self.depth <= 0
                    && self.parens <= 0
                    && !self.joins_queries()
                    && !matches!(self.last, Tok::IS | Tok::AS | Tok::FOR | Tok::ON | Tok::OR)
                    && !(self.last.is_word() && self.first == Tok::CREATE && tok != Tok::SELECT)
            }
            Tok::CALL => behind && self.after() == Tok::Ident,
            tok if behind && tok.is_name() => command::interrupts_block(self.lexer, start),
            tok if command::may_interrupt(tok) => command::interrupts(self.lexer, start),
            _ => false,
        }
    }

    /// At the left margin, outside parentheses: a statement that the SQL in front of it cannot go on with.
    fn begins_other(&self, tok: Tok, start: usize) -> bool {
        let lists = matches!(
            self.first,
            Tok::GRANT | Tok::REVOKE | Tok::AUDIT | Tok::NOAUDIT
        );
        match tok {
            Tok::SELECT | Tok::INSERT | Tok::UPDATE | Tok::DELETE | Tok::MERGE => {
                match self.first {
                    // No part of them is a statement of its own.
                    Tok::DROP | Tok::TRUNCATE | Tok::COMMIT | Tok::ROLLBACK | Tok::CALL => true,
                    Tok::UPDATE | Tok::DELETE => tok == Tok::SELECT && !self.joins_queries(),
                    Tok::SELECT => {
                        matches!(tok, Tok::SELECT | Tok::INSERT) && !self.joins_queries()
                    }
                    Tok::CREATE => {
                        tok == Tok::SELECT
                            && !self.joins_queries()
                            && !matches!(self.last, Tok::AS | Tok::RParen | Tok::FOR | Tok::ON)
                            && self.blank_line_before(start)
                    }
                    _ => false,
                }
            }
            Tok::CALL => self.after() == Tok::Ident && self.last != Tok::FOR,
            Tok::At => self.blank_line_before(start) && command::at(self.lexer, start).is_some(),
            Tok::COMMENT => {
                self.two_after() == (Tok::ON, Tok::TABLE)
                    || self.two_after() == (Tok::ON, Tok::COLUMN)
            }
            Tok::GRANT => {
                !lists && !matches!(self.first, Tok::ALTER | Tok::CREATE) && self.after().is_name()
            }
            Tok::DROP if matches!(self.first, Tok::SELECT | Tok::INSERT | Tok::MERGE) => {
                self.last != Tok::Comma && self.after().is_name()
            }
            Tok::ALTER | Tok::DROP => {
                let after = self.after();
                !lists
                    && self.last != Tok::Comma
                    && after != Tok::UNIQUE
                    && (creates_something(after) || matches!(after, Tok::SESSION | Tok::SYSTEM))
            }
            _ => false,
        }
    }

    /// A blank line ends what SQL*Plus reads of a statement, and a script may stand in for its end: a command
    /// that no statement goes on with follows, and the statement waits in the buffer.
    fn waits_in_buffer(&self, tok: Tok, start: usize) -> bool {
        let may = command::may_interrupt(tok) || matches!(tok, Tok::EXIT);
        if !may || !self.blank_line_before(start) && tok != Tok::At {
            return false;
        }
        let end = self.lexer.line_end(start);
        let line = &self.lexer.src[start..end];
        let below = self.lexer.src[end..].lines().nth(1).unwrap_or("");
        let last = below.trim().is_empty();
        match tok {
            Tok::At => {
                last && line.split_ascii_whitespace().count() < 3 && command::convincing(line)
            }
            _ => command::ends_buffer(line),
        }
    }

    /// A set operator, or DISTINCT, which may stand in front of a SELECT.
    fn joins_queries(&self) -> bool {
        matches!(
            self.last,
            Tok::UNION | Tok::ALL | Tok::MINUS | Tok::INTERSECT | Tok::EXCEPT | Tok::DISTINCT
        )
    }

    fn blank_line_before(&self, start: usize) -> bool {
        let before = self.lexer.src[..start].trim_end_matches([' ', '\t', '\r']);
        let Some(before) = before.strip_suffix('\n') else {
            return false;
        };
        before.trim_end_matches([' ', '\t', '\r']).ends_with('\n')
    }

    /// The token just read begins a command, if it were the first on its line.
    fn convincing_from_here(&self) -> bool {
        let start = self.tape.starts.last() as usize;
        let line = self.lexer.src.get(start..self.lexer.line_end(start));
        line.is_some_and(command::convincing)
    }

    /// `name >>` follows.
    fn label_follows(&self) -> bool {
        let (name, close) = self.two_after();
        name.is_name() && close == Tok::LabelClose
    }

    fn at_margin(&self, start: usize) -> bool {
        start == 0 || matches!(self.lexer.src.as_bytes()[start - 1], b'\n' | b'\r')
    }

    fn create_begins(&self, start: usize) -> bool {
        let plsql = matches!(self.mode, Mode::Plsql | Mode::Begin);
        if self.foreign && self.count < 4 && creates_something(self.after()) {
            return true;
        }
        let complete = if plsql {
            self.last == Tok::Semi
        } else {
            self.parens <= 0
                && self.mode == Mode::Sql
                && !matches!(
                    self.first,
                    Tok::GRANT | Tok::REVOKE | Tok::AUDIT | Tok::NOAUDIT
                )
        };
        if !complete && !(plsql && self.at_margin(start)) {
            return false;
        }
        self.lexer.first_on_line(start) && creates_something(self.after())
    }

    /// The next significant token.
    fn after(&self) -> Tok {
        self.two_after().0
    }

    /// The next two.
    fn two_after(&self) -> (Tok, Tok) {
        let mut ahead = Lexer::new(self.lexer.src, self.lexer.pos);
        let first = next_significant(&mut ahead).0;
        (first, next_significant(&mut ahead).0)
    }
}

/// Words that begin a statement of SQL.
fn begins_sql(tok: Tok) -> bool {
    is_sql_verb(tok)
        || matches!(
            tok,
            Tok::CREATE
                | Tok::ADMINISTER
                | Tok::OR
                | Tok::REPLACE
                | Tok::BEGIN
                | Tok::DECLARE
                | Tok::LabelOpen
                | Tok::PROCEDURE
                | Tok::FUNCTION
                | Tok::PACKAGE
                | Tok::TRIGGER
                | Tok::TYPE
                | Tok::WITH
                | Tok::REVOKE
                | Tok::TRUNCATE
                | Tok::COMMENT
                | Tok::ANALYZE
                | Tok::AUDIT
                | Tok::NOAUDIT
                | Tok::RENAME
                | Tok::PURGE
                | Tok::FLASHBACK
                | Tok::ASSOCIATE
                | Tok::DISASSOCIATE
                | Tok::EXPLAIN
                | Tok::CALL
                | Tok::LOCK
                | Tok::SET
                | Tok::ROLLBACK
                | Tok::SAVEPOINT
                | Tok::EXECUTE
                | Tok::Subst
                | Tok::LOAD
                | Tok::OPTIONS
        )
}

/// Words that begin a SQL statement wherever a line starts with them.
fn is_sql_verb(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::SELECT
            | Tok::INSERT
            | Tok::UPDATE
            | Tok::DELETE
            | Tok::MERGE
            | Tok::ALTER
            | Tok::DROP
            | Tok::GRANT
            | Tok::COMMIT
    )
}

/// Words after CREATE that start a new unit.
fn creates_something(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::OR
            | Tok::TABLE
            | Tok::VIEW
            | Tok::INDEX
            | Tok::UNIQUE
            | Tok::BITMAP
            | Tok::SEQUENCE
            | Tok::PACKAGE
            | Tok::PROCEDURE
            | Tok::FUNCTION
            | Tok::TRIGGER
            | Tok::TYPE
            | Tok::SYNONYM
            | Tok::PUBLIC
            | Tok::GLOBAL
            | Tok::PRIVATE
            | Tok::MATERIALIZED
            | Tok::EDITIONABLE
            | Tok::NONEDITIONABLE
            | Tok::FORCE
            | Tok::DATABASE
            | Tok::DIRECTORY
    )
}

/// Canonical name of the command in a command chunk.
pub(super) fn command_name(text: &str, tape: &Tape) -> &'static str {
    let at = tape
        .toks
        .iter()
        .position(|t| *t != Tok::Trivia)
        .unwrap_or(0);
    let first = tape.text(text, at as u32).lines().next().unwrap_or("");
    command::of_line(first).map_or("", |c| c.name)
}

/// The command that starts at `at`: its name, and where its one line ends, blanks left out.
pub(super) fn command_span(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let lexer = Lexer::new(text, at);
    let command = command::at(&lexer, at)?;
    let line = &text[at..lexer.line_end(at)];
    Some((command.name, at + line.trim_end().len()))
}

/// The line is a command that no other text has by chance.
pub(super) fn convincing_command(line: &str) -> bool {
    command::convincing(line)
}

/// Nothing but blanks and comments stands from `at` on.
#[cfg(test)]
pub(super) fn only_trivia(text: &str, at: usize) -> bool {
    let mut lexer = Lexer::new(text, at);
    next_significant(&mut lexer).0 == Tok::Eof
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_beyond_the_cap_is_one_token_and_the_rest_is_read() {
        let text = "SELECT a FROM t;\nSELECT a, b, c, d, e, f FROM t;\nBEGIN\n  a; b; c; d;\nEND;\n/\nCOMMIT;\n";
        let mut splitter = Splitter::new(text);
        splitter.max_tokens = 12;
        let chunks: Vec<Chunk> = splitter.collect();
        let kinds: Vec<ChunkKind> = chunks.iter().map(|c| c.kind).collect();
        use ChunkKind::{Code, TooLarge};
        assert_eq!(kinds, [Code, TooLarge, TooLarge, Code]);
        let cut = &chunks[1].tape;
        assert_eq!(cut.toks, [Tok::Trivia, Tok::Unknown]);
        assert_eq!(cut.text(text, 1), "SELECT a, b, c, d, e, f FROM t;");
        assert_eq!(chunks[2].tape.text(text, 1).lines().last(), Some("/"));
    }
}
