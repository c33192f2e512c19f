//! PL/SQL statements: one bad statement costs itself only.

use super::*;

impl Parser<'_> {
    /// One statement with its `;`. Never fails.
    pub(super) fn statement(&mut self) -> Stmt {
        let mut start = self.p;
        self.statements += 1;
        if let Some(words) = self.stray_words() {
            return self.stray(start, words);
        }
        let mut result = self.attempt(Self::labelled);
        let mut groups = 1;
        while result.is_err()
            && (self.splice_failed(&mut start, groups) || self.drop_line_marks(&mut start))
        {
            result = self.attempt(Self::labelled);
            groups = groups.saturating_mul(2);
        }
        match result {
            Ok((label, kind, ended)) => {
                let span = self.span(start);
                if ended {
                    self.end_of_statement();
                }
                Stmt { span, label, kind }
            }
            Err(Fail) => self.unparsed(self.p),
        }
    }

    /// Words that only continue or close something, where nothing is open that they could belong
    /// to: how many tokens are theirs. What follows is read as a statement of its own.
    fn stray_words(&self) -> Option<usize> {
        match self.at() {
            Tok::END => Some(match (self.nth(1), self.nth(2)) {
                (Tok::IF | Tok::LOOP | Tok::CASE, Tok::Semi) => 3,
                (Tok::IF | Tok::LOOP | Tok::CASE, t) if t.is_name() && self.nth(3) == Tok::Semi => {
                    4
                }
                (Tok::Semi, _) => 2,
                (t, Tok::Semi) if t.is_name() => 3,
                _ => 1,
            }),
            Tok::ELSE | Tok::THEN => Some(1),
            Tok::EXCEPTION if !matches!(self.nth(1), Tok::Dot | Tok::Assign | Tok::LParen) => {
                Some(1)
            }
            // No statement begins like this: a piece of a broken header.
            t if begins_nothing(t) && self.looks_like_statement(self.p + 1) => Some(1),
            Tok::ELSIF | Tok::WHEN => {
                let stop = |t: Tok| matches!(t, Tok::THEN | Tok::Semi | Tok::Eof);
                let n = (1..).find(|n| stop(self.nth(*n))).unwrap_or(1);
                Some(if self.nth(n) == Tok::Eof { n } else { n + 1 })
            }
            _ => None,
        }
    }

    fn stray(&mut self, start: usize, words: usize) -> Stmt {
        self.failure = Failure {
            at: start,
            code: Code::Syntax,
            expected: "a statement",
        };
        self.report();
        for _ in 0..words {
            self.bump();
        }
        let span = self.span(start);
        self.not_understood(span);
        Stmt {
            span,
            label: None,
            kind: StmtKind::Unparsed,
        }
    }

    /// A reading failed at or behind a `$IF` inside a statement: takes up to `groups` directives
    /// from there on away, so that their first branches stand there alone. False when there is none.
    pub(super) fn splice_failed(&mut self, start: &mut usize, groups: usize) -> bool {
        let fail = self.failure.at.max(*start);
        let end = self.repair_end(*start);
        let mut ranges = Vec::new();
        let mut at = *start;
        while at + 1 < self.toks.len() && ranges.len() / 2 < groups {
            match self.toks[at] {
                Tok::DIf => {
                    let [head, tail] = self.directive_ranges(at);
                    at = tail.end.max(at + 1);
                    ranges.extend([head, tail]);
                }
                // Directives behind the statement or the header that failed are not its own.
                Tok::Semi | Tok::BEGIN | Tok::IS | Tok::AS if at >= fail => break,
                _ if at > fail && (ranges.is_empty() || at > end) => break,
                _ => at += 1,
            }
        }
        if ranges.is_empty() {
            return false;
        }
        *start = self.take_out(*start, &ranges);
        self.p = *start;
        true
    }

    /// The `;`. Where it is missing, the next line may still be a statement of its own.
    fn end_of_statement(&mut self) {
        if self.eat(Tok::Semi) {
            return;
        }
        self.failure = Failure {
            at: self.p,
            code: Code::Syntax,
            expected: "`;`",
        };
        self.report();
        if self.starts_line(self.p)
            && (self.at().is_name() || self.at() == Tok::LabelOpen || self.at() == Tok::Bind)
            || matches!(
                self.at(),
                Tok::END | Tok::Eof | Tok::ELSE | Tok::ELSIF | Tok::Slash
            )
        {
            return;
        }
        let start = self.p;
        self.failure.at = start;
        self.resync(start);
        let span = self.span(start);
        self.not_understood(span);
    }

    fn unparsed(&mut self, start: usize) -> Stmt {
        let span = self.give_up(start);
        let verb = self.verb_from(start);
        let kind = match verb {
            Some(verb) => self.unparsed_dml(span, verb),
            None => StmtKind::Unparsed,
        };
        Stmt {
            span,
            label: None,
            kind,
        }
    }

    fn verb_from(&self, start: usize) -> Option<DmlVerb> {
        let mut at = start;
        while self.toks.get(at) == Some(&Tok::LabelOpen) {
            at += 3;
        }
        verb_of(self.toks.get(at).copied().unwrap_or(Tok::Eof))
    }

    fn unparsed_dml(&mut self, span: TokSpan, verb: DmlVerb) -> StmtKind {
        let none = TokSpan::new(span.end, span.end);
        let dml = Dml {
            span,
            kind: DmlKind::Unparsed(verb),
            returning: List::empty(),
            returning_into: None,
            log_errors: none,
            log: None,
        };
        StmtKind::Dml(self.ast.add(dml))
    }

    /// The same for a statement at top level.
    pub(super) fn unparsed_verb(&mut self, start: usize, span: TokSpan) -> Option<Id<Dml>> {
        let verb = self.verb_from(start)?;
        match self.unparsed_dml(span, verb) {
            StmtKind::Dml(id) => Some(id),
            _ => None,
        }
    }

    /// Labels and the statement; the flag says that a `;` must follow.
    fn labelled(&mut self) -> P<(Option<Ident>, StmtKind, bool)> {
        let mut label = None;
        while self.at() == Tok::LabelOpen {
            self.bump();
            label = Some(self.ident()?);
            self.expect(Tok::LabelClose, "`>>`")?;
        }
        if label.is_some() && matches!(self.at(), Tok::END | Tok::Eof) {
            return Ok((label, StmtKind::Null, false));
        }
        self.label = label.map(|l| l.name);
        let (kind, ended) = self.stmt_kind()?;
        if ended && self.at() == Tok::DIf && self.directive_continues() {
            return self.fail("`;`");
        }
        Ok((label, kind, ended))
    }

    /// The `$IF` at the cursor goes on with the statement in front of it.
    fn directive_continues(&self) -> bool {
        let rest = self.toks[self.p..].iter().take(200);
        let then = rest
            .take_while(|t| !matches!(t, Tok::Semi))
            .position(|t| *t == Tok::DThen);
        then.is_some_and(|n| {
            let next = self.nth(n + 1);
            !self.looks_like_statement(self.p + n + 1)
                && !matches!(next, Tok::DIf | Tok::DEnd | Tok::BEGIN | Tok::DECLARE)
        })
    }

    fn stmt_kind(&mut self) -> P<(StmtKind, bool)> {
        let tok = self.at();
        let next = self.nth(1);
        if tok == Tok::Ident
            || tok.is_name() && matches!(next, Tok::Assign | Tok::Dot | Tok::Percent)
        {
            return Ok((self.call_or_assign()?, true));
        }
        if next == Tok::Semi
            && matches!(tok, Tok::IF | Tok::CASE | Tok::LOOP | Tok::WHILE | Tok::FOR)
        {
            return self.fail("what belongs to it");
        }
        match tok {
            Tok::IF => return self.if_stmt(),
            Tok::CASE => return self.case_stmt(),
            Tok::LOOP => return self.loop_stmt(),
            Tok::WHILE => return self.while_stmt(),
            Tok::FOR => return self.for_stmt(),
            Tok::DECLARE | Tok::BEGIN => return self.nested_block(),
            Tok::DIf => return self.directive_stmt(),
            Tok::DError => return self.error_directive(),
            _ => {}
        }
        Ok((self.simple_stmt(tok, next)?, true))
    }

    /// The statement at the cursor, after a directive in front of it was taken away.
    pub(super) fn stmt_again(&mut self) -> P<(StmtKind, bool)> {
        if matches!(
            self.at(),
            Tok::END | Tok::Eof | Tok::ELSE | Tok::ELSIF | Tok::EXCEPTION | Tok::WHEN
        ) {
            return Ok((StmtKind::Null, false));
        }
        self.stmt_kind()
    }

    pub(super) fn execute_body(&mut self) -> P<StmtKind> {
        if self.nth(1) != Tok::IMMEDIATE {
            return self.fail("EXECUTE IMMEDIATE");
        }
        self.execute_immediate()
    }

    fn simple_stmt(&mut self, tok: Tok, next: Tok) -> P<StmtKind> {
        match (tok, next) {
            (Tok::NULL, Tok::Semi) => {
                self.bump();
                Ok(StmtKind::Null)
            }
            (Tok::INSERT, Tok::INTO | Tok::ALL | Tok::FIRST)
            | (Tok::MERGE, Tok::INTO)
            | (Tok::DELETE, Tok::FROM) => Ok(StmtKind::Dml(self.dml()?)),
            (Tok::DELETE | Tok::UPDATE, Tok::LParen)
                if self.nth(2) != Tok::SELECT && self.nth(2) != Tok::LParen =>
            {
                self.call_or_assign()
            }
            (Tok::DELETE, Tok::Semi) => self.call_or_assign(),
            (Tok::UPDATE | Tok::DELETE, _) => Ok(StmtKind::Dml(self.dml()?)),
            (Tok::SELECT | Tok::WITH, _) if self.at_query() => {
                Ok(StmtKind::Select(self.query_id()?))
            }
            (Tok::LParen, Tok::SELECT | Tok::WITH | Tok::LParen) => {
                Ok(StmtKind::Select(self.query_id()?))
            }
            (Tok::RETURN, _) => self.return_stmt(),
            (Tok::RAISE, next) if next != Tok::LParen => self.raise_stmt(),
            (Tok::EXIT | Tok::CONTINUE, next) if next != Tok::LParen => self.exit_stmt(tok),
            (Tok::GOTO, next) if next.is_name() => {
                self.bump();
                Ok(StmtKind::Goto(self.ident()?))
            }
            (Tok::FORALL, next) if next.is_name() => self.forall(),
            (Tok::EXECUTE, Tok::IMMEDIATE) => self.execute_immediate(),
            (Tok::OPEN, next) if next.is_name() || next == Tok::Bind => self.open_stmt(),
            (Tok::FETCH, next) if next.is_name() || next == Tok::Bind => self.fetch_stmt(),
            (Tok::CLOSE, next) if next.is_name() || next == Tok::Bind => {
                self.bump();
                let cursor = self.postfixed()?;
                Ok(StmtKind::Close(self.ast.add(cursor)))
            }
            (Tok::PIPE, Tok::ROW) => {
                self.advance(2);
                Ok(StmtKind::PipeRow(self.expr_id()?))
            }
            (Tok::LOCK, Tok::TABLE) => self.lock_table(),
            (Tok::PRAGMA, next) if next.is_name() => self.pragma_stmt(),
            _ => match self.transaction(tok, next)? {
                Some(kind) => Ok(kind),
                None => self.call_or_assign(),
            },
        }
    }

    /// COMMIT, ROLLBACK, SAVEPOINT, SET ..
    pub(super) fn transaction(&mut self, tok: Tok, next: Tok) -> P<Option<StmtKind>> {
        Ok(Some(match (tok, next) {
            (Tok::COMMIT, next) if next != Tok::LParen => {
                self.bump();
                self.eat(Tok::WORK);
                if matches!(self.at(), Tok::COMMENT | Tok::WRITE | Tok::FORCE) {
                    self.skip_clauses()?;
                }
                StmtKind::Commit
            }
            (Tok::ROLLBACK, next) if next != Tok::LParen => {
                self.bump();
                self.eat(Tok::WORK);
                let mut savepoint = None;
                if self.eat(Tok::TO) {
                    if self.at() == Tok::SAVEPOINT && self.nth(1).is_name() {
                        self.bump();
                    }
                    savepoint = Some(self.ident()?);
                } else if self.eat(Tok::FORCE) {
                    self.skip_clauses()?;
                }
                StmtKind::Rollback(savepoint)
            }
            (Tok::SAVEPOINT, next) if next.is_name() => {
                self.bump();
                StmtKind::Savepoint(self.ident()?)
            }
            (Tok::SET, Tok::TRANSACTION | Tok::ROLE | Tok::CONSTRAINT | Tok::CONSTRAINTS) => {
                let set = self.set_clause()?;
                StmtKind::Set(self.ast.add(set))
            }
            _ => return Ok(None),
        }))
    }

    /// `SET TRANSACTION ..`, `SET ROLE ..`, `SET CONSTRAINTS ..`.
    fn set_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let name = Some(self.ident()?);
        let inner = self.settings()?;
        Ok(Clause {
            name,
            inner,
            ..self.bare(ClauseKind::Setting, start)
        })
    }

    pub(super) fn call_or_assign(&mut self) -> P<StmtKind> {
        let target = self.postfixed()?;
        let callable = matches!(
            target.kind,
            ExprKind::Name(_)
                | ExprKind::Call { .. }
                | ExprKind::Field { .. }
                | ExprKind::Bind(_)
                | ExprKind::Subst
                | ExprKind::Special(_)
                | ExprKind::Cast { .. }
        );
        if !callable && self.at() != Tok::Assign {
            return self.fail("a statement");
        }
        let target = self.ast.add(target);
        if self.eat(Tok::Assign) {
            return Ok(StmtKind::Assign {
                target,
                value: self.expr_id()?,
            });
        }
        if self.at() != Tok::Semi && self.at() != Tok::Eof && !self.starts_line(self.p) {
            return self.fail("`:=`, `(` or `;`");
        }
        Ok(StmtKind::Call(target))
    }

    fn return_stmt(&mut self) -> P<StmtKind> {
        self.bump();
        if matches!(self.at(), Tok::Semi | Tok::Eof) {
            return Ok(StmtKind::Return(None));
        }
        if self.at_query() {
            // SQL macros return text, but some tools write a query here.
            let start = self.p;
            let query = self.query_id()?;
            let e = Expr {
                span: self.span(start),
                kind: ExprKind::Subquery(query),
            };
            return Ok(StmtKind::Return(Some(self.ast.add(e))));
        }
        Ok(StmtKind::Return(Some(self.expr_id()?)))
    }

    fn raise_stmt(&mut self) -> P<StmtKind> {
        self.bump();
        if !self.at().is_name() {
            return Ok(StmtKind::Raise(None));
        }
        Ok(StmtKind::Raise(Some(self.object_name_id()?)))
    }

    fn exit_stmt(&mut self, tok: Tok) -> P<StmtKind> {
        self.bump();
        let label = if self.at().is_name() && !matches!(self.at(), Tok::WHEN | Tok::END) {
            Some(self.ident()?)
        } else {
            None
        };
        let when = if self.eat(Tok::WHEN) {
            Some(self.expr_id()?)
        } else {
            None
        };
        Ok(if tok == Tok::EXIT {
            StmtKind::Exit { label, when }
        } else {
            StmtKind::Continue { label, when }
        })
    }

    fn lock_table(&mut self) -> P<StmtKind> {
        self.advance(2);
        let tables = self.comma_list(|p| {
            let start = p.p;
            let mark = p.mark::<Clause>();
            let name = p.object_name_id()?;
            let tail = p.p;
            p.table_options()?;
            let kind = FromKind::Table {
                name,
                tail: p.span(tail),
            };
            Ok(FromItem {
                span: p.span(start),
                kind,
                alias: None,
                clauses: p.list(mark),
            })
        })?;
        let start = self.p;
        self.expect(Tok::IN, "IN")?;
        while self.at().is_name() && self.at() != Tok::MODE {
            self.bump();
        }
        self.expect(Tok::MODE, "MODE")?;
        let mut mode = self.bare(ClauseKind::Mode, start);
        if self.eat(Tok::WAIT) {
            let seconds = self.postfixed()?;
            mode.values = self.ast.add_list([seconds]);
        } else {
            self.eat(Tok::NOWAIT);
        }
        let mode = self.closed_at(start, mode);
        Ok(StmtKind::LockTable(tables, self.ast.add(mode)))
    }

    /// `PRAGMA INLINE (f, 'YES')` between statements: kept as a call of PRAGMA.
    fn pragma_stmt(&mut self) -> P<StmtKind> {
        let start = self.p;
        let name = self.ident()?;
        let at = self.p;
        let pragma = self.name_expr()?;
        let list = self.pragma_args()?;
        let pragma = [Arg {
            name: None,
            value: pragma,
        }];
        let args: Vec<Arg> = pragma
            .into_iter()
            .chain(self.ast.list(list).iter().copied())
            .collect();
        debug_assert!(self.p > at);
        let args = self.ast.add_list(args);
        let kind = self.worded(name, args, List::empty());
        Ok(StmtKind::Call(self.ast.add(Expr {
            span: self.span(start),
            kind,
        })))
    }

    /// `$ERROR text $END`, which has no `;`: kept as a call of `$ERROR`.
    fn error_directive(&mut self) -> P<(StmtKind, bool)> {
        let start = self.p;
        let name = self.ident_at(self.p);
        self.bump();
        let value = self.expr_id()?;
        self.expect(Tok::DEnd, "$END")?;
        let args = self.ast.add_list([Arg { name: None, value }]);
        let kind = self.worded(name, args, List::empty());
        let call = self.ast.add(Expr {
            span: self.span(start),
            kind,
        });
        Ok((StmtKind::Call(call), self.at() == Tok::Semi))
    }

    // --- cursors and dynamic SQL ----------------------------------------------------------

    fn open_stmt(&mut self) -> P<StmtKind> {
        self.bump();
        let cursor = self.postfixed()?;
        let cursor = self.ast.add(cursor);
        let mut source = OpenSource::Own;
        if self.eat(Tok::FOR) {
            source = if self.at_query()
                || self.at() == Tok::LParen && matches!(self.nth(1), Tok::SELECT | Tok::WITH)
            {
                OpenSource::Query(self.query_id()?)
            } else {
                OpenSource::Text(self.expr_id()?)
            };
        }
        let using = self.using()?;
        Ok(StmtKind::Open {
            cursor,
            source,
            using,
        })
    }

    pub(super) fn using(&mut self) -> P<List<UsingArg>> {
        if !self.eat(Tok::USING) {
            return Ok(List::empty());
        }
        self.comma_list(|p| {
            let mut out = false;
            if p.at() == Tok::IN && !matches!(p.nth(1), Tok::Comma | Tok::Semi) {
                p.bump();
            }
            if p.at() == Tok::OUT && !matches!(p.nth(1), Tok::Comma | Tok::Semi | Tok::Dot) {
                p.bump();
                out = true;
            }
            Ok(UsingArg {
                out,
                value: p.expr_id()?,
            })
        })
    }

    fn fetch_stmt(&mut self) -> P<StmtKind> {
        self.bump();
        let cursor = self.postfixed()?;
        let cursor = self.ast.add(cursor);
        let Some(into) = self.into_clause()? else {
            return self.fail("INTO");
        };
        let limit = if self.eat(Tok::LIMIT) {
            Some(self.expr_id()?)
        } else {
            None
        };
        Ok(StmtKind::Fetch {
            cursor,
            into,
            limit,
        })
    }

    fn execute_immediate(&mut self) -> P<StmtKind> {
        self.advance(2);
        let text = self.expr_id()?;
        let (mut into, mut using, mut returning) = (None, List::empty(), None);
        loop {
            match self.at() {
                Tok::INTO if into.is_none() => into = self.into_clause()?,
                Tok::BULK if into.is_none() && self.nth(1) == Tok::COLLECT => {
                    into = self.into_clause()?
                }
                Tok::USING if using.is_empty() => using = self.using()?,
                Tok::RETURNING | Tok::RETURN if returning.is_none() => {
                    self.bump();
                    returning = self.into_clause()?;
                    if returning.is_none() {
                        return self.fail("INTO");
                    }
                }
                _ => {
                    return Ok(StmtKind::ExecuteImmediate {
                        text,
                        into,
                        using,
                        returning,
                    });
                }
            }
        }
    }
}

/// Tokens that only continue something: literals, operators, reserved words inside statements.
fn begins_nothing(tok: Tok) -> bool {
    matches!(
        tok,
        Tok::Num
            | Tok::Str
            | Tok::LParen
            | Tok::RParen
            | Tok::Comma
            | Tok::Dot
            | Tok::Assign
            | Tok::Eq
            | Tok::Concat
            | Tok::Plus
            | Tok::Minus
            | Tok::Star
            | Tok::Slash
            | Tok::Percent
            | Tok::At
            | Tok::IS
            | Tok::AS
            | Tok::IN
            | Tok::FROM
            | Tok::WHERE
            | Tok::INTO
            | Tok::AND
            | Tok::OR
            | Tok::NOT
            | Tok::VALUES
            | Tok::BY
            | Tok::ORDER
            | Tok::UNION
    )
}

/// The DML verb that a word is.
pub(super) fn verb_of(tok: Tok) -> Option<DmlVerb> {
    match tok {
        Tok::INSERT => Some(DmlVerb::Insert),
        Tok::UPDATE => Some(DmlVerb::Update),
        Tok::DELETE => Some(DmlVerb::Delete),
        Tok::MERGE => Some(DmlVerb::Merge),
        _ => None,
    }
}
