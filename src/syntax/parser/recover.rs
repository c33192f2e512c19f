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

    /// Takes `ranges`, in order, out of what begins at `start`: the tokens between them move up, so
    /// that nothing behind the last range moves. Returns where it begins now. What is left in front
    /// repeats the place of the first token, so that places stay in order.
    pub(super) fn take_out(&mut self, start: usize, ranges: &[Range<usize>]) -> usize {
        let Some(end) = ranges.last().map(|r| r.end) else {
            return start;
        };
        let (toks, sig) = (&self.toks[start..end], &self.sig[start..end]);
        self.undo.push((start, toks.to_vec(), sig.to_vec()));
        let mut to = end;
        let mut until = end;
        for range in ranges.iter().rev() {
            let kept = range.end..until;
            to -= kept.len();
            self.toks.copy_within(kept.clone(), to);
            self.sig.copy_within(kept, to);
            until = range.start;
        }
        to -= until - start;
        self.toks.copy_within(start..until, to);
        self.sig.copy_within(start..until, to);
        let place = self.sig[to];
        self.toks[start..to].fill(Tok::Trivia);
        self.sig[start..to].fill(place.min(sig_at(&self.undo, start)));
        to
    }

    /// Behind the gap that `take_out` left in front of what it moved.
    pub(super) fn leave_gap(&mut self) {
        while self.toks[self.p] == Tok::Trivia {
            self.advance(1);
        }
    }

    /// How far a reading that failed is repaired at once: about twice as far as it came, so that
    /// all repairs of a statement together are linear.
    pub(super) fn repair_end(&self, start: usize) -> usize {
        let came = self.failure.at.saturating_sub(start);
        (start + 2 * came + 64).min(self.toks.len() - 1)
    }

    /// Pays for looking at `n` tokens ahead; false when there has been too much of it.
    pub(super) fn pay(&self, n: usize) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(n));
        left >= n
    }

    /// After a failed statement that began at `start`: moves to where the next one can begin.
    /// Behind the `;`, before a statement keyword that starts a line, behind THEN, LOOP or BEGIN.
    pub(super) fn resync(&mut self, start: usize) {
        let fail = self.failure.at.max(start);
        self.p = start;
        let (mut cases, mut parens) = (0usize, 0i32);
        let queries = matches!(
            self.at(),
            Tok::INSERT | Tok::WITH | Tok::SELECT | Tok::OPEN | Tok::CREATE | Tok::CURSOR
        );
        loop {
            let tok = self.at();
            parens += i32::from(tok == Tok::LParen) - i32::from(tok == Tok::RParen);
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
                // A query where nothing could hold one.
                Tok::SELECT
                    if !queries
                        && parens <= 0
                        && self.at_margin(self.p)
                        && !self.takes_query(self.toks[self.p - 1]) =>
                {
                    return;
                }
                _ if self.stops_here() => return,
                _ => {}
            }
            self.bump();
        }
    }

    fn at_margin(&self, p: usize) -> bool {
        p > 0 && self.column(p) == Some(0)
    }

    /// A SELECT may stand behind it.
    fn takes_query(&self, tok: Tok) -> bool {
        matches!(
            tok,
            Tok::UNION
                | Tok::ALL
                | Tok::MINUS
                | Tok::INTERSECT
                | Tok::EXCEPT
                | Tok::DISTINCT
                | Tok::LParen
                | Tok::IS
                | Tok::AS
                | Tok::FOR
                | Tok::IN
                | Tok::Eq
        )
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

/// The place that the token at `start` had before the latest change.
fn sig_at(undo: &[(usize, Vec<Tok>, Vec<u32>)], start: usize) -> u32 {
    let last = undo.last().filter(|(at, ..)| *at == start);
    last.and_then(|(.., sig)| sig.first().copied())
        .unwrap_or(u32::MAX)
}
