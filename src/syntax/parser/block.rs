//! Statement lists and what closes them: END matching with evidence, so that one missing or
//! stray END costs itself and nothing else.

use super::*;

impl Parser<'_> {
    pub(super) fn open(&mut self, frame: Frame, at: usize, name: Option<Name>) {
        self.frames.push(Open {
            frame,
            at,
            name,
            handlers: false,
        });
    }

    /// Statements up to what closes the innermost frame, or plainly one further out.
    pub(super) fn body(&mut self) -> List<Stmt> {
        let mark = self.mark::<Stmt>();
        while !self.body_ends() {
            let before = self.p;
            let stmt = self.statement();
            self.push(stmt);
            if self.p == before {
                self.bump();
            }
        }
        self.list(mark)
    }

    fn body_ends(&self) -> bool {
        match self.at() {
            Tok::Eof | Tok::CREATE => true,
            Tok::Slash => self.nth(1) == Tok::Eof,
            Tok::END => self.end_target().is_some(),
            Tok::ELSE | Tok::ELSIF => {
                self.open_within(|f| matches!(f.frame, Frame::If | Frame::Case))
            }
            Tok::WHEN => self.open_within(|f| f.frame == Frame::Case || f.handlers),
            t if t.is_name() && self.handler_without_when() => self.open_within(|f| f.handlers),
            Tok::EXCEPTION if self.handlers_follow() => self
                .open_within(|f| matches!(f.frame, Frame::Block | Frame::Routine) && !f.handlers),
            Tok::PROCEDURE | Tok::FUNCTION => self.nth(1).is_name(),
            Tok::DElsif | Tok::DElse | Tok::DEnd => {
                self.frames.iter().any(|f| f.frame == Frame::Directive)
            }
            _ => false,
        }
    }

    /// Some open construct of the routine we are in satisfies `f`.
    fn open_within(&self, f: impl Fn(&Open) -> bool) -> bool {
        for open in self.frames.iter().rev() {
            if f(open) {
                return true;
            }
            if matches!(
                open.frame,
                Frame::Routine | Frame::Package | Frame::Directive
            ) {
                return false;
            }
        }
        false
    }

    /// Index of the frame that the END at the cursor closes; None: it is a stray one.
    fn end_target(&self) -> Option<usize> {
        let wanted = match self.nth(1) {
            Tok::IF => Frame::If,
            Tok::LOOP => Frame::Loop,
            Tok::CASE => Frame::Case,
            t => match self.nth(2) {
                // A stray token between END and its word.
                Tok::IF if !t.is_name() && t != Tok::Semi => Frame::If,
                Tok::LOOP if !t.is_name() && t != Tok::Semi => Frame::Loop,
                // `END; IF;`.
                Tok::IF
                    if self.innermost(Frame::If)
                        && (self.nth(3) == Tok::Semi || !self.then_follows(self.p + 2)) =>
                {
                    Frame::If
                }
                Tok::LOOP if self.nth(3) == Tok::Semi && self.innermost(Frame::Loop) => Frame::Loop,
                _ => return self.bare_end_target(),
            },
        };
        for (i, open) in self.frames.iter().enumerate().rev() {
            if open.frame == wanted {
                return Some(i);
            }
            if matches!(
                open.frame,
                Frame::Routine | Frame::Package | Frame::Directive
            ) {
                return None;
            }
        }
        None
    }

    /// The IF at `at` has its THEN before the statement ends.
    fn then_follows(&self, at: usize) -> bool {
        let rest = self.toks[at..].iter().take(2_000);
        let mut stops = rest.filter(|t| matches!(t, Tok::THEN | Tok::Semi | Tok::Eof));
        stops.next() == Some(&Tok::THEN)
    }

    /// `END;` and `END name;`.
    fn bare_end_target(&self) -> Option<usize> {
        let blocks = |o: &Open| matches!(o.frame, Frame::Block | Frame::Routine | Frame::Package);
        let innermost = self.frames.iter().rposition(blocks)?;
        if self.frames[innermost + 1..]
            .iter()
            .any(|o| o.frame == Frame::Directive)
        {
            return None;
        }
        if !self.end_is_plausible() {
            return None;
        }
        if self.nth(1).is_name() {
            let named = self
                .frames
                .iter()
                .rposition(|o| blocks(o) && o.name.is_some() && self.names_frame(o));
            if let Some(i) = named {
                return Some(i);
            }
        }
        if self.layout {
            if let Some(i) = self.end_by_layout(innermost) {
                return Some(i);
            }
            if self.stray_by_layout(innermost) {
                return None;
            }
        }
        Some(innermost)
    }

    /// Nothing stands behind the END at the cursor that no END can have.
    fn end_is_plausible(&self) -> bool {
        match self.nth(1) {
            Tok::Semi | Tok::Eof | Tok::DEnd | Tok::DElse | Tok::DElsif | Tok::LabelOpen => true,
            Tok::BEFORE | Tok::AFTER | Tok::INSTEAD => true,
            Tok::Slash => self.nth(2) == Tok::Eof,
            t if t.is_name() => {
                matches!(self.nth(2), Tok::Semi | Tok::Eof)
                    || self.nth(2) == Tok::Slash && self.nth(3) == Tok::Eof
                    || self.nth(2) == Tok::Dot && self.nth(4) == Tok::Semi
                    || self.starts_line(self.p + 1)
                    || self.starts_line(self.p + 2)
            }
            _ => self.starts_line(self.p + 1),
        }
    }

    fn names_frame(&self, open: &Open) -> bool {
        open.name.is_some_and(|n| {
            let text = self.text(self.p + 1);
            self.ast
                .name(n)
                .eq_ignore_ascii_case(text.trim_matches('"'))
        })
    }

    /// Second reading: an END that stands exactly below the opener of a construct, and not below
    /// that of the innermost block, closes that construct.
    fn end_by_layout(&self, innermost: usize) -> Option<usize> {
        let end = self.column(self.p)?;
        let opener = |o: &Open| self.column(o.at);
        if opener(&self.frames[innermost]) == Some(end) {
            return None;
        }
        let at = self
            .frames
            .iter()
            .rposition(|o| opener(o) == Some(end) && o.frame != Frame::Package)?;
        (at > innermost
            || self.frames[at].frame == Frame::Routine
                && self.frames[innermost].frame == Frame::Block)
            .then_some(at)
    }

    /// Second reading: an END that would close a routine, deeper than its opener, with further
    /// statements behind it, is one too many.
    fn stray_by_layout(&self, innermost: usize) -> bool {
        let open = &self.frames[innermost];
        if !matches!(open.frame, Frame::Routine | Frame::Block) || self.nth(1) != Tok::Semi {
            return false;
        }
        let deeper = match (self.column(self.p), self.column(open.at)) {
            (Some(end), Some(begin)) => end > begin,
            _ => false,
        };
        deeper && open.frame == Frame::Routine && self.looks_like_statement(self.p + 2)
    }

    /// Statement rather than declaration: by its first words.
    pub(super) fn looks_like_statement(&self, at: usize) -> bool {
        let tok = |n: usize| self.toks.get(at + n).copied().unwrap_or(Tok::Eof);
        match tok(0) {
            Tok::IF
            | Tok::WHILE
            | Tok::LOOP
            | Tok::FORALL
            | Tok::RETURN
            | Tok::RAISE
            | Tok::COMMIT
            | Tok::ROLLBACK
            | Tok::SELECT
            | Tok::EXIT
            | Tok::EXCEPTION
            | Tok::LabelOpen
            | Tok::NULL
            | Tok::CASE
            | Tok::GOTO
            | Tok::Bind => true,
            Tok::FOR => tok(2) == Tok::IN,
            Tok::INSERT | Tok::MERGE => tok(1) == Tok::INTO,
            Tok::UPDATE | Tok::DELETE | Tok::OPEN | Tok::CLOSE | Tok::FETCH => tok(1).is_name(),
            Tok::EXECUTE => tok(1) == Tok::IMMEDIATE,
            Tok::END => matches!(tok(1), Tok::IF | Tok::LOOP | Tok::CASE),
            Tok::ELSE | Tok::ELSIF => true,
            t if t.is_name() => match tok(1) {
                Tok::Assign | Tok::Dot => true,
                Tok::LParen => !self.routine_without_keyword(at),
                Tok::Semi => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// `name (params) IS|RETURN` whose PROCEDURE or FUNCTION is missing.
    pub(super) fn routine_without_keyword(&self, at: usize) -> bool {
        let mut depth = 0usize;
        for i in at + 1..self.toks.len() {
            if !self.pay(1) {
                return false;
            }
            match self.toks[i] {
                Tok::LParen => depth += 1,
                Tok::RParen if depth == 1 => {
                    return matches!(self.toks.get(i + 1), Some(Tok::IS | Tok::AS | Tok::RETURN));
                }
                Tok::RParen => depth = depth.saturating_sub(1),
                Tok::Eof | Tok::Semi | Tok::BEGIN => return false,
                _ => {}
            }
        }
        false
    }

    /// Closes the innermost frame with its END; false when the END is missing and another
    /// construct's end, or the end of the unit, shows it.
    pub(super) fn close(&mut self, word: Option<Tok>) -> bool {
        let mine =
            self.at() == Tok::END && self.end_target() == Some(self.frames.len().saturating_sub(1));
        let frame = self.frames.pop();
        if !mine {
            let what = match frame.map(|f| f.frame) {
                Some(Frame::If) => "END IF",
                Some(Frame::Loop) => "END LOOP",
                Some(Frame::Case) => "END CASE",
                _ => "END",
            };
            self.report_at(self.p, Code::MissingEnd, what);
            return false;
        }
        self.bump();
        match word {
            Some(tok) if self.at() == tok => self.bump(),
            Some(tok) if self.nth(1) == tok => {
                self.report_at(self.p, Code::Syntax, "IF, LOOP or CASE");
                let start = self.p;
                self.bump();
                let junk = self.span(start);
                self.not_understood(junk);
                self.bump();
            }
            Some(_) => {
                let what = match frame.map(|f| f.frame) {
                    Some(Frame::If) => "IF after END",
                    Some(Frame::Loop) => "LOOP after END",
                    _ => "CASE after END",
                };
                self.report_at(self.p, Code::Syntax, what);
            }
            None => {}
        }
        if self.at().is_name()
            && !(self.at().is_word() && self.starts_line(self.p) && self.nth(1) != Tok::Semi)
        {
            self.bump();
            if self.at() == Tok::Dot && self.nth(1).is_name() {
                self.advance(2);
            }
        }
        true
    }

    /// `BEGIN .. [EXCEPTION ..] END [name]`, declarations already read. The flag tells whether its END was there.
    pub(super) fn block_rest(
        &mut self,
        start: usize,
        frame: Frame,
        name: Option<Name>,
        decls: List<Decl>,
    ) -> (Block, bool) {
        self.open(frame, self.p, name);
        if !self.eat(Tok::BEGIN) {
            self.report_at(self.p, Code::Syntax, "BEGIN");
        }
        let body = self.body();
        let handlers = self.handlers();
        let closed = self.close(None);
        (
            Block {
                span: self.span(start),
                decls,
                body,
                handlers,
            },
            closed,
        )
    }

    pub(super) fn handlers(&mut self) -> List<Handler> {
        if self.at() != Tok::EXCEPTION || self.frames.last().is_none_or(|f| f.handlers) {
            return List::empty();
        }
        if !matches!(
            self.frames.last().map(|f| f.frame),
            Some(Frame::Block | Frame::Routine)
        ) {
            return List::empty();
        }
        self.bump();
        if let Some(f) = self.frames.last_mut() {
            f.handlers = true;
        }
        if self.nth(1) == Tok::WHEN && self.at() != Tok::DIf && !self.handler_without_when() {
            self.junk("WHEN", 1);
        }
        let mark = self.mark::<Handler>();
        while self.at() == Tok::WHEN
            || self.handler_without_when()
            || (self.at() == Tok::DIf && self.nth(1) != Tok::Eof)
        {
            if self.at() == Tok::DIf {
                self.splice_directive(self.p);
                continue;
            }
            let handler = self.handler();
            self.push(handler);
        }
        self.list(mark)
    }

    /// `name THEN`, `name WHEN THEN`: its WHEN is missing or misplaced.
    fn handler_without_when(&self) -> bool {
        self.at().is_name()
            && match self.nth(1) {
                Tok::THEN => true,
                Tok::WHEN => self.nth(2) == Tok::THEN,
                _ => false,
            }
    }

    /// The EXCEPTION at the cursor begins handlers, though the first may be damaged.
    fn handlers_follow(&self) -> bool {
        match (self.nth(1), self.nth(2)) {
            (Tok::WHEN | Tok::DIf | Tok::END | Tok::Eof, _) => true,
            (Tok::Dot | Tok::Assign | Tok::Semi, _) => false,
            (_, Tok::WHEN | Tok::THEN) => true,
            (t, Tok::OR) => t.is_name(),
            _ => false,
        }
    }

    fn handler(&mut self) -> Handler {
        let start = self.p;
        if !self.eat(Tok::WHEN) {
            self.report_at(self.p, Code::Syntax, "WHEN");
        }
        let names = match self.attempt(Self::handler_names) {
            Ok(names) => names,
            Err(Fail) => {
                self.report();
                self.skip_to(Tok::THEN);
                let span = self.span(start);
                self.not_understood(span);
                self.eat(Tok::THEN);
                let body = self.body();
                return Handler {
                    span: self.span(start),
                    names: List::empty(),
                    body,
                };
            }
        };
        if !self.eat(Tok::THEN) {
            self.report_at(self.p, Code::Syntax, "THEN");
        }
        let body = self.body();
        Handler {
            span: self.span(start),
            names,
            body,
        }
    }

    fn handler_names(&mut self) -> P<List<ObjectName>> {
        let mark = self.mark::<ObjectName>();
        loop {
            if self.at() == Tok::THEN {
                return self.fail("an exception");
            }
            let name = self.object_name()?;
            self.push(name);
            if !self.eat(Tok::OR) {
                break;
            }
        }
        if self.at() != Tok::THEN && !self.looks_like_statement(self.p) {
            return self.fail("OR or THEN");
        }
        Ok(self.list(mark))
    }

    /// Tokens that belong to nothing, reported with what was expected instead.
    pub(super) fn junk(&mut self, expected: &'static str, words: usize) {
        self.report_at(self.p, Code::Syntax, expected);
        let start = self.p;
        for _ in 0..words {
            self.bump();
        }
        let span = self.span(start);
        self.not_understood(span);
    }

    /// After a failed header: up to `word`, but not beyond the statement.
    pub(super) fn skip_to(&mut self, word: Tok) {
        let from = self.failure.at.max(self.p);
        let mut at = from;
        while at + 1 < self.toks.len() {
            let tok = self.toks[at];
            if tok == word {
                self.p = at;
                return;
            }
            if matches!(tok, Tok::Semi | Tok::Eof | Tok::BEGIN)
                || (at > from && self.statement_line(at))
            {
                break;
            }
            at += 1;
        }
        self.p = at.min(self.toks.len() - 1);
    }

    /// A line that starts like a statement.
    fn statement_line(&self, at: usize) -> bool {
        self.starts_line(at) && self.looks_like_statement(at)
    }
}
