//! Skipping: balanced ranges that are kept as tokens, and what is skipped after an error.

use super::*;

impl Parser<'_> {
    /// From `(` over its matching `)`.
    pub(super) fn skip_parens(&mut self) -> P<()> {
        self.expect(Tok::LParen, "`(`")?;
        self.skip_to_close()?;
        self.expect(Tok::RParen, "`)`")
    }

    /// Up to the `)` that closes the group we are in; fails at the end of the statement.
    pub(super) fn skip_to_close(&mut self) -> P<()> {
        let mut depth = 0usize;
        loop {
            match self.at() {
                Tok::LParen => depth += 1,
                Tok::RParen if depth == 0 => return Ok(()),
                Tok::RParen => depth -= 1,
                Tok::Eof | Tok::Semi | Tok::Unknown => return self.fail("`)`"),
                _ => {}
            }
            self.bump();
        }
    }

    /// Up to a `;` or the end, parentheses balanced; what a long-tail clause is kept as.
    pub(super) fn skip_clauses(&mut self) -> P<TokSpan> {
        let start = self.p;
        let mut depth = 0usize;
        loop {
            match self.at() {
                Tok::Eof | Tok::Semi if depth == 0 => return Ok(self.span(start)),
                Tok::Slash if self.nth(1) == Tok::Eof && depth == 0 => return Ok(self.span(start)),
                Tok::Eof | Tok::Semi => return self.fail("`)`"),
                Tok::Unknown => return self.fail("a clause"),
                Tok::LParen => depth += 1,
                Tok::RParen if depth == 0 => return self.fail("`;`"),
                Tok::RParen => depth -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// After a failed statement that began at `start`: moves to where the next one can begin.
    /// Behind the `;`, before a statement keyword that starts a line, behind THEN, LOOP or BEGIN.
    pub(super) fn resync(&mut self, start: usize) {
        let fail = self.failure.at.max(start);
        self.p = start;
        let mut cases = 0usize;
        loop {
            let tok = self.at();
            match tok {
                Tok::Eof => return,
                Tok::Semi => {
                    self.bump();
                    return;
                }
                Tok::CASE if self.p > start && self.toks[self.p - 1] != Tok::END => cases += 1,
                Tok::END if cases > 0 => cases -= 1,
                _ if self.p <= start || self.p < fail || cases > 0 && !self.hard_stop() => {}
                Tok::THEN | Tok::LOOP | Tok::BEGIN if self.p >= fail => {
                    if tok != Tok::BEGIN {
                        self.bump();
                    }
                    return;
                }
                _ if self.stops_here() => return,
                _ => {}
            }
            self.bump();
        }
    }

    /// Evidence of a new statement that no expression can hold.
    fn hard_stop(&self) -> bool {
        matches!(self.at(), Tok::PROCEDURE | Tok::FUNCTION | Tok::CREATE)
            && self.starts_line(self.p)
    }

    /// The token can only be the start of another statement, or the end of the block.
    fn stops_here(&self) -> bool {
        let next = self.nth(1);
        let starts = match self.at() {
            Tok::Slash => next == Tok::Eof,
            Tok::IF
            | Tok::WHILE
            | Tok::DECLARE
            | Tok::RETURN
            | Tok::RAISE
            | Tok::FORALL
            | Tok::EXCEPTION
            | Tok::ELSIF
            | Tok::EXIT
            | Tok::CLOSE
            | Tok::OPEN
            | Tok::FETCH
            | Tok::COMMIT
            | Tok::ROLLBACK
            | Tok::PROCEDURE
            | Tok::FUNCTION
            | Tok::CREATE
            | Tok::ELSE
            | Tok::DEnd
            | Tok::DElse
            | Tok::DElsif
            | Tok::DIf => true,
            Tok::FOR => next.is_name() && self.nth(2) == Tok::IN,
            Tok::END => {
                matches!(next, Tok::Semi | Tok::IF | Tok::LOOP | Tok::CASE | Tok::Eof)
                    || next.is_name() && self.nth(2) == Tok::Semi
            }
            Tok::INSERT | Tok::MERGE => next == Tok::INTO,
            Tok::DELETE => next == Tok::FROM,
            Tok::UPDATE => {
                next.is_name()
                    && next != Tok::SET
                    && matches!(self.nth(2), Tok::SET | Tok::Dot | Tok::Ident)
            }
            Tok::EXECUTE => next == Tok::IMMEDIATE,
            Tok::SELECT => false,
            t => {
                t.is_name()
                    && (next == Tok::Assign || next == Tok::Dot && self.nth(3) == Tok::Assign)
            }
        };
        starts && self.starts_line(self.p)
    }

    /// Marks everything from `start` as not understood and says why.
    pub(super) fn give_up(&mut self, start: usize) -> TokSpan {
        self.report();
        if self.p == start {
            self.resync(start);
        }
        if self.p == start {
            self.bump();
        }
        let span = self.span(start);
        self.not_understood(span);
        span
    }
}
