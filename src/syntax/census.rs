//! The census: units, statements and writes counted from the tokens alone, by a state machine of
//! its own. Knows nothing of the tree but which words of blocks are names where they stand (`SELECT a AS end`), so
//! that what the parser or a later room loses shows up as a difference.

use super::ast::DmlVerb;
use super::keyword::Tok;
use super::unit::{ParsedFile, Unit};
use crate::source::Span;

/// What a write is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteVerb {
    /// INSERT, DELETE, UPDATE or MERGE.
    Dml(DmlVerb),
    /// TRUNCATE TABLE.
    Truncate,
}

/// One write: the place is that of its verb, or of INTO for a branch of a multi-table INSERT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CensusWrite {
    /// What.
    pub verb: WriteVerb,
    /// Where.
    pub span: Span,
}

/// The counts of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// CREATEs, anonymous blocks and top-level SQL statements. SQL*Plus commands are none.
    pub units: u32,
    /// SQL and PL/SQL statements at any depth, units included.
    pub statements: u32,
    /// INSERT, UPDATE, DELETE, MERGE and TRUNCATE statements in order.
    pub writes: Vec<CensusWrite>,
}

/// Counts one file.
pub fn census(file: &ParsedFile) -> Census {
    let mut census = Census::default();
    for unit in &file.units {
        Counter::new(unit).run(&mut census);
    }
    census
}

/// Counts one unit.
pub fn census_unit(unit: &Unit) -> Census {
    let mut census = Census::default();
    Counter::new(unit).run(&mut census);
    census
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// Declarations of a package, type body or compound trigger: END closes them.
    Package,
    /// Declarations in front of a BEGIN.
    Declare,
    /// BEGIN .. END.
    Block,
    If,
    Loop,
    CaseStatement,
    CaseExpression,
}

struct Counter<'u> {
    unit: &'u Unit,
    /// Significant tokens: their tape indices.
    sig: Vec<u32>,
    frames: Vec<Frame>,
    /// A statement may start at the next token.
    at_start: bool,
    /// After PROCEDURE or FUNCTION, up to IS, AS or `;`.
    header: bool,
    parens: i32,
    /// In a FORALL whose one statement has not come yet.
    forall: bool,
    /// In a multi-table INSERT in front of its query.
    multi: bool,
    /// In a statement without statements inside: its THEN and ELSE are its own.
    simple: bool,
    /// Between IF, ELSIF, CASE, WHEN, FOR or WHILE and its THEN or LOOP: a `$IF` there is one of the condition.
    heading: bool,
    /// Object types list members without bodies.
    bodies: bool,
    /// A trigger: its BEGIN needs no declarations in front.
    trigger: bool,
}

impl<'u> Counter<'u> {
    fn new(unit: &'u Unit) -> Self {
        let toks = unit.tape.toks.iter().enumerate();
        let mut sig: Vec<u32> = toks
            .filter(|(_, t)| **t != Tok::Trivia)
            .map(|(i, _)| i as u32)
            .collect();
        // A unit inside a directive.
        let tok = |i: &u32| unit.tape.toks[*i as usize];
        if sig.first().map(tok) == Some(Tok::DIf)
            && let Some(then) = sig.iter().position(|i| tok(i) == Tok::DThen)
        {
            sig.drain(..=then);
        }
        Counter {
            unit,
            sig,
            frames: Vec::new(),
            at_start: false,
            header: false,
            parens: 0,
            forall: false,
            multi: false,
            simple: false,
            heading: false,
            bodies: true,
            trigger: false,
        }
    }

    fn tok(&self, p: usize) -> Tok {
        self.sig.get(p).map_or(Tok::Eof, |i| {
            if !self.unit.names.is_empty() && self.unit.names.contains(i) {
                return Tok::Ident;
            }
            self.unit.tape.toks[*i as usize]
        })
    }

    fn text_is(&self, p: usize, src_len: usize) -> bool {
        self.sig
            .get(p)
            .is_some_and(|i| self.unit.tape.range(*i).len() == src_len)
    }

    fn write(&self, census: &mut Census, verb: WriteVerb, p: usize) {
        let r = self.unit.tape.range(self.sig[p]);
        let span = Span::new(self.unit.file, r.start as u32, r.end as u32);
        census.writes.push(CensusWrite { verb, span });
    }

    fn run(mut self, census: &mut Census) {
        let first = self.tok(0);
        match first {
            Tok::Eof | Tok::Command => return,
            Tok::Slash | Tok::Dot if self.sig.len() == 1 => return,
            // EXEC is a command with a statement in it.
            Tok::Ident | Tok::EXECUTE if self.is_exec() => {
                self.frames.push(Frame::Block);
                self.at_start = true;
            }
            _ => {
                census.units += 1;
                census.statements += 1;
                self.top_level(first, census);
                if self.inert(first) {
                    return;
                }
                if self.plain(first) {
                    return self.branches(census);
                }
            }
        }
        for p in 1..self.sig.len() {
            self.step(p, census);
        }
    }

    /// Statements whose words are never those of PL/SQL.
    fn inert(&self, first: Tok) -> bool {
        matches!(
            first,
            Tok::ALTER
                | Tok::GRANT
                | Tok::REVOKE
                | Tok::COMMENT
                | Tok::DROP
                | Tok::TRUNCATE
                | Tok::AUDIT
                | Tok::NOAUDIT
                | Tok::LOAD
                | Tok::OPTIONS
        ) || self.unit.tape.toks.contains(&Tok::WRAPPED)
            && self.tok(self.sig.len() - 1) == Tok::Slash
            && self.sig.len() < 12
    }

    /// SQL without PL/SQL inside: its words are never those of statements.
    fn plain(&self, first: Tok) -> bool {
        let sql = match first {
            Tok::SELECT | Tok::WITH | Tok::LParen => true,
            Tok::INSERT | Tok::UPDATE | Tok::DELETE | Tok::MERGE => true,
            Tok::CREATE => !self.trigger && !self.header && self.frames.is_empty() && !self.bodies,
            _ => false,
        };
        let routine = |p: usize| {
            self.tok(p) == Tok::WITH && matches!(self.tok(p + 1), Tok::FUNCTION | Tok::PROCEDURE)
        };
        sql && !(0..self.sig.len()).any(routine)
    }

    /// The branches of a multi-table INSERT, which is all that a plain statement holds.
    fn branches(&mut self, census: &mut Census) {
        for p in 1..self.sig.len() {
            match self.tok(p) {
                Tok::LParen => self.parens += 1,
                Tok::RParen => self.parens -= 1,
                Tok::INTO if self.multi && self.parens <= 0 && self.tok(p - 1) != Tok::ERRORS => {
                    self.write(census, WriteVerb::Dml(DmlVerb::Insert), p)
                }
                Tok::SELECT | Tok::WITH => self.multi = false,
                _ => {}
            }
        }
    }

    /// `EXEC` has four letters, `EXECUTE` and what is between have up to seven.
    fn is_exec(&self) -> bool {
        let short = (4..=6).any(|n| self.text_is(0, n));
        self.tok(0) == Tok::EXECUTE && self.tok(1) != Tok::IMMEDIATE
            || short && self.tok(0) == Tok::Ident
    }

    fn top_level(&mut self, first: Tok, census: &mut Census) {
        match first {
            // The loop in `run` begins behind these.
            Tok::BEGIN => {
                self.frames.push(Frame::Block);
                self.at_start = true;
            }
            Tok::DECLARE => self.frames.push(Frame::Declare),
            Tok::TRUNCATE if self.tok(1) == Tok::TABLE => {
                self.write(census, WriteVerb::Truncate, 0)
            }
            Tok::CREATE
            | Tok::PACKAGE
            | Tok::PROCEDURE
            | Tok::FUNCTION
            | Tok::TRIGGER
            | Tok::TYPE => self.create(),
            _ => {
                if let Some(verb) = self.verb(0) {
                    self.dml(verb, 0, census);
                }
            }
        }
    }

    /// What is created decides whether declarations follow.
    fn create(&mut self) {
        for p in 0..self.sig.len().min(12) {
            match self.tok(p) {
                Tok::PACKAGE => {
                    return self.frames.push(Frame::Package);
                }
                Tok::TYPE => {
                    self.bodies = self.tok(p + 1) == Tok::BODY;
                    if self.bodies {
                        self.frames.push(Frame::Package);
                    }
                    return;
                }
                Tok::PROCEDURE | Tok::FUNCTION => return self.header = true,
                Tok::TRIGGER => return self.trigger = true,
                Tok::CREATE
                | Tok::OR
                | Tok::REPLACE
                | Tok::EDITIONABLE
                | Tok::NONEDITIONABLE
                | Tok::AND
                | Tok::RESOLVE
                | Tok::COMPILE
                | Tok::FORCE
                | Tok::NOFORCE
                | Tok::IF
                | Tok::NOT
                | Tok::EXISTS => {}
                _ => {
                    self.bodies = false;
                    return;
                }
            }
        }
    }

    fn executing(&self) -> bool {
        !matches!(
            self.frames.last(),
            None | Some(Frame::Package | Frame::Declare | Frame::CaseExpression)
        )
    }

    fn step(&mut self, p: usize, census: &mut Census) {
        let tok = self.tok(p);
        let last = if p == 0 { Tok::Eof } else { self.tok(p - 1) };
        match tok {
            Tok::LParen => self.parens += 1,
            Tok::RParen => self.parens -= 1,
            _ => {}
        }
        if std::mem::take(&mut self.at_start) && self.statement_start(p, tok, census) {
            return;
        }
        match tok {
            Tok::Semi => self.semicolon(),
            Tok::BEGIN => self.begin(last),
            Tok::END => self.end(),
            Tok::CASE if last != Tok::END => self.frames.push(Frame::CaseExpression),
            Tok::THEN | Tok::ELSE => {
                self.heading = false;
                self.at_start = self.executing() && !self.simple;
            }
            Tok::LOOP if last != Tok::END && self.executing() && !self.simple => {
                self.frames.push(Frame::Loop);
                (self.at_start, self.heading) = (true, false);
            }
            Tok::DThen | Tok::DElse | Tok::DEnd => {
                self.at_start = self.executing() && !self.simple && !self.heading
            }
            Tok::LabelClose => self.at_start = self.executing(),
            Tok::PROCEDURE | Tok::FUNCTION => self.routine_word(p, last),
            Tok::IS | Tok::AS => self.is_as(p, last),
            Tok::COMPOUND if self.tok(p + 1) == Tok::TRIGGER => self.frames.push(Frame::Package),
            Tok::DECLARE if self.frames.is_empty() => self.frames.push(Frame::Declare),
            Tok::INTO if self.multi && self.parens <= 0 && last != Tok::ERRORS => {
                self.write(census, WriteVerb::Dml(DmlVerb::Insert), p)
            }
            Tok::SELECT | Tok::WITH => self.multi = false,
            Tok::INSERT | Tok::UPDATE | Tok::DELETE | Tok::MERGE | Tok::EXECUTE if self.forall => {
                self.forall_body(p, tok, census)
            }
            Tok::CALL
                if p > 0 && self.frames.is_empty() && last != Tok::Dot && self.trigger_call(p) =>
            {
                census.statements += 1
            }
            _ => {}
        }
    }

    fn trigger_call(&self, p: usize) -> bool {
        (0..p.min(12)).any(|i| self.tok(i) == Tok::TRIGGER) && self.tok(p + 1).is_name()
    }

    fn forall_body(&mut self, p: usize, tok: Tok, census: &mut Census) {
        // DELETE is also a method: `t.delete`.
        if p > 0 && self.tok(p - 1) == Tok::Dot {
            return;
        }
        self.forall = false;
        census.statements += 1;
        if tok != Tok::EXECUTE
            && let Some(verb) = self.verb(p)
        {
            self.dml(verb, p, census);
        }
    }

    fn semicolon(&mut self) {
        (self.forall, self.multi, self.header, self.parens) = (false, false, false, 0);
        (self.simple, self.heading) = (false, false);
        while self.frames.last() == Some(&Frame::CaseExpression) {
            self.frames.pop();
        }
        self.at_start = self.executing() || self.frames.is_empty() && self.is_exec();
    }

    /// BEGIN ends declarations, which end with a `;`; elsewhere inside a statement it is a name. Nested blocks begin at
    /// the start of a statement.
    fn begin(&mut self, last: Tok) {
        let ended = matches!(
            last,
            Tok::Semi | Tok::IS | Tok::AS | Tok::DECLARE | Tok::DThen | Tok::DElse | Tok::DEnd
        );
        match self.frames.last() {
            Some(Frame::Package | Frame::Declare) if !ended => return,
            Some(Frame::Package | Frame::Declare) => {
                self.frames.pop();
            }
            None if self.trigger => {}
            None
            | Some(
                Frame::Block
                | Frame::If
                | Frame::Loop
                | Frame::CaseStatement
                | Frame::CaseExpression,
            ) => return,
        }
        self.frames.push(Frame::Block);
        self.at_start = true;
    }

    /// Inside parentheses only a CASE ends.
    fn end(&mut self) {
        if self.parens <= 0 || self.frames.last() == Some(&Frame::CaseExpression) {
            self.frames.pop();
        }
    }

    fn routine_word(&mut self, p: usize, last: Tok) {
        let declares = matches!(self.frames.last(), Some(Frame::Package | Frame::Declare))
            || last == Tok::WITH;
        if declares && self.tok(p + 1).is_name() && last != Tok::Dot {
            self.header = true;
        }
        // The next of several WITH functions.
        if self.frames.is_empty() && last == Tok::Semi {
            self.header = true;
        }
    }

    /// The IS or AS of a routine opens its declarations, unless its body is in another language.
    fn is_as(&mut self, p: usize, last: Tok) {
        let timing = self.frames.last() == Some(&Frame::Package)
            && last != Tok::SELF
            && self.timing_before(p);
        let routine = self.header && self.parens <= 0 && last != Tok::SELF;
        if !(routine || timing) || !self.bodies {
            return;
        }
        self.header = false;
        if !matches!(self.tok(p + 1), Tok::LANGUAGE | Tok::EXTERNAL | Tok::MLE) {
            self.frames.push(Frame::Declare);
        }
    }

    /// `BEFORE STATEMENT IS`, `AFTER EACH ROW IS`, `INSTEAD OF EACH ROW IS` of a compound trigger.
    fn timing_before(&self, p: usize) -> bool {
        let word = |n: usize| p.checked_sub(n).map_or(Tok::Eof, |i| self.tok(i));
        matches!(word(2), Tok::BEFORE | Tok::AFTER) || word(1) == Tok::ROW && word(2) == Tok::EACH
    }

    /// A token where a statement may start. True when it was dealt with.
    fn statement_start(&mut self, p: usize, tok: Tok, census: &mut Census) -> bool {
        match tok {
            Tok::END
            | Tok::ELSE
            | Tok::EXCEPTION
            | Tok::DElse
            | Tok::DElsif
            | Tok::DEnd
            | Tok::Semi
            | Tok::Eof => return false,
            Tok::ELSIF | Tok::WHEN => {
                self.heading = true;
                return true;
            }
            Tok::Slash | Tok::Dot if p + 1 == self.sig.len() => return true,
            Tok::LabelOpen => return true,
            _ => {}
        }
        census.statements += 1;
        match tok {
            Tok::IF if self.tok(p + 1) != Tok::LParen || self.has_then(p) => {
                self.frames.push(Frame::If);
                self.heading = true;
            }
            Tok::CASE => {
                self.frames.push(Frame::CaseStatement);
                self.heading = true;
            }
            Tok::LOOP => {
                self.frames.push(Frame::Loop);
                self.at_start = true;
            }
            Tok::DECLARE => self.frames.push(Frame::Declare),
            Tok::BEGIN => {
                self.frames.push(Frame::Block);
                self.at_start = true;
            }
            Tok::FORALL => (self.forall, self.simple) = (true, true),
            Tok::FOR | Tok::WHILE => {
                self.heading = true;
                return false;
            }
            Tok::DIf => return false,
            _ => {
                self.simple = true;
                if let Some(verb) = self.verb(p) {
                    self.dml(verb, p, census);
                    return true;
                }
                return false;
            }
        }
        true
    }

    /// `if (x) then`, not a call of something named `if`.
    fn has_then(&self, p: usize) -> bool {
        (p..self.sig.len())
            .map(|i| self.tok(i))
            .find(|t| matches!(t, Tok::THEN | Tok::Semi))
            == Some(Tok::THEN)
    }

    fn dml(&mut self, verb: DmlVerb, p: usize, census: &mut Census) {
        if verb == DmlVerb::Insert && matches!(self.tok(p + 1), Tok::ALL | Tok::FIRST) {
            self.multi = true;
        } else {
            self.write(census, WriteVerb::Dml(verb), p);
        }
    }

    /// The verb of a DML statement that starts at `p`; not a routine of the same name.
    fn verb(&self, p: usize) -> Option<DmlVerb> {
        let next = self.tok(p + 1);
        let called = matches!(next, Tok::Dot | Tok::Assign | Tok::Semi | Tok::Percent)
            || next == Tok::LParen
                && !matches!(self.tok(p + 2), Tok::SELECT | Tok::WITH | Tok::LParen);
        let next = match self.tok(p) {
            // A variable in front of INTO.
            Tok::INSERT | Tok::MERGE if next == Tok::Subst => self.tok(p + 2),
            _ => next,
        };
        match self.tok(p) {
            Tok::INSERT if matches!(next, Tok::INTO | Tok::ALL | Tok::FIRST) => {
                Some(DmlVerb::Insert)
            }
            Tok::MERGE if next == Tok::INTO => Some(DmlVerb::Merge),
            Tok::UPDATE if !called => Some(DmlVerb::Update),
            Tok::DELETE if !called => Some(DmlVerb::Delete),
            _ => None,
        }
    }
}
